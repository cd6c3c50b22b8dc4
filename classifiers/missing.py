"""What networks say where inputs are missing: their average over what those may be, given the rest.

The inputs of the training rows are taken as Gaussian, so that what is missing has a mean and a
covariance given what is known. A network of one hidden ReLU layer is averaged in closed form, any
other over fixed antithetic draws: there is no seed, and the same row has the same answer wherever
it is asked. Where nothing is missing it is the ordinary forward pass, to the last bit.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from classifiers.network import MLP

RIDGE = 0.005  # added to variances: a category seen once would else decide all others
_DRAWS = 64  # half of them the negatives of the others
_SEED = 20


@dataclass(frozen=True, eq=False)
class Gaussian:
    """The distribution of prepared inputs, of one group of rows or of G.

    Shape: `mean` (G, F), `covariance` (G, F, F), float64. `used` (F,) bool: inputs that the
    distribution is about; the others are 0 wherever a row does not know them.
    """

    mean: np.ndarray
    covariance: np.ndarray
    used: np.ndarray

    @property
    def precision(self) -> np.ndarray:
        """Inverse of the covariance and the ridge over the `used` inputs, 0 elsewhere."""
        inside = np.ix_(np.ones(len(self.mean), bool), self.used, self.used)
        precision = np.zeros_like(self.covariance)
        ridge = RIDGE * np.eye(int(self.used.sum()))
        precision[inside] = np.linalg.inv(self.covariance[inside] + ridge)
        return precision

    def resample(self, groups: int, rows: int, seed: int) -> "Gaussian":
        """The moments of `groups` samples of so many rows each, drawn from the first one here."""
        size = len(self.used)
        values, vectors = np.linalg.eigh(self.covariance[0])
        root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T  # of a sign of its own
        drawn = np.random.default_rng(seed).standard_normal((groups, rows, size)) @ root
        mean = drawn.mean(1)
        gap = drawn - mean[:, None]
        return Gaussian(self.mean + mean, gap.mT @ gap / rows, self.used)


@dataclass(frozen=True, eq=False)
class Averages:
    """What K networks say of N rows: probabilities of class 1, and their logits' moments.

    Shape: all (K, N) float64. `variance` is what the missing inputs leave of the logit's.
    """

    probability: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True, eq=False)
class Given:
    """What missing inputs may be where the `known` ones are: x_U = offset + gain x_K, covariance.

    Shape: `missing` (U,) and `known` (k,) indices of inputs; `gain` (G, U, k), `offset` (G, U),
    `covariance` (G, U, U).
    """

    missing: np.ndarray
    known: np.ndarray
    gain: np.ndarray
    offset: np.ndarray
    covariance: np.ndarray


class Averager:
    """K networks with two classes and the distribution of their inputs, one for all or one each.

    Args:
        network: K members, float64.
        gaussian: G = 1 or G = K.
    """

    def __init__(self, network: MLP, gaussian: Gaussian) -> None:
        self.network = network
        self.gaussian = gaussian
        self._precision = gaussian.precision
        self._closed = len(network.config.widths) == 1 and network.config.activation == "relu"
        weights = [(layer.weight.numpy(), layer.bias.numpy()) for layer in network.layers]
        self._weight, self._bias = weights[0]
        out, bias = weights[-1]
        one = out.shape[-1] == 1
        self._out = out[..., 0] if one else out[..., 1] - out[..., 0]
        self._out_bias = bias[..., 0] if one else bias[..., 1] - bias[..., 0]
        self.given = lru_cache(maxsize=16)(self._given)  # of 40 networks half a MB each

    def average(self, x: np.ndarray, known: np.ndarray) -> Averages:
        """Averages over what is missing.

        Args:
            x: (N, F) prepared inputs float64; what stands in a missing one does not matter.
            known: (F,) bool, the same for all rows.
        """
        if known[self.gaussian.used].all():
            mean = _margins(self.network, np.where(known, x, 0.0))
            return Averages(_sigmoid(mean), mean, np.zeros_like(mean))
        given = self.given(known.tobytes())
        filled = np.zeros((len(self.gaussian.mean), *x.shape))
        filled[..., known] = x[:, known]
        filled[..., given.missing] = given.offset[:, None] + x[:, given.known] @ given.gain.mT
        return (self._in_closed_form if self._closed else self._over_draws)(filled, given)

    def _given(self, pattern: bytes) -> Given:
        known = np.frombuffer(pattern, dtype=bool)
        inside = self.gaussian.used
        missing, kept = np.flatnonzero(inside & ~known), np.flatnonzero(inside & known)
        mean, precision = self.gaussian.mean, self._precision
        within = np.linalg.inv(precision[:, missing[:, None], missing])
        gain = -within @ precision[:, missing[:, None], kept]
        offset = mean[:, missing] - (gain @ mean[:, kept, None])[..., 0]
        return Given(missing, kept, gain, offset, within - RIDGE * np.eye(len(missing)))

    def _in_closed_form(self, filled: np.ndarray, given: Given) -> Averages:
        """A sum of ReLUs of Gaussians: its mean exactly, its variance to first order, and the
        mean of the sigmoid of it (MacKay 1992)."""
        weight = self._weight[:, given.missing]
        spread = np.sqrt(np.clip((weight * (given.covariance @ weight)).sum(1), 1e-24, None))
        z = filled @ self._weight + self._bias
        ratio = z / spread[:, None]
        above = torch.special.ndtr(torch.from_numpy(ratio)).numpy()
        density = np.exp(-0.5 * ratio**2) / math.sqrt(2 * math.pi)
        mean = ((z * above + spread[:, None] * density) @ self._out[..., None])[..., 0]
        mean += self._out_bias
        slope = (above * self._out[:, None]) @ weight.mT
        variance = ((slope @ given.covariance) * slope).sum(-1)
        return Averages(_sigmoid(mean / np.sqrt(1 + math.pi / 8 * variance)), mean, variance)

    def _over_draws(self, filled: np.ndarray, given: Given) -> Averages:
        members, rows = self.network.members, filled.shape[1]
        values, vectors = np.linalg.eigh(given.covariance)
        root = (vectors * np.sqrt(np.clip(values, 0, None))[:, None]) @ vectors.mT
        moves = (_draws(len(self.gaussian.used))[:, given.missing] @ root)[:, :, None]
        drawn = np.repeat(filled[:, None], _DRAWS, axis=1)
        drawn[..., given.missing] += moves
        inputs = drawn.reshape(len(filled), -1, drawn.shape[-1])
        margins = _margins(self.network, np.broadcast_to(inputs, (members, *inputs.shape[1:])))
        margins = margins.reshape(members, _DRAWS, rows)
        return Averages(_sigmoid(margins).mean(1), margins.mean(1), margins.var(1))

    def spread(self, covariance: Tensor) -> Tensor:
        """Standard deviations of what enters the first layer's units, for N ways to know inputs.

        Shape: `covariance` (N, U, U) of what is missing among the U `used` inputs, 0 elsewhere;
        result (N, K, H).
        """
        weight = self._used_weight(covariance)
        members, inputs, units = weight.shape
        some = covariance.diagonal(dim1=1, dim2=2).any(0)  # that one of them lacks at least
        flat = weight.transpose(0, 1).reshape(inputs, -1)[some]
        moved = covariance[:, some][:, :, some] @ flat
        return (moved.mul_(flat)).sum(1).clamp_(1e-12).sqrt_().view(-1, members, units)

    def scaled_margins(self, filled: Tensor, spread: Tensor, covariance: Tensor) -> Tensor:
        """The logits whose sigmoid is each member's average, for rows that each know other inputs.

        Shape: `filled` (N, U) rows with their missing inputs at their mean, `spread` (N, K, H) and
        `covariance` (N, U, U) as for `spread`; result (K, N), in the dtype of `filled`. Networks
        that have no closed form are asked at the mean.
        """
        if not self._closed:
            rows = np.zeros((len(filled), len(self.gaussian.used)))
            rows[:, self.gaussian.used] = filled.double().numpy()
            return torch.from_numpy(_margins(self.network, rows)).to(filled)
        weight = self._used_weight(filled)
        bias, out = (torch.from_numpy(a).to(filled) for a in (self._bias[:, 0], self._out))
        members, inputs, units = weight.shape
        z = (filled @ weight.transpose(0, 1).reshape(inputs, -1)).view(-1, members, units) + bias
        ratio = z / spread
        above = torch.special.ndtr(ratio)
        density = ratio.square_().mul_(-0.5).exp_().mul_(spread).div_(math.sqrt(2 * math.pi))
        mean = z.mul_(above).add_(density).mul_(out).sum(2)
        mean += torch.from_numpy(self._out_bias[:, 0]).to(filled)
        slope = torch.bmm(above.mul_(out).transpose(0, 1), weight.mT).transpose(0, 1)
        variance = (slope @ covariance).mul_(slope).sum(2)
        return (mean / (1 + math.pi / 8 * variance).sqrt()).T

    def _used_weight(self, like: Tensor) -> Tensor:
        """(K, U, H): the first layer's weights of the used inputs."""
        return torch.from_numpy(self._weight[:, self.gaussian.used]).to(like)

    def share_known(self, known: np.ndarray) -> float:
        """How much of the logit's variance the known inputs explain, averaged over the members.

        To first order, at the mean row: 0 = nothing is known, 1 = everything is.
        """
        if known[self.gaussian.used].all():
            return 1.0
        given = self.given(known.tobytes())
        slope = self._slope
        part = slope[:, None, given.missing]
        left = (part @ given.covariance * part).sum((1, 2))
        whole = (slope[:, None] @ self.gaussian.covariance * slope[:, None]).sum((1, 2))
        return float(np.clip(1 - (left / whole).mean(), 0, 1))

    @cached_property
    def _slope(self) -> np.ndarray:
        """The gradient of each member's average logit at the mean row, (K, F), 0 outside."""
        used = self.gaussian.used
        step = 0.25 * np.sqrt(np.diagonal(self.gaussian.covariance, axis1=1, axis2=2).mean(0))
        rows = np.concatenate([np.diag(step * used), -np.diag(step * used)])
        margins = _margins(self.network, (self.gaussian.mean[:, None] * used + rows))
        up, down = margins[:, : len(used)], margins[:, len(used) :]
        return np.where(used, (up - down) / np.where(step > 0, 2 * step, 1), 0.0)


def _margins(network: MLP, x: np.ndarray) -> np.ndarray:
    """Logits of class 1 less those of class 0, (K, N)."""
    logits = network.logits(torch.from_numpy(np.require(x, requirements=["C", "W"]))).numpy()
    return logits[..., 0] if logits.shape[-1] == 1 else logits[..., 1] - logits[..., 0]


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return torch.sigmoid(torch.from_numpy(z)).numpy()


@lru_cache(maxsize=4)
def _draws(size: int) -> np.ndarray:
    half = np.random.default_rng(_SEED).standard_normal((_DRAWS // 2, size))
    return np.concatenate([half, -half])
