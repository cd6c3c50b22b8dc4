"""The result of a sweep: a row a setting, what the rows show, and which settings failed."""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any

from classifiers.config import SweepConfig, SweepLike
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.tasks import MEASURES, Row, name_row
from classifiers.wording import listed, percent

MOST_WHOLE_ROWS = 1000  # settings; beyond it, rows come without the numbers of single members
_BEST = 5


def sweep_result(
    config: SweepLike, rows: list[Row], halving: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The whole sweep as JSON: `config` in full, a row a setting, and what they show."""
    return {**result_head(config, rows, halving), "rows": rows}


def result_head(
    config: SweepLike, rows: Iterable[Row], halving: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The result without its rows, which may be too many to hold: they are looked at once."""
    head: dict[str, Any] = {
        "config": config.to_dict(),
        "fresh_points": 0 if config.base.dataset.name == "points" else FRESH_POINTS,
        "findings": list(_find(config, rows, halving)),
    }
    return head if halving is None else {**head, "halving": halving}


def failed_row(config: SweepLike, index: int, error: str) -> Row:
    return {**name_row(config, index), "error": error}


def slim(row: Row) -> Row:
    """A row without the numbers of single members."""
    kept = {key: value for key, value in row.items() if key != "history"}
    for name in (*MEASURES, "test_bayes_accuracy"):
        if kept.get(name):
            kept[name] = {key: value for key, value in kept[name].items() if key != "members"}
    return kept


def shortfall(row: Row) -> float:
    """How far a setting stays below the best possible: mean accuracy on fresh points, or on test
    points where there are no fresh ones. Settings may be of different tasks."""
    unseen = row["fresh_accuracy"] or row["test_accuracy"]
    best = 1.0 if row["bayes_accuracy"] is None else row["bayes_accuracy"]
    return 1.0 if unseen["mean"] is None else best - unseen["mean"]


def name_setting(config: SweepLike, index: int) -> str:
    """As in "width 8 and noise 0.3"."""
    values = config.values_of(index).items()
    return listed(
        [
            f"{axis.replace('_', ' ')} {value if isinstance(value, str) else format(value, 'g')}"
            for axis, value in values
        ]
    )


def _find(config: SweepLike, rows: Iterable[Row], halving: dict[str, Any] | None) -> Iterator[str]:
    failures: list[tuple[int, str]] = []

    def whole() -> Iterator[tuple[int, Row]]:
        """The rows that can be compared."""
        for index, row in enumerate(rows):
            if "error" in row:
                failures.append((index, row["error"]))
            elif "stopped_at" not in row:
                yield index, row

    if isinstance(config, SweepConfig):
        good = [row for _, row in whole()]
        findings = list(find(config, good)) if good else []
    else:
        best = heapq.nsmallest(_BEST, whole(), key=lambda pair: (shortfall(pair[1]), pair[0]))
        findings = list(_best(config, best))
    if failures:
        index, error = failures[0]
        yield (
            f"{len(failures)} of {config.count} settings failed; the first, "
            f"{name_setting(config, index)}: {error}"
        )
    if halving is not None:
        yield halving["told"]
    yield from findings


def _best(config: SweepLike, best: list[tuple[int, Row]]) -> Iterator[str]:
    """What a search found. The best of many is best by luck, too."""
    if not best:
        return
    unseen = "test" if best[0][1]["fresh_accuracy"] is None else "fresh"
    told = []
    for index, row in best:
        mean = row[f"{unseen}_accuracy"]["mean"]
        below = (
            "" if row["bayes_accuracy"] is None else f", {100 * shortfall(row):.1f} points below"
        )
        told.append(f"{percent(mean or 0)}{below} with {name_setting(config, index)}")
    closest = "this comes closest" if len(told) == 1 else "these come closest"
    who = (
        "The only setting comes this close"
        if config.count == 1
        else f"Of {config.count} settings, {closest}"
    )
    yield f"{who} to the best possible in mean accuracy on {unseen} points: {'; '.join(told)}."
    if config.count == 1:
        return
    yield (
        "These numbers also chose the settings, so they flatter the first of them: to know how "
        "good one is, run it again with another base.training.seed and base.dataset.seed."
    )
