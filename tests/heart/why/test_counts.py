"""Counts of the study's patients, against counting by hand and against Fisher's exact test."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy.stats import fisher_exact

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, read_heart
from classifiers.errors import DataError
from classifiers.recipes.heart.experiments.counts import BINS, alike_categories, count_study


@pytest.fixture(scope="module")
def study(heart_data):
    return read_heart(heart_data / "uci" / "processed.cleveland.data")


def invent(rows: int = 40, seed: int = 0):
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(100, 20, (rows, 13)))
    for i, about in enumerate(FEATURES):
        if about.kind == "categorical":
            x[:, i] = rng.choice([code.value for code in about.codes], rows)
    return x, rng.integers(0, 2, rows)


def test_every_known_value_is_counted_once_with_its_outcome():
    x, y = invent()
    x[3, :] = np.nan
    x[5, FEATURE_NAMES.index("ca")] = np.nan
    counted = count_study(x, y)
    assert list(counted) == list(FEATURE_NAMES)
    for i, about in enumerate(FEATURES):
        part = counted[about.name]
        known = [(value, label) for value, label in zip(x[:, i], y, strict=True) if value == value]
        for name, wanted in (("with_disease", 1), ("without_disease", 0)):
            values = [value for value, label in known if label == wanted]
            if about.kind == "categorical":
                assert part[name] == [values.count(code) for code in part["values"]]
            else:
                edges = part["edges"]
                inside = [
                    sum(low <= v < high or (v == high == edges[-1]) for v in values)
                    for low, high in pairwise(edges)
                ]
                assert part[name] == inside
            assert sum(part[name]) == len(values)


def test_bins_are_equally_wide_from_the_lowest_to_the_highest_value():
    x, y = invent()
    edges = count_study(x, y)["chol"]["edges"]
    column = x[:, FEATURE_NAMES.index("chol")]
    assert (edges[0], edges[-1], len(edges)) == (column.min(), column.max(), BINS + 1)
    np.testing.assert_allclose(np.diff(edges), np.ptp(column) / BINS)


def test_the_counts_of_the_study_are_the_known_ones(study):
    counted = count_study(study.x, study.y)
    vessels = counted["ca"]  # unknown of four patients
    assert vessels["values"] == [0, 1, 2, 3]
    assert vessels["with_disease"] == [46, 44, 31, 17]
    assert vessels["without_disease"] == [130, 21, 7, 3]
    assert sum(counted["age"]["with_disease"]) == 139
    assert sum(counted["age"]["without_disease"]) == 164


def test_counts_hold_no_patient(study):
    """Every number counts at least whom it should, and none is one of a patient's rows."""
    for part in count_study(study.x, study.y).values():
        assert set(part) - {"values", "edges"} == {"with_disease", "without_disease"}
        for name in ("with_disease", "without_disease"):
            assert all(isinstance(count, int) and count >= 0 for count in part[name])


def test_what_the_study_cannot_tell_apart_is_what_fishers_test_cannot(study):
    for name, part in count_study(study.x, study.y).items():
        if "values" not in part:
            continue
        together = {frozenset(pair) for run in alike_categories(part) for pair in
                    combinations(run, 2)}  # fmt: skip
        rows = list(zip(part["values"], part["with_disease"], part["without_disease"], strict=True))
        for (a, *first), (b, *second) in combinations(rows, 2):
            p = fisher_exact([first, second]).pvalue
            # The two tests differ where the answer is close, as for an ST-T abnormality's four.
            if p < 0.02 or p > 0.15:
                assert (frozenset((a, b)) in together) == (p > 0.15), (name, a, b, p)


def test_vessels_two_and_three_cannot_be_told_apart(study):
    [run] = alike_categories(count_study(study.x, study.y)["ca"])
    assert run == [1, 2, 3]


def test_lists_are_as_long_as_can_be_and_none_is_part_of_another():
    part = {"values": [1, 2, 3, 4, 5], "with_disease": [1, 5, 9, 90, 0],
            "without_disease": [19, 15, 11, 10, 0]}  # fmt: skip
    # 5 % against 25 % and 25 % against 45 % of twenty cannot be told apart, 5 % against 45 % can.
    assert alike_categories(part) == [[1, 2], [2, 3]]


def test_what_cannot_be_counted_is_named():
    x, y = invent()
    with pytest.raises(DataError, match="^x: must be 40 rows of 13"):
        count_study(x[:, :12], y)
    x[:, FEATURE_NAMES.index("thal")] = np.nan
    with pytest.raises(DataError, match="^thal: is known of nobody"):
        count_study(x, y)
