"""The worlds that were drawn under one rule, and what they say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import CapstoneConfig
from classifiers.data.bayes import bayes_hit_rate
from classifiers.errors import DataError
from classifiers.evaluation.comparison import LEAST_WORLDS, share_interval
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES, Draw
from classifiers.recipes.capstone.worlds.rule import (
    LOSS_POINTS,
    Truth,
    draw_world,
    film_epochs,
    seeds_of,
    truth_of,
    world_runs,
)
from classifiers.recipes.capstone.worlds.scores import chances

# Of each pair, how often only the first is right on the distribution, and only the second.
PAIRS = (("overfit", "underfit"), ("good", "underfit"), ("good", "overfit"))
NO_INTERVAL = 255  # in `counts`, below LEAST_WORLDS worlds
MOST_WORLDS = 255  # of a pile: counts are bytes
_SMALL, _BIG, _GOOD = (NAMES.index(name) for name in ("underfit", "overfit", "good"))


@dataclass(frozen=True)
class World:
    """A drawn world.

    Shape: `scores` (3, len(SCORES), E) float32, networks in the order of `NAMES`; `regions` 3 x E
    encoded regions; `margins` (3, n_test) float32; `histograms` (3, 2, BINS) float32; `only_one`
    (len(PAIRS), 2) float32; `boundary_length` (3,) float32; `diverged_at` (3,) int32, -1 = never;
    `best_test` is the share of its test points that the best possible rule gets right. `answers`
    (3, LOSS_POINTS) bool is whether each network says class 1 at those fresh points; None if the
    world comes from a record.
    """

    k: int
    scores: NDArray[np.float32]
    regions: tuple[tuple[bytes, ...], ...]
    margins: NDArray[np.float32]
    histograms: NDArray[np.float32]
    only_one: NDArray[np.float32]
    boundary_length: NDArray[np.float32]
    diverged_at: NDArray[np.int32]
    best_test: float
    answers: NDArray[np.bool_] | None = None


def assemble(config: CapstoneConfig, k: int, draws: Mapping[str, Draw], truth: Truth) -> World:
    """World k from its three networks."""
    own = [draws[name] for name in NAMES]
    run = world_runs(config)["good"]
    world = draw_world(run, seeds_of(config, k))
    x, y = world.dataset.x[world.test], world.dataset.y[world.test]
    return World(
        k=k,
        scores=np.stack([draw.scores for draw in own]).astype(np.float32),
        regions=tuple(draw.regions for draw in own),
        margins=np.stack([draw.margins for draw in own]),
        histograms=np.stack([draw.histogram for draw in own]),
        only_one=np.array([_only_one(draws, pair, truth) for pair in PAIRS], dtype=np.float32),
        boundary_length=np.array([draw.boundary_length for draw in own], dtype=np.float32),
        diverged_at=np.array([draw.diverged_at for draw in own], dtype=np.int32),
        best_test=bayes_hit_rate(run.dataset, x, y),
        answers=np.stack([draw.answers[:LOSS_POINTS] for draw in own]),
    )


def _only_one(draws: Mapping[str, Draw], pair: Sequence[str], truth: Truth) -> list[float]:
    first, second = (draws[name].answers for name in pair)
    apart = first != second
    right = float(chances(first, truth.eta)[apart].sum())
    return [right / len(apart), (float(apart.sum()) - right) / len(apart)]


@dataclass(frozen=True)
class Pile:
    """The worlds of a rule, drawn one after the other: world k is `worlds[k]`.

    `together` is what was computed of all shipped worlds at once, as JSON: see `together.py`;
    empty where nothing ships, as under a visitor's own settings.
    """

    name: str
    config: CapstoneConfig
    worlds: tuple[World, ...] = ()
    together: Mapping[str, Any] = field(default_factory=dict)

    @property
    def truth(self) -> Truth:
        return truth_of(self.config)

    @property
    def epochs(self) -> list[int]:
        return film_epochs(self.config.training.epochs)

    @property
    def full(self) -> bool:
        """Whether no world may be added any more."""
        return len(self.worlds) >= MOST_WORLDS

    def add(self, world: World) -> "Pile":
        """The same pile with one world more.

        Raises:
            DataError: it is full.
        """
        if self.full:
            raise DataError("worlds", f"may be at most {MOST_WORLDS} a pile; begin another one")
        return replace(self, worlds=(*self.worlds, world))

    def scores(self, name: str) -> NDArray[np.float32]:
        """One of `SCORES` of all worlds, (W, 3, E)."""
        return np.stack([world.scores[:, SCORES.index(name)] for world in self.worlds])


def counts(fresh: NDArray, test: NDArray) -> NDArray[np.uint8]:
    """What the first n worlds say at each epoch, for every n: (W, E, 9).

    In how many worlds the big network is below the small one on test points, and the ends of that
    share's 95 % interval in per cent; the same on fresh points; in how many the one about right is
    the best of the three on fresh points, and on test points; in how many the first two are level
    on test points. Below 10 worlds the intervals are `NO_INTERVAL`. W is at most `MOST_WORLDS`.

    Args:
        fresh, test: accuracies (W, 3, E).
    """
    below_test = test[:, _BIG] < test[:, _SMALL]
    below_fresh = fresh[:, _BIG] < fresh[:, _SMALL]
    best = [
        scores[:, _GOOD] > np.maximum(scores[:, _BIG], scores[:, _SMALL])
        for scores in (fresh, test)
    ]
    level = test[:, _BIG] == test[:, _SMALL]
    count = [np.cumsum(flags, axis=0) for flags in (below_test, below_fresh, *best, level)]
    result = np.full((*below_test.shape, 9), NO_INTERVAL, dtype=np.uint8)
    for place, column in zip((0, 3, 6, 7, 8), count, strict=True):
        result[..., place] = column
    for n in range(LEAST_WORLDS, len(fresh) + 1):
        for place in (0, 3):
            ends = [_interval(int(c), n) for c in result[n - 1, :, place]]
            result[n - 1, :, place + 1 : place + 3] = ends
    return result


@lru_cache(maxsize=1 << 16)
def _interval(count: int, n: int) -> tuple[int, int]:
    share = share_interval(count, n)
    return round(100 * share.low), round(100 * share.high)
