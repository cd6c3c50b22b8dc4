"""The shipped model with another record: nothing is computed anew, so all is told at once."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from classifiers.recipes.heart.model import HeartModel

Change = Callable[[dict[str, Any]], object]
ENDS = {
    "all above": (0.015, 0.012, 0.04),
    "all below": (-0.015, -0.04, -0.012),
    "tiny": (0.001, -0.004, 0.006),
    "wide": (-0.03, -0.2, 0.15),
    "exactly nothing": (0.0, 0.0, 0.0),
    "open below": (-0.03, -0.2, 0.005),
    "open above": (0.003, -0.004, 0.03),
    "to a point": (0.0, -0.01, 0.01),
}


def with_evaluation(model: HeartModel, change: Change) -> HeartModel:
    """The model with its evaluation changed in place."""
    evaluation = deepcopy(model.artifact.metadata.evaluation)
    change(evaluation)
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    return HeartModel(replace(model.artifact, metadata=metadata))


def gaps_of(value: Any) -> list[dict[str, float]]:
    """Every difference in a record, wherever it stands."""
    found: list[dict[str, float]] = []
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "difference":
                found += [one] if "low" in one else list(one.values())
            else:
                found += gaps_of(one)
    elif isinstance(value, list):
        for one in value:
            found += gaps_of(one)
    return found


def all_gaps(name: str) -> Change:
    """Every difference as one of `ENDS`."""

    def change(evaluation: dict[str, Any]) -> None:
        for gap in gaps_of(evaluation):
            gap.update(zip(("value", "low", "high"), ENDS[name], strict=True))

    return change


def mirrored(evaluation: dict[str, Any]) -> None:
    """Every difference the other way round."""
    for gap in gaps_of(evaluation):
        low, high = gap["low"], gap["high"]
        gap.update(value=-gap["value"], low=-high, high=-low)


def in_turn(evaluation: dict[str, Any]) -> None:
    """Differences above, below, tiny and wide by turns."""
    ends = list(ENDS.values())
    for i, gap in enumerate(gaps_of(evaluation)):
        gap.update(zip(("value", "low", "high"), ends[(3 * i) % 5], strict=True))


def no_harm(evaluation: dict[str, Any]) -> None:
    """The copies of the data change nothing, since the luck of the split is so wide."""
    for gap in gaps_of(evaluation):
        gap.update(value=0.001, low=-0.02, high=0.03)
    evaluation["experiments"]["split_luck"]["difference"].update(value=0.1, low=-0.9, high=0.9)
