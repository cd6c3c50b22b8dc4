"""Two settings at every pair of values, as the heat map draws them, moment by moment."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import TASK_AXES, SweepConfig
from classifiers.evaluation.comparison import LEAST_WORLDS, LEVEL, compare_with
from classifiers.recipes.sweep.tasks import Row
from classifiers.ui.capstone.sweep.chart import column_of, digits, members
from classifiers.ui.capstone.sweep.names import AXES, write_value
from classifiers.wording import percent

_SHADE_POWER = 2.2  # most settings lie near the best: their differences get most of the ink
_LOW_SHARE = 0.1


def heat_of(config: SweepConfig, rows: Sequence[Row]) -> dict[str, Any]:
    """The cells that are known so far, in the order of the settings: the second one runs fastest.

    Each moment of the training has a cell a setting: the median on fresh points, and whether the
    worlds can tell it from the best. Settings of different tasks aren't compared: where one of the
    two changes the task, each of its values has a best of its own.
    """
    assert config.and_over is not None
    epochs = _moments(config, rows)
    values = np.full((len(epochs), config.count, config.members), np.nan)
    for index, row in enumerate(rows):
        if "error" not in row:
            values[:, index] = _course(row, epochs)
    return {
        "over": config.over,
        "and_over": config.and_over,
        "inside": AXES[config.over].inside,
        "and_inside": AXES[config.and_over].inside,
        "values": [write_value(config.over, value) for value in config.values],
        "and_values": [write_value(config.and_over, value) for value in config.and_values],
        "columns": [column_of(config, index, row) for index, row in enumerate(rows)],
        "members": config.members,
        "unseen": "fresh",
        "moments": _tell(config, rows, epochs, values),
        "rings": _rings(config),
    }


def _rings(config: SweepConfig) -> str | None:
    families = _families(config)
    if config.members < LEAST_WORLDS or families is None:
        return None
    if len(families) == 1:
        return "can't be told from the best"
    task = next(axis for axis in config.axes if axis in TASK_AXES)
    return f"can't be told from the best with the same {AXES[task].inside}"


def _families(config: SweepConfig) -> list[list[int]] | None:
    """Settings that share their worlds, and so can be compared; None where each has its own."""
    grid = np.arange(config.count).reshape(len(config.values), len(config.and_values))
    first, second = (axis in TASK_AXES for axis in config.axes)
    if first and second:
        return None
    if first:
        return grid.tolist()
    return grid.T.tolist() if second else [grid.ravel().tolist()]


def _moments(config: SweepConfig, rows: Sequence[Row]) -> list[int]:
    known = [row["history"]["epochs"] for row in rows if row.get("history")]
    return known[0] if known else [config.epochs]


def _course(row: Row, epochs: Sequence[int]) -> NDArray[np.float64]:
    """(moments, K) accuracy on fresh points."""
    history = row.get("history")
    if history:
        return np.array(history["fresh_accuracy"], dtype=np.float64)
    return np.repeat(members(row, "fresh_accuracy")[None], len(epochs), axis=0)


def _tell(
    config: SweepConfig, rows: Sequence[Row], epochs: Sequence[int], values: NDArray[np.float64]
) -> list[dict[str, Any]]:
    medians = np.array([[_middle(cell) for cell in moment] for moment in values])
    known = medians[np.isfinite(medians)]
    if not len(known):
        return []
    low, high = float(np.quantile(known, _LOW_SHARE)), float(known.max())
    shades = np.clip((medians - low) / max(high - low, 1e-9), 0, 1) ** _SHADE_POWER
    moments = []
    for epoch, cells, shade, all_values in zip(epochs, medians, shades, values, strict=True):
        best, ties = _compare(config, cells, all_values)
        told = [
            None
            if index >= len(rows)
            else {"median": None, "error": rows[index]["error"], "said": rows[index]["error"]}
            if "error" in rows[index]
            else {
                "median": digits(float(cells[index])),
                "shade": round(float(shade[index]), 3),
                "tie": bool(index in ties),
                "said": _say_cell(config, float(cells[index]), index in best, index in ties),
            }
            for index in range(config.count)
        ]
        moments.append(
            {"epoch": epoch, "cells": told, "said": _say(config, rows, epoch, cells, best, ties)}
        )
    return moments


def _middle(cell: NDArray[np.float64]) -> float:
    return float(np.median(cell)) if np.isfinite(cell).all() else float("nan")


def _compare(
    config: SweepConfig, medians: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[set[int], set[int]]:
    """The best cell of each family, and those that can't be told from theirs."""
    families, best, ties = _families(config), set(), set()
    if families is None or config.members < LEAST_WORLDS:
        return set(), set()
    for family in families:
        there = [index for index in family if np.isfinite(medians[index])]
        if len(there) < 2:
            continue
        lead = int(np.argmax(medians[there]))
        best.add(there[lead])
        # Holds for every sentence and ring of one moment at once.
        pairs = compare_with(values[there], lead, LEVEL / len(families))
        ties |= {there[pair.j] for pair in pairs if not pair.differs}
    return best, ties


def _say_cell(config: SweepConfig, median: float, is_best: bool, is_tied: bool) -> str:
    text = f"median {percent(median)} on fresh points over {config.members} worlds"
    if is_best:
        return f"{text}, the highest"
    return f"{text}; can't be told from the highest" if is_tied else text


def _say(
    config: SweepConfig,
    rows: Sequence[Row],
    epoch: int,
    medians: NDArray[np.float64],
    best: set[int],
    ties: set[int],
) -> str:
    after = f"After {epoch:,} {'epoch' if epoch == 1 else 'epochs'}"
    if config.members < LEAST_WORLDS:
        return (
            f"{after}: {config.members} worlds a cell are too few to say which is best; below "
            f"{LEAST_WORLDS} the page claims nothing."
        )
    families = _families(config)
    if families is None or not best:
        return f"{after}: cells of different tasks aren't compared."
    names = [AXES[axis].inside for axis in config.axes]
    if len(families) > 1:
        task = next(i for i, axis in enumerate(config.axes) if axis in TASK_AXES)
        told = [
            f"{_value(config, index, 1 - task)} at {_value(config, index, task)}"
            for index in sorted(best, key=lambda index: _rank(families, index))
        ]
        return (
            f"{after} the highest on fresh points: {names[1 - task]} {', '.join(told)} "
            f"({names[task]}). Rings can't be told from the highest of the same {names[task]}."
        )
    [lead] = best
    where = " with ".join(f"{name} {_value(config, lead, i)}" for i, name in enumerate(names))
    limit = rows[lead]["bayes_accuracy"] if lead < len(rows) else None
    possible = f"; best possible {percent(limit)}" if limit is not None else ""
    others = int(np.isfinite(medians).sum()) - 1
    tail = (
        f"{len(ties)} of the other {others} can't be told from it (ring)."
        if ties
        else "No other is level with it."
    )
    return (
        f"{after} {where} is highest on fresh points, {percent(medians[lead])} (median of "
        f"{config.members} worlds{possible}). {tail}"
    )


def _rank(families: Sequence[Sequence[int]], index: int) -> int:
    return next(rank for rank, family in enumerate(families) if index in family)


def _value(config: SweepConfig, index: int, which: int) -> str:
    axis = config.axes[which]
    return write_value(axis, config.values_of(index)[axis])
