"""Runs that take turns on a few threads, so that nobody waits long for somebody else's long run.

A run is a generator of news: it yields `None` where there is nothing to tell, and yields a few
times in `SLICE_SECONDS`, since it can be interrupted nowhere else. It may be resumed by another
thread every time, always in the context it was entered in. This module knows nothing of networks.

Whose turn it is: a run that has told nothing yet comes first; then the address with fewer whole
seconds of recent service, then the session with fewer quarters of a second, then the older run. So
runs of one kind end one after another, in place of all of them at the end, and a short run never
waits for long ones.
"""

import contextvars
import functools
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from classifiers.errors import BusyError

SLICE_SECONDS = 0.04
ROOM = 500  # runs that wait or run: a class of 300, and as many again that come back
LONG_A_SESSION, LONG_AN_ADDRESS = 4, 12
_HALF_LIFE = 30.0  # seconds after which a second of service counts half
_MOST_UNREAD = 2  # news; whoever reads slowly gets fewer turns
_LEAST_SECONDS = 0.02
_SILENT_SECONDS = 0.25  # of service, after which a run without news has had its first turn


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
    """Yielded by a run that knows about how many seconds it will take."""

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
        return f"You are number {self.number:,} in line; about {_rounded(self.seconds)} s."


def _rounded(seconds: float) -> int:
    step = 1 if seconds < 10 else 5 if seconds < 60 else 10
    return max(1, round(seconds / step) * step)


class _Share:
    """Seconds of recent service of an address or a session."""

    def __init__(self, unit: float) -> None:
        self.service, self.unit, self.level, self.jobs = 0.0, unit, 0, 0

    def set(self, service: float) -> None:
        self.service = service
        self.level = int(service / self.unit)


@dataclass(eq=False)
class _Part:
    """What a thread can be at: a run itself, or one of the parts that it wants together."""

    job: "Job"
    steps: Iterator[Any]
    context: contextvars.Context
    name: str | None = None  # None: the run itself
    busy: bool = False


class Job:
    """A run that was entered. `notify` is called, by any thread, when there is news to collect."""

    def __init__(
        self,
        turns: "Turns",
        run: Iterator[Any],
        owner: Owner,
        long: bool,
        notify: Callable[[], None],
    ) -> None:
        self.owner, self.long = owner, long
        self.seconds = 1.0  # until the run knows better
        self.arrival = next(turns.arrivals)
        self.told = False
        self.service = 0.0
        self.address = turns.share(turns.addresses, owner.address, 1.0)
        self.session = turns.share(turns.sessions, owner.session, 0.25)
        self._turns, self._notify = turns, notify
        self.root = _Part(self, run, contextvars.copy_context())
        self.parts = [self.root]  # those whose turn may come
        self.gathering: Together | None = None
        self.gathering_lock = threading.Lock()
        self.failed = False  # of its parts one has
        self.winding_up = False  # parts that have begun a slice end it, and no more
        self.error: BaseException | None = None
        self.left = self.ended = False
        self.unread: deque[Any] = deque()

    @property
    def running(self) -> bool:
        return any(part.busy for part in (*self.parts, self.root))

    def put(self, news: Any) -> None:
        self.unread.append(news)
        self._notify()

    def close(self, error: BaseException | None = None) -> None:
        self.error, self.ended = error, True
        self._notify()

    def collect(self) -> tuple[list[Any], bool]:
        """The news since the last time, and whether they are the last: then see `error`."""
        ended = self.ended  # before the news, which come before it
        news = [self.unread.popleft() for _ in range(len(self.unread))]
        if news:
            self._turns.wake()
        return news, ended

    def leave(self) -> None:
        """Gives the place back: nobody wants the rest. A thread that is in the run leaves it at
        the end of its slice."""
        self._turns.leave(self)


class Turns:
    """The line, and the threads that serve it.

    Args:
        threads: runs served at once. Two are better than one even on one core: one may wait for a
            card, or for the interpreter.
        room: runs that may wait or run.
    """

    def __init__(self, threads: int = 2, room: int = ROOM) -> None:
        self.arrivals = itertools.count()
        self.addresses: dict[str, _Share] = {}
        self.sessions: dict[str, _Share] = {}
        self._room = room
        self._jobs: dict[Job, None] = {}
        self._changed = threading.Condition()
        self._decayed = time.monotonic()
        self._threads = threads
        self._started = False
        self._scale = 1.0  # measured seconds over estimated ones
        self._line: tuple[float, dict[Job, Place]] = (0.0, {})

    # The line. All of these are called with `_changed` held, but for `enter`, `leave` and `place`.

    def enter(
        self,
        run: Iterator[Any],
        owner: Owner = Owner(),
        *,
        long: bool = False,
        notify: Callable[[], None] = lambda: None,
    ) -> Job:
        """Puts a run in line.

        Args:
            run: a generator, as the module says.
            owner: whose it is.
            long: of a kind of which one owner may have only so many.
            notify: called by another thread when there is something to collect.

        Raises:
            BusyError: the owner has as many long ones as may be, or there is no room.
        """
        with self._changed:
            if long:
                self._check_long(owner)
            if len(self._jobs) >= self._room:
                self._make_room(owner)
            job = Job(self, run, owner, long, notify)
            self._jobs[job] = None
            job.address.jobs += 1
            job.session.jobs += 1
            if not self._started:
                self._start()
            self._changed.notify()
        return job

    def leave(self, job: Job) -> None:
        with self._changed:
            if job not in self._jobs:
                return
            job.left = True
            self._remove(job)
            if job.running:
                return  # its thread closes it
        job.root.context.run(_close, job.root.steps)

    def place(self, job: Job) -> Place | None:
        """Where a job stands; None while a thread is at it, or when it has ended."""
        with self._changed:
            now = time.monotonic()
            if now - self._line[0] > 0.5:
                self._line = (now, self._stand_in_line())
            return None if job.running else self._line[1].get(job)

    def wake(self) -> None:
        """To be called when a job may have become eligible."""
        with self._changed:
            self._changed.notify()

    def share(self, shares: dict[str, _Share], key: str, unit: float) -> _Share:
        return shares.setdefault(key, _Share(unit))

    def _check_long(self, owner: Owner) -> None:
        long = [job.owner for job in self._jobs if job.long]
        counts = {
            "session": (sum(o.session == owner.session for o in long), LONG_A_SESSION),
            "address": (sum(o.address == owner.address for o in long), LONG_AN_ADDRESS),
        }
        for field, (count, most) in counts.items():
            if count >= most:
                raise BusyError(
                    field,
                    f"may have at most {most} sweeps and capstones waiting or running, has "
                    f"{count}; wait until one of them has ended, or stop one",
                )

    def _make_room(self, owner: Owner) -> None:
        """Nobody is kept out by one address that took all places: it loses its newest one."""
        counts = Counter(job.owner.address for job in self._jobs)
        address, count = counts.most_common(1)[0]
        victim = next(
            (j for j in reversed(self._jobs) if j.owner.address == address and not j.running), None
        )
        if count <= counts[owner.address] + 1 or victim is None:
            raise BusyError(
                "server",
                f"has room for {self._room} runs at a time and has {len(self._jobs)}; try again "
                "in a minute",
            )
        self._remove(victim)
        victim.left = True
        victim.close(
            BusyError(
                "address",
                f"had {count} of the {self._room} runs there is room for, and others came; start "
                "fewer at a time",
            )
        )

    def _remove(self, job: Job) -> None:
        self._jobs.pop(job, None)
        job.address.jobs -= 1
        job.session.jobs -= 1

    def _key(self, part: _Part) -> tuple[bool, int, int, int]:
        job = part.job
        return job.told, job.address.level, job.session.level, job.arrival

    def _choose(self) -> _Part | None:
        """The part whose turn it is."""
        now = time.monotonic()
        if now - self._decayed > 1:
            self._decay(now)
        waiting = (
            part
            for job in self._jobs
            if len(job.unread) < _MOST_UNREAD and not job.winding_up
            for part in job.parts
            if not part.busy
        )
        return min(waiting, key=self._key, default=None)

    def _decay(self, now: float) -> None:
        factor = 0.5 ** ((now - self._decayed) / _HALF_LIFE)
        self._decayed = now
        for shares in (self.addresses, self.sessions):
            for key, share in list(shares.items()):
                share.set(share.service * factor)
                if not share.jobs and share.service < 0.01:
                    del shares[key]

    def _stand_in_line(self) -> dict[Job, Place]:
        places, seconds = {}, 0.0
        for number, job in enumerate(sorted(self._jobs, key=lambda job: self._key(job.root)), 1):
            seconds += max(job.seconds * self._scale - job.service, _LEAST_SECONDS) / self._threads
            places[job] = Place(number, seconds)
        return places

    # The threads.

    def _start(self) -> None:
        self._started = True
        for i in range(self._threads):
            threading.Thread(target=self._serve, name=f"turns-{i}", daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._changed:
                while (part := self._choose()) is None:
                    self._changed.wait(5)
                part.busy = True
            began = time.monotonic()
            outcome = self._run_slice(part, began + SLICE_SECONDS)
            with self._changed:
                part.busy = False
                self._account(part.job, time.monotonic() - began)
                closing = self._settle(part, outcome)
                self._changed.notify_all()
            if closing:
                part.job.root.context.run(_close, part.job.root.steps)

    def _run_slice(self, part: _Part, deadline: float) -> Any:
        """Pulls until the slice is over: None; an exception that ended it; or what to gather."""
        job = part.job
        try:
            while not job.left:
                value = part.context.run(next, part.steps)
                if isinstance(value, Together):
                    return value
                if isinstance(value, Expect):
                    job.seconds = value.seconds
                    continue
                told = self._tell(part, value)
                if job.gathering and job.gathering.until():
                    return None
                if time.monotonic() > deadline or (told and len(job.unread) >= _MOST_UNREAD):
                    return None
                if told and not job.told:  # the first picture is there: others want theirs
                    job.told = True
                    return None
        except BaseException as error:  # handed to whoever collects
            return error
        return None

    def _tell(self, part: _Part, value: Any) -> bool:
        job = part.job
        if part.name is None:
            if value is not None:
                job.put(value)
            return value is not None
        with job.gathering_lock:  # news of several parts, in the order in which they were made
            news = job.gathering.take(part.name, value) if job.gathering else None
            if news is not None:
                job.put(news)
        return news is not None

    def _account(self, job: Job, seconds: float) -> None:
        job.service += seconds
        job.told = job.told or job.service > _SILENT_SECONDS
        for share in (job.address, job.session):
            share.set(share.service + seconds)

    def _settle(self, part: _Part, outcome: Any) -> bool:
        """What follows from a slice; whether the run is to be closed, now that it was left."""
        job = part.job
        ended = isinstance(outcome, StopIteration)
        if isinstance(outcome, Together):
            job.gathering, job.winding_up = outcome, False
            job.parts = [
                _Part(job, steps, part.context.copy(), name)
                for name, steps in outcome.parts.items()
            ]
        elif part is job.root and isinstance(outcome, BaseException):
            self._end(job, None if ended else outcome)
            return False
        elif ended:
            job.parts.remove(part)
        elif isinstance(outcome, BaseException) and not job.failed:
            job.root.steps, job.failed = _thrown(job.root.steps, outcome), True
        self._resume(job)
        return job.left and not job.running

    def _resume(self, job: Job) -> None:
        """Back to the run itself, once no part of it has anything left to do."""
        if job.gathering is None:
            return
        job.winding_up = job.failed or not job.parts or job.gathering.until()
        if job.winding_up and not job.running:
            job.gathering, job.parts = None, [job.root]
            job.failed = job.winding_up = False

    def _end(self, job: Job, error: BaseException | None) -> None:
        if job in self._jobs:
            self._remove(job)
        if error is None:
            ratio = min(max(job.service / max(job.seconds, _LEAST_SECONDS), 0.02), 4.0)
            self._scale += 0.1 * (ratio - self._scale)
        job.close(error)

    def play(self, run: Iterator[Any]) -> Iterator[Any]:
        """The news of a run, for a caller who waits for them; closing this gives the run up.

        Raises:
            BaseException: what ended the run.
        """
        news = threading.Event()
        job = self.enter(run, notify=news.set)
        try:
            while True:
                news.wait()
                news.clear()
                told, ended = job.collect()
                yield from told
                if job.error is not None and ended:
                    raise job.error
                if ended:
                    return
        finally:
            job.leave()


def _close(run: Iterator[Any]) -> None:
    close = getattr(run, "close", None)
    if close is not None:
        close()


def _thrown(run: Iterator[Any], error: BaseException) -> Iterator[Any]:
    """The run, told of the error of one of its parts."""
    throw = getattr(run, "throw", None)
    if throw is None:
        raise error
    yield throw(error)
    yield from run


@functools.cache
def own_turns() -> Turns:
    """The line of a script: three runs side by side where there are cores."""
    return Turns(threads=2)


def play(run: Iterator[Any]) -> Iterator[Any]:
    """`Turns.play` in a line of the process's own, for scripts."""
    return own_turns().play(run)


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
        if isinstance(told, (Together, Expect)):
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
