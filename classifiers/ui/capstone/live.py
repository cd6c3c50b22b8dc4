"""A visitor's own run of the capstone: started, stopped, gone on with, given up.

It is the value of a `gr.State`, so it belongs to one page. A press of the button and the training
are two requests: the press changes the phase, the training looks at it.
"""

import statistics
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any, ClassVar

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES, CapstoneRun
from classifiers.recipes.capstone.weights import boundary_lengths
from classifiers.recipes.playground.result import Result
from classifiers.recipes.playground.run import Update
from classifiers.turns import Expect, Together
from classifiers.ui.capstone.table import TITLES, Ended
from classifiers.ui.film.message import Show
from classifiers.ui.parts.stopped import StoppedRuns

_GRACE_SECONDS = 1.0


class LiveRun:
    """Phases: ready, running, stopping, paused, done, closed.

    Raises:
        BudgetError: the settings are more work than a visitor may ask for.
    """

    _all: ClassVar["StoppedRuns[LiveRun]"]
    _lock = threading.Lock()

    def __init__(self, config: CapstoneConfig) -> None:
        self.run = CapstoneRun(config)
        self.show = Show([TITLES[name] for name in NAMES])
        self.epochs = config.training.epochs
        self.reached = dict.fromkeys(NAMES, 0)
        self.ended: dict[str, Ended] = {}
        self._results: dict[str, Result] = {}
        self.phase = "ready"
        self._stopped = threading.Event()
        self._done_at = -_GRACE_SECONDS
        self._all.add(self)

    @property
    def just_done(self) -> bool:
        """Whether a press may still have been meant to stop it."""
        return self.phase == "done" and time.monotonic() - self._done_at < _GRACE_SECONDS

    def press(self) -> None:
        """What the one button does: stop what runs, go on with what stands still."""
        with self._lock:
            self.phase = {"ready": "paused", "running": "stopping", "paused": "ready"}.get(
                self.phase, self.phase
            )
            if self.phase == "stopping":
                self._stopped.set()

    def messages(self) -> Generator[Any, None, None]:
        """Trains while it may: a run for `classifiers.turns`, whose news are what the player has
        to be told. Afterwards see `phase`.

        A consumer that closes this generator has left the page: the run is given up.
        """
        with self._lock:
            if self.phase != "ready":
                return
            self.phase, self._stopped = "running", threading.Event()
        try:
            yield Expect(self.run.seconds)
            if self.show.begun:  # the page may have missed what was sent as it was stopped
                yield self.show.message("running")
            yield Together(self.run.steps, self._take, until=self._stopped.is_set)
            for name in [name for name in self._results if name not in self.ended]:
                yield from self._measure(name, self._results[name])
        except BaseException:
            self.close()
            raise
        with self._lock:
            if self.phase != "closed":
                self.phase = "done" if len(self.ended) == len(NAMES) else "paused"
        if self.phase == "paused":
            yield self.show.message()
        elif self.phase == "done":
            self._done_at = time.monotonic()
            self.close(phase="done")

    def _take(self, name: str, update: Update) -> str | None:
        self.show.take(update, NAMES.index(name))
        self.reached[name] = update.epoch
        if update.result is not None:
            self._results[name] = update.result
        return self.show.message() if self.show.due() else None

    def _measure(self, name: str, result: Result) -> Iterator[str | None]:
        """The length of an ended run's boundary, member by member."""
        lengths = []
        for length in boundary_lengths(result.network, result.scene.extent):
            if self._stopped.is_set():
                return
            lengths.append(length)
            yield self.show.message() if self.show.due() else None
        self.ended[name] = Ended(result, statistics.fmean(lengths))

    def close(self, phase: str = "closed") -> None:
        """Ends the training and frees what it holds; what has ended can still be reported."""
        with self._lock:
            self.phase = phase
            self._stopped.set()
        self.run.close()


LiveRun._all = StoppedRuns(lambda run: run.phase == "paused", LiveRun.close)
