"""How the classes of 2-D data share the points: how many each gets, and its prior probability."""

import numpy as np
from numpy.typing import NDArray

from classifiers.config import DatasetConfig

LEAST = 2  # points of a class, where there are as many


def class_counts(config: DatasetConfig, n: int) -> list[int]:
    """How many of `n` points each of the classes gets, in their order; the sum is `n`.

    Without `config.balance` the counts are as equal as can be, and what is left over goes where
    scikit-learn puts it: to the first blobs, to the inner ring, to the lower moon. (XOR then draws
    from the whole square, and counts as they fall.) With it, class 0 gets the nearest whole number,
    and the others share the rest as equally; each has two points where `n` is large enough.
    """
    if config.balance is None:
        counts = _equal(n, config.classes)
        return counts[::-1] if config.name in ("circles", "moons") else counts
    least = min(LEAST, n // config.classes)
    most = n - least * (config.classes - 1)
    first = min(most, max(least, round(config.balance * n)))
    return [first, *_equal(n - first, config.classes - 1)]


def _equal(n: int, parts: int) -> list[int]:
    return [len(range(k, n, parts)) for k in range(parts)]


def class_priors(config: DatasetConfig) -> NDArray[np.float64]:
    """P(class) of the distribution, (classes,) float64; the sum is 1."""
    if config.balance is None:
        # Equal, but of three classes of XOR: the first has two of the four squares.
        shapes = 4 if config.name == "xor" else config.classes
        return np.bincount(np.arange(shapes) % config.classes) / shapes
    others = (1 - config.balance) / (config.classes - 1)
    return np.array([config.balance, *[others] * (config.classes - 1)])
