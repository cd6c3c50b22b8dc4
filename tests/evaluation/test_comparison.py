"""Comparisons over worlds against statsmodels, scipy, enumeration and simulated truths."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from classifiers.errors import DataError
from classifiers.evaluation import comparison
from classifiers.evaluation.comparison import (
    compare_all,
    compare_shares,
    compare_with,
    heaps,
    holm,
    judge_together,
    mean_interval,
    never_learned,
    paired_difference,
    share_interval,
)

# Means and intervals.


def test_the_interval_is_students():
    interval = mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    # The 97.5 % quantile of t with 4 degrees of freedom is 2.776.
    assert interval.high - interval.value == pytest.approx(2.776 * (2.5 / 5) ** 0.5, abs=1e-3)
    assert mean_interval([1.0]).high == np.inf
    assert mean_interval([1.0, np.nan, 3.0]) == mean_interval([1.0, 3.0])
    low, high = stats.ttest_rel([3, 1, 4], [1, 5, 9]).confidence_interval()
    gap = paired_difference([3, 1, 4], [1, 5, 9])
    assert (gap.low, gap.high) == pytest.approx((low, high))


@pytest.mark.parametrize("seed", range(6))
def test_holm_agrees_with_statsmodels(seed):
    random = np.random.default_rng(seed)
    p = np.round(random.random(12) ** 4, 4)  # ties, and a few that are small
    assert (holm(p) == multipletests(p, 0.05, method="holm")[0]).all()
    assert holm([]).tolist() == []


def test_holm_counts_what_is_unknown_and_never_rejects_it():
    assert holm([0.02, np.nan]).tolist() == [True, False]
    assert holm([0.03, np.nan]).tolist() == [False, False]
    assert holm([0.001, 0.03, 0.04]).tolist() == [True, False, False], "0.03 is above 0.025"
    assert holm([0.05, 0.025]).tolist() == [True, True], "at the level itself"


# Pairs.


def test_pairs_agree_with_scipy():
    values = np.random.default_rng(0).normal([[0.8], [0.82], [0.9], [0.81]], 0.03, (4, 15))
    pairs = compare_all(values)
    assert [(pair.i, pair.j) for pair in pairs] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for pair in pairs:
        expected = stats.ttest_rel(values[pair.i], values[pair.j])
        low, high = expected.confidence_interval(1 - 0.05 / 6)
        assert pair.p == pytest.approx(expected.pvalue)
        assert (pair.difference.low, pair.difference.high) == pytest.approx((low, high))
        assert pair.worlds == 15
    told = multipletests([pair.p for pair in pairs], 0.05, method="holm")[0]
    assert [pair.differs for pair in pairs] == told.tolist()
    assert any(told)
    assert not all(told)
    assert compare_all(values, among=2) == pairs, "there are six"


def test_values_without_a_common_world_are_compared_by_welch():
    values = np.random.default_rng(1).normal([[0.8], [0.83]], [[0.01], [0.06]], (2, 30))
    values[1, 20:] = np.nan
    (pair,) = compare_all(values, paired=False)
    expected = stats.ttest_ind(values[0], values[1, :20], equal_var=False)
    low, high = expected.confidence_interval()
    assert pair.p == pytest.approx(expected.pvalue)
    assert (pair.difference.low, pair.difference.high) == pytest.approx((low, high))
    assert pair.worlds == 20
    assert compare_all(values[::-1], paired=False)[0].worlds == 20


def test_worlds_that_do_not_count_are_dropped_pair_by_pair():
    values = np.random.default_rng(2).normal(size=(3, 14))
    values[0, :2] = values[1, 1:4] = np.nan
    for pair in compare_all(values):
        expected = stats.ttest_rel(values[pair.i], values[pair.j], nan_policy="omit")
        assert pair.p == pytest.approx(float(expected.pvalue))
    assert [pair.worlds for pair in compare_all(values)] == [10, 12, 11]


def test_few_worlds_and_differences_that_do_not_vary_claim_nothing():
    far = np.array([[0.5], [0.9]]) + np.random.default_rng(3).normal(0, 0.01, (2, 10))
    assert compare_all(far)[0].differs
    for paired in (True, False):
        assert not compare_all(far[:, :9], paired=paired)[0].differs
    same = np.random.default_rng(4).random(20)
    (pair,) = compare_all([same, same + 0.1])  # but for rounding
    assert not pair.differs
    assert pair.p == 1
    assert pair.difference.value == pytest.approx(-0.1)
    (flat,) = compare_all([np.full(12, 0.1), np.full(12, 0.7)], paired=False)  # but for rounding
    assert (flat.p, flat.differs) == (1, False)
    (lost,) = compare_all([np.full(12, np.nan), same[:12]])
    assert not lost.differs
    assert lost.worlds == 0
    with pytest.raises(DataError, match="^values: "):
        compare_all(same)


def false_claims(draws: int, values: int, worlds: int) -> float:
    random = np.random.default_rng(5)
    scores = random.normal(size=(draws, values, worlds)) + random.normal(size=(draws, 1, worlds))
    return float(np.mean([any(pair.differs for pair in compare_all(x)) for x in scores]))


def test_equal_values_are_called_different_in_5_percent_of_cases(monkeypatch):
    assert 0.03 < false_claims(1500, 8, 20) < 0.062
    monkeypatch.setattr(comparison, "holm", lambda p, level: np.asarray(p) <= level)
    assert false_claims(200, 8, 20) > 0.3, "without the correction the test above would fail"


def test_intervals_hold_all_at_once():
    random = np.random.default_rng(6)
    held = []
    for _ in range(1000):
        pairs = compare_all(random.normal(size=(6, 20)))
        held.append(all(pair.difference.low <= 0 <= pair.difference.high for pair in pairs))
    assert 0.94 < np.mean(held) < 0.98


def test_the_best_of_many_is_compared_at_the_level_of_all_pairs():
    values = np.random.default_rng(7).normal(np.linspace(0, 0.1, 12)[:, None], 0.03, (12, 25))
    everything = {(pair.i, pair.j): pair for pair in compare_all(values)}
    for pair in compare_with(values, 11):
        same = everything[pair.j, 11]
        assert pair.p == pytest.approx(same.p)
        assert pair.difference.high == pytest.approx(-same.difference.low)
        assert pair.differs == (same.p <= 0.05 / 66)


def test_families_are_judged_as_one():
    random = np.random.default_rng(8)
    near = compare_all(np.stack([random.normal(0, 1, 20), random.normal(0.9, 1, 20)]))
    assert near[0].differs
    (alone,), others = judge_together(near, compare_all(random.normal(size=(8, 20))))
    assert not alone.differs, f"p = {alone.p} of 29 comparisons"
    assert not any(pair.differs for pair in others)


# Shares.


@given(st.integers(1, 200), st.floats(0, 1))
@example(40, 0.2)
@example(40, 0.8)
@example(40, 0.5)
@example(39, 0.5)
@example(200, 0.195)
@example(200, 0.805)
def test_shares_are_wilsons_or_exact(n, share):
    count = round(n * share)
    wilson = n >= 40 and 0.2 <= count / n <= 0.8
    low, high = proportion_confint(count, n, method="wilson" if wilson else "beta")
    estimate = share_interval(count, n)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("n", "least"), [(20, 0.95), (39, 0.95), (40, 0.933), (200, 0.933)])
def test_intervals_of_shares_cover(n, least):
    shares = np.linspace(0.01, 0.99, 197)
    ends = [share_interval(count, n) for count in range(n + 1)]
    held = np.array([[end.low <= share <= end.high for share in shares] for end in ends])
    covered = (stats.binom.pmf(np.arange(n + 1)[:, None], n, shares) * held).sum(0)
    assert covered.min() >= least


def test_who_never_learned_is_what_the_note_counted():
    accuracy = np.concatenate([np.full(41, 0.5), np.linspace(0.61, 0.89, 159)])
    assert never_learned(accuracy, 0.5).sum() == 41
    assert never_learned([0.52, 0.53, np.nan], 0.5).tolist() == [True, False, False]


def test_shares_of_the_same_worlds_are_mcnemars():
    flags = np.zeros((4, 20), dtype=bool)
    flags[0, :9] = flags[1, 8] = flags[1, 12] = flags[2, :3] = True
    pairs = {(pair.i, pair.j): pair for pair in compare_shares(flags)}
    assert set(pairs) == {(0, 1), (0, 2), (0, 3)}, "the others differ in fewer than 6 worlds"
    for (i, j), pair in pairs.items():
        table = [[(flags[i] & flags[j]).sum(), (flags[i] & ~flags[j]).sum()],
                 [(~flags[i] & flags[j]).sum(), (~flags[i] & ~flags[j]).sum()]]  # fmt: skip
        assert pair.p == pytest.approx(mcnemar(table, exact=True).pvalue)
        assert pair.difference.value == pytest.approx(flags[i].mean() - flags[j].mean())
        assert pair.difference.low < pair.difference.value < pair.difference.high
    assert pairs[0, 3].differs
    assert not pairs[0, 2].differs
    assert compare_shares(flags.astype(float)) == list(pairs.values()), "0.0 and 1.0 are flags"
    assert compare_shares(np.ones((2, 20), bool)) == []


def test_shares_of_fewer_than_ten_worlds_claim_nothing():
    assert compare_shares([[True] * 9, [False] * 9]) == []
    (pair,) = compare_shares([[True] * 10, [False] * 10])
    assert pair.differs
    half = np.arange(10) < 5
    (level,) = compare_shares([half, ~half])
    assert (level.p, level.differs) == (1, False), "as many either way"


def test_the_paired_difference_of_shares_is_the_published_one():
    # Newcombe 1998, Stat. Med. 17:2635, table II: 36, 12, 2 and 0 of 50.
    estimate = comparison._newcombe_paired(36, 12, 2, 50, 1.959963984540054)
    assert estimate.value == pytest.approx(0.2)
    assert (estimate.low, estimate.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


# Heaps.


def test_two_heaps_are_two_heaps():
    random = np.random.default_rng(9)
    values = np.concatenate([random.normal(0.85, 0.006, 12), random.normal(0.91, 0.006, 8)])
    low, high = heaps(random.permutation(values))
    assert (len(low), len(high)) == (12, 8)
    assert low.max() < high.min()
    third = heaps(np.concatenate([values, random.normal(0.7, 0.006, 9)]))
    assert [len(part) for part in third] == [9, 12, 8]


def test_stragglers_small_gaps_and_few_values_are_no_heaps():
    random = np.random.default_rng(10)
    assert len(heaps(np.concatenate([random.normal(0.9, 0.01, 18), [0.7, 0.71]]))) == 1
    near = np.concatenate([random.normal(0.9, 0.001, 9), random.normal(0.92, 0.001, 9)])
    assert len(heaps(near)) == 1, "a gap of 2 points"
    assert len(heaps([0.8, 0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9])) == 1
    assert [part.tolist() for part in heaps([0.2, np.nan, 0.1])] == [[0.1, 0.2]]
    ten = np.r_[np.linspace(0.8, 0.804, 5), np.linspace(0.9, 0.904, 5)]
    assert [len(heaps(ten)), len(heaps(ten[1:]))] == [2, 1]


@pytest.mark.parametrize(
    ("spread", "gap", "parted"),
    [
        (0.02, 0.0448, False), (0.02, 0.0457, True),  # 1.4 + 8 / 12 times what is within
        (0.001, 0.0249, False), (0.001, 0.0251, True),
    ],
)  # fmt: skip
def test_a_gap_parts_heaps_that_is_wide_and_wide_beside_their_spread(spread, gap, parted):
    heap = np.repeat([-spread, spread], 3)
    found = heaps(np.r_[heap, heap + 2 * spread + gap])
    assert [len(part) for part in found] == ([6, 6] if parted else [12])


def test_the_widest_gap_parts_first_and_a_small_rest_stays_one_heap():
    found = heaps(np.repeat([0.5, 0.595, 0.695], [3, 4, 8]))
    assert [len(part) for part in found] == [7, 8]
    found = heaps(np.repeat([0.5, 0.6, 0.695], [8, 4, 3]))
    assert [len(part) for part in found] == [8, 7]


@pytest.mark.parametrize("few", [2, 3])
def test_a_heap_is_of_three_or_more_on_either_side(few):
    values = np.r_[np.linspace(0.6, 0.602, few), np.linspace(0.9, 0.905, 12)]
    for some in (values, 1 - values):
        sizes = [len(part) for part in heaps(some)]
        assert sorted(sizes) == ([14] if few == 2 else [3, 12])


@pytest.mark.parametrize("spread", [0.015, 0.03, 0.06])
def test_one_hump_is_rarely_taken_for_two(spread):
    random = np.random.default_rng(11)
    for worlds in (10, 20, 100):
        parted = [len(heaps(random.normal(0.85, spread, worlds))) > 1 for _ in range(500)]
        assert np.mean(parted) < 0.1
