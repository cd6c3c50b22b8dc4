"""Numbers too small to matter, taken for zero: they make a product a hundred times as long."""

import contextlib
import threading
from collections.abc import Iterator

import torch

_thread = threading.local()


@contextlib.contextmanager
def flushed_subnormals() -> Iterator[None]:
    """Within it this thread takes numbers below 1e-38 for 0, as helper threads always do.

    A unit that no row excites has no gradient, so its moments shrink until they are subnormal, and
    a product with one of those takes a hundred times as long: after a thousand epochs of a large
    network that was two thirds of the time. Without weight decay no parameter changes by a bit;
    with it, weights that it has shrunk to 1e-30 are rounded otherwise, as by another processor.
    Afterwards the thread is as it was: numpy warns where subnormals are gone.
    """
    if getattr(_thread, "flushes", False):
        yield
        return
    _thread.flushes = torch.set_flush_denormal(True)
    try:
        yield
    finally:
        _thread.flushes = False
        torch.set_flush_denormal(False)
