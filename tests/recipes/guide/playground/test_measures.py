"""What the playground's steps measure with, beside plain PyTorch, SciPy and loops."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from classifiers.config import NetworkConfig
from classifiers.data.bayes import fresh_with_posterior
from classifiers.network import MLP
from classifiers.recipes.guide.playground import measures
from classifiers.recipes.guide.playground.measures import parsed
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.exercises import EXERCISES
from classifiers.recipes.playground.result import build_scene

NETWORK = NetworkConfig(widths=(5, 4))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 2, "0.00"), (-0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-0.006, 2, "−0.01"),
        (1234567.891, 1, "1,234,567.9"), (-1234.5, 0, "−1,234"), (-0.4, 0, "0"),
        (-10.0, 1, "−10.0"), (math.inf, 0, "inf"), (-math.inf, 2, "−inf"),
    ],
)  # fmt: skip
def test_a_number_has_a_true_minus_sign_and_no_negative_zero(value, digits, text):
    assert measures.decimal(value, digits) == text


def test_numbers_are_told_to_two_digits_to_tenths_and_whole():
    assert measures.decimal(1.005) == "1.00"
    assert [measures.whole(value) for value in (2.6, -1000.0, math.inf, -math.inf)] == [
        "3", "−1,000", "infinity", "−infinity",
    ]  # fmt: skip
    assert [measures.tenths(value) for value in (2.66, -0.04, -0.06)] == ["2.7", "0.0", "−0.1"]
    assert [measures.in_points(share) for share in (0.1234, 0.0, -0.0206)] == [
        "12.3 points", "0.0 points", "−2.1 points",
    ]  # fmt: skip
    assert [measures.letter(k) for k in range(8)] == list("ABCDEFGH")


def test_means_and_gaps_are_scipys():
    ours, theirs = [0.5, 0.9, 0.7, 0.8], [0.4, 0.5, 0.8, 0.45]
    found = stats.ttest_rel(ours, theirs).confidence_interval()
    gap = measures.gap(ours, theirs)
    assert gap == pytest.approx({"value": 0.1875, "low": found.low, "high": found.high})
    assert measures.mean(ours) == pytest.approx(0.725)
    assert measures.deviation(ours) == pytest.approx(stats.tstd(ours))


def test_settings_are_the_lessons_but_for_those_given():
    assert parsed() == parsed({}, {}, {})
    own = parsed({"noise": 0.5}, {"widths": [3]}, {"epochs": 7})
    assert (own.dataset.noise, own.network.widths, own.training.epochs) == (0.5, (3,), 7)
    assert (own.dataset.name, own.training.members) == ("blobs", 1)
    many = measures.several(own)
    assert (many.training.members, measures.several(own, 4).training.members) == (10, 4)
    assert measures.several(many, 1) == own
    for exercise in EXERCISES:
        assert measures.settings_of(exercise.key) == exercise.settings


def same(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    np.testing.assert_allclose(ours.detach(), theirs.detach(), rtol=1e-5, atol=1e-6)


def plain(network: MLP, k: int, act: Any = torch.relu) -> Any:
    """One of several networks, as a function of points."""

    def answer(x: torch.Tensor) -> torch.Tensor:
        *hidden, last = [(layer.weight[k], layer.bias[k, 0]) for layer in network.layers]
        for weight, bias in hidden:
            x = act(F.linear(x, weight.T, bias))
        return F.linear(x, last[0].T, last[1])

    return answer


def test_networks_side_by_side_answer_as_each_alone():
    network = MLP(NETWORK, 2, 3, 4).initialize(5)
    leaves = measures.leaves(network)
    assert all(leaf.requires_grad for leaf in leaves)
    x = torch.randn(6, 2, generator=torch.Generator().manual_seed(1))
    each = torch.randn(4, 6, 2, generator=torch.Generator().manual_seed(2))
    for act in (torch.relu, torch.tanh):
        alike, apart = (measures.forward(leaves, points, act) for points in (x, each))
        for k in range(4):
            same(alike[k], plain(network, k, act)(x))
            same(apart[k], plain(network, k, act)(each[k]))
    same(measures.forward(leaves, x), network.logits(x))


def test_losses_and_steps_are_each_networks_own():
    network = MLP(NETWORK, 2, 3, 2).initialize(5)
    before = network.parameters.clone()
    leaves = measures.leaves(network)
    x = torch.randn(6, 2, generator=torch.Generator().manual_seed(1))
    y = torch.tensor([[0, 2, 1, 1, 0, 2], [1, 1, 2, 0, 2, 0]])
    for classes in (y[0], y):
        losses = measures.losses(measures.forward(leaves, x), classes)
        for k, own in enumerate(classes.expand(2, -1)):
            same(losses[k], F.cross_entropy(plain(network, k)(x), own))
    measures.descend(leaves, measures.losses(measures.forward(leaves, x), y), 0.3)
    assert torch.equal(network.parameters, before), "the network itself is left as it was"
    for k in range(2):
        model = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(),
                              nn.Linear(4, 3))  # fmt: skip
        for own, layer in zip(model[::2], network.layers, strict=True):
            own.load_state_dict({"weight": layer.weight[k].T, "bias": layer.bias[k, 0]})
        F.cross_entropy(model(x), y[k]).backward()
        for own, weight, bias in zip(model[::2], leaves[::2], leaves[1::2], strict=True):
            same(own.weight - 0.3 * own.weight.grad, weight[k].T)
            same(own.bias - 0.3 * own.bias.grad, bias[k, 0])


def test_fresh_points_are_the_first_and_hits_are_expected_ones():
    data = parsed().dataset
    x, shares = fresh_with_posterior(data)
    assert measures.fresh_inputs(data).shape == (20_000, 2)
    np.testing.assert_array_equal(measures.fresh_inputs(data, 50).numpy(), x[:50])
    named = torch.stack([torch.arange(50) % 4, torch.zeros(50, dtype=torch.int64)])
    expected = [np.mean([shares[i, k] for i, k in enumerate(own)]) for own in named.tolist()]
    assert measures.fresh_accuracy(named, data, 50) == pytest.approx(expected)
    best = torch.from_numpy(shares[:20_000].argmax(1))[None]
    assert measures.fresh_accuracy(best, data) == pytest.approx([shares[:20_000].max(1).mean()])


def test_a_place_is_asked_of_the_first_network_with_its_features():
    config = parsed({"features": ["x1", "x1*x2"]})
    network = MLP(NETWORK, 2, 4, 3).initialize(8)
    result: Any = SimpleNamespace(config=config, network=network)
    x = torch.tensor([[0.5, 0.5 * -1.5]])
    shares = F.softmax(plain(network, 0)(x), -1)[0].tolist()
    assert measures.says_at(result, 0.5, -1.5) == pytest.approx(shares)


def test_runs_are_trained_one_after_another_and_read_together():
    configs = {name: parsed({"samples": 40}, {"widths": [2]}, {"epochs": epochs, "members": 2})
               for name, epochs in (("short", 1), ("shorter", 2))}  # fmt: skip
    read = []
    measure = measures.trained(configs, lambda results: read.append(results) or {"told": 1})
    first, *news, last = measure(None)
    assert first == expect(*configs.values(), film=False)
    assert set(news) == {None}
    assert last == {"told": 1}
    (results,) = read
    assert list(results) == ["short", "shorter"]
    for name, result in results.items():
        assert result.config == configs[name]
        assert not result.frames
        assert measures.fresh_of(result) == result.fresh.tolist()
        assert measures.best_of(result) == result.bayes.value
        np.testing.assert_array_equal(result.scene.train, build_scene(configs[name]).train)
    assert [*measure(None)] == [{"told": 1}]
    assert len(read) == 1
