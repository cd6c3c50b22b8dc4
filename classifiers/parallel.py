"""Two pieces of work side by side, on a spare core when there is one.

torch leaves the interpreter's lock while it computes, so threads are enough. Its own threads are
not used for this: they change the last bits of a sum, and they fight when several visitors train.
"""

import contextlib
import functools
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

A = TypeVar("A")
B = TypeVar("B")


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Both results. `second` runs on a helper thread if one begins it before `first` is done."""
    pool = _helpers() if torch.get_num_threads() == 1 else None
    begun = pool.submit(second) if pool else None
    try:
        result = first()
    finally:
        own = begun is None or begun.cancel()
    return result, second() if own or begun is None else begun.result()


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
