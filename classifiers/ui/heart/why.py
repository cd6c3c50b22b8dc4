"""Why the risk of one patient is what it is: exact attributions, and what would change it."""

import json
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import gradio as gr

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ClassifiersError
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.explain import explain_patient
from classifiers.recipes.heart.model import HeartModel, parse_patient
from classifiers.recipes.heart.serving.changes import pair_risks
from classifiers.ui.heart.importance import build_importance
from classifiers.ui.heart.patient.form import canonical
from classifiers.ui.heart.patient.unusual import tell_unusual
from classifiers.ui.heart.whatif import agree, show_changes, show_fields
from classifiers.ui.heart.words import (
    MMOL,
    SUGAR_LIMIT,
    inside,
    label,
    of_hundred,
    value_text,
)
from classifiers.ui.models import Served
from classifiers.ui.parts.csv_text import to_csv
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module
from classifiers.wording import listed, times, whole_percent

SMALL = math.log(1.05)  # a step of the odds below this shares a row with others
TOGETHER = math.log(1.1)  # a pair moves the odds by less than this: its fields add up
_PAIRS = 2
_MARGIN = 0.25  # of log-odds beside the waterfall
# Of the first list that puts three on the axis.
_TICKS = (
    (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99),
    tuple(step / 20 for step in range(1, 20)),
    tuple(step / 100 for step in range(1, 100)),
    (0.0001, 0.001, 0.002, 0.005, *(step / 100 for step in range(1, 100)), 0.995, 0.998, 0.999),
)
_COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def build_why(
    read: Callable[..., tuple[Served, dict[str, Any]]],
    inputs: Sequence[Any],
    changes: Sequence[Any],
    opening: Opening,
    live: dict[str, Any],
) -> None:
    """Adds the panel. `read(*values)` turns the inputs' values into the model and a patient."""
    why = gr.HTML(
        html_template=asset("heart/why/panel.html"),
        css_template=asset("heart/why/common.css", "heart/why/panel.css"),
        js_on_load=module("heart/why/panel.js", mmol=MMOL, sugar=SUGAR_LIMIT),
        apply_default_css=False,
        elem_id="why",
    )

    def explain(*values: Any) -> Any:
        try:
            served, patient = read(*values)
            return _explained(served.heart, tuple(canonical(patient).values()))
        except ClassifiersError:  # the risk panel says what is wrong, and this one is dimmed
            return gr.skip()

    gr.on(changes, explain, inputs=inputs, outputs=why, **live)
    opening.add(lambda _, *values: [explain(*values)], inputs, [why])
    build_importance(lambda *values: read(*values)[0], inputs, opening)


@lru_cache(maxsize=64)
def _explained(model: HeartModel, values: tuple[float | None, ...]) -> str:
    """Every page opens with the same patient, and exact values take a tenth of a second."""
    patient = dict(zip(FEATURE_NAMES, values, strict=True))
    return json.dumps(show_explanation(model, patient), allow_nan=False)


def show_explanation(model: HeartModel, patient: dict[str, Any]) -> dict[str, Any]:
    """The panel's value, of JSON types: texts, and numbers for marks.

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model lacks what explanations need.
    """
    explanation = explain_patient(model, patient)
    told = _told(model, patient)
    return {
        "values": canonical(patient),
        "waterfall": _waterfall(explanation, told),
        "pairs": _pairs(model, patient, explanation["interactions"], told),
        "oddness": tell_unusual(model, patient, len(told)),
        "turning": show_changes(model, patient),
        "fields": show_fields(model, patient),
    }


def _told(model: HeartModel, patient: dict[str, Any]) -> set[str]:
    """The fields that tell the model something: a category that it never saw does not."""
    columns = zip(model.preprocessor.columns, parse_patient(patient).tolist(), strict=True)
    return {
        column.name
        for column, value in columns
        if (value == value if isinstance(column, NumericalColumn) else value in column.codes)
    }


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0


def _waterfall(explanation: dict[str, Any], told: set[str]) -> dict[str, Any]:
    """From the average patient to this one, the largest steps first.

    Returns:
        `title`, `lead`, `label`; `start` and `end` of the way, {`at` in log-odds, `text`};
        `steps` {`fields`, `label`, `value`, `from`, `to`, `factor`, `up`}; `each` field's own
        step; `range` and `ticks` of the axis; `small`, what stands in the row of small ones;
        `unknown`; `csv`.
    """
    base, logit = explanation["base_logit"], explanation["logit"]
    parts = sorted(explanation["contributions"], key=lambda part: -abs(part["logit"]))
    known = [part for part in parts if part["field"] in told]
    small = [part for part in known if abs(part["logit"]) < SMALL]
    small = small if len(small) > 1 else []
    rows = [
        ([part["field"]], label(part["field"]), value_text(part["field"], part["value"]),
         part["logit"])
        for part in known if part not in small
    ]  # fmt: skip
    if small:
        fields = [part["field"] for part in small]
        rows.append((fields, f"{len(small)} smaller ones", "", sum(p["logit"] for p in small)))
    steps, at = [], base
    for fields, name, value, step in rows:
        texts = {"fields": fields, "label": name, "value": value, "factor": times(math.exp(step))}
        steps.append({**texts, "from": at, "to": at + step, "up": step > 0})
        at += step
    ends = [base, logit, *(step["to"] for step in steps)]
    start, end = (whole_percent(_share(value)) for value in (base, logit))
    return {
        "title": _why_title(start, end, bool(rows)),
        "lead": f"The average patient, of whom nothing is known, starts at {start}. Each value "
        "then multiplies the odds: orange raises them, blue lowers them.",
        "label": f"Risk from {start} for the average patient to {end} for this one: "
        + "; ".join(f"{s['label']} {s['value']} {s['factor']}".replace("  ", " ") for s in steps),
        "start": {"at": base, "text": start},
        "end": {"at": logit, "text": end},
        "steps": steps,
        "each": {part["field"]: part["logit"] for part in parts},
        "range": [min(ends) - _MARGIN, max(ends) + _MARGIN],
        "ticks": _ticks(min(ends) - _MARGIN, max(ends) + _MARGIN),
        "small": _small_ones(small),
        "unknown": [_unknown(part) for part in parts if part["field"] not in told],
        "csv": _to_csv(base, parts, logit),
    }


def _why_title(start: str, end: str, moved: bool) -> str:
    if not moved:
        return f"Nothing is known: the average patient, {start}"
    return f"Why {end}, and not {start}?" if start != end else f"Why {end}, as on average?"


def _ticks(low: float, high: float) -> list[dict[str, Any]]:
    for shares in _TICKS:
        places = [(math.log(share / (1 - share)), share) for share in shares]
        found = [{"at": at, "text": f"{100 * share:g}"} for at, share in places if low < at < high]
        if len(found) >= 3:
            return found
    return found


def _small_ones(parts: list[dict[str, Any]]) -> str:
    if not parts:
        return ""
    told = [f"{inside(part['field'])} {times(math.exp(part['logit']))}" for part in parts]
    return f"The smaller ones: {listed(told)}."


def _unknown(part: dict[str, Any]) -> str:
    """An unknown field, or one with a category that nobody in training had."""
    name = inside(part["field"])
    return name if part["value"] is None else f"{name} ({value_text(part['field'], part['value'])})"


def _to_csv(base: float, parts: list[dict[str, Any]], logit: float) -> str:
    rows = [[p["field"], "" if p["value"] is None else f"{p['value']:g}", p["logit"],
             math.exp(p["logit"])] for p in parts]  # fmt: skip
    return to_csv(
        ["field", "value", "log_odds", "odds_factor"],
        [["average patient", "", base, ""], *rows, ["this patient", "", logit, ""]],
    )


def _pairs(
    model: HeartModel,
    patient: dict[str, Any],
    interactions: list[dict[str, Any]],
    told: set[str],
) -> dict[str, Any]:
    """The pairs that the model combines most, or else those that count most as pairs.

    Returns:
        `title`, `lead`, `note`; `tables` {`title`, `factor`, the two fields' values as `columns`
        and `rows` (of the second and the first), `risks` as numbers of 100, `added`, what adding
        up would give, `note`}.
    """
    known = [pair for pair in interactions if set(pair["fields"]) <= told]
    if not known:
        return {"title": "Too little is known to look at pairs", "lead": "", "note": "",
                "tables": []}  # fmt: skip
    risks = pair_risks(model, patient, [pair["fields"] for pair in known])
    every = [{**pair, **risk} for pair, risk in zip(known, risks, strict=True)]
    combined = sorted(filter(_works_together, every), key=lambda pair: -abs(pair["beyond"]))
    count = len(combined)
    shown = (combined or every)[:_PAIRS]
    number = _COUNTED[count] if count < len(_COUNTED) else str(count)
    least = times(math.exp(TOGETHER))
    differs = f"None of {len(known)} pairs differs" if len(known) > 1 else "It doesn't differ"
    return {
        "title": f"{number} {'pair' if count < 2 else 'pairs'} of fields "
        f"{'works' if count < 2 else 'work'} together",
        "lead": f"{_which(count, len(shown))} Risk in %, the rest as it is; in brackets what it "
        "would be if the fields only added up.",
        "tables": [_pair(pair) for pair in shown],
        "note": ""
        if count
        else f"{differs} from adding up by {least} or more with the widened refits agreeing: for "
        "this patient a sum of the fields, as in a logistic regression, would do.",
    }


def _which(combined: int, shown: int) -> str:
    if combined:
        return "The model combines these most." if shown > 1 else "The model combines this one."
    return "These count most as pairs." if shown > 1 else "There is one pair."


def _works_together(pair: dict[str, Any]) -> bool:
    return abs(pair["beyond"]) >= TOGETHER and agree(pair["more"], pair["refits"])


def _with_name(name: str, values: Sequence[float]) -> list[str]:
    """Two values, the first with its field."""
    own, other = (value_text(name, value) for value in values)
    return [f"{inside(name)} {own}", other]


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    first, second = pair["fields"]
    values = list(zip(pair["values"], pair["others"], strict=True))
    factor = times(math.exp(pair["logit"]))
    note = ""
    if not agree(pair["more"], pair["refits"]):
        more = f"{pair['more']} of {pair['refits']} more"
        note = f"The widened refits can't tell it from adding up ({more})."
    if not _works_together(pair) and abs(pair["logit"]) >= TOGETHER:
        note += f" That they count {factor} as a pair comes of what both tell alike."
    return {
        "title": f"{label(first)} and {inside(second)}",
        "factor": factor,
        "rows": _with_name(first, values[0]),
        "columns": _with_name(second, values[1]),
        "risks": [[of_hundred(p) for p in row] for row in pair["risks"]],
        "added": of_hundred(pair["added"]),
        "note": note.strip(),
    }
