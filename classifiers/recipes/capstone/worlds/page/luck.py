"""What n test points would say of networks whose accuracy on the distribution is known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.message import pack_array
from classifiers.recipes.capstone.worlds.pile import PAIRS, World

MOST_POINTS = 100_000
_STOPS = 31
_MOST_EXACT = 2_000


def stops(test_points: int) -> list[int]:
    """Numbers of test points, on a logarithmic axis from the world's own to `MOST_POINTS`."""
    spaced = np.geomspace(test_points, max(MOST_POINTS, test_points), _STOPS)
    return sorted({test_points, *(_round(n) for n in spaced[1:].tolist())})


def _round(n: float) -> int:
    unit = 10 ** max(0, len(str(int(n))) - 2)
    return round(n / unit) * unit


def score_range(p: float, n: int) -> tuple[float, float]:
    """Between which scores 95 % of draws of n test points put a network that is right with
    chance p: the exact binomial quantiles at 2.5 and 97.5 %, over n."""
    from scipy.special import bdtr

    if not 0 < p < 1:
        return p, p
    ends = []
    for level in (0.025, 0.975):
        low, high = -1, n  # the least k with P(X <= k) >= level lies in (low, high]
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if bdtr(middle, n, p) >= level else (middle, high)
        ends.append(high / n)
    return ends[0], ends[1]


def ranking(first: float, second: float, n: int) -> tuple[float, float, float]:
    """How often n test points put the first network below, level with and above the second.

    Up to 2,000 points exact: of the points at which just one is right, a binomial number of the n,
    the first has a binomial share. Beyond, the normal limit of the difference of their numbers,
    with a correction for continuity: to 0.001.

    Args:
        first, second: chances that only the one, only the other, is right at a point.
        n: test points.
    """
    from scipy.special import bdtrc, gammaln, ndtr

    apart = first + second
    if apart <= 0:
        return 0.0, 1.0, 0.0

    def chance(k: NDArray, of: NDArray | int, p: float) -> NDArray[np.float64]:
        """Binomial, 0 < p < 1."""
        ways = gammaln(np.add(of, 1)) - gammaln(k + 1) - gammaln(of - k + 1)
        return np.exp(ways + k * np.log(p) + (of - k) * np.log1p(-p))

    share = float(np.clip(first / apart, 1e-15, 1 - 1e-15))
    if n > _MOST_EXACT:
        mean = n * (first - second)
        spread = (n * (apart - (first - second) ** 2)) ** 0.5
        below, up_to = (float(ndtr((end - mean) / spread)) for end in (-0.5, 0.5))
        return below, up_to - below, 1 - up_to
    m = np.arange(n + 1.0)
    weights = chance(m, n, min(apart, 1 - 1e-15))
    kept = weights > 1e-12
    m, weights = m[kept], weights[kept]
    at_least_one = np.maximum(m, 1).astype(np.int64)
    above = np.where(m > 0, bdtrc(m // 2, at_least_one, share), 0.0)
    level = np.where(m % 2 == 0, chance(m // 2, m, share), 0.0)
    wins, ties = float(weights @ above), float(weights @ level)
    return max(0.0, 1 - wins - ties), ties, wins


def scores_seen(world: World, test_points: int) -> dict[str, Any]:
    """As JSON: `n`; `low` and `high` (3, n) f32 of each network's score; `pairs` and `ranks`
    (pairs, n, 3) f32, how often the first is seen below, level with, above the second."""
    numbers = stops(test_points)
    right = world.scores[:, SCORES.index("fresh_accuracy"), -1].astype(float).tolist()
    ranges = np.array([[score_range(p, n) for n in numbers] for p in right])
    only_one = world.only_one.astype(float).tolist()
    ranks = [[ranking(first, second, n) for n in numbers] for first, second in only_one]
    return {
        "n": numbers,
        "low": pack_array(ranges[..., 0], "f32"),
        "high": pack_array(ranges[..., 1], "f32"),
        "pairs": [list(pair) for pair in PAIRS],
        "ranks": pack_array(ranks, "f32"),
    }
