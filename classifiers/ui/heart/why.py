"""Why the risk of one patient is what it is: exact attributions, and what would change it."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, Feature, feature
from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.explain import (
    explain_patient,
    measure_unusualness,
    nearest_change,
    vary_patient,
)
from classifiers.recipes.heart.model import HeartModel, parse_patient
from classifiers.ui.models import Served
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module
from classifiers.wording import percent, whole_percent


def build_why(
    read: Callable[[Any], tuple[Served, dict[str, Any]]],
    fields: list[Any],
    changes: Sequence[Any],
    opening: Opening,
    live: dict[str, Any],
) -> None:
    """Adds the panel. `read` turns the form's values into the served model and a patient."""
    why = gr.HTML(
        html_template=asset("heart/why.html"),
        css_template=asset("heart/why.css"),
        js_on_load=module("heart/why.js"),
        elem_id="why",
    )

    def explain(*values: Any) -> Any:
        served, patient = read(values)
        try:
            known = parse_patient(patient).tolist()
            return _explained(served.heart, tuple(None if v != v else v for v in known))
        except ClassifiersError:  # the risk panel says what is wrong; the last explanation stays
            return gr.skip()

    gr.on(changes, explain, inputs=fields, outputs=why, **live)
    opening.add(lambda _, *values: [explain(*values)], fields, [why])


@lru_cache(maxsize=64)
def _explained(model: HeartModel, values: tuple[float | None, ...]) -> str:
    """Every page opens with the same patient, and exact values take a tenth of a second."""
    patient = dict(zip(FEATURE_NAMES, values, strict=True))
    return json.dumps(show_explanation(model, patient))


def show_explanation(model: HeartModel, patient: dict[str, Any]) -> dict[str, Any]:
    explanation = explain_patient(model, patient)
    base, logit = explanation["base_logit"], explanation["logit"]
    return {
        "base": f"Log-odds. The average training patient starts at {base:+.2f} "
        f"({_probability(base)}); each field moves it by its exact Shapley value.",
        "steps": _waterfall(base, explanation["contributions"]),
        "total": f"They add up to {logit:+.2f}, which is the risk of {_probability(logit)}.",
        "change": _describe_change(nearest_change(model, patient)),
        "unusual": _describe_unusual(measure_unusualness(model, patient)),
        "fields": [_field(part) for part in vary_patient(model, patient)],
    }


def _probability(logit: float) -> str:
    return percent(1 / (1 + np.exp(-logit)))


def _waterfall(base: float, contributions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bars from where the last one ended, largest first; positions in percent of the width."""
    ordered = sorted(contributions, key=lambda c: -abs(c["logit"]))
    ends = base + np.cumsum([0.0, *(c["logit"] for c in ordered)])
    low, high = ends.min(), ends.max()
    at = 100 * (ends - low) / max(high - low, 1e-9)
    return [
        {
            "label": feature(c["field"]).label,
            "value": feature(c["field"]).format(c["value"]),
            "from": float(min(at[i], at[i + 1])),
            "to": float(max(at[i], at[i + 1])),
            "up": c["logit"] > 0,
            "amount": f"{c['logit']:+.2f}",
        }
        for i, c in enumerate(ordered)
    ]


def _describe_change(change: dict[str, Any]) -> str:
    side = "below" if change["before"] >= change["threshold"] else "above"
    at = whole_percent(change["threshold"])
    if not change["found"]:
        return (
            f"None: no change of one or two known fields, age and sex aside, takes the risk {side} "
            f"{at} ({change['tried']:,} changed patients were tried)."
        )
    parts = [
        f"{feature(c['field']).label} from {feature(c['field']).format(c['value'])} to "
        f"{feature(c['field']).format(c['to'])}"
        for c in change["changes"]
    ]
    return (
        f"{' and '.join(parts)} would take the risk {side} {at}, to "
        f"{percent(change['probability'])}. This is what the model would say of another patient, "
        "not what a treatment would do."
    )


def _describe_unusual(unusual: dict[str, Any]) -> str:
    if not unusual["fields"]:
        return "Nothing is known of this patient."
    text = f"More unusual than {whole_percent(unusual['percentile'])} of the training patients"
    most = feature(unusual["fields"][0]["field"]).label.lower()
    if unusual["unusual"]:
        return f"{text}: an odd combination, most of all for its {most}. Trust the risk less."
    return f"{text}: nothing out of the ordinary."


def _field(part: dict[str, Any]) -> dict[str, Any]:
    about: Feature = feature(part["field"])
    own = part["value"]
    pairs = list(zip(part["values"], part["probability"], strict=True))
    if about.kind == "categorical":
        return {
            "label": about.label,
            "options": [
                {
                    "label": about.format(value),
                    "share": 100 * p,
                    "text": whole_percent(p),
                    "own": value == own,
                }
                for value, p in pairs
            ],
        }
    at_own = next((p for value, p in pairs if value == own), None)
    return {
        "label": about.label,
        "unit": about.unit or "",
        "range": [min(part["values"]), max(part["values"])],
        "values": part["values"],
        "probability": part["probability"],
        "own_value": own,
        "own_probability": at_own,
    }
