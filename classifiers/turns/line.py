"""The line in which runs wait for their turn, and the threads that serve it."""

import atexit
import functools
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from classifiers.turns.fairness import Shares, whose_turn
from classifiers.turns.job import MOST_UNREAD, Job, Part
from classifiers.turns.refusal import ROOM, check_long, choose_to_drop
from classifiers.turns.run import Owner, Place

SLICE_SECONDS = 0.04
_ROUND_SECONDS = 1.0  # of all endless runs, which get shorter slices where they are many
_LEAST_SECONDS = 0.02
_NOBODY = Owner()


class Turns:
    """A line.

    Args:
        threads: runs served at once. Two are better than one even on one core: one may wait for a
            card, or for the interpreter.
        room: runs that may wait or run.
    """

    def __init__(self, threads: int = 2, room: int = ROOM) -> None:
        self._threads, self._room = threads, room
        self._arrivals = itertools.count()
        self._jobs: dict[Job, None] = {}  # in the order of their arrival
        self._shares = Shares()
        self._scale = 1.0  # measured seconds over estimated ones
        self._places: tuple[float, dict[int, Place]] = (0.0, {})
        self._leaving: list[Job] = []
        self._turn, self._ends = itertools.count(1), itertools.count(1)  # of turns
        self._started = False
        self._changed = threading.Condition()  # held by whoever looks at any of these

    def enter(
        self,
        run: Iterator[Any],
        owner: Owner = _NOBODY,
        *,
        long: bool = False,
        notify: Callable[[], None] = lambda: None,
    ) -> Job:
        """Puts a run in line.

        Args:
            run: a generator, as `classifiers.turns.run` says.
            owner: whose it is.
            long: of a kind of which one owner may have only so many.
            notify: called by another thread when there is something to collect.

        Raises:
            BusyError: the owner has as many long ones as may be, or there is no room.
        """
        with self._changed:
            if long:
                check_long(self._jobs, owner)
            if len(self._jobs) >= self._room:
                dropped, error = choose_to_drop(self._jobs, owner, self._room)
                self._remove(dropped)
                dropped.end(error)
            job = Job(
                run,
                owner,
                next(self._arrivals),
                self._shares.of(owner),
                long=long,
                notify=notify,
                leave=self._leave,
                wake=self._wake,
            )
            self._jobs[job] = None
            job.address.jobs += 1
            job.session.jobs += 1
            if not self._started:
                self._start()
            self._changed.notify()
        return job

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
                if ended and job.error is not None:
                    raise job.error
                if ended:
                    return
        finally:
            job.leave()

    def place(self, job: Job) -> Place | None:
        """Where a job stands; None while a thread is at it, or when it has ended."""
        with self._changed:
            now = time.monotonic()
            if now - self._places[0] > 0.5:
                self._places = (now, self._stand_in_line())
            return None if job.running else self._places[1].get(job.arrival)

    def _stand_in_line(self) -> dict[int, Place]:
        places, seconds = {}, 0.0
        now = time.monotonic()
        waiting = [job for job in self._jobs if job.rests_until <= now]
        for number, job in enumerate(sorted(waiting, key=whose_turn), 1):
            left = max(job.seconds * self._scale - job.service, _LEAST_SECONDS)
            seconds += left if job.small else left / self._threads  # small ones go one by one
            places[job.arrival] = Place(number, seconds)
        return places

    def _remove(self, job: Job) -> None:
        if job in self._jobs:
            del self._jobs[job]
            job.address.jobs -= 1
            job.session.jobs -= 1

    def _leave(self, job: Job) -> None:
        with self._changed:
            self._remove(job)
            if not job.left:
                job.left = True
                self._leaving.append(job)  # closing may take a while: that is for a thread
                self._changed.notify()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _start(self) -> None:
        self._started = True
        atexit.register(self._end)
        for i in range(self._threads):
            threading.Thread(target=self._serve, name=f"turns-{i}", daemon=True).start()

    def _end(self) -> None:
        """Leaves no thread in a library's code, which is about to be unloaded."""
        with self._changed:
            jobs = list(self._jobs)
        for job in jobs:
            job.leave()
        end = time.monotonic() + 2.0
        while any(job.running for job in jobs) and time.monotonic() < end:
            time.sleep(0.01)

    def _serve(self) -> None:
        while True:
            self._serve_once()  # what it held of a run goes with it

    def _serve_once(self) -> None:
        with self._changed:
            while (part := self._choose()) is None and not self._may_close():
                self._changed.wait(self._until_next())
            closing = [job for job in self._leaving if not job.running]
            self._leaving = [job for job in self._leaving if job.running]
            if part is not None:
                part.busy = True
        for job in closing:
            job.close()
        if part is not None:
            self._run(part)

    def _until_next(self) -> float:
        """Seconds after which a rest ends, at most 5."""
        now = time.monotonic()
        rests = (job.rests_until - now for job in self._jobs if job.rests_until > now)
        return min(rests, default=5.0)

    def _may_close(self) -> bool:
        return any(not job.running for job in self._leaving)

    def _run(self, part: Part) -> None:
        job, began = part.job, time.monotonic()
        outcome = job.run_slice(part, began + self._slice(job))
        with self._changed:
            part.busy = False
            job.account(time.monotonic() - began, next(self._ends))
            job.settle(part, outcome)
            if job.ended:
                self._learn(job)
                self._remove(job)
            self._changed.notify_all()

    def _slice(self, job: Job) -> float:
        """Seconds that a job may take at once."""
        if not job.endless:
            return SLICE_SECONDS
        with self._changed:
            many = sum(one.endless for one in self._jobs)
        return min(SLICE_SECONDS, _ROUND_SECONDS / max(1, many))

    def _choose(self) -> Part | None:
        """The part whose turn it is."""
        now = time.monotonic()
        self._shares.decay(now)
        small_under_way = any(job.small and job.running for job in self._jobs)
        waiting = (
            job
            for job in self._jobs
            if len(job.unread) < MOST_UNREAD
            and not job.winding_up
            and job.rests_until <= now
            and not (job.small and small_under_way)
            and any(not part.busy for part in job.parts)
        )
        # In a crowd that never ends, first pictures would be all that is ever drawn.
        first = 0 if next(self._turn) % 4 else 1
        job = min(
            waiting, key=lambda job: (not job.stopping, *whose_turn(job)[first:]), default=None
        )
        if job is None:
            return None
        return min((part for part in job.parts if not part.busy), key=lambda part: part.begun)

    def _learn(self, job: Job) -> None:
        """How far estimates are from what runs take here and now."""
        if job.error is None:
            ratio = min(max(job.service / max(job.seconds, _LEAST_SECONDS), 0.02), 4.0)
            self._scale += 0.1 * (ratio - self._scale)


@functools.cache
def _own_turns() -> Turns:
    return Turns()


def play(run: Iterator[Any]) -> Iterator[Any]:
    """`Turns.play` in a line of the process's own, for scripts."""
    return _own_turns().play(run)
