"""The capstone tab's first paint: server time until what ships is on its way to the page."""

import argparse
import subprocess
import sys
import time

from classifiers.compute.parallel import share_cores
from tests.conftest import ROOT

COLD = "from scripts.benchmarks.capstone import paint; print(sum(paint().values()))"


def paint() -> dict[str, float]:
    """Seconds of each answer that opening the tab asks for."""
    share_cores()
    from classifiers.ui.capstone import sweep
    from classifiers.ui.capstone import tab as capstone

    parts = {
        "films, table and findings": capstone._shipped,
        "contest": capstone._contest,
        "first sweep": lambda: sweep._stored(next(iter(sweep._NAMES))),
        "early stopping": sweep._optimism,
    }
    taken = {}
    for name, answer in parts.items():
        start = time.perf_counter()
        answer()
        taken[name] = time.perf_counter() - start
    return taken


def bench_first_paint(args: argparse.Namespace) -> None:
    command = [sys.executable, "-c", COLD]
    cold = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)
        for _ in range(args.repeats)
    ]
    warm = [paint() for _ in range(max(2, args.repeats))][1:]
    print(f"first visitor of a new server: {1e3 * min(cold):.0f} ms of server time")
    print(f"any other: {1e3 * min(sum(parts.values()) for parts in warm):.0f} ms")
    for name in warm[0]:
        print(f"  {name}: {1e3 * min(parts[name] for parts in warm):.1f} ms")
