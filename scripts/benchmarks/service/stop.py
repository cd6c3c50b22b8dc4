"""SIGTERM in the middle of work, and the next start."""

import asyncio
import json
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.benchmarks.service.load_client import Lost, Refused, Script, Visitor, cancelled
from scripts.benchmarks.service.process import Checks, Service, pressed

MOST_SECONDS = 5
DONE_BEFORE = 3  # values of the sweep
# A share of the time that values took at first: they are read then, not computed.
READING = 0.2
FAILURES = (Refused, Lost, OSError, asyncio.IncompleteReadError, json.JSONDecodeError)


async def sweep_rows(app: Service, config: dict[str, Any], most: int) -> list[tuple[float, Any]]:
    """Seconds to each finished value, with its row, until there are enough."""
    script, rows = Script(app.url), []
    start = time.perf_counter()
    try:
        async for (update,) in script.updates(await script.start("sweep", config, "cpu")):
            if "row" in update:
                rows.append((time.perf_counter() - start, update["row"]))
            if len(rows) >= most:
                break
    finally:
        script.close()
    return rows


async def interrupt(app: Service, config: dict[str, Any]) -> tuple[list, float | None]:
    """Finished values of a sweep, then SIGTERM while it and trainings go on; seconds to the end."""
    rows = await sweep_rows(app, config, DONE_BEFORE)
    listening = asyncio.create_task(sweep_rows(app, config, 99))
    visitors = [Visitor(app.page) for _ in range(4)]
    await asyncio.gather(*(visitor.open_page() for visitor in visitors))
    long = pressed({"training": {"epochs": 5000}})
    tasks = [asyncio.create_task(visitor.play(long)) for visitor in visitors]
    await asyncio.sleep(2)
    start = time.perf_counter()
    app.process.send_signal(signal.SIGTERM)
    try:
        await asyncio.to_thread(app.process.wait, 60)
        taken = time.perf_counter() - start
    except subprocess.TimeoutExpired:
        taken = None
        app.process.kill()
    await cancelled([*tasks, listening])
    for visitor in visitors:
        visitor.leave()
    return rows, taken


def bench_stop() -> None:
    checks = Checks("SIGTERM while a sweep and four runs train")
    # A sweep that nobody made before: what was finished is kept between starts.
    config = {"base": {"dataset": {"seed": time.time_ns() % 10**9}}, "values": [4, 8, 16, 32, 64]}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = Service(Path(folder))
        try:
            rows, taken = asyncio.run(interrupt(app, config))
        finally:
            app.stop()
        checks.at_most("exit", float("inf") if taken is None else taken, MOST_SECONDS, "s")
        checks.note(f"code {app.process.returncode}")
        checks.none_of("stack traces", app.traces())
        app = Service(Path(folder))
        try:
            again = asyncio.run(sweep_rows(app, config, DONE_BEFORE + 1))
        except FAILURES as error:
            again = []
            checks.held(f"the sweep afterwards: {error}", False)
        finally:
            app.stop()
    if again:
        first, second = rows[-1][0], again[DONE_BEFORE - 1][0]
        told = f"{DONE_BEFORE} finished values took {first:.1f} s, at the next start {second:.2f} s"
        checks.held(told, second < READING * first, "the sweep began anew")
        same = [row for _, row in rows] == [row for _, row in again[:DONE_BEFORE]]
        checks.held(f"rows {'the same' if same else 'differ'}", same)
        checks.note(f"the next value after {again[-1][0] - second:.1f} s")
    checks.close()
