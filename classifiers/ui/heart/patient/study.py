"""What a patient is shown against: the study's patients, and what any threshold does to them."""

from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.heart.model import HeartModel, operating_points
from classifiers.recipes.heart.serving.operating import ALL_KNOWN, OperatingPoints, Pattern

DIGITS = 6  # of a risk on the page


def show_study(model: HeartModel, row: np.ndarray) -> dict[str, Any]:
    """The study's patients known by what is known of this one (13,), NaN = unknown.

    Returns:
        JSON types: `key` of the backdrop; `known` and `record`, what is known of its patients, as
        it follows "each dot is a study patient" and "in the study"; `sick` and `well`, the risks
        of those with disease and without, ascending; `steps`, one more than there are different
        risks: at a threshold with i of them below it the model does what step i says. A step is 14
        numbers: the patients called with disease and without; then as numbers of 100 with their
        95 % intervals: of those with disease, the found; of those without, the alarms; of those
        called, the sick; of those not called, the sick. 0.5 is under 1, 99.5 over 99; -1 thrice
        is a share of nobody.
    """
    points = operating_points(model, row)
    known = int(model.ensemble.known_fields(row[None]).sum())
    return _backdrop(model.artifact.metadata.model.sha256, points, known)


@lru_cache(maxsize=64)
def _backdrop(sha256: str, points: OperatingPoints, known: int) -> dict[str, Any]:
    risks = np.round(points.probabilities, DIGITS)
    sick, well = (np.sort(risks[points.labels == label]) for label in (1, 0))
    pattern = points.pattern
    return {
        "key": f"{sha256[:8]} {pattern.key}{'~' * (len(pattern.fields) < known)}",
        "known": "" if pattern.key == ALL_KNOWN else f" {_known_by(pattern, known)}",
        "record": f", {_known_by(pattern, known)}",
        "sick": sick.tolist(),
        "well": well.tolist(),
        "steps": [_step(sick, well, cut) for cut in [*np.unique(risks).tolist(), 2.0]],
    }


def _known_by(pattern: Pattern, known: int) -> str:
    """What is known of the study's patients, beside one of whom so many fields are known."""
    if pattern.key == ALL_KNOWN:
        return f"{pattern.title} known"
    if not pattern.fields:
        return "of whom nothing is known"
    if len(pattern.fields) == known:
        return "known by the same " + ("field" if known == 1 else f"{known} fields")
    return f"known by {pattern.title}, the nearest set that was tried"


def _step(sick: np.ndarray, well: np.ndarray, cut: float) -> list[float]:
    found, alarms = int((sick >= cut).sum()), int((well >= cut).sum())
    missed, alone = len(sick) - found, len(well) - alarms
    shares = ((found, len(sick)), (alarms, len(well)), (found, found + alarms),
              (missed, missed + alone))  # fmt: skip
    return [found, alarms, *(n for part, whole in shares for n in _of_hundred(part, whole))]


def _of_hundred(part: int, whole: int) -> list[float]:
    if not whole:
        return [-1, -1, -1]
    share = wilson_interval(part, whole)
    return [_whole(value) for value in (share.value, share.low, share.high)]


def _whole(share: float) -> float:
    """As `whole_percent`, in few bytes."""
    if 0 < share < 0.01:
        return 0.5
    return 99.5 if 0.99 < share < 1 else int(f"{100 * share:.0f}")
