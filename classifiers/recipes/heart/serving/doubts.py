"""What about a patient's fields makes a prediction less sure."""

from dataclasses import dataclass

import numpy as np

from classifiers.data.heart.file import explain_strange_codes, feature
from classifiers.preprocessing import CategoricalColumn, NumericalColumn, TabularPreprocessor


@dataclass(frozen=True)
class Doubt:
    """Something about one field that makes a prediction less sure.

    `code` is out_of_training_range, unseen_category, missing_imputed or another_coding.
    """

    field: str
    code: str
    message: str


def find_other_codings(row: np.ndarray) -> tuple[Doubt, ...]:
    """One patient's codes, (13,), that UCI's files do not have and other copies do."""
    told = explain_strange_codes(row)
    return tuple(Doubt(name, "another_coding", f"{text}.") for name, text in told.items())


def find_doubts(preprocessor: TabularPreprocessor, rows: np.ndarray) -> list[tuple[Doubt, ...]]:
    """Each row's doubts in schema order: (N, 13) -> N; a value of many rows is looked at once."""
    found: list[list[Doubt]] = [[] for _ in rows]
    for position, column in enumerate(preprocessor.columns):
        values, which = np.unique(rows[:, position], return_inverse=True)
        each = [_doubt(column, value) for value in values.tolist()]
        for i, value in enumerate(which.tolist()):
            if (doubt := each[value]) is not None:
                found[i].append(doubt)
    return [tuple(doubts) for doubts in found]


def _doubt(column: NumericalColumn | CategoricalColumn, value: float) -> Doubt | None:
    """What the model has to guess where one field has this value (NaN = unknown)."""
    about = feature(column.name)
    if np.isnan(value):
        text = (
            f"{about.label} is unknown: the risk is an average over what it may be, given what is "
            "known."
        )
        return Doubt(column.name, "missing_imputed", text)
    if isinstance(column, NumericalColumn):
        if column.low <= value <= column.high:
            return None
        text = (
            f"{about.label} {about.format(value)} lies outside the training patients' "
            f"{column.low:g} to {column.high:g}; the model extrapolates."
        )
        return Doubt(column.name, "out_of_training_range", text)
    if value in column.codes:
        return None
    text = (
        f"No training patient had {about.label.lower()} = {about.format(value)}; "
        "it was treated as unknown."
    )
    return Doubt(column.name, "unseen_category", text)
