"""Work side by side, on the cores there are.

torch leaves the interpreter's lock while it computes, so threads are enough. Its own threads are
not used for this: they change the last bits of a sum, and they fight when several visitors train.
"""

import contextlib
import functools
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

A = TypeVar("A")
B = TypeVar("B")


def share_cores() -> None:
    """Sets the process up for several runs at once, as the app and the scripts do.

    With one torch thread each they take less time in total. And a thread that wants the
    interpreter's lock gets it after 0.1 ms, not 5: a run with long products would else wait again
    and again for one with short products, which lets go of it and is back before the other wakes.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(1e-4)


def begin(work: Callable[[], A]) -> Callable[[], A]:
    """Has a helper thread do the work, if one is free; what is returned waits for the result, or
    does the work itself if no helper has begun it by then."""
    pool = _helpers() if torch.get_num_threads() == 1 else None
    if pool is None:
        return work
    begun = pool.submit(work)
    return lambda: work() if begun.cancel() else begun.result()


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Both results, at the same time if a helper thread is free."""
    end = begin(second)
    try:
        result = first()
    finally:
        other = end()
    return result, other


@contextlib.contextmanager
def flushed_subnormals() -> Iterator[None]:
    """Within it this thread takes numbers below 1e-38 for 0, as helper threads always do.

    A unit that no row excites has no gradient, so its moments shrink until they are subnormal, and
    a product with one of those takes a hundred times as long: after a thousand epochs of a large
    network that was two thirds of the time. Without weight decay no parameter changes by a bit;
    with it, weights that it has shrunk to 1e-30 are rounded otherwise, as by another processor.
    Afterwards the thread is as torch sets it up, since numpy warns where subnormals are gone.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@functools.cache
def _helpers() -> ThreadPoolExecutor | None:
    """Threads for the spare cores; a worker process has none, since its siblings need them."""
    spare = (os.cpu_count() or 1) - 1 if multiprocessing.parent_process() is None else 0
    if not spare:
        return None
    return ThreadPoolExecutor(spare, "helper", torch.set_flush_denormal, (True,))
