"""Tables as programs write them read as the plain one does; hostile ones are one named error."""

import contextlib
import functools
import random
from io import BytesIO

import numpy as np
import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.data.files.table import read_table
from classifiers.data.files.text import look_at
from classifiers.data.files.write import Format, inert, write_table
from classifiers.data.heart.file import FEATURE_NAMES, audit_heart, read_heart, read_patients
from classifiers.data.heart.names import column_for
from classifiers.errors import DataError
from tests.tools.heart_files import UCI_HEADER, attempt, invent_patients, path_to, site_rows
from tests.tools.hostile_files import HOSTILE, sheet
from tests.tools.written_tables import ENCODINGS, SEPARATORS, TEXTS, plain, xls, xlsx

HEADER = [*FEATURE_NAMES, "num"]
FEW = 60


@pytest.fixture(scope="module")
def plainly(model):
    """What is predicted for some of the patients in the plain file."""
    return model.predict_file(plain(HEADER, site_rows("cleveland")[:FEW], ",").encode())


def same_predictions(result, expected) -> None:
    np.testing.assert_array_equal(result.answers, expected.answers)
    assert result.errors == expected.errors
    rows = range(len(expected.answers))
    for tell in ("decision", "warnings"):
        assert [getattr(result, tell)(i) for i in rows] == [
            getattr(expected, tell)(i) for i in rows
        ]
    np.testing.assert_array_equal(result.patients.labels, expected.patients.labels)


# The same plain file stands beside hundreds of others.
read_original = functools.lru_cache(maxsize=4)(read_heart)


def same_patients(content: bytes, rows: list[list[str]]) -> None:
    table, original = read_heart(content), read_original(plain(HEADER, rows, ",").encode())
    np.testing.assert_array_equal(table.x, original.x)
    np.testing.assert_array_equal(table.y, original.y)
    assert table.audit.known_copy == original.audit.known_copy
    batch = read_patients(content, 1000)
    np.testing.assert_array_equal(batch.x[table.rows], original.x)
    assert not batch.row_errors
    assert not batch.questions


# Every two of a format, an encoding and a separator meet.
WAYS = [
    (form, ENCODINGS[(i + j + k) % 6], separator)
    for i, form in enumerate(TEXTS) for j, separator in enumerate(SEPARATORS) for k in (0, 3)
]  # fmt: skip


@pytest.mark.parametrize(("form", "encoding", "separator"), WAYS)
def test_twelve_formats_in_six_encodings_with_four_separators_are_one_table(
    model, plainly, form, encoding, separator
):
    text = TEXTS[form](HEADER, site_rows("cleveland"), SEPARATORS[separator])
    same_patients(text.encode(encoding, errors="replace"), site_rows("cleveland"))
    some = TEXTS[form](HEADER, site_rows("cleveland")[:FEW], SEPARATORS[separator])
    same_predictions(model.predict_file(some.encode(encoding, errors="replace")), plainly)


@pytest.mark.parametrize("form", ["plain", "r_write_table", "excel_german", "headless"])
def test_spaces_separate_too(form):
    rows = [[cell.replace("?", "NA") for cell in row] for row in site_rows("cleveland")]
    same_patients(TEXTS[form](HEADER, rows, " ").encode(), rows)


def test_sheets_are_read_as_the_plain_table(model, plainly):
    rows = site_rows("cleveland")
    for content in (
        xlsx(HEADER, rows), xlsx(HEADER, rows, title=True), xlsx(HEADER, rows, second=True),
        xls(HEADER, rows),
    ):  # fmt: skip
        same_patients(content, rows)
    for write in (xlsx, xls):
        same_predictions(model.predict_file(write(HEADER, rows[:FEW])), plainly)
    notes = read_table(xlsx(HEADER, rows, second=True)).notes
    assert notes == ("read from the sheet 'Patients', the first of 2 sheets that holds a table",)


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
    model, form, encoding, separator, seed, count, ending, missing, data
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
    usual = plain(HEADER, holes, ",").encode()
    for read in (read_heart, model.predict_file):
        expected, got = (
            attempt(lambda read=read: read(usual)),
            attempt(lambda read=read: read(content)),
        )
        if isinstance(expected, DataError) or isinstance(got, DataError):
            # Refused for what it holds, not for how it is written.
            assert isinstance(got, DataError)
            assert str(got) == str(expected)
            assert str(got).startswith("file: ")
        elif read is read_heart:
            np.testing.assert_array_equal(got.x, expected.x)
            np.testing.assert_array_equal(got.y, expected.y)
        else:
            same_predictions(got, expected)


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


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_named_error(kind):
    content = HOSTILE[kind]()
    assert len(content) <= 5_000_000
    with pytest.raises(DataError) as caught:
        audit_heart(content, name="upload.csv")
    message = str(caught.value)
    assert message.startswith("upload.csv: ")
    assert len(message) < 500
    assert "Traceback" not in message
    if kind in ("a bomb in a cell", "a bomb of strings"):
        assert "unpacks to more than 32 MB" in message


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


def test_lines_are_those_of_the_file_whatever_stands_above():
    for above in ("", "sep=,\n", "# made by hand\n", "\n\n", "A clinic,\n"):
        text = above + 'age,sex,note\n50,1,"a\nb"\n60,0\n'
        first = above.count("\n") + 1
        table = read_patients(text.encode(), 10)
        assert table.lines == (first + 2, first + 3), above
        assert list(table.row_errors.values()) == [f"line {first + 3} has 2 cells where 3 belong"]
        assert table.rows[1] == {"age": "60", "sex": "0", "note": ""}


def test_pandas_numbers_for_names_are_none_with_or_without_an_index():
    rows = site_rows("cleveland")
    numbers = [str(i) for i in range(14)]
    same_patients(plain(numbers, rows, ",").encode(), rows)
    indexed = [[str(i), *row] for i, row in enumerate(rows)]
    same_patients(plain(["", *numbers], indexed, ",").encode(), rows)


@pytest.mark.parametrize(("place", "columns"), [("AAA", 703), ("SG", 501), ("BXA", 1977)])
def test_columns_of_a_sheet_are_counted_past_z(place, columns):
    cell = f'<row r="1"><c r="A1"><v>1</v></c><c r="{place}1"><v>1</v></c></row>'
    with pytest.raises(DataError, match=f"spans 1 row and {columns:,} columns, at most 500"):
        read_patients(sheet(cell), 10)


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_true_and_false_of_a_sheet_are_yes_and_no(kind):
    out = BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (["age", "fbs", "exang"], [50, True, False], [60, False, True]):
            book.active.append(row)
    else:
        book = xlwt.Workbook()
        page = book.add_sheet("a")
        for i, row in enumerate((["age", "fbs", "exang"], [50, True, False], [60, False, True])):
            for j, cell in enumerate(row):
                page.write(i, j, cell)
    book.save(out)
    x = read_patients(out.getvalue(), 10).x
    assert x[:, FEATURE_NAMES.index("fbs")].tolist() == [1, 0]
    assert x[:, FEATURE_NAMES.index("exang")].tolist() == [0, 1]


def test_the_table_may_stand_on_the_second_sheet_of_an_older_book():
    out, book = BytesIO(), xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "Read the next sheet")
    page = book.add_sheet("b")
    for i, row in enumerate((["age", "fbs", "exang"], [50, 1, 0], [60, 0, 1])):
        for j, cell in enumerate(row):
            page.write(i, j, cell)
    book.save(out)
    x = read_patients(out.getvalue(), 10).x
    assert x[:, FEATURE_NAMES.index("age")].tolist() == [50, 60]


def test_row_names_without_a_name_are_told_from_spare_separators():
    rows = [["", "1", "3"], ["50", "0", ""], ["61", "1", ""], ["40", "1", "2"], ["41", "0", "4"]]
    named = "\n".join(["age,sex,cp", *(",".join([f"p{i}", *r]) for i, r in enumerate(rows))])
    table = read_patients(named.encode(), 10)
    assert table.header == ("", "age", "sex", "cp")
    np.testing.assert_array_equal(table.x[:, 2], [3, np.nan, np.nan, 2, 4])
    spare = "\n".join(["age,sex,cp", *(",".join([*r, ""]) for r in rows)])
    assert read_patients(spare.encode(), 10).header == ("age", "sex", "cp")


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
    content = write_table(["=cmd()", "n"], [["=1+1", 0.25], ["\x00<&>", 1e-7]], Format("xlsx"))
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows())
    assert [[cell.value for cell in row] for row in rows] == [
        ["=cmd()", "n"], ["=1+1", 0.25], ["\ufffd<&>", 1e-7],
    ]  # fmt: skip
    assert {cell.data_type for row in rows for cell in row} == {"inlineStr", "n"} or all(
        cell.data_type != "f" for row in rows for cell in row
    )


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("," * 499, False),
        ("," * 500, True),
        ('"' + "," * 50_000, False),
        ('"' + "," * 50_001, True),
        ("x" * 500_000, False),
        ("x" * 500_001, True),
    ],
)
def test_lines_are_refused_by_their_separators_and_their_length(line, refused):
    with pytest.raises(DataError) if refused else contextlib.nullcontext():
        look_at(line, "a file", 3, ",")
    look_at(line[:500_000], "a file", 3, " ")
