"""Metrics against scikit-learn, statsmodels and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from classifiers.errors import DataError
from classifiers.evaluation import metrics


def predictions(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    p = np.round(np.clip(0.3 * y + rng.random(n) * 0.7, 0, 1), 2)  # rounded: ties happen
    return y, p


@given(st.integers(1, 500), st.floats(0, 1))
def test_wilson_interval_agrees_with_statsmodels(trials, share):
    successes = round(share * trials)
    estimate = metrics.wilson_interval(successes, trials)
    low, high = proportion_confint(successes, trials, method="wilson")
    assert estimate.low == pytest.approx(low, abs=1e-12)
    assert estimate.high == pytest.approx(high, abs=1e-12)


@given(*[st.integers(1, 300), st.floats(0, 1)] * 2)
def test_newcombe_interval_agrees_with_statsmodels(trials, share, others, other_share):
    successes, wins = round(share * trials), round(other_share * others)
    estimate = metrics.newcombe_interval(successes, trials, wins, others)
    low, high = confint_proportions_2indep(successes, trials, wins, others, method="newcomb")
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)
    assert estimate.value == pytest.approx(successes / trials - wins / others, abs=1e-12)


def test_newcombe_interval_of_56_of_70_less_48_of_80_is_the_published_one():
    estimate = metrics.newcombe_interval(56, 70, 48, 80)  # Newcombe 1998, table II, a
    assert (estimate.low, estimate.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert metrics.newcombe_interval(3, 4, 0, 0).low == -1


def test_wilson_interval_of_52_of_61_is_the_documented_one():
    estimate = metrics.wilson_interval(52, 61)
    assert (round(estimate.low, 2), round(estimate.high, 2)) == (0.74, 0.92)


@pytest.mark.parametrize("seed", range(5))
def test_measures_agree_with_scikit_learn(seed):
    y, p = predictions(seed=seed)
    assert metrics.auc(y, p) == pytest.approx(sk.roc_auc_score(y, p), abs=1e-12)
    assert metrics.brier(y, p) == pytest.approx(sk.brier_score_loss(y, p), abs=1e-12)
    assert metrics.log_loss(y, p) == pytest.approx(sk.log_loss(y, p), abs=1e-9)
    assert metrics.accuracy(y, p, 0.4) == pytest.approx(sk.accuracy_score(y, p >= 0.4))
    table = metrics.counts(y, p, 0.4)
    (tn, fp), (fn, tp) = sk.confusion_matrix(y, p >= 0.4)
    assert table == metrics.Counts(tp, fp, fn, tn)


def test_confusion_matrix_agrees_with_scikit_learn_for_many_classes():
    rng = np.random.default_rng(0)
    y, predicted = rng.integers(0, 5, 300), rng.integers(0, 5, 300)
    ours = metrics.confusion_matrix(y, predicted, 5)
    np.testing.assert_array_equal(ours, sk.confusion_matrix(y, predicted))


def test_a_boundary_is_as_long_as_the_box_is_where_it_crosses_it():
    """A box twice as wide as high; lines along the grid count as pi / 4 of their length."""
    upright = np.repeat([[0, 1]], 40, axis=0).repeat(20, axis=1)
    box = (0.0, 4.0, 0.0, 2.0)
    assert metrics.boundary_length(upright, box) == pytest.approx(np.pi / 4 * 2)
    assert metrics.boundary_length(upright.T, box) == pytest.approx(np.pi / 4 * 4)


def test_log_loss_of_a_certain_mistake_is_large_and_finite():
    assert 30 < metrics.log_loss(np.array([1]), np.array([0.0])) < 40


def test_auc_of_one_class_is_not_a_number():
    assert np.isnan(metrics.auc(np.ones(3, int), np.full(3, 0.5)))


def test_resamples_keep_the_class_counts():
    y, _ = predictions(101)
    drawn = metrics.stratified_resamples(y, 50, seed=1)
    assert drawn.shape == (50, 101)
    assert (y[drawn].sum(1) == y.sum()).all()
    assert len(np.unique(drawn[0])) < 101


def test_bootstrap_interval_covers_as_often_as_it_says():
    """The Brier score of known distributions: 1 - 2 E[p] + E[p^2] of cases, E[p^2] of controls."""
    square = 2 * 3 / (6 * 7)  # of beta(2, 4), whose mean is 1/3
    truth = ((1 - 2 * 2 / 3 + 4 * 5 / (6 * 7)) + square) / 2
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        y = np.repeat([0, 1], 60)
        p = np.concatenate([rng.beta(2, 4, 60), rng.beta(4, 2, 60)])
        estimate = metrics.evaluate(y, p, resamples=300, seed=seed)["brier"]
        covered += estimate.low <= truth <= estimate.high
    assert 0.90 <= covered / 200 <= 0.985


def test_differences_are_paired():
    """A model that is a little better on every patient is so in every resample."""
    y, p = predictions(120)
    better = np.where(y == 1, p + 0.01 * (1 - p), p - 0.01 * p)
    gap = metrics.paired_difference(y, better, p)["log_loss"]
    assert gap.high < 0
    rows = metrics.stratified_resamples(y, 1000, 0)
    drawn = [metrics.auc(y[r], better[r]) - metrics.auc(y[r], p[r]) for r in rows]
    area = metrics.paired_difference(y, better, p)["auc"]
    np.testing.assert_allclose(
        [area.low, area.high], np.quantile(drawn, [0.025, 0.975]), atol=1e-12
    )


def test_intervals_of_many_values_are_those_of_each_value_alone():
    drawn = np.random.default_rng(0).normal(size=(400, 5))
    drawn[::7, 1] = np.nan  # measures that some resamples do not have
    drawn[1:, 2] = np.nan
    drawn[:, 3] = np.nan
    values = np.array([0.1, 0.2, 0.3, np.nan, 0.5])
    together = metrics.percentile_intervals(values, drawn)
    for i, estimate in enumerate(together):
        alone = metrics.percentile_interval(values[i], drawn[:, i])
        np.testing.assert_array_equal(list(vars(estimate).values()), list(vars(alone).values()))
        assert all(type(bound) is float for bound in vars(estimate).values())
    assert together[1].low < -1.5 < 1.5 < together[1].high
    assert together[2].low == together[2].high == drawn[0, 2]
    assert np.isnan([together[3].low, together[3].high]).all()


def test_evaluation_of_one_repeat_is_the_measures_themselves():
    y, p = predictions()
    result = metrics.evaluate(y, p, resamples=100)
    for name, measure in metrics.MEASURES.items():
        assert result[name].value == pytest.approx(measure(y, p))
        assert result[name].low < result[name].value < result[name].high


def test_a_model_does_not_differ_from_itself_and_does_from_noise():
    y, p = predictions()
    noise = np.random.default_rng(9).random(len(y))
    same = metrics.paired_difference(y, p, p, resamples=50)
    assert all(e.value == e.low == e.high == 0 for e in same.values())
    other = metrics.paired_difference(y, p, noise, resamples=200)
    assert other["auc"].low > 0
    assert other["brier"].high < 0


@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([0, 1], [0.5], "^y: must be as long as p"),
        ([0, 2], [0.5, 0.5], "^y: must hold 0 and 1 only"),
        ([0, 1], [0.5, 1.5], "^p: must be probabilities"),
        ([0, 1], [0.5, float("nan")], "^p: must be probabilities"),
    ],
)
def test_bad_input_is_named(y, p, message):
    with pytest.raises(DataError, match=message):
        metrics.brier(np.array(y), np.array(p))
