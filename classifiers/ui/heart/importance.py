"""What the model uses, over all patients of the study: a picture of fields and of pairs."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.model import HeartModel
from classifiers.ui.heart.words import inside, label
from classifiers.ui.models import Served
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module
from classifiers.wording import bounded, times

_MEASURES = {
    "shapley": "Mean step of the odds, up or down",
    "auc_loss": "AUC lost when it is hidden",
    "log_loss_rise": "Log loss added when it is hidden",
}
_PAIRS = "Mean step of the odds by a pair, beyond each alone"


def build_importance(
    served: Callable[..., Served], inputs: Sequence[Any], opening: Opening
) -> None:
    """Adds the folded picture; without the record of it in the metadata there is nothing to see."""
    picture = gr.HTML(
        html_template=asset("heart/why/importance.html"),
        css_template=asset("heart/why/common.css", "heart/why/importance.css"),
        js_on_load=module("heart/why/importance.js"),
        apply_default_css=False,
        elem_id="importance",
    )

    def show(_: Any, *values: Any) -> list[str]:
        try:
            return [_shown(served(*values).heart)]
        except ClassifiersError:  # the risk panel says what is wrong
            return [""]

    opening.add(show, inputs, [picture])


@lru_cache(maxsize=4)
def _shown(model: HeartModel) -> str:
    shown = show_importance(model)
    return json.dumps(shown, allow_nan=False) if shown else ""


def show_importance(model: HeartModel) -> list[dict[str, Any]]:
    """A picture a measure, and one of pairs; none if the metadata has no `importance`.

    Returns:
        {`title`, `range`, `rows`}; a row is {`label`, `value`, `low`, `high`, `text`, `sure`}:
        whether the interval leaves out 0. All pictures of fields have one order, the largest steps
        first.
    """
    record = model.artifact.metadata.evaluation.get("importance")
    if not record:
        return []
    fields = sorted(record["fields"], key=lambda part: -part["shapley"]["value"])
    pictures = [
        _picture(title, [(label(f["field"]), f[measure]) for f in fields], measure == "shapley")
        for measure, title in _MEASURES.items()
    ]
    pairs = [
        (f"{label(a)} and {inside(b)}", pair)
        for pair in sorted(record["interactions"], key=lambda pair: -abs(pair["value"]))
        for a, b in [pair["fields"]]
    ]
    return [*pictures, *([_picture(_PAIRS, pairs, True)] if pairs else [])]


def _picture(
    title: str, rows: list[tuple[str, Mapping[str, float]]], of_odds: bool
) -> dict[str, Any]:
    """`of_odds`: the values are log-odds, which are said as factors."""
    ends = [0.0, *(part[end] for _, part in rows for end in ("low", "high"))]
    return {
        "title": title,
        "range": [min(ends), max(ends)],
        "rows": [
            {
                "label": name,
                **{key: part[key] for key in ("value", "low", "high")},
                "text": times(math.exp(part["value"])) if of_odds else bounded(part),
                "sure": part["low"] > 0 or part["high"] < 0,
            }
            for name, part in rows
        ],
    }
