"""Successive halving: all settings train a little, the better part of them goes on.

Settings are judged by their mean accuracy on fresh points (on test points where there are no fresh
ones) early, and those that learn slowly are wronged by that; the result says so.
"""

from dataclasses import dataclass
from typing import Any

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


def survivors(scores: dict[int, float], count: int) -> list[int]:
    """The best `count` settings; of equal ones the first."""
    return sorted(sorted(scores, key=lambda i: (-scores[i], i))[:count])


def describe(rounds: list[Round], members: int) -> dict[str, Any]:
    """What was done and what it cost, against training all settings to the end."""
    spent = sum(r.epochs * r.settings for r in rounds)
    full = rounds[-1].epochs * rounds[0].settings
    steps = ", ".join(f"{r.settings:,} to epoch {r.epochs:,}" for r in rounds)
    dropped = rounds[0].settings - rounds[-1].settings
    return {
        "rounds": [{"epochs": r.epochs, "settings": r.settings} for r in rounds],
        "epochs_spent": spent * members,
        "epochs_full": full * members,
        "told": (
            f"Successive halving: {steps}; {100 * spent / full:.0f} % of the epochs that all "
            f"settings would have taken. {dropped:,} settings were judged early, at the epoch in "
            "their row: one that learns slowly may have been better in the end."
        ),
    }
