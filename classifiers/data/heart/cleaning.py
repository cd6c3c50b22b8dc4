"""What is missing, impossible or repeated in a heart file's values, counted and said."""

import math
from collections.abc import Collection

import numpy as np

from classifiers.data.heart.columns import Columns
from classifiers.data.heart.copies import ZERO_IS_MISSING, column
from classifiers.data.heart.labels import Finding
from classifiers.data.heart.schema import FEATURES, within_limits

# Kaggle's 303 rows repeat one, the 1,025 rows repeat 723.
MANY_REPEATS = 0.1
_SHOWN = 5  # impossible values of a column, in a finding


def zero_is_missing(x: np.ndarray) -> list[Finding]:
    """Makes zeros that no living patient has NaN, in place."""
    findings = []
    for name in ZERO_IS_MISSING:
        zero = column(x, name) == 0
        column(x, name)[zero] = np.nan
        if zero.any():
            findings.append(
                Finding("zero_as_missing", f"{name} = 0 means missing; rows: {zero.sum()}")
            )
    return findings


def clean(
    x: np.ndarray, columns: Columns, recoded: bool, asked: Collection[str]
) -> tuple[np.ndarray, dict[str, int], dict[str, int], list[Finding]]:
    """Makes impossible values NaN. Counts the missing ones, and those that were impossible.

    Args:
        recoded: the coding is known to be another one, which is said once.
        asked: features about whose unit there is a question already.
    """
    x = x.copy()
    missing: dict[str, int] = {}
    out_of_range: dict[str, int] = {}
    findings = zero_is_missing(x)
    for feature in FEATURES:
        values = column(x, feature.name)
        absent = int(np.isnan(values).sum())
        missing[feature.name] = absent
        if feature.kind == "categorical":
            fits = [math.isnan(v) or feature.code(v) is not None for v in values.tolist()]
        else:
            fits = [math.isnan(v) or within_limits(feature, v) for v in values.tolist()]
        bad = ~np.array(fits, dtype=bool)
        count = int(bad.sum())
        if not count:
            continue
        out_of_range[feature.name] = count
        if feature.name not in asked:
            # A slip is a missing value; a column full of them is in another unit or coding.
            wrong = not recoded and count > 2 and count > 0.05 * (len(values) - absent)
            distinct = [f"{value:g}" for value in sorted(set(values[bad].tolist()))]
            more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
            shown = ", ".join(distinct[:_SHOWN]) + more
            expected = f"in {feature.unit}" if feature.unit else "in UCI's coding"
            fix = f"they must be {expected}: check" if wrong else "they are read as missing"
            message = f"{feature.name} cannot be {shown} (rows: {count}); {fix}"
            findings.append(Finding("out_of_range", message, refuses=wrong))
        values[bad] = np.nan
    listed = ", ".join(f"{n} {count}" for n, count in missing.items() if count and n in columns.all)
    if listed:
        findings.append(Finding("missing_values", f"rows without a value: {listed}"))
    return x, missing, out_of_range, findings


def find_repeated(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which rows repeat an earlier one in every value as written: (N,) bool."""
    rows = np.column_stack([x, labels])
    seen: set[bytes] = set()
    repeated = np.zeros(len(rows), dtype=bool)
    for index, row in enumerate(rows):
        key = row.tobytes()
        repeated[index] = key in seen
        seen.add(key)
    return repeated


def check_repeats(rows: int, duplicates: int) -> list[Finding]:
    findings = []
    if duplicates:
        message = f"rows that repeat an earlier one exactly: {duplicates} of {rows}; dropped"
        findings.append(Finding("duplicates_dropped", message))
    if duplicates >= MANY_REPEATS * rows:
        patients = rows - duplicates
        count = "is 1 patient" if patients == 1 else f"are {patients} patients"
        message = (
            f"there {count} in {rows} rows: a random split of the file as it is would test on rows "
            "it trained on"
        )
        findings.append(Finding("repeated_patients", message))
    return findings
