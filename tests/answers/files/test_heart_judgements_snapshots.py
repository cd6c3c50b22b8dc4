"""What is made of labels, codes, units and columns, case by case: held against what was kept."""

import itertools
import math
from typing import Any, get_args

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from classifiers.data.heart import cleaning, columns, copies, labels, questions
from classifiers.data.heart.copies import column
from classifiers.data.heart.labels import Labels, judge_labels, label_values, read_labels
from classifiers.data.heart.names import TARGET
from classifiers.data.heart.options import DECODES, Reading
from classifiers.data.heart.schema import FEATURE_NAMES, FEATURES
from classifiers.data.heart.table import read_table
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, Rows, invent_patients, to_csv


def matrix(rows: Rows) -> np.ndarray:
    return np.array([[float(cell) for cell in row[:13]] for row in rows])


ROWS = invent_patients(120, seed=11)
X = matrix(ROWS)
NUM = np.array([float(row[13]) for row in ROWS])
SICK = (NUM > 0).astype(float)
SITE = ("uci-hungarian", int(SICK.sum()))


def with_column(name: str, values: Any, x: np.ndarray = X) -> np.ndarray:
    changed = x.copy()
    column(changed, name)[:] = values
    return changed


def told(judged: Any) -> dict[str, Any]:
    y = judged.y
    return {
        "y": None if y is None else [float(np.nansum(y)), int(np.isnan(y).sum())],
        "findings": [[one.code, one.refuses, one.message] for one in judged.findings],
        "is": [judged.is_lesson, judged.is_statlog, judged.inverted],
    }


def as_labelled(healthy: float, y: np.ndarray = SICK) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which a share of the mildly ill are called healthy, and who these are."""
    mild = NUM == 1
    rows = np.flatnonzero(mild)
    changed = y.copy()
    changed[rows] = np.where(np.arange(len(rows)) < healthy * len(rows), 0.0, 1.0)
    return changed, mild


@pytest.mark.parametrize("inverted", [False, True])
def test_what_labels_of_known_patients_mean(snapshots, inverted):
    for healthy in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 1.0):
        y, mild = as_labelled(healthy)
        y = 1 - y if inverted else y
        for recoding, decode, accept in (
            (None, None, None), ("kaggle", None, None), ("kaggle", "kaggle", None),
            (None, None, "lesson"), ("other", None, None), ("from-zero", "from-zero", None),
        ):  # fmt: skip
            given = Labels("binary", y, y)
            judged = judge_labels(X, given, mild, None, recoding, accept, decode)
            hold(snapshots, f"{healthy}, {recoding}, {decode}, {accept}", told(judged))


def test_shares_at_which_labels_are_doubted(snapshots):
    twenty, four = np.arange(20) < 20, np.arange(20) < 4
    for mild, counts in ((twenty, (2, 3, 4, 14, 15, 16)), (four, (1, 2, 3, 4))):
        for healthy in counts:
            y = np.where(mild, np.arange(20) >= healthy, np.arange(20) % 2).astype(float)
            judged = judge_labels(X[:20], Labels("binary", y, y), mild, None, None, None, None)
            hold(snapshots, f"{healthy} of {mild.sum()}", told(judged))


def test_what_labels_of_strangers_mean(snapshots):
    nobody = np.zeros(len(X), bool)
    few = slice(0, 6)
    noise = np.resize([0.0, 1.0, 1.0], len(X))
    cases = {"with": SICK, "against": 1 - SICK, "noise": noise, "all ill": np.ones(len(X))}
    for name, y in cases.items():
        half = np.where(np.arange(len(y)) % 4 == 0, np.nan, y)
        for scheme, written in (("binary", y), ("num", half), ("one_two", y + 1), ("unknown", y)):
            given = Labels(scheme, written, half if scheme == "num" else y)
            for decode, site in ((None, None), ("statlog", None), ("kaggle", SITE)):
                judged = judge_labels(X, given, nobody, site, None, None, decode)
                hold(snapshots, f"{name}, {scheme}, {decode}, {site}", told(judged))
        for rows, recoding in itertools.product((few, slice(None)), get_args(copies.Recoding)):
            given = Labels("binary", y[rows], y[rows])
            judged = judge_labels(X[rows], given, nobody[rows], None, recoding, None, "kaggle")
            hold(snapshots, f"{name}, {recoding}, {rows.stop}", told(judged))
    site = ("uci-va", SITE[1] + 3)
    judged = judge_labels(X, Labels("binary", SICK, SICK), nobody, site, None, None, None)
    hold(snapshots, "another count", told(judged))
    mostly = Labels("one_two", np.minimum(NUM, 1) + 1, np.minimum(NUM, 1))
    judged = judge_labels(X, mostly, NUM == 1, None, None, None, None)
    hold(snapshots, "one and two of known patients", told(judged))
    ill = Labels("one_two", np.where(NUM == 1, 1.0, 2.0), np.where(NUM == 1, 0.0, 1.0))
    hold(
        snapshots,
        "all ill, some mildly",
        told(judge_labels(X, ill, NUM == 1, None, None, None, None)),
    )


def test_labels_as_they_are_written(snapshots):
    cells = ["absence", "Present", " 'sick' ", ">50_3", "<50", "yes", "N", "heart  disease", "?",
             "-9", "-9.0", "2", "1e0", "nan", "inf", "maybe", "", "no disease", "TRUE"]  # fmt: skip
    values, unreadable = label_values(cells)
    hold(snapshots, "cells", [dict(zip(cells, map(str, values), strict=True)), unreadable])
    many = np.array([np.nan, 3, 1, 1, 0, 2.5, *range(40)], float)
    hold(snapshots, "counts", labels.count_labels(many))
    files: dict[str, list[str]] = {
        "zero and one": ["0", "1", "0"], "num": ["0", "4", "2"], "one and two": ["1", "2", "2"],
        "some missing": ["0", "?", "1"], "none": ["?", "?", "?"], "five": ["0", "5", "1"],
        "a word": ["0", "perhaps", "1"], "half": ["0.5", "1", "0"], "ones": ["1", "1", "1"],
        "many": ["7", "8", "9"],
    }  # fmt: skip
    for name, written in files.items():
        for header in ("target", "num"):
            rows = [[*row[:13], label] for row, label in zip(ROWS, written, strict=False)]
            table = read_table(to_csv(rows, [*UCI_HEADER[:13], header]), "a file")
            for index in (13, None):
                read, findings = read_labels(table, index)
                hold(snapshots, f"{name}, {header}, {index}", [read.scheme, read.written, read.y,
                     [[one.code, one.refuses, one.message] for one in findings]])  # fmt: skip
            nobody = np.zeros(len(rows), bool)
            x = X[: len(rows)]
            for decode in (None, "statlog"):
                outcome = labels.read_outcomes(table, 13, x, nobody, None, Reading(decode=decode))
                hold(snapshots, f"{name}, {header}, {decode}: outcomes", list(outcome))


def test_how_labels_go_with_signs_is_the_rank_sum_of_other_libraries(snapshots):
    signs = copies.signs_of_disease(X)
    for name, z in copies.polarity_of_signs(X, SICK).items():
        ill, well = signs[name][SICK == 1], signs[name][SICK == 0]
        area = mannwhitneyu(ill, well).statistic / (len(ill) * len(well))
        deviation = math.sqrt((len(X) + 1) / (12 * len(ill) * len(well)))
        assert z == pytest.approx((area - 0.5) / deviation)
    unknown = np.where(np.arange(len(X))[:, None] % 5 == np.arange(13) % 5, np.nan, X)
    cases = {
        "all": (X, SICK), "unknown": (unknown, SICK), "one class": (X, np.ones(len(X))),
        "some unlabelled": (X, np.where(NUM == 2, np.nan, SICK)), "alike": (X * 0 + 1, SICK),
        "nothing": (X * np.nan, SICK), "two rows": (X[:2], SICK[:2]),
    }  # fmt: skip
    for name, (x, y) in cases.items():
        polarity = copies.measure_polarity(x, y)
        hold(snapshots, name, [polarity, copies.polarity_of_signs(x, y)])


def in_shares(name: str, shares: dict[int, int]) -> np.ndarray:
    """Codes of one field in so many of 100 rows each."""
    return np.resize(np.repeat(list(map(float, shares)), list(shares.values())), 100)


CP = ({1: 10, 2: 20, 3: 30, 4: 40}, {0: 40, 1: 20, 2: 30, 3: 10}, {0: 10, 1: 20, 2: 30, 3: 40},
      {0: 5, 1: 50, 2: 45}, {0: 4, 1: 96}, {0: 40, 1: 20, 2: 20, 3: 19, 4: 1})  # fmt: skip
SLOPE = ({1: 45, 2: 50, 3: 5}, {0: 5, 1: 50, 2: 45}, {0: 45, 1: 50, 2: 5}, {0: 2, 1: 98},
         {0: 1, 1: 99}, {0: 10, 1: 80, 2: 9, 3: 1})  # fmt: skip
THAL = ({3: 60, 6: 10, 7: 30}, {0: 2, 1: 8, 2: 60, 3: 30}, {0: 60, 1: 10, 2: 30},
        {1: 5, 3: 95}, {0: 15, 1: 10, 2: 50, 3: 25}, {2: 90, 3: 9, 6: 1})  # fmt: skip


def test_codings_of_categories(snapshots):
    x = np.resize(X, (100, 13))
    found = {}
    for a, b, c in itertools.product(range(6), repeat=3):
        y = with_column("cp", in_shares("cp", CP[a]), x)
        y = with_column("slope", in_shares("slope", SLOPE[b]), y)
        y = with_column("thal", in_shares("thal", THAL[c]), y)
        for ecg, rest in (("as it is", 20), ("counted", 45)):
            coded = with_column("restecg", in_shares("restecg", {0: 100 - rest, 2: rest}), y)
            found[f"{a} {b} {c}, {ecg}"] = copies.find_recoding(coded)
    lines = [f"{name}: {coding}" for name, coding in found.items()]
    snapshots.hold("codings", lines, alone=True)
    few, five = (with_column("cp", 0.0, X[:count]) for count in (4, 5))
    unknown = with_column("thal", np.nan, with_column("slope", np.nan, with_column("cp", 0.0)))
    hold(snapshots, "few", [copies.find_recoding(one) for one in (few, unknown, X * np.nan, five)])
    for copy in ("kaggle", "from-zero"):
        codes = np.tile(np.arange(6.0)[:, None], 13)
        hold(snapshots, f"decoded from {copy}", copies.decode_copy(codes, copy).T.tolist(), 6)
        decoded = [questions.fits_few(with_column("thal", code, X[:4] * 0), Reading(decode=copy))
                   for code in range(5)]  # fmt: skip
        hold(snapshots, f"few fit {copy}", [
            *decoded, questions.fits_few(X[:5] * 0, Reading(decode=copy))])  # fmt: skip
    strange = with_column("ca", np.where(np.arange(120) % 40 == 0, 4.0, column(X, "ca")))
    strange = with_column("cp", np.where(np.arange(120) < 2, 0.0, column(X, "cp")), strange)
    hold(snapshots, "strange codes", copies.codes_of_other_copies(strange))
    sentence, marked = questions.name_strange_codes(strange)
    hold(snapshots, "said of them", [sentence, {n: int(rows.sum()) for n, rows in marked.items()}])
    hold(snapshots, "of none", list(questions.name_strange_codes(X)))
    for name, code in (("ca", 4), ("cp", 0), ("slope", 0), ("thal", 1), ("thal", 0), ("sex", 2)):
        row = with_column(name, float(code), X[:1])
        hold(snapshots, f"{name} {code}", [questions.explain_strange_codes(row[0]),
             *questions.name_strange_codes(row)[:1]])  # fmt: skip
    both = with_column("thal", 0.0, with_column("ca", 4.0, X[:9]))
    hold(snapshots, "both", questions.name_strange_codes(both)[0])


def test_what_is_asked_of_units_and_codes(snapshots):
    ask = {"chol": questions._ask_chol, "trestbps": questions._ask_pressure,
           "fbs": questions._ask_sugar}  # fmt: skip
    values = ([5.2, 6.1], [24.9, 25.1], [24, 24.5, 25], [200, 240], [12, 13.5],
              [34, 35.5], [35, 35],
              [130, 140], [0.5, 1], [1, 1, 1], [90, 120, 140, 100, 99, 150], [5, 6, 7, 8, 5.5],
              [1] * 97 + [2, 2, 2], [1] * 20 + [99], [30.5], [30],
              [1, 1, 1, 99], [1, 1, 1, 1, 99], [1] * 10 + [140] * 8)  # fmt: skip
    for name, look in ask.items():
        for known in values:
            answers = {str(said): look(np.array(known, float), said)
                       for said in (None, "mmol/l", "mg/dl", "kpa")}  # fmt: skip
            hold(snapshots, f"{name} {known[:6]} {len(known)}", answers)
    changed = with_column("chol", column(X, "chol") / 38.67)
    for units in ({}, {"chol": "mmol/l"}, {"trestbps": "kpa"}):
        reading = Reading.parse(units=units)
        asked = questions.ask_about_units(changed, {"chol": "mmol/l"}, reading)
        hold(snapshots, f"asked, {reading.units}", asked)
    for share in (0.01, 0.02, 0.05, 0.06, 0.5):
        rows = np.arange(120) < share * 120
        for name, code in (("sex", 2.0), ("ca", 4.0), ("thal", 1.0), ("cp", 0.0)):
            x = with_column(name, np.where(rows, code, np.maximum(column(X, name), 1)))
            for recoding in (None, "kaggle"):
                asked = questions.ask_about_codes(x, Reading(), recoding)
                hold(snapshots, f"{name}, {share}, {recoding}", asked)
    unknown = with_column("ca", np.where(np.arange(120) < 3, 4.0, np.nan))
    column(unknown, "ca")[80:] = 0
    hold(snapshots, "ca, mostly unknown", questions.ask_about_codes(unknown, Reading(), None))
    sexes = with_column("sex", np.where(column(X, "sex") == 0, 2.0, 1.0))
    hold(snapshots, "sex, no zero", questions.ask_about_codes(sexes, Reading(), None))
    hold(snapshots, "four rows", questions.ask_about_codes(sexes[:4], Reading(), None))
    scales = {
        "z": (-1.0, 1.4), "one": (0.0, 1.0), "wide": (-2.0, 16.0), "low": (-15.0, 3.0),
        "above": (0.0, 1.01), "far": (-14.9, 14.9), "usual": (40.0, 60.5),
    }  # fmt: skip
    for name, (low, high) in scales.items():
        x = X.copy()
        for number, field in enumerate(("age", "chol", "thalach"), 1):
            column(x, field)[:] = np.linspace(low, high, 120)
            hold(snapshots, f"scale {name}, {number}", questions.find_standardised(x))
    hold(snapshots, "whole numbers", questions.find_standardised(np.round(X / 100)))


def test_which_copy_its_words_and_names_tell(snapshots, monkeypatch):
    def origin(header: list[str], words: list[str], *, is_mixture: bool = False) -> Any:
        rows = [[*row[:2], words[i % len(words)], *row[3:]] for i, row in enumerate(ROWS)]
        table = read_table(to_csv(rows, header), "a file")
        places = columns.name_columns(table)
        return questions.find_origin(table, places, X, {"ca": 1}, 9, is_mixture=is_mixture)

    usual = ["1", "2", "3", "4"]
    cells = {
        "usual": usual, "half": ["ASY", "asy ", "3", "4"], "most": ["TA", "ATA", "NAP", "4"],
        "islr": ["nontypical", *usual], "one word": ["asympt", *usual],
        "orange": ["typical ang", *usual], "common": ["typical", "asymptomatic"],
    }  # fmt: skip
    for name, words in cells.items():
        hold(snapshots, f"words: {name}", origin(UCI_HEADER, words))
    names = {
        "both": {2: "ChestPain", 13: "AHD"}, "one": {13: "AHD"}, "other": {2: "ChestPain"},
        "narrowing": {13: "diameter narrowing"}, "severity": {13: "heart_disease_severity"},
        "no ca": {11: "v"}, "no thal": {12: "v"}, "neither": {11: "v", 12: "w"},
    }  # fmt: skip
    for name, changes in names.items():
        header = [changes.get(i, cell) for i, cell in enumerate(UCI_HEADER)]
        for is_mixture in (False, True):
            told_by = origin(header, usual, is_mixture=is_mixture)
            hold(snapshots, f"names: {name}, {is_mixture}", told_by)
    headerless = read_table(to_csv(ROWS), "a file")
    places = columns.name_columns(headerless)
    hold(snapshots, "no names", questions.find_origin(
        headerless, places, X, {}, 0, is_mixture=False))  # fmt: skip
    sites = ("uci-hungarian", "uci-switzerland", "uci-va")
    for shares, rows, lost in (
        ((0.5, 0.75, 1), 600, 180), ((0.5, 0.75, 1), 600, 181), ((0.5, 0.75, 1), 599, 181),
        ((0.49, 0.75, 1), 600, 181), ((1, 1), 600, 0), ((), 600, 0),
    ):  # fmt: skip
        found = dict(zip(sites, shares, strict=False))
        monkeypatch.setattr(questions, "find_sites", lambda _, found=found: found)
        x, missing = np.resize(X, (rows, 13)), {"ca": lost, "thal": 600 - lost}
        hold(snapshots, f"mixed {shares} {rows} {lost}", questions._name_mixture(x, missing, 12))


def test_whose_patients_they_are(snapshots):
    only = {
        f"{patients}, {mild}": copies.is_cleveland_only(patients, mild)
        for patients in (3, 10, 40, 100, 200, 303, 400) for mild in (0, 2, 3, 5, 20, 40, 53, 55)
    }  # fmt: skip
    hold(snapshots, "Cleveland's alone", only)
    mild = np.arange(120) < 22
    shares = {
        "theirs": X, "another cp": with_column("cp", 1.0), "another thal": with_column("thal", 7.0),
        "another slope": with_column("slope", 2.0), "another ecg": with_column("restecg", 2.0),
        "all": with_column("slope", 2.0, with_column("cp", 1.0)), "none": X * np.nan,
    }  # fmt: skip
    for name, x in shares.items():
        for patients in (39, 40, 120):
            found = questions.check_categories(x[:patients], mild[:patients], patients)
            hold(snapshots, f"{name}, {patients}", found)
    hold(snapshots, "nobody's", [copies.find_site(X), copies.find_sites(X), int(
        copies.find_mild_patients(X).sum())])  # fmt: skip


def test_values_that_cannot_be(snapshots):
    table = read_table(to_csv(ROWS, UCI_HEADER), "a file")
    places = columns.locate_columns(table)
    dirty = X.copy()
    dirty[:4, 3], dirty[4, 4], dirty[5:7, 0], dirty[7, 12] = 0, 0, np.nan, 4
    dirty[8:11, 11], dirty[11, 7], dirty[12:19, 9] = 8, 900, -9
    for recoded in (False, True):
        for asked in (set(), {"ca", "oldpeak"}):
            x, missing, wrong, findings = cleaning.clean(dirty, places, recoded, asked)
            hold(snapshots, f"{recoded}, {sorted(asked)}", [
                missing, wrong, [[f.code, f.refuses, f.message] for f in findings],
                int(np.isnan(x).sum())])  # fmt: skip
    for count in (1, 2, 3, 5, 6, 7):
        bad = with_column("age", np.where(np.arange(120) < count, 500.0, 50.0))
        findings = cleaning.clean(bad, places, False, set())[3]
        hold(snapshots, f"{count} in 120", [[f.refuses, f.message] for f in findings])
    repeated = np.vstack([X[:6], X[:2], X[3:4]])
    told_twice = cleaning.find_repeated(repeated, np.arange(9.0) % 6)
    hold(snapshots, "repeated", [told_twice.tolist(), cleaning.find_repeated(
        repeated, np.zeros(9)).tolist()])  # fmt: skip
    for rows, twice in ((10, 0), (10, 1), (11, 1), (2, 1), (1025, 723), (3, 2)):
        findings = cleaning.check_repeats(rows, twice)
        hold(snapshots, f"{twice} of {rows}", [[f.code, f.refuses, f.message] for f in findings])


LOOKS: dict[str, list[str]] = {
    "old, one": ["36", "36", "300"], "high, one": ["110", "110", "400"],
    "fat, one": ["200", "200", "900"],
    "deep, one": ["0.5", "0.5", "30"],
    "ages": ["34", "36", "70"], "young": ["20", "30", "34"], "yes and no": ["0", "1", "1", "0"],
    "mostly yes": ["0", "1", "1", "2"], "one to four": ["1", "2", "3", "4"],
    "threes": ["3", "6", "7"],
    "from 0": ["0", "1", "2", "0"], "pressures": ["105", "110", "160"], "high": ["161", "162"],
    "fats": ["180", "250"], "zeros": ["0", "0", "0"], "rates": ["105", "185"], "half": ["0.5", "1"],
    "whole": ["0", "1", "3"], "mostly 0": ["0", "0", "0", "1"], "with a 4": ["3", "4", "7"],
    "words": ["male", "female"], "missing": ["?", ""], "a word": ["x", "1", "0", "1"],
    "vessels": ["0", "0", "1", "3"], "five": ["0", "5"], "low": ["1", "1", "2", "2"],
    "many, one odd": ["1"] * 30 + ["9"], "many, two odd": ["1"] * 30 + ["9", "9"],
}  # fmt: skip


def test_what_columns_look_like(snapshots):
    for name, cells in LOOKS.items():
        fitting = [field for field in (*FEATURE_NAMES, TARGET) if columns._fits(field, cells)]
        hold(snapshots, name, fitting)
    rows = [row[:13] for row in ROWS[:40]]
    for number, field in enumerate(FEATURE_NAMES):
        without = [[*row[:number], *row[number + 1 :]] for row in rows]
        table = read_table(to_csv([[*row, "1"] for row in without]), "a file")
        hold(snapshots, f"no header, no {field}", attempt(
            lambda table=table: columns.locate_columns(table)))  # fmt: skip
        header = [f"v{i}" if i == number else name for i, name in enumerate(UCI_HEADER)]
        table = read_table(to_csv(ROWS[:40], header), "a file")
        hold(snapshots, f"{field} unnamed", attempt(
            lambda table=table: columns.locate_columns(table)))  # fmt: skip
    headers = {
        "two unnamed": ["v", "w", *UCI_HEADER[2:]],
        "units": ["Age (years)", "sex", "cp", "BP in kPa",
        "chol_mmol", *UCI_HEADER[5:]], "twice": ["age", "Age", *UCI_HEADER[2:]],
        "strangers": [f"v{i}" for i in range(14)], "four": [*UCI_HEADER[:4], *"abcdefghij"],
        "five": [*UCI_HEADER[:5], *"abcdefghi"],
    }  # fmt: skip
    for name, header in headers.items():
        table = read_table(to_csv(ROWS[:40], header), "a file")
        found = attempt(lambda table=table: columns.locate_columns(table))
        said = None if isinstance(found, str) else columns.units_said(table, found)
        hold(
            snapshots,
            f"named {name}",
            [found, said, attempt(lambda t=table: columns.name_columns(t))],
        )
    told_columns: list[dict[str, Any]] = [
        {"age": "2"}, {"age": "15"}, {"age": "0"}, {"age": "sex", "sex": "age"}, {"age": ""},
        {"age": "trestbps", "chol": "trestbps"}, {"target": "1"}, {"age": "SEX"}, {"ca": "-"},
    ]  # fmt: skip
    for header in (UCI_HEADER, None):
        table = read_table(to_csv(ROWS[:40], header), "a file")
        for given in told_columns:

            def found_by(given: dict[str, Any] = given, table: Any = table) -> Any:
                return columns.name_columns(table, Reading.parse(columns=given))

            hold(snapshots, f"{bool(header)}, {given}", attempt(found_by))
    for about in FEATURES:
        cells = ["1", "male", "yes", "normal", "?", "x", "-0", "inf", "2,5", "1e2", " 3 "]
        values, unreadable = columns.column_values(about, cells)
        hold(snapshots, f"{about.name} of words", [list(map(str, values)), unreadable])
    for decode in DECODES:
        hold(snapshots, decode, Reading.parse(decode=decode).describe())
