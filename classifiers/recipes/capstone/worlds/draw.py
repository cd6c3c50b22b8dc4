"""Trains one network in some worlds at once, and keeps what the page shows of each.

A world's numbers don't depend on which others are trained beside it.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import PlaygroundConfig
from classifiers.network import MLP
from classifiers.recipes.capstone.worlds.message import encode_region
from classifiers.recipes.capstone.worlds.regions import trace
from classifiers.recipes.capstone.worlds.rule import (
    ALONG_POINTS,
    LOSS_POINTS,
    Seeds,
    Truth,
    film_epochs,
)
from classifiers.recipes.capstone.worlds.scores import along_the_way, histogram, weighted
from classifiers.recipes.sweep.members import start_members
from classifiers.training import Record, train

SCORES = (
    "train_accuracy",
    "train_loss",
    "test_accuracy",
    "test_loss",
    "fresh_accuracy",
    "fresh_loss",
)
_ROWS_AT_ONCE = 1024  # whose activations stay in a cache


@dataclass(frozen=True)
class Draw:
    """One network of one world, trained.

    Shape: `scores` (len(SCORES), E) float64, one column an epoch of `film_epochs`; `regions` E
    encoded regions; `margins` (n_test,) float32, the log-odds of class 1 at the test points;
    `answers` (FRESH_POINTS,) bool, whether it says class 1 at the fresh points, and `log_odds`
    (LOSS_POINTS,) float32 at the first of them; `grid` (G,) bool, its answers on the grid;
    `histogram` as `scores.histogram` makes it. `diverged_at` is -1 if it did not.
    """

    scores: NDArray[np.float64]
    regions: tuple[bytes, ...]
    margins: NDArray[np.float32]
    answers: NDArray[np.bool_]
    log_odds: NDArray[np.float32]
    grid: NDArray[np.bool_]
    histogram: NDArray[np.float32]
    boundary_length: float
    diverged_at: int


@dataclass(frozen=True)
class News:
    """Of a network's training: `scores` (len(SCORES),) and `region` are the first world's at
    `epoch`, or None; `draws` come last. While `scoring`, training is over."""

    epoch: int
    scores: NDArray[np.float64] | None = None
    region: bytes | None = None
    scoring: bool = False
    draws: tuple[Draw, ...] | None = None


def train_worlds(
    run: PlaygroundConfig, seeds: Sequence[Seeds], truth: Truth, *, film: bool = True
) -> Iterator[News]:
    """Trains the network of `run` in the worlds of the seeds.

    Args:
        run: one member of one of the three networks.
        seeds: of the worlds.
        truth: what is known of the rule.
        film: whether to look at the networks along the way; without it E is 1.
    """
    network, parts = start_members(run, seeds)
    watched = [_Watched(truth) for _ in seeds]
    last = run.training.epochs
    epochs = film_epochs(last) if film else [last]
    record: Record | None = None
    for record in train(
        network,
        run.training,
        parts.train,
        test=parts.test,
        record_at=epochs,
        seeds=[each.start for each in seeds],
    ):
        diverged = bool((record.diverged_at >= 0).all())
        if record.scores is None or not (record.epoch in epochs or diverged):
            yield News(record.epoch)
            continue
        for k, one in enumerate(watched):
            one.look(network.copy(members=[k]), record, k)
        yield News(record.epoch, watched[0].scores[-1], watched[0].regions[-1])
    assert record is not None  # train() always gives one
    draws = []
    for k, one in enumerate(watched):
        alone = network.copy(members=[k])
        at_fresh = yield from _while_scoring(alone, truth.fresh, record.epoch)
        draws.append(one.conclude(alone, parts.test.x[k], at_fresh, len(epochs), record, k))
    yield News(record.epoch, scoring=True, draws=tuple(draws))


class _Watched:
    """What was seen so far of one world's network."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.scores: list[NDArray[np.float64]] = []
        self.regions: list[bytes] = []
        self.along: list[NDArray[np.float32]] = []

    def look(self, alone: MLP, record: Record, k: int) -> None:
        truth, scores = self.truth, record.scores
        assert scores is not None
        self.grid = all_log_odds(alone, truth.grid)
        self.along.append(all_log_odds(alone, truth.fresh[:ALONG_POINTS]))
        rings, self.boundary_length = trace(self.grid, truth.extent)
        self.regions.append(encode_region(rings))
        fresh = weighted(self.along[-1], truth.eta[:ALONG_POINTS])
        seen = [
            getattr(scores[part], name)[k]
            for part in ("train", "test")
            for name in ("accuracy", "loss")
        ]
        self.scores.append(np.array([*seen, *fresh]))

    def conclude(
        self,
        alone: MLP,
        test: Tensor,
        at_fresh: NDArray[np.float32],
        epochs: int,
        record: Record,
        k: int,
    ) -> Draw:
        missing = epochs - len(self.scores)  # all members diverged: they stay as they are
        self.scores += self.scores[-1:] * missing
        self.regions += self.regions[-1:] * missing
        self.along += self.along[-1:] * missing
        scores = np.array(self.scores).T
        eta = self.truth.eta
        scores[4:] = along_the_way(np.array(self.along), at_fresh, eta)
        return Draw(
            scores=scores,
            regions=tuple(self.regions),
            margins=all_log_odds(alone, test),
            answers=at_fresh > 0,
            log_odds=at_fresh[:LOSS_POINTS],
            grid=self.grid > 0,
            histogram=histogram(at_fresh, eta),
            boundary_length=self.boundary_length,
            diverged_at=int(record.diverged_at[k]),
        )


def _while_scoring(
    alone: MLP, points: Tensor, epoch: int
) -> Generator[News, None, NDArray[np.float32]]:
    parts = []
    for part in log_odds(alone, points):
        parts.append(part)
        yield News(epoch, scoring=True)
    return np.concatenate(parts)


def log_odds(alone: MLP, points: Tensor) -> Iterator[NDArray[np.float32]]:
    """The log-odds of class 1 of one network at (N, 2) points, part by part."""
    for part in points.split(_ROWS_AT_ONCE):
        with flushed_subnormals():
            logits = alone.logits(part)[0].double()
        yield (logits[:, 1] - logits[:, 0]).float().numpy()


def all_log_odds(alone: MLP, points: Tensor) -> NDArray[np.float32]:
    """The same, (N,) float32."""
    return np.concatenate(list(log_odds(alone, points)))
