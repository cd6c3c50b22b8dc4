"""What a public page on two cores must bear: python scripts/bench.py service --help

The app runs as a process, its clients here. Every figure is told beside what was asked for, and
the exit code is 1 if one was missed.
"""

import argparse
import asyncio
import os
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from classifiers.compute.parallel import share_cores
from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.run import run_playground
from scripts.benchmarks.service.attacks import bench_attacks
from scripts.benchmarks.service.fuzz import bench_fuzz
from scripts.benchmarks.service.load_client import Film, Refused, Script, Visitor, cancelled
from scripts.benchmarks.service.mixed import bench_mixed
from scripts.benchmarks.service.process import (
    PATIENT,
    Checks,
    Service,
    other,
    percentile,
    pressed,
    service,
    some,
    warm,
)
from scripts.benchmarks.service.stop import bench_stop

BLOBS: dict[str, Any] = {}
MOONS = {"dataset": {"name": "moons"}, "training": {"epochs": 2000}}
# By students: seconds to the p95 of the first picture and to the last film, of blobs and moons.
FIRST = {60: 1.0, 120: 2.5, 300: 5.0}
LAST = {"class": {60: 8.0, 120: 20.0, 300: 45.0}, "moons": {60: 25.0, 120: 60.0, 300: 150.0}}
CPU_A_RUN = {"class": 0.17, "moons": 0.42}
MOST_MEGABYTES = 800
LONG_WAIT = 2.0  # seconds for a picture, after which a student should have read a place in line


def cpu_in_process(config: dict[str, Any]) -> float:
    """CPU seconds of the same run here, of which the pace of the machine can be told."""
    share_cores()
    times = []
    for _ in range(3):
        start = own_cpu()
        for _ in run_playground(PlaygroundConfig.parse(config)):
            pass
        times.append(own_cpu() - start)
    return min(times)


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def limit(by_students: dict[int, float], students: int) -> float:
    """The limit of the smallest class that was named and is as large."""
    return next((by_students[n] for n in sorted(by_students) if n >= students), max(by_students))


async def press_together(app: Service, students: int, said: dict[str, Any]) -> dict[str, Any]:
    """A class opens the page and presses Play at the same moment."""
    crowd = [Visitor(app.page) for _ in range(students)]
    start = time.perf_counter()
    await asyncio.gather(*(student.open_page() for student in crowd))
    opened = time.perf_counter() - start
    await asyncio.sleep(1)
    begun, idle_for = app.vitals(), 3.0
    await asyncio.sleep(idle_for)
    before, own = app.vitals(), own_cpu()
    start = time.perf_counter()
    films = await asyncio.gather(*(student.play(said) for student in crowd))
    taken = time.perf_counter() - start
    after, own = app.vitals(), own_cpu() - own
    await asyncio.sleep(2)
    for student in crowd:
        student.leave()
    await asyncio.sleep(3)
    idle = (before.cpu - begun.cpu) / idle_for  # open pages cost a little, too
    return {
        "films": films,
        "refused": [text for student in crowd for text in student.refusals],
        "opened": opened,
        "cpu": (after.cpu - before.cpu - idle * taken) / students,
        "client": own / students,
        "before": begun,
        "peak": after.peak,
        "end": app.vitals(),
    }


async def bench_class(app: Service, kind: str, students: int) -> None:
    config = MOONS if kind == "moons" else BLOBS
    await warm(app, config)
    checks = Checks(f"{kind}, {students} students")
    alone = cpu_in_process(config)
    got = await press_together(app, students, pressed(config))
    films: list[Film] = got["films"]
    refused = got["refused"] + [f.refusal for f in films if f.refusal and not got["refused"]]
    first = [film.first for film in films if film.first is not None]
    last = [film.last for film in films if film.last is not None]
    checks.none_of("refusals", refused)
    checks.note(f"first picture p50 {percentile(first, 0.5):.2f} max {max(first, default=0):.2f}")
    checks.at_most("p95", percentile(first, 0.95), limit(FIRST, students), "s")
    checks.note(f"film p50 {percentile(last, 0.5):.2f} p95 {percentile(last, 0.95):.2f}")
    checks.at_most("last film", max(last, default=float("nan")), limit(LAST[kind], students), "s")
    checks.at_most("CPU a run", got["cpu"], CPU_A_RUN[kind], "s")
    checks.note(f"alone in a process {alone:.3f} s")
    checks.at_most("memory's peak", got["peak"], MOST_MEGABYTES, "MB")
    waited = [film for film in films if film.first is None or film.first > LONG_WAIT]
    told = sum(bool(film.places) for film in waited)
    read = sum(bool(film.places) for film in films)
    checks.held(f"{told} of {len(waited)} who waited read a place", told == len(waited), "place")
    before, end = got["before"], got["end"]
    checks.note(
        f"{read} read one in all; pages opened in {got['opened']:.1f} s; memory at the end "
        f"{end.megabytes:.0f} MB, threads {before.threads} to {end.threads}, files "
        f"{before.files} to {end.files}; the clients' own CPU a run {got['client']:.3f} s"
    )
    checks.close()


async def seconds(work: Callable[[], Awaitable[Any]], count: int) -> float:
    """The median."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        await work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


class Probe:
    """A visitor and a script of their own, who measure what others feel."""

    def __init__(self, app: Service, args: argparse.Namespace) -> None:
        self.app, self.repeats = app, args.repeats
        self.script = Script(app.url, **other(1, args))
        self.headers = other(2, args)

    async def predict(self) -> None:
        await self.script.call("predict_heart", *PATIENT)

    async def film(self) -> None:
        visitor = Visitor(self.app.page, **self.headers)
        film = await visitor.play(pressed(BLOBS))
        visitor.leave()
        if film.refusal:
            raise Refused(film.refusal)

    async def page(self) -> None:
        visitor = Visitor(self.app.page, **self.headers)
        await visitor.open_page()
        visitor.leave()
        if visitor.refusals:
            raise Refused(visitor.refusals[0])

    async def medians(self) -> dict[str, float]:
        return {
            "a blobs run": await seconds(self.film, 3 * self.repeats),
            "/predict_heart": await seconds(self.predict, 50 * self.repeats),
            "page load": await seconds(self.page, 5 * self.repeats),
        }

    async def predictions(self) -> float:
        return await seconds(self.predict, 100 * self.repeats)


class Busy:
    """Jobs of other clients, kept under way."""

    def __init__(self, app: Service) -> None:
        self.app = app
        self.tasks: list[asyncio.Task] = []
        self.refused: list[str] = []

    def train(self, epochs: int, headers: dict[str, str]) -> None:
        """One run after another in one tab."""

        async def keep() -> None:
            visitor = Visitor(self.app.page, **headers)
            try:
                while True:
                    film = await visitor.play(pressed({"training": {"epochs": epochs}}))
                    await self.note(film.refusal)
            finally:
                visitor.leave()

        self.tasks.append(asyncio.create_task(keep()))

    def ask(self, name: str, config: dict[str, Any], headers: dict[str, str]) -> None:
        """One long job after another, none like one before: what was computed once may be kept."""

        async def keep() -> None:
            while True:
                script = Script(self.app.url, **headers)
                try:
                    device = ["cpu"] if name == "sweep" else []
                    await script.call(name, {**config, **_new_seed(name)}, *device)
                except Refused as error:
                    await self.note(str(error))
                finally:
                    script.close()

        self.tasks.append(asyncio.create_task(keep()))

    async def note(self, refusal: str | None) -> None:
        if refusal:
            self.refused.append(refusal)
            await asyncio.sleep(0.5)

    async def end(self, checks: Checks) -> None:
        alive = sum(not task.done() for task in self.tasks)
        checks.held(f"{alive} of {len(self.tasks)} still under way", alive == len(self.tasks))
        await cancelled(self.tasks)


def _new_seed(name: str) -> dict[str, Any]:
    seed = {"seed": int.from_bytes(os.urandom(3), "big")}
    if name == "train_playground":
        return {"dataset": seed}
    return {"base": {"dataset": seed}} if name == "sweep" else {"training": seed}


async def bench_contended(app: Service, args: argparse.Namespace) -> None:
    await warm(app, BLOBS)
    probe = Probe(app, args)
    checks = Checks("four 5,000-epoch runs and two sweeps of others under way")
    idle = await probe.medians()
    busy = Busy(app)
    for number in range(4):
        busy.train(5000, other(10 + number, args))
    for number in range(2):
        busy.ask("sweep", {}, other(20 + number, args))
    await asyncio.sleep(3)
    try:
        then = await probe.medians()
        for what, most in (("a blobs run", 3), ("/predict_heart", 5), ("page load", 3)):
            checks.note(f"{what} {1e3 * idle[what]:.1f} ms idle, {1e3 * then[what]:.1f} ms")
            checks.at_most(f"{what}'s ratio", then[what] / idle[what], most, "x")
    except Refused as error:
        checks.held(f"refused: {error}", False)
    await busy.end(checks)
    checks.none_of("of the others refused", busy.refused)
    checks.close()


async def bench_greedy(app: Service, args: argparse.Namespace) -> None:
    """One client at one address, by session and by script; /predict_heart of another one."""
    await warm(app, BLOBS)
    probe = Probe(app, args)
    checks = Checks("one client with 11 parallel heavy requests")
    idle = await probe.predictions()
    greedy, mine = Busy(app), other(30, args)
    for _ in range(2):
        greedy.train(3000, mine)
    for _ in range(3):
        greedy.ask("train_playground", {"training": {"epochs": 3000}}, mine)
        greedy.ask("sweep", {}, mine)
        greedy.ask("compare_capstone", {}, mine)
    await asyncio.sleep(3)
    try:
        then = await probe.predictions()
        checks.note(f"/predict_heart of another {1e3 * idle:.1f} ms idle, {1e3 * then:.1f} ms")
        checks.at_most("ratio", then / idle, 5, "x")
    except Refused as error:
        checks.held(f"refused: {error}", False)
    await greedy.end(checks)
    checks.note(f"{len(greedy.refused)} of the greedy one's refused {some(greedy.refused)}")
    checks.close()


def bench_service(args: argparse.Namespace) -> None:
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    others = {
        "contended": bench_contended,
        "greedy": bench_greedy,
        "attacks": bench_attacks,
        "fuzz": bench_fuzz,
        "mixed": bench_mixed,
    }
    for name in args.only:
        if name in LAST:
            for students in args.students:
                with service() as app:
                    asyncio.run(bench_class(app, name, students))
        elif name == "stop":
            bench_stop()
        else:
            with service() as app:
                asyncio.run(others[name](app, args))
    if Checks.missed:
        raise SystemExit(1)
