"""What callers are told of every parameter: meaning, unit, codes, limits, an example.

The features' own come from the schema of the heart data, the configs' from the configs.
"""

import json
from dataclasses import replace
from typing import Any

import torch

from classifiers.config import CapstoneConfig, Config, PlaygroundConfig, SweepConfig
from classifiers.config.schema import json_schema, narrowed
from classifiers.data.files.write import SEPARATORS
from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, Feature
from classifiers.data.heart.options import DECODES, UNITS
from classifiers.errors import ConfigError
from classifiers.recipes.exercises import exercises
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.heart.tables.read import MOST_ROWS
from classifiers.ui.gradio_internals.described import Parameter

_PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]
_NULL = {"type": "null"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, _NULL]}


def _feature(about: Feature) -> Parameter:
    if about.kind == "numerical":
        low, high = about.hard_limits or (None, None)
        schema: dict[str, Any] = {"type": "number", "minimum": low, "maximum": high}
        meaning = f"{about.meaning}, in {about.unit}, {low:g} to {high:g}. null = unknown."
    else:
        values: list[Any] = [code.value for code in about.codes]
        values += [code.label for code in about.codes if not code.label.isdigit()]
        yes_or_no = [code.label for code in about.codes] == ["no", "yes"]
        schema = {"enum": values + ([True, False] if yes_or_no else [])}
        codes = ", ".join(
            f"{c.value}" if c.label.isdigit() else f"{c.value} = {c.label}" for c in about.codes
        )
        meaning = f"{about.meaning}: {codes}; the code or the word. null = unknown."
    return Parameter(meaning, _PATIENT[about.name], _or_null(schema))


FEATURE_PARAMETERS: dict[str, Parameter] = {about.name: _feature(about) for about in FEATURES}
_SHARE = _or_null({"type": "number", "minimum": 0, "maximum": 1})
THRESHOLD = {
    "threshold": Parameter(
        "Disease is called from this probability on, 0 to 1. null = the model's own.", 0.3, _SHARE
    )
}
PATIENT = FEATURE_PARAMETERS | THRESHOLD
ROWS = {
    "rows": Parameter(
        "Patients, one JSON object each: the 13 features by name, as /predict_heart takes them; "
        f"what is left out is unknown. At most {MOST_ROWS:,}. A bad row is marked, never dropped.",
        [_PATIENT, {"age": 42, "sex": "female", "cp": 3}],
        {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_ROWS,
            "items": {
                "type": "object",
                "properties": {
                    name: {**(told.schema or {}), "description": told.description}
                    for name, told in FEATURE_PARAMETERS.items()
                },
                "unevaluatedProperties": False,
            },
        },
    ),
    **THRESHOLD,
}


def _by_feature(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    properties = dict.fromkeys(names, value)
    return _or_null({"type": "object", "properties": properties, "unevaluatedProperties": False})


_CATEGORIES = tuple(about.name for about in FEATURES if about.kind == "categorical")
READING = {
    "decode": Parameter(
        "The copy of the data in whose codes the file is, which is then converted. null = UCI's.",
        "kaggle",
        _or_null({"enum": list(DECODES)}),
    ),
    "units": Parameter(
        "Feature to its unit in the file, converted to the model's. null = the model's units.",
        {"chol": "mmol/l"},
        _or_null(
            {
                "type": "object",
                "properties": {name: {"enum": list(units)} for name, units in UNITS.items()},
                "unevaluatedProperties": False,
            }
        ),
    ),
    "codes": Parameter(
        "Feature to what its codes in the file mean. null = UCI's codes and words.",
        {"sex": {"1": "male", "2": "female"}},
        _by_feature({"type": "object", "additionalProperties": {"type": "string"}}, _CATEGORIES),
    ),
    "columns": Parameter(
        "Feature (or target) to the name of its column in the file. null = by their names.",
        {"thalach": "HF max"},
        _by_feature({"type": "string"}, (*FEATURE_NAMES, "target")),
    ),
}
FILE = {
    "file": Parameter(
        "The handle of an uploaded table of patients: .csv, .tsv, .txt, .data, .tab, .arff, .xlsx "
        "or .xls, at most 5 MB; as a tool, the address of an upload to this server.",
        {"path": "patients.csv", "url": "patients.csv", "meta": {"_type": "gradio.FileData"}},
    )
}
FORMAT = {
    "format": Parameter(
        "Of the answer: csv; csv-comma, csv-semicolon or csv-tab for Excel; or xlsx. null = csv.",
        "xlsx",
        _or_null({"enum": ["csv", *(f"csv-{word}" for word in SEPARATORS), "xlsx"]}),
    ),
    "rounded": Parameter(
        "Whether probabilities come to four digits too, in columns of their own.",
        True,
        {"type": "boolean"},
    ),
}


def _cost(of_what: str, default: int) -> Parameter:
    return Parameter(
        f"Cost of {of_what}, in any unit, the same for both; 0 to a million. null = {default}.",
        default,
        _or_null({"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}),
    )


COSTS = {
    "cost_false_negative": _cost("a missed patient", 2),
    "cost_false_positive": _cost("a false alarm", 1),
}
DETAIL = {
    "detail": Parameter(
        "short: what is served and how good it is; full: all of the model's metadata. null = short "
        "for a tool, full for other callers.",
        "short",
        _or_null({"enum": ["short", "full"]}),
    )
}


def _config(config: type[Config], what: str, example: dict[str, Any], **limits: Any) -> Parameter:
    schema = json_schema(config)
    if limits:
        schema["allOf"] = [*schema.get("allOf", []), narrowed(**limits)]
    return Parameter(what, example, _or_null(schema))


PLAYGROUND = {
    "config": _config(
        PlaygroundConfig,
        "A PlaygroundConfig as a JSON object: data, network, training; what is left out is the "
        "lesson's. At most about 60 s of one core. null = the lesson's blobs.",
        {"dataset": {"name": "moons"}, "training": {"epochs": 20}},
    )
}
CAPSTONE = {
    "config": _config(
        CapstoneConfig,
        "A CapstoneConfig as a JSON object: the moons, the training, the good network's settings. "
        "null = the lesson's.",
        {"training": {"epochs": 20}},
    )
}
# More is taken where it costs no more than a sweep may; nobody who reads a schema can tell.
SWEEP = {
    "config": _config(
        SweepConfig,
        "A SweepConfig as a JSON object: what is varied, its values, members, the rest of the run. "
        "At most about 120 s of one core. null = hidden widths 2 to 256 on the capstone's moons.",
        {"over": "width", "values": [2, 8], "members": 2, "epochs": 20},
        members={"maximum": 20},
        epochs={"maximum": 2000},
    ),
    "device": Parameter(
        "Where it is computed: auto is the GPU where it was measured to be faster. On ZeroGPU, "
        "whose seconds are your own quota, auto is the CPU.",
        "cpu",
        {"enum": ["auto", "cpu", *(["cuda"] if torch.cuda.is_available() else [])]},
    ),
}


def exercise_parameter() -> dict[str, Parameter]:
    """Read when the endpoints are made: the exercises are found in their folders."""
    known = [int(key) if key.isdigit() else key for key in exercises()]
    return {
        "number": Parameter(
            "Number of the exercise in the lesson, 1 to 12, or the name of a box to try.",
            1,
            {"enum": known},
        )
    }


def own_network() -> Parameter:
    """Of an endpoint that speaks about the caller's own network, where there is one."""
    told = (
        "Of a step about one's own network (p4): the PlaygroundConfig of the run that trained it, "
        "as /train_playground takes it. null = the lesson's."
    )
    return replace(PLAYGROUND["config"], description=told)


def as_object(value: Any, field: str) -> Any:
    """A JSON object that was sent as text, as some clients do; any other value as it is.

    Raises:
        ConfigError: it is text, and no JSON.
    """
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ConfigError(
            field, f"must be a JSON object, or one as text, got {value[:60]!r}"
        ) from None
