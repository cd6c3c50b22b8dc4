"""Samplers against scikit-learn, posteriors against integrals and frequencies made another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import kstest, multivariate_normal
from sklearn.datasets import make_blobs, make_circles, make_moons

from classifiers.config import DatasetConfig
from classifiers.data.bayes import bayes_accuracy
from classifiers.data.features import apply_features
from classifiers.data.synthetic import (
    Dataset,
    _distribution,
    bayes_predict,
    extent,
    fresh,
    posterior,
    sample,
)
from classifiers.errors import ConfigError, DataError

# Every dataset at a noise where its classes overlap.
OVERLAPPING = [
    DatasetConfig(name="blobs", noise=4.0),
    DatasetConfig(name="blobs", noise=3.0, classes=7, seed=1),
    DatasetConfig(name="circles", noise=0.3, factor=0.7),
    DatasetConfig(name="moons", noise=0.3),
    DatasetConfig(name="xor", noise=0.1),
    DatasetConfig(name="xor", noise=0.4, classes=3),
    DatasetConfig(name="xor", noise=0.2, classes=4),
    DatasetConfig(name="spirals", noise=0.2),
    DatasetConfig(name="spirals", noise=0.1, classes=4),
]
MOONS = DatasetConfig(name="moons")
NAMES = ("blobs", "circles", "moons", "xor", "spirals")
POINTS = DatasetConfig(name="points", points=tuple((float(i), -i / 3, i % 3) for i in range(12)))
UNKNOWN = r"dataset\.name: must be a known distribution here, got 'points'"

overlapping = pytest.mark.parametrize("config", OVERLAPPING, ids=lambda c: f"{c.name}-{c.classes}")


def _assert_same(drawn: Dataset, x: np.ndarray, y: np.ndarray, classes: int) -> None:
    np.testing.assert_array_equal(drawn.x, x.astype(np.float32), strict=True)
    np.testing.assert_array_equal(drawn.y, y.astype(np.int64), strict=True)
    assert drawn.classes == classes


def _assert_draws(config: DatasetConfig, x: np.ndarray, y: np.ndarray) -> None:
    _assert_same(sample(config), x, y, config.classes)
    # The cast could hide a difference in the last bits; look before it.
    draw, _ = _distribution(config)
    before_cast, _ = draw(config, np.random.RandomState(config.seed), config.samples)
    np.testing.assert_array_equal(before_cast, x)


drawing = given(st.integers(10, 400), st.integers(0, 2**31 - 1), st.floats(0.0, 20.0))


@settings(max_examples=60, deadline=None)
@drawing
def test_moons_are_those_of_scikit_learn(n, seed, noise):
    config = DatasetConfig(name="moons", samples=n, seed=seed, noise=noise)
    _assert_draws(config, *make_moons(n, noise=noise, random_state=seed))


@pytest.mark.parametrize("factor", [0.05, 0.5, 0.77, None])
@settings(max_examples=20, deadline=None)
@drawing
def test_circles_are_those_of_scikit_learn(factor, n, seed, noise):
    config = DatasetConfig(name="circles", samples=n, seed=seed, noise=noise, factor=factor)
    _assert_draws(config, *make_circles(n, noise=noise, factor=factor or 0.5, random_state=seed))


@pytest.mark.parametrize("classes", range(2, 9))
@settings(max_examples=10, deadline=None)
@drawing
def test_blobs_are_those_of_scikit_learn(classes, n, seed, noise):
    config = DatasetConfig(name="blobs", samples=n, seed=seed, noise=noise, classes=classes)
    _assert_draws(config, *make_blobs(n, centers=classes, cluster_std=noise, random_state=seed))


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_xor_colours_quadrants_counter_clockwise(classes):
    drawn = sample(DatasetConfig(name="xor", noise=0.0, classes=classes))
    angle = np.arctan2(drawn.x[:, 1], drawn.x[:, 0]) % (2 * np.pi)
    np.testing.assert_array_equal(drawn.y, np.floor(angle / (np.pi / 2)) % classes)
    assert np.abs(drawn.x).max() <= 1
    assert kstest(drawn.x.ravel(), "uniform", (-1, 2)).pvalue > 0.001


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_spiral_arms_are_turned_copies_with_uniform_squared_radius(classes):
    drawn = sample(DatasetConfig(name="spirals", noise=0.0, classes=classes, samples=3001))
    assert np.ptp(np.bincount(drawn.y)) <= 1
    radius, direction = np.hypot(*drawn.x.T), np.arctan2(drawn.x[:, 1], drawn.x[:, 0])
    turned = direction - radius * 3 * np.pi / 1.75 - 2 * np.pi * drawn.y / classes
    np.testing.assert_allclose(np.exp(1j * turned), 1, atol=1e-5)
    assert kstest((radius / 1.75) ** 2, "uniform", (1 / 36, 35 / 36)).pvalue > 0.001


@pytest.mark.parametrize("name", ["xor", "spirals"])
def test_noise_is_the_standard_deviation_of_what_is_added(name):
    clean = sample(DatasetConfig(name=name, noise=0.0, samples=20_000))
    noisy = sample(DatasetConfig(name=name, noise=0.7, samples=20_000))
    np.testing.assert_array_equal(clean.y, noisy.y)
    assert kstest((noisy.x - clean.x).ravel(), "norm", (0, 0.7)).pvalue > 0.001


def test_own_points_come_back_as_they_are():
    rows = np.array(POINTS.points)
    _assert_same(sample(POINTS), rows[:, :2], rows[:, 2], 3)


def _rows(drawn: Dataset) -> set[tuple[float, float]]:
    return set(map(tuple, drawn.x.tolist()))


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_other_points_of_the_same_distribution(name):
    config = DatasetConfig(name=name, samples=4000)
    one, other = sample(config), sample(config, seed=7, samples=5000)
    assert len(_rows(one) | _rows(other)) == 9000
    for label in range(config.classes):
        x, z = one.x[one.y == label], other.x[other.y == label]
        errors = np.sqrt(x.var(axis=0) / len(x) + z.var(axis=0) / len(z))
        assert (np.abs(x.mean(axis=0) - z.mean(axis=0)) < 5 * errors).all()


@pytest.mark.parametrize("name", NAMES)
def test_fresh_points_repeat_no_training_point_even_with_the_same_seed(name):
    config = DatasetConfig(name=name, samples=500, seed=3)
    draws = [sample(config), fresh(config, 500, 0), fresh(config, 500, 3)]
    assert len(set.union(*map(_rows, draws))) == 1500
    np.testing.assert_array_equal(fresh(config, 500, 3).x, fresh(config, 500, 3).x)


def _log_mean_on_curve(curve, x: np.ndarray, noise: float) -> np.ndarray:
    """log of the mean over u in 0..1 of exp(-|x - curve(u)|^2 / 2 noise^2), for x (N, 2): by
    tanh-sinh quadrature, another rule than the one under test, with some thirty times its nodes.
    """
    v = np.linspace(-3.6, 3.6, 40_001)
    u = 1 / (1 + np.exp(-np.pi * np.sinh(v)))
    weight = u * (1 - u) * np.cosh(v)
    squares = sum((x[:, i, None] - along) ** 2 for i, along in enumerate(curve(u)))
    return logsumexp(-squares / (2 * noise**2), axis=1, b=weight / weight.sum())


def _moon(k):
    def curve(u):
        x1, x2 = np.cos(np.pi * u), np.sin(np.pi * u)
        return (1 - x1, 0.5 - x2) if k else (x1, x2)

    return curve


def _arm(turn):
    def curve(u):
        half_turns = np.sqrt(0.25 + u * (9 - 0.25))
        angle = np.pi * (half_turns + 2 * turn)
        return 1.75 * half_turns / 3 * np.array([np.cos(angle), np.sin(angle)])

    return curve


def _centres(blobs: DatasetConfig) -> np.ndarray:
    return make_blobs(9, centers=blobs.classes, random_state=blobs.seed, return_centers=True)[2]


def _on_the_boundary(config: DatasetConfig, count: int) -> np.ndarray:
    """Points up to some five units out, where two classes are equally likely: by bisection."""
    a, b = np.random.RandomState(0).uniform(-5, 5, (2, 400, 2))
    differ = bayes_predict(config, a) != bayes_predict(config, b)
    a, b = a[differ][:count], b[differ][:count]
    at_a = bayes_predict(config, a)
    for _ in range(60):
        middle = (a + b) / 2
        same = (bayes_predict(config, middle) == at_a)[:, None]
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    return a


@pytest.mark.parametrize("noise", [0.01, 0.03, 0.1, 0.3, 1.0, 20.0])
@pytest.mark.parametrize("name", ["moons", "spirals"])
def test_curve_posterior_agrees_with_another_quadrature(name, noise):
    curves = [_moon(0), _moon(1)] if name == "moons" else [_arm(k / 3) for k in range(3)]
    config = DatasetConfig(name=name, noise=noise, classes=len(curves))
    elsewhere = [[0.0, 0.0], [1.0, 0.5], [-1.0, 0.0], [5.0, -6.0], [0.3, 4.0]]
    x = np.concatenate([_on_the_boundary(config, 8), elsewhere])
    log_density = np.stack([_log_mean_on_curve(curve, x, noise) for curve in curves], axis=1)
    expected = np.exp(log_density - logsumexp(log_density, axis=1, keepdims=True))
    np.testing.assert_allclose(posterior(config, x), expected, atol=1e-6)
    assert expected[:8].max() < 0.501  # where a wrong density would show most


@pytest.mark.parametrize("config", OVERLAPPING[:2])
def test_blobs_posterior_is_that_of_a_gaussian_mixture(config):
    x = np.random.RandomState(0).uniform(-15, 15, (200, 2))
    gaussians = [multivariate_normal(centre, config.noise**2) for centre in _centres(config)]
    density = np.stack([gaussian.pdf(x) for gaussian in gaussians], axis=1)
    expected = density / density.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(posterior(config, x), expected, atol=1e-9)


@pytest.mark.parametrize("noise", [0.05, 0.3, 2.0])
def test_circles_posterior_agrees_with_integration_over_the_rings(noise):
    config = DatasetConfig(name="circles", noise=noise, factor=0.6)

    def density(x, c):
        def gaussian(t):
            squares = (x[0] - c * np.cos(t)) ** 2 + (x[1] - c * np.sin(t)) ** 2
            return np.exp(-squares / (2 * noise**2))

        middle = np.arctan2(x[1], x[0])
        return quad(gaussian, middle - np.pi, middle + np.pi, points=[middle], epsrel=1e-11)[0]

    x = np.array([[0.0, 0.0], [0.3, 0.2], [0.0, 0.8], [-0.55, 0.56], [0.75, -0.3], [1.1, 0.2]])
    both = np.array([[density(point, 1.0), density(point, 0.6)] for point in x])
    expected = both / both.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(posterior(config, x), expected, atol=1e-8)


@overlapping
def test_posterior_agrees_with_class_frequencies_in_small_cells(config):
    # The samplers know nothing of the posterior, and are held to other standards above.
    new = fresh(config, 200_000, seed=99)
    probabilities = posterior(config, new.x)
    low, high = new.x.min(axis=0), new.x.max(axis=0)
    cell = np.ravel_multi_index(((new.x - low) / (high - low) * 39.99).astype(int).T, (40, 40))
    statistic, cells = 0.0, 0
    for label in range(config.classes):
        p = probabilities[:, label]
        expected, hits = np.bincount(cell, p), np.bincount(cell, new.y == label)
        variance = np.bincount(cell, p * (1 - p))
        filled = variance > 10
        statistic += ((hits - expected)[filled] ** 2 / variance[filled]).sum()
        cells += filled.sum()
    # A sum of squared standard normals; those of one cell depend on each other, which multiplies
    # the variance by the number of classes at most.
    assert cells > 100
    assert statistic < cells + 5 * np.sqrt(2 * cells * config.classes)


coordinates = st.floats(-1e30, 1e30) | st.floats(-5, 5)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.floats(0.0, 20.0), st.lists(st.tuples(coordinates, coordinates)))
def test_posterior_is_a_distribution_everywhere(name, noise, points):
    x = np.array(points, dtype=np.float64).reshape(-1, 2)
    probabilities = posterior(DatasetConfig(name=name, noise=noise), x)
    assert probabilities.shape == (len(x), 4 if name == "blobs" else 2)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.2])
def test_far_away_the_class_that_reaches_furthest_wins(noise):
    far = 1e6 * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    lower = posterior(DatasetConfig(name="moons", noise=noise), far)[:, 1]
    np.testing.assert_allclose(lower, [1, 0, 0, 1])
    np.testing.assert_allclose(posterior(DatasetConfig(name="circles", noise=noise), far)[:, 0], 1)
    corners = [[1e6, 1e6], [-1e6, 1e6], [-1e6, -1e6], [1e6, -1e6]]
    xor = DatasetConfig(name="xor", noise=noise, classes=4)
    np.testing.assert_allclose(posterior(xor, corners), np.eye(4))
    blobs = DatasetConfig(name="blobs", noise=noise)
    np.testing.assert_array_equal(bayes_predict(blobs, far), (far @ _centres(blobs).T).argmax(1))


@pytest.mark.parametrize("name", NAMES)
def test_without_noise_the_nearest_shape_takes_all(name):
    config = DatasetConfig(name=name, noise=0.0, samples=5000)
    drawn = sample(config)
    probabilities = posterior(config, drawn.x)
    assert probabilities[np.arange(5000), drawn.y].min() > 0.999
    assert (posterior(DatasetConfig(name=name, noise=1e-9), drawn.x) == probabilities).all()
    assert bayes_accuracy(config).value > 0.99999


def test_posterior_of_one_point_does_not_depend_on_the_others():
    config = DatasetConfig(name="spirals", noise=0.05, classes=4)
    x = np.random.RandomState(0).uniform(-2, 2, (9000, 2))
    together = posterior(config, x)
    for i in (0, 4095, 4096, 8999):
        np.testing.assert_allclose(posterior(config, x[i : i + 1])[0], together[i], atol=1e-12)


def test_features_are_what_their_names_say_in_the_order_asked():
    a, b = x = np.random.RandomState(0).normal(size=(2, 20)).astype(np.float32)
    columns = {"x1": a, "x2": b, "x1^2": a**2, "x2^2": b**2, "x1*x2": a * b}
    columns |= {"sin(x1)": np.sin(a), "sin(x2)": np.sin(b)}
    for names in (tuple(columns), tuple(reversed(columns)), ("x2", "x1")):
        expected = np.stack([columns[name] for name in names], axis=1)
        np.testing.assert_allclose(apply_features(x.T, names), expected, strict=True)


def test_extent_leaves_the_same_margin_on_every_side():
    assert extent([[0.0, 5.0], [10.0, 6.0], [4.0, 5.5]]) == (-1.0, 11.0, 4.0, 7.0)
    assert extent([[0.0, 5.0], [10.0, 6.0]], margin=0.5).y_max == 11.0
    assert extent([[2.0, 3.0], [2.0, 3.0]]) == (1.0, 3.0, 2.0, 4.0)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: posterior(POINTS, [[0.0, 0.0]]), ConfigError, UNKNOWN),
        (lambda: bayes_accuracy(POINTS), ConfigError, UNKNOWN),
        (lambda: fresh(POINTS, 10), ConfigError, UNKNOWN),
        (lambda: sample(POINTS, seed=1), ConfigError, UNKNOWN),
        (lambda: sample(POINTS, samples=10), ConfigError, UNKNOWN),
        (lambda: sample(MOONS, samples=0), ConfigError, "samples: must be at least 1, got 0"),
        (lambda: fresh(MOONS, 0), ConfigError, "n: must be at least 1, got 0"),
        (lambda: bayes_accuracy(MOONS, 1), ConfigError, "n: must be at least 2, got 1"),
        (lambda: posterior(MOONS, [0.0, 0.0]), DataError, r"x: must have shape \(N, 2\), got \(2,"),
        (lambda: posterior(MOONS, [[0.0, np.nan]]), DataError, "x: must be finite, got NaN"),
    ],
)
def test_errors_name_the_argument_and_the_value(ask, error, message):
    with pytest.raises(error, match=f"^{message}"):
        ask()


@pytest.mark.parametrize(("name", "classes"), [("moons", 2), ("blobs", 4)])
def test_label_noise_turns_its_share_of_drawn_labels_and_no_fresh_ones(name, classes):
    clean = DatasetConfig.parse({"name": name, "samples": 20_000, "classes": classes})
    noisy = clean.model_copy(update={"label_noise": 0.2})
    before, after = sample(clean), sample(noisy)
    np.testing.assert_array_equal(before.x, after.x)
    turned = before.y != after.y
    assert turned.mean() == pytest.approx(0.2, abs=4 * (0.16 / 20_000) ** 0.5)
    # The new label is any of the others, equally often, whatever the point.
    shift = (after.y - before.y)[turned] % classes
    np.testing.assert_allclose(np.bincount(shift)[1:] / len(shift), 1 / (classes - 1), atol=0.03)
    assert abs(np.corrcoef(turned, before.x[:, 0])[0, 1]) < 0.03
    np.testing.assert_array_equal(fresh(clean, 1000, 3).y, fresh(noisy, 1000, 3).y)
    assert bayes_accuracy(clean) == bayes_accuracy(noisy)
    other = sample(noisy, seed=7)
    assert (other.y != sample(clean, seed=7).y).sum() != turned.sum()
