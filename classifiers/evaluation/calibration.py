"""Whether probabilities can be taken at their word, each answer with doubt.

Samples are those of `decision`, drawn without strata: how many rows are positive is asked here.
"""

from dataclasses import dataclass

import numpy as np

from classifiers.evaluation.decision import Sample
from classifiers.evaluation.metrics import Estimate, interval95, percentile_interval

_FINEST = np.finfo(np.float64).eps


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

    low, high = interval95(smooth(sample.weights))
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
