"""Sweeps over what changes the task itself: no value wins, each has a best possible of its own."""

from collections.abc import Iterator, Sequence

import numpy as np

from classifiers.config.axes import TASK_AXES
from classifiers.evaluation.comparison import LEAST_WORLDS, compare_all, heaps, mean_interval
from classifiers.recipes.sweep.findings.table import Floats, Table, heaps_text
from classifiers.recipes.sweep.findings.verdict import CLAIM, Judged, settle
from classifiers.wording import listed

_MOST_TOLD = 8
_NAMES = {"samples": "the number of points", "noise": "noise", "label_noise": "label noise"}


def find_of_tasks(table: Table, groups: Sequence[list[int]], judged: Judged) -> Iterator[str]:
    """The distance to the best possible at both ends; where a second axis is varied within each
    task, what does best there."""
    if all(len(group) == 1 for group in groups):
        yield from _distances(table)
    else:
        yield from _best_of_each(table, groups, judged)


def _distances(table: Table) -> Iterator[str]:
    first, last = 0, len(table.rows) - 1
    away = table.limit[:, None] - table.learned
    if not np.isfinite(away[[first, last]]).any(1).all():
        return
    text = (
        f"{_varied_task(table)} the task, so no value wins. Over "
        f"{table.varied(whole=True)}, networks stay below the best possible accuracy by "
        f"{_distance(away[first])} at {table.name(first)} and by {_distance(away[last])} at "
        f"{table.name(last)}"
    )
    pair = compare_all(away[[first, last]], paired=False)[0]
    if pair.differs:
        low, high = sorted((abs(pair.difference.low), abs(pair.difference.high)))
        text += (
            f". The distance {'shrinks' if pair.difference.value > 0 else 'grows'} {CLAIM}, by "
            f"{100 * abs(pair.difference.value):.1f} points (95 % interval {100 * low:.1f} to "
            f"{100 * high:.1f}; the ends have no world in common)"
        )
    elif pair.worlds >= LEAST_WORLDS:
        text += f". {table.they} can't tell the two distances apart"
    yield f"{text}."
    typical = np.exp(np.nanmedian(table.log_loss[[first, last]], axis=1))
    if np.isfinite(typical).all():
        yield (
            f"The typical loss on {table.unseen} points (median over {table.varied()}) is "
            f"{typical[0]:.3g} at {table.name(first)} and {typical[1]:.3g} at {table.name(last)}."
        )


def _distance(away: Floats) -> str:
    known = away[np.isfinite(away)]
    parts = heaps(-known)
    if len(parts) > 1:
        return f"{heaps_text([-part for part in parts]).replace(' %', ' points')}"
    if len(known) < LEAST_WORLDS:
        return f"{100 * np.median(known):.1f} points"
    mean = mean_interval(known)
    return (
        f"{100 * mean.value:.1f} points (mean, 95 % interval {100 * mean.low:.1f} to "
        f"{100 * mean.high:.1f})"
    )


def _best_of_each(table: Table, groups: Sequence[list[int]], judged: Judged) -> Iterator[str]:
    tasks = [axis for axis in table.axes if axis in TASK_AXES]
    others = [axis for axis in table.axes if axis not in TASK_AXES]
    shown = groups if len(groups) <= _MOST_TOLD else [groups[0], groups[-1]]
    told = []
    for group in shown:
        pairs = judged.accuracy[groups.index(group)]
        verdict = settle(table.learned, group, pairs)
        if verdict is None:
            continue
        best = listed([table.name(index, others) for index in verdict.best])
        text = f"at {table.name(group[0], tasks)} {best}, {table.typical(verdict.best[0])}"
        if verdict.worse:
            worse = listed([table.name(index, others) for index in verdict.worse])
            text += f" ({CLAIM} above {worse})"
        else:
            text += " (no other can be told from it)"
        told.append(text)
    if told:
        yield (
            f"{_varied_task(table)} the task, so each value has a best of its own on "
            f"{table.unseen} points (medians over {table.varied(whole=True)}): {'; '.join(told)}."
        )


def _varied_task(table: Table) -> str:
    names = [_NAMES[axis] for axis in table.axes if axis in TASK_AXES]
    text = listed(names)
    return f"{text[0].upper()}{text[1:]} {'changes' if len(names) == 1 else 'change'}"
