"""A table of patients predicted, and hostile files refused: time, and memory above idle."""

import argparse
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np

from classifiers.data.files.write import Format, write_table
from classifiers.data.heart.file import FEATURE_NAMES, audit_heart
from classifiers.errors import DataError
from classifiers.recipes.heart.model import HeartModel

ROOT = Path(__file__).resolve().parents[2]
LIMITS = {"csv": 2.0, "xlsx": 4.0}  # seconds
MEMORY = 200  # MB above idle
HOSTILE_SECONDS, HOSTILE_MEMORY = 1.0, 100


def bench_files(args: argparse.Namespace) -> None:
    """Each format in a process of its own, so that one's peak of memory is not the other's."""
    for kind, limit in LIMITS.items():
        code = f"from scripts.benchmarks.files import measure; measure({kind!r}, {args.rows}, "
        code += f"{args.repeats})"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        wall, busy, memory = map(float, done.stdout.split()[-3:])
        print(
            f"{args.rows:,} rows as {kind:4}: {wall:.2f} s ({busy:.2f} s of the processor; at most "
            f"{limit:g}), {memory:.0f} MB above idle (at most {MEMORY})"
        )
    print(f"hostile files, at most {HOSTILE_SECONDS:g} s and {HOSTILE_MEMORY} MB each:")
    measure_hostile()


def measure_hostile() -> None:
    """Prints processor seconds, and the peak of traced memory in MB, of each refusal."""
    from tests.tools.hostile_files import HOSTILE

    refuse(HOSTILE["the last cell of a sheet"]())  # what is loaded at the first sheet
    for kind, make in HOSTILE.items():
        content = make()
        began = time.process_time()
        refuse(content)
        busy = time.process_time() - began
        tracemalloc.start()
        refuse(content)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        missed = busy > HOSTILE_SECONDS or peak > HOSTILE_MEMORY
        print(f"  {busy:.2f} s, {peak:5.1f} MB  {kind}{'  MISSED' if missed else ''}")


def refuse(content: bytes) -> None:
    try:
        audit_heart(content)
    except DataError:
        return
    raise AssertionError("a hostile file was read")


def make_table(rows: int, kind: str) -> bytes:
    rng = np.random.default_rng(0)
    columns = [
        rng.integers(30, 75, rows), rng.integers(0, 2, rows), rng.integers(1, 5, rows),
        rng.integers(100, 180, rows), rng.integers(150, 380, rows), rng.integers(0, 2, rows),
        rng.integers(0, 3, rows), rng.integers(90, 195, rows), rng.integers(0, 2, rows),
        rng.integers(0, 45, rows) / 10, rng.integers(1, 4, rows), rng.integers(0, 4, rows),
        rng.choice([3, 6, 7], rows), rng.integers(0, 2, rows),
    ]  # fmt: skip
    cells = [[value.item() for value in row] for row in zip(*columns, strict=True)]
    return write_table([*FEATURE_NAMES, "target"], cells, Format.parse(kind))


def measure(kind: str, rows: int, repeats: int) -> None:
    """Prints the median of wall and processor seconds, and the peak of memory above idle, in MB."""
    model = HeartModel.load(ROOT / "weights" / "heart")
    content = make_table(rows, kind)
    model.predict_file(make_table(200, kind)).to_bytes(Format.parse(kind))
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    walls, busies = [], []
    for _ in range(repeats):
        wall, busy = time.perf_counter(), time.process_time()
        answer = model.predict_file(content).to_bytes(Format.parse(kind))
        walls.append(time.perf_counter() - wall)
        busies.append(time.process_time() - busy)
        assert len(answer) > len(content)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(statistics.median(walls), statistics.median(busies), (peak - idle) / 1024)
