"""A sweep as the message that the page shows: what was computed, in words, and its chart."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from classifiers.config import Axis, SweepConfig
from classifiers.recipes.sweep.parts import digest
from classifiers.recipes.sweep.tasks import Row
from classifiers.ui.capstone.sweep.chart import chart_of
from classifiers.ui.capstone.sweep.heat import heat_of
from classifiers.ui.capstone.sweep.names import AXES
from classifiers.wording import counted, listed

_NOT_YET = "Not measured yet: run it yourself below."


def view(
    config: SweepConfig, rows: Mapping[int, Row], findings: Sequence[str], source: str
) -> dict[str, Any]:
    """What the page shows of a sweep, finished or not. `source`: "shipped" or "own"."""
    two = config.and_over is not None
    body = heat_of(config, rows) if two else chart_of(config, rows)
    worlds = counted(config.members, "world")
    return {
        "kind": "two" if two else "one",
        "choice": f"{config.over}-{config.and_over}" if two else config.over,
        "key": digest([source, config.to_dict()]),
        "source": source,
        "config": config.to_dict(),
        "said": _said(config, source, worlds),
        "findings": {"accuracy": list(findings), "loss": _loss_first(findings)},
        "error": None,
        "caption": f"Accuracy on fresh points in per cent, median of {worlds} a cell",
        "captions": {
            "accuracy": f"Accuracy in per cent, {worlds} a value",
            "loss": f"Loss, {worlds} a value, logarithmic",
        },
        "hint": "Cells: one setting each. Arrow keys move between them, Enter trains the middle "
        "network again.",
        "hints": dict.fromkeys(
            ("accuracy", "loss"),
            "Dots: one network each. Left and right move between values, up and down between "
            "networks, Enter trains one again.",
        ),
        **body,
    }


def missing(kind: str, over: str, also: str | None, error: str) -> dict[str, Any]:
    """What the page shows where there is no such record, or none that can be used."""
    return {
        "kind": kind,
        "choice": over if also is None else f"{over}-{also}",
        "key": f"missing {over} {also}",
        "source": "missing",
        "over": over,
        "and_over": also,
        "columns": [],
        "moments": [],
        "findings": {"accuracy": [], "loss": []},
        "said": "" if error else _NOT_YET,
        "error": error or None,
    }


def _loss_first(findings: Sequence[str]) -> list[str]:
    """What is said of the loss leads where the loss is shown."""
    about = [text for text in findings if "typical loss" in text.lower() or "-fold" in text]
    return [*about, *(text for text in findings if text not in about)]


def _said(config: SweepConfig, source: str, worlds: str) -> str:
    base = config.base
    varied = {axis for axis in config.axes if axis}
    network = "-".join(["2", *_widths(config), str(base.dataset.classes)])
    parts = [f"{base.network.activation.replace('relu', 'ReLU')} {network}"]
    if "epochs" not in varied:
        parts.append(counted(config.epochs, "epoch"))
    if "samples" not in varied:
        share = base.training.test_share
        trained_on = base.dataset.samples - math.ceil(share * base.dataset.samples)
        parts.append(f"{trained_on:,} training points")
    if "noise" not in varied:
        parts.append(f"noise {base.dataset.noise:g}")
    kept: dict[Axis, float] = {
        "weight_decay": base.training.weight_decay,
        "dropout": base.network.dropout,
    }
    parts += [f"{AXES[axis].inside} {v:g}" for axis, v in kept.items() if v and axis not in varied]
    what = "new points, split and start each" if config.new_points else (
        "the same points, a new split and start each"
    )  # fmt: skip
    lead = "Shipped with the app: " if source == "shipped" else "Your own: "
    each = "cell" if config.and_over else "value"
    return f"{lead}{worlds} a {each} ({what}); {listed(parts)}."


def _widths(config: SweepConfig) -> list[str]:
    widths = config.base.network.widths
    if {"width", "parameters_per_point"} & set(config.axes):
        return ["w"] * (2 if "parameters_per_point" in config.axes else len(widths))
    return ["…"] if "depth" in config.axes else [str(width) for width in widths]
