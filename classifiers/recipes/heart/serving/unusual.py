"""How unusual a patient is, beside training patients of whom the same fields are known.

The distance is Mahalanobis' over the known inputs, divided by what it is on average for these
fields. How often training patients exceed it depends on which fields are known, so training stores
quantiles for every set of them; patients themselves are not shipped.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError
from classifiers.recipes.heart.serving.ensemble import Ensemble

UNUSUAL = 0.975  # rarer than this share of the training patients is called unusual
_RIDGE = 0.05  # a category of one patient in twenty has this variance; rarer do not weigh more
_LEVELS = np.array([0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1])
_STEPS = 20  # of a stored quantile in each doubling: 3.5 %
_ONE = 128  # how a quantile of 1 is stored
_TIE = 2 ** (1.5 / _STEPS)  # distances nearer than this are taken as equal


@dataclass(frozen=True)
class Oddness:
    """How unusual a combination of values is.

    `distance` (1 = average); `percentile`, the share of training patients that are less unusual,
    each measured against the others; `fields` (name, share of the distance that goes when it is
    taken as unknown), most surprising first.
    """

    distance: float
    percentile: float
    unusual: bool
    fields: tuple[tuple[str, float], ...]


def store_distances(inputs: np.ndarray, known: np.ndarray, owner: np.ndarray) -> str:
    """The quantiles of training patients' distances for every set of known fields, as text.

    Shape: `inputs` (N, F) prepared rows; `known` (N, G) bool, which fields a row knows; `owner`
    (F,) the field of each input, -1 = none. Patients who lack a field of a set are left out of it.
    """
    sets = (np.arange(2 ** known.shape[1])[:, None] >> np.arange(known.shape[1])) & 1
    quantiles = np.ones((len(sets), len(_LEVELS)))
    gap = inputs - inputs.mean(0)
    covariance = gap.T @ gap / len(gap)
    for i, fields in enumerate(sets.astype(bool)):
        rows = known[:, fields].all(1)
        part = np.isin(owner, np.flatnonzero(fields))
        if part.any() and rows.any():
            inside = covariance[np.ix_(part, part)]
            distances = _distances_from_others(gap[np.ix_(rows, part)], inside, len(gap))
            quantiles[i] = np.quantile(distances, _LEVELS)
    stored = np.round(_STEPS * np.log2(quantiles.clip(1e-3))) + _ONE
    packed = zlib.compress(stored.clip(0, 255).astype(np.uint8).tobytes(), 9)
    return base64.b64encode(packed).decode()


def _distances_from_others(gap: np.ndarray, covariance: np.ndarray, count: int) -> np.ndarray:
    """Each row's relative distance from the mean and covariance of the others (n,).

    Shape: `gap` (n, F) rows less the mean of all `count`; `covariance` (F, F) of all. Leaving out
    a row is an update of rank one of the covariance (Sherman and Morrison 1950).
    """
    grow = count / (count - 1)
    inverse = np.linalg.inv(grow * covariance + _RIDGE * np.eye(len(covariance)))
    moved = gap @ inverse
    q = (moved * gap).sum(1)
    rest = 1 - grow / (count - 1) * q
    trace = np.trace(inverse) + grow / (count - 1) * (moved**2).sum(1) / rest
    return grow**2 * q / rest / (len(covariance) - _RIDGE * trace)


def measure_oddness(ensemble: Ensemble, row: np.ndarray) -> Oddness:
    """The oddness of one row (13,).

    Raises:
        ArtifactError: the model was trained before these quantiles were stored.
    """
    fields = ensemble.known_fields(row[None])[0]
    gap = ensemble.inputs(row[None])[0] - ensemble.gaussian.mean[0]
    covariance = ensemble.gaussian.covariance[0]
    known = ensemble.known_inputs(fields)
    distance, whole = _distance(gap, covariance, known)
    shares = {}
    for i in np.flatnonzero(fields):
        _, left = _distance(gap, covariance, known & (ensemble.owner != i))
        shares[FEATURE_NAMES[i]] = 1 - left / (whole or 1)
    quantiles = _read(ensemble.reference)[fields @ 2 ** np.arange(len(fields))]
    percentile = float(np.interp(distance / _TIE, quantiles, _LEVELS)) if fields.any() else 0.0
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return Oddness(distance, percentile, percentile >= UNUSUAL, tuple(ordered))


def _distance(gap: np.ndarray, covariance: np.ndarray, known: np.ndarray) -> tuple[float, float]:
    """Squared Mahalanobis distance over the known inputs: beside its expectation, and as it is."""
    if not known.any():
        return 0.0, 0.0
    part = covariance[np.ix_(known, known)]
    precision = np.linalg.inv(part + _RIDGE * np.eye(len(part)))
    distance = gap[known] @ precision @ gap[known]
    return float(distance / np.sum(precision * part)), float(distance)


def _read(reference: Mapping[str, Any]) -> np.ndarray:
    try:
        return _unpack(reference["oddness"])
    except (KeyError, TypeError, ValueError, zlib.error):
        raise ArtifactError(
            "metadata.json", "has no evaluation.reference.oddness; train the model again"
        ) from None


@lru_cache(maxsize=4)  # 0.7 MB each; a table of patients asks for each of its rows
def _unpack(packed: str) -> np.ndarray:
    stored = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8)
    levels = stored.reshape(2 ** len(FEATURE_NAMES), len(_LEVELS)).astype(np.float64)
    return 2 ** ((levels - _ONE) / _STEPS)
