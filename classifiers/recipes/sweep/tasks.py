"""Tasks of a sweep: a few members of one setting, the same numbers wherever they are computed.

A task holds all that it needs, so it can be sent anywhere; what comes back is JSON, and a row is
merged from it. Where epochs are an axis, one training serves all of that axis' values: it is read
along the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifiers.config import PlaygroundConfig, SweepConfig, SweepLike
from classifiers.data.bayes import bayes_accuracy, bayes_hit_rate
from classifiers.network import MLP
from classifiers.recipes.playground.budget import Work, estimate
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.playground.run import looked_epochs
from classifiers.recipes.sweep.history import (
    History,
    history_epochs,
    history_seconds,
    keeps_history,
    listed,
)
from classifiers.recipes.sweep.members import (
    GROUP,
    World,
    group_size,
    member_parts,
    single_threaded,
    start_members,
    summarize,
    worlds,
)
from classifiers.training import Record, Rows, record_epochs, train

MEASURES = tuple(
    f"{part}_{name}" for name in ("accuracy", "loss") for part in ("train", "test", "fresh")
)
TASK_SECONDS = 4.0  # of one core, estimated; so any number of workers is busy until the end
_RECORDS = 20  # this often, divergence is noticed

Columns = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """Some members of one training, by its number.

    `indices` are the settings that it serves and `ends` the epochs after which each is scored,
    ascending; `run` is that of the last of them, for one member.
    """

    training: int
    indices: tuple[int, ...]
    ends: tuple[int, ...]
    run: PlaygroundConfig
    members: range
    new_points: bool
    history: bool

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Names the task within its sweep: training, members, epochs."""
        return self.training, self.members.start, self.members.stop, self.ends[-1]

    @property
    def worlds(self) -> list[World]:
        """Where its members come from."""
        return worlds(self.run, self.members, new_points=self.new_points)

    @property
    def work(self) -> Work:
        """What it takes, estimated."""
        return _work(self.run, len(self.members), self.history)

    def to_dict(self) -> dict[str, Any]:
        return {
            "training": self.training,
            "indices": self.indices,
            "ends": self.ends,
            "run": self.run.to_dict(),
            "members": [self.members.start, self.members.stop],
            "new_points": self.new_points,
            "history": self.history,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "Task":
        return cls(
            value["training"],
            tuple(value["indices"]),
            tuple(value["ends"]),
            PlaygroundConfig.model_validate(value["run"]),
            range(*value["members"]),
            value["new_points"],
            value["history"],
        )


def count_trainings(config: SweepLike) -> int:
    """How many trainings a sweep takes, each of all its members."""
    return config.count // (_epoch_values(config) or 1)


def settings_of(config: SweepLike, training: int) -> tuple[int, ...]:
    """The settings that one training serves, fewest epochs first."""
    count = _epoch_values(config)
    if not count or not isinstance(config, SweepConfig):
        return (training,)
    if config.over == "epochs":
        stride = count_trainings(config)
        indices = [value * stride + training for value in range(count)]
    else:
        indices = [training * count + value for value in range(count)]
    return tuple(sorted(indices, key=lambda i: config.values_of(i)["epochs"]))


def tasks_of(
    config: SweepLike, training: int, device: str = "cpu", epochs: int | None = None
) -> list[Task]:
    """The tasks of one training; with `epochs` it ends there.

    Raises:
        ValidationError: a listed setting that cannot be run.
    """
    whole = _whole(config, training, epochs)
    size = _group(whole, device)
    return [
        replace(whole, members=range(start, min(start + size, config.members)))
        for start in range(0, config.members, size)
    ]


def kinds_of(config: SweepLike, training: int, epochs: int | None = None) -> list[tuple[Task, int]]:
    """The tasks of one training on the CPU by their size, each with how many there are of it.

    A guard asks this of any number of members.
    """
    whole = _whole(config, training, epochs)
    full, rest = divmod(config.members, size := _group(whole, "cpu"))
    kinds = [(size, full), (rest, 1)]
    return [(replace(whole, members=range(k)), n) for k, n in kinds if k and n]


def _whole(config: SweepLike, training: int, epochs: int | None) -> Task:
    """One training with all its members."""
    indices = settings_of(config, training)
    runs = [config.setting(index) for index in indices]
    run, ends = runs[-1], [run.training.epochs for run in runs]
    if epochs is not None and epochs < ends[-1]:
        shorter = run.training.model_copy(update={"epochs": epochs})
        run, ends = run.model_copy(update={"training": shorter}), [min(epochs, e) for e in ends]
    return Task(
        training,
        indices,
        tuple(ends),
        run,
        range(config.members),
        config.new_points,
        keeps_history(config),
    )


def measure_members(
    config: SweepLike, index: int, members: range, device: str = "cpu"
) -> Iterator[int | Columns]:
    """Trains some members of setting `index` alone; yields epochs done, at last the columns."""
    run = config.setting(index)
    ends, history = (run.training.epochs,), keeps_history(config)
    task = Task(index, (index,), ends, run, members, config.new_points, history)
    for news in measure(task, device):
        yield news if isinstance(news, int) else news[1]


def measure(task: Task, device: str = "cpu") -> Iterator[int | tuple[int, Columns]]:
    """Trains the members of a task; yields epochs done, and each setting with its columns.

    Columns are JSON: for each measure a list of one number a member (null where it is not finite),
    `diverged` likewise, `parameters`, `bayes_accuracy`, `history`.
    """
    return single_threaded(_measure(task, device))


def merge(config: SweepLike, index: int, columns: Sequence[Columns]) -> Row:
    """The row of a setting from the columns of its members, in their order."""
    first = columns[0]

    def joined(name: str) -> np.ndarray:
        return np.array([v for part in columns for v in part[name]], dtype=np.float64)

    row = {
        **name_row(config, index),
        "parameters": first["parameters"],
        "bayes_accuracy": first["bayes_accuracy"],
        "diverged": sum(sum(part["diverged"]) for part in columns),
        **{name: summarize(joined(name)) for name in (*MEASURES, "test_bayes_accuracy")},
    }
    if first["history"] is not None:
        row["history"] = {"epochs": first["history"]["epochs"]} | {
            name: [
                [v for part in columns for v in part["history"][name][i]]
                for i in range(len(first["history"]["epochs"]))
            ]
            for name in ("fresh_accuracy", "test_accuracy")
        }
    return row


def name_row(config: SweepLike, index: int) -> Row:
    """What a row is of."""
    values = config.values_of(index)
    if not isinstance(config, SweepConfig):
        return {"index": index, "values": dict(values)}
    keys = ("value", "and_value")[: len(values)]
    return dict(zip(keys, values.values(), strict=True))


def _epoch_values(config: SweepLike) -> int:
    """How many values of epochs one training serves; 0 if epochs are no axis, or each value is a
    training of its own: where it stops early, the end decides what is kept."""
    if not isinstance(config, SweepConfig) or config.base.training.early_stopping is not None:
        return 0
    return len({"epochs": config.values}.get(config.over, ())) or len(
        {"epochs": config.and_values}.get(config.and_over or "", ())
    )


def _group(task: Task, device: str) -> int:
    if device != "cpu":
        return group_size(task.run, device)
    alone = _work(task.run, 1, task.history).total
    return min(GROUP, max(1, int(TASK_SECONDS / alone)))


def _work(run: PlaygroundConfig, members: int, history: bool) -> Work:
    training = run.training.model_copy(update={"members": members})
    group = run.model_copy(update={"training": training})
    work = estimate(group, film=False)
    extra = history_seconds(group) if history else 0.0
    return replace(work, total=work.total + extra)


def _measure(task: Task, device: str) -> Iterator[int | tuple[int, Columns]]:
    run, training = task.run, task.run.training
    network, parts = start_members(run, task.worlds, device)
    watched = history_epochs(training.epochs) if task.history else []
    recorded = (
        looked_epochs(training)
        if training.early_stopping
        else sorted({*record_epochs(training.epochs, _RECORDS), *watched, *task.ends})
    )
    pending = list(zip(task.indices, task.ends, strict=True))
    history = History(watched)
    record: Record | None = None
    for record in train(
        network,
        training,
        parts.train,
        test=parts.test,
        validation=parts.validation,
        record_at=recorded,
        seeds=[world.start for world in task.worlds],
    ):
        yield record.epoch
        if record.scores is None:
            continue
        if record.epoch in watched:
            yield from history.watch(network, run, record)
        while len(pending) > 1 and record.epoch >= pending[0][1]:
            yield from _end(task, pending.pop(0)[0], network, parts.test, record, None)
    if record is None:
        raise RuntimeError("training ended without a record")  # train() always ends with one
    for index, _ in pending:
        yield from _end(task, index, network, parts.test, record, history.columns())


def _end(
    task: Task, index: int, network: MLP, test: Rows, record: Record, history: Columns | None
) -> Iterator[int | tuple[int, Columns]]:
    """Scores the members as they are."""
    run = task.run
    scores = dict(record.scores or {})
    for scores["fresh"] in fresh_scores(network, run):
        yield record.epoch
    known = run.dataset.name != "points"
    columns: Columns = {
        "parameters": network.parameter_count,
        "bayes_accuracy": bayes_accuracy(run.dataset).value if known else None,
        "diverged": (record.diverged_at >= 0).tolist(),
        "test_bayes_accuracy": _test_bayes_accuracy(task, test),
        "history": history,
    }
    for name in MEASURES:
        part, kind = name.split("_")
        columns[name] = listed(getattr(scores[part], kind))
    yield index, columns


def _test_bayes_accuracy(task: Task, test: Rows) -> list[float | None]:
    """What the best possible rule scores on the very test points of each member."""
    run, plain = task.run, ("x1", "x2")
    if run.dataset.name == "points":
        return [None] * len(task.members)
    if run.dataset.features != plain:
        data = run.dataset.model_copy(update={"features": plain})
        seen = run.model_copy(update={"dataset": data})
        test = member_parts(seen, task.worlds).test
    x, y = test.x.cpu().numpy(), test.y.cpu().numpy()
    return [bayes_hit_rate(run.dataset, *member) for member in zip(x, y, strict=True)]
