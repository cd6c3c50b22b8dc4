"""Sweeps spread over workers: the same bytes from one process, from several, and from Dask."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from classifiers.config import SweepConfig
from classifiers.errors import ConfigError
from classifiers.recipes.sweep.file import write_sweep
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
CONFIG = SweepConfig.parse(
    {"values": [2, 4, 6, 8, 12, 16, 24, 32], "members": 4, "epochs": 300,
     "base": {"network": {"dropout": 0.1}}}
)  # fmt: skip


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
    address: str
    workers: dict[str, subprocess.Popen]


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    """A Dask scheduler and four workers on loopback, without a dashboard; ended by their ids."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    address = f"tcp://127.0.0.1:{free_port()}"
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"}
    log = (tmp_path / "cluster.log").open("w")

    def start(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        return subprocess.Popen(command, cwd=tmp_path, env=settings, stdout=log, stderr=log)

    host, port = address.removeprefix("tcp://").split(":")
    scheduler = start("scheduler", "--host", host, "--port", port)
    worker = ("worker", address, "--host", host, "--nthreads", "1", "--no-nanny")
    workers = {
        name: start(*worker, "--name", name, "--local-directory", str(tmp_path / name))
        for name in ("a", "b", "c", "d")
    }
    try:
        with distributed.Client(address, timeout=40, set_as_default=False) as client:
            client.wait_for_workers(len(workers), timeout=40)
        yield Cluster(address, workers)
    finally:
        for process in (*workers.values(), scheduler):
            process.kill()
            process.wait()
        log.close()


def test_local_processes_write_the_same_bytes(tmp_path, alone):
    write_sweep(CONFIG, tmp_path / "sweep.json", workers=2, report=silent)
    assert (tmp_path / "sweep.json").read_bytes() == alone


def test_a_lost_local_process_is_replaced(tmp_path, alone):
    psutil = pytest.importorskip("psutil", reason="psutil, which finds the worker, is missing")
    told: list[str] = []

    def report(line: str) -> None:
        told.append(line)
        if len(told) == 1:
            for child in psutil.Process().children():
                if "popen_loky" in " ".join(child.cmdline()):
                    os.kill(child.pid, signal.SIGKILL)
                    break

    write_sweep(CONFIG, tmp_path / "sweep.json", workers=2, report=report)
    assert any("lost" in line for line in told)
    assert (tmp_path / "sweep.json").read_bytes() == alone


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
        cluster.workers[lost[0]].wait()

    write_sweep(CONFIG, tmp_path / "sweep.json", scheduler=cluster.address, report=report)
    assert (tmp_path / "sweep.json").read_bytes() == alone
    alive = [name for name, process in cluster.workers.items() if process.poll() is None]
    assert len(alive) == 3
    # The same scheduler serves the next sweep, with the workers that are left.
    write_sweep(CONFIG, tmp_path / "again.json", scheduler=cluster.address, report=silent)
    assert (tmp_path / "again.json").read_bytes() == alone


@pytest.mark.parametrize("scheduler", ["127.0.0.1:8786", "tcp://127.0.0.1", "nonsense"])
def test_an_address_that_is_none_is_named(tmp_path, scheduler):
    with pytest.raises(ConfigError, match=r"^scheduler: must look like tcp://host:port"):
        write_sweep(CONFIG, tmp_path / "sweep.json", scheduler=scheduler, report=silent)


def test_without_dask_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"^scheduler: needs Dask.*requirements-dev\.txt"):
        write_sweep(CONFIG, tmp_path / "x.json", scheduler="tcp://127.0.0.1:1", report=silent)


def test_fewer_than_one_worker_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="^workers: must be at least 1, got 0"):
        write_sweep(CONFIG, tmp_path / "sweep.json", workers=0)


def test_a_sweep_in_this_process_loads_neither_joblib_nor_dask():
    code = (
        "import sys; from classifiers.config import SweepConfig\n"
        "from classifiers.recipes.sweep.file import write_sweep\n"
        "from classifiers.recipes.sweep.run import run_sweep\n"
        "list(run_sweep(SweepConfig.parse({'values': [2], 'epochs': 1})))\n"
        "print(sorted({'joblib', 'dask', 'distributed'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
