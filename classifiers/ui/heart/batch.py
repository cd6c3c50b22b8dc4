"""A CSV of patients in, and the CSV of their predictions out."""

from pathlib import Path
from typing import Any

from classifiers.recipes.heart.model import BatchResult
from classifiers.ui.guard import give_back_memory
from classifiers.ui.models import Served
from classifiers.ui.server.storage import keep_answer


def predict_csv(served: Served, path: Path, threshold: Any) -> tuple[str, BatchResult]:
    """Predicts a file and writes the answer to a file of its own; gives both.

    Raises:
        ClassifiersError: the file cannot be used, or there is no room for the answer.
    """
    result = served.heart.predict_file(path, threshold)
    answer = keep_answer(result.to_csv(), "predictions.csv")
    give_back_memory()
    return str(answer), result
