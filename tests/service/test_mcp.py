"""The app as an MCP server: the official client lists its tools and calls one."""

import ast
import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from tests.conftest import ROOT

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


def test_the_public_endpoints_are_tools_with_their_docstrings(app_url):
    listed = talk(app_url, lambda session: session.list_tools())
    tools = {tool.name: tool for tool in listed.tools}
    for name in (
        "predict_heart", "predict_heart_batch", "describe_heart_table", "explain_heart",
        "heart_report", "model_info",
        "train_playground", "compare_capstone", "sweep", "run_exercise",
    ):  # fmt: skip
        assert name in tools, name
        assert len(tools[name].description) > 20
    predict = tools["predict_heart"]
    assert "Risk of heart disease of one patient" in predict.description
    properties = predict.inputSchema["properties"]
    assert "heart rate" in properties["thalach"]["description"]


def test_a_tool_answers_as_the_model_does(app_url):
    arguments = {**PATIENT, "threshold": None}
    answer = talk(app_url, lambda session: session.call_tool("predict_heart", arguments))
    assert not answer.isError
    own = HeartModel.load(ROOT / "weights" / "heart").predict(PATIENT)
    said = ast.literal_eval(answer.content[0].text)  # Gradio sends a dict as Python writes it
    assert said["probability"] == pytest.approx(own.probability, abs=1e-9)
    assert said["model"]["source"] == "weights/heart"


def test_a_tool_called_wrongly_says_what_is_wrong(app_url):
    answer = talk(app_url, lambda session: session.call_tool("predict_heart", {"age": 999}))
    assert answer.isError
    assert "age: must be a number from 0 to 120" in answer.content[0].text
