"""The app as a process, what it costs the machine, and whether that is what was asked for."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from classifiers.config import PlaygroundConfig
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from scripts.benchmarks.service.load_client import Page, Script, Visitor
from tests.conftest import Server

PATIENT = [*SAMPLE_PATIENTS["Angina on effort, age 61"].values(), None]
TICKS = 100  # of the kernel's clock in a second, as /proc counts


@dataclass(frozen=True)
class Vitals:
    """What the app and the processes that it started hold now."""

    cpu: float  # seconds since the start
    megabytes: float
    peak: float  # the main process's, since its start
    threads: int
    files: int


def _family(pid: int) -> list[int]:
    children = [
        int(child)
        for listed in Path(f"/proc/{pid}/task").glob("*/children")
        for child in listed.read_text().split()
    ]
    return [pid, *(p for child in children for p in _family(child))]


def vitals(pid: int) -> Vitals:
    cpu = megabytes = peak = threads = files = 0.0
    for member in _family(pid):
        folder = Path(f"/proc/{member}")
        # Fields 14 to 17, of which the last two are those of children that have ended.
        after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        cpu += sum(map(int, after_name[11:15])) / TICKS
        lines = (folder / "status").read_text().splitlines()
        status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
        megabytes += int(status["VmRSS"][0]) / 1024
        peak += int(status["VmHWM"][0]) / 1024
        threads += int(status["Threads"][0])
        files += len(list((folder / "fd").iterdir()))
    return Vitals(cpu, megabytes, peak, int(threads), int(files))


class Service(Server):
    """`python app.py` with a log and a folder for its files of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(folder, TMPDIR=str(folder))
        self.page = Page.of(self.url)

    def restart(self) -> None:
        """Another process, which knows nothing of what was done to this one."""
        self.stop()
        Service.__init__(self, self.folder)

    def vitals(self) -> Vitals:
        return vitals(self.process.pid)

    def traces(self) -> list[str]:
        """The last line of each stack trace in the log."""
        _, *parts = self.log.read_text(errors="replace").split("Traceback (most recent call last)")
        told = ([line for line in part.splitlines()[1:] if line[:1].strip()] for part in parts)
        return [lines[0] if lines else "cut off" for lines in told]


@contextmanager
def service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = Service(Path(folder))
        try:
            yield running
        finally:
            running.stop()


def pressed(config: dict[str, Any], *, endless: bool = False) -> dict[str, Any]:
    """What Play sends for a new run, at full speed: up to its epochs, as of a link, or endless."""
    parsed = PlaygroundConfig.parse(config)
    until = None if endless else parsed.training.epochs
    return {"config": parsed.to_dict(), "run": uuid4().hex, "speed": None, "until": until}


def other(number: int, args: argparse.Namespace) -> dict[str, str]:
    """Headers of a client behind an address of its own, as a proxy names it."""
    return {args.forwarded: f"10.0.{number // 250}.{1 + number % 250}"} if args.forwarded else {}


async def warm(app: Service, config: dict[str, Any]) -> None:
    """What is paid once a process: the first page, the first run, the first patient."""
    visitor = Visitor(app.page)
    await visitor.open_page()
    await visitor.play(pressed(config))
    visitor.leave()
    script = Script(app.url)
    await script.call("predict_heart", *PATIENT)
    script.close()


class Checks:
    """One line of the report: what was asked for, what was got, and whether it is enough."""

    missed = 0  # in all lines

    def __init__(self, title: str) -> None:
        self.title = title
        self.told: list[str] = []
        self.short: list[str] = []
        self.start = time.perf_counter()

    def at_most(self, what: str, got: float, asked: float, unit: str = "") -> None:
        unit = unit and f" {unit}"
        self.held(f"{what} {got:.3g}{unit} (asked <= {asked:g})", got <= asked, what)

    def held(self, told: str, met: bool, what: str = "") -> None:
        self.told.append(told)
        if not met:
            self.short.append(what or told)

    def none_of(self, what: str, texts: list[Any]) -> None:
        """There should be none; some of them are told."""
        self.at_most(what, len(texts), 0)
        if texts:
            self.note(some(texts))

    def note(self, told: str) -> None:
        self.told.append(told)

    def close(self) -> None:
        verdict = f"MISSED: {', '.join(self.short)}" if self.short else "met"
        Checks.missed += bool(self.short)
        taken = time.perf_counter() - self.start
        print(f"{self.title}: {'; '.join(self.told)} [{verdict}] {taken:.0f} s", flush=True)


def percentile(values: list[float], share: float) -> float:
    return (
        sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")
    )


def some(texts: list[Any], most: int = 3) -> str:
    """The different ones among what was refused, for the report."""
    different = list(dict.fromkeys(str(text)[:110] for text in texts))
    return "; ".join(different[:most])
