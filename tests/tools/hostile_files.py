"""Files that were made to do harm: bombs, millions of columns, nested quotes, no text at all."""

import random
import zipfile
from collections.abc import Callable
from io import BytesIO


def packed(**parts: str | bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return out.getvalue()


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sheet(rows: str, **more: str | bytes) -> bytes:
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="a" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        f'package/2006/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
    }
    return packed(**{**parts, **more})


BOMB = 60_000_000  # bytes: about twice as many as may be unpacked


def lying_about_its_size() -> bytes:
    """The package says 100 bytes where 60 MB are packed."""
    content = bytearray(sheet("<row><c><v>" + "1" * BOMB + "</v></c></row>"))
    size = BOMB.to_bytes(4, "little")[2:]
    place = 0
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        if content[place + 26 : place + 28] == size:
            content[place + 24 : place + 28] = (100).to_bytes(4, "little")
        place += 4
    return bytes(content)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb in a cell": lambda: sheet("<row><c><v>" + "1" * BOMB + "</v></c></row>"),
    "a bomb that lies": lying_about_its_size,
    "a bomb of strings": lambda: sheet(
        "<row><c><v>1</v></c></row>",
        **{"xl/sharedStrings.xml": "<sst>" + "<si><t>a</t></si>" * 4_000_000 + "</sst>"},
    ),
    "the last cell of a sheet": lambda: sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "a million cells": lambda: sheet("<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>"),
    "ten thousand parts": lambda: packed(**{f"xl/{i}.xml": "" for i in range(10_000)}),
    "entities": lambda: sheet(
        "",
        **{"xl/worksheets/sheet1.xml": '<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'},
    ),
    "no zip": lambda: b"PK\x03\x04" + random.Random(0).randbytes(4_000_000),
    "a document": lambda: packed(**{"word/document.xml": "<a/>"}),
    "no sheet of old Excel": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(0).randbytes(4_000_000)
    ),
    "a million columns": lambda: b"a," * 1_000_000,
    "a million quoted columns": lambda: b'"a",' * 1_000_000,
    "a million columns of spaces": lambda: b"a " * 1_000_000,
    "a million columns of ARFF": lambda: b"@relation x\n" + b"@attribute a real\n" * 250_000,
    "one line": lambda: b"a" * 4_999_999,
    "one long cell": lambda: b"age,sex\n" + b"1" * 4_900_000,
    "nested quotes": lambda: b"age,sex\n" + b'"' * 4_900_000,
    "quotes in quotes": lambda: b"age,sex\n" + b'"""a"",""b"",' * 380_000,
    "an open quote": lambda: b'age,"' + b"a\n" * 100_000,
    "an open quote of ARFF": lambda: b"@relation x\n@attribute age real\n@data\n'" + b"a" * 400_000,
    "blank lines": lambda: b"\n" * 4_999_999,
    "lines of one digit": lambda: b"1\n" * 2_400_000,
    "binary": lambda: bytes(range(256)) * 19_000,
    "random": lambda: random.Random(1).randbytes(4_900_000),
    "nothing": lambda: b"",
}
