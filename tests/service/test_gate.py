"""The gate before Gradio's routes: what it lets through, and in which words it refuses."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from classifiers.ui.gradio_internals import LastingQueue
from classifiers.ui.server import gate
from classifiers.ui.server.gate import Refusal, check_body, visitor
from tests.tools.app_client import run_async

ENDPOINTS = {"predict_heart", "sweep"}
JOIN = {"data": [], "fn_index": 3, "session_hash": "a1-_Z"}


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("queue/join", JOIN),
        ("queue/join", {**JOIN, "trigger_id": 7, "event_data": None}),
        ("cancel", {"session_hash": "a", "fn_index": 0, "event_id": "b"}),
        ("call/predict_heart", {"data": [1]}),
        ("call/predict_heart/", {"data": [1], "session_hash": "a"}),
        ("call/v2/sweep", {"config": {}, "session_hash": 7}),
    ],
)
def test_what_the_page_and_clients_send_passes(route, body):
    check_body(route, body, ENDPOINTS)


@pytest.mark.parametrize(
    ("route", "body", "start"),
    [
        ("queue/join", {**JOIN, "session_hash": ""}, "session_hash: "),
        ("queue/join", {**JOIN, "session_hash": None}, "session_hash: "),
        ("queue/join", {**JOIN, "session_hash": 7}, "session_hash: "),
        ("queue/join", {**JOIN, "session_hash": ["a"]}, "session_hash: "),
        ("queue/join", {**JOIN, "session_hash": "a" * 65}, "session_hash: "),
        ("queue/join", {**JOIN, "session_hash": "a\n"}, "session_hash: "),
        ("queue/join", {**JOIN, "fn_index": "3"}, "fn_index: "),
        ("queue/join", {**JOIN, "fn_index": True}, "fn_index: "),
        ("queue/join", {**JOIN, "fn_index": -1}, "fn_index: "),
        ("queue/join", {**JOIN, "fn_index": None}, "fn_index: "),
        ("queue/join", {**JOIN, "data": {"0": 1}}, "data: "),
        ("cancel", {"session_hash": "", "fn_index": 0}, "session_hash: "),
        ("call/predict_heart", {"data": [1], "session_hash": ""}, "session_hash: "),
        ("call/predict_heart", {}, "data: "),
        ("call/nothing", {"data": []}, "/nothing: there is no such endpoint"),
        ("call/v2/nothing", {}, "/nothing: there is no such endpoint"),
    ],
)
def test_what_gradio_would_stumble_over_is_refused(route, body, start):
    with pytest.raises(Refusal) as caught:
        check_body(route, body, ENDPOINTS)
    assert caught.value.sentence.startswith(start)
    assert caught.value.status in (400, 404)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"data": ["\\ud800"]}'],
    ids=["empty", "cut", "list", "text", "bytes", "deep", "half a character"],
)
def test_a_body_that_is_no_object_is_refused(content):
    with pytest.raises(Refusal) as caught:
        gate._parse(content)
    assert caught.value.sentence.startswith("body: must be ")
    assert caught.value.status == 400


def test_nan_passes_since_fields_name_it():
    assert gate._parse(b'{"data": [NaN]}')["data"][0] != 0


def read(*parts: bytes, ends: bool = True) -> bytes:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ends:
        messages[-1]["more_body"] = False
    else:
        messages.append({"type": "http.disconnect"})

    async def receive():
        return messages.pop(0)

    return run_async(gate._read(receive, gate._MOST_BODY))


def test_a_body_is_read_whole_within_its_limit_or_refused(monkeypatch):
    assert read(b"ab", b"c") == b"abc"
    with pytest.raises(Refusal, match="cut off"):
        read(b"ab", ends=False)
    monkeypatch.setattr(gate, "_MOST_BODY", 10)
    with pytest.raises(Refusal, match="at most 10 bytes") as caught:
        read(b"a" * 6, b"b" * 6)
    assert caught.value.status == 413


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(gate, "_BODY_SECONDS", 0.01)

    async def never():
        await asyncio.sleep(60)

    with pytest.raises(Refusal, match="took longer") as caught:
        run_async(gate._read(never, gate._MOST_BODY))
    assert caught.value.status == 408


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("8.8.8.8, 10.0.0.1", "8.8.8.8"),
        ("1.1.1.1, 8.8.8.8, 10.0.0.1, 172.16.0.1", "8.8.8.8"),  # what stands first was made up
        ("2001:4860:4860::8888", "2001:4860:4860::/64"),
        ("10.0.0.1", None),
        ("8.8.8.8, 100.64.0.1", "8.8.8.8"),  # of a carrier: neither private nor public
        ("nonsense, ", None),
    ],
)
def test_a_visitor_is_the_last_public_address_that_the_proxies_forwarded(forwarded, address):
    found = visitor({"headers": [(b"x-forwarded-for", forwarded.encode())]})
    assert (found and found[0]) == address


class Blocks:
    """As much of Blocks as the gate looks at."""

    def __init__(self) -> None:
        self.fns = {}
        self._queue = LastingQueue(False, 1, 1, None, self, 1)

    def get_blocks(self):
        return self


def ask(
    app, blocks: Blocks, method: str, path: str, query: bytes = b"", body: bytes = b"{}", **more
):
    """Status and JSON of what the gate answers."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    run_async(gate.Gate(app)({**scope, "headers": [], "app": blocks, **more}, receive, send))
    content = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], content


async def answer_ok(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": (await receive())["body"]})


@pytest.mark.parametrize("route", ["run/predict_heart", "run/predict", "api/sweep/"])
def test_the_way_past_the_queue_is_closed(route):
    status, content = ask(answer_ok, Blocks(), "POST", f"/gradio_api/{route}")
    assert status == 404
    assert "is closed" in json.loads(content)["error"]


@pytest.mark.parametrize("route", ["process_recording", "component_server", "vibe-edit", "x"])
def test_only_what_the_app_uses_can_be_posted_to(route):
    assert ask(answer_ok, Blocks(), "POST", f"/gradio_api/{route}")[0] == 404
    assert ask(answer_ok, Blocks(), "POST", "/elsewhere")[0] == 404


def test_a_body_is_passed_on_as_it_came():
    body = json.dumps({**JOIN, "data": [1.5, None]}).encode()
    status, content = ask(answer_ok, Blocks(), "POST", "/gradio_api/queue/join", body=body)
    assert (status, content) == (200, body)


def test_an_error_in_a_route_is_answered_in_words_and_not_traced(capsys):
    async def broken(scope, receive, send):
        raise KeyError("sick patient")

    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("sick patient")

    status, content = ask(broken, Blocks(), "GET", "/gradio_api/info")
    assert status == 500
    assert json.loads(content)["error"].startswith("server: ")
    assert ask(half, Blocks(), "GET", "/gradio_api/info")[0] == 200
    log = capsys.readouterr().err
    assert log.count("KeyError") == 2
    assert "Traceback" not in log
    assert "sick" not in log


def test_the_queue_knows_who_is_listening():
    blocks = Blocks()
    blocks._queue.pending_messages_per_session["one"] = asyncio.Queue()
    seen = []

    async def stream(scope, receive, send):
        seen.append(dict(blocks._queue._listeners))
        await answer_ok(scope, receive, send)

    path, query = "/gradio_api/queue/data", b"session_hash=one"
    assert ask(stream, blocks, "GET", path, query)[0] == 200
    assert seen == [{"one": 1}]
    assert not blocks._queue._listeners
    assert ask(stream, blocks, "GET", path, b"session_hash=two")[0] == 404
    assert ask(stream, blocks, "GET", "/gradio_api/call/x/unknown")[0] == 404
    blocks._queue.pending_event_ids_session["one"] = {"event"}
    assert ask(stream, blocks, "GET", "/gradio_api/call/x/event")[0] == 200
    assert seen == [{"one": 1}] * 2


def test_whose_call_a_stream_is_of_is_told_by_its_event():
    blocks, seen = Blocks(), []
    blocks._queue.pending_event_ids_session.update({"one": {"a", "b"}, "two": {"c"}})
    blocks._queue.event_ids_to_events["d"] = SimpleNamespace(session_hash="three")

    async def stream(scope, receive, send):
        seen.append(dict(blocks._queue._listeners))
        await answer_ok(scope, receive, send)

    for event in ("b", "c", "c/", "d"):
        assert ask(stream, blocks, "GET", f"/gradio_api/call/x/{event}")[0] == 200
    assert seen == [{"one": 1}, {"two": 1}, {"two": 1}, {"three": 1}]


@pytest.mark.parametrize(
    ("space", "forwarded", "client"),
    [
        (False, [b"8.8.8.8"], ("9.9.9.9", 1)),
        (True, [b"8.8.8.8"], ("8.8.8.8", 0)),
        (True, [b"10.0.0.1"], ("9.9.9.9", 1)),
        (True, [], ("9.9.9.9", 1)),
        (True, [b"8.8.8.8, 8.8.4.4", b"10.0.0.1"], ("8.8.4.4", 0)),
        (True, [b"8.8.8.8", b"1.1.1.1, 8.8.4.4"], ("8.8.4.4", 0)),  # the first was made up
    ],
)
def test_behind_the_proxies_of_a_space_a_visitor_is_whom_they_name(
    monkeypatch, space, forwarded, client
):
    monkeypatch.setenv("SYSTEM", "spaces" if space else "")
    monkeypatch.setenv("SPACE_ID", "user/app")
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"])
        await answer_ok(scope, receive, send)

    headers = [(b"x-forwarded-for", one) for one in forwarded]
    ask(app, Blocks(), "GET", "/", headers=headers, client=("9.9.9.9", 1))
    assert seen == [client]


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes(kind):
    seen = []

    async def app(*given):
        seen.append(given)

    given = ({"type": kind}, "receive", "send")
    run_async(gate.Gate(app)(*given))
    assert seen == [given]
