"""Figures of what a model's risks are worth for given patients: calibration, net benefit."""

from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers import plots
from classifiers.evaluation.calibration import reliability_curve
from classifiers.evaluation.decision import Sample
from classifiers.evaluation.metrics import interval95

if TYPE_CHECKING:  # importing the package loads no matplotlib
    from matplotlib.figure import Figure

_MOST_DRAWN = 2_000_000  # rows, all resamples together


def draw_calibration(y: Any, p: np.ndarray) -> "Figure":
    """Observed frequency against predicted risk, with a 95 % band.

    Args:
        y: (N,), 1 = disease, 0 = none.
        p: (N,), the risks.

    Raises:
        DataError: `y` is not that, or of one class alone.
        ConfigError: matplotlib is not installed.
    """
    curve = reliability_curve(_sample(y, p, stratified=False))
    return plots.calibration(curve.predicted, curve.observed, (curve.low, curve.high))


def draw_net_benefit(y: Any, p: np.ndarray) -> "Figure":
    """Net benefit against the threshold, with a 95 % band, below 1; as `draw_calibration`."""
    rates = _sample(y, p, stratified=True).grid
    below = rates.thresholds < 1
    low, high = interval95(rates.resampled_net_benefit()[:, below])
    value, everybody = rates.net_benefit()[below], rates.treat_all()[below]
    return plots.decision_curve(rates.thresholds[below], value, (low, high), everybody)


def _sample(y: Any, p: np.ndarray, *, stratified: bool) -> Sample:
    resamples = int(np.clip(_MOST_DRAWN // max(len(p), 1), 100, 1000))
    return Sample.draw(np.asarray(y), p, stratified=stratified, resamples=resamples)
