"""The heart tab: one patient, the model's threshold and costs, a table of patients, its record."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.data.heart.file import FEATURES
from classifiers.recipes.heart.model import BatchResult
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heart.batch import predict_csv
from classifiers.ui.heart.explorer import build_explorer
from classifiers.ui.heart.lessons import build_lessons
from classifiers.ui.heart.patient.tab import build_patient
from classifiers.ui.heart.record import build_record
from classifiers.ui.models import Served
from classifiers.ui.parts.markup import markdown
from classifiers.ui.parts.opening import Opening

NOTICE = (
    "For teaching only: this is no medical device and no diagnosis. It was trained on patients "
    "sent for coronary angiography in one clinic in the 1980s."
)


def build_heart_tab(served: Callable[[], Served], opening: Opening) -> None:
    """Fills the tab."""
    markdown(NOTICE, elem_classes="notice", container=False)
    with gr.Tabs():
        with gr.Tab("Patient"):
            build_patient(served, opening)
        with gr.Tab("Threshold") as explorer:
            build_explorer(served, explorer)
        with gr.Tab("Table"):
            _build_batch(served)
        with gr.Tab("Lessons") as lessons:
            build_lessons(served, lessons)
        with gr.Tab("Record") as record:
            build_record(served, record)


def _build_batch(served: Callable[[], Served]) -> None:
    markdown(
        "A CSV with a column a feature, named as in the study: "
        + ", ".join(f"`{f.name}`" for f in FEATURES)
        + ". Missing columns and empty cells are unknown. The answer keeps the order and every "
        "row; a bad row carries its reason."
    )
    with gr.Row():
        upload = gr.File(
            label="Patients (CSV)", file_types=[".csv"], type="filepath", elem_id="patients-file"
        )
        answer = gr.File(label="Predictions (CSV)", interactive=False, elem_id="predictions-file")
    status = markdown()

    @speaks_plainly
    def predict(path: Any) -> tuple[Any, str]:
        if path is None:
            return None, ""
        answer, result = predict_csv(served(), uploaded_path(path), None)
        lines = [f"{len(result.answers):,} rows, all of them in the file; {_bad(result)}."]
        lines += [finding.message for finding in result.patients.findings]
        return answer, "\n\n".join(lines)

    upload.change(predict, upload, [answer, status], api_visibility="private", concurrency_limit=2)


def _bad(result: BatchResult) -> str:
    if not result.errors:
        return "none had to be refused"
    first = min(result.errors)
    return (
        f"{len(result.errors):,} could not be predicted and carry the reason, the first in row "
        f"{first + 1} ({result.errors[first]})"
    )
