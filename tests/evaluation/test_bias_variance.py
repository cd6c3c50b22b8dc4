"""Error and loss budgets against enumeration, plain loops and truths that are known."""

import itertools

import numpy as np
import pytest
from scipy.special import ndtr

from classifiers.errors import DataError
from classifiers.evaluation import bias_variance
from classifiers.evaluation.bias_variance import error_budget, loss_budget


def worlds_of(seed: int, worlds: int, points: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    eta = random.random(points)
    return random.random((worlds, points)) < eta**2, eta


@pytest.mark.parametrize("worlds", [5, 20, 21])
def test_the_error_is_best_and_bias_and_variance(worlds):
    predicted, eta = worlds_of(0, worlds)
    found = error_budget(predicted, eta)
    errors = np.where(predicted, 1 - eta, eta).mean(1)
    assert found.errors == pytest.approx(errors)
    assert found.best == pytest.approx(np.minimum(eta, 1 - eta).mean())
    whole = found.best + found.bias.value + found.variance.value
    assert whole == pytest.approx(found.total.value) == pytest.approx(errors.mean())
    for part in (found.bias, found.variance, found.total):
        assert part.low < part.value < part.high


def vote_error(wrong: np.ndarray) -> np.ndarray:
    """(N,): whether the vote of (K, N) is wrong, half for a tie."""
    return (2 * wrong.sum(0) > len(wrong)) + 0.5 * (2 * wrong.sum(0) == len(wrong))


@pytest.mark.parametrize("worlds", [6, 7])
def test_bias_is_extrapolated_from_every_half(worlds):
    predicted, eta = worlds_of(1, worlds, 60)
    wrong, price = predicted != (eta > 0.5), np.abs(2 * eta - 1)
    halves = [
        (price * vote_error(wrong[list(chosen)])).mean()
        for chosen in itertools.combinations(range(worlds), worlds // 2)
    ]
    whole, half = (price * vote_error(wrong)).mean(), worlds // 2
    expected = (worlds * whole - half * np.mean(halves)) / (worlds - half)
    assert error_budget(predicted, eta).bias.value == pytest.approx(expected)


def test_bias_is_nearer_the_truth_than_the_plain_vote():
    """Boundaries that shift at random: P(wrong) and so the endless vote are known."""
    random = np.random.default_rng(2)
    x = np.linspace(-2, 2, 301)
    eta = 1 / (1 + np.exp(-3 * x))
    upper = ndtr((x - 0.1) / 0.4)
    wrong = np.where(x > 0, 1 - upper, upper)
    truth = (np.abs(2 * eta - 1) * (wrong > 0.5)).mean()
    found, plain, held = [], [], []
    for _ in range(150):
        predicted = x > random.normal(0.1, 0.4, (30, 1))
        each = error_budget(predicted, eta, draws=50)
        found.append(each.bias.value)
        held.append(each.bias.low <= truth <= each.bias.high)
        vote = np.abs(2 * eta - 1) * vote_error(predicted != (eta > 0.5))
        plain.append(vote.mean())
    assert abs(np.mean(found) - truth) < 0.5 * abs(np.mean(plain) - truth)
    assert np.mean(held) > 0.9


def test_networks_that_agree_have_no_variance():
    eta = np.array([0.1, 0.6, 0.9])
    found = error_budget(np.ones((4, 3), np.int8), eta)
    assert found.variance.value == pytest.approx(0)
    assert found.bias.value == pytest.approx(0.8 / 3)
    perfect = error_budget(np.tile(eta > 0.5, (10, 1)), eta)
    assert perfect.total.value == pytest.approx(perfect.best) == pytest.approx(0.6 / 3)


def test_the_loss_is_entropy_and_shared_and_variance():
    random = np.random.default_rng(3)
    eta, log_odds = random.uniform(0.01, 0.99, 200), random.normal(0.5, 2, (12, 200))
    found = loss_budget(log_odds, eta)
    p = 1 / (1 + np.exp(-log_odds))
    losses = -(eta * np.log(p) + (1 - eta) * np.log(1 - p)).mean(1)
    assert found.losses == pytest.approx(losses)
    whole = found.entropy + found.shared.value + found.variance.value
    assert whole == pytest.approx(losses.mean())

    def shared(p: np.ndarray) -> float:
        g = np.exp(np.log(np.stack([1 - p, p])).mean(1))
        g /= g.sum(0)
        truth = np.stack([1 - eta, eta])
        return float((truth * np.log(truth / g)).sum(0).mean())

    expected = 2 * shared(p) - (shared(p[::2]) + shared(p[1::2])) / 2
    assert found.shared.value == pytest.approx(expected)
    assert found.entropy == pytest.approx(-(eta * np.log(eta) + (1 - eta) * np.log(1 - eta)).mean())


def test_sure_points_and_sure_networks_stay_finite():
    found = loss_budget(np.full((4, 3), 1000.0), np.array([0.0, 0.5, 1.0]))
    assert found.entropy == pytest.approx(np.log(2) / 3)
    assert found.shared.value + found.entropy == pytest.approx(500)
    assert found.variance.value == pytest.approx(0)


def test_budgets_need_worlds_of_one_shape():
    for make in (error_budget, loss_budget):
        with pytest.raises(DataError, match=r"must be \(K, N\) with eta"):
            make(np.zeros((5, 3)), np.zeros(4))
        with pytest.raises(DataError, match=r"must be \(K, N\) .*, got \(5,\) and \(\)"):
            make(np.zeros(5), 0.5)
        with pytest.raises(DataError, match="at least 4 worlds, got 3"):
            make(np.zeros((3, 4)), np.zeros(4))


def test_a_table_of_votes_that_forgets_the_halves_is_noticed(monkeypatch):
    monkeypatch.setattr(bias_variance, "_vote_table", bias_variance._majority)
    with pytest.raises(AssertionError):
        test_bias_is_extrapolated_from_every_half(6)
