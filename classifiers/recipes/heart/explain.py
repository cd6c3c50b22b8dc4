"""One patient's prediction taken apart: contributions, what-ifs, the nearest change, oddness.

Everything here says what the model does with a patient's values. None of it says what would
happen to the patient if a value were changed.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, feature
from classifiers.errors import ArtifactError
from classifiers.explain import explain
from classifiers.preprocessing import NumericalColumn, TabularPreprocessor
from classifiers.recipes.heart.model import HeartModel, parse_patient, parse_threshold

FROZEN = ("age", "sex")  # no change of these is a change that a person can make
UNUSUAL = 0.975  # rarer than this share of the training patients is called unusual
_GRID = 61  # values of a numerical field at most
_PAIR_STRIDE = 3  # of which pairs of changes use every third
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


def vary_patient(model: HeartModel, patient: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The probability as one field changes and the others stay, for every field, in one batch.

    (Individual conditional expectation: Goldstein et al. 2015, arXiv 1309.6392.) A numerical
    field runs over its training range, since beyond it the model has seen nobody, and through the
    patient's own value; a categorical one over its training codes.

    Returns:
        One {`field`, `value` (None = unknown), `values`, `probability`} a field.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    grids = [_grid(model, i, row[i]) for i in range(len(row))]
    probability = model.probabilities(_singles(row, grids))
    ends = np.cumsum([len(grid) for grid in grids])
    return [
        {"field": name, "value": _json(value), "values": grid.tolist(), "probability": p.tolist()}
        for name, value, grid, p in zip(
            FEATURE_NAMES, row.tolist(), grids, np.split(probability, ends[:-1]), strict=True
        )
    ]


def nearest_change(
    model: HeartModel, patient: Mapping[str, Any], threshold: Any = None
) -> dict[str, Any]:
    """The smallest change of known fields, age and sex aside, that turns the decision.

    One changed field is preferred to two; among equals the shortest distance: a numerical change
    counts in training standard deviations, another category counts 1. Values come from
    `vary_patient`'s grids, for two numerical fields at once from every third of them.

    Returns:
        `found`; `changes` [{`field`, `value`, `to`}], empty if no one or two changes turn it;
        `distance` and `probability` after the change (None if not found); `before`, the
        probability now; `threshold`; `tried`, the patients that were looked at.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    cut = parse_threshold(threshold, model.threshold)
    before = float(model.probabilities(row[None])[0])
    free = [
        i for i, name in enumerate(FEATURE_NAMES) if name not in FROZEN and not np.isnan(row[i])
    ]
    grids = [_grid(model, i, row[i]) if i in free else row[:0] for i in range(len(row))]
    grids = [grid[grid != value] for grid, value in zip(grids, row, strict=True)]
    tried, found = 0, None
    for candidates in (lambda: _singles(row, grids), lambda: _pairs(row, grids)):
        rows = candidates()
        if not len(rows):
            continue
        tried += len(rows)
        after = model.probabilities(rows)
        turns = np.flatnonzero((after >= cut) != (before >= cut))
        if len(turns):
            distances = _change_distances(model, row, rows[turns])
            nearest = int(distances.argmin())
            found = rows[turns[nearest]], float(distances[nearest]), float(after[turns[nearest]])
            break
    changed = [] if found is None else np.flatnonzero(_differs(found[0], row)).tolist()
    return {
        "found": found is not None,
        "changes": [
            {"field": FEATURE_NAMES[i], "value": float(row[i]), "to": float(found[0][i])}
            for i in changed
            if found is not None
        ],
        "distance": found and found[1],
        "probability": found and found[2],
        "before": before,
        "threshold": cut,
        "tried": tried,
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


def _grid(model: HeartModel, index: int, value: float) -> np.ndarray:
    """Values to try for one field, ascending, the patient's own among them."""
    column = model.preprocessor.columns[index]
    own = [] if np.isnan(value) else [value]
    if not isinstance(column, NumericalColumn):
        return np.union1d(column.codes, own)
    about = feature(column.name)
    steps = min(_GRID, round((column.high - column.low) / about.step) + 1)
    return np.union1d(np.round(np.linspace(column.low, column.high, steps), about.decimals), own)


def _singles(row: np.ndarray, grids: list[np.ndarray]) -> np.ndarray:
    """The row with one field set to each value of its grid: (sum of grid lengths, 13)."""
    rows = np.repeat(row[None], sum(len(grid) for grid in grids), axis=0)
    rows[np.arange(len(rows)), np.repeat(np.arange(len(grids)), [len(g) for g in grids])] = (
        np.concatenate(grids)
    )
    return rows


def _pairs(row: np.ndarray, grids: list[np.ndarray]) -> np.ndarray:
    """The row with two fields set to each pair of values of their thinned grids."""
    thin = [grid[::_PAIR_STRIDE] if len(grid) > _GRID // _PAIR_STRIDE else grid for grid in grids]
    parts = [row[None][:0]]
    for i, j in combinations(range(len(grids)), 2):
        a, b = (values.ravel() for values in np.meshgrid(thin[i], thin[j]))
        part = np.repeat(row[None], len(a), axis=0)
        part[:, i], part[:, j] = a, b
        parts.append(part)
    return np.concatenate(parts)


def _change_distances(model: HeartModel, row: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(N,): numerical changes in training standard deviations, a change of category as 1."""
    scale = np.array(
        [c.scale if isinstance(c, NumericalColumn) else np.nan for c in model.preprocessor.columns]
    )
    parts = np.where(np.isnan(scale), _differs(rows, row), np.abs(rows - row) / scale)
    return np.nansum(parts, axis=1)


def _differs(rows: np.ndarray, row: np.ndarray) -> np.ndarray:
    return (rows != row) & ~np.isnan(row)


def _json(value: float) -> float | None:
    return None if np.isnan(value) else value
