"""Steps p1 to p16: what a classifier is, how it learns, where it cannot."""

from classifiers.recipes.guide.playground.overlap import OVERLAP
from classifiers.recipes.guide.step import Step

STEPS: tuple[Step, ...] = (*OVERLAP,)
