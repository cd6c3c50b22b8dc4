"""Tables of patients at the ends of what is shown, read and measured of them: held as kept."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, Reading, read_patients
from classifiers.errors import DataError
from classifiers.evaluation.metrics import Estimate, wilson_interval
from classifiers.recipes.heart.report import plain_json
from classifiers.recipes.heart.tables import outcomes, read
from classifiers.recipes.heart.tables.preview import describe_table
from classifiers.recipes.heart.tables.read import read_batch, read_batch_file
from classifiers.ui.heart.table import tell_outcomes
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv


def test_what_is_shown_of_columns_and_what_is_not(snapshots):
    words = [f"{i} of {'many ' * 9}".strip() for i in range(1, 15)]
    cells = [" 3 ", "3", "3", "4", "4", *words]
    rows = [["1", cell, f"{cell.strip()} and more than forty characters, all in all"] for cell in
            cells]  # fmt: skip
    content = to_csv(rows, ["sex", "cp", "note"])
    reading = Reading.parse(codes={"cp": {word: 1 + i % 4 for i, word in enumerate(words)}})
    hold(snapshots, "codes", describe_table(read_patients(content, 30, reading=reading), reading))
    for count in (59, 60, 61, 63):
        header = [f"v{i}" for i in range(count - 2)]
        content = to_csv([["1"] * count] * 4, [*header, "age", "sex"])
        told = describe_table(read_patients(content, 10), Reading())
        shown = [told["columns"][0], told["columns"][-1]["name"], len(told["columns"])]
        hold(snapshots, f"{count} columns", [shown, told["more_columns"], told["rows"]])
    few = describe_table(read_patients(b"num,thalach\n1,150\n0,?\n3,x\n", 10), Reading())
    hold(snapshots, "labels", few)


def test_a_rows_first_bad_field_is_what_is_said_of_it(snapshots):
    rows = invent_patients(7, seed=4)
    rows[0][0], rows[0][3], rows[0][12] = "900", "x", "y"
    rows[1][4], rows[1][7] = "old", "900"
    rows[2][9], rows[2][11], rows[2][12] = "99", "x", "1.5"
    rows[3][3], rows[3][4] = "9", "99999"
    rows[4][0], rows[4][1] = "x", "y"
    _, x, errors = read_batch(to_csv(rows, UCI_HEADER))
    hold(snapshots, "errors", errors)
    assert np.isnan(x).all(1).tolist() == [row in errors for row in range(7)]
    with pytest.raises(DataError, match="^file: "):
        read_batch(b"age,chol\n50,5.2\n60,6.1\n")


def test_as_many_rows_and_cells_as_a_batch_may_have(monkeypatch):
    monkeypatch.setattr(read, "MOST_ROWS", 4)
    content = b"age,sex\n" + b"50,1\n" * 4
    assert len(read_batch_file(content, Reading()).rows) == 4
    with pytest.raises(DataError, match="must have at most 4 rows"):
        read_batch_file(content + b"60,0\n", Reading())
    monkeypatch.setattr(read, "MOST_CELLS", 9)
    with pytest.raises(DataError, match="passes 9 cells"):
        read_batch_file(content, Reading())
    with pytest.raises(DataError, match="no column named after a feature"):
        read_batch_file(b"a,b\n1,2\n", Reading())


def test_as_many_resamples_as_a_tables_size_allows(monkeypatch):
    asked: list[Any] = []

    def drawn(y: np.ndarray, resamples: int, seed: int) -> np.ndarray:
        asked.append(resamples)
        return np.arange(len(y))[None]

    def sample(y: np.ndarray, p: np.ndarray, *, stratified: bool, resamples: int) -> Any:
        asked.append((stratified, resamples))
        return SimpleNamespace(y=y)

    one = Estimate(1.0, 0.5, 1.5)
    monkeypatch.setattr(outcomes, "stratified_resamples", drawn)
    monkeypatch.setattr(outcomes, "Sample", SimpleNamespace(draw=sample))
    fitted = SimpleNamespace(intercept=one, slope=Estimate(2.0, 1.0, 3.0))
    monkeypatch.setattr(outcomes, "calibration", lambda _: fitted)
    for count in (1_000, 2_000, 2_500, 8_000, 20_000, 30_000):
        y = np.arange(count) % 2
        told = outcomes._measure(y, np.full(count, 0.5), 0.5)
        assert (told["calibration_intercept"], told["calibration_slope"].value) == (one, 2.0)
    counts = [1000, 1000, 800, 250, 100, 100]
    assert asked == [part for count in counts for part in (count, (False, min(count, 300)))]


def test_what_a_table_was_worth_in_numbers_that_all_differ(snapshots):
    names = ("auc", "brier", "calibration_intercept", "calibration_slope", "sensitivity",
             "specificity", "precision")  # fmt: skip
    ours = {name: Estimate(0.51 + i / 20, 0.41 + i / 20, 0.56 + i / 20).to_dict()
            for i, name in enumerate(names)}  # fmt: skip
    theirs = {name: Estimate(0.21 + i / 20, 0.11 + i / 20, 0.26 + i / 20).to_dict()
              for i, name in enumerate(names)}  # fmt: skip
    counts = {"true_positive": 1234, "false_positive": 23, "false_negative": 345,
              "true_negative": 4567}  # fmt: skip
    groups = [{"patients": n, "said": n / 4000, "found": wilson_interval(n // 5, n).to_dict()}
              for n in (7, 1_500)]  # fmt: skip
    told = {
        "column": "a name of more than forty characters, to the letter", "patients": 5678,
        "cases": 1579, "metrics": ours, "record": {"metrics": theirs}, "counts": counts,
        "groups": groups, "warnings": ["known"],
    }  # fmt: skip
    for name, change in (("all", {}), ("no slope", {"calibration_slope": dict.fromkeys(
        ("value", "low", "high"), np.nan)}), ("no end", {"calibration_intercept": {
            "value": 0.3, "low": -0.1, "high": np.inf}})):  # fmt: skip
        other = {**told, "metrics": {**ours, **change}}
        findings = outcomes._say(other, Estimate(0.8, 0.7, 0.9))
        hold(snapshots, name, findings)
        hold(snapshots, f"{name}, shown", tell_outcomes(
            plain_json({**other, "findings": findings})))  # fmt: skip
    lost = {**theirs, "precision": {"value": None, "low": 0.0, "high": 1.0}}
    shown = tell_outcomes({**told, "record": {"metrics": lost}, "findings": []})
    hold(snapshots, "nobody called", shown and shown["rows"])
    for note in ({"note": "too few", "warnings": ["known"]}, {"note": "too few"}):
        hold(snapshots, f"{len(note)} said", tell_outcomes({"column": "d" * 41, **note}))


def test_labels_that_are_not_used(model, snapshots):
    rows = invent_patients(40, seed=4)
    for name, change in (("few ill", "0"), ("few well", "2"), ("unknown", "?"), ("words", "x")):
        some = [[*row[:13], row[13] if i < 12 else change] for i, row in enumerate(rows)]
        some = some[5:] if name == "few well" else some
        result = model.predict_file(to_csv(some, UCI_HEADER))
        told = attempt(lambda result=result: outcomes.measure_outcomes(model, result))
        kept = ("column", "patients", "cases", "left_out", "note", "warnings")
        hold(snapshots, name, {key: told[key] for key in kept if key in told})
    assert tuple(UCI_HEADER[:13]) == FEATURE_NAMES
