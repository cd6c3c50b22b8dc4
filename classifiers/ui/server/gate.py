"""The gate: what a request has to look like before anything else sees it, and who is listening.

It refuses in words what Gradio would stumble over, knows which answers somebody still waits for,
and keeps stack traces of what a client sent out of the log.
"""

import asyncio
import ipaddress
import json
import re
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from gradio.utils import get_space
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifiers.ui.gradio_internals import LastingQueue, note_error

_API = "/gradio_api/"
_MOST_BODY = 2_000_000  # bytes; the longest that the page sends are 5,000 points
_BODY_SECONDS = 30.0
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CLOSED = ("run/", "api/")
# Streams without end, what others' servers hold, and tools for developers.
_SHUT = ("dev/", "deep_link", "vibe-", "stream/", "proxy=", "file=http", "file/http", "runs")
_JSON = ("queue/join", "call/", "cancel", "reset")
_PARAMETER = re.compile(r"Parameter `(.*?)` is not|required argument: (\w+)")  # as Gradio says it
_MOST_MCP_BODY = 8_000_000  # a file of 5 MB comes in base64
_FIX = "send what the page or gradio_client sends"


class Refusal(Exception):
    """A request that is answered here: an HTTP status, and a sentence that names the field."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence

    def response(self) -> JSONResponse:
        body = {"error": self.sentence, "detail": self.sentence}
        headers = {"Retry-After": "5"} if self.status == 503 else None
        return JSONResponse(body, self.status, headers)


class Gate:
    """ASGI middleware, to stand directly before Gradio's routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if get_space() is not None:
            scope["client"] = visitor(scope) or scope["client"]
        began = False

        async def watched(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._pass(scope, receive, watched)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
        except Exception as error:
            if began:  # all that is left is to end it
                note_error(ascii(scope["path"][:80]), error)
                await send({"type": "http.response.body", "body": b""})
            else:
                await _explain(scope["path"], error).response()(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, blocks = scope["path"], scope["app"].get_blocks()
        route = path.removeprefix(_API) if path.startswith(_API) else ""
        if scope["method"] == "POST":
            receive = await _checked(path, route, blocks, receive)
        elif route.startswith(_SHUT):
            raise Refusal(404, f"/{route[:40]}: is not served here; see {_API}info")
        with _listening(scope, route, blocks._queue):
            await self._app(scope, receive, send)


async def _checked(path: str, route: str, blocks: Any, receive: Receive) -> Receive:
    """The body of a POST, given out again once it has passed.

    Raises:
        Refusal: it has not.
    """
    if route.startswith("upload"):
        return receive  # its own gate looks at it
    if route.startswith("mcp"):
        content = await _read(receive, _MOST_MCP_BODY)
        _decode(content)
        return _again(content, receive)
    if route.startswith(_CLOSED):
        raise Refusal(404, f"/{route}: is closed; POST to {_API}call/NAME and GET its event")
    if not route.startswith(_JSON):
        raise Refusal(404, f"{path[:80]}: there is nothing to post to; see {_API}info")
    content = await _read(receive, _MOST_BODY)
    check_body(
        route, _parse(content), {fn.api_name for fn in blocks.fns.values() if _is_public(fn)}
    )
    return _again(content, receive)


def _again(content: bytes, receive: Receive) -> Receive:
    """A body that was read, as if it came now."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": content, "more_body": False}

    return again


def bounded(receive: Receive, most: int, too_long: Exception) -> Receive:
    """Cuts a body that says nothing of its length, or lies."""
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise too_long
        return message

    return counted


def _is_public(fn: Any) -> bool:
    return fn.api_visibility == "public"


async def _read(receive: Receive, most: int) -> bytes:
    parts, size, more = [], 0, True
    while more:
        try:
            message = await asyncio.wait_for(receive(), _BODY_SECONDS)
        except TimeoutError:
            raise Refusal(408, f"body: took longer than {_BODY_SECONDS:g} s; send it") from None
        if message["type"] == "http.disconnect":
            raise Refusal(400, "body: was cut off; send it whole")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Refusal(413, f"body: may have at most {most:,} bytes; send less")
        more = message.get("more_body", False)
    return b"".join(parts)


def _decode(content: bytes) -> Any:
    try:
        body = json.loads(content)  # with NaN, which our own checks name by its field
        json.dumps(body, ensure_ascii=False).encode()  # half a character cannot be passed on
    except (ValueError, RecursionError):
        raise Refusal(400, "body: must be JSON in UTF-8, not nested deeply; " + _FIX) from None
    return body


def _parse(content: bytes) -> Mapping[str, Any]:
    body = _decode(content)
    if not isinstance(body, dict):
        raise Refusal(400, f"body: must be a JSON object, got {type(body).__name__}; {_FIX}")
    return body


def check_body(route: str, body: Mapping[str, Any], endpoints: set[Any]) -> None:
    """Raises Refusal unless Gradio can do something with `body`."""
    session = body.get("session_hash")
    needed = route.startswith(("queue/join", "cancel"))
    by_name = route.startswith("call/v2/")
    is_session = isinstance(session, str) and _SESSION.fullmatch(session)
    if (needed or session is not None) and not by_name and not is_session:
        raise Refusal(
            400, f"session_hash: must be 1 to 64 letters, digits, _ or -, not this; {_FIX}"
        )
    index = body.get("fn_index")
    if needed and (not isinstance(index, int) or isinstance(index, bool) or index < 0):
        raise Refusal(400, f"fn_index: must be a whole number from 0 on; {_FIX}")
    in_order = route.startswith("queue/join") or (route.startswith("call/") and not by_name)
    if in_order and not isinstance(body.get("data"), list):
        raise Refusal(400, f"data: must be a list of the values in order; {_FIX}")
    if route.startswith("call/"):
        name = route.removeprefix("call/").removeprefix("v2/").rstrip("/")
        if name not in endpoints:
            known = ", ".join(f"/{endpoint}" for endpoint in sorted(endpoints))
            raise Refusal(404, f"/{name[:40]}: there is no such endpoint; there are {known}")


@contextmanager
def _listening(scope: Scope, route: str, queue: LastingQueue) -> Any:
    """Tells the queue for whom a stream is open.

    Raises:
        Refusal: it is a stream of a session that has nothing to hear.
    """
    session = None
    if scope["method"] == "GET" and route.startswith("queue/data"):
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[-1]
        if session not in queue.pending_messages_per_session:
            raise Refusal(404, "session_hash: has nothing under way; join the queue first")
    elif scope["method"] == "GET" and route.startswith("call/"):
        session = _session_of(queue, route.rstrip("/").rpartition("/")[2])
    if session is None:
        yield
        return
    queue.open_stream(session)
    try:
        yield
    finally:
        queue.close_stream(session)


def _session_of(queue: LastingQueue, event_id: str) -> str:
    event = queue.event_ids_to_events.get(event_id)
    if event is not None:
        return event.session_hash
    for session, events in queue.pending_event_ids_session.items():
        if event_id in events:
            return session
    raise Refusal(404, "event_id: is of no call under way; call again")


def visitor(scope: Scope) -> tuple[str, int] | None:
    """Who is behind a Space's proxies: the last public address that they forwarded.

    What stands before it in the header was written by the visitor, what stands behind it are the
    proxies themselves. Of several such headers a later one is a later part of the list.
    """
    for name, value in reversed(scope["headers"]):
        if name == b"x-forwarded-for":
            for part in reversed(value.decode("latin-1").split(",")):
                try:
                    address = ipaddress.ip_address(part.strip())
                except ValueError:
                    continue
                if address.version == 6 and address.is_global:
                    return str(ipaddress.ip_network((address, 64), strict=False)), 0
                if address.is_global:
                    return str(address), 0
    return None


def _explain(path: str, error: Exception) -> Refusal:
    """An answer to a request that broke a route before it answered."""
    if isinstance(error, TypeError) and "/call/v2/" in path:  # names a parameter, no value
        found = _PARAMETER.search(str(error))
        field, rest = (found[1] or found[2], "") if found else ("data", f" ({error})")
        what = "is missing from" if found and found[2] else "is no parameter of"
        name = path.rstrip("/").rpartition("/")[2]
        return Refusal(400, f"{field[:60]}: {what} /{name}{rest}; see {_API}info")
    note_error(ascii(path[:80]), error)
    return Refusal(500, f"server: could not answer {path[:80]}; it was noted")
