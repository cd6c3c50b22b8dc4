"""The predicted file: which columns it has, what stands in a row of it, its bytes.

The file's own columns come first, then probability, interval, threshold, decision, warnings, what
was converted, and the error of a row that was refused.
"""

from dataclasses import dataclass

import numpy as np

from classifiers.data.files.write import Format, write_table
from classifiers.data.heart.file import PatientFile
from classifiers.recipes.heart.serving.decision import decide
from classifiers.recipes.heart.serving.doubts import Doubt

AS_CSV = Format()
_NUMBERS = ("probability", "interval_low", "interval_high")
_ROUNDED = tuple(f"{name}_4" for name in _NUMBERS)
_DECISIONS = {True: "disease", False: "no disease", None: "too little known"}


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
        return decide(probability, self.threshold, known)

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
