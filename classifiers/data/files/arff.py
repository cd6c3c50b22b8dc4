"""Weka's ARFF: the names of the columns in `@attribute` lines, the rows after `@data`."""

import itertools
import re
from collections.abc import Iterator

from classifiers.data.files.text import MAX_COLUMNS, Row, lines_of, look_at, too_wide
from classifiers.errors import DataError

_ATTRIBUTE = re.compile(r"@attribute\s+('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)", re.IGNORECASE)
# Possessive in quotes: nothing is kept for another try, which took 150 bytes a character.
_CELL = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\"|([^,\t]*))\s*(?:[,\t]|$)")


def is_arff(text: str) -> bool:
    """Whether the first line that is no comment declares a relation or an attribute."""
    for line in itertools.islice(lines_of(text), 2_000):
        start = line[:40].strip().casefold()
        if start and not start.startswith("%"):
            return start.startswith(("@relation", "@attribute"))
    return False


def read_arff(text: str, name: str) -> Iterator[Row]:
    """(line number, cells): the names first, then each row.

    Raises:
        DataError: no names or no `@data`, or rows in the sparse form.
    """
    header: list[str] = []
    lines = enumerate(lines_of(text), 1)
    number = 0
    for number, line in lines:
        said = line.strip()
        if said.casefold().startswith("@data"):
            break
        if found := _ATTRIBUTE.match(said[:2_000]):
            header.append(_unquoted(found[1]))
            if len(header) > MAX_COLUMNS:
                raise too_wide(name, number)
    else:
        raise DataError(name, "is ARFF without a line @data; add it above the rows")
    if not header:
        raise DataError(name, "is ARFF without @attribute lines; add one a column")
    yield number, header
    for number, line in lines:
        said = line.strip()
        if not said or said.startswith("%"):
            continue
        if said.startswith("{"):
            raise DataError(
                name, f"line {number} is sparse ARFF, which is not read; save it in full, or as CSV"
            )
        yield number, _cells(said, name, number)


def _cells(line: str, name: str, number: int) -> list[str]:
    look_at(line, name, number, ",")
    if "'" not in line and '"' not in line:
        cells = [cell.strip() for cell in re.split(r"[,\t]", line, maxsplit=MAX_COLUMNS)]
    else:
        cells, place = [], 0
        while place < len(line) and len(cells) <= MAX_COLUMNS:
            found = _CELL.match(line, place)
            if found is None or found.end() == place:
                raise DataError(name, f"line {number} is not ARFF: a quote is left open; close it")
            single, double, bare = found.groups()
            quoted = single if single is not None else double
            cells.append(bare.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
            place = found.end()
        if line.endswith(","):
            cells.append("")
    if len(cells) > MAX_COLUMNS:
        raise too_wide(name, number)
    return cells


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] in "'\"" and word[-1] == word[0]:
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word
