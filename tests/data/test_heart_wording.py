"""Sentences about files of patients, whatever the numbers in them."""

import numpy as np
import pytest

from classifiers.data.files.table import read_table
from classifiers.data.heart.cleaning import check_repeats
from classifiers.data.heart.file import FEATURE_NAMES, Reading, explain_strange_codes
from classifiers.data.heart.questions import name_strange_codes
from classifiers.errors import ConfigError


def patient(**values: float) -> np.ndarray:
    row = np.full(len(FEATURE_NAMES), np.nan)
    for name, value in values.items():
        row[FEATURE_NAMES.index(name)] = value
    return row


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ({"cp": 0}, "Kaggle's copy and the copy counted from 0 have them, and they mean"),
        ({"ca": 4}, "Kaggle's copy has them, and they mean"),
    ],
)
def test_one_copy_has_a_code_and_two_have_it(codes, said):
    finding, _ = name_strange_codes(patient(**codes)[None])
    assert finding is not None
    assert said in finding.message
    (told,) = explain_strange_codes(patient(**codes)).values()
    assert said.partition(" them")[0] + " it, where" in told


def test_a_column_that_is_not_there_is_told_as_that():
    told = Reading.parse(columns={"ca": "-", "age": "years"}).describe()
    assert told == ["ca not used", "age from 'years'"]


def test_too_many_codes_are_told_as_that():
    with pytest.raises(ConfigError, match=r"^codes: cp can have 100 codes at most, got 200$"):
        Reading.parse(codes={"cp": {str(i): 1 for i in range(200)}})


@pytest.mark.parametrize(("rows", "said"), [(6, "is 1 patient in 6 rows"), (7, "are 2 patients")])
def test_repeats_are_of_one_patient_or_more(rows, said):
    assert f"there {said}" in check_repeats(rows, 5)[1].message


def test_many_repeats_are_a_tenth_of_all_rows():
    said = [[one.code for one in check_repeats(1000, count)] for count in (0, 99, 100)]
    assert said == [[], ["duplicates_dropped"], ["duplicates_dropped", "repeated_patients"]]


def test_a_line_has_one_cell_or_more():
    errors = read_table(b"a,b,c\n1\n1,2\n1,2,3\n").row_errors
    assert errors == {0: "line 2 has 1 cell where 3 belong", 1: "line 3 has 2 cells where 3 belong"}
