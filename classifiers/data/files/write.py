"""Writes tables that a spreadsheet opens rightly and runs nothing of: CSV and .xlsx."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from classifiers.errors import ConfigError

Separator = Literal[",", ";", "\t"]
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*%?")
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
# A spreadsheet of another country splits at another separator: each piece may be a cell.
_PIECES = re.compile(r"([;,\t|\r\n]+[\s\"']*)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Format:
    """How a table is written.

    Attributes:
        kind: csv or xlsx.
        separator: of a CSV. After a semicolon, numbers have a decimal comma: so do the
            spreadsheets that ask for one.
        mark: a byte order mark, by which Excel tells UTF-8.
        rounded: probabilities to four digits too, in columns of their own.
    """

    kind: Literal["csv", "xlsx"] = "csv"
    separator: str = ","
    mark: bool = False
    rounded: bool = False

    @classmethod
    def parse(cls, name: Any, rounded: Any = False) -> "Format":
        """csv; csv-comma, csv-semicolon or csv-tab for Excel; or xlsx.

        Raises:
            ConfigError: another name.
        """
        known = {
            "csv": cls(),
            "xlsx": cls("xlsx"),
            **{f"csv-{word}": cls("csv", sign, True) for word, sign in SEPARATORS.items()},
        }
        chosen = known.get(name or "csv") if isinstance(name, str | None) else None
        if chosen is None:
            raise ConfigError("format", f"must be one of {', '.join(known)}, got {str(name)[:60]}")
        return cls(chosen.kind, chosen.separator, chosen.mark, bool(rounded))

    @property
    def extension(self) -> str:
        return "tsv" if self.separator == "\t" else self.kind


def write_table(
    header: Sequence[str], rows: Iterable[Sequence[str | float | int]], how: Format
) -> bytes:
    """A table as a file. Text that a spreadsheet would run is made inert; numbers stay numbers."""
    if how.kind == "xlsx":
        return _xlsx([list(header), *rows])
    out = _Rows()
    writer = csv.writer(out, delimiter=how.separator, lineterminator="\r\n")
    writer.writerow([inert(name) for name in header])
    comma = how.separator == ";"
    for row in rows:
        writer.writerow([_cell(cell, comma) for cell in row])
    text = "".join(out)
    return text.encode("utf-8-sig" if how.mark else "utf-8", errors="replace")


class _Rows(list[str]):
    """What csv.writer writes to, one row a call. Only where rows end in both characters does it
    put quotes around a cell that holds the first of them, which would else end the row."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def _cell(cell: str | float | int, comma: bool) -> str | float | int:
    if isinstance(cell, str):
        return inert(cell)
    return repr(cell).replace(".", ",") if comma and isinstance(cell, float) else cell


def inert(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, handed back as text.

    It is the sender's own, but may have passed through other hands since.
    """
    if not any(character in _STARTS for character in cell):
        return cell
    if not _PIECES.search(cell):
        return f"'{cell}" if _runs(cell) else cell
    pieces = _PIECES.split(cell)
    for i in range(0, len(pieces), 2):
        if _runs(pieces[i]) and not pieces[max(i - 1, 0)].endswith("'"):
            pieces[i] = f"'{pieces[i]}"
    whole = "".join(pieces)
    return f"'{whole}" if cell[:1] in "\t\r\n" and not whole.startswith("'") else whole


def _runs(piece: str) -> bool:
    start = piece.lstrip(" \u00a0\ufeff\u200b")
    return start[:1] in _STARTS and start != "" and not _NUMBER.fullmatch(start.strip())


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="{type}" Target="{target}"/></Relationships>'
)
_BOOK = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Predictions" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def _xlsx(rows: Iterable[Sequence[str | float | int]]) -> bytes:
    """One sheet; text is inline, where nothing is ever a formula."""
    sheet = io.StringIO()
    sheet.write('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>')
    for row in rows:
        sheet.write(f"<row>{''.join(map(_sheet_cell, row))}</row>")
    sheet.write("</sheetData></worksheet>")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr(
            "_rels/.rels",
            _RELATED.format(type=f"{_OFFICE}/officeDocument", target="xl/workbook.xml"),
        )
        book.writestr("xl/workbook.xml", _BOOK)
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            _RELATED.format(type=f"{_OFFICE}/worksheet", target="worksheets/sheet1.xml"),
        )
        book.writestr("xl/worksheets/sheet1.xml", sheet.getvalue())
    return packed.getvalue()


def _sheet_cell(cell: str | float | int) -> str:
    if not isinstance(cell, str):
        return f"<c><v>{cell!r}</v></c>"
    if not cell:
        return "<c/>"
    text = escape(_UNPRINTABLE.sub("\ufffd", cell[:32_000]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
