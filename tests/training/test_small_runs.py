"""Runs that mostly hold the interpreter's lock are not put side by side; others are."""

import threading
import time
from collections.abc import Iterator

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.budget import estimate, expect, scoring_seconds
from classifiers.turns import Expect, Owner, Turns
from tests.training.test_turns import collect


class Crowd:
    """Counts how many of its runs are at work at the same time."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def run(self, *, small: bool) -> Iterator[None]:
        yield Expect(0.1, small=small)
        for _ in range(40):
            with self._lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            time.sleep(0.002)
            with self._lock:
                self.inside -= 1
            yield None


def most_at_once(*kinds: bool) -> int:
    turns, crowd = Turns(threads=2), Crowd()
    jobs = []
    for i, small in enumerate(kinds):
        jobs.append(turns.enter(crowd.run(small=small), Owner("a", str(i))))
        jobs[-1].small = small  # else it is known once the first slice has begun
    for job in jobs:
        collect(job)
    return crowd.most


def test_small_runs_go_one_after_another_and_beside_large_ones():
    assert most_at_once(True, True, True) == 1
    assert most_at_once(True, False) == 2
    assert most_at_once(False, False) == 2


def test_a_place_in_line_counts_small_runs_one_by_one():
    """Two threads halve the wait behind others, not behind those that go one after another."""
    waits = {}
    for small in (True, False):
        turns = Turns(threads=2)
        turns._started = True  # no thread serves it
        jobs = [turns.enter(iter(()), Owner("a", str(i))) for i in range(4)]
        for job in jobs:
            job.seconds, job.small = 10.0, small
        waits[small] = turns.place(jobs[-1]).seconds
    assert waits == {True: 40.0, False: 20.0}


def test_the_lessons_networks_are_small_and_wide_ones_are_not():
    usual, wide = (
        PlaygroundConfig.parse({"network": {"widths": widths}}) for widths in ([16, 16], [256, 256])
    )
    assert expect(PlaygroundConfig()).small
    assert expect(usual).small
    assert not expect(wide).small
    assert not expect(usual, wide).small
    assert expect(usual, wide).seconds == expect(usual).seconds + expect(wide).seconds


def test_a_run_is_small_in_any_part_and_pauses_as_long_as_its_longest():
    sizes = ((1, []), (None, []), (None, [{"epoch": 5, "batch_size": 1}]),
             (1, [{"epoch": 5, "batch_size": None}]))  # fmt: skip
    one, whole, falls, grows = (
        PlaygroundConfig.parse(
            {
                "network": {"widths": [256, 256]},
                "training": {"batch_size": size, "changes": changes},
            }
        )
        for size, changes in sizes
    )
    assert [estimate(run).small for run in (one, whole, falls, grows)] == [True, False, True, True]
    pauses = [estimate(run).pause for run in (falls, grows)]
    assert pauses == [estimate(whole).pause] * 2
    assert estimate(whole).pause > estimate(one).pause == scoring_seconds(one, 1000)
