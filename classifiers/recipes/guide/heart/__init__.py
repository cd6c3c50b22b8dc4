"""Steps h1 to h10: from a table of patients to a decision."""

from classifiers.recipes.guide.step import Step

STEPS: tuple[Step, ...] = ()
