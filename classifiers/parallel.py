"""Two pieces of work side by side, on a spare core when there is one.

torch leaves the interpreter's lock while it computes, so threads are enough. Its own threads are
not used for this: they change the last bits of a sum, and they fight when several visitors train.
"""

import functools
import multiprocessing
import os
from collections.abc import Callable
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


@functools.cache
def _helpers() -> ThreadPoolExecutor | None:
    """Threads for the spare cores; a worker process has none, since its siblings need them."""
    spare = (os.cpu_count() or 1) - 1 if multiprocessing.parent_process() is None else 0
    return ThreadPoolExecutor(spare, thread_name_prefix="helper") if spare else None
