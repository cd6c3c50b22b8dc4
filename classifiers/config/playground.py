"""The settings of a run on 2-D data: data, network, training."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from classifiers.config.base import Config, Integer, Seed, as_tuple

Activation = Literal["identity", "relu", "tanh", "sigmoid", "leaky_relu", "gelu"]
Optimizer = Literal["sgd", "adam", "adamw"]
Start = Literal["torch", "xavier", "he", "zero", "large"]
DatasetName = Literal["blobs", "circles", "moons", "xor", "spirals", "points"]
Feature = Literal["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]

Widths = Annotated[
    tuple[Annotated[Integer, Field(ge=1, le=256)], ...],
    BeforeValidator(as_tuple),
    Field(max_length=4),
]


# What may change while a network is trained.
Rate = Annotated[float, Field(gt=0.0, le=100.0)]
Momentum = Annotated[float, Field(ge=0.0, lt=1.0)]
Penalty = Annotated[float, Field(ge=0.0, le=10.0)]
Dropout = Annotated[float, Field(ge=0.0, le=0.95)]
BatchSize = Annotated[Integer, Field(ge=1, le=20_000)]
MOST_CHANGES = 100
_LEFT: Any = None  # as it is; no value that a change could have


class NetworkConfig(Config):
    """The shape of one network: hidden widths, activation, dropout, and how classes are coded.

    `outputs="one_logit"` is one logit and binary cross-entropy (two classes only);
    `"logits"` is one logit a class and cross-entropy. `start`: the first weights, as
    `torch.nn.Linear` draws them, as `xavier_uniform_` or `kaiming_uniform_` (he) do with biases of
    zero, all zero, or torch's ten times as large.
    """

    widths: Widths = (8, 8)
    activation: Activation = "relu"
    dropout: Dropout = 0.0
    outputs: Literal["one_logit", "logits"] = "logits"
    start: Start = Field(default="torch", exclude_if=lambda start: start == "torch")


class EarlyStoppingConfig(Config):
    """Keep the parameters with the lowest loss on rows that are not trained on.

    `on="test"` is the mistake the lesson's stretch goal makes: it looks at the rows that are
    reported. `share` is the part of the training rows set aside when `on="validation"`.
    """

    on: Literal["validation", "test"] = "validation"
    patience: Integer = Field(default=200, ge=1, le=100_000)
    share: float = Field(default=0.2, ge=0.05, le=0.5)


class Change(Config):
    """Settings that change once `epoch` epochs are complete: in the first step after them.

    A batch size of None, all points, reads "all" here, so that it differs from one left as it is.
    """

    epoch: Annotated[Integer, Field(ge=1, le=20_000)]
    learning_rate: Rate = _LEFT
    momentum: Momentum = _LEFT
    weight_decay: Penalty = _LEFT
    l1: Penalty = _LEFT
    l2: Penalty = _LEFT
    dropout: Dropout = _LEFT
    batch_size: Annotated[
        BatchSize | Literal["all"], BeforeValidator(lambda size: "all" if size is None else size)
    ] = _LEFT

    @property
    def settings(self) -> dict[str, Any]:
        """What changes, by name; a batch size of None is all points."""
        given = {name: value for name, value in self if name != "epoch" and value is not None}
        return {name: None if value == "all" else value for name, value in given.items()}

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.settings:
            names = ", ".join(name for name in Change.model_fields if name != "epoch")
            raise ValueError(f"epoch: a change needs at least one of {names}")
        return self

    @model_serializer
    def _only_what_changes(self) -> dict[str, Any]:
        return {"epoch": self.epoch, **self.settings}


class TrainingConfig(Config):
    """How K members are trained.

    `batch_size=None` is full batch. `weight_decay` is the optimiser's (coupled for SGD and Adam,
    decoupled for AdamW; biases included, as in torch.optim). `l1` and `l2` add
    `l1 * sum|w| + l2 * sum w^2` over weights, not biases, to each member's loss. `changes` alter
    some of that, and the network's dropout, on the way. `record_every`: epochs between two looks at
    the scores once 200 are complete; before, each is looked at. Curves are drawn from looks, early
    stopping chooses among them, and a loss that is no number is seen at one. None is every epoch up
    to 20, and then about 200 looks in all.
    """

    optimizer: Optimizer = "sgd"
    learning_rate: Rate = 0.1
    momentum: Momentum = 0.0
    epochs: Integer = Field(default=100, ge=1, le=20_000)
    batch_size: BatchSize | None = None
    weight_decay: Penalty = 0.0
    l1: Penalty = 0.0
    l2: Penalty = 0.0
    early_stopping: EarlyStoppingConfig | None = None
    test_share: float = Field(default=0.2, ge=0.05, le=0.9)
    members: Integer = Field(default=1, ge=1, le=20_000)
    seed: Seed = 42
    record_every: Annotated[Integer, Field(ge=1, le=20_000)] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    changes: Annotated[
        tuple[Change, ...], BeforeValidator(as_tuple), Field(max_length=MOST_CHANGES)
    ] = Field(default=(), exclude_if=lambda value: not value)

    @model_validator(mode="after")
    def _momentum_is_for_sgd(self) -> Self:
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(f"momentum: belongs to sgd; set it to 0 for {self.optimizer}")
        return self

    @model_validator(mode="after")
    def _changes_are_in_order(self) -> Self:
        for i, change in enumerate(self.changes):
            if i and change.epoch <= self.changes[i - 1].epoch:
                raise ValueError(
                    f"changes.{i}.epoch: must be above {self.changes[i - 1].epoch}, the epoch of "
                    f"the change before, got {change.epoch}; sort the changes, one an epoch"
                )
            if change.settings.get("momentum") and self.optimizer != "sgd":
                raise ValueError(
                    f"changes.{i}.momentum: belongs to sgd; leave it out for {self.optimizer}"
                )
        return self


_DATASET_DEFAULTS: dict[str, dict[str, Any]] = {
    "blobs": {"samples": 1000, "noise": 1.5, "classes": 4},
    "circles": {"samples": 1000, "noise": 0.05, "classes": 2, "factor": 0.5},
    "moons": {"samples": 1000, "noise": 0.2, "classes": 2},
    "xor": {"samples": 1000, "noise": 0.1, "classes": 2},
    "spirals": {"samples": 1000, "noise": 0.1, "classes": 2},
    "points": {},
}
# The largest noise that is worth a look: beyond, nothing of the shape is left.
NOISE_REACH: dict[DatasetName, float] = {
    "blobs": 5.0,
    "circles": 0.5,
    "moons": 1.0,
    "xor": 1.0,
    "spirals": 0.5,
}
_CLASS_RANGE = {
    "blobs": (2, 8),
    "circles": (2, 2),
    "moons": (2, 2),
    "xor": (2, 4),
    "spirals": (2, 4),
}

Point = Annotated[
    tuple[
        Annotated[float, Field(ge=-1e3, le=1e3)],
        Annotated[float, Field(ge=-1e3, le=1e3)],
        Annotated[Integer, Field(ge=0, le=7)],
    ],
    BeforeValidator(as_tuple),
]


class DatasetConfig(Config):
    """A 2-D dataset: one of five known distributions, or a visitor's own points.

    `noise` is the standard deviation of the Gaussian around each point (for blobs: the
    `cluster_std`). `label_noise` is the share of the drawn labels that are turned into another
    class: of points to train and test on, never of fresh ones. `points` are (x1, x2, class) rows
    and go with `name="points"` only, as `factor` (inner radius over outer radius) goes with circles
    only. `features` are the inputs the network sees. What is left out takes the default of the
    named dataset.
    """

    name: DatasetName = "blobs"
    samples: Integer = Field(default=1000, ge=10, le=20_000)
    noise: float = Field(default=0.0, ge=0.0, le=20.0)
    label_noise: float = Field(default=0.0, ge=0.0, le=0.5)
    classes: Integer = Field(default=2, ge=2, le=8)
    seed: Seed = 42
    factor: Annotated[float, Field(ge=0.05, le=0.95)] | None = None
    features: Annotated[
        tuple[Feature, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=7)
    ] = ("x1", "x2")
    points: Annotated[tuple[Point, ...], BeforeValidator(as_tuple), Field(max_length=5_000)] = ()

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        name = value.get("name", "blobs")
        defaults = _DATASET_DEFAULTS.get(name, {}) if isinstance(name, str) else {}
        points = value.get("points")
        if name == "points" and isinstance(points, (list, tuple)) and points:
            labels = [p[2] for p in points if isinstance(p, (list, tuple)) and len(p) == 3]
            whole = [int(v) for v in labels if isinstance(v, (int, float)) and 0 <= v <= 7]
            defaults = {"samples": len(points), "classes": max([1, *whole]) + 1}
        return {**defaults, **value}

    @model_validator(mode="after")
    def _agrees_with_its_name(self) -> Self:
        if self.name == "points":
            if len(self.points) < 10:
                raise ValueError(f"points: needs at least 10 rows, got {len(self.points)}")
            if self.samples != len(self.points):
                raise ValueError("samples: is the number of points here; leave it out")
            if self.label_noise:
                raise ValueError("label_noise: turns drawn labels, not your own; set it to 0")
        else:
            low, high = _CLASS_RANGE[self.name]
            if not low <= self.classes <= high:
                allowed = str(low) if low == high else f"{low} to {high}"
                raise ValueError(f"classes: must be {allowed} for {self.name}, got {self.classes}")
            if self.points:
                raise ValueError(f"points: goes with name='points' only, not {self.name}")
        if self.factor is not None and self.name != "circles":
            raise ValueError(f"factor: goes with circles only, not {self.name}")
        if len(set(self.features)) != len(self.features):
            raise ValueError("features: must not repeat")
        return self


class PlaygroundConfig(Config):
    """One playground run: data, network, training. Defaults are the lesson's blobs."""

    dataset: DatasetConfig = DatasetConfig.model_validate({})
    network: NetworkConfig = NetworkConfig()
    training: TrainingConfig = TrainingConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.network.outputs == "one_logit" and self.dataset.classes != 2:
            raise ValueError(
                "network.outputs: one_logit needs 2 classes, this dataset has "
                f"{self.dataset.classes}; use logits"
            )
        if self.training.members > 20:
            raise ValueError(f"training.members: must be at most 20, got {self.training.members}")
        return self
