"""What is asked for beside the usual: other seeds, other levels, scores that do not vary."""

import numpy as np
import pytest
from scipy import stats

from classifiers.evaluation import comparison, metrics
from classifiers.evaluation.bias_variance import error_budget, loss_budget
from classifiers.evaluation.calibration import TemperatureScaling
from classifiers.evaluation.comparison import (
    compare_all,
    compare_shares,
    compare_with,
    holm,
    judge_together,
    mean_interval,
)
from classifiers.evaluation.decision import Sample
from classifiers.evaluation.metrics import Estimate
from classifiers.evaluation.variance import bootstrap_means, split_variance

RANDOM = np.random.default_rng(4)
Y = RANDOM.integers(0, 2, 40)
P = np.clip(0.4 * Y + 0.6 * RANDOM.random(40), 0.01, 0.99)
Z = RANDOM.normal(0.3, 1.0, (6, 30))
ETA = RANDOM.uniform(0.05, 0.95, 30)
SCORES = RANDOM.normal(0.8, 0.05, (3, 12))


CALLS = {
    "auc": lambda seed: metrics.evaluate(Y, P[None], resamples=40, seed=seed)["auc"],
    "gap": lambda seed: metrics.paired_difference(Y, P, P**2, resamples=40, seed=seed)["brier"],
    "bias": lambda seed: error_budget(Z > 0, ETA, draws=40, seed=seed).bias,
    "spread of errors": lambda seed: error_budget(Z > 0, ETA, draws=40, seed=seed).variance,
    "shared": lambda seed: loss_budget(Z, ETA, draws=40, seed=seed).shared,
    "spread of losses": lambda seed: loss_budget(Z, ETA, draws=40, seed=seed).variance,
    "split": lambda seed: split_variance(*SCORES, draws=40, seed=seed).split,
    "mean": lambda seed: bootstrap_means(SCORES, draws=40, seed=seed)[0],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_another_seed_draws_other_resamples_of_the_same_rows(call):
    one, again, other = call(0), call(0), call(1)
    assert one == again
    assert one.value == other.value
    assert one.low != other.low
    assert one.high != other.high


@pytest.mark.parametrize("seed", [0, 3])
def test_both_sides_of_a_difference_are_on_the_same_rows(seed):
    for gap in metrics.paired_difference(Y, P, P, resamples=40, seed=seed).values():
        assert (gap.value, gap.low, gap.high) == (0, 0, 0)
    drawn = [Sample.draw(Y, P, resamples=5, seed=k).weights for k in (seed, seed, seed + 1)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


@pytest.mark.parametrize("worlds", [3, 6, 7, 11])
def test_scores_that_are_all_the_same_vary_by_exactly_nothing(worlds):
    for score in (0.1, 0.7, 0.83):
        parts = vars(split_variance(*np.full((3, worlds), score), draws=20))
        assert {tuple(part.to_dict().values()) for part in parts.values()} == {(0, 0, 0)}


# Levels


@pytest.mark.parametrize("level", [0.01, 0.2])
def test_pairs_are_judged_at_the_level_that_was_asked_for(level):
    values = np.random.default_rng(5).normal([[0.80], [0.815], [0.83]], 0.03, (3, 14))
    p = []
    for pair in compare_all(values, level):
        expected = stats.ttest_rel(values[pair.i], values[pair.j])
        ends = expected.confidence_interval(1 - level / 3)
        assert (pair.difference.low, pair.difference.high) == pytest.approx(tuple(ends))
        p.append(pair.p)
    assert [pair.differs for pair in compare_all(values, level)] == holm(p, level).tolist()
    for pair in compare_all(values, level, paired=False):
        expected = stats.ttest_ind(values[pair.i], values[pair.j], equal_var=False)
        ends = expected.confidence_interval(1 - level / 3)
        assert (pair.difference.low, pair.difference.high) == pytest.approx(tuple(ends))
    for pair in compare_with(values, 1, level):
        expected = stats.ttest_rel(values[1], values[pair.j])
        ends = expected.confidence_interval(1 - level / 3)
        assert (pair.difference.low, pair.difference.high) == pytest.approx(tuple(ends))
        assert pair.differs == (pair.p <= level / 3)


def test_what_differs_depends_on_the_level():
    p = [0.004, 0.03, 0.06]
    assert holm(p, 0.01).tolist() == [False, False, False]
    assert holm(p, 0.05).tolist() == [True, False, False]
    assert holm(p, 0.2).tolist() == [True, True, True]
    values = np.random.default_rng(6).normal([[0.80], [0.82]], 0.03, (2, 14))
    (pair,) = compare_all(values)
    above, below = 1.01 * pair.p, 0.99 * pair.p
    for level, differs in ((above, True), (below, False)):
        assert compare_all(values, level)[0].differs is differs
        assert compare_with(values, 0, level)[0].differs is differs
        assert judge_together([pair], level=level)[0][0].differs is differs
    assert judge_together([pair], [], [pair], level=1.5 * pair.p)[0][0].differs is False


def test_pairs_that_stand_beside_others_have_wider_intervals():
    values = np.random.default_rng(7).normal([[0.80], [0.82]], 0.03, (2, 14))
    ends = stats.ttest_rel(*values).confidence_interval(1 - 0.05 / 9)
    (pair,) = compare_all(values, among=9)
    assert (pair.difference.low, pair.difference.high) == pytest.approx(tuple(ends))


@pytest.mark.parametrize("level", [0.01, 0.05, 0.3])
def test_shares_are_judged_at_the_level_that_was_asked_for(level):
    flags = np.zeros((3, 20), dtype=bool)
    flags[0, :9] = flags[1, 8] = flags[2, 7:10] = True
    pairs = compare_shares(flags, level)
    assert [(pair.i, pair.j) for pair in pairs] == [(0, 1), (0, 2)]
    z = stats.norm.ppf(1 - level / 2 / 2)
    for pair, counts in zip(pairs, ((1, 8, 0), (2, 7, 1)), strict=True):
        expected = comparison._newcombe_paired(*counts, 20, z)
        assert vars(pair.difference) == pytest.approx(vars(expected))
    assert [pair.p for pair in pairs] == pytest.approx([2 / 2**8, 2 * 9 / 2**8])
    assert [pair.differs for pair in pairs] == holm([pair.p for pair in pairs], level).tolist()


def test_one_setting_or_no_value_is_compared_with_nothing():
    assert compare_with([[0.8, 0.9]], 0) == []
    assert compare_all([[0.8, 0.9]]) == []
    assert compare_shares(np.zeros((0, 12), bool)) == []
    (pair,) = compare_all(np.zeros((2, 0)))
    assert (pair.worlds, pair.p, pair.differs) == (0, 1, False)
    none, one = mean_interval([np.nan]), mean_interval([0.4, np.nan])
    assert np.isnan(none.value)
    assert (one.value, one.low, one.high) == (0.4, none.low, none.high) == (0.4, -np.inf, np.inf)


@pytest.mark.parametrize(("high", "helps"), [(-0.001, True), (0.0, False), (0.001, False)])
def test_a_temperature_helps_where_every_gain_is_one(high, helps):
    assert TemperatureScaling(1.5, Estimate(-0.01, -0.02, high)).helps is helps
