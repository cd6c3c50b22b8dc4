"""Preprocessing: fitted on training rows, total on everything else, exact through JSON."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from classifiers.errors import ConfigError, DataError
from classifiers.preprocessing import TabularPreprocessor

NAMES = ["a", "b", "c"]
VALUES = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))
TABLES = st.integers(1, 12).flatmap(lambda n: arrays(np.float64, (n, 3), elements=VALUES))


def table(n: int = 50, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(5, 3, n), rng.integers(0, 4, n), rng.exponential(2, n)]).astype(
        float
    )
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


@pytest.mark.parametrize("encoding", ["onehot", "ordinal"])
def test_agrees_with_scikit_learn(encoding):
    train, other = table(seed=1), table(seed=2)
    other[:, 1] = np.where(other[:, 1] == 3, 1, other[:, 1])
    ours = TabularPreprocessor.fit(train, NAMES, ["b"], encoding).transform(other)
    numerical = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    reference = ColumnTransformer([("n", numerical, [0, 2])]).fit(train).transform(other)
    np.testing.assert_allclose(ours[:, [0, -1]], reference, rtol=1e-12, atol=1e-12)

    known = ~np.isnan(other[:, 1])
    column = train[~np.isnan(train[:, 1])][:, [1]]
    if encoding == "onehot":
        encoder = OneHotEncoder(sparse_output=False).fit(column)
        np.testing.assert_array_equal(ours[known, 1:-2], encoder.transform(other[known][:, [1]]))
        np.testing.assert_array_equal(ours[:, -2], ~known)
    else:
        ranks = OrdinalEncoder().fit(column).transform(other[known][:, [1]])
        np.testing.assert_array_equal(ours[known, 1:2], ranks)
        assert (ours[~known, 1] == 4).all()


def test_unseen_codes_fall_into_the_unknown_slot():
    preprocessor = TabularPreprocessor.fit(np.array([[1.0, 0, 2], [2, 1, 3]]), NAMES, ["b"])
    assert preprocessor.input_names == ("a", "b=0", "b=1", "b=unknown", "c")
    out = preprocessor.transform(np.array([[1.0, 7, 2], [1, np.nan, 2], [1, 1, 2]]))
    np.testing.assert_array_equal(out[:, 1:4], [[0, 0, 1], [0, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize(("encoding", "told"), [("onehot", 1.0), ("ordinal", 0.0)])
def test_a_column_of_which_nothing_is_known_is_unknown_in_every_row(encoding, told):
    train = np.array([[1.0, np.nan, 2], [2, np.nan, 3]])
    preprocessor = TabularPreprocessor.fit(train, NAMES, ["b"], encoding)
    out = preprocessor.transform(np.array([[1.0, 7, 2], [1, np.nan, 2]]))
    np.testing.assert_array_equal(out[:, 1:-1], [[told], [told]])


def test_rows_outside_the_training_part_change_nothing():
    rows = table(80)
    fitted = TabularPreprocessor.fit(rows[:40], NAMES, ["b"])
    rows[40:] *= 1e3
    assert fitted == TabularPreprocessor.fit(rows[:40], NAMES, ["b"])


@settings(deadline=None)
@given(TABLES, TABLES, st.sampled_from(["onehot", "ordinal"]))
def test_whatever_comes_in_finite_numbers_come_out_and_json_is_exact(train, other, encoding):
    if np.isnan(train[:, [0, 2]]).all(axis=0).any():
        with pytest.raises(DataError, match="has no value in the training rows"):
            TabularPreprocessor.fit(train, NAMES, ["b"], encoding)
        return
    fitted = TabularPreprocessor.fit(train, NAMES, ["b"], encoding)
    out = fitted.transform(other)
    assert out.shape == (len(other), len(fitted.input_names))
    assert np.isfinite(out).all()
    again = TabularPreprocessor.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert again == fitted
    np.testing.assert_array_equal(again.transform(other), out)
    if encoding == "onehot":
        np.testing.assert_array_equal(out[:, 1:-1].sum(1), 1)


def test_bad_arguments_are_named():
    with pytest.raises(ConfigError, match="^encoding: must be onehot or ordinal, got 'hash'"):
        TabularPreprocessor.fit(table(), NAMES, ["b"], "hash")
    with pytest.raises(DataError, match="^x: must be rows of 3 columns"):
        TabularPreprocessor.fit(table()[:, :2], NAMES, ["b"])
    with pytest.raises(DataError, match="^x: must be rows of 3 columns"):
        TabularPreprocessor.fit(table(), NAMES, ["b"]).transform(table()[0])


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"columns": []},
        {"encoding": "onehot", "columns": [{"kind": "numerical", "name": "a"}]},
        {"encoding": "onehot", "columns": [{"kind": "other", "name": "a"}]},
        {"encoding": "other", "columns": []},
        {"encoding": "onehot", "columns": [{"kind": "categorical", "name": 3, "codes": []}]},
        {"encoding": "onehot", "columns": [{"kind": "categorical", "name": "a", "codes": ["x"]}]},
    ],
)
def test_a_broken_record_is_refused(broken):
    with pytest.raises(ConfigError, match="^preprocessing: must be what"):
        TabularPreprocessor.from_dict(broken)


def test_a_constant_column_keeps_a_usable_scale():
    fitted = TabularPreprocessor.fit(np.array([[3.0, 0, 1], [3, 0, 2]]), NAMES, ["b"])
    np.testing.assert_array_equal(fitted.transform(np.array([[4.0, 0, 1]]))[0, 0], 1)
