"""Scores on fresh points: the distribution itself instead of the few rows that were drawn."""

import functools
from collections.abc import Iterator

import numpy as np
import torch

from classifiers.compute.parallel import both, flushed_subnormals
from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.synthetic import Dataset, apply_features, fresh
from classifiers.network import MLP
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.training import Rows, Scores, score

_CHUNK_WORK = 1e8  # multiply-adds between two signs of life


@functools.lru_cache(maxsize=8)
def _drawn(config: DatasetConfig) -> Dataset:
    """The same for all runs on the same distribution; nobody writes to it."""
    return fresh(config, FRESH_POINTS, config.seed)


def fresh_scores(network: MLP, config: PlaygroundConfig) -> Iterator[Scores]:
    """Loss and accuracy on `FRESH_POINTS` new points of `config`, the same for all members.

    Yields the means so far, part by part: the last ones are the scores. NaN where the distribution
    is unknown.
    """
    if config.dataset.name == "points":
        unknown = np.full(network.members, np.nan)
        yield Scores(unknown, unknown)
        return
    drawn = _drawn(config.dataset)
    device = network.parameters.device
    inputs = torch.from_numpy(apply_features(drawn.x, config.dataset.features)).to(device)
    y = torch.from_numpy(drawn.y).to(device)
    loss, hits = np.zeros(network.members), np.zeros(network.members)
    # A unit costs about as much to move as a hundred multiply-adds.
    work = network.members * (network.parameter_count + 100 * sum(network.sizes))
    size = max(500, int(_CHUNK_WORK / work))

    def measure(start: int) -> tuple[Scores, int]:
        part = Rows(inputs[start : start + size], y[start : start + size])
        return score(network, part), len(part.y)

    seen = 0
    for start in range(0, len(y), 2 * size):
        first = functools.partial(measure, start)
        second = functools.partial(measure, start + size)
        with flushed_subnormals():  # as on the helper's thread: the same bits on either
            measured = both(first, second) if start + size < len(y) else (first(),)
        for scores, count in measured:
            loss += scores.loss * count
            hits += scores.accuracy * count
            seen += count
        yield Scores(loss / seen, np.round(hits) / seen)
