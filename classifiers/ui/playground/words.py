"""What settings and their values are called, for people."""

from typing import Any

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.wording import counted

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
EVEN = "even"
STARTS = {
    "torch": "PyTorch’s",
    "xavier": "Xavier",
    "he": "He",
    "zero": "all zero",
    "large": "too large",
}
_UNSET = {
    "dataset.balance": EVEN,
    "training.batch_size": "all points",
    "training.early_stopping": STOPPING["off"],
}
# Of each setting whose value is a key.
NAMES = {
    "dataset.name": DATASETS,
    "network.activation": ACTIVATIONS,
    "network.outputs": OUTPUTS,
    "network.start": STARTS,
    "training.optimizer": OPTIMIZERS,
}
LABELS = {
    "dataset.name": "Data",
    "dataset.noise": "Noise",
    "dataset.classes": "Classes",
    "dataset.points": "Own points",
    "dataset.class_names": "Names of classes",
    "dataset.samples": "Points",
    "dataset.factor": "Inner ring",
    "dataset.label_noise": "Label noise",
    "dataset.balance": "Share of class A",
    "dataset.features": "Inputs",
    "dataset.seed": "Seed of the data",
    "network.widths": "Hidden units",
    "network.activation": "Activation",
    "network.dropout": "Dropout",
    "network.outputs": "Outputs",
    "network.start": "Start",
    "training.optimizer": "Optimiser",
    "training.learning_rate": "Learning rate",
    "training.epochs": "Epochs",
    "training.changes": "Changes while it runs",
    "training.batch_size": "Batch size",
    "training.momentum": "Momentum",
    "training.weight_decay": "Weight decay",
    "training.l1": "L1 penalty",
    "training.l2": "L2 penalty",
    "training.early_stopping.on": "Early stopping",
    "training.early_stopping.patience": "Epochs to wait for better",
    "training.early_stopping.share": "Share to validate on",
    "training.early_stopping": "Early stopping",
    "training.record_every": "Epochs between looks",
    "training.test_share": "Test share",
    "training.members": "Networks",
    "training.seed": "Seed of the weights",
    "dataset": "Data",
    "network": "Network",
    "training": "Training",
    "config": "Settings",
}


def describe_config(config: PlaygroundConfig) -> dict[str, str]:
    """Each setting by its label, as text, for people to compare; those without a value left out."""
    values = config.to_dict()
    described = {}
    for path, label in LABELS.items():
        section, _, key = path.partition(".")
        value = values[section].get(key) if key else None
        if value not in (None, []) or path == "network.widths":
            described[label] = _describe(path, value)
        elif path in _UNSET:
            described[label] = _UNSET[path]
    return described


def _describe(path: str, value: Any) -> str:
    if path == "dataset.points":
        return f"{len(value):,}"
    if path == "training.early_stopping":
        return f"{STOPPING[value['on']]}, {counted(value['patience'], 'epoch')} to wait"
    if path == "training.changes":
        return "; ".join(_describe_change(change) for change in value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, str):
        return NAMES.get(path, {}).get(value, value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _describe_change(change: dict[str, Any]) -> str:
    told = [
        f"{key.replace('_', ' ')} {'all points' if value is None else value}"
        for key, value in change.items()
        if key != "epoch"
    ]
    return f"from epoch {change['epoch']:,} {', '.join(told)}"


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
