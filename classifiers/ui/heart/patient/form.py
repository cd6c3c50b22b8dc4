"""The form of one patient: one component for all fields, and what it sends turned into values.

The component's value is JSON: `number` counts what was sent, `patient` has the fields by name
(numbers, text as it was typed, null = unknown), `unit` is the one that cholesterol is shown in,
`study` the backdrop that the page has already; or `link`, the text of a link to a patient.
"""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, Feature, parse_value
from classifiers.errors import ConfigError, DataError
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, parse_patient
from classifiers.ui.heart.words import (
    MMOL,
    SUGAR_LIMIT,
    codes,
    explanation,
    label,
    unit,
    value_text,
)
from classifiers.ui.parts.markup import Markup, join
from classifiers.ui.static import asset, module

FIRST_SAMPLE = tuple(SAMPLE_PATIENTS)[2]  # neither clearly ill nor clearly well
_MOST_CHARACTERS = 4_000  # of what the form sends; it needs about 400


@dataclass(frozen=True)
class Asked:
    """What the form sent. A number that was typed is read; what is no number is left as it was."""

    number: int = 0
    patient: Mapping[str, Any] = field(default_factory=dict)
    unit: str = "mg/dl"
    study: str = ""
    link: str | None = None


def build_form() -> gr.HTML:
    """The component, with the first sample in it."""
    return gr.HTML(
        value=json.dumps({"number": 0, "patient": sample(FIRST_SAMPLE), "unit": "mg/dl"}),
        html_template=_template(),
        js_on_load=module("heart/patient/form.js", mmol=MMOL, sugar=SUGAR_LIMIT),
        apply_default_css=False,
        elem_id="patient-form",
    )


def build_samples() -> gr.HTML:
    """The sample patients, and what can be done with whoever is in the form."""
    button = Markup('<button type="button" class="sample" data-patient="{}">{}</button>')
    samples = join(button.format(json.dumps(sample(name)), name) for name in SAMPLE_PATIENTS)
    page = Markup(asset("heart/patient/samples.html"))
    return gr.HTML(
        html_template=page.replace("<!-- samples -->", samples),
        js_on_load=module("heart/patient/samples.js"),
        apply_default_css=False,
        elem_id="patient-samples",
    )


def sample(name: str) -> dict[str, float | None]:
    """A sample patient as numbers, None = unknown."""
    return canonical(SAMPLE_PATIENTS[name])


def canonical(patient: Mapping[str, Any]) -> dict[str, float | None]:
    """All 13 fields as numbers, None = unknown; raises as `parse_patient`."""
    row = parse_patient(patient).tolist()
    return {n: None if v != v else v for n, v in zip(FEATURE_NAMES, row, strict=True)}


def read_form(value: Any) -> Asked:
    """What the form sent.

    Raises:
        ConfigError: it is no such JSON. What is wrong with a field's value is not looked at here.
    """
    try:
        if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
            raise ValueError
        sent = json.loads(value)
        number, patient = sent.get("number", 0), sent.get("patient", {})
        known = {key: sent[key] for key in ("unit", "study", "link") if sent.get(key) is not None}
        texts = all(isinstance(text, str) for text in known.values())
        if type(number) is not int or not isinstance(patient, dict) or not texts:
            raise ValueError
        json.dumps(sent, ensure_ascii=False).encode()  # no half of a character
    except (ValueError, AttributeError, RecursionError):
        raise ConfigError("patient", "must be what the form sends; reload the page") from None
    return Asked(number, {name: _read(name, v) for name, v in patient.items()}, **known)


def read_patient(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as text, a decimal comma or point in them, as values; others are left as they are."""
    return {name: _read(name, value) for name, value in values.items()}


def _read(name: str, value: Any) -> Any:
    about = next((f for f in FEATURES if f.name == name), None)
    if about is None or not isinstance(value, str):
        return value
    text = value.replace(",", ".") if about.kind == "numerical" else value
    try:
        return parse_value(about, text, text=True)
    except DataError:
        return value


def _template() -> str:
    page = Markup(asset("heart/patient/form.html"))
    groups = join(
        _group(title, list(fields))
        for title, fields in itertools.groupby(sorted(FEATURES, key=_order), lambda f: f.group)
    )
    return page.replace("<!-- groups -->", groups)


def _order(about: Feature) -> int:
    return list(dict.fromkeys(f.group for f in FEATURES)).index(about.group)


def _group(title: str, fields: list[Feature]) -> Markup:
    aside = Markup("")
    if any(about.name == "chol" for about in fields):
        aside = _choice("unit", "Unit of the blood values", {u: u for u in SUGAR_LIMIT}, "mg/dl")
    elif fields[0] is FEATURES[0]:
        aside = Markup('<span class="hint"><b>?</b> = unknown, allowed everywhere</span>')
    return Markup('<div class="group"><h2>{}</h2>{}</div>{}').format(
        title, aside, join(_row(about) for about in fields)
    )


def _row(about: Feature) -> Markup:
    start = sample(FIRST_SAMPLE)[about.name]
    if about.kind == "numerical":
        control = _amount(about, start)
    else:
        choices = {str(code): text for code, text in codes(about.name).items()} | {"": "?"}
        shown = "" if start is None else f"{start:g}"
        control = _choice(about.name, label(about.name), choices, shown)
    return Markup(
        '<div class="row {}" id="field-{}" data-field="{}"><span class="term">'
        '<dfn tabindex="0" aria-describedby="about-{}" data-part="label">{}</dfn>'
        '<span id="about-{}" hidden>{}</span></span>{}'
        '<p class="note" id="note-{}" data-part="note"></p></div>'
    ).format(
        "amount" if about.kind == "numerical" else "choice",
        *[about.name] * 3, label(about.name), about.name, explanation(about.name), control,
        about.name,
    )  # fmt: skip


def _amount(about: Feature, value: float | None) -> Markup:
    shown = "" if value is None else value_text(about.name, value).split()[0]
    return Markup(
        '<span class="number"><input type="text" inputmode="decimal" autocomplete="off" '
        'placeholder="–" value="{}" aria-label="{}" aria-describedby="about-{} note-{}" '
        'data-step="{}" data-decimals="{}"><span class="unit" data-part="unit">{}</span>'
        '<button type="button" class="unknown" aria-pressed="false" title="unknown" '
        'aria-label="{} is unknown">?</button></span>'
    ).format(
        shown, label(about.name), about.name, about.name, about.step, about.decimals,
        unit(about.name), label(about.name),
    )  # fmt: skip


def _choice(name: str, title: str, choices: Mapping[str, str], chosen: str) -> Markup:
    one = Markup(
        '<label class="{}"><input type="radio" name="{}" value="{}"{}{}><span>{}</span></label>'
    )
    options = join(
        one.format(
            "" if value else "unknown",
            f"choice-{name}",
            value,
            Markup("" if value else ' aria-label="unknown" title="unknown"'),
            Markup(" checked" if value == chosen else ""),
            text,
        )
        for value, text in choices.items()
    )
    return Markup('<span class="segments" role="radiogroup" aria-label="{}">{}</span>').format(
        title, options
    )
