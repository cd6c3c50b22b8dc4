"""A share for class 0: counts, data, posteriors against scikit-learn and Bayes by brute force."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm
from sklearn.datasets import make_blobs, make_circles, make_moons

from classifiers.config import DatasetConfig
from classifiers.data.balance import class_counts, class_priors
from classifiers.data.bayes import bayes_accuracy, fresh_with_posterior
from classifiers.data.synthetic import Dataset, bayes_predict, fresh, posterior, sample

MOST_CLASSES = {"blobs": 8, "circles": 2, "moons": 2, "xor": 4, "spirals": 4}
EVERY = [(name, k) for name, most in MOST_CLASSES.items() for k in range(2, most + 1)]
every = pytest.mark.parametrize(("name", "classes"), EVERY)
shares = st.floats(0.05, 0.95)
# One a dataset where its classes overlap, two of XOR, whose classes have not all as many squares.
OVERLAPPING = [
    DatasetConfig(name="blobs", noise=4.0, classes=4, balance=0.6),
    DatasetConfig(name="circles", noise=0.3, factor=0.6, balance=0.2),
    DatasetConfig(name="moons", noise=0.4, balance=0.1),
    DatasetConfig(name="xor", noise=0.3, classes=2, balance=0.85),
    DatasetConfig(name="xor", noise=0.2, classes=3, balance=0.15),
    DatasetConfig(name="spirals", noise=0.2, classes=3, balance=0.7),
]
overlapping = pytest.mark.parametrize("config", OVERLAPPING, ids=lambda c: f"{c.name}-{c.classes}")


def config_of(name: str, classes: int, **more) -> DatasetConfig:
    return DatasetConfig.parse({"name": name, "classes": classes, **more})


def as_bytes(x: np.ndarray, y: np.ndarray) -> tuple[bytes, bytes]:
    return x.astype(np.float32).tobytes(), y.astype(np.int64).tobytes()


def drawn_bytes(drawn: Dataset) -> tuple[bytes, bytes]:
    return as_bytes(drawn.x, drawn.y)


# Counts.


@every
@settings(max_examples=40, deadline=None)
@given(share=shares, n=st.integers(10, 3000))
def test_class_0_has_its_share_and_the_others_share_the_rest(name, classes, share, n):
    config = config_of(name, classes, balance=share, samples=n)
    counts = np.bincount(sample(config).y, minlength=classes)
    np.testing.assert_array_equal(counts, class_counts(config, n))
    assert counts.sum() == n
    assert counts[1:].max() - counts[1:].min() <= 1
    if n < 2 * classes:
        assert counts.min() >= 1
        return
    assert counts.min() >= 2
    if abs(counts[0] - share * n) > 0.5:  # only where a class would have fewer than two
        assert 2 in (counts[0], counts[1:].min())


@every
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_few_points_are_drawn_too(name, classes, n):
    config = config_of(name, classes, balance=0.9)
    for drawn in (sample(config, samples=n), fresh(config, n)):
        assert drawn.x.shape == (n, 2)
        assert drawn.y.max() < classes


@every
@pytest.mark.parametrize("share", [0.05, 0.35, 0.95])
def test_fresh_points_and_other_draws_have_the_same_shares(name, classes, share):
    config = config_of(name, classes, balance=share)
    for drawn in (fresh(config, 20_000), sample(config, seed=9, samples=20_000)):
        found = np.bincount(drawn.y) / 20_000
        np.testing.assert_allclose(found, [share, *[(1 - share) / (classes - 1)] * (classes - 1)],
                                   atol=1e-4)  # fmt: skip


# Data.


def test_balanced_blobs_circles_and_moons_are_those_of_scikit_learn():
    for share, n, seed in [(0.05, 200, 0), (0.5, 333, 7), (0.95, 1000, 42), (0.3, 11, 3)]:
        more = {"balance": share, "samples": n, "seed": seed, "noise": 0.7}
        first = max(2, round(share * n))
        for classes in (2, 3, 5):
            rest, over = divmod(n - first, classes - 1)
            counts = [first] + [rest + (k < over) for k in range(classes - 1)]
            expected = make_blobs(counts, cluster_std=0.7, random_state=seed)
            assert drawn_bytes(sample(config_of("blobs", classes, **more))) == as_bytes(*expected)
        two = (first, n - first)
        expected = make_circles(two, noise=0.7, factor=0.35, random_state=seed)
        circles = config_of("circles", 2, factor=0.35, **more)
        assert drawn_bytes(sample(circles)) == as_bytes(*expected)
        expected = make_moons(two, noise=0.7, random_state=seed)
        assert drawn_bytes(sample(config_of("moons", 2, **more))) == as_bytes(*expected)


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_balanced_xor_colours_quadrants_and_uses_those_of_a_class_equally(classes):
    drawn = sample(config_of("xor", classes, noise=0.0, balance=0.2, samples=4001))
    quadrant = np.floor(np.arctan2(drawn.x[:, 1], drawn.x[:, 0]) % (2 * np.pi) / (np.pi / 2))
    np.testing.assert_array_equal(quadrant % classes, drawn.y)
    for k in range(classes):
        own = np.bincount(quadrant[drawn.y == k].astype(int), minlength=4)[k::classes]
        assert np.ptp(own) <= 1
    inside = np.abs(drawn.x)
    assert inside.max() <= 1
    assert abs(inside.mean() - 0.5) < 5 / np.sqrt(12 * inside.size)
    assert abs(np.corrcoef(drawn.y == 0, np.arange(4001))[0, 1]) < 0.06  # in no order


def _default(name: str, classes: int, n: int, noise: float, seed) -> tuple[np.ndarray, np.ndarray]:
    """What was drawn before there was a share: scikit-learn's, or lines of plain numpy."""
    random = np.random.RandomState(seed)
    if name == "xor":
        x = random.uniform(-1, 1, (n, 2))
        left, lower = x[:, 0] < 0, x[:, 1] < 0
        y = np.select([~left & ~lower, left & ~lower, left & lower], [0, 1, 2], 3) % classes
        return x + random.normal(scale=noise, size=x.shape), y
    if name == "spirals":
        start, end = np.pi / 2, 3 * np.pi
        length, arms, labels = 1.75 * (end**2 - start**2) / (2 * end), [], []
        for k in range(classes):
            count = n // classes + (k < n % classes)
            angle = np.sqrt(start**2 + random.uniform(0, length, count) * 2 * end / 1.75)
            turned = angle + 2 * np.pi * (k / classes)
            arm = np.stack([np.cos(turned), np.sin(turned)], axis=1)
            arms.append(arm * (1.75 * angle / end)[:, None])
            labels += [k] * count
        order = np.arange(n)
        random.shuffle(order)
        x = np.concatenate(arms)[order]
        return x + random.normal(scale=noise, size=x.shape), np.array(labels)[order]
    if name == "blobs":
        return make_blobs(n, centers=classes, cluster_std=noise, random_state=random)
    made = {"circles": make_circles, "moons": make_moons}[name]
    return made(n, noise=noise, random_state=random, **{"factor": 0.5} if name == "circles" else {})


@every
@pytest.mark.parametrize("n", [10, 333, 1000])
def test_without_a_share_the_data_are_what_they_were(name, classes, n):
    config = config_of(name, classes, samples=n, seed=11)
    x, y = _default(name, classes, n, config.noise, 11)
    assert drawn_bytes(sample(config)) == as_bytes(x, y)
    if name != "blobs":  # whose fresh points have the centres of another seed
        new = _default(name, classes, n, config.noise, [5, 1])
        assert drawn_bytes(fresh(config, n, 5)) == as_bytes(*new)


@every
def test_null_is_the_same_as_nothing(name, classes):
    one, other = config_of(name, classes), config_of(name, classes, balance=None)
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()
    assert "balance" not in one.to_dict()
    shapes = [2, 1, 1] if (name, classes) == ("xor", 3) else [1] * classes
    np.testing.assert_allclose(class_priors(one), np.array(shapes) / sum(shapes))


# Posteriors: Bayes' rule from densities that are integrated here.


def _density(config: DatasetConfig, k: int, x: np.ndarray) -> np.ndarray:
    """The density of class k at the points x (N, 2), by definition."""
    s = config.noise
    if config.name == "blobs":
        made = make_blobs(9, centers=config.classes, random_state=config.seed, return_centers=True)
        return multivariate_normal(made[2][k], s**2).pdf(x)
    if config.name == "xor":
        squares = [(0, 0), (-1, 0), (-1, -1), (0, -1)][k :: config.classes]
        sides = [
            np.prod([norm.cdf((x[:, i] - low[i]) / s) - norm.cdf((x[:, i] - low[i] - 1) / s)
                     for i in (0, 1)], axis=0)
            for low in squares
        ]  # fmt: skip
        return np.mean(sides, axis=0)

    def curve(u: float) -> tuple[float, float]:
        if config.name == "circles":
            radius = 1.0 if k == 0 else config.factor
            return radius * np.cos(2 * np.pi * u), radius * np.sin(2 * np.pi * u)
        if config.name == "moons":
            x1, x2 = np.cos(np.pi * u), np.sin(np.pi * u)
            return (1 - x1, 0.5 - x2) if k else (x1, x2)
        half_turns = np.sqrt(0.25 + u * 8.75)
        angle = np.pi * (half_turns + 2 * k / config.classes)
        return 1.75 * half_turns / 3 * np.cos(angle), 1.75 * half_turns / 3 * np.sin(angle)

    def at(point: np.ndarray) -> float:
        def gaussian(u: float) -> float:
            a, b = curve(u)
            return np.exp(-((point[0] - a) ** 2 + (point[1] - b) ** 2) / (2 * s**2))

        parts = np.linspace(0, 1, 9)
        pieces = [quad(gaussian, a, b, epsabs=1e-13)[0] for a, b in pairwise(parts)]
        return sum(pieces) / (2 * np.pi * s**2)

    return np.array([at(point) for point in x])


def _priors(config: DatasetConfig) -> list[float]:
    others = config.classes - 1
    return [config.balance] + [(1 - config.balance) / others] * others


@overlapping
def test_posterior_is_prior_times_density(config):
    x = fresh(config, 60, seed=8).x.astype(np.float64)
    joint = np.stack([p * _density(config, k, x) for k, p in enumerate(_priors(config))], axis=1)
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(posterior(config, x), expected, atol=1e-7)
    even = posterior(config.model_copy(update={"balance": None}), x)
    assert np.abs(even - expected).max() > 0.1  # so that a forgotten prior would show


@every
def test_an_equal_share_has_the_posterior_of_none(name, classes):
    noise = {"blobs": 4.0}.get(name, 0.3)
    x = np.random.RandomState(0).uniform(-3, 3, (500, 2))
    share = 0.5 if (name, classes) == ("xor", 3) else 1 / classes  # two of four squares
    given_share = posterior(config_of(name, classes, noise=noise, balance=share), x)
    none = posterior(config_of(name, classes, noise=noise), x)
    np.testing.assert_allclose(given_share, none, atol=1e-12)


def test_where_nothing_can_be_told_the_prior_is_all():
    for name, classes in EVERY:
        config = config_of(name, classes, noise=20.0, balance=0.8)
        if name != "blobs":  # whose centres are twenty apart
            told = posterior(config, [[0.1, 0.2]])[0]
            np.testing.assert_allclose(told, _priors(config), atol=0.02)
        assert bayes_accuracy(config, 2_000).value >= 0.8 - 1e-3


def _monte_carlo(config: DatasetConfig, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Points whose class is drawn first, each on its own, from the priors."""
    rng = np.random.default_rng(0)
    y = rng.choice(config.classes, n, p=_priors(config))
    u = rng.random(n)
    if config.name == "blobs":
        made = make_blobs(9, centers=config.classes, random_state=config.seed, return_centers=True)
        x = made[2][y]
    elif config.name == "xor":
        turns = rng.integers(0, np.array([len(range(k, 4, config.classes)) for k in y]))
        corner = np.array([(0, 0), (-1, 0), (-1, -1), (0, -1)])[y + turns * config.classes]
        x = corner + rng.random((n, 2))
    elif config.name == "circles":
        x = np.where(y == 0, 1.0, config.factor)[:, None] * _on_circle(2 * np.pi * u)
    elif config.name == "moons":
        x = np.where((y == 0)[:, None], _on_circle(np.pi * u), [1, 0.5] - _on_circle(np.pi * u))
    else:
        half_turns = np.sqrt(0.25 + u * 8.75)
        angle = np.pi * (half_turns + 2 * y / config.classes)
        x = (1.75 * half_turns / 3)[:, None] * _on_circle(angle)
    return x + rng.normal(0, config.noise, (n, 2)), y


def _on_circle(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@overlapping
def test_best_possible_accuracy_is_the_hit_rate_on_points_of_another_sampler(config):
    n, best = 80_000, bayes_accuracy(config)
    x, y = _monte_carlo(config, n)
    hits = (bayes_predict(config, x) == y).mean()
    error = np.hypot(best.standard_error, np.sqrt(hits * (1 - hits) / n))
    assert abs(hits - best.value) < 4 * error
    even = config.model_copy(update={"balance": None})
    assert hits - (bayes_predict(even, x) == y).mean() > 4 * error  # what forgetting priors costs
    assert bayes_accuracy(even) != best


@overlapping
def test_fresh_points_have_the_prior_as_their_mean_posterior(config):
    x, told = fresh_with_posterior(config)
    spread = told.std(axis=0) / np.sqrt(len(x))
    assert (np.abs(told.mean(axis=0) - _priors(config)) < 5 * spread).all()
    assert fresh_with_posterior(config.model_copy(update={"samples": 50}))[0] is x
    other = config.model_copy(update={"balance": 0.5})
    assert fresh_with_posterior(other)[0] is not x
