"""A visitor's run of the playground: stopped at any moment, and gone on with."""

import itertools
import threading
from collections.abc import Iterator
from typing import ClassVar
from weakref import WeakValueDictionary

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground import Update, run_playground
from classifiers.recipes.playground_result import Result, Scene
from classifiers.ui.film_message import Show
from classifiers.ui.playground_controls import describe_config, title_of

MOST_STOPPED = 16  # each holds its networks and its film, up to about 80 MB


class PausableRun:
    """A run as messages for the player. It is the value of a `gr.State`, so one page's own.

    A generator that nobody pulls holds its state exactly: a run that was stopped ends as one that
    never was. The oldest of more than `MOST_STOPPED` stopped runs are given up.
    """

    _all: ClassVar["WeakValueDictionary[int, PausableRun]"] = WeakValueDictionary()
    _numbers: ClassVar = itertools.count()
    _lock: ClassVar = threading.Lock()

    def __init__(self, config: PlaygroundConfig, scene: Scene) -> None:
        self.config = config
        self.epoch = 0
        self._show = Show([title_of(config)])
        self._steps: Iterator[Update] | None = run_playground(config, scene=scene)
        self._followers = 0
        self._pulled = threading.Lock()
        with self._lock:
            others = list(self._all.values())
            self._all[next(self._numbers)] = self
        stopped = [run for run in others if run._steps is not None and not run._followers]
        for run in stopped[: max(0, len(stopped) - MOST_STOPPED)]:
            run._steps = None

    def goes_on_with(self, config: PlaygroundConfig) -> bool:
        """Whether there is something left to train, and these are its settings."""
        return self._steps is not None and self.config == config

    def messages(self, *, jump: bool = False) -> Iterator[tuple[str, Result | None]]:
        """Trains; yields what the player has to be told, the last time with the result.

        Closing this generator stops the run. `jump` as in `Show.message`.
        """
        self._followers += 1
        try:
            if self._show.begun:  # the page may have missed what was sent as it was stopped
                yield self._show.message("running"), None
            while (update := self._next()) is not None:
                if update.result is not None:
                    yield self._show.message("done", jump=jump), update.result
                elif self._show.due():
                    yield self._show.message(), None
        finally:
            self._followers -= 1

    def _next(self) -> Update | None:
        with self._pulled:  # whoever was stopped may still be at an epoch
            if self._steps is None:
                return None
            try:
                update = next(self._steps)
            except BaseException:
                self._steps = None
                raise
            if update.result is not None:
                self._steps = None
            self._show.take(update, settings=describe_config(self.config))
            self.epoch = update.epoch
            return update
