"""Runs that mostly hold the interpreter's lock are not put side by side; others are."""

import threading
import time
from collections.abc import Iterator

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.budget import estimate
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


def test_the_lessons_networks_are_small_and_wide_ones_are_not():
    def is_small(**network: object) -> bool:
        return estimate(PlaygroundConfig.parse({"network": network})).small

    assert is_small()
    assert is_small(widths=[16, 16])
    assert not is_small(widths=[256, 256])
