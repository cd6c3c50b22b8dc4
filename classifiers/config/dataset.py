"""The settings of 2-D data: which points, how many, which classes, which inputs."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from classifiers.config.base import Config, Integer, Seed, as_tuple
from classifiers.config.schema import narrowed

DatasetName = Literal["blobs", "circles", "moons", "xor", "spirals", "points"]
Feature = Literal["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]

FEWEST = 10  # points of a set
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

ClassName = Annotated[str, Field(min_length=1, max_length=40)]
Point = Annotated[
    tuple[
        Annotated[float, Field(ge=-1e3, le=1e3)],
        Annotated[float, Field(ge=-1e3, le=1e3)],
        Annotated[Integer, Field(ge=0, le=7)],
    ],
    BeforeValidator(as_tuple),
]


def _explain_datasets(schema: dict[str, Any]) -> None:
    """What depends on the dataset's name: defaults in words, limits as cases."""
    for key in ("noise", "classes"):
        by_name = [f"{n} {own[key]:g}" for n, own in _DATASET_DEFAULTS.items() if key in own]
        schema["properties"][key]["description"] += f" {', '.join(by_name)}."
        del schema["properties"][key]["default"]
    schema["properties"]["features"]["uniqueItems"] = True
    none: dict[str, Any] = {"maxItems": 0}
    schema["anyOf"] = [
        narrowed(
            name={"const": name},
            classes={"minimum": low, "maximum": high},
            points=none,
            class_names=none,
            **({} if name == "circles" else {"factor": {"const": None}}),
        )
        | ({} if name == "blobs" else {"required": ["name"]})
        for name, (low, high) in _CLASS_RANGE.items()
    ]
    own = narrowed(
        name={"const": "points"}, points={"minItems": FEWEST}, samples=None, classes=None,
        label_noise={"const": 0}, balance={"const": None}, factor={"const": None}, class_names=none,
    )  # fmt: skip
    schema["anyOf"].append(own | {"required": ["name", "points"]})


class DatasetConfig(Config):
    """A 2-D dataset: one of five known distributions, or a visitor's own points.

    `noise` is the standard deviation of the Gaussian around each point (for blobs: the
    `cluster_std`). `label_noise` is the share of the drawn labels that are turned into another
    class: of points to train and test on, never of fresh ones. `balance` is the share of the points
    that class 0 gets, before label noise; the others share the rest equally, and each class has two
    points where there are as many. Null leaves it to the shapes: all blobs, rings, moons, arms and
    squares get as many, and so do the classes, but for XOR with three: there class 0 has two of the
    four squares. `points` are (x1, x2, class) rows
    and go with `name="points"` only; where a class is a text, all of them are, and the texts become
    `class_names`, sorted. `factor` (inner radius over outer radius) goes with circles only.
    `features` are the inputs the network sees. What is left out takes the default of the named
    dataset.
    """

    model_config = ConfigDict(json_schema_extra=_explain_datasets)

    name: DatasetName = Field(default="blobs", description="points: your own, in `points`.")
    samples: Integer = Field(default=1000, ge=FEWEST, le=20_000, description="Points drawn.")
    noise: float = Field(
        default=0.0, ge=0.0, le=20.0, description="Standard deviation around each point; default:"
    )
    label_noise: float = Field(
        default=0.0, ge=0.0, le=0.5, description="Share of drawn labels turned into another class."
    )
    balance: Annotated[float, Field(ge=0.05, le=0.95)] | None = Field(
        default=None,
        exclude_if=lambda balance: balance is None,
        description="Share of the points in class 0, the other classes share the rest equally; "
        "null = all equal (XOR with 3 classes: half in class 0). Not for own points.",
    )
    classes: Integer = Field(default=2, ge=2, le=8, description="Number of classes; default:")
    seed: Seed = Field(default=42, description="Of points and split.")
    factor: Annotated[float, Field(ge=0.05, le=0.95)] | None = Field(
        default=None, description="Of circles: inner radius over outer radius; null = 0.5."
    )
    features: Annotated[
        tuple[Feature, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=7)
    ] = Field(default=("x1", "x2"), description="The inputs that the network sees.")
    points: Annotated[tuple[Point, ...], BeforeValidator(as_tuple), Field(max_length=5_000)] = (
        Field(
            default=(),
            description="Rows of x1, x2, class (from 0, or a name); only with name points.",
        )
    )
    class_names: Annotated[
        tuple[ClassName, ...], BeforeValidator(as_tuple), Field(max_length=8)
    ] = Field(
        default=(),
        exclude_if=lambda value: not value,
        description="Names of own classes, as a config tells them; to give any, use `points`.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        name = value.get("name", "blobs")
        defaults = _DATASET_DEFAULTS.get(name, {}) if isinstance(name, str) else {}
        value = _name_classes(value)
        points = value.get("points")
        if name == "points" and isinstance(points, (list, tuple)) and points:
            labels = [p[2] for p in points if isinstance(p, (list, tuple)) and len(p) == 3]
            whole = [int(v) for v in labels if isinstance(v, (int, float)) and 0 <= v <= 7]
            named = len(value.get("class_names") or ())
            count = max(FEWEST, len(points))  # too few are refused as points, which were given
            defaults = {"samples": count, "classes": max([1, *whole, named - 1]) + 1}
        return {**defaults, **value}

    @model_validator(mode="after")
    def _agrees_with_its_name(self) -> Self:
        if self.name == "points":
            if len(self.points) < FEWEST:
                raise ValueError(f"points: needs at least {FEWEST} rows, got {len(self.points)}")
            if self.samples != len(self.points):
                raise ValueError("samples: is the number of points here; leave it out")
            if self.class_names and len(set(self.class_names)) != self.classes:
                raise ValueError(
                    f"class_names: must be {self.classes} different names, one a class, got "
                    f"{len(set(self.class_names))}"
                )
            if self.label_noise:
                raise ValueError("label_noise: turns drawn labels, not your own; set it to 0")
            if self.balance is not None:
                raise ValueError(
                    f"balance: is of drawn points, not of your own, got {self.balance:g}; leave it "
                    "out"
                )
        else:
            low, high = _CLASS_RANGE[self.name]
            if not low <= self.classes <= high:
                allowed = str(low) if low == high else f"{low} to {high}"
                raise ValueError(f"classes: must be {allowed} for {self.name}, got {self.classes}")
            if self.class_names:
                raise ValueError(f"class_names: goes with name='points' only, not {self.name}")
            if self.points:
                raise ValueError(f"points: goes with name='points' only, not {self.name}")
        if self.factor is not None and self.name != "circles":
            raise ValueError(f"factor: goes with circles only, not {self.name}")
        if len(set(self.features)) != len(self.features):
            raise ValueError("features: must not repeat")
        return self

    def label(self, k: int) -> str:
        """What class k is called."""
        return self.class_names[k] if self.class_names else str(k)

    def named_points(self) -> list[tuple[float, float, int | str]]:
        """The points with their classes' names, where these have any."""
        names = self.class_names
        return [(x, y, names[k] if names else k) for x, y, k in self.points]


def _name_classes(value: dict[str, Any]) -> dict[str, Any]:
    """Numbers for classes that are texts; anything else is left to the fields' own checks."""
    points = value.get("points")
    if not isinstance(points, (list, tuple)) or not all(
        isinstance(row, (list, tuple)) and len(row) == 3 for row in points
    ):
        return value
    if not any(isinstance(row[2], str) for row in points):
        return value
    if value.get("class_names"):
        raise ValueError("class_names: must be left out where the points' classes are texts")
    labels = [f"{row[2]}" for row in points]
    found = set(labels)
    if len(found) > 8:
        raise ValueError(f"points: must have at most 8 different classes, got {len(found)}")
    names = sorted(found, key=_numbers_first)
    number = {name: i for i, name in enumerate(names)}
    numbered = [[x, y, number[label]] for (x, y, _), label in zip(points, labels, strict=True)]
    return {**value, "points": numbered, "class_names": names}


def _numbers_first(name: str) -> tuple[float, str]:
    try:
        number = float(name)
    except ValueError:
        return math.inf, name
    return (number, name) if math.isfinite(number) else (math.inf, name)
