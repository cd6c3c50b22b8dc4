"""Files at the very ends of what is told apart in them, and every known word: held as kept."""

import csv
import zipfile
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import xlwt

from classifiers.data.files import layout, points, sheets, text, words, write
from classifiers.data.files.points import read_points
from classifiers.data.files.table import EXTENSIONS, read_bytes, read_table
from classifiers.data.heart import audit, columns, copies, labels, names, questions
from classifiers.data.heart.labels import label_values
from classifiers.data.heart.names import TARGET, column_for, rank_of
from classifiers.data.heart.schema import FEATURE_NAMES, feature
from classifiers.data.heart.table import read_table as read_heart_table
from tests.answers.files.test_heart_judgements_snapshots import ROWS, X, in_shares, with_column
from tests.answers.files.test_table_cases_snapshots import packed, read
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, to_csv


def test_words_that_are_known(snapshots):
    known = {"missing": words.MISSING_WORDS, "types": words.TYPE_WORDS, "roles": words.ROLE_WORDS,
             "units": words.UNIT_WORDS}  # fmt: skip
    for name, some in known.items():
        snapshots.hold(name, [repr(word) for word in sorted(some)], alone=True)
    hold(snapshots, "files", [EXTENSIONS, list(write.SEPARATORS)], 20)
    said = sorted(labels._LABEL_WORDS)
    hold(snapshots, "labels", dict(zip(said, label_values(said)[0].tolist(), strict=True)), 30)
    hold(snapshots, "copies' codes", copies._TO_UCI)
    for name, aliases in names.ALIASES.items():
        told = {one: [column_for(one.title()), rank_of(one, name)] for one in aliases.split()}
        hold(snapshots, f"names of {name}", told, 60)
    units = [*sorted(names._UNITS), "kg", "per kg"]
    hold(snapshots, "names with units", {unit: column_for(f"Chol {unit}") for unit in units}, 40)
    odd = ["chol (a) and so on", "(a) chol [b]", "Chol (Serum", "age" + " " * 197,
           "age" + " " * 198, "", "serum chol mg per dl", "max hr (bpm)", "age in years",
           "the age"]  # fmt: skip
    hold(snapshots, "odd names", [column_for(name) for name in odd], 20)
    ranks = [rank_of(name, TARGET) for name in ("num", "Target", "Heart Disease", "Outcome", "who")]
    hold(snapshots, "ranks", [ranks, rank_of("Chol", "chol"), rank_of("Cholesterol", "chol")])


def test_texts_at_the_ends(snapshots):
    zero, letter = "a", "\u0431"
    for count in (7, 8, 9):  # of twenty letters, how many have a byte of zero
        mixed = (zero * count + letter * (20 - count)).encode("utf-16-le")
        told = [next(text._encodings(mixed)), next(text._encodings(mixed[::-1]))]
        hold(snapshots, f"{count} of 20", [told, next(text._encodings(mixed[:-1]))])
    for commas in (18, 19, 20, 21):
        sample = ["a,b", *["1,2"] * (commas - 1), *["1;2"] * (40 - commas)]
        hold(snapshots, f"{commas} commas of 40", text.find_delimiter(sample))
    said = {"sep spaces": "sep= \n\na b\n1 2\n\n3\n", "sep spaces, in one": "sep= \na;b\n1;2\n",
            "vertical": "a,b\n1\v,2\n", "sep and an open quote": 'sep=;\na;b\n1;"' + "x" * 140_000,
            "no sep": 'a;b\n1;"' + "x" * 140_000, "sep below": "\nsep=;\na;b\n1;2;3\n",
            "quotes in ARFF": "@attribute a real\n@attribute b real\n@data\n'x',\n 'x' ,\"y\"\t\n",
            "a quote in ARFF's name": "@attribute 'a\\'b' real\n@data\n1\n",
            "lines in one cell": '"a;b\r\nc"\n"1;2"\n"3;4"\n'}  # fmt: skip
    assert csv.field_size_limit() == 131_072
    for name, content in said.items():
        hold(snapshots, name, read(content.encode()))
    lines = {"ragged comment": "#,x,y|1,2|1,2,3|1,2", "mark alone": "#,x,y,z|1,2,3|1,2,3",
             "half types": "a,b|numeric,x|1,2",
             "types and gaps": "a,b,c,d|numeric,,,string|1,2,3,4",
             "numbers for names": "0,1,2|1,2,3", "index and names": ",0,1,2|0,4,5,6|1,2,3,4",
             "a name for the index": "a,0,1,2|0,4,5,6|1,2,3,4", "two titles": "t|u|a,b,c|1,2,3",
             "gaps": "a,b,c,d,e|years,,,,mg/dl|1,2,3,4,5",
             "a title and one row": "t,,|1,2,3|4,5,6", "a third": "t,,,,,|a,b,c|1,2,3|4,5,6",
             "names twice": "a,b,c|1,2,3|A, b ,c|a,b,c|4,5,6|a,b"}  # fmt: skip
    for name, written in lines.items():
        cells = [(i, line.split(",")) for i, line in enumerate(written.split("|"), 1)]
        for numbered in (True, False):
            found = layout.find_table(cells, lambda cell: False, ".", numbered=numbered)
            hold(snapshots, f"{name}, {numbered}", vars(found))


def test_sheets_at_the_ends(snapshots, monkeypatch):
    monkeypatch.setattr(sheets, "_MAX_CELLS", 24)
    monkeypatch.setattr(sheets, "MAX_COLUMNS", 5)
    for place in ("D6", "D7", "E4", "F1", "A24", "A25", "e5", "$E$5"):
        cell = f'<x><c r="{place}"><v>1</v></c></x>'.encode()
        told = attempt(lambda cell=cell: sheets._check_places(cell, "a file"))
        hold(snapshots, f"at {place}", told)
    for count in (6, 7):
        cells = b"<x>" + b"<c><v>1</v></c>" * count + b"</x>"
        told = attempt(lambda cells=cells: sheets._check_places(cells, "a file"))
        hold(snapshots, f"{count} cells", told)
    for rows, width in ((6, 4), (7, 4), (4, 5), (1, 6), (24, 1), (25, 1)):
        made = SimpleNamespace(
            ncols=width, nrows=rows, row_types=lambda n, w=width: [2] * w,
            row_values=lambda n, w=width: [n + 0.5] * w)  # fmt: skip
        unloaded: list[int] = []
        opened = SimpleNamespace(sheet_by_index=lambda i, made=made: made,
                                 unload_sheet=unloaded.append)  # fmt: skip
        told = attempt(lambda opened=opened: len(sheets._xls_rows(opened, 3, "a file")))
        hold(snapshots, f"{rows} by {width}", [told, unloaded])
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 2_000_000)
    parts = {"xl/workbook.xml": b"x" * 1_500_000, "xl/a.xml": b"x" * 500_000}
    for more in (0, 1):
        content = packed(**{**parts, "xl/a.xml": b"x" * (500_000 + more)})
        unpacked = attempt(lambda content=content: sheets._unpack(content, "a file"))
        sizes = [len(text) for text in unpacked.values()] if isinstance(unpacked, dict) else 0
        hold(snapshots, f"{more} over", sizes or unpacked)
    left_out = {"xl/drawings/a.xml": b"x" * 3_000_000, "a.png": b"x" * 3_000_000, "\\b.bin": b"y"}
    hold(snapshots, "left out", list(sheets._unpack(packed(**left_out), "a file")))
    monkeypatch.setattr(sheets, "_MAX_PARTS", 3)
    for count in (3, 4):
        content = packed(**{f"{i}.xml": b"<x/>" for i in range(count)})
        unpacked = attempt(lambda content=content: list(sheets._unpack(content, "a file")))
        hold(snapshots, f"{count} parts", unpacked)


def old_sheets(count: int) -> bytes:
    book, out = xlwt.Workbook(), BytesIO()
    for number in range(count):
        page = book.add_sheet(f"{number} of a book with a long name"[:31])
        for i, row in enumerate((["a", "b"], [number, 1], [number, 2])[: 1 + 2 * (number > 0)]):
            for j, cell in enumerate(row):
                page.write(i, j, cell)
    book.save(out)
    return out.getvalue()


def test_packed_files(snapshots, tmp_path):
    for count in (1, 2, 4):
        hold(snapshots, f"{count} old sheets", read(old_sheets(count)))
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xl/workbook.xml", b"x" * 40)
    whole = bytearray(out.getvalue())
    for at in (whole.index(b"PK\x03\x04") + 6, whole.index(b"PK\x01\x02") + 8):
        whole[at] |= 1
    hold(snapshots, "a password", read(bytes(whole)))
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n")
    for most in (7, 8):
        told = attempt(lambda most=most: len(read_bytes(tmp_path / "t.csv", None, most)[0]))
        hold(snapshots, f"at most {most} bytes", told)
    odd = ["\ud800x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a", "\r\n=1", '"=1', "a;'=1", "\t1"]
    written = write.write_table(odd, [[*odd[:3], 2, -2.5, 1e-7]], write.Format.parse("csv-comma"))
    hold(snapshots, "written", [repr(line) for line in written.decode("utf-8-sig").split("\n")])
    for name, rounded in ((None, 1), ("", "no"), ("csv", 0), ("xlsx", True), (3, 0), ("tsv", 0)):
        told = attempt(lambda n=name, r=rounded: vars(write.Format.parse(n, r)))
        hold(snapshots, f"format {name!r} {rounded}", told)


def test_every_name_of_a_points_column(snapshots):
    lines = [f"{i % 5},{(i * i) % 7},{i % 2}" for i in range(12)]

    def chosen(header: str, *columns: str | None) -> Any:
        content = "\n".join([header, *lines]).encode()
        return attempt(lambda: list(read_points(content, columns=columns or (None,) * 3).chosen))

    told = {name: chosen(f"v,{name},w") for name in sorted(points._CLASS_NAMES)}
    hold(snapshots, "classes", told, 30)
    told = {name: [chosen(f"v,{name},class"), chosen(f"{name},v,w")] for name in
            sorted({*points._FIRST_NAMES, *points._SECOND_NAMES})}  # fmt: skip
    hold(snapshots, "places", told, 30)
    counted = [f"{i},{i % 5},{(i * i) % 7},{i % 2}" for i in range(3, 15)]
    for name in ("", "id", "index", "row", "Unnamed: 0", " ID ", "number"):
        for step in (1, 2):
            rows = [f"{step * int(one.split(',')[0])},{one.partition(',')[2]}" for one in counted]
            content = "\n".join([f"{name},a,b,c", *rows]).encode()
            told = attempt(lambda content=content: list(read_points(content).chosen))
            hold(snapshots, f"{name!r} by {step}", told)
    table = read_table("\n".join(["x,y,t", *lines, "1,2,-9", "1,2,?", "3", "x,2,1"]).encode())
    assert len(table.row_errors) == 1
    content = "\n".join(["x,y,t", *lines, "3", "1,2,?", "1,2,-9", "1,2,-9", "x,2,1"]).encode()
    told = attempt(lambda: read_points(content))
    hold(snapshots, "left out", [told.notes, told.classes, len(told.points)])


def test_looks_of_columns_at_the_ends(snapshots):
    middles = (-0.1, 0.1, 2.9, 3.0, 3.1, 34, 35, 70, 71, 104, 105, 160, 161, 179, 180, 185, 186,
               320, 321)  # fmt: skip
    told = {}
    for middle in middles:
        cells = [f"{middle - 40.5:g}", f"{middle:g}", f"{middle + 90:g}"]
        told[f"{middle:g}"] = [field for field in FEATURE_NAMES if columns._fits(field, cells)]
    hold(snapshots, "middles", told, 30)
    cases = {"1 of 20 strange": ["1"] * 19 + ["8"], "1 of 21 strange": ["1"] * 20 + ["8"],
             "1 of 20 unreadable": ["1"] * 19 + ["x"], "1 of 19 unreadable": ["1"] * 18 + ["x"],
             "half 0": ["0", "0", "1", "2"], "3 of 10 are 0": ["0"] * 3 + ["1", "2"] * 3 + ["3"],
             "4 of 10 are 0": ["0"] * 4 + ["1", "2"] * 3, "1 of 20 is 3": ["2"] * 19 + ["3"],
             "1 of 19 is 3": ["2"] * 18 + ["3"], "a 4": ["3"] * 30 + ["4"]}  # fmt: skip
    for name, cells in cases.items():
        found = [field for field in (*FEATURE_NAMES, TARGET) if columns._fits(field, cells)]
        hold(snapshots, name, found, 20)
    header = [*FEATURE_NAMES[:11], "ca", "thal", "num"]
    row = ["50", "1", "3", "130", "240", "0", "0", "150", "0", "1.5", "1", "0", "3", "1"]
    table = read_heart_table("\n".join([",".join(header), ",".join(row), ",".join(row)]).encode())
    for given in ("1", "14", "014", "15", "00001"):
        reading = columns.Reading.parse(columns={"age": given})
        told = attempt(lambda r=reading: columns.name_columns(table, r))
        hold(snapshots, f"column {given}", told)
    for unit in ("mg/dl", "mg per dl", "MG/DL", "mmol/L", "mm Hg", "kPa", "cm Hg"):
        found = columns.name_columns(read_heart_table(f"chol ({unit}),age\n5,50\n6,60\n".encode()))
        said = columns.units_said(
            read_heart_table(f"chol ({unit}),age\n5,50\n6,60\n".encode()), found
        )
        hold(snapshots, f"in {unit}", said)
    for number in range(3):
        named = ["age", "sex", "Chol", *["Serum chol", "Cholesterol", "Total cholesterol"][number:]]
        content = "\n".join([",".join(named[1:]), ",".join(["1"] * (len(named) - 1))]).encode()
        said = attempt(lambda c=content: columns.name_columns(read_heart_table(c)))
        hold(snapshots, f"{4 - number} of cholesterol", said)
        content = content.replace(b"Chol,", b"", 1)
        said = attempt(lambda c=content: columns.name_columns(read_heart_table(c)))
        hold(snapshots, f"{3 - number} of other names", said)
    for header in (["v", *UCI_HEADER[1:], "w"], [*UCI_HEADER[:4], "v", *UCI_HEADER[5:]]):
        rows = [[*row, "x"][: len(header)] for row in ROWS[:60]]
        seen = audit.examine(read_heart_table(to_csv(rows, header)))
        hold(snapshots, f"guessed, {len(header)}", [one.message for one in seen.audit.findings])
    values, _ = columns.column_values(feature("oldpeak"), ["-0", "-0.0", "0"])
    assert not np.signbit([*values, *label_values(["-0"])[0]]).any()
    for width in (12, 13, 14, 15):
        cells = ",".join((row * 2)[:width])
        named = attempt(
            lambda c=cells: columns.name_columns(read_heart_table(f"{c}\n{c}".encode()))
        )
        hold(snapshots, f"no header, {width}", named)


CODED: dict[str, dict[str, dict[int, int]]] = {
    "cp of UCI at 5": {"cp": {0: 60, 4: 5, 1: 35}, "slope": {0: 50, 1: 50}},
    "cp of UCI at 4": {"cp": {0: 60, 4: 4, 1: 36}, "slope": {0: 50, 1: 50}},
    "slope of UCI at 2": {"cp": {0: 60, 1: 40}, "slope": {0: 48, 1: 50, 3: 2}},
    "slope of UCI at 1": {"cp": {0: 60, 1: 40}, "slope": {0: 49, 1: 50, 3: 1}},
    "thal of UCI at 5": {"cp": {0: 60, 1: 40}, "thal": {3: 95, 7: 5}},
    "thal of UCI at 4": {"cp": {0: 60, 1: 40}, "thal": {3: 96, 7: 4}},
    "cp level": {"cp": {0: 30, 1: 20, 2: 20, 3: 30}},
    "slope level": {"slope": {0: 30, 1: 40, 2: 30}},
    "thal at 10": {"thal": {0: 10, 1: 20, 2: 40, 3: 30}},
    "thal at 9": {"thal": {0: 9, 1: 20, 2: 41, 3: 30}},
    "thal level": {"thal": {0: 5, 1: 35, 2: 35, 3: 25}},
    "one of two": {"cp": {0: 40, 3: 10, 1: 50}, "slope": {0: 50, 1: 40, 2: 10}},
    "one of three": {"cp": {0: 10, 3: 40, 1: 50}, "slope": {0: 10, 1: 40, 2: 50},
                     "thal": {0: 2, 1: 10, 2: 40, 3: 48}},
    "from 0": {"cp": {0: 10, 1: 40, 3: 50}, "slope": {0: 50, 1: 40, 2: 10},
               "thal": {0: 60, 1: 10, 2: 30}},
    "from 0, cp level": {"cp": {0: 30, 1: 40, 3: 30}, "slope": {0: 50, 1: 40, 2: 10},
                         "thal": {0: 60, 1: 10, 2: 30}},
    "from 0, slope level": {"cp": {0: 10, 1: 40, 3: 50}, "slope": {0: 30, 1: 40, 2: 30},
                            "thal": {0: 60, 1: 10, 2: 30}},
    "from 0, thal level": {"cp": {0: 10, 1: 40, 3: 50}, "slope": {0: 50, 1: 40, 2: 10},
                           "thal": {0: 35, 1: 35, 2: 30}},
    "from 0, thal's end level": {"cp": {0: 10, 1: 40, 3: 50}, "slope": {0: 50, 1: 40, 2: 10},
                                 "thal": {0: 60, 1: 20, 2: 20}},
    "from 0, a 3": {"cp": {0: 10, 1: 40, 3: 50}, "slope": {0: 50, 1: 40, 2: 10},
                    "thal": {0: 60, 1: 10, 2: 29, 3: 1}},
}  # fmt: skip


def test_repeated_rows_are_no_patients_of_their_own(monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(audit, "find_mild_patients", lambda x: np.arange(len(x)) % 3 == 0)
    monkeypatch.setattr(audit, "check_categories", lambda x, mild, patients: asked.append(
        [x[:, 0].tolist(), mild.tolist(), patients]))  # fmt: skip
    rows = [ROWS[i] for i in (4, 5, 4, 6, 5, 7)]
    seen = audit.examine(read_heart_table(to_csv(rows, UCI_HEADER)))
    assert seen.repeated.tolist() == [False, False, True, False, True, False]
    ages = [float(ROWS[i][0]) for i in (4, 5, 6, 7)]
    assert asked == [[ages, [True, False, True, False], 4]]


def test_whose_patients_at_the_ends(monkeypatch):
    digests = [copies._digest(sorted(copies.column(X, name))) for name in copies._SITE_COLUMNS]
    monkeypatch.setattr(copies, "_SITES", {"a": ("0" * 32, 3), "b": ("".join(digests), 7)})
    for changed in range(5):
        x = X.copy()
        for name in copies._SITE_COLUMNS[:changed]:
            copies.column(x, name)[0] += 1
        assert copies.find_site(x) == (("b", 7) if changed < 3 else None)
    for width, count, refused in ((12, 10, True), (12, 9, False), (13, 10, False), (75, 4, True),
                                  (76, 4, True), (77, 4, False)):  # fmt: skip
        lines = [" ".join(["1"] * width)] * (count - 1) + [" ".join(["1"] * (width - 1) + ["name"])]
        content = "\n".join(lines).encode()
        told = str(attempt(lambda content=content: read_heart_table(content)))
        assert ("one of UCI's raw files" in told) is refused, (width, count)


def test_codings_at_the_ends(snapshots):
    x = np.resize(X, (100, 13))
    plain = {"cp": np.nan, "slope": np.nan, "thal": np.nan}
    told = {}
    for name, coded in CODED.items():
        for rest in (24, 25):
            y = with_column("restecg", in_shares("restecg", {0: 100 - rest, 2: rest}), x)
            for field in plain:
                shares = coded.get(field)
                values = in_shares(field, shares) if shares else np.nan
                y = with_column(field, values, y)
            told[f"{name}, {rest}"] = copies.find_recoding(y)
    hold(snapshots, "codings", told, 60)
    few = {"cp": {0: 3, 1: 1}, "slope": {0: 2, 1: 2}, "thal": {2: 4}}
    for decode in ("kaggle", "from-zero", "statlog"):
        for field, code in (("cp", 3), ("cp", 4), ("slope", 2), ("slope", 3), ("thal", 2),
                            ("thal", 3), ("thal", 4)):  # fmt: skip
            for count in (4, 5):
                y = X[:count].copy()
                for name in few:
                    y = with_column(name, 1.0, y)
                y = with_column(field, float(code), y)
                reading = columns.Reading.parse(decode=decode)
                told[f"{decode} {field} {code} {count}"] = questions.fits_few(y, reading)
    hold(snapshots, "few", {k: v for k, v in told.items() if isinstance(v, bool)}, 60)
