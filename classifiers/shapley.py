"""Exact Shapley values of a binary ensemble: what each feature adds to one prediction.

The game is v(S), the log-odds of the ensemble's risk when only the features in S are known and the
others are averaged over what they may be given those. Every coalition is evaluated, none is
sampled, so the contributions add up to v(all) - v(none) to rounding; a feature that is unknown
joins no coalition and contributes exactly 0. (Observational values in the sense of Chen et al.
2020, arXiv 2006.16234: fields that vary together share what they tell.)

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

from classifiers.errors import ConfigError
from classifiers.missing import RIDGE, Averager

MOST_FEATURES = 16  # 65,536 coalitions
_AT_ONCE = 1024  # coalitions: what they need stays in a core's cache


@dataclass(frozen=True, eq=False)
class Explanation:
    """In log-odds: `base_logit` plus the sum of `contributions` is `logit`.

    Shape: `contributions` (G,) and `interactions` of pairs (G, G), float64, 0 where unknown.
    """

    base_logit: float
    logit: float
    contributions: np.ndarray
    interactions: np.ndarray


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


class ConditionalGame:
    """What an ensemble says of one row when only some of its features are known.

    Args:
        averager: the ensemble, with one distribution for all of its members.
        groups: (F,) which feature, 0 to G - 1, each input belongs to; -1 = none.

    What the missing inputs of each of the 2^G coalitions may be is worked out once: for 13 features
    and 36 inputs half a second and 60 MB. Between the empty coalition and the whole it is float32;
    these two, and so the sum of the contributions, are float64.

    Raises:
        ConfigError: a group does not fit.
    """

    def __init__(self, averager: Averager, groups: ArrayLike) -> None:
        owner = np.asarray(groups)
        count = int(owner.max()) + 1
        inputs = averager.network.in_features
        if owner.shape != (inputs,) or set(owner.tolist()) - {-1} != set(range(count)):
            raise ConfigError(
                "groups",
                f"must say for each of {inputs} inputs which feature, 0, 1, ..., it belongs to, "
                f"leaving none out, got {sorted(set(owner.tolist()))}",
            )
        if count > MOST_FEATURES:
            raise ConfigError("groups", f"must be at most {MOST_FEATURES} features, got {count}")
        self.features = count
        self._averager = averager
        owned = (owner >= 0) & averager.gaussian.used
        self._knows = _coalitions(count)[0].astype(bool)[:, owner] & owned
        self._fill, self._offset, self._covariance = self._condition()
        # Coalitions that follow each other in the order of bits know the same of the last features.
        parts = self._covariance.split(_AT_ONCE // 4)
        self._spread = torch.cat([averager.spread(part) for part in parts])

    def explain(self, x: ArrayLike, known: ArrayLike) -> Explanation:
        """Shapley values of one row.

        Args:
            x: (F,) inputs of the row.
            known: (G,) bool, which features are known.
        """
        row, given = np.asarray(x, dtype=np.float64), np.asarray(known, dtype=bool)
        players = np.flatnonzero(given)
        contributions = np.zeros(self.features)
        interactions = np.zeros((self.features, self.features))
        game = self.worth(row, given)
        if len(players):
            contributions[players] = shapley_values(game)
            interactions[np.ix_(players, players)] = shapley_interactions(game)
        return Explanation(float(game[0]), float(game[-1]), contributions, interactions)

    def worth(self, x: np.ndarray, known: np.ndarray) -> np.ndarray:
        """v(S), (2^k,) float64, for every coalition of the k known features, in the order of bits.

        Shape: `x` (F,) inputs; `known` (G,) bool.
        """
        players = np.flatnonzero(known)
        bits = (np.arange(2 ** len(players))[:, None] >> np.arange(len(players))) & 1
        chosen = bits @ (1 << players)
        is_all = len(chosen) == len(self._knows)
        steps = [slice(i, i + _AT_ONCE) for i in range(0, len(chosen), _AT_ONCE)]
        game = np.concatenate(
            [self._worth(x, step if is_all else torch.from_numpy(chosen[step])) for step in steps]
        )
        for i in (0, -1):  # exactly what is served
            averages = self._averager.average(x[None], self._knows[chosen[i]])
            game[i] = log_odds(torch.logit(torch.from_numpy(averages.probability)))[0].item()
        return game

    def _worth(self, x: np.ndarray, picked: slice | Tensor) -> np.ndarray:
        row = torch.from_numpy(x[self._averager.gaussian.used]).float()
        filled = self._offset[picked] + self._fill[picked] @ row
        margins = self._averager.scaled_margins(
            filled, self._spread[picked], self._covariance[picked]
        )
        return log_odds(margins.double()).numpy()

    def _condition(self) -> tuple[Tensor, Tensor, Tensor]:
        """For each coalition c: x given what c knows = offset + fill x, and its covariance.

        Shape: (2^G, U, U), (2^G, U), (2^G, U, U) float32, of the U inputs that are used.
        """
        gaussian = self._averager.gaussian
        used = gaussian.used
        precision, mean = gaussian.precision[0][np.ix_(used, used)], gaussian.mean[0][used]
        knows = self._knows[:, used]
        coalitions, inputs = knows.shape
        fill = torch.zeros(coalitions, inputs, inputs)
        offset = torch.zeros(coalitions, inputs)
        covariance = torch.zeros(coalitions, inputs, inputs)
        missing = ~knows
        for size in np.unique(missing.sum(1)):
            some = np.flatnonzero(missing.sum(1) == size)
            gone = np.nonzero(missing[some])[1].reshape(len(some), size)
            within = np.linalg.inv(precision[gone[:, :, None], gone[:, None]])
            gain = -within @ (precision[gone] * knows[some][:, None])
            lines = np.zeros((len(some), inputs, inputs))
            lines[:, range(inputs), range(inputs)] = knows[some]
            each = np.arange(len(some))[:, None]
            lines[each, gone] = gain
            fill[some] = torch.from_numpy(lines).float()
            start = np.zeros((len(some), inputs))
            start[each, gone] = mean[gone] - gain @ mean
            offset[some] = torch.from_numpy(start).float()
            left = np.zeros((len(some), inputs, inputs))
            left[each[:, :, None], gone[:, :, None], gone[:, None]] = within - RIDGE * np.eye(size)
            covariance[some] = torch.from_numpy(left).float()
        return fill, offset, covariance
