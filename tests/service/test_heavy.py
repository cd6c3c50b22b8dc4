"""Heavy listeners: news as they come, a place in line in between, and nothing left behind."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.errors import ConfigError
from classifiers.turns import Owner, Turns
from classifiers.ui import heavy
from classifiers.ui.heavy import takes_turns
from tests.tools.app_client import run_async


@pytest.fixture
def turns(monkeypatch) -> Turns:
    line = Turns(threads=1)
    monkeypatch.setattr(heavy, "the_turns", lambda: line)
    return line


@pytest.fixture
def asker(monkeypatch) -> SimpleNamespace:
    """Who asks, in place of a visitor over HTTP."""
    asks = SimpleNamespace(address="a", session="s", gone=False, unread=0, places=[])
    asks.is_gone = lambda patience: asks.gone
    asks.tell_place = lambda number, seconds, text: asks.places.append((number, text))
    monkeypatch.setattr(heavy, "Asker", SimpleNamespace(current=lambda: asks))
    return asks


def endless() -> Iterator[Any]:
    yield "begun"
    while True:
        time.sleep(0.002)
        yield None


async def told_by(listener: Any, *inputs: Any) -> list[Any]:
    return [news async for news in listener(*inputs)]


async def ended(turns: Turns) -> None:
    deadline = time.monotonic() + 60
    while turns._jobs:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_a_listener_tells_what_the_run_tells(turns):
    def run(n: int) -> Iterator[Any]:
        for i in range(n):
            yield i
            yield None

    assert run_async(told_by(takes_turns(run), 5)) == [0, 1, 2, 3, 4]


def test_our_errors_are_said_and_others_are_raised_as_they_are(turns):
    def run(error: Exception) -> Iterator[Any]:
        yield "begun"
        raise error

    with pytest.raises(gr.Error) as caught:
        run_async(told_by(takes_turns(run), ConfigError("epochs", "must be few")))
    assert caught.value.message == "epochs: must be few"
    assert caught.value.print_exception is False
    with pytest.raises(KeyError):
        run_async(told_by(takes_turns(run), KeyError("x")))


def test_a_visitor_who_hangs_up_gives_the_place_back(turns):
    async def hang_up() -> None:
        news = takes_turns(endless)()
        assert await anext(news) == "begun"
        await news.aclose()
        await ended(turns)
        waiting = asyncio.create_task(told_by(takes_turns(endless)))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        await ended(turns)

    run_async(hang_up())


def test_a_run_that_nobody_listens_to_gives_its_place_back(turns, asker, monkeypatch):
    monkeypatch.setattr(heavy, "_LOOK_SECONDS", 0.05)
    asker.gone = True
    assert run_async(asyncio.wait_for(told_by(takes_turns(endless)), 5)) == ["begun"]
    assert not turns._jobs


def test_who_waits_is_told_a_place_and_then_a_nearer_one(turns, asker):
    async def wait() -> None:
        # The oldest of equals has all the turns.
        first = [asyncio.create_task(told_by(takes_turns(endless))) for _ in range(2)]
        await asyncio.sleep(0.2)
        third = asyncio.create_task(told_by(takes_turns(endless)))
        await asyncio.sleep(2.5)
        assert {number for number, _ in asker.places} == {2, 3}
        assert all(text.startswith(f"You are number {n} in line") for n, text in asker.places)
        first.pop(0).cancel()
        await asyncio.sleep(0.2)
        asker.places.clear()
        await asyncio.sleep(2.5)
        assert {number for number, _ in asker.places} == {2}
        for task in (*first, third):
            task.cancel()
        await ended(turns)

    run_async(wait())


def test_what_there_is_no_room_for_is_refused_in_words(turns, asker):
    async def ask() -> None:
        long = takes_turns(endless, long=True)
        running = [asyncio.create_task(told_by(long)) for _ in range(4)]
        await asyncio.sleep(0.05)
        with pytest.raises(gr.Error) as caught:
            await asyncio.wait_for(told_by(long), 10)
        assert caught.value.message.startswith("session: may have at most 4 sweeps")
        for task in running:
            task.cancel()
        await ended(turns)

    run_async(ask())


def test_memory_is_given_back_once_after_every_crowd(monkeypatch):
    timers: list[Any] = []
    given: list[int] = []
    loop: Any = SimpleNamespace(
        call_later=lambda _, then: timers.append(then), run_in_executor=lambda _, work: work()
    )
    monkeypatch.setattr(heavy, "_trimming", set())
    monkeypatch.setattr(heavy, "give_back_memory", lambda: given.append(1))
    for crowd in (1, 2):
        for _ in range(3):
            heavy._give_back_memory_soon(loop)
        timers.pop()()
        assert (len(timers), len(given)) == (0, crowd)


def test_small_runs_wait_for_each_other_and_who_rests_is_not_in_line():
    line = Turns(threads=2)
    with line._changed:  # no thread begins any
        jobs = [line.enter(iter([1]), Owner("a", "b")) for _ in range(4)]
        for job in jobs:
            job.seconds = 10.0
        jobs[0].small, jobs[3].rests_until = True, time.monotonic() + 60
        assert [p.seconds for p in line._stand_in_line().values()] == [10, 15, 20]
        jobs[0].account(30.0, 1)
        assert (jobs[1].address.service, jobs[1].session.service) == (30, 30)
        jobs[1].error = KeyError()  # so what it took is not what such a run takes
        for job in jobs[1::-1]:
            line._learn(job)
        assert line._scale == pytest.approx(1.2)
