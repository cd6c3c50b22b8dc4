"""Which device a sweep is given, decided with measurements that the tests make up."""

import contextlib
import contextvars
import json
import runpy
import threading
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
import torch

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.network import MLP
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.sweep import device as devices
from classifiers.recipes.sweep import file, tasks
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.recipes.sweep.device import choose_device, measure_epoch
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.members import member_parts, start_members, worlds
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.run import run_sweep
from classifiers.ui import gpu
from classifiers.ui.capstone.sweep import page

LARGE = SweepConfig.parse({"members": 50})
SMALL = SweepConfig.parse({"values": [2, 4], "members": 2, "epochs": 50})
UNFILMED = SweepConfig.parse({"values": [2, 4], "members": 100, "epochs": 100})  # with films, large


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.mark.parametrize(("faster", "slower"), [("cpu", "cuda"), ("cuda", "cpu")])
def test_auto_takes_the_device_that_was_measured_to_be_faster(card, monkeypatch, faster, slower):
    asked = []

    def seconds(config, index, device):
        asked.append((index, device))
        return {faster: 0.1, slower: 0.2}[device]

    assert choose_device("auto", LARGE, seconds_an_epoch=seconds) == faster
    widest = LARGE.values.index(256)
    assert sorted(asked) == [(widest, "cpu"), (widest, "cuda")]
    monkeypatch.setattr(devices, "measure_epoch", seconds)
    assert choose_device("auto", LARGE) == faster
    assert asked[2:] == asked[:2]


@pytest.mark.parametrize("config", [SMALL, UNFILMED], ids=["small", "without films"])
def test_small_work_stays_on_the_cpu_without_waking_the_card(card, config):
    def seconds(*_):
        raise AssertionError("measured")

    assert choose_device("auto", config, seconds_an_epoch=seconds) == "cpu"


@pytest.mark.parametrize(("looked_at", "factor"), [(1000, 1), (3, 1), (2, 3 / 2)])
@pytest.mark.parametrize("much", [True, False])
def test_what_is_much_counts_all_members_and_all_settings(
    card, monkeypatch, looked_at, factor, much
):
    """Of settings with as much work the first is measured, of devices as fast the CPU taken."""
    config = SweepConfig.parse(
        {"over": "weight_decay", "values": [0, 0.1, 0.2], "members": 7, "epochs": 50}
    )
    each = estimate(config.setting(0), film=False).total
    monkeypatch.setattr(devices, "_LOOKED_AT", looked_at)
    work = 7 * min(3, looked_at) * factor * each
    monkeypatch.setattr(devices, "_SMALL_SECONDS", work * (0.999 if much else 1.001))
    asked = []
    equal = lambda config, index, device: asked.append((index, device)) or 0.1  # noqa: E731
    assert choose_device("auto", config, seconds_an_epoch=equal) == "cpu"
    assert asked == ([(0, "cpu"), (0, "cuda")] if much else [])


def test_an_epoch_is_measured_once_it_is_warm_and_for_all_groups(monkeypatch):
    config = SweepConfig.parse(
        {"values": [3], "members": 12, "epochs": 5, "base": {"training": {"early_stopping": {}}}}
    )
    now, asked = [0.0], []

    def run(network, training, rows, record_at):
        asked.append((network.members, training.epochs, training.early_stopping, record_at))
        for k, (epoch, scored) in enumerate(
            ((0, True), (10, False), (10, True), (20, False), (30, True))
        ):
            now[0] += 2**k
            yield SimpleNamespace(epoch=epoch, scores={} if scored else None)

    monkeypatch.setattr(devices, "train", run)
    monkeypatch.setattr(devices, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    assert measure_epoch(config, 0, "cpu") == pytest.approx(2 * (8 + 16) / 20)
    assert asked == [(10, 30, None, [10])], "ten members, and two more like them"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_without_a_card_auto_is_the_cpu_and_cuda_an_error():
    assert choose_device("auto", LARGE) == "cpu"
    with pytest.raises(ConfigError, match="^device: must be a device of this machine, got cuda"):
        choose_device("cuda", SMALL)


def test_of_devices_and_settings_that_are_alike_the_first_is_taken(card, monkeypatch):
    asked = []

    def seconds(config, index, device):
        asked.append((index, device))
        return 0.5

    monkeypatch.setattr(devices, "estimate", lambda *_, **__: SimpleNamespace(total=2.0))
    monkeypatch.setattr(devices, "measure_epoch", seconds)
    config = SweepConfig.parse({"values": [2, 4, 8], "members": 5})
    for small, device in ((30.1, "cpu"), (30.0, "cpu")):
        monkeypatch.setattr(devices, "_SMALL_SECONDS", small)
        assert choose_device("auto", config) == device
    assert asked == [(0, "cpu"), (0, "cuda")], "30 seconds are not less than 30"


def test_all_that_members_start_with_is_on_their_device(monkeypatch):
    """On one that holds no numbers."""
    stopping = {"early_stopping": {"on": "validation"}}
    run = SweepConfig.parse({"values": [3], "base": {"training": stopping}}).setting(0)
    monkeypatch.setattr(MLP, "initialize", lambda network, seeds: network)
    network, parts = start_members(run, worlds(run, range(2)), "meta")
    rows = (parts.train, parts.test, parts.validation)
    assert network.parameters.device.type == "meta"
    assert [(own.x.device.type, own.y.device.type) for own in rows] == [("meta", "meta")] * 3
    counts = [len(own.y[0]) for own in rows]
    assert counts == [len(own.y[0]) for own in vars(member_parts(run, worlds(run, [0]))).values()]
    assert len(set(counts)) == 3


def test_an_unknown_device_is_named():
    with pytest.raises(ConfigError, match="^device: must be one of auto, cpu, cuda, got 'tpu'"):
        choose_device("tpu", SMALL)


def test_measuring_takes_a_positive_time_that_grows_with_the_work():
    narrow, wide = (measure_epoch(LARGE, index, "cpu") for index in (0, len(LARGE.values) - 1))
    assert 0 < narrow < wide


def test_several_workers_cannot_share_a_card(tmp_path):
    with pytest.raises(ConfigError, match="^device: must be cpu for several workers, got cuda"):
        write_sweep(SMALL, tmp_path / "sweep.json", workers=2, device="cuda")


def test_all_of_a_sweep_is_done_on_the_device_that_was_chosen(monkeypatch, tmp_path):
    """With a card that is the CPU: it takes all members at once, and their numbers are the same."""
    own = {"name": "points", "points": [[i % 5, (i * i) % 7, i % 2] for i in range(40)]}
    config = SweepConfig.parse(
        {"values": [3], "members": 12, "epochs": 3, "new_points": False, "base": {"dataset": own}}
    )
    asked: list[Any] = []

    def start(run, chosen, device="cpu"):
        assert {world.points for world in chosen} == {config.base.dataset.seed}, (
            "all have the same points"
        )
        asked.append((device, len(chosen)))
        return start_members(run, chosen)

    def parts(path, config, device):
        asked.append(device)
        return Parts(path, config, device)

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10**10, 10**11))
    monkeypatch.setattr(tasks, "start_members", start)
    monkeypatch.setattr(devices, "start_members", start)
    monkeypatch.setattr(file, "Parts", parts)
    results = []
    for device, groups in (("cpu", [10, 2]), ("cuda", [12])):
        at = [(device, count) for count in groups]
        *_, last = run_sweep(config, device=device)
        assert asked == at
        asked.clear()
        written = write_sweep(config, tmp_path / device, device=device, report=lambda _: None)
        assert asked == [device, *at]
        asked.clear()
        measure_epoch(config, 0, device)
        assert asked == at[:1]
        asked.clear()
        results += [last.result, written]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("lent", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_whose_a_card_is(monkeypatch, there, lent):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(gpu.SpacesConfig, "zero_gpu", lent)
    assert (gpu.is_lent(), gpu.is_own()) == (lent, there and not lent)


def test_a_lent_card_is_left_alone_unless_asked_for(card, monkeypatch):
    monkeypatch.setattr(gpu, "is_lent", lambda: True)
    *_, last = gpu.stream_sweep(SMALL)
    assert len(last.result["rows"]) == 2


def test_what_is_asked_of_a_card_grows_with_the_work_and_has_a_limit(card):
    many = SweepConfig.parse({"members": 4096})
    assert gpu.card_seconds(SMALL) < gpu.card_seconds(LARGE) < gpu.card_seconds(many)
    with pytest.raises(BudgetError, match="^members: a sweep may take at most 120 s of a card"):
        next(gpu.stream_sweep(many, "cuda"))


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("kept", ["a file", None])
def test_a_sweep_is_computed_and_kept_where_it_was_decided(monkeypatch, tmp_path, device, kept):
    asked: list[Any] = []

    @contextlib.contextmanager
    def parts():
        yield
        asked.append("closed")

    opened = None if kept is None else parts()

    def cached(folder, config, device):
        asked.append((folder, config, device))
        return opened

    def sweep(config, **more):
        asked.append((config, more))
        yield "first"
        yield "last"

    monkeypatch.setattr(gpu, "choose_device", lambda choice, config: {"auto": device}[choice])
    monkeypatch.setattr(gpu, "cached_parts", cached)
    monkeypatch.setattr(gpu, "run_sweep", sweep)
    told = gpu.stream_sweep(SMALL, "auto", tmp_path)
    assert [news for news in told if news is not None] == ["first", "last"]
    how = {"most_seconds": None, "parts": opened, "device": device}
    assert asked[:2] == [(tmp_path, SMALL, device), (SMALL, how)]
    assert asked[2:] == ([] if kept is None else ["closed"])
    asked.clear()
    list(gpu.stream_sweep(SMALL))
    assert asked == [(SMALL, {**how, "parts": None})]
    assert gpu._duration(LARGE.to_dict(), tmp_path) == gpu.card_seconds(LARGE)


@pytest.mark.parametrize("cache", ["a folder", None])
def test_what_a_lent_card_does(monkeypatch, cache):
    asked: list[Any] = []
    monkeypatch.setattr(gpu, "_run", lambda *given: asked.append(given) or iter(["news"]))
    assert list(gpu._on_card(SMALL.to_dict(), cache)) == ["news"]
    assert asked == [(SMALL, "cuda", cache)]
    lent: dict[str, Any] = {}

    def lend(**how):
        return lambda work: lent.setdefault(work.__name__, how) and work

    monkeypatch.setattr(gpu.spaces, "GPU", lend)
    made = runpy.run_path(gpu.__file__, run_name="again")
    assert lent == {"_on_card": {"duration": made["_duration"]}}


def test_the_page_says_what_a_card_costs_before_it_is_spent(card, monkeypatch):
    monkeypatch.setattr(gpu, "is_lent", lambda: True)

    def weighed(members: int, card: bool) -> dict:
        own = {"over": "width", "values": "", "members": members, "card": card}
        return json.loads(page._weigh(json.dumps({"own": own})).props["cost"])

    cost = weighed(50, True)["cost"]
    assert cost == f"Reserves up to {gpu.card_seconds(LARGE)} s of your GPU quota."
    few = SweepConfig.parse({"members": 10})
    assert weighed(10, False)["cost"] == f"About {estimate_sweep(few):,.0f} s of one core."
    assert weighed(0, True)["error"].startswith("Worlds a value: ")
    assert weighed(4096, True)["error"].startswith("Worlds a value: a sweep may take at most 120 s")
    assert "may take at most about 120 s of one core" in weighed(1000, False)["error"]


@pytest.mark.parametrize(("ticked", "device"), [(True, "cuda"), (False, "auto")])
def test_the_page_computes_where_it_was_told_to(monkeypatch, ticked, device):
    asked: list[Any] = []
    monkeypatch.setattr(
        gpu, "check_sweep", lambda config, device: asked.append(device) or f"found {device}"
    )
    monkeypatch.setattr(
        gpu, "stream_sweep", lambda config, *where: asked.append((config, *where)) or iter(())
    )
    own = {"over": "width", "values": "2, 4", "members": 2, "epochs": 50, "card": ticked}
    list(page._run(gr.EventData(None, {"own": own})))
    assert asked == [device, (SMALL, f"found {device}", page._CACHE)]


def test_a_lent_card_is_waited_for_in_a_thread_of_its_own():
    """A call that waits for the card must not keep a thread that others' runs take turns on."""
    go_on, who = threading.Event(), []
    visitor = contextvars.ContextVar("visitor", default="nobody")
    visitor.set("who asked")

    def on_card():
        who.extend([threading.current_thread(), visitor.get()])
        yield "first"
        go_on.wait(10)
        yield "second"
        raise ConfigError("device", "was taken away")

    news = gpu._beside(on_card())
    told = [next(news) for _ in range(3)]
    assert told.count(None) >= 1
    assert "first" in told or "first" in [next(news) for _ in range(20)]
    go_on.set()
    with pytest.raises(ConfigError, match="taken away"):
        told += [n for n in news if n is not None]
    assert who[0] is not threading.current_thread()
    assert who[1] == "who asked"  # of whose quota the card is lent


def test_a_card_that_nobody_waits_for_is_let_go():
    closed = threading.Event()

    def on_card():
        try:
            while True:
                yield "news"
        finally:
            closed.set()

    news = gpu._beside(on_card())
    while next(news) is None:
        pass
    news.close()
    assert closed.wait(5)
