"""From bytes to lines and cells: the encoding, the delimiter, the quotes of a text file.

Everything it is given may be hostile: a line is looked at before it is split.
"""

import codecs
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator

from classifiers.errors import DataError

MAX_COLUMNS = 500
DELIMITERS = (",", ";", "\t", "|")
SPACES = " "
# Quoted cells may hold delimiters, but nobody's line holds so many.
_MOST_DELIMITERS = 100 * MAX_COLUMNS
MAX_LINE = 500_000  # characters
MAX_LINES = 250_000  # blank ones counted
_SAMPLE_LINES = 60
_SAMPLE_CHARACTERS = 20_000

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_SEP = re.compile(r"\s*\"?sep=(.|\\t)\"?\s*", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Row = tuple[int, list[str]]


def decode(content: bytes, name: str) -> str:
    """The text of a file: by its byte order mark, as UTF-8, as UTF-16 without one, or as Windows'.

    Raises:
        DataError: it is no text.
    """
    text = None
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        text = content.decode("latin-1")
    text = text.removesuffix("\x1a")  # which DOS programs end a file with
    if any(character < " " and character not in "\t\n\r\f\v" for character in set(text)):
        raise DataError(name, "is not a text file; save the table as CSV and give that")
    return text.removeprefix("\ufeff")


def _encodings(content: bytes) -> Iterator[str]:
    yield from (encoding for bom, encoding in _BOMS if content.startswith(bom))
    head = content[:2000]
    if len(content) % 2 == 0 and head:
        # Without a mark: every second byte of Western text is zero.
        if head[1::2].count(0) > 0.4 * len(head[1::2]) and not head[::2].count(0):
            yield "utf-16-le"
        if head[::2].count(0) > 0.4 * len(head[::2]) and not head[1::2].count(0):
            yield "utf-16-be"
    yield from ("utf-8", "cp1252")


def lines_of(text: str) -> Iterator[str]:
    """One line at a time, not a second copy of them all."""
    return (match[0] for match in _LINE.finditer(text))


def read_text(text: str, name: str) -> tuple[Iterator[Row], str]:
    """(line number, cells) of each line that is not blank, and the delimiter.

    Raises:
        DataError: more lines than anybody's table has.
    """
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        if not text.strip():
            return iter(()), SPACES
        raise DataError(name, f"has over {MAX_LINES} lines, far more than rows are read; split it")
    head = list(itertools.islice((line for line in lines_of(text) if line.strip()), 1))
    said = _SEP.fullmatch(head[0][:12]) if head else None
    delimiter = said[1].replace("\\t", "\t") if said else find_delimiter(list(_sample(text)))
    return _split(text, name, delimiter, said is not None), delimiter


def _sample(text: str) -> Iterator[str]:
    filled = (line for line in lines_of(text) if line.strip())
    plain = (line for line in filled if line.lstrip()[:1] not in "#%")
    for line in itertools.islice(plain, _SAMPLE_LINES):
        yield line.rstrip("\r\n")[:_SAMPLE_CHARACTERS]


def find_delimiter(sample: list[str]) -> str:
    """What separates cells: a comma, semicolon, tab or bar, or spaces.

    The first line decides, unless the lines agree better on another: a title above the names, or
    commas that are decimal signs.
    """
    first = sample[0] if sample else ""
    usual = max(DELIMITERS, key=first.count)
    usual = usual if usual in first else SPACES
    scores = {d: _agreement(sample, d) for d in (*DELIMITERS, SPACES)}
    best = max(scores, key=lambda d: scores[d])
    return best if scores[best] > scores[usual] + 0.05 else usual


def _agreement(sample: list[str], delimiter: str) -> float:
    """The share of lines with the same number of cells, less what looks like a wrong split."""
    rows = [cells_of(line, delimiter) for line in sample]
    counts = Counter(len(row) for row in rows if len(row) > 1)
    if not counts:
        return 0.0
    width, lines = counts.most_common(1)[0]
    cells = [cell for row in rows if len(row) == width for cell in row]
    others = "".join(d for d in DELIMITERS if d != delimiter)
    unclean = re.compile(f"[{re.escape(others)}]" + (r"|\d\s+\d" if delimiter != SPACES else ""))
    wrong = sum(
        bool(unclean.search(cell)) and not _DECIMAL_COMMA.fullmatch(cell.strip()) for cell in cells
    )
    return lines / len(sample) - wrong / len(cells)


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of a line that stands alone."""
    if delimiter == SPACES:
        if '"' not in line:
            return line.split(None, MAX_COLUMNS)
        found = itertools.islice(_TOKEN.finditer(line), MAX_COLUMNS + 1)
        return [m[2] if m[2] is not None else m[1].replace('""', '"') for m in found]
    if '"' not in line:
        return [cell.lstrip() for cell in line.split(delimiter, MAX_COLUMNS + 1)]
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return line.split(delimiter, MAX_COLUMNS + 1)


def _split(text: str, name: str, delimiter: str, skip_first: bool) -> Iterator[Row]:
    lines = _looked_at(text, name, delimiter)
    if skip_first:
        next(line for line in lines if line.strip())
    if delimiter == SPACES:
        for number, line in enumerate(lines, 2 if skip_first else 1):
            if line.strip():
                yield number, cells_of(line, delimiter)
        return
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    skipped = 1 if skip_first else 0
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield reader.line_num + skipped, row
    except csv.Error as error:
        raise DataError(
            name,
            f"line {reader.line_num + skipped} is not CSV ({error}); save the table as CSV",
        ) from None


def _looked_at(text: str, name: str, delimiter: str) -> Iterator[str]:
    """Lines that may be split: a line of a million cells would take all the memory there is."""
    for number, line in enumerate(lines_of(text), 1):
        if len(line) > MAX_COLUMNS:
            look_at(line, name, number, delimiter)
        yield line


def look_at(line: str, name: str, number: int, delimiter: str) -> None:
    """Refuses a long line by its separators and its length, before it is split.

    Raises:
        DataError: it has too many cells, or is too long.
    """
    if delimiter != SPACES:
        count = line.count(delimiter)
        # A spreadsheet's spare separators and those in quotes are no cells of their own.
        if count >= MAX_COLUMNS and ('"' not in line or count > _MOST_DELIMITERS):
            raise too_wide(name, number)
    if len(line) > MAX_LINE:
        raise DataError(
            name,
            f"line {number} has {len(line):,} characters, at most {MAX_LINE:,} are read; is it a "
            "table with one row a line?",
        )


def too_wide(name: str, number: int) -> DataError:
    return DataError(
        name,
        f"line {number} has over {MAX_COLUMNS} cells, at most {MAX_COLUMNS} are read; keep "
        "the columns that matter",
    )


def decimal_sign(rows: list[list[str]], delimiter: str) -> str:
    """Which sign the numbers of a table have: a comma only where one stands in them.

    Thousands, in quotes among commas, are no decimals: "1,234".
    """
    for row in rows:
        for cell in row:
            decimal = "," in cell and _DECIMAL_COMMA.fullmatch(cell.strip())
            if decimal and (delimiter != "," or len(cell.strip().rpartition(",")[2]) != 3):
                return ","
    return "."


def plain_number(cell: str, decimal: str) -> str:
    """A cell with the decimal sign that numbers have here."""
    if decimal == "," and "," in cell and _DECIMAL_COMMA.fullmatch(cell.strip()):
        cell = cell.replace(",", ".")
    return cell.replace("\u2212", "-") if "\u2212" in cell else cell
