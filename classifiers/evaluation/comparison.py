"""Settings compared over worlds: simultaneous intervals, shares, heaps.

A world is one repetition: new points, new split, new start. Values are (V, K): V settings in K
worlds, NaN where a world does not count. Settings that were tried in the same worlds are compared
world by world; what one world has easier than another falls out of the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.errors import DataError
from classifiers.evaluation.metrics import Estimate, wilson_interval

Floats = NDArray[np.float64]

LEAST_WORLDS = 10  # below it nothing is claimed
LEVEL = 0.05
_LEAST_DISCORDANT = 6  # with fewer, even the exact test's smallest p is above .05
_HEAP_GAP, _HEAP_LEAST = 0.025, 3


@dataclass(frozen=True)
class Pair:
    """Two settings compared: `difference` is i less j, over `worlds` worlds.

    Its interval holds for all pairs at once. `differs` is what may be claimed; Holm's rule, which
    decides it, is never weaker than the interval, and now and then stronger.
    """

    i: int
    j: int
    difference: Estimate
    p: float
    differs: bool
    worlds: int


def holm(p: ArrayLike, level: float = LEVEL) -> NDArray[np.bool_]:
    """Which of (m,) p-values are rejected, at most `level` of the time any of them wrongly.

    Holm 1979, Scand. J. Stat. 6:65; nothing is asked of how they depend on each other. NaN is
    never rejected, but counts.
    """
    p = np.nan_to_num(np.asarray(p, dtype=np.float64), nan=1.0)
    order = np.argsort(p, kind="stable")
    passed = p[order] <= level / np.arange(len(p), 0, -1)
    rejected = np.zeros(len(p), dtype=bool)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected


def compare_all(
    values: ArrayLike, level: float = LEVEL, paired: bool = True, among: int | None = None
) -> list[Pair]:
    """Every pair of (V, K) values: t tests, Holm over all of them, Bonferroni intervals.

    A pair over fewer than `LEAST_WORLDS` worlds, or whose differences do not vary, claims nothing.

    Args:
        values: (V, K); NaN worlds are dropped pair by pair.
        level: how often anything false may be claimed.
        paired: column k is the same world in every row; False: Welch's test.
        among: how many comparisons must hold at once, where there are others beside these.

    Raises:
        DataError: `values` is not (V, K).
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2:
        raise DataError("values", f"must have shape (V, K), got {x.shape}")
    i, j = np.triu_indices(len(x), 1)
    if not len(i):
        return []
    mean, error, freedom, worlds = _paired(x, i, j) if paired else _welch(x, i, j)
    return _judge(i, j, mean, error, freedom, worlds, level, max(among or 0, len(i)))


def compare_with(values: ArrayLike, best: int, level: float = LEVEL) -> list[Pair]:
    """Setting `best` of (V, K) values with every other, paired, in O(V): for many settings.

    `best` may have been chosen by these values: the level is Bonferroni's for all V (V - 1) / 2
    pairs.
    """
    x = np.asarray(values, dtype=np.float64)
    j = np.delete(np.arange(len(x)), best)
    if not len(j):
        return []
    i = np.full(len(j), best)
    among = len(x) * (len(x) - 1) // 2
    pairs = _judge(i, j, *_paired(x, i, j), level, among)
    return [replace(pair, differs=pair.p <= level / among) for pair in pairs]


def judge_together(*families: Sequence[Pair], level: float = LEVEL) -> list[list[Pair]]:
    """The same pairs with `differs` by one Holm over all families: a page's sentences as one."""
    rejected = holm([pair.p for family in families for pair in family], level)
    told = iter(rejected.tolist())
    return [[_decided(pair, next(told) and pair.p < 1) for pair in family] for family in families]


def _decided(pair: Pair, differs: bool) -> Pair:
    return pair if pair.differs == differs else replace(pair, differs=differs)


def _paired(x: Floats, i: NDArray, j: NDArray) -> tuple[Floats, Floats, Floats, NDArray]:
    """Mean difference, its standard error, degrees of freedom and worlds of each pair, (m,)."""
    d = x[i] - x[j]
    known = np.isfinite(d)
    worlds = known.sum(1)
    d = np.where(known, d, 0.0)
    mean = d.sum(1) / np.maximum(worlds, 1)
    squares = np.where(known, d - mean[:, None], 0.0)
    variance = (squares**2).sum(1) / np.maximum(worlds - 1, 1)
    # Differences that are the same but for rounding do not vary.
    variance[np.sqrt(variance) <= 1e-12 * np.abs(d).max(1, initial=0)] = 0
    return mean, np.sqrt(variance / np.maximum(worlds, 1)), np.maximum(worlds - 1.0, 1), worlds


def _welch(x: Floats, i: NDArray, j: NDArray) -> tuple[Floats, Floats, Floats, NDArray]:
    known = np.isfinite(x)
    worlds = known.sum(1)
    filled = np.where(known, x, 0.0)
    mean = filled.sum(1) / np.maximum(worlds, 1)
    variance = (np.where(known, filled - mean[:, None], 0.0) ** 2).sum(1)
    part = variance / np.maximum(worlds - 1, 1) / np.maximum(worlds, 1)
    part[np.sqrt(part) <= 1e-12 * np.abs(filled).max(1, initial=0)] = 0
    total = part[i] + part[j]
    spent = part**2 / np.maximum(worlds - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = np.where(total > 0, total**2 / (spent[i] + spent[j]), 1.0)
    return mean[i] - mean[j], np.sqrt(total), freedom, np.minimum(worlds[i], worlds[j])


def _judge(
    i: NDArray, j: NDArray, mean: Floats, error: Floats, freedom: Floats, worlds: NDArray,
    level: float, among: int,
) -> list[Pair]:  # fmt: skip
    from scipy.special import stdtr, stdtrit  # half a second, and only needed here

    claims = (worlds >= LEAST_WORLDS) & (error > 0)
    ratio = np.divide(mean, error, out=np.zeros_like(mean), where=claims)
    p = np.where(claims, 2 * stdtr(freedom, -np.abs(ratio)), 1.0)
    half = stdtrit(freedom, 1 - level / 2 / among) * error
    half[worlds < 2] = np.inf
    mean = np.where(worlds > 0, mean, np.nan)
    differs = holm(p, level) & claims
    columns = (i, j, mean, mean - half, mean + half, p, differs, worlds)
    return [
        Pair(a, b, Estimate(value, low, high), chance, told, count)
        for a, b, value, low, high, chance, told, count in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def mean_interval(values: ArrayLike) -> Estimate:
    """The mean of (K,) values with its 95 % interval (Student's t); unbounded for K = 1.

    NaN are left out.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return Estimate(np.nan, -np.inf, np.inf)
    mean = float(x.mean())
    if len(x) < 2:
        return Estimate(mean, -np.inf, np.inf)
    from scipy.special import stdtrit

    half = float(stdtrit(len(x) - 1, 0.975) * x.std(ddof=1) / len(x) ** 0.5)
    return Estimate(mean, mean - half, mean + half)


def paired_difference(ours: ArrayLike, theirs: ArrayLike) -> Estimate:
    """Mean over worlds of ours (K,) minus theirs (K,), with its 95 % interval (Student's t)."""
    return mean_interval(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64))


def share_interval(count: int, n: int) -> Estimate:
    """`count` of `n` worlds with a 95 % interval.

    Wilson's from 40 worlds on where the share lies between .2 and .8, which then covers 93.3 % of
    the time and more; else Clopper and Pearson's (1934, Biometrika 26:404), never below 95 %.
    """
    if n == 0 or (n >= 40 and 0.2 <= count / n <= 0.8):
        return wilson_interval(count, n)
    from scipy.special import betaincinv

    low = 0.0 if count == 0 else float(betaincinv(count, n - count + 1, 0.025))
    high = 1.0 if count == n else float(betaincinv(count + 1, n - count, 0.975))
    return Estimate(count / n, low, high)


def never_learned(fresh_accuracy: ArrayLike, largest_class_share: float) -> NDArray[np.bool_]:
    """Which networks, (V, K) or any shape, do no better than naming the largest class.

    Two points are allowed for. There is no cut half-way: networks that learned go down to 61 %.
    """
    return np.asarray(fresh_accuracy, dtype=np.float64) <= largest_class_share + 0.02


def compare_shares(flags: ArrayLike, level: float = LEVEL) -> list[Pair]:
    """How often (V, K) flags are set in the same worlds, every pair: McNemar's exact test, Holm.

    Pairs that differ in fewer than 6 worlds can't be told apart whatever they show; they are not
    listed and don't count (Tarone 1990, Biometrics 46:515). `difference` is one of shares, with
    Newcombe's interval for paired ones at Bonferroni's level (1998, Stat. Med. 17:2635, method 8
    without continuity correction).
    """
    x = np.asarray(flags, dtype=bool)
    if x.ndim != 2:
        raise DataError("flags", f"must have shape (V, K), got {x.shape}")
    i, j = np.triu_indices(len(x), 1)
    only_i, only_j = (x[i] & ~x[j]).sum(1), (~x[i] & x[j]).sum(1)
    discordant = only_i + only_j
    tested = discordant >= _LEAST_DISCORDANT
    if not tested.any() or x.shape[1] < LEAST_WORLDS:
        return []
    i, j, only_i, only_j = (a[tested] for a in (i, j, only_i, only_j))
    from scipy.special import bdtr, ndtri

    p = np.minimum(1, 2 * bdtr(np.minimum(only_i, only_j), only_i + only_j, 0.5))
    z = float(-ndtri(level / 2 / len(i)))
    both = (x[i] & x[j]).sum(1)
    differs = holm(p, level)
    columns = (i, j, both, only_i, only_j, p, differs)
    return [
        Pair(a, b, _newcombe_paired(ab, a_only, b_only, x.shape[1], z), q, told, x.shape[1])
        for a, b, ab, a_only, b_only, q, told in zip(*(c.tolist() for c in columns), strict=True)
    ]


def _newcombe_paired(both: int, first: int, second: int, n: int, z: float) -> Estimate:
    """The share of `both` + `first` less that of `both` + `second`, of the same n."""

    def score(count: int) -> tuple[float, float, float]:
        share = count / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        return share, share - (centre - half), centre + half - share

    (p, p_low, p_high), (q, q_low, q_high) = score(both + first), score(both + second)
    neither = n - both - first - second
    spread = float(both + first) * (second + neither) * (both + second) * (first + neither)
    phi = (both * neither - first * second) / spread**0.5 if spread > 0 else 0.0
    low = (p_low**2 - 2 * phi * p_low * q_high + q_high**2) ** 0.5
    high = (p_high**2 - 2 * phi * p_high * q_low + q_low**2) ** 0.5
    return Estimate(float(p - q), float(p - q - low), float(p - q + high))


def heaps(values: ArrayLike) -> list[Floats]:
    """(K,) values in heaps, each sorted, the lowest first; one heap where nothing parts them.

    A heap ends at a gap of over 2.5 points that is also wide beside the heaps' own spread, with
    three values or more on each side: gaps that one hump of this spread shows by chance in more
    than about 5 % of cases don't count. Fewer than 10 values are one heap; NaN are left out.
    """
    x = np.asarray(values, dtype=np.float64)
    x = np.sort(x[np.isfinite(x)])
    if len(x) < LEAST_WORLDS:
        return [x]
    gaps = np.diff(x)
    ends = np.arange(1, len(x))
    fits = (gaps > _HEAP_GAP) & (ends >= _HEAP_LEAST) & (len(x) - ends >= _HEAP_LEAST)
    for end in ends[fits][np.argsort(-gaps[fits], kind="stable")]:
        left, right = x[:end], x[end:]
        within = ((left.var() * len(left) + right.var() * len(right)) / (len(x) - 2)) ** 0.5
        if gaps[end - 1] > (1.4 + 8 / len(x)) * within:
            return [*heaps(left), *heaps(right)]
    return [x]
