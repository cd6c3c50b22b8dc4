"""One setting at many values, as the chart draws it: a dot a network, medians, best possible.

A network's numbers are told to six digits; everything that is counted over networks is counted
here.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import SweepConfig
from classifiers.evaluation.comparison import LEAST_WORLDS, never_learned
from classifiers.recipes.sweep.findings.table import largest_class_share
from classifiers.recipes.sweep.tasks import Row
from classifiers.ui.capstone.sweep.names import AXES, write_value
from classifiers.ui.parts.csv_text import to_csv

MOST_DOTS = 200  # a value; lines and counts are over all
SETS = ("fresh", "test")
_PARTS = ("train", "test", "fresh")
_MEASURES = ("accuracy", "loss")
_CUT_SHARE = 0.03  # of the dots of networks that learned, which may lie below the axis
_MOST_LOSS_DECADES = 3.0


def chart_of(config: SweepConfig, rows: Mapping[int, Row]) -> dict[str, Any]:
    """The columns that are known so far, by the number of their setting, and axes to hold them."""
    axis = AXES[config.over]
    known = [row for row in rows.values() if "error" not in row]
    return {
        "over": config.over,
        "title": axis.title,
        "inside": axis.inside,
        "values": [write_value(config.over, value) for value in config.values],
        "columns": [column_of(config, index, rows[index]) for index in sorted(rows)],
        "members": config.members,
        "lines": config.members >= LEAST_WORLDS,
        "drawn": min(config.members, MOST_DOTS),
        "unseen": "fresh" if all(row.get("fresh_accuracy") for row in known) else "test",
        "axes": {"accuracy": _accuracy_axis(config, known), "loss": _loss_axis(known)},
    }


def column_of(config: SweepConfig, index: int, row: Row) -> dict[str, Any]:
    """One setting: its networks' numbers, and `middle` and `ranks` by fresh accuracy."""
    if "error" in row:
        return {"index": index, "label": label_of(config, index), "error": row["error"]}
    unseen = members(row, "fresh_accuracy" if row["fresh_accuracy"] else "test_accuracy")
    ranks = np.argsort(unseen[:MOST_DOTS], kind="stable").tolist()
    return {
        "index": index,
        "label": label_of(config, index),
        "middle": ranks[len(ranks) // 2],
        "ranks": ranks,
        "parameters": row["parameters"],
        "diverged": row["diverged"],
        "never": int(_never(config, row).sum()),
        "best": row["bayes_accuracy"],
        "best_test": _median(members(row, "test_bayes_accuracy")),
        **{
            measure: {
                **{part: _short(members(row, f"{part}_{measure}")) for part in _PARTS},
                "median": {part: _median(members(row, f"{part}_{measure}")) for part in SETS},
            }
            for measure in _MEASURES
        },
        "own_best": _short(members(row, "test_bayes_accuracy")),
    }


def label_of(config: SweepConfig, index: int) -> str:
    """A setting as it begins a sentence: "Width 16, weight decay 0.01"."""
    named = [
        f"{AXES[axis].inside} {write_value(axis, value)}"
        for axis, value in config.values_of(index).items()
    ]
    text = ", ".join(named)
    return text[:1].upper() + text[1:]


def members(row: Row, measure: str) -> NDArray[np.float64]:
    """(K,) values, NaN where a network has none; empty where nothing was measured."""
    summary = row.get(measure)
    return np.array([] if summary is None else summary["members"], dtype=np.float64)


def _never(config: SweepConfig, row: Row) -> NDArray[np.bool_]:
    """Which networks answer no better than naming one class for everything; empty if unknown."""
    accuracy = members(row, "fresh_accuracy")
    if not len(accuracy):
        return np.array([], dtype=bool)
    return never_learned(accuracy, largest_class_share(config.base.dataset))


def _short(values: NDArray[np.float64]) -> list[float | None]:
    return [digits(value) for value in values[:MOST_DOTS].tolist()]


def digits(value: float) -> float | None:
    """Six of them, as more than a screen can show; None for what is not finite."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _median(values: NDArray[np.float64]) -> float | None:
    """Of all networks; a loss that is no number counts as the largest."""
    if not len(values):
        return None
    return digits(float(np.median(np.nan_to_num(values, nan=np.inf))))


def _accuracy_axis(config: SweepConfig, rows: Sequence[Row]) -> dict[str, Any]:
    """Range, ticks, and from where on dots are cut off.

    Networks that never learned lie far below all others: the range is that of those that did.
    """
    seen = _finite([members(row, f"{part}_accuracy") for row in rows for part in SETS])
    if not len(seen):
        return {"range": [0.5, 1.0], "ticks": [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], "cut": None}
    fresh = [_learned(config, row, "fresh_accuracy") for row in rows]
    learned = _finite([*fresh, *(_learned(config, row, "test_accuracy") for row in rows)])
    lows = [np.quantile(known, _CUT_SHARE) for known in (learned, *fresh) if len(known)]
    twentieth = 0.05
    low = float(min(lows, default=seen[0]))
    low = max(0.0, math.floor((low - 0.005) / twentieth) * twentieth)
    best = [row["bayes_accuracy"] for row in rows if row["bayes_accuracy"] is not None]
    top = max(float(seen[-1]), *best, low + 0.1)
    high = min(1.0, math.ceil((top + 0.002) / twentieth) * twentieth)
    step = twentieth if high - low <= 0.3 else 2 * twentieth
    ticks = np.arange(math.ceil(round(low / step, 6)), round(high / step, 6) + 1e-9) * step
    return {
        "range": [round(low, 2), round(high, 2)],
        "ticks": [round(float(tick), 2) for tick in ticks],
        "cut": round(low, 2) if seen[0] < round(low, 2) else None,
    }


def _learned(config: SweepConfig, row: Row, measure: str) -> NDArray[np.float64]:
    """The values of the networks that learned; of all where that isn't known."""
    values, never = members(row, measure), _never(config, row)
    return values[~never] if len(never) == len(values) else values


def _finite(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """All of them in order."""
    seen = np.concatenate([np.array([]), *columns])
    return np.sort(seen[np.isfinite(seen)])


def _loss_axis(rows: Sequence[Row]) -> dict[str, Any]:
    """Logarithmic."""
    seen = _finite([members(row, f"{part}_loss") for row in rows for part in SETS])
    seen = seen[seen > 0]
    if not len(seen):
        return {"range": [0.1, 10.0], "ticks": [0.1, 1, 10], "cut": None}
    high = float(seen[-1]) * 1.15
    low = max(float(seen[0]) / 1.15, high / 10**_MOST_LOSS_DECADES)
    cut = low if seen[0] < low else None
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    parts = (1, 2, 5) if high / low < 200 else (1,)
    ticks = [float(f"{part * 10.0**power:.3g}") for power in decades for part in parts]
    inside = [tick for tick in ticks if low <= tick <= high]
    return {"range": [digits(low), digits(high)], "ticks": inside, "cut": cut}


def csv_of(config: SweepConfig, rows: Mapping[int, Row]) -> str:
    """A line a network, with all digits."""
    measures = [f"{part}_{measure}" for measure in _MEASURES for part in _PARTS]
    header = [
        config.over,
        *([config.and_over] if config.and_over else []),
        "network",
        "parameters",
        "bayes_accuracy",
        "test_bayes_accuracy",
        *measures,
    ]
    done = [rows[index] for index in sorted(rows)]
    return to_csv(header, _lines(config, done, ["test_bayes_accuracy", *measures]))


def _lines(
    config: SweepConfig, rows: Sequence[Row], measures: Sequence[str]
) -> Iterator[list[Any]]:
    for row in rows:
        if "error" in row:
            continue
        value = [row["value"], *([row["and_value"]] if config.and_over else [])]
        fixed = [row["parameters"], row["bayes_accuracy"]]
        columns = [(row.get(name) or {}).get("members") for name in measures]
        for k in range(config.members):
            yield [*value, k, *fixed, *(column[k] if column else None for column in columns)]
