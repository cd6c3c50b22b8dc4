"""The best possible classifier's score, and the fresh points that judge every run beside it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classifiers.config import DatasetConfig
from classifiers.data.synthetic import bayes_predict, fresh, posterior
from classifiers.errors import ConfigError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BayesAccuracy:
    """What the best possible classifier scores, and the Monte Carlo error of that number."""

    value: float
    standard_error: float


def bayes_accuracy(config: DatasetConfig, n: int = 100_000, seed: int = 0) -> BayesAccuracy:
    """The accuracy of `bayes_predict`: the mean over `n` fresh points of the largest posterior.

    That mean has the same expectation as the share of hits of `bayes_predict`, since the largest
    posterior is the chance of a hit given the point (Rao-Blackwell), but a smaller variance. The
    standard error treats the points as independent; the even spacing of circles and moons makes
    it a little too large. Results are cached on what the distribution depends on.

    Raises:
        ConfigError: `n` below 2, or a visitor's own points.
    """
    if n < 2:
        raise ConfigError("n", f"must be at least 2, got {n}; ask for more points")
    return _bayes_accuracy(_distribution_of(config), n, seed)


def bayes_hit_rate(config: DatasetConfig, x: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    """What the best possible classifier scores on these very points (N, 2) of these classes (N,):
    by luck more or less than `bayes_accuracy`.

    Raises:
        ConfigError: a visitor's own points.
    """
    return float((bayes_predict(config, x) == y).mean())


@lru_cache(maxsize=256)
def _bayes_accuracy(config: DatasetConfig, n: int, seed: int) -> BayesAccuracy:
    certainty = fresh_with_posterior(config, n, seed)[1].max(axis=1)
    return BayesAccuracy(float(certainty.mean()), float(certainty.std(ddof=1) / np.sqrt(n)))


def fresh_with_posterior(
    config: DatasetConfig, n: int = 100_000, seed: int = 0
) -> tuple[NDArray[np.float32], Floats]:
    """`fresh` points (n, 2) and their `posterior` (n, classes); the last few are kept, so that all
    runs on one distribution are judged by the same points. Nobody may write to them.

    Raises:
        ConfigError: a visitor's own points.
    """
    return _fresh_with_posterior(_distribution_of(config), n, seed)


@lru_cache(maxsize=8)
def _fresh_with_posterior(
    config: DatasetConfig, n: int, seed: int
) -> tuple[NDArray[np.float32], Floats]:
    x = fresh(config, n, seed).x
    return x, posterior(config, x)


def _distribution_of(config: DatasetConfig) -> DatasetConfig:
    """The config without what its distribution does not depend on."""
    irrelevant = {"samples": 0, "features": (), "label_noise": 0.0}
    return config.model_copy(update={**irrelevant, "seed": config.seed * (config.name == "blobs")})
