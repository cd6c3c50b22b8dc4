"""Whose a score's variance over worlds is: the points', the split's, the start's; and bootstraps.

A world is one repetition: new points, new split, new start.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.errors import DataError
from classifiers.evaluation.metrics import Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VarianceSplit:
    """What a score's variance over worlds is made of, each with a 95 % interval.

    Unbiased, so a part may come out negative: "about 0".
    """

    points: Estimate
    split: Estimate
    start: Estimate
    split_x_start: Estimate
    total: Estimate

    def to_dict(self) -> dict[str, dict[str, float]]:
        return {name: part.to_dict() for name, part in vars(self).items()}


def split_variance(
    base: ArrayLike, new_split: ArrayLike, new_start: ArrayLike, *, draws: int = 2000, seed: int = 0
) -> VarianceSplit:
    """What part of a score's variance over worlds is due to points, split and start.

    Three runs a world: the world's own, one with another split, one with another start. Let T be
    the mean of their variances, and half the mean squared difference be Ds between own and split,
    Di between own and start, Db between split and start. Then points = T - Db, split = Db - Di,
    start = Db - Ds, split x start = Ds + Di - Db, each unbiased whatever the distributions
    (effects are uncorrelated by construction; what points do with a split counts as split's).
    Intervals: studentized bootstrap over worlds (Efron and Tibshirani 1993, chapter 12), which
    from 100 worlds on cover as often as they say, and with 20 only about 90 % of the time.

    Args:
        base, new_split, new_start: (K,) scores; worlds with a NaN are left out.
        draws: bootstrap resamples.
        seed: of the resamples.

    Raises:
        DataError: fewer than 3 worlds.
    """
    y = np.stack([np.asarray(run, dtype=np.float64) for run in (base, new_split, new_start)])
    y = y[:, np.isfinite(y).all(0)]
    worlds = y.shape[1]
    if worlds < 3:
        raise DataError("base", f"must have at least 3 worlds, got {worlds}; draw more")
    y -= y[0, 0]  # so that scores that are all the same vary by exactly nothing
    total = ((y - y.mean(1, keepdims=True)) ** 2).mean(0) * worlds / (worlds - 1)
    by_split, by_start, by_both = ((y[a] - y[b]) ** 2 / 2 for a, b in ((0, 1), (0, 2), (1, 2)))
    parts = np.stack(
        [total - by_both, by_both - by_start, by_both - by_split, by_split + by_start - by_both,
         total]
    )  # fmt: skip
    return VarianceSplit(*bootstrap_means(parts, draws=draws, seed=seed))


def resampled_weights(worlds: int, draws: int, seed: int) -> Floats:
    """(B, K): how often each of K worlds is drawn in each of B bootstrap resamples."""
    chosen = np.random.default_rng(seed).integers(0, worlds, (draws, worlds))
    chosen += worlds * np.arange(draws)[:, None]
    counted = np.bincount(chosen.ravel(), minlength=draws * worlds)
    return counted.reshape(draws, worlds).astype(np.float64)


def bootstrap_means(parts: ArrayLike, *, draws: int = 2000, seed: int = 0) -> list[Estimate]:
    """The means of (P, K) values over K worlds with studentized bootstrap 95 % intervals.

    For skewed values, where Student's interval misses on one side. Every row is resampled with
    the same worlds.
    """
    x = np.asarray(parts, dtype=np.float64)
    worlds = x.shape[1]
    drawn = resampled_weights(worlds, draws, seed)
    mean = x.mean(1, keepdims=True)
    centred = x - mean
    shifts = centred @ drawn.T / worlds  # (P, B)
    spreads = np.sqrt(np.maximum(centred**2 @ drawn.T / worlds - shifts**2, 0))
    error = centred.std(1) / (worlds - 1) ** 0.5
    scaled = spreads / (worlds - 1) ** 0.5
    ratios = np.divide(shifts, scaled, out=np.zeros_like(shifts), where=scaled > 0)
    low, high = np.quantile(ratios, [0.025, 0.975], axis=1)
    ends = zip(mean[:, 0], mean[:, 0] - high * error, mean[:, 0] - low * error, strict=True)
    return [Estimate(float(value), float(below), float(above)) for value, below, above in ends]
