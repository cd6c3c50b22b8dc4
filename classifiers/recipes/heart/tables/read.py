"""Reads a file of patients row by row: a bad row is marked with its reason and never dropped."""

from pathlib import Path

import numpy as np

from classifiers.data.heart.file import (
    FEATURES,
    Feature,
    PatientFile,
    Reading,
    parse_value,
    read_patients,
)
from classifiers.errors import DataError

MOST_ROWS = 20_000
MOST_CELLS = 500_000  # of one file: 20,000 rows of 25 columns


def read_batch(
    source: str | Path | bytes | PatientFile, reading: Reading | None = None
) -> tuple[PatientFile, np.ndarray, dict[int, str]]:
    """The file, its rows' values (N, 13) with NaN for unknown, and why a row has none.

    Raises:
        DataError: the file as a whole cannot be used, or something of it has to be said first.
        ConfigError: `reading` names a column that the file does not have.
    """
    patients = source
    if not isinstance(patients, PatientFile):
        patients = read_batch_file(patients, reading or Reading())
    if patients.questions:
        raise DataError("file", "; ".join(finding.message for finding in patients.questions))
    return patients, *_parse_rows(patients)


def read_batch_file(
    source: str | Path | bytes, reading: Reading, *, named: bool = True
) -> PatientFile:
    """As `read_patients`, of at most as many rows and cells as a batch may have."""
    return read_patients(source, MOST_ROWS, max_cells=MOST_CELLS, reading=reading, named=named)


def _parse_rows(patients: PatientFile) -> tuple[np.ndarray, dict[int, str]]:
    """Every row's values (N, 13), and why a row has none: its first bad field in schema order."""
    errors = dict(patients.row_errors)
    rows = patients.x.copy()
    for position, about in enumerate(FEATURES):
        if about.name not in patients.columns:
            continue
        name = patients.columns[about.name]
        for i in patients.unreadable.get(about.name, ()):
            errors.setdefault(i, _refusal(about, patients.rows[i][name], np.nan))
        values, which = np.unique(rows[:, position], return_inverse=True)
        for place, value in enumerate(values.tolist()):  # a column repeats few values many times
            if not np.isnan(value) and _refusal(about, value, value):
                for i in np.flatnonzero(which == place).tolist():
                    errors.setdefault(i, _refusal(about, patients.rows[i][name], value))
    rows[list(errors)] = np.nan
    return rows, dict(sorted(errors.items()))


def _refusal(about: Feature, cell: float | str, value: float) -> str:
    """What is wrong with a cell, in the words of the cell, or "" where its value may be."""
    for given in (cell, value):
        try:
            parse_value(about, given, text=True)
        except DataError as error:
            return str(error)
    return ""
