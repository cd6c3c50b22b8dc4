"""One training loop for K members at once, with the backward pass written out.

The gradient of a small MLP is a dozen matrix products, so autograd's bookkeeping would cost more
than the arithmetic. Nothing here knows of datasets, files or pictures.
"""

from classifiers.training.early_stopping import Record
from classifiers.training.loop import Course, record_epochs, train
from classifiers.training.scores import Rows, Scores, expected_score, score

__all__ = [
    "Course",
    "Record",
    "Rows",
    "Scores",
    "expected_score",
    "record_epochs",
    "score",
    "train",
]
