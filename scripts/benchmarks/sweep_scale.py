"""Very many tiny settings on two Dask workers, one killed now and then: bench.py sweep-scale"""

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from classifiers.config import SearchConfig
from classifiers.recipes.sweep.file import write_sweep
from tests.conftest import ROOT, free_port


def search(count: int) -> SearchConfig:
    """Tiny settings: 50 epochs of narrow networks on the lesson's moons."""
    drawn = {
        "width": {"low": 2, "high": 16},
        "learning_rate": {"low": 1e-3, "high": 1e-1},
        "weight_decay": {"low": 1e-5, "high": 1e-2},
    }
    return SearchConfig.parse({"random": drawn, "draws": count, "members": 2, "epochs": 50})


def _dask(folder: Path, *arguments: str) -> subprocess.Popen:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
    with (folder / "cluster.log").open("a") as log:
        return subprocess.Popen(command, cwd=folder, env=settings, stdout=log, stderr=log)


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen, subprocess.Popen]]:
    """A scheduler, and workers under nannies that replace those that die."""
    host, port = "127.0.0.1", str(free_port())
    address = f"tcp://{host}:{port}"
    scheduler = _dask(folder, "scheduler", "--host", host, "--port", port)
    options = ("--nworkers", str(workers), "--nthreads", "1", "--local-directory", str(folder))
    nannies = _dask(folder, "worker", address, "--host", host, *options)
    try:
        from distributed import Client

        with Client(address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, scheduler, nannies
    finally:
        for process in (nannies, scheduler):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _workers(nannies: psutil.Process) -> list[psutil.Process]:
    """The processes that do the tasks."""
    return [child for child in nannies.children() if "spawn_main" in " ".join(child.cmdline())]


class Watch:
    """Looks at the memory of scheduler and client, and kills a worker now and then."""

    def __init__(self, scheduler: int, client: int, nannies: int, every: float) -> None:
        self.peaks = {"scheduler": 0.0, "client": 0.0}
        self.marks: list[tuple[float, float, float]] = []  # seconds, scheduler, client (MB)
        self.kills, self._every = 0, every
        self._watched = {"scheduler": psutil.Process(scheduler), "client": psutil.Process(client)}
        self._nannies = psutil.Process(nannies)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        began = killed = marked = time.monotonic()
        chance = random.Random(0)
        while not self._over.wait(0.5):
            now = time.monotonic()
            held = {name: p.memory_info().rss / 1e6 for name, p in self._watched.items()}
            for name, megabytes in held.items():
                self.peaks[name] = max(self.peaks[name], megabytes)
            if now - marked > 60:
                marked = now
                self.marks.append((now - began, held["scheduler"], held["client"]))
            if self._every and now - killed > self._every:
                killed = now
                with contextlib.suppress(psutil.Error, IndexError):
                    chance.choice(_workers(self._nannies)).kill()
                    self.kills += 1


def bench_sweep_scale(args: argparse.Namespace) -> None:
    config = search(args.settings)
    with tempfile.TemporaryDirectory() as name, cluster(Path(name), args.workers) as started:
        address, scheduler, nannies = started
        output, lines = Path(name) / "sweep.json", []
        with Watch(scheduler.pid, os.getpid(), nannies.pid, args.kill_every) as watch:
            start = time.perf_counter()
            write_sweep(config, output, scheduler=address, report=lines.append)
            wall = time.perf_counter() - start
        result = json.loads(output.read_bytes())
        megabytes = output.stat().st_size / 1e6
    work = float(re.search(r"([\d.]+) core seconds", lines[-1]).group(1))  # type: ignore[union-attr]
    lost = [row for row in result["rows"] if "error" in row]
    print(
        f"sweep-scale: {config.count:,} settings x {config.members} members x {config.epochs} "
        f"epochs on {args.workers} workers: {wall:.0f} s, {config.count / wall:.1f} a second; "
        f"{100 * work / wall / args.workers:.0f} % of {args.workers} cores in tasks; "
        f"{watch.kills} workers killed; {len(lost)} settings failed, "
        f"{config.count - len(result['rows'])} lost; file {megabytes:.0f} MB"
    )
    print(
        f"  peak memory: scheduler {watch.peaks['scheduler']:.0f} MB, client (torch and this "
        f"benchmark included) {watch.peaks['client']:.0f} MB"
    )
    for seconds, on_scheduler, on_client in watch.marks:
        print(f"  after {seconds:5.0f} s: scheduler {on_scheduler:.0f} MB, client {on_client:.0f}")
