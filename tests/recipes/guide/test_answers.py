"""How an answer is read, judged and answered, on steps that were made up for it."""

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import ConfigError
from classifiers.recipes.guide import Sources, answer
from classifiers.recipes.guide.step import (
    Computed,
    Curves,
    Option,
    Picture,
    Scale,
    Step,
    Table,
    at_once,
)
from tests.answers.thinned import attempt, hold

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


def test_what_is_said_to_answers(snapshots):
    rows = (Option("first", "about the first"), Option("second", "about the second"),
            Option("third", "about the third"))  # fmt: skip
    scale = Scale(-10, 90, 0.5, "%", near=5, too_low="higher", too_high="lower")
    more = {
        "code": "print()",
        "shows": lambda measured: Table(("a",), ((str(measured["right"]),),)),
    }
    asked = {
        "options": (made_up(1, **more), [0, 1, None, 2, "x" * 99, [0]]),
        "rows": (made_up((0, 1, 1), rows=rows, **more), [
            [0, 1, 1], [1, 1, 0], (0, 0.0, 1), None, [0, 1, 2], [0, 1], [0] * 50]),
        "scale": (made_up(40.0, options=(), scale=scale), [
            -10, 90, 34.5, 35, 45, 45.5, -10.5, 91, "x" * 99]),
        "picture": (in_a_picture(), [[-2, -1], [2, 1], [0, 0], [-2.01, 0], [0, 1.01], [1e6, 0],
                                     [-1e6 - 1, 0], [0, math.inf], ["x" * 99, 0], 2]),
        "rows, undecided": (made_up(None, rows=rows), [[0, 1, 1], None]),
        "scale, undecided": (made_up(None, options=(), scale=scale), [10, None]),
    }  # fmt: skip
    for name, (step, options) in asked.items():
        told = [attempt(lambda step=step, one=one: said_to(step, one)) for one in options]
        first, *others = [one if isinstance(one, str) else dict(one) for one in told]
        hold(snapshots, f"{name}, whole", first)
        answers = ("said", "right", "verdict", "because")
        hold(snapshots, name, [one if isinstance(one, str) else [one[key] for key in answers]
                               for one in others])  # fmt: skip


def test_a_guess_is_right_near_all_that_cannot_be_told_from_what_is(snapshots):
    found = {}
    for low, high in ((30.0, 60.0), (45.0, 60.0), (20.0, 35.0), (40.0, 40.0)):
        scale = Scale(0, 100, 1, "%", near=2, too_low="higher", too_high="lower",
                      alike=lambda measured, ends=(low, high): ends)  # fmt: skip
        step = made_up(40.0, options=(), scale=scale)
        guesses = (17, 18, 27, 28, 37, 38, 42, 43, 62, 63)
        told = [said_to(step, guess) for guess in guesses]
        found[f"{low} to {high}"] = [
            " ".join([str(guess), one["verdict"], *one["because"]])
            for guess, one in zip(guesses, told, strict=True)
        ]
    hold(snapshots, "guesses", found)


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


def in_a_picture(right=1):
    """Right of 0 stands for the second option, in a picture from -2 to 2 and -1 to 1."""
    box = SimpleNamespace(scene=SimpleNamespace(extent=Extent(-2.0, 2.0, -1.0, 1.0)))
    picture = Picture(lambda measured: box, lambda measured, x1, x2: (int(x1 > 0), f"{x1} {x2}"))
    return made_up(right, picture=picture)


def test_a_place_in_a_picture_stands_for_an_option():
    step = in_a_picture()
    told = said_to(step, [2.0, -1])
    assert (told["verdict"], told["because"]) == ("right", ["2.0 -1.0"])
    told = said_to(step, [-0.5, 1])
    assert (told["verdict"], told["because"]) == ("wrong", ["-0.5 1.0", "not this"])
    told = said_to(step, 0)
    assert (told["verdict"], told["because"]) == ("wrong", ["not this"]), "the option itself"
    assert said_to(step, None)["verdict"] == "shown"


@pytest.mark.parametrize(
    "option", [[1], [1, 2, 3], [], ["1", 1], [True, 0], [math.nan, 0], [10**400, 0], 2, "a"]
)
def test_what_is_neither_an_option_nor_a_place_is_refused(option):
    wanted = r"^option: must be the number of an option, 0 to 1, or a place \[x1, x2\]"
    with pytest.raises(ConfigError, match=wanted):
        said_to(in_a_picture(), option)


@pytest.mark.parametrize("place", [[2.1, 0], [-2.1, 0], [0, 1.1], [0, -1.1]])
def test_a_place_outside_the_picture_is_refused_with_its_limits(place):
    limits = "^option: must lie in the picture, x1 from -2 to 2 and x2 from -1 to 1, got"
    with pytest.raises(ConfigError, match=limits):
        said_to(in_a_picture(), place)


def test_a_network_of_ones_own_is_for_the_steps_about_it():
    own = replace(NOBODY, own=PlaygroundConfig())
    refused = "^config: must be null for step p0, which is not about a network of one's own$"
    with pytest.raises(ConfigError, match=refused):
        list(answer(made_up(0), 0, own))
    *_, told = answer(made_up(0, on_own=True), 0, own)
    assert told["verdict"] == "right"


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


def test_a_class_that_opens_a_step_together_has_it_computed_once():
    runs, gate = [], threading.Barrier(4)

    def run():
        runs.append(threading.get_ident())
        time.sleep(0.05)
        yield {"right": 1}

    measure = Computed(run)

    def look(_):
        gate.wait()
        return measure.known(NOBODY)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(look, range(4))) == [{"right": 1}] * 4
    assert len(runs) == 1
