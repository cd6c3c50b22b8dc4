"""Serves the page's modules and style sheets, compressed once and kept in memory."""

import gzip
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from classifiers.ui.static import PREFIX, served_files, version

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    """A file as it is sent."""

    kind: str
    plain: bytes
    packed: bytes


class StaticFiles:
    """ASGI middleware. A path is only looked up, so that none leads to any other file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files = {
            f"{PREFIX}{version()}/{name}": _File(
                _TYPES["." + name.rpartition(".")[2]], content, gzip.compress(content, 9, mtime=0)
            )
            for name, content in served_files().items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("method: must be GET", 405, {"Allow": "GET, HEAD"})
        file = self._files.get(scope["path"])
        if file is None:
            return PlainTextResponse("path: there is no such file; reload the page", 404)
        headers = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding"}
        body = file.plain
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = file.packed
        if scope["method"] == "HEAD":
            headers["Content-Length"] = str(len(body))
            body = b""
        return Response(body, 200, headers, file.kind)
