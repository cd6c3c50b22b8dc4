"""The Patient sub-tab: samples and actions, the form, the result, and what explains it."""

import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heart.patient.form import build_form, build_samples, read_form
from classifiers.ui.heart.patient.result import patient_of, show_prediction
from classifiers.ui.heart.why import build_why
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module


def build_patient(served: Callable[[], Served], opening: Opening) -> None:
    """Fills the sub-tab. What is not of the patient in the form is dimmed by `patient.css`."""
    with gr.Column(elem_id="patient"):
        build_samples()
        with gr.Row(elem_id="patient-grid", equal_height=False):
            form = build_form()
            risk = gr.HTML(
                html_template=asset("heart/patient/result.html"),
                css_template=asset("heart/patient/result.css"),
                js_on_load=module("heart/patient/result.js"),
                apply_default_css=False,
                elem_id="risk",
            )

        @speaks_plainly
        def predict(value: Any) -> str:
            answer = show_prediction(served(), read_form(value))
            return json.dumps(answer, allow_nan=False, separators=(",", ":"))

        @speaks_plainly
        def read(value: Any) -> tuple[Served, dict[str, Any]]:
            return served(), dict(patient_of(read_form(value)))

        live: dict[str, Any] = {"trigger_mode": "always_last", **LIGHT}
        form.change(predict, form, risk, **live)
        opening.add(lambda _, value: [predict(value)], [form], [risk])
        build_why(read, [form], [form.change], opening, live)
