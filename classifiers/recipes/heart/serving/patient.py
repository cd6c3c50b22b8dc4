"""What an outsider says of one patient, and of a threshold, read and checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, parse_value
from classifiers.data.heart.schema import shorten
from classifiers.errors import ConfigError, DataError


def parse_patient(patient: Mapping[str, Any], *, text: bool = False) -> np.ndarray:
    """One patient's values in schema order, (13,) float64, NaN = unknown.

    Raises:
        ConfigError: a key is not a feature.
        DataError: a value cannot be any living patient's; starts with the field.
    """
    for key in patient:
        if key not in FEATURE_NAMES:
            raise ConfigError(
                str(key)[:60], f"is not a feature; use some of {', '.join(FEATURE_NAMES)}"
            )
    values = [parse_value(f, patient.get(f.name), text=text) for f in FEATURES]
    return np.array([np.nan if value is None else value for value in values])


def parse_threshold(threshold: Any, default: float) -> float:
    """A decision threshold from 0 to 1; None = the default.

    Raises:
        ConfigError: not a finite number from 0 to 1.
    """
    if threshold is None:
        return default
    number = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if not number or not 0 <= threshold <= 1:
        raise ConfigError(
            "threshold", f"must be a number from 0 to 1 or null, got {str(threshold)[:60]}"
        )
    return float(threshold)


def plain_row(row: Any) -> dict[str, Any]:
    """A row of a DataFrame as a patient: numpy's numbers as Python's, NaN as None.

    Raises:
        DataError: it gives no values by name.
    """
    if not hasattr(row, "to_dict"):
        raise DataError(
            "patient", f"must give values by feature name, as a dict does, got {shorten(row)}"
        )
    return {str(name): _plain(value) for name, value in row.to_dict().items()}


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    # pandas' NA is neither equal to itself nor not.
    missing = value is None or type(value).__name__ in ("NAType", "NaTType") or value != value
    return None if missing is True else value


def parse_table(patients: Any) -> np.ndarray:
    """A DataFrame by feature name, or rows (N, 13) in schema order, as values (N, 13) float64,
    NaN = unknown.

    Raises:
        ConfigError: a column that is no feature.
        DataError: another shape, or a value that no living patient has; names row and field.
    """
    if hasattr(patients, "columns"):
        names = [str(name) for name in patients.columns]
        rows = patients.to_numpy(dtype=object)
    else:
        names, rows = list(FEATURE_NAMES), np.asarray(patients, dtype=object)
    if rows.ndim != 2 or rows.shape[1] != len(names):
        raise DataError(
            "patients",
            f"must be a DataFrame with columns named after features, or of shape (N, {len(names)}) "
            f"in the order {', '.join(names)}; got shape {rows.shape}",
        )
    x = np.empty((len(rows), len(FEATURES)))
    for i, row in enumerate(rows):
        try:
            x[i] = parse_patient(dict(zip(names, map(_plain, row), strict=True)))
        except DataError as error:
            raise DataError(f"patients[{i}].{error.field}", error.message) from None
    return x
