"""The threshold explorer: what every threshold does, for two sets of patients and given costs."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np

from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.explorer import cost_table, explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import (
    LESSON_COSTS,
    PARTS,
    heart_report,
)
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.markup import markdown
from classifiers.ui.static import asset, module


def build_explorer(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the sub-tab; its data is sent when the tab is opened."""
    markdown(
        "Move the threshold and see what it does to patients whose outcome is known: the "
        "held-out ones, or all of them, each predicted by networks that never saw them. Switch "
        "between the two to see how little the smaller set says."
    )
    with gr.Row(elem_classes="tight"):
        miss = gr.Number(LESSON_COSTS[0], label="Cost of a missed patient", step=0.5, min_width=150)
        alarm = gr.Number(LESSON_COSTS[1], label="Cost of a false alarm", step=0.5, min_width=150)
    advice = markdown(elem_id="cost-advice")
    explorer = gr.HTML(
        html_template=asset("heart/explorer.html"),
        css_template=asset("heart/explorer.css"),
        js_on_load=module("heart/explorer.js", watched=("value", "costs")),
        costs="",
        elem_id="explorer",
    )

    @speaks_plainly
    def change_costs(false_negative: Any, false_positive: Any) -> tuple[Any, str]:
        costs, text = weigh(served().heart, false_negative, false_positive)
        return gr.HTML(costs=costs), text

    @speaks_plainly
    def open_tab(false_negative: Any, false_positive: Any) -> tuple[Any, str]:
        model = served().heart
        costs, text = weigh(model, false_negative, false_positive)
        return gr.HTML(value=show_table(model), costs=costs), text

    ends: dict[str, Any] = {"inputs": [miss, alarm], "outputs": [explorer, advice]}
    tab.select(open_tab, **ends, **{**LIGHT, "show_progress": "minimal"})
    gr.on([miss.change, alarm.change], change_costs, trigger_mode="always_last", **ends, **LIGHT)


@lru_cache(maxsize=4)
def show_table(model: HeartModel) -> str:
    table = explorer_table(model)
    thresholds = np.array(table["thresholds"])
    own = int(np.abs(thresholds - model.threshold).argmin())
    alarms = {
        name: [None if v is None else 1 - v for v in table[name]["metrics"]["specificity"]["value"]]
        for name in PARTS
    }
    names = {
        "out_of_fold": f"all {table['out_of_fold']['patients']}, out of fold",
        "held_out": f"{table['held_out']['patients']} held out",
    }
    return json.dumps({**table, "own": own, "false_alarms": alarms, "names": names})


def weigh(model: HeartModel, false_negative: Any, false_positive: Any) -> tuple[str, str]:
    """The cost curves as JSON, and the report's findings as Markdown."""
    try:
        table = cost_table(model, false_negative, false_positive)
        report = heart_report(model, None, false_negative, false_positive)
    except ClassifiersError as error:
        return "", f"**{error}**"
    costs = report["costs"]
    title = (
        f"Cost a patient: {costs['false_negative']:g} a miss, "
        f"{costs['false_positive']:g} a false alarm"
    )
    return json.dumps({**table, "title": title}), "\n\n".join(report["findings"])
