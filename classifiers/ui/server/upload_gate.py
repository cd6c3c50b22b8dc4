"""Stands before Gradio's upload route: what may come in, how much of it, and how it is refused.

Gradio's own parser leaves its temporary files behind where a request is cut or fails, takes bodies
of any length, and stops at strange names with a stack trace.
"""

import asyncio
import contextlib
import errno
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

import gradio.route_utils
import gradio.routes
from starlette.requests import ClientDisconnect

from classifiers.errors import BudgetError
from classifiers.ui.server.gate import bounded
from classifiers.ui.server.storage import DISK_FULL, FULL, ROOM

FILE_BYTES = 5 * 1024 * 1024  # Gradio's "5mb"
BODY_BYTES = FILE_BYTES + 64 * 1024  # and what multipart adds
PLACES = 32
WAIT_SECONDS = 10.0
UPLOAD_SECONDS = 120.0

_UPLOAD_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger(__name__)

_parts: ContextVar[list[Any]] = ContextVar("parts")


class _NotedParser(gradio.route_utils.GradioMultiPartParser):
    """Gradio's, whose temporary files stay behind when a request is cut or fails: notes them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._files_to_close_on_error = _parts.get(self._files_to_close_on_error)


class _Refusal(Exception):
    """An upload that is not taken: status, sentence, and when to try again."""

    def __init__(
        self, status: int, sentence: str, after: int | None = None, field: str = "file"
    ) -> None:
        self.status, self.sentence, self.after, self.field = status, sentence, after, field

    async def send(self, send: Send) -> None:
        body = json.dumps({"error": f"{self.field}: {self.sentence}"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if self.after is not None:
            headers.append((b"retry-after", b"%d" % self.after))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _too_large() -> _Refusal:
    return _Refusal(
        413, f"must be at most {FILE_BYTES // 1024**2} MB, and is larger; send a part of its rows"
    )


def _unreadable() -> _Refusal:
    return _Refusal(
        400, "cannot be read; send multipart/form-data with a field `files` and a plain file name"
    )


def _refusal_for(error: Exception) -> _Refusal | None:
    """What to tell the client of an exception; None if it is nobody's but ours."""
    if isinstance(error, _Refusal):
        return error
    if isinstance(error, BudgetError):
        return _Refusal(507, error.message, 120)
    if isinstance(error, TimeoutError):
        return _Refusal(
            408, f"took longer than {UPLOAD_SECONDS:g} s to arrive; send a smaller one, or again"
        )
    if isinstance(error, OSError):
        if error.errno in FULL:
            return _Refusal(507, DISK_FULL, 60)
        if error.errno not in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            _log.error("an upload could not be stored: %s", error.strerror)
            return _Refusal(500, "cannot be stored on the server; try again later", 60)
    # A name, a charset or a field that Gradio's route did not foresee.
    if isinstance(error, (OSError, ValueError, TypeError, AttributeError, LookupError)):
        return _unreadable()
    return None


class UploadGate:
    """Stands before Gradio's upload route: sizes, places and time are bounded, refusals say so."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._places = asyncio.Semaphore(PLACES)
        gradio.route_utils.GradioMultiPartParser = _NotedParser  # type: ignore[misc]
        gradio.routes.GradioMultiPartParser = _NotedParser  # type: ignore[misc]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._look(scope) if scope["type"] == "http" else None
        if refusal is not None:
            await refusal.send(send)
        elif scope["type"] == "http" and _is_upload(scope):
            await self._upload(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _look(self, scope: Scope) -> _Refusal | None:
        """What can be refused by the head of a request alone."""
        kind = _header(scope, b"content-type").strip().lower()
        upload = _is_upload(scope)
        if kind.startswith(b"multipart/") and not upload:
            # Such bodies go to files, wherever they are sent; only the upload's are looked after.
            return _Refusal(415, "is taken by POST /gradio_api/upload only; send it there")
        if upload or scope["path"].endswith("/upload_progress"):
            given = parse_qs(scope["query_string"].decode("latin-1")).get("upload_id", [])
            if any(not _UPLOAD_ID.fullmatch(one) for one in given):
                return _Refusal(
                    400, "must be 1 to 64 letters, digits, . - or _; shorten it", field="upload_id"
                )
        if upload and _length(scope) > BODY_BYTES:
            return _too_large()
        return None

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        parts: list[Any] = []
        noted = _parts.set(parts)
        try:
            async with self._place(), asyncio.timeout(UPLOAD_SECONDS):
                size = _length(scope)
                if not ROOM.fits(size):  # looks through it: not in the thread that serves everybody
                    await asyncio.to_thread(ROOM.make_room, size)
                with ROOM.claim(size):
                    await self._app(scope, bounded(receive, BODY_BYTES, _too_large()), answer)
        except ClientDisconnect:
            return
        except Exception as error:
            refusal = _refusal_for(error)
            if refusal is None:
                raise
            if not answer.started:
                await refusal.send(send)
        finally:
            _parts.reset(noted)
            _forget(parts)
            _end_progress(scope)

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._places.acquire(), WAIT_SECONDS)
        except TimeoutError:
            raise _Refusal(
                503, f"has to wait: {PLACES} others are being uploaded; try again in 10 s", 10
            ) from None
        try:
            yield
        finally:
            self._places.release()


class _Answer:
    """Sends what the route answers; its refusals, which come in several forms, in ours."""

    def __init__(self, send: Send) -> None:
        self._send, self.started, self._refuses = send, False, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._refuses = True
            return
        if self._refuses:  # Gradio's 413 is also that of a name too long: its sentence tells
            raise _too_large() if b"File size" in message.get("body", b"") else _unreadable()
        self.started = True
        await self._send(message)


def _is_upload(scope: Scope) -> bool:
    return bool(
        scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/gradio_api/upload")
    )


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _length(scope: Scope) -> int:
    """What the head of a request says of its body; the most that is read where it says nothing."""
    told = _header(scope, b"content-length")
    return int(told) if told.isdigit() else BODY_BYTES


def _forget(parts: list[Any]) -> None:
    """Deletes what Gradio did not move to where uploads belong."""
    for part in parts:
        with contextlib.suppress(OSError):
            part.close()  # may fail on a full disk, where it writes the rest
        with contextlib.suppress(OSError):
            os.unlink(part.name)


def _end_progress(scope: Scope) -> None:
    for key in parse_qs(scope["query_string"].decode("latin-1")).get("upload_id", [])[-1:]:
        if key in gradio.routes.file_upload_statuses._statuses:
            gradio.routes.file_upload_statuses.set_done(key)
