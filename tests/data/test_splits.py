"""Splits and folds against scikit-learn's, and the promises their callers rely on."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split

from classifiers.data.splits import (
    fold_weights,
    split_indices,
    split_seed,
    stratified_folds,
)
from classifiers.errors import ConfigError, DataError

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 500), st.floats(0.01, 0.99), seeds)
def test_plain_split_is_that_of_scikit_learn(n, test_share, seed):
    assume(np.ceil(test_share * n) < n)
    train, test = split_indices(n, test_share, seed)
    expected = train_test_split(np.arange(n), test_size=test_share, random_state=seed)
    np.testing.assert_array_equal(train, expected[0])
    np.testing.assert_array_equal(test, expected[1])
    assert train.dtype == test.dtype == np.int64


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(2, 40), min_size=2, max_size=4), st.floats(0.2, 0.6), seeds)
def test_stratified_split_is_that_of_scikit_learn(counts, test_share, seed):
    y = np.random.RandomState(0).permutation(np.repeat(np.arange(len(counts)), counts))
    n_test = np.ceil(test_share * len(y))
    assume(len(counts) <= n_test <= len(y) - len(counts))
    parts = split_indices(len(y), test_share, seed, stratify=y)
    expected = train_test_split(
        np.arange(len(y)), test_size=test_share, random_state=seed, stratify=y
    )
    for part, other in zip(parts, expected, strict=True):
        np.testing.assert_array_equal(part, other)


def _imbalanced(n: int = 303) -> np.ndarray:
    return np.random.RandomState(4).permutation(
        np.repeat([0, 1, 2], [n // 2, n // 3, n - n // 2 - n // 3])
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 10), st.integers(1, 4), seeds, st.booleans())
def test_folds_are_those_of_scikit_learn(folds, repeats, seed, as_text):
    y = _imbalanced(90)
    y = np.array(["ill", "well", "unsure"])[y] if as_text else y
    ids = stratified_folds(y, folds, repeats, seed)
    assert ids.shape == (repeats, len(y))
    assert ids.dtype == np.int64
    dealer = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    weights = fold_weights(ids, folds)
    for member, (train, held_out) in enumerate(dealer.split(np.zeros((len(y), 1)), y)):
        np.testing.assert_array_equal(np.flatnonzero(weights[member] == 1), train)
        np.testing.assert_array_equal(np.flatnonzero(weights[member] == 0), held_out)
    assert len(weights) == member + 1


def test_each_row_is_left_out_by_one_member_a_repeat():
    weights = fold_weights(stratified_folds(_imbalanced(), 10, 3, seed=0), 10)
    assert weights.shape == (30, 303)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal((1 - weights).reshape(3, 10, 303).sum(axis=1), 1)


def test_fold_weights_of_a_small_example():
    expected = [[0, 1, 1], [1, 0, 0], [1, 0, 1], [0, 1, 0]]
    np.testing.assert_array_equal(fold_weights([[0, 1, 1], [1, 0, 1]], 2), expected)


RARE = np.array([0] * 20 + [1] * 3)


@pytest.mark.parametrize(
    ("error", "message", "ask"),
    [
        (ConfigError, "test_share: must lie strictly between 0 and 1, got 0", (10, 0.0, 0)),
        (ConfigError, "test_share: must lie strictly between 0 and 1, got 1.5", (10, 1.5, 0)),
        (ConfigError, "test_share: must lie strictly between 0 and 1, got nan", (10, np.nan, 0)),
        (ConfigError, "test_share: must leave at least 1 of the 3 rows", (3, 0.9, 0)),
        (ConfigError, "test_share: must leave at least 1 of the 0 rows", (0, 0.5, 0)),
    ],
)
def test_a_share_that_leaves_nothing_is_refused(error, message, ask):
    with pytest.raises(error, match=f"^{message}"):
        split_indices(*ask)


def test_labels_that_cannot_be_stratified_are_refused():
    with pytest.raises(DataError, match=r"^stratify: must have one label a row, 10, got 23"):
        split_indices(10, 0.2, 0, stratify=RARE)
    with pytest.raises(DataError, match=r"^stratify: must have shape \(N,\), got \(23, 1\)"):
        split_indices(23, 0.2, 0, stratify=RARE[:, None])
    with pytest.raises(
        DataError, match=r"^stratify: must have at least 2 rows of every class .* got 1 of class 1"
    ):
        split_indices(21, 0.2, 0, stratify=RARE[:21])
    with pytest.raises(
        DataError, match=r"^test_share: must give each part a row for each of the 2"
    ):
        split_indices(23, 0.04, 0, stratify=RARE)


def test_folds_that_cannot_be_dealt_are_refused():
    with pytest.raises(
        DataError,
        match=r"^y: must have at least 4 rows of every class for 4 folds, got 3 of class 1",
    ):
        stratified_folds(RARE, 4, 1, seed=0)
    with pytest.raises(DataError, match=r"^y: must have at least one row"):
        stratified_folds([], 4, 1, seed=0)
    with pytest.raises(ConfigError, match=r"^folds: must be at least 2, got 1"):
        stratified_folds(RARE, 1, 1, seed=0)
    with pytest.raises(ConfigError, match=r"^repeats: must be at least 1, got 0"):
        stratified_folds(RARE, 3, 0, seed=0)
    with pytest.raises(DataError, match=r"^fold_ids: must lie in 0..1, got 0..2"):
        fold_weights([[0, 1, 2]], 2)
    with pytest.raises(DataError, match=r"^fold_ids: must have shape \(R, N\), got \(3,\)"):
        fold_weights([0, 1, 2], 3)


@given(st.integers(0, 2**31 - 1), st.integers(1, 2**20))
def test_a_member_never_splits_by_the_permutation_that_shuffled_its_points(seed, member):
    assert split_seed(seed, 0) == seed
    assert split_seed(seed, member) != seed + member
    assert split_seed(seed, member) != split_seed(seed, member + 1)
    assert 0 <= split_seed(seed, member) < 2**31
