"""One patient's risk as the page shows it: the count, its doubts, and what a decision hangs on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.model import HeartModel, Prediction, parse_patient
from classifiers.recipes.heart.report import own_costs
from classifiers.ui.heart.patient.form import FIRST_SAMPLE, Asked, canonical, sample
from classifiers.ui.heart.patient.link import read_link
from classifiers.ui.heart.patient.study import DIGITS, show_study
from classifiers.ui.heart.words import (
    MMOL,
    inside,
    label,
    of_hundred,
    value_text,
)
from classifiers.ui.models import Served
from classifiers.wording import whole_percent

FEW = 3  # fields that are named as those to ask for first
_THRESHOLDS = np.arange(101) / 100
NOTICE = "For teaching only: no medical device, no diagnosis."


def show_prediction(served: Served, asked: Asked) -> dict[str, Any]:
    """The result panel's value, of JSON types; it never raises a `ClassifiersError`.

    Returns:
        `number` of what was asked; `state`: ok, wrong (a value cannot be used) or error (there is
        no model); `message` of the latter two; `notes` {field: {`text`, `wrong`}} to say beside
        fields; where ok, what `_answer` gives; `notice`, of a link that could not be used.
    """
    answer: dict[str, Any] = {"number": asked.number, "state": "ok", "notes": {}}
    patient = patient_of(asked)
    if asked.link is not None:
        answer["patient"] = dict(patient)
        try:
            read_link(asked.link)
        except ClassifiersError as error:
            answer["notice"] = f"The link could not be used. {_named(error)}"
    try:
        model = served.heart
    except ClassifiersError as error:
        return {**answer, "state": "error", "message": str(error)}
    try:
        prediction = model.predict(patient)
    except ClassifiersError as error:
        text = f"{error.message}{_in_unit(error.field, asked.unit)}"
        notes = {error.field: {"text": text, "wrong": True}}
        message = f"{_named(error)}{_in_unit(error.field, asked.unit)}"
        return {**answer, "state": "wrong", "message": message, "notes": notes}
    answer |= _answer(model, prediction, canonical(patient))
    if answer["study"]["key"] == asked.study:  # the page has it
        answer["study"] = {"key": asked.study}
    return answer


def patient_of(asked: Asked) -> Mapping[str, Any]:
    """The patient in the form, or in the link; the first sample where that cannot be used."""
    if asked.link is None:
        return asked.patient
    try:
        return read_link(asked.link)
    except ClassifiersError:
        return sample(FIRST_SAMPLE)


def _named(error: ClassifiersError) -> str:
    name = label(error.field) if error.field in FEATURE_NAMES else error.field
    return f"{name}: {error.message}"


def _in_unit(name: str, unit: str) -> str:
    """The limits of cholesterol for who reads it in the other unit."""
    if name != "chol" or unit != "mmol/l":
        return ""
    low, high = next(f for f in FEATURES if f.name == name).hard_limits or (0, 0)
    return f" (in mmol/l: {low / MMOL:.1f} to {high / MMOL:.1f})"


def _answer(
    model: HeartModel, prediction: Prediction, patient: dict[str, float | None]
) -> dict[str, Any]:
    """What is shown of a prediction.

    Returns:
        `probability`, `low`, `high`; `count`, `low_count`, `high_count`, of 100; `refits`, the
        widened refits' risks, ascending; `about_interval`; `known`, the number of known fields;
        `withheld`, whether too little is known for a decision; `outlook` (see `_outlook`), None
        where all is known; `notes`; `doubts`, the same as a list; `values`, each field as text, and
        those of the blood in `mmol`/l; `labels`; `study`; `start`, the threshold and the
        costs that the tab begins with; `summary`, lines of text.
    """
    row = parse_patient(patient)
    low, high = prediction.interval
    miss, alarm = own_costs(model)
    doubts = [d for d in prediction.warnings if d.code != "missing_imputed"]
    unknown = [name for name, value in patient.items() if value is None]
    refits = np.round(prediction.refits, DIGITS).tolist()
    shares = {"count": prediction.probability, "low_count": low, "high_count": high}
    return {
        "probability": prediction.probability,
        "low": low,
        "high": high,
        **{name: of_hundred(share) for name, share in shares.items()},
        "refits": refits,
        "about_interval": _about_interval(model, len(refits)),
        "known": len(patient) - len(unknown),
        "fields": len(patient),
        "withheld": prediction.decision is None,
        "outlook": _outlook(model, row) if unknown else None,
        "notes": {d.field: {"text": d.message, "wrong": False} for d in doubts},
        "doubts": [d.message for d in doubts],
        "values": {name: value_text(name, value) for name, value in patient.items()},
        "mmol": {name: value_text(name, patient[name], "mmol/l") for name in ("chol", "fbs")},
        "labels": {name: label(name) for name in patient},
        "study": show_study(model, row),
        "start": {"threshold": model.threshold, "miss": miss, "alarm": alarm},
        "summary": _summary(model, patient),
    }


def _about_interval(model: HeartModel, refits: int) -> str:
    record = model.artifact.metadata.evaluation.get("interval", {})
    told = [
        f"The model was fitted again {refits} times, each time with the study's patients weighted "
        "at random."
    ]
    if factor := record.get("factor"):
        told.append(f"The spread of the {refits} answers is widened {factor:g} times.")
    if slope := record.get("slope"):
        told.append(
            "All of them may be too timid or too bold alike: that widens it, too, the more the "
            f"farther a risk is from 50 % (log odds may be off by {whole_percent(slope)} of "
            "themselves, a standard deviation)."
        )
    if simulation := record.get("simulation"):
        held = [each["coverage"]["value"] for each in simulation]
        told.append(
            f"In simulated studies such intervals held the true risk of {of_hundred(min(held))} "
            f"to {of_hundred(max(held))} of 100 new patients, by how much was known of them."
        )
    told.append(
        "It is for the risk given what is known, at this clinic: not for another hospital's "
        "patients, nor for what another kind of model would say."
    )
    return " ".join(told)


def _outlook(model: HeartModel, row: np.ndarray) -> dict[str, Any]:
    """Where the risk may lie once all fields are known.

    Returns:
        `low` and `high` of its middle 90 %, `low_count` and `high_count` of 100; `crossing`, for
        thresholds of 0 to 100 %, how many of 100 would fall on the other side; `ask_first`.
    """
    outlook = model.outlook(row)
    return {
        "low": outlook.low,
        "high": outlook.high,
        "low_count": of_hundred(outlook.low),
        "high_count": of_hundred(outlook.high),
        "crossing": [of_hundred(outlook.crossing(cut)) for cut in _THRESHOLDS.tolist()],
        "ask_first": ", ".join(inside(name) for name in outlook.ask_first[:FEW]),
    }


def _summary(model: HeartModel, patient: dict[str, float | None]) -> list[str]:
    """The lines of a summary that no threshold changes, after those of the risk."""
    known = [f"{label(n)}: {value_text(n, v)}" for n, v in patient.items() if v is not None]
    unknown = [inside(name) for name, value in patient.items() if value is None]
    lines = ["Known of the patient:", *(f"  {line}" for line in known or ["nothing"])]
    if unknown:
        lines.append(f"Unknown: {', '.join(unknown)}")
    return [*lines, f"Model: SHA-256 {model.artifact.metadata.model.sha256}", NOTICE]
