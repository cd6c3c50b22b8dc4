"""Tables as programs write them read as the plain one does; hostile ones are one named error."""

import random
import time
import tracemalloc
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.data.files.table import read_table
from classifiers.data.files.write import Format, inert, write_table
from classifiers.data.heart.file import FEATURE_NAMES, audit_heart, read_heart, read_patients
from classifiers.data.heart.names import column_for
from classifiers.errors import DataError
from tests.tools.heart_files import UCI_HEADER, attempt, invent_patients, path_to, site_rows
from tests.tools.written_tables import ENCODINGS, SEPARATORS, TEXTS, plain, xls, xlsx

HEADER = [*FEATURE_NAMES, "num"]


def same_patients(content: bytes, rows: list[list[str]]) -> None:
    table, original = read_heart(content), read_heart(plain(HEADER, rows, ",").encode())
    np.testing.assert_array_equal(table.x, original.x)
    np.testing.assert_array_equal(table.y, original.y)
    assert table.audit.known_copy == original.audit.known_copy
    batch = read_patients(content, 1000)
    np.testing.assert_array_equal(batch.x[table.rows], original.x)
    assert not batch.row_errors
    assert not batch.questions


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", TEXTS)
def test_twelve_formats_in_six_encodings_with_four_separators_are_one_table(
    form, encoding, separator
):
    text = TEXTS[form](HEADER, site_rows("cleveland"), SEPARATORS[separator])
    same_patients(text.encode(encoding, errors="replace"), site_rows("cleveland"))


@pytest.mark.parametrize("form", ["plain", "r_write_table", "excel_german", "headless"])
def test_spaces_separate_too(form):
    rows = [[cell.replace("?", "NA") for cell in row] for row in site_rows("cleveland")]
    same_patients(TEXTS[form](HEADER, rows, " ").encode(), rows)


def test_sheets_are_read_as_the_plain_table():
    rows = site_rows("cleveland")
    for content in (
        xlsx(HEADER, rows), xlsx(HEADER, rows, title=True), xlsx(HEADER, rows, second=True),
        xls(HEADER, rows),
    ):  # fmt: skip
        same_patients(content, rows)
    notes = read_table(xlsx(HEADER, rows, second=True)).notes
    assert notes == ("read from the sheet 'Patients', the first of 2 with a table",)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    form=st.sampled_from(sorted(TEXTS)),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(sorted(SEPARATORS)),
    seed=st.integers(0, 10_000),
    count=st.integers(20, 120),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    missing=st.sampled_from(["?", "NA", "", "nan", ".", "-9", "null"]),
    data=st.data(),
)
def test_an_invented_table_written_any_way_is_the_same_or_one_named_refusal(
    form, encoding, separator, seed, count, ending, missing, data
):
    rows = invent_patients(count, seed)
    order = data.draw(st.permutations(range(14))) if form != "headless" else list(range(14))
    rng = random.Random(seed)
    holes = [
        [("?" if rng.random() < 0.02 and i < 13 else c) for i, c in enumerate(r)] for r in rows
    ]
    header = [HEADER[i] for i in order]
    moved = [[missing if row[i] == "?" else row[i] for i in order] for row in holes]
    text = TEXTS[form](header, moved, SEPARATORS[separator]).replace("\r\n", "\n")
    content = text.replace("\n", ending).encode(encoding, errors="replace")
    expected = attempt(lambda: read_heart(plain(HEADER, holes, ",").encode()))
    got = attempt(lambda: read_heart(content))
    if isinstance(expected, DataError) or isinstance(got, DataError):
        assert isinstance(got, DataError)
        assert isinstance(
            expected, DataError
        )  # refused for what it holds, not for how it is written
        return
    np.testing.assert_array_equal(got.x, expected.x)
    np.testing.assert_array_equal(got.y, expected.y)


def test_the_plain_files_read_as_they_always_did():
    for site in ("cleveland", "hungarian", "switzerland", "va"):
        path = path_to(f"uci/processed.{site}.data")
        table = read_patients(path, 1000)
        assert table.lines == tuple(range(1, len(site_rows(site)) + 1))
        assert table.notes == ()
        for row, cells in zip(site_rows(site), table.x.tolist(), strict=True):
            for name, cell, value in zip(UCI_HEADER, row[:-1], cells, strict=False):
                zero = name in ("chol", "trestbps") and cell == "0"
                assert np.isnan(value) if cell == "?" or zero else value == float(cell)


# Hostile files


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


def lying_about_its_size() -> bytes:
    """The package says 100 bytes where 300 MB are packed."""
    content = bytearray(sheet("<row><c><v>" + "1" * 300_000_000 + "</v></c></row>"))
    size = (300_000_000).to_bytes(4, "little")[2:]
    place = 0
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        if content[place + 26 : place + 28] == size:
            content[place + 24 : place + 28] = (100).to_bytes(4, "little")
        place += 4
    return bytes(content)


HOSTILE = {
    "a bomb in a cell": lambda: sheet("<row><c><v>" + "1" * 300_000_000 + "</v></c></row>"),
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


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_named_error_at_once_in_little_memory(kind):
    content = HOSTILE[kind]()
    assert len(content) <= 5_000_000
    began = time.process_time()
    with pytest.raises(DataError) as caught:
        audit_heart(content, name="upload.csv")
    seconds = time.process_time() - began
    message = str(caught.value)
    assert message.startswith("upload.csv: ")
    assert len(message) < 500
    assert "Traceback" not in message
    assert seconds < 1.5
    tracemalloc.start()
    with pytest.raises(DataError):
        audit_heart(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120_000_000


def test_a_sheet_whose_rows_are_formatted_to_the_end_is_read():
    cells = "".join(f'<c r="{c}1" t="inlineStr"><is><t>{n}</t></is></c>' for c, n in
                    zip("ABC", ("age", "sex", "cp"), strict=True))  # fmt: skip
    rows = f'<row r="1">{cells}</row><row r="2"><c r="A2"><v>50</v></c><c r="B2"><v>1</v></c></row>'
    rows += '<row r="1048576" ht="12.8"/><row r="9"><c r="XFD9" s="1"/></row>'
    table = read_patients(sheet(rows), 10)
    assert table.header == ("age", "sex", "cp")
    assert table.x[0, :2].tolist() == [50, 1]


def test_a_file_that_a_spreadsheet_put_into_one_column_is_split_again():
    text = plain(HEADER, site_rows("cleveland"), ",")
    assert (
        len(read_patients("".join(f'"{line}"\n' for line in text.splitlines()).encode(), 400).rows)
        == 303
    )
    one = xlsx([text.splitlines()[0]], [[line] for line in text.splitlines()[1:]])
    assert len(read_patients(one, 400).columns) == 13


def test_units_below_the_names_are_read_as_such():
    table = read_table(
        b"age,chol,sex\nyears,mg/dl,\n50,200,1\n", is_name=lambda n: bool(column_for(n))
    )
    assert table.units == {0: "years", 1: "mg/dl"}
    assert table.rows == [["50", "200", "1"]]


# Written tables


RUN = ["=1+1", "=cmd()", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "\t=1",
       "\r=1", "\n=1", " =1+1", "-cmd", "+A1", "a;=cmd()", 'a\t=1', "＝1+1"]  # fmt: skip
KEPT = ["-5", "+1.5", "-.5", "-1,5", "1e-5", "a=b", "1@2", "'=1", "", "mail@example.org", "-5 %",
        "a-b", "x, y", "2020-01-02"]  # fmt: skip


@pytest.mark.parametrize("name", ["csv", "csv-comma", "csv-semicolon", "csv-tab"])
def test_cells_and_headers_that_a_spreadsheet_would_run_are_inert(name):
    how = Format.parse(name)
    content = write_table(RUN, [RUN], how)
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf") == (name != "csv")
    for separator in (",", ";", "\t"):  # of the spreadsheet, which may be another than ours
        for piece in text.replace("\r", "\n").replace("\n", separator).split(separator):
            start = piece.strip().lstrip("\"' ")
            raw = piece.strip().strip('"').strip(" ")
            assert not raw.startswith(("=", "@", "＝")), piece
            assert not raw.startswith(("+", "-")) or start.lstrip("+-")[:1].isdigit(), piece
    assert [inert(cell) for cell in KEPT] == KEPT


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    import openpyxl

    content = write_table(["=cmd()", "n"], [["=1+1", 0.25], ["\x00<&>", 1e-7]], Format("xlsx"))
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [
        ["=cmd()", "n"], ["=1+1", 0.25], ["\ufffd<&>", 1e-7],
    ]  # fmt: skip
    assert {cell.data_type for row in rows for cell in row} == {"inlineStr", "n"} or all(
        cell.data_type != "f" for row in rows for cell in row
    )
