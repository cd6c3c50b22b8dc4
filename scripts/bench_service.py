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

from classifiers.config import PlaygroundConfig
from classifiers.recipes.heart import SAMPLE_PATIENTS
from classifiers.ui.playground_controls import show_config
from scripts.load_client import Film, Refused, Script, Visitor, cancelled
from scripts.service_process import Checks, Service, percentile, service, some

PATIENT = [*SAMPLE_PATIENTS["Angina on effort, age 61"].values(), None]
BLOBS: dict[str, Any] = {}
MOONS = {"dataset": {"name": "moons"}, "training": {"epochs": 2000}}
# By students: seconds to the p95 of the first picture and to the last film, of blobs and moons.
FIRST = {60: 1.0, 120: 2.5, 300: 5.0}
LAST = {"class": {60: 8.0, 120: 20.0, 300: 45.0}, "moons": {60: 25.0, 120: 60.0, 300: 150.0}}
CPU_A_RUN = {"class": 0.17, "moons": 0.42}
MOST_MEGABYTES = 800
LONG_WAIT = 2.0  # seconds for a picture, after which a student should have read a place in line


def controls(config: dict[str, Any]) -> list[Any]:
    """What pressing Train sends: no stopped run, and the controls' values."""
    return [None, *show_config(PlaygroundConfig.parse(config))]


def other(number: int, args: argparse.Namespace) -> dict[str, str]:
    """Headers of a client behind an address of its own, as a proxy names it."""
    return {args.forwarded: f"10.0.{number // 250}.{1 + number % 250}"} if args.forwarded else {}


def own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def limit(by_students: dict[int, float], students: int) -> float:
    """The limit of the smallest class that was named and is as large."""
    return next((by_students[n] for n in sorted(by_students) if n >= students), max(by_students))


async def warm(app: Service, config: dict[str, Any]) -> None:
    """What is paid once a process: the first page, the first run, the first patient."""
    visitor = Visitor(app.page)
    await visitor.open_page()
    await visitor.train(controls(config))
    visitor.leave()
    script = Script(app.url)
    await script.call("predict_heart", *PATIENT)
    script.close()


async def press_together(app: Service, students: int, values: list[Any]) -> dict[str, Any]:
    """A class opens the page and presses Train at the same moment."""
    crowd = [Visitor(app.page) for _ in range(students)]
    start = time.perf_counter()
    await asyncio.gather(*(student.open_page() for student in crowd))
    opened = time.perf_counter() - start
    await asyncio.sleep(1)
    begun, idle_for = app.vitals(), 3.0
    await asyncio.sleep(idle_for)
    before, own = app.vitals(), own_cpu()
    start = time.perf_counter()
    films = await asyncio.gather(*(student.train(values) for student in crowd))
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
    got = await press_together(app, students, controls(config))
    films: list[Film] = got["films"]
    refused = got["refused"] + [f.refusal for f in films if f.refusal and not got["refused"]]
    first = [film.first for film in films if film.first is not None]
    last = [film.last for film in films if film.last is not None]
    checks.at_most("refusals", len(refused), 0)
    if refused:
        checks.note(some(refused))
    checks.note(f"first picture p50 {percentile(first, 0.5):.2f} max {max(first, default=0):.2f}")
    checks.at_most("p95", percentile(first, 0.95), limit(FIRST, students), "s")
    checks.note(f"film p50 {percentile(last, 0.5):.2f} p95 {percentile(last, 0.95):.2f}")
    checks.at_most("last film", max(last, default=float("nan")), limit(LAST[kind], students), "s")
    checks.at_most("CPU a run", got["cpu"], CPU_A_RUN[kind], "s")
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
        film = await visitor.train(controls(BLOBS))
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


async def keep_training(app: Service, epochs: int, headers: dict[str, str]) -> None:
    visitor = Visitor(app.page, **headers)
    try:
        while True:
            await visitor.train(controls({"training": {"epochs": epochs}}))
    finally:
        visitor.leave()


async def keep_asking(app: Service, name: str, config: dict[str, Any], headers: dict) -> None:
    """One long job after another, none like one before: what was computed once may be kept."""
    script = Script(app.url, **headers)
    try:
        while True:
            try:
                await script.call(name, {**config, **_new_seed(name)})
            except Refused:  # too many of one client, which is what it should hear
                script.close()
                await asyncio.sleep(0.5)
    finally:
        script.close()


def _new_seed(name: str) -> dict[str, Any]:
    seed = {"seed": int.from_bytes(os.urandom(3), "big")}
    return {"base": {"dataset": seed}} if name == "sweep" else {"training": seed}


async def bench_contended(app: Service, args: argparse.Namespace) -> None:
    await warm(app, BLOBS)
    probe = Probe(app, args)
    checks = Checks("four 5,000-epoch runs and two sweeps of others under way")
    idle = await probe.medians()
    jobs = [keep_training(app, 5000, other(10 + i, args)) for i in range(4)]
    jobs += [keep_asking(app, "sweep", {}, other(20 + i, args)) for i in range(2)]
    tasks = [asyncio.create_task(job) for job in jobs]
    await asyncio.sleep(3)
    try:
        busy = await probe.medians()
        for what, most in (("a blobs run", 3), ("/predict_heart", 5), ("page load", 3)):
            checks.note(f"{what} {1e3 * idle[what]:.1f} ms idle, {1e3 * busy[what]:.1f} ms")
            checks.at_most("ratio", busy[what] / idle[what], most, "x")
        checks.held(f"{sum(not t.done() for t in tasks)} of 6 still under way", _none_done(tasks))
    except Refused as error:
        checks.held(f"refused: {error}", False)
    await cancelled(tasks)
    checks.close()


def _none_done(tasks: list[asyncio.Task]) -> bool:
    return not any(task.done() for task in tasks)


async def bench_greedy(app: Service, args: argparse.Namespace) -> None:
    """One client at one address, by session and by script; /predict_heart of another one."""
    await warm(app, BLOBS)
    probe = Probe(app, args)
    checks = Checks("one client with 11 parallel heavy requests")
    idle = await probe.predictions()
    mine = other(30, args)
    tasks = [asyncio.create_task(keep_training(app, 3000, mine)) for _ in range(2)]
    for number, name in enumerate(["train_playground", "sweep", "compare_capstone"] * 3):
        config = {"training": {"epochs": 3000}} if number % 3 == 0 else {}
        tasks.append(asyncio.create_task(keep_asking(app, name, config, mine)))
    await asyncio.sleep(3)
    try:
        busy = await probe.predictions()
        checks.note(f"/predict_heart of another {1e3 * idle:.1f} ms idle, {1e3 * busy:.1f} ms")
        checks.at_most("ratio", busy / idle, 5, "x")
    except Refused as error:
        checks.held(f"refused: {error}", False)
    checks.held(f"{sum(not t.done() for t in tasks)} of 11 still under way", _none_done(tasks))
    await cancelled(tasks)
    checks.close()


def bench_service(args: argparse.Namespace) -> None:
    from scripts.service_attacks import bench_attacks
    from scripts.service_fuzz import bench_fuzz
    from scripts.service_mixed import bench_mixed
    from scripts.service_stop import bench_stop

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


SECTIONS = ("class", "moons", "contended", "greedy", "attacks", "fuzz", "mixed", "stop")


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    command.add_argument("--students", nargs="+", type=int, default=[60, 120, 300])
    command.add_argument("--calls", type=int, default=10_000, help="of the fuzz")
    command.add_argument("--seed", type=int, default=0, help="of the fuzz and the mixed traffic")
    command.add_argument("--minutes", type=float, default=15, help="of mixed traffic")
    command.add_argument(
        "--forwarded",
        default="X-Forwarded-For",
        help="the header that tells different clients' addresses; empty: all have the same",
    )
