"""Random numbers of a run: each member has its own, whoever is trained beside it."""

from collections.abc import Sequence

import torch
from torch import Tensor

_GAMMA = 0x9E3779B97F4A7C15
_ROUNDS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


class Draws:
    """Of members on the CPU: one generator each.

    Args:
        seeds: one a member.
        device: where the members are.
    """

    def __init__(self, seeds: Sequence[int], device: torch.device) -> None:
        self.device = device
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def fill(self, words: Tensor) -> None:
        """Random bits. Shape: (K, any), int64."""
        for own, generator in zip(words, self.generators, strict=True):
            own.random_(-(2**63), None, generator=generator)

    def orders(self, count: int) -> Tensor:
        """Each member's own order of `count` rows: (K, count)."""
        keys = torch.empty(len(self.generators), count)
        for own, generator in zip(keys, self.generators, strict=True):
            own.uniform_(generator=generator)
        return keys.argsort(1).to(self.device)


class CardDraws(Draws):
    """Of members on a card, whose step is captured as one graph: a generator a member would be as
    many kernels. A word of the n-th filling is a hash of seed, n and place; orders are the CPU's.
    """

    def __init__(self, seeds: Sequence[int], device: torch.device) -> None:
        super().__init__(seeds, device)
        counters = torch.tensor([_signed(seed) for seed in seeds], device=device)
        self.counters = splitmix64(counters).unsqueeze(1)  # seeds in a row begin far apart
        self.places: dict[int, Tensor] = {}

    def fill(self, words: Tensor) -> None:
        count = words.shape[1]
        if count not in self.places:
            self.places[count] = torch.arange(count, device=self.device) * _signed(_GAMMA)
        torch.add(self.counters, self.places[count], out=words)
        splitmix64(words)
        self.counters.add_(_signed(_GAMMA << 32))


def splitmix64(words: Tensor) -> Tensor:
    """Mixes 64-bit words in place, as the generator SplitMix64 does with its counter (Steele, Lea,
    Flood 2014: Fast splittable pseudorandom number generators). Shape: any, int64."""
    for shift, factor in _ROUNDS:
        _mix(words, shift).mul_(_signed(factor))
    return _mix(words, 31)


def _mix(words: Tensor, shift: int) -> Tensor:
    # A signed word brings its sign from the left: only what was there may stay.
    return words.bitwise_xor_((words >> shift).bitwise_and_(2 ** (64 - shift) - 1))


def _signed(word: int) -> int:
    """The same 64 bits as an int64."""
    return (word + 2**63) % 2**64 - 2**63
