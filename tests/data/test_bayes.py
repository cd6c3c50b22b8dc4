"""The best possible score against hit rates, neighbours and its own spread."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from classifiers.config import DatasetConfig
from classifiers.data import synthetic
from classifiers.data.bayes import bayes_accuracy, fresh_with_posterior
from classifiers.data.synthetic import bayes_predict, fresh, posterior, sample
from tests.data.test_synthetic import OVERLAPPING, overlapping


@overlapping
def test_bayes_accuracy_is_the_hit_rate_of_the_most_probable_class(config):
    best = bayes_accuracy(config)
    new = fresh(config, 200_000, seed=5)
    hit_rate = (bayes_predict(config, new.x) == new.y).mean()
    error = np.hypot(best.standard_error, np.sqrt(hit_rate * (1 - hit_rate) / 200_000))
    assert abs(hit_rate - best.value) < 4 * error
    assert best.standard_error < np.sqrt(best.value * (1 - best.value) / 100_000)


@pytest.mark.parametrize("config", OVERLAPPING[::2])
def test_neighbours_come_close_to_bayes_accuracy_and_not_above(config):
    train, test, best = (
        sample(config, samples=15_000),
        fresh(config, 15_000),
        bayes_accuracy(config),
    )
    reached = KNeighborsClassifier(60).fit(train.x, train.y).score(test.x, test.y)
    error = np.hypot(best.standard_error, np.sqrt(reached * (1 - reached) / 15_000))
    assert reached < best.value + 4 * error
    assert reached > best.value - 4 * error - 0.01


def test_standard_error_is_the_spread_over_seeds():
    config = DatasetConfig(name="xor", noise=0.3)
    runs = [bayes_accuracy(config, 500, seed) for seed in range(200)]
    spread = np.std([run.value for run in runs], ddof=1)
    assert spread == pytest.approx(np.mean([run.standard_error for run in runs]), rel=0.2)


@pytest.mark.parametrize("count", [1, 8191, 8192, 9000])
def test_both_threads_take_subnormals_for_zero_and_leave_none_so(count, monkeypatch):
    seen = []

    def integrals(x, *_):
        seen.append((len(x), (torch.tensor([1e-310], dtype=torch.float64) * 0.5).item()))
        return np.zeros((len(x), 2))

    monkeypatch.setattr(synthetic, "_log_integrals", integrals)
    posterior(DatasetConfig(name="moons"), np.zeros((count, 2)))
    parts = [count] if count < 8192 else [4096, count - 4096]
    assert sorted(seen) == sorted((part, 0.0) for part in parts)
    assert (torch.tensor([1e-310], dtype=torch.float64) * 0.5).item() > 0


def test_bayes_accuracy_is_computed_once_a_distribution():
    moons = bayes_accuracy(DatasetConfig(name="moons", noise=0.25))
    same = {"samples": 77, "seed": 9, "features": ("x1", "x1^2")}
    assert bayes_accuracy(DatasetConfig(name="moons", noise=0.25, **same)) is moons
    assert bayes_accuracy(DatasetConfig(name="moons", noise=0.26)) != moons
    blobs = bayes_accuracy(DatasetConfig(name="blobs", noise=3.0, seed=1))
    assert bayes_accuracy(DatasetConfig(name="blobs", noise=3.0, seed=1, samples=50)) is blobs
    assert bayes_accuracy(DatasetConfig(name="blobs", noise=3.0, seed=2)) != blobs


def test_fresh_points_and_their_posterior_are_shared_by_all_runs_on_a_distribution():
    one = DatasetConfig.parse({"name": "moons", "samples": 50, "seed": 3})
    other = DatasetConfig.parse({"name": "moons", "samples": 900, "seed": 4, "label_noise": 0.1})
    x, shares = fresh_with_posterior(one, 5_000)
    assert fresh_with_posterior(other, 5_000)[0] is x
    np.testing.assert_array_equal(shares, posterior(one, x))
    blobs = [DatasetConfig.parse({"name": "blobs", "seed": seed}) for seed in (1, 2)]
    first, second = (fresh_with_posterior(config, 1_000)[0] for config in blobs)
    assert np.abs(first - second).max() > 1  # other centres
