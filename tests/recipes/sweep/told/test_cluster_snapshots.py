"""What a Dask cluster is sent and what comes of its answers, with a client that was made up."""

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.config.sweep import parse_sweep
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.sweep.spread import cluster as spread
from classifiers.recipes.sweep.spread import probe, worker
from classifiers.recipes.sweep.spread.cluster import Cluster
from classifiers.recipes.sweep.tasks import Task, tasks_of
from tests.answers.thinned import hold

CONFIG = parse_sweep({"values": list(range(2, 12)), "members": 2, "epochs": 3})
TASKS = [tasks_of(CONFIG, training)[0] for training in range(10)]
OURS = "ours"


class KilledWorker(Exception):
    """As Dask calls it."""


class Clock:
    """Passes whenever it is looked at, but not for ever."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, 0.0

    def monotonic(self) -> float:
        self.now += 0.25
        assert self.now < 900
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds

    def time_ns(self) -> int:
        return 255


class Future:
    """Done at once, or never, as was planned for it."""

    def __init__(self, key: str, fate: Any, told: str) -> None:
        self.key, self.told, self.fate, self.was_cancelled = key, told, fate, False
        self.status = "finished" if fate is None else "error"
        self.status = fate if isinstance(fate, str) else self.status

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        if self.status != "pending":
            call(self)

    def exception(self) -> Any:
        return self.fate

    def cancel(self) -> None:
        self.was_cancelled = True


class Client:
    """`there`: the workers at each look, the last ones from then on; `fates` by submission."""

    def __init__(self, there: list[dict[str, int]], processors: dict[str, Any], fates: Any) -> None:
        self.there, self.processors, self.fates = there, processors, fates
        self.status, self.asked, self.sent, self.closed = "running", [], [], []
        self.futures: list[Future] = []

    def nthreads(self) -> dict[str, int]:
        return self.there.pop(0) if len(self.there) > 1 else self.there[0]

    def run(
        self, function: Any, text: str, names: Any, *, workers: list[str], on_error: str
    ) -> Any:
        code = names["code"] == Path(probe.__file__).read_text()
        self.asked.append([function.__name__, text, code, names["names"],
                           names["expected"], workers, on_error])  # fmt: skip
        return {where: self.processors[where] for where in workers}

    def submit(self, function: Any, call: str, names: Any, *, key: str, workers: list[str],
               pure: bool) -> Future:  # fmt: skip
        asked = json.loads(names["asked"])
        number = len(self.futures) + 1
        told = [[one["task"]["training"], one["limit"]] for one in asked]
        self.sent.append([key, workers, pure, told])
        future = Future(key, self.fates.get(number), function(call, names))
        self.futures.append(future)
        return future

    def gather(self, futures: list[Future]) -> list[str]:
        return [future.told for future in futures]

    def close(self, timeout: float) -> None:
        self.closed.append(timeout)
        if self.status == "broken":
            raise OSError("the scheduler is gone")


def answer(asked: str) -> str:
    """As a worker's, of numbers that differ."""
    trainings = [one["task"]["training"] for one in json.loads(asked)]
    return json.dumps(
        [{"columns": [{"of": t}], "error": "", "again": False, "seconds": t / 4} for t in trainings]
    )


@pytest.fixture
def begin(monkeypatch):
    """A connection to a cluster that was made up, and what it reports."""
    monkeypatch.setattr(probe, "identity", lambda: {"python": "3"})
    monkeypatch.setattr(probe, "processor", lambda: OURS)
    monkeypatch.setattr(worker, "answer", answer)
    monkeypatch.setattr(spread, "_LOOK_SECONDS", 1e-4)

    def connected(there: Any, processors: Any, fates: Any = None) -> Any:
        monkeypatch.setattr(spread, "time", Clock())
        client, told, how = Client(there, processors, fates or {}), [], []

        def make(scheduler: str, **more: Any) -> Client:
            how.append([scheduler, more])
            return client

        monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=make))
        return Cluster("tls://here:1", told.append), client, told, how

    return connected


def taking(sizes: list[int]) -> Callable[[int], list[Task]]:
    left, asked = iter(TASKS), iter(sizes)
    return lambda threads: [next(left) for _ in range(next(asked, 0))]


def test_what_clusters_are_sent(snapshots, begin):
    fates = {1: ValueError("broke\n twice"), 2: "cancelled", 3: KilledWorker("x"), 5: OSError("no"),
             7: KilledWorker("y"), 8: "pending", 9: RuntimeError("our own sentence")}  # fmt: skip
    there = [{}, *[{"a": 1, "b": 2}] * 6, {"b": 2, "c": 4}, {"c": 4}]
    opened, client, told, how = begin(there, {"a": OURS, "b": "theirs", "c": OURS}, fates)
    with opened as cluster:
        hold(snapshots, "as it begins", [dict(cluster.fit), how, client.asked, spread.time.slept])
        outcomes = list(cluster.run(taking([2, 1, 1, 2, 1, 1, 1, 1]), lambda t: 10.5 + t.training))
    hold(snapshots, "sent", client.sent, 90)
    hold(snapshots, "outcomes", [[one.task.training, one.to_dict()] for one in outcomes], 90)
    hold(snapshots, "told", [told, cluster.fit, client.asked[1:], client.closed])
    hold(snapshots, "cancelled", [one.key for one in client.futures if one.was_cancelled])


def test_clusters_that_cannot_be_used(snapshots, begin):
    wrong = {"a": RuntimeError("have another torch (1 in place of 2)"), "b": ValueError("odd"),
             "c": ModuleNotFoundError("cannot import classifiers\n here")}  # fmt: skip
    for names in ("", "a", "bc", "abc"):
        opened, client, told, _ = begin([dict.fromkeys(names, 1)], wrong)
        with pytest.raises(ConfigError) as refused, opened:
            pass
        hold(snapshots, f"workers {names!r}", [str(refused.value), told, client.closed])
    for error in (OSError("nobody \n answers " * 20), ValueError("odd")):

        def fail(*_: Any, error: Exception = error, **__: Any) -> None:
            raise error

        sys.modules["distributed"].Client = fail  # type: ignore[attr-defined]
        with pytest.raises(ConfigError) as refused:
            Cluster("tcp://here:1", print)
        hold(snapshots, f"connecting: {error!r:.20}", str(refused.value))


def test_clusters_that_are_lost(snapshots, begin):
    for name, there, fates, status in (
        ("workers", [{"a": 1}, {"a": 1}, {}], {1: "pending"}, "running"),
        ("scheduler", [{"a": 1}], {1: "pending"}, "closed"),
        ("with a batch", [{"a": 1}], {1: OSError("gone")}, "broken"),
    ):
        opened, client, _, _ = begin(there, {"a": OURS}, fates)

        def lose(opened: Any = opened, client: Any = client, status: str = status) -> None:
            with opened as cluster:
                client.status = status
                list(cluster.run(taking([1]), lambda _: 2.0))

        with pytest.raises(ClassifiersError) as lost:
            lose()
        hold(snapshots, name, [str(lost.value), client.closed, spread.time.now])


@pytest.mark.parametrize("status", ["running", "connecting"])
def test_a_scheduler_that_is_asked_again_is_not_lost(begin, status):
    opened, client, _, _ = begin([{"a": 1}], {"a": OURS})
    with opened as cluster:
        client.status = status
        outcomes = list(cluster.run(taking([2]), lambda _: 2.0))
        cluster._check_scheduler()
    assert [one.task.training for one in outcomes] == [0, 1]
    assert client.closed == [5]


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_addresses_of_schedulers(begin, scheme):
    begin([{"a": 1}], {"a": OURS})
    for address in (f"{scheme}://[::1]:8786", f"{scheme}://a.b.c:1"):
        assert Cluster(address, print).scheduler == address
    for wrong in (f"{scheme}://here", f"{scheme}://:1", f"{scheme}://here:", f"{scheme}://here:1/",
                  f"x{scheme}://here:1", f"{scheme}:here:1", "http://here:1", ""):  # fmt: skip
        with pytest.raises(ConfigError, match="^scheduler: must look like tcp://host:port, got '"):
            Cluster(wrong, print)


def test_workers_that_come_and_go(snapshots, begin):
    there = [{"a": 1}, {"a": 1}, {"a": 1, "b": 3, "c": 1}, {"b": 3, "c": 1}, {"c": 1}]
    opened, client, told, _ = begin(there, {"a": OURS, "b": "other", "c": ValueError("odd")})
    with opened as cluster:
        for look in range(5):
            asked = [one[-2] for one in client.asked]
            hold(snapshots, f"look {look}", [cluster.fit, cluster.refused, told, asked])
            cluster.look()


def test_probes_without_an_answer_are_told(begin, monkeypatch):
    opened, client, told, _ = begin([{"a": 1, "b": 1}], {})
    ends = threading.Event()
    monkeypatch.setattr(client, "run", lambda *_, **__: ends.wait())
    monkeypatch.setattr(spread, "_PROBE_SECONDS", 0.01)
    opened.look()
    ends.set()
    assert opened.refused == dict.fromkeys("ab", "gave no answer in 0.01 s")
    assert told == [f"not used: {name}, whose workers gave no answer in 0.01 s" for name in "ab"]


def test_work_within_some_time():
    ends = threading.Event()
    assert spread._within(9.0, lambda: 5) == 5
    whose = spread._within(9.0, threading.current_thread)
    assert (whose.name, whose.daemon) == ("asking", True), "nobody waits for it at the end"
    with pytest.raises(KeyError):
        spread._within(9.0, lambda: {}["x"])
    with pytest.raises(TimeoutError, match=r"^no answer in 0\.02 s$"):
        spread._within(0.02, ends.wait)
    ends.set()


def test_reasons_are_short():
    long = "word " * 99
    assert spread._reason(RuntimeError(long)) == long[:200]
    assert spread._reason(ModuleNotFoundError("no  x")) == "no x"
    assert spread._reason(ValueError(long)) == f"ValueError: {long[:200]}"
