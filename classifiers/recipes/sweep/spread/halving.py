"""Successive halving: all settings train a little, the better part of them goes on.

Settings are judged early, by how far their mean accuracy on fresh points (on test points where
there are no fresh ones) stays below the best possible. Those that learn slowly are wronged by that;
the result says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.recipes.sweep.tasks import Columns

FACTOR = 3  # of settings dropped a round, and of epochs gained
LEAST_EPOCHS = 20


@dataclass(frozen=True)
class Round:
    """So many of the settings train to so many epochs."""

    epochs: int
    settings: int


def plan(count: int, epochs: int) -> list[Round]:
    """The rounds: each trains a third of the settings of the one before it, three times as long.

    The last trains to `epochs`. K. Jamieson and A. Talwalkar, Non-stochastic best arm
    identification and hyperparameter optimization, 2016.
    """
    rounds = [Round(epochs, 1)]
    while rounds[0].epochs // FACTOR >= LEAST_EPOCHS and FACTOR ** len(rounds) <= count:
        rounds.insert(0, Round(rounds[0].epochs // FACTOR, 1))
    return [Round(r.epochs, max(1, count // FACTOR**i)) for i, r in enumerate(rounds)]


def score(columns: Sequence[Sequence[Columns]]) -> float:
    """What a setting is judged by, from what its tasks gave: `result.shortfall`, negative."""
    best = columns[0][0]["bayes_accuracy"]
    unseen = "test_accuracy" if best is None else "fresh_accuracy"
    values = [value for (found,) in columns for value in found[unseen]]
    mean = float(np.mean(np.array(values, dtype=np.float64)))
    return -1.0 if np.isnan(mean) else mean - (1.0 if best is None else best)


def survivors(scores: dict[int, float], count: int) -> list[int]:
    """The best `count` settings; of equal ones the first."""
    return sorted(sorted(scores, key=lambda i: (-scores[i], i))[:count])


def describe(rounds: list[Round], members: int) -> dict[str, Any]:
    """What was done and what it cost, against training all settings to the end."""
    spent = sum(r.epochs * r.settings for r in rounds)
    full = rounds[-1].epochs * rounds[0].settings
    steps = ", ".join(f"{r.settings:,} to epoch {r.epochs:,}" for r in rounds)
    dropped = rounds[0].settings - rounds[-1].settings
    judged = (
        f"{dropped:,} settings were judged early, at the epoch in their row: one that learns "
        "slowly may have been better in the end"
        if dropped
        else "too few settings or epochs to stop any of them early"
    )
    return {
        "rounds": [{"epochs": r.epochs, "settings": r.settings} for r in rounds],
        "epochs_spent": spent * members,
        "epochs_full": full * members,
        "told": (
            f"Successive halving: {steps}; {100 * spent / full:.0f} % of the epochs that all "
            f"settings would have taken; {judged}."
        ),
    }
