"""The table of the capstone's three networks, as HTML and as CSV, and what can be said of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.playground.result import Result, spread
from classifiers.ui.parts.download import to_csv
from classifiers.ui.parts.markup import Markup, html_place, join
from classifiers.ui.static import asset
from classifiers.wording import percent

TITLES = {"underfit": "Too small", "overfit": "Too big", "good": "About right"}
_LABELS = {
    "train_accuracy": "Training accuracy",
    "test_accuracy": "Test accuracy, 95 % interval",
    "fresh_accuracy": f"Accuracy on {FRESH_POINTS:,} fresh points",
    "gap": "Gap, training less fresh",
    "train_loss": "Training loss",
    "test_loss": "Test loss",
    "boundary_length": "Length of the boundary",
    "parameters": "Parameters",
    "bayes_accuracy": "Best possible on fresh points",
}


@dataclass(frozen=True)
class Ended:
    """A finished run and the mean length of its members' boundaries."""

    result: Result
    boundary_length: float


def table_panel(elem_id: str) -> gr.HTML:
    """A component for what `to_table` makes; narrow enough for a phone."""
    return html_place(
        css_template=asset("capstone/table.css"), elem_id=elem_id, elem_classes="text-panel"
    )


def to_table(corner: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """An HTML table whose rows start with their name."""
    column, cell = Markup('<th scope="col">{}</th>'), Markup("<td>{}</td>")
    row = Markup('<tr><th scope="row">{}</th>{}</tr>')
    return Markup("<table><thead><tr><td>{}</td>{}</tr></thead><tbody>{}</tbody></table>").format(
        corner,
        join(column.format(name) for name in header),
        join(row.format(name, join(cell.format(text) for text in cells)) for name, *cells in rows),
    )


def report(ended: Mapping[str, Ended]) -> tuple[str, str, str]:
    """The table as HTML, what can be said of it as Markdown, and the table as CSV."""
    measured = {name: _measure(ended[name]) for name in NAMES}
    rows = [
        [label, *(_write(key, measured[name]) for name in NAMES)] for key, label in _LABELS.items()
    ]
    findings = "\n\n".join(_findings({name: run.result for name, run in ended.items()}))
    return to_table("", [TITLES[name] for name in NAMES], rows), findings, _csv(measured)


def _measure(ended: Ended) -> dict[str, Any]:
    """The numbers of a network, spreads and interval included, in the order of the CSV."""
    result = ended.result
    metrics = result.to_dict()["metrics"]
    gap = result.final["train_accuracy"] - _fresh(result)
    return {
        "train_accuracy": metrics["train_accuracy"],
        "train_accuracy_spread": metrics["spread"]["train_accuracy"],
        "test_accuracy": metrics["test_accuracy"],
        "test_accuracy_spread": metrics["spread"]["test_accuracy"],
        "test_accuracy_low": metrics["test_accuracy_interval"][0],
        "test_accuracy_high": metrics["test_accuracy_interval"][1],
        "fresh_accuracy": metrics["fresh_accuracy"],
        "fresh_accuracy_spread": metrics["spread"]["fresh_accuracy"],
        "gap": float(gap.mean()),
        "gap_spread": spread(gap),
        "train_loss": metrics["train_loss"],
        "test_loss": metrics["test_loss"],
        "boundary_length": ended.boundary_length,
        "parameters": result.network.parameter_count,
        "bayes_accuracy": metrics["bayes_accuracy"],
        "members": len(result.diverged_at),
    }


def _fresh(result: Result) -> NDArray[np.float64]:
    """(K,); NaN where the distribution is unknown, which that of moons never is."""
    return np.full(len(result.diverged_at), np.nan) if result.fresh is None else result.fresh


def _write(key: str, measured: Mapping[str, Any]) -> str:
    value = measured[key]
    if value is None:
        return "not finite"
    if key == "parameters":
        return f"{value:,}"
    if key == "boundary_length":
        return f"{value:.1f}"
    if key.endswith("loss"):
        return _loss(value)
    text = f"{100 * value:+.1f} points" if key == "gap" else percent(value)
    if measured["members"] > 1 and f"{key}_spread" in measured:
        text += f" ± {100 * measured[f'{key}_spread']:.1f}"
    if key == "test_accuracy":
        low, high = percent(measured["test_accuracy_low"]), percent(measured["test_accuracy_high"])
        return Markup("{} <small>{} to {}</small>").format(text, low, high)
    return text


def _loss(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"


def _csv(measured: Mapping[str, Mapping[str, Any]]) -> str:
    keys = list(measured[NAMES[0]])
    return to_csv(
        ["network", *keys], [[name, *(measured[name][key] for key in keys)] for name in NAMES]
    )


def _findings(done: Mapping[str, Result]) -> Iterator[str]:
    small, big = done["underfit"], done["overfit"]
    ends = [result.mean("test_accuracy") for result in (big, small)]
    verdict = "above" if ends[0] > ends[1] else "below" if ends[0] < ends[1] else "level with"
    yield (
        "The lesson says that the big network ends below the small one on the test points. Here "
        f"it ends {verdict} it, {percent(ends[0])} against {percent(ends[1])}; on fresh points "
        f"{percent(_fresh(big).mean())} against {percent(_fresh(small).mean())}."
    )
    yield (
        "Accuracy hides how sure a network is of its mistakes; the loss does not. Test loss, "
        + "; ".join(
            f"{TITLES[name].lower()} {_loss(done[name].mean('test_loss'))} after a training "
            f"loss of {_loss(done[name].mean('train_loss'))}"
            for name in NAMES
        )
        + "."
    )
