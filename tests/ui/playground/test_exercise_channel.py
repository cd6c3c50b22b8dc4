"""An exercise that a page has left ends; what nobody can have said ends nothing."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.exercises import PlaygroundExercise
from classifiers.turns import Expect
from classifiers.ui.film import message
from classifiers.ui.parts import presses as presses_of
from classifiers.ui.parts.presses import Presses
from classifiers.ui.playground import exercises
from classifiers.ui.playground.exercises import _leave, _run
from tests.answers.page.asked import read
from tests.answers.thinned import hold
from tests.tools.app_client import told


def said(**data):
    return SimpleNamespace(_data=data)


def test_an_exercise_that_was_left_ends_even_before_it_began():
    news = told(_run(said(key="6", page="a page", press=1)))
    assert next(news)
    _leave(said(page="a page", press=1))
    assert list(news) == []
    assert list(told(_run(said(key="6", page="a page", press=1)))) == []
    later = list(told(_run(said(key="6", page="a page", press=2))))
    assert '"state":"done"' in later[-2].replace(" ", "")
    assert next(told(_run(said(key="6", page="another", press=1))))


@pytest.mark.parametrize("name", [None, 3, ["x"], {}, "x" * 100])
@pytest.mark.parametrize("press", [None, "1", 1.0, True, []])
def test_what_no_page_says_is_neither_kept_nor_an_error(name, press):
    presses = Presses()
    presses.leave(name, press)
    presses.leave("page", press)
    presses.leave(name, 1)
    assert len(presses) == 0
    assert not presses.is_left(name, press)
    assert not presses.is_left("page", 1)


def test_of_many_pages_those_that_left_last_are_remembered(monkeypatch):
    monkeypatch.setattr(presses_of, "_MOST", 2)
    presses = Presses()
    for name, press in (("a", 3), ("b", 1), ("a", 2), ("c", 1)):
        presses.leave(name, press)
    left = [presses.is_left(*told) for told in (("a", 3), ("a", 4), ("b", 1), ("c", 1))]
    assert left == [True, False, False, True]


def own_exercise() -> PlaygroundExercise:
    """Of two runs that differ in size, and two findings."""

    def conclude(results: Any) -> Any:
        yield f"Runs: {', '.join(results)}."
        yield f"Epochs: {[one.config.training.epochs for one in results.values()]}."

    own = [[i % 5, (i * i) % 7, "uv"[i % 2]] for i in range(40)]
    settings = {
        name: PlaygroundConfig.parse({
            "dataset": {"name": "points", "points": own[:points]}, "network": {"widths": []},
            "training": {"epochs": epochs, "members": members},
        })
        for name, points, epochs, members in (("short", 30, 2, 1), ("longer", 40, 3, 2))
    }  # fmt: skip
    return PlaygroundExercise("k", 3, "A title", "Why?", "Two runs.", settings, conclude)


def test_what_is_told_from_the_first_run_to_the_findings(snapshots, monkeypatch):
    snapshots.near = 2e-5
    monkeypatch.setattr(exercises, "_shown", lambda: {"k": own_exercise()})
    monkeypatch.setattr(message, "_SECONDS_BETWEEN", 0.0)
    first, *heard = _run(said(key="k", page="a page of its own", press=1))
    assert isinstance(first, Expect)
    assert heard.pop() == gr.skip()
    messages = [read(news) for news in heard if news is not None]
    for name, at in (("first", 0), ("last", -1)):
        one = messages[at]
        hold(snapshots, name, {key: value for key, value in one.items() if key != "stages"})
        for number, stage in enumerate(one["stages"]):
            hold(snapshots, f"{name}, stage {number}", stage, 4)
    hold(snapshots, "in words", exercises._describe(own_exercise()), 4)
    confident = replace(own_exercise(), view="confidence")
    assert exercises._describe(confident)["view"] == "confidence"
