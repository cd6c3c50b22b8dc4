"""Averages over what is missing, against textbook conditionals and against many draws."""

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.missing import RIDGE, Averager, Gaussian
from classifiers.network import MLP

KNOWN = np.array([True, False, True, True, False, False])


def ensemble(widths=(8,), activation="relu", outputs="one_logit", members=3):
    config = NetworkConfig(widths=widths, activation=activation, outputs=outputs)
    network = MLP(config, 6, 2, members, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    network.parameters.copy_(0.7 * torch.randn(network.parameters.shape, generator=generator))
    return network


def gaussian(groups=1, used=None):
    rng = np.random.default_rng(1)
    root = rng.normal(size=(groups, 6, 6))
    used = np.ones(6, bool) if used is None else used
    return Gaussian(rng.normal(size=(groups, 6)), root @ root.mT / 6, used)


def given(mean, covariance, x, known):
    """Mean and covariance of what is missing, as every textbook has it."""
    k, u = np.flatnonzero(known), np.flatnonzero(~known)
    weight = covariance[np.ix_(u, k)] @ np.linalg.inv(
        covariance[np.ix_(k, k)] + RIDGE * np.eye(len(k))
    )
    left = covariance[np.ix_(u, u)] - weight @ covariance[np.ix_(k, u)]
    return mean[u] + weight @ (x[k] - mean[k]), left


def by_draws(network, distribution, x, known, draws=200_000):
    """Each member's mean probability over draws of what is missing."""
    rng = np.random.default_rng(2)
    found = []
    for k in range(network.members):
        g = k if len(distribution.mean) > 1 else 0
        mean, left = given(distribution.mean[g], distribution.covariance[g], x, known)
        rows = np.repeat(x[None], draws, axis=0)
        rows[:, ~known] = rng.multivariate_normal(mean, left, draws)
        member = network.copy(members=[k])
        found.append(member.probabilities(torch.from_numpy(rows))[0, :, 1].mean().item())
    return np.array(found)


X = np.random.default_rng(3).normal(size=(4, 6))


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("outputs", ["one_logit", "logits"])
def test_one_hidden_layer_is_averaged_as_draws_are(groups, outputs):
    network, distribution = ensemble(outputs=outputs), gaussian(groups)
    told = Averager(network, distribution).average(X, KNOWN)
    for i, row in enumerate(X):
        expected = by_draws(network, distribution, row, KNOWN)
        np.testing.assert_allclose(told.probability[:, i], expected, atol=0.025)
    # Not by chance: what stands at the mean of the missing inputs is further off.
    at_mean = X.copy()
    at_mean[:, ~KNOWN] = [
        given(distribution.mean[0], distribution.covariance[0], x, KNOWN)[0] for x in X
    ]
    plain = network.probabilities(torch.from_numpy(at_mean))[..., 1].numpy()
    assert np.abs(told.probability - plain).max() > 0.03


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("widths", "activation", "groups"), [((6, 4), "relu", 1),
                         ((6,), "tanh", 3), ((), "relu", 3)])  # fmt: skip
def test_other_networks_are_averaged_over_fixed_draws(widths, activation, groups):
    network, distribution = ensemble(widths, activation), gaussian(groups)
    told = Averager(network, distribution).average(X, KNOWN)
    again = Averager(network, distribution).average(X[::-1], KNOWN)
    np.testing.assert_allclose(told.probability, again.probability[:, ::-1], atol=1e-12)
    for i, row in enumerate(X):
        expected = by_draws(network, distribution, row, KNOWN)
        np.testing.assert_allclose(told.probability[:, i], expected, atol=0.05)


def test_where_nothing_is_missing_the_network_answers():
    network = ensemble()
    told = Averager(network, gaussian()).average(X, np.ones(6, bool))
    expected = network.probabilities(torch.from_numpy(X))[..., 1].numpy()
    np.testing.assert_array_equal(told.probability, expected)
    assert (told.variance == 0).all()


def test_what_stands_in_a_missing_input_does_not_matter():
    averager, other = Averager(ensemble(), gaussian()), X.copy()
    other[:, ~KNOWN] = 1e6
    for name in ("probability", "mean", "variance"):
        one, two = (getattr(averager.average(x, KNOWN), name) for x in (X, other))
        np.testing.assert_array_equal(one, two)


def test_inputs_outside_the_distribution_are_zero_where_they_are_unknown():
    used = np.array([True] * 5 + [False])
    network = ensemble()
    averager = Averager(ensemble(), gaussian(used=used))
    network.layers[0].weight[:, 5] = 0
    without = Averager(network, gaussian(used=used))
    for known in (KNOWN, used):
        told, expected = (a.average(X, known).probability for a in (averager, without))
        np.testing.assert_allclose(told, expected, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 3])
def test_the_share_known_of_a_linear_network_is_its_explained_variance(groups):
    network, distribution = ensemble(widths=()), gaussian(groups)
    averager = Averager(network, distribution)
    shares = []
    for k, weight in enumerate(network.layers[0].weight[..., 0].numpy()):
        mean, covariance = (
            part[k % groups] for part in (distribution.mean, distribution.covariance)
        )
        _, left = given(mean, covariance, X[0], KNOWN)
        part, whole = weight[~KNOWN], weight @ covariance @ weight
        shares.append(1 - part @ left @ part / whole)
    assert averager.share_known(KNOWN) == pytest.approx(np.mean(shares), abs=1e-9)
    assert averager.share_known(np.zeros(6, bool)) == pytest.approx(0, abs=1e-9)
    assert averager.share_known(np.ones(6, bool)) == 1


def test_resampled_moments_are_those_of_samples_of_that_size():
    first = gaussian()
    samples = first.resample(400, 50, seed=0)
    np.testing.assert_allclose(samples.mean.mean(0), first.mean[0], atol=0.03)
    error = np.sqrt(np.diag(first.covariance[0]) / 50)
    np.testing.assert_allclose(samples.mean.std(0), error, rtol=0.15)
    expected = first.covariance[0] * 49 / 50
    np.testing.assert_allclose(samples.covariance.mean(0), expected, atol=0.05)
    np.testing.assert_array_equal(samples.mean, first.resample(400, 50, seed=0).mean)
