"""How single worlds differ: who never learned, heaps, other choices, the gap, lucky test points."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from classifiers.evaluation.comparison import LEAST_WORLDS, heaps, mean_interval, share_interval
from classifiers.recipes.sweep.findings.table import Floats, Table, heaps_text
from classifiers.recipes.sweep.findings.verdict import CLAIM, Judged
from classifiers.wording import listed, percent, signed_points

_MOST_LISTED = 4
_NUMBERS = {2: "two", 3: "three", 4: "four"}


def find_never(table: Table, judged: Judged) -> Iterator[str]:
    """How many networks are no better than naming the largest class."""
    counts = table.never.sum(1)
    flagged = np.flatnonzero(counts).tolist()
    if not flagged:
        return
    told = []
    for index in sorted(flagged, key=lambda i: -counts[i])[:_MOST_LISTED]:
        share = share_interval(int(counts[index]), table.worlds)
        told.append(
            f"{counts[index]} of {table.worlds} {table.at([index])} (95 % interval "
            f"{100 * share.low:.0f} to {100 * share.high:.0f} of 100)"
        )
    rest = len(flagged) - len(told)
    if rest:
        told.append(f"some at {rest} other {'value' if rest == 1 else 'values'}")
    yield (
        f"Over {table.varied()}, networks that never learned, no better than naming one class: "
        f"{listed(told)}. They are left out of the comparisons."
    )
    more: dict[int, list[int]] = {}
    for (i, j), pair in judged.never.items():
        if pair.differs:
            often, rarely = (i, j) if pair.difference.value > 0 else (j, i)
            more.setdefault(often, []).append(rarely)
    for often, others in list(more.items())[:_MOST_LISTED]:
        yield (
            f"More networks never learned {table.at([often])} than {table.at(sorted(others))}, "
            f"{CLAIM} over {table.varied()}."
        )


def find_heaps(table: Table) -> Iterator[str]:
    """Settings at which networks end in one of several heaps."""
    parted = [
        (i, parts) for i in range(len(table.rows)) if len(parts := heaps(table.learned[i])) > 1
    ]
    for index, parts in parted[:_MOST_LISTED]:
        count = _NUMBERS.get(len(parts), str(len(parts)))
        yield (
            f"Over {table.varied()}, networks {table.at([index])} fall into {count} heaps: "
            f"{heaps_text(parts)} on {table.unseen} points."
        )
    rest = len(parted) - _MOST_LISTED
    if rest > 0:
        yield f"So they do at {rest} other {'setting' if rest == 1 else 'settings'}."


def find_own_choices(table: Table) -> Iterator[str]:
    """What one would conclude from a single world, as the lesson does."""
    if len(table.axes) > 1 or len(table.rows) < 2:
        return
    known = np.isfinite(table.test).all(0)
    if not known.any():
        return
    scores = table.test[:, known]
    chosen = np.flatnonzero((scores == scores.max(0)).any(1))
    if len(chosen) > 1:
        yield (
            f"Over {table.varied()}, the test points of a single one would have named any of "
            f"{len(chosen)} of {len(table.rows)} values the best, alone or tied, from "
            f"{table.name(chosen[0])} to {table.name(chosen[-1])}."
        )


def find_gaps(table: Table, judged: Judged | None) -> Iterator[str]:
    """How far training points lie above unseen ones, at both ends, and what closes it."""
    if len(table.axes) > 1 or not np.isfinite(table.gap).any(1).all():
        return
    ends = [0] if len(table.rows) == 1 else [0, len(table.rows) - 1]
    enough = all(np.isfinite(table.gap[end]).sum() >= LEAST_WORLDS for end in ends)
    told = [f"{_size(table.gap[end], enough)} {table.at([end])}" for end in ends]
    kind = "means with 95 % intervals" if enough else "medians"
    yield (
        f"Accuracy on training points less that on {table.unseen} ones: {listed(told)} ({kind}, "
        f"over {table.varied()})."
    )
    closing = {"weight_decay", "dropout"} & set(table.axes)
    gap = mean_interval(table.gap[0])
    if not closing or judged is None or len(ends) < 2 or not gap.low > 0:
        return
    means = np.nanmean(table.gap, axis=1)
    best = int(np.nanargmax(np.nanmean(table.accuracy, axis=1)))
    for index in dict.fromkeys([best, ends[1]]):
        if index:
            yield _closing(table, judged, index, 1 - means[index] / means[0])


def _closing(table: Table, judged: Judged, index: int, closed: float) -> str:
    """How a setting closes the gap of the first: by learning less, by generalizing better."""
    share = f"closes {100 * closed:.0f} % of" if closed < 1 else "closes all of"
    changes = table.gap[index] + table.accuracy[index] - table.gap[0] - table.accuracy[0]
    pair: Any = judged.accuracy[0].get((0, index))
    name = table.name(index)
    text = (
        f"{name[0].upper()}{name[1:]} {share if closed > 0 else 'does not close'} that gap over "
        f"{table.varied()}: accuracy on training points changes by "
        f"{100 * np.nanmean(changes):+.1f} points"
    )
    if pair is None:
        return f"{text}."
    gain = pair.difference
    verdict = CLAIM if pair.differs else "no more than chance would"
    return (
        f"{text}, on {table.unseen} ones by {-100 * gain.value:+.1f}, {verdict} (95 % interval for "
        f"all comparisons at once {-100 * gain.high:+.1f} to {-100 * gain.low:+.1f})."
    )


def _size(values: Floats, enough: bool) -> str:
    mean = mean_interval(values)
    if not enough:
        return signed_points(float(np.nanmedian(values)))
    return f"{signed_points(mean.value)} ({100 * mean.low:+.1f} to {100 * mean.high:+.1f})"


def find_luck(table: Table) -> Iterator[str]:
    """How far the test points alone move a score: what the best possible rule scores on them."""
    on_test = table.rows[0].get("test_bayes_accuracy")
    if len(table.groups()) > 1 or not on_test or not np.isfinite(table.limit[0]):
        return
    scores = np.array(on_test["members"], dtype=np.float64)
    if np.isfinite(scores).sum() > 1:
        yield (
            f"Luck of the test points: over {table.varied()}, the best possible rule scores from "
            f"{percent(float(np.nanmin(scores)))} to {percent(float(np.nanmax(scores)))} on them, "
            f"and {percent(table.limit[0])} on endlessly many."
        )
