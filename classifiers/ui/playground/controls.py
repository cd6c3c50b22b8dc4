"""The playground's controls, declared once: what each sets, how it looks, how it is read.

The same list fills a config from the page, the page from a config, and the table of a comparison.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from classifiers.config import DatasetConfig, EarlyStoppingConfig, PlaygroundConfig
from classifiers.errors import ConfigError

DATASETS = {
    "blobs": "Blobs",
    "circles": "Circles",
    "moons": "Moons",
    "xor": "XOR",
    "spirals": "Spirals",
    "points": "My own",
}
ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
    "identity": "none (kill the activations)",
}
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
OUTPUTS = {"logits": "one a class (cross-entropy)", "one_logit": "a single one (binary)"}
STOPPING = {
    "off": "no",
    "validation": "on validation points",
    "test": "on test points (a mistake)",
}
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
RATES = ("0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
WIDTHS = ("none", "4", "8", "8, 8", "16, 16", "8, 8, 8", "64, 64", "256, 256, 256")
FULL_BATCH = "all points"
EVEN = "even"
NO_HIDDEN = "none"
MOST_POINTS = 5_000
MOST_CHARACTERS = 400_000  # of points as text

Read = Callable[[Any], Any]


@dataclass(frozen=True)
class Control:
    """One component and the setting behind it.

    `build` makes the component with a value; `read` turns the component's value into JSON for the
    config, or raises ConfigError; `show` turns the setting back. `group` is the fold it stands in,
    `basic` whether it is visible without opening that.
    """

    path: str
    label: str
    group: str
    basic: bool
    build: Callable[[Any], Any]
    read: Read
    show: Read


def _number(path: str, text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(path, f"must be a number, got {str(text)[:40]!r}; e.g. 0.1") from None


def _read_widths(text: Any) -> list[int]:
    parts = str(text or "").replace(";", ",").split(",")
    if str(text or "").strip().lower() in ("", NO_HIDDEN):
        return []
    try:
        return [int(part) for part in parts]
    except ValueError:
        raise ConfigError(
            "network.widths",
            f"must be the units of each layer, got {str(text)[:40]!r}; e.g. 8, 8, or none",
        ) from None


def _read_batch(text: Any) -> int | None:
    if text in (None, "", FULL_BATCH):
        return None
    size = _number("training.batch_size", text)
    return int(size) if size.is_integer() else size  # type: ignore[return-value]


def _read_balance(text: Any) -> float | None:
    return None if text in (None, "", EVEN) else _number("dataset.balance", text)


def read_points(text: Any) -> list[list[float | str]]:
    """Lines of x, y, class; blank lines and a heading are passed over. A class that is no number,
    or stands in quotes, stays a text.

    Raises:
        ConfigError: names the line that is not three numbers; or there is too much of it.
    """
    text = str(text or "")
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(
            "dataset.points",
            f"must be at most {MOST_CHARACTERS:,} characters, got {len(text):,}; 5,000 points of "
            "three numbers take fewer",
        )
    points: list[list[float | str]] = []
    lines = text.splitlines()
    count = sum(bool(line.strip()) for line in lines)
    if count > MOST_POINTS + 1:  # a heading may be one of them
        raise ConfigError(
            "dataset.points",
            f"must be at most {MOST_POINTS:,} points, got {count:,}; leave out some",
        )
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.replace(";", ",").replace("\t", ",").split(",")]
        if cells == [""] or (number == 1 and not _is_number(cells[0])):
            continue
        if len(cells) != 3 or not all(map(_is_number, cells[:2])) or not cells[2]:
            raise ConfigError(
                "dataset.points",
                f"line {number} must be x, y, class, got {line[:40]!r}; e.g. 1.5, -2, 0",
            )
        x, y, label = cells
        named = label.strip("'\"") if not _is_number(label) else float(label)
        points.append([float(x), float(y), named])
    return points


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def write_points(points: Sequence[Sequence[Any]]) -> str:
    """Lines of x, y, class; the name of a class in quotes where it would read as a number."""
    return "\n".join(f"{plain(x)}, {plain(y)}, {write_label(label)}" for x, y, label in points)


def write_label(label: Any) -> str:
    if not isinstance(label, str):
        return str(int(label))
    return f"'{label[:40]}'" if _is_number(label) else label[:40]


def plain(number: float) -> str:
    """The shortest text that reads back as the very same number."""
    return repr(float(number)).removesuffix(".0")


def _choices(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, key) for key, name in names.items()]


def _control(
    path: str,
    label: str,
    group: str,
    basic: bool,
    build: Callable[..., Any],
    read: Read = lambda value: value,
    show: Read = lambda value: value,
    **options: Any,
) -> Control:
    def labelled(value: Any) -> Any:
        elem_id = path.replace(".", "-").replace("_", "-")
        visible = control_visible(path, PlaygroundConfig())
        return build(value=value, label=label, elem_id=elem_id, visible=visible, **options)

    return Control(path, label, group, basic, labelled, read, show)


def _slider(
    path: str,
    label: str,
    group: str,
    basic: bool,
    low: float,
    high: float,
    step: float,
    **options: Any,
) -> Control:
    return _control(
        path, label, group, basic, gr.Slider, minimum=low, maximum=high, step=step, **options
    )


# Sliders that end where most visits do; a link may ask for more, and stretches them.
_REACH = {"dataset.noise": 5.0, "training.epochs": 5_000}

CONTROLS: tuple[Control, ...] = (
    _control("dataset.name", "Dataset", "data", True, gr.Radio, choices=_choices(DATASETS)),
    _slider("dataset.noise", "Noise", "data", True, 0, _REACH["dataset.noise"], 0.05),
    _slider("dataset.classes", "Classes", "data", True, 2, 8, 1),
    _control(
        "dataset.points", "Points, one a line: x, y, class", "data", True, gr.Textbox,
        read_points, lambda points: write_points(points), lines=6, max_lines=12,
    ),
    _control("dataset.samples", "Points", "data", False, gr.Number, precision=0),
    _slider("dataset.factor", "Inner ring, share of the outer", "data", False, 0.05, 0.95, 0.05),
    _control(
        "dataset.balance", "Share of class A", "data", False, gr.Textbox, _read_balance,
        lambda share: EVEN if share is None else plain(share),
    ),
    _slider("training.test_share", "Share of points for testing", "data", False, 0.05, 0.9, 0.05),
    _control(
        "dataset.features", "What the network is given of a point", "data", False,
        gr.CheckboxGroup, choices=list(FEATURES),
    ),
    _control("dataset.seed", "Seed of the data", "data", False, gr.Number, precision=0),
    _control(
        "network.widths", "Hidden layers", "network", True, gr.Dropdown, _read_widths,
        lambda widths: ", ".join(map(str, widths)) or NO_HIDDEN, choices=list(WIDTHS),
        allow_custom_value=True, info="Units of each layer, up to four layers",
    ),
    _control(
        "network.activation", "Activation", "network", True, gr.Dropdown,
        choices=_choices(ACTIVATIONS),
    ),
    _slider("network.dropout", "Dropout", "network", False, 0, 0.95, 0.05),
    _control(
        "network.outputs", "Outputs", "network", False, gr.Radio, choices=_choices(OUTPUTS),
    ),
    _control(
        "training.optimizer", "Optimiser", "training", True, gr.Radio, choices=_choices(OPTIMIZERS),
    ),
    _control(
        "training.learning_rate", "Learning rate", "training", True, gr.Dropdown,
        lambda text: _number("training.learning_rate", text), lambda rate: plain(rate),
        choices=list(RATES), allow_custom_value=True,
    ),
    _slider("training.epochs", "Epochs", "training", True, 1, _REACH["training.epochs"], 1),
    _slider(
        "training.members", "Networks trained at once", "training", True, 1, 20, 1,
        info="Several show how much is chance",
    ),
    _control(
        "training.batch_size", "Points in a step", "training", False, gr.Dropdown, _read_batch,
        lambda size: FULL_BATCH if size is None else str(size),
        choices=[FULL_BATCH, "10", "32", "128"], allow_custom_value=True,
    ),
    _slider("training.momentum", "Momentum", "training", False, 0, 0.99, 0.01),
    _control("training.weight_decay", "Weight decay", "training", False, gr.Number, minimum=0),
    _control("training.l1", "L1 penalty", "training", False, gr.Number, minimum=0),
    _control("training.l2", "L2 penalty", "training", False, gr.Number, minimum=0),
    _control(
        "training.early_stopping", "Early stopping", "training", False, gr.Radio,
        show=lambda stopping: "off" if stopping is None else stopping["on"],
        choices=_choices(STOPPING),
    ),
    _control(
        "training.early_stopping.patience", "Epochs to wait for better", "training", False,
        gr.Number, precision=0,
    ),
    _slider(
        "training.early_stopping.share", "Share of training points to validate on", "training",
        False, 0.05, 0.5, 0.05,
    ),
    _control("training.seed", "Seed of the weights", "training", False, gr.Number, precision=0),
)  # fmt: skip

PATHS = tuple(control.path for control in CONTROLS)
_STOPPING = (
    "training.early_stopping",
    "training.early_stopping.patience",
    "training.early_stopping.share",
)


def read_config(values: Sequence[Any]) -> PlaygroundConfig:
    """The config that the controls show, in the order of `CONTROLS`.

    A setting that the chosen dataset or optimiser has no use for is left out.

    Raises:
        ConfigError: names the first setting that is not usable.
    """
    raw = dict(zip(PATHS, values, strict=True))
    unused = unused_settings(raw["dataset.name"], raw["training.optimizer"])
    config: dict[str, dict[str, Any]] = {"dataset": {}, "network": {}, "training": {}}
    for control in CONTROLS:
        if control.path not in (*unused, *_STOPPING):
            section, _, key = control.path.partition(".")
            config[section][key] = control.read(raw[control.path])
    if raw["training.early_stopping"] not in (None, "off"):
        keys = ("on", *(path.rpartition(".")[2] for path in _STOPPING[1:]))
        config["training"]["early_stopping"] = {
            key: raw[path] for key, path in zip(keys, _STOPPING, strict=True)
        }
    return PlaygroundConfig.parse(config)


def unused_settings(dataset: Any, optimizer: Any) -> set[str]:
    """Paths of the settings that a dataset and an optimiser have no use for."""
    drawn = {"dataset.noise", "dataset.samples", "dataset.balance"}
    unused = drawn if dataset == "points" else {"dataset.points"}
    unused |= {"dataset.factor"} if dataset != "circles" else set()
    unused |= {"dataset.classes"} if dataset in ("circles", "moons", "points") else set()
    return unused | ({"training.momentum"} if optimizer != "sgd" else set())


def control_visible(path: str, config: PlaygroundConfig) -> bool:
    if path == "network.outputs":
        return config.dataset.classes == 2
    # Momentum stays: changing the optimiser does not redraw the controls.
    return path not in unused_settings(config.dataset.name, "sgd")


def control_updates(config: PlaygroundConfig) -> list[Any]:
    """What every control has to become to show a config."""
    updates = []
    for path, value in zip(PATHS, show_config(config), strict=True):
        reach = {"maximum": max(_REACH[path], value)} if path in _REACH else {}
        updates.append(gr.update(value=value, visible=control_visible(path, config), **reach))
    return updates


def show_config(config: PlaygroundConfig) -> list[Any]:
    """What each control shows for a config, in the order of `CONTROLS`."""
    settings = config.to_dict()
    settings["dataset"]["points"] = config.dataset.named_points()
    settings["dataset"]["factor"] = config.dataset.factor or 0.5
    settings["dataset"]["balance"] = config.dataset.balance
    stopping = config.training.early_stopping or EarlyStoppingConfig()
    shown = {path: getattr(stopping, path.rpartition(".")[2]) for path in _STOPPING[1:]}
    return [
        shown[control.path] if control.path in shown else control.show(_at(settings, control.path))
        for control in CONTROLS
    ]


def describe_config(config: PlaygroundConfig) -> dict[str, str]:
    """Each setting by its label, as text, for people to compare."""
    names = {**DATASETS, **ACTIVATIONS, **OPTIMIZERS, **OUTPUTS, **STOPPING}
    described = {}
    for control, value in zip(CONTROLS, show_config(config), strict=True):
        if control.path == "dataset.points":
            value = f"{len(config.dataset.points)} points"
        elif isinstance(value, list):
            value = ", ".join(value)
        described[control.label] = (
            names.get(value, value) if isinstance(value, str) else f"{value:g}"
        )
    return described


def title_of(config: PlaygroundConfig) -> str:
    """A run in one line."""
    widths = "-".join(map(str, config.network.widths)) or "no hidden layer"
    training = config.training
    name = DATASETS[config.dataset.name]
    activation = ACTIVATIONS[config.network.activation].partition(" (")[0]
    if config.dataset.balance is not None:
        name += f" ({100 * config.dataset.balance:g} % A)"
    text = f"{name}, {widths}" + (f" {activation}" if config.network.widths else "")
    return f"{text}, {OPTIMIZERS[training.optimizer]} {training.learning_rate:g}"


def default_dataset(name: Any) -> DatasetConfig:
    """The lesson's settings for a dataset; for own points, a handful to begin with."""
    if name == "points":
        return DatasetConfig.parse({"name": "points", "points": STARTING_POINTS}, "dataset")
    return DatasetConfig.parse({"name": name}, "dataset")


STARTING_POINTS = [
    [-3.0, 1.0, 0], [-2.2, 2.4, 0], [-3.6, -0.6, 0], [-1.4, 1.3, 0], [-2.6, 0.2, 0],
    [-0.8, 2.9, 0], [2.6, -1.2, 1], [3.4, 0.4, 1], [1.7, -2.3, 1], [2.1, 0.7, 1],
    [0.6, -1.6, 1], [3.1, -2.6, 1],
]  # fmt: skip


def _at(settings: dict[str, Any], path: str) -> Any:
    value: Any = settings
    for key in path.split("."):
        value = value[key]
    return value
