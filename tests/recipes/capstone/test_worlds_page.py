"""What the page is told of worlds: polygons, scores on fresh points, luck, counts, sentences."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom

from classifiers.data.synthetic import Extent
from classifiers.errors import DataError
from classifiers.evaluation.comparison import compare_all, share_interval
from classifiers.recipes.capstone.worlds.message import (
    STEPS,
    decode_regions,
    encode_region,
    pack_array,
    pack_regions,
    unpack_array,
    unpack_regions,
)
from classifiers.recipes.capstone.worlds.page.findings import (
    _clauses,
    _test_below_fresh,
    describe_budget,
    describe_loss,
    describe_variance,
)
from classifiers.recipes.capstone.worlds.page.luck import ranking, score_range, stops
from classifiers.recipes.capstone.worlds.pile import NO_INTERVAL, World, counts
from classifiers.recipes.capstone.worlds.regions import OUTSIDE, contains, grid, to_steps, trace
from classifiers.recipes.capstone.worlds.scores import (
    BINS,
    LEVELS,
    TEMPERATURES,
    along_the_way,
    at_temperatures,
    chances,
    costs,
    histogram,
    weighted,
)

BOX = Extent(-2.0, 3.2, -1.5, 2.5)


def waves(x: np.ndarray, seed: int) -> np.ndarray:
    """A smooth function of (N, 2) points that is zero along a winding line, islands included."""
    rng = np.random.default_rng(seed)
    directions, shifts = rng.normal(size=(6, 2)) * 2, rng.uniform(0, 6, 6)
    return np.sin(x @ directions.T + shifts).sum(1) + 0.3


# Regions.


@pytest.mark.parametrize("seed", range(8))
def test_a_region_holds_what_is_above_zero(seed):
    rings, _ = trace(waves(grid(BOX).astype(float), seed), BOX)
    x = np.random.default_rng(100).uniform(BOX[::2], BOX[1::2], (20_000, 2))
    value = waves(x, seed)
    step = 1e-4
    slope = np.hypot(*((waves(x + step * axis, seed) - value) / step for axis in np.eye(2)))
    # Interpolation, simplification and rounding move the boundary by less than .04 units in all.
    clear = np.abs(value) > 0.04 * np.maximum(slope, 1)
    inside = contains(rings, to_steps_exactly(x))
    assert (inside == (value > 0))[clear].all()
    assert clear.mean() > 0.8


def to_steps_exactly(x: np.ndarray) -> np.ndarray:
    low, size = np.array(BOX[::2]), np.array(BOX[1::2]) - np.array(BOX[::2])
    return (x - low) / size * STEPS


def test_a_known_boundary_has_its_length_and_few_points():
    x = grid(BOX).astype(float)
    rings, length = trace(1 - np.hypot(*(x - [0.5, 0.5]).T), BOX)
    assert len(rings) == 1
    assert length == pytest.approx(2 * math.pi, rel=0.01)
    assert len(rings[0]) < 40
    radius = np.hypot(*(rings[0] / STEPS * [5.2, 4.0] + [-2.5, -2.0]).T)
    np.testing.assert_allclose(radius, 1, atol=0.01)
    # A straight line leaves the picture, and goes on outside: its ring draws no frame.
    rings, length = trace(x[:, 0] - 1.0, BOX)
    assert length == pytest.approx(4.0)
    assert len(rings[0]) == 4
    assert set(rings[0][:, 1]) == {-OUTSIDE, STEPS + OUTSIDE}
    # A hole in an island.
    rings, length = trace(0.3 - np.abs(np.hypot(*(x - [0.5, 0.5]).T) - 1), BOX)
    assert len(rings) == 2
    assert length == pytest.approx(4 * math.pi, rel=0.01)


def test_one_answer_everywhere_is_no_boundary():
    assert trace(np.full(len(grid(BOX)), -1.0), BOX) == ([], 0.0)
    rings, length = trace(np.full(len(grid(BOX)), 2.0), BOX)
    assert length == 0
    assert contains(rings, np.array([[0, 0], [STEPS, STEPS], [9, 2000]])).all()
    assert trace(np.full(len(grid(BOX)), np.nan), BOX) == ([], 0.0)


def test_the_grid_starts_at_the_lower_left():
    points = to_steps(grid(BOX), BOX)
    np.testing.assert_array_equal(points[[0, -1]], [[0, 0], [STEPS, STEPS]])
    assert points[1, 0] > 0
    assert points[1, 1] == 0


# Messages.


def test_regions_come_back_as_they_were():
    rng = np.random.default_rng(0)
    regions = [
        [rng.integers(-OUTSIDE, STEPS + OUTSIDE, (rng.integers(3, 90), 2)) for _ in range(count)]
        for count in (0, 1, 3, 0, 2, 7)
    ]
    message = pack_regions([encode_region(region) for region in regions], [2, 3])
    assert message["shape"] == [2, 3]
    for own, given in zip(unpack_regions(message), regions, strict=True):
        assert len(own) == len(given)
        for a, b in zip(own, given, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_bytes_of_a_region_are_as_documented():
    region = encode_region([np.array([[1, -1], [201, 63], [0, 64]])])
    #     rings, points, +1, -1, +200 (two bytes), +64 (two bytes), -201 (two bytes), +1
    assert list(region) == [1, 3, 2, 1, 0x90, 3, 0x80, 1, 0x91, 3, 2]
    assert decode_regions(region)[0][0].tolist() == [[1, -1], [201, 63], [0, 64]]


@pytest.mark.parametrize("dtype", ["u8", "u16", "i16", "u32", "f32"])
def test_arrays_come_back_as_they_were(dtype):
    values = np.random.default_rng(0).integers(0, 200, (3, 4, 5))
    np.testing.assert_array_equal(unpack_array(pack_array(values, dtype)), values)


def test_what_does_not_fit_is_refused():
    ends = {"u8": (0, 255), "u16": (0, 65_535), "i16": (-32_768, 32_767), "u32": (0, 2**32 - 1)}
    for dtype, (low, high) in ends.items():
        fits = [low, high, low - 0.4, high + 0.4]
        assert unpack_array(pack_array(fits, dtype)).tolist() == [low, high, low, high]
        for value in (low - 1, high + 1, low - 0.6, high + 0.6, np.nan, np.inf):
            with pytest.raises(DataError) as refused:
                pack_array([low, value], dtype)
            wanted = f"values: must lie in {low}..{high} to go into {dtype}"
            assert str(refused.value) == wanted
    assert unpack_array(pack_array([0.6, 1.4], "u8")).tolist() == [1, 1]
    assert np.isnan(unpack_array(pack_array([np.nan], "f32"))).all()
    for count, told in ((1, "1 region"), (3, "3 regions")):
        with pytest.raises(DataError) as refused:
            pack_regions([b"\0"] * count, [2, 1])
        assert str(refused.value) == f"shape: must be that of {told}, got [2, 1]"


# Scores on fresh points.


@pytest.fixture(scope="module")
def told() -> tuple[np.ndarray, np.ndarray]:
    """Log-odds at 8 epochs and the probability of class 1 at 20,000 points."""
    rng = np.random.default_rng(3)
    eta = rng.beta(0.4, 0.4, 20_000)
    truth = np.log(eta / (1 - eta)).clip(-9, 9)
    wrong = rng.normal(size=20_000) * 3
    return np.array([share * (2 * truth + wrong) for share in np.linspace(0.05, 3, 8)]), eta


def test_weighting_has_the_expectation_of_counting(told):
    z, eta = told
    accuracy, loss = weighted(z[-1], eta)
    labels = np.random.default_rng(0).random((100, len(eta))) < eta
    p = 1 / (1 + np.exp(-z[-1].clip(-30, 30)))
    assert accuracy == pytest.approx(((z[-1] > 0) == labels).mean(), abs=1e-3)
    cost = -np.where(labels, np.log(p), np.log1p(-p)).mean()
    assert loss == pytest.approx(cost, abs=0.02)
    assert weighted(z[-1] * 1e30, eta)[0] == accuracy  # no overflow
    assert math.isfinite(weighted(z[-1] * 1e30, eta)[1])


def test_scores_along_the_way_end_exactly_and_err_less(told):
    z, eta = told
    end = weighted(z[-1], eta)
    errors, plain = [], []
    for seed in range(60):
        order = np.random.default_rng(seed).permutation(len(eta))
        mixed, own = z[:, order], eta[order]
        seen = along_the_way(mixed[:, :500], mixed[-1], own)
        np.testing.assert_allclose(seen[:, -1], end, rtol=1e-12)
        exact = np.array([weighted(row, eta) for row in z]).T
        errors.append(seen - exact)
        few = np.array([weighted(row, own[:500]) for row in mixed[:, :500]]).T
        plain.append(few - exact)
    spread, before = (np.sqrt(np.square(both).mean(0)) for both in (errors, plain))
    assert (spread[:, :-1] < 1.02 * before[:, :-1]).all()
    assert (spread[:, -2] < 0.5 * before[:, -2]).all()
    bias = np.mean(errors, axis=0) / (np.std(errors, axis=0) / 60**0.5 + 1e-12)
    assert np.abs(bias[:, :-1]).max() < 4


def test_temperatures_are_those_of_the_points(told):
    z, eta = told
    for row in (z[2], z[-1], 40 * z[-1]):
        loss, table = at_temperatures(histogram(row, eta))
        assert histogram(row, eta).shape == (2, BINS)
        for t in (0, 20, 45, 70):
            cooled = row / TEMPERATURES[t]
            assert loss[t] == pytest.approx(costs(cooled, eta).mean(), rel=2e-3, abs=2e-3)
            said = 1 / (1 + np.exp(-cooled.clip(-700, 700)))
            level = np.minimum((said * LEVELS).astype(int), LEVELS - 1)
            share = np.bincount(level, minlength=LEVELS) / len(eta)
            # Bins of log-odds do not end where tenths do.
            np.testing.assert_allclose(table[t, :, 2], share, atol=0.02)
            assert table[t, :, 2].sum() == pytest.approx(1)
            assert (table[t, :, 1] * table[t, :, 2]).sum() == pytest.approx(eta.mean(), abs=1e-5)
            for k in np.flatnonzero(share > 0.05):
                assert table[t, k, 0] == pytest.approx(said[level == k].mean(), abs=0.02)
                assert table[t, k, 1] == pytest.approx(eta[level == k].mean(), abs=0.03)


# Luck.


@pytest.mark.parametrize(("p", "n"), [(0.85, 90), (0.5, 30), (0.9, 5000), (0.999, 90), (1.0, 7)])
def test_what_n_points_say_is_the_binomials(p, n):
    assert score_range(p, n) == pytest.approx(tuple(binom.ppf([0.025, 0.975], n, p) / n))


@pytest.mark.parametrize("n", [1, 2, 30, 90, 1000, 2001, 10_000])
@pytest.mark.parametrize(("first", "second"), [(0.05, 0.03), (0.02, 0.09), (0.3, 0.3), (0.04, 0.0)])
def test_rankings_are_those_of_simulated_test_points(n, first, second):
    draws = np.random.default_rng(0).multinomial(n, [first, second, 1 - first - second], 100_000)
    gap = np.sign(draws[:, 0] - draws[:, 1])
    seen = [(gap == sign).mean() for sign in (-1, 0, 1)]
    np.testing.assert_allclose(ranking(first, second, n), seen, atol=0.006)
    assert sum(ranking(first, second, n)) == pytest.approx(1)


def test_networks_that_agree_everywhere_are_level():
    assert ranking(0.0, 0.0, 90) == (0, 1, 0)


def test_numbers_of_test_points_run_from_the_worlds_own():
    for own in (3, 30, 90, 6000, 100_000):
        chosen = stops(own)
        assert (chosen[0], chosen[-1]) == (own, 100_000)
        assert chosen == sorted(set(chosen))


# Counts.


def test_counts_are_those_of_the_first_n_worlds():
    rng = np.random.default_rng(0)
    fresh = rng.random((40, 3, 4))
    test = rng.integers(80, 84, (40, 3, 4)) / 90
    told = counts(fresh, test)
    assert told.shape == (40, 4, 9)
    for n in (1, 9, 10, 31, 40):
        for e in range(4):
            f, t = fresh[:n, :, e].T, test[:n, :, e].T  # underfit, overfit, good
            below = [(t[1] < t[0]).sum(), (f[1] < f[0]).sum()]
            best = [(x[2] > np.maximum(x[0], x[1])).sum() for x in (f, t)]
            assert told[n - 1, e, [0, 3, 6, 7]].tolist() == [*below, *best]
            assert told[n - 1, e, 8] == (t[1] == t[0]).sum()
            for count, place in zip(below, (1, 4), strict=True):
                share = share_interval(int(count), n)
                ends = [round(100 * share.low), round(100 * share.high)]
                assert told[n - 1, e, place : place + 2].tolist() == (
                    ends if n >= 10 else [NO_INTERVAL] * 2
                )


# Sentences.


def budget(bias: tuple, variance: tuple, best: float = 0.08) -> dict:
    return {
        "best": best, "bias": np.mean(bias), "variance": np.mean(variance),
        "bias_interval": list(bias), "variance_interval": list(variance),
    }  # fmt: skip


def test_a_clause_that_does_not_hold_is_lost():
    low, high = (0.001, 0.005), (0.03, 0.05)
    parts = {"underfit": budget(high, low), "overfit": budget(low, high), "good": budget(low, low)}
    told = "What makes the errors: too small is bias, too big is variance"
    assert describe_budget(parts) == f"{told}, and most of every error is the noise itself."
    less_noise = parts | {"good": budget(low, low, best=0.005)}
    assert describe_budget(less_noise) == f"{told}."
    unclear = parts | {"underfit": budget((0.01, 0.04), (0.02, 0.05), best=0.2)}
    assert "too small is bias or variance, can't tell, too big is variance" in (
        describe_budget(unclear)
    )


def test_a_lead_is_named_with_its_interval_and_none_is_no_lead():
    rng = np.random.default_rng(0)
    base = rng.normal(0.8, 0.02, 50)
    values = np.stack([base, base + rng.normal(0.02, 0.01, 50), base + rng.normal(0, 0.01, 50)])
    told = _clauses(compare_all(values))
    pair = compare_all(values)[0].difference
    low, high = -100 * pair.high, -100 * pair.low
    assert f"the big network is above the small network by {-100 * pair.value:.2f} points" in told
    assert f"[{low:.2f}, {high:.2f}]" in told
    assert "the one about right and the small network can't be told apart [-0.31, +0.36]" in told
    assert told.index("can't") > told.rindex("above")


def test_the_loss_explodes_only_where_it_does():
    zeros = np.zeros((3, 6, 2), np.float32)
    world = World(0, zeros, (), zeros, zeros, zeros, zeros, zeros.astype(np.int32), 0.9)
    scores = zeros.copy()
    scores[1, 5, -1] = 3.69
    exploding = replace(world, scores=scores)
    told = describe_loss(exploding, [(1.0, 0.3), (30.0, 0.34), (1.2, 0.2)])
    assert "3.69 on fresh points, 0.34 at temperature 30, with the same answers" in told
    scores = zeros.copy()
    scores[1, 5, -1] = 0.3
    calm = replace(world, scores=scores)
    assert "explodes" not in describe_loss(calm, [(1.0, 0.3), (1.3, 0.29), (1.2, 0.2)])
    scores = zeros.copy()
    scores[1, 5, -1] = np.inf
    assert "diverged" in describe_loss(replace(world, scores=scores), [(1.0, 0.3)] * 3)


def test_a_part_of_the_variance_that_may_be_nothing_is_about_0():
    part = lambda value, low: {"value": value, "low": low, "high": 2 * value}  # noqa: E731
    variance = {
        "fresh_accuracy": {
            "points": part(6e-4, 3e-4), "split": part(3e-4, 1e-4), "start": part(1e-4, -1e-5),
            "total": part(1e-3, 8e-4),
        },
        "luck_share": 0.9, "worlds": 100,
    }  # fmt: skip
    told = describe_variance(variance, "overfit")
    assert "points 60 %, split 30 %, start about 0" in told
    assert "90 % is luck" in told


def test_test_points_are_called_harder_only_beyond_chance():
    def told(*gaps: float) -> list[str]:
        scores = {"test_accuracy": 0.9 + np.array(gaps)[:, None, None], "fresh_accuracy": 0.9}
        return list(_test_below_fresh(SimpleNamespace(scores=scores.__getitem__)))

    assert told(-0.04, 0.02, -0.03, 0.03) == []
    (text,) = told(-0.04, -0.02, -0.03, -0.03)
    assert text.startswith("Test scores lie 3.0 points below fresh ones on average [1.7, 4.3]")


def test_chances_are_those_of_the_answer():
    np.testing.assert_allclose(
        chances(np.array([-1, 0, 2]), np.array([0.2, 0.3, 0.9])), [0.8, 0.7, 0.9]
    )
