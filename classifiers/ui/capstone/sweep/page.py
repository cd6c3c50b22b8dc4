"""Sweeps in the page: what ships is shown at once; a visitor's own grows as it is computed."""

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.capstone.sweeps import load_optimism, load_sweep
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.recipes.sweep.run import MEASURES, Progress
from classifiers.turns import Expect, Pace
from classifiers.ui import gpu
from classifiers.ui.capstone.table import table_panel, to_table
from classifiers.ui.heavy import takes_turns
from classifiers.ui.models import ROOT, from_weights
from classifiers.ui.parts.download import csv_button, to_csv
from classifiers.ui.parts.events import LIGHT, RUN
from classifiers.ui.parts.markup import Markup, inert, markdown
from classifiers.ui.static import asset, module
from classifiers.wording import percent

_NAMES = {
    "Width of the hidden layers": "width",
    "Weight decay of the big network": "weight_decay",
    "Dropout": "dropout",
    "Number of points": "samples",
    "Noise of the points": "noise",
}
_CURVES = (("train", "faint"), ("test", "second"), ("fresh", "first"))
_WAYS = {
    "test": "best on test points",
    "validation": "best on validation points",
    "none": "the last one",
}
_OPTIMISM = ("epoch", "test_accuracy", "fresh_accuracy", "optimism")
_CACHE = ROOT / ".cache" / "sweeps"
_sequence = itertools.count()


def build_sweeps(tab: gr.Tab) -> None:
    """Adds the sweeps and the optimism of early stopping; what ships is shown with the tab."""
    first = next(iter(_NAMES))
    markdown(
        "### One setting at many values\nEvery value is trained with several networks, each with "
        "starting weights and a split of its own: the line is their mean, the band one standard "
        "deviation either way, the dotted line the best possible accuracy.",
        container=False,
    )
    over = gr.Dropdown(
        list(_NAMES), value=first, label="What to vary", filterable=False, elem_id="sweep-over"
    )
    status = markdown(elem_id="sweep-status")
    chart = _chart_component("sweep")
    table = csv_button("Save these numbers as CSV", "sweep")
    findings = markdown(elem_id="sweep-findings")
    with gr.Accordion("Run it yourself", open=False, elem_id="sweep-own"):
        with gr.Row():
            members = gr.Number(5, label="Networks a value", precision=0, min_width=120)
            epochs = gr.Number(500, label="Epochs", precision=0, min_width=120)
            card = gr.Checkbox(
                False,
                label="On the GPU",
                info="Sweeps run on the CPU, which costs you nothing.",
                visible=gpu.is_lent(),
                elem_id="sweep-gpu",
            )
        with gr.Row(elem_classes="tight"):
            start = gr.Button("Run the sweep", variant="primary", elem_id="sweep-run", scale=0)
            stop = gr.Button("Stop", elem_id="sweep-stop", scale=0)
    stored = _build_optimism()
    shown = [status, chart, findings, table]
    tab.select(_stored, over, shown, **LIGHT)
    tab.select(_optimism, None, stored, **LIGHT)
    running = start.click(
        takes_turns(_run, long=True),
        [over, members, epochs, card],
        shown,
        **RUN,
    )
    over.input(_stored, over, shown, cancels=running, **LIGHT)
    gr.on(
        [over.input, members.input, epochs.input, card.input],
        _tell_cost,
        [over, members, epochs],
        card,
        **LIGHT,
    )
    stop.click(
        lambda: "Stopped. Values that were done are kept: run it again and it goes on.",
        None,
        status,
        cancels=running,
        **LIGHT,
    )


def _build_optimism() -> list[Any]:
    """The places for what ships about early stopping, in the order of `_optimism`."""
    markdown(
        "### What early stopping on test points pretends\nThe lesson keeps the epoch with the "
        "best test accuracy, and then quotes that accuracy. How much of it is luck shows on fresh "
        "points.",
        container=False,
    )
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            ways = table_panel("optimism")
            ways_table = csv_button("Save this table as CSV", "optimism")
            told = markdown(elem_id="optimism-findings")
        with gr.Column(scale=2, min_width=300):
            optimism = _chart_component("optimism")
    return [ways, ways_table, told, optimism]


def resumable_sweep(config: SweepConfig, device: str = "auto") -> Iterator[Progress | None]:
    """A sweep that goes on where the same one was left, by whomever and for any reason."""
    return gpu.stream_sweep(config, device, _CACHE)


def _setting(over: Any) -> str:
    """The setting behind a name on the page."""
    if not isinstance(over, str) or over not in _NAMES:
        raise ConfigError("over", f"must be one of {', '.join(_NAMES)}, got {str(over)[:40]!r}")
    return _NAMES[over]


def _parse(over: Any, members: Any, epochs: Any) -> SweepConfig:
    return SweepConfig.parse({"over": _setting(over), "members": members, "epochs": epochs})


def _tell_cost(over: Any, members: Any, epochs: Any) -> Any:
    """What a sweep would take of a lent card, before it is spent."""
    try:
        config = _parse(over, members, epochs)
    except ClassifiersError as error:
        return gr.Checkbox(info=inert(str(error)))
    seconds = gpu.card_seconds(config)
    return gr.Checkbox(
        info=inert(
            f"Reserves up to {seconds} s of your GPU quota; the CPU costs you nothing and takes "
            f"up to about {estimate_sweep(config):.0f} s."
        )
    )


def _chart_component(name: str) -> gr.HTML:
    return gr.HTML(
        html_template=asset(f"capstone/{name}.html"),
        css_template=asset("capstone/sweep.css"),
        js_on_load=module(f"capstone/{name}.js"),
        elem_id=f"{name}-chart",
        elem_classes="text-panel",
    )


def _stored(over: Any) -> list[Any]:
    """The shipped sweep."""
    try:
        return from_weights(partial(_show_stored, over=_setting(over)), "capstone")
    except ClassifiersError as error:
        return [f"**{error}**", _chart(None, []), "", ""]


def _show_stored(folder: Path, over: str) -> list[Any]:
    config, result = load_sweep(folder, over)
    widths = "-".join(map(str, config.base.network.widths))
    network = "" if config.over == "width" else f" of hidden layers {widths}"
    said = (
        f"Shipped with the app: {config.members} networks{network} a value, {config.epochs:,} "
        "epochs each."
    )
    return [said, _chart(config, result["rows"]), _listed(result), _csv(result["rows"])]


def _run(over: Any, members: Any, epochs: Any, card: Any) -> Iterator[Any]:
    rows: list[dict[str, Any]] = []
    pace = Pace()
    try:
        config = _parse(over, members, epochs)
        yield Expect(estimate_sweep(config))
        yield ["Starting…", _chart(config, []), "", ""]
        for news in resumable_sweep(config, "cuda" if card is True else "auto"):
            if news is None:
                yield None
                continue
            if news.result is not None:
                yield ["Done.", _chart(config, rows), _listed(news.result), _csv(rows)]
                return
            if news.row is None and not pace.due():
                yield None
                continue
            if news.row is not None:
                rows.append(news.row)
            done = f"Value {news.index + 1} of {len(news.values)}, epoch {news.epoch:,}…"
            grown = [_chart(config, rows), gr.skip(), _csv(rows)]
            yield [done, *(grown if news.row is not None else [gr.skip()] * 3)]
    except ClassifiersError as error:
        yield [f"**{error}**", *[gr.skip()] * 3]


def _listed(result: dict[str, Any]) -> str:
    return "\n".join(f"- {finding}" for finding in result["findings"])


def _chart(config: SweepConfig | None, rows: list[dict[str, Any]]) -> str:
    """What the chart draws, as JSON: means, and one standard deviation either way."""
    body: dict[str, Any] = {"sequence": next(_sequence), "labels": []}
    if config is None:
        return json.dumps(body)
    body |= {
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
        ends = [v for c in curves for side in ("low", "high") for v in c[side] if v is not None]
        body[measure] = {"curves": curves, "range": _range(measure, ends), "limit": None}
    body["accuracy"]["limit"] = [row["bayes_accuracy"] for row in rows]
    return json.dumps(body)


def _shifted(summary: dict[str, float | None], sign: int) -> float | None:
    mean, spread = summary["mean"], summary["spread"]
    return None if mean is None or spread is None else mean + sign * spread


def _range(measure: str, ends: list[float]) -> list[float]:
    if not ends:
        return [0.0, 1.0]
    if measure == "accuracy":
        return [max(0.0, min(ends) - 0.02), min(1.0, max(ends) + 0.02)]
    return [0.0, 1.05 * max(ends)]


def _csv(rows: list[dict[str, Any]]) -> str:
    parts = ("mean", "spread", "min", "max")
    columns = [(measure, part) for measure in MEASURES for part in parts]
    names = [f"{measure}_{part}" for measure, part in columns]
    return to_csv(
        ["value", "parameters", "bayes_accuracy", *names],
        [
            [row["value"], row["parameters"], row["bayes_accuracy"],
             *(row[measure][part] for measure, part in columns)]
            for row in rows
        ],
    )  # fmt: skip


def _optimism() -> list[str]:
    """The stored comparison of three ways to stop: table, CSV, sentences, and chart."""
    try:
        return from_weights(_show_optimism, "capstone")
    except ClassifiersError as error:
        return ["", "", f"**{error}**", json.dumps({"sequence": next(_sequence), "dots": []})]


def _show_optimism(folder: Path) -> list[str]:
    result = load_optimism(folder)
    lines, dots, rows = [], [], []
    for way, name in _WAYS.items():
        on = result["ways"][way]
        low, high = on["optimism"]["interval"]
        dots.append({"y": on["optimism"]["mean"], "low": low, "high": high})
        rows.append([way, *(on[measure]["mean"] for measure in _OPTIMISM), low, high])
        lines.append(
            [
                Markup("{}<small>epoch {:,.0f} on average</small>").format(
                    name, on["epoch"]["mean"]
                ),
                percent(on["test_accuracy"]["mean"]),
                percent(on["fresh_accuracy"]["mean"]),
                Markup("{:+.1f} points<small>{:+.1f} to {:+.1f}</small>").format(
                    100 * on["optimism"]["mean"], 100 * low, 100 * high
                ),
            ]
        )
    header = ["Test points", "Fresh points", "Optimism, 95 % interval"]
    ends = [0.0, *(dot[side] for dot in dots for side in ("low", "high"))]
    body = {
        "sequence": next(_sequence),
        "ticks": list(_WAYS),
        "dots": dots,
        "range": [min(ends) - 0.005, max(ends) + 0.005],
    }
    saved = to_csv(["chosen_by", *_OPTIMISM, "optimism_low", "optimism_high"], rows)
    return [to_table("Epoch kept", header, lines), saved, _listed(result), json.dumps(body)]
