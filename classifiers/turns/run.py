"""What a run is made of: its news, parts side by side, estimate, owner, and place in line, in
words.

A run is a generator of news: it yields `None` where there is nothing to tell, and yields something
every few milliseconds, since it can be interrupted nowhere else. It may be resumed by another
thread every time, always in the context that it was entered in.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Together:
    """Yielded by a run to have parts of it run side by side before it goes on.

    `take(name, value)` gets every value of every part, one at a time, and returns the news of it
    or None. Once `until()` holds, the parts are left as they are and the run goes on.
    """

    parts: Mapping[str, Iterator[Any]]
    take: Callable[[str, Any], Any]
    until: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Expect:
    """Yielded by a run that knows about how many seconds it will take.

    `small`: it computes in steps so short that it mostly holds the interpreter's lock. Two such
    runs side by side would take turns at every lock, and twice the time of one after the other.
    `endless`: it ends when its owner is tired of it, and is watched while it goes on.
    """

    seconds: float
    small: bool = False
    endless: bool = False


@dataclass(frozen=True)
class Rest:
    """Yielded by a run that has nothing to do for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Owner:
    """Whose run it is. A class sits behind one address, so an address is not a person."""

    address: str = ""
    session: str = ""


@dataclass(frozen=True)
class Place:
    """Where a run stands in line, from 1, and about how many seconds until it ends."""

    number: int
    seconds: float

    def __str__(self) -> str:
        step = 1 if self.seconds < 10 else 5 if self.seconds < 60 else 10
        about = max(1, round(self.seconds / step) * step)
        return f"You are number {self.number:,} in line; about {about:,} s."


class Pace:
    """Says when the next news are due: the first at once, then one in so many seconds."""

    def __init__(self, seconds: float = 0.2) -> None:
        self._seconds, self._last = seconds, -seconds

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


def paced(news: Iterator[Any], seconds: float = 0.2) -> Iterator[Any]:
    """The same run with news as `Pace` says, the last ones always."""
    pace, held = Pace(seconds), None
    for told in news:
        if isinstance(told, (Together, Expect, Rest)):
            yield told
            continue
        held = told if told is not None else held
        if held is not None and pace.due():
            yield held
            held = None
        else:
            yield None
    if held is not None:
        yield held
