"""Reads a table of any usual kind into cells: .csv .tsv .txt .data .tab .arff .xlsx .xls.

It knows rows and lines, and nothing of what they hold. Everything it is given may be hostile.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from classifiers.data.files.arff import is_arff, read_arff
from classifiers.data.files.layout import find_table, resplit
from classifiers.data.files.sheets import is_sheet, read_sheet
from classifiers.data.files.text import (
    MAX_COLUMNS,
    Row,
    decimal_sign,
    decode,
    plain_number,
    read_text,
    too_wide,
)
from classifiers.errors import DataError

MAX_BYTES = 5_000_000
MAX_ROWS = 100_000
MAX_CELLS = 2_000_000  # a cell takes some 60 bytes of memory, however short it is in the file
EXTENSIONS = (".csv", ".tsv", ".txt", ".data", ".tab", ".arff", ".xlsx", ".xls")


@dataclass(frozen=True)
class Table:
    """A file's cells as text.

    Attributes:
        header: one name a column, made unique; "column 1" and so on where the file has none.
        rows: one list of cells a row, as written.
        lines: the line of the file, or the row of the sheet, that each row ends on, from 1.
        row_errors: row index -> why that row does not fit the header (its cells are cut or padded).
        decimal: the sign in its numbers, "." or ",".
        units: column index -> its unit, where a row below the names says it.
        notes: what was passed over to find the table.
        form: csv, spaces, arff or sheet.
    """

    source_name: str
    sha256: str
    header: list[str]
    has_header: bool
    rows: list[list[str]]
    lines: list[int]
    row_errors: dict[int, str]
    decimal: str = "."
    units: dict[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    form: str = "csv"

    def cells(self, index: int) -> list[str]:
        """A column as written."""
        return [row[index] for row in self.rows]

    def values(self, index: int) -> list[str]:
        """A column with a point for a decimal sign."""
        return [plain_number(row[index], self.decimal) for row in self.rows]


def read_table(
    path_or_bytes: str | os.PathLike[str] | bytes,
    name: str | None = None,
    max_rows: int = MAX_ROWS,
    max_cells: int = MAX_CELLS,
    *,
    is_name: Callable[[str], bool] = lambda cell: False,
    row_is: str = "patient",
) -> Table:
    """Reads a file, or the bytes of one, into cells.

    Args:
        name: what to call the file in messages; by default the path's last part, or "file".
        max_cells: rows times columns, the header and what a short row lacks counted.
        is_name: whether a cell is the name of a column that is looked for.
        row_is: what a row stands for, for messages.

    Raises:
        DataError: unreadable, empty, too large, no table, or without a row of data.
    """
    content, name = read_bytes(path_or_bytes, name)
    sha256 = hashlib.sha256(content).hexdigest()
    cells, delimiter, notes = _read_cells(content, name, max_rows, max_cells)
    del content
    if not cells:
        raise DataError(name, f"is empty; give a file with one {row_is} a row")
    decimal = decimal_sign([row for _, row in cells], delimiter)
    layout = find_table(cells, is_name, decimal)
    if not layout.rows:
        raise DataError(name, f"has a header and no rows; give one {row_is} a row")
    if len(layout.rows) > max_rows:
        raise too_many_rows(name, max_rows)
    header = layout.header
    if not layout.has_header:
        width = Counter(len(row) for _, row in layout.rows).most_common(1)[0][0]
        header = [f"column {i + 1}" for i in range(width)]
    rows, errors = _fit(layout.rows, len(header))
    form = {" ": "spaces", "arff": "arff", "sheet": "sheet"}.get(delimiter, "csv")
    return Table(
        name, sha256, unique(header), layout.has_header, rows,
        [line for line, _ in layout.rows], errors, decimal, layout.units,
        (*notes, *layout.notes), form,
    )  # fmt: skip


def _read_cells(
    content: bytes, name: str, max_rows: int, max_cells: int
) -> tuple[list[Row], str, tuple[str, ...]]:
    if is_sheet(content):
        rows, notes = read_sheet(content, name)
        delimiter = "sheet"
    else:
        text, notes = decode(content, name), ()
        del content
        if is_arff(text):
            rows, delimiter = read_arff(text, name), "arff"
        else:
            rows, delimiter = read_text(text, name)
    cells = limited(rows, name, max_rows, max_cells)
    again = resplit(cells) if delimiter != " " else None
    if again is not None:
        rows, delimiter = read_text(again, name)
        cells = limited(rows, name, max_rows, max_cells)
        notes = (*notes, "each line stood in one cell; split again")
    return cells, delimiter, notes


def limited(rows: Iterator[Row], name: str, max_rows: int, max_cells: int) -> list[Row]:
    """(line number, cells) of each line that is not blank; stops where a limit is passed."""
    cells: list[Row] = []
    width = total = 0
    for line, row in rows:
        if len(row) > MAX_COLUMNS:
            raise too_wide(name, line)
        cells.append((line, row))
        if len(cells) > max_rows + 40:  # names, and the titles and types around them
            raise too_many_rows(name, max_rows)
        width = width or len(row)
        total += max(width, len(row))  # a short row is filled up
        if total > max_cells:
            raise DataError(
                name,
                f"line {line} of {width} columns is where it passes {max_cells:,} cells, the most "
                "that are read; keep the columns that matter, or split it",
            )
    return cells


def _fit(cells: list[Row], width: int) -> tuple[list[list[str]], dict[int, str]]:
    rows, errors = [], {}
    for index, (line, row) in enumerate(cells):
        # A spreadsheet may end every line with spare separators.
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) != width:
            has = "1 cell" if len(row) == 1 else f"{len(row)} cells"
            errors[index] = f"line {line} has {has} where {width} belong"
            row = (row + [""] * width)[:width]
        rows.append(row)
    return rows, errors


def too_many_rows(name: str, max_rows: int) -> DataError:
    return DataError(name, f"must have at most {max_rows} rows, and has more; split it")


def read_bytes(
    source: str | os.PathLike[str] | bytes, name: str | None, most: int = MAX_BYTES
) -> tuple[bytes, str]:
    """A file's bytes, and what to call it."""
    if isinstance(source, (bytes, bytearray)):
        content, name = bytes(source), name or "file"
    elif isinstance(source, (str, os.PathLike)):
        try:
            path = Path(source)
            name = name or path.name or "file"
            with path.open("rb") as file:
                content = file.read(most + 1)
        except (OSError, ValueError, TypeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(name or "file", f"cannot be read ({reason}); check the path") from None
    else:
        raise DataError(name or "file", f"must be a path or bytes, got {type(source).__name__}")
    if len(content) > most:
        raise DataError(name, f"is larger than {most // 1_000_000} MB; give a part of its rows")
    return content, name


def unique(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    taken, told_apart = set(names), []
    for name in names:
        seen[name] += 1
        if seen[name] > 1:
            while (candidate := f"{name} ({seen[name]})") in taken:
                seen[name] += 1
            name = candidate
            taken.add(name)
        told_apart.append(name)
    return told_apart
