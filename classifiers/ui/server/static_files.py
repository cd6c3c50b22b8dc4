"""Serves the page's modules and style sheets, compressed once and kept in memory."""

import asyncio
from functools import cache

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from classifiers.ui.server.packing import BEST, Packed, pack
from classifiers.ui.static import PREFIX, served_files, version

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def _packed(name: str) -> Packed:
    return pack(served_files()[name], BEST)


class StaticFiles:
    """ASGI middleware. A path is only looked up, so that none leads to any other file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files = {f"{PREFIX}{version()}/{name}": name for name in served_files()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        await (await self._answer(scope))(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("method: must be GET", 405, {"Allow": "GET, HEAD"})
        name = self._files.get(scope["path"])
        if name is None:
            return PlainTextResponse("path: there is no such file; reload the page", 404)
        packed = await asyncio.to_thread(_packed, name)
        headers = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding"}
        body, encoding = packed.sent(Headers(scope=scope))
        if encoding is not None:
            headers["Content-Encoding"] = encoding
        if scope["method"] == "HEAD":
            headers["Content-Length"] = str(len(body))
            body = b""
        return Response(body, 200, headers, _TYPES["." + name.rpartition(".")[2]])
