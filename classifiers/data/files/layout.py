"""Where in a file's lines the table is: titles above it, its names, rows of types or units.

It moves no value: what it passes over it says.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from classifiers.data.files.text import DELIMITERS, Row, plain_number
from classifiers.data.files.words import ROLE_WORDS, TYPE_WORDS, UNIT_WORDS, is_missing

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TITLE_ROWS = 30
# Orange writes what a column is before its name: D#sex, cD#target, mS#patient.
_ORANGE = re.compile(r"[mciwMCIW]?[CDSNT]?#(?=\S)")


@dataclass
class Layout:
    """The rows of a table, and what stood around them.

    Attributes:
        header: the names as written, stripped; empty where the file has none.
        units: column -> its unit, where a row below the names says it.
        notes: what was passed over, for people.
    """

    header: list[str]
    has_header: bool
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    units: dict[int, str] = field(default_factory=dict)


def find_table(
    cells: list[Row], is_name: Callable[[str], bool], decimal: str, *, numbered: bool = True
) -> Layout:
    """Finds names and rows among a file's lines.

    Args:
        is_name: whether a cell is a column's name that is expected here.
        numbered: the lines are of text, whose row numbers may stand in a column without a name.
    """
    notes: list[str] = []
    cells, names_in_comment = _without_comments(cells, notes)
    cells = _without_titles(cells, is_name, notes)
    if not cells:
        return Layout([], False, [], notes)
    cells, was_numbered = _without_numbered_names(cells)
    if not cells:
        return Layout([], False, [], notes)
    first = cells[0][1]
    has_header = not was_numbered and is_header(first, decimal)
    if not has_header and names_in_comment and not was_numbered:
        width = Counter(len(row) for _, row in cells).most_common(1)[0][0]
        if not names_in_comment[0] and len(names_in_comment) == width + 1:
            names_in_comment = names_in_comment[1:]  # the mark stood alone, among spaces
        if len(names_in_comment) == width:
            cells, has_header = [(cells[0][0], names_in_comment), *cells], True
    header: list[str] = []
    if has_header:
        header = [_ORANGE.sub("", cell.strip()) for cell in cells.pop(0)[1]]
    layout = Layout(header, has_header, cells, notes)
    if has_header:
        _drop_types(layout)
        _drop_repeated_names(layout)
        _name_row_numbers(layout)
    elif numbered:
        _drop_row_numbers(layout)
    return layout


def resplit(cells: list[Row]) -> str | None:
    """The text of a table that stands in one column, every line in one cell, as Excel leaves it."""
    if len(cells) < 2 or any(len(row) != 1 for _, row in cells):
        return None
    texts = [row[0] for _, row in cells]
    for delimiter in DELIMITERS:
        if texts[0].count(delimiter) and texts[0].count(delimiter) == texts[1].count(delimiter):
            return "\n".join(text.replace("\n", " ").replace("\r", " ") for text in texts)
    return None


def is_header(row: list[str], decimal: str = ".") -> bool:
    filled = [cell for cell in row if not is_missing(cell)]
    names = sum(_NUMBER.fullmatch(plain_number(cell.strip(), decimal)) is None for cell in filled)
    return 2 * names > len(filled)


def _without_comments(cells: list[Row], notes: list[str]) -> tuple[list[Row], list[str]]:
    """Comments above the table; numpy writes the names into the last of them."""
    count = 0
    while count < len(cells) and cells[count][1][0].lstrip()[:1] in ("#", "%"):
        count += 1
    if not count or count == len(cells):
        return cells, []
    last = [cell.strip() for cell in cells[count - 1][1]]
    last[0] = last[0].lstrip("#% ")
    notes.append(f"lines of comments above the table, passed over: {count}")
    return cells[count:], last


def _without_titles(
    cells: list[Row], is_name: Callable[[str], bool], notes: list[str]
) -> list[Row]:
    """What stands above the names: a title, a date, a blank line's separators."""
    widths = Counter(_filled(row) for _, row in cells[:200])
    usual = widths.most_common(1)[0][0] if widths else 0
    known = [sum(map(is_name, row)) for _, row in cells[:_TITLE_ROWS]]
    names = next((i for i, count in enumerate(known) if count >= 3), None)
    start = 0
    if names and known[0] < 3:
        wide = _filled(cells[names][1])
        if all(2 * _filled(row) <= wide for _, row in cells[:names]):
            start = names
    elif names is None and usual >= 3:
        while start < min(_TITLE_ROWS, len(cells) - 2) and 3 * _filled(cells[start][1]) <= usual:
            start += 1
        if start and not is_header(cells[start][1]):
            start = 0  # a short first row of numbers is a row that lost its cells
    if start:
        notes.append(f"lines of a title above the names, passed over: {start}")
    return cells[start:]


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _without_numbered_names(cells: list[Row]) -> tuple[list[Row], bool]:
    """pandas writes the names 0 to 13, and perhaps an index column, for a table without names."""
    first = [cell.strip() for cell in cells[0][1]]
    for skipped in (0, 1):
        if len(first) > 2 and first[skipped:] == [str(i) for i in range(len(first) - skipped)]:
            if skipped == 0 or first[0] == "":
                return [(line, row[skipped:]) for line, row in cells[1:]], True
            break
    return cells, False


def _drop_types(layout: Layout) -> None:
    """Orange's rows of types and roles, and rows of types or units as others write them."""
    if not layout.rows:
        return
    words = [cell.strip().casefold() for cell in layout.rows[0][1]]
    filled = [word for word in words if word]
    if len(filled) < 2 or any(_NUMBER.fullmatch(word) for word in filled):
        return
    plain = [word.strip("[]()") for word in filled]
    types = sum(word in TYPE_WORDS for word in filled)
    units = sum(word in UNIT_WORDS for word in plain)
    if 2 * types > len(filled):
        layout.rows.pop(0)
        layout.notes.append("a row of types below the names, passed over")
        roles = [cell.strip().casefold() for cell in layout.rows[0][1]] if layout.rows else ["x"]
        if all(role in ROLE_WORDS or "=" in role for role in roles):
            layout.rows.pop(0)
    elif 2 * units > len(filled) and len(words) == len(layout.header):
        layout.rows.pop(0)
        layout.notes.append("a row of units below the names, read as such")
        layout.units = {i: word.strip("[]()") for i, word in enumerate(words) if word}


def _drop_repeated_names(layout: Layout) -> None:
    """Files that were put one after the other repeat their names."""
    if len(layout.header) < 3:
        return
    names = [name.casefold() for name in layout.header]
    kept = [
        (line, row)
        for line, row in layout.rows
        if len(row) != len(names) or [cell.strip().casefold() for cell in row] != names
    ]
    if len(kept) < len(layout.rows):
        count = len(layout.rows) - len(kept)
        layout.notes.append(f"lines that repeat the names, passed over: {count}")
        layout.rows = kept


def _name_row_numbers(layout: Layout) -> None:
    """R's write.table gives row names a column and no name above it."""
    width = len(layout.header) + 1
    if width < 3 or not layout.rows:
        return
    longer = [row for _, row in layout.rows if len(row) == width]
    filled = sum(bool(row[-1].strip()) for row in longer)  # else it is a spare separator
    distinct = len({row[0] for row in longer}) == len(longer)
    if len(longer) > 0.9 * len(layout.rows) and 2 * filled > len(longer) and distinct:
        layout.header.insert(0, "")
        layout.notes.append("the first column has no name: row names, as R writes them")


def _drop_row_numbers(layout: Layout) -> None:
    """Without names: a first column that counts the rows is none of the table's."""
    firsts = [row[0].strip() for _, row in layout.rows]
    if len(firsts) < 3 or len(layout.rows[0][1]) < 4:
        return
    for start in (0, 1):
        if firsts == [str(i) for i in range(start, start + len(firsts))]:
            layout.rows = [(line, row[1:]) for line, row in layout.rows]
            layout.notes.append("the first column counts the rows; not used")
            return
