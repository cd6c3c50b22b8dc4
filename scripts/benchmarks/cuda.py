"""Thousands of members on a card, against one core, and against what the card can do."""

import argparse
import time
from collections.abc import Callable
from itertools import pairwise

import torch

from classifiers.config import NetworkConfig
from classifiers.network import MLP
from scripts.benchmarks.loops import SHAPES, moons, ours
from tests.tools.reference import lesson_loop, sequential

MEMBERS = 4096
_NAME = "2-16-16-2 relu"


def bench_cuda(args: argparse.Namespace) -> None:
    rows = moons()
    widths, activation, _ = SHAPES[_NAME]
    torch.set_num_threads(1)
    start = time.perf_counter()
    lesson_loop(sequential((2, *widths, 2), activation, seed=0), *[(r.x, r.y) for r in rows],
                epochs=args.epochs)  # fmt: skip
    loop = time.perf_counter() - start

    ours(SHAPES[_NAME], rows, 10, MEMBERS, "cuda")  # CUDA's own start is not counted
    taken = min(_run(rows, args.epochs) for _ in range(args.repeats))
    print(
        f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {_NAME}, {args.epochs} "
        f"epochs: loop on one core {1 / loop:.2f} members a second, {MEMBERS} members here "
        f"{MEMBERS / taken:.0f} a second, {MEMBERS / taken * loop:.0f}x"
    )
    flops, moved = _step_work(len(rows[0].y))
    bandwidth, arithmetic = _bandwidth(), _arithmetic()
    rate = args.epochs / taken
    print(
        f"a step moves {moved / 1e9:.2f} GB and takes {flops / 1e9:.1f} GFLOP: "
        f"{moved * rate / bandwidth:.0%} of {bandwidth / 1e12:.2f} TB/s measured, "
        f"{flops * rate / arithmetic:.0%} of {arithmetic / 1e12:.1f} TFLOP/s measured (float32)"
    )


def _run(rows: tuple, epochs: int) -> float:
    torch.cuda.synchronize()
    start = time.perf_counter()
    ours(SHAPES[_NAME], rows, epochs, MEMBERS, "cuda")
    torch.cuda.synchronize()
    return time.perf_counter() - start


def _step_work(count: int) -> tuple[float, float]:
    """Operations of a step, and bytes if every kernel reads its inputs and writes its output."""
    widths, activation, _ = SHAPES[_NAME]
    network = MLP(NetworkConfig(widths=widths, activation=activation), 2, 2)
    flops = 6.0 * network.parameter_count * count
    # A hidden activation: product, bias and relu forward, product and relu backward, two reads for
    # the gradients of weight and bias, one for the next layer.
    units = sum(9 * b + 2 * a for a, b in pairwise(network.sizes))
    floats = count * units + 9 * network.parameter_count  # gradient, then what Adam touches
    return MEMBERS * flops, MEMBERS * 4.0 * floats


def _bandwidth() -> float:
    """Bytes a second of a copy, read and written."""
    source = torch.empty(2**28, device="cuda")
    target = torch.empty_like(source)
    taken = _time(lambda: target.copy_(source), 20)
    return 2 * source.numel() * 4 / taken


def _arithmetic() -> float:
    """Operations a second of a large product in float32, without TF32."""
    a = torch.randn(8192, 8192, device="cuda")
    out = torch.empty_like(a)
    return 2 * 8192**3 / _time(lambda: torch.mm(a, a, out=out), 5)


def _time(work: Callable[[], object], count: int) -> float:
    work()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        work()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / count
