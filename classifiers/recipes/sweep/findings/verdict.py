"""Which settings do best, which can't be told from them, and which are worse by more than chance.

Everything that a sweep's sentences claim is one family: all pairs, in accuracy, in typical loss
and in how often networks never learn, judged together, so that a page says something false at most
5 % of the time when nothing differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifiers.evaluation.comparison import (
    LEAST_WORLDS,
    LEVEL,
    Pair,
    compare_all,
    compare_shares,
    compare_with,
    judge_together,
)
from classifiers.evaluation.metrics import Estimate
from classifiers.recipes.sweep.findings.table import Floats, Table

CLAIM = "by more than chance"  # in every sentence that claims a difference, and in no other
_MOST_PAIRED = 200  # settings: of more, each is compared with the best alone


@dataclass(frozen=True)
class Verdict:
    """Settings of one task by their index: `best` with its ties, and the others.

    `worse` are behind by more than chance, `alike` can't be told apart, `few` have too few worlds
    to be compared. `lead` is by how much the best is ahead of `furthest`, the worst of `worse`.
    """

    best: list[int]
    alike: list[int]
    worse: list[int]
    few: list[int]
    furthest: int | None
    lead: Estimate | None


@dataclass(frozen=True)
class Judged:
    """All comparisons of a sweep: pairs by their settings' indices, a dict for each group."""

    accuracy: list[dict[tuple[int, int], Pair]]
    loss: list[dict[tuple[int, int], Pair]]
    never: dict[tuple[int, int], Pair]


def judge(table: Table, groups: Sequence[Sequence[int]]) -> Judged:
    """Compares what can be compared: settings of one task, world by world. Losses are compared
    where there is one task, since only there are they told."""
    if max(map(len, groups)) > _MOST_PAIRED:
        accuracy = [_with_best(table.learned, group) for group in groups]
        loss = [_with_best(-table.log_loss, group) for group in groups]
        return Judged(accuracy, loss, {})
    measures = [table.learned] if len(groups) > 1 else [table.learned, -table.log_loss]
    never = [compare_shares(table.never[list(group)]) for group in groups]
    pairs = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    among = len(measures) * pairs + sum(map(len, never))
    families = [
        compare_all(values[list(group)], among=among) for values in measures for group in groups
    ]
    judged = [
        {(group[pair.i], group[pair.j]): pair for pair in family}
        for family, group in zip(
            judge_together(*families, *never), [*groups] * (len(measures) + 1), strict=True
        )
    ]
    count = len(groups)
    told = {key: pair for family in judged[-count:] for key, pair in family.items()}
    return Judged(judged[:count], judged[count : len(families)], told)


def _with_best(values: Floats, group: Sequence[int]) -> dict[tuple[int, int], Pair]:
    own = values[list(group)]
    best = _leaders(own)
    if not best:
        return {}
    pairs = compare_with(own, best[0], LEVEL / 2)  # accuracy and loss share the level
    return {(group[pair.i], group[pair.j]): pair for pair in pairs}


def settle(
    values: Floats, group: Sequence[int], pairs: dict[tuple[int, int], Pair]
) -> Verdict | None:
    """The verdict on a group by (V, K) values of which higher is better; None without claims."""
    leaders = [group[i] for i in _leaders(values[list(group)])]
    if not leaders or not pairs:
        return None
    first = leaders[0]
    alike: list[int] = []
    worse: list[int] = []
    few: list[int] = []
    leads: dict[int, Estimate] = {}
    for other in group:
        if other in leaders:
            continue
        forward = pairs.get((first, other))
        pair = forward or pairs[other, first]
        leads[other] = pair.difference if forward else _turned(pair.difference)
        told = few if pair.worlds < LEAST_WORLDS else alike
        (worse if pair.differs and leads[other].value > 0 else told).append(other)
    furthest = max(worse, key=lambda other: leads[other].value, default=None)
    lead = None if furthest is None else leads[furthest]
    return Verdict(leaders, alike, worse, few, furthest, lead)


def _leaders(values: Floats) -> list[int]:
    """The best of (V, K) values by their mean, ties included, among those with enough worlds."""
    known = np.isfinite(values)
    counts = known.sum(1)
    means = np.where(known, values, 0).sum(1) / np.maximum(counts, 1)
    means[counts < LEAST_WORLDS] = -np.inf
    top = means.max(initial=-np.inf)
    return [] if top == -np.inf else np.flatnonzero(means >= top - 1e-12).tolist()


def _turned(difference: Estimate) -> Estimate:
    return Estimate(-difference.value, -difference.high, -difference.low)
