"""A table of patients as programs write it: formats, encodings, separators.

Excel's files are written by libraries that the package does not read with.
"""

import io
from collections.abc import Callable

import openpyxl
import xlwt

Rows = list[list[str]]
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
NUMERIC = ("age", "trestbps", "chol", "thalach", "oldpeak")


def join(lines: list[list[str]], separator: str) -> str:
    def cell(text: str) -> str:
        quoted = separator in text or '"' in text
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return "\n".join(separator.join(map(cell, line)) for line in lines) + "\n"


def quoted(lines: list[list[str]], separator: str) -> str:
    return "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines)


def plain(header: list[str], rows: Rows, separator: str) -> str:
    return join([header, *rows], separator)


def excel_german(header: list[str], rows: Rows, separator: str) -> str:
    """Decimal commas, which a comma for a separator puts into quotes."""
    commas = [[c.replace(".", ",") if len(c) > 1 else c for c in row] for row in rows]
    return join([header, *commas], separator)


def with_sep_line(header: list[str], rows: Rows, separator: str) -> str:
    return f"sep={separator}\r\n" + plain(header, rows, separator)


def titled(header: list[str], rows: Rows, separator: str) -> str:
    blank = [""] * (len(header) - 1)
    return join([["Klinik Süd, Übersicht", *blank], ["", *blank], header, *rows], separator)


def commented(header: list[str], rows: Rows, separator: str) -> str:
    return "# exported\n# by hand\n" + plain(header, rows, separator)


def numpy_saved(header: list[str], rows: Rows, separator: str) -> str:
    return "# " + plain(
        header, [["nan" if c == "?" else c for c in row] for row in rows], separator
    )


def pandas_indexed(header: list[str], rows: Rows, separator: str) -> str:
    indexed = [[str(i), *("" if c == "?" else c for c in row)] for i, row in enumerate(rows)]
    return join([["", *header], *indexed], separator)


def r_write_table(header: list[str], rows: Rows, separator: str) -> str:
    """Row names, and no name above them."""
    lines = [separator.join(f'"{name}"' for name in header)]
    for i, row in enumerate(rows):
        cells = ["NA" if cell == "?" else cell for cell in row]
        lines.append(separator.join([f'"{i + 1}"', *cells]))
    return "\n".join(lines) + "\n"


def all_quoted(header: list[str], rows: Rows, separator: str) -> str:
    return quoted([header, *rows], separator)


def orange(header: list[str], rows: Rows, separator: str) -> str:
    kinds = ["continuous" if name in NUMERIC else "discrete" for name in header]
    return join([header, kinds, [""] * len(header), *rows], separator)


def headless(header: list[str], rows: Rows, separator: str) -> str:
    return join(rows, separator)


def padded(header: list[str], rows: Rows, separator: str) -> str:
    """What a spreadsheet leaves: spare separators, spaces, a blank line."""
    lines = [[*(f" {cell}" for cell in row), "", ""] for row in rows]
    return join([[*header, "", ""], *lines], separator) + "\n\n"


TEXTS: dict[str, Callable[[list[str], Rows, str], str]] = {
    function.__name__: function
    for function in (
        plain, excel_german, with_sep_line, titled, commented, numpy_saved, pandas_indexed,
        r_write_table, all_quoted, orange, headless, padded,
    )
}  # fmt: skip


def as_number(cell: str) -> float | str | None:
    try:
        return float(cell)
    except ValueError:
        return None if cell == "?" else cell


def xlsx(header: list[str], rows: Rows, title: bool = False, second: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if second:
        sheet["A1"] = "Read the next sheet"
        sheet = book.create_sheet("Patients")
    if title:
        sheet.append(["Patients of the ward"])
        sheet.append([])
    sheet.append(header)
    for row in rows:
        sheet.append([as_number(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(header: list[str], rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Patients")
    for i, row in enumerate([header, *rows]):
        for j, cell in enumerate(row):
            if (value := as_number(cell)) is not None:
                sheet.write(i, j, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
