"""A visitor's run of the playground: played, paused, stepped, changed and gone on with."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.endless import Run
from classifiers.recipes.playground.result import Result, Scene
from classifiers.recipes.playground.run import Update
from classifiers.turns import Expect, Rest
from classifiers.ui.film.endless import RunNews
from classifiers.ui.parts.presses import Presses
from classifiers.ui.parts.stopped import StoppedRuns
from classifiers.ui.playground.words import describe_config, title_of

_LONGEST_REST = 0.2  # seconds, after which a change is looked for
_USUAL_SECONDS = 2.0  # of service, that those who wait are told of a run without an end

Told = tuple[str, Result | None] | Expect | Rest | None


class PlayedRun:
    """A run as messages for the player. It is the value of a `gr.State`, so one page's own.

    `play` and `step` are runs in the sense of `classifiers.turns`; the newest of them drives, older
    ones end, and `halt` makes one conclude. What was given up for want of room is trained anew when
    it is wanted: the same settings give the same bits. `name`: in each of its messages; None draws
    one.
    """

    _all: ClassVar["StoppedRuns[PlayedRun]"]
    # The last press to play, by the run's name, that a press to halt was about. It may come before
    # its run is there.
    _halts: ClassVar[Presses] = Presses()

    def __init__(self, config: PlaygroundConfig, scene: Scene, name: str | None = None) -> None:
        self.name = name or uuid4().hex
        self._start, self._scene = config, scene
        self._run: Run | None = Run(config, scene)
        self._news: RunNews | None = RunNews(self._run, _describe, self.name)
        self._reached = 0
        self._asked: dict[str, Any] = {}  # while there is no run to change
        self._driver = 0
        self._followers = 0
        self._lock = threading.Lock()  # held by whoever is at the run
        self._all.add(self)

    @property
    def config(self) -> PlaygroundConfig:
        """The settings of the same run in one piece: epochs reached, changes made."""
        run = self._run
        return self._start if run is None else run.config

    @property
    def epoch(self) -> int:
        run = self._run
        return self._reached if run is None else run.epoch

    @property
    def ended(self) -> str:
        """Why it cannot go on, as a sentence; empty while it can."""
        run = self._run
        return "" if run is None else run.ended

    @property
    def is_stopped(self) -> bool:
        return self._run is not None and not self._followers

    def preview(self) -> str:
        """The data and the network before its first step."""
        with self._lock:
            run = self._run
            if run is None:
                run = Run(self._start, self._scene)
            for _ in run.advance(0):
                pass
            return RunNews(run, _describe, self.name).whole("preview")

    @classmethod
    def halt(cls, name: Any, press: Any) -> None:
        """Who plays the run of this name, by that press or an earlier one, ends the epoch under
        way and says the result: in the messages of `play`, the only ones that are sure to arrive.
        """
        cls._halts.leave(name, press)

    def play(
        self, *, speed: float | None = None, until: int | None = None, press: int = 0
    ) -> Iterator[Told]:
        """Trains until it is halted, somebody else drives, up to an epoch, or as long as a run may.

        Args:
            speed: epochs a second at most; None is as many as there can be.
            until: the epoch to pause at.
            press: how many times it was pressed to play this run, for `halt` to name.

        Yields messages, the last with the result where it ended by itself.
        """
        yield from self._drive(until, speed, press)

    def step(self) -> Iterator[Told]:
        """One epoch, then the whole with its result."""
        yield from self._drive(self.epoch + 1, None, None)

    def change(self, settings: Mapping[str, Any]) -> str | None:
        """Other settings from the next epoch on, as `Run.change`; a message for the player, or None
        where the run is being played: then it is told there."""
        with self._lock:
            if self._run is None or self._news is None:
                self._asked |= settings
                return None
            self._run.change(settings)
            if self._followers:
                return None
            self._run.change_now()
            return self._news.message()

    def _drive(self, until: int | None, speed: float | None, press: int | None) -> Iterator[Told]:
        with self._lock:
            self._followers += 1
            self._driver += 1
            driver = self._driver
        try:
            yield from self._revive(driver)
            run, news = self._run, self._news
            if run is None or news is None:
                return
            known = expect(run.config, film=False)
            if until is None:
                known = Expect(_USUAL_SECONDS, known.small, endless=True)
            yield known
            yield from self._train(driver, run, news, until, speed, press)
            for update in self._pull(driver, run.conclude()):
                if update.result is None:
                    yield None
                else:
                    state = "done" if run.ended else "paused"
                    yield news.whole(state, update.result), update.result
        except Exception:
            with self._lock:
                self._forget()
            raise
        finally:
            with self._lock:
                self._followers -= 1

    def _train(
        self,
        driver: int,
        run: Run,
        news: RunNews,
        until: int | None,
        speed: float | None,
        press: int | None,
    ) -> Iterator[Told]:
        def is_halted() -> bool:
            return self._halts.is_left(self.name, press)

        if press is not None:
            for _ in self._pull(driver, run.advance(0)):
                yield None
            with self._lock:
                message = news.whole("running")
            yield message, None
        since, began = run.epoch, time.monotonic()
        for update in self._pull(driver, run.advance(until)):
            news.take(update)
            yield (news.message(), None) if press is not None and news.due() else None
            if speed is not None:
                ahead = (run.epoch - since) / speed - (time.monotonic() - began)
                while ahead > 0 and driver == self._driver and not is_halted():
                    yield Rest(min(ahead, _LONGEST_REST))
                    ahead = (run.epoch - since) / speed - (time.monotonic() - began)
            if is_halted():
                return

    def _pull(self, driver: int, steps: Iterator[Update]) -> Iterator[Update]:
        """The updates, for as long as nobody else drives."""
        while True:
            with self._lock:
                update = next(steps, None) if driver == self._driver else None
            if update is None:
                return
            yield update

    def _revive(self, driver: int) -> Iterator[Told]:
        """A run that was given up comes back to where it was."""
        with self._lock:
            if self._run is not None or driver != self._driver:
                return
            run = Run(self._start, self._scene)
        yield expect(self._start, film=False)
        for _ in self._pull(driver, run.advance(self._reached)):
            yield None
        with self._lock:
            if driver == self._driver:
                self._run, self._news = run, RunNews(run, _describe, self.name)
                if self._asked:
                    run.change(self._asked)
                self._asked = {}

    def _give_up(self) -> None:
        with self._lock:
            if self.is_stopped:
                self._forget()

    def _forget(self) -> None:
        if self._run is not None:
            self._start, self._reached = self._run.config, self._run.epoch
            self._asked = dict(self._run.asked)
            self._run = self._news = None


def _describe(config: PlaygroundConfig) -> tuple[str, dict[str, str]]:
    return title_of(config), describe_config(config)


PlayedRun._all = StoppedRuns(lambda run: run.is_stopped, PlayedRun._give_up)
