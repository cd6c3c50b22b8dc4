"""The multilayer perceptron with a member axis: K networks of one shape, computed together.

It knows its parameters, how they start, and how to compute logits. It does not know about data,
losses or optimisers. K = 1 is the plain network; there is no second code path.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import torch
from torch import Tensor

from classifiers.compute.activations import ACTIVATIONS
from classifiers.compute.products import products
from classifiers.config import NetworkConfig
from classifiers.errors import ConfigError

ALIGNED = 32  # floats: two of the widest vector registers, which loops take at a time


@dataclass(frozen=True)
class Layer:
    """One linear layer of K members, as views into the flat parameters.

    Shape: `weight` (K, fan_in, fan_out), `bias` (K, 1, fan_out).
    """

    weight: Tensor
    bias: Tensor


def member_seeds(seed: int | Sequence[int], members: int) -> Sequence[int]:
    """One seed a member: those given, or counted up from one."""
    return range(seed, seed + members) if isinstance(seed, int) else seed


def aligned_rows(like: Tensor, members: int, *shape: int) -> tuple[Tensor, Tensor]:
    """Zeros, whole and as (K, *shape): every member starts where a vector register does, so that
    its last bits don't depend on how many come before it.

    An elementwise function should take the whole, (K, P): some take another way through a tensor
    with gaps.
    """
    count = math.prod(shape)
    whole = like.new_zeros(members, -(-count // ALIGNED) * ALIGNED)
    return whole, whole[:, :count].unflatten(1, shape)


def aligned(x: Tensor) -> Tensor:
    """A copy of (K, ...) laid out as `aligned_rows`."""
    return aligned_rows(x, *x.shape)[1].copy_(x)


class MLP:
    """K multilayer perceptrons of one shape.

    Args:
        config: widths, activation, dropout (used in training only), coding of the outputs.
        in_features: inputs a row.
        classes: number of classes; one logit when `config.outputs == "one_logit"`.
        members: K.
        member_widths: (K, len(config.widths)) units each member may use of each hidden layer; the
            rest stay zero and get no gradient. None = all of them.

    All parameters live in `parameters` (K, P); `layers` are views of it. P is `parameter_count`,
    rounded up by zeros that stay zero: a member then starts where a vector register does, so its
    last bits don't depend on how many members come before it.
    """

    def __init__(
        self,
        config: NetworkConfig,
        in_features: int,
        classes: int,
        members: int = 1,
        *,
        member_widths: Sequence[Sequence[int]] | None = None,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if config.outputs == "one_logit" and classes != 2:
            raise ConfigError(
                "network.outputs", f"one_logit needs 2 classes, got {classes}; use logits"
            )
        self.config = config
        self.in_features = in_features
        self.classes = classes
        self.members = members
        self.out_features = 1 if config.outputs == "one_logit" else classes
        self.sizes = (in_features, *config.widths, self.out_features)
        count = sum((a + 1) * b for a, b in pairwise(self.sizes))
        self._count = count
        self.parameters = torch.zeros(
            members, -(-count // ALIGNED) * ALIGNED, device=device, dtype=dtype
        )
        self.layers = self.views(self.parameters)
        self._member_sizes = self._check_member_widths(member_widths)

    def _check_member_widths(
        self, member_widths: Sequence[Sequence[int]] | None
    ) -> list[tuple[int, ...]] | None:
        if member_widths is None:
            return None
        sizes = [(self.in_features, *widths, self.out_features) for widths in member_widths]
        fits = all(
            len(size) == len(self.sizes)
            and all(1 <= own <= full for own, full in zip(size, self.sizes, strict=True))
            for size in sizes
        )
        if len(sizes) != self.members or not fits:
            raise ConfigError(
                "member_widths",
                f"must give {self.members} members {len(self.config.widths)} widths each, none "
                f"above {list(self.config.widths)}, got {[list(w) for w in member_widths]}",
            )
        return sizes

    @property
    def parameter_count(self) -> int:
        """Parameters of one member of full width."""
        return self._count

    def views(self, flat: Tensor) -> list[Layer]:
        """The layers as views into a (K, P) tensor laid out like `parameters`.

        The last weight is stored output by output: with few of them, matrix products are up to
        eight times faster that way round.
        """
        layers, offset = [], 0
        for i, (fan_in, fan_out) in enumerate(pairwise(self.sizes), start=2):
            split = offset + fan_in * fan_out
            block = flat[:, offset:split]
            is_last = i == len(self.sizes)
            weight = (
                block.view(-1, fan_out, fan_in).mT if is_last else block.view(-1, fan_in, fan_out)
            )
            layers.append(Layer(weight, flat[:, split : split + fan_out].view(-1, 1, fan_out)))
            offset = split + fan_out
        return layers

    def weight_mask(self) -> Tensor:
        """(1, P): 1 where a parameter is a weight, 0 where it is a bias."""
        mask = torch.zeros_like(self.parameters[:1])
        for layer in self.views(mask):
            layer.weight.fill_(1)
        return mask

    def member_mask(self) -> Tensor | None:
        """(K, P): 1 where a member owns the parameter; None when all members have full width."""
        if self._member_sizes is None:
            return None
        mask = torch.zeros_like(self.parameters)
        for k, sizes in enumerate(self._member_sizes):
            for layer, fan_in, fan_out in zip(self.views(mask), sizes[:-1], sizes[1:], strict=True):
                layer.weight[k, :fan_in, :fan_out] = 1
                layer.bias[k, :, :fan_out] = 1
        return mask

    def initialize(self, seed: int | Sequence[int]) -> Self:
        """Starts every member as `torch.nn.Linear` would, or as `config.start` says.

        Member k gets exactly the values that a plain `nn.Sequential` of its own shape has after
        `torch.manual_seed(seed + k)`, or that of its own among K seeds: uniform within
        1 / sqrt(fan_in), weights before biases. "large" is ten times that. "xavier" and "he" then
        draw all weights anew, within sqrt(6 / (fan_in + fan_out)) and sqrt(6 / fan_in), as
        `nn.init.xavier_uniform_` and `kaiming_uniform_(nonlinearity="relu")`, biases 0.
        """
        start = torch.zeros(self.parameters.shape)
        layers = self.views(start)
        if self.config.start == "zero":
            self.parameters.zero_()
            return self
        for k, own in enumerate(member_seeds(seed, self.members)):
            generator = torch.Generator().manual_seed(own)
            sizes = self.sizes if self._member_sizes is None else self._member_sizes[k]
            for layer, fan_in, fan_out in zip(layers, sizes[:-1], sizes[1:], strict=True):
                bound = 1 / math.sqrt(fan_in)
                weight = torch.empty(fan_out, fan_in).uniform_(-bound, bound, generator=generator)
                bias = torch.empty(fan_out).uniform_(-bound, bound, generator=generator)
                layer.weight[k, :fan_in, :fan_out] = weight.T
                layer.bias[k, 0, :fan_out] = bias
            if self.config.start in ("xavier", "he"):
                for layer, fan_in, fan_out in zip(layers, sizes[:-1], sizes[1:], strict=True):
                    fans = fan_in + fan_out if self.config.start == "xavier" else fan_in
                    bound = math.sqrt(6 / fans)
                    weight = torch.empty(fan_out, fan_in)
                    weight.uniform_(-bound, bound, generator=generator)
                    layer.weight[k, :fan_in, :fan_out] = weight.T
                    layer.bias[k] = 0
        self.parameters.copy_(10 * start if self.config.start == "large" else start)
        return self

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Activations of every hidden layer, then the logits, without dropout.

        Shape: `x` (N, F) shared by all members, or (K, N, F); each result (K, N, units). The
        logits are stored class by class, since a softmax over a short last axis is slow.
        """
        rule = ACTIVATIONS[self.config.activation]
        h = x.expand(self.members, -1, -1)
        outputs = []
        for layer in self.layers[:-1]:
            rows, (fan_in, fan_out) = h.shape[1], layer.weight.shape[1:]
            multiply = products(layer.weight, rows, fan_in, fan_out).baddbmm
            whole, z = aligned_rows(h, self.members, rows, fan_out)
            multiply(layer.bias, h, layer.weight, out=z)
            rule.forward(whole, whole)
            h = z
            outputs.append(h)
        last = self.layers[-1]
        outputs.append(torch.baddbmm(last.bias.mT, last.weight.mT, h.mT).mT)
        return outputs

    def logits(self, x: Tensor) -> Tensor:
        """Shape: `x` (N, F) or (K, N, F); result (K, N, out_features)."""
        return self.hidden(x)[-1]

    def predict(self, x: Tensor) -> Tensor:
        """The likeliest class of each row, (K, N) int64; of equal ones the first."""
        return self.to_classes(self.logits(x))

    def to_classes(self, logits: Tensor) -> Tensor:
        """Logits (..., out_features) to classes (...) int64."""
        if self.out_features == 1:
            return (logits[..., 0] > 0).long()
        return logits.mT.max(-2).indices

    def probabilities(self, x: Tensor) -> Tensor:
        """Class probabilities (K, N, classes): softmax, or sigmoid for one logit."""
        return self.to_probabilities(self.logits(x))

    def to_probabilities(self, logits: Tensor) -> Tensor:
        """Logits (..., out_features) to probabilities (..., classes)."""
        if self.out_features == 1:
            positive = torch.sigmoid(logits)
            return torch.cat([1 - positive, positive], dim=-1)
        return torch.softmax(logits.mT, dim=-2).mT

    def state_dict(self) -> dict[str, Tensor]:
        """Contiguous copies named `layers.<i>.weight` and `layers.<i>.bias` (K, fan_out)."""
        state = {}
        for i, layer in enumerate(self.layers):
            state[f"layers.{i}.weight"] = layer.weight.contiguous().clone()
            state[f"layers.{i}.bias"] = layer.bias.squeeze(1).contiguous().clone()
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> Self:
        """Copies in exactly the tensors that `state_dict` names.

        Raises:
            ConfigError: a tensor is missing, unexpected, or of another shape or dtype.
        """
        expected = self.state_dict()
        if set(state) != set(expected):
            raise ConfigError(
                "state",
                f"must hold the tensors {sorted(expected)}, got {sorted(state)}",
            )
        for name, tensor in expected.items():
            given = state[name]
            if given.shape != tensor.shape or given.dtype != tensor.dtype:
                raise ConfigError(
                    name,
                    f"must be {tuple(tensor.shape)} {tensor.dtype}, "
                    f"got {tuple(given.shape)} {given.dtype}",
                )
        for i, layer in enumerate(self.layers):
            layer.weight.copy_(state[f"layers.{i}.weight"])
            layer.bias.squeeze(1).copy_(state[f"layers.{i}.bias"])
        return self

    def copy(
        self, *, members: Sequence[int] | None = None, dtype: torch.dtype | None = None
    ) -> "MLP":
        """A network of its own with some of the members, or in another dtype."""
        chosen = range(self.members) if members is None else members
        own = self._member_sizes
        other = MLP(
            self.config,
            self.in_features,
            self.classes,
            len(chosen),
            member_widths=None if own is None else [own[k][1:-1] for k in chosen],
            device=self.parameters.device,
            dtype=dtype or self.parameters.dtype,
        )
        other.parameters.copy_(self.parameters[list(chosen)])
        return other
