"""Valid traffic of all kinds for a quarter of an hour: no error, and memory that stays."""

import argparse
import asyncio
import contextlib
import io
import json
import random
import statistics
import time
from collections import Counter
from typing import Any
from uuid import uuid4

from scripts.benchmarks.service.load_client import (
    API,
    Lost,
    Refused,
    Script,
    Visitor,
    Wire,
    cancelled,
)
from scripts.benchmarks.service.process import PATIENT, Checks, Service, other, pressed, warm

CLIENTS = 8
SAMPLE_SECONDS = 10
WARM_SHARE = 0.2  # of the time: three minutes of fifteen
MOST_GROWTH = 1.1
SECONDS = 180  # that an answer may take
# By weight: what the visitors of a public page do.
ACTIONS = {
    "page": 5, "predict": 10, "explain": 5, "report": 2, "info": 1, "train": 6, "long train": 1,
    "api train": 2, "sweep": 1, "capstone": 1, "exercise": 1, "batch": 2, "close": 3,
}  # fmt: skip


class Client:
    """A visitor and a script at one address, who do one thing after another."""

    def __init__(self, app: Service, number: int, args: argparse.Namespace) -> None:
        self.app, self.headers = app, other(40 + number, args)
        self.draw = random.Random(f"{args.seed} {number}")
        self.script = Script(app.url, **self.headers)
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []

    async def live(self) -> None:
        names, weights = list(ACTIONS), list(ACTIONS.values())
        while True:
            (name,) = self.draw.choices(names, weights)
            try:
                async with asyncio.timeout(SECONDS):
                    await self.act(name)
            except (Refused, Lost, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                self.errors.append(f"{name}: {error!r}")
                self.script.close()
            self.done[name] += 1
            await asyncio.sleep(self.draw.uniform(0, 1))

    async def act(self, name: str) -> None:
        seed = self.draw.randrange(10**6)
        calls: dict[str, tuple[Any, ...]] = {
            "predict": ("predict_heart", *PATIENT),
            "explain": ("explain_heart", *PATIENT),
            "report": ("heart_report", self.draw.randrange(1, 99) / 100, 5, 1),
            "info": ("model_info",),
            "api train": ("train_playground", {"training": {"epochs": 200, "seed": seed}}),
            "sweep": ("sweep", {"values": [2, 8], "members": 3, "epochs": 50 + seed % 50}, "cpu"),
            "capstone": ("compare_capstone", {"training": {"epochs": 100, "seed": seed}}),
            "exercise": ("run_exercise", self.draw.randrange(1, 13)),
        }
        if name in calls:
            await self.script.call(*calls[name])
        elif name == "batch":
            await self.batch()
        else:
            await self.visit(name)

    async def visit(self, name: str) -> None:
        """Opens the page, and perhaps trains; "close" closes the tab in the middle of it."""
        visitor = Visitor(self.app.page, **self.headers)
        epochs = 2000 if name in ("long train", "close") else self.draw.randrange(20, 300)
        config = {"dataset": {"name": self.draw.choice(["blobs", "moons", "circles"])}}
        said = pressed({**config, "training": {"epochs": epochs}})
        try:
            await visitor.open_page()
            if name == "close":
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.draw.uniform(0.05, 1)):
                        await visitor.play(said)
            elif name != "page":
                await visitor.play(said)
        finally:
            visitor.leave()
        if visitor.refusals:
            raise Refused(visitor.refusals[0])

    async def batch(self) -> None:
        """Uploads a table, asks for its answers, and fetches them."""
        table = io.StringIO("age,sex,cp\n" + "61,male,4\n" * self.draw.randrange(1, 2000))
        path = await upload(self.app.url, table.getvalue().encode(), **self.headers)
        handle = {"path": path, "meta": {"_type": "gradio.FileData"}, "orig_name": "a.csv"}
        answer = await self.script.call("predict_heart_batch", handle, None)
        reply = await self.script.wire.send("GET", f"{API}/file={answer['path']}")
        text = await reply.read()
        if reply.status != 200 or b"probability" not in text:
            raise Refused(f"the batch's file: {reply.status} {text[:80]!r}")


async def upload(url: str, content: bytes, **headers: str) -> str:
    """Where the app put the file."""
    mark = uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    wire = Wire(url, **headers)
    try:
        kind = f"multipart/form-data; boundary={mark}"
        reply = await wire.send("POST", f"{API}/upload", body, Content_Type=kind)
        text = await reply.read()
    finally:
        wire.close()
    if reply.status != 200:
        raise Refused(f"upload: {reply.status} {text[:100]!r}")
    return str(json.loads(text)[0])


async def bench_mixed(app: Service, args: argparse.Namespace) -> None:
    await warm(app, {})
    checks = Checks(f"{args.minutes:g} minutes of mixed traffic from {CLIENTS} clients")
    clients = [Client(app, number, args) for number in range(CLIENTS)]
    tasks = [asyncio.create_task(client.live()) for client in clients]
    start, samples = time.perf_counter(), []
    while (now := time.perf_counter() - start) < 60 * args.minutes:
        samples.append((now / 60, app.vitals().megabytes))
        await asyncio.sleep(min(SAMPLE_SECONDS, 60 * args.minutes / 20))
    broken = [task for task in tasks if task.done()]
    await cancelled(tasks)
    done = sum((client.done for client in clients), Counter())
    errors = [text for client in clients for text in client.errors]
    checks.note(", ".join(f"{name} {done[name]}" for name in ACTIONS))
    checks.none_of("errors", [*errors, *broken])
    checks.none_of("stack traces", app.traces())
    tell_memory(checks, samples, WARM_SHARE * args.minutes)
    checks.close()


def tell_memory(checks: Checks, samples: list[tuple[float, float]], warm_until: float) -> None:
    """Whether it stays: its last third against the first third after the warm-up."""
    later = [sample for sample in samples if sample[0] >= warm_until]
    third = max(1, len(later) // 3)
    first, last = (
        statistics.median(megabytes for _, megabytes in part)
        for part in (later[:third], later[-third:])
    )
    slope = statistics.linear_regression(*zip(*later, strict=True)).slope
    checks.note(f"memory {first:.0f} MB after {warm_until:g} minutes, {last:.0f} at the end, "
                f"at most {max(m for _, m in samples):.0f}, {slope:+.1f} MB a minute")  # fmt: skip
    checks.at_most("ratio", last / first, MOST_GROWTH, "x")
