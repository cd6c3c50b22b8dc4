"""Numbers and places of files as people read them."""

from pathlib import Path

import pytest

from classifiers import wording
from classifiers.errors import DataError, naming_files_from, without_folders

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
        ("cannot read /home/me/a.csv", "cannot read a.csv"),
        ("'/a/b/c' and \"/d/e\", not (/f/g)", "'c' and \"e\", not (g)"),
        ("http://h/a/b of ./c/d, ../e/f and g/h/i", "http://h/a/b of ./c/d, ../e/f and g/h/i"),
        ("C:/a/b at 3/4", "C:/a/b at 3/4"), ("/a", "a"), ("/", "/"), ("", ""),
    ],
)  # fmt: skip
def test_places_on_a_disk_are_told_by_their_last_name(text, told):
    assert without_folders(text) == told


def test_files_are_named_from_a_folder():
    place = Path("/srv/weights")
    with pytest.raises(DataError) as end, naming_files_from(place):
        raise DataError("/srv/weights/heart/x.json", "is not in /srv/weights, see /srv/weights/b")
    assert (end.value.field, end.value.message) == ("heart/x.json", "is not in weights, see b")
    with pytest.raises(KeyError), naming_files_from(place):
        raise KeyError("/srv/weights")
