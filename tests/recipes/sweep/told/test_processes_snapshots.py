"""What processes are sent and what comes of their answers, with processes that were made up."""

import functools
import io
import json
import os
import selectors
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers import errors
from classifiers.config.sweep import parse_sweep
from classifiers.errors import ClassifiersError
from classifiers.recipes.sweep import device as devices
from classifiers.recipes.sweep.history import History
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.spread import local, probe, worker
from classifiers.recipes.sweep.spread.ledger import Ledger
from classifiers.recipes.sweep.spread.worker import Outcome, request
from classifiers.recipes.sweep.tasks import tasks_of
from tests.answers.thinned import hold
from tests.processes.clock import Clock

CONFIG = parse_sweep({"values": list(range(2, 22)), "members": 2, "epochs": 3})
TASKS = [tasks_of(CONFIG, training)[0] for training in range(20)]


class Made:
    """`fate`: how many tasks it answers, and whether it then "dies", "hangs" or goes on; or that it
    is "unborn" or dies "stillborn"."""

    def __init__(self, fate: list[Any]) -> None:
        read, self._write = os.pipe()
        self.stdout, self.stdin = os.fdopen(read, "rb", buffering=0), self
        self.left, self.then = fate
        self.sent: list[Any] = []
        self.ended: list[str] = []
        if self.then == "stillborn":
            self.die()
        elif self.then != "unborn":
            self.say(worker.READY)

    def say(self, text: str) -> None:
        os.write(self._write, f"{text}\n".encode())

    def die(self) -> None:
        if self._write:
            os.close(self._write)
            self._write = 0

    def write(self, data: bytes) -> None:
        assert data.endswith(b"\n")
        orders = json.loads(data)
        self.sent.append([[one["task"]["training"], one["limit"]] for one in orders])
        if not self._write:
            raise BrokenPipeError
        for number, _ in self.sent[-1]:
            if not self.left:
                break
            self.left -= 1
            self.say(json.dumps({"columns": [{"of": number}], "seconds": number / 8}))
        if not self.left and self.then == "dies":
            self.die()

    def flush(self) -> None:
        pass

    def kill(self) -> None:
        self.ended.append("killed")

    def communicate(self) -> None:
        self.ended.append("awaited")
        self.die()
        self.stdout.close()


@pytest.fixture
def environments() -> list[dict[str, str]]:
    """Of the processes that were begun."""
    return []


@pytest.fixture
def begin(monkeypatch, environments):
    """Processes begin with these fates, and an answer that does not come takes a second."""
    clock, begun, how = Clock(10.0), [], []
    monkeypatch.setattr(local, "time", clock)

    class Selector(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> Any:
            assert clock.now < 900
            found = super().select(0)
            clock.now += 0 if found else timeout or 0
            return sorted(found, key=lambda one: begun.index(one[0].data.process))

    monkeypatch.setattr(local.selectors, "DefaultSelector", Selector)

    def planned(fates: list[Any]) -> tuple[Clock, list[Made], list[Any]]:
        waiting = iter(fates)

        def popen(words: list[str], **more: Any) -> Made:
            how.append([words[1:], more["process_group"], sorted(more)])
            environments.append(more["env"])
            begun.append(Made(list(next(waiting))))
            return begun[-1]

        monkeypatch.setattr(local.subprocess, "Popen", popen)
        return clock, begun, how

    return planned


def done(outcomes: Iterator[Outcome]) -> list[Any]:
    return [[one.task.training, *list(one.to_dict().values())] for one in outcomes]


FATES: dict[str, tuple[list[Any], list[int]]] = {
    "one after the other": ([(9, ""), (9, "")], [2, 1, 2, 1]),
    "one dies": ([(1, "dies"), (9, ""), (9, "")], [3, 1, 1]),
    "one hangs": ([(1, "hangs"), (9, ""), (9, "")], [3, 1, 1]),
    "one never begins": ([(0, "unborn"), (9, ""), (9, "")], [2, 1]),
    "some die as they begin": (
        [(0, "stillborn"), (9, "")] + [(0, "stillborn"), (1, "dies")] + [(0, "stillborn")] * 2
        + [(9, "")], [1, 2, 1, 3, 1, 1, 1]),
    "three die as they begin": ([(0, "stillborn")] * 9, [1, 1, 1]),
}  # fmt: skip


@pytest.mark.parametrize("name", FATES)
def test_what_processes_are_sent(snapshots, begin, name):
    fates, sizes = FATES[name]
    clock, begun, how = begin(fates)
    told: list[str] = []
    left, asked, counts = iter(TASKS), iter(sizes), []

    def take(count: int) -> list[Any]:
        counts.append(count)
        return [next(left) for _ in range(next(asked, 0))]

    outcomes = []
    try:
        for outcome in local.run_processes(take, lambda t: 2.5 + t.training, 2, told.append):
            outcomes += done(iter([outcome]))
    except ClassifiersError as error:
        told.append(str(error))
    hold(snapshots, "outcomes", outcomes, 90)
    hold(snapshots, "sent", [[one.sent, one.ended] for one in begun], 90)
    hold(snapshots, "told", [told, counts[:1], len(counts), clock.now - 10, len(how)])


def test_answers_in_pieces(begin):
    clock, begun, how = begin([(0, "unborn"), (0, "")])
    process = local._Process(selectors.DefaultSelector())
    made = begun[0]
    process.send(TASKS[:3], lambda task: 4.0 + task.training)
    told = []
    for piece in ("rea", "dy\n", '{"columns": [], "sec', 'onds": 3}\n{"error": "no"}\n{"aga'):
        clock.now += 7
        os.write(made._write, piece.encode())
        told.append([done(process.read()), process.ready, len(process.tasks), process._limits[0]])
    assert told == [
        [[], False, 3, 4.0], [[], True, 3, 4.0], [[], True, 3, 4.0],
        [[[0, [], "", False, 3], [1, None, "no", False, 0.0]], True, 1, 6.0],
    ]  # fmt: skip
    for later, fate in ((36.0, ""), (0.25, "took longer than 6 s")):
        clock.now += later
        assert process.fate() == fate
    assert process.restart() == [TASKS[2]]
    assert (process.fate(), process.ready, len(process.tasks)) == ("", False, 0)
    assert process.process is begun[1]
    assert (list(process.read()), process.ready) == ([], True)
    begun[1].die()
    assert (list(process.read()), process.fate()) == ([], "its worker died")
    process.__exit__()
    assert begun[1].ended == made.ended == ["killed", "awaited"]
    words = ["-P", "-m", "classifiers.recipes.sweep.spread.worker"]
    assert how == [[words, 0, ["env", "process_group", "stdin", "stdout"]]] * 2


def test_a_process_that_no_other_can_follow_is_stopped_all_the_same(begin, monkeypatch):
    begin([(0, "")])
    process = local._Process(selectors.DefaultSelector())
    process.send(TASKS[:2], lambda _: 1.0)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(local.subprocess, "Popen", refuse)
    with pytest.raises(
        ClassifiersError,
        match=r"^workers: must be able to start \(no memory\); use fewer or free some memory$",
    ):
        process.restart()
    process.__exit__()
    assert process.tasks == deque()


@pytest.mark.parametrize("before", [None, "", os.pathsep.join(["/a/b", "c"])])
def test_a_process_finds_the_package_and_what_its_parent_finds(
    begin, environments, monkeypatch, before
):
    monkeypatch.setenv("WHOSE", "the parent's")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONPATH", before)
    begin([(0, "")])
    with local._Process(selectors.DefaultSelector()):
        own, *others = environments[0]["PYTHONPATH"].split(os.pathsep)
    assert (Path(own) / "classifiers" / "errors.py").samefile(errors.__file__)
    assert others == (before.split(os.pathsep) if before else [])
    assert environments[0]["WHOSE"] == "the parent's"


def test_tasks_are_done_here_one_after_the_other(monkeypatch):
    batches, asked = [TASKS[:2], TASKS[2:3]], []
    monkeypatch.setattr(local, "attempt", lambda *given: given)
    taken = local.run_here(lambda n: asked.append(n) or (batches.pop(0) if batches else []),
                           lambda task: task.training / 2, "card")  # fmt: skip
    assert list(taken) == [(TASKS[k], k / 2, "card") for k in range(3)]
    assert asked == [1, 1, 1]


def test_a_worker_answers_line_by_line(monkeypatch):
    monkeypatch.setattr(worker, "attempt", lambda task, limit: Outcome(task, [{"of": limit}]))
    lines = [request(TASKS[:2], [1.5, 2.5]), request(TASKS[2:3], [3.5])]
    out, told = io.StringIO(), []
    system: Any = SimpleNamespace(
        dup=lambda number: number + 5, dup2=lambda *two: told.append(two),
        fdopen=lambda number, mode: told.append((number, mode)) or out, _exit=told.append,
    )  # fmt: skip
    monkeypatch.setattr(worker, "os", system)
    monkeypatch.setattr(worker, "sys", SimpleNamespace(stdin=lines))
    monkeypatch.setattr(worker, "stay_on_one_core", lambda: told.append("one core"))
    worker.main()
    ready, *answers = out.getvalue().splitlines()
    wanted = [{"columns": [{"of": n}], "error": "", "again": False, "seconds": 0.0}
              for n in (1.5, 2.5, 3.5)]  # fmt: skip
    assert (ready, [json.loads(one) for one in answers]) == (worker.READY, wanted)
    assert told == [(6, "w"), (2, 1), "one core"]
    told.clear()
    assert json.loads(worker.answer(lines[0])) == wanted[:2]
    assert told == ["one core"]

    def broken(*_: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(out, "write", broken)
    worker.main()
    assert told[-1] == 1


def test_how_long_a_worker_was_at_a_task(monkeypatch):
    """By its own use of a core; its limit is by the clock on the wall."""
    used, now = iter([7.25, 10.0, 20.0, 26.5]), iter([100.0, 101.0, 102.0, 103.5, 200.0, 202.5])
    clock = SimpleNamespace(thread_time=lambda: next(used), monotonic=lambda: next(now))
    monkeypatch.setattr(worker, "time", clock)
    monkeypatch.setattr(worker, "measure", lambda task, device: iter([5, (0, device), 9]))
    done = worker.attempt(TASKS[0], 3.5, "cuda")
    assert done == Outcome(TASKS[0], ["cuda"], seconds=2.75)
    late = worker.attempt(TASKS[0], 2.25, "cuda")
    assert (late.error, late.again, late.seconds) == ("took longer than 2.25 s", True, 6.5)


def test_the_kind_of_processor_is_its_first_name(monkeypatch):
    monkeypatch.setattr(probe.platform, "processor", lambda: "another")
    for text, kind in (("flags : x\nmodel name\t: A: b\nmodel name\t: C\n", "A"), ("x", "another")):
        monkeypatch.setattr(probe, "open", lambda *_, t=text: io.StringIO(t), raising=False)
        assert probe.processor() == kind

    def refuse(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(probe, "open", refuse)
    assert probe.processor() == "another"


def test_trainings_that_serve_several_settings_are_counted_as_such(tmp_path):
    config = parse_sweep({"over": "epochs", "values": [2, 5], "and_over": "noise", "members": 2,
                          "and_values": [0.1, 0.3, 0.5]})  # fmt: skip
    column, told = {"bayes_accuracy": 0.9}, []
    with Parts(tmp_path / "kept.jsonl", config) as parts:
        books = Ledger(config, parts, told.append)
        for k, task in enumerate([books.take()[0] for _ in range(3)]):
            books.settle(Outcome(task, error="no") if k == 1 else Outcome(task, [column] * 2))
        counts = [line.partition(": ")[2].partition(", about")[0] for line in told]
        assert [one.partition(" failed")[0] for one in counts] == [
            "2 of 6 done, 0", "2 of 6 done, 2", "4 of 6 done, 2"
        ]  # fmt: skip
        again = Ledger(config, parts, told.append)
        assert [task.training for task in again.take()] == [next(iter(books.failures))]
        assert again.take() == []
        assert again.progress() == "4 of 6 done, 0 failed"


def test_moments_that_were_not_reached_are_those_before_them():
    seen = History([0, 1, 7, 30])
    seen.fresh, seen.test = [[0.5, 0.6], [0.7, None]], [[0.1, 0.2], [0.3, 0.4]]
    assert seen.columns() == {
        "epochs": [0, 1, 7, 30],
        "fresh_accuracy": [[0.5, 0.6], [0.7, None], [0.7, None], [0.7, None]],
        "test_accuracy": [[0.1, 0.2], [0.3, 0.4], [0.3, 0.4], [0.3, 0.4]],
    }
    assert History([]).columns() is None


def test_epochs_are_measured_without_stopping_early(monkeypatch):
    stopping = {"early_stopping": {"patience": 1}}
    config = parse_sweep({"values": [4], "members": 3, "base": {"training": stopping}})
    asked: list[Any] = []

    def train(network: Any, training: Any, rows: Any, *, record_at: Any) -> Any:
        asked.append([network.members, training.epochs, training.early_stopping, record_at])
        for epoch in range(31):
            clock.now += 2.0 if epoch > 10 else 7.0
            yield SimpleNamespace(epoch=epoch, scores=None if epoch % 10 else "known")

    clock = Clock()
    monkeypatch.setattr(devices, "train", train)
    monkeypatch.setattr(devices, "time", SimpleNamespace(perf_counter=clock.monotonic))
    assert devices.measure_epoch(config, 0, "cpu") == 2.0
    assert asked == [[3, 30, None, [10]]]


def test_of_many_settings_some_are_estimated_and_stand_for_all(monkeypatch):
    monkeypatch.setattr(devices, "_LOOKED_AT", 2)
    monkeypatch.setattr(devices, "estimate", lambda *_, **__: SimpleNamespace(total=1.0))
    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: True)
    seconds = {"cpu": 2.0, "cuda": 1.0}
    measure = lambda config, index, device: seconds[device]  # noqa: E731
    choose = functools.partial(devices.choose_device, "auto", seconds_an_epoch=measure)
    for members, device in ((2, "cpu"), (3, "cuda")):  # 20 settings: 40 and 60 seconds
        monkeypatch.setattr(devices, "_SMALL_SECONDS", 50.0)
        config = parse_sweep({"values": list(range(2, 22)), "members": members})
        assert choose(config) == device
