"""What the model would say if one field were different, beside what the study saw."""

from typing import Any

from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.experiments.counts import alike_categories
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.changes import turning_changes, vary_patient
from classifiers.recipes.heart.serving.ensemble import INTERVAL
from classifiers.ui.heart.words import inside, label, unit, value_text
from classifiers.wording import listed, percent, whole_percent

REFERRAL = (
    "Those without pain were sent for another finding: a selection. It doesn't say that pain "
    "protects."
)
_DIGITS = 5  # of a risk that is only drawn
_NO_PAIN = 4  # UCI's code of asymptomatic chest pain


def show_changes(model: HeartModel, patient: dict[str, Any]) -> dict[str, Any]:
    """The nearest patient whose decision is the other one, for every threshold.

    Returns:
        `none`, what is said where there is no decision; otherwise `spans` {`above`, `up_to`,
        `text`} as of `turning_changes`, no text where no change turns it, and `nowhere`, what is
        said there.
    """
    if model.predict(patient).decision is None:
        none = "Too little is known for a decision, so there is none to turn."
        return {"none": none, "spans": [], "nowhere": ""}
    found = turning_changes(model, patient)
    spans = []
    for span in found["spans"]:
        told = [
            f"{inside(c['field'])} {value_text(c['field'], c['to'])} in place of "
            f"{value_text(c['field'], c['value'])}"
            for c in span["changes"]
        ]
        text = f"{' and '.join(told)} (risk {percent(span['probability'])})" if told else ""
        spans.append({"above": span["above"], "up_to": span["up_to"], "text": text})
    nowhere = (
        "no change of one or two known fields, age and sex aside, turns the decision "
        f"({found['tried']:,} changed patients were looked at)"
    )
    return {"none": "", "spans": spans, "nowhere": nowhere}


def show_fields(model: HeartModel, patient: dict[str, Any]) -> list[dict[str, Any]]:
    """A part a field: numbers first, then categories, those with most of them first.

    Returns:
        `field`, `label`, `own` (text), `notes`; of a number `values`, `probability`, `low`, `high`,
        `at` {`value`, `probability`} or None, `histogram` as `count_study` gives it or None; of a
        category `options`.
    """
    counts = model.artifact.metadata.evaluation.get("counts") or {}
    columns = {column.name: column for column in model.preprocessor.columns}
    numbers, categories = [], []
    for part in vary_patient(model, patient):
        column, counted = columns[part["field"]], counts.get(part["field"])
        if isinstance(column, NumericalColumn):
            numbers.append(_number(part, column, counted))
        else:
            categories.append(_category(part, counted))
    return numbers + sorted(categories, key=lambda shown: -len(shown["options"]))


def _common(part: dict[str, Any]) -> dict[str, Any]:
    name = part["field"]
    return {"field": name, "label": label(name), "own": value_text(name, part["value"])}


def _number(
    part: dict[str, Any], column: NumericalColumn, counted: dict[str, Any] | None
) -> dict[str, Any]:
    name, own = part["field"], part["value"]
    ends = [(value_text(name, part["values"][i]), part["probability"][i]) for i in (0, -1)]
    notes = []
    if own is not None and not column.low <= own <= column.high:
        notes.append(
            f"{value_text(name, own)} lies beyond the training patients' "
            f"{value_text(name, column.low)} to {value_text(name, column.high)}."
        )
    if not agree(part["higher"][-1], part["refits"]):
        notes.append(
            f"Up or down? The widened refits can't tell: it rises in {part['higher'][-1]} of "
            f"{part['refits']}."
        )
    at = None
    if own is not None:
        at = {"value": own, "probability": part["probability"][part["values"].index(own)]}
    return {
        **_common(part),
        "own": value_text(name, own) if own is not None else f"unknown ({unit(name)})",
        "values": part["values"],
        **{key: _rounded(part[key]) for key in ("probability", "low", "high")},
        "at": at,
        "histogram": counted,
        "notes": notes,
        "alt": f"Risk by {inside(name)}: "
        + ", ".join(f"{whole_percent(p)} at {text}" for text, p in ends),
    }


def _rounded(risks: list[float]) -> list[float]:
    """To what a screen can show: a fifth of the characters."""
    return [round(risk, _DIGITS) for risk in risks]


def _category(part: dict[str, Any], counted: dict[str, Any] | None) -> dict[str, Any]:
    name, own = part["field"], part["value"]
    seen = {}
    if counted:
        rows = zip(
            counted["values"], counted["with_disease"], counted["without_disease"], strict=True
        )
        seen = {value: {"sick": sick, "of": sick + well} for value, sick, well in rows}
    options = [
        {
            "label": value_text(name, value),
            "probability": p,
            "low": low,
            "high": high,
            "risk": whole_percent(p),
            "interval": f"{whole_percent(low)} to {whole_percent(high)}",
            "own": value == own,
            "seen": seen.get(value),
        }
        for value, p, low, high in zip(
            part["values"], part["probability"], part["low"], part["high"], strict=True
        )
    ]
    notes = _unsure_refits(part)
    if counted:
        alike = [
            listed([value_text(name, code) for code in codes])
            for codes in alike_categories(counted)
        ]
        notes += [f"The study can't tell apart {', nor '.join(alike)}."] if alike else []
    if name == "cp" and _NO_PAIN in part["values"]:
        notes.append(REFERRAL)
    return {**_common(part), "options": options, "notes": notes}


def agree(count: int, refits: int) -> bool:
    """Whether all widened refits but as many as lie outside the interval say one direction."""
    low, high = (share * refits for share in INTERVAL)
    return not low < count < high


def _unsure_refits(part: dict[str, Any]) -> list[str]:
    name, against = part["field"], part["against"]
    unsure = [
        f"{value_text(name, value)} ({part['higher'][i]} of {part['refits']} higher)"
        for i, value in enumerate(part["values"])
        if value != against and not agree(part["higher"][i], part["refits"])
    ]
    if not unsure:
        return []
    return [f"The widened refits can't tell {listed(unsure)} from {value_text(name, against)}."]
