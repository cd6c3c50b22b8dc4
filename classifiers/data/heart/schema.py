"""The 13 features of the heart data: what each means, its unit, its codes, its possible values.

The form, the API, the file readers and the model card all read this one table. Codes are UCI's.
It knows what a single value may be, and nothing of files, models or training ranges. The words a
category goes by are here only. Their sources: UCI's heart-disease.names; the copies on Kaggle;
OpenML's and Weka's heart-c (typ_angina, left_vent_hyper); the ISLR2 textbook's (nontypical);
Orange's (atypical ang, left vent hypertrophy); cleve.mod of MLC++ (angina, abnang, notang, hyp).
"""

import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

from classifiers.data.files.words import is_missing
from classifiers.errors import DataError

Group = Literal["Patient", "Symptoms", "Examination and blood", "Exercise test", "Imaging"]

# A category the schema does not list may still be an honest code of another hospital, and a model
# has a slot for categories it never saw. Beyond this it is no code at all.
HIGHEST_CODE = 99

# float() also takes "1_000", "nan", "inf" and digits of other scripts: a file means none of them.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Code:
    """One category: UCI's number, its label, and the other words it goes by (lower case)."""

    value: int
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feature:
    """One of the 13 columns.

    `kind` is how this project treats it. `hard_limits` (numerical features only, both ends
    allowed) bound what a living patient can have; `step` and `decimals` are for a form.
    """

    name: str
    label: str
    meaning: str
    help: str
    group: Group
    kind: Literal["numerical", "categorical"]
    unit: str | None = None
    codes: tuple[Code, ...] = ()
    hard_limits: tuple[float, float] | None = None
    step: float = 1.0
    decimals: int = 0

    def code(self, value: float) -> Code | None:
        """The listed code with this number, or None."""
        return next((code for code in self.codes if code.value == value), None)

    def format(self, value: float | None) -> str:
        """A value as a person reads it: "145 mm Hg", "reversible defect", "unknown"."""
        if value is None or math.isnan(value):
            return "unknown"
        if self.kind == "categorical":
            code = self.code(value)
            return code.label if code else f"code {value:g}"
        return f"{value:.{self.decimals}f}" + (f" {self.unit}" if self.unit else "")

    def to_dict(self) -> dict[str, Any]:
        """The feature as JSON types, for a model's metadata."""
        return {
            "name": self.name,
            "label": self.label,
            "meaning": self.meaning,
            "unit": self.unit,
            "kind": self.kind,
            "group": self.group,
            "codes": [{"value": code.value, "label": code.label} for code in self.codes],
            "hard_limits": list(self.hard_limits) if self.hard_limits else None,
        }


_NO_YES = (
    Code(0, "no", ("n", "f", "false", "fal", "absent")),
    Code(1, "yes", ("y", "t", "true", "present")),
)

FEATURES: tuple[Feature, ...] = (
    Feature(
        "age",
        "Age",
        "Age of the patient",
        "Age at the time of the examination.",
        "Patient",
        "numerical",
        unit="years",
        hard_limits=(0, 120),
    ),
    Feature(
        "sex",
        "Sex",
        "Sex recorded for the patient",
        "As recorded in the patient's file; the source knows two codes.",
        "Patient",
        "categorical",
        codes=(Code(0, "female", ("f", "fem", "woman")), Code(1, "male", ("m", "man"))),
    ),
    Feature(
        "cp",
        "Chest pain",
        "Type of chest pain",
        "Typical angina is brought on by effort and relieved by rest; asymptomatic means no pain.",
        "Symptoms",
        "categorical",
        codes=(
            Code(1, "typical angina", ("typical", "typical ang", "typ angina", "angina", "ta")),
            Code(
                2,
                "atypical angina",
                ("atypical", "atypical ang", "atyp angina", "nontypical", "abnang", "ata"),
            ),
            Code(3, "non-anginal pain", ("non-anginal", "notang", "nap")),
            Code(4, "asymptomatic", ("asympt", "asymptotic", "asy")),
        ),
    ),
    Feature(
        "trestbps",
        "Resting blood pressure",
        "Resting systolic blood pressure on admission",
        "The upper of the two numbers, measured at rest.",
        "Examination and blood",
        "numerical",
        unit="mm Hg",
        hard_limits=(40, 300),
    ),
    Feature(
        "chol",
        "Serum cholesterol",
        "Total serum cholesterol",
        "In mg/dl: a value in mmol/l times 38.67.",
        "Examination and blood",
        "numerical",
        unit="mg/dl",
        # Above 1,000 occurs, untreated, in homozygous familial hypercholesterolaemia.
        hard_limits=(20, 1500),
    ),
    Feature(
        "fbs",
        "Fasting blood sugar above 120 mg/dl",
        "Whether fasting blood sugar is above 120 mg/dl",
        "120 mg/dl is 6.7 mmol/l.",
        "Examination and blood",
        "categorical",
        codes=_NO_YES,
    ),
    Feature(
        "restecg",
        "Resting ECG",
        "Result of the electrocardiogram at rest",
        "An ST-T abnormality is T wave inversion, or ST elevation or depression above 0.05 mV; "
        "hypertrophy is by Estes' criteria.",
        "Examination and blood",
        "categorical",
        codes=(
            Code(0, "normal", ("norm",)),
            Code(
                1,
                "ST-T wave abnormality",
                ("st-t abnormality", "st-t abnormal", "having st-t wave abnormality", "abn", "st"),
            ),
            Code(
                2,
                "left ventricular hypertrophy",
                (
                    *("lv hypertrophy", "left vent hypertrophy", "left vent hyper", "hyp", "lvh"),
                    "probable or definite left ventricular hypertrophy",
                    "showing probable or definite left ventricular hypertrophy by estes' criteria",
                ),
            ),
        ),
    ),
    Feature(
        "thalach",
        "Maximum heart rate",
        "Highest heart rate reached in the exercise test",
        "220 minus the age is what a healthy heart reaches on average.",
        "Exercise test",
        "numerical",
        unit="beats/min",
        hard_limits=(30, 250),
    ),
    Feature(
        "exang",
        "Exercise-induced angina",
        "Whether exercise brought on angina",
        "Chest pain during the exercise test.",
        "Exercise test",
        "categorical",
        codes=_NO_YES,
    ),
    Feature(
        "oldpeak",
        "ST depression",
        "ST depression brought on by exercise, relative to rest",
        "In millimetres on the ECG (1 mm = 0.1 mV); negative where the segment rose.",
        "Exercise test",
        "numerical",
        unit="mm",
        hard_limits=(-5, 15),
        step=0.1,
        decimals=1,
    ),
    Feature(
        "slope",
        "ST slope",
        "Slope of the ST segment at peak exercise",
        "A category here; the lesson standardises it as if it were a number.",
        "Exercise test",
        "categorical",
        codes=(
            Code(1, "upsloping", ("up", "upslope")),
            Code(2, "flat", ("flatsloping",)),
            Code(3, "downsloping", ("down", "downslope")),
        ),
    ),
    Feature(
        "ca",
        "Coloured vessels",
        "Number of major vessels that fluoroscopy shows calcified",
        "0 to 3 vessels.",
        "Imaging",
        "categorical",
        codes=tuple(Code(count, str(count)) for count in range(4)),
    ),
    Feature(
        "thal",
        "Thallium scan",
        "Blood flow to the heart muscle on a thallium scan",
        "A fixed defect stays at rest; a reversible one appears under exercise only.",
        "Imaging",
        "categorical",
        codes=(
            Code(3, "normal", ("norm",)),
            Code(6, "fixed defect", ("fixed", "fix")),
            Code(
                7,
                "reversible defect",
                ("reversible", "reversable defect", "reversable", "rever", "rev"),
            ),
        ),
    ),
)
FEATURE_NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
_BY_NAME = {feature.name: feature for feature in FEATURES}


def feature(name: str) -> Feature:
    """The feature with this name.

    Raises:
        DataError: no feature has it.
    """
    if name not in _BY_NAME:
        raise DataError(
            str(name), f"is not one of the 13 features; use one of {', '.join(FEATURE_NAMES)}"
        )
    return _BY_NAME[name]


def parse_number(text: str) -> float | None:
    """The number that a cell of a file holds (may overflow to inf), or None if it holds none."""
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def find_alias(column: Feature, text: str) -> float | None:
    """The code that a word stands for, whatever its case, or None."""
    if len(text) > _LONGEST_WORD:
        return None
    return _WORDS[column.name].get(_letters(text))


_LONGEST_WORD = 200


def _letters(text: str) -> str:
    """A word without its case, hyphens, spaces and quotes: Non Anginal Pain, 'typ_angina'."""
    return "".join(character for character in text.casefold() if character.isalnum())


# "1" is the label of one `ca` code; whether text may stand for a number is not decided by words.
_WORDS: dict[str, dict[str, float]] = {
    column.name: {
        _letters(word): float(code.value)
        for code in column.codes
        if not code.label.isdigit()
        for word in (code.label, *code.aliases)
    }
    for column in FEATURES
}


def parse_value(column: Feature, value: Any, *, text: bool = False) -> float | None:
    """One patient's value of one feature, as an outsider gave it.

    None, "", "?" and the other words for missing are unknown. Words are taken for categories,
    whatever their case and hyphens (`thal`: normal / fixed / reversible, `sex`: female / male), as
    are their codes as text ("4"), and true and false for yes and no. A category the schema does
    not list passes if it is a whole number from 0 to 99: whether the model knows it is for the
    model to say. Only a fasting sugar above 1 is none: it is a measurement.

    Args:
        text: the value is a cell of a text file, so "145" is a number.

    Raises:
        DataError: named after the feature; not a number, not finite, or no living patient's.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if is_missing(value):
            return None
        alias = find_alias(column, value)
        if alias is not None:
            return alias
        parsed = parse_number(value) if text or column.kind == "categorical" else None
        if parsed is None:
            raise _refuse(column, value)
        number = parsed
    elif isinstance(value, bool) and column.codes == _NO_YES:
        number = float(value)
    elif isinstance(value, Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except (OverflowError, ValueError):  # an int beyond 1e308
            raise _refuse(column, value) from None
    else:
        raise _refuse(column, value)
    if column.kind == "categorical":
        highest = 1 if column.name == "fbs" else HIGHEST_CODE
        if not (number.is_integer() and 0 <= number <= highest):
            raise _refuse(column, value)
    elif not within_limits(column, number):
        raise _refuse(column, value)
    return number + 0.0  # no negative zero


def within_limits(column: Feature, number: float) -> bool:
    """Whether a living patient can have this value (numerical features; never for NaN)."""
    low, high = column.hard_limits or (-math.inf, math.inf)
    return low <= number <= high


def _refuse(column: Feature, value: Any) -> DataError:
    if column.kind == "numerical":
        low, high = column.hard_limits or (-math.inf, math.inf)
        requirement = f"must be a number from {low:g} to {high:g} {column.unit}"
    else:
        codes = "; ".join(f"{code.value} = {code.label}" for code in column.codes)
        requirement = f"must be one of its codes ({codes})"
        if column.name == "ca":
            requirement = "must be a number of vessels, 0 to 3"
        if column.name == "fbs":
            requirement += ": a sugar of over 120 mg/dl (6.7 mmol/l) is 1, any other 0"
    return DataError(
        column.name, f"{requirement}, got {shorten(value)}; leave it empty if it is unknown"
    )


def shorten(value: Any, limit: int = 60) -> str:
    """A value as an error message can show it."""
    if isinstance(value, int) and abs(value) > 10**limit:
        return f"a whole number of over {limit} digits"  # repr() itself fails on very long ones
    if isinstance(value, (str, bytes)):
        value = value[: limit + 1]  # no need to quote five megabytes to show sixty characters
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # a very long number inside a list, a very deep list
        shown = f"a {type(value).__name__}"
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def list_names(names: list[str] | tuple[str, ...], limit: int = 20) -> str:
    """Names as a message can show them."""
    shown = ", ".join(shorten(name, 40) for name in names[:limit])
    return shown + (f" and {len(names) - limit} more" if len(names) > limit else "")
