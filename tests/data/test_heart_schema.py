"""The 13 features, and what one value of them may be."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, feature, parse_value
from classifiers.data.heart.names import column_for
from classifiers.errors import DataError
from tests.tools.heart_files import attempt


def test_features_stand_in_uci_order_and_describe_themselves_as_json():
    assert ",".join(FEATURE_NAMES) == (
        "age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal"
    )
    numerical = {f.name for f in FEATURES if f.kind == "numerical"}
    assert numerical == {"age", "trestbps", "chol", "thalach", "oldpeak"}
    for column in FEATURES:
        assert json.loads(json.dumps(column.to_dict()))["name"] == column.name
        assert bool(column.codes) == (column.kind == "categorical")
        assert (column.hard_limits is not None) == (column.kind == "numerical")
        words = [w for code in column.codes for w in (code.label, *code.aliases)]
        assert len(words) == len({word.casefold() for word in words})
        assert all(alias == alias.casefold() for code in column.codes for alias in code.aliases)


def test_unknown_feature_name_is_an_error_that_lists_the_names():
    with pytest.raises(DataError, match="is not one of the 13 features; use one of age, sex"):
        feature("cholesterol")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("age", 63, 63.0),
        ("oldpeak", -2.6, -2.6),
        ("oldpeak", -0.0, 0.0),
        ("thal", "Fixed", 6.0),
        ("thal", "reversible", 7.0),
        ("thal", " NORMAL ", 3.0),
        ("thal", "reversible  defect", 7.0),
        ("thal", 6, 6.0),
        ("sex", "female", 0.0),
        ("sex", "Male", 1.0),
        ("cp", 4.0, 4.0),
        ("cp", "asymptomatic", 4.0),
        ("exang", "yes", 1.0),
        ("age", np.int64(40), 40.0),
    ],
)
def test_value_is_read_as_a_number_or_a_word(name, value, expected):
    parsed = parse_value(feature(name), value)
    assert parsed == expected
    assert math.copysign(1, parsed) == math.copysign(1, expected)


@pytest.mark.parametrize(("name", "value", "code"), [
    ("cp", "4", 4), ("ca", " 0 ", 0), ("thal", "7.0", 7), ("fbs", True, 1), ("exang", False, 0),
    ("cp", "Non Anginal Pain", 3), ("cp", "NON-ANGINAL_PAIN", 3), ("cp", "nontypical", 2),
    ("restecg", "left_vent_hyper", 2), ("restecg", "'st_t_wave_abnormality'", 1),
    ("slope", "Down-Sloping", 3), ("thal", "reversable_defect", 7), ("sex", "fem", 0),
])  # fmt: skip
@pytest.mark.parametrize("text", [True, False])
def test_codes_and_words_as_people_write_them_are_read_in_json_as_in_files(name, value, code, text):
    assert parse_value(feature(name), value, text=text) == code


@pytest.mark.parametrize("value", [95, 5, 2, 200, "95", 6.1])
def test_a_sugar_is_no_yes_or_no(value):
    with pytest.raises(DataError, match="^fbs: must be .* over 120 mg/dl .6.7 mmol/l. is 1"):
        parse_value(feature("fbs"), value)


@pytest.mark.parametrize("value", [None, "", " ", "?", "unknown", "Unknown", "NA", "nan", "-", "."])
@pytest.mark.parametrize("name", ["age", "thal"])
def test_absent_value_is_unknown(name, value):
    assert parse_value(feature(name), value) is None


@pytest.mark.parametrize(("name", "value"), [("cp", 7), ("thal", 1), ("ca", 4), ("sex", 99)])
def test_unlisted_category_passes_for_the_model_to_judge(name, value):
    assert parse_value(feature(name), value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age", "63"),
        ("age", True),
        ("sex", False),
        ("age", float("nan")),
        ("chol", float("inf")),
        ("chol", 1e308),
        ("chol", 10**400),
        ("chol", 0),
        ("trestbps", 0),
        ("trestbps", 900),
        ("thalach", 5),
        ("age", -1),
        ("age", 121),
        ("oldpeak", 16),
        ("cp", 1.5),
        ("cp", -1),
        ("cp", 100),
        ("cp", float("nan")),
        ("thal", "broken"),
        ("sex", 1e308),
        ("age", [63]),
        ("age", {"value": 63}),
        ("age", [10**5000]),
    ],
)
def test_impossible_value_is_an_error_that_names_field_requirement_and_fix(name, value):
    with pytest.raises(DataError) as caught:
        parse_value(feature(name), value)
    message = str(caught.value)
    assert message.startswith(f"{name}: must be ")
    assert "got " in message
    assert message.endswith("leave it empty if it is unknown")
    assert len(message) < 400


def test_numbers_as_text_count_in_a_text_file_only():
    assert parse_value(feature("age"), " 63.0 ", text=True) == 63.0
    assert parse_value(feature("cp"), "4", text=True) == 4.0
    assert parse_value(feature("ca"), "2", text=True) == 2.0
    for text in ("1_0", "inf", "٤٥", "0x1f", "4 5", "1e999", "2,3"):
        with pytest.raises(DataError):
            parse_value(feature("age"), text, text=True)


@pytest.mark.parametrize("column", FEATURES, ids=FEATURE_NAMES)
def test_hard_limits_themselves_are_allowed_and_nothing_beyond(column):
    if column.hard_limits:
        low, high = column.hard_limits
        assert parse_value(column, low) == low
        assert parse_value(column, high) == high
        for beyond in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
            with pytest.raises(DataError):
                parse_value(column, beyond)
    else:
        for code in column.codes:
            assert parse_value(column, code.value) == code.value
            assert column.format(code.value) == code.label


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["?", "normal", "female", "1", "-9", "1e400", "nan", "²", 10**400]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=500)
@given(st.sampled_from(FEATURES), json_like, st.booleans())
def test_any_input_gives_a_usable_value_or_a_data_error(column, value, text):
    parsed = attempt(lambda: parse_value(column, value, text=text))
    if isinstance(parsed, DataError):
        assert parsed.field == column.name
        return
    if parsed is not None:
        assert type(parsed) is float
        assert math.isfinite(parsed)
        if column.hard_limits:
            assert column.hard_limits[0] <= parsed <= column.hard_limits[1]
        else:
            assert parsed.is_integer()
            assert 0 <= parsed <= 99


def test_names_of_columns_are_told_to_a_length():
    told = [column_for(name) for name in ("Age".ljust(200), "Age".ljust(201), "age in years",
                                          "chol (age)", "(age)", "mg")]  # fmt: skip
    assert told == ["age", None, "age", "chol", "age", None]
