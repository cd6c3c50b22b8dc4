"""The stream of answers is packed, and each message is out as soon as it was sent."""

import zlib

import pytest

from classifiers.ui.server.streams import PackedStreams
from tests.tools.app_client import run_async

MESSAGES = [b'data: {"msg":"estimation"}\n\n', b"", b"data: " + b"0.123," * 5000 + b"\n\n", b"end"]


def stream(path="/gradio_api/queue/data", accepts=b"gzip, br", kind=b"text/event-stream"):
    """The headers of the answer, and its body message by message."""
    sent = []

    async def app(scope, receive, send):
        head = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for body in MESSAGES:
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    headers = [(b"accept-encoding", accepts)] if accepts else []
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    run_async(PackedStreams(app)(scope, None, send))
    return dict(sent[0]["headers"]), [message["body"] for message in sent[1:]]


def test_each_message_can_be_read_when_it_was_sent():
    headers, bodies = stream()
    assert headers[b"content-encoding"] == b"gzip"
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert [reader.decompress(body) for body in bodies] == [*MESSAGES, b""]
    assert reader.eof
    assert sum(map(len, bodies)) < len(b"".join(MESSAGES)) / 10


@pytest.mark.parametrize(
    "other",
    [{"accepts": b""}, {"accepts": b"br"}, {"kind": b"application/json"},
     {"path": "/gradio_api/heartbeat/abc"}],
)  # fmt: skip
def test_any_other_answer_is_as_it_was(other):
    headers, bodies = stream(**other)
    assert b"content-encoding" not in headers
    assert bodies == [*MESSAGES, b""]
