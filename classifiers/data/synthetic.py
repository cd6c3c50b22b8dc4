"""The 2-D datasets: samplers, and the exact class posteriors of the same distributions.

Blobs, circles and moons are scikit-learn's, number for number; they are rewritten here because
importing scikit-learn takes longer than the first picture may. This module knows the generating
distributions and nothing of networks or training.

Each distribution is a shape (centres, rings, arcs, arms, squares) blurred by a Gaussian of
standard deviation `noise` in both coordinates, so every class density is an integral of that
Gaussian over the shape. All centres, rings, arcs, arms or squares are equally likely, unless the
settings give class 0 a share of its own; then those of one class are. Where
scikit-learn puts points at regular angles, the distribution is the limit: uniform in angle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from classifiers.compute.parallel import both
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import DatasetConfig
from classifiers.data.balance import class_counts, class_priors
from classifiers.data.features import apply_features as apply_features
from classifiers.errors import ConfigError, DataError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Random = np.random.RandomState
Points = tuple[Floats, Integers]
Sampler = Callable[[DatasetConfig, Random, int], Points]
LogDensity = Callable[[DatasetConfig, Floats], Floats]

# A spiral arm: the angle runs over 1.25 turns, and the radius grows with it.
_ARM_START, _ARM_END, _ARM_RADIUS = 0.5 * np.pi, 3.0 * np.pi, 1.75
_ARM_LENGTH = _ARM_RADIUS * (_ARM_END**2 - _ARM_START**2) / (2 * _ARM_END)

# Smaller noise is taken as this. The posterior then equals its limit at zero noise (all mass on the
# nearest shape) but for a band around the boundary: about 1e-4 wide for the curves, whose
# quadrature would need ever more nodes, and narrower than float32 can see for the others.
_LEAST_NOISE, _LEAST_CURVE_NOISE = 1e-6, 0.01
_AT_ONCE = 4096  # points whose integrals stay in a cache


@dataclass(frozen=True)
class Dataset:
    """Labelled points: `x` (N, 2) float32, `y` (N,) int64 in 0..classes-1."""

    x: NDArray[np.float32]
    y: Integers
    classes: int


class Extent(NamedTuple):
    """A plotting region, in the order matplotlib's `extent` wants."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float


def sample(
    config: DatasetConfig, *, seed: int | None = None, samples: int | None = None
) -> Dataset:
    """Draws the dataset of `config`.

    With neither override, blobs, circles and moons equal scikit-learn's `make_blobs(centers=
    classes, cluster_std=noise)`, `make_circles` and `make_moons` with `random_state=config.seed`,
    order included, to the last bit before the cast to float32; with `config.balance`, given
    `class_counts` as `n_samples`.

    `seed` replaces `config.seed` for everything but the blobs' centres, and so gives other points
    of the same distribution; `samples` replaces `config.samples`. With `config.label_noise`, that
    share of labels is turned into another class.

    Raises:
        ConfigError: `samples` below 1, or an override for a visitor's own points.
    """
    if config.name == "points" and seed is None and samples is None:
        rows = np.array(config.points)
        return Dataset(rows[:, :2].astype(np.float32), rows[:, 2].astype(np.int64), config.classes)
    seed = config.seed if seed is None else seed
    drawn = _draw(config, Random(seed), config.samples if samples is None else samples, "samples")
    if not config.label_noise:
        return drawn
    random = Random([seed, 2])  # other numbers than any that drew points
    turned = random.random_sample(len(drawn.y)) < config.label_noise
    shift = turned * random.randint(1, config.classes, len(drawn.y))
    return Dataset(drawn.x, (drawn.y + shift) % config.classes, config.classes)


def fresh(config: DatasetConfig, n: int = 100_000, seed: int = 0) -> Dataset:
    """Draws `n` new points of the distribution behind `config`; raises as `sample`."""
    # A list seeds the generator differently from any number: no `seed` repeats a training set.
    return _draw(config, Random([seed, 1]), n, "n")


def posterior(config: DatasetConfig, x: ArrayLike) -> Floats:
    """P(class | x) under the generating distribution of `config`.

    Closed forms for blobs, circles and xor; for moons and spirals a quadrature along the curves,
    correct to 1e-8 up to three units from the origin, to 1e-5 up to ten. Noise below 1e-6 (curves:
    0.01) counts as that much, in effect the limit: the nearest centre, ring, curve or square wins.

    Args:
        x: (N, 2) finite points; coordinates beyond 1e6 count as 1e6.

    Returns:
        (N, classes) float64, rows sum to 1.

    Raises:
        ConfigError: a visitor's own points, whose distribution nobody knows.
        DataError: `x` is not (N, 2) or not finite.
    """
    _, log_density_of = _distribution(config)
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise DataError("x", f"must have shape (N, 2), got {points.shape}; give one row a point")
    if not np.isfinite(points).all():
        raise DataError("x", "must be finite, got NaN or infinity; drop those rows")
    log_density = log_density_of(config, np.clip(points, -1e6, 1e6))
    if config.balance is not None:
        usual = config.model_copy(update={"balance": None})
        log_density = log_density + np.log(class_priors(config) / class_priors(usual))
    shares = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def bayes_predict(config: DatasetConfig, x: ArrayLike) -> Integers:
    """The most probable class at each of the (N, 2) points, (N,) int64; raises as `posterior`."""
    return posterior(config, x).argmax(axis=1)


def extent(x: ArrayLike, margin: float = 0.1) -> Extent:
    """The box around (N, 2) points, widened on each side by `margin` times its longer side."""
    points = np.asarray(x, dtype=np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    # Points that all coincide still need a box to be drawn in.
    pad = margin * float((high - low).max()) or 1.0
    return Extent(*np.stack([low - pad, high + pad], axis=1).ravel().tolist())


def _require_at_least(field: str, value: int, least: int) -> None:
    if value < least:
        raise ConfigError(field, f"must be at least {least}, got {value}; ask for more points")


def _distribution(config: DatasetConfig) -> tuple[Sampler, LogDensity]:
    if config.name == "points":
        raise ConfigError(
            "dataset.name",
            "must be a known distribution here, got 'points', which can give no new points and no "
            "Bayes posterior; choose blobs, circles, moons, xor or spirals",
        )
    return _DISTRIBUTIONS[config.name]


# Samplers: each returns float64 points (n, 2) and their classes (n,).


def _draw(config: DatasetConfig, random: Random, n: int, field: str) -> Dataset:
    draw, _ = _distribution(config)
    _require_at_least(field, n, 1)
    x, y = draw(config, random, n)
    return Dataset(x.astype(np.float32), y.astype(np.int64), config.classes)


def _shuffled(random: Random, x: Floats, y: Integers) -> Points:
    order = np.arange(len(x))
    random.shuffle(order)
    return x[order], y[order]


def _blurred(config: DatasetConfig, random: Random, shapes: list[Floats]) -> Points:
    classes = np.repeat(np.arange(len(shapes)), [len(shape) for shape in shapes])
    x, y = _shuffled(random, np.concatenate(shapes), classes)
    return x + random.normal(scale=config.noise, size=x.shape), y


def _centres(config: DatasetConfig) -> Floats:
    return Random(config.seed).uniform(-10.0, 10.0, (config.classes, 2))


def _sample_blobs(config: DatasetConfig, random: Random, n: int) -> Points:
    # make_blobs draws its centres from this stream first; the ones in use are always the config's.
    random.uniform(-10.0, 10.0, (config.classes, 2))
    y = np.repeat(np.arange(config.classes), class_counts(config, n))
    # One call over all classes consumes the stream as make_blobs's one call a class does.
    return _shuffled(random, random.normal(_centres(config)[y], config.noise, (n, 2)), y)


def _sample_circles(config: DatasetConfig, random: Random, n: int) -> Points:
    rings = []
    for radius, count in zip(_radii(config), class_counts(config, n), strict=True):
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        rings.append(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius)
    return _blurred(config, random, rings)


def _sample_moons(config: DatasetConfig, random: Random, n: int) -> Points:
    counts = class_counts(config, n)
    arcs = [_moon(k, np.linspace(0, np.pi, count)) for k, count in enumerate(counts)]
    return _blurred(config, random, arcs)


def _sample_spirals(config: DatasetConfig, random: Random, n: int) -> Points:
    positions = [random.uniform(0, _ARM_LENGTH, count) for count in class_counts(config, n)]
    arms = [_arm(k / config.classes, position) for k, position in enumerate(positions)]
    return _blurred(config, random, arms)


def _sample_xor(config: DatasetConfig, random: Random, n: int) -> Points:
    if config.balance is not None:
        counts = enumerate(class_counts(config, n))
        return _blurred(config, random, [_squares(config, random, k, m) for k, m in counts])
    x = random.uniform(-1.0, 1.0, (n, 2))
    right, upper = x[:, 0] >= 0, x[:, 1] >= 0
    quadrant = np.where(upper, np.where(right, 0, 1), np.where(right, 3, 2))
    return x + random.normal(scale=config.noise, size=x.shape), quadrant % config.classes


def _squares(config: DatasetConfig, random: Random, k: int, count: int) -> Floats:
    """Points (count, 2) of class k in its quadrants, which take turns."""
    quadrant = np.resize(np.arange(k, 4, config.classes), count)
    positive = np.stack([np.isin(quadrant, (0, 3)), quadrant < 2], axis=1)
    return random.uniform(0.0, 1.0, (count, 2)) * np.where(positive, 1, -1)


def _radii(config: DatasetConfig) -> tuple[float, float]:
    return 1.0, config.factor or 0.5


def _moon(k: int, angle: Floats) -> Floats:
    """The upper (k = 0) or lower (k = 1) half circle at angles (M,) in 0..pi; (M, 2)."""
    x1, x2 = np.cos(angle), np.sin(angle)
    return np.stack([x1, x2] if k == 0 else [1 - x1, 1 - x2 - 0.5], axis=1)


def _arm(turn: float, position: Floats) -> Floats:
    """A spiral arm, rotated by `turn` of a full turn, at positions (M,) in 0.._ARM_LENGTH; (M, 2).

    The squared angle is linear in the position, which is then nearly the arc length: points do
    not crowd at the inner end.
    """
    angle = np.sqrt(_ARM_START**2 + position * 2 * _ARM_END / _ARM_RADIUS)
    radius, direction = _ARM_RADIUS * angle / _ARM_END, angle + 2 * np.pi * turn
    return np.stack([radius * np.cos(direction), radius * np.sin(direction)], axis=1)


# Log densities: (N, classes), up to a term that all classes share; priors are included, as they are
# where no setting changes them.


def _blobs_log_density(config: DatasetConfig, x: Floats) -> Floats:
    """-|x - centre|^2 / 2 noise^2, less the |x|^2 that all classes share."""
    centres = _centres(config)
    variance = max(config.noise, _LEAST_NOISE) ** 2
    return (x @ centres.T - (centres**2).sum(axis=1) / 2) / variance


def _circles_log_density(config: DatasetConfig, x: Floats) -> Floats:
    """A ring of radius c blurred by noise s has at r = |x| the density of Rice's distribution,
    exp(-(r^2 + c^2) / 2s^2) I0(rc / s^2) / 2 pi s^2; i0e(z) = exp(-z) I0(z) cannot overflow.
    """
    radii = np.array(_radii(config))
    variance = max(config.noise, _LEAST_NOISE) ** 2
    r = np.hypot(x[:, :1], x[:, 1:])
    scaled = torch.special.i0e(torch.from_numpy(r * radii / variance)).numpy()
    return (2 * r - radii) * radii / (2 * variance) + np.log(scaled)


def _xor_log_density(config: DatasetConfig, x: Floats) -> Floats:
    """A quadrant's density is a product of two differences of normal CDFs, one a coordinate."""
    noise = max(config.noise, _LEAST_NOISE)
    upper = _log_normal_mass((x - 1) / noise, x / noise)
    lower = _log_normal_mass(x / noise, (x + 1) / noise)
    sides = [(upper, upper), (lower, upper), (lower, lower), (upper, lower)]
    quadrants = [first[:, 0] + second[:, 1] for first, second in sides]
    classes = [quadrants[k :: config.classes] for k in range(config.classes)]
    return np.stack([np.logaddexp.reduce(of_class, axis=0) for of_class in classes], axis=1)


def _log_normal_mass(low: Floats, high: Floats) -> Floats:
    """log(Phi(high) - Phi(low)) for low < high, without cancellation in either tail."""
    mirrored = low + high > 0
    low, high = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    low, high = (torch.special.log_ndtr(torch.from_numpy(z)).numpy() for z in (low, high))
    return high + np.log(-np.expm1(low - high))


def _moons_log_density(config: DatasetConfig, x: Floats) -> Floats:
    return _curves_log_density(x, config.noise, [partial(_moon, k) for k in range(2)], np.pi)


def _spirals_log_density(config: DatasetConfig, x: Floats) -> Floats:
    curves = [partial(_arm, k / config.classes) for k in range(config.classes)]
    return _curves_log_density(x, config.noise, curves, _ARM_LENGTH)


def _curves_log_density(
    x: Floats, noise: float, curves: Sequence[Callable[[Floats], Floats]], length: float
) -> Floats:
    """`_log_integrals`, of many points by two threads."""
    half = len(x) // 2 // _AT_ONCE * _AT_ONCE  # the same parts as in one thread
    parts = [partial(_log_integrals, part, noise, curves, length) for part in (x[:half], x[half:])]
    with flushed_subnormals():  # as on the helper's thread: the same bits on either
        return np.concatenate(both(*parts)) if half else parts[1]()


def _log_integrals(
    x: Floats, noise: float, curves: Sequence[Callable[[Floats], Floats]], length: float
) -> Floats:
    """log of each curve's integral over t in 0..length of exp(-|x - curve(t)|^2 / 2 noise^2).

    The samplers' points are uniform in t, on the same curves. Composite Gauss-Legendre: panels
    three standard deviations long, the two outermost cut ever finer towards the ends of the
    curve, since seen from a distant point the integrand there falls off within noise^2 / distance.
    """
    noise = max(noise, _LEAST_CURVE_NOISE)
    gauss_nodes, gauss_weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(0.0, length, max(2, int(np.ceil(length / (3 * noise)))) + 1)
    cuts = edges[1] / 4.0 ** np.arange(4, 0, -1)
    edges = np.concatenate([[0.0], cuts, edges[1:-1], length - cuts[::-1], [length]])
    half = np.diff(edges)[:, None] / 2
    t = edges[:-1, None] + half * (1 + gauss_nodes)

    # The exponent, less |x|^2 / 2 noise^2, is linear in (x / noise^2, 1).
    columns = np.stack([*(x.T / noise**2), np.ones(len(x))])
    result = np.empty((len(x), len(curves)))
    for k, curve in enumerate(curves):
        ends, nodes = (
            np.concatenate([at, -(at**2).sum(axis=1, keepdims=True) / (2 * noise**2)], axis=1)
            for at in (curve(edges), curve(t.ravel()))
        )
        panels = nodes.reshape(*t.shape, 3)
        for part in (slice(i, i + _AT_ONCE) for i in range(0, len(x), _AT_ONCE)):
            result[part, k] = _log_integral(columns[:, part], ends, panels, half * gauss_weights)
    return result


def _log_integral(columns: Floats, ends: Floats, panels: Floats, weights: Floats) -> Floats:
    """log of the sum over panels and nodes of weight * exp(node . column).

    Shape: columns (3, N), ends (P + 1, 3), panels (P, Q, 3), weights (P, Q) -> (N,)
    """
    # Over one panel the exponent is monotone, or peaks a little above both ends. So the ends tell
    # which panels matter: what lies e^-35 below the top is lost in rounding, and is skipped.
    # (einsum, as BLAS would start threads for this thin product, and lose if training has them.)
    at_ends = np.einsum("pk,kn->pn", ends, columns)
    highest = np.maximum(at_ends[:-1], at_ends[1:])
    top = highest.max(axis=0)
    # Far beyond any picture, "a little" overflows or all nodes miss the peak: hence 1e-300 and 700.
    total = np.full(columns.shape[1], 1e-300)
    for panel, weight, matters in zip(panels, weights, highest > top - 35, strict=True):
        kept = np.flatnonzero(matters)
        exponent = np.minimum(panel @ columns[:, kept] - top[kept], 700.0)
        total[kept] += weight @ np.exp(exponent)
    return top + np.log(total)


_DISTRIBUTIONS: dict[str, tuple[Sampler, LogDensity]] = {
    "blobs": (_sample_blobs, _blobs_log_density),
    "circles": (_sample_circles, _circles_log_density),
    "moons": (_sample_moons, _moons_log_density),
    "xor": (_sample_xor, _xor_log_density),
    "spirals": (_sample_spirals, _spirals_log_density),
}
