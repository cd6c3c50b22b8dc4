"""How much early stopping on the test rows flatters itself: the lesson's stretch goal, measured.

The lesson keeps the parameters that had the best test accuracy. The same rule on validation rows
costs some training rows and keeps the test rows honest. Both are judged on fresh points.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from classifiers.config import EarlyStoppingConfig, PlaygroundConfig, SweepConfig
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.sweep.findings import mean_interval
from classifiers.recipes.sweep.members import (
    GROUP,
    member_parts,
    single_threaded,
    summarize,
    worlds,
)
from classifiers.training import score, train
from classifiers.wording import percent

WAYS = ("test", "validation", "none")
_COLUMNS = ("epoch", "train_accuracy", "test_accuracy", "fresh_accuracy")
_ASIDE = EarlyStoppingConfig()  # how many rows validation takes, unless the run says so


def early_stopping_optimism(
    base: PlaygroundConfig | None = None, *, members: int = 20
) -> Iterator[int | dict[str, Any]]:
    """Trains `members` networks of `base` three ways; yields epochs done, the result at the end.

    The ways: keep the epoch of the best accuracy on `test` rows (the lesson's), on `validation`
    rows, or `none`, the last epoch. Every epoch is looked at, as in the lesson. Each member draws
    points of its own: with shared ones, their luck would be mistaken for optimism.

    The result holds `config`, `members`, `ways` {way: {`epoch`, `train_accuracy`,
    `test_accuracy`, `fresh_accuracy`, `optimism`}}, each summarized over members, `optimism`
    (test minus fresh accuracy) with its 95 % `interval`; and `findings`.

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
    values: dict[str, dict[str, list[np.ndarray]]] = {
        way: {name: [] for name in _COLUMNS} for way in WAYS
    }
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
                    values[way][name].append(column)
    ways: dict[str, Any] = {}
    for way, parts in values.items():
        whole = {name: np.concatenate(part) for name, part in parts.items()}
        optimism = whole["test_accuracy"] - whole["fresh_accuracy"]
        interval = mean_interval(optimism)
        ways[way] = {name: summarize(column.astype(np.float64)) for name, column in whole.items()}
        ways[way]["optimism"] = {
            **(summarize(optimism) or {}),
            "interval": [interval.low, interval.high],
        }
    yield {
        "config": base.to_dict(),
        "members": members,
        "ways": ways,
        "findings": list(_find(ways, members)),
    }


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
    yield columns


def _find(ways: dict[str, Any], members: int) -> Iterator[str]:
    def told(way: str) -> str:
        on, gap = ways[way], ways[way]["optimism"]
        low, high = (100 * end for end in gap["interval"])
        return (
            f"{percent(on['test_accuracy']['mean'])} on the test points, "
            f"{percent(on['fresh_accuracy']['mean'])} on fresh ones, {100 * gap['mean']:+.1f} "
            f"points of optimism (95 % interval {low:+.1f} to {high:+.1f})"
        )

    yield (
        f"Keeping the epoch with the best test accuracy, over {members} members: {told('test')}. "
        "The points that chose the epoch cannot also say how good it is."
    )
    yield f"Choosing by validation points instead: {told('validation')}."
    yield f"Without early stopping: {told('none')}."
    gain = mean_interval(
        np.array(ways["validation"]["fresh_accuracy"]["members"])
        - np.array(ways["none"]["fresh_accuracy"]["members"])
    )
    verdict = "more than chance" if gain.low > 0 or gain.high < 0 else "no more than chance"
    yield (
        f"What stopping by validation points changes on fresh points: {100 * gain.value:+.1f} "
        f"points (95 % interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f}, {verdict}), with "
        "fewer points to train on."
    )
