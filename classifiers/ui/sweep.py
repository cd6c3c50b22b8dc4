"""Sweeps in the page: pick what to vary, watch the curve and its band grow."""

import csv
import io
import itertools
import json
from collections.abc import Iterator
from typing import Any

import gradio as gr

from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError
from classifiers.recipes.sweep import MEASURES, run_sweep
from classifiers.ui.assets import asset

_NAMES = {
    "Width of the hidden layers": "width",
    "Weight decay of the big network": "weight_decay",
    "Dropout": "dropout",
    "Number of points": "samples",
    "Noise of the points": "noise",
}
_CURVES = (("train", "faint"), ("test", "second"), ("fresh", "first"))
_sequence = itertools.count()
_SAVE = """(text) => {
  if (!text) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
  link.download = 'sweep.csv';
  link.click();
}"""


def build_sweeps() -> None:
    """Fills the accordion."""
    gr.Markdown(
        "Every value is trained with several networks, each with starting weights and a split of "
        "its own: the line is their mean, the band one standard deviation either way, the dotted "
        "line the best possible accuracy.",
        container=False,
    )
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Row(elem_classes="tight"):
        over = gr.Dropdown(
            list(_NAMES), value=next(iter(_NAMES)), label="What to vary", filterable=False
        )
        members = gr.Number(5, label="Networks a value", precision=0, min_width=120)
        epochs = gr.Number(500, label="Epochs", precision=0, min_width=120)
    with gr.Row(elem_classes="tight"):
        start = gr.Button("Run the sweep", variant="primary", elem_id="sweep-run")
        stop = gr.Button("Stop", elem_id="sweep-stop")
        save = gr.Button("Save CSV", elem_id="sweep-save")
    status = gr.Markdown(elem_id="sweep-status")
    chart = gr.HTML(
        html_template=asset("sweep.html"),
        css_template=asset("charts.css", "sweep.css"),
        js_on_load=asset("charts.js", "sweep.js"),
        elem_id="sweep-chart",
    )
    findings = gr.Markdown(elem_id="sweep-findings")
    table = gr.Textbox(visible="hidden", elem_id="sweep-table")
    running = start.click(
        _run,
        [over, members, epochs],
        [status, chart, findings, table],
        concurrency_id="training",
        concurrency_limit=2,
        **private,
    )
    stop.click(lambda: "Stopped.", None, status, cancels=running, **private)
    save.click(None, table, None, js=_SAVE, api_visibility="private")


def _run(over: Any, members: Any, epochs: Any) -> Iterator[tuple[Any, ...]]:
    rows: list[dict[str, Any]] = []
    try:
        config = SweepConfig.parse(
            {"over": _NAMES.get(str(over), over), "members": members, "epochs": epochs}
        )
        yield "Starting…", _chart(config, []), "", ""
        for news in run_sweep(config):
            if news.result is not None:
                text = "\n".join(f"- {finding}" for finding in news.result["findings"])
                yield "Done.", _chart(config, rows), text, _csv(rows)
                return
            if news.row is not None:
                rows.append(news.row)
            done = f"Value {news.index + 1} of {len(news.values)}, epoch {news.epoch:,}…"
            grown = _chart(config, rows) if news.row is not None else gr.skip()
            yield done, grown, gr.skip(), gr.skip()
    except ClassifiersError as error:
        yield f"**{error}**", gr.skip(), gr.skip(), gr.skip()


def _chart(config: SweepConfig, rows: list[dict[str, Any]]) -> str:
    """What the chart draws, as JSON: means, and one standard deviation either way."""
    body: dict[str, Any] = {
        "sequence": next(_sequence),
        "name": next(name for name, key in _NAMES.items() if key == config.over),
        "count": len(config.values),
        "labels": [f"{row['value']:g}" for row in rows],
        "all_labels": [f"{value:g}" for value in config.values],
    }
    for measure in ("accuracy", "loss"):
        curves = [
            {
                "kind": kind,
                "mean": [row[f"{part}_{measure}"]["mean"] for row in rows],
                "low": [_shifted(row[f"{part}_{measure}"], -1) for row in rows],
                "high": [_shifted(row[f"{part}_{measure}"], 1) for row in rows],
            }
            for part, kind in _CURVES
        ]
        ends = [v for c in curves for side in ("low", "high") for v in c[side]]
        body[measure] = {"curves": curves, "range": _range(measure, ends), "limit": None}
    body["accuracy"]["limit"] = [row["bayes_accuracy"] for row in rows]
    return json.dumps(body)


def _shifted(summary: dict[str, float], sign: int) -> float:
    return summary["mean"] + sign * summary["spread"]


def _range(measure: str, ends: list[float]) -> list[float]:
    if not ends:
        return [0.0, 1.0]
    if measure == "accuracy":
        return [max(0.0, min(ends) - 0.02), min(1.0, max(ends) + 0.02)]
    return [0.0, 1.05 * max(ends)]


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = ("mean", "spread", "min", "max")
    writer.writerow(
        ["value", "parameters", "bayes_accuracy", *(f"{m}_{p}" for m in MEASURES for p in parts)]
    )
    for row in rows:
        numbers = [row[m][p] for m in MEASURES for p in parts]
        writer.writerow([row["value"], row["parameters"], row["bayes_accuracy"], *numbers])
    return out.getvalue()
