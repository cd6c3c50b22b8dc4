"""Two settings at every pair of values, as the heat map draws them, moment by moment.

What is best at a moment, and what can't be told from it, is judged as in the findings of a sweep:
settings of different tasks aren't compared, so where one of the two changes the task, each of its
values has a best of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import TASK_AXES, SweepConfig
from classifiers.evaluation.comparison import LEAST_WORLDS, never_learned
from classifiers.recipes.sweep.findings.best import find_best
from classifiers.recipes.sweep.findings.table import Table, largest_class_share, read_rows
from classifiers.recipes.sweep.findings.verdict import judge, settle
from classifiers.recipes.sweep.tasks import Row
from classifiers.ui.capstone.sweep.chart import column_of, digits, members
from classifiers.ui.capstone.sweep.names import AXES, write_value
from classifiers.wording import counted, listed, percent

_SHADE_POWER = 2.2  # most settings lie near the best: their differences get most of the ink
_LOW_SHARE = 0.1


def heat_of(config: SweepConfig, rows: Mapping[int, Row]) -> dict[str, Any]:
    """The cells that are known so far; settings are numbered with the second one running fastest.

    Each moment of the training has a cell a setting: the median on fresh points, and, once all
    settings are done, whether the worlds can tell it from the best.
    """
    assert config.and_over is not None
    epochs = _moments(config, rows)
    values = np.full((len(epochs), config.count, config.members), np.nan)
    for index, row in rows.items():
        if "error" not in row:
            values[:, index] = _course(row, len(epochs))
    return {
        "over": config.over,
        "and_over": config.and_over,
        "inside": AXES[config.over].inside,
        "and_inside": AXES[config.and_over].inside,
        "values": [write_value(config.over, value) for value in config.values],
        "and_values": [write_value(config.and_over, value) for value in config.and_values],
        "columns": [column_of(config, index, rows[index]) for index in sorted(rows)],
        "members": config.members,
        "unseen": "fresh",
        "moments": _tell(config, rows, epochs, values),
        "rings": _rings(config),
    }


def _rings(config: SweepConfig) -> str | None:
    tasks = [axis for axis in config.axes if axis in TASK_AXES]
    if config.members < LEAST_WORLDS or len(tasks) == len(config.axes):
        return None
    same = f" with the same {AXES[tasks[0]].inside}" if tasks else ""
    return f"can't be told from the best{same}"


def _moments(config: SweepConfig, rows: Mapping[int, Row]) -> list[int]:
    known = [row["history"]["epochs"] for row in rows.values() if row.get("history")]
    return known[0] if known else [config.epochs]


def _course(row: Row, moments: int) -> NDArray[np.float64]:
    """(moments, K) accuracy on fresh points: fewer of them along the way, all at the end."""
    end = members(row, "fresh_accuracy")
    if not row.get("history"):
        return np.repeat(end[None], moments, axis=0)
    course = np.array(row["history"]["fresh_accuracy"], dtype=np.float64)
    course[-1] = end
    return course


def _tell(
    config: SweepConfig,
    rows: Mapping[int, Row],
    epochs: Sequence[int],
    values: NDArray[np.float64],
) -> list[dict[str, Any]]:
    medians = np.array([[_middle(cell) for cell in moment] for moment in values])
    known = medians[np.isfinite(medians)]
    if not len(known):
        return []
    low, high = float(np.quantile(known, _LOW_SHARE)), float(known.max())
    shades = np.clip((medians - low) / max(high - low, 1e-9), 0, 1) ** _SHADE_POWER
    told = []
    for moment, epoch in enumerate(epochs):
        best, ties, said = _judge(config, rows, epoch, values[moment], moment == len(epochs) - 1)
        cells = [
            _cell(config, rows.get(index), medians[moment, index], shades[moment, index],
                  is_best=index in best, is_tied=index in ties)
            for index in range(config.count)
        ]  # fmt: skip
        told.append({"epoch": epoch, "cells": cells, "said": said})
    return told


def _middle(cell: NDArray[np.float64]) -> float:
    return float(np.median(cell)) if np.isfinite(cell).all() else float("nan")


def _cell(
    config: SweepConfig, row: Row | None, median: float, shade: float, *, is_best: bool,
    is_tied: bool,
) -> dict[str, Any] | None:  # fmt: skip
    if row is None:
        return None
    if "error" in row:
        return {"median": None, "error": row["error"], "said": row["error"]}
    said = f"median {percent(median)} on fresh points over {counted(config.members, 'world')}"
    if is_best:
        said += ", the best"
    elif is_tied:
        said += "; can't be told from the best"
    return {
        "median": digits(median),
        "shade": round(float(shade), 3),
        "best": is_best,
        "tie": is_tied,
        "said": said,
    }


def _judge(
    config: SweepConfig, rows: Mapping[int, Row], epoch: int, values: NDArray, is_last: bool
) -> tuple[set[int], set[int], str]:
    """The best settings, those that can't be told from them, and the sentence that says so."""
    after = f"After {epoch:,} {'epoch' if epoch == 1 else 'epochs'}"
    if len(rows) < config.count:
        return set(), set(), f"{after}, so far."
    if config.members < LEAST_WORLDS:
        are = "world a cell is" if config.members == 1 else "worlds a cell are"
        few = f"{config.members} {are} too few to say which is best"
        return set(), set(), f"{after}: {few}; below {LEAST_WORLDS} the page claims nothing."
    table, _ = read_rows(config, [rows[index] for index in range(config.count)])
    assert table is not None  # where every setting failed there are no moments
    numbers = [_number(config, table, i) for i in range(len(table.rows))]
    if not is_last:  # losses were not kept along the way
        accuracy = values[numbers]
        never = never_learned(accuracy, largest_class_share(config.base.dataset))
        table = replace(table, accuracy=accuracy, never=never, loss=np.full_like(accuracy, np.nan))
    groups = table.groups()
    judged = judge(table, groups)
    best: set[int] = set()
    ties: set[int] = set()
    for group, pairs in zip(groups, judged.accuracy, strict=True):
        if verdict := settle(table.learned, group, pairs):
            best |= {numbers[i] for i in verdict.best}
            ties |= {numbers[i] for i in verdict.alike}
    if len(groups) > 1:
        return best, ties, f"{after} {_best_of_each(table, groups, best, numbers)}"
    said = next(find_best(table, judged), "No network learned anything yet.")
    return best, ties, f"{after}: {said[:1].lower()}{said[1:]}"


def _best_of_each(
    table: Table, groups: Sequence[Sequence[int]], best: set[int], numbers: Sequence[int]
) -> str:
    tasks = [axis for axis in table.axes if axis in TASK_AXES]
    others = [axis for axis in table.axes if axis not in TASK_AXES]
    told = []
    for group in groups:
        first = [i for i in group if numbers[i] in best]
        if first and others:
            names = listed([table.name(i, others) for i in first])
            told.append(f"{names} at {table.name(first[0], tasks)}")
    if told:
        return f"the highest on fresh points: {', '.join(told)}. Rings can't be told from them."
    if others:
        return "no network learned anything yet."
    return "no settings are compared: each is a task of its own."


def _number(config: SweepConfig, table: Table, i: int) -> int:
    """The number of the table's setting among the sweep's."""
    first, second = (table.settings[i][axis] for axis in config.axes)
    return config.values.index(first) * len(config.and_values) + config.and_values.index(second)
