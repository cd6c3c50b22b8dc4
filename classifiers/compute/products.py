"""Matrix products of K members: torch's own, or oneDNN's where those are twice as fast; long ones
by two threads.

torch hands float32 products to MKL, which leaves half of the width of an AVX-512 unit idle on a
processor that Intel did not make; oneDNN, which comes with torch as well, uses all of it.
"""

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.compute.parallel import both
from classifiers.compute.private_calls import Function, PrivateCall, small_tensors
from classifiers.compute.subnormals import flushed_subnormals

_WORK = 3e6  # multiply-adds of a member's product from which oneDNN gains
_NARROW = 32  # rows or columns below which it does not
_ASIDE_WORK = 1e7  # multiply-adds of all members from which another thread's help gains

# oneDNN and torch's layer over it keep about 0.3 MB for each size they met, by default of 1,024:
# visitors with networks of their own would fill that up. Both are read at the first product.
for _cache in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
    os.environ.setdefault(_cache, "64")


class Products(NamedTuple):
    """`torch.baddbmm` and `torch.bmm`, or functions that are called like them."""

    baddbmm: Callable[..., Tensor]
    bmm: Callable[..., Tensor]


def products(network: Tensor, rows: int, fan_in: int, fan_out: int) -> Products:
    """The products that suit a layer of the network with these parameters.

    The choice depends on the processor, torch and the sizes of one member alone, so a run has the
    same bits each time, and a member in every group. A long product is made of two halves of its
    rows, by two threads if one is free.
    """
    large = rows * fan_in * fan_out >= _WORK and min(rows, fan_in, fan_out) >= _NARROW
    plain = network.is_cpu and network.dtype == torch.float32
    chosen = _ONEDNN if large and plain and _mkl_is_slow() and _LINEAR.is_fast else _TORCH
    return _halved(chosen) if pays_aside(network[:1], rows, fan_in, fan_out) else chosen


def pays_aside(network: Tensor, rows: int, fan_in: int, fan_out: int) -> bool:
    """Whether a product of all members is so long that handing it to another thread gains."""
    return network.is_cpu and len(network) * rows * fan_in * fan_out >= _ASIDE_WORK


@functools.cache
def _halved(whole: Products) -> Products:
    def baddbmm(bias: Tensor, a: Tensor, b: Tensor, *, out: Tensor) -> Tensor:
        half = a.shape[1] // 2
        with flushed_subnormals():  # as on the helper's thread: the same bits on either
            both(
                lambda: whole.baddbmm(bias, a[:, :half], b, out=out[:, :half]),
                lambda: whole.baddbmm(bias, a[:, half:], b, out=out[:, half:]),
            )
        return out

    return Products(baddbmm, whole.bmm)


@functools.cache
def _mkl_is_slow() -> bool:
    try:
        processor = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    wide = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return wide and "AuthenticAMD" in processor


def _find_linear() -> Function:
    # What torch.compile makes of a linear layer; there is no public call for it.
    call = torch.ops.mkldnn._linear_pointwise.default
    torch.get_num_threads()  # as in `_multiply`
    return lambda x, weight, shift: call(x, weight, shift, "none", [], "")


def _examples() -> Iterator[tuple[Any, ...]]:
    x, weight, shift = small_tensors(3)
    for bias in (shift[0, :3].clone(), None):
        yield x, weight, bias
        yield x.mT.contiguous().mT, weight.mT.contiguous().mT, bias  # as a backward pass has them


_LINEAR = PrivateCall("mkldnn._linear_pointwise", _find_linear, F.linear, _examples)


def _baddbmm(bias: Tensor, a: Tensor, b: Tensor, *, out: Tensor | None = None) -> Tensor:
    return _multiply(a, b, bias.flatten(1).unbind(), out)


def _bmm(a: Tensor, b: Tensor, *, out: Tensor | None = None) -> Tensor:
    return _multiply(a, b, itertools.repeat(None), out)


def _multiply(a: Tensor, b: Tensor, bias: Iterable[Tensor | None], out: Tensor | None) -> Tensor:
    torch.get_num_threads()  # a thread that never asked has as many as there are cores
    if out is None:
        out = a.new_empty(len(a), a.shape[1], b.shape[2])
    linear = _LINEAR.chosen
    for x, weight, shift, y in zip(a.unbind(), b.mT.unbind(), bias, out.unbind(), strict=False):
        y.copy_(linear(x, weight, shift))
    return out


_TORCH = Products(torch.baddbmm, torch.bmm)
_ONEDNN = Products(_baddbmm, _bmm)
