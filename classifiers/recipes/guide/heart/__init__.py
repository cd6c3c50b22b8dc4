"""Steps h1 to h10: from a table of patients to a decision."""

from classifiers.recipes.guide.heart.decision import DECISION
from classifiers.recipes.guide.heart.keeping import KEEPING
from classifiers.recipes.guide.heart.layers import LAYERS
from classifiers.recipes.guide.heart.method import METHOD
from classifiers.recipes.guide.heart.patient import PATIENTS
from classifiers.recipes.guide.heart.table import TABLE
from classifiers.recipes.guide.step import Step

STEPS: tuple[Step, ...] = (*TABLE, *METHOD, *LAYERS, *PATIENTS, *DECISION, *KEEPING)
