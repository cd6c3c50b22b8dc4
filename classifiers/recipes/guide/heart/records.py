"""Where the heart steps find what was measured of the served model."""

from collections.abc import Mapping
from typing import Any

from classifiers.recipes.guide.step import Sources
from classifiers.recipes.heart.findings import experiments_of
from classifiers.wording import with_spread

RAISED, LOWERED = 1, -1  # sides of an interval
Gap = Mapping[str, float]  # value, low, high


def experiments(sources: Sources) -> Mapping[str, Any]:
    """The experiments' record; the rest of the evaluation is in its `evaluation`.

    Raises:
        ArtifactError: the model carries no experiments.
    """
    return experiments_of(sources.heart())


def trained_on(evaluation: Mapping[str, Any]) -> int:
    """How many patients the served networks, and those of each split, were trained on."""
    return len(evaluation["out_of_fold"]["labels"]) - len(evaluation["held_out"]["labels"])


def score(summary: Mapping[str, float]) -> str:
    """An accuracy over splits, with its spread."""
    return with_spread(summary["mean"], summary["sd"])


def most() -> str:
    """The share of splits, or of draws, that a record's low and high hold: the central 95 %."""
    return "95 of 100"


def side(gap: Gap) -> int:
    """1 where the whole interval lies above zero, -1 where below, else 0."""
    return (gap["low"] > 0) - (gap["high"] < 0)
