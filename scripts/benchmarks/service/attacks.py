"""What closed the page for everybody once, and its kin; others are served during and after each."""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from scripts.benchmarks.service.load_client import (
    API,
    Lost,
    Page,
    Refused,
    Script,
    Visitor,
    Wire,
    cancelled,
)
from scripts.benchmarks.service.process import Checks, Service, pressed

PREDICT_SECONDS, PAGE_SECONDS, TRAIN_SECONDS = 10, 20, 60
SHORT = {"training": {"epochs": 20}}
MANY = 2300  # more than Gradio's table of sessions holds
BIG = b"9" * 20_000_000
EXPECTED = (Refused, Lost, OSError, TimeoutError, asyncio.IncompleteReadError, ValueError)

Attack = Callable[[Page], Awaitable[None]]


async def post(url: str, path: str, body: Any, **headers: str) -> int:
    """The status of a raw request; 0 where the server hung up."""
    wire = Wire(url)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        reply = await wire.send("POST", f"{API}/{path}", content, **headers)
        await reply.read()
        return reply.status
    except (Lost, OSError, asyncio.IncompleteReadError):
        return 0
    finally:
        wire.close()


async def waiting_trainings(page: Page, count: int = 3) -> list[asyncio.Task]:
    """Trainings that somebody listens to, more than run at once."""

    async def one() -> Any:
        script = Script(page.url)
        try:
            return await script.call("train_playground", {"training": {"epochs": 3000}})
        finally:
            script.close()

    tasks = [asyncio.create_task(one()) for _ in range(count)]
    await asyncio.sleep(0.5)
    return tasks


async def empty_session(page: Page) -> None:
    """Item 1."""
    waiting = await waiting_trainings(page)
    for session in ("", None, 0, [], "x" * 100_000):
        for _ in range(2):
            await join(page, [{}], session_hash=session)
    await asyncio.gather(*waiting)


async def join(page: Page, data: Any, **fields: Any) -> int:
    number = page.named("train_playground")["id"]
    return await post(page.url, "queue/join", {"fn_index": number, "data": data, **fields})


async def many_sessions(page: Page) -> None:
    """Item 2; the trainings that wait must end, too."""
    sweeps = []
    for seed in (1, 2):
        script = Script(page.url)
        sweep = {"base": {"dataset": {"seed": seed + time.time_ns() % 10**6}}}
        sweeps.append(asyncio.create_task(script.call("sweep", sweep, "cpu")))
    await asyncio.sleep(0.5)
    waiting = await waiting_trainings(page)
    script = Script(page.url)
    for _ in range(MANY):
        with contextlib.suppress(Refused):
            await script.start("predict_heart", *[None] * 14)
    script.close()
    await cancelled(sweeps)
    await asyncio.gather(*waiting)


async def abandoned_sweeps(page: Page) -> None:
    """Item 3."""
    script = Script(page.url)
    for number in range(66):
        with contextlib.suppress(Refused):
            await script.start("sweep", {"epochs": 400 + number, "members": 5}, "cpu")
    script.close()
    await asyncio.sleep(5)


async def foreign_sessions(page: Page) -> None:
    for session in ("../..", "\x00", "\ud800", "a b", {"a": 1}, True, 1.5, -1, "é" * 64, "a" * 65):
        await join(page, [SHORT], session_hash=session)
    await join(page, [SHORT])
    for session in ("", "%00", "x" * 10_000, "..%2F..", "nobody"):
        with contextlib.suppress(*EXPECTED):
            async with asyncio.timeout(2):
                await Wire(page.url).get(f"{API}/queue/data?session_hash={session}")


async def foreign_numbers(page: Page) -> None:
    for number in ("1", "x", -1, 10**6, 10**400, 1.5, 1e308, None, [], {}, True, float("nan")):
        body = {"fn_index": number, "data": [], "session_hash": "attack"}
        for path in ("queue/join", "run/predict", "call/predict_heart"):
            await post(page.url, path, body)
    await post(page.url, "cancel", {"session_hash": "", "fn_index": -1, "event_id": ""})
    await post(page.url, "reset", {"event_id": [1]})


async def foreign_bodies(page: Page) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    bodies: list[Any] = [
        b"", b"[]", b"null", b"1", b'"x"', b"{", b"\xff\xfe\x00", b'{"data": "\xc3\x28"}',
        b'{"data": ["\\ud800"], "session_hash": "\\ud800"}', b'{"data": NaN}', deep,
        b'{"data": ' + deep + b', "session_hash": "a"}', {"data": {"a": 1}}, {"data": None},
        {"data": "x" * 10**6}, {"data": [[0] * 10**5]}, [{"data": []}] * 100,
    ]  # fmt: skip
    for path in (
        "queue/join",
        "call/predict_heart",
        "call/v2/predict_heart",
        "run/predict",
        "mcp/",
    ):
        for body in bodies:
            await post(page.url, path, body)
        await post(page.url, path, b"{}", Content_Type="text/plain")
        await post(page.url, path, b"{}", Content_Type="multipart/form-data")


async def big_bodies(page: Page) -> None:
    for path in ("queue/join", "call/predict_heart", "call/v2/predict_heart", "mcp/", "upload"):
        await asyncio.gather(
            post(page.url, path, b'{"data": [' + BIG + b"]}"),
            post(page.url, path, b'{"data": ["' + BIG + b'"], "session_hash": "a", "fn_index": 0}'),
        )


async def nobody_listens(page: Page) -> None:
    """Heavy work whose stream nobody opens, of the page and of scripts."""
    script = Script(page.url)
    play = page.stage("play")
    for number in range(40):
        body = {"fn_index": play["id"], "session_hash": f"silent{number}", "data": [None]}
        await post(page.url, "queue/join", {**body, "event_data": pressed({}, endless=True)})
        for name in ("compare_capstone", "train_playground"):
            with contextlib.suppress(Refused):
                await script.start(name, {"training": {"epochs": 5000}})
    script.close()


async def streams_cut(page: Page) -> None:
    async def one(number: int) -> None:
        script = Script(page.url)
        config = {"training": {"epochs": 4000, "seed": number}}
        with contextlib.suppress(*EXPECTED):
            async with asyncio.timeout(0.3 + number / 50):
                await script.call("train_playground", config)
        script.close()

    await asyncio.gather(*(one(number) for number in range(40)))


async def half_requests(page: Page) -> None:
    """Requests that stop in the middle; some hang up, some never do."""
    head = b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    parts = [b"", b"POST /", head, head + b"Content-Length: 1000\r\n\r\n{", b"\x00\xff" * 100,
             head + b"Content-Length: -5\r\n\r\n", head + b"Transfer-Encoding: chunked\r\n\r\nzz",
             b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"]  # fmt: skip
    wire, open_ones = Wire(page.url), []
    for number in range(200):
        with contextlib.suppress(OSError):
            _, writer = await wire.connect()
            writer.write(parts[number % len(parts)])
            if number % 3:
                writer.close()
            else:
                open_ones.append(writer)
    await asyncio.sleep(3)
    for writer in open_ones:
        writer.close()


async def uploads_cut(page: Page) -> None:
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    )
    wire = Wire(page.url)
    for _ in range(20):
        with contextlib.suppress(OSError):
            _, writer = await wire.connect()
            writer.write(head + b"1,2,3\n" * 300_000)
            await writer.drain()
            writer.close()


async def slow_readers(page: Page) -> None:
    """Who asks for a lot and does not read it."""
    writers = []
    wire = Wire(page.url)
    for _ in range(40):
        _, writer = await wire.connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        writers.append(writer)
    await asyncio.sleep(5)
    for writer in writers:
        writer.transport.abort()


async def forged_files(page: Page) -> None:
    forged = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    for name in ("train_playground", "predict_heart_batch", "predict_heart", "sweep"):
        for value in (forged, {"a": forged}, [forged], {**forged, "path": "a\ud800"}):
            for path in (f"call/{name}", f"run/{name}"):
                await post(page.url, path, {"data": [value]})


ATTACKS: list[Attack] = [
    empty_session, many_sessions, abandoned_sweeps, foreign_sessions, foreign_numbers,
    foreign_bodies, big_bodies, nobody_listens, streams_cut, half_requests, uploads_cut,
    slow_readers, forged_files,
]  # fmt: skip


async def answer(work: Awaitable[Any], what: str, seconds: float) -> str | None:
    """What went wrong, or None."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except EXPECTED as error:
        return f"{what}: {error!r}"[:150]
    return None


async def predicted(page: Page) -> str | None:
    script = Script(page.url)
    try:
        call = script.call("predict_heart", 61, 1, 4, *[None] * 11)
        return await answer(call, "prediction", PREDICT_SECONDS)
    finally:
        script.close()


async def opened(page: Page) -> str | None:
    visitor = Visitor(page)
    try:
        wrong = await answer(visitor.open_page(), "page", PAGE_SECONDS)
        return wrong or (f"page: {visitor.refusals[0]}" if visitor.refusals else None)
    finally:
        visitor.leave()


async def trained(page: Page) -> str | None:
    visitor = Visitor(page)
    try:
        async with asyncio.timeout(TRAIN_SECONDS):
            film = await visitor.play(pressed({}))
        return film.refusal and f"training: {film.refusal}"
    except TimeoutError:
        return f"training: no end within {TRAIN_SECONDS} s"
    finally:
        visitor.leave()


async def watch(page: Page, wrong: list[str], enough: asyncio.Event) -> None:
    """Asks as others would, while an attack is under way."""
    turns = 0
    while not enough.is_set():
        found = [await predicted(page), await opened(page) if turns % 4 == 0 else None]
        wrong += [f"during: {text}" for text in found if text]
        turns += 1
        await asyncio.sleep(0.5)


async def bench_attacks(app: Service, args: argparse.Namespace) -> None:
    for attack in ATTACKS:
        checks = Checks(f"attack, {attack.__name__.replace('_', ' ')}")
        traces, wrong, enough = len(app.traces()), [], asyncio.Event()
        watching = asyncio.create_task(watch(app.page, wrong, enough))
        failed = await answer(attack(app.page), "whom it disturbed", 180)
        training = await trained(app.page)  # while what it left is still there
        enough.set()
        await watching
        after = [training, await predicted(app.page), await opened(app.page)]
        told = [failed, *(text and f"after: {text}" for text in after)]
        wrong = [*filter(None, told), *wrong]
        checks.none_of("page, prediction or training without an answer", wrong)
        checks.none_of("stack traces", app.traces()[traces:])
        checks.held(f"process {app.process.poll() or 'runs'}", app.process.poll() is None)
        checks.note(f"memory {app.vitals().megabytes:.0f} MB" if app.process.poll() is None else "")
        checks.close()
        if any(after):
            app.restart()
