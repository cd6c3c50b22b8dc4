"""What a stranger reads of the endpoints, and what calls made from nothing else are answered."""

import json
import random
import re
import urllib.request
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

from classifiers.config import CapstoneConfig, PlaygroundConfig, SweepConfig
from classifiers.data.heart.file import FEATURES
from classifiers.errors import ClassifiersError
from classifiers.recipes.capstone.run import capstone_runs
from classifiers.recipes.exercises import exercises
from classifiers.recipes.guide import steps
from classifiers.recipes.playground.budget import check_budget
from classifiers.recipes.sweep.budget import check_sweep_budget
from tests.clients.test_mcp import talk
from tests.tools.app_client import Caller, upload
from tests.tools.schema_calls import draw

CODED = {
    "sex", "cp", "fbs", "restecg", "exang", "slope", "ca", "thal", "decode", "format", "device",
    "number", "detail", "key",
}  # fmt: skip
ENDPOINTS = {
    "predict_heart", "explain_heart", "predict_heart_rows", "predict_heart_batch",
    "describe_heart_table", "heart_report", "model_info", "train_playground", "compare_capstone",
    "sweep", "run_exercise", "lesson_step",
}  # fmt: skip


def read(url: str) -> dict:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def info(app_url) -> dict[str, dict]:
    named = read(f"{app_url}/gradio_api/info")["named_endpoints"]
    return {name.strip("/"): about for name, about in named.items()}


def options(schema: dict) -> list[dict]:
    return schema.get("anyOf", []) + schema.get("oneOf", []) + [schema]


def lacking(name: str, schema: dict, required: bool) -> list[str]:
    """What a stranger is not told of a parameter."""
    told = {
        "label": schema.get("title") == name,
        "description": re.fullmatch(r"\S.{15,}\.", schema.get("description", "")) is not None,
        "example": schema.get("examples", ["..."])[0] not in ("...", None),
        "default": required or "default" in schema,
        "enum": name not in CODED or any("enum" in one for one in options(schema)),
        "schema": name != "config" or any("properties" in one for one in options(schema)),
        "type": any(one.get("type") or one.get("enum") for one in options(schema)),
    }
    return [f"{name}: {what}" for what, is_told in told.items() if not is_told]


def test_every_parameter_is_told_in_info(info):
    assert set(info) == ENDPOINTS
    missing = []
    for about in info.values():
        assert about["description"].endswith(".")
        for p in about["parameters"]:
            missing += lacking(p["parameter_name"], p["type"], not p["parameter_has_default"])
            assert p["label"] == p["parameter_name"]
            assert p["python_type"]["description"] == p["type"]["description"]
            assert p["example_input"] == p["type"]["examples"][0]
    assert missing == []


def test_every_parameter_is_told_in_openapi(app_url, info):
    document = read(f"{app_url}/gradio_api/openapi.json")
    assert document["openapi"] == "3.1.0"
    missing = []
    for name, about in info.items():
        content = document["paths"][f"/gradio_api/call/v2/{name}"]["post"]["requestBody"]["content"]
        schema = content["application/json"]["schema"]
        assert list(schema["properties"]) == [p["parameter_name"] for p in about["parameters"]]
        for key, part in schema["properties"].items():
            missing += lacking(key, part, key in schema["required"])
        example = content["application/json"]["examples"]["example1"]["value"]
        if "file" not in example:
            Draft202012Validator(schema).validate(example)
    assert missing == []


def test_every_parameter_is_told_to_tools(app_url, info):
    listed = talk(app_url, lambda session: session.list_tools())
    tools = {tool.name: tool.inputSchema for tool in listed.tools}
    assert set(tools) == ENDPOINTS
    missing = []
    for name, schema in tools.items():
        Draft202012Validator.check_schema(schema)
        assert set(schema["properties"]) == {p["parameter_name"] for p in info[name]["parameters"]}
        for key, part in schema["properties"].items():
            missing += lacking(key, part, key in schema.get("required", []))
            assert "$ref" not in json.dumps(part)
    assert missing == []


@pytest.mark.parametrize("config", [PlaygroundConfig, CapstoneConfig, SweepConfig])
def test_every_setting_of_a_config_is_told(info, config):
    endpoint = {
        PlaygroundConfig: "train_playground", CapstoneConfig: "compare_capstone",
        SweepConfig: "sweep",
    }[config]  # fmt: skip

    def check(schema: dict, fields: dict) -> None:
        for key, field in fields.items():
            part = schema["properties"][key]
            assert part["description"].endswith("."), key
            if hasattr(field.annotation, "model_fields"):
                check(part, field.annotation.model_fields)

    check(options(info[endpoint]["parameters"][0]["type"])[0], config.model_fields)


LIMITS = {
    "train_playground": lambda value: check_budget(PlaygroundConfig.parse(value), film=False),
    "compare_capstone": lambda value: [
        check_budget(run, film=False) for run in capstone_runs(CapstoneConfig.parse(value)).values()
    ],
    "sweep": lambda value: check_sweep_budget(SweepConfig.parse(value)),
}


def test_codes_and_limits_that_are_told_are_those_that_hold(app_url, info):
    told = {p["parameter_name"]: p for p in info["predict_heart"]["parameters"]}
    rows: list[tuple[dict, bool]] = []
    for about in FEATURES:
        (schema, _) = told[about.name]["type"]["anyOf"]
        if about.kind == "numerical":
            low, high = schema["minimum"], schema["maximum"]
            values = {low: True, high: True, low - 1: False, high + 1: False}
            rows += [({about.name: value}, right) for value, right in values.items()]
        else:
            codes = {code.value for code in about.codes} | {code.label for code in about.codes}
            words = {v for v in schema["enum"] if not isinstance(v, bool)}
            assert {str(v) for v in words} == {str(v) for v in codes}, about.name
            rows += [({about.name: value}, True) for value in schema["enum"]]
    answers = Caller(app_url)("predict_heart_rows", [row for row, _ in rows], None)["rows"]
    for (row, right), answer in zip(rows, answers, strict=True):
        assert (answer["error"] is None) is right, (row, answer)


def test_every_word_that_is_told_is_taken(app_url, info):
    call, handle = Caller(app_url), upload(app_url)
    (format_,) = [p for p in info["predict_heart_batch"]["parameters"] if "format" in p["label"]]
    for word in [None, *options(format_["type"])[0]["enum"]]:
        assert call("predict_heart_batch", handle, None, None, None, None, None, word)["path"]
    for word in options(info["model_info"]["parameters"][0]["type"])[0]["enum"]:
        assert call("model_info", word)["source"]


def test_a_schema_refuses_names_that_the_endpoint_refuses(app_url, info):
    validator = Draft202012Validator(info["predict_heart_rows"]["parameters"][0]["type"])
    for row, right in (({"age": 61}, True), ({"agee": 61}, False)):
        assert validator.is_valid([row]) is right
        (answer,) = Caller(app_url)("predict_heart_rows", [row], None)["rows"]
        assert (answer["error"] is None) is right


# What is true of a file cannot be drawn by who has not seen it.
OF_THE_FILE = ("decode", "units", "codes", "columns")
CALLS = 25  # an endpoint


def test_calls_drawn_from_the_schema_alone_are_accepted(app_url, info):
    call, rng = Caller(app_url), random.Random(7)
    handle = upload(app_url)
    accepted, refused = Counter(), []
    for name, about in sorted(info.items()):
        for _ in range(CALLS):
            values = {
                p["parameter_name"]: draw(p["type"], rng)
                if p["parameter_name"] not in ("file", *OF_THE_FILE)
                else p["parameter_default"]
                for p in about["parameters"]
            }
            if "file" in values:
                values["file"] = handle
            problem = refusal(call, name, values)
            accepted[name] += problem is None
            if problem is not None:
                refused.append((name, problem, set(values)))
    assert sum(accepted.values()) >= 0.95 * CALLS * len(info), (accepted, refused)
    for name, problem, known in refused:  # none but for its cost, which a schema cannot tell
        field = re.match(r"[\w.]+(?=: )", problem)
        assert field, (name, problem)
        assert name in LIMITS or field[0] in known
        assert name not in LIMITS or "may take at most about" in problem, (name, problem)


def refusal(call: Caller, name: str, values: dict) -> str | None:
    """Why a call is refused; runs are only looked at, since they may take two minutes each."""
    if name in ("run_exercise", "lesson_step"):
        return None  # the enums are compared with what there is, and examples are run below
    if name in LIMITS:
        try:
            LIMITS[name](values["config"])
        except ClassifiersError as error:
            return str(error)
        return None
    status, answer = call.ask(name, json.dumps({"data": list(values.values())}))
    return None if status == 200 else answer["error"]


def test_exercises_and_steps_are_those_that_there_are(info):
    told = info["run_exercise"]["parameters"][0]["type"]["enum"]
    assert [str(number) for number in told] == list(exercises())
    assert info["lesson_step"]["parameters"][0]["type"]["enum"] == list(steps())


def test_the_examples_are_calls_that_work(app_url, info):
    call = Caller(app_url)
    for name, about in info.items():
        values = [p["example_input"] for p in about["parameters"]]
        if "file" not in [p["parameter_name"] for p in about["parameters"]]:
            assert call(name, *values), name


def test_a_config_may_be_sent_as_text(app_url):
    call = Caller(app_url)
    told = call("train_playground", '{"training": {"epochs": 3}}')
    assert told["config"]["training"]["epochs"] == 3
    status, answer = call.ask("train_playground", '{"data": ["{epochs"]}')
    assert (status, answer["error"].split(":")[0]) == (500, "config")


def test_unknown_parameters_and_endpoints_are_answered_in_a_sentence(app_url):
    call = Caller(app_url)
    for path, body, start in (
        ("v2/predict_heart", {"agee": 61}, "agee: is no parameter of /predict_heart"),
        ("v2/run_exercise", {}, "number: is missing from /run_exercise"),
        ("predict", {"data": []}, "/predict: there is no such endpoint"),
    ):
        status, answer = call._send("POST", f"/gradio_api/call/{path}", json.dumps(body).encode())
        assert status in (400, 404)
        assert json.loads(answer)["error"].startswith(start)
