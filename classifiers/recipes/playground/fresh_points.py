"""Scores on fresh points: the distribution itself instead of the few rows that were drawn."""

import functools
from collections.abc import Iterator

import numpy as np
import torch

from classifiers.compute.parallel import both
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import PlaygroundConfig
from classifiers.data.bayes import fresh_with_posterior
from classifiers.data.features import apply_features
from classifiers.network import MLP
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.training import Scores, expected_score

_CHUNK_WORK = 1e7  # multiply-adds of a member between two signs of life


def fresh_scores(
    network: MLP, config: PlaygroundConfig, points: int = FRESH_POINTS
) -> Iterator[Scores]:
    """Loss and accuracy to be expected of new points of `config`: the mean over so many, the same
    for all runs on the distribution, each with all classes in proportion to their probability.

    No luck of labels is left in it, and what the best possible classifier scores on the same points
    is an upper limit. Yields the means so far, part by part: the last ones are the scores. NaN
    where the distribution is unknown.
    """
    if config.dataset.name == "points":
        unknown = np.full(network.members, np.nan)
        yield Scores(unknown, unknown)
        return
    x, shares = fresh_with_posterior(config.dataset)
    device = network.parameters.device
    inputs = torch.from_numpy(apply_features(x[:points], config.dataset.features)).to(device)
    posterior = torch.from_numpy(shares[:points]).to(device)
    loss, accuracy = np.zeros(network.members), np.zeros(network.members)
    # A unit costs about as much to move as a hundred multiply-adds. The parts don't depend on how
    # many members there are: a member's sums must not.
    size = max(1000, int(_CHUNK_WORK / (network.parameter_count + 100 * sum(network.sizes))))

    def measure(start: int) -> tuple[Scores, int]:
        part = inputs[start : start + size]
        return expected_score(network, part, posterior[start : start + size]), len(part)

    seen = 0
    for start in range(0, len(inputs), 2 * size):
        first = functools.partial(measure, start)
        second = functools.partial(measure, start + size)
        with flushed_subnormals():  # as on the helper's thread: the same bits on either
            measured = both(first, second) if start + size < len(inputs) else (first(),)
        for scores, count in measured:
            loss += scores.loss * count
            accuracy += scores.accuracy * count
            seen += count
        yield Scores(loss / seen, accuracy / seen)
