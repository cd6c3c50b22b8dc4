"""The capstone: a network that is too small, one that is too big, and one that is about right.

Three playground runs on the same moons, trained at the same time.
"""

from collections.abc import Iterator
from typing import Any

from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    PlaygroundConfig,
    TrainingConfig,
)
from classifiers.recipes.playground.budget import check_budget
from classifiers.recipes.playground.result import build_scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.turns import Expect, Pace, Together

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


class CapstoneRun:
    """The three runs of a config, each a generator that holds its state while nobody pulls it: a
    run that was stopped and gone on with ends as one that never was, to the bit.

    `steps` are the runs by name, `seconds` what they are estimated to take in all.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """

    def __init__(self, config: CapstoneConfig, *, film: bool = True) -> None:
        runs = capstone_runs(config)
        self.seconds = sum(check_budget(run, film=film).total for run in runs.values())
        scene = build_scene(runs["good"])
        # The longest first: two threads then end at about the same time.
        self.steps = {
            name: run_playground(runs[name], film=film, scene=scene.with_config(runs[name]))
            for name in ("overfit", "underfit", "good")
        }

    def close(self) -> None:
        """Frees what the runs hold. A generator is closed when the last reference to it goes:
        here, or as a thread is done with it."""
        self.steps.clear()


def run_capstone(config: CapstoneConfig, *, film: bool = True) -> Iterator[Any]:
    """A run for `classifiers.turns`: its news are (name, update).

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """
    run = CapstoneRun(config, film=film)
    yield Expect(run.seconds)
    yield Together(run.steps, lambda name, update: (name, update))


def compare_capstone(config: CapstoneConfig) -> Iterator[Any]:
    """A run for `classifiers.turns`: progress as {name: epoch}, at last the three results.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """
    run, pace = CapstoneRun(config, film=False), Pace(0.5)
    epochs = dict.fromkeys(NAMES, 0)
    results: dict[str, Any] = {}

    def take(name: str, update: Update) -> dict[str, Any] | None:
        epochs[name] = max(update.epoch, epochs[name])
        if update.result is not None:
            results[name] = update.result.to_dict()
        return {"epoch": dict(epochs), "epochs": update.epochs} if pace.due() else None

    yield Expect(run.seconds)
    yield Together(run.steps, take)
    yield {name: results[name] for name in NAMES}
