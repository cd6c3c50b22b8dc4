"""Steps c1 to c9: too small, too big, about right, and what one draw of points can tell."""

from classifiers.recipes.guide.step import Step

STEPS: tuple[Step, ...] = ()
