"""The app as an MCP server: the official client lists its tools and calls one."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from tests.conftest import ROOT
from tests.tools.app_client import upload

mcp = pytest.importorskip("mcp", reason="the mcp package is not installed")
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]


def talk(url: str, work):
    """Runs `work(session)` in a session of its own."""

    async def session():
        async with (
            streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write) as opened,
        ):
            await opened.initialize()
            return await work(opened)

    # In a thread of its own: a browser test before this one may have left its event loop running.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, session()).result()


def call(url: str, tool: str, arguments: dict, **how):
    """The answer of a tool that works."""
    answer = talk(url, lambda session: session.call_tool(tool, arguments, **how))
    assert not answer.isError, answer.content
    assert json.loads(answer.content[0].text) == answer.structuredContent
    return answer.structuredContent


def test_a_tool_answers_as_the_model_does(app_url):
    said = call(app_url, "predict_heart", {**PATIENT, "threshold": None})
    own = HeartModel.load(ROOT / "weights" / "heart").predict(PATIENT)
    assert said["probability"] == pytest.approx(own.probability, abs=1e-9)
    assert said["model"]["source"] == "weights/heart"


@pytest.mark.parametrize(
    ("tool", "arguments", "start"),
    [
        ("predict_heart", {"age": 999}, "age: must be a number from 0 to 120"),
        ("predict_heart", {"age": "old"}, "age: must be a number"),
        ("predict_heart", {"sex": {"is": "male"}}, "sex: must be one of its codes"),
        ("predict_heart", {"agee": 9}, "agee: is no parameter of predict_heart"),
        ("explain_heart", {"threshold": [1]}, "threshold: must be a number from 0 to 1"),
        ("predict_heart_rows", {"rows": "x"}, "rows: must be a JSON object"),
        ("predict_heart_rows", {"rows": [3]}, "rows.0: must be a JSON object"),
        ("predict_heart_rows", {}, "rows: is missing"),
        ("describe_heart_table", {"file": "patients.csv"}, "file: must be the http"),
        ("predict_heart_batch", {"file": "http://127.0.0.1:9/x.csv"}, "file: must be an uploaded"),
        ("heart_report", {"cost_false_positive": "dear"}, "cost_false_positive: must be a number"),
        ("model_info", {"detail": 3}, "detail: must be short, full or null"),
        ("train_playground", {"config": [1]}, "config: must be a JSON object"),
        ("train_playground", {"config": {"training": {"epochs": "x"}}}, "training.epochs: "),
        ("compare_capstone", {"config": {"good": 3}}, "good: "),
        ("sweep", {"config": {"over": "colour"}}, "over: "),
        ("sweep", {"device": "tpu"}, "device: "),
        ("run_exercise", {"number": 99}, "number: must be one of"),
        ("lesson_step", {"key": "h1", "option": 99}, "option: must be the number of an option"),
        ("nothing", {}, "nothing: there is no such tool"),
    ],
)
def test_a_tool_called_wrongly_says_what_is_wrong(app_url, tool, arguments, start):
    answer = talk(app_url, lambda session: session.call_tool(tool, arguments))
    assert answer.isError
    assert answer.content[0].text.startswith(start)


def test_an_error_names_its_field_where_progress_is_told_too(app_url):
    async def ask(session):
        return await session.call_tool(
            "run_exercise", {"number": 99}, progress_callback=lambda *_: asyncio.sleep(0)
        )

    assert talk(app_url, ask).content[0].text.startswith("number: must be one of")


def test_progress_is_told_as_it_goes(app_url):
    heard = []

    async def hear(done: float, whole: float | None, message: str | None) -> None:
        heard.append((done, whole, message))

    config = json.dumps({"training": {"epochs": 4000}})
    result = call(app_url, "train_playground", {"config": config}, progress_callback=hear)
    assert result["config"]["training"]["epochs"] == 4000
    epochs = [done for done, whole, _ in heard if whole == 4000]
    assert len(epochs) > 1
    assert epochs == sorted(epochs)


class Stranger:
    """Knows of the tools what it is told, and of the question a few words: it looks for them in
    what tools and their parameters say of themselves, and fills in the values beside them."""

    def __init__(self, session, tools) -> None:
        self.session, self.tools = session, tools

    async def solve(self, task: str, **values):
        tool = max(self.tools, key=lambda tool: self._fits(tool, task.split(), values))
        known = tool.inputSchema["properties"]
        arguments = {self._parameter(known, words): value for words, value in values.items()}
        answer = await self.session.call_tool(tool.name, arguments)
        assert not answer.isError, (tool.name, answer.content)
        return tool.name, answer.structuredContent

    def _fits(self, tool, words, values) -> float:
        text = f"{tool.name} {tool.description}".lower()
        parameters = tool.inputSchema["properties"]
        said = sum(word in text for word in words)
        return said + 2 * sum(self._parameter(parameters, words) is not None for words in values)

    @staticmethod
    def _parameter(known: dict, words: str) -> str | None:
        """The parameter that says these words of itself (their blanks written _)."""
        wanted = words.replace("_", " ")
        for name, schema in known.items():
            if wanted in f"{name} {schema['description']}".lower():
                return name
        return None


TASKS = [
    ("risk of one patient", {"age_of_the_patient": 61, "sex": "male"}, "predict_heart",
     lambda told: 0 < told["probability"] < 1),
    ("risk of one patient", {"cholesterol": 268, "heart_rate": 128, "chest_pain": "asymptomatic"},
     "predict_heart", lambda told: {w["field"] for w in told["warnings"]}.isdisjoint(["chol"])),
    ("risk of one patient decision", {"age_of": 70, "exercise_brought": 1, "called_from": 0.9},
     "predict_heart", lambda told: told["threshold"] == 0.9),
    ("shapley values log-odds of one patient", {"age_of": 61, "thallium": "reversible defect"},
     "explain_heart", lambda told: len(told["contributions"]) == 13),
    ("risk of every patient json rows", {"patients": [{"age": 50}, {"age": 60, "sex": "female"}]},
     "predict_heart_rows", lambda told: len(told["rows"]) == 2),
    ("risk of every patient json rows", {"patients": [{"age": -5}]},
     "predict_heart_rows", lambda told: told["rows"][0]["error"].startswith("age: ")),
    ("confusion counts metric interval", {"cost_of_a_missed": 5, "cost_of_a_false": 1},
     "heart_report", lambda told: told["costs"]["false_negative"] == 5),
    ("metadata of the loaded models versions", {},
     "model_info", lambda told: len(json.dumps(told)) < 3000),
    ("metadata of the loaded models versions", {"all_of_the_model": "full"},
     "model_info", lambda told: "golden" in told["models"]["heart"]),
    ("trains one playground run", {"playgroundconfig": {"training": {"epochs": 5}}},
     "train_playground", lambda told: 0 <= told["metrics"]["test_accuracy"] <= 1),
    ("trains one setting at several values",
     {"sweepconfig": {"values": [2, 4], "members": 2, "epochs": 5}},
     "sweep", lambda told: len(told["rows"]) == 2),
    ("runs one of the lesson's exercises", {"number_of_the_exercise": 2},
     "run_exercise", lambda told: told["number"] == 2),
]  # fmt: skip


def test_a_client_that_knows_the_schemas_only_solves_twelve_tasks(app_url):
    async def work(session):
        stranger = Stranger(session, (await session.list_tools()).tools)
        return [await stranger.solve(task, **values) for task, values, _, _ in TASKS]

    assert len(TASKS) == 12
    for (task, _, tool, right), (chosen, told) in zip(TASKS, talk(app_url, work), strict=True):
        assert chosen == tool, task
        assert right(told), (task, told)


def test_a_table_that_was_uploaded_is_told_to_a_tool_by_its_address(app_url):
    address = f"{app_url}/gradio_api/file={upload(app_url)['path']}"
    told = call(app_url, "describe_heart_table", {"file": address})
    assert told["rows"] == 2


@pytest.mark.parametrize(
    "address", ["http://x/gradio_api/file=/etc/passwd", {"path": "/etc/passwd"}, 3, None]
)
def test_no_file_but_an_upload_is_read_for_a_tool(app_url, address):
    answer = talk(app_url, lambda s: s.call_tool("describe_heart_table", {"file": address}))
    assert answer.isError
    assert answer.content[0].text.startswith("file: must be")
