"""A queue that lasts: Gradio's own stops for good at an exception in one of its tasks."""

import asyncio
import bisect
import os
import resource
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import EstimationMessage, EventMessage
from gradio.utils import run_coro_in_background, set_task_name

from classifiers.ui.gradio_internals.notes import note, note_error

MOST_EVENTS = 3000  # of all visitors, waiting or under way
_MOST_UNREAD = 500  # messages of one session, after which its reader counts as gone
_UNHEARD_SECONDS = 10.0
_KEPT_SECONDS = 120.0  # how long answers wait for somebody to fetch them
_MOST_KEPT = 5000  # sessions with such answers
_TIDY_SECONDS = 2.0
_LOOK_SECONDS = 0.5  # where no news came of what is to be begun all the same
_MOST_FILES = 16_384
_DEAD_SECONDS = 60.0  # without a sign of life of the event loop


class _Sessions(dict[str, Any]):
    """Messages by session. Gradio's own table forgets sessions that still wait for something, and
    deletes entries that may be gone."""

    def __delitem__(self, key: str) -> None:
        self.pop(key, None)


class LastingQueue(Queue):
    """Gradio's queue, which no request, no visitor and no exception can stop.

    Events of one address wait for each other, and not others for them: each is put in line behind
    as many of every other address as it has of its own before it. An event whose session is gone
    ends, instead of the queue.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pending_messages_per_session = _Sessions()  # type: ignore[assignment]
        self.ANALYTICS_MAX_EVENTS = 1  # nobody looks at them
        self._listeners: Counter[str] = Counter()
        self._heard: dict[str, float] = {}
        self._clock: dict[str, float] = {}
        self._turns: dict[tuple[str, str], float] = {}
        self._closed = False
        self._beat = time.monotonic()
        self._news = asyncio.Event()  # an event came, or one ended

    # Listeners: the gate tells of open streams.

    def open_stream(self, session: str) -> None:
        self._listeners[session] += 1

    def close_stream(self, session: str) -> None:
        self._listeners[session] -= 1
        if self._listeners[session] <= 0:
            del self._listeners[session]
        self._heard[session] = time.monotonic()

    def is_gone(self, event: Event, patience: float) -> bool:
        """Whether nobody wants an event any more, or has listened for `patience` seconds."""
        if not event.alive:
            return True
        if self._listeners[event.session_hash]:
            return False
        heard = self._heard.get(event.session_hash, 0.0)
        return time.monotonic() - max(heard, event.enqueue_time) > patience

    # The tasks.

    def start(self) -> None:
        self._closed, self._beat = False, time.monotonic()
        _make_room()
        self.active_jobs = [None] * MOST_EVENTS
        for task in (self.start_processing, self._keep_tidy):
            run_coro_in_background(self._supervise, task)
        threading.Thread(target=self._watch, name="queue-watch", daemon=True).start()

    def close(self) -> None:
        self._closed = True
        super().close()

    async def _supervise(self, task: Callable[[], Awaitable[None]]) -> None:
        """Starts a task again that has ended before the queue was closed."""
        while not self._closed:
            try:
                await task()
            except Exception as error:
                note_error(f"the queue's {task.__name__}", error)
            if not self._closed:
                self.stopped = False
                await asyncio.sleep(0.05)

    async def start_processing(self) -> None:
        """Begins events as Gradio's own does, which looks for them a thousand times a second, for
        a tenth of a core: here whatever makes room or brings one wakes it."""
        self._news = asyncio.Event()
        while not self.stopped:
            self._news.clear()
            async with self.delete_lock:
                while None in self.active_jobs and (chosen := self.get_events()):
                    self._begin(*chosen)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK_SECONDS)
        self._cancel_asyncio_tasks()

    def _begin(self, events: list[Event], batch: bool, concurrency_id: str) -> None:
        line, fn = self.event_queue_per_concurrency_id[concurrency_id], events[0].fn
        start = time.time()
        self.active_jobs[self.active_jobs.index(None)] = events
        line.current_concurrency += 1
        line.start_times_per_fn[fn].add(start)
        for event in events:
            if (known := self.event_analytics.get(event._id)) is not None:
                known["status"] = "processing"
        task = run_coro_in_background(self.process_events, events, batch, start, fn)
        set_task_name(task, events[0].session_hash, fn._id, events[0]._id, batch)
        self._asyncio_tasks.add(task)
        task.add_done_callback(self._asyncio_tasks.discard)

    def _watch(self) -> None:
        """Ends a process whose queue has died all the same, so that whoever runs it starts a new
        one: a page that answers and computes nothing would stay for ever."""
        stopped = 0
        while not self._closed:
            time.sleep(1)
            stopped = stopped + 1 if self.stopped else 0
            silent = time.monotonic() - self._beat
            if not self._closed and (stopped > 3 or silent > _DEAD_SECONDS):
                note("error: the queue has stopped; the process ends, start it again")
                os._exit(3)

    async def _keep_tidy(self) -> None:
        while not self._closed:
            await asyncio.sleep(_TIDY_SECONDS)
            self._beat = time.monotonic()
            self._tidy(self._beat)
            await self._drop_unheard()

    async def _drop_unheard(self) -> None:
        """Takes out of the lines what nobody has listened for: places are for those who wait."""
        for line in list(self.event_queue_per_concurrency_id.values()):
            for event in list(line.queue):
                if self.is_gone(event, _UNHEARD_SECONDS):
                    await self.clean_events(event_id=event._id)
                    self.pending_event_ids_session.get(event.session_hash, set()).discard(event._id)

    async def process_events(self, events: list[Event], *args: Any, **kwargs: Any) -> None:
        try:
            await super().process_events(events, *args, **kwargs)
        finally:  # Gradio's own end can be cancelled before it comes to this
            for event in events:
                self.event_ids_to_events.pop(event._id, None)
            self._news.set()

    def _tidy(self, now: float) -> None:
        """Forgets sessions that wait for nothing and that nobody has asked for in a while."""
        waiting = {event.session_hash for event in self.event_ids_to_events.values()}
        idle = [
            session
            for session in {*self.pending_messages_per_session, *self.pending_event_ids_session}
            if session not in waiting and not self._listeners[session]
        ]
        for session in idle:
            self._heard.setdefault(session, now)
        idle.sort(key=self._heard.__getitem__)
        surplus = max(0, len(idle) - _MOST_KEPT)
        for number, session in enumerate(idle):
            if number < surplus or now - self._heard[session] > _KEPT_SECONDS:
                self.pending_messages_per_session.pop(session, None)
                self.pending_event_ids_session.pop(session, None)
        for session, heard in list(self._heard.items()):
            if now - heard > _KEPT_SECONDS and session not in self.pending_messages_per_session:
                del self._heard[session]
        self._turns = {
            (queue, address): turn
            for (queue, address), turn in self._turns.items()
            if turn > self._clock.get(queue, 0.0)
        }

    # What Gradio's own tasks and routes call.

    async def push(
        self, body: PredictBodyInternal, request: Any, username: str | None
    ) -> tuple[bool, Any, Any]:
        fn = self.blocks.fns.get(body.fn_index)  # type: ignore[arg-type]
        if fn is None or fn.fn is None:
            return False, f"fn_index: must be one that can be called, got {body.fn_index}", "error"
        if not self._has_room(address_of(request)):
            return False, "server: has too much to do; try again in some seconds", "queue_full"
        body.session_hash = body.session_hash or None  # else the event's key is not the table's
        pushed = await super().push(body, request, username)
        if pushed[0]:
            self._take_turn(self.event_ids_to_events.get(str(pushed[1])))
            self._news.set()
        return pushed

    def _has_room(self, address: str) -> bool:
        """One address may have half of the places, since the others are for others."""
        taken = len(self.event_ids_to_events)
        if taken < MOST_EVENTS // 2:
            return True
        own = sum(address_of(e.request) == address for e in self.event_ids_to_events.values())
        return taken < MOST_EVENTS and own < MOST_EVENTS // 2

    def _take_turn(self, event: Event | None) -> None:
        """Moves an event that was put at the end of its line to where its address has a turn."""
        if event is None:
            return
        line = self.event_queue_per_concurrency_id[event.concurrency_id].queue
        key = (event.concurrency_id, address_of(event.request))
        turn = max(self._clock.get(key[0], 0.0), self._turns.get(key, -1.0) + 1)
        self._turns[key] = event.turn = turn  # type: ignore[attr-defined]
        if line and line[-1] is event:
            line.pop()
            bisect.insort(line, event, key=lambda waiting: waiting.turn)  # type: ignore[attr-defined]

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        chosen = super().get_events()
        if chosen is not None:
            self._clock[chosen[2]] = chosen[0][0].turn  # type: ignore[attr-defined]
        return chosen

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        messages = self.pending_messages_per_session.get(event.session_hash)
        if messages is None:
            event.alive = False
        elif messages.qsize() > _MOST_UNREAD:
            event.alive = False
            while not messages.empty():  # whoever reads as slowly as that has gone
                messages.get_nowait()
        super().send_message(event, event_message)

    def broadcast_estimations(self, concurrency_id: str, after: int | None = None) -> None:
        try:
            super().broadcast_estimations(concurrency_id, after)
        except Exception as error:  # an estimate is not worth a queue
            note_error("an estimate", error)

    def compute_analytics_summary(self, records: Any) -> dict[str, Any]:
        return {"functions": {}}


def _make_room() -> None:
    """For a class: streams that stay open, and threads that only wait for a script's answer."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = 256
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def address_of(request: Any) -> str:
    """Who sent a request: an address, which may be a whole class's."""
    client = getattr(request, "client", None)
    return str(client.host) if client is not None else ""


class _PlaceMessage(EstimationMessage):
    """Gradio's own, which scripts understand, with a sentence for the page."""

    text: str


@dataclass(frozen=True)
class Asker:
    """Who asked for what is being computed: an event and its queue; neither outside of one."""

    queue: LastingQueue | None = None
    event: Event | None = None

    @classmethod
    def current(cls) -> "Asker":
        queue = getattr(LocalContext.blocks.get(None), "_queue", None)
        if not isinstance(queue, LastingQueue):
            return cls()
        event = queue.event_ids_to_events.get(str(LocalContext.event_id.get(None)))
        return cls() if event is None else cls(queue, event)

    @property
    def address(self) -> str:
        return address_of(self.event.request) if self.event else ""

    @property
    def session(self) -> str:
        if self.event is None:
            return ""
        # All who call tools share one client of Gradio's, and so one session.
        return self.event._id if self.is_tool else self.event.session_hash

    @property
    def is_tool(self) -> bool:
        """Whether it was asked for as a tool, over MCP."""
        headers = getattr(self.event.request, "headers", {}) if self.event else {}
        return bool(headers.get("x-gradio-user") == "mcp")

    @property
    def unread(self) -> int:
        """Messages that the visitor has not fetched yet."""
        if self.queue is None or self.event is None:
            return 0
        messages = self.queue.pending_messages_per_session.get(self.event.session_hash)
        return messages.qsize() if messages is not None else 0

    def is_gone(self, patience: float) -> bool:
        """Whether nobody wants the answer any more, or has listened for `patience` seconds."""
        if self.queue is None or self.event is None:  # an empty queue is false
            return False
        return self.queue.is_gone(self.event, patience)

    def tell_place(self, number: int, seconds: float, text: str) -> None:
        if self.queue is not None and self.event is not None:
            size = len(self.queue.event_ids_to_events)
            message = _PlaceMessage(rank=number - 1, rank_eta=seconds, queue_size=size, text=text)
            self.queue.send_message(self.event, message)
