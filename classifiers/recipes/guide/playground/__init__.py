"""Steps p1 to p16: what a classifier is, how it learns, where it cannot."""

from classifiers.recipes.guide.playground.batches import BATCHES
from classifiers.recipes.guide.playground.boundary import BOUNDARY
from classifiers.recipes.guide.playground.curves import CURVES
from classifiers.recipes.guide.playground.doubt import DOUBT
from classifiers.recipes.guide.playground.logits import LOGITS
from classifiers.recipes.guide.playground.losses import LOSSES
from classifiers.recipes.guide.playground.overlap import OVERLAP
from classifiers.recipes.guide.playground.question import QUESTION
from classifiers.recipes.guide.playground.scores import SCORES
from classifiers.recipes.guide.step import Step

_TOPICS = (QUESTION, SCORES, LOGITS, CURVES, OVERLAP, BOUNDARY, DOUBT, LOSSES, BATCHES)
STEPS: tuple[Step, ...] = tuple(
    sorted((step for topic in _TOPICS for step in topic), key=lambda step: int(step.key[1:]))
)
