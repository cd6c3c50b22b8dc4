"""A snapshot notices what changed, and only that."""

import numpy as np
import pytest

from tests import snapshots
from tests.answers.thinned import hold
from tests.snapshots import Snapshots, is_same

FIRST = {"accuracy": 0.8123, "counts": [3, 4], "told": "81.2 % of 90"}
CHANGED = {
    "a number": {**FIRST, "accuracy": 0.8153},
    "a count": {**FIRST, "counts": [3, 5]},
    "an order": {**FIRST, "counts": [4, 3]},
    "a sentence's number": {**FIRST, "told": "81.4 % of 90"},
    "a sentence's count": {**FIRST, "told": "81.2 % of 91"},
    "a word": {**FIRST, "told": "81.2 % out of 90"},
    "something more": {**FIRST, "more": None},
    "something less": {"accuracy": 0.8123, "counts": [3, 4]},
}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Looks begun anew at what was kept of FIRST."""
    monkeypatch.setattr(snapshots, "FOLDER", tmp_path)
    begun = Snapshots("one", update=True)
    hold(begun, "first", FIRST)
    begun.hold("page", ["a", "b", "c"])
    begun.hold("page after a press", ["a", "x", "c", "d"])
    begun.close()
    return Snapshots("one", update=False)


def look(kept, value, pages=(["a", "b", "c"], ["a", "x", "c", "d"])) -> None:
    hold(kept, "first", value)
    for name, lines in zip(("page", "page after a press"), pages, strict=True):
        kept.hold(name, lines)


def test_the_same_is_the_same(kept):
    look(kept, {**FIRST, "accuracy": np.float64(0.8123), "counts": (3, 4)})
    kept.close()


def test_the_last_digit_may_differ(kept):
    look(kept, {**FIRST, "accuracy": 0.8124, "told": "81.3 % of 90"})
    kept.close()


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_is_told(kept, what):
    look(kept, CHANGED[what])
    with pytest.raises(AssertionError, match="== first"):
        kept.close()


@pytest.mark.parametrize("late", [["a", "b", "c", "d"], ["a", "x", "c"], ["a", "x", "d", "c"]])
def test_what_a_press_did_not_change_is_told(kept, late):
    look(kept, FIRST, (["a", "b", "c"], late))
    with pytest.raises(AssertionError, match="== page after a press"):
        kept.close()


def test_a_look_that_is_left_out_is_told(kept):
    hold(kept, "first", FIRST)
    with pytest.raises(AssertionError, match="not looked at"):
        kept.close()


def test_places_are_near_and_texts_are_not():
    assert is_same('text x=12.4 "1.5 of 7"', 'text x=12.9 "1.6 of 7"', near=0.6)
    assert not is_same('text x=12.4 "1.5 of 7"', 'text x=13.1 "1.5 of 7"', near=0.6)
    assert not is_same('text x=12.4 "1.5 of 7"', 'text x=12.4 "1.50 of 7"', near=0.6)
    assert not is_same('loss "0"', 'loss "0e+0"', near=0.6)
    assert not is_same(r'text "a \"1\"" x=1.0', r'text "a \"2\"" x=1.0', near=0.6)
