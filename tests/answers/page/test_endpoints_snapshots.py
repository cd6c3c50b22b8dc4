"""What the endpoints answer to scripts, whole: held against what was looked at and kept."""

import inspect
import json
import platform
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
import torch

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.recipes.sweep.run import Progress
from classifiers.turns import Expect, play
from classifiers.ui import endpoints
from classifiers.ui.capstone.sweep import page as sweeps
from classifiers.ui.endpoints import models, parameters, patients, runs
from classifiers.ui.gradio_internals.openapi import complete_openapi
from classifiers.ui.gradio_internals.snippets import complete_info
from classifiers.ui.gradio_internals.uploads import handles, uploaded_path
from tests.answers.page.asked import read, the_app
from tests.answers.thinned import attempt, hold, unsized
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

EFFORT = SAMPLE_PATIENTS["Angina on effort, age 61"]
PATIENTS: list[dict[str, Any]] = [
    EFFORT, {}, {"age": 50, "sex": "female", "threshold": 0.2}, {"thal": "fixed defect"},
    {"age": "old"}, {"age": -1}, {"cp": 9}, {"threshold": 2}, {"threshold": "high"}, {"ca": True},
    {"sex": "none"}, {"chol": 1e9}, {"thal": 5, "age": 50},
]  # fmt: skip


def call(name: str, *values: Any, **named: Any) -> Any:
    """What an endpoint answers; of a run its first message and its last."""
    function = next(one.fn for one in the_app().fns.values() if one.api_name == name)
    function = getattr(function, "__wrapped__", function) if name in RUNS else function
    try:
        answer = function(*values, **named)
        if name in RUNS:
            told = [one for one in play(answer) if one is not None and not isinstance(one, Expect)]
            return read([told[0], told[-1]])
    except gr.Error as error:
        return f"Error: {error.message}"
    return unsized(read(answer))


VERSIONS = {"python": platform.python_version(), "torch": torch.__version__,
            "gradio": gr.__version__}  # fmt: skip
RUNS = {"train_playground", "compare_capstone", "sweep", "run_exercise", "lesson_step"}


def test_endpoints_about_patients(snapshots, monkeypatch):
    given_back: list[int] = []
    monkeypatch.setattr(patients, "give_back_memory", lambda: given_back.append(1))
    snapshots.near = 2e-6
    for number, patient in enumerate(PATIENTS):
        hold(snapshots, f"{number}. predicted", call("predict_heart", **patient))
        told = call("explain_heart", **patient)
        if isinstance(told, dict):
            told["interactions"] = told["interactions"][:2]
        hold(snapshots, f"{number}. explained", told)
    rows: list[Any] = [
        [EFFORT, {}, {"age": "x"}], json.dumps([{"age": 50}]), "[", [], {}, None, [3],
        [{"weight": 3}],
    ]  # fmt: skip
    for number, asked in enumerate(rows):
        for cut in (None, 0.9, 7):
            given_back.clear()
            told = call("predict_heart_rows", asked, cut)
            hold(snapshots, f"rows {number} at {cut}", told)
            assert len(given_back) == isinstance(told, dict)


def test_endpoints_about_tables(snapshots, uploaded):
    snapshots.near = 2e-6
    rows = invent_patients(20, seed=7)
    rows[3][0] = "old"
    file = SimpleNamespace(path=uploaded(to_csv(rows, UCI_HEADER)))
    mmol = SimpleNamespace(path=uploaded(b"years,chol\n50,5.2\n61,6.3\n", "mmol.csv"))
    asked: list[tuple[Any, dict[str, Any]]] = [
        (file, {}), (file, {"threshold": 0.9, "format": "csv-semicolon", "rounded": True}),
        (mmol, {}), (mmol, {"columns": {"age": "years"}, "units": '{"chol": "mmol/l"}'}),
        (mmol, {"units": "chol"}), (file, {"decode": "kaggle"}), (file, {"decode": 3}),
        (file, {"threshold": -1}), (file, {"codes": {"sex": {"1": "female", "0": "male"}}}),
        ("nowhere.csv", {}), ({"path": "http://x.y/z"}, {}), (None, {}), (file, {"format": "pdf"}),
        (file, {"columns": {"age": "years"}}),
    ]  # fmt: skip
    for number, (given, options) in enumerate(asked):
        told = call("predict_heart_batch", given, **options)
        written = getattr(told, "path", None)
        lines = Path(written).read_text("utf-8-sig").splitlines() if written else [str(told)]
        lines = [re.sub(r"(\d[.,]\d{7})\d+", r"\1", line) for line in lines]
        snapshots.hold(f"{number}. predicted", lines[:4], alone=True)
        reading = {key: one for key, one in options.items() if key not in ("format", "rounded")}
        told = call("describe_heart_table", given, **reading)
        if isinstance(told, dict):
            told["columns"] = told["columns"][:4]
        hold(snapshots, f"{number}. described", told, 5)


def test_endpoints_about_models_and_the_lesson(snapshots):
    snapshots.near = 2e-6
    for detail in ("short", "full", None, "long", 3):
        told = call("model_info", detail)
        if isinstance(told, dict):
            assert told["versions"] == VERSIONS
            told = {**told, "versions": sorted(VERSIONS), "fast_paths": None}
            model = told["models"]["heart"]
            told["models"] = model if detail == "short" else {k: type(v).__name__ for k, v in
                                                              model.items()}  # fmt: skip
        hold(snapshots, f"info, {detail}", told)
    for values in ((), (0.3, 5, 1), (2,), (0.5, -1), (0.5, 0, 0), (None, None, 3)):
        told = call("heart_report", *values)
        hold(snapshots, f"report {values}", told if isinstance(told, str) else list(told.values()))
    for values in (("h1", 0), ("h1",), ("c1", 99), ("x",), ("h6", "a"), ("h1", 0, "{"),
                   ("h1", 0, {"colour": 1}), (None,)):  # fmt: skip
        hold(snapshots, f"lesson {values}", call("lesson_step", *values), 5)


@pytest.mark.parametrize(
    ("detail", "tool", "short"),
    [(None, True, True), (None, False, False), ("full", True, False), ("short", False, True)],
)
def test_how_much_a_tool_is_told_of_models(monkeypatch, detail, tool, short):
    asker = SimpleNamespace(is_tool=tool)
    monkeypatch.setattr(models.Asker, "current", lambda: asker)
    told = call("model_info", detail)["models"]["heart"]
    assert ("metrics" in told, "evaluation" in told) == (short, not short)


def test_endpoints_that_train(snapshots, tmp_path, monkeypatch):
    snapshots.near = 2e-5
    monkeypatch.setattr(sweeps, "_CACHE", tmp_path)
    small = {"dataset": {"samples": 40}, "training": {"epochs": 3}}
    two = {"values": [2, 3], "members": 2, "epochs": 3}
    asked: list[tuple[str, tuple[Any, ...]]] = [
        ("train_playground", (small,)), ("train_playground", (json.dumps(small),)),
        ("train_playground", ("{",)), ("train_playground", ({"training": {"epochs": 0}},)),
        ("sweep", (two,)), ("sweep", (two, "cpu")), ("sweep", (two, "abacus")), ("sweep", (3,)),
        ("compare_capstone", ({"training": {"epochs": 2}, "dataset": {"samples": 40}},)),
        ("compare_capstone", ({"colour": 1},)), ("run_exercise", ("x",)), ("run_exercise", (None,)),
        ("run_exercise", (9.0,)), ("run_exercise", ("12",)), ("run_exercise", (1.5,)),
    ]  # fmt: skip
    for number, (name, values) in enumerate(asked):
        told = call(name, *values)
        if name == "compare_capstone" and isinstance(told, list):
            told = [told[0], list(told[-1])]
        hold(snapshots, f"{number}. {name}", unsized(without_times(told)), 4)


def test_runs_for_scripts_are_paced_and_made_without_films(monkeypatch):
    asked: list[Any] = []
    config = PlaygroundConfig.parse({"training": {"epochs": 7}})
    result = SimpleNamespace(to_dict=lambda: {"of": "the run"})
    updates = [SimpleNamespace(epoch=k, epochs=9, result=result if k == 3 else None)
               for k in range(1, 4)]  # fmt: skip

    def noted(answer: Any) -> Any:
        return lambda *given, **more: asked.append([*given, more]) or answer

    monkeypatch.setattr(runs, "expect", noted(Expect(3.5, small=True)))
    monkeypatch.setattr(runs, "run_playground", noted(updates))
    told = list(runs.train_playground({"training": {"epochs": 7}}))
    known = [{"epoch": 1, "epochs": 9}, None, None, {"of": "the run"}]
    assert told == [Expect(3.5, small=True), *known]
    assert asked == [[config, {"film": False}]] * 2
    asked.clear()
    news = [
        None,
        *(Progress(0, (2, 3), k, 5) for k in (1, 2)),
        Progress(0, (2, 3), 5, 5, {"a": 1}),
        None,
        Progress(1, (2, 3), 3, 5),
        Progress(1, (2, 3), 5, 5, result={"rows": []}),
    ]
    monkeypatch.setattr(runs, "resumable_sweep", noted(news))
    sweep = {"values": [2, 3], "members": 2, "epochs": 5}
    told = list(runs.sweep(sweep, "cuda"))
    known = SweepConfig.parse(sweep)
    assert asked == [[known, "cuda", {}]]
    assert told[0] == Expect(estimate_sweep(known))
    assert told[1:] == [None, news[1].to_dict(), None, news[3].to_dict(), None, None, {"rows": []}]
    assert told[4]["row"] == {"a": 1}


def without_times(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: without_times(one) for key, one in told.items() if "seconds" not in key}
    return [without_times(one) for one in told] if isinstance(told, list) else told


def test_what_strangers_are_told_of_endpoints(snapshots):
    info = the_app().get_api_info()["named_endpoints"]
    shown = {one.api_name: str(inspect.signature(one.fn)) for one in the_app().fns.values()
             if one.api_visibility == "public"}  # fmt: skip
    hold(snapshots, "signatures", shown)
    answers = {one.api_name: str(one.fn.__annotations__.get("return")) for one in
               the_app().fns.values() if one.api_visibility == "public"}  # fmt: skip
    hold(snapshots, "what is given back", answers)
    content = {"application/json": {"schema": {}}}
    paths = {f"/gradio_api/call/v2{name}": {"post": {"requestBody": {"content": content}}}
             for name in list(info)[:-1]}  # fmt: skip
    document = json.dumps({"info": {"title": "x"}, "paths": paths}).encode()
    made = json.loads(complete_openapi(document, the_app(), "1.2"))
    hold(snapshots, "OpenAPI", [made["openapi"], made["info"]])
    for name, about in made["paths"].items():
        body = about["post"]["requestBody"]["content"]["application/json"]
        named = {key: sorted(one) for key, one in body["schema"]["properties"].items()}
        told = [{**body["schema"], "properties": named}, sorted(
            body["examples"]["example1"]["value"])]  # fmt: skip
        hold(snapshots, f"OpenAPI, {name}", told, 40)
    for name, about in info.items():
        told = {
            one["parameter_name"]: [one["parameter_has_default"], one.get("parameter_default"),
                                    one["label"], type(one["example_input"]).__name__]
            for one in about["parameters"]
        }  # fmt: skip
        told["answers"] = [[one["label"], one["type"]] for one in about["returns"]]
        hold(snapshots, name, [about["description"], told], 40)
    file = {"path": "a.csv", "meta": {"_type": "gradio.FileData"}}
    parameters = [
        {"parameter_name": "file", "parameter_has_default": False, "example_input": file},
        {"parameter_name": "cut", "parameter_has_default": True, "example_input": 0.5},
    ]
    snippets = {
        "bash": "curl -X POST u -F files=@/path/to/your/file x\ncurl -X POST s d \\\n  | read "
        "EVENT_ID; curl -N e/$EVENT_ID",
        "javascript": f"import {{ Client }} from x; run({json.dumps(file)}, 0.5)",
        "cli": "gradio predict s /e '{\"file\": 1}'", "python": "",
    }  # fmt: skip
    document = {"named_endpoints": {
        "/e": {"code_snippets": snippets, "parameters": parameters},
        "/f": {"code_snippets": {**snippets, "cli": "x"}, "parameters": parameters[1:]},
    }}  # fmt: skip
    told = json.loads(complete_info(json.dumps(document).encode()))["named_endpoints"]
    for name, about in told.items():
        for kind, text in about["code_snippets"].items():
            snapshots.hold(f"{name}, {kind}", text.splitlines() or [""], alone=True)


def test_handles_of_files(snapshots, uploaded, tmp_path):
    file = SimpleNamespace(path=uploaded(b"x"))
    inside = {"path": "x", "meta": {"_type": "gradio.FileData"}}
    values: list[Any] = [inside, [inside, {"a": (inside, 3)}], {"path": "x"}, "x", None, [[[]]]]
    hold(snapshots, "found", [len(list(handles(value))) for value in values])
    asked: list[Any] = [
        file, {"path": file.path}, file.path, "http://a.b/c", "/etc/hostname", str(tmp_path), None,
        3, "nul\0", "x" * 9000, {"path": 3}, f"{tmp_path}/../x",
    ]  # fmt: skip
    told = [attempt(lambda one=one: uploaded_path(one).name) for one in asked]
    hold(snapshots, "opened", told)


def test_which_line_each_endpoint_waits_in(snapshots, monkeypatch):
    made: list[Any] = []

    def add(function: Any, told: Any, **how: Any) -> None:
        made.append([function.__name__, len(told), list(told)[-1], how])

    def turns(function: Any, **how: Any) -> Any:
        return SimpleNamespace(__name__=f"{function.__name__}, taking turns {how}")

    monkeypatch.setattr(endpoints, "add_endpoint", add)
    monkeypatch.setattr(endpoints, "takes_turns", turns)
    endpoints.register(lambda: None)  # type: ignore[arg-type, return-value]
    hold(snapshots, "endpoints", made, 20)
    texts: list[Any] = ["", " ", "{}", ' {"a": [1]}', "[1]", "null", "{a" * 40, "[" * 99_999, 3,
                        None, {"a": 1}]  # fmt: skip
    told = [attempt(lambda one=one: parameters.as_object(one, "a field")) for one in texts]
    hold(snapshots, "objects", told, 20)
