"""A visitor's run of the capstone: phases, and that nothing is left behind."""

import copy
import json
import time

import gradio as gr
import pytest

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES
from classifiers.turns import play
from classifiers.ui.capstone import live as capstone_live
from classifiers.ui.capstone import tab as capstone
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.parts.stopped import MOST_STOPPED
from tests.recipes.capstone.test_capstone import SHORT, generators  # noqa: F401

LONG = CapstoneConfig()


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    for run in list(LiveRun._all):
        run.close()


def ends(condition, seconds: float = 5.0) -> None:
    """Waits for what a thread does at the end of its slice."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def frames_of(messages: list[str]) -> dict[int, list[int]]:
    """The epochs that each stage has curves for, after these messages."""
    epochs: dict[int, list[int]] = {}
    for message in map(json.loads, messages):
        for stage, news in enumerate(message["stages"]):
            if news and "start" in news:
                epochs[stage] = []
            if news and "rows" in news:
                epochs[stage] += news["rows"]["epoch"]
    return epochs


def test_a_stop_pauses_and_the_page_misses_nothing():
    run, sent = LiveRun(SHORT), []
    while run.phase == "ready":
        for count, message in enumerate(play(run.messages())):
            sent.append(message)
            if count == 1:
                run.press()
                assert run.phase in ("stopping", "running", "done")  # it may have ended meanwhile
        if run.phase == "paused":
            run.press()
    assert run.phase == "done"
    assert tuple(sorted(run.ended)) == tuple(sorted(NAMES))
    told = frames_of([*sent, run.show.message("done")])
    assert all(epochs == list(range(31)) for epochs in told.values())
    # A page that lost what came after a stop is told all of it when the run goes on.
    resumed = [message for message in sent if json.loads(message).get("state") == "running"]
    assert all(news is None or "start" in news for m in resumed for news in json.loads(m)["stages"])


def test_leaving_the_page_gives_the_run_up(generators):  # noqa: F811
    run = LiveRun(LONG)
    updates = play(capstone._train(run))
    next(updates)
    assert run.phase == "running"
    updates.close()
    ends(lambda: run.phase == "closed")
    ends(lambda: [steps() for steps in generators] == [None] * len(NAMES))


def test_a_paused_run_has_no_thread_and_a_new_one_frees_it(generators):  # noqa: F811
    run = LiveRun(LONG)
    for _ in play(run.messages()):
        if run.phase == "running":
            run.press()
    assert run.phase == "paused"
    assert all(steps() is not None for steps in generators)
    new, *_ = capstone._anew(run, "Start anew", *capstone._values(LONG))
    assert new.phase == "ready"
    assert run.phase == "closed"
    assert [steps() for steps in generators[: len(NAMES)]] == [None] * len(NAMES)


def test_a_run_whose_turn_has_not_come_can_be_taken_back():
    run = LiveRun(LONG)
    run.press()
    assert run.phase == "paused"
    assert list(play(run.messages())) == []
    run.press()
    assert run.phase == "ready"


def test_only_so_many_runs_wait_in_memory():
    runs = []
    for _ in range(MOST_STOPPED + 2):
        runs.append(LiveRun(SHORT))
        runs[-1].press()
    more = LiveRun(SHORT)
    assert [run.phase for run in runs[:3]] == ["closed", "closed", "paused"]
    assert more.phase == "ready"
    answer, text, *_ = capstone._press(runs[0], "Resume", *capstone._values(SHORT))
    assert answer is not runs[0]
    assert answer.phase == "ready"
    assert "Waiting" in text


def test_a_press_to_stop_what_has_just_ended_starts_nothing(monkeypatch):
    run = LiveRun(SHORT)
    for _ in play(run.messages()):
        pass
    assert run.phase == "done"
    assert capstone._press(run, "Stop", *capstone._values(SHORT)) == [gr.skip()] * 4
    assert run.just_done
    monkeypatch.setattr(capstone_live, "_GRACE_SECONDS", 0.0)
    live, *_ = capstone._press(run, "Train the three again", *capstone._values(SHORT))
    assert live.phase == "ready"


def test_settings_that_cannot_be_are_said_and_start_nothing():
    epochs = list(capstone._LABELS).index(("training", "epochs"))
    values = capstone._values(LONG)
    values[epochs] = -3
    live, text, *_ = capstone._press(None, "Train", *values)
    assert live is None
    assert "training.epochs: " in text


def test_the_state_starts_empty():
    """Gradio deep-copies what a state starts with; a run could not be copied."""
    with pytest.raises(TypeError):
        copy.deepcopy(LiveRun(SHORT))
