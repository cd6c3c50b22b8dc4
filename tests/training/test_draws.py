"""Random numbers of a run, against published ones and against each other."""

import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.network import MLP
from classifiers.training.backward import Pass
from classifiers.training.draws import CardDraws, Draws, splitmix64

CPU = torch.device("cpu")


def test_splitmix64_gives_the_published_words():
    """Of the seed 1234567, from the generator's reference implementation."""
    counters = [(1234567 + n * 0x9E3779B97F4A7C15) % 2**64 for n in range(1, 6)]
    words = splitmix64(torch.tensor([c - 2**64 * (c >= 2**63) for c in counters]))
    assert [word % 2**64 for word in words.tolist()] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize("draws", [Draws, CardDraws])
def test_a_members_words_and_orders_depend_on_its_seed_alone(draws):
    def drawn(seeds):
        own = draws(seeds, CPU)
        words = torch.empty(2, len(seeds), 50, dtype=torch.int64)
        for filling in words:
            own.fill(filling)
        return words, own.orders(30)

    words, orders = drawn([0, 1, 2, 10**12])
    assert len(words.unique()) == words.numel()
    some_words, some_orders = drawn([2, 0])
    assert torch.equal(some_words, words[:, [2, 0]])
    assert torch.equal(some_orders, orders[[2, 0]])
    assert len({tuple(order) for order in orders.tolist()}) == 4
    assert (orders.sort(1).values == torch.arange(30)).all()


@pytest.mark.parametrize("draws", [Draws, CardDraws])
def test_every_bit_of_a_word_is_fair_and_free_of_its_neighbours(draws):
    words = torch.empty(4, 4096, dtype=torch.int64)
    draws(range(4), CPU).fill(words)
    bits = (words.unsqueeze(-1) >> torch.arange(64)).bitwise_and(1).double() * 2 - 1
    five_errors = 5 * 4096**-0.5
    assert bits.mean(1).abs().max() < five_errors
    assert (bits[:, 1:] * bits[:, :-1]).mean(1).abs().max() < five_errors
    assert (bits[1:] * bits[:-1]).mean(1).abs().max() < five_errors
    assert (bits[..., 1:] * bits[..., :-1]).mean(1).abs().max() < five_errors


def test_a_card_gives_rows_to_batches_in_the_cpus_order():
    assert torch.equal(CardDraws([3, 4], CPU).orders(100), Draws([3, 4], CPU).orders(100))


def test_of_all_that_can_be_drawn_dropout_leaves_out_its_very_share():
    class EachOnce(Draws):
        def fill(self, words: torch.Tensor) -> None:
            words.view(torch.int16).copy_(torch.arange(-(2**15), 2**15))

    network = MLP(NetworkConfig(widths=(4,), dropout=0.25), 2, 2).initialize(0)
    x, target = torch.zeros(1, 2**14, 2), torch.zeros(1, 2, 2**14)
    run = Pass(network, torch.zeros_like(network.parameters), 2**14, EachOnce([0], CPU))
    run.gradient(x, target, torch.tensor(1.0))
    kept = [0.0] * 2**14 + [4 / 3] * (3 * 2**14)
    assert run.mask.flatten().tolist() == pytest.approx(kept)
