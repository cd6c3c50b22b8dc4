"""A file of patients: its rows read, a bad one marked and never dropped, and the answer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers.data.files.write import Format, write_table
from classifiers.data.heart.file import (
    FEATURES,
    Feature,
    PatientFile,
    Reading,
    parse_value,
    read_patients,
)
from classifiers.errors import DataError
from classifiers.recipes.heart.serving.doubts import Doubt
from classifiers.recipes.heart.serving.ensemble import LEAST_KNOWN

MOST_ROWS = 20_000
MOST_CELLS = 500_000  # of one file: 20,000 rows of 25 columns
AS_CSV = Format()
_NUMBERS = ("probability", "interval_low", "interval_high")
_ROUNDED = tuple(f"{name}_4" for name in _NUMBERS)
_DECISIONS = {True: "disease", False: "no disease", None: "too little known"}


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


@dataclass(frozen=True, eq=False)
class BatchResult:
    """A predicted file.

    `answers` (N, 4) is probability, low, high and the share known, NaN where `errors` says why.
    """

    patients: PatientFile
    answers: np.ndarray
    threshold: float
    doubts: list[tuple[Doubt, ...]]
    errors: dict[int, str]

    def decide(self, row: int) -> bool | None:
        """Whether disease is called in a row; None where too little is known of it, or nothing."""
        probability, _, _, known = self.answers[row].tolist()
        return probability >= self.threshold if known >= LEAST_KNOWN else None

    def decision(self, row: int) -> str:
        """The decision in words; "" where the row was refused."""
        return "" if row in self.errors else _DECISIONS[self.decide(row)]

    def warnings(self, row: int) -> str:
        """What makes a row's risk less sure: field:code, one after the other."""
        codes = [f"{doubt.field}:{doubt.code}" for doubt in self.doubts[row]]
        codes += [f"{n}:another_coding" for n, rows in self.patients.strange.items() if rows[row]]
        return " ".join(codes)

    @property
    def header(self) -> list[str]:
        """The names of the answer's columns: the file's own, then ours."""
        return self._named(AS_CSV)

    def _named(self, how: Format) -> list[str]:
        own = list(self.patients.header)
        ours = [*_NUMBERS, *(_ROUNDED if how.rounded else ()), "threshold", "decision", "warnings"]
        ours += ["converted", "error"] if self.patients.converted else ["error"]
        return [*own, *(f"predicted_{name}" if name in own else name for name in ours)]

    def _row(self, row: int, how: Format) -> list[str | float]:
        cells: list[str | float] = list(self.patients.rows[row].values())
        error = self.errors.get(row, "")
        count = len(_NUMBERS) + (len(_ROUNDED) if how.rounded else 0)
        if error:
            cells += [""] * count
        else:
            numbers = self.answers[row].tolist()[: len(_NUMBERS)]
            cells += [*numbers, *(round(n, 4) for n in numbers[: count - len(_NUMBERS)])]
        cells += [self.threshold, self.decision(row), "" if error else self.warnings(row)]
        if self.patients.converted:
            cells.append("; ".join(self.patients.converted))
        return [*cells, error]

    def to_bytes(self, how: Format = AS_CSV) -> bytes:
        """The file's own columns, then probability, interval, decision, warnings, error."""
        rows = (self._row(i, how) for i in range(len(self.patients.rows)))
        return write_table(self._named(how), rows, how)

    def to_csv(self) -> str:
        return self.to_bytes().decode()
