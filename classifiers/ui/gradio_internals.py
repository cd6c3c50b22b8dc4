"""What leans on the inside of Gradio 6.31: a queue that lasts, and Blocks that are strict.

`tests/test_gradio_internals.py` fails with a sentence where Gradio changes under it, and where a
guard is no longer needed.
"""

import asyncio
import bisect
import copy
import inspect
import os
import resource
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.block_function import BlockFunction
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio.mcp import GradioMCPServer
from gradio.queueing import Event, Queue
from gradio.server_messages import EventMessage
from gradio.state_holder import StateHolder
from gradio.utils import run_coro_in_background

from classifiers.errors import ClassifiersError
from classifiers.ui.uploads import handles, uploaded_path

MOST_EVENTS = 3000  # of all visitors, waiting or under way
_MOST_UNREAD = 1000  # messages of one session, after which its reader counts as gone
_KEPT_SECONDS = 120.0  # how long answers wait for somebody to fetch them
_MOST_KEPT = 5000  # sessions with such answers
_TIDY_SECONDS = 2.0
_MOST_FILES = 16_384
_DEAD_SECONDS = 60.0  # without a sign of life of the event loop


def note(text: str) -> None:
    """One line in the log."""
    print(text, file=sys.stderr, flush=True)


def note_error(where: str, error: BaseException) -> None:
    """What went wrong and at which lines: no value that somebody sent, since the log is no place
    for patients."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    lines = " > ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in frames)
    note(f"error in {where}: {type(error).__name__} at {lines}")


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

    _pushed = 0.0  # when the last event came

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

    @property
    def sleep_when_free(self) -> float:
        """Seconds between two looks at the line; a thousand looks a second take a tenth of a core
        for nothing where nobody has asked for a while."""
        return 0.001 if time.monotonic() - self._pushed < 1.0 else 0.01

    @sleep_when_free.setter
    def sleep_when_free(self, seconds: float) -> None:
        pass

    def start(self) -> None:
        self._closed = False
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
        if len(self.event_ids_to_events) >= MOST_EVENTS:
            return False, "server: has too much to do; try again in some seconds", "queue_full"
        self._pushed = time.monotonic()
        body.session_hash = body.session_hash or None  # else the event's key is not the table's
        pushed = await super().push(body, request, username)
        if pushed[0]:
            self._take_turn(self.event_ids_to_events.get(str(pushed[1])))
        return pushed

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
        if messages is None or messages.qsize() > _MOST_UNREAD:
            event.alive = False
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


def current_event() -> tuple[LastingQueue, Event] | None:
    """The event that the caller answers, and its queue; None outside of one."""
    queue = getattr(LocalContext.blocks.get(None), "_queue", None)
    event_id = LocalContext.event_id.get(None)
    if not isinstance(queue, LastingQueue) or event_id not in queue.event_ids_to_events:
        return None
    return queue, queue.event_ids_to_events[event_id]


class _LeanConfig:
    """What Gradio copies for each session: without a copy of every component's settings, which are
    for its deep links. They cost many milliseconds, 0.4 MB, and the last film of every visitor."""

    def __init__(self, config: Any) -> None:
        self._config = config

    def __copy__(self) -> Any:
        config = copy.copy(self._config)
        config.config_for_block = lambda *_: {}
        return config


def _is_skip(value: Any) -> bool:
    return isinstance(value, dict) and value == {"__type__": "update"}


class StrictBlocks(gr.Blocks):
    """Blocks that answer whatever is sent in words, and never with a stack trace."""

    def queue(self, *args: Any, default_concurrency_limit: Any = 4, **kwargs: Any) -> gr.Blocks:
        super().queue(*args, default_concurrency_limit=default_concurrency_limit, **kwargs)
        self._queue = LastingQueue(
            live_updates=False,
            concurrency_count=self.max_threads,
            update_intervals=5,
            max_size=None,
            blocks=self,
            default_concurrency_limit=default_concurrency_limit,
        )
        return self

    @property
    def state_holder(self) -> StateHolder:
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        holder.blocks = SimpleNamespace(  # type: ignore[assignment]
            default_config=_LeanConfig(self.default_config), blocks={}
        )
        self._state_holder = holder

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        if len(inputs) != len(block_fn.inputs):
            names = _names(block_fn)
            missing = names[len(inputs) :]
            raise _refusal(
                missing[0] if missing else "data",
                f"{_called(block_fn)} takes {len(names)} values in the order "
                f"{', '.join(names) or '(none)'}, got {len(inputs)}; send null for an unknown one",
            )
        super().validate_inputs(block_fn, inputs)
        for place, (name, value) in enumerate(zip(_names(block_fn), inputs, strict=False)):
            for handle in handles(value):
                if not _takes_file(block_fn, place):
                    raise _refusal(
                        name,
                        "must be a plain value, got the handle of a file; send what the file holds",
                    )
                uploaded_path(handle)

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        try:
            return await super().preprocess_data(block_fn, inputs, *args, **kwargs)
        except ClassifiersError:
            raise
        except gr.Error as error:
            if error.print_exception is False:
                raise
        except Exception:
            pass
        for name, block, value in zip(_names(block_fn), block_fn.inputs, inputs, strict=False):
            part = copy.copy(block_fn)
            part.inputs = [block]
            try:
                await super().preprocess_data(part, [value], *args, **kwargs)
            except Exception:
                raise _refusal(name, "must be a value that this field can hold") from None
        raise _refusal("data", "must be values that the fields can hold")

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: Any, state: Any
    ) -> list[Any]:
        """Leaves out what is skipped: Gradio would build those components anew."""
        several = isinstance(predictions, (list, tuple)) and len(block_fn.outputs) > 1
        if not several or not any(_is_skip(value) for value in predictions):
            return await super().postprocess_data(block_fn, predictions, state)
        kept = [i for i, value in enumerate(predictions) if not _is_skip(value)]
        part = copy.copy(block_fn)
        part.outputs = [block_fn.outputs[i] for i in kept]
        values = [predictions[i] for i in kept]
        told = (
            await super().postprocess_data(part, values if len(kept) > 1 else values[0], state)
            if kept
            else []
        )
        data: list[Any] = [{"__type__": "update"} for _ in predictions]
        for i, value in zip(kept, told, strict=True):
            data[i] = value
        return data

    async def process_api(self, block_fn: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return await super().process_api(block_fn, *args, **kwargs)
        except gr.Error as error:
            error.print_exception = False
            raise
        except ClassifiersError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:
            fn = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            note_error(_called(fn), error)
            raise _refusal("server", f"could not answer {_called(fn)}; it was noted") from None


class _McpServer(GradioMCPServer.Server):
    """Leaves the values that a tool is called with to our own checks, which name the field."""

    def call_tool(self, *, validate_input: bool = True) -> Any:
        register = super().call_tool(validate_input=False)

        def tool(call: Callable[..., Awaitable[Any]]) -> Any:
            async def named(name: str, arguments: dict[str, Any]) -> Any:
                try:
                    return await call(name, arguments)
                except TypeError as error:  # a parameter that there is not, or one that is missing
                    raise ValueError(f"arguments: {error}") from None

            return register(named)

        return tool


GradioMCPServer.Server = _McpServer  # type: ignore[misc]


def _refusal(field: str, message: str) -> gr.Error:
    return gr.Error(f"{field}: {message}", print_exception=False)


def _called(block_fn: BlockFunction) -> str:
    return f"/{block_fn.api_name}" if block_fn.api_name else f"event {block_fn._id}"


def _names(block_fn: BlockFunction) -> list[str]:
    """The inputs as a caller knows them."""
    if block_fn.api_visibility == "public" and block_fn.fn is not None:
        return list(inspect.signature(block_fn.fn).parameters)
    return [
        str(getattr(block, "label", None) or getattr(block, "elem_id", None) or f"value {i + 1}")
        for i, block in enumerate(block_fn.inputs)
    ]


def _takes_file(block_fn: BlockFunction, place: int) -> bool:
    if block_fn.api_visibility == "public" and block_fn.fn is not None:
        parameters = list(inspect.signature(block_fn.fn).parameters.values())
        return place < len(parameters) and parameters[place].annotation is gr.FileData
    return isinstance(block_fn.inputs[place], gr.File | gr.UploadButton)
