"""What all worlds of a rule say at once: budgets, the mean boundary, whose the variance is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluation.bias_variance import error_budget, loss_budget
from classifiers.evaluation.comparison import LEAST_WORLDS
from classifiers.evaluation.metrics import Estimate
from classifiers.evaluation.variance import split_variance
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES, Draw
from classifiers.recipes.capstone.worlds.message import encode_region, pack_regions
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.regions import trace
from classifiers.recipes.capstone.worlds.rule import LOSS_POINTS, Truth

KINDS = ("own", "split", "start")  # a world's own run; split anew; started anew


def error_budgets(
    answers: Mapping[str, NDArray[np.bool_]], eta: NDArray[np.float64]
) -> dict[str, Any]:
    """Of each network, from its answers (K, N) in K worlds: `ErrorBudget` as JSON, and K."""
    budgets = {}
    for name, given in answers.items():
        budget = error_budget(given, eta[: given.shape[1]])
        parts = {"bias": budget.bias, "variance": budget.variance, "total": budget.total}
        budgets[name] = {"best": budget.best, **_with_intervals(parts)}
    return {"budget": budgets, "budget_worlds": len(next(iter(answers.values())))}


def loss_budgets(draws: Mapping[str, Sequence[Draw]], truth: Truth) -> dict[str, Any]:
    """Of each network: `LossBudget` as JSON."""
    budgets = {}
    for name, given in draws.items():
        log_odds = np.stack([draw.log_odds for draw in given])
        budget = loss_budget(log_odds, truth.eta[:LOSS_POINTS])
        parts = {"shared": budget.shared, "variance": budget.variance, "total": budget.total}
        budgets[name] = {"entropy": budget.entropy, **_with_intervals(parts)}
    return budgets


def _with_intervals(parts: Mapping[str, Estimate]) -> dict[str, Any]:
    values = {key: part.value for key, part in parts.items()}
    return values | {f"{key}_interval": [part.low, part.high] for key, part in parts.items()}


def mean_boundary(draws: Mapping[str, Sequence[Draw]], truth: Truth) -> dict[str, Any]:
    """Where most worlds' networks say class 1, as regions in the order of `NAMES`."""
    regions = []
    for name in NAMES:
        share = np.mean([draw.grid for draw in draws[name]], axis=0)
        regions.append(encode_region(trace(share - 0.5, truth.extent)[0]))
    return pack_regions(regions, [len(NAMES)])


def variance_of(ends: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """What a network's scores vary by over worlds, as JSON.

    Args:
        ends: for each of `KINDS` the scores at the end, (K, len(SCORES)), of the same K worlds.

    Returns:
        for fresh and test accuracy a `VarianceSplit`; `luck_share`, the variance of test less
        fresh accuracy over that of test accuracy; `worlds`.
    """
    column = {name: [ends[kind][:, i] for kind in KINDS] for i, name in enumerate(SCORES)}
    parts: dict[str, Any] = {
        name: split_variance(*column[name]).to_dict()
        for name in ("fresh_accuracy", "test_accuracy")
    }
    test, fresh = column["test_accuracy"][0], column["fresh_accuracy"][0]
    spread = float((test - test[0]).var(ddof=1))
    luck = float((test - fresh).var(ddof=1)) / spread if spread > 0 else None
    return {**parts, "luck_share": luck, "worlds": len(test)}


def own_budget(pile: Pile) -> dict[str, Any]:
    """The error budget of worlds that a visitor drew; empty below `LEAST_WORLDS` of them."""
    drawn = [world.answers for world in pile.worlds if world.answers is not None]
    if len(drawn) < LEAST_WORLDS:
        return {}
    answers = np.stack(drawn, axis=1)
    return error_budgets(dict(zip(NAMES, answers, strict=True)), pile.truth.eta)
