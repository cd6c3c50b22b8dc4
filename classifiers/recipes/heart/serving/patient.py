"""What an outsider says of one patient, and of a threshold, read and checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, parse_value
from classifiers.errors import ConfigError


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
