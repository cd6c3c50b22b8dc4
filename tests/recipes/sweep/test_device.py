"""Which device a sweep is given, decided with measurements that the tests make up."""

import json
import threading

import pytest
import torch

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.recipes.sweep.device import choose_device, measure_epoch
from classifiers.recipes.sweep.file import write_sweep
from classifiers.ui import gpu
from classifiers.ui.capstone.sweep import page

LARGE = SweepConfig.parse({"members": 50})
SMALL = SweepConfig.parse({"values": [2, 4], "members": 2, "epochs": 50})
UNFILMED = SweepConfig.parse({"values": [2, 4], "members": 100, "epochs": 100})  # with films, large


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.mark.parametrize(("faster", "slower"), [("cpu", "cuda"), ("cuda", "cpu")])
def test_auto_takes_the_device_that_was_measured_to_be_faster(card, faster, slower):
    asked = []

    def seconds(config, index, device):
        asked.append((index, device))
        return {faster: 0.1, slower: 0.2}[device]

    assert choose_device("auto", LARGE, seconds_an_epoch=seconds) == faster
    widest = LARGE.values.index(256)
    assert sorted(asked) == [(widest, "cpu"), (widest, "cuda")]


@pytest.mark.parametrize("config", [SMALL, UNFILMED], ids=["small", "without films"])
def test_small_work_stays_on_the_cpu_without_waking_the_card(card, config):
    def seconds(*_):
        raise AssertionError("measured")

    assert choose_device("auto", config, seconds_an_epoch=seconds) == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_without_a_card_auto_is_the_cpu_and_cuda_an_error():
    assert choose_device("auto", LARGE) == "cpu"
    with pytest.raises(ConfigError, match="^device: must be a device of this machine, got cuda"):
        choose_device("cuda", SMALL)


def test_an_unknown_device_is_named():
    with pytest.raises(ConfigError, match="^device: must be one of auto, cpu, cuda, got 'tpu'"):
        choose_device("tpu", SMALL)


def test_measuring_takes_a_positive_time_that_grows_with_the_work():
    narrow, wide = (measure_epoch(LARGE, index, "cpu") for index in (0, len(LARGE.values) - 1))
    assert 0 < narrow < wide


def test_several_workers_cannot_share_a_card(tmp_path):
    with pytest.raises(ConfigError, match="^device: must be cpu for several workers, got cuda"):
        write_sweep(SMALL, tmp_path / "sweep.json", workers=2, device="cuda")


def test_a_lent_card_is_left_alone_unless_asked_for(card, monkeypatch):
    monkeypatch.setattr(gpu, "is_lent", lambda: True)
    *_, last = gpu.stream_sweep(SMALL)
    assert len(last.result["rows"]) == 2


def test_what_is_asked_of_a_card_grows_with_the_work_and_has_a_limit(card):
    many = SweepConfig.parse({"members": 4096})
    assert gpu.card_seconds(SMALL) < gpu.card_seconds(LARGE) < gpu.card_seconds(many)
    with pytest.raises(BudgetError, match="^members: a sweep may take at most 120 s of a card"):
        next(gpu.stream_sweep(many, "cuda"))


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


def test_a_lent_card_is_waited_for_in_a_thread_of_its_own():
    """A call that waits for the card must not keep a thread that others' runs take turns on."""
    go_on, who = threading.Event(), []

    def on_card():
        who.append(threading.current_thread())
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
