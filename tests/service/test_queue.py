"""The queue that lasts: who waits for whom, what is forgotten, and that nothing stops it."""

import asyncio
import os
import time

import pytest
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Queue

from classifiers.ui.gradio_internals import Asker, StrictBlocks
from classifiers.ui.gradio_internals import queue as lasting
from tests.service.conftest import index_of, request
from tests.tools.app_client import run_async


async def pushed(blocks: StrictBlocks, session: str | None, address: str) -> tuple:
    """What the queue answers."""
    body = PredictBodyInternal(
        session_hash=session, data=[1.0], fn_index=index_of(blocks, "number")
    )
    return await blocks._queue.push(body, request(address), None)


async def push(blocks: StrictBlocks, session: str | None, address: str = "1.2.3.4"):
    ok, event_id, state = await pushed(blocks, session, address)
    assert ok, (event_id, state)
    return blocks._queue.event_ids_to_events[event_id]


def test_an_event_without_a_session_has_a_place_for_its_messages(blocks):
    async def ask():
        for session in ("", None):
            event = await push(blocks, session)
            assert event.session_hash in blocks._queue.pending_messages_per_session
        assert all(e.alive for e in blocks._queue.event_ids_to_events.values())

    run_async(ask())


def test_an_event_whose_session_is_gone_ends_and_the_queue_does_not(blocks):
    async def ask():
        event, other = await push(blocks, "a"), await push(blocks, "b")
        del blocks._queue.pending_messages_per_session["a"]
        del blocks._queue.pending_messages_per_session["a"]  # as two streams of it would
        blocks._queue.broadcast_estimations(event.concurrency_id)
        assert (event.alive, other.alive) == (False, True)
        assert blocks._queue.is_gone(event, 10.0)

    run_async(ask())


@pytest.mark.parametrize("end", [None, asyncio.CancelledError, ZeroDivisionError])
def test_an_event_that_was_at_work_is_forgotten_however_it_ended(blocks, monkeypatch, end):
    async def compute(self, events, *how):
        met.append([*how, *(event._id in self.event_ids_to_events for event in events)])
        if end is not None:
            raise end

    async def ask():
        queue = blocks._queue
        first, second, third = [await push(blocks, session) for session in "abc"]
        queue._news.clear()
        try:
            await queue.process_events([first, third], True, 3.5)
        except (asyncio.CancelledError, ZeroDivisionError) as error:
            assert type(error) is end
        return list(queue.event_ids_to_events.values()) == [second], queue._news.is_set()

    met = []
    monkeypatch.setattr(Queue, "process_events", compute)
    assert run_async(ask()) == (True, True)
    assert met == [[True, 3.5, True, True]]


def test_events_begin_as_they_come_and_as_room_is_made_and_nobody_looks_for_them(
    blocks, monkeypatch
):
    async def ask():
        queue, ends, begun, looks = blocks._queue, asyncio.Semaphore(0), [], []

        async def compute(self, events, batch, start, fn):
            begun.append(events[0])
            await ends.acquire()
            self.event_queue_per_concurrency_id[events[0].concurrency_id].current_concurrency -= 1
            self.active_jobs[self.active_jobs.index(events)] = None

        monkeypatch.setattr(Queue, "process_events", compute)
        monkeypatch.setattr(lasting, "_LOOK_SECONDS", 60)
        look = queue.get_events
        monkeypatch.setattr(queue, "get_events", lambda: (looks.append(1), look())[1])
        queue.active_jobs = [None, None]
        working = asyncio.create_task(queue.start_processing())
        await asyncio.sleep(0.1)
        assert len(looks) == 1
        events = [await push(blocks, "one") for _ in range(4)]
        await asyncio.sleep(0.1)
        assert begun == events[:2]
        assert len(looks) < 6
        for number in (3, 4):
            ends.release()
            await asyncio.sleep(0.1)
            assert begun == events[:number]
        ends.release()
        await asyncio.sleep(0.1)
        assert queue.active_jobs.count(None) == 1
        line = queue.event_queue_per_concurrency_id[events[0].concurrency_id]
        assert line.current_concurrency == 1
        assert len(looks) < 10
        queue.close()
        working.cancel()

    run_async(ask())


def test_whoever_computes_knows_who_asked(blocks):
    async def ask():
        event = await push(blocks, "one", "5.6.7.8")
        blocks._queue.get_events()  # now the line is empty
        assert Asker.current() == Asker()
        LocalContext.blocks.set(blocks)
        LocalContext.event_id.set(event._id)
        asker = Asker.current()
        assert (asker.address, asker.session) == ("5.6.7.8", "one")
        assert not asker.is_gone(10.0)
        assert asker.is_gone(-1.0)  # nobody has listened for that long
        blocks._queue.open_stream("one")
        assert not asker.is_gone(-1.0)
        asker.tell_place(12, 21.0, "You are number 12")
        told = blocks._queue.pending_messages_per_session["one"]
        while (message := told.get_nowait()).msg != "estimation" or message.rank != 11:
            pass
        assert message.model_dump()["text"] == "You are number 12"

    run_async(ask())


def test_a_session_that_waits_is_never_forgotten_and_one_that_does_not_is(blocks, monkeypatch):
    monkeypatch.setattr(lasting, "_MOST_KEPT", 100)
    queue = blocks._queue

    async def ask():
        waiting = await push(blocks, "waiting")
        for i in range(300):
            event = await push(blocks, f"done-{i}")
            queue.event_ids_to_events.pop(event._id)  # it was answered
        now = time.monotonic()
        queue._tidy(now)
        assert len(queue.pending_messages_per_session) == 101
        heard = next(s for s in queue.pending_messages_per_session if s != "waiting")
        queue.open_stream(heard)
        queue._tidy(now + 1000)
        assert set(queue.pending_messages_per_session) == {"waiting", heard}
        assert set(queue.pending_event_ids_session) == {"waiting", heard}
        queue.close_stream(heard)
        queue._tidy(time.monotonic() + 1000)
        assert set(queue.pending_messages_per_session) == {"waiting"}
        assert waiting.alive
        assert len(queue._heard) <= 1

    run_async(ask())


def test_of_too_many_sessions_those_heard_of_longest_ago_are_forgotten(blocks, monkeypatch):
    monkeypatch.setattr(lasting, "_MOST_KEPT", 3)
    queue = blocks._queue

    async def ask():
        now = time.monotonic()
        for i in range(8):
            event = await push(blocks, f"done-{i}")
            queue.event_ids_to_events.pop(event._id)  # it was answered
            queue._heard[f"done-{i}"] = now - i
        queue._tidy(now)
        assert set(queue.pending_messages_per_session) == {"done-0", "done-1", "done-2"}

    run_async(ask())


def test_events_of_one_address_wait_for_each_other_and_not_others_for_them(blocks):
    async def ask():
        for _ in range(5):
            await push(blocks, None, "many")
        for _ in range(2):
            await push(blocks, None, "one")
        line = next(iter(blocks._queue.event_queue_per_concurrency_id.values())).queue
        order = [event.request.client.host for event in line]
        assert order == ["many", "one", "many", "one", "many", "many", "many"]
        blocks._queue.get_events()
        blocks._queue.get_events()
        await push(blocks, None, "late")  # does not have to catch up on what it never asked for
        assert [event.request.client.host for event in line][:2] == ["late", "many"]

    run_async(ask())


def test_who_asks_for_the_first_time_begins_where_the_others_are_now(blocks):
    queue = blocks._queue

    async def ask():
        for _ in range(3):
            await push(blocks, None, "many")
        queue.get_events()
        queue.get_events()
        for _ in range(2):
            await push(blocks, None, "one")
        line = next(iter(queue.event_queue_per_concurrency_id.values())).queue
        assert [event.request.client.host for event in line] == ["one", "many", "one"]
        queue._tidy(time.monotonic())
        assert len(queue._turns) == 2
        while line:
            queue.get_events()
        queue._tidy(time.monotonic())
        assert queue._turns == {}

    run_async(ask())


def test_of_an_event_that_nobody_has_listened_for_nothing_is_left(blocks):
    queue = blocks._queue

    async def ask():
        event, heard = await push(blocks, "gone"), await push(blocks, "here")
        queue.open_stream("here")
        event.enqueue_time = heard.enqueue_time = time.monotonic() - 11
        await queue._drop_unheard()
        (line,) = queue.event_queue_per_concurrency_id.values()
        assert line.queue == [heard]
        assert queue.pending_event_ids_session == {"gone": set(), "here": {heard._id}}

    run_async(ask())


def test_one_address_gets_half_of_the_places(blocks, monkeypatch):
    monkeypatch.setattr(lasting, "MOST_EVENTS", 4)

    async def ask(*addresses):
        told = [await pushed(blocks, None, address) for address in addresses]
        assert {one for one in told if not one[0]} == {full}
        return [one[0] for one in told]

    full = (False, "server: has too much to do; try again in some seconds", "queue_full")
    taken = run_async(ask("many", "many", "many", "one", "many", "two", "two"))
    assert taken == [True, True, False, True, False, True, False]


@pytest.mark.parametrize("index", [None, -1, 10_000, "button"])
def test_what_cannot_be_called_is_refused_in_words(blocks, index):
    if index == "button":
        index = next(i for i, fn in blocks.fns.items() if fn.fn is None)
    body = PredictBodyInternal(session_hash="a", data=[], fn_index=index)
    ok, sentence, state = run_async(blocks._queue.push(body, request(), None))
    assert (ok, state) == (False, "error")
    assert sentence == f"fn_index: must be one that can be called, got {index}"


def test_a_task_that_fails_is_begun_again(blocks, capsys):
    queue, begun = blocks._queue, []

    async def failing():
        begun.append(queue.stopped)
        queue.stopped = True  # as Gradio's does at its end
        if len(begun) == 3:
            queue.close()
        raise KeyError("patient 7")

    run_async(queue._supervise(failing))
    assert begun == [False, False, False]
    log = capsys.readouterr().err
    assert "KeyError" in log
    assert "patient" not in log


def test_a_process_whose_queue_is_dead_ends(blocks, monkeypatch, capsys):
    class Ended(BaseException):
        pass

    def end(code):
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(lasting.time, "sleep", lambda _: None)
    blocks._queue._closed = False
    blocks._queue.stopped = True
    with pytest.raises(Ended, match="3"):
        blocks._queue._watch()
    assert "start it again" in capsys.readouterr().err
    blocks._queue.stopped, blocks._queue._beat = False, time.monotonic() - 100
    with pytest.raises(Ended):
        blocks._queue._watch()
    blocks._queue._closed = True
    blocks._queue._watch()
