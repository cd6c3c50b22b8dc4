"""Patients who differ from one in a field or two, and what the model would say of them.

They are other patients. None of it says what would happen to this one if a value were changed.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, feature
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.model import HeartModel, parse_patient, parse_threshold
from classifiers.recipes.heart.serving.ensemble import expit, logit

FROZEN = ("age", "sex")  # no change of these is a change that a person can make
_GRID = 61  # values of a numerical field at most
_PAIR_STRIDE = 3  # of which pairs of changes use every third


def vary_patient(model: HeartModel, patient: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The probability as one field changes and the others stay, for every field, in one batch.

    (Individual conditional expectation: Goldstein et al. 2015, arXiv 1309.6392.) A numerical
    field runs over its training range, since beyond it the model has seen nobody, and through the
    patient's own value; a categorical one over its training codes.

    Returns:
        One a field: `field`, `value` (None = unknown), `values`; `probability`, `low` and `high`, a
        value each; `higher`, in how many of the `refits` the risk is higher than at the value
        `against`: a number's lowest, the patient's own category or, if that is unknown, the first.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    grids = [_grid(model, i, row[i]) for i in range(len(row))]
    risks = model.ensemble.risks(_singles(row, grids))
    ends = np.cumsum([len(grid) for grid in grids])[:-1]
    curves = np.split(np.stack([risks.risk, *risks.intervals]), ends, axis=1)
    fields = []
    for i, (grid, curve, refits) in enumerate(
        zip(grids, curves, np.split(risks.refits, ends, axis=1), strict=True)
    ):
        numerical = isinstance(model.preprocessor.columns[i], NumericalColumn)
        start = 0 if numerical or np.isnan(row[i]) else int(np.flatnonzero(grid == row[i])[0])
        fields.append(
            {
                "field": FEATURE_NAMES[i],
                "value": _json(float(row[i])),
                "values": grid.tolist(),
                **dict(zip(("probability", "low", "high"), curve.tolist(), strict=True)),
                "against": float(grid[start]),
                "higher": (refits > refits[:, [start]]).sum(0).tolist(),
                "refits": len(refits),
            }
        )
    return fields


def pair_risks(
    model: HeartModel, patient: Mapping[str, Any], pairs: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    """What two fields do together: the risks with both, either and neither of them changed.

    The other value of a category is the one that moves the risk most, that of a number a training
    standard deviation beyond the training mean, seen from the patient's.

    Args:
        pairs: known fields, two at a time.

    Returns:
        One a pair: `fields`, `values` and `others`, two each; `risks` [[as is, second changed],
        [first changed, both changed]]; `added`, the last of them if the two only added up in
        log-odds; `beyond`, by how much the log-odds differ from that, and `more`, in how many of
        the `refits` they are higher.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    places = [[FEATURE_NAMES.index(name) for name in pair] for pair in pairs]
    other = {i: _other_value(model, row, i) for i in {i for pair in places for i in pair}}
    rows = np.repeat(row[None], 4 * len(places), axis=0)
    for k, (first, second) in enumerate(places):
        rows[4 * k + 2 : 4 * k + 4, first] = other[first]
        rows[4 * k + 1 : 4 * k + 4 : 2, second] = other[second]
    risks = model.ensemble.risks(rows)
    grids = risks.risk.reshape(-1, 2, 2)
    beyond = _beyond_adding(risks.risk)
    more = (_beyond_adding(risks.refits) > 0).sum(0)
    return [
        {
            "fields": list(pair),
            "values": row[indices].tolist(),
            "others": [other[i] for i in indices],
            "risks": grids[k].tolist(),
            "added": float(expit(logit(grids[k, 1, 1]) - beyond[k])),
            "beyond": float(beyond[k]),
            "more": int(more[k]),
            "refits": len(risks.refits),
        }
        for k, (pair, indices) in enumerate(zip(pairs, places, strict=True))
    ]


def _beyond_adding(risks: np.ndarray) -> np.ndarray:
    """(..., 4 P) risks as is, of either change and of both -> (..., P) in log-odds."""
    as_is, second, first, both = np.moveaxis(logit(risks).reshape(*risks.shape[:-1], -1, 4), -1, 0)
    return both - first - second + as_is


def _other_value(model: HeartModel, row: np.ndarray, index: int) -> float:
    column = model.preprocessor.columns[index]
    if isinstance(column, NumericalColumn):
        away = (
            column.mean - column.scale if row[index] > column.mean else column.mean + column.scale
        )
        return round(float(np.clip(away, column.low, column.high)), feature(column.name).decimals)
    codes = [code for code in column.codes if code != row[index]]
    rows = np.repeat(row[None], 1 + len(codes), axis=0)
    rows[1:, index] = codes
    p = model.probabilities(rows)
    return codes[int(np.abs(p[1:] - p[0]).argmax())]


def nearest_change(
    model: HeartModel, patient: Mapping[str, Any], threshold: Any = None
) -> dict[str, Any]:
    """The smallest change of known fields, age and sex aside, that turns the decision.

    One changed field is preferred to two; among equals the shortest distance: a numerical change
    counts in training standard deviations, another category counts 1. Values come from
    `vary_patient`'s grids, for two numerical fields at once from every third of them.

    Returns:
        `changes` [{`field`, `value`, `to`}], empty if no one or two changes turn it; `probability`
        after the change (None if there is none); `before`, the probability now; `threshold`;
        `tried`, the patients that were looked at.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    cut = parse_threshold(threshold, model.threshold)
    found = turning_changes(model, patient)
    nowhere: dict[str, Any] = {
        "changes": [],
        "probability": None,
    }  # at 0 everybody is called, changed or not
    span = next((s for s in found["spans"] if s["above"] < cut <= s["up_to"]), nowhere)
    return {
        "changes": span["changes"],
        "probability": span["probability"],
        "before": found["before"],
        "threshold": cut,
        "tried": found["tried"],
    }


def turning_changes(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """What `nearest_change` finds at every threshold.

    Returns:
        `before` and `tried`, as there; `spans` of thresholds, ascending, from 0 to 1 without
        gaps, {`above`, `up_to` (inclusive), `changes`, `probability`}.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
    """
    row = parse_patient(patient)
    before = float(model.probabilities(row[None])[0])
    grids = _free_grids(model, row)
    sets = [rows for rows in (_singles(row, grids), _pairs(row, grids)) if len(rows)]
    spans: list[tuple[float, float, np.ndarray | None, float]] = []
    low = high = before
    for rows in sets:
        p = model.probabilities(rows)
        for above, up_to, i in _turned(p, _change_distances(model, row, rows), before):
            # Where one change does, two are not looked at.
            for start, end in ((above, min(up_to, low)), (max(above, high), up_to)):
                if start < end:
                    spans.append((start, end, rows[i], float(p[i])))
        low, high = min(low, float(p.min())), max(high, float(p.max()))
    nowhere = [(0.0, low, None, np.nan), (high, 1.0, None, np.nan)]
    spans += [span for span in nowhere if span[0] < span[1]]
    return {
        "before": before,
        "tried": sum(map(len, sets)),
        "spans": [
            {
                "above": start,
                "up_to": end,
                "changes": [] if to is None else _changes(row, to),
                "probability": _json(p),
            }
            for start, end, to, p in sorted(spans, key=lambda span: span[0])
        ],
    }


def _turned(p: np.ndarray, distances: np.ndarray, before: float) -> list[tuple[float, float, int]]:
    """Which of N changed patients is nearest at each threshold that turns any of them.

    Returns:
        (above, up to, index) of spans of thresholds.
    """
    rank = np.empty(len(p), dtype=int)
    rank[np.argsort(distances, kind="stable")] = np.arange(len(p))
    spans = []
    for sign in (1, -1):  # called now, so a lower risk turns it; not called, so a higher one
        beyond = np.flatnonzero(sign * p < sign * before)
        beyond = beyond[np.argsort(sign * p[beyond], kind="stable")]
        nearest = np.minimum.accumulate(rank[beyond]) if len(beyond) else beyond
        starts = [k for k in range(len(beyond)) if k == 0 or nearest[k] < nearest[k - 1]]
        ends = [float(p[beyond[k]]) for k in starts] + [before]
        for k, (start, end) in zip(starts, pairwise(ends), strict=True):
            if start != end:
                spans.append((min(start, end), max(start, end), int(beyond[k])))
    return spans


def _grid(model: HeartModel, index: int, value: float) -> np.ndarray:
    """Values to try for one field, ascending, the patient's own among them."""
    column = model.preprocessor.columns[index]
    own = [] if np.isnan(value) else [value]
    if not isinstance(column, NumericalColumn):
        return np.union1d(column.codes, own)
    about = feature(column.name)
    steps = min(_GRID, round((column.high - column.low) / about.step) + 1)
    return np.union1d(np.round(np.linspace(column.low, column.high, steps), about.decimals), own)


def _free_grids(model: HeartModel, row: np.ndarray) -> list[np.ndarray]:
    """Other values to try for each field that a change may touch; none for the others."""
    grids = []
    for i, name in enumerate(FEATURE_NAMES):
        fixed = name in FROZEN or np.isnan(row[i])
        grid = row[:0] if fixed else _grid(model, i, row[i])
        grids.append(grid[grid != row[i]])
    return grids


def _changes(row: np.ndarray, to: np.ndarray) -> list[dict[str, Any]]:
    return [
        {"field": FEATURE_NAMES[i], "value": float(row[i]), "to": float(to[i])}
        for i in np.flatnonzero(_differs(to, row)).tolist()
    ]


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
