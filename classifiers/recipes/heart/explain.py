"""One patient's prediction taken apart: contributions, and how unusual the patient is.

Everything here says what the model does with a patient's values. None of it says what would
happen to the patient if a value were changed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError
from classifiers.explain import explain
from classifiers.preprocessing import NumericalColumn, TabularPreprocessor
from classifiers.recipes.heart.model import HeartModel, parse_patient

UNUSUAL = 0.975  # rarer than this share of the training patients is called unusual
# A category of one patient in twenty has this variance; rarer ones do not weigh more.
_RIDGE = 0.05


def describe_training(preprocessor: TabularPreprocessor, x: np.ndarray) -> dict[str, Any]:
    """What an explanation needs to know of the training rows (N, 13), with no row in it.

    Returns:
        `inputs` (F,) and `covariance` (F, F) of the prepared rows; `distances`, the 0th to 100th
        percentile of the rows' distances, each from the mean and covariance of the others.
    """
    inputs = preprocessor.transform(x)
    known = _known_inputs(preprocessor, x)
    distances = []
    for i, row in enumerate(inputs):
        others = np.delete(inputs, i, axis=0)
        distances.append(_distance(row - others.mean(0), np.cov(others.T, bias=True), known[i]))
    return {
        "inputs": inputs.mean(0).tolist(),
        "covariance": np.cov(inputs.T, bias=True).tolist(),
        "distances": np.quantile(distances, np.linspace(0, 1, 101)).tolist(),
    }


def explain_patient(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """Exact Shapley values of one patient's log-odds, against the mean training patient.

    Returns:
        `base_logit` and `logit`, of the served probability; `contributions`, one a
        field in schema order, {`field`, `value` (None = unknown), `logit`}, that add up.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    served = range(model.artifact.metadata.point_members)
    result = explain(
        model.artifact.network.copy(members=served),
        model.preprocessor.transform(row[None])[0],
        _reference(model)["inputs"],
        _input_features(model.preprocessor),
    )
    parts = zip(FEATURE_NAMES, row.tolist(), result.contributions.tolist(), strict=True)
    return {
        "base_logit": result.base_logit,
        "logit": result.logit,
        "contributions": [
            {"field": name, "value": _json(value), "logit": logit} for name, value, logit in parts
        ],
    }


def measure_unusualness(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """How unusual a combination of values is among the training patients.

    The distance is Mahalanobis', over the fields that are known, divided by what it is on average
    for these fields, so that patients with unknown fields compare. It comes from the training
    patients' mean and covariance: patients themselves are not shipped, so no nearest one can be
    named.

    Returns:
        `distance` (1 = average); `percentile`, the share of training patients, each measured
        against the others, that are less unusual; `unusual`; `fields` [{`field`, `value`,
        `share`}], most surprising first: what part of the distance goes when that field is taken
        as unknown (parts need not add up to 1).

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    reference = _reference(model)
    gap = model.preprocessor.transform(row[None])[0] - np.array(reference["inputs"])
    covariance = np.array(reference["covariance"])
    known = _known_inputs(model.preprocessor, row[None])[0]
    owner = _input_features(model.preprocessor)
    whole = _distance(gap, covariance, known, relative=False)
    distance = _distance(gap, covariance, known)
    fields = [
        {
            "field": name,
            "value": float(row[i]),
            "share": 1 - _distance(gap, covariance, known & (owner != i), relative=False) / whole,
        }
        for i, name in enumerate(FEATURE_NAMES)
        if known[owner == i].any()
    ]
    percentile = float(np.interp(distance, reference["distances"], np.linspace(0, 1, 101)))
    return {
        "distance": distance,
        "percentile": percentile,
        "unusual": percentile >= UNUSUAL,
        "fields": sorted(fields, key=lambda field: -field["share"]),
    }


def _reference(model: HeartModel) -> dict[str, Any]:
    reference = model.artifact.metadata.evaluation.get("reference")
    if not reference:
        raise ArtifactError(
            "metadata.json", "has no evaluation.reference; train the model again to explain it"
        )
    return reference


def _input_features(preprocessor: TabularPreprocessor) -> np.ndarray:
    """(F,) which feature each input belongs to."""
    names = [name.partition("=")[0] for name in preprocessor.input_names]
    return np.array([FEATURE_NAMES.index(name) for name in names])


def _known_inputs(preprocessor: TabularPreprocessor, x: np.ndarray) -> np.ndarray:
    """(N, F): which inputs say something: not those of a missing value or an unseen category."""
    known = [
        ~np.isnan(values) if isinstance(column, NumericalColumn) else np.isin(values, column.codes)
        for column, values in zip(preprocessor.columns, x.T, strict=True)
    ]
    slots = np.array([not name.endswith("=unknown") for name in preprocessor.input_names])
    return np.stack(known, 1)[:, _input_features(preprocessor)] & slots


def _distance(
    gap: np.ndarray, covariance: np.ndarray, known: np.ndarray, *, relative: bool = True
) -> float:
    """Squared Mahalanobis distance over the known inputs, relative to its expectation."""
    part = covariance[np.ix_(known, known)]
    precision = np.linalg.inv(part + _RIDGE * np.eye(len(part)))
    distance = gap[known] @ precision @ gap[known]
    expected = np.sum(precision * part) if relative else 1.0
    return float(distance / expected) if known.any() else 0.0


def _json(value: float) -> float | None:
    return None if np.isnan(value) else value
