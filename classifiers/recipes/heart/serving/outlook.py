"""What the unknown fields of a patient could still do to the risk, and which to ask for first."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.missing import Averages
from classifiers.recipes.heart.serving.ensemble import Ensemble, expit

_QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / 100) for i in range(100)])


@dataclass(frozen=True, eq=False)
class Outlook:
    """Where the risk may lie once everything is known, to first order.

    `risk` is what is said now; `risks` (Q,) ascending are equally likely, `low` and `high` bound
    their middle 90 %. `ask_first` are the unknown fields, by how much of the log-odds' variance
    each alone would explain.
    """

    risk: float
    risks: np.ndarray
    low: float
    high: float
    ask_first: tuple[str, ...]

    def crossing(self, threshold: float) -> float:
        """The share that would fall on the other side of a threshold than `risk` does."""
        above = float((self.risks >= threshold).mean())
        return 1 - above if self.risk >= threshold else above


def look_ahead(ensemble: Ensemble, row: np.ndarray) -> Outlook:
    """The outlook of one row (13,)."""
    averages = ensemble.outlook(row)
    known = ensemble.known_fields(row[None])[0]
    risks = _quantiles(averages)
    low, high = np.quantile(risks, (0.05, 0.95))
    gains = {}
    for i in np.flatnonzero(~known):
        more = known.copy()
        more[i] = True
        gains[FEATURE_NAMES[i]] = ensemble.share_known(more)
    risk = float(averages.probability.mean())
    ask_first = tuple(sorted(gains, key=lambda name: -gains[name]))
    return Outlook(risk, risks, float(low), float(high), ask_first)


def _quantiles(averages: Averages) -> np.ndarray:
    """Equally likely values of the ensemble's risk: its members' logits move together."""
    logits = averages.mean + np.sqrt(averages.variance) * _QUANTILES
    return expit(logits).mean(0)
