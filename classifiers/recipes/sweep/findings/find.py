"""The findings of a sweep in their order: what went wrong, what does best, what chance explains.

Member k of every setting is the same world, so settings are compared world by world, unless they
change the task itself.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from classifiers.config.sweep import SweepLike
from classifiers.evaluation.comparison import LEAST_WORLDS
from classifiers.recipes.sweep.findings.best import find_best, find_loss
from classifiers.recipes.sweep.findings.spread import (
    find_gaps,
    find_heaps,
    find_luck,
    find_never,
    find_own_choices,
)
from classifiers.recipes.sweep.findings.table import Row, Table, read_rows, values_of
from classifiers.recipes.sweep.findings.task import find_of_tasks
from classifiers.recipes.sweep.findings.verdict import judge
from classifiers.wording import listed, percent

_MOST_LISTED = 3


def find(config: SweepLike, rows: Sequence[Row]) -> Iterator[str]:
    """The findings of a finished sweep, the most important first; rows in any order.

    Every claim of a difference holds `verdict.CLAIM`, and under `LEAST_WORLDS` members none is
    made.
    """
    table, failed = read_rows(config, rows)
    if failed:
        yield _failed(config, failed, len(rows))
    if table is None:
        return
    yield from _diverged(table)
    few = np.isfinite(table.accuracy).sum(1).max() < LEAST_WORLDS
    if few or len(table.rows) == 1:
        yield from _medians(table)
    if few:
        yield from find_gaps(table, None)
        return
    groups = table.groups()
    one_task = len(groups) == 1
    judged = judge(table, groups)
    yield from find_best(table, judged) if one_task else find_of_tasks(table, groups, judged)
    yield from find_never(table, judged)
    yield from find_heaps(table)
    if one_task:
        yield from find_own_choices(table)
        yield from find_loss(table, judged)
    yield from find_gaps(table, judged if one_task else None)
    yield from find_luck(table)


def _failed(config: SweepLike, failed: Sequence[Row], count: int) -> str:
    reasons = []
    for row in failed[:_MOST_LISTED]:
        values = ", ".join(f"{axis} {value}" for axis, value in values_of(config, row).items())
        reasons.append(f"{values.replace('_', ' ')} ({row['error'].rstrip('.')})")
    if len(failed) > _MOST_LISTED:
        reasons.append(f"{len(failed) - _MOST_LISTED} more")
    verb = "failed and is" if len(failed) == 1 else "failed and are"
    return f"{len(failed)} of {count} settings {verb} left out: {listed(reasons)}."


def _diverged(table: Table) -> Iterator[str]:
    broken = [i for i, row in enumerate(table.rows) if row["diverged"]]
    if not broken:
        return
    count = sum(table.rows[i]["diverged"] for i in broken)
    one = count == 1
    cause = "too high a learning rate"
    if "learning_rate" not in table.axes:
        rate = f"{table.config.base.training.learning_rate:g}"
        cause = f"the learning rate, {rate}, is too high for {'it' if one else 'them'}"
    yield (
        f"The loss of {count} {'network' if one else 'networks'} stopped being a number, at "
        f"{table.names(broken)}: {cause}. "
        f"{'It counts as it was' if one else 'They count as they were'} before that."
    )


def _medians(table: Table) -> Iterator[str]:
    """What was seen, and no claim."""
    if not np.isfinite(table.learned).any():
        return
    low, high = table.ends()
    text = f"Over {table.varied(whole=True)}, the median accuracy on {table.unseen} points "
    if len(table.rows) == 1:
        text += f"{table.at([0])} is {table.typical(0)}"
        if np.isfinite(table.limit[0]):
            text += f"; the best possible is {percent(table.limit[0])}"
        yield f"{text}."
        return
    ends = f"runs from {table.typical(low)} ({table.name(low)}) to {table.typical(high)} "
    told = (
        f"{ends}({table.name(high)})"
        if low != high
        else (f"is {table.typical(low)} wherever networks learned")
    )
    yield f"{text}{told}. Fewer than {LEAST_WORLDS} can't say which value is better: take more."
