"""Every setting of the package, as frozen pydantic models that round-trip through JSON.

A config knows its own limits and defaults (the lesson's values) and nothing of what is done with
it. `Config.parse` turns outside input into a config, or into a `ConfigError` that names the key.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from classifiers.errors import ConfigError


def _integral(value: Any) -> Any:
    """JSON has one number type: 100.0 is a whole number, "100" and True are not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _real(value: Any) -> Any:
    """The other way round: 0 is a fine value where 0.1 is one, and is echoed as 0.0."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


Integer = Annotated[int, BeforeValidator(_integral)]
Seed = Annotated[Integer, Field(ge=0, le=2**31 - 1)]

Activation = Literal["identity", "relu", "tanh", "sigmoid", "leaky_relu", "gelu"]
Optimizer = Literal["sgd", "adam", "adamw"]
DatasetName = Literal["blobs", "circles", "moons", "xor", "spirals", "points"]
Feature = Literal["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]


class Config(BaseModel):
    """Base: frozen, strict about types, hostile to unknown keys.

    A validator that looks at several keys raises `ValueError("key: message")`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, value: Any, field: str = "config") -> Self:
        """Builds the config from a JSON-like value; None and "" mean all defaults.

        Raises:
            ConfigError: names the first offending key by its dotted path.
        """
        if value is None or value == "":
            value = {}
        if not isinstance(value, dict):
            raise ConfigError(field, f"must be a JSON object, got {_shorten(value)}")
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise _to_config_error(error, field) from None

    def to_dict(self) -> dict[str, Any]:
        """All settings, defaults included, as JSON types."""
        return self.model_dump(mode="json")


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _to_config_error(error: ValidationError, field: str) -> ConfigError:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    where = path or field
    if first["type"] == "extra_forbidden":
        return ConfigError(where, "is not a known setting; remove it or check its spelling")
    message = first["msg"].removeprefix("Value error, ").replace("Input should", "should")
    if first["type"] == "value_error":
        key, _, text = message.partition(": ")
        return ConfigError(f"{path}.{key}" if path else key, text)
    return ConfigError(where, f"{message}, got {_shorten(first['input'])}")


# A tuple in Python, a list in JSON: strict mode would refuse the list.
def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Widths = Annotated[
    tuple[Annotated[Integer, Field(ge=1, le=256)], ...],
    BeforeValidator(_as_tuple),
    Field(max_length=4),
]


class NetworkConfig(Config):
    """The shape of one network: hidden widths, activation, dropout, and how classes are coded.

    `outputs="one_logit"` is one logit and binary cross-entropy (two classes only);
    `"logits"` is one logit a class and cross-entropy.
    """

    widths: Widths = (8, 8)
    activation: Activation = "relu"
    dropout: float = Field(default=0.0, ge=0.0, le=0.95)
    outputs: Literal["one_logit", "logits"] = "logits"


class EarlyStoppingConfig(Config):
    """Keep the parameters with the lowest loss on rows that are not trained on.

    `on="test"` is the mistake the lesson's stretch goal makes: it looks at the rows that are
    reported. `share` is the part of the training rows set aside when `on="validation"`.
    """

    on: Literal["validation", "test"] = "validation"
    patience: Integer = Field(default=200, ge=1, le=100_000)
    share: float = Field(default=0.2, ge=0.05, le=0.5)


class TrainingConfig(Config):
    """How K members are trained.

    `batch_size=None` is full batch. `weight_decay` is the optimiser's (coupled for SGD and Adam,
    decoupled for AdamW; biases included, as in torch.optim). `l1` and `l2` add
    `l1 * sum|w| + l2 * sum w^2` over weights, not biases, to each member's loss.
    """

    optimizer: Optimizer = "sgd"
    learning_rate: float = Field(default=0.1, gt=0.0, le=100.0)
    momentum: float = Field(default=0.0, ge=0.0, lt=1.0)
    epochs: Integer = Field(default=100, ge=1, le=20_000)
    batch_size: Annotated[Integer, Field(ge=1, le=20_000)] | None = None
    weight_decay: float = Field(default=0.0, ge=0.0, le=10.0)
    l1: float = Field(default=0.0, ge=0.0, le=10.0)
    l2: float = Field(default=0.0, ge=0.0, le=10.0)
    early_stopping: EarlyStoppingConfig | None = None
    test_share: float = Field(default=0.2, ge=0.05, le=0.9)
    members: Integer = Field(default=1, ge=1, le=20_000)
    seed: Seed = 42

    @model_validator(mode="after")
    def _momentum_is_for_sgd(self) -> Self:
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(f"momentum: belongs to sgd; set it to 0 for {self.optimizer}")
        return self


_DATASET_DEFAULTS: dict[str, dict[str, Any]] = {
    "blobs": {"samples": 1000, "noise": 1.5, "classes": 4},
    "circles": {"samples": 1000, "noise": 0.05, "classes": 2, "factor": 0.5},
    "moons": {"samples": 1000, "noise": 0.2, "classes": 2},
    "xor": {"samples": 1000, "noise": 0.1, "classes": 2},
    "spirals": {"samples": 1000, "noise": 0.1, "classes": 2},
    "points": {},
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
    BeforeValidator(_as_tuple),
]


class DatasetConfig(Config):
    """A 2-D dataset: one of five known distributions, or a visitor's own points.

    `noise` is the standard deviation of the Gaussian around each point (for blobs: the
    `cluster_std`). `points` are (x1, x2, class) rows and go with `name="points"` only, as
    `factor` (inner radius over outer radius) goes with circles only. `features` are the inputs the
    network sees. What is left out takes the default of the named dataset.
    """

    name: DatasetName = "blobs"
    samples: Integer = Field(default=1000, ge=10, le=20_000)
    noise: float = Field(default=0.0, ge=0.0, le=20.0)
    classes: Integer = Field(default=2, ge=2, le=8)
    seed: Seed = 42
    factor: Annotated[float, Field(ge=0.05, le=0.95)] | None = None
    features: Annotated[
        tuple[Feature, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=7)
    ] = ("x1", "x2")
    points: Annotated[tuple[Point, ...], BeforeValidator(_as_tuple), Field(max_length=5_000)] = ()

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


class MoonsConfig(Config):
    """The capstone's data; defaults are the lesson's."""

    samples: Integer = Field(default=300, ge=10, le=20_000)
    noise: float = Field(default=0.3, ge=0.0, le=20.0)
    seed: Seed = 0


class CapstoneTrainingConfig(Config):
    """How long, how often, and from which seed all three networks are trained."""

    epochs: Integer = Field(default=2000, ge=1, le=20_000)
    members: Integer = Field(default=1, ge=1, le=20)
    seed: Seed = 0


class GoodConfig(Config):
    """The settings of the third network, the one that is meant to be good."""

    width: Integer = Field(default=16, ge=1, le=256)
    dropout: float = Field(default=0.2, ge=0.0, le=0.95)
    weight_decay: float = Field(default=1e-4, ge=0.0, le=10.0)


class CapstoneConfig(Config):
    """Underfit, overfit and good networks on the same moons."""

    dataset: MoonsConfig = MoonsConfig()
    training: CapstoneTrainingConfig = CapstoneTrainingConfig()
    good: GoodConfig = GoodConfig()


# Where a swept value goes, what values it takes by default, and on which hidden widths: weight
# decay is tried on the lesson's big network.
_SWEPT: dict[str, tuple[str, str, tuple[float, ...], tuple[int, ...]]] = {
    "width": ("network", "widths", (2, 4, 8, 16, 32, 64, 128, 256), (16, 16)),
    "weight_decay": ("training", "weight_decay", (0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2), (256,) * 3),
    "dropout": ("network", "dropout", (0, 0.1, 0.2, 0.3, 0.5, 0.7), (16, 16)),
    "samples": ("dataset", "samples", (50, 100, 200, 500, 1000, 2000), (16, 16)),
    "noise": ("dataset", "noise", (0, 0.1, 0.2, 0.3, 0.4, 0.5), (16, 16)),
}


class SweepConfig(Config):
    """One setting at several values, each with several members that differ in seed and split.

    What is left out of `base` takes the value of the lesson's capstone. A width is that of every
    hidden layer. `members` and `epochs` are set here, not in `base`.
    """

    over: Literal["width", "weight_decay", "dropout", "samples", "noise"] = "width"
    values: Annotated[
        tuple[Any, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=20)
    ] = ()
    members: Integer = Field(default=10, ge=1, le=4096)
    epochs: Integer = Field(default=2000, ge=1, le=20_000)
    base: PlaygroundConfig = PlaygroundConfig()

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        over = value.get("over", "width")
        if not isinstance(over, str) or over not in _SWEPT:
            return value  # which is then refused for it
        _, _, values, widths = _SWEPT[over]
        filled = {"values": values, "base": {}, **value}
        if isinstance(filled["values"], (list, tuple)):
            whole = over in ("width", "samples")
            filled["values"] = [_integral(v) if whole else _real(v) for v in filled["values"]]
        base = filled["base"]
        if isinstance(base, PlaygroundConfig):
            unset = {"training": {"epochs"} - base.training.model_fields_set}
            base = base.model_dump(mode="json", exclude=unset)
        if isinstance(base, dict):
            sections: dict[str, dict[str, Any]] = {
                "dataset": {"name": "moons", **MoonsConfig().to_dict()},
                "network": {"widths": widths},
                "training": {
                    "optimizer": "adam",
                    "learning_rate": 0.01,
                    "epochs": value.get("epochs", 2000),
                    "test_share": 0.3,
                    "seed": 0,
                },
            }
            for name, section in sections.items():
                given = base.get(name, {})
                if isinstance(given, dict) and given.get("name", "moons") == "moons":
                    base = {**base, name: {**section, **given}}
            filled["base"] = base
        return filled

    @model_validator(mode="after")
    def _can_be_swept(self) -> Self:
        training = self.base.training
        if training.members != 1:
            raise ValueError(f"base.training.members: is set by members, got {training.members}")
        if training.epochs != self.epochs:
            raise ValueError(
                f"base.training.epochs: is set by epochs ({self.epochs}); leave it out, "
                f"got {training.epochs}"
            )
        if self.over in ("width", "dropout") and not self.base.network.widths:
            raise ValueError(f"base.network.widths: needs a hidden layer to sweep {self.over}")
        if self.over in ("samples", "noise") and self.base.dataset.name == "points":
            raise ValueError(
                f"over: cannot be {self.over} with your own points, which give no new ones; sweep "
                "width, weight_decay or dropout"
            )
        for index, value in enumerate(self.values):
            try:
                self.setting(index)
            except ValidationError as error:
                message = _to_config_error(error, "value").message
                raise ValueError(f"values.{index}: {message}") from None
            if value in self.values[:index]:
                raise ValueError(f"values.{index}: must not repeat {value}; remove it")
        return self

    def setting(self, index: int) -> PlaygroundConfig:
        """The run at `values[index]`, for one member."""
        section, key, _, _ = _SWEPT[self.over]
        value, run = self.values[index], self.base.to_dict()
        if self.over == "width":
            value = [value] * len(self.base.network.widths)
        run[section][key] = value
        return PlaygroundConfig.model_validate(run)
