"""The card's pictures as PNG files beside the model: calibration, net benefit, random test sets.

Each file carries the hash of what it was drawn from, so that a stale one is told without comparing
pixels, which change with the version of matplotlib.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from classifiers import plots
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record.luck import random_test_sets

if TYPE_CHECKING:  # importing the package loads no matplotlib
    from matplotlib.figure import Figure

DRAWN_FROM = "Drawn from"  # the key of the hash in a file's own metadata
_DRAWING = 1  # to be raised when what is drawn changes
_DOTS_AN_INCH = 120


def write_pictures(model: HeartModel, folder: str | Path) -> list[Path]:
    """Draws all of them; the same model and the same matplotlib give the same bytes."""
    paths = []
    for name, draw in PICTURES.items():
        path = Path(folder) / name
        written = {DRAWN_FROM: drawn_from(model), "Software": None}
        draw(model).savefig(path, dpi=_DOTS_AN_INCH, metadata=written)
        paths.append(path)
    return paths


def drawn_from(model: HeartModel) -> str:
    """The hash of all that the pictures show."""
    evaluation = model.artifact.metadata.evaluation
    shown = [_DRAWING]
    for part in ("out_of_fold", "held_out"):
        shown += [evaluation[part][key] for key in ("labels", "probabilities", "metrics")]
    shown.append(evaluation["held_out"]["rows"])
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _calibration(model: HeartModel) -> "Figure":
    about = explorer_table(model)["out_of_fold"]["calibration"]
    curve = {key: np.array(values, float) for key, values in about["curve"].items()}
    groups = [
        (g["predicted"], *(g["observed"][key] for key in ("value", "low", "high")))
        for g in about["groups"]
    ]
    band = curve["low"], curve["high"]
    return plots.calibration(curve["predicted"], curve["observed"], band, groups)


def _net_benefit(model: HeartModel) -> "Figure":
    table = explorer_table(model)
    folded = table["out_of_fold"]
    value, low, high, treat_all = (
        np.array(values, float) for values in (*folded["net_benefit"].values(), folded["treat_all"])
    )
    return plots.decision_curve(np.array(table["thresholds"]), value, (low, high), treat_all)


def _test_sets(model: HeartModel) -> "Figure":
    sets = random_test_sets(model)
    everybody = model.artifact.metadata.evaluation["out_of_fold"]
    area, place = everybody["metrics"]["auc"]["value"], sets["auc"]
    size = sets["patients"]
    return plots.histogram(
        place["bars"],
        {
            f"all {len(everybody['labels'])}, out of fold: {area:.3f}": area,
            f"the held-out {size}: {place['held_out']:.3f}": place["held_out"],
        },
        title=f"{sets['sets']:,} random test sets of {size}",
        x_name="AUC",
        y_name="test sets",
    )


PICTURES: dict[str, Callable[[HeartModel], "Figure"]] = {
    "calibration.png": _calibration,
    "net_benefit.png": _net_benefit,
    "test_sets.png": _test_sets,
}
