"""What can be varied from network to network, and where in a run such a value goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from classifiers.config.base import Config, Integer, integral, real
from classifiers.config.playground import PlaygroundConfig
from classifiers.config.schema import OTHER_DEFAULTS, json_schema, narrowed

Axis = Literal[
    "width",
    "depth",
    "weight_decay",
    "dropout",
    "learning_rate",
    "batch_size",
    "epochs",
    "samples",
    "noise",
    "label_noise",
    "parameters_per_point",
    "optimizer",
]
AXES: tuple[Axis, ...] = get_args(Axis)
# These change the task itself, so that two values can have no world in common.
TASK_AXES: frozenset[Axis] = frozenset({"samples", "noise", "label_noise"})


class AxisValues(Config):
    """A value on some of the axes, each within the limits of the setting that it replaces.

    A width is that of every hidden layer, a depth their number; `parameters_per_point` chooses the
    width of two hidden layers, for as many parameters a training point; `optimizer` is adam
    (coupled weight decay) or adamw (decoupled).
    """

    width: Annotated[Integer, Field(ge=1, le=256)] = 1
    depth: Annotated[Integer, Field(ge=1, le=4)] = 1
    weight_decay: float = Field(default=0.0, ge=0.0, le=10.0)
    dropout: float = Field(default=0.0, ge=0.0, le=0.95)
    learning_rate: float = Field(default=0.01, gt=0.0, le=100.0)
    batch_size: Annotated[Integer, Field(ge=1, le=20_000)] = 1
    epochs: Annotated[Integer, Field(ge=1, le=20_000)] = 1
    samples: Annotated[Integer, Field(ge=10, le=20_000)] = 10
    noise: float = Field(default=0.0, ge=0.0, le=20.0)
    label_noise: float = Field(default=0.0, ge=0.0, le=0.5)
    parameters_per_point: float = Field(default=1.0, gt=0.0, le=1000.0)
    optimizer: Literal["adam", "adamw"] = "adam"


@dataclass(frozen=True)
class Default:
    """What an axis takes unless told otherwise: its values, and the hidden widths of the rest."""

    values: tuple[float | str, ...]
    widths: tuple[int, ...] = (16, 16)


# Weight decay and epochs are tried on a network that learns all points by heart: 64 units do so at
# a thirtieth of the cost of the lesson's big network.
DEFAULTS: dict[Axis, Default] = {
    "width": Default((2, 4, 8, 16, 32, 64, 128, 256)),
    "depth": Default((1, 2, 3, 4)),
    "weight_decay": Default((0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2), (64, 64)),
    "dropout": Default((0, 0.1, 0.2, 0.3, 0.5, 0.7)),
    "learning_rate": Default((3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)),
    "batch_size": Default((8, 16, 32, 64, 128, 210)),
    "epochs": Default((10, 30, 100, 300, 1000, 2000), (64, 64)),
    "samples": Default((50, 100, 200, 500, 1000, 2000)),
    "noise": Default((0, 0.1, 0.2, 0.3, 0.4, 0.5)),
    "label_noise": Default((0, 0.05, 0.1, 0.2, 0.3)),
    "parameters_per_point": Default((0.1, 0.3, 1, 3, 10, 30, 100)),
    "optimizer": Default(("adam", "adamw"), (64, 64)),
}
_SECTIONS: dict[Axis, str] = {
    "weight_decay": "training",
    "learning_rate": "training",
    "batch_size": "training",
    "epochs": "training",
    "optimizer": "training",
    "dropout": "network",
    "samples": "dataset",
    "noise": "dataset",
    "label_noise": "dataset",
}


def as_number(axis: Axis, value: Any) -> Any:
    """A value as its axis writes it: 2.0 units are 2, and a noise of 1 is 1.0."""
    kind = AxisValues.model_fields[axis].annotation
    return integral(value) if kind is int else real(value) if kind is float else value


def place(base: PlaygroundConfig, settings: Mapping[Axis, Any]) -> PlaygroundConfig:
    """The run of `base` with these values in their places.

    Raises:
        ValidationError: a value that is outside its axis' limits, or doesn't fit the run.
    """
    values = AxisValues.model_validate(settings).model_dump(exclude_unset=True)
    run = base.to_dict()
    for axis, section in _SECTIONS.items():
        if axis in values:
            run[section][axis] = values[axis]
    widths = list(base.network.widths)
    if "parameters_per_point" in values:
        share, samples = base.training.test_share, run["dataset"]["samples"]
        points = samples - ceil(share * samples)
        widths = [_width(values["parameters_per_point"] * points, base)] * 2
    if "width" in values:
        widths = [values["width"]] * len(widths)
    if "depth" in values:
        widths = [widths[0]] * values["depth"]
    run["network"]["widths"] = widths
    return PlaygroundConfig.model_validate(run)


def _width(parameters: float, base: PlaygroundConfig) -> int:
    """Units of each of two hidden layers that give nearly so many parameters: the root of
    w^2 + (inputs + outputs + 2) w + outputs = parameters."""
    outputs = 1 if base.network.outputs == "one_logit" else base.dataset.classes
    half = (len(base.dataset.features) + outputs + 2) / 2
    return min(256, max(1, round(sqrt(half**2 + parameters - outputs) - half)))


_BESIDE: dict[str, tuple[Axis, ...]] = {  # these set the same thing
    "parameters_per_point": ("width", "depth"),
    "width": ("parameters_per_point",),
    "depth": ("parameters_per_point",),
}


def explain_sweep(schema: dict[str, Any]) -> None:
    """What a sweep's JSON schema says of one axis and another: their values, and what fits."""
    limits = json_schema(AxisValues)["properties"]
    first, second = [], [narrowed(and_over={"const": None}, and_values={"maxItems": 0})]
    for axis in AXES:
        limits[axis].pop("default")
        others = [None, *(a for a in AXES if a != axis and a not in _BESIDE.get(axis, ()))]
        case = narrowed(
            over={"const": axis}, values={"items": limits[axis]}, and_over={"enum": others}
        )
        also = narrowed(and_over={"const": axis}, and_values={"items": limits[axis]})
        for one in (case, also):
            one["properties"] |= _fitting(axis)
        case["required"] = ["over"] if axis != "width" else []
        also["required"] = ["and_over"]
        first.append(case)
        second.append(also)
    for key in ("values", "and_values"):
        schema["properties"][key]["uniqueItems"] = True
    schema["properties"]["base"][OTHER_DEFAULTS] = True
    # Without a name they are moons here, and without an optimiser it is adam.
    moons = {"anyOf": [{"required": ["name"]}, narrowed(classes={"const": 2})]}
    adam = {"anyOf": [{"required": ["optimizer"]}, narrowed(momentum={"const": 0})]}
    training = narrowed(members=None, epochs=None) | adam
    base = narrowed(base=narrowed(dataset=moons, training=training))
    schema["allOf"] = [{"anyOf": first}, {"anyOf": second}, base, _of_own_points()]


def _fitting(axis: Axis) -> dict[str, Any]:
    """What the rest of a sweep may be beside an axis."""
    if axis == "epochs":
        return narrowed(epochs=None)["properties"]
    if axis == "optimizer":
        return narrowed(base=narrowed(training=narrowed(momentum=None)))["properties"]
    if axis in ("width", "depth", "dropout"):
        return narrowed(base=narrowed(network=narrowed(widths={"minItems": 1})))["properties"]
    return {}


def _of_own_points() -> dict[str, Any]:
    """Own points give no new ones, and there is one set of them."""
    fixed = [axis for axis in AXES if axis not in TASK_AXES]
    drawn = {"enum": ["blobs", "circles", "moons", "xor", "spirals"]}
    return {
        "anyOf": [
            narrowed(base=narrowed(dataset=narrowed(name=drawn))),
            narrowed(
                over={"enum": fixed}, and_over={"enum": [None, *fixed]}, new_points={"const": False}
            ),
        ]
    }
