"""How an answer is read, judged and answered, on steps that were made up for it."""

import threading

import pytest

from classifiers.errors import ConfigError
from classifiers.recipes.guide import Sources, answer
from classifiers.recipes.guide.step import Computed, Curves, Option, Scale, Step, Table, at_once

NOBODY = Sources(heart=lambda: None, capstone=lambda: None)


def made_up(right, **named):
    usual = {
        "key": "p0",
        "title": "A title",
        "ask": "Which?",
        "options": (Option("this", "not this"), Option("that", "not that")),
        "measure": at_once(lambda sources: {"right": right}),
        "judge": lambda measured: measured["right"],
        "tell": lambda measured: ("one", "two", "three", "four"),
        "now": "Try.",
        "covers": (),
    }
    return Step(**{**usual, **named})


def said_to(step, option):
    *_, last = answer(step, option, NOBODY)
    return last


@pytest.mark.parametrize(
    ("option", "right", "verdict", "because"),
    [
        (0, 0, "right", []),
        (1, 0, "wrong", ["not that"]),
        (1.0, 0, "wrong", ["not that"]),
        (None, 0, "shown", []),
        ("", 0, "shown", []),
    ],
)
def test_one_of_the_options(option, right, verdict, because):
    told = said_to(made_up(right), option)
    assert (told["verdict"], told["because"], told["right"]) == (verdict, because, right)
    assert told["told"] == ["one", "two", "three"], "at most three sentences"


def test_where_the_numbers_do_not_decide_nobody_is_wrong():
    told = said_to(made_up(None), 1)
    assert told["verdict"] == "undecided"
    assert len(told["because"]) == 1


def test_rows_are_judged_one_by_one():
    rows = (Option("first", "about the first"), Option("second", "about the second"))
    step = made_up((0, 1), rows=rows)
    assert said_to(step, [0, 1])["verdict"] == "right"
    told = said_to(step, [0, 0])
    assert (told["verdict"], told["because"]) == ("wrong", ["about the second"])
    assert said_to(step, [1, 0])["because"] == ["about the first", "about the second"]


def test_a_guess_is_right_near_the_number_and_wrong_on_either_side():
    scale = Scale(0, 100, 1, "%", near=5, too_low="higher", too_high="lower")
    step = made_up(40.0, options=(), scale=scale)
    assert [said_to(step, guess)["verdict"] for guess in (34, 35, 45, 46)] == [
        "wrong", "right", "right", "wrong",
    ]  # fmt: skip
    assert said_to(step, 10)["because"] == ["higher"]
    assert said_to(step, 90)["because"] == ["lower"]


@pytest.mark.parametrize("option", [2, -1, 0.5, True, "0", [0], {}, float("nan"), float("inf")])
def test_what_is_no_option_is_refused_by_its_name(option):
    with pytest.raises(ConfigError, match="^option: must be the number of an option, 0 to 1"):
        said_to(made_up(0), option)


@pytest.mark.parametrize("option", [0, [0], [0, 1, 1], [0, 2], ["0", 1], "01"])
def test_what_is_no_answer_for_each_row_is_refused(option):
    rows = (Option("first", ""), Option("second", ""))
    with pytest.raises(ConfigError, match="^option: must be 2 numbers of options, 0 to 1"):
        said_to(made_up((0, 1), rows=rows), option)


@pytest.mark.parametrize("option", [-1, 101, "5", True, [5], float("nan")])
def test_what_is_off_the_scale_is_refused(option):
    scale = Scale(0, 100, 1, "%", near=5, too_low="", too_high="")
    with pytest.raises(ConfigError, match="^option: must be a number, 0 to 100, got"):
        said_to(made_up(40.0, options=(), scale=scale), option)


def test_what_is_computed_is_computed_once_and_its_news_are_passed_on():
    runs = []

    def run():
        runs.append(threading.get_ident())
        yield None
        yield {"right": 1}

    step = made_up(None, measure=Computed(run))
    assert [type(news) for news in answer(step, 1, NOBODY)] == [type(None), dict]
    assert [news["verdict"] for news in answer(step, 0, NOBODY)] == ["wrong"]
    assert len(runs) == 1


def test_what_is_looked_at_goes_as_json_types():
    step = made_up(0, shows=lambda measured: Table(("a", "b"), (("x", "y"),)))
    assert said_to(step, 0)["exhibit"] == {"head": ["a", "b"], "rows": [["x", "y"]]}
    curves = Curves("loss", (0, 1), {"A": {"training": (1.0, 0.5)}})
    assert curves.to_dict()["charts"] == {"A": {"training": [1.0, 0.5]}}
