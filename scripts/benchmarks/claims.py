"""How often a sweep's sentences and the package's intervals are wrong: scripts/bench.py claims

Truths are simulated and given to the very functions that make the page's sentences. A claim is a
sentence that holds `CLAIM`; with all values equal each one is false.
"""

import argparse
import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from classifiers.config import SweepConfig
from classifiers.config.axes import AXES, TASK_AXES
from classifiers.evaluation.bias_variance import error_budget, loss_budget
from classifiers.evaluation.comparison import (
    compare_all,
    mean_interval,
    share_interval,
)
from classifiers.evaluation.metrics import Estimate
from classifiers.evaluation.variance import split_variance
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.findings.verdict import CLAIM
from classifiers.recipes.sweep.optimism import describe_ways

Floats = NDArray[np.float64]
Random = np.random.Generator
Draw = Callable[[Random, int, int], tuple[Floats, Floats]]  # accuracy and loss, (V, K) each

_BEST = 0.9159
_SIZES = ((2, 10), (2, 100), (6, 20), (8, 20), (20, 10), (20, 20), (20, 100))


def gauss(random: Random, values: int, worlds: int) -> tuple[Floats, Floats]:
    """Accuracy and log loss normal, correlated, half of their variance the world's."""
    shared, own = random.normal(size=(2, 1, worlds)), random.normal(size=(2, values, worlds))
    first, second = (shared + own) / 2**0.5
    return 0.88 + 0.013 * first, np.exp(-0.6 + 0.2 * (0.6 * first + 0.8 * second))


def apart(random: Random, values: int, worlds: int) -> tuple[Floats, Floats]:
    """The same where no two values have a world in common."""
    accuracy, loss = gauss(random, 1, values * worlds)
    return accuracy.reshape(values, worlds), loss.reshape(values, worlds)


def tied(random: Random, values: int, worlds: int) -> tuple[Floats, Floats]:
    """Accuracy in steps of 1/90 and skewed, as on test points: ties; losses with a long tail."""
    lack = random.gamma(3, 0.012, (values, worlds)) + random.gamma(2, 0.01, (1, worlds))
    return np.round(90 * (0.93 - lack)) / 90, np.exp(random.gamma(2, 0.4, (values, worlds)))


def humps(random: Random, values: int, worlds: int) -> tuple[Floats, Floats]:
    """A tenth never learns, a third of the rest ends in a lower heap."""
    kind, noise = random.random((values, worlds)), random.normal(size=(2, values, worlds))
    accuracy = np.where(kind < 0.4, 0.83, 0.9) + 0.008 * noise[0]
    loss = np.where(kind < 0.4, 0.4, 0.28) * np.exp(0.1 * noise[1])
    never = kind < 0.1
    return np.where(never, 0.5, accuracy), np.where(never, 0.69, loss)


def bench_claims(args: argparse.Namespace) -> None:
    random = np.random.default_rng(0)
    with threadpool_limits(1):  # the products are small: threads would only wait for each other
        for report in (_false_claims, _false_on_the_page, _power, _shares, _coverage):
            for line in report(random, args.draws):
                print(line, flush=True)
    print(f"{time.process_time():.0f} s of one core")


def rows_of(config: SweepConfig, accuracy: Floats, loss: Floats) -> list[dict[str, Any]]:
    """A sweep's rows with these (V, K) scores on fresh points."""

    def summary(members: Floats) -> dict[str, Any]:
        return {"mean": float(members.mean()), "members": members.tolist()}

    return [
        {
            "value": value,
            "diverged": 0,
            "bayes_accuracy": _BEST,
            "train_accuracy": summary(accuracy[i] + 0.05),
            "test_accuracy": summary(accuracy[i]),
            "fresh_accuracy": summary(accuracy[i]),
            "fresh_loss": summary(loss[i]),
        }
        for i, value in enumerate(config.values)
    ]


def claims_of(config: SweepConfig, accuracy: Floats, loss: Floats) -> list[str]:
    """What `find` claims of such rows."""
    return [text for text in find(config, rows_of(config, accuracy, loss)) if CLAIM in text]


def false_rate(
    config: SweepConfig, draw: Draw, random: Random, draws: int, *, worlds: int | None = None
) -> float:
    """How often at least one claim is made of `draws` sweeps in which all values are equal."""
    shape = len(config.values), worlds or config.members
    return float(np.mean([bool(claims_of(config, *draw(random, *shape))) for _ in range(draws)]))


def _false_claims(random: Random, factor: float) -> Iterator[str]:
    yield "False sentences with all values equal, at least one a sweep (aim: at most 6 %):"
    for values, worlds in _SIZES:
        config = SweepConfig.parse({"values": list(range(2, 2 + values)), "members": worlds})
        draws = int(factor * (400 if values > 10 else 1000))
        rates = [
            f"{draw.__name__} {100 * false_rate(config, draw, random, draws):.1f}"
            for draw in (gauss, tied, humps)
        ]
        yield f"  {values:2} values, {worlds:3} worlds: {', '.join(rates)} % ({draws} draws)"


def _false_on_the_page(random: Random, factor: float) -> Iterator[str]:
    rates, total = {}, 0
    for over in AXES:
        config = SweepConfig.parse({"over": over, "members": 20})
        task = over in TASK_AXES  # one comparison each: quick, and all of its error is that one's
        draws = int(factor * (1000 if task else 250))
        rates[over] = false_rate(config, apart if task else gauss, random, draws)
        total += draws
    told = ", ".join(f"{over} {100 * rate:.1f}" for over, rate in rates.items())
    yield (
        f"The page's defaults at 20 worlds: {100 * np.mean(list(rates.values())):.1f} % "
        f"({total} draws; {told})"
    )


def _power(random: Random, factor: float) -> Iterator[str]:
    yield "One of 6 values better by 1 point, differences with SD 1.8 points (losses equal):"
    for worlds in (10, 20, 50, 100):
        config = SweepConfig.parse({"values": list(range(2, 8)), "members": worlds})
        some, pairs, draws = 0, 0.0, int(factor * 300)
        for _ in range(draws):
            accuracy = random.normal(0.88, 0.018 / 2**0.5, (6, worlds))
            accuracy[0] += 0.01
            loss = np.exp(random.normal(0, 0.3, (6, worlds)))
            told = [text for text in claims_of(config, accuracy, loss) if "Worse" in text]
            if told and not any("width 2" in text.split(":")[1] for text in told):
                some += 1
                named = told[0].split(": ")[1].split(", at most")[0].split(", by")[0]
                pairs += len(named.replace(" and ", ", ").split(", "))
        yield (
            f"  {worlds:3} worlds: said of some value {100 * some / draws:.0f} %, of each "
            f"{100 * pairs / 5 / draws:.0f} % ({draws} draws)"
        )


def _shares(random: Random, factor: float) -> Iterator[str]:
    yield "Coverage of 95 % intervals of shares, exact over shares .01 to .99:"
    from scipy.special import bdtr

    for n in (10, 20, 39, 40, 100, 200):
        ends = [share_interval(count, n) for count in range(n + 1)]
        shares = np.linspace(0.01, 0.99, 197)
        below = np.stack([bdtr(count, n, shares) for count in range(n + 1)])
        chance = np.diff(below, axis=0, prepend=0)
        held = np.array([[end.low <= share <= end.high for share in shares] for end in ends])
        covered = (chance * held).sum(0)
        yield f"  {n:3} worlds: mean {100 * covered.mean():.1f}, least {100 * covered.min():.1f} %"


def _coverage(random: Random, factor: float) -> Iterator[str]:
    yield "Coverage of other 95 % intervals (aim: 93 to 97 %):"
    reports = {
        "mean": (_mean, 4000),
        "all pairs at once": (_simultaneous, 1500),
        "split of variance": (_variance, 250),
        "error budget": (_errors, 200),
        "loss budget": (_losses, 200),
        "optimism": (_optimism, 1000),
    }
    for name, (simulate, draws) in reports.items():
        draws = int(factor * draws)
        hits: dict[str, list[bool]] = {}
        for _ in range(draws):
            for what, (interval, truth) in simulate(random):
                hits.setdefault(what, []).append(interval.low <= truth <= interval.high)
        told = ", ".join(f"{what} {100 * np.mean(held):.1f}" for what, held in hits.items())
        yield f"  {name}: {told} % ({draws} draws)"


Trial = Iterator[tuple[str, tuple[Estimate, float]]]


def _mean(random: Random) -> Trial:
    for worlds in (10, 20, 100):
        yield f"normal {worlds}", (mean_interval(random.normal(size=worlds)), 0.0)
        skewed = 0.93 - random.gamma(3, 0.012, worlds)
        yield f"skewed {worlds}", (mean_interval(skewed), 0.93 - 0.036)


def _simultaneous(random: Random) -> Trial:
    for values, worlds in ((6, 20), (20, 20)):
        accuracy, _ = gauss(random, values, worlds)
        truth = np.linspace(0, 0.05, values)
        off = [
            (pair.difference.value - (truth[pair.i] - truth[pair.j]))
            / (pair.difference.high - pair.difference.value)
            for pair in compare_all(accuracy + truth[:, None])
        ]
        yield f"{values} values", (Estimate(0.0, -1.0, 1.0), float(np.abs(off).max()))


def _variance(random: Random) -> Trial:
    """Parts as in the lesson's fresh accuracy, one of them skewed."""
    sizes = {"points": 0.4, "split": 0.25, "start": 0.2, "split_x_start": 0.15}
    for worlds in (100, 200):

        def draw(part: str, worlds: int = worlds) -> Floats:
            effect = (random.gamma(4, 0.25, worlds) - 1) * 2 if part == "points" else (
                random.normal(size=worlds))  # fmt: skip
            return sizes[part] ** 0.5 * effect

        points, split, start = (draw(part) for part in ("points", "split", "start"))
        runs = (
            points + split + start + draw("split_x_start"),
            points + draw("split") + start + draw("split_x_start"),
            points + split + draw("start") + draw("split_x_start"),
        )
        for part, interval in vars(split_variance(*runs, draws=1000)).items():
            yield f"{part} {worlds}", (interval, sizes.get(part, 1.0))


_AT = np.random.default_rng(5)
_X1, _X2 = _AT.uniform(-2, 2, 800), _AT.normal(size=800)
_ETA = 1 / (1 + np.exp(-3 * _X2))
_WAVES = np.stack([np.ones(800), *(f(k * _X1) for k in (1.5, 3, 6) for f in (np.sin, np.cos))])
_NETWORKS = {  # mean and standard deviation of the waves' heights
    "small": (np.array([0.3, 0.5, 0, 0.2, 0, 0, 0]), 0.1),
    "moderate": (np.array([0.15, 0.1, 0, 0, 0, 0, 0]), 0.2),
    "big": (np.zeros(7), 0.25),
}


def _errors(random: Random) -> Trial:
    """Worlds whose boundaries are random waves, so that the majority's is known."""
    from scipy.special import ndtr

    price = np.abs(2 * _ETA - 1)
    for name, (mean, spread) in _NETWORKS.items():
        scale = spread * np.sqrt((_WAVES**2).sum(0))
        upper = ndtr((_X2 - mean @ _WAVES) / scale)
        wrong = np.where(_ETA > 0.5, 1 - upper, upper)
        bias, error = (price * (wrong > 0.5)).mean(), (price * wrong).mean()
        heights = mean + spread * random.normal(size=(100, len(mean)))
        budget = error_budget(heights @ _WAVES < _X2, _ETA, draws=200)
        yield f"bias {name}", (budget.bias, bias)
        yield f"variance {name}", (budget.variance, error - bias)


@functools.cache
def _true_losses(name: str) -> tuple[float, float]:
    """What is shared and what is variance of log-odds that are normal at every point."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    mean, spread = _NETWORKS[name]
    scale = 3 * spread * np.sqrt((_WAVES**2).sum(0))
    centre = 3 * (_X2 - mean @ _WAVES)
    costs = np.logaddexp(0, centre + scale * nodes[:, None])
    total = (weights @ costs / weights.sum() - _ETA * centre).mean()
    entropy = (np.logaddexp(0, 3 * _X2) - 3 * _ETA * _X2).mean()
    shared = (np.logaddexp(0, centre) - _ETA * centre).mean() - entropy
    return float(shared), float(total - entropy - shared)


def _losses(random: Random) -> Trial:
    for name, (mean, spread) in _NETWORKS.items():
        shared, variance = _true_losses(name)
        heights = mean + spread * random.normal(size=(100, len(mean)))
        budget = loss_budget(3 * (_X2 - heights @ _WAVES), _ETA, draws=200)
        yield f"shared {name}", (budget.shared, shared)
        yield f"variance {name}", (budget.variance, variance)


def _optimism(random: Random) -> Trial:
    """50 worlds; scores on 90 test points, so that they are tied."""
    fresh = 0.88 - random.gamma(3, 0.006, 50)
    luck = random.normal(-0.007, 0.03, 50)

    def way(gain: float, excess: float) -> dict[str, Floats]:
        accuracy = fresh + random.normal(gain, 0.01, 50)
        test = accuracy + luck + random.gamma(1.2, excess / 1.2, 50)
        test = np.floor(90 * test + random.random(50)) / 90  # rounds without bias
        return {"test_accuracy": test, "fresh_accuracy": accuracy}

    columns = {"test": way(0.0165, 0.029), "validation": way(0.006, 1e-9), "none": way(0, 1e-9)}
    for name, gap in (("test", -0.0032), ("train", -0.0010)):
        there = columns["none"]["fresh_accuracy"] + gap - random.gamma(2, 0.004, 50) + 0.008
        columns["none"][f"{name}_places_accuracy"] = there
    found = describe_ways(columns)["ways"]
    for name, measure, truth in (
        ("test", "excess", 0.029),
        ("validation", "excess", 0.0),
        ("test", "gain", 0.0165),
        ("validation", "gain", 0.006),
        ("none", "optimism", -0.007),
        ("none", "test_places", -0.0032),
        ("none", "train_places", -0.0010),
        ("none", "places", -0.0022),
    ):
        yield f"{name} {measure}", (Estimate(0.0, *found[name][measure]["interval"]), truth)
