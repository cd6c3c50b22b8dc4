"""Heavy listeners: news as they come, a place in line in between, and nothing left behind."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.errors import ConfigError
from classifiers.turns import Owner, Place, Turns
from classifiers.ui import guard, heavy
from classifiers.ui.heavy import takes_turns
from tests.answers.thinned import hold
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


async def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def ended(turns: Turns) -> None:
    await until(lambda: not turns._jobs)


def test_a_listener_tells_what_the_run_tells(turns):
    def run(n: int) -> Iterator[Any]:
        for i in range(n):
            yield i
            yield None

    assert run_async(told_by(takes_turns(run), 5)) == [0, 1, 2, 3, 4]


def test_what_a_run_tells_is_heard_at_once(turns, monkeypatch):
    monkeypatch.setattr(heavy, "_WAIT_SECONDS", 1000.0)  # nobody looks for it before
    heard = threading.Event()

    def run() -> Iterator[Any]:
        time.sleep(0.02)
        yield "late"
        yield heard.wait(30)

    async def listen() -> list[Any]:
        told = []
        async for news in takes_turns(run)():
            told.append(news)
            heard.set()
        return told

    assert run_async(asyncio.wait_for(listen(), 60)) == ["late", True]


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
        await until(lambda: {number for number, _ in asker.places} >= {2, 3})
        assert all(text.startswith(f"You are number {n} in line") for n, text in asker.places)
        first.pop(0).cancel()
        await until(lambda: len(turns._jobs) == 2)
        asker.places.clear()
        await until(lambda: asker.places)
        assert {number for number, _ in asker.places} <= {1, 2}
        for task in (*first, third):
            task.cancel()
        await ended(turns)

    run_async(wait())


class Follower:
    """Who follows a job by a clock that moves as somebody waits: what is told, and when."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
        self.now, self.heard, self.changes = 0.0, [], changes
        clock = SimpleNamespace(monotonic=lambda: self.now)
        loop = SimpleNamespace(call_later=self.wait)
        monkeypatch.setattr(heavy, "time", clock)
        monkeypatch.setattr(heavy, "asyncio", SimpleNamespace(get_running_loop=lambda: loop))
        monkeypatch.setattr(heavy, "the_turns", lambda: SimpleNamespace(place=self.place))
        self.error = changes.get("error")
        self.timers: list[Callable[[], None]] = []

    def wait(self, seconds: float, then: Callable[[], None]) -> Any:
        self.now = round(self.now + seconds, 3)
        then()
        self.timers.append(then)
        return SimpleNamespace(cancel=lambda: self.timers.remove(then))

    def at(self, name: str) -> Any:
        """What is so by now: the last of (since, value)."""
        return [value for since, value in self.changes.get(name, [(0, 0)]) if since <= self.now][-1]

    def collect(self) -> tuple[list[Any], bool]:
        due = [one for one in self.changes.get("news", []) if one <= self.now]
        self.changes["news"] = [one for one in self.changes.get("news", []) if one > self.now]
        return due, self.now >= self.changes["ends"]

    def place(self, job: Any) -> Place | None:
        number = self.at("place")
        return Place(number, 7.0) if number else None

    @property
    def unread(self) -> int:
        return self.at("unread")

    def is_gone(self, patience: float) -> bool:
        self.heard.append([self.now, f"gone for {patience:g} s?"])
        return self.at("gone") > patience

    def tell_place(self, number: int, seconds: float, text: str) -> None:
        self.heard.append([self.now, number, seconds, text])

    def follow(self) -> list[Any]:
        async def listen() -> None:
            job: Any = self
            async for told in heavy._follow(job, asyncio.Event(), job):
                self.heard.append([self.now, f"news {told}"])

        try:
            run_async(listen())
        except (gr.Error, KeyError) as error:
            self.heard.append(repr(error))
        assert not self.timers, "nothing is left to go off later"
        return [*self.heard, f"ends at {self.now}"]


FOLLOWED: dict[str, dict[str, Any]] = {
    "waits": {"place": [(0, 40), (7, 2), (9.5, 1), (12, None)], "news": [14.0, 14.2], "ends": 16},
    "waits between two turns": {"place": [(0, 0), (1, 3)], "news": [1], "ends": 3.5},
    "is quick": {"news": [0.1, 0.2], "ends": 0.25},
    "reads slowly": {"unread": [(0, 0), (1, 50), (4, 49)], "news": [1.5, 3], "ends": 5},
    "hangs up": {"gone": [(0, 0), (6, 10), (9, 10.5)], "ends": 99},
    "our error": {"error": ConfigError("a", "is bad"), "news": [0], "ends": 0},
    "an error": {"error": KeyError("b"), "ends": 1},
}  # fmt: skip


@pytest.mark.parametrize("kind", FOLLOWED)
def test_what_is_told_when_while_a_run_is_followed(snapshots, monkeypatch, kind):
    told = Follower(monkeypatch, **FOLLOWED[kind]).follow()
    hold(snapshots, "told", told, 90)


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


def test_memory_is_given_back_where_the_system_takes_it(monkeypatch):
    given: list[int] = []
    libraries = (SimpleNamespace(malloc_trim=given.append), SimpleNamespace())
    for library in libraries:
        monkeypatch.setattr(guard.ctypes, "CDLL", lambda name, own=library: {None: own}[name])
        for platform in ("linux", "darwin"):
            monkeypatch.setattr(guard, "sys", SimpleNamespace(platform=platform))
            guard.give_back_memory()
    assert given == [0]


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
