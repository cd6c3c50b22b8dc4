"""A finished run, and a clicked point, as HTML. Every text is escaped; nothing comes from outside.

Also a trained network as a small value that a session can hold.
"""

import base64
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.synthetic import apply_features, posterior
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.playground_budget import FRESH_POINTS
from classifiers.recipes.playground_findings import percent, recalls
from classifiers.recipes.playground_result import Result
from classifiers.ui.film_player import ASSETS, PALETTE


@dataclass(frozen=True)
class Trained:
    """A network of a session: its settings and parameters (K, P)."""

    config: PlaygroundConfig
    parameters: NDArray[np.float32]

    @classmethod
    def of(cls, result: Result) -> "Trained":
        return cls(result.config, result.network.parameters.numpy().copy())

    def network(self) -> MLP:
        data, members = self.config.dataset, len(self.parameters)
        network = MLP(self.config.network, len(data.features), data.classes, members)
        network.parameters.copy_(torch.from_numpy(self.parameters))
        return network

    def weights(self) -> str:
        """The tensors as a safetensors file, in base64, the config in its header."""
        header = {"config": self.config.model_dump_json()}
        return base64.b64encode(save(self.network().state_dict(), header)).decode("ascii")


def html_panel(elem_id: str) -> gr.HTML:
    """An empty place for one of the texts below."""
    style = (ASSETS / "playground.css").read_text("utf-8")
    return gr.HTML(
        "", css_template=style, elem_id=elem_id, elem_classes="text-panel", js_on_load=None
    )


def report(result: Result) -> str:
    """Accuracies, findings and confusion matrix."""
    metrics = result.to_dict()["metrics"]
    low, high = metrics["test_accuracy_interval"]
    figures = [
        _figure(
            "Test accuracy",
            percent(metrics["test_accuracy"]),
            f"{percent(low)} to {percent(high)} with 95 % confidence",
            lead=True,
        )
    ]
    if metrics["fresh_accuracy"] is not None:
        figures.append(
            _figure(
                "On fresh points",
                percent(metrics["fresh_accuracy"]),
                f"{FRESH_POINTS:,} never seen",
            )
        )
        figures.append(
            _figure("Best possible", percent(metrics["bayes_accuracy"]), "by any classifier")
        )
    else:
        figures.append(_figure("Best possible", "unknown", "for points of your own"))
    figures.append(
        _figure("On training points", percent(metrics["train_accuracy"]), "what it has seen")
    )
    count, seconds = result.network.parameter_count, result.seconds
    figures.append(_figure("Parameters", f"{count:,}", f"trained in {seconds:.1f} s"))
    findings = "".join(f"<li>{_text(text)}</li>" for text in result.findings)
    return (
        f'<div class="run-report"><div class="figures">{"".join(figures)}</div>'
        f'<div class="report-body"><div><h3>What it shows</h3><ul>{findings}</ul></div>'
        f"{confusion_table(result)}</div></div>"
    )


def _text(text: str) -> str:
    """Escaped, and no number parted from its percent sign."""
    return escape(text).replace(" %", "&nbsp;%")


def _figure(name: str, value: str, note: str, *, lead: bool = False) -> str:
    return (
        f'<div class="figure{" lead" if lead else ""}"><span class="figure-name">{escape(name)}'
        f'</span><span class="figure-value">{_text(value)}</span>'
        f'<span class="figure-note">{_text(note)}</span></div>'
    )


def confusion_table(result: Result) -> str:
    """Rows are true classes; cells are shaded by their share of the row."""
    matrix = result.confusion
    classes = range(len(matrix))
    found = recalls(matrix)
    heads = "".join(f'<th scope="col">{_chip(k)}</th>' for k in classes)
    rows = []
    for k in classes:
        total = max(matrix[k].sum(), 1)
        cells = "".join(
            f'<td style="--share:{matrix[k, j] / total:.3f}" class="{"hit" if j == k else "miss"}">'
            f"{matrix[k, j]:.3g}</td>"
            for j in classes
        )
        share = percent(found[k]) if k in found else "none"
        rows.append(
            f'<tr><th scope="row">{_chip(k)}</th>{cells}<td class="found">{share}</td></tr>'
        )
    mean = " (mean over the networks)" if len(result.diverged_at) > 1 else ""
    return (
        f'<div><h3>Confusion matrix</h3><table class="confusion"><caption>Test points{mean}: rows '
        "are true classes, columns what the network says.</caption><thead><tr><td></td>"
        f'{heads}<th scope="col">found</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _chip(k: int) -> str:
    return f'<span class="chip"><i style="background:{PALETTE[k]}"></i>{k}</span>'


def read_point(trained: Trained, x: Any, y: Any) -> str:
    """The lesson's three tensors for one point: logits, probabilities, prediction.

    Raises:
        ConfigError: a coordinate is not a number the picture could hold.
    """
    point = np.array([[_coordinate("x1", x), _coordinate("x2", y)]])
    network = trained.network()
    data = trained.config.dataset
    logits = network.logits(torch.from_numpy(apply_features(point, data.features)))
    members = network.to_probabilities(logits)[:, 0].numpy()
    mean = members.mean(0)
    best = _posterior(data, point)
    several = len(members) > 1
    head = "".join(f'<th scope="col">{_chip(k)}</th>' for k in range(data.classes))
    rows = []
    for k, values in enumerate(logits[:, 0].numpy()[:3]):
        name = f"Logits of network {k + 1}" if several else "Logits"
        cells = "".join(f"<td>{value:.3f}</td>" for value in values)
        if network.out_features == 1:
            cells = f'<td colspan="2">{values[0]:.3f} (one logit: above 0 is class 1)</td>'
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    shown = "Probabilities, mean" if several else "Probabilities"
    rows.append(_row(shown, [f"{value:.4f}" for value in mean]))
    if several:
        ranges = zip(members.min(0), members.max(0), strict=True)
        rows.append(_row("over the networks", [f"{a:.3f} to {b:.3f}" for a, b in ranges]))
    if best is not None:
        rows.append(_row("Best possible", [f"{value:.4f}" for value in best]))
    return (
        f'<div class="reading"><p>At ({point[0, 0]:.3g}, {point[0, 1]:.3g}) the trained network '
        f"predicts <strong>class {int(mean.argmax())}</strong>.</p>"
        f"<table><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _posterior(data: DatasetConfig, point: NDArray) -> NDArray | None:
    return None if data.name == "points" else posterior(data, point)[0]


def _row(name: str, cells: list[str]) -> str:
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{c}</td>" for c in cells)}</tr>'


def _coordinate(field: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not abs(value) <= 1e6:
        raise ConfigError(field, f"must be a number, got {str(value)[:40]!r}; click in the picture")
    return float(value)


def list_findings(title: str, asked: str, ran: str, findings: list[str]) -> str:
    """An exercise: the question, what was run, and what came out."""
    items = "".join(f"<li>{_text(text)}</li>" for text in findings)
    return (
        f'<div class="run-report"><h3>{escape(title)}</h3><p>{escape(asked)}</p>'
        f'<p class="ran">{escape(ran)}</p><ul>{items}</ul></div>'
    )
