"""The gradient of each member's mean loss over a batch, dropout included, in buffers allocated
once.
"""

import functools
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from classifiers.compute.activations import ACTIVATIONS
from classifiers.compute.parallel import begin
from classifiers.compute.products import pays_aside, products
from classifiers.network import MLP, Layer, aligned_rows
from classifiers.training.draws import Draws


class _Buffer(NamedTuple):
    """The two tensors of `aligned_rows`."""

    whole: Tensor
    rows: Tensor


class Pass:
    """Forward and backward for batches of one size, in buffers of their own.

    Shape: hidden activations (K, B, units), logits (K, out, B). `dropout`: the share of hidden
    units left out; None is the network's own.
    """

    def __init__(
        self,
        network: MLP,
        gradient: Tensor,
        size: int,
        draws: Draws,
        dropout: float | None = None,
    ) -> None:
        dropout = network.config.dropout if dropout is None else dropout
        self.rule = ACTIVATIONS[network.config.activation]
        *self.layers, last = network.layers
        *self.gradients, last_gradient = network.views(gradient)
        self.last = Layer(last.weight.mT, last.bias.mT)
        self.last_gradient = Layer(last_gradient.weight.mT, last_gradient.bias.mT)
        self.one_logit = network.out_features == 1
        hidden = network.sizes[1:-1]
        self.products = [products(gradient, size, *fans) for fans in pairwise(network.sizes[:-1])]

        def buffer(*shape: int) -> _Buffer:
            return _Buffer(*aligned_rows(gradient, network.members, *shape))

        def buffers() -> list[_Buffer]:
            return [buffer(size, units) for units in hidden]

        self.h, self.dh = buffers(), buffers()
        self.z = buffers() if self.rule.needs_input else self.h
        self.out, self.delta = (buffer(network.out_features, size).rows for _ in "od")
        self.passed = [h.rows for h in self.h]  # what the next layer sees
        self.masks: list[Tensor] = []
        if dropout:
            self.passed = [passed.rows for passed in buffers()]
            self.draws = draws
            # A random 64-bit word serves four units: dropout to a resolution of 1 / 65,536.
            counts = [size * units for units in hidden]
            members, words = network.members, -(-sum(counts) // 4)
            self.words = gradient.new_empty(members, words, dtype=torch.int64)
            self.lanes = self.words.view(torch.int16)
            self.mask = gradient.new_empty(self.lanes.shape)
            parts = self.mask.split([*counts, 4 * words - sum(counts)], 1)
            self.masks = [
                part.unflatten(1, (size, units)) for part, units in zip(parts, hidden, strict=False)
            ]
            dropped = round(dropout * 65536)
            self.threshold = self.lanes.new_tensor(dropped - 32768)
            self.boost = gradient.new_empty(()).fill_(65536 / (65536 - dropped))
        # A view costs half as much as a small kernel, so those that stay are made once.
        self.passed_t = [h.mT for h in self.passed]
        self.delta_t = self.delta.mT
        self.weights_t = [layer.weight.mT for layer in self.layers]
        fans = pairwise(network.sizes[:-1])
        self.aside = [pays_aside(gradient, size, *each) for each in fans]

    def gradient(self, x: Tensor, target: Tensor, scale: Tensor) -> None:
        """Writes the gradient of each member's mean loss over a batch; shapes as in `_Batch`."""
        if self.masks:
            self.draws.fill(self.words)
            torch.ge(self.lanes, self.threshold, out=self.mask).mul_(self.boost)
        h, h_t = x, x.mT
        x_t = h_t
        for i, layer in enumerate(self.layers):
            self.products[i].baddbmm(layer.bias, h, layer.weight, out=self.z[i].rows)
            self.rule.forward(self.z[i].whole, self.h[i].whole)
            h, h_t = self.passed[i], self.passed_t[i]
            if self.masks:
                torch.mul(self.h[i].rows, self.masks[i], out=h)
        torch.baddbmm(self.last.bias, self.last.weight, h_t, out=self.out)
        # For both losses the gradient at the logits is (probability - target) * scale.
        if self.one_logit:
            torch.sigmoid(self.out, out=self.delta)
        else:
            torch.softmax(self.out, 1, out=self.delta)
        self.delta.sub_(target).mul_(scale)
        torch.bmm(self.delta, h, out=self.last_gradient.weight)
        torch.sum(self.delta, 2, keepdim=True, out=self.last_gradient.bias)
        begun: list[Callable[[], None]] = []
        try:
            self._backward(x_t, begun)
        finally:  # after an error too: a helper must not go on writing into these buffers
            for end in begun:
                end()

    def _backward(self, x_t: Tensor, begun: list[Callable[[], None]]) -> None:
        """From `delta` down; what it hands to helper threads is appended to `begun`."""
        delta, upper, multiply = self.delta_t, self.last.weight, torch.bmm
        for i in range(len(self.layers) - 1, -1, -1):
            back = self.dh[i]
            multiply(delta, upper, out=back.rows)
            if self.masks:
                back.rows.mul_(self.masks[i])
            self.rule.backward(back.whole, self.z[i].whole, self.h[i].whole)
            delta, upper = back.rows, self.weights_t[i]
            multiply = self.products[i].bmm
            below = self.passed_t[i - 1] if i else x_t
            write = functools.partial(_write, multiply, below, delta, self.gradients[i])
            if self.aside[i]:
                begun.append(begin(write))
            else:
                write()


def _write(multiply: Callable[..., Tensor], below: Tensor, delta: Tensor, gradient: Layer) -> None:
    """The gradient of one layer from what it saw and what its output should change by."""
    multiply(below, delta, out=gradient.weight)
    torch.sum(delta, 1, keepdim=True, out=gradient.bias)
