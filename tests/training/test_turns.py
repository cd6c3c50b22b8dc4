"""Runs that take turns: whose turn it is, what they tell, and that nothing is left behind."""

import contextvars
import gc
import itertools
import math
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.errors import BusyError
from classifiers.turns import Expect, Job, Owner, Pace, Place, Together, Turns, paced, play
from classifiers.turns.fairness import Share, whose_turn
from classifiers.turns.refusal import LONG_A_SESSION, LONG_AN_ADDRESS


def count(n: int) -> Iterator[int]:
    yield from range(n)


def busy(seconds: float) -> Iterator[str | None]:
    """Works for about so many seconds, and tells of its beginning and its end."""
    yield "begun"
    for _ in range(int(seconds / 0.002)):
        time.sleep(0.002)
        yield None
    yield "done"


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def collect(job: Job) -> list[Any]:
    """All the news of a job."""
    news: list[Any] = []
    wait_for(lambda: (told := job.collect(), news.extend(told[0]))[0][1])
    return news


def test_the_news_come_in_order_and_what_ended_the_run_last():
    def failing() -> Iterator[int]:
        yield 1
        raise KeyError("why")

    assert list(play(count(5))) == [0, 1, 2, 3, 4]
    told = []
    with pytest.raises(KeyError, match="why"):
        told.extend(play(failing()))
    assert told == [1]


def test_parts_run_side_by_side_and_their_values_are_taken_one_at_a_time():
    inside, most, threads = [0], [0], set()

    def part(n: int) -> Iterator[int]:
        for i in range(n):
            threads.add(threading.current_thread().name)
            time.sleep(0.002)
            yield i

    def take(name: str, value: int) -> tuple[str, int]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.001)
        inside[0] -= 1
        return name, value

    def run() -> Iterator[Any]:
        yield Together({"a": part(20), "b": part(10)}, take)
        yield "after"

    *told, last = Turns().play(run())
    assert last == "after"
    assert [value for name, value in told if name == "a"] == list(range(20))
    assert [value for name, value in told if name == "b"] == list(range(10))
    assert most == [1]
    assert len(threads) == 2


def test_each_part_has_begun_before_any_goes_on():
    told: list[str] = []

    def part(name: str) -> Iterator[str]:
        for _ in range(3):
            time.sleep(0.005)
            yield name

    def run() -> Iterator[Any]:
        names = ("a", "b", "c")
        yield Together({name: part(name) for name in names}, lambda name, _: told.append(name))

    list(Turns(threads=1).play(run()))
    assert told == ["a", "b", "c", "a", "a", "b", "b", "c", "c"]


def test_parts_that_are_to_stop_are_left_where_they_are():
    parts = {"a": itertools.count(), "b": itertools.count()}
    taken: list[tuple[str, int]] = []

    def run() -> Iterator[Any]:
        enough = lambda: len(taken) >= 30  # noqa: E731
        yield Together(parts, lambda *told: taken.append(told), until=enough)
        yield "stopped"

    assert list(Turns().play(run())) == ["stopped"]
    for name, steps in parts.items():  # every value that was pulled was taken
        values = [value for part, value in taken if part == name]
        assert values == list(range(len(values)))
        assert next(steps) == len(values)


def test_a_failing_part_ends_the_others_and_the_run_may_mind_it():
    def failing() -> Iterator[None]:
        yield None
        raise ValueError("part")

    def run() -> Iterator[Any]:
        try:
            yield Together({"a": failing(), "b": itertools.count()}, lambda *_: None)
        except ValueError as error:
            yield str(error)
            raise KeyError("run") from None

    told = []
    with pytest.raises(KeyError, match="run"):
        told.extend(itertools.islice(Turns().play(run()), 5))
    assert list(itertools.islice(Turns().play(run()), 1)) == ["part"]


def test_a_run_that_minds_a_failing_part_may_gather_others():
    def failing() -> Iterator[None]:
        yield None
        raise ValueError("part")

    def run() -> Iterator[Any]:
        with suppress(ValueError):
            yield Together({"a": failing()}, lambda *_: None)
        yield Together({"b": count(3)}, lambda _, value: value)

    assert list(Turns().play(run())) == [0, 1, 2]


def test_who_has_no_run_left_and_had_next_to_no_service_is_forgotten():
    turns = Turns()
    assert collect(turns.enter(count(3), Owner("address", "session"))) == [0, 1, 2]
    with turns._changed:
        turns._shares.decay(time.monotonic() + 600)
        assert (turns._shares._addresses, turns._shares._sessions) == ({}, {})


def test_a_run_that_was_left_is_closed_and_freed():
    closed = threading.Event()

    def run() -> Iterator[None]:
        try:
            while True:
                time.sleep(0.001)
                yield None
        finally:
            closed.set()

    turns, steps = Turns(), run()
    gone = weakref.ref(steps)
    job = turns.enter(steps)
    del steps
    time.sleep(0.05)  # a thread is in it
    job.leave()
    assert closed.wait(2)
    assert not turns._jobs
    gc.disable()  # it must not take a collection
    try:
        del job
        wait_for(lambda: gone() is None)
    finally:
        gc.enable()


def test_everybody_has_a_first_picture_before_anybody_ends():
    turns = Turns()
    told: list[tuple[int, str]] = []

    def run(i: int) -> Iterator[str | None]:
        for news in busy(0.3):  # eight turns: of four, one is the oldest run's, told or not
            if news is not None:
                told.append((i, news))
            yield news

    jobs = [turns.enter(run(i), Owner("class", str(i))) for i in range(8)]
    for job in jobs:
        collect(job)
    assert {i for i, news in told[:8]} == set(range(8))
    assert sorted(i for i, news in told[8:] if news == "done") == list(range(8))


def test_whoever_does_not_read_gets_no_more_turns():
    pulled = [0]

    def run() -> Iterator[int]:
        while True:
            pulled[0] += 1
            yield pulled[0]

    turns = Turns()
    job = turns.enter(run())
    wait_for(lambda: pulled[0] >= 2)
    time.sleep(0.1)
    seen = pulled[0]
    assert seen <= 3
    assert job.collect()[0] == list(range(1, seen + 1))
    wait_for(lambda: pulled[0] > seen, 3)  # a thread that nobody woke looks after 5 s
    job.leave()


def test_a_run_keeps_the_context_that_it_was_entered_in():
    who: contextvars.ContextVar[str] = contextvars.ContextVar("who")
    who.set("visitor")

    def part() -> Iterator[str]:
        yield who.get()

    def run() -> Iterator[Any]:
        yield who.get()
        yield Together({"a": part()}, lambda _, value: value)

    job = Turns().enter(run())
    who.set("another")
    assert collect(job) == ["visitor", "visitor"]


def test_places_in_line_are_numbered_and_told_in_seconds():
    def run(seconds: float) -> Iterator[Any]:
        yield Expect(seconds)
        yield "begun"
        while True:
            time.sleep(0.002)
            yield None

    turns = Turns(threads=1)
    jobs = [turns.enter(run(10.0), Owner("a", str(i))) for i in range(4)]
    try:
        wait_for(lambda: all(job.told for job in jobs))
        wait_for(lambda: jobs[0].service > 0.05)
        places = [turns.place(job) for job in jobs[1:]]
        assert [place and place.number for place in places] == [2, 3, 4]
        seconds = [place.seconds for place in places if place]
        assert seconds == pytest.approx([20, 30, 40], abs=1)
        assert str(Place(12, 21.0)) == "You are number 12 in line; about 20 s."
    finally:
        for job in jobs:
            job.leave()
    assert turns.place(jobs[0]) is None or not turns._jobs


def test_long_runs_of_one_session_and_of_one_address_are_counted():
    turns = Turns()
    jobs = []
    try:
        for i in range(LONG_AN_ADDRESS):
            owner = Owner("a", f"session {i // LONG_A_SESSION}")
            jobs.append(turns.enter(busy(60), owner, long=True))
            if i == LONG_A_SESSION - 1:
                with pytest.raises(BusyError, match=f"^session: .* {LONG_A_SESSION} sweeps"):
                    turns.enter(busy(60), owner, long=True)
        with pytest.raises(BusyError, match=f"^address: .* {LONG_AN_ADDRESS} sweeps"):
            turns.enter(busy(60), Owner("a", "another"), long=True)
        jobs.append(turns.enter(busy(60), Owner("a", "another")))  # a short one goes
        jobs.append(turns.enter(busy(60), Owner("b", "another"), long=True))
        jobs.pop(0).leave()
        jobs.append(turns.enter(busy(60), Owner("a", "another"), long=True))
    finally:
        for job in jobs:
            job.leave()


def test_one_address_cannot_keep_others_out():
    turns = Turns(room=10)
    many = [turns.enter(busy(60), Owner("many", str(i))) for i in range(10)]
    try:
        with pytest.raises(BusyError, match="^server: has room for 10"):
            turns.enter(busy(60), Owner("many", "one more"))
        one = turns.enter(busy(60), Owner("one", "one"))
        assert isinstance(many[-1].error, BusyError)
        assert str(many[-1].error).startswith("address: had 10 of the 10")
        assert [job.error for job in many[:-1]] == [None] * 9
        assert set(turns._jobs) == {*many[:-1], one}
        one.leave()
    finally:
        for job in many:
            job.leave()


def test_news_at_a_pace_leave_out_none_of_the_ends():
    def slow() -> Iterator[Any]:
        yield Expect(1.0)
        for i in range(50):
            time.sleep(0.002)
            yield i

    told = [news for news in paced(slow(), 0.03) if news is not None]
    assert told[:2] == [Expect(1.0), 0]
    assert told[-1] == 49
    assert len(told) < 10
    assert len(list(paced(slow(), 0.03))) in (51, 52)  # turns are taken all the same
    pace = Pace(10.0)
    assert [pace.due(), pace.due()] == [True, False]


def test_endless_runs_go_round(monkeypatch):
    """By the levels of sessions alone, one would be served half a second before the next is."""
    monkeypatch.setattr("classifiers.turns.fairness._PATIENCE", 0.0)
    served: list[int] = []

    def run(name: int) -> Iterator[Any]:
        yield Expect(2.0, endless=True)
        while True:
            yield "picture"
            for _ in range(100):
                served.append(name)
                time.sleep(0.002)
                yield None

    turns = Turns(threads=1)
    jobs = [turns.enter(run(name), Owner(str(name), str(name))) for name in range(6)]
    wait_for(lambda: [job.collect() for job in jobs] and len(served) > 600)
    seen = list(served)  # once the first has left, the others go round without it
    for job in jobs:
        job.leave()
    rounds = [name for name, _ in itertools.groupby(seen)][-12:]
    assert sorted(rounds[:6]) == [*range(6)]
    assert rounds[6:] == rounds[:6]


def test_an_endless_run_comes_after_those_of_addresses_with_less_service():
    def run(level: int, turn: int) -> SimpleNamespace:
        address, session = SimpleNamespace(level=level), SimpleNamespace(level=0)
        return SimpleNamespace(address=address, session=session, told=True, endless=True,
                               served=time.monotonic() - 10, turn=turn, arrival=turn)  # fmt: skip

    assert whose_turn(run(0, 9)) < whose_turn(run(2, 1))


def job_of(run: Iterator[Any]) -> Job:
    def nothing(*_: Any) -> None:
        pass

    shares = Share(1.0), Share(1.0)
    return Job(run, Owner(), 1, shares, long=False, notify=nothing, leave=nothing, wake=nothing)


def test_a_run_that_is_left_in_the_middle_of_a_slice_is_pulled_no_further():
    pulled: list[int] = []

    def run() -> Iterator[None]:
        for k in range(5):
            pulled.append(k)
            job.left = k == 2
            yield None

    job = job_of(run())
    for _ in range(2):
        assert job.run_slice(job.root, math.inf) is None
        assert pulled == [0, 1, 2]


def test_a_slice_ends_with_the_first_picture_and_where_nobody_reads():
    run = iter([None, Expect(3.0, small=True, endless=True), "one", None, "two", "three", None])
    job = job_of(run)
    assert job.run_slice(job.root, math.inf) is None
    assert list(job.unread) == ["one"]
    assert (job.seconds, job.small, job.endless) == (3.0, True, True)
    job.account(0.0, 1)
    assert job.run_slice(job.root, math.inf) is None
    assert job.collect() == (["one", "two"], False)
    assert isinstance(job.run_slice(job.root, math.inf), StopIteration)
    assert job.collect() == (["three"], False)
    late = iter([None, "never"])
    other = job_of(late)
    assert other.run_slice(other.root, 0.0) is None
    assert list(late) == ["never"]
