"""A table of patients: a CSV in, the CSV of their predictions out, decided at the page's threshold.

The file stays uploaded, so that another threshold decides it anew without sending it again.
"""

import csv
import itertools
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from classifiers.data.heart.file import FEATURES
from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.model import BatchResult
from classifiers.recipes.heart.report import own_costs
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.heart.batch import predict_csv
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.markup import markdown
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import address, asset, module
from classifiers.wording import whole_percent

_SHOWN = 8  # rows of the answer, and rows that were refused
_OWN = 4  # columns of the sender's that stand beside the answer
_ASK = """async (file, threshold) => {
  const { ask } = await import(new URL(ADDRESS, document.baseURI));
  return [file, ask(file)];
}"""
_FAILED = "Something went wrong that is not the file's fault. Try again in a minute."
_DECIDED = ("disease", "no disease")  # said even where there is none of them
_sequence = itertools.count()


def build_table(served: Callable[[], Served], opening: Opening) -> None:
    """Fills the sub-tab."""
    markdown(
        "A CSV with a column a feature, named as in the study: "
        + ", ".join(f"`{f.name}`" for f in FEATURES)
        + ". Missing columns and empty cells are unknown. The answer keeps the order and every "
        "row; a bad row carries its reason."
    )
    with gr.Row():
        upload = gr.File(
            label="Patients (CSV)", file_types=[".csv"], type="filepath", min_width=320,
            elem_id="patients-file",
        )  # fmt: skip
        answer = gr.File(
            label="Predictions (CSV)", interactive=False, min_width=320, elem_id="predictions-file"
        )
    threshold = gr.Number(visible="hidden")  # the page's, which the script fills in
    batch = gr.HTML(
        html_template=asset("heart/threshold/table.html"),
        css_template=asset("heart/threshold/tokens.css", "heart/threshold/table.css"),
        js_on_load=module(
            "heart/threshold/table.js", watched=("value", "start"), events=("decide",)
        ),
        start="",
        elem_id="patients-answer",
        elem_classes="text-panel",
    )

    def predict(path: Any, cut: Any) -> tuple[Any, str]:
        if path is None:
            return None, _tell(state="empty")
        try:
            file, result = predict_csv(served(), uploaded_path(path), cut)
            return file, _tell(**summarize(Path(file), result))
        except ClassifiersError as error:
            return None, _tell(state="error", message=str(error))

    script = _ASK.replace("ADDRESS", json.dumps(address("heart/threshold/table.js")))
    outputs = [answer, batch]
    failed = {"state": "error", "message": _FAILED}
    for ask in (upload.change, batch.decide):
        asked = ask(
            predict, [upload, threshold], outputs, js=script, api_visibility="private",
            concurrency_id="table", concurrency_limit=2, show_progress_on=answer,
        )  # fmt: skip
        asked.failure(lambda: (None, _tell(**failed)), None, outputs, **LIGHT)
    opening.add(lambda _: [gr.HTML(start=_start(served()))], [], [batch])


def _start(served: Served) -> str:
    """What the page's threshold and costs begin with; nothing where the model does not load."""
    try:
        model = served.heart
        miss, alarm = own_costs(model)
    except ClassifiersError:
        return ""
    return json.dumps({"threshold": model.threshold, "miss": miss, "alarm": alarm})


def _tell(**told: Any) -> str:
    # Two equal values in a row would not be noticed.
    return json.dumps({"sequence": next(_sequence), **told})


def summarize(answer: Path, result: BatchResult) -> dict[str, Any]:
    """What is said of a predicted file: its decisions, refused rows, findings and first rows.

    Decisions are counted in the answer itself, so page and file say the same.
    """
    with answer.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        own = len(result.patients.header)
        at = {name.removeprefix("predicted_"): i for i, name in enumerate(header) if i >= own}
        decided: Counter[str] = Counter()
        shown: list[list[str]] = []
        for i, row in enumerate(rows):
            decided[row[at["decision"]]] += 1
            if i < _SHOWN:
                shown.append([str(i + 1), *row[: min(own, _OWN)], *_answer(row, at)])
    refused = [[f"{row + 1:,}", reason] for row, reason in list(result.errors.items())[:_SHOWN]]
    count, bad = len(result.answers), len(result.errors)
    kinds = [*_DECIDED, *sorted(set(decided) - {*_DECIDED, ""})]
    return {
        "state": "ok",
        "threshold": result.threshold,
        "at": whole_percent(result.threshold),
        "rows": f"{count:,} row{'s' * (count != 1)}, all of them in the file",
        "decisions": [*([kind, decided[kind]] for kind in kinds), ["refused", bad]],
        "refused": refused,
        "more": f"and {bad - len(refused):,} more, in the file" if bad > len(refused) else "",
        "findings": [finding.message for finding in result.patients.findings],
        "header": ["Row", *header[: min(own, _OWN)], "Risk", "Interval", "Decision"],
        "own": min(own, _OWN),
        "preview": shown,
        "first": f"The first {len(shown)} of {count:,} rows" if count > len(shown) else "All rows",
        "hidden": max(0, own - _OWN),
    }  # fmt: skip


def _answer(row: Sequence[str], at: dict[str, int]) -> list[str]:
    """Risk, interval and decision of one row of the answer, as people read them."""
    if row[at["error"]]:
        return ["", "", f"refused: {row[at['error']]}"]
    risk, low, high = (
        whole_percent(float(row[at[name]]))
        for name in ("probability", "interval_low", "interval_high")
    )
    return [risk, f"{low.removesuffix(' %')} to {high}", row[at["decision"]]]
