"""Patients as rows of JSON: each answered like one patient, a bad one marked, never dropped."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifiers.errors import ClassifiersError, DataError
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.decision import decide
from classifiers.recipes.heart.serving.doubts import find_doubts
from classifiers.recipes.heart.serving.patient import parse_patient, parse_threshold
from classifiers.recipes.heart.tables.read import MOST_ROWS

_AT_ONCE = 2_000  # rows through the network


def predict_patients(model: HeartModel, rows: Any, threshold: Any = None) -> dict[str, Any]:
    """Risks of patients given by feature name, as a file of the same values would get.

    Returns:
        `threshold` and `rows`, one each in the same order: `probability`, `interval` (90 %),
        `decision`, `known`, `warnings` ["field:code"], `error` (None, or why all else is None).

    Raises:
        DataError: `rows` is no list of 1 to 20,000 objects.
        ConfigError: a threshold outside 0 to 1.
    """
    cut = parse_threshold(threshold, model.threshold)
    x, errors = _parse(rows)
    good = np.array([i for i in range(len(x)) if i not in errors], dtype=np.int64)
    parts = [model.predict_rows(x[good[i : i + _AT_ONCE]]) for i in range(0, len(good), _AT_ONCE)]
    answers = np.concatenate([np.empty((0, 4)), *parts])
    found = find_doubts(model.preprocessor, x[good])
    told: list[dict[str, Any]] = [_refused(errors.get(i)) for i in range(len(x))]
    for i, (risk, low, high, known), doubts in zip(
        good.tolist(), answers.tolist(), found, strict=True
    ):
        told[i] = {
            "probability": risk,
            "interval": [low, high],
            "decision": decide(risk, cut, known),
            "known": known,
            "warnings": [f"{doubt.field}:{doubt.code}" for doubt in doubts],
            "error": None,
        }
    return {"threshold": cut, "rows": told}


def _refused(reason: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("probability", "interval", "decision", "known"))
    return {**empty, "warnings": [], "error": reason}


def _parse(rows: Any) -> tuple[np.ndarray, dict[int, str]]:
    """The values (N, 13), NaN = unknown, and why a row has none."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_ROWS:
        got = f"{len(rows):,} of them" if isinstance(rows, list) else f"a {type(rows).__name__}"
        raise DataError(
            "rows", f"must be a list of 1 to {MOST_ROWS:,} patients as JSON objects, got {got}"
        )
    x, errors = np.full((len(rows), 13), np.nan), {}
    for i, patient in enumerate(rows):
        if not isinstance(patient, Mapping):
            raise DataError(f"rows.{i}", f"must be a JSON object, got {type(patient).__name__}")
        try:
            x[i] = parse_patient(patient, text=True)
        except ClassifiersError as error:
            errors[i] = str(error)
    return x, errors
