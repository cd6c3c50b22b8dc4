"""The capstone: a network that is too small, one that is too big, and one that is about right.

Three playground runs on the same moons, trained at the same time.
"""

import queue
import threading
from collections.abc import Iterator
from typing import Any

from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    PlaygroundConfig,
    TrainingConfig,
)
from classifiers.recipes.playground import Update, run_playground
from classifiers.recipes.playground_budget import check_budget
from classifiers.recipes.playground_result import build_scene

NAMES = ("underfit", "overfit", "good")
_TEST_SHARE, _LEARNING_RATE = 0.3, 0.01  # the lesson's

_News = tuple[str, Update | BaseException | None]  # None: its thread has ended


def capstone_runs(config: CapstoneConfig) -> dict[str, PlaygroundConfig]:
    """The three runs: 2-2-2 tanh, 2-256-256-256-2 relu, and 2-w-w-2 relu with two regularisers."""
    good = config.good
    networks = {
        "underfit": NetworkConfig(widths=(2,), activation="tanh"),
        "overfit": NetworkConfig(widths=(256, 256, 256)),
        "good": NetworkConfig(widths=(good.width, good.width), dropout=good.dropout),
    }
    dataset = DatasetConfig.parse({"name": "moons", **config.dataset.to_dict()})
    training = TrainingConfig(
        optimizer="adam",
        learning_rate=_LEARNING_RATE,
        test_share=_TEST_SHARE,
        **config.training.to_dict(),
    )
    decayed = training.model_copy(update={"weight_decay": good.weight_decay})
    return {
        name: PlaygroundConfig(
            dataset=dataset, network=network, training=decayed if name == "good" else training
        )
        for name, network in networks.items()
    }


class CapstoneRun:
    """The three runs of a config, trained while somebody follows them.

    Each is a generator, and a generator that nobody pulls holds its state exactly: a run that was
    stopped and followed again ends as one that never was, to the bit.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """

    def __init__(self, config: CapstoneConfig, *, film: bool = True) -> None:
        runs = capstone_runs(config)
        for run in runs.values():
            check_budget(run, film=film)
        scene = build_scene(runs["good"])
        self._steps = {
            name: run_playground(run, film=film, scene=scene.with_config(run))
            for name, run in runs.items()
        }
        self._threads: list[threading.Thread] = []
        self._news: queue.SimpleQueue[_News] = queue.SimpleQueue()

    def follow(self, stopped: threading.Event | None = None) -> Iterator[tuple[str, Update]]:
        """Trains, a thread a network; yields whose news it is and the news.

        Setting `stopped`, or closing this generator, ends the threads within a quarter of a second;
        news that were not yielded by then are the first of the next `follow`.
        """
        stopped = stopped or threading.Event()
        for thread in self._threads:  # a generator can be pulled by one thread at a time
            thread.join()
        self._forget_endings()
        self._threads = [
            threading.Thread(
                target=self._pull, args=(*item, stopped), name=f"capstone-{item[0]}", daemon=True
            )
            for item in self._steps.items()
        ]
        for thread in self._threads:
            thread.start()
        try:
            running = len(self._threads)
            while running or not self._news.empty():
                name, update = self._news.get()
                if isinstance(update, BaseException):
                    raise update
                if update is None:
                    running -= 1
                else:
                    yield name, update
        finally:
            stopped.set()

    def close(self) -> None:
        """Frees what the runs hold. The follower must have been stopped, but need not have ended.

        A generator is closed when the last reference to it goes: here, or as its thread ends.
        """
        self._steps.clear()

    def _pull(self, name: str, steps: Iterator[Update], stopped: threading.Event) -> None:
        try:
            while not stopped.is_set() and (update := next(steps, None)) is not None:
                self._news.put((name, update))
            self._news.put((name, None))
        except BaseException as error:  # handed to the follower's thread, which raises it
            self._news.put((name, error))

    def _forget_endings(self) -> None:
        """Keeps of the waiting news those that a follower has to hear."""
        kept: queue.SimpleQueue[_News] = queue.SimpleQueue()
        while not self._news.empty():
            news = self._news.get()
            if news[1] is not None:
                kept.put(news)
        self._news = kept


def run_capstone(config: CapstoneConfig, *, film: bool = True) -> Iterator[tuple[str, Update]]:
    """A `CapstoneRun` from its beginning to its end; closing the generator gives it up.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """
    yield from CapstoneRun(config, film=film).follow()


def compare_capstone(config: CapstoneConfig) -> Iterator[dict[str, Any]]:
    """Progress as {name: epoch}, a few times a second; the last value holds the three results."""
    epochs = dict.fromkeys(NAMES, 0)
    results: dict[str, Any] = {}
    for name, update in run_capstone(config, film=False):
        if update.result is not None:
            results[name] = update.result.to_dict()
        elif update.epoch > epochs[name]:
            epochs[name] = update.epoch
            yield {"epoch": dict(epochs), "epochs": update.epochs}
    yield {name: results[name] for name in NAMES}
