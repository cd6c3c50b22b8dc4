"""Sweeps spread over workers: the same bytes from one process, from several, and from Dask."""

import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.spread import cluster as spread
from classifiers.recipes.sweep.spread import local
from tests.conftest import free_port
from tests.processes.warm import Process, warm

ROOT = Path(__file__).resolve().parents[3]
CONFIG = SweepConfig.parse(
    {"values": [2, 4, 6, 8, 12, 16], "members": 4, "epochs": 200,
     "base": {"network": {"dropout": 0.1}}}
)  # fmt: skip
TINY = SweepConfig.parse({"values": [2, 3], "members": 1, "epochs": 2})


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> bytes:
    """The file as one process writes it."""
    output = tmp_path_factory.mktemp("alone") / "sweep.json"
    write_sweep(CONFIG, output, report=silent)
    return output.read_bytes()


@dataclass
class Cluster:
    """A Dask scheduler on loopback and its workers, without dashboards."""

    folder: Path
    address: str
    scheduler: Process
    workers: dict[str, Process]

    def add(self, name: str, *, path: Path | None = ROOT) -> None:
        """A worker, with `path` to import from."""
        host = self.address.split("//")[1].split(":")[0]
        arguments = ("worker", self.address, "--host", host, "--nthreads", "1", "--no-nanny",
                     "--name", name, "--local-directory", str(self.folder / name))  # fmt: skip
        self.workers[name] = start(self.folder, path, *arguments)

    def await_workers(self, count: int) -> None:
        from distributed import Client

        with Client(self.address, timeout=40, set_as_default=False) as client:
            if count:
                client.wait_for_workers(count, timeout=40)


def start(folder: Path, path: Path | None, *arguments: str) -> Process:
    """A process of Dask elsewhere.

    Neither this folder nor the package is on its path unless it is given.
    """
    settings = {**os.environ, "PYTHONPATH": "" if path is None else str(path)}
    settings |= {"NO_PROXY": "127.0.0.1"}
    words = ("-m", "dask", *arguments, "--no-dashboard")
    return warm().start(*words, cwd=folder, env=settings, out=folder / "cluster.log")


@contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """A scheduler that knows nothing of the package; all is ended by its id."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    port = free_port()
    scheduler = start(folder, None, "scheduler", "--host", "127.0.0.1", "--port", str(port))
    cluster = Cluster(folder, f"tcp://127.0.0.1:{port}", scheduler, {})
    try:
        yield cluster
    finally:
        for process in (*cluster.workers.values(), scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Three workers."""
    with started(tmp_path_factory.mktemp("cluster")) as running:
        for name in ("a", "b", "c"):
            running.add(name)
        running.await_workers(3)
        yield running


# Processes of this machine.


def children() -> list[int]:
    """The workers of this process."""
    psutil = pytest.importorskip("psutil", reason="psutil, which finds the worker, is missing")
    found = psutil.Process().children()
    return [child.pid for child in found if "spread.worker" in " ".join(child.cmdline())]


def test_local_processes_write_the_same_bytes_with_one_lost_and_none_left_over(tmp_path, alone):
    told: list[str] = []

    def report(line: str) -> None:
        told.append(line)
        if len(told) == 1:
            os.kill(children()[0], signal.SIGKILL)

    write_sweep(CONFIG, tmp_path / "sweep.json", workers=2, report=report)
    assert any("lost" in line for line in told)
    assert (tmp_path / "sweep.json").read_bytes() == alone
    assert children() == []


def copied(folder: Path) -> Path:
    """A copy of the package's code in a folder."""
    without = shutil.ignore_patterns("__pycache__", "static", "ui")
    return shutil.copytree(ROOT / "classifiers", folder / "classifiers", ignore=without)


def broken(folder: Path, **what: str) -> Path:
    """Where workers find a package that does something else at these widths."""
    deeds = {int(width.removeprefix("width_")): deed for width, deed in what.items()}
    with (copied(folder / "copy") / "recipes" / "sweep" / "tasks.py").open("a") as file:
        file.write(
            "\n_whole = measure\n\ndef measure(task, device='cpu'):\n    import os, time\n"
            f"    exec({deeds}.get(task.run.network.widths[0], ''))\n"
            "    return _whole(task, device)\n"
        )
    return folder / "copy"


def test_settings_that_kill_their_workers_are_rows(tmp_path, monkeypatch):
    where = broken(tmp_path, width_3="os._exit(9)")
    monkeypatch.setattr(local, "_ROOT", where)
    monkeypatch.setattr("classifiers.recipes.sweep.spread.ledger.RETRIES", 1)
    config = SweepConfig.parse({**TINY.to_dict(), "values": [2, 3, 5]})
    result = write_sweep(config, tmp_path / "sweep.json", workers=2, report=silent)
    rows = result["rows"]
    assert rows[1]["error"] == "its worker died (2 times)"
    assert [rows[i]["parameters"] for i in (0, 2)] == [18, 57]


def test_processes_that_cannot_start_are_told(tmp_path, monkeypatch):
    broken = tmp_path / "broken" / "classifiers"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(local, "_ROOT", tmp_path / "broken")
    with pytest.raises(ClassifiersError, match="^workers: must be able to start, but died 3 times"):
        write_sweep(TINY, tmp_path / "sweep.json", workers=2, report=silent)


@pytest.mark.parametrize("begun", [0, 1, 2])
def test_a_machine_that_has_room_for_no_more_processes_is_told(tmp_path, monkeypatch, begun):
    """None begins, one of two, or none in the place of one that died."""
    popen, left = local.subprocess.Popen, iter(range(begun))

    def begin(words: list[str], **how: object) -> object:
        if next(left, None) is None:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return popen([sys.executable, "-c", "print('ready', flush=True)"], **how)  # and dies

    monkeypatch.setattr(local.subprocess, "Popen", begin)
    with pytest.raises(ClassifiersError, match="^workers: must be able to start .*unavailable"):
        write_sweep(TINY, tmp_path / "sweep.json", workers=2, report=silent)


def test_workers_that_began_may_die_as_often_as_they_like(tmp_path, monkeypatch):
    popen, words = local.subprocess.Popen, [sys.executable, "-ISc", "print('ready', flush=True)"]
    monkeypatch.setattr(local.subprocess, "Popen", lambda _, **how: popen(words, **how))
    result = write_sweep(TINY, tmp_path / "sweep.json", workers=2, report=silent)
    assert [row["error"] for row in result["rows"]] == ["its worker died (3 times)"] * 2


def test_fewer_than_one_worker_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="^workers: must be at least 1, got 0"):
        write_sweep(CONFIG, tmp_path / "sweep.json", workers=0)


# Dask.


def test_dask_writes_the_same_bytes_with_a_worker_killed_half_way(tmp_path, alone, cluster):
    from distributed import Client

    lost: list[str] = []

    def report(line: str) -> None:
        """After the first value, kills a worker in the middle of another."""
        if lost:
            return
        with Client(cluster.address, set_as_default=False) as observer:
            busy = [address for address, tasks in observer.processing().items() if tasks]
            known = observer.scheduler_info(n_workers=-1)["workers"]
            lost.append(known[busy[0]]["name"])
        cluster.workers[lost[0]].kill()
        cluster.workers.pop(lost[0]).wait()

    write_sweep(CONFIG, tmp_path / "sweep.json", scheduler=cluster.address, report=report)
    assert lost
    assert (tmp_path / "sweep.json").read_bytes() == alone
    # The same scheduler serves the next sweep, with the workers that are left.
    write_sweep(TINY, tmp_path / "next.json", scheduler=cluster.address, report=silent)
    write_sweep(TINY, tmp_path / "here.json", report=silent)
    assert (tmp_path / "next.json").read_bytes() == (tmp_path / "here.json").read_bytes()


def test_a_failure_on_a_worker_is_a_row(tmp_path, cluster):
    result = write_sweep(
        CONFIG, tmp_path / "x.json", scheduler=cluster.address, report=silent, task_seconds=1e-9
    )
    assert {row["error"] for row in result["rows"]} == {"took longer than 1e-09 s (3 times)"}


def test_workers_that_come_later_are_looked_at_before_they_get_work(cluster):
    """One that lacks the package joins: it is named, and never among those that are sent any."""
    from classifiers.recipes.sweep.spread.cluster import Cluster as Connection

    told: list[str] = []
    with Connection(cluster.address, told.append) as connection:
        before = dict(connection.fit)
        cluster.add("late", path=None)
        cluster.await_workers(len(before) + 1)
        deadline = time.monotonic() + 30
        while not connection.refused and time.monotonic() < deadline:
            connection.look()
            time.sleep(0.2)
        assert connection.fit == before
        (why,) = connection.refused.values()
    assert why.startswith("cannot import classifiers")
    assert told == [f"not used: {next(iter(connection.refused))}, whose workers {why}"]
    late = cluster.workers.pop("late")
    late.kill()
    late.wait()


def test_minutes_without_workers_are_counted_from_the_last_one_on(monkeypatch):
    """Ten minutes with one, then a moment without."""
    work, looks, now = [["task"]], [], [0.0]

    class Flight(list):
        def __init__(self, _: object) -> None:
            pass

        def send(self, batch: list, _: object) -> None:
            self.append(batch)

        def divert(self, _: dict) -> None:
            pass

        def land(self, _: float) -> Iterator[list]:
            now[0] += 100.0
            if len(looks) == 8:
                yield self.pop()

    def look() -> None:
        looks.append(1)
        cluster.fit = {} if len(looks) == 6 else {"a": 1}

    cluster = object.__new__(spread.Cluster)
    cluster.fit, cluster.look, cluster._check_scheduler = {"a": 1}, look, lambda: None
    monkeypatch.setattr(spread, "_Flight", Flight)
    monkeypatch.setattr(spread, "time", SimpleNamespace(monotonic=lambda: now[0]))
    told = cluster.run(lambda _: work.pop() if work else [], lambda _: 1.0)
    assert list(told) == [["task"]]


def test_every_thread_has_a_batch_and_one_that_waits(monkeypatch):
    work, most = list(range(1, 41)), []

    class Flight(list):
        def __init__(self, _: object) -> None:
            pass

        def send(self, batch: int, _: object) -> None:
            self.append(batch)

        def land(self, _: float) -> Iterator[int]:
            most.append(len(self))
            yield self.pop()

    cluster = object.__new__(spread.Cluster)
    cluster.fit = {"a": 1, "b": 4}
    monkeypatch.setattr(spread, "_Flight", Flight)
    done = list(cluster.run(lambda _: work.pop() if work else None, lambda _: 1.0))
    assert sorted(done) == list(range(1, 41))
    assert max(most) == most[0] == 2 * 5


@pytest.mark.parametrize("scheduler", ["127.0.0.1:8786", "tcp://127.0.0.1", "nonsense"])
def test_an_address_that_is_none_is_named(tmp_path, scheduler):
    with pytest.raises(ConfigError, match=r"^scheduler: must look like tcp://host:port"):
        write_sweep(CONFIG, tmp_path / "sweep.json", scheduler=scheduler, report=silent)


def refused(tmp_path: Path, address: str) -> str:
    """The sentence with which a cluster is refused; in time, and with nothing left."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    start = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        write_sweep(TINY, tmp_path / "out" / "sweep.json", scheduler=address, report=silent)
    assert time.monotonic() - start < 60  # 10 asked; two where nothing else runs
    assert not (tmp_path / "out").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Where nobody can answer, a moment tells as much as the seconds that a busy one is given."""
    monkeypatch.setattr("classifiers.recipes.sweep.spread.cluster._CONNECT_SECONDS", 0.5)


def test_a_scheduler_that_nobody_started_is_refused(impatient, tmp_path):
    said = refused(tmp_path, f"tcp://127.0.0.1:{free_port()}")
    assert re.match(r"scheduler: must be a running Dask scheduler, got 'tcp://127", said)


def test_a_port_that_never_answers_is_refused(impatient, tmp_path):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        said = refused(tmp_path, f"tcp://127.0.0.1:{mute.getsockname()[1]}")
    assert said.startswith("scheduler: must be a running Dask scheduler")


def test_a_scheduler_without_workers_or_with_wrong_ones_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("classifiers.recipes.sweep.spread.cluster._WORKER_SECONDS", 0.2)
    with started(tmp_path) as cluster:
        cluster.await_workers(0)
        assert "has no workers; start some with `dask worker tcp://" in refused(
            tmp_path, cluster.address
        )
        cluster.add("bare", path=None)
        cluster.await_workers(1)
        assert re.search(
            r"the workers at tcp://\S+ cannot import classifiers; put its folder on their "
            r"PYTHONPATH",
            refused(tmp_path, cluster.address),
        )
        with (copied(tmp_path / "old") / "network.py").open("a") as file:
            file.write("# another version\n")
        cluster.add("old", path=tmp_path / "old")
        cluster.await_workers(2)
        cluster.workers["bare"].terminate()
        cluster.workers["bare"].wait()
        assert "have another version of the package (" in refused(tmp_path, cluster.address)


def test_workers_with_another_torch_are_refused(tmp_path, cluster, monkeypatch):
    from classifiers.recipes.sweep.spread import probe

    here = {**probe.identity(), "torch": "0.0.1"}
    monkeypatch.setattr(probe, "identity", lambda: here)
    assert re.search(r"have another torch \(\S+ in place of 0\.0\.1\); nor can \d others?",
                     refused(tmp_path, cluster.address))  # fmt: skip


def test_without_dask_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"^scheduler: needs Dask, which is not installed; "
                       r"pip install -r requirements-dev\.txt$"):  # fmt: skip
        write_sweep(CONFIG, tmp_path / "x.json", scheduler="tcp://127.0.0.1:1", report=silent)


def test_a_reason_is_one_line_and_a_librarys_has_the_name_of_its_class():
    assert spread._reason(TimeoutError("no answer\n in 3 s")) == "no answer in 3 s"
    assert spread._reason(OSError("gone")) == "OSError: gone"
