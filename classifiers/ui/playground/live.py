"""A visitor's run of the playground: stopped at any moment, and gone on with."""

import threading
from collections.abc import Iterator
from typing import ClassVar

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.result import Result, Scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.turns import Expect
from classifiers.ui.film.message import Show
from classifiers.ui.parts.stopped import StoppedRuns
from classifiers.ui.playground.controls import describe_config, title_of


class PausableRun:
    """A run as messages for the player. It is the value of a `gr.State`, so one page's own.

    A generator that nobody pulls holds its state exactly: a run that was stopped ends as one that
    never was. One that is given up loses its film.
    """

    _all: ClassVar["StoppedRuns[PausableRun]"]
    _lock: ClassVar = threading.Lock()

    def __init__(self, config: PlaygroundConfig, scene: Scene) -> None:
        self.config = config
        self.epoch = 0
        self._settings = describe_config(config)
        self.has_more = True  # to train, or to tell
        self._show: Show | None = Show([title_of(config)])
        self._steps: Iterator[Update] | None = run_playground(config, scene=scene, weights=True)
        self._end: Update | None = None
        self._followers = 1  # whoever made it
        self._pulled = threading.Lock()
        self._all.add(self)

    @property
    def is_stopped(self) -> bool:
        return self.has_more and not self._followers

    def claim(self, config: PlaygroundConfig) -> bool:
        """Whether the run has more and these settings: then it is the caller's to follow."""
        with self._lock:
            if not self.has_more or self.config != config:
                return False
            self._followers += 1
            return True

    def messages(
        self, *, jump: bool = False
    ) -> Iterator[tuple[str, Result | None] | Expect | None]:
        """Trains; yields what the player has to be told, the last time with the result, and None.

        To be called once by whoever made or claimed the run. Closing this generator stops the run;
        what was yielded last may be lost with it, and is told again. `jump` as in `Show.message`.
        """
        show = self._show
        try:
            if show is None:
                return
            yield expect(self.config)
            if show.begun:
                yield show.message("running"), None
            while (update := self._next(show)) is not None:
                if update.result is not None:
                    yield show.message("done", jump=jump), update.result
                    self._forget()
                else:
                    yield (show.message(), None) if show.due() else None
        except Exception:
            self._forget()
            raise
        finally:
            with self._lock:
                self._followers -= 1

    def _next(self, show: Show) -> Update | None:
        with self._pulled:  # whoever was stopped may still be at an epoch
            if self._end is not None or self._steps is None:
                return self._end
            update = next(self._steps)
            show.take(update, settings=self._settings)
            self.epoch = update.epoch
            if update.result is not None:
                self._end = update
            return update

    def _give_up(self) -> None:
        with self._lock:
            if self.is_stopped:
                self._forget()

    def _forget(self) -> None:
        self.has_more = False
        self._show = self._steps = self._end = None


PausableRun._all = StoppedRuns(lambda run: run.is_stopped, PausableRun._give_up)
