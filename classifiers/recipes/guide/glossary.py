"""The words of the field that each tab's steps use, explained where they stand."""

from classifiers.recipes.guide.capstone.terms import TERMS as _CAPSTONE
from classifiers.recipes.guide.heart.terms import TERMS as _HEART
from classifiers.recipes.guide.playground.terms import TERMS as _PLAYGROUND

_COMMON = {
    "class": "One of the few answers that a classifier can give, as a colour or ill and healthy.",
    "classifier": "A rule that names a class for every point or patient it is shown.",
    # What numbers are told with, on any card.
    "±": "How far single runs typically lie from their mean.",
    "[a, b]": "The range in which the true value may lie; of 100 such ranges about 95 hold it.",
    "distinguishable from zero": "Zero lies outside the range of the difference, so chance alone "
    "seldom makes it; differences are taken before rounding.",
}
# By tab: the same word may mean another thing there.
GLOSSARY = {
    "playground": _COMMON | _PLAYGROUND,
    "heart": _COMMON | _HEART,
    "capstone": _COMMON | _CAPSTONE,
}
