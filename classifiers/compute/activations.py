"""Activations and their derivatives, written into buffers that exist already."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.compute.private_calls import Function, PrivateCall, small_tensors

_LEAK = 0.01


@dataclass(frozen=True)
class ActivationRule:
    """An activation and its derivative.

    `forward(z, out)` writes f(z). `backward(grad, z, out)` multiplies grad by f'(z) in place,
    where `z` is the input when `needs_input`, else not looked at.
    """

    forward: Callable[[Tensor, Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], Tensor]
    needs_input: bool = False


# How each private call is found. torch has public names for the functions that allocate their
# results, and none for these, which write into buffers.


def _find_leaky_relu() -> Function:
    call = torch.ops.aten.leaky_relu.out
    return lambda z, out: call(z, _LEAK, out=out)


def _find_gelu() -> Function:
    call = torch.ops.aten.gelu.out
    return lambda z, out: call(z, out=out)


def _find_relu_backward() -> Function:
    call = torch.ops.aten.threshold_backward.grad_input
    return lambda g, z, h: call(g, h, 0, grad_input=g)


def _find_tanh_backward() -> Function:
    call = torch.ops.aten.tanh_backward.grad_input
    return lambda g, z, h: call(g, h, grad_input=g)


def _find_sigmoid_backward() -> Function:
    call = torch.ops.aten.sigmoid_backward.grad_input
    return lambda g, z, h: call(g, h, grad_input=g)


def _find_leaky_relu_backward() -> Function:
    call = torch.ops.aten.leaky_relu_backward.grad_input
    return lambda g, z, h: call(g, h, _LEAK, True, grad_input=g)


def _find_gelu_backward() -> Function:
    call = torch.ops.aten.gelu_backward.grad_input
    return lambda g, z, h: call(g, z, grad_input=g)


def _gelu_backward(g: Tensor, z: Tensor, h: Tensor) -> Tensor:
    """gelu(z) = z P(z), with P the normal distribution's; so its slope is P(z) + z P'(z)."""
    density = torch.exp(z * z * -0.5) / math.sqrt(2 * math.pi)
    return g.mul_(torch.special.ndtr(z) + z * density)


def _forward_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.float64):
        z, out, both = small_tensors(3, dtype)
        yield z, out
        yield both, both  # as a layer does that needs its input no more


def _backward_examples() -> Iterator[tuple[Any, ...]]:
    for dtype in (torch.float32, torch.float64):
        yield tuple(small_tensors(3, dtype))


def _forward(name: str, find: Callable[[], Function], public: Function) -> PrivateCall:
    return PrivateCall(f"aten.{name}.out", find, public, _forward_examples)


def _backward(name: str, find: Callable[[], Function], public: Function) -> PrivateCall:
    return PrivateCall(f"aten.{name}.grad_input", find, public, _backward_examples)


ACTIVATIONS: dict[str, ActivationRule] = {
    "identity": ActivationRule(
        lambda z, out: out.copy_(z) if out is not z else z, lambda g, z, h: g
    ),
    "relu": ActivationRule(
        lambda z, out: torch.clamp_min(z, 0.0, out=out),
        _backward(
            "threshold_backward", _find_relu_backward, lambda g, z, h: g.masked_fill_(h <= 0, 0.0)
        ),
    ),
    "tanh": ActivationRule(
        lambda z, out: torch.tanh(z, out=out),
        _backward("tanh_backward", _find_tanh_backward, lambda g, z, h: g.mul_(1 - h * h)),
    ),
    "sigmoid": ActivationRule(
        lambda z, out: torch.sigmoid(z, out=out),
        _backward(
            "sigmoid_backward", _find_sigmoid_backward, lambda g, z, h: g.mul_(1 - h).mul_(h)
        ),
    ),
    "leaky_relu": ActivationRule(
        _forward("leaky_relu", _find_leaky_relu, lambda z, out: out.copy_(F.leaky_relu(z, _LEAK))),
        _backward(
            "leaky_relu_backward",
            _find_leaky_relu_backward,
            lambda g, z, h: g.copy_(torch.where(h > 0, g, g * _LEAK)),
        ),
    ),
    "gelu": ActivationRule(
        _forward("gelu", _find_gelu, lambda z, out: out.copy_(F.gelu(z))),
        _backward("gelu_backward", _find_gelu_backward, _gelu_backward),
        needs_input=True,
    ),
}
