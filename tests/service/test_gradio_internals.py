"""What we lean on inside Gradio, and what it still needs to be guarded against.

A failure here after an update of Gradio says which guard to change or to drop.
"""

import asyncio
import inspect
import json
import re
from types import ModuleType, SimpleNamespace
from typing import Any

import gradio as gr
import gradio.mcp
import gradio.routes
import hf_gradio.cli
import pytest
from gradio.blocks import Blocks
from gradio.component_meta import ComponentMeta
from gradio.networking import url_ok
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessStartsMessage
from gradio.state_holder import StateHolder

from classifiers.ui import no_stubs
from classifiers.ui.gradio_internals import (
    Parameter,
    PlainMcp,
    StrictBlocks,
    add_endpoint,
    note_error,
)
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.service.conftest import index_of, request
from tests.tools.app_client import run_async


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


def test_whose_stubs_are_left_out(monkeypatch):
    name, function = "gradio.component_meta", "create_or_modify_pyi"
    found: list[Any] = []
    monkeypatch.setattr(
        no_stubs, "PathFinder",
        SimpleNamespace(find_spec=lambda *asked: found.append(asked) or made),
    )  # fmt: skip
    finder = no_stubs._Finder()
    made = None
    assert finder.find_spec(name, ["a"], "target") is None
    assert finder.find_spec("gradio.blocks", ["a"], None) is None
    assert found == [(name, ["a"], "target")]
    made = SimpleNamespace(loader=None)
    assert finder.find_spec(name, None, None) is made
    begun: list[ModuleType] = []
    for has in (True, False):
        module = ModuleType(name)
        if has:
            setattr(module, function, print)
        made = SimpleNamespace(loader=SimpleNamespace(exec_module=begun.append))
        finder.find_spec(name, None, None).loader.exec_module(module)
        assert begun.pop() is module
        assert getattr(module, function, None) is (no_stubs._nothing if has else None)


def test_the_log_names_the_last_lines_and_no_value(capsys):
    def deep(text: str) -> None:
        json.loads(text)

    try:
        deep("{the patient is 61")
    except ValueError as error:
        note_error("a place", error)
    line = r":\d+ > "
    assert re.fullmatch(
        rf"error in a place: JSONDecodeError at test_gradio_internals.py{line}__init__.py{line}"
        r"decoder.py:\d+ > decoder.py:\d+\n",
        capsys.readouterr().err,
    )


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


def answer(blocks: StrictBlocks, index: int, *values):
    return run_async(blocks.process_api(blocks.fns[index], list(values), request=None))


@pytest.mark.parametrize(
    ("values", "start"),
    [
        ((13,), "x: must not be 13"),
        ((), "x: /number takes 1 value in"),
        ((1, 2), "data: /number takes 1 value in"),
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
        made = list(demo.fns.values())[-1]
        with pytest.raises(TypeError, match=r"^doubled takes \['x'\], told are \['y'\]$"):
            add_endpoint(doubled, {"y": told["x"]})
    labels = [block._constructor_args[0]["label"] for block in (*made.inputs, *made.outputs)]
    assert labels == ["x", "answer"]
    plain, ours = (e["parameters"][0] for e in demo.get_api_info()["named_endpoints"].values())
    assert (plain["label"], plain["python_type"]["description"]) == ("1st", "")
    assert (ours["label"], ours["example_input"]) == ("x", 3.0)
    assert ours["python_type"] == {"type": "float", "description": "A number, in metres."}
    assert ours["type"] == {
        "type": "number", "minimum": 0, "title": "x", "description": "A number, in metres.",
        "additional_description": "A number, in metres.", "examples": [3.0], "default": 2.0,
    }  # fmt: skip


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
