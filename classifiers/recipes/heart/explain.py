"""One patient's prediction taken apart: contributions, what-ifs, the nearest change, oddness.

Everything here says what the model does with a patient's values. None of it says what would
happen to the patient if a value were changed.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, feature
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.model import HeartModel, parse_patient, parse_threshold
from classifiers.recipes.heart.serving.unusual import measure_oddness

FROZEN = ("age", "sex")  # no change of these is a change that a person can make
_GRID = 61  # values of a numerical field at most
_PAIR_STRIDE = 3  # of which pairs of changes use every third


def explain_patient(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """Exact Shapley values of one patient's log-odds, and the interactions of pairs of fields.

    The game is what the model says when only some of the fields are known.

    Returns:
        `base_logit`, of a patient of whom nothing is known, and `logit`, of the served
        probability; `contributions`, one a field in schema order, {`field`, `value` (None =
        unknown), `logit`}, that add up, 0 where unknown; `interactions`, one a pair of known
        fields, {`fields` [a, b], `logit`}, largest first: what two fields do beyond what each does
        without the other (the Shapley interaction index, which is no part of the sum).

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    known = model.ensemble.known_fields(row[None])[0]
    result = model.game.explain(model.ensemble.inputs(row[None])[0], known)
    parts = zip(FEATURE_NAMES, row.tolist(), result.contributions.tolist(), strict=True)
    pairs = [
        {"fields": [FEATURE_NAMES[i], FEATURE_NAMES[j]], "logit": float(result.interactions[i, j])}
        for i, j in combinations(np.flatnonzero(known).tolist(), 2)
    ]
    return {
        "base_logit": result.base_logit,
        "logit": result.logit,
        "contributions": [
            {"field": name, "value": _json(value), "logit": logit} for name, value, logit in parts
        ],
        "interactions": sorted(pairs, key=lambda pair: -abs(pair["logit"])),
    }


def vary_patient(model: HeartModel, patient: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The probability as one field changes and the others stay, for every field, in one batch.

    (Individual conditional expectation: Goldstein et al. 2015, arXiv 1309.6392.) A numerical
    field runs over its training range, since beyond it the model has seen nobody, and through the
    patient's own value; a categorical one over its training codes.

    Returns:
        One {`field`, `value` (None = unknown), `values`, `probability`, `low`, `high`,
        `agreement`} a field: `low` and `high` are the 90 % interval at each value, `agreement` is
        the share of the refits that, too, put more risk on the value with the highest than on the
        one with the lowest.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    grids = [_grid(model, i, row[i]) for i in range(len(row))]
    risks = model.ensemble.risks(_singles(row, grids))
    curves = np.stack([risks.risk, *risks.intervals])
    ends = np.cumsum([len(grid) for grid in grids])[:-1]
    parts = zip(np.split(curves, ends, axis=1), np.split(risks.refits, ends, axis=1), strict=True)
    return [
        {
            "field": name,
            "value": _json(value),
            "values": grid.tolist(),
            **dict(zip(("probability", "low", "high"), curve.tolist(), strict=True)),
            "agreement": float(
                (refits[:, curve[0].argmax()] > refits[:, curve[0].argmin()]).mean()
            ),
        }
        for name, value, grid, (curve, refits) in zip(
            FEATURE_NAMES, row.tolist(), grids, parts, strict=True
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

    Returns:
        `distance` (1 = average); `percentile`, the share of training patients of whom the same
        fields are known, each measured against the others, that are less unusual; `unusual`;
        `fields` [{`field`, `value`, `share`}], most surprising first: what part of the distance
        goes when that field is taken as unknown (parts need not add up to 1).

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    odd = measure_oddness(model.ensemble, row)
    values = dict(zip(FEATURE_NAMES, row.tolist(), strict=True))
    return {
        "distance": odd.distance,
        "percentile": odd.percentile,
        "unusual": odd.unusual,
        "fields": [
            {"field": name, "value": values[name], "share": share} for name, share in odd.fields
        ],
    }


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
