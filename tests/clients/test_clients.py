"""Every endpoint by every client: a call that works, a value of a wrong type, a wrong value."""

import json

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.clients.test_mcp import talk
from tests.tools.app_client import Caller, upload

TABLE = "age,sex,cp,thal\n61,male,4,reversible defect\n42,female,3,\n"
QUICK = {"training": {"epochs": 3}}
# What works; then, each with the field that the error starts with, a wrong type and a wrong value.
CASES = {
    "predict_heart": ({"age": 61, "sex": "male"}, ("age", "old"), ("thal", "odd")),
    "explain_heart": ({"age": 61, "cp": 4}, ("chol", [1]), ("threshold", 2)),
    "predict_heart_rows": ({"rows": [{"age": 61}]}, ("rows", {"age": 61}), ("threshold", -1)),
    "predict_heart_batch": ({"file": "FILE"}, ("units", [1]), ("format", "pdf")),
    "describe_heart_table": ({"file": "FILE"}, ("codes", 3), ("decode", "nobody's")),
    "heart_report": ({"threshold": 0.3}, ("cost_false_negative", "dear"), ("threshold", 7)),
    "model_info": ({"detail": "short"}, ("detail", 3), ("detail", "long")),
    "train_playground": ({"config": QUICK}, ("config", [1]), ("config", {"colour": 1})),
    "compare_capstone": ({"config": QUICK}, ("config", 3), ("config", {"good": {"width": 0}})),
    "sweep": (
        {"config": {"values": [2], "members": 1, "epochs": 3}, "device": "cpu"},
        ("config", "{"),
        ("device", "tpu"),
    ),
    "run_exercise": ({"number": 2}, ("number", {"a": 1}), ("number", 99)),
    "lesson_step": ({"key": "h1", "option": 1}, ("option", {"a": 1}), ("key", "h99")),
}  # fmt: skip
# Where an error names a setting inside the parameter.
INSIDE = {"colour": "config", "good.width": "config"}


class Refused(Exception):
    """What a client was answered in place of a result."""


@pytest.fixture(scope="module")
def clients(app_url, tmp_path_factory):
    """By name: a function that calls an endpoint with values by parameter, or raises Refused."""
    raw, kind = Caller(app_url), Client(app_url, verbose=False)
    table = tmp_path_factory.mktemp("table") / "patients.csv"
    table.write_text(TABLE)
    handle = upload(app_url)
    address = f"{app_url}/gradio_api/file={handle['path']}"

    def put(values: dict, file: object) -> dict:
        return {name: file if value == "FILE" else value for name, value in values.items()}

    def by_http(name: str, values: dict):
        body = json.dumps(put(values, handle)).encode()
        _, sent = raw._send("POST", f"/gradio_api/call/v2/{name}", body)
        _, stream = raw._send("GET", f"/gradio_api/call/{name}/{json.loads(sent)['event_id']}", b"")
        event, _, data = stream.decode().strip().rpartition("event: ")[2].partition("\ndata: ")
        if event == "error":
            raise Refused(json.loads(data)["error"])
        return json.loads(data)[0]

    def by_gradio_client(name: str, values: dict):
        try:
            return kind.predict(**put(values, handle_file(table)), api_name=f"/{name}")
        except AppError as error:
            raise Refused(str(error)) from None

    def by_tool(name: str, values: dict):
        answer = talk(app_url, lambda s: s.call_tool(name, put(values, address)))
        if answer.isError:
            raise Refused(answer.content[0].text)
        return answer.structuredContent or answer.content[0].text

    return {"http": by_http, "gradio_client": by_gradio_client, "mcp": by_tool}


@pytest.mark.parametrize("client", ["http", "gradio_client", "mcp"])
@pytest.mark.parametrize("name", CASES)
def test_a_call_works_and_wrong_ones_name_the_field(clients, client, name):
    call, (valid, *wrong) = clients[client], CASES[name]
    assert call(name, valid)
    for field, value in wrong:
        with pytest.raises(Refused) as caught:
            call(name, {**valid, field: value})
        named = str(caught.value).partition(": ")[0]
        assert INSIDE.get(named, named) == field, str(caught.value)


def test_news_come_as_they_happen_by_every_client(app_url):
    config = {"training": {"epochs": 3000}}
    job = Client(app_url, verbose=False).submit(config, api_name="/train_playground")
    by_gradio_client = [news.get("epoch") for news in job]
    raw = Caller(app_url)
    body = json.dumps({"data": [config]}).encode()
    _, answer = raw._send("POST", "/gradio_api/call/train_playground", body)
    path = f"/gradio_api/call/train_playground/{json.loads(answer)['event_id']}"
    _, stream = raw._send("GET", path, b"")
    by_http = stream.decode().count("event: generating")
    assert len(by_gradio_client) > 2
    assert by_http > 2
