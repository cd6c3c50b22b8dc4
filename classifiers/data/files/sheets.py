"""Spreadsheets, .xlsx and .xls: the first sheet that holds a table, as lines of text cells.

A few kilobytes may unpack to gigabytes, and a single cell in the last corner of a sheet makes a
table of 17 thousand million. So what is packed is unpacked here, up to a limit, and only where the
cells stand close together does the library that reads them see it.
"""

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from classifiers.data.files.text import MAX_COLUMNS, Row
from classifiers.errors import DataError
from classifiers.wording import counted

MAX_UNPACKED = 32_000_000
_MAX_PARTS = 500
_MAX_CELLS = 2_000_000  # rows times columns of one sheet
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "save the table as CSV and give that"

# A cell or a row that closes itself is only formatted.
_FORMATTED = re.compile(
    rb'<(?:c|row)\b(?:[^<>"]|"[^"<>]*")*/>|<row\b(?:[^<>"]|"[^"<>]*")*>\s*</row>'
)
_PLACE = re.compile(rb"\br\s*=\s*[\"']\s*([A-Za-z]*)\$?(\d+)")

Sheets = Iterator[tuple[str, Callable[[], list[list[str]]]]]


def is_sheet(content: bytes) -> bool:
    """Whether the bytes are packed as a spreadsheet is (or as something else that is no text)."""
    return content.startswith((_ZIP, _OLE))


def read_sheet(content: bytes, name: str) -> tuple[Iterator[Row], tuple[str, ...]]:
    """(row number, cells) of the first sheet that holds a table, and what to say of it.

    Raises:
        DataError: no spreadsheet, too much in it, or no table.
    """
    packed = content.startswith(_ZIP)
    sheets = _xlsx(content, name) if packed else _xls(content, name)
    titles, chosen = [], None
    try:
        for title, read in sheets:
            titles.append(title)
            if chosen is None:
                rows = _trimmed(read())
                if sum(len(row) > 1 for _, row in rows) > 1 or len(rows) > 2:
                    chosen = (title, rows)
    except DataError:
        raise
    except BaseException as error:
        # Both libraries stop at broken files with errors of every kind, theirs and Python's, and
        # Rust's panics are no Exceptions.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise DataError(
            name, f"is a spreadsheet that cannot be read ({type(error).__name__}); {_SAVE_AS}"
        ) from None
    if chosen is None:
        raise DataError(name, "holds no table in any sheet; put one patient or point in each row")
    title, rows = chosen
    if len(titles) == 1:
        return iter(rows), ()
    of_all = f"the first of {len(titles)} sheets that holds a table"
    return iter(rows), (f"read from the sheet {title[:40]!r}, {of_all}",)


def _trimmed(cells: list[list[str]]) -> list[Row]:
    """Rows that hold something, without the empty columns on either side."""
    rows = [(number, row) for number, row in enumerate(cells, 1) if any(map(str.strip, row))]
    if not rows:
        return []
    filled = [[i for i, cell in enumerate(row) if cell.strip()] for _, row in rows]
    first = min(places[0] for places in filled)
    last = max(places[-1] for places in filled)
    return [
        (number, (row + [""] * (last + 1 - len(row)))[first : last + 1]) for number, row in rows
    ]


def _xlsx(content: bytes, name: str) -> Sheets:
    parts = _unpack(content, name)
    if "xl/workbook.xml" not in parts:
        kind = "an OpenDocument table" if "content.xml" in parts else "packed, but no Excel table"
        kind = "an .xlsb table" if "xl/workbook.bin" in parts else kind
        raise DataError(name, f"is not a text file: it is {kind}; save it as .xlsx or CSV")
    for part, text in parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            _check_places(text, name)
    safe = io.BytesIO()
    with zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as out:
        for part, text in parts.items():
            out.writestr(part, text)
    safe.seek(0)
    parts.clear()
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(safe)
    for title in book.sheet_names:
        yield (
            title,
            lambda title=title: [  # type: ignore[misc]
                [_shown(cell) for cell in row]
                for row in book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            ],
        )


def _unpack(content: bytes, name: str) -> dict[str, bytes]:
    """What a library needs of the package, unpacked up to the limit."""
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            if len(members) > _MAX_PARTS:
                raise DataError(
                    name, f"has {len(members)} parts, at most {_MAX_PARTS} are read; {_SAVE_AS}"
                )
            for member in members:
                part = member.filename.lstrip("/").replace("\\", "/")
                if not part.endswith((".xml", ".rels", ".bin")) or part.startswith("xl/drawings"):
                    continue
                if member.flag_bits & 1:
                    raise DataError(name, f"is protected by a password; {_SAVE_AS}")
                text = b""
                if member.file_size <= left:
                    with package.open(member) as stream:
                        # Asked for no more than it says, so that one that lies is not unpacked.
                        text = stream.read(member.file_size + 1)
                left -= max(len(text), member.file_size)
                if left < 0:
                    raise DataError(
                        name,
                        f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; give a part of its "
                        "rows, or save the table as CSV",
                    )
                parts[part] = text
    except DataError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
        reason = f"{type(error).__name__}"
        raise DataError(
            name,
            f"is not a text file, and no spreadsheet that can be read ({reason}); {_SAVE_AS}",
        ) from None
    except (EOFError, ValueError, LookupError) as error:
        raise DataError(
            name, f"is a broken spreadsheet ({type(error).__name__}); {_SAVE_AS}"
        ) from None
    return parts


def _check_places(text: bytes, name: str) -> None:
    if text[:1] not in (b"<", b"\xef") or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise DataError(name, f"is a spreadsheet as no program writes it; {_SAVE_AS}")
    if text.count(b"<v") > _MAX_CELLS // 4:
        raise DataError(
            name, f"has over {_MAX_CELLS // 4:,} cells, the most that are read of a sheet; split it"
        )
    deepest = widest = 0
    for letters, digits in _PLACE.findall(_FORMATTED.sub(b"", text)):
        deepest = max(deepest, int(digits[:9]))
        if letters:
            widest = max(widest, _column(letters[:4]))
    if widest > MAX_COLUMNS or deepest * max(widest, 1) > _MAX_CELLS:
        raise _too_far(name, deepest, widest)


def _too_far(name: str, rows: int, columns: int) -> DataError:
    return DataError(
        name,
        f"spans {counted(rows, 'row')} and {counted(columns, 'column')}, at most {MAX_COLUMNS} "
        f"columns and {_MAX_CELLS:,} cells are read; delete what stands beyond the table",
    )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _xls(content: bytes, name: str) -> Sheets:
    if _ENCRYPTED in content:
        raise DataError(name, f"is protected by a password; {_SAVE_AS}")
    import xlrd

    book = xlrd.open_workbook(
        file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
    )
    for index, title in enumerate(book.sheet_names()):
        yield title, lambda index=index: _xls_rows(book, index, name)  # type: ignore[misc]


def _xls_rows(book: Any, index: int, name: str) -> list[list[str]]:
    sheet = book.sheet_by_index(index)
    if sheet.ncols > MAX_COLUMNS or sheet.nrows * sheet.ncols > _MAX_CELLS:
        raise _too_far(name, sheet.nrows, sheet.ncols)
    rows = []
    for number in range(sheet.nrows):
        kinds, values = sheet.row_types(number), sheet.row_values(number)
        rows.append([_xls_cell(kind, value) for kind, value in zip(kinds, values, strict=True)])
    book.unload_sheet(index)
    return rows


def _xls_cell(kind: int, value: Any) -> str:
    if kind == 5:  # an error: #N/A and the like
        return ""
    return _shown(bool(value) if kind == 4 else value)


def _shown(cell: Any) -> str:
    """A cell as CSV would hold it: 63.0 is 63, and a date is none of our numbers."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta)):
        return str(cell)
    return "" if cell is None else str(cell)
