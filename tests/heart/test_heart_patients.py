"""Reading patients to predict, and what importing the heart data pulls in."""

import numpy as np
import pandas as pd
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, feature, parse_value, read_patients
from classifiers.errors import DataError
from classifiers.recipes.heart.serving.patient import parse_patient, parse_table, plain_row
from tests.tools.heart_files import UCI_HEADER, as_kaggle, invent_patients, to_csv


def test_patients_keep_their_text_and_their_other_columns():
    file = read_patients(b"note, Age ,Thallium,note\nfirst,63,fixed,a\nsecond,old,?,b\n", 10)
    assert file.header == ("note", "Age", "Thallium", "note (2)")
    assert file.rows[1] == {"note": "second", "Age": "old", "Thallium": "?", "note (2)": "b"}
    assert file.columns == {"age": "Age", "thal": "Thallium"}
    assert file.unrecognised == ("note", "note (2)")
    assert file.lines == (2, 3)
    assert {finding.code for finding in file.findings} == {"missing_columns", "ignored_columns"}


def test_row_with_too_few_cells_is_kept_and_marked():
    file = read_patients(b"age,sex\n63,1\n40\n50,0,9\n", 10)
    assert len(file.rows) == 3
    assert file.row_errors == {
        1: "line 3 has 1 cell where 2 belong",
        2: "line 4 has 3 cells where 2 belong",
    }


def test_headerless_patients_are_in_uci_order_with_or_without_a_label():
    row = "61,0,3,151,257,1,1,139,0,1.7,2,2,6"
    for text in (row, row + ",0"):
        file = read_patients(text.encode(), 10)
        assert list(file.columns) == list(FEATURE_NAMES)
        values = [
            parse_value(feature(name), file.rows[0][column], text=True)
            for name, column in file.columns.items()
        ]
        assert values == [float(cell) for cell in row.split(",")]
        assert file.unrecognised == ()


def test_too_many_patients_or_none_that_can_be_told_are_data_errors():
    assert len(read_patients(b"age\n" + b"50\n" * 5, 5).rows) == 5
    with pytest.raises(DataError, match="at most 5 rows"):
        read_patients(b"age\n" + b"50\n" * 6, 5)
    with pytest.raises(DataError, match="at most 5 rows"):
        read_patients(b"61,0,3,151,257,1,1,139,0,1.7,2,2,6\n" * 6, 5)
    with pytest.raises(DataError, match=r"no column named after a feature\. Found 'x'"):
        read_patients(b"x,y\n1,2\n", 5)


def test_patients_in_kaggles_coding_are_reported():
    file = read_patients(to_csv(as_kaggle(invent_patients()), UCI_HEADER), 1000)
    assert file.known_copy == "kaggle"
    assert "recoded_columns" in {finding.code for finding in file.findings}
    honest = read_patients(to_csv(invent_patients(), UCI_HEADER), 1000)
    assert honest.known_copy is None
    assert honest.findings == ()


def test_a_row_of_a_frame_may_hold_numpys_truths_and_every_kind_of_gap():
    gap = float("nan")
    row = [np.int64(50), "male", np.float32(4), 130, pd.NA, np.True_, 0, 150, np.False_, 1.5]
    row += [pd.NaT, np.float64("nan"), None]
    expected = [50, 1, 4, 130, gap, 1, 0, 150, 0, 1.5, gap, gap, gap]
    np.testing.assert_array_equal(parse_table(np.array([row], dtype=object))[0], expected)
    series = pd.Series(row, FEATURE_NAMES, dtype=object)
    np.testing.assert_array_equal(parse_patient(plain_row(series)), expected)
