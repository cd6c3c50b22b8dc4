"""How well every member does on rows: accuracy and mean loss, counted or expected."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.network import MLP, aligned


@dataclass(frozen=True)
class Rows:
    """Rows to train on or to score.

    Shape: `x` (N, F) float32 shared by all members, or (K, N, F); `y` (N,) or (K, N) int64;
    `weights` (K, N) float32, 0 = the member does not see the row; None = all 1.
    """

    x: Tensor
    y: Tensor
    weights: Tensor | None = None

    def to(self, device: str | torch.device) -> "Rows":
        """The same rows on another device."""
        weights = None if self.weights is None else self.weights.to(device)
        return Rows(self.x.to(device), self.y.to(device), weights)


@dataclass(frozen=True)
class Scores:
    """Mean loss (no penalties) and accuracy of each member, without dropout: (K,) float64."""

    loss: np.ndarray
    accuracy: np.ndarray


def score(network: MLP, rows: Rows) -> Scores:
    """Cross-entropy and accuracy of every member on `rows`, weighted by `rows.weights`."""
    return Scorer(network, {"rows": rows})()["rows"]


def expected_score(network: MLP, x: Tensor, posterior: Tensor) -> Scores:
    """What every member scores in the mean over the classes that points (N, F) may have, given
    their probabilities (N, classes) float64: the expectation of `score` over labels."""
    logits = network.logits(x).mT.double()
    if network.out_features == 1:
        logits = torch.cat([torch.zeros_like(logits), logits], 1)
    hits = posterior[torch.arange(len(x), device=x.device), logits.max(1).indices]
    surprise = torch.log_softmax(logits, 1).neg_()
    # A class that cannot be costs nothing, however sure the network is that it is not.
    losses = torch.where(posterior.T > 0, surprise * posterior.T, 0.0).sum(1)
    return Scores(losses.mean(1).cpu().numpy(), hits.mean(1).cpu().numpy())


class Scorer:
    """Scores every member on several sets of rows with one forward pass."""

    def __init__(self, network: MLP, sets: Mapping[str, Rows]) -> None:
        self.network = network
        given, members = list(sets.values()), network.members
        shared = all(rows.x.dim() == 2 for rows in given)
        x = [rows.x if shared else rows.x.expand(members, -1, -1) for rows in given]
        self.x = torch.cat(x, dim=-2)
        if not shared:
            self.x = aligned(self.x)
        self.y = torch.cat([rows.y.expand(members, -1) for rows in given], dim=1)
        self.values = self.y.new_empty((members, 2, self.y.shape[1]), dtype=torch.float64)
        self.losses, self.hits = self.values.unbind(1)
        self.target = self.y.double() if network.out_features == 1 else self.y.unsqueeze(1)
        self.names = list(sets)
        self.sums = self.values.new_empty(members, 2, len(sets))
        self.parts, totals, start = [], [], 0
        for i, rows in enumerate(given):
            stop = start + rows.x.shape[-2]
            if rows.weights is None:
                weights = self.values.new_ones(1, stop - start)
            else:
                weights = rows.weights.double()
            totals.append(weights.sum(1).clamp_min(1e-12).expand(members))
            share = weights.expand(members, -1).unsqueeze(-1)
            self.parts.append((self.values[:, :, start:stop], share, self.sums[:, :, i : i + 1]))
            start = stop
        self.totals = torch.stack(totals, dim=-1).unsqueeze(1)
        self.labels = torch.zeros_like(self.y)

    def predicted(self, name: str) -> np.ndarray:
        """The classes (K, N) int64 that were given the rows of a set when it was last scored."""
        sizes = [values.shape[-1] for values, _, _ in self.parts]
        return self.labels.split(sizes, 1)[self.names.index(name)].cpu().numpy()

    def __call__(self) -> dict[str, Scores]:
        # In float64: in float32, log(1 + e^-17) is 0.
        logits = self.network.logits(self.x).double()
        self.labels = self.network.to_classes(logits)
        if self.network.out_features == 1:
            z = logits[..., 0]
            losses = F.binary_cross_entropy_with_logits(z, self.target, reduction="none")
        else:
            shares = torch.log_softmax(logits.mT, 1)
            losses = shares.gather(1, self.target).squeeze(1).neg_()
        self.losses.copy_(losses)
        self.hits.copy_(self.labels == self.y)
        for values, share, sums in self.parts:
            torch.bmm(values, share, out=sums)
        loss, accuracy = (self.sums / self.totals).cpu().numpy().transpose(1, 2, 0)
        return {name: Scores(loss[i], accuracy[i]) for i, name in enumerate(self.names)}
