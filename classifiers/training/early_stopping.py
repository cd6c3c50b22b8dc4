"""Early stopping and divergence: which members train on, and which parameters are kept of each."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.config import EarlyStoppingConfig
from classifiers.network import MLP
from classifiers.training.scores import Scores


@dataclass(frozen=True)
class Record:
    """The state of a run after `epoch` epochs (0 = before the first step).

    `scores` maps "train", "test", "validation" to `Scores`; it is None on a heartbeat.
    `diverged_at` (K,) is the epoch at which a member's loss was first seen not to be finite, -1
    otherwise; such a member is held at its last finite parameters. `best_epoch` (K,) is the epoch
    whose parameters early stopping would keep, -1 without early stopping.
    """

    epoch: int
    scores: dict[str, Scores] | None
    diverged_at: np.ndarray
    best_epoch: np.ndarray


_STATE = ("diverged_at", "best_epoch", "best_loss", "safe", "best")


class Fates:
    """What became of each member: whether it diverged, and the best of it under early stopping."""

    def __init__(self, network: MLP, stopping: EarlyStoppingConfig | None) -> None:
        self.network, self.stopping = network, stopping
        self.diverged_at = np.full(network.members, -1)
        self.best_epoch = np.full(network.members, -1)
        self.best_loss = np.full(network.members, np.inf)
        self.safe = network.parameters.clone()
        self.best = network.parameters.clone() if stopping else None

    def state(self) -> dict[str, Any]:
        """A copy of what looks change, for `set_state`."""
        return copy.deepcopy({name: value for name, value in vars(self).items() if name in _STATE})

    def set_state(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def record(self, epoch: int, scores: dict[str, Scores] | None) -> Record:
        return Record(epoch, scores, self.diverged_at.copy(), self.best_epoch.copy())

    def freeze(self, epoch: int, scores: dict[str, Scores]) -> bool:
        """Puts members that have diverged back to their last finite state; whether there are any
        such."""
        self.diverged_at[~np.isfinite(scores["train"].loss) & (self.diverged_at < 0)] = epoch
        frozen = np.flatnonzero(self.diverged_at >= 0)
        if len(frozen):
            self.network.parameters[frozen] = self.safe[frozen]
        self.safe.copy_(self.network.parameters)
        return bool(len(frozen))

    def keep(self, epoch: int, scores: dict[str, Scores]) -> None:
        """Keeps members that have never been better, and whose patience has not run out."""
        if self.stopping is None or self.best is None:
            return
        loss = scores[self.stopping.on].loss
        waited = epoch - np.maximum(self.best_epoch, 0)
        better = (loss < self.best_loss) & (waited <= self.stopping.patience)
        self.best_loss[better], self.best_epoch[better] = loss[better], epoch
        self.best[better] = self.network.parameters[better]

    def are_sealed(self, epoch: int) -> bool:
        """Whether no further epoch can change what is left in the end."""
        waits = self.stopping and (epoch - self.best_epoch <= self.stopping.patience).any()
        return bool((self.diverged_at >= 0).all() or (self.stopping and not waits))

    def restore_best(self) -> bool:
        if self.best is not None:
            self.network.parameters.copy_(self.best)
        return self.best is not None
