"""The words of the field that the steps use, each explained once, without the others' help."""

from classifiers.recipes.guide.capstone.terms import TERMS as _CAPSTONE
from classifiers.recipes.guide.heart.terms import TERMS as _HEART
from classifiers.recipes.guide.playground.terms import TERMS as _PLAYGROUND

# A later list may use words of an earlier one, which is taken first.
GLOSSARY = {
    "class": "One of the few answers that a classifier can give, as a colour or ill and healthy.",
    "classifier": "A rule that names a class for every point or patient it is shown.",
    **_CAPSTONE,
    **_HEART,
    **_PLAYGROUND,
}
