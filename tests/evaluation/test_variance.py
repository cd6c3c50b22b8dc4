"""Whose the variance is, against the formulas and simulated truths."""

import numpy as np
import pytest

from classifiers.errors import DataError
from classifiers.evaluation.comparison import mean_interval
from classifiers.evaluation.variance import bootstrap_means, resampled_weights, split_variance


def draw_runs(random: np.random.Generator, worlds: int) -> tuple[np.ndarray, ...]:
    points, split, other_split, start, other_start = random.normal(size=(5, worlds))
    mixed = random.exponential(1.0, (3, worlds))
    return (
        2 * points + split + 0.5 * start + mixed[0],
        2 * points + other_split + 0.5 * start + mixed[1],
        2 * points + split + 0.5 * other_start + mixed[2],
    )


def test_the_split_of_variance_is_unbiased_and_adds_up():
    random = np.random.default_rng(12)
    found = [split_variance(*draw_runs(random, 30), draws=2) for _ in range(1000)]
    for name, truth in (("points", 4), ("split", 1), ("start", 0.25), ("split_x_start", 1)):
        values = [getattr(each, name).value for each in found]
        assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / len(values) ** 0.5)
    parts = ("points", "split", "start", "split_x_start")
    assert sum(getattr(found[0], p).value for p in parts) == pytest.approx(found[0].total.value)


def test_the_split_of_variance_is_the_notes_formula():
    y1, y2, y3 = draw_runs(np.random.default_rng(13), 50)
    found = split_variance(y1, y2, y3)
    total = np.mean([np.var(y, ddof=1) for y in (y1, y2, y3)])
    same, initial, both = (np.mean((a - b) ** 2) / 2 for a, b in ((y1, y2), (y1, y3), (y2, y3)))
    assert found.total.value == pytest.approx(total)
    assert found.points.value == pytest.approx(total - both)
    assert found.split.value == pytest.approx(both - initial)
    assert found.start.value == pytest.approx(both - same)
    assert found.split_x_start.value == pytest.approx(same + initial - both)
    assert split_variance(y1, y2, y3) == found
    gappy = split_variance(*(np.append(y, gap) for y, gap in ((y1, 1), (y2, np.nan), (y3, 2))))
    assert gappy == found
    with pytest.raises(DataError, match="^base: must have at least 3 worlds, got 2"):
        split_variance(y1[:2], y2[:2], y3[:2])


def test_intervals_of_the_split_of_variance_cover():
    random = np.random.default_rng(14)
    truths = {"points": 4, "split": 1, "start": 0.25, "split_x_start": 1, "total": 6.25}
    held = []
    for _ in range(200):
        found = vars(split_variance(*draw_runs(random, 150), draws=500))
        held.append([found[n].low <= truth <= found[n].high for n, truth in truths.items()])
    assert (np.mean(held, axis=0) > 0.87).all()
    assert 0.9 < np.mean(held) < 0.97


def test_skewed_means_are_studentized():
    values = np.random.default_rng(15).exponential(size=(2, 300))
    for row, estimate in zip(values, bootstrap_means(values), strict=True):
        students = mean_interval(row)
        assert estimate.value == pytest.approx(students.value)
        width = students.high - students.low
        assert estimate.high - estimate.low == pytest.approx(width, rel=0.1)
        assert estimate.high > students.high, "the long tail is on that side"


def test_the_ends_of_a_mean_are_those_of_the_resamples_themselves():
    x = np.random.default_rng(16).exponential(size=8)
    ratios = []
    for counts in resampled_weights(8, 400, 0).astype(int):
        drawn = np.repeat(x, counts)
        error = drawn.std(ddof=1) / 8**0.5
        ratios.append((drawn.mean() - x.mean()) / error if error else 0.0)
    low, high = np.quantile(ratios, [0.025, 0.975]) * x.std(ddof=1) / 8**0.5
    (found,) = bootstrap_means(x[None], draws=400)
    assert (found.low, found.high) == pytest.approx((x.mean() - high, x.mean() - low))
