"""The moments of a sweep: at which epochs its curves are recorded, and the scores at each."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from classifiers.config import PlaygroundConfig, SweepConfig, SweepLike
from classifiers.network import MLP
from classifiers.recipes.playground.budget import scoring_seconds
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.playground.result import finite
from classifiers.training import Record

MOST_HISTORY_EPOCHS = 2000
_MOMENTS, _POINTS = 12, 10_000  # epochs, and fresh points at each


def keeps_history(config: SweepLike) -> bool:
    """Whether rows show how they came about: those of the page, but long runs, those that stop
    early, and those where epochs are an axis anyway."""
    return (
        isinstance(config, SweepConfig)
        and config.epochs <= MOST_HISTORY_EPOCHS
        and config.base.training.early_stopping is None
        and "epochs" not in config.axes
    )


def history_epochs(epochs: int) -> list[int]:
    """0, then about a dozen epochs on a logarithmic axis, the last among them."""
    return sorted({0, *np.geomspace(1, epochs, _MOMENTS - 1).round().astype(int).tolist()})


def history_seconds(run: PlaygroundConfig) -> float:
    """What all members take to be scored at all moments, estimated."""
    return scoring_seconds(run, _MOMENTS * _POINTS)


class History:
    """Scores of all members at some epochs. Members that all diverged train no further: the epochs
    that are missing then show them as they were held."""

    def __init__(self, epochs: list[int]) -> None:
        self.epochs = epochs
        self.fresh: list[list[float | None]] = []
        self.test: list[list[float | None]] = []

    def watch(self, network: MLP, run: PlaygroundConfig, record: Record) -> Iterator[int]:
        scores = dict(record.scores or {})
        for scores["fresh"] in fresh_scores(network, run, _POINTS):
            yield record.epoch
        self.fresh.append(listed(scores["fresh"].accuracy))
        self.test.append(listed(scores["test"].accuracy))

    def columns(self) -> dict[str, Any] | None:
        if not self.epochs:
            return None
        missing = len(self.epochs) - len(self.fresh)
        return {
            "epochs": self.epochs,
            "fresh_accuracy": self.fresh + self.fresh[-1:] * missing,
            "test_accuracy": self.test + self.test[-1:] * missing,
        }


def listed(values: np.ndarray) -> list[float | None]:
    """(K,) numbers as JSON: null where one is not finite."""
    return [finite(float(value)) for value in values]
