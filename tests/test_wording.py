"""Numbers and places of files as people read them."""

import pickle

import pytest

from classifiers import wording
from classifiers.errors import (
    ArtifactError,
    BudgetError,
    BusyError,
    ConfigError,
    DataError,
    naming_files_from,
    without_folders,
)

GAP = {"value": -0.0004, "low": -0.012, "high": 0.031}


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "under 1 %"), (0.009999, "under 1 %"), (0.01, "1 %"), (0.285, "28 %"),
     (0.99, "99 %"), (0.994, "over 99 %"), (0.99999, "over 99 %"), (1, "100 %")],
)  # fmt: skip
def test_a_whole_per_cent_is_none_or_all_only_where_it_is(share, text):
    assert wording.whole_percent(share) == text


def test_shares_differences_and_intervals():
    assert wording.percent(0.98449) == "98.4 %"
    assert wording.with_spread(0.981, 0.0021) == "98.1 % ± 0.2"
    assert wording.signed(-0.0004) == "+0.000"  # no negative zero
    assert wording.signed_points(-0.021) == "-2.1 points"
    assert wording.gap_text(GAP) == "+0.000 [-0.012, +0.031]"
    assert wording.gap_points(GAP) == "+0.0 points [-1.2, +3.1]"
    assert wording.bounded(GAP) == "0.000 [-0.012, 0.031]"
    assert wording.bounded_share({"value": 0.5, "low": 0.4, "high": 0.61}) == (
        "50.0 % [40.0 %, 61.0 %]"
    )
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"


def test_a_factor_has_as_many_decimals_as_say_something():
    factors = (0.44, 1.0, 0.096, 0.0123, 0.00012, 1e-6, 12.345, 1234.5)
    assert [wording.times(factor) for factor in factors] == [
        "× 0.44", "× 1.00", "× 0.096", "× 0.012", "× 0.00012", "× under 0.0001", "× 12.35",
        "× 1,234",
    ]  # fmt: skip


def test_a_verdict_is_about_zero():
    assert wording.verdict(GAP) == "not distinguishable from zero"
    assert wording.verdict({**GAP, "low": 0.001}) == "distinguishable from zero"
    assert wording.verdict({**GAP, "high": -0.001}) == "distinguishable from zero"
    assert wording.verdict({**GAP, "low": 0.0}) == "not distinguishable from zero"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/srv/weights/model.json is broken", "model.json is broken"),
        ("no '/a/b/c' and no \"/d/e\"", "no 'c' and no \"e\""), ("(/a/b)", "(b)"),
        ("see https://example.org/a/b", "see https://example.org/a/b"), ("/a", "a"),
        ("weights/heart and ./here/it and ../there", "weights/heart and ./here/it and ../there"),
        ("1 / 2 of a / b", "1 / 2 of a / b"), ("/a/b /c/d", "b d"), ("/a/", "a/"),
        ("cannot read /home/me/a.csv", "cannot read a.csv"), ("C:/a/b at 3/4", "C:/a/b at 3/4"),
        ("http://h/a/b of ./c/d, ../e/f and g/h/i", "http://h/a/b of ./c/d, ../e/f and g/h/i"),
        ("/", "/"), ("", ""),
    ],
)  # fmt: skip
def test_where_a_file_lies_is_told_to_nobody_elsewhere(text, told):
    assert without_folders(text) == told


@pytest.mark.parametrize("kind", [ConfigError, DataError, ArtifactError, BudgetError, BusyError])
def test_errors_name_files_from_a_folder_and_stay_what_they_are(tmp_path, kind):
    file, place = tmp_path / "own" / "model", f"{tmp_path.name}, not there"
    with pytest.raises(kind) as told, naming_files_from(tmp_path):
        raise kind(str(file), f"is in {tmp_path}, not there; see {file}")
    assert type(told.value) is kind
    assert str(told.value) == f"own/model: is in {place}; see own/model"
    back = pickle.loads(pickle.dumps(told.value))
    assert (type(back), back.field, back.message) == (kind, "own/model", told.value.message)
    with pytest.raises(KeyError, match="/a/b"), naming_files_from(tmp_path):
        raise KeyError("/a/b")
