"""Workers of a Dask cluster that do tasks. Only those that were looked at are sent any.

Whatever is sent travels as text, so the scheduler need not know the package. Only a few batches a
worker are under way at a time, so neither it nor this process holds more of a long sweep than of a
short one.
"""

import contextlib
import functools
import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.sweep.spread import probe
from classifiers.recipes.sweep.spread.worker import Outcome, request
from classifiers.recipes.sweep.tasks import Task
from classifiers.wording import counted

Take = Callable[[int], list[Task]]
Limit = Callable[[Task], float]
T = TypeVar("T")

_CONNECT_SECONDS, _PROBE_SECONDS, _WORKER_SECONDS = 4.0, 4.0, 1.5  # under ten in all
_LOOK_SECONDS = 0.25  # at which workers there are
_DESERTED_SECONDS = 300.0
_BATCHES_A_THREAD = 2  # one that is done, one that waits beside it
_FIX = "start one with `dask scheduler` and pass its tcp://host:port"
_CALL = "__import__('importlib').import_module(module).answer(asked)"
_MODULE = "classifiers.recipes.sweep.spread.worker"


class Cluster:
    """A connection, and the workers that fit.

    Raises:
        ConfigError: no such scheduler, no workers, or none of them may be sent this work; within
            ten seconds.
    """

    def __init__(self, scheduler: str, report: Callable[[str], None]) -> None:
        if not re.fullmatch(r"(tcp|tls)://.+:\d+", scheduler):
            message = f"must look like tcp://host:port, got {scheduler!r}; {_FIX}"
            raise ConfigError("scheduler", message)
        try:
            from distributed import Client
        except ImportError:
            raise ConfigError(
                "scheduler",
                "needs Dask, which is not installed; pip install -r requirements-dev.txt",
            ) from None
        self.scheduler, self.report = scheduler, report
        self.fit: dict[str, int] = {}  # address: threads
        self.refused: dict[str, str] = {}
        self._expected = probe.identity()
        self._own_processor = probe.processor()
        connect = functools.partial(
            Client, scheduler, timeout=_CONNECT_SECONDS, set_as_default=False
        )
        try:  # its own limit does not hold where something listens and says nothing
            self.client = _within(_CONNECT_SECONDS + 1, connect)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:120]
            message = f"must be a running Dask scheduler, got {scheduler!r} ({reason}); {_FIX}"
            raise ConfigError("scheduler", message) from None

    def __enter__(self) -> "Cluster":
        try:
            self._find_workers()
        except BaseException:
            self.client.close(timeout=1)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self.client.close(timeout=5)

    # Who may be sent work.

    def _find_workers(self) -> None:
        deadline = time.monotonic() + _WORKER_SECONDS
        while not self._workers() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.look()
        if not self.fit and not self.refused:
            raise ConfigError(
                "scheduler", f"has no workers; start some with `dask worker {self.scheduler}`"
            )
        if not self.fit:
            where, why = next(iter(self.refused.items()))
            others = len(self.refused) - 1
            more = f"; nor can {counted(others, 'other')}" if others else ""
            message = f"has no worker that can do this: the workers at {where} {why}{more}"
            raise ConfigError("scheduler", message)

    def _workers(self) -> dict[str, int]:
        """Threads by address."""
        return self.client.nthreads()

    def look(self) -> None:
        """Forgets the workers that left, and looks at those that came."""
        there = self._workers()
        self.fit = {where: self.fit[where] for where in self.fit if where in there}
        new = [where for where in there if where not in self.fit and where not in self.refused]
        if not new:
            return
        for where, answer in self._ask(new).items():
            if isinstance(answer, str):
                self.fit[where] = there[where]
                if answer != self._own_processor:
                    self.report(
                        f"{where} has another processor ({answer}): the last bits may differ"
                    )
            else:
                self.refused[where] = _reason(answer)
                self.report(f"not used: {where}, whose workers {self.refused[where]}")

    def _ask(self, workers: list[str]) -> dict[str, Any]:
        """What each worker answers to the probe: its processor, or an exception."""
        code = Path(probe.__file__).read_text()
        ask = functools.partial(
            self.client.run,
            eval,
            "(exec(code, names), names['check'](expected))[1]",
            {"code": code, "names": {"__name__": "probe"}, "expected": self._expected},
            workers=workers,
            on_error="return",
        )
        try:
            return _within(_PROBE_SECONDS, ask)
        except TimeoutError:
            return dict.fromkeys(workers, TimeoutError(f"gave no answer in {_PROBE_SECONDS:g} s"))

    # The work.

    def run(self, take: Take, limit: Limit) -> Iterator[Outcome]:
        """Does all tasks, in any order.

        Raises:
            ClassifiersError: the scheduler is lost, or all workers are for minutes.
        """
        flight = _Flight(self)
        looked = peopled = time.monotonic()
        while True:
            threads = sum(self.fit.values())
            while len(flight) < _BATCHES_A_THREAD * threads and (batch := take(threads)):
                flight.send(batch, limit)
            if not len(flight) and self.fit:
                return
            yield from flight.land(_LOOK_SECONDS)
            now = time.monotonic()
            if now - looked > _LOOK_SECONDS:
                looked = now
                self._check_scheduler()
                self.look()
                flight.divert(self.fit)
            if self.fit:
                peopled = now
            elif now - peopled > _DESERTED_SECONDS:
                raise ClassifiersError("scheduler", "has had no worker for five minutes")

    def _check_scheduler(self) -> None:
        if self.client.status not in ("running", "connecting"):
            raise ClassifiersError("scheduler", f"was lost; start it again: {self.scheduler}")


class _Flight:
    """Batches under way."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._landed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._batches: dict[str, tuple[Any, list[Task], Limit, list[str]]] = {}
        self._sent = 0
        self._name = f"sweep-{time.time_ns():x}"

    def __len__(self) -> int:
        return len(self._batches)

    def send(self, batch: list[Task], limit: Limit) -> None:
        self._sent += 1
        workers = list(self.cluster.fit)
        key = f"{self._name}-{self._sent}"
        future = self.cluster.client.submit(
            eval,
            _CALL,
            {"module": _MODULE, "asked": request(batch, [limit(task) for task in batch])},
            key=key,
            workers=workers,
            pure=False,
        )
        self._batches[key] = (future, batch, limit, workers)
        future.add_done_callback(self._landed.put)

    def land(self, seconds: float) -> Iterator[Outcome]:
        """The outcomes of batches that are done; waits for the first."""
        done: list[str] = []
        with contextlib.suppress(queue.Empty):
            done.append(self._landed.get(timeout=seconds).key)
            while True:
                done.append(self._landed.get_nowait().key)
        done = [key for key in done if key in self._batches]
        good = [key for key in done if self._batches[key][0].status == "finished"]
        for key, told in zip(good, self._gather(good), strict=True):
            _, batch, _, _ = self._batches.pop(key)
            for task, outcome in zip(batch, json.loads(told), strict=True):
                yield Outcome(task, **outcome)
        for key in done:
            if key in self._batches:
                yield from self._failed(key)

    def _gather(self, keys: list[str]) -> list[str]:
        return self.cluster.client.gather([self._batches[key][0] for key in keys])

    def _failed(self, key: str) -> Iterator[Outcome]:
        future, batch, limit, _ = self._batches.pop(key)
        self.cluster._check_scheduler()
        if future.status == "cancelled":
            error: BaseException | str = "was cancelled"
        else:
            error = future.exception()
        if len(batch) > 1:  # one of them may be at fault: which?
            for task in batch:
                self.send([task], limit)
            return
        lost = type(error).__name__ == "KilledWorker"
        told = "every worker that it ran on died" if lost else _reason(error)
        yield Outcome(batch[0], error=told, again=not lost)

    def divert(self, fit: dict[str, int]) -> None:
        """Sends batches again whose workers have all left."""
        for key, (future, batch, limit, workers) in list(self._batches.items()):
            if fit and not any(where in fit for where in workers):
                del self._batches[key]
                future.cancel()
                self.send(batch, limit)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises, or TimeoutError; its thread is then left to itself."""
    ended: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def do() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:  # raised where the result is asked for
            ended.put((None, error))

    threading.Thread(target=do, name="asking", daemon=True).start()
    try:
        result, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds:g} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _reason(error: Any) -> str:
    """One line, without the name of a class where it is our own sentence."""
    text = " ".join(str(error).split())[:200]
    if isinstance(error, (str, RuntimeError, ModuleNotFoundError, TimeoutError)):
        return text
    return f"{type(error).__name__}: {text}"
