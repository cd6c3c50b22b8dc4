"""The queue by a clock of the test's own: who listens, is gone, is kept, and what ends it; held
against what was looked at and kept.
"""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from gradio.queueing import Queue

from classifiers.ui.gradio_internals import Asker, LastingQueue
from classifiers.ui.gradio_internals import queue as lasting
from tests.answers.thinned import hold
from tests.processes.clock import Clock
from tests.tools.app_client import run_async


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock(500.0)
    monkeypatch.setattr(lasting, "time", made)
    return made


@pytest.fixture
def queue(clock) -> LastingQueue:
    return LastingQueue(False, 40, 1, None, SimpleNamespace(fns={}), 1)  # type: ignore[arg-type]


def event(name: str, session: str, address: str = "a", **more: Any) -> Any:
    usual = {"alive": True, "enqueue_time": 500.0, "fn": "fn", "concurrency_id": "c"}
    request = SimpleNamespace(client=SimpleNamespace(host=address), headers={})
    return SimpleNamespace(_id=name, session_hash=session, request=request, **usual | more)


def test_who_is_gone(snapshots, clock, queue):
    one, other = event("1", "s"), event("2", "t", enqueue_time=505.0)
    told: list[Any] = []

    def look(what: str) -> None:
        seen = [queue.is_gone(each, patience) for each in (one, other) for patience in (0, 4, 10)]
        told.append([what, clock.now, seen, dict(queue._listeners), dict(queue._heard)])

    look("nobody")
    for act, seconds in ((queue.open_stream, 5), (queue.open_stream, 5), (queue.close_stream, 5),
                         (queue.close_stream, 4), (queue.close_stream, 1), (None, 10)):  # fmt: skip
        clock.now += seconds
        if act is not None:
            act("s")
        look(getattr(act, "__name__", "later"))
    one.alive = False
    queue.open_stream("s")
    look("not alive")
    hold(snapshots, "told", told, 40)


def test_what_is_forgotten_when(snapshots, clock, queue, monkeypatch):
    monkeypatch.setattr(lasting, "_MOST_KEPT", 3)
    for name in ("waits", "hears", "old", "new", "newer", "late"):
        queue.pending_messages_per_session[name] = asyncio.Queue()
        queue.pending_event_ids_session[name] = {name}
    queue.pending_event_ids_session["no messages"] = set()
    queue.event_ids_to_events["1"] = event("1", "waits")
    queue.open_stream("hears")
    queue._heard.update(old=390.0, new=470.0, newer=480.0, gone=300.0, late=499.0)
    queue._clock.update(c=4.0)
    queue._turns.update({("c", "a"): 4.0, ("c", "b"): 5.0, ("d", "a"): 0.0, ("d", "b"): 0.5})
    for seconds in (0.0, 30.0, 60.0, 60.0):
        clock.now += seconds
        queue._tidy(clock.now)
        kept = [sorted(queue.pending_messages_per_session), sorted(queue.pending_event_ids_session)]
        hold(snapshots, f"at {clock.now}", [*kept, queue._heard, [*map(str, queue._turns)]], 40)


def test_what_ends_a_process(snapshots, clock, queue, monkeypatch, capsys):
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(lasting, "os", SimpleNamespace(_exit=end))
    for name, states in {"stopped": [1] * 9, "now and then": [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1],
                         "silent": [0] * 90}.items():  # fmt: skip
        turns = iter(states)
        queue._beat = began = clock.now

        def sleep(seconds: float, turns: Any = turns) -> None:
            clock.now += seconds
            queue.stopped = bool(next(turns))

        monkeypatch.setattr(clock, "sleep", sleep)
        with pytest.raises(Ended) as ended:
            queue._watch()
        hold(snapshots, name, [clock.now - began, *ended.value.args, capsys.readouterr().err])
    queue._closed = True
    queue._watch()


def test_how_it_begins_and_is_kept_tidy(snapshots, clock, queue, monkeypatch):
    done: list[Any] = []

    def background(work: Any, *given: Any) -> Any:
        done.append([work.__name__, *(getattr(one, "__name__", str(one)) for one in given)])
        return _Key(add_done_callback=lambda then: done.append(then.__name__))

    def thread(target: Any, **more: Any) -> Any:
        return SimpleNamespace(start=lambda: done.append([target.__name__, more]))

    monkeypatch.setattr(lasting, "run_coro_in_background", background)
    monkeypatch.setattr(lasting, "set_task_name", lambda task, *named: done.append(list(named)))
    monkeypatch.setattr(lasting, "threading", SimpleNamespace(Thread=thread))
    monkeypatch.setattr(lasting, "_make_room", lambda: done.append("room"))
    queue._closed, queue._beat = True, 3.0
    queue.start()
    hold(snapshots, "start", [*done, len(queue.active_jobs), queue._beat, queue._closed])
    assert queue.ANALYTICS_MAX_EVENTS == 1
    done.clear()
    fn = _Key(_id=8)
    first, second = event("1", "s", fn=fn), event("2", "t", fn=_Key(_id=9))
    line: Any = SimpleNamespace(current_concurrency=2, start_times_per_fn={fn: set()})
    queue.event_queue_per_concurrency_id["c"] = line
    queue.event_analytics["1"] = {"status": "queued"}
    queue.active_jobs = [["busy"], None, None]
    queue._begin([first, second], True, "c")
    told = [len(one or []) for one in queue.active_jobs]
    hold(snapshots, "begin", [done[0][0], *done[0][2:4], *done[1:], told, line.current_concurrency,
                              *map(list, line.start_times_per_fn.values()),
                              queue.event_analytics, len(queue._asyncio_tasks)])  # fmt: skip
    seen: list[Any] = []

    async def sleep(seconds: float) -> None:
        clock.now += seconds
        queue._closed = len(seen) >= 6

    async def drop() -> None:
        seen.append("dropped")

    monkeypatch.setattr(lasting, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(queue, "_tidy", lambda now: seen.append([now, queue._beat]))
    monkeypatch.setattr(queue, "_drop_unheard", drop)
    run_async(queue._keep_tidy())
    hold(snapshots, "tidy", seen)


class _Key(SimpleNamespace):
    __hash__ = object.__hash__


def test_room_for_files_and_events(snapshots, queue, monkeypatch):
    limiter, limits = SimpleNamespace(total_tokens=40), []
    threads = SimpleNamespace(current_default_thread_limiter=lambda: limiter)
    monkeypatch.setattr(lasting, "anyio", SimpleNamespace(to_thread=threads))
    for most in (-1, 4096, 16_384, 100_000):
        monkeypatch.setattr(lasting, "resource", SimpleNamespace(
            RLIM_INFINITY=-1, RLIMIT_NOFILE="files", getrlimit=lambda _, most=most: (1024, most),
            setrlimit=lambda what, wanted: limits.append([what, *wanted])))  # fmt: skip
        lasting._make_room()
    hold(snapshots, "files", [limiter.total_tokens, *limits])
    monkeypatch.setattr(lasting, "MOST_EVENTS", 8)
    for own, others in ((0, 0), (3, 0), (4, 0), (3, 2), (4, 1), (0, 7), (1, 7), (3, 5), (0, 8)):
        queue.event_ids_to_events = {
            str(n): event(str(n), "s", "own" if n < own else f"other {n}")
            for n in range(own + others)
        }
        hold(snapshots, f"{own} of {own + others}", queue._has_room("own"))
    requests: list[Any] = [None, SimpleNamespace(client=None), event("1", "s", "::1").request]
    hold(snapshots, "addresses", [lasting.address_of(one) for one in requests])


def test_messages_that_nobody_reads(snapshots, queue, monkeypatch, capsys):
    sent: list[Any] = []
    monkeypatch.setattr(Queue, "send_message", lambda self, one, told: sent.append([one._id, told]))
    monkeypatch.setattr(lasting, "_MOST_UNREAD", 3)
    for unread in (None, 0, 3, 4, 9):
        queue.pending_messages_per_session.clear()
        if unread is not None:
            queue.pending_messages_per_session["s"] = asyncio.Queue()
            for number in range(unread):
                queue.pending_messages_per_session["s"].put_nowait(number)
        one = event("1", "s")
        queue.send_message(one, "news")  # type: ignore[arg-type]
        left = queue.pending_messages_per_session.get("s")
        hold(snapshots, f"unread {unread}", [one.alive, left and left.qsize(), sent.pop()])

    def fail(self: Any, *given: Any) -> None:
        raise KeyError(given)

    monkeypatch.setattr(Queue, "broadcast_estimations", fail)
    queue.broadcast_estimations("c", 3)
    hold(snapshots, "noted", capsys.readouterr().err.partition(" at ")[0])
    told: list[Any] = []
    monkeypatch.setattr(Queue, "broadcast_estimations", lambda self, *given: told.append(given))
    queue.broadcast_estimations("c", 3)
    queue.broadcast_estimations("d")
    assert told == [("c", 3), ("d", None)]
    hold(snapshots, "analytics", queue.compute_analytics_summary([]))


def test_who_asks(snapshots, queue, monkeypatch):
    sent: list[Any] = []
    monkeypatch.setattr(queue, "send_message", lambda one, told: sent.append([one._id, told]))
    one, tool = event("1", "s", "9.9.9.9"), event("2", "mcp")
    tool.request.headers = {"x-gradio-user": "mcp"}
    queue.event_ids_to_events = {"1": one, "2": tool, "3": event("3", "s")}
    queue.pending_messages_per_session["s"] = asyncio.Queue()
    queue.pending_messages_per_session["s"].put_nowait("news")
    queue.open_stream("mcp")
    for name, asker in {"one": Asker(queue, one), "tool": Asker(queue, tool),
                        "nobody": Asker()}.items():  # fmt: skip
        told = [asker.address, asker.session, asker.is_tool, asker.unread]
        asker.tell_place(4, 2.5, "You are number 4")
        hold(snapshots, name, [*told, asker.is_gone(0.0), asker.is_gone(-1.0)])
    hold(snapshots, "told", [[name, told.model_dump()] for name, told in sent])


def test_a_queue_that_stops_leaves_no_event_at_work(queue):
    async def ask() -> None:
        working: Any = asyncio.create_task(asyncio.sleep(60))
        queue._asyncio_tasks.add(working)
        queue.stopped = True
        await queue.start_processing()
        await asyncio.wait([working], timeout=0.5)
        assert working.cancelled()
        assert not queue._asyncio_tasks

    run_async(ask())
