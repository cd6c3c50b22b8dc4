"""From probabilities to decisions: thresholds, costs, net benefit, calibration, each with doubt.

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
from classifiers.metrics import Estimate, stratified_resamples

THRESHOLDS = np.arange(201) / 200
_FINEST = np.finfo(np.float64).eps


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


def percentile_interval(value: float, drawn: np.ndarray) -> Estimate:
    """The value with the central 95 % of its resampled values; NaN among them are left out."""
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def percentile_intervals(values: np.ndarray, drawn: np.ndarray) -> list[Estimate]:
    """The same for each of (T,) values, with (B, T) resampled ones."""
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0).tolist()
    return [
        Estimate(value, low[i], high[i])
        if np.isfinite(low[i] + high[i])
        else percentile_interval(value, drawn[:, i])
        for i, value in enumerate(values.tolist())
    ]


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


# Calibration


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far probabilities can be taken at their word (Van Calster 2019, weak calibration).

    Attributes:
        intercept: of a logistic regression on the log-odds with the slope held at 1; above 0 =
            risks are too low on average.
        slope: of one with both free; below 1 = risks are too extreme.
    """

    intercept: Estimate
    slope: Estimate


def calibration(sample: Sample) -> Calibration:
    """Intercept and slope of an unstratified sample; NaN where classes do not overlap."""
    x, y = _log_odds(sample.p), sample.y
    one = np.ones((1, len(y)))
    constant, line = np.ones((len(y), 1)), np.column_stack([np.ones(len(y)), x])
    zero = np.zeros(len(y))

    def estimate(design: np.ndarray, offset: np.ndarray) -> Estimate:
        value = fit_logistic(design, y, one, offset)[0, -1]
        return percentile_interval(value, fit_logistic(design, y, sample.weights, offset)[:, -1])

    return Calibration(intercept=estimate(constant, x), slope=estimate(line, zero))


def fit_logistic(
    design: np.ndarray, y: np.ndarray, weights: np.ndarray, offset: np.ndarray
) -> np.ndarray:
    """Unpenalised logistic regressions for B sets of row weights at once, by Newton's method.

    Shape: `design` (N, Q); `y` and `offset` (N,); `weights` (B, N); result (B, Q), NaN where the
    classes are separated and no optimum exists.
    """
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(y), -1)
    count = design.shape[1]
    beta = np.zeros((len(weights), count))
    open_ = np.arange(len(weights))
    for _ in range(30):
        mu = 1 / (1 + np.exp(-np.clip(offset + beta[open_] @ design.T, -500, 500)))
        held = weights[open_]
        slope = (held * (y - mu)) @ design
        bend = ((held * mu * (1 - mu)) @ squares).reshape(-1, count, count)
        solvable = np.linalg.cond(bend) < 1e14
        beta[open_[~solvable]] = np.nan
        open_ = open_[solvable]
        step = np.linalg.solve(bend[solvable], slope[solvable][:, :, None])[:, :, 0]
        beta[open_] += step
        # Newton's error squares with each step: the one after this is below rounding.
        open_ = open_[np.abs(step).max(1) > 1e-9]
        if not len(open_):
            return beta
    beta[open_] = np.nan
    return beta


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """Observed frequency against predicted probability: (G,) each, the band 95 % pointwise."""

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray


def reliability_curve(sample: Sample, *, points: int = 41, span: float = 0.75) -> ReliabilityCurve:
    """LOESS of the outcome on the probability, over its range; the sample unstratified.

    Local linear regression with tricube weights on the nearest `span` of the rows (Cleveland
    1979; for calibration: Austin & Steyerberg 2014, doi 10.1002/sim.5941), kept within 0 to 1.
    Bandwidths are those of all rows in every resample.
    """
    grid = np.linspace(sample.p.min(), sample.p.max(), points)
    gap = sample.p[:, None] - grid
    nearest = np.sort(np.abs(gap), axis=0)[max(1, int(span * len(sample.p))) - 1]
    closeness = np.clip(1 - (np.abs(gap) / np.maximum(nearest, _FINEST)) ** 3, 0, None) ** 3

    def smooth(weights: np.ndarray) -> np.ndarray:
        y = sample.y[:, None]
        s0, s1, s2 = (weights @ (closeness * gap**power) for power in range(3))
        t0, t1 = (weights @ (closeness * gap**power * y) for power in range(2))
        spread = s0 * s2 - s1**2
        flat = spread <= 1e-12 * s0 * np.maximum(s2, _FINEST)
        line = (s2 * t0 - s1 * t1) / np.where(flat, 1, spread)
        return np.clip(np.where(flat, t0 / np.maximum(s0, _FINEST), line), 0, 1)

    low, high = np.quantile(smooth(sample.weights), [0.025, 0.975], axis=0)
    return ReliabilityCurve(grid, smooth(np.ones((1, len(sample.p))))[0], low, high)


@dataclass(frozen=True)
class TemperatureScaling:
    """Dividing log-odds by a temperature fitted to the rows: does it help?

    `gain` is the change of the mean log loss on rows outside the resample that the temperature
    was fitted to; below 0 = it helps.
    """

    temperature: float
    gain: Estimate

    @property
    def helps(self) -> bool:
        return self.gain.high < 0


def temperature_scaling(sample: Sample) -> TemperatureScaling:
    """Fits a temperature (Guo et al. 2017, arXiv 1706.04599) and judges it on fresh rows."""
    x, y, zero = _log_odds(sample.p), sample.y, np.zeros(len(sample.y))
    inverse = fit_logistic(x[:, None], y, sample.weights, zero)
    exists = np.isfinite(inverse[:, 0])
    outside = sample.outside[exists]
    change = _nats(inverse[exists] * x, y) - _nats(x, y)
    gain = (change * outside).sum(1) / np.maximum(outside.sum(1), 1)
    value = fit_logistic(x[:, None], y, np.ones((1, len(y))), zero)[0, 0]
    return TemperatureScaling(
        float(1 / value), percentile_interval(gain.mean() if len(gain) else np.nan, gain)
    )


def _log_odds(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, _FINEST, 1 - _FINEST)
    return np.log(p) - np.log1p(-p)


def _nats(log_odds: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Log loss of each row."""
    return np.logaddexp(0, log_odds) - log_odds * y
