"""Where networks whose boundary is known change their mind, and which way it runs there."""

import warnings

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.data.synthetic import Extent
from classifiers.network import MLP
from classifiers.recipes.guide.playground import boundary
from classifiers.recipes.guide.playground.losses import _only_warns, _run_losses, _try
from classifiers.recipes.guide.playground.measures import leaves
from tests.answers.thinned import hold
from tests.recipes.guide.test_playground_steps import known_network

BOX = Extent(-1.0, 2.0, -4.0, 5.0)


def three_classes(third: float) -> list[torch.Tensor]:
    """The first where x1 + x2 / 2 is above zero, the second where it is below, the third where
    neither is above `third`."""
    network = MLP(NetworkConfig(widths=()), 2, 3)
    (layer,) = network.layers
    layer.weight[0] = torch.tensor([[1.0, -1.0, 0.0], [0.5, -0.5, 0.0]])
    layer.bias[0, 0] = torch.tensor([0.0, 0.0, third])
    return [own.detach().double() for own in leaves(network)]


def test_two_classes_meet_along_a_line_and_what_leads_lies_ahead():
    parameters = three_classes(-1.0)
    points, pair = boundary._crossings(parameters, torch.relu, BOX)
    x1, x2 = points.T.numpy()
    assert np.abs(x1 + x2 / 2).max() < 1e-9
    assert (x1.min(), x1.max()) == pytest.approx((-1, 2), abs=0.02)
    assert (x2.min(), x2.max()) == pytest.approx((-4, 2), abs=0.05)
    assert pair.unique(dim=0).tolist() == [[1, 0]], "from left to right and from below"
    across = boundary._direction(parameters, torch.relu, points, pair)
    expected = -np.array([1, 0.5]) / np.hypot(1, 0.5)  # the way in which the second gains
    np.testing.assert_allclose(across.numpy(), np.broadcast_to(expected, across.shape))
    ahead = boundary._lead(parameters, torch.relu, points + across, pair)
    assert ahead.numpy() == pytest.approx(2 * np.hypot(1, 0.5))


@pytest.mark.parametrize("third", [0.001, 1.0])
def test_two_classes_do_not_meet_where_a_third_lies_between(third):
    """It may be thinner than what lies between two points that are looked at."""
    _, pair = boundary._crossings(three_classes(third), torch.relu, BOX)
    assert sorted(pair.unique(dim=0).tolist()) == [[1, 2], [2, 0]]


def test_a_boundary_turns_as_it_is_bent_within_a_share_of_the_width():
    turns = boundary._turns(known_network("tanh"), 0, BOX)
    at = np.linspace(-1, 2, 10_001)  # curvature of x2 = tanh(x1)
    slope = 1 - np.tanh(at) ** 2
    bend = np.abs(2 * np.tanh(at) * slope) / (1 + slope**2) ** 1.5
    assert turns.max() == pytest.approx(np.degrees(bend.max() * 2 * 3 / 1000), rel=0.02)


def test_targets_are_tried_anew_each_time(snapshots):
    found = _run_losses(None)
    assert _run_losses(None) == found
    hold(snapshots, "targets", found)
    outputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([0.0, 4.0])
    for others in ("ignore", "error"):
        with warnings.catch_warnings():
            warnings.simplefilter(others)
            assert _only_warns(outputs, targets)
    assert not _only_warns(outputs, targets[:, None])
    assert not _only_warns(outputs, torch.zeros(2, dtype=torch.complex64))


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, TypeError, IndexError])
def test_what_a_loss_says_is_quoted_in_one_line(kind):
    def loss(logits: torch.Tensor, target: torch.Tensor) -> None:
        raise kind("it  wants\n another\ttype " + "x" * 200)

    value, told = _try(loss, torch.zeros(1), torch.zeros(1))  # type: ignore[arg-type]
    assert (value, told) == (None, ("it wants another type " + "x" * 200)[:120])
    mean = torch.nn.MSELoss()
    assert _try(mean, torch.tensor([1.0, 2.0]), torch.tensor([4.0, 2.0])) == (4.5, "")
