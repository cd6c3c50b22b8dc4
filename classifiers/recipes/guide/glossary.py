"""The words of the field that the app uses, each in one sentence that needs none of the others."""

from classifiers.recipes.guide.playground.terms import TERMS as _PLAYGROUND

GLOSSARY = {
    "class": "One of the few answers that a classifier can give, as a colour or ill and healthy.",
    "classifier": "A rule that names a class for every point or patient it is shown.",
    **_PLAYGROUND,
}
