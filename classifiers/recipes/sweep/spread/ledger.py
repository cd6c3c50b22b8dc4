"""The books of a sweep: hands out what is left to do, and takes back what became of it."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from pydantic import ValidationError

from classifiers.config import SweepLike
from classifiers.errors import ArtifactError, ClassifiersError
from classifiers.recipes.sweep.parts import Key, Parts
from classifiers.recipes.sweep.result import name_setting
from classifiers.recipes.sweep.spread.worker import Outcome
from classifiers.recipes.sweep.tasks import Columns, Task, count_trainings, settings_of, tasks_of

RETRIES = 2
# Tiny tasks are sent together: for so long on few workers, and longer as each that is added makes
# more work of handing them out. What dies with a worker is what it was at.
_LEAST_SECONDS, _MOST_SECONDS, _SECONDS_A_WORKER, _MOST_A_BATCH = 0.5, 2.0, 0.01, 64
_REPORT_SECONDS = 1.0
_LEAST_LIMIT, _LIMIT_FACTOR = 60.0, 30.0  # of the estimate
_MOST_SORTED = 1000  # trainings


class Ledger:
    """What is done, what failed and what is left.

    `failures` has a sentence for each training that failed. `epochs`, where it is set, is where
    all trainings end.
    """

    def __init__(
        self,
        config: SweepLike,
        parts: Parts,
        report: Callable[[str], None],
        *,
        device: str = "cpu",
        most_seconds: float | None = None,
    ) -> None:
        self.config, self.parts, self.report = config, parts, report
        self.device, self.most_seconds = device, most_seconds
        self.failures: dict[int, str] = {}
        self._settings = config.count // count_trainings(config)  # that a training serves
        self.seconds = 0.0  # of cores, in this process' time
        self.began = time.monotonic()
        self.begin(range(count_trainings(config)), None)

    def begin(self, trainings: Iterable[int], epochs: int | None) -> None:
        """Starts a round: these trainings, to so many epochs."""
        self.epochs = epochs
        order = trainings if isinstance(trainings, range) else list(trainings)
        self.count = len(order) * self._settings
        self.done = self.known = self.failed = 0  # settings; known ones were done before
        self._open: dict[int, int] = {}  # tasks of a training that are out or to come
        self._tries: Counter[Key] = Counter()
        self._again: deque[Task] = deque()
        self._tasks = self._new_tasks(order)
        self._round_began, self._told = time.monotonic(), 0.0

    # For whoever does the tasks.

    def take(self, workers: int = 1) -> list[Task]:
        """The next tasks to be done together; empty if there are none for now.

        Towards the end they are few, so that none of so many workers is left without any.
        """
        if self._again:
            return [self._again.popleft()]
        batch: list[Task] = []
        seconds, left = 0.0, self.count - self.done - self.failed
        most = min(_MOST_A_BATCH, max(1, left // (4 * workers)))
        enough = min(_MOST_SECONDS, _LEAST_SECONDS + _SECONDS_A_WORKER * workers)
        while seconds < enough and len(batch) < most:
            task = next(self._tasks, None)
            if task is None:
                break
            batch.append(task)
            seconds += task.work.total
        return batch

    def limit(self, task: Task) -> float:
        """Seconds that a task may take."""
        if self.most_seconds is not None:
            return self.most_seconds
        return max(_LEAST_LIMIT, _LIMIT_FACTOR * task.work.total)

    def settle(self, outcome: Outcome) -> None:
        """Takes back what became of a task."""
        task, training = outcome.task, outcome.task.training
        self.seconds += outcome.seconds
        if outcome.columns is not None:
            self.parts.write(task, outcome.columns, outcome.seconds)
            if training in self._open:
                self._open[training] -= 1
                if not self._open[training]:
                    del self._open[training]
                    self._count(task)
        elif outcome.again and (not outcome.error or self._tries[task.key] < RETRIES):
            self._tries[task.key] += bool(outcome.error)
            self._again.append(task)
        else:
            tries = self._tries[task.key] + 1
            error = outcome.error if tries == 1 else f"{outcome.error} ({tries} times)"
            self.parts.write_failure(task, error)
            self._open.pop(training, None)
            self._fail(training, error)

    # For whoever puts the rows together.

    def columns(self, training: int, epochs: int | None = None) -> list[list[Columns]]:
        """What the tasks of a finished training gave, in the order of their members.

        Raises:
            ArtifactError: the file of finished tasks was altered meanwhile.
        """
        found = []
        for task in tasks_of(self.config, training, self.device, epochs or self.epochs):
            columns = self.parts.read(task)
            if columns is None:
                raise ArtifactError(
                    str(self.parts.path),
                    "was altered while the sweep ran; the same command goes on with what is intact",
                )
            found.append(columns)
        return found

    def summary(self) -> str:
        """How it went, in one line."""
        took = _duration(time.monotonic() - self.began)
        text = f"done in {took}; tasks took {self.seconds:.1f} core seconds"
        failed = len(self.failures)
        if not failed:
            return text
        are, them = ("is a row with its", "it") if failed == 1 else ("are rows with their", "them")
        return f"{text}; {failed} failed and {are} error: the same command tries {them} again"

    # Inside.

    def _new_tasks(self, order: Iterable[int]) -> Iterator[Task]:
        for training in self._longest_first(order):
            if training in self.failures:
                continue
            try:
                tasks = tasks_of(self.config, training, self.device, self.epochs)
            except (ClassifiersError, ValidationError) as error:
                self._fail(training, _sentence(error))
                continue
            new = [task for task in tasks if task not in self.parts]
            if not new:
                self.known += self._settings
                self.done += self._settings
                continue
            self._open[training] = len(new)
            for task in new:
                if training not in self._open:
                    break  # it failed meanwhile
                yield task

    def _longest_first(self, order: Iterable[int]) -> Iterable[int]:
        """So that no worker starts the longest one when the others are done."""
        if self.count > _MOST_SORTED:
            return order

        def seconds(training: int) -> float:
            try:
                return sum(
                    task.work.total
                    for task in tasks_of(self.config, training, self.device, self.epochs)
                )
            except (ClassifiersError, ValidationError):
                return 0.0

        return sorted(order, key=lambda training: -seconds(training))

    def _fail(self, training: int, error: str) -> None:
        if training not in self.failures:
            self.failures[training] = error
            self.failed += self._settings
            name = name_setting(self.config, settings_of(self.config, training)[-1])
            self._tell(f"{name} failed ({error})")

    def _count(self, task: Task) -> None:
        self.done += self._settings
        self._tell(name_setting(self.config, task.indices[-1]))

    def _tell(self, name: str) -> None:
        now = time.monotonic()
        if self.count > _MOST_SORTED and now - self._told < _REPORT_SECONDS:
            return
        self._told = now
        self.report(f"{name}: {self.progress()}")

    def progress(self) -> str:
        """How far the round is."""
        fresh = self.done - self.known + self.failed
        seconds = max(time.monotonic() - self._round_began, 1e-9)
        text = f"{self.done:,} of {self.count:,} done, {self.failed:,} failed"
        left = self.count - self.done - self.failed
        if not fresh:
            return text
        rate = fresh / seconds
        told = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        return f"{text}, {told}, about {_duration(left / rate)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ").replace("Input should", "should")
        return f"{where}: {said}" if where else said
    return str(error)
