"""The playground over HTTP: one who plays, fifty who play without an end, memory."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from itertools import pairwise

from scripts.benchmarks.playground.settings import BLOBS, MEMBERS
from scripts.benchmarks.service.load_client import Film, Script, Visitor, cancelled
from scripts.benchmarks.service.process import (
    PATIENT,
    Checks,
    Service,
    other,
    pressed,
    service,
    some,
    warm,
)

FIRST, WHOLE = 100, 400  # milliseconds
ON_THE_WIRE = {"blobs": (BLOBS, 60), "five members": (MEMBERS, 200)}  # kB
VISITORS, MINUTE = 50, 60.0
MOST_GAP, MOST_RATIO = 3.0, 5.0  # seconds between pictures; of a prediction's time


def over_http(section: Callable[[Service, argparse.Namespace], Awaitable[None]]):
    def bench(args: argparse.Namespace) -> None:
        with service() as app:
            asyncio.run(section(app, args))

    return bench


async def film_of(app: Service, config: dict) -> Film:
    visitor = Visitor(app.page)
    film = await visitor.play(pressed(config))
    visitor.leave()
    if film.refusal:
        raise RuntimeError(film.refusal)
    return film


async def film(app: Service, args: argparse.Namespace) -> None:
    await warm(app, BLOBS)
    films = [await film_of(app, BLOBS) for _ in range(10 * args.repeats)]
    checks = Checks("blobs over HTTP")
    for what, field, asked in (("first picture", "first", FIRST), ("film", "last", WHOLE)):
        times = sorted(1e3 * getattr(one, field) for one in films)
        checks.note(f"{what} median {statistics.median(times):.0f} ms")
        checks.at_most("best", times[0], asked, "ms")
    for name, (config, most) in ON_THE_WIRE.items():
        checks.at_most(name, (await film_of(app, config)).wire / 1e3, most, "kB")
    checks.close()


async def prediction(script: Script) -> float:
    start = time.perf_counter()
    await script.call("predict_heart", *PATIENT)
    return time.perf_counter() - start


async def crowd(app: Service, args: argparse.Namespace) -> None:
    """The longest that any visitor waits between two pictures, from the press on."""
    await warm(app, BLOBS)
    script = Script(app.url, **other(1, args))
    idle = statistics.median([await prediction(script) for _ in range(100)])
    visitors = [Visitor(app.page, **other(10 + k, args)) for k in range(VISITORS)]
    await asyncio.gather(*(visitor.open_page() for visitor in visitors))
    said = {**pressed(BLOBS, endless=True), "speed": args.speed}
    films, start, before = [Film() for _ in visitors], time.perf_counter(), app.vitals()
    tasks = [
        asyncio.create_task(visitor.play(said, film))
        for visitor, film in zip(visitors, films, strict=True)
    ]
    busy = []
    while time.perf_counter() - start < MINUTE:
        busy.append(await prediction(script))
        await asyncio.sleep(0.2)
    taken = time.perf_counter() - start
    ended = sum(task.done() for task in tasks)
    cpu = (app.vitals().cpu - before.cpu) / taken
    await cancelled(tasks)
    for visitor in visitors:
        visitor.leave()
    gaps = [max(b - a for a, b in pairwise([0, *film.pictures, taken])) for film in films]
    checks = Checks(f"{VISITORS} play without an end for {taken:.0f} s, {args.speed or 'all'} "
                    "epochs a second")  # fmt: skip
    pictures = sum(len(film.pictures) for film in films) / VISITORS / taken
    checks.note(f"{pictures:.1f} messages with pictures a second each; {cpu:.2f} cores")
    checks.at_most("longest wait for a picture", max(gaps), MOST_GAP, "s")
    checks.note(f"median of the longest {statistics.median(gaps):.2f} s")
    checks.note(f"/predict_heart {1e3 * idle:.1f} ms idle, {1e3 * statistics.median(busy):.1f} ms")
    checks.at_most("ratio", statistics.median(busy) / idle, MOST_RATIO, "x")
    checks.held(f"{VISITORS - ended} still play", not ended)
    refused = [text for visitor in visitors for text in visitor.refusals]
    checks.note(some(refused) or "none refused")
    checks.close()


async def memory(app: Service, args: argparse.Namespace) -> None:
    """Each run has a session of its own, as a visitor who comes once."""
    await warm(app, BLOBS)
    told = [f"{app.vitals().megabytes:.0f} MB at first"]
    for done in range(0, args.runs, 50):
        for _ in range(25):
            await asyncio.gather(film_of(app, BLOBS), film_of(app, BLOBS))
        told.append(f"{app.vitals().megabytes:.0f} after {done + 50}")
    print("memory, a session a run:", ", ".join(told))


bench_film, bench_crowd, bench_memory = map(over_http, (film, crowd, memory))
