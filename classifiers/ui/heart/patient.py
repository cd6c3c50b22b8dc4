"""One patient: a form as a clinician reads it, the risk with its doubts, and what explains it."""

import itertools
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np

from classifiers.data.heart.file import FEATURES, Feature
from classifiers.errors import ClassifiersError
from classifiers.evaluation.metrics import Estimate
from classifiers.recipes.heart.model import (
    SAMPLE_PATIENTS,
    HeartModel,
    operating_points,
    parse_patient,
)
from classifiers.ui.heart.why import build_why
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT, PRIVATE
from classifiers.ui.parts.markup import inert, markdown
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module
from classifiers.wording import whole_percent

UNKNOWN = "unknown"
FIRST_SAMPLE = "Between the two, age 57"
_sequence = itertools.count()


def build_patient(served: Callable[[], Served], opening: Opening) -> None:
    """Fills the sub-tab. `load` registers what runs when the page opens."""
    with gr.Row(elem_classes="tight"):
        samples = {name: gr.Button(name, size="sm", min_width=120) for name in SAMPLE_PATIENTS}
        clear = gr.Button("Clear the form", size="sm", min_width=120, elem_classes="quiet")
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=320, elem_classes="tight"):
            fields = _build_form()
        with gr.Column(scale=5, min_width=320, elem_classes=["stick", "result-first"]):
            risk = gr.HTML(
                html_template=asset("heart/risk.html"),
                css_template=asset("heart/risk.css"),
                js_on_load=module("heart/risk.js"),
                elem_id="risk",
            )

    def predict(*values: Any) -> list[Any]:
        return show_prediction(served(), _patient(values))

    live: dict[str, Any] = {"trigger_mode": "always_last", **LIGHT}
    changes = [field.change for field in fields]
    gr.on(changes, predict, inputs=fields, outputs=[risk, *fields], **live)
    for name, button in samples.items():
        button.click(lambda name=name: _form_values(SAMPLE_PATIENTS[name]), None, fields, **PRIVATE)
    clear.click(lambda: _form_values({}), None, fields, **PRIVATE)
    opening.add(lambda _, *values: predict(*values), fields, [risk, *fields])
    build_why(lambda *values: (served(), _patient(values)), fields, changes, opening, live)


def _patient(values: Any) -> dict[str, Any]:
    return dict(zip((f.name for f in FEATURES), values, strict=True))


def _build_form() -> list[Any]:
    start = dict(
        zip((f.name for f in FEATURES), _form_values(SAMPLE_PATIENTS[FIRST_SAMPLE]), strict=True)
    )
    built: dict[str, Any] = {}
    for title, group in itertools.groupby(sorted(FEATURES, key=_group_order), lambda f: f.group):
        markdown(f"## {title}", elem_classes="group-title", container=False)
        listed = list(group)
        for i in range(0, len(listed), 2):
            with gr.Row():
                for about in listed[i : i + 2]:
                    built[about.name] = _build_field(about, start[about.name])
    return [built[f.name] for f in FEATURES]


def _group_order(about: Feature) -> int:
    groups = list(dict.fromkeys(f.group for f in FEATURES))
    return groups.index(about.group)


def _build_field(about: Feature, value: Any) -> Any:
    common: dict[str, Any] = {
        "label": f"{about.label} ({about.unit})" if about.unit else about.label,
        "info": about.help,
        "elem_id": f"field-{about.name}",
        "min_width": 150,
    }
    if about.kind == "numerical":
        return gr.Number(value=value, step=about.step, placeholder=UNKNOWN, **common)
    choices = [(code.label, code.value) for code in about.codes] + [(UNKNOWN, UNKNOWN)]
    if len(choices) <= 3:
        return gr.Radio(choices, value=value, **common)
    return gr.Dropdown(choices, value=value, filterable=False, **common)


def _form_values(patient: dict[str, Any]) -> list[Any]:
    """A patient's values as the form's components hold them."""
    values = []
    for about, value in zip(FEATURES, parse_patient(patient).tolist(), strict=True):
        if about.kind == "numerical":
            values.append(None if np.isnan(value) else value)
        else:
            values.append(UNKNOWN if np.isnan(value) else int(value))
    return values


def show_prediction(served: Served, patient: dict[str, Any]) -> list[Any]:
    """The risk panel's JSON, then an update for each field: its doubt or its help."""
    notes: dict[str, tuple[str, str]] = {}  # what is said beside a field, and how it is marked
    try:
        model = served.heart
    except ClassifiersError as error:
        return [_panel(None, {"state": "error", "message": str(error)}), *_field_updates(notes)]
    try:
        prediction = model.predict(patient)
    except ClassifiersError as error:
        about = next((f for f in FEATURES if f.name == error.field), None)
        notes[error.field] = (error.message, "wrong")
        message = f"{about.label if about else error.field}: {error.message}"
        return [_panel(model, {"state": "error", "message": message}), *_field_updates(notes)]
    for doubt in prediction.warnings:
        # Nothing is doubtful about a field that was left empty: it is said, and not marked.
        is_gap = doubt.code == "missing_imputed"
        notes[doubt.field] = (doubt.message, "" if is_gap else "doubt")
    low, high = prediction.interval
    state = {
        "state": "ok",
        "headline": whole_percent(prediction.probability),
        "interval": f"{whole_percent(low)} to {whole_percent(high)} over networks refitted to "
        "resampled patients (90 % interval)",
        "probability": prediction.probability,
        "low": low,
        "high": high,
        "doubts": [doubt.message for doubt in prediction.warnings],
    }
    return [_panel(model, state), *_field_updates(notes)]


def _field_updates(notes: dict[str, tuple[str, str]]) -> list[Any]:
    updates = []
    for about in FEATURES:
        message, mark = notes.get(about.name, (about.help, ""))
        updates.append(gr.update(info=inert(message), elem_classes=[mark] if mark else []))
    return updates


def _panel(model: HeartModel | None, state: dict[str, Any]) -> str:
    value: dict[str, Any] = {
        "sequence": next(_sequence),  # two equal values in a row would not be noticed
        "headline": "–",
        "interval": "",
        "message": "",
        "probability": 0.0,
        "doubts": [],
        "decisions": ["Below the threshold: no disease called", "Disease called"],
        **_backdrop(model),
        **state,
    }
    thresholds = [row["threshold"] for row in value["rows"]]
    called = [i for i, threshold in enumerate(thresholds) if value["probability"] >= threshold]
    value["positive_up_to"] = max(called, default=-1)
    return json.dumps(value)


def _with_interval(share: Estimate) -> str:
    value, low, high = map(whole_percent, (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"


@lru_cache(maxsize=4)
def _backdrop(model: HeartModel | None) -> dict[str, Any]:
    """What a patient is shown against: the out-of-fold patients, and each threshold's record."""
    if model is None:
        empty = {"with_disease": [], "without_disease": [], "edges": [], "most": 1}
        row = {"threshold": 0.5, "label": "", "operating": ""}
        legend = {"with_disease": "", "without_disease": ""}
        return {
            "histogram": empty,
            "rows": [row],
            "own_row": 0,
            "legend": legend,
            "chart_label": "",
        }
    points = operating_points(model)
    edges = np.linspace(0, 1, 21)
    sick, _ = np.histogram(points.probabilities[points.labels == 1], edges)
    well, _ = np.histogram(points.probabilities[points.labels == 0], edges)
    rows = [
        {
            "threshold": point.threshold,
            "label": whole_percent(point.threshold),
            "operating": f"At this threshold the model found {_with_interval(point.found)} of the "
            f"study's patients with disease and raised a false alarm for "
            f"{_with_interval(point.alarms)} of those without (out of fold, 95 % intervals).",
        }
        for point in points.rows
    ]
    own = min(range(len(rows)), key=lambda i: abs(points.rows[i].threshold - model.threshold))
    return {
        "histogram": {
            "with_disease": sick.tolist(),
            "without_disease": well.tolist(),
            "edges": edges.tolist(),
            "most": int(max(sick.max(), well.max())),
        },
        "rows": rows,
        "own_row": own,
        "legend": {
            "with_disease": f"▲ {int(sick.sum())} study patients with disease",
            "without_disease": f"▼ {int(well.sum())} without",
        },
        "chart_label": "This patient's risk and its interval over the out-of-fold risks of the "
        "study's patients with and without disease",
    }
