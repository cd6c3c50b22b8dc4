"""What worlds say, in sentences computed from them: which of the three networks is above which, in
how many and by how much; a clause that does not hold is left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from classifiers.evaluation.comparison import (
    LEAST_WORLDS,
    Pair,
    compare_all,
    judge_together,
    mean_interval,
    share_interval,
)
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.pile import Pile, World, counts
from classifiers.recipes.capstone.worlds.rule import TITLES
from classifiers.wording import listed, percent

WHO = {"underfit": "the small network", "overfit": "the big network", "good": "the one about right"}
VARIED = "new points, split and start each"
_COOLER = 0.8  # a temperature that leaves more of the loss than this explains little of it


def headline(pile: Pile) -> str:
    """The running sentence for all worlds of the pile, at the last epoch; "" without any."""
    worlds = len(pile.worlds)
    if worlds == 0:
        return ""
    fresh, test = pile.scores("fresh_accuracy")[..., -1], pile.scores("test_accuracy")[..., -1]
    if worlds == 1:
        (small, big, _), (small_fresh, big_fresh, _) = test[0].tolist(), fresh[0].tolist()
        verdict, on_fresh = _place(big, small), _place(big_fresh, small_fresh)
        return (
            f"In this world the big network ends {verdict} the small one on test points, "
            f"{percent(big)} against {percent(small)}; on fresh points {on_fresh} it"
            f"{' too' if verdict == on_fresh else ''}. One world can't say more: draw again."
        )
    below, _, _, below_fresh, _, _, best, best_test, level = counts(
        fresh[..., None], test[..., None]
    )[-1, 0].tolist()
    ties = f", level with it in {level}" if level else ""
    return (
        f"In {below} of {worlds} worlds the big network ends below the small one on test points"
        f"{_interval(below, worlds)}{ties}; on fresh points in {below_fresh}"
        f"{_interval(below_fresh, worlds)}. The one about right is the best of the three in "
        f"{best} on fresh points, in {best_test} on test points."
    )


def _place(ours: float, theirs: float) -> str:
    return "above" if ours > theirs else "below" if ours < theirs else "level with"


def _interval(count: int, n: int) -> str:
    if n < LEAST_WORLDS:
        return ""
    share = share_interval(count, n)
    return f" (95 % interval {100 * share.low:.0f} to {100 * share.high:.0f} of 100)"


def describe(pile: Pile) -> list[str]:
    """What can be claimed of the three networks; nothing below `LEAST_WORLDS` worlds."""
    worlds = len(pile.worlds)
    if worlds < LEAST_WORLDS:
        return []
    accuracy = pile.scores("fresh_accuracy")[..., -1].astype(np.float64).T
    fresh = pile.scores("fresh_loss")[..., -1].astype(np.float64).T
    with np.errstate(divide="ignore"):
        loss = np.log(fresh)
    loss[~np.isfinite(loss)] = np.nan
    leads, losses = judge_together(compare_all(accuracy), compare_all(loss))
    over = f"over {worlds} worlds ({VARIED})"
    median = np.median(np.nan_to_num(fresh, nan=np.inf, posinf=np.inf), axis=1).tolist()
    named = ", ".join(
        f"{f'{value:.2f}' if np.isfinite(value) else 'not finite'} for {WHO[name]}"
        for name, value in zip(NAMES, median, strict=True)
    )
    apart = [text for pair in losses if (text := _costlier(pair))]
    told = f": {listed(apart)}" if apart else ""
    return [
        f"On fresh points, {over}, {_clauses(leads)}.",
        f"Their loss there, the median: {named}{told}.",
        *_test_below_fresh(pile),
    ]


def _clauses(pairs: Sequence[Pair]) -> str:
    """Who leads whom by how much; pairs that can't be told apart last."""
    leads, level = [], []
    for pair in pairs:
        ours, theirs = WHO[NAMES[pair.i]], WHO[NAMES[pair.j]]
        value, low, high = (
            100 * end for end in (pair.difference.value, pair.difference.low, pair.difference.high)
        )
        if value < 0:
            ours, theirs, value, low, high = theirs, ours, -value, -high, -low
        if pair.differs:
            leads.append(f"{ours} is above {theirs} by {value:.2f} points [{low:.2f}, {high:.2f}]")
        else:
            level.append(f"{ours} and {theirs} can't be told apart [{low:+.2f}, {high:+.2f}]")
    return "; ".join([*leads, *level])


def _costlier(pair: Pair) -> str:
    if not pair.differs:
        return ""
    factor = float(np.exp(abs(pair.difference.value)))
    ours, theirs = (pair.i, pair.j) if pair.difference.value > 0 else (pair.j, pair.i)
    return f"{WHO[NAMES[ours]]} pays {factor:.1f} times what {WHO[NAMES[theirs]]} does"


def _test_below_fresh(pile: Pile) -> Iterator[str]:
    """That test points are harder here than fresh ones, where they are, and why."""
    gap = (pile.scores("test_accuracy") - pile.scores("fresh_accuracy"))[..., -1]
    mean = mean_interval(gap.mean(axis=1))
    if mean.high < 0:
        yield (
            f"Test scores lie {-100 * mean.value:.1f} points below fresh ones on average "
            f"[{-100 * mean.high:.1f}, {-100 * mean.low:.1f}]: a world's points sit at regular "
            "angles on the moons, and those that test are the ones that training left out."
        )


def describe_budget(budget: Mapping[str, Mapping[str, Any]]) -> str:
    """What makes the errors, as a heading; `budget` as `together.error_budgets` gives it."""
    kinds = {name: _kind(budget[name]) for name in ("underfit", "overfit")}
    parts = [f"{TITLES[name].lower()} is {kind}" for name, kind in kinds.items()]
    noise = all(part["best"] > part["bias"] + part["variance"] for part in budget.values())
    most = ", and most of every error is the noise itself" if noise else ""
    return f"What makes the errors: {', '.join(parts)}{most}."


def _kind(part: Mapping[str, Any]) -> str:
    bias, variance = part["bias_interval"], part["variance_interval"]
    if bias[0] > variance[1]:
        return "bias"
    return "variance" if variance[0] > bias[1] else "bias or variance, can't tell"


def describe_loss(world: World, best: Sequence[tuple[float, float]]) -> str:
    """Why the big network's loss is what it is, as a heading.

    Args:
        world: the one that is shown.
        best: each network's best temperature, and the loss there.
    """
    big = NAMES.index("overfit")
    loss = float(world.scores[big, SCORES.index("fresh_loss"), -1])
    temperature, cooled = best[big]
    if not np.isfinite(loss):
        return "The big network's training diverged."
    if temperature <= 1 or cooled > _COOLER * loss:
        return f"The big network's loss is {loss:.2f} on fresh points."
    return (
        f"The big network's loss explodes because it is sure when it is wrong: {loss:.2f} on fresh "
        f"points, {cooled:.2f} at temperature {temperature:.2g}, with the same answers."
    )


def describe_variance(variance: Mapping[str, Any], name: str) -> str:
    """What a network's fresh accuracy varies by; `variance` as `together.variance_of` gives it."""
    parts = variance["fresh_accuracy"]
    total = parts["total"]["value"]
    if total <= 0:
        return f"{WHO[name].capitalize()} scores the same in all worlds."
    shares = []
    for key in ("points", "split", "start"):
        value, low = (parts[key][end] / total for end in ("value", "low"))
        shares.append(f"{key} {100 * value:.0f} %" if low > 0 else f"{key} about 0")
    luck = variance["luck_share"]
    of_test = "" if luck is None else (
        f" Of the variance of its test score, {100 * luck:.0f} % is luck of the test points."
    )  # fmt: skip
    return (
        f"What makes {WHO[name]}'s fresh accuracy vary, over {variance['worlds']} worlds run three "
        f"times: {', '.join(shares)}.{of_test}"
    )
