"""Measures of a classifier's predictions, with their uncertainty, as plain functions on arrays.

`y` is (N,) of 0 and 1, `p` (N,) the probability of class 1. A proportion comes with its Wilson
interval; anything else with a stratified bootstrap interval.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from classifiers.errors import DataError

_Z95 = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Counts:
    """A 2 x 2 confusion table."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    def to_dict(self) -> dict[str, int]:
        return dict(vars(self))


def _check(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y, p = np.asarray(y), np.asarray(p, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or len(y) == 0:
        raise DataError("y", f"must be as long as p and not empty, got {y.shape} and {p.shape}")
    if not np.isin(y, (0, 1)).all():
        raise DataError("y", f"must hold 0 and 1 only, got {np.unique(y)[:5].tolist()}")
    if not (np.isfinite(p).all() and ((p >= 0) & (p <= 1)).all()):
        raise DataError("p", "must be probabilities from 0 to 1")
    return y.astype(np.int64), p


def interval95(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The central 95 % of resampled values (B, ...) along their first axis: low and high (...)."""
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return low, high


def percentile_interval(value: float, drawn: np.ndarray) -> Estimate:
    """The value with the central 95 % of its resampled values; NaN among them are left out."""
    drawn = drawn[np.isfinite(drawn)]
    low, high = interval95(drawn) if len(drawn) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def percentile_intervals(values: np.ndarray, drawn: np.ndarray) -> list[Estimate]:
    """The same for each of (T,) values, with (B, T) resampled ones."""
    low, high = (bound.tolist() for bound in interval95(drawn))
    return [
        Estimate(value, low[i], high[i])
        if np.isfinite(low[i] + high[i])
        else percentile_interval(value, drawn[:, i])
        for i, value in enumerate(values.tolist())
    ]


def wilson_interval(successes: float, trials: float) -> Estimate:
    """A proportion with Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    No trials give NaN with the interval 0 to 1.
    """
    if trials == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    share, z2 = successes / trials, _Z95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = (share * (1 - share) / trials + z2 / (4 * trials**2)) ** 0.5
    half = _Z95 / (1 + z2 / trials) * spread
    return Estimate(share, max(0.0, centre - half), min(1.0, centre + half))


def newcombe_interval(
    successes: float, trials: float, others: float, other_trials: float
) -> Estimate:
    """A difference of two independent proportions, the first less the second.

    Newcombe's hybrid of their Wilson intervals (1998, Stat. Med. 17:873, method 10). No trials of
    either give NaN with the interval -1 to 1.
    """
    a, b = wilson_interval(successes, trials), wilson_interval(others, other_trials)
    if trials == 0 or other_trials == 0:
        return Estimate(float("nan"), -1.0, 1.0)
    gap = a.value - b.value
    low = gap - math.hypot(a.value - a.low, b.high - b.value)
    return Estimate(gap, low, gap + math.hypot(a.high - a.value, b.value - b.low))


def confusion_matrix(y: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes) int64; row = true class, column = predicted class."""
    return np.bincount(classes * np.asarray(y) + predicted, minlength=classes**2).reshape(
        classes, classes
    )


def boundary_length(labels: np.ndarray, extent: tuple[float, float, float, float]) -> float:
    """Length of the boundary between predicted classes, in units of x.

    Counts label changes along the rows and columns of a grid; by the Cauchy-Crofton formula a
    curve of length L crosses the lines of a square grid of step h about 4 L / (pi h) times.

    Args:
        labels: (H, W) the class predicted at each point of a grid.
        extent: least and greatest x1, least and greatest x2 of the grid.
    """
    step_x = (extent[1] - extent[0]) / labels.shape[1]
    step_y = (extent[3] - extent[2]) / labels.shape[0]
    along_x = int((labels[:, 1:] != labels[:, :-1]).sum())
    along_y = int((labels[1:] != labels[:-1]).sum())
    # A crossing of a horizontal line is a strip of height step_y, and the other way round.
    return math.pi / 4 * (along_x * step_y + along_y * step_x)


def counts(y: np.ndarray, p: np.ndarray, threshold: float) -> Counts:
    """The confusion table when p >= threshold is called positive."""
    y, p = _check(y, p)
    (tn, fp), (fn, tp) = confusion_matrix(y, (p >= threshold).astype(np.int64), 2).tolist()
    return Counts(tp, fp, fn, tn)


def auc(y: np.ndarray, p: np.ndarray) -> float:
    """Area under the ROC curve: P(p of a case > p of a control), ties counting half.

    NaN when only one class is present.
    """
    y, p = _check(y, p)
    cases, controls = np.sort(p[y == 1]), np.sort(p[y == 0])
    if not len(cases) or not len(controls):
        return float("nan")
    below = np.searchsorted(controls, cases, side="left").sum()
    up_to = np.searchsorted(controls, cases, side="right").sum()
    return float((below + up_to) / (2 * len(cases) * len(controls)))


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    """Mean negative log-likelihood in nats; p is kept one float64 epsilon away from 0 and 1."""
    y, p = _check(y, p)
    epsilon = np.finfo(np.float64).eps
    p = np.clip(p, epsilon, 1 - epsilon)
    return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))


def brier(y: np.ndarray, p: np.ndarray) -> float:
    """Mean squared distance of the probability from the outcome (Brier 1950)."""
    y, p = _check(y, p)
    return float(np.mean((p - y) ** 2))


def accuracy(y: np.ndarray, p: np.ndarray, threshold: float = 0.5) -> float:
    """Share of rows on the right side of the threshold."""
    y, p = _check(y, p)
    return float(np.mean((p >= threshold) == y))


def stratified_resamples(y: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Row indices (resamples, N) drawn with replacement within each class.

    One set of resamples serves several measures, and both sides of a paired difference.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for label in np.unique(y):
        rows = np.flatnonzero(np.asarray(y) == label)
        parts.append(rows[rng.integers(0, len(rows), (resamples, len(rows)))])
    return np.concatenate(parts, axis=1)


def resampled_measures(y: np.ndarray, p: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """AUC, average precision, log loss and Brier score in every resample, (B,) each.

    What the functions above give for the resamples' rows, as matrix products: row by row it takes
    twenty times as long and holds up every other thread meanwhile.

    Args:
        weights: (B, N), how often a resample holds a row; each resample holds both classes.
    """
    y, p = _check(y, p)
    called = (p[:, None] >= np.unique(p)[::-1]).astype(np.float64)
    found, alarms = (weights[:, y == label] @ called[y == label] for label in (1, 0))
    recall, fall_out = found / found[:, -1:], alarms / alarms[:, -1:]
    # A threshold that calls no row of a resample positive adds nothing, whatever its precision.
    gained = np.diff(recall, prepend=0)
    precision = found / np.maximum(found + alarms, 1)
    epsilon = np.finfo(np.float64).eps
    likelihood = np.clip(np.where(y == 1, p, 1 - p), epsilon, 1 - epsilon)
    rows = weights.sum(1)
    return {
        "auc": 1 - (gained * (fall_out - np.diff(fall_out, prepend=0) / 2)).sum(1),
        "average_precision": (gained * precision).sum(1),
        "log_loss": weights @ -np.log(likelihood) / rows,
        "brier": weights @ (p - y) ** 2 / rows,
    }


MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": auc,
    "log_loss": log_loss,
    "brier": brier,
    "accuracy": accuracy,
}


def evaluate(
    y: np.ndarray, repeats: np.ndarray, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Estimate]:
    """AUC, log loss, Brier and accuracy at 0.5, averaged over repeats, with intervals.

    Shape: `y` (N,); `repeats` (R, N), one list of probabilities a repeat of cross-validation, or
    (1, N) for plain held-out rows. Rows are resampled, repeats are not: they are the same
    patients. Accuracy has the Wilson interval of its mean share of N.
    """
    y, repeats = np.asarray(y), np.atleast_2d(repeats)
    value, drawn = _measure_repeats(y, repeats, resamples, seed)
    result = {name: percentile_interval(value[name], drawn[name]) for name in MEASURES}
    result["accuracy"] = wilson_interval(value["accuracy"] * len(y), len(y))
    return result


def paired_difference(
    y: np.ndarray, ours: np.ndarray, theirs: np.ndarray, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Estimate]:
    """Ours minus theirs for every measure, both on the same resampled rows.

    Shape: `y` (N,); `ours` and `theirs` (R, N).
    """
    y, ours, theirs = np.asarray(y), np.atleast_2d(ours), np.atleast_2d(theirs)

    own, own_drawn = _measure_repeats(y, ours, resamples, seed)
    other, other_drawn = _measure_repeats(y, theirs, resamples, seed)
    return {
        name: percentile_interval(own[name] - other[name], own_drawn[name] - other_drawn[name])
        for name in MEASURES
    }


def _measure_repeats(
    y: np.ndarray, repeats: np.ndarray, resamples: int, seed: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Every measure, averaged over repeats (R, N): on the rows, and in each resample (B,)."""
    value = {
        name: float(np.mean([measure(y, p) for p in repeats])) for name, measure in MEASURES.items()
    }
    rows = stratified_resamples(y, resamples, seed)
    weights = np.stack([np.bincount(drawn, minlength=len(y)) for drawn in rows]).astype(np.float64)
    parts = []
    for p in repeats:
        right = ((p >= 0.5) == y).astype(np.float64)
        accuracies = weights @ right / weights.sum(1)
        parts.append({**resampled_measures(y, p, weights), "accuracy": accuracies})
    return value, {name: np.mean([part[name] for part in parts], axis=0) for name in MEASURES}
