"""The settings of a run on 2-D data: data, network, training."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)

from classifiers.config.base import Config, Integer, Seed, as_tuple
from classifiers.config.dataset import DatasetConfig
from classifiers.config.schema import narrowed

Activation = Literal["identity", "relu", "tanh", "sigmoid", "leaky_relu", "gelu"]
Optimizer = Literal["sgd", "adam", "adamw"]
Start = Literal["torch", "xavier", "he", "zero", "large"]

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

    widths: Widths = Field(
        default=(8, 8), description="Units of each hidden layer; [] has none: a linear classifier."
    )
    activation: Activation = Field(default="relu", description="Of the hidden layers.")
    dropout: Dropout = Field(
        default=0.0, description="Share of hidden units left out at each step."
    )
    outputs: Literal["one_logit", "logits"] = Field(
        default="logits", description="one_logit: for two classes only; logits: one a class."
    )
    start: Start = Field(
        default="torch",
        exclude_if=lambda start: start == "torch",
        description="How the first weights are drawn; zero shows why they must differ.",
    )


class EarlyStoppingConfig(Config):
    """Keep the parameters with the lowest loss on rows that are not trained on.

    `on="test"` is the mistake the lesson's stretch goal makes: it looks at the rows that are
    reported. `share` is the part of the training rows set aside when `on="validation"`.
    """

    on: Literal["validation", "test"] = Field(
        default="validation", description="Rows that are looked at; test is the lesson's mistake."
    )
    patience: Integer = Field(
        default=200, ge=1, le=100_000, description="Epochs without a lower loss until the end."
    )
    share: float = Field(
        default=0.2, ge=0.05, le=0.5, description="Part of the training rows set aside to validate."
    )


def _explain_change(schema: dict[str, Any]) -> None:
    """What is left out stays as it is, and something has to change."""
    for name, setting in schema["properties"].items():
        setting.pop("default", None)
        setting["description"] = _CHANGING[name]
    schema["properties"]["batch_size"]["anyOf"].append({"type": "null"})
    schema["minProperties"] = 2


_CHANGING = {
    "epoch": "So many epochs are complete when it takes effect.",
    "learning_rate": "Step size from then on.",
    "momentum": "Of sgd, from then on.",
    "weight_decay": "The optimiser's own, from then on.",
    "l1": "Penalty on the weights' sizes from then on.",
    "l2": "Penalty on the weights' squares from then on.",
    "dropout": "Share of hidden units left out at each step from then on.",
    "batch_size": "Rows a step from then on; null or all = all of them.",
}


class Change(Config):
    """Settings that change once `epoch` epochs are complete: in the first step after them.

    A batch size of None, all points, reads "all" here, so that it differs from one left as it is.
    """

    model_config = ConfigDict(json_schema_extra=_explain_change)

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


def _by_epoch(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """In order, one an epoch: of two at the same, the later one in the list has the last word."""
    ordered: dict[int, Change] = {}
    for change in sorted(changes, key=lambda change: change.epoch):
        before = ordered.get(change.epoch)
        given = {name: value for name, value in change if value is not None}
        ordered[change.epoch] = before.model_copy(update=given) if before else change
    return tuple(ordered.values())


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

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                narrowed(optimizer={"const": "sgd"}),
                narrowed(
                    optimizer={"enum": ["adam", "adamw"]},
                    momentum={"const": 0},
                    changes={"items": narrowed(momentum={"const": 0})},
                )
                | {"required": ["optimizer"]},
            ]
        }
    )

    optimizer: Optimizer = Field(default="sgd", description="Plain SGD, Adam or AdamW.")
    learning_rate: Rate = Field(default=0.1, description="Step size; Adam wants about 0.01.")
    momentum: Momentum = Field(default=0.0, description="Of sgd; 0 for the others.")
    epochs: Integer = Field(
        default=100, ge=1, le=20_000, description="Passes over the training rows."
    )
    batch_size: BatchSize | None = Field(
        default=None, description="Rows a step; null = all of them."
    )
    weight_decay: Penalty = Field(
        default=0.0, description="The optimiser's own; decoupled for adamw."
    )
    l1: Penalty = Field(default=0.0, description="Penalty on the weights' sizes.")
    l2: Penalty = Field(default=0.0, description="Penalty on the weights' squares.")
    early_stopping: EarlyStoppingConfig | None = Field(
        default=None, description="null = train to the last epoch and keep that."
    )
    test_share: float = Field(
        default=0.2, ge=0.05, le=0.9, description="Part of the rows held out to test."
    )
    members: Integer = Field(
        default=1, ge=1, le=20_000, description="Networks trained side by side, from other seeds."
    )
    seed: Seed = Field(default=42, description="Of starting weights, batches and dropout.")
    record_every: Annotated[Integer, Field(ge=1, le=20_000)] | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="Epochs between two looks at the scores; null = about 200 looks in all.",
    )
    changes: Annotated[
        tuple[Change, ...],
        BeforeValidator(as_tuple),
        Field(max_length=MOST_CHANGES),
        AfterValidator(_by_epoch),
    ] = Field(
        default=(),
        exclude_if=lambda value: not value,
        description="Settings that change while it trains, each after so many epochs.",
    )

    @model_validator(mode="after")
    def _momentum_is_for_sgd(self) -> Self:
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(f"momentum: belongs to sgd; set it to 0 for {self.optimizer}")
        return self

    @model_validator(mode="after")
    def _momentum_changes_are_for_sgd(self) -> Self:
        for i, change in enumerate(self.changes):
            if change.settings.get("momentum") and self.optimizer != "sgd":
                raise ValueError(
                    f"changes.{i}.momentum: belongs to sgd; leave it out for {self.optimizer}"
                )
        return self


def _explain_playground(schema: dict[str, Any]) -> None:
    """One logit tells two classes apart: those of circles and moons, or where there are to be 2."""
    two = {"name": {"enum": ["circles", "moons"]}}
    schema["properties"]["training"]["allOf"] = [narrowed(members={"maximum": 20})]
    schema["anyOf"] = [
        narrowed(network=narrowed(outputs={"const": "logits"})),
        {
            **narrowed(dataset={"required": ["name"], "properties": two}),
            "required": ["dataset"],
        },
        {
            **narrowed(dataset={"required": ["classes"], "properties": {"classes": {"const": 2}}}),
            "required": ["dataset"],
        },
    ]


class PlaygroundConfig(Config):
    """One playground run: data, network, training. Defaults are the lesson's blobs."""

    model_config = ConfigDict(json_schema_extra=_explain_playground)

    dataset: DatasetConfig = Field(
        default=DatasetConfig.model_validate({}), description="The points and their classes."
    )
    network: NetworkConfig = Field(default=NetworkConfig(), description="Its shape.")
    training: TrainingConfig = Field(default=TrainingConfig(), description="How it is trained.")

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
