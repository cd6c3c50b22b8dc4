"""What a listener of ours is handed and what is sent of its answer, for every kind of part, whole:
held against what was looked at and kept.
"""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.errors import ConfigError, DataError
from classifiers.ui.gradio_internals import StrictBlocks
from classifiers.ui.gradio_internals import blocks as ours
from tests.answers.thinned import hold
from tests.tools.app_client import run_async

FILE = {"path": "x", "meta": {"_type": "gradio.FileData"}}


def model_info(a: Any = 1, b: Any = 2, c: Any = 3) -> list[Any]:
    return [a, b, c]


def predict_heart_batch(
    file: gr.FileData, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any
) -> Any:
    return [file, b, c, d, e, f, g, h]


def several(number: Any, words: Any, shown: Any, count: Any, *_: Any) -> Any:
    """What is asked for in words."""
    if words == "fail":
        raise ConfigError("words", "must not be that")
    if words == "say":
        raise gr.Error("words: said", print_exception=True)
    if words == "break":
        raise ZeroDivisionError("the patient is 61")
    answers: dict[Any, Any] = {
        "label": [gr.update(label="Other"), gr.update(value="a", visible=False), gr.update(), 3],
        "value": [gr.update(value=None, info="x"), "b", gr.update(value=[2]), gr.update(label="S")],
        "rest": [gr.skip(), gr.update(lines=3), {"a": count}, 5],
        "new": [gr.Number(7, label="New"), gr.Textbox("t"), {"b": [1]}, 4],
        "few": [number, words], "one": number, "state": [1, "a", {}, gr.update(value=8)],
    }  # fmt: skip
    return answers.get(words, [number, words, shown, count])


@pytest.fixture(scope="module")
def blocks() -> StrictBlocks:
    """Parts of each kind, and listeners that use them."""
    with StrictBlocks(analytics_enabled=False) as demo:
        gr.api(model_info, api_name="model_info")
        gr.api(predict_heart_batch, api_name="predict_heart_batch")
        number, words = gr.Number(label="How many", elem_id="n"), gr.Textbox(elem_id="words")
        shown, count, file = gr.JSON(), gr.State(1), gr.File(label="A file")
        button, html = gr.UploadButton("Send", elem_id="send"), gr.HTML()
        inputs = [number, words, shown, count, file, button, html]
        number.change(several, inputs, [number, words, shown, count], api_name="several",
                      api_visibility="private")  # fmt: skip
        words.change(lambda value: value, words, number, api_name="plain", api_visibility="private")
    demo.queue()
    return demo


def listener(blocks: StrictBlocks, name: Any) -> Any:
    return next(fn for fn in blocks.fns.values() if fn.api_name == name)


def said(call: Any) -> Any:
    """What a call gives, or what a visitor reads, and whether the log is told of it."""
    try:
        return run_async(call())
    except gr.Error as error:
        return [f"Error: {error.message}", error.print_exception]
    except DataError as error:
        return str(error)


def checked(blocks: StrictBlocks, name: Any, *values: Any) -> Any:
    async def check() -> list[Any]:
        given = list(values)
        blocks.validate_inputs(listener(blocks, name), given)
        return given

    return said(check)


def test_what_a_listener_may_be_called_with(snapshots, blocks):
    for name, counts in (("model_info", range(5)), ("predict_heart_batch", (0, 1, 2, 7, 8, 9)),
                         ("several", (5, 6, 7, 8)), ("plain", (0, 1, 2))):  # fmt: skip
        for count in counts:
            told = checked(blocks, name, *range(count))
            hold(snapshots, f"{name} with {count}", told)
    for place in range(7):
        values: list[Any] = [1, "a", None, None, None, None, "h"]
        values[place] = [{"deep": FILE}] if place in (2, 6) else FILE
        hold(snapshots, f"a file at {place}", checked(blocks, "several", *values))
    for values in ([FILE, 1], [{"path": 3}, FILE]):
        told = checked(blocks, "predict_heart_batch", *values)
        hold(snapshots, f"endpoint, {values}", told)
    known = {fn.api_name: [ours._names(fn), ours._called(fn), ours._takes_file(fn, 0)]
             for fn in blocks.fns.values()}  # fmt: skip
    hold(snapshots, "known", known)
    nameless = SimpleNamespace(api_name=None, _id=33)
    hold(snapshots, "later", [ours._LATER, ours._called(nameless)])  # type: ignore[arg-type]
    hold(snapshots, "plain", [[one.__name__ for one in ours._PLAIN], sorted(ours._LOOKS)])
    names = ("max_thread_count", "update_intervals", "live_updates", "max_size",
             "default_concurrency_limit", "blocks")  # fmt: skip
    made = [getattr(blocks._queue, name) for name in names]
    assert made == [blocks.max_threads, 5, False, None, 4, blocks]


def test_what_is_sent_of_an_answer(snapshots, blocks, capsys):
    blocks.app.configure_app(blocks)
    fn, index = listener(blocks, "several"), listener(blocks, "several")._id
    state = blocks.state_holder["one"]
    for words in (
        "",
        "label",
        "value",
        "rest",
        "new",
        "few",
        "one",
        "dict",
        "fail",
        "say",
        "break",
    ):

        async def ask(words: str = words) -> Any:
            values = [3, words, {"j": 1}, None, None, None, "h"]
            asked = fn if words != "break" else index
            told = await blocks.process_api(asked, values, state=state, request=None)
            return told["data"]

        hold(snapshots, f"{words!r}", said(ask))
    errors = [line.partition(" at ")[0] for line in capsys.readouterr().err.splitlines()]
    hold(snapshots, "log", [line for line in errors if line.startswith("error")])
    number = next(block for block in blocks.blocks.values() if isinstance(block, gr.Number))
    own = gr.Number(5, minimum=2, label="Own", render=False)
    for held in (None, {}, {number._id: own}):
        hold(snapshots, f"own, {held is None}, {bool(held)}", ours._own(number, held).label)
    updates: list[Any] = [gr.update(), gr.update(value=1), gr.update(choices=[1]), {"value": 1}, 3,
                          {"__type__": "update", **dict.fromkeys(sorted(ours._LOOKS))}]  # fmt: skip
    hold(snapshots, "looks", [ours._changes_looks(update) for update in updates])
    hold(snapshots, "shown", [ours._shown(number, {"value": None, "label": None, "info": "x"}),
                              ours._shown(number, {"label": "L"})])  # fmt: skip


def test_a_session_has_a_state_of_its_own(snapshots, blocks):
    blocks.app.configure_app(blocks)
    fn = listener(blocks, "several")
    kept = {"session": blocks.state_holder["first"], "other": blocks.state_holder["two"]}
    count = next(block for block in blocks.blocks.values() if isinstance(block, gr.State))
    told = []
    for name, words in (("session", "new"), ("session", ""), ("other", ""), ("session", "value"),
                        ("session", ""), ("session", "rest"), ("session", ""),
                        ("session", "state"), ("session", "")):  # fmt: skip

        async def ask(name: str = name, words: str = words) -> Any:
            values = [3, words, {"j": 1}, "not asked", None, None, "h"]
            told = await blocks.process_api(fn, values, state=kept[name], request=None)
            return told["data"]

        data = said(ask)
        told.append([name, words, str(kept[name][count._id]), data])
    hold(snapshots, "told", told)
    lean = ours._LeanConfig(SimpleNamespace(config_for_block=lambda *_: {"a": 1}, kept=3))
    copied = lean.__copy__()
    hold(snapshots, "lean", [copied.config_for_block(1, 2), copied.kept])
