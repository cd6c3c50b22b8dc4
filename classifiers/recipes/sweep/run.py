"""A sweep in this process: settings one after another, each with a row as soon as it is done.

`file` spreads the same tasks over processes or machines; the rows are the same bytes.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from classifiers.config import SweepConfig
from classifiers.recipes.sweep.budget import MOST_SWEEP_SECONDS, check_sweep_budget
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.result import sweep_result
from classifiers.recipes.sweep.tasks import MEASURES as MEASURES
from classifiers.recipes.sweep.tasks import (
    Columns,
    Row,
    Task,
    count_trainings,
    measure,
    merge,
    settings_of,
    tasks_of,
)


@dataclass(frozen=True)
class Progress:
    """News of a sweep: `epoch` of `epochs` at setting `index`, the mean over members.

    `values` are those of all settings, pairs where there are two axes. `row` is there when a
    setting is done, `result` comes last.
    """

    index: int
    values: tuple[Any, ...]
    epoch: int
    epochs: int
    row: Row | None = None
    result: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON; the result itself when it is there."""
        if self.result is not None:
            return self.result
        value = self.values[self.index]
        named = (
            {"value": value[0], "and_value": value[1]}
            if isinstance(value, tuple)
            else {"value": value}
        )
        news = {
            **named,
            "index": self.index,
            "values": len(self.values),
            "epoch": self.epoch,
            "epochs": self.epochs,
        }
        return news if self.row is None else {**news, "row": self.row}


def run_sweep(
    config: SweepConfig,
    *,
    most_seconds: float | None = MOST_SWEEP_SECONDS,
    parts: Parts | None = None,
    device: str = "cpu",
) -> Iterator[Progress]:
    """Computes the rows; news at least four times a second.

    Rows come in the order of the settings, but where epochs are an axis: then those that one
    training serves come together, and each as soon as the last members have got so far.

    Args:
        config: what to sweep.
        most_seconds: the limit on the estimated time; None = no limit.
        parts: where tasks done before are read and new ones are kept; None = nowhere.
        device: "cpu" or "cuda"; `device.choose_device` knows which is faster.

    Raises:
        BudgetError: more work than `most_seconds`; raised at the first `next`, before anything is
            computed.
    """
    if most_seconds is not None:
        check_sweep_budget(config, most_seconds)
    values = tuple(
        pair if len(pair) > 1 else pair[0]
        for pair in (tuple(config.values_of(i).values()) for i in range(config.count))
    )
    rows: dict[int, Row] = {}
    for training in range(count_trainings(config)):
        *_, now = settings_of(config, training)
        for news in _train(config, training, parts, device):
            if isinstance(news, int):
                yield Progress(now, values, news, config.epochs)
                continue
            index, row = news
            rows[index] = row
            yield Progress(index, values, config.epochs, config.epochs, row=row)
    result = sweep_result(config, [rows[index] for index in range(config.count)])
    yield Progress(config.count - 1, values, config.epochs, config.epochs, result=result)


def _train(
    config: SweepConfig, training: int, parts: Parts | None, device: str
) -> Iterator[int | tuple[int, Row]]:
    """One training of all members; yields epochs done, and rows."""
    columns: dict[int, list[Columns]] = {}
    for task in tasks_of(config, training, device):
        for news in _finish(task, parts, device):
            if isinstance(news, int):
                members = task.members
                done = config.epochs * members.start + news * len(members)
                yield done // config.members
                continue
            index, found = news
            columns.setdefault(index, []).append(found)
            if task.members.stop == config.members:
                yield index, merge(config, index, columns.pop(index))


def _finish(task: Task, parts: Parts | None, device: str) -> Iterator[int | tuple[int, Columns]]:
    """A task, as `measure` tells it: read from `parts`, or computed and kept there."""
    known = None if parts is None else parts.read(task)
    if known is not None:
        yield from zip(task.indices, known, strict=True)
        return
    found: list[Columns] = []
    for news in measure(task, device):
        if not isinstance(news, int):
            found.append(news[1])
            if parts is not None and len(found) == len(task.indices):  # before anybody may leave
                with suppress(OSError):  # a full disk costs the checkpoint, not the sweep
                    parts.write(task, found)
        yield news
