"""Packs the stream of a page's answers: numbers as text are three times as long as they need be."""

import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATH = "/gradio_api/queue/data"
# A window of 32 kB, in less memory than usual: there is one for each page that waits.
_LEVEL, _GZIP_WINDOW, _MEMORY = 4, 16 + 15, 6


class PackedStreams:
    """ASGI middleware. What was sent is on its way at once: nothing waits for more to pack."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _PATH or not _reads(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW, _MEMORY)
        packs = False

        async def pack(message: Message) -> None:
            nonlocal packs
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                packs = headers.get("content-type", "").startswith("text/event-stream")
                if packs:
                    headers["content-encoding"] = "gzip"
                    headers.add_vary_header("accept-encoding")
                    del headers["content-length"]
                    message = {**message, "headers": headers.raw}
            elif message["type"] == "http.response.body" and packs:
                body, more = message.get("body", b""), message.get("more_body", False)
                packed = packer.compress(body) if body else b""
                if body or not more:
                    packed += packer.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)
                message = {**message, "body": packed}
            await send(message)

        await self._app(scope, receive, pack)


def _reads(asked: Headers) -> bool:
    names = asked.get("accept-encoding", "").split(",")
    return "gzip" in {name.partition(";")[0].strip() for name in names}
