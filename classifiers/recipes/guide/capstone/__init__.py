"""Steps c1 to c9: too small, too big, about right, and what one draw of points can tell."""

from classifiers.recipes.guide.capstone.choice import CHOICE
from classifiers.recipes.guide.capstone.size import POINTS, WIDTH
from classifiers.recipes.guide.capstone.strength import BRAKES
from classifiers.recipes.guide.capstone.worlds import WORLDS
from classifiers.recipes.guide.step import Step

STEPS: tuple[Step, ...] = (*WORLDS, *WIDTH, *BRAKES, *POINTS, *CHOICE)
