"""What stands before Gradio for uploads and for its page, with a made-up app behind it: what gets
through, what is answered; held against what was looked at and kept.
"""

import asyncio
import errno
import json
import logging
from types import SimpleNamespace
from typing import Any

import gradio.routes
import pytest

from classifiers.errors import BudgetError
from classifiers.ui.server import gate, page_cache, storage, upload_gate
from classifiers.ui.server.packing import Packed
from classifiers.ui.server.page_cache import PageCache
from classifiers.ui.server.storage import Room
from classifiers.ui.server.upload_gate import UploadGate
from tests.answers.thinned import hold
from tests.tools.app_client import run_async

START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]}


def answered(sent: list[Any]) -> list[Any]:
    """Messages with their headers and bodies as text."""
    told = []
    for one in sent:
        headers = [[k.decode(), v.decode()] for k, v in one.get("headers", [])]
        told.append([one.get("status"), headers, one["body"].decode() if "body" in one else None])
    return told


def asked(app: Any, receive: Any = None, /, **scope: Any) -> list[Any]:
    """What an app answers, or the error that it ends with."""
    sent: list[Any] = []
    usual = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "query_string": b"",
             "headers": []}  # fmt: skip

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        run_async(app({**usual, **scope}, receive, send))
    except Exception as error:
        return [*answered(sent), repr(error)]
    return answered(sent)


@pytest.fixture(autouse=True)
def room(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    own = Room()
    monkeypatch.setattr(upload_gate, "ROOM", own)
    return own


def route(*messages: Any, fails: Exception | None = None) -> Any:
    async def behind(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        if fails is not None:
            raise fails

    return UploadGate(behind)


def refused(status: int, body: bytes) -> list[dict[str, Any]]:
    return [{**START, "status": status}, {"type": "http.response.body", "body": body}]


def test_how_an_upload_ends(snapshots, caplog):
    body = {"type": "http.response.body", "body": b"[]"}
    ends: dict[str, Any] = {
        "well": route(START, body), "at 399": route({**START, "status": 399}, body),
        "refused": route(*refused(400, b"no")), "too large": route(*refused(413, b"File size x")),
        "a long name": route(*refused(413, b"name")),
        "no body": route({**START, "status": 404}, {"type": "http.response.body"}),
        "no room": route(fails=BudgetError("file", "is full")), "slow": route(fails=TimeoutError()),
        "odd": route(fails=ValueError("x")), "disk": route(fails=OSError(errno.ENOSPC, "x")),
        "broken disk": route(fails=OSError(errno.EIO, "I/O error")),
        "a defect": route(fails=RuntimeError("x")),
        "a defect after it began": route(START, fails=RuntimeError("x")),
        "odd after it began": route(START, fails=ValueError("x")),
        "left": route(fails=upload_gate.ClientDisconnect()),
    }  # fmt: skip
    caplog.set_level(logging.ERROR)
    for name, door in ends.items():
        caplog.clear()
        told = asked(door)
        places = door._places._value
        hold(snapshots, name, [*told, [one.getMessage() for one in caplog.records], places])


def test_what_passes_the_gate_for_uploads(snapshots, monkeypatch):
    form = [(b"content-type", b" Multipart/form-data; x")]
    heads: dict[str, dict[str, Any]] = {
        "upload": {}, "with a slash": {"path": "/gradio_api/upload/"}, "got": {"method": "GET"},
        "below a root": {"path": "/a/gradio_api/upload"},
        "another": {"path": "/gradio_api/uploads"},
        "form": {"headers": form}, "form elsewhere": {"headers": form, "path": "/x"},
        "got form": {"headers": form, "method": "GET"},
        "two ids": {"query_string": b"upload_id=a&upload_id=b"},
        "a bad one of two": {"query_string": b"upload_id=a&upload_id=b/"},
        "two that are known": {"query_string": b"upload_id=b&upload_id=" + b"x" * 64},
        "64": {"query_string": b"upload_id=" + b"x" * 64},
        "65": {"query_string": b"upload_id=" + b"x" * 65},
        "no text": {"query_string": b"upload_id=\xff"},
        "progress": {"path": "/upload_progress", "method": "GET", "query_string": b"upload_id=%20"},
        "elsewhere": {"path": "/x", "query_string": b"upload_id=a/b"},
        "as long as may be": {"headers": [(b"content-length", b"%d" % upload_gate.BODY_BYTES)]},
        "longer": {"headers": [(b"content-length", b"%d" % (upload_gate.BODY_BYTES + 1))]},
        "long elsewhere": {"path": "/x", "headers": [(b"content-length", b"99999999")]},
        "a socket": {"type": "websocket"},
    }  # fmt: skip
    ended: list[str] = []
    known = SimpleNamespace(
        _statuses={"b": 1, "x" * 64: 1}, _signals={"a": 1}, set_done=ended.append
    )
    monkeypatch.setattr(gradio.routes, "file_upload_statuses", known)
    for name, scope in heads.items():
        ended.clear()
        told = asked(route(START, {"type": "http.response.body", "body": b"through"}), **scope)
        hold(snapshots, name, [*told, *ended])


def test_how_much_of_a_body_is_read_and_who_waits(snapshots, monkeypatch, room):
    seen: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        seen.append([room._promised, door._places._value])
        while True:
            message = await receive()
            seen.append(len(message["body"]))
            if not message["more_body"]:
                break
        await send(START)

    door = UploadGate(behind)
    monkeypatch.setattr(upload_gate, "BODY_BYTES", 10_000)
    for sizes, told in (((4000, 6000), None), ((4000, 6001), None), ((5,), b"5"), ((5,), b"4097")):
        left = [{"type": "http.request", "body": b"x" * size, "more_body": True} for size in sizes]
        left[-1]["more_body"] = False

        async def receive(left: Any = left) -> Any:
            return left.pop(0)

        seen.clear()
        headers = [] if told is None else [(b"content-length", told), (b"content-length", b"9")]
        answer = asked(door, receive, headers=headers)
        hold(snapshots, f"{sizes}, {told}", [answer, *seen, room._promised, room._taken])
    looked: list[Any] = []

    async def in_thread(call: Any, *given: Any) -> None:
        looked.append([call.__name__, *given])

    monkeypatch.setattr(asyncio, "to_thread", in_thread)
    monkeypatch.setattr(storage, "MOST_BYTES", 30_000)
    room._taken, room._next_look = 20_000, 1e12
    hold(snapshots, "no room", [asked(route(START)), looked])
    with pytest.raises(AssertionError):
        upload_gate._forget([SimpleNamespace(name="/none", close=_fail)])


def test_an_answer_that_fails_half_way_is_ended(snapshots, capsys):
    ends: dict[str, list[Any]] = {
        "at once": [KeyError("the patient is 61")], "half way": [START, KeyError("the patient")],
        "refused": [gate.Refusal(404, "there is none")],
    }  # fmt: skip
    app = SimpleNamespace(get_blocks=lambda: SimpleNamespace(_queue=None, fns={}))
    for name, steps in ends.items():

        async def behind(scope: Any, receive: Any, send: Any, steps: Any = steps) -> None:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                await send(step)

        sent: list[Any] = []

        async def send(message: Any, sent: Any = sent) -> None:
            sent.append(message)

        run_async(gate.Gate(behind)({**PLAIN, "path": "/x", "app": app}, None, send))  # type: ignore[arg-type]
        whole = not sent[-1].get("more_body", False)
        log = [line.partition(" at ")[0] for line in capsys.readouterr().err.splitlines()]
        hold(snapshots, name, [*answered(sent), whole, log[:1]])


def test_how_long_a_body_is_waited_for(snapshots, monkeypatch):
    waits: list[Any] = []

    async def wait_for(answer: Any, seconds: float) -> Any:
        waits.append(seconds)
        message = await answer
        if message is None:
            raise TimeoutError
        return message

    part = {"type": "http.request", "body": b"abc", "more_body": True}
    bodies: dict[str, list[Any]] = {
        "whole": [part, {**part, "more_body": False}], "one": [{**part, "more_body": False}],
        "slow": [part, None], "cut": [part, {"type": "http.disconnect"}], "long": [part] * 4,
    }  # fmt: skip
    monkeypatch.setattr(gate, "asyncio", SimpleNamespace(wait_for=wait_for))
    for name, messages in bodies.items():
        left = iter(messages)

        async def receive(left: Any = left) -> Any:
            return next(left)

        waits.clear()
        try:
            told = run_async(gate._read(receive, 8)).decode()
        except gate.Refusal as refusal:
            told = [refusal.status, refusal.sentence]
        hold(snapshots, name, [told, waits])


def _fail() -> None:
    raise AssertionError


PLAIN: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"",
                         "headers": [], "scheme": "http"}  # fmt: skip


def test_which_pages_are_the_same_for_everybody(snapshots):
    scopes: dict[str, dict[str, Any]] = {
        **{path: {"path": path} for path in ("/", "/config", "/config/", "/gradio_api/info",
                                             "/gradio_api/openapi.json", "/theme.css")},
        **{query: {"query_string": query.encode()} for query in
           ("page=a", "deep_link=a", "all_endpoints=true", "view=api", "view=", "a=1&view=x",
            "dataset.name=moons", "pages=1")},
        "posted": {"method": "POST"}, "socket": {"type": "websocket"},
        "addressed": {"headers": [(b"host", b"h"), (b"x-forwarded-proto", b"https"),
                                  (b"x-forwarded-host", b"f"), (b"cookie", b"c")],
                      "root_path": "/r", "scheme": "https"},
    }  # fmt: skip
    for name, scope in scopes.items():
        hold(snapshots, name, page_cache._key({**PLAIN, **scope}))


def test_a_page_is_completed_once_and_sent_as_it_is_read(snapshots, monkeypatch):
    asks: list[Any] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        asks.append([scope["path"], [key.decode() for key, _ in scope["headers"]]])
        head = [(b"content-length", b"3"), (b"content-type", b"text/x")]
        await send({**START, "status": behind.status, "headers": head})  # type: ignore[attr-defined]
        for part in (b"the ", b"page"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    def completes(name: str) -> Any:
        def complete(body: bytes, *given: Any) -> bytes:
            return b"|".join([name.encode(), body, *(str(one).encode() for one in given)])

        return complete

    for name in ("complete_openapi", "complete_info", "complete_page"):
        monkeypatch.setattr(page_cache, name, completes(name))
    monkeypatch.setattr(page_cache, "links", lambda: "links")
    monkeypatch.setattr(page_cache, "VERSION", "1.2")
    quickly: Any = lambda body, quality: Packed(body, {"br": b"at %d" % quality})  # noqa: E731
    monkeypatch.setattr(page_cache, "pack", quickly)
    cache = PageCache(behind, "shell")
    app = SimpleNamespace(get_blocks=lambda: "blocks")
    behind.status = 503  # type: ignore[attr-defined]
    hold(snapshots, "fails", [asked(cache, **PLAIN), len(asks)])
    behind.status = 200  # type: ignore[attr-defined]
    heads = [(b"accept-encoding", b"br"), (b"x-gradio-server", b"evil"), (b"cookie", b"c")]
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/openapi.json"):
        for headers in ([], heads):
            told = asked(cache, **{**PLAIN, "path": path, "headers": headers, "app": app})
            hold(snapshots, f"{path}, {len(headers)} headers", [told, *asks])
            asks.clear()
    kept = [[key[0], page.lock.locked()] for key, page in cache._pages.items()]
    hold(snapshots, "kept", json.loads(json.dumps(kept)))
