"""What we lean on inside Gradio, and what it still needs to be guarded against.

A failure here after an update of Gradio says which guard to change or to drop.
"""

import asyncio
import inspect
import os
import time
from types import SimpleNamespace

import gradio as gr
import gradio.mcp
import gradio.routes
import hf_gradio.cli
import pytest
from gradio.blocks import Blocks
from gradio.component_meta import ComponentMeta
from gradio.context import LocalContext
from gradio.data_classes import PredictBodyInternal
from gradio.networking import url_ok
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessStartsMessage
from gradio.state_holder import StateHolder

from classifiers.errors import ConfigError
from classifiers.ui.gradio_internals import (
    Asker,
    Parameter,
    PlainMcp,
    StrictBlocks,
    add_endpoint,
)
from classifiers.ui.gradio_internals import queue as lasting
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.tools.app_client import run_async


def number(x: float) -> float:
    if x == 13:
        raise ConfigError("x", "must not be 13")
    return 1 / x


@pytest.fixture
def blocks() -> StrictBlocks:
    with StrictBlocks(analytics_enabled=False) as demo:
        gr.api(number, api_name="number")
        choice = gr.Dropdown(["a", "b"], label="Letter")
        shown = gr.Textbox()
        other = gr.HTML()
        choice.change(lambda letter: [letter, gr.skip()], choice, [shown, other])
        gr.Button().click(None, None, None, js="() => {}")
    demo.queue()
    return demo


def index_of(blocks: Blocks, name: str) -> int:
    return next(i for i, fn in blocks.fns.items() if fn.api_name == name)


def request(address: str = "1.2.3.4") -> SimpleNamespace:
    return SimpleNamespace(client=SimpleNamespace(host=address), url="http://x/gradio_api/call/x")


async def push(blocks: StrictBlocks, session: str | None, address: str = "1.2.3.4"):
    body = PredictBodyInternal(
        session_hash=session, data=[1.0], fn_index=index_of(blocks, "number")
    )
    ok, event_id, state = await blocks._queue.push(body, request(address), None)
    assert ok, (event_id, state)
    return blocks._queue.event_ids_to_events[event_id]


def test_what_we_override_is_still_there():
    overridden = {
        Queue: ["start", "start_processing", "close", "push", "get_events", "send_message",
                "broadcast_estimations", "process_events"],
        Blocks: ["queue", "validate_inputs", "preprocess_data", "postprocess_data", "process_api"],
    }  # fmt: skip
    for owner, names in overridden.items():
        for name in names:
            assert callable(getattr(owner, name, None)), f"Gradio's {owner.__name__} lost {name}"
    source = inspect.getsource(Queue)
    for name in ("pending_messages_per_session", "pending_event_ids_session", "active_jobs"):
        assert f"self.{name}" in source, f"Gradio's queue has no {name} any more"
    begins = inspect.getsource(Queue.start_processing).partition("if event_batch:")[2]
    done = ("self.active_jobs[", "current_concurrency += 1", "start_times_per_fn[fn].add(",
            "event_analytics.get(", "self.process_events, events, batch, start_time, fn",
            "set_task_name(", "_asyncio_tasks.add(", "add_done_callback(")  # fmt: skip
    assert all(act in begins for act in done), "begin events as Gradio does, in LastingQueue._begin"
    assert "queueing.Queue(" in inspect.getsource(Blocks.queue), "Blocks.queue makes no Queue"
    assert "SessionState(self.blocks)" in inspect.getsource(StateHolder.__getitem__)


# Ends at the first import after that of what renders stubs, and says whose function does it then:
# to go on would render them all.
FIRST_RENDERER = """
import os, sys

class Watch:
    def find_spec(self, *_):
        module = sys.modules.get("gradio.component_meta")
        if hasattr(module, "ComponentMeta"):
            print(module.create_or_modify_pyi.__module__, flush=True)
            os._exit(0)

sys.meta_path.insert(0, Watch())
"""


def first_renderer(line: str) -> str:
    ran = warm().run("-c", f"{FIRST_RENDERER}{line}\nimport gradio", cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_gradio_still_renders_stubs_at_every_import_and_not_for_us():
    assert first_renderer("import classifiers.ui.no_stubs") == "classifiers.ui.no_stubs\n"
    assert first_renderer("import gradio") == "gradio.component_meta\n"
    assert "create_or_modify_pyi(" in inspect.getsource(ComponentMeta.__new__)


def test_gradios_own_queue_still_needs_its_guards(blocks):
    """If one of these fails, Gradio was mended: drop the guard that it names."""
    plain = Queue(False, 40, 1, None, blocks, 1)
    fn = blocks.fns[index_of(blocks, "number")]
    event = Event("", fn, request(), None)
    assert event.session_hash == event._id, "push() need not make None of an empty session"
    with pytest.raises(KeyError):  # else send_message() needs no guard
        plain.send_message(event, ProcessStartsMessage(eta=None))
    for i in range(2001):
        plain.pending_messages_per_session[str(i)] = asyncio.Queue()
    assert "0" not in plain.pending_messages_per_session, "_Sessions is not needed"
    begins = inspect.getsource(Queue.start_processing)
    assert "self.stopped = True" in begins, (
        "start_processing() does not stop the queue as it ends: _supervise() is not needed"
    )
    assert "asyncio.sleep(self.sleep_when_free)" in begins, (
        "start_processing() waits for news: ours, and _begin(), are not needed"
    )


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


@pytest.mark.parametrize("index", [None, -1, 10_000, "button"])
def test_what_cannot_be_called_is_refused_in_words(blocks, index):
    if index == "button":
        index = next(i for i, fn in blocks.fns.items() if fn.fn is None)
    body = PredictBodyInternal(session_hash="a", data=[], fn_index=index)
    ok, sentence, state = run_async(blocks._queue.push(body, request(), None))
    assert (ok, state) == (False, "error")
    assert sentence.startswith("fn_index: ")


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


PASSWORDS = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}


def answer(blocks: StrictBlocks, index: int, *values):
    return run_async(blocks.process_api(blocks.fns[index], list(values), request=None))


@pytest.mark.parametrize(
    ("values", "start"),
    [
        ((13,), "x: must not be 13"),
        ((), "x: /number takes 1 values"),
        ((1, 2), "data: /number takes 1 values"),
        ((0,), "server: could not answer /number"),
        (
            ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},),
            "x: must be a plain value",
        ),
    ],
)
def test_every_error_is_a_sentence_without_a_stack_trace(blocks, values, start, capsys):
    blocks.app.configure_app(blocks)
    with pytest.raises(gr.Error) as caught:
        answer(blocks, index_of(blocks, "number"), *values)
    assert str(caught.value.message).startswith(start)
    assert not caught.value.print_exception
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


def test_a_value_that_a_component_cannot_hold_is_named_and_not_logged(blocks, capsys):
    index = next(i for i, fn in blocks.fns.items() if len(fn.outputs) == 2)
    with pytest.raises(gr.Error) as caught:
        answer(blocks, index, "sick patient")
    assert str(caught.value.message).startswith("letter: ")
    told = capsys.readouterr()
    assert "sick" not in told.out + told.err + str(caught.value.message)


def test_what_is_skipped_is_not_built_anew(blocks, monkeypatch):
    made = []
    monkeypatch.setattr(gr.HTML, "__init__", lambda *_, **__: made.append(1))
    index = next(i for i, fn in blocks.fns.items() if len(fn.outputs) == 2)
    assert answer(blocks, index, "a")["data"] == ["a", {"__type__": "update"}]
    assert made == []


def test_a_session_keeps_no_copy_of_what_it_was_shown(blocks):
    holder = StateHolder()
    holder.set_blocks(blocks)
    session = holder["one"]
    shown = next(key for key, block in blocks.blocks.items() if isinstance(block, gr.Textbox))
    session[shown] = blocks.blocks[shown]
    session._update_value_in_config(shown, "film" * 1000)
    assert "film" not in str(session.config_values)


def test_gradio_still_ends_a_start_whose_page_takes_three_seconds_unless_told_not_to():
    """Why the app is launched with `_frontend=False`; if this fails, read what that does now."""
    text = inspect.getsource(gr.Blocks.launch)
    assert text.count("_frontend") == 2  # the parameter, and
    assert "if _frontend and not networking.url_ok(self.local_url)" in text
    assert "httpx.TimeoutException" in inspect.getsource(url_ok)


def doubled(x: float = 2.0) -> float:
    """Twice a number."""
    return 2 * x


def test_gradio_still_tells_nothing_of_parameters_and_we_tell_all():
    """If the first half fails, Gradio was mended: see what of `described` can go."""
    told = {"x": Parameter("A number, in metres.", 3.0, {"type": "number", "minimum": 0})}
    with gr.Blocks(analytics_enabled=False) as demo:
        gr.api(doubled, api_name="plain")
        add_endpoint(doubled, told)
        with pytest.raises(TypeError):
            add_endpoint(doubled, {"y": told["x"]})
    plain, ours = (e["parameters"][0] for e in demo.get_api_info()["named_endpoints"].values())
    assert (plain["label"], plain["python_type"]["description"]) == ("1st", "")
    assert (ours["label"], ours["example_input"]) == ("x", 3.0)
    assert ours["python_type"] == {"type": "float", "description": "A number, in metres."}
    assert ours["type"]["default"] == 2.0


def test_gradios_own_tools_still_need_our_server():
    source = inspect.getsource(PlainMcp.__base__)
    assert gradio.mcp.GradioMCPServer is PlainMcp, "Gradio would make its own server"
    assert "text=str(output)" in source, "answers may be JSON by now: see postprocess_output_data"
    assert 'f"{error_title}: {error_message}"' in source, "errors may start with their field now"
    for name in ("get_input_schema", "_execute_tool_with_progress", "convert_strings_to_filedata"):
        assert f"self.{name}(" in source, f"Gradio's MCP server never calls {name}"
    assert "gradio.mcp.GradioMCPServer(" in inspect.getsource(gradio.routes)


def test_gradios_openapi_still_leaves_out_what_we_add():
    source = inspect.getsource(gradio.routes)
    assert '"openapi": "3.0.2"' in source
    assert "example_input" not in inspect.getsource(hf_gradio.cli._condense_info)
