"""What a caller says of a file that cannot be known from it: its coding, units, codes, columns.

The script, the endpoints and the page all give the same four options.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from classifiers.data.files.words import is_missing
from classifiers.data.heart.names import TARGET
from classifiers.data.heart.schema import (
    FEATURE_NAMES,
    Feature,
    feature,
    find_alias,
    parse_number,
    shorten,
)
from classifiers.errors import ConfigError

Decode = Literal["kaggle", "statlog", "from-zero"]
DECODES: tuple[str, ...] = get_args(Decode)

# Feature -> unit -> what a number is multiplied by; fbs is a yes or no above the bound instead.
# 38.67 mg/dl of cholesterol and 18.016 mg/dl of glucose are 1 mmol/l; 1 kPa is 7.50062 mm Hg.
UNITS: dict[str, dict[str, float]] = {
    "chol": {"mg/dl": 1.0, "mmol/l": 38.67},
    "trestbps": {"mm hg": 1.0, "cm hg": 10.0, "kpa": 7.50062},
    "oldpeak": {"mm": 1.0, "mv": 10.0},
    "fbs": {"mg/dl": 120.0, "mmol/l": 6.7},
}
_NO_COLUMN = ("", "-", "none")
_MOST_CODES = 100


@dataclass(frozen=True)
class Reading:
    """How to take a file.

    Attributes:
        decode: the copy whose codes (and labels) it has.
        units: feature -> its unit here.
        codes: feature -> code or word as written, lower case -> UCI's code, NaN = missing.
        columns: feature (or "target") -> the name of its column, "" = the file has none.
    """

    decode: Decode | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(
        cls, decode: Any = None, units: Any = None, codes: Any = None, columns: Any = None
    ) -> "Reading":
        """The options as an outsider gives them.

        Raises:
            ConfigError: names the option at fault.
        """
        decode = decode or None
        if decode is not None and decode not in DECODES:
            known = ", ".join(repr(one) for one in DECODES)
            raise ConfigError("decode", f"must be {known} or None, got {shorten(decode)}")
        return cls(decode, _units(units), _codes(codes), _columns(columns))

    def number(self, about: Feature, number: float) -> float:
        """A number of a cell in the schema's unit; NaN stays."""
        unit = self.units.get(about.name)
        if unit is None or math.isnan(number):
            return number
        factor = UNITS[about.name][unit]
        if about.name == "fbs":
            return float(number > factor)
        # To where the last digit of the source is: 5.2 mmol/l are 201.1 mg/dl.
        return number if factor == 1 else round(number * factor, 4)

    def code(self, about: Feature, cell: str) -> float | None:
        """What the caller says that a cell stands for, or None."""
        codes = self.codes.get(about.name)
        return codes.get(_key(cell)) if codes else None

    def describe(self) -> list[str]:
        """What is converted, for people."""
        told = [f"decoded from {self.decode}"] if self.decode else []
        for name, unit in self.units.items():
            if name == "fbs":
                told.append(f"fbs is yes above {UNITS[name][unit]:g} {unit}")
            elif UNITS[name][unit] != 1:
                told.append(f"{name} times {UNITS[name][unit]:g}, from {unit}")
        for name, codes in self.codes.items():
            pairs = [
                f"{key} as {'missing' if math.isnan(code) else f'{code:g}'}"
                for key, code in codes.items()
            ]
            told.append(f"{name}: {', '.join(pairs)}")
        for name, column in self.columns.items():
            told.append(f"{name} from {shorten(column, 40)}" if column else f"{name} not used")
        return told


def _key(cell: str) -> str:
    text = cell.strip().casefold()
    number = parse_number(text)
    return f"{number:g}" if number is not None else text


def _mapping(option: str, value: Any, example: str, names: tuple[str, ...]) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(option, f"must be an object such as {example}, got {shorten(value)}")
    for name in value:
        if name not in names:
            raise ConfigError(
                option, f"must name some of {', '.join(names)}, got {shorten(name)}; e.g. {example}"
            )
    return dict(value)


def _units(value: Any) -> dict[str, str]:
    example = '{"chol": "mmol/l"}'
    units = {}
    for name, unit in _mapping("units", value, example, tuple(UNITS)).items():
        known = UNITS[name]
        text = " ".join(unit.casefold().split()) if isinstance(unit, str) else ""
        text = {"mmhg": "mm hg", "cmhg": "cm hg"}.get(text, text)
        if text not in known:
            raise ConfigError(
                "units", f"{name} must be in {' or '.join(known)}, got {shorten(unit)}"
            )
        units[name] = text
    return units


def _codes(value: Any) -> dict[str, dict[str, float]]:
    example = '{"sex": {"1": "male", "2": "female"}}'
    categorical = tuple(n for n in FEATURE_NAMES if feature(n).kind == "categorical")
    told = {}
    for name, pairs in _mapping("codes", value, example, categorical).items():
        if isinstance(pairs, Mapping) and len(pairs) > _MOST_CODES:
            raise ConfigError(
                "codes", f"{name} can have {_MOST_CODES} codes at most, got {len(pairs)}"
            )
        if not isinstance(pairs, Mapping):
            raise ConfigError(
                "codes", f"{name} must say what each code means, as in {example}; "
                f"got {shorten(pairs)}"
            )  # fmt: skip
        told[name] = {_key(str(key)[:100]): _meaning(name, code) for key, code in pairs.items()}
    return told


def _meaning(name: str, code: Any) -> float:
    about = feature(name)
    if code is None or (isinstance(code, str) and is_missing(code)):
        return math.nan
    number = find_alias(about, code) if isinstance(code, str) else None
    if number is None and isinstance(code, (str, int, float)) and not isinstance(code, bool):
        number = parse_number(str(code)[:40])
    if number is None or about.code(number) is None:
        known = "; ".join(f"{c.value} = {c.label}" for c in about.codes)
        raise ConfigError(
            "codes", f"{name} can mean {known}; or '?' for missing; got {shorten(code)}"
        )
    return number


def _columns(value: Any) -> dict[str, str]:
    example = '{"thalach": "HF max"}'
    columns = {}
    for name, column in _mapping("columns", value, example, (*FEATURE_NAMES, TARGET)).items():
        if column is not None and not isinstance(column, (str, int)):
            raise ConfigError(
                "columns", f"{name} must be the name of a column, got {shorten(column)}"
            )
        text = "" if column is None else str(column).strip()
        columns[name] = "" if text.casefold() in _NO_COLUMN else text
    return columns
