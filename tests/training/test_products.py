"""Products by oneDNN and on helper threads, against torch's own in float64."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from subprocess import CompletedProcess
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.compute import products as module
from classifiers.compute.parallel import _start_helpers
from classifiers.compute.products import products
from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.network import MLP
from classifiers.training import train
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.training.test_training import last, rows

SIZES = st.integers(1, 40)


@pytest.fixture
def onednn(monkeypatch):
    """oneDNN for every product, whatever the processor."""
    if not module._LINEAR.is_fast:
        pytest.skip("this torch comes without oneDNN, or with another one")
    for name, value in {"_WORK": 0, "_NARROW": 0, "_mkl_is_slow": lambda: True}.items():
        monkeypatch.setattr(module, name, value)
    used = []

    def watched(*arguments):
        used.append(threading.get_ident())
        return multiply(*arguments)

    multiply = module._multiply
    monkeypatch.setattr(module, "_multiply", watched)
    return used


@settings(deadline=None)  # oneDNN writes a kernel for each new size
@given(members=st.integers(1, 3), n=SIZES, fan_in=SIZES, fan_out=SIZES, flipped=st.booleans())
def test_onednn_multiplies_as_torch_does(members, n, fan_in, fan_out, flipped):
    generator = torch.Generator().manual_seed(n)
    bias, a, b = (
        torch.randn(members, *shape, generator=generator)
        for shape in ((1, fan_out), (n, fan_in), (fan_in, fan_out))
    )
    if flipped:  # as the backward pass hands them over
        a, b = a.mT.contiguous().mT, b.mT.contiguous().mT
    exact = torch.baddbmm(bias.double(), a.double(), b.double())
    out = torch.full(exact.shape, torch.nan)
    assert module._ONEDNN.baddbmm(bias, a, b, out=out) is out
    torch.testing.assert_close(out.double(), exact, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        module._ONEDNN.bmm(a, b).double(), exact - bias, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(("members", "dropout"), [(1, 0.0), (3, 0.3)])
def test_a_run_with_onednn_ends_where_one_without_does(monkeypatch, request, members, dropout):
    config = NetworkConfig(widths=(40, 30), activation="tanh", dropout=dropout)
    ends = []
    used = []
    for onednn in (False, True):
        if onednn:
            used = request.getfixturevalue("onednn")
        network = MLP(config, 2, 3, members).initialize(0)
        record = last(train(network, TrainingConfig(epochs=30), rows(101)))
        ends.append((network.parameters, torch.from_numpy(record.scores["train"].loss)))
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-5)
    # Two hidden layers forward, one back and two gradients a step; and what is scored.
    assert len(used) == 30 * 5 + 31 * 2


def test_only_large_float32_products_on_a_cpu_that_mkl_is_slow_on_go_to_onednn(monkeypatch):
    network = torch.zeros(1)
    monkeypatch.setattr(module, "_mkl_is_slow", lambda: True)
    monkeypatch.setitem(module._LINEAR.__dict__, "chosen", None)  # whatever this torch does
    assert products(network, 150, 256, 256) is module._ONEDNN
    assert products(network, 210, 256, 256) is module._halved(module._ONEDNN)
    for other in (
        products(network, 210, 16, 16),
        products(network, 10_000, 2, 256),
        products(network.double(), 150, 256, 256),
        products(network.bfloat16(), 150, 256, 256),
    ):
        assert other is module._TORCH
    monkeypatch.setattr(module, "_mkl_is_slow", lambda: False)
    assert products(network, 150, 256, 256) is module._TORCH
    assert products(network, 210, 256, 256) is module._halved(module._TORCH)
    # A member's product is the same in every group.
    assert products(torch.zeros(4), 210, 128, 100) is module._TORCH
    assert module.pays_aside(torch.zeros(4), 210, 128, 100)
    assert not module.pays_aside(network, 210, 128, 100)


@pytest.mark.parametrize(
    ("sizes", "onednn", "halved"),
    [
        ((100, 150, 200), True, False),
        ((100, 150, 199), False, False),
        *((sizes, True, False) for sizes in ((32, 400, 400), (400, 32, 400), (400, 400, 32))),
        *((sizes, False, False) for sizes in ((31, 400, 400), (400, 31, 400), (400, 400, 31))),
        ((100, 200, 499), True, False),
        ((100, 200, 500), True, True),
        ((10, 100, 10_000), False, True),
        ((10, 100, 9_999), False, False),
    ],
)
def test_sizes_from_which_a_product_is_large_wide_or_long(monkeypatch, sizes, onednn, halved):
    monkeypatch.setattr(module, "_mkl_is_slow", lambda: True)
    monkeypatch.setitem(module._LINEAR.__dict__, "chosen", None)
    network = torch.zeros(1)
    whole = module._ONEDNN if onednn else module._TORCH
    assert products(network, *sizes) is (module._halved(whole) if halved else whole)
    assert products(network.double(), *sizes) is (
        module._halved(module._TORCH) if halved else module._TORCH
    )
    assert products(network.to("meta"), *sizes) is module._TORCH
    monkeypatch.setitem(module._LINEAR.__dict__, "chosen", module._LINEAR.public)
    assert products(network, *sizes) is (module._halved(module._TORCH) if halved else module._TORCH)


@pytest.mark.parametrize(
    ("processor", "widest", "slow"),
    [
        ("vendor_id: AuthenticAMD", "AVX512", True),
        ("vendor_id: AuthenticAMD", "AVX2", False),
        ("vendor_id: GenuineIntel", "AVX512", False),
        (None, "AVX512", False),
    ],
)
def test_mkl_is_slow_where_it_leaves_half_of_a_wide_unit_idle(
    monkeypatch, tmp_path, processor, widest, slow
):
    file = tmp_path / "cpuinfo"
    if processor is not None:
        file.write_text(processor)
    monkeypatch.setattr(module, "Path", {"/proc/cpuinfo": file}.__getitem__)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: widest)
    assert module._mkl_is_slow.__wrapped__() is slow


@pytest.mark.parametrize("rows", [2, 101, 210])
@pytest.mark.parametrize("members", [1, 3])
def test_the_halves_of_a_product_are_the_whole(members, rows):
    bias, a, b = torch.randn(members, 1, 50), torch.randn(members, rows, 60), torch.randn(60, 50)
    b = b.expand(members, -1, -1)
    out = torch.full((members, rows, 50), torch.nan)
    assert module._halved(module._TORCH).baddbmm(bias, a, b, out=out) is out
    exact = torch.baddbmm(bias.double(), a.double(), b.double())
    torch.testing.assert_close(out.double(), exact, rtol=1e-4, atol=1e-4)


def test_a_run_has_the_same_bits_whichever_threads_are_free(monkeypatch, onednn):
    """Helpers that are busy, or that a machine with one core has not, change the time alone; so
    does a thread that has run nothing yet."""
    monkeypatch.setattr(module, "_ASIDE_WORK", 1.0)
    monkeypatch.setattr("classifiers.compute.parallel._CORES", 2)
    ends = []

    def run() -> None:
        network = MLP(NetworkConfig(widths=(64, 48), dropout=0.3), 2, 3).initialize(0)
        last(train(network, TrainingConfig(epochs=30), rows(101)))
        ends.append(network.parameters)

    for helpers in (None, _start_helpers(1), SimpleQueue()):
        monkeypatch.setattr("classifiers.compute.parallel._helpers", lambda h=helpers: h)
        run()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(ends) == 4
    assert len(set(onednn)) == 3  # this thread, the helper, the new one
    assert all(torch.equal(end, ends[0]) for end in ends)


_ALONE = """
import os, threading
import torch
from classifiers.compute.parallel import share_cores
from classifiers.compute.products import _ONEDNN
share_cores()
"""


def alone(script: str, start: Callable[..., CompletedProcess], **environment: str) -> int:
    """What a script prints in a process that has multiplied nothing else."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("reads Linux's /proc")
    ran = start("-c", _ALONE + script, cwd=ROOT, env={**os.environ, **environment})
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


def anew(*words: str, **settings: Any) -> CompletedProcess:
    """A process that reads OMP_NUM_THREADS, as torch does when it is imported."""
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, **settings)


@pytest.mark.usefixtures("onednn")
def test_a_new_thread_multiplies_on_one_core():
    script = """
a, b = torch.randn(1, 900, 256), torch.randn(1, 256, 256)
_ONEDNN.bmm(a, b)
def work():
    before = len(os.listdir("/proc/self/task"))
    _ONEDNN.bmm(a, b)
    print(len(os.listdir("/proc/self/task")) - before)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    assert alone(script, anew, OMP_NUM_THREADS="3") == 0


@pytest.mark.usefixtures("onednn")
def test_sizes_met_before_do_not_fill_the_memory():
    script = """
def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 10**6
for n in range(300, 700):
    _ONEDNN.bmm(torch.zeros(1, n, 128), torch.zeros(1, 128, 64 + n % 150))
    if n == 400:
        first = megabytes()
print(megabytes() - first)
"""
    bounded, whole = (
        alone(script, warm().run),
        alone(
            script, warm().run, LRU_CACHE_CAPACITY="1024", ONEDNN_PRIMITIVE_CACHE_CAPACITY="1024"
        ),
    )
    assert bounded < whole / 3
