"""What runs tell the line in which they wait, before anything is computed, and are told where it is
full: held against what was kept, and against the estimates that it comes from.
"""

import inspect
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr

from classifiers.config import CapstoneConfig, PlaygroundConfig, SweepConfig
from classifiers.errors import BusyError
from classifiers.recipes.playground.budget import estimate, expect
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.turns import Expect
from classifiers.ui import heavy
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.playground.play import PlayedRun
from classifiers.ui.playground.stage import scene_of
from tests.answers.page.asked import event, listener, read, targets_of, the_app
from tests.answers.thinned import hold
from tests.tools.app_client import run_async

SMALL = {"dataset": {"samples": 40}, "training": {"epochs": 6}}
WIDE = {"dataset": {"samples": 400}, "network": {"widths": [256, 256]}}
OWN = {"over": "width", "and_over": None, "values": "2, 64", "members": 13, "epochs": 700,
       "new_points": True, "card": False}  # fmt: skip
SWEEP = SweepConfig.parse({"values": [2, 64], "members": 13, "epochs": 700})


def first_of(function: Any, *values: Any) -> Expect:
    """Of a listener or an endpoint that takes turns."""
    assert inspect.isasyncgenfunction(function)
    run = function.__wrapped__(*values)
    told = next(run)
    run.close()
    assert isinstance(told, Expect)
    return told


def endpoint(name: str, *values: Any) -> Expect:
    return first_of(next(one.fn for one in the_app().fns.values() if one.api_name == name), *values)


def heard(target: str, *values: Any, **told: Any) -> Expect:
    return first_of(listener(target), *values, gr.EventData(None, told))


def test_what_the_line_is_told_of_endpoints(snapshots):
    for name, values in {"small": SMALL, "wide": WIDE}.items():
        told = endpoint("train_playground", values)
        hold(snapshots, f"a run, {name}", told)
        config = PlaygroundConfig.parse(values)
        assert told == expect(config, film=False) != expect(config)
    told = endpoint("sweep", SWEEP.to_dict())
    hold(snapshots, "a sweep", told)
    assert told == Expect(estimate_sweep(SWEEP))
    hold(snapshots, "an exercise", endpoint("run_exercise", "1"))
    hold(snapshots, "the capstone", endpoint("compare_capstone", {"training": {"epochs": 50}}))


def test_what_the_line_is_told_of_the_page(snapshots):
    assert heard("sweeps.compute", own=OWN) == Expect(estimate_sweep(SWEEP))
    picked = {"config": SWEEP.to_dict(), "index": 1, "member": 2, "asked": 5}
    hold(snapshots, "a network again", heard("sweeps.pick", **picked))
    hold(snapshots, "an exercise", heard("exercise-channel.run", key="1"))
    asked = {"action": "draw", "rule": "own", "settings": {"good.width": 30}}
    live, _ = event("capstone-worlds.press", None, **asked)
    assert isinstance(live, LiveRun)
    assert live.pile.config == CapstoneConfig.parse({"good": {"width": 30}})
    told = first_of(listener("page.success > capstone-worlds"), live)
    hold(snapshots, "a world", told)
    assert told == Expect(live.run.seconds)


def expected(steps: Iterator[Any]) -> list[Expect]:
    return [news for news in steps if isinstance(news, Expect)]


def test_a_run_that_is_played_tells_how_long_it_may_take():
    for values, small in ((WIDE, False), (SMALL, True)):
        config = PlaygroundConfig.parse(values)
        run = PlayedRun(config, scene_of(config))
        endless = run.play()
        assert next(endless) == Expect(2.0, small, endless=True)
        endless.close()

    def now() -> Expect:
        known = expect(run.config, film=False)
        assert known.seconds < estimate(run.config).total
        return known

    before = now()
    assert expected(run.play(until=4)) == [before]
    reached = now()
    assert reached != before
    run._give_up()
    assert run._run is None
    assert expected(run.step()) == [reached, reached]  # to come back, and to go on
    assert run.epoch == 5


def test_who_finds_the_line_full(snapshots, monkeypatch):
    """Of which runs a visitor may have only so many, and what is said where there is no room."""
    entered: list[Any] = []

    def enter(run: Iterator[Any], owner: Any, *, long: bool, notify: Any) -> Any:
        entered.extend([owner.address, owner.session, long])
        raise BusyError("server", "has room for 3 members")

    asker = SimpleNamespace(address="9.9.9.9", session="one")
    monkeypatch.setattr(heavy, "the_turns", lambda: SimpleNamespace(enter=enter))
    monkeypatch.setattr(heavy, "Asker", SimpleNamespace(current=lambda: asker))
    told = {"config": SWEEP.to_dict(), "index": 1, "member": 2, "asked": 5, "page": "p", "press": 4,
            "key": "p4", "option": 2}  # fmt: skip

    async def answers(function: Any) -> list[Any]:
        parameters = inspect.signature(function.__wrapped__).parameters.values()
        given = [gr.EventData(None, told) if one.annotation is gr.EventData else None
                 for one in parameters]  # fmt: skip
        try:
            return [news async for news in function(*given)]
        except gr.Error as error:
            return [f"Error: {error.message}"]

    runs = [one for one in the_app().fns.values() if inspect.isasyncgenfunction(one.fn)]
    for number, one in enumerate(runs):
        entered.clear()
        name = one.api_name if one.api_visibility == "public" else ", ".join(targets_of(one))
        hold(snapshots, f"{number}. {name}", [read(run_async(answers(one.fn))), *entered])
