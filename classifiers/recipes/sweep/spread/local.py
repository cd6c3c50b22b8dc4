"""Processes of this machine that do tasks, each replaced when it dies or hangs."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from classifiers.errors import ClassifiersError
from classifiers.recipes.sweep.spread.worker import READY, Outcome, attempt, request
from classifiers.recipes.sweep.tasks import Task

Take = Callable[[int], list[Task]]
Limit = Callable[[Task], float]

_ROOT = Path(__file__).resolve().parents[4]
_GRACE_SECONDS = 30.0  # over a task's limit, which a worker keeps itself unless it hangs
_START_SECONDS = 300.0  # of a busy machine
_MOST_STILLBORN = 3  # in a row


def run_here(take: Take, limit: Limit, device: str = "cpu") -> Iterator[Outcome]:
    """Does all tasks in this process."""
    while batch := take(1):
        for task in batch:
            yield attempt(task, limit(task), device)


def run_processes(
    take: Take, limit: Limit, count: int, report: Callable[[str], None]
) -> Iterator[Outcome]:
    """Does all tasks in so many processes.

    Args:
        take: the next tasks to be done together; empty where there are none for now.
        limit: seconds that a task may take.
        count: processes.
        report: told of each that is lost.

    Raises:
        ClassifiersError: processes cannot start, or die as they do.
    """
    stillborn = 0
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        processes = [stack.enter_context(_Process(selector)) for _ in range(count)]
        while True:
            for process in processes:
                if not process.tasks and (batch := take(count)):
                    process.send(batch, limit)
            if not any(process.tasks for process in processes):
                return
            for key, _ in selector.select(timeout=1.0):
                yield from key.data.read()
            for process in processes:
                fate = process.fate()
                if not fate:
                    continue
                stillborn = stillborn + 1 if not process.ready else 0
                if stillborn >= _MOST_STILLBORN:
                    raise ClassifiersError(
                        "workers",
                        f"must be able to start, but died {stillborn} times in a row; use fewer "
                        f"than {count} or free some memory",
                    )
                report("a worker was lost; what it was at is computed again")
                lost = process.restart()
                if lost:
                    yield Outcome(lost[0], error=fate, again=True)
                for task in lost[1:]:  # which it had not begun
                    yield Outcome(task, again=True)


class _Process:
    """One worker, and the tasks that it has not answered yet."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.selector = selector
        self.tasks: deque[Task] = deque()
        self._limits: deque[float] = deque()
        self._start()

    def _start(self) -> None:
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        try:
            self.process = subprocess.Popen(
                # -P: what lies in the folder one happens to be in is not imported.
                [sys.executable, "-P", "-m", "classifiers.recipes.sweep.spread.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                process_group=0,  # Ctrl-C is for the parent, which then ends its workers
            )
        except OSError as error:
            raise ClassifiersError(
                "workers", f"must be able to start ({error}); use fewer or free some memory"
            ) from None
        self.ready, self.ended, self._rest = False, False, b""
        self._told = time.monotonic()
        assert self.process.stdout is not None
        self.selector.register(self.process.stdout, selectors.EVENT_READ, self)

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(KeyError, ValueError):  # stopped before, and no other could begin
            self.selector.unregister(self.process.stdout)
        self.process.kill()
        with contextlib.suppress(OSError):  # what was written to it, and not read
            self.process.communicate()

    def send(self, batch: list[Task], limit: Limit) -> None:
        assert self.process.stdin is not None
        self.tasks = deque(batch)
        self._limits = deque(limit(task) for task in batch)
        self._told = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it died, which shows soon
            self.process.stdin.write(f"{request(batch, list(self._limits))}\n".encode())
            self.process.stdin.flush()

    def read(self) -> Iterator[Outcome]:
        """What it answered since."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._told = time.monotonic()
            if line == READY.encode():
                self.ready = True
                continue
            self._limits.popleft()
            yield Outcome(self.tasks.popleft(), **json.loads(line))

    def fate(self) -> str:
        """What became of it, if it is not to go on."""
        if self.ended:
            return "its worker died"
        if not self.tasks:
            return ""
        patience = self._limits[0] + _GRACE_SECONDS if self.ready else _START_SECONDS
        if time.monotonic() - self._told <= patience:
            return ""
        if not self.ready:
            return f"its worker did not begin in {patience:g} s"
        return f"took longer than {self._limits[0]:.3g} s"

    def restart(self) -> list[Task]:
        """A new process in its place; the tasks that the old one leaves."""
        self._stop()
        left = list(self.tasks)
        self.tasks.clear()
        self._start()
        return left
