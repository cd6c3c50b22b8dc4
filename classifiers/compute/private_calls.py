"""Calls of torch's that are not public, each tried before it is relied on.

Training makes a few of them, where the public way takes several kernels or buffers for what one
does. They may change without notice: another version of torch may lack one, want other arguments,
or compute something else. So each is tried once, at its first use, on small tensors against the
public way, which is taken wherever the two do not agree.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

Function = Callable[..., Any]
_RELATIVE, _ABSOLUTE = 1e-4, 1e-5  # float32's rounding, with room to spare

_calls: dict[str, "PrivateCall"] = {}


class PrivateCall:
    """A private call where it does what the public way does, else the public way.

    Args:
        name: the call's, as torch has it.
        find: looks the call up and gives it as a function of the same arguments as `public`.
        public: what the call must equal but for rounding, in its result and in what it leaves in
            the tensors that it is given.
        examples: small arguments to try both with, new ones each time that it is called.
    """

    def __init__(
        self,
        name: str,
        find: Callable[[], Function],
        public: Function,
        examples: Callable[[], Iterable[tuple[Any, ...]]],
    ) -> None:
        self.name, self.public = name, public
        self._find, self._examples = find, examples
        _calls[name] = self

    def __call__(self, *arguments: Any) -> Any:
        return self.chosen(*arguments)

    @functools.cached_property
    def chosen(self) -> Function:
        """The function to call; the first to ask has it tried."""
        try:
            private = self._find()
            for ours, theirs in zip(self._examples(), self._examples(), strict=True):
                if not _agree([private(*ours), *ours], [self.public(*theirs), *theirs]):
                    return self.public
        except Exception:  # whatever it is that this torch does not do
            return self.public
        return private

    @property
    def is_fast(self) -> bool:
        """Whether it is the private call that is made."""
        return self.chosen is not self.public


def fast_paths() -> dict[str, bool]:
    """Whether each private call does what the public way does in this process."""
    return {name: call.is_fast for name, call in sorted(_calls.items())}


def _agree(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether all tensors are the same but for rounding; what is no tensor is not looked at."""
    return all(
        a.shape == b.shape and torch.allclose(a, b, rtol=_RELATIVE, atol=_ABSOLUTE)
        for a, b in zip(ours, theirs, strict=True)
        if isinstance(a, Tensor) or isinstance(b, Tensor)
    )


def small_tensors(count: int, dtype: torch.dtype = torch.float32) -> Iterator[Tensor]:
    """`count` different (3, 11) tensors of numbers from -3 to 3: no multiple of a vector's width.

    Not drawn: whoever trains must find the random numbers as they were.
    """
    steps = torch.linspace(-3, 3, 33, dtype=dtype)
    return (steps.roll(7 * i).view(3, 11).contiguous() for i in range(count))
