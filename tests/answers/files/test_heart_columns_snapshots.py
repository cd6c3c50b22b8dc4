"""What is left out of a heart file's columns, and which nameless one is taken for what."""

from typing import Any

import numpy as np

from classifiers.data.heart import audit, cleaning, columns
from classifiers.data.heart.options import Reading
from classifiers.data.heart.table import read_table
from tests.answers.files.test_heart_judgements_snapshots import NUM, ROWS, with_column
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, Rows, to_csv


def told_of(x: np.ndarray, header: list[str]) -> list[Any]:
    """Counts of the missing and of the impossible, and what is said of them."""
    places = [UCI_HEADER.index(name) for name in header]
    rows = [[row[place] for place in places] for row in ROWS]
    found = columns.name_columns(read_table(to_csv(rows, header), "a file"))
    _, missing, wrong, findings = cleaning.clean(x, found, False, set())
    return [missing, wrong, [[one.refuses, one.message] for one in findings]]


def test_values_that_are_left_out(snapshots):
    whole, without = [*UCI_HEADER], [name for name in UCI_HEADER if name != "ca"]
    rare = np.where(np.arange(120) < 40, 1.0, np.nan)
    for count in (2, 3):
        x = with_column("ca", np.where(np.arange(120) < count, 8.0, rare))
        hold(snapshots, f"{count} of 40 known", told_of(x, whole))
    for count in (4, 5, 6, 7):
        x = with_column("age", np.where(np.arange(120) < count, 201.0 + np.arange(120), 50.0))
        hold(snapshots, f"{count} different ones", told_of(x, whole))
    hold(snapshots, "no such column", told_of(with_column("ca", np.nan), without))


def with_cells(rows: Rows, changes: dict[int, str | None], *more: str) -> Rows:
    """Rows with some columns in other words, None = without it, and more of them at the end."""
    kept = [[changes.get(i, cell) for i, cell in enumerate(row)] for row in rows]
    return [[*(cell for cell in row if cell is not None), *more] for row in kept]


def test_which_nameless_column_is_taken_for_what(snapshots):
    rows = ROWS[:40]
    names = dict(enumerate(UCI_HEADER))
    cases: dict[str, tuple[dict[int, str | None], dict[int, str | None], tuple[str, ...]]] = {
        "one of two yes and no": ({1: "v", 5: None}, {5: None}, ()),
        "one name, two columns": ({1: "v"}, {}, ("w",)),
        "one name, another column": ({4: "v"}, {}, ("w",)),
        "two of each": ({1: "v", 5: "u"}, {}, ()),
        "a unit beside the label": ({13: "num (mmol/l)", 4: "chol (mmol/l)"}, {}, ()),
    }
    for name, (renamed, changes, more) in cases.items():
        header = [str(renamed.get(i, cell)) for i, cell in names.items() if renamed.get(i, cell)]
        text = to_csv(with_cells(rows, changes, *("1" for _ in more)), [*header, *more])
        table = read_table(text, "a file")
        found = attempt(lambda table=table: columns.locate_columns(table))
        said = None if isinstance(found, str) else columns.units_said(table, found)
        hold(snapshots, name, [found, said])
    header = ["v" if i in (1, 5) else "w" if i == 8 else name for i, name in names.items()][:13]
    for count in (12, 13):  # no label, in the order of the study
        text = to_csv([row[:count] for row in rows], header[:count])
        table = read_table(text, "a file")
        found = attempt(lambda table=table: columns.locate_columns(table))
        hold(snapshots, f"{count} columns, three of other names", found)
    twelve = [[*row[:11], *row[12:13]] for row in rows]
    for told in ({}, {"ca": ""}, {"ca": "v"}, {"age": "1"}, {"ca": "", "age": "1"}):
        reading = Reading.parse(columns=told)
        header = [*UCI_HEADER[:11], *UCI_HEADER[12:13], "v"]
        for named in (header, None):
            text = to_csv([[*row, "0"] for row in twelve], named)
            table = read_table(text, "a file")
            found = attempt(lambda table=table, told=reading: columns.locate_columns(table, told))
            hold(snapshots, f"{told}, {named is None}", found)
    for unknown in (0, 10, 19):
        cells = [*["?"] * unknown, *["0", "1"] * ((29 - unknown) // 2), "1", "maybe"]
        fitting = [name for name in UCI_HEADER[:13] if columns._fits(name, cells)]
        hold(snapshots, f"{unknown} unknown of {len(cells)}", fitting)


def test_what_an_audit_makes_of_files(snapshots, monkeypatch):
    mild = np.flatnonzero(NUM == 1)
    again = [*ROWS, *(ROWS[i] for i in [*mild[:2]] * 2)]
    scaled = [[f"{int(row[0]) / 70:.3f}", *row[1:4], f"{int(row[4]) / 600:.3f}", *row[5:7],
               f"{int(row[7]) / 210:.3f}", *row[8:]] for row in ROWS]  # fmt: skip
    halves = [[*row[:13], "2" if row[13] != "0" else "1"] for row in ROWS]
    cases: dict[str, tuple[Rows, dict[str, Any]]] = {
        "usual": (ROWS, {}), "some mild ones again": (again, {}), "scaled": (scaled, {}),
        "all again": (ROWS * 2, {}), "one and two": (halves, {}),
        "one and two, said": (halves, {"decode": "statlog"}),
        **{f"{copy} in vain": (ROWS, {"decode": copy}) for copy in ("kaggle", "from-zero")},
        "another unit": (ROWS, {"units": {"chol": "mg/dl", "trestbps": "kpa"}}),
    }  # fmt: skip
    for name, (rows, options) in cases.items():
        for marked in (mild, mild[:2], mild[:0]):
            known = {tuple(ROWS[i][:5]) for i in marked}
            marks = np.array([tuple(row[:5]) in known for row in rows])
            monkeypatch.setattr(audit, "find_mild_patients", lambda _, marks=marks: marks)
            table = read_table(to_csv(rows, UCI_HEADER), "a file")
            seen = audit.examine(table, reading=Reading.parse(**options))
            found = {k: v for k, v in seen.audit.to_dict().items() if k != "sha256"}
            kept = [seen.y is not None, seen.num is not None, int(seen.repeated.sum()),
                    [one.code for one in seen.audit.refusals]]  # fmt: skip
            hold(snapshots, f"{name}, {len(marked)}", [found, kept])
