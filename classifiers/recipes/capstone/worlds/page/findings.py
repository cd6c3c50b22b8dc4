"""What worlds say, in sentences computed from them: a clause that does not hold is left out."""

from typing import Any

import numpy as np

from classifiers.evaluation.comparison import (
    LEAST_WORLDS,
    compare_all,
    mean_interval,
    share_interval,
)
from classifiers.evaluation.metrics import Estimate
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.pile import Pile, World, counts
from classifiers.recipes.capstone.worlds.rule import TITLES, WHO
from classifiers.wording import percent, signed

VARIED = "new points, split and start each"


def headline(pile: Pile) -> str:
    """The running sentence for all worlds of the pile, at the last epoch."""
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
    ties = f", and level with it in {level}" if level else ""
    return (
        f"In {below} of {worlds} worlds the big network ends below the small one on test points"
        f"{_interval(below, worlds)}{ties}; on fresh points below it in {below_fresh}"
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
    """What can be claimed of the three networks: nothing below `LEAST_WORLDS` worlds."""
    worlds = len(pile.worlds)
    if worlds < LEAST_WORLDS:
        return []
    told = [*_leads(pile), _losses(pile), *_test_below_fresh(pile)]
    return [sentence for sentence in told if sentence]


def _leads(pile: Pile) -> list[str]:
    fresh = pile.scores("fresh_accuracy")[..., -1].T
    told = []
    for pair in compare_all(fresh):
        if pair.differs:
            i, j = (pair.i, pair.j) if pair.difference.value > 0 else (pair.j, pair.i)
            gap = sorted(abs(100 * end) for end in (pair.difference.low, pair.difference.high))
            told.append(
                f"{_capital(WHO[NAMES[i]])} does better than {WHO[NAMES[j]]} by "
                f"{abs(100 * pair.difference.value):.2f} points [{gap[0]:.2f}, {gap[1]:.2f}]"
            )
        else:
            told.append(f"{WHO[NAMES[pair.i]]} and {WHO[NAMES[pair.j]]} can't be told apart")
    text = "; ".join([told[0], *(part[0].lower() + part[1:] for part in told[1:])])
    return [f"On fresh points, over {len(pile.worlds)} worlds ({VARIED}): {text}."]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _losses(pile: Pile) -> str:
    loss = pile.scores("fresh_loss")[..., -1]
    text = ", ".join(
        f"{TITLES[n].lower()} {np.median(loss[:, i]):.3g}" for i, n in enumerate(NAMES)
    )
    return f"Loss on fresh points, median: {text}."


def _test_below_fresh(pile: Pile) -> list[str]:
    """Why test points are harder here than fresh ones, where they are."""
    gap = (pile.scores("test_accuracy") - pile.scores("fresh_accuracy"))[..., -1]
    mean = mean_interval(gap.mean(axis=1))
    if mean.high >= 0:
        return []
    return [
        f"Test scores lie {-100 * mean.value:.1f} points below fresh ones on average "
        f"[{-100 * mean.high:.1f}, {-100 * mean.low:.1f}], though no network was chosen on them: "
        "the points of a world sit at regular angles, so what the training points leave out, the "
        "test points hold."
    ]


def describe_budget(budget: dict[str, dict[str, Any]]) -> str:
    """What makes the errors, as a heading."""
    parts = [f"{TITLES[name].lower()} is {_kind(budget[name])}" for name in ("underfit", "overfit")]
    noise = all(part["best"] > part["bias"] + part["variance"] for part in budget.values())
    most = ", and most of every error is the noise itself" if noise else ""
    return f"What makes the errors: {', '.join(parts)}{most}."


def _kind(part: dict[str, Any]) -> str:
    (bias_low, bias_high), (low, high) = part["bias_interval"], part["variance_interval"]
    return (
        "bias"
        if bias_low > high
        else "variance"
        if low > bias_high
        else ("bias or variance, can't tell")
    )


def describe_loss(world: World, best: list[tuple[float, float]]) -> str:
    """Why the big network's loss is what it is, as a heading; `best` are each network's best
    temperature and the loss there."""
    big = NAMES.index("overfit")
    loss = float(world.scores[big, SCORES.index("fresh_loss"), -1])
    temperature, cooled = best[big]
    if not np.isfinite(loss):
        return "The big network's training diverged."
    if temperature <= 1.5 or cooled > 0.8 * loss:
        return f"The big network is about as sure as it may be: its loss is {loss:.2f} on fresh points."
    return (
        f"The big network's loss explodes because it is sure when it is wrong: {loss:.2f} on fresh "
        f"points, {cooled:.2f} at temperature {temperature:.2g}, with the same answers."
    )


def describe_variance(part: dict[str, dict[str, float]], luck_share: float, name: str) -> str:
    """What a network's variance over worlds is made of."""
    total = part["total"]["value"]
    if total <= 0:
        return ""
    shares = []
    for key, text in (("points", "the points"), ("split", "the split"), ("start", "the start")):
        value = part[key]["value"] / total
        low = part[key]["low"]
        shares.append(f"{text} {100 * value:.0f} %" if low > 0 else f"{text} about 0")
    return (
        f"Of {WHO[name]}'s variance on fresh points: {', '.join(shares)}. Of its test score's, "
        f"{100 * luck_share:.0f} % is luck of the test points."
    )


def estimate_dict(value: Estimate) -> list[float]:
    return [value.low, value.high]


__all__ = [
    "describe",
    "describe_budget",
    "describe_loss",
    "describe_variance",
    "headline",
    "signed",
]
