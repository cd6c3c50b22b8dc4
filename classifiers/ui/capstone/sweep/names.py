"""What the page calls each setting that can be swept, and how its values are written and read."""

from dataclasses import dataclass
from typing import Any

from classifiers.config import DEFAULTS, Axis
from classifiers.errors import ConfigError

GROUPS = ("The network", "The points")
_OPTIMIZERS = {"adam": "coupled", "adamw": "decoupled"}


@dataclass(frozen=True)
class Named:
    """`title` heads the chart, `inside` stands in a sentence; `help` explains it in a line."""

    title: str
    inside: str
    group: str
    help: str


_NETWORK, _POINTS = GROUPS
AXES: dict[Axis, Named] = {
    "width": Named(
        "Width", "width", _NETWORK, "Units in each hidden layer: how often a boundary can bend."
    ),
    "depth": Named(
        "Depth",
        "depth",
        _NETWORK,
        "Hidden layers of one width: each bends what the last one bent.",
    ),
    "weight_decay": Named(
        "Weight decay",
        "weight decay",
        _NETWORK,
        "Pulls every weight towards 0 at each step: smoother boundaries, less sure answers.",
    ),
    "optimizer": Named(
        "How decay is applied",
        "decay",
        _NETWORK,
        "Coupled decay is added to the gradient, which Adam then rescales; decoupled decay (AdamW) "
        "shrinks the weights themselves.",
    ),
    "dropout": Named(
        "Dropout",
        "dropout",
        _NETWORK,
        "The share of hidden units switched off at random in each step of the training.",
    ),
    "learning_rate": Named(
        "Learning rate",
        "learning rate",
        _NETWORK,
        "How far each step goes: too small and training isn't done in time, too large and it "
        "throws the weights about.",
    ),
    "batch_size": Named(
        "Batch size",
        "batch size",
        _NETWORK,
        "Training points a step. Small batches make more steps of each epoch, and noisier ones.",
    ),
    "epochs": Named(
        "Epochs",
        "epochs",
        _NETWORK,
        "Passes over the training points. One training, read along the way.",
    ),
    "parameters_per_point": Named(
        "Parameters a point",
        "parameters a point",
        _NETWORK,
        "Parameters of two hidden layers for each training point, chosen by their width.",
    ),
    "samples": Named(
        "Number of points",
        "number of points",
        _POINTS,
        "Points drawn, 70 % of them to train on. More points leave less to luck.",
    ),
    "noise": Named(
        "Noise",
        "noise",
        _POINTS,
        "How far points are thrown off their half circle (standard deviation). The best possible "
        "falls with it.",
    ),
    "label_noise": Named(
        "Label noise",
        "label noise",
        _POINTS,
        "The share of points whose class is flipped, for training and testing. Fresh points keep "
        "theirs.",
    ),
}

# How a pair is called in the list, and explained in a line.
_PAIRS: dict[tuple[Axis, Axis], tuple[str, str]] = {
    ("width", "samples"): (
        "Width × points",
        "How big a network may be depends on how many points there are.",
    ),
    ("weight_decay", "optimizer"): (
        "Decay × how it is applied",
        "The same number pulls in two ways: through the gradient, or on the weights themselves.",
    ),
}


def known_axis(over: Any, field: str = "What to vary") -> Axis:
    """The axis that the page names.

    Raises:
        ConfigError: there is no such axis.
    """
    if not isinstance(over, str) or over not in AXES:
        names = ", ".join(axis.title for axis in AXES.values())
        raise ConfigError(field, f"must be one of {names}, got {str(over)[:40]!r}")
    return over


def pair_names(over: Axis, also: Axis) -> tuple[str, str]:
    """What a pair of settings is called, and a line that explains it."""
    usual = (
        f"{AXES[over].title} × {AXES[also].inside}",
        f"Every {AXES[over].inside} with every {AXES[also].inside}.",
    )
    return _PAIRS.get((over, also), usual)


def write_value(over: Axis, value: Any) -> str:
    """A value as it stands below the chart: "16", "0.003", "10 %", "coupled"."""
    if over == "optimizer":
        return _OPTIMIZERS.get(value, str(value))
    if over == "label_noise":
        return f"{100 * value:g} %"
    if isinstance(value, (int, float)) and abs(value) >= 1000:
        return f"{value:,g}"
    return f"{value:g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.0e}".replace("e-0", "e-")


def usual_values(over: Axis) -> str:
    """What stands in the box of an axis until something else is typed."""
    return ", ".join(write_value(over, v).replace(",", "") for v in DEFAULTS[over].values)


def read_values(over: Axis, text: Any) -> list[Any]:
    """Values that were typed, with commas between them; what is no number is left to the config.

    Raises:
        ConfigError: they are not text, or too many to be meant.
    """
    if not isinstance(text, str) or len(text) > 400:
        raise ConfigError("Values", "must be a list like 2, 4, 8; at most 400 letters")
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    return [_read(over, part) for part in parts if part]


def _read(over: Axis, part: str) -> Any:
    if over == "optimizer":
        codes = {name: key for key, name in _OPTIMIZERS.items()}
        return codes.get(part.lower(), part)
    try:
        value = float(part.removesuffix("%").strip().replace("\u2009", ""))
    except ValueError:
        raise ConfigError("Values", f"must be numbers, got {part[:40]!r}") from None
    return value / 100 if part.endswith("%") else value
