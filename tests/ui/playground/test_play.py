"""A played run as the page hears of it: messages, who drives, what is kept."""

import itertools
import json
import random
import threading
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import torch

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import ConfigError
from classifiers.film import decode_confusion, decode_parameters
from classifiers.network import MLP
from classifiers.recipes.playground.endless import Run
from classifiers.recipes.playground.result import Result, build_scene
from classifiers.recipes.playground.run import finish_playground
from classifiers.turns import Rest, Turns
from classifiers.ui.film import endless as film_endless
from classifiers.ui.parts.presses import Presses, press_of
from classifiers.ui.parts.stopped import MOST_STOPPED
from classifiers.ui.playground import play as playing
from classifiers.ui.playground import tab
from classifiers.ui.playground.play import PlayedRun
from tests.processes.clock import Clock

VALUES = {"dataset": {"samples": 100}, "training": {"epochs": 40}}


def played(values=VALUES) -> PlayedRun:
    config = PlaygroundConfig.parse(values)
    return PlayedRun(config, build_scene(config))


def news(steps, stop=lambda: False):
    """Messages and results of a run; left as a visitor leaves it once `stop()` holds."""
    told = []
    for value in steps:
        if isinstance(value, tuple):
            told.append((json.loads(value[0]), value[1]))
        if stop():
            steps.close()
            break
    return told


def result_of(steps) -> Result:
    return news(steps)[-1][1]


@pytest.fixture
def told_always(monkeypatch):
    monkeypatch.setattr(film_endless, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(film_endless, "_BETWEEN_MOMENTS", 0.0)


def test_a_play_tells_the_whole_first_and_then_what_is_new(told_always):
    run = played()
    told = news(run.play(until=30))
    first, *live, last = [message for message, _ in told]
    assert first["state"] == "running"
    assert first["stages"][0]["frames"]["epochs"] == [0]
    assert first["stages"][0]["start"]["weights"]["sizes"] == [2, 8, 8, 4]
    epochs = [e for m in live for e in m["stages"][0].get("frames", {"epochs": []})["epochs"]]
    assert epochs == list(range(1, 31))
    rows = [e for m in live for e in m["stages"][0].get("rows", {"epoch": []})["epoch"]]
    assert rows == list(range(1, 31))
    assert all("start" not in message["stages"][0] for message in live)
    assert (last["state"], last["epoch"], last["ended"]) == ("paused", 30, "")
    stage = last["stages"][0]
    assert (first["jump"], last["jump"], stage["start"]["epochs"]) == (True, True, 30)
    assert stage["frames"]["epochs"] == list(range(31)) == stage["rows"]["epoch"]
    assert stage["result"]["rows"]["Parameters"] == "132"
    assert len({message["sequence"] for message, _ in told}) == len(told)
    assert {message["run"] for message, _ in told} == {first["run"]}


def test_the_weights_of_a_message_are_the_networks():
    run = played({**VALUES, "training": {"members": 3}})
    message, result = news(run.play(until=12))[-1]
    frames = message["stages"][0]["frames"]
    network = result.network
    stack = decode_parameters(frames["parameters"], 3, network.parameter_count)
    assert stack.shape == (13, 3, 132)
    assert np.array_equal(stack[-1], network.parameters[:, :132].numpy())
    counts = decode_confusion(frames["confusion"], 4)
    assert counts[-1] == pytest.approx(result.confusion, abs=0.05)
    start = MLP(run.config.network, 2, 4, 3).initialize(42)
    assert np.array_equal(stack[0], start.parameters[:, :132].numpy())


def test_the_wire_is_small():
    lesson = played({})
    whole, _ = news(lesson.play(until=100))[-1]
    assert len(whole["stages"][0]["frames"]["epochs"]) >= 60
    assert len(json.dumps(whole)) < 60_000
    five = played({"training": {"members": 5}})
    assert len(json.dumps(news(five.play(until=100))[-1][0])) < 200_000


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_visitor_does_the_config_in_one_piece_does_too(seed, monkeypatch):
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", 0.0)
    chance = random.Random(seed)
    training = {
        "optimizer": chance.choice(["sgd", "adam", "adamw"]),
        "batch_size": chance.choice([None, 9]),
        "members": chance.choice([1, 2]),
    }
    run = played({**VALUES, "network": {"dropout": 0.2}, "training": training})
    press = 0
    for _ in range(8):
        action = chance.choice(["play", "play", "step", "halt", "change"])
        if action == "play":
            left = iter([False] * chance.randint(1, 40))
            news(run.play(), stop=lambda left=left: next(left, True))
        elif action == "change":
            run.change({"learning_rate": chance.choice([0.01, 0.3]), "dropout": 0.4})
        elif action == "step":
            news(run.step())
        else:
            press += 1
            told = run.play(press=press)
            for _ in itertools.islice(told, chance.randint(0, 40)):
                pass
            PlayedRun.halt(run.name, press)
            assert news(told)[-1][0]["state"] == "paused"
    result = result_of(run.play(until=1))
    alone = finish_playground(PlaygroundConfig.parse(run.config.to_dict()))
    assert torch.equal(result.network.parameters, alone.network.parameters)
    assert result.metrics() == alone.metrics()


def test_a_step_is_one_epoch_and_says_its_result():
    run = played()
    for epoch in (1, 2):
        ((message, result),) = news(run.step())
        assert message["state"] == "paused"
        assert message["stages"][0]["frames"]["epochs"][-1] == epoch == run.epoch
        assert result.config.training.epochs == epoch


def test_whoever_drives_last_wins():
    run = played()
    playing = run.play()
    for _ in range(20):
        next(playing)
    result = result_of(run.play(until=1))
    reached = run.epoch
    assert news(playing) == []  # it ends without a word
    assert run.epoch == reached == result.config.training.epochs


class Alone(PlayedRun):
    """Of several requests, one at a time changes anything."""

    def __setattr__(self, name, value):
        assert "_lock" not in self.__dict__ or self._lock.locked(), name
        super().__setattr__(name, value)


def test_whoever_is_at_a_run_is_alone(monkeypatch):
    config, seen = PlaygroundConfig.parse(VALUES), []
    run = Alone(config, build_scene(config))

    def note(name):
        assert run._lock.locked(), name
        seen.append(name)

    def watched(name):
        real = getattr(Run, name)

        def steps(self, *given):
            for update in real(self, *given):
                note(name)
                yield update

        def call(self, *given):
            note(name)
            return real(self, *given)

        monkeypatch.setattr(Run, name, steps if name in ("advance", "conclude") else call)

    for name in ("advance", "conclude", "change", "change_now", "glance"):
        watched(name)
    run.preview()
    news(run.play(until=2))
    run.change({"learning_rate": 0.2})
    news(run.step())
    run._give_up()
    run.change({"learning_rate": 0.3})
    run.preview()
    for count, _ in enumerate(told := run.play()):
        if count == 9:
            run.change({"learning_rate": 0.4})
            assert news(run.step())[-1][1].config.training.changes[-1].learning_rate == 0.4
    assert list(told) == []
    assert {*seen} == {"advance", "conclude", "change", "change_now", "glance"}


def test_a_halt_is_about_the_presses_before_it():
    run = played()
    PlayedRun.halt(run.name, 1)  # sooner than the play it is about
    told = news(run.play(press=1))
    assert told[-1][0]["state"] == "paused"
    assert told[-1][1] is not None
    assert run.epoch == told[-1][0]["epoch"] <= 1
    news(run.play(press=2, until=8))
    assert run.epoch == 8
    PlayedRun.halt(run.name, 3)
    PlayedRun.halt(run.name, 2)  # late: it undoes nothing
    news(run.play(press=3))
    assert run.epoch == 9
    other = played()
    news(other.play(press=3, until=5))
    assert other.epoch == 5


def test_presses_have_short_names_and_whole_numbers():
    presses = Presses()
    for name, press, left in (("n" * 60, 1, True), ("n" * 61, 1, False), ("a", True, False)):
        presses.leave(name, press)
        assert presses.is_left(name, 1) is left
    told = [press_of({"page": "p", "press": press}) for press in (3, True, 2.0, None)]
    assert told == [("p", 3), ("p", None), ("p", None), ("p", None)]


def test_a_slow_play_is_halted_while_it_rests():
    run = played()
    for value in run.play(speed=0.1, press=1):
        if isinstance(value, Rest):
            PlayedRun.halt(run.name, 1)
    assert run.epoch == 1


def test_only_so_many_halts_are_remembered():
    for i in range(1_500):
        PlayedRun.halt(f"nobody's {i}", 1)
    assert len(PlayedRun._halts) == 1_000


def test_a_change_is_told_by_the_play_or_at_once(told_always):
    run = played()
    news(run.play(until=3))
    told = json.loads(run.change({"learning_rate": 0.5}))
    assert told["stages"][0]["changes"] == [{"epoch": 3, "learning_rate": 0.5}]
    told = json.loads(run.change({"learning_rate": 0.6}))  # as many as before, and another
    assert told["stages"][0]["changes"] == [{"epoch": 3, "learning_rate": 0.6}]
    under_way = run.play()
    while run.epoch < 6:
        next(under_way)
    assert run.change({"batch_size": None}) is None
    stages = []
    while run.epoch < 9:
        value = next(under_way)
        if isinstance(value, tuple):
            stages.append(json.loads(value[0])["stages"][0])
    assert [s["changes"][1] for s in stages if "changes" in s] == [{"epoch": 6, "batch_size": None}]
    with pytest.raises(ConfigError, match=r"training\.learning_rate: "):
        run.change({"learning_rate": 0})


def test_slow_speeds_rest_and_lose_no_time(monkeypatch):
    clock, rests = Clock(), []
    monkeypatch.setattr(playing, "time", clock)
    run = played()
    news(run.play(until=4))
    began = clock.now
    for value in run.play(speed=4.0, until=8):
        if isinstance(value, Rest):
            rests.append((run.epoch, value.seconds))
            # Whoever is late after one rest is earlier at the next.
            clock.sleep(value.seconds + (0.03 if len(rests) == 1 else 0.0))
    per_epoch = {epoch: sum(s for at, s in rests if at == epoch) for epoch, _ in rests}
    assert per_epoch == pytest.approx({5: 0.25, 6: 0.25, 7: 0.25, 8: 0.25}, abs=0.031)
    assert max(seconds for _, seconds in rests) <= playing._LONGEST_REST
    assert clock.now - began == pytest.approx(1.0)


def test_a_resting_run_leaves_its_thread_to_others():
    turns = Turns(threads=1)
    order, done = [], threading.Event()

    def resting():
        yield Rest(0.2)
        order.append("rested")
        yield "end"

    def busy():
        order.append("busy")
        yield "news"

    first = turns.enter(resting(), notify=lambda: done.set() if first.ended else None)
    list(turns.play(busy()))
    assert done.wait(30)
    assert order == ["busy", "rested"]


def test_only_so_many_are_kept_and_one_that_was_given_up_comes_back():
    run = played()
    news(run.play(until=5))
    run.change({"learning_rate": 0.3})
    news(run.play(until=9))
    before = run.config
    others = [played() for _ in range(MOST_STOPPED + 2)]
    assert run._run is None
    assert (run.config, run.epoch) == (before, 9)
    run.change({"l2": 0.01})
    run.change({"l1": 0.02})
    result = result_of(run.step())
    assert run.config.training.changes[-1].settings == {"l1": 0.02, "l2": 0.01}
    assert run.epoch == 10
    assert [change.epoch for change in run.config.training.changes] == [5, 9]
    alone = finish_playground(run.config)
    assert torch.equal(result.network.parameters, alone.network.parameters)
    assert len(others) > MOST_STOPPED


def test_one_that_comes_back_has_the_picture_it_had(told_always):
    config = PlaygroundConfig.parse(VALUES)
    scene = build_scene(config)
    wide = replace(scene, extent=Extent(-9.0, 8.0, -7.0, 6.0))
    run = PlayedRun(config, wide)
    news(run.play(until=2))
    run._give_up()
    _, result = news(run.play(until=3))[-1]
    assert result.scene.extent == wide.extent != scene.extent


def test_a_late_driver_does_not_take_the_place_of_a_run_that_came_back():
    run = played()
    news(run.play(until=9))
    run._give_up()
    assert run._run is None
    late = run.play(until=30)
    next(late)  # it has begun to train anew
    assert result_of(run.step()).config.training.epochs == 10
    list(late)
    assert run.epoch == 10


def test_a_preview_is_the_untrained_network():
    run = played()
    message = json.loads(run.preview())
    assert message["state"] == "preview"
    assert message["stages"][0]["frames"]["epochs"] == [0]
    assert run.epoch == 0


def test_an_error_leaves_nothing_behind(monkeypatch):
    run = played()
    news(run.play(until=3))

    def broken(*_):
        raise RuntimeError("broken")
        yield

    monkeypatch.setattr(run._run, "advance", broken)
    run._run.change({"l2": 0.5})  # what was asked for by then is not lost
    with pytest.raises(RuntimeError, match="broken"):
        news(run.play())
    assert run.epoch == 3
    training = result_of(run.step()).config.training
    assert (training.epochs, [one.to_dict() for one in training.changes]) == (
        4, [{"epoch": 3, "l2": 0.5}],
    )  # fmt: skip


def test_a_pace_is_of_positive_numbers(monkeypatch):
    run, asked = played(), []
    monkeypatch.setattr(run, "play", lambda **pace: iter([asked.append(pace)]))
    for told in (
        {"speed": 2.5, "until": 7, "press": 3, "page": 4},
        {"speed": 0, "until": True, "press": -1},
        {"speed": 1e9, "until": "4", "press": None},
        {"speed": 999_999_999, "until": 0.001},
    ):
        list(tab._play(run, gr.EventData(None, told)))
    assert asked == [
        {"speed": 2.5, "until": 7, "press": 3}, {}, {}, {"speed": 999_999_999, "until": 0.001},
    ]  # fmt: skip


def test_a_page_goes_on_with_the_run_that_it_names():
    def driven(held, **asked):
        met = []
        list(tab._told(held, {"config": VALUES, **asked}, lambda own: iter([met.append(own)])))
        return met[0]

    run = driven(None, run="mine")
    assert (run.name, run.config.dataset.samples, run.epoch) == ("mine", 100, 0)
    assert driven(run, run="mine") is driven(run) is driven(run, run=None) is run
    other = driven(run, run="another")
    assert (other is run, other.name) == (False, "another")
    assert driven("no run", run="n" * 80).name == "n" * 60
    assert len({driven(None).name, driven(None).name, driven(None, run="").name}) == 3
