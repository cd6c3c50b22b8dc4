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


def run_capstone(config: CapstoneConfig, *, film: bool = True) -> Iterator[tuple[str, Update]]:
    """Trains the three at the same time; yields whose news it is and the news.

    Closing the generator stops all three within a quarter of a second.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """
    runs = capstone_runs(config)
    for run in runs.values():
        check_budget(run, film=film)
    scene = build_scene(runs["good"])
    news: queue.Queue[tuple[str, Update | BaseException | None]] = queue.Queue()
    stopped = threading.Event()

    def follow(name: str, run: PlaygroundConfig) -> None:
        try:
            for update in run_playground(run, film=film, scene=scene.with_config(run)):
                news.put((name, update))
                if stopped.is_set():
                    return
            news.put((name, None))
        except BaseException as error:  # handed to the caller's thread, which raises it
            news.put((name, error))

    threads = [
        threading.Thread(target=follow, args=item, name=f"capstone-{item[0]}", daemon=True)
        for item in runs.items()
    ]
    for thread in threads:
        thread.start()
    try:
        running = len(threads)
        while running:
            name, update = news.get()
            if isinstance(update, BaseException):
                raise update
            if update is None:
                running -= 1
            else:
                yield name, update
    finally:
        stopped.set()


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
