"""How much early stopping on the test rows flatters itself: the lesson's stretch goal, measured.

The lesson keeps the parameters that had the best test accuracy. The same rule on validation rows
costs some training rows and keeps the test rows honest. Both are judged on fresh points, and
against no stopping in the same worlds: test points may be harder than fresh ones for any network.
Why they are where points lie at regular angles is measured as well: new points are drawn around the
very places on the curves where the test points, and where the training points, lie.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.config import EarlyStoppingConfig, PlaygroundConfig, SweepConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import apply_features, sample
from classifiers.errors import ConfigError
from classifiers.evaluation.comparison import Pair, compare_all, judge_together, mean_interval
from classifiers.network import MLP
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.sweep.findings.verdict import CLAIM
from classifiers.recipes.sweep.members import (
    GROUP,
    World,
    member_parts,
    single_threaded,
    summarize,
    worlds,
)
from classifiers.training import Rows, score, train
from classifiers.wording import percent

Floats = NDArray[np.float64]

WAYS = ("test", "validation", "none")
_COLUMNS = ("epoch", "train_accuracy", "test_accuracy", "fresh_accuracy")
_PLACES = ("test", "train")
_AGAIN = 200  # new points a place
_REGULAR = ("moons", "circles")  # drawn at regular angles
_ASIDE = EarlyStoppingConfig()  # how many rows validation takes, unless the run says so


def early_stopping_optimism(
    base: PlaygroundConfig | None = None, *, members: int = 20
) -> Iterator[int | dict[str, Any]]:
    """Trains `members` networks of `base` three ways; yields epochs done, the result at the end.

    The ways: keep the epoch of the best accuracy on `test` rows (the lesson's), on `validation`
    rows, or `none`, the last epoch. Every epoch is looked at, as in the lesson. Each member is a
    world: with shared points, their luck would be mistaken for optimism.

    The result holds `config`, `members`, and what `describe_ways` gives. At regular angles, `none`
    has two columns more: `test_places_accuracy` and `train_places_accuracy`, on new points around
    the places of either.

    Args:
        base: the run; None = a sweep's, 2-16-16-2 on the lesson's moons. The big network
            shows more, and takes fifty times as long.
        members: networks a way.

    Raises:
        ConfigError: `members` is below 2, or the distribution is unknown.
    """
    if members < 2:
        raise ConfigError("members", f"must be at least 2 for an interval, got {members}")
    if base is None:
        base = SweepConfig().base
    if base.dataset.name == "points":
        raise ConfigError(
            "dataset.name",
            "must be a known distribution, got 'points', which gives no fresh points to judge by; "
            "choose blobs, circles, moons, xor or spirals",
        )
    return single_threaded(_compare(base, members))


def _compare(base: PlaygroundConfig, members: int) -> Iterator[int | dict[str, Any]]:
    values: dict[str, dict[str, list[np.ndarray]]] = {way: {} for way in WAYS}
    epochs = base.training.epochs
    for start in range(0, members, GROUP):
        group = range(start, min(start + GROUP, members))
        for turn, watched in enumerate(("test", "validation")):
            kept: dict[str, dict[str, np.ndarray]] = {}
            for news in _follow(base, group, watched):
                if isinstance(news, dict):
                    kept = news
                else:
                    yield (2 * epochs * start + len(group) * (turn * epochs + news)) // (
                        2 * members
                    )
            for way, columns in kept.items():
                for name, column in columns.items():
                    values[way].setdefault(name, []).append(column)
    whole = {
        way: {name: np.concatenate(part).astype(np.float64) for name, part in parts.items()}
        for way, parts in values.items()
    }
    yield {
        "config": base.to_dict(),
        "members": members,
        **describe_ways(whole),
    }


def describe_ways(columns: dict[str, dict[str, Floats]]) -> dict[str, Any]:
    """What three ways to stop come to, from (K,) columns of each over the same worlds.

    `ways` {way: {column: summary}}, and for each way, with its 95 % `interval` (Student's):
    `optimism`, test minus fresh accuracy; but for `none`, `excess`, the same less that of `none`,
    which is what choosing the epoch adds; and `gain`, fresh accuracy less that of `none`. Where
    `none` has the columns of places, `test_places` and `train_places`: its accuracy there less that
    on fresh points; and `places`, the one less the other. And `findings`, whose claims are judged
    together.

    Args:
        columns: {way: {"epoch", "train_accuracy", "test_accuracy", "fresh_accuracy": (K,)}}.
    """
    ways: dict[str, Any] = {}
    pairs: list[list[Pair]] = []
    none = columns["none"]
    luck = none["test_accuracy"] - none["fresh_accuracy"]
    for way, parts in columns.items():
        ways[way] = {name: summarize(column) for name, column in parts.items()}
        optimism = parts["test_accuracy"] - parts["fresh_accuracy"]
        ways[way]["optimism"] = _with_interval(optimism)
        if way != "none":
            ways[way]["excess"] = _with_interval(optimism - luck)
            ways[way]["gain"] = _with_interval(parts["fresh_accuracy"] - none["fresh_accuracy"])
            pairs.append(compare_all([optimism, luck]))
            pairs.append(compare_all([parts["fresh_accuracy"], none["fresh_accuracy"]]))
    pairs.append(compare_all([none["test_accuracy"], none["fresh_accuracy"]]))
    if "test_places_accuracy" in none:
        test, train = (none[f"{name}_places_accuracy"] for name in _PLACES)
        ways["none"]["test_places"] = _with_interval(test - none["fresh_accuracy"])
        ways["none"]["train_places"] = _with_interval(train - none["fresh_accuracy"])
        ways["none"]["places"] = _with_interval(test - train)
        pairs.append(compare_all([test, none["fresh_accuracy"]]))
        pairs.append(compare_all([test, train]))
    differs = [judged[0].differs for judged in judge_together(*pairs)]
    return {"ways": ways, "findings": list(_find(ways, len(luck), differs))}


def _is_place(none: dict[str, Any], differs: list[bool]) -> bool:
    """Whether new points at the places of test points are harder than fresh ones, and harder than
    those at the places of training points."""
    if differs != [True, True]:
        return False
    return max(none["test_places"]["mean"], none["places"]["mean"]) < 0


def _with_interval(values: Floats) -> dict[str, Any]:
    interval = mean_interval(values)
    return {**(summarize(values) or {}), "interval": [interval.low, interval.high]}


def _follow(
    base: PlaygroundConfig, group: range, watched: str
) -> Iterator[int | dict[str, dict[str, np.ndarray]]]:
    """One training of a group, watching test or validation rows; yields epochs, then the columns
    of the ways it stands for. The run that watches test rows also has the last epoch's.
    """
    aside = (base.training.early_stopping or _ASIDE).model_copy(update={"on": "validation"})
    update = {"early_stopping": aside if watched == "validation" else None}
    run = base.model_copy(update={"training": base.training.model_copy(update=update)})
    parts = member_parts(run, worlds(run, group))
    training = base.training.model_copy(
        update={"early_stopping": None, "seed": base.training.seed + group.start}
    )
    network = MLP(base.network, parts.train.x.shape[-1], base.dataset.classes, len(group))
    network.initialize(training.seed)
    best = network.copy()
    best_accuracy, best_epoch = np.full(len(group), -1.0), np.zeros(len(group), np.int64)
    for record in train(
        network,
        training,
        parts.train,
        test=parts.test,
        validation=parts.validation,
        record_at=range(training.epochs + 1),
    ):
        if record.scores is not None:
            accuracy = record.scores[watched].accuracy
            better = accuracy > best_accuracy
            best_accuracy[better], best_epoch[better] = accuracy[better], record.epoch
            chosen = torch.from_numpy(better)
            best.parameters[chosen] = network.parameters[chosen]
        yield record.epoch
    ends = {watched: (best, best_epoch)}
    if watched == "test":
        ends["none"] = (network, np.full(len(group), training.epochs))
    columns = {}
    for way, (kept, epoch) in ends.items():
        scores = {"train": score(kept, parts.train), "test": score(kept, parts.test)}
        for scores["fresh"] in fresh_scores(kept, base):
            yield training.epochs
        columns[way] = {f"{part}_accuracy": on.accuracy for part, on in scores.items()}
        columns[way]["epoch"] = epoch
    if watched == "test" and base.dataset.name in _REGULAR:
        columns["none"] |= _at_places(network, base, worlds(base, group))
    yield columns


def _at_places(
    network: MLP, base: PlaygroundConfig, chosen: list[World]
) -> dict[str, NDArray[np.float64]]:
    """Accuracy of each network on new points around the places on the curves where its test points
    lie, and around those of its training points; (K,) each."""
    data = base.dataset
    curves = data.model_copy(update={"noise": 0.0, "label_noise": 0.0})
    found: dict[str, list[float]] = {f"{name}_places_accuracy": [] for name in _PLACES}
    for k, world in enumerate(chosen):
        own, bare = network.copy(members=[k]), sample(curves, seed=world.points)
        train, test = split_indices(len(bare.x), base.training.test_share, world.split)
        random = np.random.default_rng([world.points, 3])  # other numbers than any that drew points
        for name, rows in (("test", test), ("train", train)):
            blur = random.normal(scale=data.noise, size=(_AGAIN, len(rows), 2))
            x = apply_features((bare.x[rows] + blur).reshape(-1, 2), data.features)
            y = torch.from_numpy(np.tile(bare.y[rows], _AGAIN))
            on = score(own, Rows(torch.from_numpy(x)[None], y[None]))
            found[f"{name}_places_accuracy"].append(float(on.accuracy[0]))
    return {name: np.array(column) for name, column in found.items()}


def _find(ways: dict[str, Any], count: int, differs: list[bool]) -> Iterator[str]:
    """`differs`: excess and gain of `test`, then of `validation`; then luck of the test points;
    then, where they are measured, their places against fresh points and against those of training
    points."""

    over = f"over {count} worlds (new points, split and start each)"

    def told(way: str, name: str) -> str:
        low, high = (100 * end for end in ways[way][name]["interval"])
        value = 100 * ways[way][name]["mean"]
        return f"{value:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"

    def verdict(claimed: bool) -> str:
        return CLAIM if claimed else "no more than chance would"

    test, none = ways["test"], ways["none"]
    yield (
        f"Keeping the epoch with the best test accuracy, {over}: "
        f"{percent(test['test_accuracy']['mean'])} on the test points, "
        f"{percent(test['fresh_accuracy']['mean'])} on fresh ones (means). Beyond what no stopping "
        f"shows in the same worlds, that flatters by {told('test', 'excess')}, "
        f"{verdict(differs[0])}: the points that chose the epoch cannot also say how good it is."
    )
    yield (
        f"Choosing by validation points flatters by {told('validation', 'excess')}, "
        f"{verdict(differs[2])}, {over}."
    )
    yield (
        f"On fresh points, against no stopping {over}: choosing by validation points changes "
        f"accuracy by {told('validation', 'gain')}, {verdict(differs[3])}, with fewer points to "
        f"train on; choosing by test points by {told('test', 'gain')}, {verdict(differs[1])}."
    )
    harder = none["optimism"]["mean"] < 0
    if differs[4]:
        why = ""
        if harder and _is_place(none, differs[5:]):
            why = (
                f". Part of it is where they lie: new points around the very places of the test "
                f"points score {told('none', 'test_places')} against fresh ones, around those of "
                f"the training points {told('none', 'train_places')}. Points are drawn at regular "
                "angles and split without replacement, so a test point lies where no training "
                "point does"
            )
        yield (
            f"Without any stopping test accuracy {'lies below' if harder else 'lies above'} fresh "
            f"accuracy too: the difference is {told('none', 'optimism')}, {CLAIM} {over}{why}. "
            "That is why optimism is measured as the excess over it."
        )
    else:
        yield (
            f"Without any stopping, test accuracy less fresh accuracy is "
            f"{told('none', 'optimism')}, {over}: no more than chance would have it."
        )
