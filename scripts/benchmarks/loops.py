"""The trainer against the lesson's own loops: python scripts/bench.py trainer, capstone or sweep"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from classifiers.compute.parallel import share_cores
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    SweepConfig,
    TrainingConfig,
)
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import sample
from classifiers.network import MLP
from classifiers.recipes.capstone.run import NAMES, capstone_runs, compare_capstone
from classifiers.recipes.sweep.file import write_sweep
from classifiers.training import Rows, train
from classifiers.turns import play
from tests.tools.reference import lesson_loop, sequential

SHAPES = {
    "2-2-2 tanh": ((2,), "tanh", 0.0),
    "2-16-16-2 relu, dropout .2": ((16, 16), "relu", 0.2),
    "2-16-16-2 relu": ((16, 16), "relu", 0.0),
    "2-256-256-256-2 relu": ((256, 256, 256), "relu", 0.0),
}


def moons(split: int = 0) -> tuple[Rows, Rows]:
    """The lesson's capstone data, split as the lesson does."""
    data = sample(DatasetConfig.parse({"name": "moons", "samples": 300, "noise": 0.3, "seed": 0}))
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    parts = split_indices(300, 0.3, split)
    first, second = (Rows(x[rows], y[rows]) for rows in map(torch.from_numpy, parts))
    return first, second


def seconds(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Seconds of each work, in turns; of each the run that the machine disturbed least."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


def fastest(repeats: int, *works: Callable[[], object]) -> list[float]:
    """`seconds` of each work with as many torch threads as suit it: one, or one a core."""
    columns = []
    for threads in (1, os.cpu_count() or 1):
        torch.set_num_threads(threads)
        columns.append(seconds(repeats, *works))
    return [min(times) for times in zip(*columns, strict=True)]


def ours(
    shape: tuple, rows: tuple[Rows, Rows], epochs: int, members: int, device: str = "cpu"
) -> None:
    widths, activation, dropout = shape
    config = NetworkConfig(widths=widths, activation=activation, dropout=dropout)
    network = MLP(config, 2, 2, members, device=device).initialize(0)
    settings = TrainingConfig(
        optimizer="adam", learning_rate=0.01, epochs=epochs, members=members, seed=0
    )
    train_rows, test_rows = (part.to(device) for part in rows)
    for _ in train(network, settings, train_rows, test=test_rows):
        pass


def bench_trainer(args: argparse.Namespace) -> None:
    print(f"torch {torch.__version__}; each with 1 or {os.cpu_count()} threads, as suits it")
    print("both record train and test accuracy: the loop every epoch, ours at most 200 times")
    rows = moons()
    pairs = [(r.x, r.y) for r in rows]
    for name, shape in SHAPES.items():
        widths, activation, dropout = shape

        def loop(widths=widths, activation=activation, dropout=dropout) -> None:
            model = sequential((2, *widths, 2), activation, dropout=dropout, seed=0)
            lesson_loop(model, *pairs, epochs=args.epochs)

        def members(count: int, shape: tuple = shape) -> Callable[[], None]:
            return lambda: ours(shape, rows, args.epochs, count)

        several = [members(20)] if widths == (16, 16) else []
        reference, one, *many = fastest(args.repeats, loop, members(1), *several)
        line = f"{name:28} loop {reference:6.2f} s   ours {one:6.2f} s   {reference / one:5.1f}x"
        for taken in many:
            rate = 20 * reference / taken
            line += f"   20 members {taken:6.2f} s, {rate:5.1f}x members a second"
        print(line, flush=True)


def capstone_loops() -> dict[str, float]:
    """Trains the three networks as the lesson does; the training accuracy of each."""
    pairs = [(r.x, r.y) for r in moons()]
    ends: dict[str, float] = {}
    for name, run in capstone_runs(CapstoneConfig()).items():
        network = run.network
        model = sequential(
            (2, *network.widths, 2), network.activation, dropout=network.dropout, seed=0
        )
        history = lesson_loop(model, *pairs, epochs=2000, weight_decay=run.training.weight_decay)
        ends[name] = history[-1][1]
    return ends


def bench_capstone(args: argparse.Namespace) -> None:
    ends: dict[str, float] = {}

    def loops() -> None:
        ends.update(capstone_loops())

    results: dict = {}

    def compare() -> None:
        *_, last = play(compare_capstone(CapstoneConfig()))
        results.update(last)

    def flushed_loops() -> None:
        with flushed_subnormals():
            loops()

    cores = os.cpu_count() or 1
    columns = []
    for _ in range(args.repeats):  # in turns, the loops with as many threads as suit them
        torch.set_num_threads(cores)
        columns.append(seconds(1, loops))
        share_cores()
        columns[-1] += seconds(1, loops, compare, flushed_loops)
    many, one, own, flushed = map(min, zip(*columns, strict=True))
    reference = min(many, one)
    print(
        f"capstone: loops {reference:.2f} s ({many:.2f} s with {cores} threads, {one:.2f} s with "
        f"1), ours {own:.2f} s, {reference / own:.2f}x; of the loops {flushed:.2f} s, "
        f"{flushed / own:.2f}x, if they flush subnormals"
    )
    for name in NAMES:
        accuracy = results[name]["metrics"]["train_accuracy"]
        print(f"  {name:9} train accuracy: loop {ends[name]:.3f}, ours {accuracy:.3f}")


def bench_sweep(args: argparse.Namespace) -> None:
    """The lesson's loop is timed with a few seeds a width, and counted for all of them."""
    config = SweepConfig.parse({"members": args.members, "epochs": args.epochs})
    looped: dict[int, list[float]] = {}
    torch.set_num_threads(args.threads or torch.get_num_threads())
    start = time.perf_counter()
    for width in config.values:
        for seed in range(args.seeds):
            pairs = [(r.x, r.y) for r in moons(seed)]
            model = sequential((2, width, width, 2), "relu", seed=seed)
            history = lesson_loop(model, *pairs, epochs=config.epochs)
            looped.setdefault(width, []).append(history[-1][2])
    timed = time.perf_counter() - start
    reference = timed * config.members / args.seeds
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        output, workers = Path(folder) / "sweep.json", os.cpu_count() or 1
        result = write_sweep(config, output, workers=workers, report=lambda line: None)
        own = time.perf_counter() - start
    print(
        f"sweep, {len(config.values)} widths x {config.members} seeds x {config.epochs} epochs: "
        f"loop {reference:.0f} s (measured {timed:.1f} s for {args.seeds} of {config.members} "
        f"seeds, {torch.get_num_threads()} threads), ours {own:.1f} s ({workers} "
        f"processes, 100,000 fresh points a network included), {reference / own:.1f}x"
    )
    for row in result["rows"]:
        ours, theirs = row["test_accuracy"], statistics.mean(looped[row["value"]])
        same = statistics.mean(ours["members"][: args.seeds])
        print(
            f"  width {row['value']:3} test accuracy: ours {ours['mean']:.3f}, spread "
            f"{ours['spread']:.3f}; the seeds looped: {theirs:.3f}, ours {same:.3f}"
        )
