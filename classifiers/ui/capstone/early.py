"""Early stopping in the page: how much the points that chose the epoch flatter it."""

import itertools
import json
import math
from pathlib import Path
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.recipes.capstone.sweeps import FormerRecord, load_optimism
from classifiers.ui.models import from_weights
from classifiers.ui.parts.csv_text import to_csv
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.static import asset, module
from classifiers.wording import percent

_WAYS = {
    "test": "best on these test points",
    "validation": "best on validation points",
    "none": "the last one",
}
_NOT_YET = "Not measured yet with this version of the app."
_COLUMNS = ("epoch", "train_accuracy", "test_accuracy", "fresh_accuracy", "optimism")
_sequence = itertools.count()


def build_early(tab: gr.Tab) -> None:
    """Adds the picture; what ships is shown with the tab."""
    early = gr.HTML(
        html_template=asset("capstone/early/early.html"),
        css_template=asset("capstone/early/early.css"),
        js_on_load=module("capstone/early/early.js"),
        elem_id="early",
        elem_classes="text-panel",
    )
    tab.select(_open, None, early, **LIGHT)


def _open() -> str:
    try:
        told = from_weights(_load, "capstone")
    except ClassifiersError as error:
        told = {"rows": [], "findings": [str(error)]}
    return json.dumps({"sequence": next(_sequence), **told}, allow_nan=False)


def _load(folder: Path) -> dict[str, Any]:
    try:
        return picture(load_optimism(folder))
    except FormerRecord:
        return {"rows": [], "findings": [_NOT_YET]}


def picture(result: dict[str, Any]) -> dict[str, Any]:
    """What the page draws of the result of `early_stopping_optimism`."""
    rows = [_row(way, label, result["ways"][way]) for way, label in _WAYS.items()]
    rows += [
        _paired(way, told["excess"]) for way, told in result["ways"].items() if "excess" in told
    ]
    ends = [value for row in rows for value in (*row["dots"], row["low"], row["high"])]
    reach = math.ceil(100 * max(0.01, *map(abs, ends))) / 100
    step = 0.05 if reach <= 0.25 else 0.1
    count = int(reach / step + 1e-9)
    return {
        "rows": rows,
        "range": [-reach, reach],
        "ticks": [round(i * step, 2) for i in range(-count, count + 1)],
        "findings": result["findings"],
        "csv": _csv(result),
    }


def _row(way: str, label: str, told: dict[str, Any]) -> dict[str, Any]:
    optimism = told["optimism"]
    fresh = percent(told["fresh_accuracy"]["mean"])
    return {
        "kind": "way",
        "way": way,
        "label": label,
        "note": f"epoch {told['epoch']['mean']:,.0f} on average, fresh {fresh}",
        **_dots(optimism["members"], optimism["mean"], optimism["interval"]),
    }


def _paired(way: str, excess: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "paired",
        "way": f"{way} excess",
        "label": f"{_WAYS[way]},",
        "note": "less the last one, world by world",
        **_dots(excess["members"], excess["mean"], excess["interval"]),
    }


def _dots(members: list[float], mean: float, interval: list[float]) -> dict[str, Any]:
    low, high = interval
    return {
        "dots": [round(value, 5) for value in members],
        "mean": mean,
        "low": low,
        "high": high,
        "text": f"{100 * mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})",
    }


def _csv(result: dict[str, Any]) -> str:
    """A line a world and way, with all digits."""
    lines = [
        [way, k, *(result["ways"][way][name]["members"][k] for name in _COLUMNS)]
        for way in _WAYS
        for k in range(result["members"])
    ]
    return to_csv(["chosen_by", "world", *_COLUMNS], lines)
