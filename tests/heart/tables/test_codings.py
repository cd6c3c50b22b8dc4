"""Every shared case has a test; words of one more copy; codes of another one in one patient."""

from pathlib import Path

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, Reading, read_heart, read_patients
from classifiers.errors import DataError
from tests.tools.heart_files import UCI_HEADER, path_to, recode, site_rows, to_csv
from tests.tools.wild_files import CASES

TESTS = Path(__file__).parents[2]


def test_every_case_has_a_test():
    if not CASES.is_dir():
        pytest.skip("needs shared/cases, which is not committed")
    text = "".join(
        (TESTS / name).read_text() for name in ("heart/tables/test_wild.py", "data/test_points.py")
    )
    folders = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
    assert folders
    assert [name for name in folders if f'case("{name}"' not in text] == []


MLC = {
    "sex": {"0": "fem", "1": "male"},
    "cp": {"1": "angina", "2": "abnang", "3": "notang", "4": "asympt"},
    "fbs": {"0": "fal", "1": "true"},
    "restecg": {"0": "norm", "1": "abn", "2": "hyp"},
    "exang": {"0": "fal", "1": "true"},
    "slope": {"1": "up", "2": "flat", "3": "down"},
    "thal": {"3": "norm", "6": "fix", "7": "rev"},
}


def test_healthy_is_buff_and_the_others_are_sick(model):
    rows = [
        [*row[:-1], "buff" if row[-1] == "0" else "sick"]
        for row in recode(site_rows("cleveland"), MLC)
    ]
    content, original = (
        to_csv(rows, UCI_HEADER),
        read_heart(path_to("uci/processed.cleveland.data")),
    )
    table = read_heart(content)
    np.testing.assert_array_equal(table.x, original.x)
    np.testing.assert_array_equal(table.y, original.y)
    result = model.predict_file(content)
    assert result.errors == {}
    np.testing.assert_array_equal(result.patients.labels, original.y)


WELL = {"age": 50, "sex": 1, "cp": 3, "thal": 3, "ca": 0, "slope": 1}


@pytest.mark.parametrize(
    ("field", "code", "whose"),
    [
        ("thal", 2, "Kaggle's copy and the copy counted from 0 have it"),
        ("thal", 0, "Kaggle's copy and the copy counted from 0 have it"),
        ("thal", "1", "Kaggle's copy and the copy counted from 0 have it"),
        ("ca", 4, "Kaggle's copy has it"),
        ("cp", 0, "Kaggle's copy and the copy counted from 0 have it"),
        ("slope", 0, "Kaggle's copy and the copy counted from 0 have it"),
        ("sex", 2, "do not agree which is which"),
    ],
)
def test_one_patients_code_of_another_copy_is_said(model, field, code, whose):
    told = model.predict({**WELL, field: code}).warnings
    (doubt,) = [doubt for doubt in told if doubt.code == "another_coding"]
    assert doubt.field == field
    assert whose in doubt.message
    assert f"{field} {code} is no code of UCI's" in doubt.message
    unseen = [doubt.field for doubt in told if doubt.code == "unseen_category"]
    assert unseen == [field]  # and so it counts for nothing


@pytest.mark.parametrize(
    ("unit", "cells"), [("mg/dl", ("119", "120", "121")), ("mmol/l", ("6.6", "6.7", "6.8"))]
)
def test_a_sugar_is_a_yes_above_the_bound_and_not_at_it(unit, cells):
    content = "\n".join(["age,fbs", *(f"50,{cell}" for cell in cells)]).encode()
    read = read_patients(content, 10, reading=Reading.parse(units={"fbs": unit}))
    assert read.x[:, FEATURE_NAMES.index("fbs")].tolist() == [0, 0, 1]


def test_ucis_own_codes_and_words_are_no_other_coding(model):
    for patient in (WELL, {**WELL, "thal": "fixed", "ca": 3, "cp": 4, "slope": 3, "sex": 0}, {}):
        assert "another_coding" not in [doubt.code for doubt in model.predict(patient).warnings]


@pytest.mark.parametrize(("field", "code"), [("thal", "2"), ("ca", "4"), ("sex", "2")])
def test_a_table_of_such_codes_is_asked_about(model, field, code):
    rows = [
        [str({**WELL, "thal": 7, **changed}.get(name, "")) for name in FEATURE_NAMES]
        for changed in ({}, {field: code})
    ]
    with pytest.raises(DataError, match=f"^file: {field}: .*codes {field}="):
        model.predict_file(to_csv(rows * 4, list(FEATURE_NAMES)))
