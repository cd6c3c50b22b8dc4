"""Work side by side, on the cores there are.

torch leaves the interpreter's lock while it computes, so threads are enough. Its own threads are
not used for this: they change the last bits of a sum, and they fight when several visitors train.
"""

import contextlib
import functools
import multiprocessing
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import torch

from classifiers.compute.subnormals import flushed_subnormals

A = TypeVar("A")
B = TypeVar("B")

_CORES = os.cpu_count() or 1  # asked once: the answer takes as long as a small product
_MOST_HELPERS = 4  # hardly more runs train at once, and each can use one
_starting = threading.Lock()
_on_one_core = False
_counting = threading.Lock()
_busy = 0  # threads at work, helpers not among them
_thread = threading.local()  # `shares`: it does its part of something that was divided
_yield = getattr(os, "sched_yield", lambda: None)  # not everywhere


def share_cores() -> None:
    """Sets the process up for several runs at once, as the app and the scripts do.

    With one torch thread each they take less time in total. And a thread that wants the
    interpreter's lock gets it after 0.1 ms, not 5: a run with long products would else wait again
    and again for one with short products, which lets go of it and is back before the other wakes.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(1e-4)


def stay_on_one_core() -> None:
    """For a worker process, before it computes: its siblings need the other cores."""
    global _on_one_core
    _on_one_core = True
    share_cores()


class _Task(Generic[A]):
    """Work that is done once, by a helper thread or by whoever needs the result before one comes.

    A future of concurrent.futures does as much, but its locks, and a core that falls asleep while
    it waits, cost a step of a large network a tenth of its time.
    """

    def __init__(self, work: Callable[[], A]) -> None:
        self.work = work
        self.error: BaseException | None = None
        self.unclaimed, self.done = threading.Lock(), threading.Lock()
        self.done.acquire()

    def run(self) -> bool:
        """Does the work if nobody has begun it."""
        if not self.unclaimed.acquire(blocking=False):
            return False
        try:
            self.value = self.work()
        except BaseException as error:  # raised where the result is asked for
            self.error = error
        self.done.release()
        return True

    def result(self) -> A:
        """What the work gave; waits if a helper is at it."""
        if not self.run():
            for _ in range(50):  # the 25 us that a core takes to wake
                if self.done.acquire(blocking=False):
                    break
                _yield()
            else:
                self.done.acquire()
        if self.error:
            raise self.error
        return self.value


def begin(work: Callable[[], A]) -> Callable[[], A]:
    """Has a helper thread do the work, if one is free; what is returned waits for the result, or
    does the work itself if no helper has begun it by then. It can be called once.

    Where each core has a thread at work already, a helper would only take turns with them, and so
    would whoever waits for it: beside a large network two small ones took a third longer.
    """
    alone = torch.get_num_threads() > 1 or _busy >= _CORES or getattr(_thread, "shares", False)
    tasks = None if alone else _helpers()
    if tasks is None:
        return work
    task = _Task(work)
    tasks.put(task)
    return task.result


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Both results, at the same time if a helper thread is free; what is divided in two is not
    divided again."""
    end = begin(second)
    before = getattr(_thread, "shares", False)
    _thread.shares = True
    try:
        result = first()
    finally:
        _thread.shares = before
        other = end()
    return result, other


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """Within it this thread keeps a core busy: helpers leave that one alone."""
    _change_busy(1)
    try:
        yield
    finally:
        _change_busy(-1)


def _change_busy(by: int) -> None:
    global _busy
    with _counting:
        _busy += by


def _helpers() -> "queue.SimpleQueue[_Task] | None":
    """Where helper threads, one a spare core, look for tasks; a worker process has none, since its
    siblings need the cores."""
    with _starting:  # two runs may ask first
        return _the_helpers()


@functools.cache
def _the_helpers() -> "queue.SimpleQueue[_Task] | None":
    alone = multiprocessing.parent_process() is None and not _on_one_core
    spare = _CORES - 1 if alone else 0
    return _start_helpers(min(spare, _MOST_HELPERS)) if spare else None


def _start_helpers(count: int) -> "queue.SimpleQueue[_Task]":
    tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()

    def help_out() -> None:
        torch.set_num_threads(1)  # a new thread has as many as there are cores
        _thread.shares = True
        with flushed_subnormals():
            while True:
                tasks.get().run()

    for i in range(count):
        threading.Thread(target=help_out, name=f"helper-{i}", daemon=True).start()
    return tasks
