"""Runs that visitors stopped and may go on with. Each holds memory, so there are only so many."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

MOST_STOPPED = 16  # of a kind; a capstone holds up to about 80 MB of networks
SECONDS_KEPT = 3600  # of a page's own state, after its visitor has left

Run = TypeVar("Run")


class StoppedRuns(Generic[Run]):
    """The runs of a kind, of which the oldest stopped ones are given up.

    Args:
        is_stopped: whether a run waits for its visitor.
        give_up: ends it, if it still does.
    """

    def __init__(self, is_stopped: Callable[[Run], bool], give_up: Callable[[Run], None]) -> None:
        self._is_stopped, self._give_up = is_stopped, give_up
        self._numbers = itertools.count()
        self._runs: WeakValueDictionary[int, Run] = WeakValueDictionary()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Run]:
        return iter(list(self._runs.values()))

    def add(self, run: Run) -> None:
        with self._lock:
            stopped = [other for other in self if self._is_stopped(other)]
            self._runs[next(self._numbers)] = run
        for other in stopped[: max(0, len(stopped) - MOST_STOPPED)]:
            self._give_up(other)
