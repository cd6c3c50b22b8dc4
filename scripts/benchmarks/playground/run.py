"""The playground: an epoch, a film, a page, a crowd: python scripts/bench.py playground --help"""

import argparse
import os
from collections.abc import Callable

from scripts.benchmarks.playground.browser import BROWSER
from scripts.benchmarks.playground.epoch import bench_epoch
from scripts.benchmarks.playground.films import bench_films
from scripts.benchmarks.playground.over_http import bench_crowd, bench_film, bench_memory
from scripts.benchmarks.service.process import Checks

SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "epoch": bench_epoch,
    "cpu": bench_films,
    "http": bench_film,
    **BROWSER,
    "crowd": bench_crowd,
    "memory": bench_memory,
}


def bench_playground(args: argparse.Namespace) -> None:
    """Every figure is told beside what was asked; the exit code is 1 if one was missed."""
    for name in args.only or SECTIONS:
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        SECTIONS[name](args)
    if Checks.missed:
        raise SystemExit(1)
