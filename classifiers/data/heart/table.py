"""Reads a heart file into cells: UCI's headerless files, and any CSV with or without a header.

It knows rows and lines, and little of what they hold. Everything it is given may be hostile.
"""

import csv
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classifiers.data.heart.schema import FEATURE_NAMES, parse_number
from classifiers.errors import DataError

MAX_BYTES = 5_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000  # a cell takes some 60 bytes of memory, however short it is in the file
TARGET = "target"
UCI_ORDER = (*FEATURE_NAMES, TARGET)

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")

# How UCI and everyone after it writes a missing value; -9 is UCI's own code for one.
MISSING_CELLS = frozenset({"", "?", "unknown", "na", "n/a", "nan", "null", "none", "-9", "-9.0"})


@dataclass(frozen=True)
class Table:
    """A file's cells as text.

    Attributes:
        header: one name a column, made unique; UCI's names where the file has no header.
        rows: one list of cells a row, as written.
        lines: the line of the file that each row ends on, from 1.
        row_errors: row index -> why that row does not fit the header (its cells are cut or padded).
    """

    source_name: str
    sha256: str
    header: list[str]
    has_header: bool
    rows: list[list[str]]
    lines: list[int]
    row_errors: dict[int, str]

    def cells(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]


def read_table(
    path_or_bytes: str | os.PathLike[str] | bytes,
    name: str | None = None,
    max_rows: int = MAX_ROWS,
    max_cells: int = MAX_CELLS,
) -> Table:
    """Reads a file, or the bytes of one, into cells.

    Args:
        name: what to call the file in messages; by default the path's last part, or "file".
        max_cells: rows times columns, the header and what a short row lacks counted.

    Raises:
        DataError: unreadable, empty, too large, not text, or without a row of data.
    """
    content, name = _read_bytes(path_or_bytes, name)
    sha256 = hashlib.sha256(content).hexdigest()
    text = _decode(content, name)
    del content
    cells = _read_cells(text, name, max_rows, max_cells)
    if not cells:
        raise DataError(name, "is empty; give a file with one patient a row")
    # pandas writes the names 0 to 13, and perhaps an index column, for a table without names.
    first = [cell.strip() for cell in cells[0][1]]
    for skipped in (0, 1):
        if len(first) > 2 and first[skipped:] == [str(i) for i in range(len(first) - skipped)]:
            if skipped == 0 or first[0] == "":
                cells = [(line, row[skipped:]) for line, row in cells[1:]]
            break
    has_header = bool(cells) and _is_header(cells[0][1])
    header = [cell.strip() for cell in cells.pop(0)[1]] if has_header else []
    if not cells:
        raise DataError(name, "has a header and no rows; give one patient a row")
    if len(cells) > max_rows:
        raise _too_many_rows(name, max_rows)
    if not has_header:
        width = Counter(len(row) for _, row in cells).most_common(1)[0][0]
        header = list(UCI_ORDER[:width]) + [f"column {i + 1}" for i in range(14, width)]
    header = _unique(header)
    rows, errors = [], {}
    for index, (line, row) in enumerate(cells):
        # A spreadsheet may end every line with spare separators.
        while len(row) > len(header) and not row[-1].strip():
            row.pop()
        if len(row) != len(header):
            errors[index] = f"line {line} has {len(row)} cells where {len(header)} belong"
            row = (row + [""] * len(header))[: len(header)]
        rows.append(row)
    return Table(
        name,
        sha256,
        header,
        has_header,
        rows,
        [line for line, _ in cells],
        errors,
    )


def _read_cells(text: str, name: str, max_rows: int, max_cells: int) -> list[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not blank; stops where a limit is passed."""
    cells: list[tuple[int, list[str]]] = []
    width = total = 0
    for line, row in _split(text, name):
        if len(row) > MAX_COLUMNS:
            raise DataError(
                name,
                f"line {line} has over {MAX_COLUMNS} cells, at most {MAX_COLUMNS} are read; keep "
                "the columns that matter",
            )
        cells.append((line, row))
        if len(cells) > max_rows + 1:  # the header is one of them
            raise _too_many_rows(name, max_rows)
        width = width or len(row)
        total += max(width, len(row))  # a short row is filled up
        if total > max_cells:
            raise DataError(
                name,
                f"line {line} of {width} columns is where it passes {max_cells:,} cells, the most "
                "that are read; keep the columns that matter, or split it",
            )
    return cells


def _too_many_rows(name: str, max_rows: int) -> DataError:
    return DataError(name, f"must have at most {max_rows} rows, and has more; split it")


def _read_bytes(source: str | os.PathLike[str] | bytes, name: str | None) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray)):
        content, name = bytes(source), name or "file"
    elif isinstance(source, (str, os.PathLike)):
        try:
            path = Path(source)
            name = name or path.name or "file"
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError, TypeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DataError(name or "file", f"cannot be read ({reason}); check the path") from None
    else:
        raise DataError(name or "file", f"must be a path or bytes, got {type(source).__name__}")
    if len(content) > MAX_BYTES:
        raise DataError(
            name, f"is larger than {MAX_BYTES // 1_000_000} MB; give a part of its rows"
        )
    return content, name


def _decode(content: bytes, name: str) -> str:
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # what a spreadsheet calls Unicode text
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if any(character < " " and character not in "\t\n\r\f\v" for character in set(text)):
        raise DataError(name, "is not a text file; save the table as CSV and give that")
    return text


def _split(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not blank."""
    first = next((line for line in _lines(text) if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    if delimiter not in first:  # StatLog's file, and any of a single column
        for number, line in enumerate(_lines(text), 1):
            if line.strip():
                yield number, line.split(None, MAX_COLUMNS)
        return
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            name, f"line {reader.line_num} is not CSV ({error}); save the table as CSV"
        ) from None


def _lines(text: str) -> Iterator[str]:
    """One line at a time, not a second copy of them all."""
    return (match[0] for match in _LINE.finditer(text))


def is_missing(cell: str) -> bool:
    """Whether a cell stands for a value that was not recorded."""
    return cell.strip().casefold() in MISSING_CELLS


def _is_header(row: list[str]) -> bool:
    filled = [cell for cell in row if not is_missing(cell)]
    names = sum(parse_number(cell) is None for cell in filled)
    return 2 * names > len(filled)


def _unique(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    taken, unique = set(names), []
    for name in names:
        seen[name] += 1
        if seen[name] > 1:
            while (candidate := f"{name} ({seen[name]})") in taken:
                seen[name] += 1
            name = candidate
            taken.add(name)
        unique.append(name)
    return unique
