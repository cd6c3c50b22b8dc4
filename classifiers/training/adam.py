"""One step of Adam for all parameters, in one kernel where torch has it."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from classifiers.compute.private_calls import Function, PrivateCall, small_tensors

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # torch.optim.Adam's defaults


def _find_fused() -> Function:
    call = torch._fused_adam_  # what torch.optim.Adam(fused=True) calls

    def step(
        theta: Tensor, g: Tensor, mean: Tensor, square: Tensor, steps: Tensor, rate: float
    ) -> None:
        # Its own weight decay is the same for all members, so it is left at 0.
        call(
            [theta], [g], [mean], [square], [], [steps],
            lr=rate, beta1=_BETA1, beta2=_BETA2, weight_decay=0.0, eps=_EPSILON,
            amsgrad=False, maximize=False,
        )  # fmt: skip

    return step


def _written_out(
    theta: Tensor, g: Tensor, mean: Tensor, square: Tensor, steps: Tensor, rate: float
) -> None:
    """As Kingma and Ba 2015 have it, arXiv 1412.6980, on whatever device the tensors are."""
    mean.lerp_(g, 1 - _BETA1)
    square.mul_(_BETA2).addcmul_(g, g, value=1 - _BETA2)
    count = steps.double()  # in float32 the first corrections would be off by 1e-5
    first, second = (1 - beta**count for beta in (_BETA1, _BETA2))
    root = (square.sqrt() / second.sqrt()).add_(_EPSILON)
    theta.sub_(mean / root * (rate / first))


def _examples() -> Iterator[tuple[Any, ...]]:
    for count in (1.0, 40.0):
        theta, g, mean, square = small_tensors(4)
        yield theta, g, mean, square.square(), torch.tensor(count), 0.1


# Args: parameters, gradient, both moments, the number of this step (a tensor, from 1), the rate.
ADAM = PrivateCall("_fused_adam_", _find_fused, _written_out, _examples)
