"""The page and what describes it, made once for each address that it is asked under.

It is half a megabyte that is the same for everybody, and a class opens it together.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifiers import __version__ as VERSION
from classifiers.ui.gradio_internals.openapi import complete_openapi
from classifiers.ui.gradio_internals.page import complete_page
from classifiers.ui.gradio_internals.snippets import complete_info
from classifiers.ui.server.packing import QUICK, Packed, pack
from classifiers.ui.static import links

_PATHS = frozenset({"/", "/config", "/gradio_api/info", "/gradio_api/openapi.json"})
_NOT_ASKED = (b"accept-encoding", b"x-gradio-server")  # one could lead everybody elsewhere
# What the addresses inside the page are made from.
_ASKED_UNDER = ("host", "x-forwarded-host", "x-forwarded-proto")
_OTHER_PAGES = ("page", "deep_link", "all_endpoints", "view")
_MOST = 24

_Key = tuple[str | None, ...]


@dataclass
class _Page:
    """A stored answer; `lock` is held by whoever makes it."""

    start: Message | None = None
    body: Packed | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PageCache:
    """ASGI middleware. `shell`: HTML that stands where Gradio's own will, until that is there."""

    def __init__(self, app: ASGIApp, shell: str) -> None:
        self._app = app
        self._shell = shell
        self._pages: OrderedDict[_Key, _Page] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        page = self._pages.setdefault(key, _Page())
        self._pages.move_to_end(key)
        while len(self._pages) > _MOST:
            self._pages.popitem(last=False)
        async with page.lock:
            if page.start is None:
                await self._make(page, scope, receive)
        if page.start is None or page.body is None:  # it went wrong, and will be tried again
            await self._app(scope, receive, send)
        else:
            await _send(page.start, page.body, Headers(scope=scope), send)

    async def _make(self, page: _Page, scope: Scope, receive: Receive) -> None:
        parts: list[Message] = []

        async def keep(message: Message) -> None:
            parts.append(message)

        plain = [pair for pair in scope["headers"] if pair[0] not in _NOT_ASKED]
        await self._app({**scope, "headers": plain}, receive, keep)
        start, *rest = parts
        if start["status"] == 200:
            body = b"".join(part.get("body", b"") for part in rest)
            if scope["path"].endswith("/openapi.json"):
                body = complete_openapi(body, scope["app"].get_blocks(), VERSION)
            elif scope["path"].endswith("/info"):
                body = complete_info(body)
            elif scope["path"] == "/":
                body = complete_page(body, links(), self._shell)
            page.body = await asyncio.to_thread(pack, body, QUICK)
            page.start = start


def _key(scope: Scope) -> _Key | None:
    """What an answer depends on; None for one that is not the same for everybody."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in _PATHS:
        return None
    if set(parse_qs(scope["query_string"].decode("latin-1"))) & set(_OTHER_PAGES):
        return None
    headers = Headers(scope=scope)
    names = (headers.get(name) for name in _ASKED_UNDER)
    return scope["path"], scope.get("scheme"), scope.get("root_path"), *names


async def _send(kept: Message, packed: Packed, asked: Headers, send: Send) -> None:
    start = {**kept, "headers": list(kept["headers"])}
    headers = MutableHeaders(raw=start["headers"])
    body, encoding = packed.sent(asked)
    if encoding is not None:
        headers["content-encoding"] = encoding
    headers["content-length"] = str(len(body))
    headers.add_vary_header("accept-encoding")
    await send(start)
    await send({"type": "http.response.body", "body": body})
