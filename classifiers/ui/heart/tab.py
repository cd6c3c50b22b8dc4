"""The heart tab: one patient, the model's threshold and costs, a table of patients, its record."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.data.heart.file import FEATURES
from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.card import render_card
from classifiers.recipes.heart.model import BatchResult
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heart.batch import predict_csv
from classifiers.ui.heart.explorer import build_explorer
from classifiers.ui.heart.lessons import build_lessons
from classifiers.ui.heart.patient.tab import build_patient
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
            facts = markdown()
            card = markdown(elem_id="model-card")
            record.select(
                lambda: (show_record(served()), _card(served())),
                None,
                [facts, card],
                api_visibility="private",
                show_progress="hidden",
            )


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


def _card(served: Served) -> str:
    """The model card without its front matter."""
    try:
        return render_card(served.heart).split("---\n", 2)[-1]
    except ClassifiersError as error:
        return f"**{error}**"


_MEASURES = {
    "auc": "AUC",
    "accuracy": "Accuracy at 50 %",
    "log_loss": "Log loss",
    "brier": "Brier score",
}


def show_record(served: Served) -> str:
    """The model's record as Markdown, every number from the artifact."""
    try:
        metadata = served.heart.artifact.metadata
    except ClassifiersError as error:
        return str(error)
    record = metadata.evaluation
    folded, held = record["out_of_fold"], record["held_out"]
    lines = [
        f"| | out of fold, all {len(folded['labels'])} patients | logistic regression, same folds "
        f"| {len(held['labels'])} held-out patients |",
        "|---|---|---|---|",
    ]
    for key, label in _MEASURES.items():
        cells = [
            folded["metrics"][key],
            folded["logistic_regression"]["metrics"][key],
            held["metrics"][key],
        ]
        shown = [f"{c['value']:.3f} ({c['low']:.3f} to {c['high']:.3f})" for c in cells]
        lines.append(f"| {label} | {' | '.join(shown)} |")
    gap = folded["logistic_regression"]["difference"]["log_loss"]
    verdict = (
        "the network's log loss cannot be told from the logistic regression's"
        if gap["low"] <= 0 <= gap["high"]
        else f"the network's log loss is {'lower' if gap['high'] < 0 else 'higher'} than the "
        "logistic regression's"
    )
    lines += [
        "",
        f"95 % intervals. Paired over patients, {verdict} (difference {gap['value']:+.4f}, "
        f"{gap['low']:+.4f} to {gap['high']:+.4f}). The served weights never saw the held-out "
        f"patients. Source: `{metadata.source.name}`, SHA-256 `{metadata.source.sha256[:12]}…`; "
        f"weights SHA-256 `{metadata.model.sha256[:12]}…`. {served.origin()}",
    ]
    return "\n".join(lines)
