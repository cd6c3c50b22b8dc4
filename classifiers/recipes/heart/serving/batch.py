"""A file of patients: its rows read, a bad one marked and never dropped, and the answer as CSV."""

import csv
from dataclasses import dataclass
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
from classifiers.recipes.heart.serving.doubts import Doubt
from classifiers.recipes.heart.serving.ensemble import LEAST_KNOWN

MOST_ROWS = 20_000
MOST_CELLS = 500_000  # of one file: 20,000 rows of 25 columns
_FORMULA = frozenset("=@\t\r+-")
_DECISIONS = {True: "disease", False: "no disease", None: "too little known"}


def read_batch(
    source: str | Path | bytes, reading: Reading | None = None
) -> tuple[PatientFile, np.ndarray, dict[int, str]]:
    """The file, its rows' values (N, 13) with NaN for unknown, and why a row has none.

    Raises:
        DataError: the file as a whole cannot be used, or something of it has to be said first.
        ConfigError: `reading` names a column that the file does not have.
    """
    patients = read_patients(
        source, MOST_ROWS, max_cells=MOST_CELLS, reading=reading or Reading()
    )
    if patients.questions:
        raise DataError("file", "; ".join(finding.message for finding in patients.questions))
    return patients, *_parse_rows(patients)


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

    def to_csv(self) -> str:
        """The file's own columns, then probability, interval, decision, warnings, error."""
        ours = ["probability", "interval_low", "interval_high", "threshold", "decision"]
        ours += ["warnings", "error"]
        header = list(self.patients.header)
        named = [*header, *(f"predicted_{n}" if n in header else n for n in ours)]
        out = _Rows()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([_inert(name) for name in named])
        for i, cells in enumerate(self.patients.rows):
            # A cell that a spreadsheet would run as a formula is the sender's own, but it may have
            # passed through other hands since: it is handed back as text.
            own = [_inert(c) for c in cells.values()]
            if i in self.errors:
                writer.writerow([*own, "", "", "", self.threshold, "", "", self.errors[i]])
                continue
            probability, low, high, _ = self.answers[i].tolist()
            decision = _DECISIONS[self.decide(i)]
            codes = " ".join(f"{doubt.field}:{doubt.code}" for doubt in self.doubts[i])
            writer.writerow([*own, probability, low, high, self.threshold, decision, codes, ""])
        return "".join(out)


class _Rows(list[str]):
    """What csv.writer writes to, one row a call. Only where rows end in both characters does it
    put quotes around a cell that holds the first of them, which would else end the row."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def _inert(cell: str) -> str:
    if cell[:1] not in _FORMULA:
        return cell
    is_formula = cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not cell[1:2].isdigit() and cell[1:2] != "."
    )
    return f"'{cell}" if is_formula else cell
