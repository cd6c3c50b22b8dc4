"""A finished run, and a clicked point, as HTML.

Also a trained network as a small value that a session can hold.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
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
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.playground.findings import (
    recalls,
)
from classifiers.recipes.playground.result import Result
from classifiers.ui.film.player import PALETTE
from classifiers.ui.parts.markup import Markup, escape, html_place, join
from classifiers.wording import percent


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
    return html_place(elem_id=elem_id, elem_classes="text-panel")


def report(result: Result) -> Markup:
    """Accuracies, findings and confusion matrix."""
    metrics = result.metrics()
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
    return Markup(
        '<div class="run-report"><div class="figures">{}</div>'
        '<div class="report-body"><div><h3>What it shows</h3><ul>{}</ul></div>{}</div></div>'
    ).format(join(figures), _items(result.findings), confusion_table(result))


def _items(texts: Iterable[str]) -> Markup:
    return join(Markup("<li>{}</li>").format(_text(text)) for text in texts)


def _text(text: str) -> Markup:
    """No number parted from its percent sign."""
    return escape(text).replace(" %", Markup("&nbsp;%"))


def _figure(name: str, value: str, note: str, *, lead: bool = False) -> Markup:
    return Markup(
        '<div class="figure{}"><span class="figure-name">{}</span>'
        '<span class="figure-value">{}</span><span class="figure-note">{}</span></div>'
    ).format(" lead" if lead else "", name, _text(value), _text(note))


def confusion_table(result: Result) -> Markup:
    """Rows are true classes; cells are shaded by their share of the row."""
    matrix, names = result.confusion, _names(result.config.dataset)
    classes = range(len(matrix))
    found = recalls(matrix)
    cell = Markup('<td style="--share:{:.3f}" class="{}">{:.3g}</td>')
    row = Markup('<tr><th scope="row">{}</th>{}<td class="found">{}</td></tr>')
    rows = []
    for k in classes:
        total = max(matrix[k].sum(), 1)
        cells = join(
            cell.format(matrix[k, j] / total, "hit" if j == k else "miss", matrix[k, j])
            for j in classes
        )
        rows.append(row.format(_chip(k, names), cells, percent(found[k]) if k in found else "none"))
    return Markup(
        '<div><h3>Confusion matrix</h3><table class="confusion"><caption>Test points{}: rows '
        "are true classes, columns what the network says.</caption><thead><tr><td></td>"
        '{}<th scope="col">found</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(
        " (mean over the networks)" if len(result.diverged_at) > 1 else "",
        _heads(names),
        join(rows),
    )


def _names(data: DatasetConfig) -> list[str]:
    return [data.label(k) for k in range(data.classes)]


def _heads(names: list[str]) -> Markup:
    heads = (_chip(k, names) for k in range(len(names)))
    return join(Markup('<th scope="col">{}</th>').format(head) for head in heads)


def _chip(k: int, names: list[str]) -> Markup:
    text = Markup('<span class="chip"><i style="background:{}"></i>{}</span>')
    return text.format(PALETTE[k], names[k])


def read_point(trained: Trained, x: Any, y: Any) -> Markup:
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
    rows = []
    for k, values in enumerate(logits[:, 0].numpy()[:3]):
        name = f"Logits of network {k + 1}" if several else "Logits"
        if network.out_features == 1:
            lone = Markup('<tr><th scope="row">{}</th><td colspan="2">{:.3f} {}</td></tr>')
            rows.append(lone.format(name, values[0], "(one logit: above 0 is class 1)"))
        else:
            rows.append(_row(name, [f"{value:.3f}" for value in values]))
    shown = "Probabilities, mean" if several else "Probabilities"
    rows.append(_row(shown, [f"{value:.4f}" for value in mean]))
    if several:
        ranges = zip(members.min(0), members.max(0), strict=True)
        rows.append(_row("over the networks", [f"{a:.3f} to {b:.3f}" for a, b in ranges]))
    if best is not None:
        rows.append(_row("Best possible", [f"{value:.4f}" for value in best]))
    return Markup(
        '<div class="reading"><p>At ({:.3g}, {:.3g}) the trained network predicts '
        "<strong>class {}</strong>.</p><table><thead><tr><td></td>{}</tr></thead>"
        "<tbody>{}</tbody></table></div>"
    ).format(
        point[0, 0], point[0, 1], _names(data)[int(mean.argmax())], _heads(_names(data)), join(rows)
    )


def _posterior(data: DatasetConfig, point: NDArray) -> NDArray | None:
    return None if data.name == "points" else posterior(data, point)[0]


def _row(name: str, cells: list[str]) -> Markup:
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(
        name, join(Markup("<td>{}</td>").format(cell) for cell in cells)
    )


def _coordinate(field: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not abs(value) <= 1e6:
        raise ConfigError(field, f"must be a number, got {str(value)[:40]!r}; click in the picture")
    return float(value)


def list_findings(title: str, asked: str, ran: str, findings: list[str]) -> Markup:
    """An exercise: the question, what was run, and what came out."""
    return Markup(
        '<div class="run-report"><h3>{}</h3><p>{}</p><p class="ran">{}</p><ul>{}</ul></div>'
    ).format(title, asked, ran, _items(findings))
