"""How tables are found in files, case by case and at their limits: held against what was kept."""

import codecs
import datetime
import io
import zipfile
from typing import Any

import numpy as np
import openpyxl
import xlwt

from classifiers.config import DatasetConfig
from classifiers.data import synthetic
from classifiers.data.files import arff, layout, sheets, text, write
from classifiers.data.files.points import read_points
from classifiers.data.files.table import limited, read_bytes, read_table, unique
from classifiers.data.files.words import is_missing
from tests.answers.thinned import attempt, hold
from tests.tools.hostile_files import HOSTILE


def read(content: bytes, **options: Any) -> Any:
    def cells() -> list[Any]:
        found = read_table(content, "a file", **options)
        return [
            found.header, found.has_header, found.rows[:8], found.lines[:8], found.row_errors,
            found.values(0)[:8],
            found.decimal, found.units, list(found.notes), found.form, len(found.rows),
        ]  # fmt: skip

    return attempt(cells)


TEXTS: dict[str, str] = {
    "tabs": "a\tb\tc\n1\t2\t3\n4\t5\t6\n", "bars": "a|b|c\n1|2|3\n", "one column": "a\nb\nc\n",
    "commas in spaces": "a b c\n1,5 2,5 3,5\n4,5 5,5 6,5\n",
    "quoted spaces": '"a b" c\n"1 ""x" 2\n',
    "decimal commas": "a;b\n1,5;2\n-,5;3,25e2\n", "thousands": 'a,b\n"1,234",2\n"2,345",3\n',
    "thousands and halves": 'a,b\n"1,234",2\n"2,34",3\n', "minus": "a,b\n\u22121,2\n3,4\n",
    "sep": "sep=;\na;b\n1;2\n", "sep tab": '"sep=\\t"\na\tb\n1\t2\n', "sep alone": "sep=,\n",
    "title": "Ward 3\n\na,b,c,d\n1,2,3,4\n5,6,7,8\n",
    "title of numbers": "7\n1,2,3\n4,5,6\n7,8,9\n",
    "two titles": "Ward 3,,\nof May,,\na,b,c\n1,2,3\n", "comment": "# a b c\n1 2 3\n4 5 6\n",
    "comments": "% one\n# x,y,z\n1,2,3\n4,5,6\n", "only comments": "# a\n# b\n",
    "too wide a comment": "# a b c d\n1 2 3\n4 5 6\n",
    "orange": "D#a\tcC#b\tmS#c\n1\t2\tx\n3\t4\ty\n",
    "types": "a\tb\tc\ncontinuous\tdiscrete\tstring\n\tclass\t\n1\t2\t3\n",
    "types alone": "a,b,c\nnumeric,numeric,string\n1,2,3\n", "units": "a,b\n[years],(mg/dl)\n1,2\n",
    "units and gaps": "a,b,c\nyears,,mmHg\n1,2,3\n", "one word": "a,b\nyears,\n1,2\n",
    "names again": "a,b,c\n1,2,3\nA,B,c\n4,5,6\n", "two names again": "a,b\n1,2\na,b\n",
    "row names": "a,b\nx,1,2\ny,3,4\nz,5,6\n", "row names twice": "a,b\nx,1,2\nx,3,4\n",
    "spare": "a,b\n1,2,\n3,4,\n", "spare spaces": "a,b\n1,2, \n3,4,\t,\n",
    "short": "a,b,c\n1,2\n3\n", "long": "a,b\n1,2,3\n4,5\n",
    "counted": "0,5,6,7\n1,7,8,9\n2,8,9,7\n", "counted from 1": "1,5,6,7\n2,7,8,9\n3,8,9,7\n",
    "counted, narrow": "1,5,6\n2,7,8\n3,8,9\n", "not counted": "1,5,6,7\n3,7,8,9\n4,8,9,7\n",
    "numbered names": "0,1,2\n5,6,7\n8,9,7\n", "index and numbers": ",0,1,2\n0,5,6,7\n1,8,9,7\n",
    "two numbered": "0,1\n5,6\n", "twice a name": "a,a,a (2),b\n1,2,3,4\n",
    "blank": "\n\n a,b\n\n1,2\n",
    "in one cell": '"a;b"\n"1;2"\n"3;4"\n', "in one cell, once": '"a;b"\n"12"\n',
    "in one cell, twice": '"a;b"\n"1;2"\n', "in one cell, uneven": '"a;b"\n"1;2;3"\n"4;5;6"\n',
    "comment and a row": "# a,b\n1,2\n",
    "old Mac": "a,b\r1,2\r3,4\r", "Windows": "a,b\r\n1,2\r\n", "missing names": ",b\n1,2\n3,4\n",
    "half names": "a,1\n2,3\n", "mostly numbers": "a,1,2\n2,3,4\n", "missing": "a,?,NA\n1,2,3\n",
    "in lines": 'a,b\n"1\n2",3\n4,5\n', "open": 'a,b\n"1,2\n3,4\n', "form feed": "a,b\f\n1,2\n",
    "DOS": "a,b\n1,2\n\x1a", "escape": "a,b\n1,\x1b\n", "only names": "a,b\n", "spaces": "  \n \n",
    "arff": "% c\n@relation r\n@attribute 'it''s' real\n@ATTRIBUTE \"a \\\"b\" {x, y}\n@data\n"
            "1,'a, \\'b'\n% no\n\n2,\"q\"\n3,\n", "arff, tabs": "@attribute a real\n@attribute b "
            "real\n@data\n1\t2\n", "arff, open": "@attribute a real\n@data\n'x\n",
    "arff, spaces": "@attribute a real\n@attribute b real\n@data\n 1 , 'x y' \n 'x' , 2\n",
    "arff, long comment": "% no\n" * 1_999 + "@attribute a real\n@data\n1\n",
    "arff, longer comment": "% no\n" * 2_000 + "@attribute a real\n@data\n1\n",
    "arff, no names": "@relation r\n@data\n1\n",
    "arff, sparse": "@attribute a real\n@data\n{0 1}\n",
    "arff, bare": "@relation r\n", "no arff": "x @relation\n1 2\n",
}  # fmt: skip


def test_how_texts_are_taken_apart(snapshots):
    for name, content in TEXTS.items():
        hold(snapshots, name, read(content.encode()), 30)
    encoded = "größe,b\n1,2\n"
    marks = {"utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf-32": "utf-32", "cp1252": "cp1252"}
    for name, encoding in marks.items():
        hold(snapshots, f"in {name}", read(encoded.encode(encoding)))
    for name, encoding in (("le", "utf-16-le"), ("be", "utf-16-be")):
        hold(snapshots, f"no mark, {name}", read("a,b\n1,2\n".encode(encoding)))
    hold(snapshots, "marked, be", read(codecs.BOM_UTF16_BE + "a,b\n1,2\n".encode("utf-16-be")))
    hold(snapshots, "latin", text.decode(b"a\x81,b", "x"))
    names = read(b"x\nt 1,2\n age,sex,ca,b\n1,2,3,4\n", is_name=lambda cell: len(cell.strip()) > 1)
    hold(snapshots, "names that are looked for", names)
    known = {"age", "sex", "cp"}
    for content in (
        "Ward,\nage,sex,cp,x\n1,2,3,4\n",
        "1,2,3,4\nage,sex,cp,x\n",
        "age,sex,x\n1,2,3\n",
    ):
        told = read(content.encode(), is_name=lambda cell: cell.strip() in known)
        hold(snapshots, f"known names {content[:8]!r}", told)


BEGUN: dict[str, str] = {
    "a wide and a narrow title": "a,b,c,d|e,,,|age,sex,cp,chol|1,2,3,4",
    "narrow titles": "a,,,|e,f,,|age,sex,cp,chol|1,2,3,4",
    **{f"{count} names in the title": f"{title},,|age,sex,cp,chol,v,w,x|1,2,3,4,5,6,7"
       for count, title in enumerate(("t", "age", "age,sex", "age,sex,cp"))},
    **{f"{count} cells above six": f"{title}|u,v,w,x,y,z|1,2,3,4,5,6|1,2,3,4,5,6"
       for count, title in enumerate(("a", "a,b", "a,b,c"), 1)},
    "a short row of numbers": "1,2|1,2,3,4,5,6|1,2,3,4,5,6|1,2,3,4,5,6",
    "units": "age,chol,v|years,mg/dl,|1,2,3", "fewer units": "age,chol,v|years,mg/dl|1,2,3",
    "types": "a,b,c|discrete,continuous,string|class,,meta|1,2,3",
    "types, no roles": "a,b,c|discrete,continuous,string|1,2,3",
    "types, settings": "a,b,c|discrete,continuous,string|a=3,,class|1,2,3",
    "half units": "age,chol|years,x|1,2",
    "nine of ten": "a,b|" + "".join(f"r{i},1,2|" for i in range(9)) + "1,2",
    "row names": "a,b,c|r,1,2,3|s,2,3,4", "spare ends": "a,b,c|1,2,3,|2,3,4,|3,4,5,6",
    "half spare ends": "a,b,c|1,2,3,|2,3,4,7|3,4,5,|4,5,6,6", "same names": "a,b,c|r,1,2,3|r,2,3,4",
    "counted from 0": "0,5,6,7|1,5,6,7|2,5,6,7", "from 2": "2,5,6,7|3,5,6,7|4,5,6,7",
    "two rows": "1,5,6,7|2,5,6,7", "three columns": "1,5,6|2,5,6|3,5,6",
    **{f"names in line {count + 1}": f"{'w,,,|' * count}age,sex,cp,chol|1,2,3,4"
       for count in (29, 30)},
}  # fmt: skip


def test_where_a_table_begins(snapshots):
    for name, lines in BEGUN.items():
        cells = [(i, line.split(",")) for i, line in enumerate(lines.split("|"), 1)]
        found = layout.find_table(cells, {"age", "sex", "cp", "chol"}.__contains__, ".")
        hold(snapshots, name, vars(found))


def test_how_cells_and_signs_are_told(snapshots):
    lines = [
        'a,"b, c",d',
        '"a ""b"" c"',
        "a; b;c",
        '"open',
        " a  b ",
        "",
        "a,,b,",
        'x"y,z',
        "1;2,5",
    ]
    for line in lines:
        told = {sign: text.cells_of(line, sign) for sign in (*text.DELIMITERS, text.SPACES)}
        hold(snapshots, f"cells of {line!r}", told)
    samples = [["a,b", "1,2"], ["a;b", "1,5;2"], ["Title", "a;b", "1;2"], ["a b", "1 2"], [],
               ["a, b", "1, 2"], ["a|b,c", "1|2,5"], ["x"], ["a;b,c", "1;2,3", "4;5"]]  # fmt: skip
    hold(snapshots, "delimiters", [[sample, text.find_delimiter(sample)] for sample in samples])
    scores = [[text._agreement(sample, sign) for sign in ",; "] for sample in samples]
    hold(snapshots, "agreement", scores)
    rows = [["1,5"], ["1,234"], ["1.5"], ["x,5"], [" -1,25e3 "], [",5"], ["1,2,3"], [""], ["1,23"]]
    hold(
        snapshots,
        "signs",
        [[row[0], *(text.decimal_sign([row], d) for d in ",; ")] for row in rows],
    )
    cells = ("1,5", "a,5", "\u22125", "1.5", " ,5 ", "1,2,3")
    hold(snapshots, "plain", [[text.plain_number(c, d) for c in cells] for d in ",."])
    headers = [["a", "b"], ["1", "b"], ["1", "2"], ["a", "1", "2"], ["?", "1"], [], ["1,5", "x"]]
    hold(snapshots, "headers", [[layout.is_header(row, sign) for sign in ".,"] for row in headers])
    hold(snapshots, "names apart", unique(["a", "a", "a (2)", "b", "a", "", ""]))
    words = ("", " ", "?", "NA", "n/a", "null", "None", "-", "--", ".", "-9", "0", "nan", "missing",
             "unknown", "#N/A", "x", "NaN ")  # fmt: skip
    hold(snapshots, "missing", {word: is_missing(word) for word in words})
    names = ("'it\\'s'", '"a"', "'a\"", "a", "'", "''")
    hold(snapshots, "unquoted", [arff._unquoted(name) for name in names])


def test_where_reading_ends(snapshots, monkeypatch, tmp_path):
    for rows in (3, 4, 5):
        hold(snapshots, f"{rows} rows", read(b"a,b\n" + b"1,2\n" * rows, max_rows=4))
        hold(snapshots, f"{rows} rows of cells", read(b"a,b\n" + b"1,2\n" * rows, max_cells=10))
    many = ((number, ["x"]) for number in range(60))
    hold(snapshots, "far too many", attempt(lambda: len(limited(many, "a file", 5, 1000))))
    for count in (45, 46):
        many = ((number, ["x"]) for number in range(count))
        told = attempt(lambda many=many: len(limited(many, "a file", 5, 1000)))
        hold(snapshots, f"{count} with 40 around the table", told)
    wide = [(1, ["a", "b"]), (2, ["a"]), (3, ["a", "b", "c"]), (4, ["a"])]
    for most in (6, 7, 8, 9, 10):
        hold(snapshots, f"{most} cells", attempt(lambda m=most: limited(iter(wide), "f", 9, m)))
    for columns in (499, 500, 501, 502):
        cells = ",".join(["1"] * columns)
        told = read(f"{cells}\n{cells}\n".encode())
        hold(snapshots, f"{columns} columns", told if isinstance(told, str) else len(told[0]))
        quoted = ",".join(['"1"'] * columns)
        told = read(f"{quoted}\n{quoted}\n".encode())
        hold(snapshots, f"{columns} in quotes", told if isinstance(told, str) else len(told[0]))
        spaced = " ".join(["1"] * columns)
        told = read(f"{spaced}\n{spaced}\n".encode())
        hold(snapshots, f"{columns} in spaces", told if isinstance(told, str) else len(told[0]))
        names = "".join(f"@attribute a{i} real\n" for i in range(columns))
        told = read(f"{names}@data\n{cells}\n".encode())
        hold(snapshots, f"{columns} in ARFF", told if isinstance(told, str) else len(told[0]))
        told = read(f"@attribute a real\n@data\n{quoted}\n".encode())
        hold(snapshots, f"{columns} in quotes in ARFF", told if isinstance(told, str) else told[4])
    monkeypatch.setattr(text, "MAX_LINE", 600)
    monkeypatch.setattr(text, "MAX_LINES", 5)
    for length in (598, 599, 600):
        told = read(b"a,b\n" + b"x" * length + b",1\n")
        hold(snapshots, f"{length} letters", told if isinstance(told, str) else len(told[2]))
    for count in (9, 10, 11):
        told = read(b"a,b\n1,2\n" + b"\n" * (count - 2))
        hold(snapshots, f"{count} lines", told if isinstance(told, str) else len(told[2]))
    hold(snapshots, "blank lines", read(b"\n" * 30))
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n")
    sources: list[Any] = [b"abc", bytearray(b"abc"), str(tmp_path / "t.csv"), tmp_path / "t.csv",
                          str(tmp_path / "none.csv"), "", "nul\0", 3, None]  # fmt: skip
    for source in sources:
        told = attempt(lambda source=source: list(read_bytes(source, None)))
        shown = f"{type(source).__name__} {source}".replace(str(tmp_path), "HERE")
        hold(snapshots, shown.replace("PosixPath", "Path"), str(told))
    hold(snapshots, "named", [attempt(lambda p=p: read_bytes(tmp_path / p, "our name")[1])
         for p in ("t.csv", "none.csv")])  # fmt: skip
    hold(snapshots, "too large", attempt(lambda: read_bytes(b"x" * 11, None, 10)))
    hold(snapshots, "as large", attempt(lambda: len(read_bytes(b"x" * 10, None, 10)[0])))
    hold(snapshots, "large in MB", attempt(lambda: read_bytes(b"x" * 3_000_001, "n", 3_000_000)))


def book(*shown: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(shown):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def old_book(rows: list[list[Any]]) -> bytes:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Old")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def test_spreadsheets(snapshots, monkeypatch):
    day = datetime.date(2020, 1, 2)
    rows: list[list[Any]] = [["a", "b", "c", "d"], [1, 2.5, True, day], [None, "x", 3.0, "5,5"]]
    books = {
        "plain": book(rows), "second": book([["only"]], rows, rows), "empty": book([]),
        "a column": book([["a"], [1], [2]]), "two in a column": book([["a"], [1]]),
        "shifted": book([[], [None, "a", "b"], [None, 1, 2], [], [None, 3, 4]]),
        "old": old_book([["a", "b", "c"], [1, 2.5, True], ["x", 3, ""]]),
        "old, empty": old_book([]),
    }  # fmt: skip
    for name, content in books.items():
        hold(snapshots, name, read(content), 30)
    boxes = {
        "document": packed(**{"content.xml": b"<x/>"}), "box": packed(**{"a.txt": b"x"}),
        "xlsb": packed(**{"xl/workbook.bin": b"x"}), "no zip": b"PK\x03\x04" + b"x" * 40,
        "no xml": packed(**{"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"x"}),
        "entity": packed(**{"xl/workbook.xml": b"<x/>",
                            "xl/worksheets/a.xml": b"<!DOCTYPE x><x/>"}),
        "far": packed(**{"xl/workbook.xml": b"<x/>",
                         "xl/worksheets/a.xml": b'<x><c r="ZZ9"><v>1</v></c></x>'}),
        "deep": packed(**{"xl/workbook.xml": b"<x/>",
                          "xl/worksheets/a.xml": b'<x><c r="C900000"><v>1</v></c></x>'}),
        "rows without places": packed(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/a.xml":
                                         b'<x><row r="2000001"><c><v>1</v></c></row></x>'}),
        "formatted": packed(**{"xl/workbook.xml": b"<x/>",
                               "xl/worksheets/a.xml": b'<x><c r="C900000"/></x>'}),
        "ole": sheets._OLE + b"x" * 600, "locked": sheets._OLE + sheets._ENCRYPTED,
    }  # fmt: skip
    for name, content in boxes.items():
        hold(snapshots, name, read(content))
    for name in ("the last cell of a sheet", "ten thousand parts"):
        hold(snapshots, name, attempt(lambda name=name: read_table(HOSTILE[name](), "a file")))
    cells = [
        1,
        1.0,
        -2.5,
        1e22,
        True,
        "x",
        None,
        day,
        datetime.time(3),
        datetime.timedelta(1),
        b"1",
    ]
    hold(snapshots, "shown", [sheets._shown(cell) for cell in cells])
    hold(snapshots, "old cells", [sheets._xls_cell(kind, 1) for kind in range(7)])
    letters = (b"A", b"z", b"AA", b"AZ", b"ZZ", b"AAA")
    hold(snapshots, "columns", [sheets._column(one) for one in letters])
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 2_000_000)
    hold(snapshots, "unpacks", read(packed(**{"xl/workbook.xml": b"x" * 2_000_001})))
    monkeypatch.setattr(sheets, "_MAX_PARTS", 2)
    hold(snapshots, "parts", read(packed(**{f"{i}.xml": b"<x/>" for i in range(3)})))


def test_points_from_columns(snapshots):
    xy = [(i % 5, (i * i) % 7) for i in range(14)]

    def lines(header: str, row: Any) -> bytes:
        return "\n".join([header, *(row(i, a, b) for i, (a, b) in enumerate(xy))]).encode()

    headers = ("x,y,class", "y,x,label", "x1,x2,y", "x1,y,x2", "id,a,b", "class,x,y", "a,target,c",
               "index,x,c", "u,v,w", "x,x2,class", "group,y,x", ",x,y",
               "species,length,width")  # fmt: skip
    for header in headers:
        content = lines(header, lambda i, a, b: f"{a},{b},{i % 2}")
        told = attempt(lambda content=content: read_points(content))
        hold(
            snapshots, header, told if isinstance(told, str) else [list(told.chosen), told.classes]
        )
    labels = {"1 and 2": lambda i: 1 + i % 2, "2.0 and 2": lambda i: ("2.0", "2", "5")[i % 3],
              "words and numbers": lambda i: ("a", 1)[i % 2], "from 0": lambda i: i % 3,
              "halves": lambda i: (0.5, 1)[i % 2], "minus nine": lambda i: (-9, 1)[i % 2],
              "quoted": lambda i: ("'a'", "b")[i % 2], "eight": lambda i: i % 8,
              "nine": lambda i: i % 9, "backwards": lambda i: 1 - i % 2,
              "halves, twice": lambda i: ("0.5", "0.50", "1.5")[i % 3]}  # fmt: skip
    for name, label in labels.items():
        content = lines("x,y,t", lambda i, a, b, label=label: f"{a},{b},{label(i)}")
        hold(snapshots, name, attempt(lambda content=content: read_points(content)), 20)
    odd = {"underscores": "1_0,2,0", "infinite": "inf,2,0", "short": "1,2", "words": "a,b,c",
           "long": "1,2,0,3"}  # fmt: skip
    for name, row in odd.items():
        content = lines("x,y,t", lambda i, a, b: f"{a},{b},{i % 2}") + f"\n{row}\n".encode()
        told = attempt(lambda content=content: read_points(content))
        hold(snapshots, name, told if isinstance(told, str) else [told.notes, len(told.points)])


def test_cells_that_a_spreadsheet_would_run(snapshots):
    cells = ["=1", "+1", "-1", "-1,5", "-1e3", "@x", " =1", "\t=1", "a\n=1", "a,=1", "a;+x", "'=1",
             "", "x", "-", "+49 1", "\u00a0=x", "=", "|x", "%x", "a|=1", "-1-1", "\r=x", "1=2",
             "a\t@b", "-x;'=y", "\ufeff=1", "- 1"]  # fmt: skip
    hold(snapshots, "inert", {cell: write.inert(cell) for cell in cells}, 40)
    written = [["a", -1.5, 2, 1e-20, 10**20], ["=b", 0.1, -3, 1e16, 0]]
    for name in ("csv", "csv-semicolon", "csv-tab", "xlsx"):
        made = write.write_table(["h;1", "=h", "x,y"], written, write.Format.parse(name))
        shown = openpyxl.load_workbook(io.BytesIO(made)).active.values if name == "xlsx" else None
        told = [list(row) for row in shown] if shown else made.decode().splitlines()
        hold(snapshots, name, [told, write.Format.parse(name).extension])
    sheet = [write._sheet_cell(cell) for cell in ("", "<&>", "a\x00b", 1, 2.5, "x" * 32_001)]
    hold(snapshots, "cells of a sheet", [cell[:120] + str(len(cell)) for cell in sheet])


def test_shapes_of_places(snapshots):
    odd: list[Any] = [[1, 2], [[1, 2, 3]], [[[1, 2]]], [[1, np.nan]], 3, [], [[1, np.inf]], [[1]],
                      [[1, 2], [3e6, -9e9]]]  # fmt: skip
    for name in ("blobs", "points"):
        places = [[i, i % 3, i % 2] for i in range(12)]
        config = DatasetConfig.parse(
            {"name": name, **({"points": places} if name == "points" else {})}
        )
        for value in odd:
            told = attempt(lambda value=value, config=config: synthetic.posterior(config, value))
            hold(snapshots, f"{name}, {value}", told)
