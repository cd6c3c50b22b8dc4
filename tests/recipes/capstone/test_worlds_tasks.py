"""The tasks that worlds are computed in: their names, seeds and threads, and who does them."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.worlds import record
from classifiers.recipes.capstone.worlds.draw import News
from classifiers.recipes.capstone.worlds.record import Task
from classifiers.recipes.capstone.worlds.rule import (
    other_split,
    other_start,
    seeds_of,
    world_runs,
)

TINY = CapstoneConfig.parse({"dataset": {"samples": 40}, "training": {"epochs": 3}})


def task_of(**more: Any) -> Task:
    usual = {"rule": "tiny", "config": TINY, "network": "good", "kind": "own", "first": 3}
    return Task(**{**usual, "count": 2, **more})


def test_what_a_task_is_called_and_where_it_is_kept(monkeypatch):
    task = task_of()
    assert task.name == "tiny-good-own-0003-2.safetensors"
    assert task.path(Path("kept")).name == task.name
    folder = task.path(Path("kept")).parent
    assert (folder.parent, len(folder.name)) == (Path("kept"), 16)
    for more in ({"network": "underfit"}, {"kind": "split"}, {"first": 4}, {"count": 1}):
        assert task_of(**more).path(Path("kept")).parent == folder
    other = CapstoneConfig.parse({**TINY.to_dict(), "training": {"epochs": 4}})
    assert task_of(config=other).path(Path("kept")).parent != folder
    monkeypatch.setattr(record, "library_versions", lambda: {"torch": "another"})
    assert task.path(Path("kept")).parent != folder


@pytest.mark.parametrize(
    ("kind", "turned"),
    [("own", lambda seeds: seeds), ("split", other_split), ("start", other_start)],
)
def test_a_task_trains_its_worlds_on_one_thread(monkeypatch, kind, turned):
    done: list[Any] = []

    @contextmanager
    def single() -> Iterator[None]:
        done.append("begin")
        yield
        done.append("end")

    def train(run: Any, seeds: Any, truth: Any, *, film: bool) -> Iterator[News]:
        done.append((run, seeds, truth, film))
        draws: Any = ("one", "other")
        yield from (News(0), News(3, scoring=True, draws=draws))

    monkeypatch.setattr(record, "single_thread", single)
    monkeypatch.setattr(record, "train_worlds", train)
    monkeypatch.setattr(record, "truth_of", lambda config: f"the truth of {config is TINY}")
    monkeypatch.setattr(record, "_dump", lambda draws, *, film: (draws, film))
    own = kind == "own"
    assert task_of(kind=kind).compute() == (("one", "other"), own)
    seeds = [turned(seeds_of(TINY, k)) for k in (3, 4)]
    asked = (world_runs(TINY)["good"], seeds, "the truth of True", own)
    assert done == ["begin", asked, "end"]


class Pool:
    """In place of processes: does a task when it is handed in."""

    all: ClassVar[list["Pool"]] = []

    def __init__(self, workers: int, *, mp_context: Any, initializer: Any) -> None:
        self.told = [workers, mp_context.get_start_method(), initializer]
        self.all.append(self)

    def submit(self, call: Any) -> Future:
        done: Future = Future()
        done.set_result(call())
        return done

    def shutdown(self, *, cancel_futures: bool) -> None:
        self.told.append(cancel_futures)


def test_tasks_are_shared_out_to_processes_that_are_ended(monkeypatch):
    monkeypatch.setattr(Pool, "all", [])
    monkeypatch.setattr(record, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(Task, "compute", lambda task: task.name.encode())
    tasks = [task_of(first=k) for k in range(4)]
    wanted = {task: task.name.encode() for task in tasks}
    assert list(record._computed(tasks, 1)) == list(wanted.items())
    assert Pool.all == []
    assert dict(record._computed(tasks, 3)) == wanted
    left: Any = record._computed(tasks, 2)
    next(left)
    left.close()
    ends = [[workers, "spawn", record.share_cores, True] for workers in (3, 2)]
    assert [pool.told for pool in Pool.all] == ends
