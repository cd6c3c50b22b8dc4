"""Tasks that a helper thread or the caller does."""

import contextlib
import threading
import time
from queue import SimpleQueue

import pytest
import torch

from classifiers.compute import parallel
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import NetworkConfig
from classifiers.network import MLP
from classifiers.training.backward import Pass
from classifiers.training.draws import Draws
from tests.training.test_training import subnormals_are_flushed


@pytest.fixture
def helped(monkeypatch):
    """One helper thread, whatever the machine."""
    tasks = parallel._start_helpers(1)
    monkeypatch.setattr(parallel, "_helpers", lambda: tasks)


@pytest.fixture
def unhelped(monkeypatch):
    """Helpers that never get round to anything."""
    monkeypatch.setattr(parallel, "_helpers", SimpleQueue)


@pytest.mark.usefixtures("helped")
def test_a_helper_does_what_was_begun_and_flushes_subnormals():
    begun, go_on = threading.Event(), threading.Event()

    def work() -> tuple[str, bool, int]:
        begun.set()
        go_on.wait(10)
        flushed = subnormals_are_flushed()
        return threading.current_thread().name, flushed, torch.get_num_threads()

    end = parallel.begin(work)
    assert begun.wait(10)
    threading.Timer(0.1, go_on.set).start()
    assert end() == ("helper-0", True, 1)
    assert not subnormals_are_flushed()


def test_each_of_several_helpers_computes_on_one_core():
    seen: SimpleQueue[int] = SimpleQueue()
    parallel._start_helpers(2).put(parallel._Task(lambda: seen.put(torch.get_num_threads())))
    assert seen.get(timeout=10) == 1


def test_a_helper_asks_for_one_core_before_its_first_task(monkeypatch):
    asked: SimpleQueue[tuple[str, int]] = SimpleQueue()
    monkeypatch.setattr(
        parallel.torch, "set_num_threads", lambda n: asked.put((threading.current_thread().name, n))
    )
    parallel._start_helpers(2)
    assert sorted(asked.get(timeout=10) for _ in range(2)) == [("helper-0", 1), ("helper-1", 1)]


@pytest.mark.usefixtures("unhelped")
def test_what_no_helper_has_begun_is_done_by_the_caller():
    me = threading.current_thread().name
    assert parallel.begin(lambda: threading.current_thread().name)() == me
    assert parallel.both(lambda: 1, lambda: 2) == (1, 2)


@pytest.mark.usefixtures("helped")
def test_a_core_that_is_busy_gets_no_helper(monkeypatch):
    monkeypatch.setattr(parallel, "_CORES", 2)

    def done_by() -> str:
        end = parallel.begin(lambda: threading.current_thread().name)
        time.sleep(0.1)  # for a helper to come
        return end()

    me = threading.current_thread().name
    with parallel.at_work():
        assert done_by() == "helper-0"
        with contextlib.suppress(KeyError), parallel.at_work():
            assert done_by() == me
            raise KeyError
        assert done_by() == "helper-0"


@pytest.mark.usefixtures("helped")
def test_what_is_divided_is_not_divided_again():
    def name() -> str:
        return threading.current_thread().name

    def begun() -> tuple[str, str]:
        end = parallel.begin(name)
        time.sleep(0.1)  # for a helper to come
        return name(), end()

    me = name()
    assert parallel.both(begun, begun) == ((me, me), ("helper-0", "helper-0"))
    assert begun() == (me, "helper-0")
    # Nor after a part of it that was divided in vain.
    inner = parallel.both(lambda: (parallel.both(name, name), begun()), name)
    assert inner == (((me, me), (me, me)), "helper-0")


def test_subnormals_stay_flushed_when_an_inner_part_ends():
    with flushed_subnormals():
        with flushed_subnormals():
            assert subnormals_are_flushed()
        assert subnormals_are_flushed()
    assert not subnormals_are_flushed()


@pytest.mark.parametrize("mode", ["helped", "unhelped"])
def test_an_error_is_raised_where_the_result_is_asked_for(mode, request):
    request.getfixturevalue(mode)
    for _ in range(2):  # the helper outlives it
        with pytest.raises(ZeroDivisionError):
            parallel.begin(lambda: 1 / 0)()
    with pytest.raises(KeyError):
        parallel.both(lambda: {}[0], lambda: 1)


@pytest.mark.usefixtures("helped")
def test_work_is_done_once_whoever_comes_first():
    done = []
    ends = [parallel.begin(lambda k=k: done.append(k)) for k in range(500)]
    for end in ends:
        end()
    assert sorted(done) == list(range(500))


def test_two_runs_that_begin_at_once_start_one_set_of_helpers(monkeypatch):
    started, both = [], threading.Barrier(2)

    def start(count: int) -> SimpleQueue:
        started.append(count)
        time.sleep(0.1)
        return SimpleQueue()

    def ask() -> None:
        both.wait()
        parallel._helpers()

    monkeypatch.setattr(parallel, "_start_helpers", start)
    monkeypatch.setattr(parallel, "_CORES", 64)
    parallel._the_helpers.cache_clear()
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parallel._the_helpers.cache_clear()
    assert started == [4]


@pytest.mark.parametrize(
    ("cores", "parent", "alone", "count"),
    [(64, None, False, 4), (4, None, False, 3), (2, None, False, 1), (1, None, False, None),
     (64, "a process", False, None), (64, None, True, None)],
)  # fmt: skip
def test_one_helper_a_spare_core_and_none_for_a_worker(monkeypatch, cores, parent, alone, count):
    monkeypatch.setattr(parallel, "_start_helpers", lambda count: count)
    monkeypatch.setattr(parallel, "_CORES", cores)
    monkeypatch.setattr(parallel, "_on_one_core", alone)
    monkeypatch.setattr(parallel.multiprocessing, "parent_process", lambda: parent)
    assert parallel._the_helpers.__wrapped__() == count


def test_a_worker_stays_on_one_core_with_one_thread(monkeypatch):
    told = []
    monkeypatch.setattr(parallel, "_on_one_core", False)
    monkeypatch.setattr(parallel.torch, "set_num_threads", told.append)
    monkeypatch.setattr(parallel.sys, "setswitchinterval", told.append)
    parallel.stay_on_one_core()
    assert (parallel._on_one_core, told) == (True, [1, 1e-4])


def test_who_has_threads_of_its_own_or_a_part_begins_nothing(monkeypatch):
    tasks = SimpleQueue()
    monkeypatch.setattr(parallel, "_helpers", lambda: tasks)
    monkeypatch.setattr(parallel, "_CORES", 2)
    waiting = []
    for threads, busy, shares in ((1, 0, False), (1, 1, False), (2, 0, False), (1, 2, False),
                                  (1, 3, False), (1, 0, True)):  # fmt: skip
        monkeypatch.setattr(parallel.torch, "get_num_threads", lambda threads=threads: threads)
        monkeypatch.setattr(parallel, "_busy", busy)
        monkeypatch.setattr(parallel._thread, "shares", shares, raising=False)
        end = parallel.begin(lambda: 7)
        waiting.append(tasks.qsize())
        assert end() == 7
    assert waiting == [1, 2, 2, 2, 2, 2]


def passed(widths: tuple[int, ...], rows_: int = 10) -> tuple[Pass, tuple[torch.Tensor, ...]]:
    """A pass of two networks, and a batch for it."""
    network = MLP(NetworkConfig(widths=widths), 2, 3, members=2).initialize(0)
    gradient = torch.zeros_like(network.parameters)
    generator = torch.Generator().manual_seed(1)
    x, target = (torch.randn(2, *of, generator=generator) for of in ((rows_, 2), (3, rows_)))
    return Pass(network, gradient, rows_, Draws([0, 1], gradient.device)), (
        x, target, torch.tensor(0.1), gradient,
    )  # fmt: skip


def test_long_products_of_a_pass_are_handed_to_helpers_and_waited_for(monkeypatch):
    plain, batch = passed((4, 30, 2))
    plain.gradient(*batch[:3])
    monkeypatch.setattr("classifiers.compute.products._ASIDE_WORK", 1200)
    begun, ended = [], []

    def begin(work):
        begun.append(work)
        return lambda: ended.append(work())

    monkeypatch.setattr("classifiers.training.backward.begin", begin)
    aside, other = passed((4, 30, 2))
    assert aside.aside == [False, True, True], "two networks, ten rows, 8, 120 and 60 weights"
    aside.gradient(*other[:3])
    assert (len(begun), len(ended)) == (2, 2)
    torch.testing.assert_close(other[3], batch[3])


def test_whoever_writes_into_its_buffers_has_ended_before_an_error_is_told(monkeypatch):
    run, batch = passed((4,))
    ended = []

    def broken(x_t, begun):
        begun += [lambda: ended.append(1), lambda: ended.append(2)]
        raise KeyError

    monkeypatch.setattr(run, "_backward", broken)
    with pytest.raises(KeyError):
        run.gradient(*batch[:3])
    assert ended == [1, 2]
