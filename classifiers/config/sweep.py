"""The settings of sweeps: one or two axes on the page, any number of settings beyond it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from classifiers.config.axes import (
    AXES,
    DEFAULTS,
    TASK_AXES,
    Axis,
    AxisValues,
    as_number,
    explain_sweep,
    place,
)
from classifiers.config.base import Config, Integer, Seed, as_tuple, to_config_error
from classifiers.config.capstone import MoonsConfig
from classifiers.config.playground import PlaygroundConfig

_EPOCHS = 2000

Values = Annotated[tuple[Any, ...], BeforeValidator(as_tuple)]
Members = Annotated[Integer, Field(ge=1, le=4096)]
Epochs = Annotated[Integer, Field(ge=1, le=20_000)]


def _fill_base(base: Any, epochs: Any, axes: list[Axis]) -> Any:
    """What is left out of a base takes the value of the lesson's capstone, on a network that suits
    the axes."""
    if isinstance(base, PlaygroundConfig):
        unset = {"training": {"epochs"} - base.training.model_fields_set}
        base = base.model_dump(mode="json", exclude=unset)
    if not isinstance(base, dict):
        return base  # which is then refused for it
    widths = max((DEFAULTS[axis].widths for axis in axes), default=(16, 16))
    training = {
        "optimizer": "adam",
        "learning_rate": 0.01,
        "epochs": epochs,
        "test_share": 0.3,
        "seed": 0,
    }
    if "optimizer" in axes and "weight_decay" not in axes:
        training["weight_decay"] = 0.01  # without any, there is nothing to couple
    sections: dict[str, dict[str, Any]] = {
        "dataset": {"name": "moons", **MoonsConfig().to_dict()},
        "network": {"widths": widths},
        "training": training,
    }
    for name, section in sections.items():
        given = base.get(name, {})
        if isinstance(given, dict) and given.get("name", "moons") == "moons":
            base = {**base, name: {**section, **given}}
    return base


def _fill_points(filled: dict[str, Any]) -> dict[str, Any]:
    """A visitor's own points give no new ones: members then share them, unless told otherwise."""
    data = filled["base"].get("dataset") if isinstance(filled["base"], dict) else None
    own = isinstance(data, dict) and data.get("name") == "points"
    return {"new_points": not own, **filled}


def _known(axis: Any) -> bool:
    return isinstance(axis, str) and axis in AXES


def _check_axes(keys: dict[Axis, str], base: PlaygroundConfig) -> None:
    """What these axes can't be varied with; `keys` are those under which each was given."""
    axes = list(keys)
    if {"width", "depth", "dropout"} & set(axes) and not base.network.widths:
        named = next(axis for axis in axes if axis in ("width", "depth", "dropout"))
        raise ValueError(f"base.network.widths: needs a hidden layer to sweep {named}")
    if base.dataset.name == "points" and (task := TASK_AXES & set(axes)):
        raise ValueError(
            f"{keys[min(task)]}: cannot be {min(task)} with your own points, which give no new "
            "ones; sweep width, weight_decay or dropout"
        )
    if "parameters_per_point" in axes and (clash := {"width", "depth"} & set(axes)):
        *_, last = (axis for axis in axes if axis in {*clash, "parameters_per_point"})
        raise ValueError(
            f"{keys[last]}: {min(clash)} and parameters_per_point set the same thing; vary one of "
            "them"
        )


def _check_training(base: PlaygroundConfig, epochs: int, new_points: bool) -> None:
    if new_points and base.dataset.name == "points":
        raise ValueError("new_points: your own points give no new ones; set it to false")
    if base.training.members != 1:
        raise ValueError(f"base.training.members: is set by members, got {base.training.members}")
    if base.training.epochs != epochs:
        raise ValueError(
            f"base.training.epochs: is set by epochs ({epochs}); leave it out, "
            f"got {base.training.epochs}"
        )


def _say(error: ValidationError) -> str:
    return to_config_error(error, "value").message


class SweepConfig(Config):
    """One setting at several values, or two settings at every pair, each with several members.

    Members are worlds: new points, a new split, new starting weights; with `new_points=False` only
    split and weights are new. What is left out of `base` takes the value of the lesson's capstone.
    `members` and `epochs` are set here, not in `base`; over epochs, the largest value is `epochs`.
    """

    model_config = ConfigDict(json_schema_extra=explain_sweep)

    over: Axis = Field(default="width", description="The setting that is varied.")
    values: Annotated[Values, Field(min_length=1, max_length=20)] = Field(
        default=(), description="Its values, none twice; left out: the lesson's for that setting."
    )
    and_over: Axis | None = Field(default=None, description="A second setting; null = none.")
    and_values: Annotated[Values, Field(max_length=20)] = Field(
        default=(), description="Its values, at each of `values`; [] = the lesson's."
    )
    members: Members = Field(default=10, description="Networks for each setting.")
    epochs: Epochs = Field(
        default=_EPOCHS, description="Passes over the training rows; not with over epochs."
    )
    new_points: bool = Field(
        default=True, description="Whether each member has new points; not with your own points."
    )
    base: PlaygroundConfig = Field(
        default=PlaygroundConfig(),
        description="The rest of the run; what is left out is the lesson's capstone's.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        over, also = value.get("over", "width"), value.get("and_over")
        if not _known(over) or not (also is None or _known(also)):
            return value  # which is then refused for it
        filled = {"values": DEFAULTS[over].values, "base": {}, **value}
        if also is not None and not value.get("and_values"):
            filled["and_values"] = DEFAULTS[also].values
        for key, axis in (("values", over), ("and_values", also)):
            given = filled.get(key)
            if axis is not None and isinstance(given, (list, tuple)):
                filled[key] = [as_number(axis, v) for v in given]
                if axis == "epochs" and all(isinstance(v, int) for v in filled[key]):
                    filled.setdefault("epochs", max(filled[key], default=_EPOCHS))
        axes = [over] if also is None else [over, also]
        filled["base"] = _fill_base(filled["base"], filled.get("epochs", _EPOCHS), axes)
        return _fill_points(filled)

    @model_validator(mode="after")
    def _can_be_swept(self) -> Self:
        _check_training(self.base, self.epochs, self.new_points)
        if self.and_over == self.over:
            raise ValueError(f"and_over: must differ from over, got {self.over} twice")
        if self.and_over is None and self.and_values:
            raise ValueError("and_values: belong to and_over; name that axis or remove them")
        _check_axes(dict(zip(self.axes, ("over", "and_over"), strict=False)), self.base)
        for key, axis in (("values", self.over), ("and_values", self.and_over)):
            self._check_values(key, axis, getattr(self, key))
        return self

    def _check_values(self, key: str, axis: Axis | None, values: tuple[Any, ...]) -> None:
        if axis is None:
            return
        for index, value in enumerate(values):
            try:
                place(self.base, {axis: value})
            except ValidationError as error:
                raise ValueError(f"{key}.{index}: {_say(error)}") from None
            if value in values[:index]:
                raise ValueError(f"{key}.{index}: must not repeat {value}; remove it")
        if axis == "epochs" and max(values) != self.epochs:
            raise ValueError(f"epochs: is the largest value ({max(values)}); leave it out")

    @property
    def axes(self) -> list[Axis]:
        """What is varied: one axis or two."""
        return [self.over] if self.and_over is None else [self.over, self.and_over]

    @property
    def count(self) -> int:
        """How many settings there are."""
        return len(self.values) * max(1, len(self.and_values))

    def values_of(self, index: int) -> dict[Axis, Any]:
        """The value on each axis of setting `index`; the second axis runs fastest."""
        if self.and_over is None:
            return {self.over: self.values[index]}
        first, second = divmod(index, len(self.and_values))
        return {self.over: self.values[first], self.and_over: self.and_values[second]}

    def setting(self, index: int) -> PlaygroundConfig:
        """The run of setting `index`, for one member."""
        return place(self.base, self.values_of(index))


class RangeConfig(Config):
    """Values of one axis that are drawn at random: between two ends, or from a list.

    `log` draws the logarithm evenly; left out, it is so where both ends are above 0 and the axis
    is one on which people count in factors.
    """

    low: float | None = None
    high: float | None = None
    log: bool | None = None
    choices: Values = ()

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.choices:
            if (self.low, self.high, self.log) != (None, None, None):
                raise ValueError("choices: stand alone; remove low, high and log")
        elif self.low is None or self.high is None or not self.low < self.high:
            raise ValueError("high: must be above low; give both, or choices")
        elif self.log and self.low <= 0:
            raise ValueError(f"low: must be above 0 on a logarithmic scale, got {self.low:g}")
        return self


_BY_FACTORS: frozenset[Axis] = frozenset(
    (
        "width",
        "weight_decay",
        "learning_rate",
        "batch_size",
        "samples",
        "parameters_per_point",
    )
)


class SearchConfig(Config):
    """Any number of settings: a list of them, a grid, or random draws, each with members as in a
    `SweepConfig`.

    A draw is a function of `seed` and its number alone.
    """

    settings: Annotated[tuple[dict[Axis, Any], ...], BeforeValidator(as_tuple)] = ()
    grid: dict[Axis, Values] = Field(default={})
    random: dict[Axis, RangeConfig] = Field(default={})
    draws: Integer = Field(default=100, ge=1, le=10_000_000)
    seed: Seed = 0
    members: Members = 10
    epochs: Epochs = _EPOCHS
    new_points: bool = True
    base: PlaygroundConfig = PlaygroundConfig()

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        filled = {"base": {}, **value}
        filled["base"] = _fill_base(filled["base"], filled.get("epochs", _EPOCHS), [])
        return _fill_points(filled)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        kinds = [kind for kind in ("settings", "grid", "random") if getattr(self, kind)]
        if len(kinds) != 1:
            got = " and ".join(kinds) or "none"
            raise ValueError(f"settings: give one of settings, grid and random, got {got}")
        _check_training(self.base, self.epochs, self.new_points)
        (kind,) = kinds
        listed = kind == "settings"
        _check_axes({axis: kind if listed else f"{kind}.{axis}" for axis in self.axes}, self.base)
        for axis, values in self.grid.items():
            if not values:
                raise ValueError(f"grid.{axis}: needs at least one value")
            for value in values:
                self._check(f"grid.{axis}", axis, value)
        for axis, given in self.random.items():
            for value in given.choices or (given.low, given.high):
                self._check(f"random.{axis}", axis, value)
        return self

    def _check(self, where: str, axis: Axis, value: Any) -> None:
        if axis == "epochs":
            raise ValueError(f"{where}: is read along the way by a sweep; vary epochs with over")
        try:
            place(self.base, {axis: as_number(axis, value)})
        except ValidationError as error:
            raise ValueError(f"{where}: {_say(error)}") from None

    @property
    def axes(self) -> list[Axis]:
        """All axes on which something varies."""
        if self.settings:
            return sorted({axis for setting in self.settings for axis in setting})
        return list(self.grid or self.random)

    @property
    def count(self) -> int:
        """How many settings there are."""
        if self.grid:
            return int(np.prod([len(values) for values in self.grid.values()], dtype=object))
        return len(self.settings) or self.draws

    def values_of(self, index: int) -> dict[Axis, Any]:
        """The value on each axis of setting `index`; of a grid, the last axis runs fastest."""
        if self.settings:
            return dict(self.settings[index])
        chosen: dict[Axis, Any] = {}
        for axis, values in reversed(self.grid.items()):
            index, rest = divmod(index, len(values))
            chosen[axis] = as_number(axis, values[rest])
        if self.random:
            random = np.random.default_rng([self.seed, index])
            chosen = {axis: _draw(axis, given, random) for axis, given in self.random.items()}
        return dict(reversed(chosen.items())) if self.grid else chosen

    def setting(self, index: int) -> PlaygroundConfig:
        """The run of setting `index`, for one member.

        Raises:
            ValidationError: a listed setting that cannot be run.
        """
        return place(self.base, self.values_of(index))


def _draw(axis: Axis, given: RangeConfig, random: np.random.Generator) -> Any:
    if given.choices:
        return as_number(axis, given.choices[int(random.integers(len(given.choices)))])
    low, high = float(given.low or 0), float(given.high or 0)
    if given.log or (given.log is None and axis in _BY_FACTORS and low > 0):
        value = float(np.exp(random.uniform(np.log(low), np.log(high))))
    else:
        value = float(random.uniform(low, high))
    whole = AxisValues.model_fields[axis].annotation is int
    return min(max(round(value), round(low)), round(high)) if whole else value


SweepLike = SweepConfig | SearchConfig


def parse_sweep(value: Any) -> SweepLike:
    """A `SweepConfig`, or a `SearchConfig` where one of its keys is there.

    Raises:
        ConfigError: names the first offending key by its dotted path.
    """
    many = isinstance(value, Mapping) and {"settings", "grid", "random"} & set(value)
    return SearchConfig.parse(value) if many else SweepConfig.parse(value)
