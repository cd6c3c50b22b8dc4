"""Whatever a listener or an endpoint is sent, it answers, or says in a sentence what is wrong."""

import inspect
import json
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.ui.app import build_app
from tests.ui.test_app import post

FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
ODD: list[Any] = [
    None, float("nan"), float("inf"), -1, 2, 10**400, True, "", "x", "\ud800", "nul\0", "y" * 5000,
    "/etc/passwd", b"x", [], [[]], [1, "a"], ["x"] * 3, [[1, 2, 3]], {}, FILE, {"config": FILE},
]  # fmt: skip
# What a component of our own says of a click or a stroke, and what a link holds.
EVENTS: list[Any] = [
    None, 1, "x", {}, {"points": 3}, {"points": [1]}, {"points": [[1, 2]]}, {"points": FILE},
    {"points": [["a", "b", float("nan")]]}, {"points": [[1, 2, float("inf")]]},
    {"points": [[10**400, 2, 1]]}, {"x": "a", "y": None}, {"x": 10**400, "y": 1}, {"x": FILE},
]  # fmt: skip
QUERIES: list[dict[str, str]] = [
    {}, {"dataset": "1"}, {"dataset.": "1"}, {"dataset.a.b": "1"}, {"dataset.name": "\ud800"},
    {"dataset.name.x": "1", "dataset.name": "2"}, {"network.widths": "[1e400]"},
    {"dataset.samples": "1" + "0" * 5000}, {"dataset.name": "points", "dataset.points": "nan,1,1"},
    {"training.early_stopping.on": "1"}, {"training.changes": "[{}]"}, {"dataset.name": "[" * 5000},
]  # fmt: skip


@pytest.fixture(scope="module")
def app() -> gr.Blocks:
    return build_app()


def try_out(function: Any, values: list[Any]) -> None:
    """A step or two, which is as far as a value that is wrong gets."""
    if inspect.isasyncgenfunction(function):  # takes turns: the run itself is what looks at values
        function = function.__wrapped__
    answer = function(*values)
    if inspect.isgenerator(answer):
        for _, _ in zip(range(2), answer, strict=False):
            pass
        answer.close()


def calls(function: Any) -> list[list[Any]]:
    parameters = inspect.signature(function.fn).parameters
    kinds = [parameter.annotation for parameter in parameters.values()]
    if gr.EventData in kinds:
        rest: list[Any] = [None] * len(function.inputs)
        return [[*rest, gr.EventData(None, news)] for news in EVENTS]
    if gr.Request in kinds:
        usual = [getattr(block, "value", None) for block in function.inputs]
        return [[SimpleNamespace(query_params=query), *usual] for query in QUERIES]
    if function.api_visibility == "public":
        count, usual = len(parameters), [None] * len(parameters)
    else:
        count = len(function.inputs)
        usual = [getattr(block, "value", None) for block in function.inputs]
    if not count:
        return []
    alone = range(count) if count < 4 else (0,)
    one_odd = [[*usual[:i], odd, *usual[i + 1 :]] for i in alone for odd in ODD]
    return [*([odd] * count for odd in ODD), *one_odd]


def test_no_value_raises_anything_but_a_sentence(app):
    tried, raised = 0, []
    for function in app.fns.values():
        for values in calls(function) if function.fn is not None else ():
            tried += 1
            try:
                try_out(function.fn, values)
            except gr.Error as error:
                assert ": " in error.message or error.message.startswith("**")
            except Exception as error:
                raised.append((function.fn, repr(error)[:200], repr(values)[:200]))
    assert raised == []
    assert tried > 1000


def test_a_handle_of_a_file_is_refused_where_none_is_asked_for(server):
    """Over HTTP: Gradio acts on handles before our functions see them."""
    nothing = [None] * 13
    for name, field, data in (
        ("train_playground", "config", [FILE]),
        ("compare_capstone", "config", [{"dataset": [{"x": FILE}]}]),
        ("sweep", "device", [None, FILE]),
        ("predict_heart", "age", [FILE, *nothing]),
        ("heart_report", "cost_false_negative", [None, FILE, None]),
        ("run_exercise", "number", [FILE]),
        ("lesson_step", "key", [FILE, 0]),
        ("predict_heart_batch", "file", [FILE, None]),
        ("predict_heart_batch", "threshold", [None, FILE]),
    ):
        status, body = post(server.url, name, json.dumps({"data": data}))
        assert status == 500
        assert body["error"].startswith(f"{field}: must be "), (name, body)
        assert "/etc" not in body["error"]
    log = server.log.read_text()
    assert "passwd" not in log
    assert "Traceback" not in log
