"""What is said of files of patients, whole: held against what was looked at and kept."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from classifiers.data.heart.file import (
    FEATURE_NAMES,
    PatientFile,
    Reading,
    audit_heart,
    read_heart,
    read_patients,
)
from classifiers.data.heart.options import DECODES
from classifiers.data.heart.schema import FEATURES, list_names, parse_value, shorten
from classifiers.recipes.heart.tables.preview import describe_table
from tests.answers.thinned import attempt, hold, thin
from tests.conftest import DATA
from tests.tools import heart_files as made
from tests.tools import wild_files as wild
from tests.tools.heart_files import UCI_HEADER, invent_patients, site_rows, to_csv

Content = bytes | Any


def amounts(x: np.ndarray) -> dict[str, Any]:
    """Of each column what is unknown, the mean, and the mean weighted by where a row stands."""
    place = np.arange(1, len(x) + 1) / len(x)
    told = {}
    for name, column in zip(FEATURE_NAMES, x.T, strict=True):
        known = ~np.isnan(column)
        mean = float(column[known].mean()) if known.any() else None
        placed = float((column * place)[known].mean()) if known.any() else None
        told[name] = [int((~known).sum()), mean, placed]
    return told


def patients_of(read: PatientFile) -> dict[str, Any]:
    labels = None if read.labels is None else [float(np.nansum(read.labels)), len(read.labels)]
    return {
        "header": list(read.header),
        "rows": len(read.rows),
        "lines": [*read.lines[:2], read.lines[-1]],
        "columns": read.columns,
        "unrecognised": list(read.unrecognised),
        "row_errors": read.row_errors,
        "findings": thin(read.findings),
        "known_copy": read.known_copy,
        "x": amounts(read.x),
        "unreadable": read.unreadable,
        "strange": {name: int(rows.sum()) for name, rows in read.strange.items()},
        "labels": labels,
        "label": [read.label_column, read.label_note],
        "converted": list(read.converted),
        "mild": read.mild,
        "notes": list(read.notes),
    }


def told_of(content: Content, **options: Any) -> dict[str, Any]:
    """All that is made of a file: to train on it, to predict it, to show its columns."""
    read = attempt(lambda: read_patients(content, 20_000, reading=Reading.parse(**options)))

    def trained() -> list[Any]:
        table = read_heart(content, **options)
        y = None if table.y is None else [int(table.y.sum()), len(table.y)]
        num = None if table.num is None else int(table.num.sum())
        return [y, num, float(np.nansum(table.x * np.arange(1, 14)))]

    def audited() -> dict[str, Any]:
        audit = audit_heart(content, **options)
        return {**audit.to_dict(), "refused for": [one.code for one in audit.refusals]}

    return {
        "audit": attempt(audited),
        "to train": attempt(trained),
        "to predict": patients_of(read) if isinstance(read, PatientFile) else read,
    }


def cleveland() -> made.Rows:
    return site_rows("cleveland")


OF_UCI: dict[str, Callable[[], Content]] = {
    **{site: lambda site=site: made.path_to(f"uci/processed.{site}.data") for site in made.SITES},
    "kaggle": lambda: to_csv(made.as_kaggle(cleveland()), UCI_HEADER),
    "kaggle, 1,025 rows": lambda: to_csv(made.as_kaggle_1025(cleveland()), UCI_HEADER),
    "from zero": lambda: to_csv(made.as_counted_from_zero(cleveland()), UCI_HEADER),
    "statlog": lambda: to_csv(made.as_statlog(cleveland()), None, " "),
    "lesson": lambda: to_csv(made.as_lesson(cleveland()), UCI_HEADER),
    "inverted": lambda: to_csv(made.inverted(cleveland()), UCI_HEADER),
    "heart failure": lambda: to_csv(made.as_heart_failure(), made.HEART_FAILURE_HEADER),
    "textbook": lambda: to_csv(*wild.as_textbook(cleveland())),
    "weka": lambda: to_csv(wild.as_weka(cleveland()), UCI_HEADER),
    "arff": lambda: wild.as_arff(cleveland()),
    "orange": lambda: wild.as_orange(cleveland()),
    "funmodeling": lambda: to_csv(*wild.as_funmodeling(cleveland())),
    "words on kaggle's codes": lambda: to_csv(
        wild.as_words_on_kaggles_codes(cleveland()), UCI_HEADER
    ),
    "four sites": lambda: to_csv(*wild.as_four_sites()),
}
CASES = {
    "false-repeats": "input.csv", "four-rows-kaggle": "input.csv", "from-zero-coding": "input.csv",
    "islr-heart": "input.csv", "labels-against-every-sign": "input.csv",
    "missing-words": "input.csv", "openml-heart-c": "input.arff", "raw76-explained": "input.data",
    "words-from-kaggle-codes": "input_batch.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> None:
    """Before anything is held: what is not there is skipped."""
    if not (DATA / "uci").is_dir() or not wild.CASES.is_dir():
        pytest.skip("the shared files, which are not committed, are absent")


def test_real_files_and_their_copies(shared, snapshots):
    for name, content in OF_UCI.items():
        hold(snapshots, name, told_of(content()))


def test_cases_of_real_files(shared, snapshots):
    for name, file in CASES.items():
        hold(snapshots, name, told_of(wild.case(name, file)))
        hold(snapshots, f"{name}, shown", shown(wild.case(name, file).read_bytes()), 3)


def shown(content: bytes, **options: Any) -> Any:
    reading = Reading.parse(**options)
    return attempt(lambda: describe_table(read_patients(content, 500, reading=reading), reading))


def changed(rows: made.Rows, name: str, change: Callable[[float], str]) -> made.Rows:
    place = UCI_HEADER.index(name)
    return [[*row[:place], change(float(row[place])), *row[place + 1 :]] for row in rows]


def invented() -> dict[str, tuple[Content, dict[str, Any]]]:
    """Tables of made-up patients, each strange in a way of its own, and what is said of it."""
    rows = invent_patients(90, seed=3)
    mmol = changed(rows, "chol", lambda chol: f"{chol / 38.67:.2f}")
    bad = [list(row) for row in rows]
    for i, (place, cell) in enumerate([(0, "old"), (3, "9999"), (12, "5"), (11, "NA"), (1, "x")]):
        bad[i][place] = cell
    bad[7] = bad[6]
    bad[8] = [*bad[8], "more"]
    bad[9] = bad[9][:-2]
    told: dict[str, tuple[Content, dict[str, Any]]] = {
        "plain": (to_csv(rows, UCI_HEADER), {}),
        "no header": (to_csv(rows), {}),
        "other names": (to_csv(rows, made.RENAMED), {}),
        "yes and no": (to_csv(made.binary(rows), UCI_HEADER), {}),
        "inverted": (to_csv(made.inverted(rows), UCI_HEADER), {}),
        "cells in error": (to_csv(bad, UCI_HEADER), {}),
        "mmol": (to_csv(mmol, UCI_HEADER), {}),
        "mmol, said": (to_csv(mmol, UCI_HEADER), {"units": {"chol": "mmol/l"}}),
        "kPa": (to_csv(changed(rows, "trestbps", lambda p: f"{p / 7.5:.1f}"), UCI_HEADER), {}),
        "amounts of sugar": (
            to_csv(changed(rows, "fbs", lambda fbs: str(90 + 50 * int(fbs))), UCI_HEADER), {}),
        "ST in mV": (to_csv(changed(rows, "oldpeak", lambda s: f"{s / 10:.2f}"), UCI_HEADER), {}),
        "standardised": (
            to_csv(changed(rows, "age", lambda age: f"{(age - 55) / 9:.3f}"), UCI_HEADER), {}),
        "sex as 1 and 2": (
            to_csv(changed(rows, "sex", lambda sex: str(int(sex) + 1)), UCI_HEADER), {}),
        "sex as 1 and 2, said": (
            to_csv(changed(rows, "sex", lambda sex: str(int(sex) + 1)), UCI_HEADER),
            {"codes": {"sex": {"1": "female", "2": "male"}}}),
        "two thal": (to_csv([[*row, row[12]] for row in rows], [*UCI_HEADER, "Thallium"]), {}),
        "columns said": (
            to_csv(rows, ["years", *UCI_HEADER[1:]]), {"columns": {"age": "years", "ca": "-"}}),
        "no such column": (to_csv(rows, UCI_HEADER), {"columns": {"age": "years"}}),
        "nothing of it": (b"a,b\n1,2\n3,4\n", {}),
        "one row": (to_csv(rows[:1], UCI_HEADER), {}),
        "empty": (b"", {}),
    }  # fmt: skip
    for name in ("age", "ca", "num", "thal"):
        if name != "num":
            header = [one for one in UCI_HEADER if one != name]
            told[f"without {name}"] = (to_csv(made.without_column(rows, name), header), {})
    told["without labels"] = (to_csv([row[:-1] for row in rows], UCI_HEADER[:-1]), {})
    for decode in DECODES:
        told[f"decoded from {decode}"] = (to_csv(rows, UCI_HEADER), {"decode": decode})
    return told


def test_invented_files(snapshots):
    for name, (content, options) in invented().items():
        hold(snapshots, name, told_of(content, **options), 6)
    for name in ("cells in error", "columns said"):
        content, options = invented()[name]
        hold(snapshots, f"{name}, shown", shown(content, **options), 5)


BAD_READINGS: list[dict[str, Any]] = [
    {"decode": "other"}, {"decode": 3}, {"units": 4}, {"units": {"age": "days"}},
    {"units": {"chol": "g"}}, {"units": {"chol": None}}, {"units": {"who": "mg/dl"}},
    {"codes": []}, {"codes": {"cp": 1}}, {"codes": {"cp": {"a": "b"}}}, {"codes": {"age": {}}},
    {"codes": {"cp": {"a": True}}}, {"codes": {"cp": {"x": 9}}}, {"codes": {"cp": {"x": None}}},
    {"codes": {"cp": {str(i): 1 for i in range(200)}}}, {"columns": "age"},
    {"columns": {"who": "age"}}, {"columns": {"age": 4}}, {"columns": {"age": "a", "sex": "a"}},
    {"columns": {"age": None}}, {"units": {"Chol": "MMOL/L", "trestbps": "kPa"}},
    {"codes": {"thal": {"Normal ": "normal", "7": "", "x": 6.0}}},
]  # fmt: skip
VALUES: list[Any] = [
    None, "", "?", "NA", 1, 1.0, True, "1", " 2 ", "2,5", "1e1", 0, -1, 3, 6, 7, 9, 57, 57.5, 130,
    240, 1e9, "nan", float("nan"), "male", "Female", "yes", "FALSE", "asymptomatic", "typical",
    "flat", "reversable defect", "normal", "x" * 300, [1], {}, b"1",
]  # fmt: skip


def test_the_schema_of_patients(snapshots):
    hold(snapshots, "features", thin(FEATURES, 40), 40)
    for about in FEATURES:
        told = {
            f"{i}. {str(value)[:20]}": attempt(
                lambda value=value, text=text, about=about: parse_value(about, value, text=text)
            )
            for text in (False, True)
            for i, value in enumerate(VALUES, 1 + 100 * text)
        }
        refused = [name for name, said in told.items() if isinstance(said, str)]
        for name in refused[1:]:
            told[name] = f"... {told[name].rpartition(', got ')[2]}"
        hold(snapshots, about.name, told)
        formatted = [about.format(value) for value in (None, 0.0, 1.0, 2.5, 3.0, 140.0)]
        hold(snapshots, f"{about.name}, said", formatted)


def test_what_is_said_of_a_files_reading(snapshots):
    told = {
        str(given)[:60]: attempt(lambda given=given: vars(Reading.parse(**given)))
        for given in BAD_READINGS
    }
    hold(snapshots, "readings", told)
    most = {count: {"codes": {"cp": {str(i): 1 for i in range(count)}}} for count in (100, 101)}
    for count, given in most.items():
        read = attempt(lambda given=given: Reading.parse(**given))
        hold(snapshots, f"{count} codes", read if isinstance(read, str) else "read")
    for count in (1, 19, 20, 21, 22):
        hold(snapshots, f"{count} names", list_names([f"n{i}" for i in range(count)]))
    long: list[Any] = ["x" * 57, "x" * 58, "x" * 59, 10**59, 10**60, 10**61, -(10**61), b"\xff"]
    hold(snapshots, "shortened", [shorten(value) for value in long])
