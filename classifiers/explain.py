"""Exact Shapley values of a binary ensemble: what each feature adds to one prediction.

The game is f(S), the ensemble's log-odds when the features in S have the row's values and the
others those of one reference point. Every coalition is evaluated, none is sampled, so the
contributions add up to f(all) - f(none) to rounding. One reference point, and not a sample of
rows, because an artifact ships no patient; with the mean training input as the reference a linear
model's values are the familiar weight * (x - mean).

It knows inputs and groups of inputs, nothing of what they mean.
"""

from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn.functional import logsigmoid

from classifiers.compute.activations import ACTIVATIONS
from classifiers.errors import ConfigError
from classifiers.network import MLP

MOST_FEATURES = 16  # 65,536 coalitions


@dataclass(frozen=True, eq=False)
class Explanation:
    """`contributions` (G,) float64 in log-odds; `base_logit` plus their sum is `logit`."""

    base_logit: float
    logit: float
    contributions: np.ndarray


@cache
def _coalitions(features: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Members (2^G, G) of every coalition, and the weight of joining and of leaving it (2^G,).

    Coalition c holds feature i when bit i of c is set. The weight of adding a feature to a
    coalition of size s is s! (G - s - 1)! / G! (Shapley 1953).
    """
    holds = (np.arange(2**features)[:, None] >> np.arange(features)) & 1
    size = holds.sum(1)
    weight = np.array([1 / (features * comb(features - 1, s)) for s in range(features)] + [0.0])
    # weight[-1] is 0: nothing was added to make the empty coalition.
    return holds.astype(np.float64), weight[size - 1], weight[size]


def shapley_values(game: ArrayLike) -> np.ndarray:
    """The Shapley value of every player of a game.

    Args:
        game: (2^G,) worth of every coalition; bit i of the index says whether player i is in it.

    Returns:
        (G,) float64, adding up to game[-1] - game[0].

    Raises:
        ConfigError: the length is no power of two from 2^1 to 2^MOST_FEATURES.
    """
    worth, players = _checked_game(game)
    holds, joined, left = _coalitions(players)
    gain = worth - worth[0]
    return holds.T @ (gain * (joined + left)) - gain @ left


def _checked_game(game: ArrayLike) -> tuple[np.ndarray, int]:
    """The worth of every coalition (2^G,) and G."""
    worth = np.asarray(game, dtype=np.float64)
    players = worth.size.bit_length() - 1
    if worth.shape != (2**players,) or not 1 <= players <= MOST_FEATURES:
        raise ConfigError(
            "game",
            f"must have 2^G values, G from 1 to {MOST_FEATURES}, got shape {worth.shape}; give "
            "the worth of every coalition",
        )
    return worth, players


def shapley_interactions(game: ArrayLike) -> np.ndarray:
    """The Shapley interaction index of every pair of players (Grabisch and Roubens 1999).

    What two players are worth together beyond what each is worth without the other, averaged over
    the coalitions of the others: over S, v(S + i + j) - v(S + i) - v(S + j) + v(S) has the weight
    s! (G - s - 2)! / (G - 1)!.

    Args:
        game: (2^G,) as for `shapley_values`.

    Returns:
        (G, G) float64, symmetric, 0 on the diagonal.

    Raises:
        ConfigError: as `shapley_values`.
    """
    worth, players = _checked_game(game)
    holds, _, _ = _coalitions(players)
    size = holds.sum(1).astype(int)
    weight = [1 / ((players - 1) * comb(players - 2, s)) for s in range(players - 1)]
    # Of a coalition that holds both players, one or none of them; 0 where there is no such one.
    both, one, none = (np.array([*weight, 0.0, 0.0])[size - away] for away in (2, 1, 0))
    gain = worth - worth[0]
    pairs = holds.T @ (holds * (gain * (both + 2 * one + none))[:, None])
    single = holds.T @ (gain * (one + none))
    pairs += gain @ none - single - single[:, None]
    return (pairs + pairs.T) / 2 * (1 - np.eye(players))


def log_odds(margins: Tensor) -> Tensor:
    """Log-odds of the mean probability over members: margins (K, N) -> (N,), finite for any."""
    return torch.logsumexp(logsigmoid(margins), 0) - torch.logsumexp(logsigmoid(-margins), 0)


def explain(network: MLP, x: ArrayLike, reference: ArrayLike, groups: ArrayLike) -> Explanation:
    """Exact Shapley values of class 1's log-odds for one row against one reference.

    The log-odds are those of the members' mean probability, so `logit` is that of the probability
    which the ensemble serves. The marginal ("interventional") reference is used: an absent
    feature takes the reference's inputs whatever the others are.

    Args:
        network: K members, two classes; float64 for contributions exact to rounding.
        x: (F,) inputs of the row.
        reference: (F,) inputs that stand for "not known", as the mean of the training inputs.
        groups: (F,) which feature, 0 to G - 1, each input belongs to.

    Raises:
        ConfigError: a length or a group does not fit, or the network has not two classes.
    """
    row, other = np.asarray(x, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    owner = np.asarray(groups)
    inputs = (network.in_features,)
    if network.classes != 2:
        raise ConfigError("network", f"must have 2 classes to be explained, has {network.classes}")
    for field, given in (("x", row), ("reference", other), ("groups", owner)):
        if given.shape != inputs:
            raise ConfigError(
                field, f"must have one value an input, shape {inputs}, got {given.shape}"
            )
    count = int(owner.max()) + 1
    if set(owner.tolist()) != set(range(count)) or count > MOST_FEATURES:
        raise ConfigError(
            "groups",
            f"must number the features 0, 1, ... up to {MOST_FEATURES} of them, leaving none out, "
            f"got {sorted(set(owner.tolist()))}",
        )
    belongs = np.zeros((len(row), count))
    belongs[np.arange(len(row)), owner] = row - other
    game = log_odds(_margins(network, torch.from_numpy(other), torch.from_numpy(belongs))).numpy()
    return Explanation(float(game[0]), float(game[-1]), shapley_values(game))


def _margins(network: MLP, reference: Tensor, moves: Tensor) -> Tensor:
    """Logit of class 1 less that of class 0 for every member and coalition, (K, 2^G).

    Shape: `reference` (F,); `moves` (F, G), how far each feature moves each input from it.

    The first layer is linear, so a coalition's pre-activation is the sum of its features' parts;
    the lower and the upper half of the features are summed apart and then added in all pairs.
    Units come before coalitions, so that each unit's values lie together in memory.
    """
    dtype = network.parameters.dtype
    first, count = network.layers[0], moves.shape[1]
    low = count // 2
    holds = torch.from_numpy(_coalitions(count)[0]).to(dtype)
    few = holds[: 2**low, :low].T
    many = holds[:: 2**low, low:].T
    activate = ACTIVATIONS[network.config.activation].forward
    margins = torch.empty(network.members, 2**count, dtype=dtype)
    for k in range(network.members):
        weight = first.weight[k].T
        start = weight @ reference.to(dtype) + first.bias[k, 0]
        parts = weight @ moves.to(dtype)
        below = start[:, None] + parts[:, :low] @ few
        above = parts[:, low:] @ many
        h = (above[:, :, None] + below[:, None, :]).flatten(1)
        for layer in network.layers[1:]:
            if network.config.activation == "tanh":
                # The same function; float64 tanh itself takes four times as long.
                h = h.mul_(2).sigmoid_().mul_(2).sub_(1)
            else:
                h = activate(h, h)
            h = torch.addmm(layer.bias[k].T, layer.weight[k].T, h)
        margins[k] = h[0] if len(h) == 1 else h[1] - h[0]
    return margins
