"""The heart tab: one patient, the model's threshold and costs, a table of patients, its record."""

from collections.abc import Callable

import gradio as gr

from classifiers.ui.heart.explorer import build_explorer
from classifiers.ui.heart.lessons import build_lessons
from classifiers.ui.heart.patient.tab import build_patient
from classifiers.ui.heart.record import build_record
from classifiers.ui.heart.table import build_table
from classifiers.ui.models import Served
from classifiers.ui.parts.markup import markdown
from classifiers.ui.parts.opening import Opening

NOTICE = (
    "For teaching only: this is no medical device and no diagnosis. It was trained on patients "
    "sent for coronary angiography in one clinic in the 1980s."
)


def build_heart_tab(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the tab; the page asks for the first patient's risk when it is opened."""
    opening = Opening()
    markdown(NOTICE, elem_classes="notice", container=False)
    with gr.Tabs():
        with gr.Tab("Patient"):
            build_patient(served, opening)
        with gr.Tab("Threshold") as explorer:
            build_explorer(served, explorer)
        with gr.Tab("Table"):
            build_table(served, opening)
        with gr.Tab("Lessons") as lessons:
            build_lessons(served, lessons)
        with gr.Tab("Record") as record:
            build_record(served, record)
    opening.register(tab.select)
