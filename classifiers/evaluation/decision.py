"""From probabilities to decisions: thresholds, costs, net benefit, each with doubt.

`y` is (N,) of 0 and 1, `p` (N,) the probability of class 1; p >= threshold is called positive.
A `Sample` holds the rows and one set of bootstrap resamples of them, as weights, so that every
interval and every difference comes from the same resamples and is a matrix product. A setting
that is chosen on rows (a threshold, a temperature) is chosen in each resample and judged on the
rows that the resample left out: on the rows it was chosen on it would look better than it is.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from classifiers.errors import DataError
from classifiers.evaluation.metrics import Estimate, percentile_interval, stratified_resamples

THRESHOLDS = np.arange(201) / 200


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows with resamples. `weights` (B, N) says how often a resample holds a row."""

    y: np.ndarray
    p: np.ndarray
    weights: np.ndarray

    @classmethod
    def draw(
        cls,
        y: np.ndarray,
        p: np.ndarray,
        *,
        stratified: bool = True,
        resamples: int = 1000,
        seed: int = 0,
    ) -> "Sample":
        """Draws the resamples.

        Within each class, or from all rows alike: how many rows are positive is then uncertain
        too, as calibration needs, which asks just that.

        Raises:
            DataError: lengths differ, labels are not 0 and 1 with both present, or p is not from
                0 to 1.
        """
        y, p = np.asarray(y), np.asarray(p, dtype=np.float64)
        if y.ndim != 1 or y.shape != p.shape or set(np.unique(y).tolist()) != {0, 1}:
            raise DataError(
                "y", f"must hold 0 and 1, both, one a probability, got {y.shape} and {p.shape}"
            )
        if not (np.isfinite(p).all() and ((p >= 0) & (p <= 1)).all()):
            raise DataError("p", "must be probabilities from 0 to 1")
        drawn = stratified_resamples(y if stratified else np.zeros_like(y), resamples, seed)
        cells = drawn + len(y) * np.arange(resamples)[:, None]
        held = np.bincount(cells.ravel(), minlength=cells.size).reshape(cells.shape)
        return cls(y.astype(np.int64), p, held.astype(np.float64))

    @cached_property
    def outside(self) -> np.ndarray:
        """(B, N): 1 where the resample does not hold the row."""
        return (self.weights == 0).astype(np.float64)

    @cached_property
    def grid(self) -> "Rates":
        """Error rates at `THRESHOLDS`."""
        return self.rates(THRESHOLDS)

    def rates(self, thresholds: np.ndarray) -> "Rates":
        """Error rates at thresholds (T,): of all rows, in resamples, and outside of them."""
        cut = np.asarray(thresholds, dtype=np.float64)
        wrong = (self.p[:, None] >= cut) != (self.y[:, None] == 1)
        parts = []
        for label in (1, 0):
            own = self.y == label
            errors = wrong[own].astype(np.float64)
            held, left = self.weights[:, own], self.outside[:, own]
            parts.append((errors.sum(0), held @ errors / own.sum(), left @ errors, left.sum(1)))
        (missed, fnr, fnr_left, cases), (alarms, fpr, fpr_left, controls) = parts
        return Rates(
            cut, missed, alarms, fnr, fpr,
            fnr_left / np.maximum(cases, 1)[:, None], fpr_left / np.maximum(controls, 1)[:, None],
            float(self.y.mean()), len(self.y),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rates:
    """Errors at T thresholds.

    Attributes:
        missed, alarms: (T,) false negatives and false positives, counted.
        missed_share, alarm_share: (B, T) their rates within the class, in each resample.
        missed_outside, alarm_outside: (B, T) the same on the rows outside the resample.
        prevalence: share of class 1 among the `count` rows.
    """

    thresholds: np.ndarray
    missed: np.ndarray
    alarms: np.ndarray
    missed_share: np.ndarray
    alarm_share: np.ndarray
    missed_outside: np.ndarray
    alarm_outside: np.ndarray
    prevalence: float
    count: int

    def cost(self, false_negative: float, false_positive: float) -> np.ndarray:
        """(T,) cost a row."""
        return (false_negative * self.missed + false_positive * self.alarms) / self.count

    def resampled_cost(
        self, false_negative: float, false_positive: float, *, outside: bool = False
    ) -> np.ndarray:
        """(B, T) cost a row in each resample, or on the rows outside it."""
        missed = self.missed_outside if outside else self.missed_share
        alarms = self.alarm_outside if outside else self.alarm_share
        sick, well = false_negative * self.prevalence, false_positive * (1 - self.prevalence)
        return sick * missed + well * alarms

    def net_benefit(self) -> np.ndarray:
        """(T,) true positives a row, less false positives at the threshold's odds.

        Vickers & Elkin 2006, doi 10.1177/0272989X06295361. NaN at threshold 1, whose odds are
        infinite.
        """
        return self.prevalence - (self.missed + self._odds() * self.alarms) / self.count

    def resampled_net_benefit(self) -> np.ndarray:
        """(B, T)."""
        well = (1 - self.prevalence) * self.alarm_share
        return self.prevalence * (1 - self.missed_share) - well * self._odds()

    def treat_all(self) -> np.ndarray:
        """(T,) net benefit of calling every row positive; that of calling none is 0."""
        return self.prevalence - (1 - self.prevalence) * self._odds()

    def _odds(self) -> np.ndarray:
        below = self.thresholds < 1
        return np.where(below, self.thresholds / np.where(below, 1 - self.thresholds, 1), np.nan)


def roc_points(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False-positive rate, true-positive rate and threshold at every distinct probability.

    Thresholds fall; the first is infinite, where nothing is called positive.
    """
    y, p = np.asarray(y), np.asarray(p, dtype=np.float64)
    cuts = np.concatenate([[np.inf], np.unique(p)[::-1]])
    called = p[:, None] >= cuts
    return called[y == 0].mean(0), called[y == 1].mean(0), cuts


def precision_recall_points(
    y: np.ndarray, p: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and threshold at every distinct probability, thresholds falling."""
    y, p = np.asarray(y), np.asarray(p, dtype=np.float64)
    cuts = np.unique(p)[::-1]
    called = p[:, None] >= cuts
    found = called[y == 1].sum(0)
    return found / called.sum(0), found / (y == 1).sum(), cuts


def average_precision(y: np.ndarray, p: np.ndarray) -> float:
    """Area under the precision-recall curve as a sum of steps, without interpolation."""
    precision, recall, _ = precision_recall_points(y, p)
    return float(np.sum(np.diff(recall, prepend=0) * precision))


# Thresholds and costs


@dataclass(frozen=True)
class ThresholdChoice:
    """The threshold with the lowest cost, and how much it is worth.

    Attributes:
        theoretical: false_positive / (false_positive + false_negative), the best for calibrated
            probabilities (Elkan 2001).
        best: lowest cost on the rows at hand, with the central 95 % over resamples; among equals
            the one nearest to the theoretical.
        savings: for a rule ("theoretical", "half"): cost a row of that rule less cost of `best`.
    """

    theoretical: float
    best: Estimate
    savings: dict[str, "Saving"]


@dataclass(frozen=True)
class Saving:
    """`apparent` is on the rows the choice was made on; `fresh` on rows it was not made on."""

    apparent: float
    fresh: Estimate

    @property
    def distinguishable(self) -> bool:
        """Whether the interval on fresh rows leaves zero out."""
        return self.fresh.low > 0 or self.fresh.high < 0


def choose_threshold(
    sample: Sample, false_negative: float, false_positive: float
) -> ThresholdChoice:
    """The cheapest of `THRESHOLDS` for the costs of the two errors (not both 0)."""
    costs = false_negative, false_positive
    theoretical = false_positive / (false_positive + false_negative)
    grid = sample.grid
    cost, drawn = grid.cost(*costs), grid.resampled_cost(*costs)
    best = _cheapest(cost[None], theoretical)[0]
    chosen = _cheapest(drawn, theoretical)
    fresh = grid.resampled_cost(*costs, outside=True)
    fresh = np.take_along_axis(fresh, chosen[:, None], 1)[:, 0]
    rules = {"theoretical": theoretical, "half": 0.5}
    at = sample.rates(np.array(list(rules.values())))
    gaps = at.resampled_cost(*costs, outside=True) - fresh[:, None]
    apparent = at.cost(*costs) - cost[best]
    return ThresholdChoice(
        theoretical,
        percentile_interval(THRESHOLDS[best], THRESHOLDS[chosen]),
        {
            name: Saving(float(apparent[i]), percentile_interval(gaps[:, i].mean(), gaps[:, i]))
            for i, name in enumerate(rules)
        },
    )


def _cheapest(cost: np.ndarray, preferred: float) -> np.ndarray:
    """(B, T) -> (B,): the index of the lowest cost, among equals the nearest to `preferred`."""
    least = cost.min(1, keepdims=True)
    ties = cost <= least * (1 + 1e-12) + 1e-300
    return np.where(ties, np.abs(THRESHOLDS - preferred), np.inf).argmin(1)


def compare_thresholds(
    sample: Sample, ours: float, theirs: float, false_negative: float, false_positive: float
) -> Estimate:
    """Cost a row of their threshold less that of ours, both fixed in advance; a paired interval."""
    rates = sample.rates(np.array([ours, theirs]))
    cost = rates.cost(false_negative, false_positive)
    drawn = rates.resampled_cost(false_negative, false_positive)
    return percentile_interval(cost[1] - cost[0], drawn[:, 1] - drawn[:, 0])
