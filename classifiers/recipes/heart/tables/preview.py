"""How a table of patients was read, column by column, for people to check and to correct."""

from collections import Counter
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURES, UNITS, Feature, PatientFile, Reading

SHOWN_ROWS = 5
_MOST_COLUMNS = 60
_MOST_CODES = 12
_CHARACTERS = 40


def describe_table(patients: PatientFile, reading: Reading) -> dict[str, Any]:
    """What each column was taken for, with its first cells as written and as read.

    Returns:
        `rows`, `notes` [text], `questions` [text] (the file is refused until they are answered),
        `findings` [text], and `columns`, each {`name`, `field`, `label`, `unit`, `units` that it
        may be in, `cells` [text] as written, `values` [text] as read, `missing`, `unreadable`,
        `codes` [{`written`, `count`, `meaning`}], `meanings` that a code may have}.
    """
    fields = {name: field for field, name in patients.columns.items()}
    about = {feature.name: (i, feature) for i, feature in enumerate(FEATURES)}
    columns = []
    for name in patients.header[:_MOST_COLUMNS]:
        cells = [row[name] for row in patients.rows[:SHOWN_ROWS]]
        column: dict[str, Any] = {
            "name": name,
            "field": fields.get(name),
            "cells": [cell[:_CHARACTERS] for cell in cells],
        }
        if name == patients.label_column:
            column |= {"field": "target", "label": "Disease, as the file says"}
        elif name in fields:
            position, feature = about[fields[name]]
            column |= _describe(patients, name, feature, position, reading)
        columns.append(column)
    return {
        "rows": len(patients.rows),
        "notes": list(patients.notes),
        "questions": [finding.message for finding in patients.questions],
        "findings": [finding.message for finding in patients.findings if not finding.refuses],
        "converted": list(patients.converted),
        "columns": columns,
        "more_columns": max(0, len(patients.header) - _MOST_COLUMNS),
        "absent": [f.name for f in FEATURES if f.name not in patients.columns],
    }


def _describe(
    patients: PatientFile, name: str, feature: Feature, position: int, reading: Reading
) -> dict[str, Any]:
    values = patients.x[:, position]
    unreadable = patients.unreadable.get(feature.name, [])
    first = values[:SHOWN_ROWS].tolist()
    bad = set(unreadable)
    told: dict[str, Any] = {
        "label": feature.label,
        "unit": reading.units.get(feature.name, feature.unit),
        "units": list(UNITS.get(feature.name, {})),
        "values": ["?!" if i in bad else feature.format(v) for i, v in enumerate(first)],
        "missing": int(np.isnan(values).sum()) - len(unreadable),
        "unreadable": len(unreadable),
    }
    if feature.kind == "categorical":
        told["codes"] = _codes(patients, name, feature, values)
        told["meanings"] = [{"value": c.value, "label": c.label} for c in feature.codes]
    return told


def _codes(
    patients: PatientFile, name: str, feature: Feature, values: np.ndarray
) -> list[dict[str, Any]]:
    counts = Counter(row[name].strip() for row in patients.rows)
    meaning = {
        row[name].strip(): feature.format(value)
        for row, value in zip(patients.rows, values.tolist(), strict=True)
    }
    return [
        {"written": cell[:_CHARACTERS], "count": count, "meaning": meaning[cell]}
        for cell, count in counts.most_common(_MOST_CODES)
    ]
