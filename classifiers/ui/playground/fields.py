"""The page's own settings: what each sets, how it looks, what it may be, and the network offered
with a data set.

`words` names the same settings; here is what a field of the page needs besides.
"""

from functools import lru_cache
from typing import Any

from classifiers.config import DatasetConfig, EarlyStoppingConfig, PlaygroundConfig
from classifiers.data.synthetic import sample
from classifiers.ui.playground.link import SECTIONS
from classifiers.ui.playground.words import (
    ACTIVATIONS,
    DATASETS,
    EVEN,
    LABELS,
    OPTIMIZERS,
    OUTPUTS,
    STARTING_POINTS,
    STARTS,
    STOPPING,
    default_dataset,
)

_DRAWN = [name for name in DATASETS if name != "points"]
_THUMBNAIL_POINTS = 170
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
RATES = ("0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
# A network that learns the dataset, and what is said of it.
_RECIPES: dict[str, tuple[dict[str, Any], str]] = {
    "blobs": ({"training.optimizer": "sgd", "training.learning_rate": 0.1}, "8-8, SGD 0.1"),
    "circles": ({"training.optimizer": "adam", "training.learning_rate": 0.01}, "8-8, Adam 0.01"),
    "moons": ({"training.optimizer": "adam", "training.learning_rate": 0.01}, "8-8, Adam 0.01"),
    "xor": ({"training.optimizer": "adam", "training.learning_rate": 0.01}, "8-8, Adam 0.01"),
    "spirals": (
        {
            "training.optimizer": "adam",
            "training.learning_rate": 0.01,
            "training.batch_size": 32,
        },
        "8-8, Adam 0.01, 32 points a step",
    ),
    "points": ({"training.optimizer": "adam", "training.learning_rate": 0.03}, "8-8, Adam 0.03"),
}
_USUAL = {
    "network.widths": [8, 8],
    "network.activation": "relu",
    "network.outputs": "logits",
    "training.momentum": 0.0,
    "training.batch_size": None,
}
_NOISE = {
    "blobs": [0, 5, 0.1],
    "circles": [0, 0.5, 0.01],
    "moons": [0, 1, 0.02],
    "xor": [0, 0.6, 0.02],
    "spirals": [0, 0.6, 0.01],
}
_CLASSES = {"blobs": [2, 8, 1], "xor": [2, 4, 1], "spirals": [2, 4, 1]}


def _pairs(names: dict[str, str]) -> list[list[str]]:
    return [[key, name] for key, name in names.items()]


def _field(path: str, kind: str, label: str = "", **more: Any) -> dict[str, Any]:
    label = label or LABELS[path]
    return {"path": path, "label": label, "kind": kind, "term": label.lower(), **more}


def _patches(path: str, label: str, choices: dict[str, tuple[str, dict[str, Any]]]) -> Any:
    """A select whose choices set several settings at once."""
    watch = list(next(iter(choices.values()))[1])
    return _field(
        path, "select", label, watch=watch,
        choices=[[key, text] for key, (text, _) in choices.items()],
        patches={key: values for key, (_, values) in choices.items()},
    )  # fmt: skip


def _penalty(l1: float, l2: float) -> dict[str, Any]:
    return {"training.l1": l1, "training.l2": l2}


def _live_fields() -> list[dict[str, Any]]:
    rates = [[float(rate), rate] for rate in RATES]
    return [
        _field("training.learning_rate", "select", choices=rates),
        _field("training.optimizer", "select", choices=_pairs(OPTIMIZERS)),
        _patches(
            "training.l2", "Regularisation",
            {
                "none": ("none", _penalty(0.0, 0.0)),
                "l2 .0003": ("L2 0.0003", _penalty(0.0, 0.0003)),
                "l2 .001": ("L2 0.001", _penalty(0.0, 0.001)),
                "l2 .003": ("L2 0.003", _penalty(0.0, 0.003)),
                "l2 .01": ("L2 0.01", _penalty(0.0, 0.01)),
                "l1 .0003": ("L1 0.0003", _penalty(0.0003, 0.0)),
                "l1 .001": ("L1 0.001", _penalty(0.001, 0.0)),
                "l1 .003": ("L1 0.003", _penalty(0.003, 0.0)),
            },
        ),
        _field("network.dropout", "select",
               choices=[[0.0, "none"], *([p / 100, f"{p} %"] for p in (10, 20, 30, 50))]),
        _field("training.batch_size", "select",
               choices=[[None, "all points"], *([n, str(n)] for n in (1, 10, 32, 128))]),
    ]  # fmt: skip


def _data_fields() -> list[dict[str, Any]]:
    slider: dict[str, Any] = {"kind": "slider", "low": 0, "high": 1, "step": 0.05}
    return [
        _field("dataset.noise", **slider, sets=_DRAWN),
        _field("dataset.classes", **slider, sets=list(_CLASSES)),
        _field("dataset.samples", **slider, sets=_DRAWN),
        _field("dataset.factor", **slider, percent=True, sets=["circles"]),
        _field("dataset.label_noise", **slider, percent=True, sets=_DRAWN),
        _field("dataset.balance", **slider, percent=True, sets=_DRAWN,
               none=EVEN),
        _field("training.test_share", **slider, percent=True, sets=list(DATASETS)),
    ]  # fmt: skip


def _more_fields() -> list[dict[str, Any]]:
    stopped = [["training.early_stopping.on", ["validation", "test"]]]
    usual = _usual_stopping()
    numbers: dict[str, Any] = {"kind": "number", "low": 0, "high": 10}
    return [
        _field("training.members", "number", low=1, high=20, step=1),
        _field("network.outputs", "select", choices=_pairs(OUTPUTS)),
        _field("network.start", "select", choices=_pairs(STARTS), usual="torch"),
        _field("training.momentum", "number", low=0, high=0.99,
               only=[["training.optimizer", ["sgd"]]]),
        _field("training.weight_decay", **numbers),
        _field("training.early_stopping.on", "select",
               choices=_pairs(STOPPING), usual="off"),
        _field("training.early_stopping.patience", "number",
               low=1, high=100_000, step=1, only=stopped, usual=usual["patience"]),
        _field("training.early_stopping.share", "number", low=0.05,
               high=0.5, only=[["training.early_stopping.on", ["validation"]]],
               usual=usual["share"]),
        _field("training.learning_rate", "number", "Learning rate, exactly", low=0, high=100),
        _field("training.l1", label="L1 penalty, exactly", **numbers),
        _field("training.l2", label="L2 penalty, exactly", **numbers),
        _field("dataset.seed", "number", low=0, step=1),
        _field("training.seed", "number", low=0, step=1),
    ]  # fmt: skip


def _usual_stopping() -> dict[str, Any]:
    """What early stopping begins with where it is switched on."""
    return EarlyStoppingConfig().model_dump(include={"patience", "share"})


@lru_cache(maxsize=1)
def page_settings() -> dict[str, Any]:
    """All that the page has to know of settings, as JSON types."""
    fields = {
        "live": _live_fields(),
        "data": _data_fields(),
        "shape": [_field("network.activation", "select", choices=_pairs(ACTIVATIONS))],
        "more": _more_fields(),
    }
    every = [field for group in fields.values() for field in group]
    return {
        "usual": PlaygroundConfig().to_dict(),
        "fields": fields,
        "labels": LABELS,
        "names": {field["path"]: dict(field["choices"]) for field in every
                  if field["kind"] == "select" and "patches" not in field},
        "features": list(FEATURES),
        "sets": {name: _set(name, title) for name, title in DATASETS.items()},
        "sections": SECTIONS,
        "stopping": _usual_stopping(),
        "thumbnail_points": _THUMBNAIL_POINTS,
    }  # fmt: skip


def _set(name: str, title: str) -> dict[str, Any]:
    data = default_dataset(name)
    recipe, told = _RECIPES[name]
    ranges = {
        "dataset.samples": [50, 2000, 50],
        "dataset.factor": [0.05, 0.95, 0.05],
        "dataset.label_noise": [0, 0.5, 0.05],
        "dataset.balance": [0, 0.95, 0.05],  # at 0 it is not set
        "training.test_share": [0.05, 0.9, 0.05],
    }
    if name in _NOISE:
        ranges["dataset.noise"] = _NOISE[name]
    if name in _CLASSES:
        ranges["dataset.classes"] = _CLASSES[name]
    dataset = data.to_dict()
    if name == "circles":
        dataset["factor"] = data.factor or 0.5
    return {
        "title": title,
        "dataset": dataset,
        "recipe": {**_USUAL, **recipe},
        "told": told,
        "ranges": ranges,
        "points": STARTING_POINTS if name == "points" else _thumbnail(data),
    }


def _thumbnail(data: DatasetConfig) -> list[list[float]]:
    drawn = sample(data.model_copy(update={"samples": _THUMBNAIL_POINTS}))
    return [
        [float(f"{x:.3g}"), float(f"{y:.3g}"), int(label)]
        for (x, y), label in zip(drawn.x.tolist(), drawn.y.tolist(), strict=True)
    ]
