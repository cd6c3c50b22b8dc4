"""A visitor's own world of the capstone: phases, what the page is told, that nothing is left."""

import copy
import json
import os
import time
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from classifiers.config import CapstoneConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds import live as drawing
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.live import draw_world_live
from classifiers.recipes.capstone.worlds.message import unpack_array, unpack_regions
from classifiers.recipes.capstone.worlds.page.detail import detail
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.store import save_pile
from classifiers.turns import Expect, Together, play
from classifiers.ui.capstone import live
from classifiers.ui.capstone import tab as capstone
from classifiers.ui.capstone import worlds as messages
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.parts.stopped import MOST_STOPPED, StoppedRuns

SETTINGS = {"training.epochs": 30, "dataset.samples": 60}
SHORT = CapstoneConfig.parse({"training": {"epochs": 30}, "dataset": {"samples": 60}})
LONG = CapstoneConfig()


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    for run in list(LiveRun._all):
        run.close()


def own(config: CapstoneConfig = SHORT) -> LiveRun:
    return LiveRun("own", Pile("own", config), "p1")


def press(live, **asked):
    state, told = capstone._press(live, gr.EventData(None, asked))
    message = json.loads(told["live"]) if told.get("live") else None
    return state, message


def told(run: LiveRun) -> list[dict]:
    """All that the page hears of a run until it ends or is stopped."""
    heard = []
    for news in play(capstone._train(run)):
        if isinstance(news, dict) and "live" in news:
            heard.append(json.loads(news["live"]))
    return heard


def ends(condition, seconds: float = 30.0) -> None:
    """Waits for what a thread does at the end of its slice."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def heard() -> list[dict]:
    """What is told of a run that nobody stops."""
    return told(own())


def test_the_world_that_is_told_is_the_one_that_a_script_draws(heard):
    assert [message["phase"] for message in heard][-1] == "done"
    *_, alone = play(draw_world_live(SHORT, 0))
    expected = detail(Pile("own", SHORT).add(alone), 0)
    done = heard[-1]
    for name in SCORES:
        assert done["detail"][name] == expected[name]
    assert done["detail"]["table"] == expected["table"]
    assert done["row"]["worlds"] == 1
    header, *rows = [line.split(",") for line in done["detail"]["csv"].splitlines()]
    for row, name in zip(rows, NAMES, strict=True):
        assert row[0] == name
        for key, text in zip(header[1:], row[1:], strict=True):
            assert float(text) == expected["table"]["numbers"][name][key]


def test_every_message_holds_the_whole_world_so_far(heard):
    growing = [message for message in heard if "grown" in message]
    before = [0, 0, 0]
    for message in growing:
        assert (message["pile"], message["world"], message["rule"]) == ("p1", 0, "own")
        assert message["summary"]["pile"] == "p1"
        scores = [unpack_array(part) for part in message["grown"]["scores"]]
        regions = [unpack_regions(part) for part in message["grown"]["regions"]]
        reached = [len(part) for part in scores]
        assert reached == [len(part) for part in regions]
        assert all(now >= then for now, then in zip(reached, before, strict=True))
        before = reached
        assert 0 <= message["share"] <= 1
    train = unpack_array(heard[-1]["detail"]["train_accuracy"])
    shown = unpack_array(growing[-1]["grown"]["scores"][1])[:, 0]
    assert np.array_equal(shown, train[1, : len(shown)])
    points = unpack_array(growing[0]["grown"]["points"])
    assert np.array_equal(points, unpack_array(heard[-1]["detail"]["points"]))


def test_a_stopped_run_goes_on_to_what_one_that_never_was_gives(heard):
    whole = heard[-1]
    run, stopped = own(), 0
    while run.phase == "ready":
        for count, _ in enumerate(play(capstone._train(run))):
            if count == 1 and run.phase == "running":
                press(run, action="stop")
                assert run.phase == "stopping"
        if run.phase == "paused":
            stopped += 1
            _, message = press(run, action="resume")
            assert message["phase"] == "waiting"
    assert run.phase == "done"
    assert json.loads(capstone._done(run))["detail"]["table"] == whole["detail"]["table"]


def test_a_stop_says_how_far_it_was():
    run, heard = own(LONG), []
    for news in play(capstone._train(run)):
        heard.append(news)
        if len(heard) == 3:
            run.stop()
    assert heard[-1] == gr.skip()
    message = json.loads(heard[-2]["live"])
    assert message["phase"] == "paused"
    assert message["text"].startswith("Stopped: too small ")
    assert "(of 2,000 epochs)" in message["text"]


def test_how_far_three_networks_are(monkeypatch):
    run = own(LONG)
    reached = dict(zip(NAMES, (1500, 40, 260), strict=True))
    at = SimpleNamespace(reached=reached, epochs=2000, phase="training", close=lambda: None)
    monkeypatch.setattr(run, "run", at)
    told = {"rule": "own", "pile": "p1", "world": 0, "phase": "training", "share": 0.3,
            "text": "Training: too small 1,500, too big 40, about right 260 (of 2,000 "
                    "epochs)."}  # fmt: skip
    assert run.tell() == told
    reached.update(dict.fromkeys(NAMES, 1999))
    at.phase = "scoring"
    at.epochs = 1
    assert run.where == "too small 1,999, too big 1,999, about right 1,999 (of 1 epoch)"
    at.epochs = 2000
    text = "Scoring on fresh points…"
    assert run.tell() == {**told, "phase": "scoring", "share": 1.0, "text": text}


class Alone(LiveRun):
    """Of two requests, one at a time changes its phase."""

    def __setattr__(self, name, value):
        assert name != "phase" or name not in self.__dict__ or self._lock.locked()
        super().__setattr__(name, value)


def test_a_phase_is_changed_by_one_at_a_time():
    run = Alone("own", Pile("own", SHORT), "p1")
    run.stop()
    run.resume()
    for _ in play(capstone._train(run)):
        run.stop()
    assert run.phase == "paused"
    run.resume()
    told(run)
    assert run.phase == "done"
    run.close()
    assert run.phase == "closed"


def test_stopped_runs_are_given_up_after_they_were_counted():
    seen = []

    class Run:
        pass

    stopped = StoppedRuns(lambda _: stopped._lock.locked(),
                          lambda run: seen.append((run, stopped._lock.locked())))  # fmt: skip
    runs = [Run() for _ in range(MOST_STOPPED + 3)]
    for run in runs:
        stopped.add(run)
    assert seen == [(run, False) for run in (runs[0], *runs[:2])]
    assert list(stopped) == runs


def test_leaving_the_page_gives_the_run_up():
    run = own(LONG)
    updates = play(capstone._train(run))
    next(updates)
    assert run.phase == "running"
    updates.close()
    ends(lambda: run.phase == "closed")
    assert not run.run.steps


@pytest.mark.parametrize(
    ("module", "begin", "before"),
    [(live, lambda: own().messages(), [Expect, type(None), dict]),
     (drawing, lambda: draw_world_live(SHORT, 0), [Expect, type(None)])],
    ids=["page", "script"],
)  # fmt: skip
def test_what_a_rule_is_is_known_before_three_threads_ask_for_it(
    monkeypatch, module, begin, before
):
    known, news = [], begin()
    monkeypatch.setattr(module, "truth_of", known.append)
    assert [type(next(news)) for _ in range(len(before) + 1)] == [*before, Together]
    assert known == [SHORT]
    news.close()


def test_a_run_that_is_given_up_stays_so():
    run = own()
    news = run.messages()
    while not isinstance(next(news), Together):
        pass
    run.close()
    assert list(news) == []
    assert run.phase == "closed"
    refused = own()
    told = capstone._refused(BudgetError("server", "has room for 9"), refused)
    assert json.loads(told["live"])["wrong"]["text"] == "server: has room for 9"
    assert refused.phase == "closed"


def test_a_run_whose_turn_has_not_come_can_be_taken_back():
    run = own(LONG)
    _, message = press(run, action="stop")
    assert (run.phase, message["phase"]) == ("paused", "paused")
    assert list(play(run.messages())) == []
    press(run, action="resume")
    assert run.phase == "ready"


def test_only_so_many_runs_wait_in_memory():
    runs = []
    for _ in range(MOST_STOPPED + 2):
        runs.append(own())
        runs[-1].stop()
    more = own()
    assert [run.phase for run in runs[:3]] == ["closed", "closed", "paused"]
    assert more.phase == "ready"
    again, message = press(runs[0], action="resume")
    assert again is not runs[0]
    assert (again.phase, message["phase"]) == ("ready", "waiting")
    assert again.pile.config == SHORT


def test_a_press_to_stop_what_has_just_ended_starts_nothing():
    run = own()
    told(run)
    assert run.phase == "done"
    for action in ("stop", "leave"):
        state, _ = press(run, action=action)
        assert state is run
        assert run.phase == "done"
    assert told(run) == []


def test_a_new_world_gives_up_the_run_before_it():
    for action in ("draw", "anew"):
        run = own(LONG)
        press(run, action="stop")
        other, _ = press(run, action=action, rule="own", settings=SETTINGS)
        assert (run.phase, other.phase) == ("closed", "ready")


def test_worlds_of_the_same_settings_pile_up_and_others_begin_anew():
    first, _ = press(None, action="draw", rule="own", settings=SETTINGS)
    told(first)
    second, _ = press(first, action="draw", rule="own", settings=SETTINGS)
    assert second.world == 1
    done = told(second)[-1]
    assert "summary" not in done
    assert (done["world"], done["row"]["worlds"]) == (1, 2)
    counts = unpack_array(done["row"]["counts"])[0, -1]
    fresh, test = (second.pile.scores(f"{part}_accuracy")[..., -1] for part in ("fresh", "test"))
    assert counts[0] == sum(big < small for small, big, _ in test.tolist())
    assert counts[3] == sum(big < small for small, big, _ in fresh.tolist())
    other, _ = press(second, action="draw", rule="own", settings={**SETTINGS, "good.width": 4})
    assert (other.world, other.pile_id != second.pile_id) == (0, True)


def test_worlds_of_another_rule_do_not_pile_up_though_its_settings_are_the_same():
    live, _ = press(None, action="draw", rule="own", settings={})
    assert (live.rule, live.pile.config, live.world) == ("own", LONG, 0)
    shipped, _ = press(live, action="draw", rule="lesson")
    assert (shipped.rule, shipped.pile.config, shipped.pile_id) == ("lesson", LONG, "lesson")
    assert shipped.world == len(messages.shipped_pile("lesson").worlds)
    again, _ = press(shipped, action="draw", rule="own", settings={})
    assert (again.rule, again.world) == ("own", 0)


def test_so_many_worlds_may_be_asked_for_at_once():
    assert messages._worlds([4] * 20, 5) == [4] * 20
    for asked in ([4] * 21, [5], [-1], [2.0], None):
        with pytest.raises(ConfigError, match="up to 20 numbers from 0 to 4$"):
            messages._worlds(asked, 5)


def test_settings_that_cannot_be_are_said_and_start_nothing():
    live, message = press(None, action="draw", rule="own", settings={"training.epochs": -3})
    assert live is None
    assert message["phase"] == "refused"
    assert message["wrong"]["field"] == "training.epochs"
    assert message["wrong"]["shown"]
    for settings, field in (
        ({"dataset.noise": 99}, "dataset.noise"),
        ({"dataset.noise": 0.4}, None),
    ):
        judged = capstone._check(gr.EventData(None, {"settings": settings}))
        wrong = json.loads(judged["judged"])["wrong"]
        assert (wrong and wrong["field"]) == field


def test_a_full_pile_is_refused(monkeypatch):
    monkeypatch.setattr("classifiers.ui.capstone.live.MOST_WORLDS", 0)
    with pytest.raises(BudgetError, match="^worlds: 0 are as many as this page can count$"):
        own()


def test_records_that_are_missing_are_said_and_worlds_are_drawn_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    told_ = json.loads(messages.answer({"rule": "lesson", "worlds": [0], "whole": True}))
    assert "worlds-lesson.json" in told_["error"]
    assert told_["error"].endswith(". Draw the world again still trains new worlds here.")
    assert str(tmp_path) not in told_["error"]
    live, _ = press(None, action="draw", rule="lesson")
    assert (live.world, live.pile.config) == (0, LONG)


def test_worlds_that_were_replaced_are_shown_anew(tmp_path, monkeypatch):
    pile = messages.shipped_pile("lesson")
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    for count in (5, 6):
        save_pile(tmp_path / "capstone", replace(pile, worlds=pile.worlds[:count]))
        record = tmp_path / "capstone" / "records" / "worlds-lesson.json"
        os.utime(record, ns=(count, count))
        assert len(messages.shipped_pile("lesson").worlds) == count


@pytest.mark.parametrize("asked", [{"rule": "no"}, {"rule": "lesson", "worlds": [-1]}, None, {}])
def test_what_cannot_be_asked_is_said(asked):
    assert "error" in json.loads(messages.answer(asked))


def test_the_state_starts_empty():
    """Gradio deep-copies what a state starts with; a run could not be copied."""
    with pytest.raises(TypeError):
        copy.deepcopy(own())
