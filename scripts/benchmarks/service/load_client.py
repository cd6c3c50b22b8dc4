"""What a browser sends to the app, over plain sockets.

Client and server share few cores in a measurement, so a whole class must cost little here: no
HTTP library, no parsing of messages beyond what is looked for.
"""

import asyncio
import contextlib
import gzip
import json
import re
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

API = "/gradio_api"
PIECE = 1 << 16
PATIENCE = 300.0  # seconds; who is answered later than this counts as never answered
KIND = re.compile(rb'"msg":\s*"(\w+)"')
EVENT = re.compile(rb'"event_id":\s*"(\w+)"')
PLACE = re.compile(rb"[Yy]ou are number (\d+)")
PICTURE = b'frames\\"'  # inside a message that is itself JSON in a string
END = b'\\"result\\":'


class Refused(Exception):
    """The app did not do what was asked; the text is what it said."""


class Lost(Exception):
    """The connection ended before the answer did."""


@dataclass
class Reply:
    """Status and headers of an answer; the body is read by whoever wants it."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader
    whole: bool = False

    async def pieces(self) -> AsyncIterator[bytes]:
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readuntil(b"\r\n")
        elif "content-length" in self.headers:
            yield await self.reader.readexactly(int(self.headers["content-length"]))
        else:
            while piece := await self.reader.read(PIECE):
                yield piece
        self.whole = True

    async def read(self) -> bytes:
        whole = b"".join([piece async for piece in self.pieces()])
        return gzip.decompress(whole) if self.headers.get("content-encoding") == "gzip" else whole

    async def messages(self) -> AsyncIterator[bytes]:
        """The events of a stream, as sent, without the empty line between them."""
        rest = b""
        async for piece in self.pieces():
            *messages, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
            for message in messages:
                yield message
        if rest:
            yield rest


class Wire:
    """One connection, kept while answers are read to their end, and renewed otherwise."""

    def __init__(self, url: str, **headers: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.headers = {"Host": parts.netloc, "Accept-Encoding": "gzip", **headers}
        self.writer: asyncio.StreamWriter | None = None
        self.reply: Reply | None = None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that the caller may misuse."""
        return await asyncio.open_connection(self.host, self.port, limit=1 << 22)

    def head(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        lines = [f"{key}: {value}" for key, value in {**self.headers, **headers}.items()]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "\r\n"]).encode()

    async def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Sends a request and reads status and headers of the answer.

        Raises:
            Lost: there is nobody, or no answer.
        """
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body or method == "POST":
            headers = {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }
        for kept in (True, False):
            try:
                return await self._send(self.head(method, path, headers) + body, kept)
            except (OSError, asyncio.IncompleteReadError) as error:
                if not kept:
                    raise Lost(f"{method} {path[:60]}: {error!r}") from None
        raise AssertionError

    async def _send(self, request: bytes, kept: bool) -> Reply:
        if not (kept and self.writer and self.reply and self.reply.whole):
            self.close()
            self.reader, self.writer = await self.connect()
        self.writer.write(request)
        status, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(":", 1) for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        self.reply = Reply(int(status.split()[1]), headers, self.reader)
        return self.reply

    async def get(self, path: str) -> Reply:
        """As `send`, the body read and dropped."""
        reply = await self.send("GET", path)
        async for _ in reply.pieces():
            pass
        return reply

    async def post(self, path: str, content: Any, **headers: str) -> tuple[int, bytes]:
        reply = await self.send("POST", path, json.dumps(content).encode(), **headers)
        return reply.status, await reply.read()

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer = self.reply = None


@dataclass(frozen=True)
class Page:
    """What the page knows of itself: its functions, and what its components hold."""

    url: str
    config: dict[str, Any]

    @classmethod
    def of(cls, url: str) -> "Page":
        with urllib.request.urlopen(f"{url}/config", timeout=60) as answer:
            return cls(url, json.load(answer))

    @property
    def functions(self) -> list[dict[str, Any]]:
        """Those that the server runs."""
        return [d for d in self.config["dependencies"] if d["backend_fn"]]

    def named(self, name: str) -> dict[str, Any]:
        return next(d for d in self.functions if d["api_name"] == name)

    def stage(self, event: str) -> dict[str, Any]:
        """The function of an event of the playground's: play, step, halt, alter or ask."""
        parts = self.config["components"]
        stage = next(p["id"] for p in parts if p["props"].get("elem_id") == "playground-stage")
        return next(d for d in self.functions if [stage, event] in d["targets"])

    def loads(self) -> list[dict[str, Any]]:
        """What a page asks for when it is opened."""
        return [d for d in self.functions if any(event == "load" for _, event in d["targets"])]

    def values(self, function: dict[str, Any]) -> list[Any]:
        """What the page would send: its components' values, and null for a state."""
        props = {part["id"]: part["props"] for part in self.config["components"]}
        return [props.get(key, {}).get("value") for key in function["inputs"]]


@dataclass
class Film:
    """One press of Play, in seconds from the press."""

    pictures: list[float] = field(default_factory=list)
    last: float | None = None
    wire: int = 0  # bytes of the last message, which holds all of the film
    places: list[int] = field(default_factory=list)
    refusal: str | None = None

    @property
    def first(self) -> float | None:
        return self.pictures[0] if self.pictures else None


Seen = Callable[[bytes], None]
# A function, the values it is sent, and what the page says with them.
Event = tuple[dict[str, Any], list[Any], dict[str, Any] | None]


def ignore(message: bytes) -> None:
    """For who does not look at messages."""


class Visitor:
    """A browser's tab: a session, its heartbeat, and a stream while something is under way."""

    def __init__(self, page: Page, **headers: str) -> None:
        self.page, self.headers = page, headers
        self.session = uuid4().hex[:11]
        self.wire = Wire(page.url, **headers)
        self.refusals: list[str] = []
        self._beat: asyncio.Task | None = None

    async def open_page(self) -> None:
        """What Chromium was seen to ask for, but files that are the same for everybody."""
        reply = await self.wire.get("/")
        if reply.status != 200:
            self.refusals.append(f"page: {reply.status}")
        self._beat = asyncio.create_task(self._listen_to_heartbeat())
        await self.run([(load, self.page.values(load), None) for load in self.page.loads()])

    async def _listen_to_heartbeat(self) -> None:
        wire = Wire(self.page.url, **self.headers)
        try:
            reply = await wire.send("GET", f"{API}/heartbeat/{self.session}")
            async for _ in reply.pieces():
                pass
        except (Lost, OSError, asyncio.IncompleteReadError):
            pass  # the server went away; whoever waits for an answer tells of it
        finally:
            wire.close()

    async def play(self, said: dict[str, Any], film: Film | None = None) -> Film:
        """Presses Play. `film`: where what comes is noted, for who does not wait for the end."""
        film, start = film or Film(), time.perf_counter()

        def see(message: bytes) -> None:
            taken = time.perf_counter() - start
            if PICTURE in message:
                film.pictures.append(taken)
            if END in message:
                film.last, film.wire = taken, len(message)
            film.places += map(int, PLACE.findall(message))

        refusals = await self.run([(self.page.stage("play"), [None], said)], see)
        if refusals or film.first is None or film.last is None:
            film.refusal = refusals[0] if refusals else "the film has no end"
        return film

    async def run(self, calls: Iterable[Event], see: Seen = ignore) -> list[str]:
        """Starts events together and follows them to their ends; gives what was refused."""
        refused: list[str] = []
        try:
            async with asyncio.timeout(PATIENCE):
                joined = [asyncio.create_task(self._start(*call)) for call in calls]
                waiting: set[str] = set()
                for start in asyncio.as_completed(joined):
                    try:
                        waiting |= await start
                    except Refused as error:
                        refused.append(str(error))
                while waiting:
                    refused += await self._follow(waiting, see)
        except TimeoutError:
            refused.append(f"no end within {PATIENCE:.0f} s")
        except (Lost, OSError, asyncio.IncompleteReadError) as error:
            refused.append(f"lost: {error!r}")
        self.refusals += refused
        return refused

    async def _start(
        self, function: dict[str, Any], values: list[Any], said: dict[str, Any] | None
    ) -> set[str]:
        wire = Wire(self.page.url, **self.headers)
        body = {
            "data": values,
            "fn_index": function["id"],
            "session_hash": self.session,
            "trigger_id": function["targets"][0][0] if function["targets"] else None,
            "event_data": said,
        }
        try:
            path = "queue/join" if function["queue"] else "run/predict"
            status, text = await wire.post(f"{API}/{path}", body)
        finally:
            wire.close()
        if status != 200:
            raise Refused(f"{function['api_name']}: {status} {text[:200].decode()}")
        return {json.loads(text)["event_id"]} if function["queue"] else set()

    async def _follow(self, waiting: set[str], see: Seen) -> list[str]:
        """Reads one stream, which ends when the session has nothing more under way."""
        refused: list[str] = []
        wire = Wire(self.page.url, **self.headers)
        try:
            reply = await wire.send("GET", f"{API}/queue/data?session_hash={self.session}")
            if reply.status != 200:
                waiting.clear()
                return [f"stream: {reply.status}"]
            async for message in reply.messages():
                see(message)
                kind = KIND.search(message, 0, 200)
                if kind is None or kind[1] in (b"process_generating", b"estimation", b"heartbeat"):
                    continue
                if kind[1] == b"close_stream":
                    break
                event = EVENT.search(message, 0, 200)
                if kind[1] == b"process_completed" and event is not None:
                    waiting.discard(event[1].decode())
                    told = json.loads(message.removeprefix(b"data:"))
                    if not told["success"]:
                        refused.append(f"{told['output']}"[:200])
                elif kind[1] in (b"unexpected_error", b"server_stopped"):
                    refused.append(message[:200].decode())
                    waiting.clear()
                if not waiting:
                    break
        finally:
            wire.close()
        return refused

    def leave(self) -> None:
        """Closes the tab."""
        self.wire.close()
        if self._beat is not None:
            self._beat.cancel()


class Script:
    """A program that calls endpoints by name, without a session, as gradio_client's curl page."""

    def __init__(self, url: str, **headers: str) -> None:
        self.wire = Wire(url, **headers)

    async def start(self, name: str, *values: Any) -> str:
        """Asks for an answer and does not listen to it; gives its path."""
        status, text = await self.wire.post(f"{API}/call/{name}", {"data": list(values)})
        if status != 200:
            raise Refused(f"{name}: {status} {text[:200].decode()}")
        return f"{API}/call/{name}/{json.loads(text)['event_id']}"

    async def updates(self, path: str) -> AsyncIterator[Any]:
        """The values of what was started, as they come; the last is the answer."""
        reply = await self.wire.send("GET", path)
        async for message in reply.messages():
            event, _, data = message.partition(b"\n")
            content = json.loads(data.removeprefix(b"data:"))
            if event.endswith(b"error") or reply.status != 200:
                raise Refused(f"{path.split('/')[3]}: {content}"[:200])
            if event.endswith((b"generating", b"complete")):
                yield content

    async def call(self, name: str, *values: Any, seconds: float = PATIENCE) -> Any:
        try:
            async with asyncio.timeout(seconds):
                answer = None
                async for update in self.updates(await self.start(name, *values)):
                    answer = update
        except TimeoutError:
            raise Refused(f"{name}: no answer within {seconds:.0f} s") from None
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Refused(f"{name}: lost: {error!r}") from None
        if answer is None:
            raise Refused(f"{name}: the stream ended without an answer")
        return answer[0]

    def close(self) -> None:
        self.wire.close()


async def cancelled(tasks: Iterable[asyncio.Task]) -> None:
    """Ends tasks and waits until they have cleaned up."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
