"""What makes a classifier's error, or its loss, over worlds: the noise itself, bias and variance.

Exact sums, since P(class | x) is known where the points come from a known rule. Predictions are
those of K networks, one a world, at the same N fresh points x, drawn from that rule.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.errors import DataError
from classifiers.evaluation.comparison import mean_interval
from classifiers.evaluation.metrics import Estimate
from classifiers.evaluation.variance import resampled_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ErrorBudget:
    """Shares of fresh points: `best` + `bias` + `variance` = the mean of `errors`.

    `best` is the best possible error; `bias` what the majority vote of all worlds adds; `variance`
    what a single world adds to that, which may be negative. `errors` (K,) is each world's own
    error. Intervals are over worlds; the points x are taken as they are. Where there is hardly any
    bias, its interval is wider than it need be.
    """

    best: float
    bias: Estimate
    variance: Estimate
    total: Estimate
    errors: Floats


@dataclass(frozen=True)
class LossBudget:
    """Nats: `entropy` + `shared` + `variance` = the mean of `losses`.

    `entropy` is the best possible loss; `shared` the distance of the worlds' geometric mean from
    the truth: what all worlds get wrong alike, be it underfitting or being too sure; `variance`
    the rest. `losses` (K,) is each world's own loss.
    """

    entropy: float
    shared: Estimate
    variance: Estimate
    total: Estimate
    losses: Floats


def error_budget(
    predicted: ArrayLike, eta: ArrayLike, *, draws: int = 400, seed: int = 0
) -> ErrorBudget:
    """The 0/1 error's budget.

    With c = |2 eta - 1| and w the share of worlds that depart from the best rule at x:
    best = E min(eta, 1 - eta), bias = E c 1(w > 1/2), variance = E c (w - 1(w > 1/2)); a tie
    counts half. The vote of K worlds is too often wrong by about 1/K, so bias is extrapolated from
    the votes of all K and of K // 2 worlds (over every choice of those, by the hypergeometric
    distribution), and what that takes from bias goes to variance.

    Args:
        predicted: (K, N) 0 and 1, each world's class at each point.
        eta: (N,) P(class 1 | x).
        draws: bootstrap resamples of the worlds.
        seed: of the resamples.

    Raises:
        DataError: shapes do not fit, or there are fewer than 4 worlds.
    """
    answers, eta = np.asarray(predicted, dtype=bool), np.asarray(eta, dtype=np.float64)
    _check("predicted", answers, eta)
    worlds, points = answers.shape
    wrong = answers != (eta > 0.5)
    price = np.abs(2 * eta - 1)
    best = float(np.minimum(eta, 1 - eta).mean())
    errors = best + wrong @ price / points
    table = _vote_table(worlds)
    bias = float(price @ table[wrong.sum(0)] / points)
    weights = resampled_weights(worlds, draws, seed)
    resampled = np.empty(draws)
    single = wrong.astype(np.float32)
    for start in range(0, draws, 50):  # not all at once: (B, N) floats
        part = slice(start, start + 50)
        votes = weights[part].astype(np.float32) @ single
        resampled[part] = table[votes.astype(np.int64)] @ price / points
    means = weights @ errors / worlds
    total = mean_interval(errors)
    return ErrorBudget(
        best,
        _around(bias, resampled, worlds),
        _around(total.value - best - bias, means - resampled, worlds),
        total,
        errors,
    )


def _majority(worlds: int) -> Floats:
    """Whether the vote is wrong, for 0..K worlds that are; a tie is half wrong."""
    wrong = np.arange(worlds + 1)
    return (2 * wrong > worlds) + 0.5 * (2 * wrong == worlds)


def _vote_table(worlds: int) -> Floats:
    """How wrong the vote of endlessly many worlds is taken to be, for 0..K that are wrong."""
    from scipy.special import gammaln

    half = worlds // 2

    def choose(n: NDArray, k: NDArray) -> Floats:
        """The logarithm of n over k, -inf where there is no way."""
        inside = (k >= 0) & (k <= n)
        k = np.where(inside, k, 0)
        ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return np.where(inside, ways, -np.inf)

    wrong, drawn = np.arange(worlds + 1)[:, None], np.arange(half + 1)[None]
    chance = np.exp(
        choose(wrong, drawn)
        + choose(worlds - wrong, half - drawn)
        - choose(np.array(worlds), np.array(half))
    )
    return (worlds * _majority(worlds) - half * (chance @ _majority(half))) / (worlds - half)


def loss_budget(
    log_odds: ArrayLike, eta: ArrayLike, *, draws: int = 400, seed: int = 0
) -> LossBudget:
    """The log loss's budget, two classes.

    entropy = E H(eta); shared = E KL(eta || g), g the normalised geometric mean of the worlds'
    probabilities; variance = -E log Z, Z its normaliser (Heskes 1998, Neural Comput. 10:1425).
    The geometric mean of K worlds is too far from the truth by about 1/K: shared is 2 s(K) less
    the mean of s over two halves of the worlds, and what that takes from it goes to variance.

    Args:
        log_odds: (K, N) each world's log-odds of class 1 at each point.
        eta: (N,) P(class 1 | x).
        draws: bootstrap resamples of the worlds.
        seed: of the resamples.

    Raises:
        DataError: shapes do not fit, or there are fewer than 4 worlds.
    """
    z, eta = np.asarray(log_odds, dtype=np.float64), np.asarray(eta, dtype=np.float64)
    _check("log_odds", z, eta)
    worlds = len(z)
    costs = np.logaddexp(0, z)  # of class 0; that of class 1 is this less z
    losses = (costs - eta * z).mean(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where((eta > 0) & (eta < 1), -eta * np.log(eta) - (1 - eta) * np.log1p(-eta), 0)
    entropy = float(each.mean())

    def shared(weights: Floats) -> Floats:
        """(B,): the mean over points of the distance of the weighted worlds' geometric mean."""
        mean = weights @ z
        return (np.logaddexp(0, mean) - eta * mean).mean(-1) - entropy

    def halves(weights: Floats) -> Floats:
        first = np.where(np.arange(worlds) % 2 == 0, weights, 0)
        parts = [w / np.maximum(w.sum(-1, keepdims=True), 1) for w in (first, weights - first)]
        whole = weights / weights.sum(-1, keepdims=True)
        return 2 * shared(whole) - (shared(parts[0]) + shared(parts[1])) / 2

    value = float(halves(np.ones((1, worlds)))[0])
    weights = resampled_weights(worlds, draws, seed)
    # The correction hardly moves from resample to resample, so they go without it.
    resampled = np.concatenate([shared(part / worlds) for part in np.array_split(weights, 20)])
    total = mean_interval(losses)
    means = weights @ losses / worlds
    return LossBudget(
        entropy,
        _around(value, resampled, worlds),
        _around(total.value - entropy - value, means - resampled, worlds),
        total,
        losses,
    )


def _around(value: float, resampled: Floats, worlds: int) -> Estimate:
    """A value with Student's interval, its standard error from (B,) resampled ones."""
    from scipy.special import stdtrit

    half = float(stdtrit(worlds - 1, 0.975) * resampled.std(ddof=1))
    return Estimate(value, value - half, value + half)


def _check(field: str, values: NDArray, eta: Floats) -> None:
    if values.ndim != 2 or eta.shape != values.shape[1:]:
        raise DataError(field, f"must be (K, N) with eta (N,), got {values.shape} and {eta.shape}")
    if len(values) < 4:
        raise DataError(field, f"must have at least 4 worlds, got {len(values)}; draw more")
