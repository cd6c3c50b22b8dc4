"""The gradient of each member's mean loss over a batch, in buffers allocated once."""

import functools
import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from classifiers.compute.activations import ACTIVATIONS
from classifiers.compute.parallel import begin
from classifiers.compute.products import products
from classifiers.network import MLP, Layer

_ASIDE_WORK = 1e7  # multiply-adds of a product from which handing it to another thread gains


class Pass:
    """Forward and backward for batches of one size, in buffers of their own.

    Shape: hidden activations (K, B, units), logits (K, out, B).
    """

    def __init__(
        self, network: MLP, gradient: Tensor, size: int, generator: torch.Generator
    ) -> None:
        self.rule = ACTIVATIONS[network.config.activation]
        *self.layers, last = network.layers
        *self.gradients, last_gradient = network.views(gradient)
        self.last = Layer(last.weight.mT, last.bias.mT)
        self.last_gradient = Layer(last_gradient.weight.mT, last_gradient.bias.mT)
        self.one_logit = network.out_features == 1
        empty = network.parameters.new_empty
        shapes = [(network.members, size, units) for units in network.sizes[1:-1]]
        self.products = [products(gradient, size, *fans) for fans in pairwise(network.sizes[:-1])]
        counts = [math.prod(shape) for shape in shapes]

        def buffers() -> list[Tensor]:
            return [empty(shape) for shape in shapes]

        self.h, self.dh = buffers(), buffers()
        self.z = buffers() if self.rule.needs_input else self.h
        self.out, self.delta = (empty(network.members, network.out_features, size) for _ in "od")
        self.passed = self.h  # what the next layer sees
        self.masks: list[Tensor] = []
        if network.config.dropout:
            self.passed = buffers()
            self.generator = generator
            # A random 64-bit word serves four units: dropout to a resolution of 1 / 65,536.
            self.words = self.out.new_empty(-(-sum(counts) // 4), dtype=torch.int64)
            self.lanes = self.words.view(torch.int16)[: sum(counts)]
            self.mask = empty(sum(counts))
            parts = self.mask.split(counts)
            self.masks = [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]
            dropped = round(network.config.dropout * 65536)
            self.threshold = self.lanes.new_tensor(dropped - 32768)
            self.boost = empty(()).fill_(65536 / (65536 - dropped))
        # A view costs half as much as a small kernel, so those that stay are made once.
        self.passed_t = [h.mT for h in self.passed]
        self.delta_t = self.delta.mT
        self.weights_t = [layer.weight.mT for layer in self.layers]
        self.aside = [
            gradient.is_cpu and layer.weight.numel() * size >= _ASIDE_WORK for layer in self.layers
        ]

    def gradient(self, x: Tensor, target: Tensor, scale: Tensor) -> None:
        """Writes the gradient of each member's mean loss over a batch; shapes as in `_Batch`."""
        if self.masks:
            self.words.random_(-(2**63), None, generator=self.generator)
            torch.ge(self.lanes, self.threshold, out=self.mask).mul_(self.boost)
        h, h_t = x, x.mT
        x_t = h_t
        for i, layer in enumerate(self.layers):
            self.products[i].baddbmm(layer.bias, h, layer.weight, out=self.z[i])
            h, h_t = self.rule.forward(self.z[i], self.h[i]), self.passed_t[i]
            if self.masks:
                h = torch.mul(h, self.masks[i], out=self.passed[i])
        torch.baddbmm(self.last.bias, self.last.weight, h_t, out=self.out)
        # For both losses the gradient at the logits is (probability - target) * scale.
        if self.one_logit:
            torch.sigmoid(self.out, out=self.delta)
        else:
            torch.softmax(self.out, 1, out=self.delta)
        self.delta.sub_(target).mul_(scale)
        torch.bmm(self.delta, h, out=self.last_gradient.weight)
        torch.sum(self.delta, 2, keepdim=True, out=self.last_gradient.bias)
        begun: list[Callable[[], Tensor]] = []
        try:
            self._backward(x_t, begun)
        finally:  # after an error too: a helper must not go on writing into these buffers
            for end in begun:
                end()

    def _backward(self, x_t: Tensor, begun: list[Callable[[], Tensor]]) -> None:
        """From `delta` down; what it hands to helper threads is appended to `begun`."""
        delta, upper, multiply = self.delta_t, self.last.weight, torch.bmm
        for i in range(len(self.layers) - 1, -1, -1):
            back = multiply(delta, upper, out=self.dh[i])
            if self.masks:
                back.mul_(self.masks[i])
            delta, upper = self.rule.backward(back, self.z[i], self.h[i]), self.weights_t[i]
            multiply = self.products[i].bmm
            below = self.passed_t[i - 1] if i else x_t
            product = functools.partial(multiply, below, delta, out=self.gradients[i].weight)
            if self.aside[i]:
                begun.append(begin(product))
            else:
                product()
            torch.sum(delta, 1, keepdim=True, out=self.gradients[i].bias)
