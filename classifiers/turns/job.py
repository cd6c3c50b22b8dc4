"""A run in line: what a thread does with it in one slice, and what its owner hears of it."""

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from classifiers.turns.fairness import Share
from classifiers.turns.run import Expect, Owner, Rest, Together

MOST_UNREAD = 2  # news; whoever reads slowly gets fewer turns
_SILENT_SECONDS = 0.25  # of service, after which a run without news has had its first turn


@dataclass(eq=False)
class Part:
    """What a thread can be at: a run itself, or one of the parts that it wants together."""

    job: "Job"
    steps: Iterator[Any]
    context: contextvars.Context
    name: str = ""  # of the run itself
    busy: bool = False
    begun: bool = False


class Job:
    """A run that was entered. `notify` is called, by any thread, when there is news to collect."""

    def __init__(
        self,
        run: Iterator[Any],
        owner: Owner,
        arrival: int,
        shares: tuple[Share, Share],
        *,
        long: bool,
        notify: Callable[[], None],
        leave: Callable[["Job"], None],
        wake: Callable[[], None],
    ) -> None:
        self.owner, self.arrival, self.long = owner, arrival, long
        self.address, self.session = shares
        self.seconds, self.small, self.endless = 1.0, False, False  # until the run knows better
        self.service = 0.0
        self.rests_until = 0.0  # by the monotonic clock
        self.told = False  # anything yet
        self.turn, self.served = 0, 0.0  # of an endless one: its last, and when it was
        self.error: BaseException | None = None
        self.left = self.ended = False
        self.unread: deque[Any] = deque()
        self._notify, self._leave, self._wake = notify, leave, wake
        self.root = Part(self, run, contextvars.copy_context())
        self.parts = [self.root]  # those whose turn may come
        self.gathering: Together | None = None
        self.winding_up = False  # parts that have begun a slice end it, and no more
        self._failed = False  # one of its parts
        self._taking = threading.Lock()

    # For the owner.

    def collect(self) -> tuple[list[Any], bool]:
        """The news since the last time, and whether they are the last: then see `error`."""
        ended = self.ended  # before the news, which come before it
        news = [self.unread.popleft() for _ in range(len(self.unread))]
        if news:
            self._wake()
        return news, ended

    def leave(self) -> None:
        """Gives the place back: nobody wants the rest. A thread that is in the run leaves it at
        the end of its slice."""
        self._leave(self)

    # For the threads.

    @property
    def running(self) -> bool:
        return self.root.busy or any(part.busy for part in self.parts)

    @property
    def stopping(self) -> bool:
        """Whether its parts are to be left as they are: somebody waits for that."""
        return self.gathering is not None and self.gathering.until()

    def run_slice(self, part: Part, deadline: float) -> Any:
        """Pulls until the slice is over: None; what ended it; what to gather; or a rest."""
        try:
            while not self.left:
                value = part.context.run(next, part.steps)
                if isinstance(value, (Together, Rest)):
                    return value
                if isinstance(value, Expect):
                    self.seconds, self.small = value.seconds, value.small
                    self.endless = value.endless
                    continue
                told = self._tell(part, value)
                if self.gathering and self.gathering.until():
                    return None
                if not part.begun and part is not self.root:
                    part.begun = True
                    return None  # each part has a first picture before any goes on
                if time.monotonic() > deadline or (told and len(self.unread) >= MOST_UNREAD):
                    return None
                if told and not self.told:  # the first picture is there: others want theirs
                    return None
        except BaseException as error:  # handed to whoever collects
            return error
        return None

    def _tell(self, part: Part, value: Any) -> bool:
        if part is self.root:
            if value is not None:
                self._put(value)
            return value is not None
        with self._taking:  # the news of several parts, in the order in which they were made
            news = self.gathering.take(part.name, value) if self.gathering else None
            if news is not None:
                self._put(news)
        return news is not None

    def _put(self, news: Any) -> None:
        self.unread.append(news)
        self._notify()

    def account(self, seconds: float, turn: int) -> None:
        self.service += seconds
        if self.endless:
            self.turn, self.served = turn, time.monotonic()
        self.told = self.told or bool(self.unread) or self.service > _SILENT_SECONDS
        for share in (self.address, self.session):
            share.set(share.service + seconds)

    def settle(self, part: Part, outcome: Any) -> None:
        """What follows from a slice."""
        over = isinstance(outcome, BaseException)
        error = None if isinstance(outcome, StopIteration) else outcome
        if isinstance(outcome, Rest):
            self.rests_until = time.monotonic() + outcome.seconds
        elif isinstance(outcome, Together):
            self.gathering = outcome
            self.parts = [
                Part(self, steps, part.context.copy(), name)
                for name, steps in outcome.parts.items()
            ]
        elif over and part is self.root:
            self.end(error)
        elif over and error is None:
            self.parts.remove(part)
        elif over and not self._failed:
            self.root.steps, self._failed = _thrown(self.root.steps, outcome), True
        if self.gathering is not None:
            self._resume(self.gathering)

    def _resume(self, gathering: Together) -> None:
        """Back to the run itself, once no part of it has anything left to do."""
        self.winding_up = self._failed or not self.parts or gathering.until()
        if self.winding_up and not self.running:
            self.gathering, self.parts = None, [self.root]
            self._failed = self.winding_up = False

    def end(self, error: BaseException | None) -> None:
        self.error, self.ended = error, True
        self._notify()

    def close(self) -> None:
        """Ends what is left of the run and lets go of it. No thread is in it."""
        with suppress(Exception):  # nobody wants to hear of it any more
            self.root.context.run(getattr(self.root.steps, "close", lambda: None))
        self.root.steps, self.parts, self.gathering = iter(()), [], None


def _thrown(run: Iterator[Any], error: BaseException) -> Iterator[Any]:
    """The run, told of the error of one of its parts."""
    if not hasattr(run, "throw"):
        raise error
    yield run.throw(error)
    yield from run
