"""What the panels about one patient say of made-up answers of a model, in which all numbers differ:
held as it was looked at.
"""

import math
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from classifiers.errors import ConfigError
from classifiers.preprocessing import CategoricalColumn, NumericalColumn
from classifiers.ui.heart import importance, whatif, why
from classifiers.ui.heart.patient import result, study, unusual
from classifiers.ui.parts.opening import Opening
from tests.answers.thinned import attempt, hold


def explained(steps: dict[str, tuple[float | None, float]], base: float = -0.4) -> dict[str, Any]:
    parts = [{"field": f, "value": value, "logit": step} for f, (value, step) in steps.items()]
    total = base + sum(step for _, step in steps.values())
    return {"base_logit": base, "logit": total, "contributions": parts}


STEPS: dict[str, dict[str, tuple[float | None, float]]] = {
    "nothing": {"age": (None, 0.0), "thal": (None, 0.0)},
    "one small": {"age": (61.0, 0.04), "cp": (4.0, 1.2), "chol": (None, 0.0)},
    "three small": {"age": (61.0, -0.03), "cp": (4.0, -0.9), "chol": (200.0, 0.045),
                    "thalach": (150.0, 0.02), "sex": (1.0, 0.3)},
    "only small": {"age": (61.0, -0.03), "chol": (200.0, 0.045)},
    "as on average": {"age": (61.0, 0.9), "sex": (0.0, -0.899)},
    "all but sure": {"ca": (3.0, 4.5), "thal": (7.0, 3.5)},
    "a code that nobody had": {"thal": (5.0, 0.0), "age": (57.5, 0.06), "oldpeak": (2.3, -0.05)},
    "at the limit": {"age": (61.0, why.SMALL), "sex": (1.0, -why.SMALL), "ca": (2.0, 0.01)},
}  # fmt: skip


def test_waterfalls_of_made_up_steps(snapshots):
    for name, steps in STEPS.items():
        told = {field for field, (value, _) in steps.items() if value not in (None, 5.0)}
        hold(snapshots, name, why._waterfall(explained(steps), told), 20)
    ranges = [(-1.0, 1.0), (-0.2, 0.15), (0.01, 0.05), (0.0101, 0.0102), (3.5, 7.0), (-9.5, -4.0),
              (5.0, 6.5)]  # fmt: skip
    told = [[tick["text"] for tick in why._ticks(*one)] for one in ranges]
    hold(snapshots, "ticks", told, 30)
    hold(snapshots, "shares", [why._share(value) for value in (-701.0, -700.0, -1.5, 0.0, 40.0)])


def pair(fields: tuple[str, str], logit: float, beyond: float, more: int) -> tuple[Any, Any]:
    values = {"age": [61.0, 50.0], "sex": [1.0, 0.0], "cp": [4.0, 3.0], "thal": [7.0, 3.0],
              "ca": [2.0, 0.0]}  # fmt: skip
    own, others = zip(*(values[field] for field in fields), strict=True)
    risk = {"beyond": beyond, "more": more, "refits": 40, "values": own, "others": others,
            "risks": [[0.61, 0.32], [0.23, 0.004]], "added": 0.457}  # fmt: skip
    return {"fields": fields, "logit": logit}, risk


PAIRS: dict[str, list[tuple[Any, Any]]] = {
    "none": [], "unknown alone": [pair(("age", "ca"), 0.5, 0.5, 40)],
    "one that adds up": [pair(("age", "sex"), 0.2, 0.03, 40)],
    "three that add up": [pair(("age", "sex"), 0.2, -0.03, 20), pair(("cp", "sex"), -0.09, 0.2, 3),
                          pair(("cp", "thal"), 0.05, 0.05, 0)],
    "one together": [pair(("age", "sex"), 0.2, 0.03, 0), pair(("cp", "sex"), -0.3, -0.25, 1)],
    "two together": [pair(("age", "sex"), 0.2, 0.3, 40), pair(("cp", "sex"), -0.3, -0.4, 2),
                     pair(("cp", "thal"), 0.6, 0.09, 0)],
    "at the limit": [pair(("age", "sex"), why.TOGETHER, why.TOGETHER, 38),
                     pair(("cp", "sex"), -why.TOGETHER, -why.TOGETHER, 37)],
    "eleven": [pair(("age", "sex"), 0.2, 0.1 + step / 10, 40) for step in range(11)],
}  # fmt: skip


def test_pairs_of_made_up_risks(snapshots, monkeypatch):
    told = {"age", "sex", "cp", "thal"}
    for name, pairs in PAIRS.items():
        known = [(one, risk) for one, risk in pairs if set(one["fields"]) <= told]

        def risks(model: Any, patient: Any, fields: Any, known: Any = known) -> Any:
            assert fields == [one["fields"] for one, _ in known]
            return [risk for _, risk in known]

        monkeypatch.setattr(why, "pair_risks", risks)
        shown: Any = why._pairs(None, {}, [one for one, _ in pairs], told)  # type: ignore[arg-type]
        hold(snapshots, name, shown, 20)
    agreed = [[whatif.agree(count, refits) for count in range(refits + 1)] for refits in (10, 40)]
    hold(
        snapshots, "agreed", [[at for at, one in enumerate(each) if not one] for each in agreed], 40
    )


def test_which_fields_tell_something():
    def number(name: str) -> Any:
        return NumericalColumn(name, 0.0, 1.0, 1.0, 2.0, 9.0)

    columns = [CategoricalColumn(name, (0.0, 1.0)) if name in ("sex", "thal") else number(name)
               for name in why.FEATURE_NAMES]  # fmt: skip
    model: Any = SimpleNamespace(preprocessor=SimpleNamespace(columns=columns))
    told = why._told(model, {"age": 0, "sex": 0, "chol": 200, "thal": 7, "ca": None})
    assert told == {"age", "sex", "chol"}


def vary(field: str, own: float | None, values: list[float], higher: list[int]) -> dict[str, Any]:
    risks = np.linspace(0.123456789, 0.987654321, len(values))
    return {"field": field, "value": own, "values": values, "probability": risks.tolist(),
            "low": (risks / 2).tolist(), "high": ((1 + risks) / 2).tolist(), "higher": higher,
            "refits": 40, "against": own if own in values else values[0]}  # fmt: skip


def model_of(**evaluation: Any) -> Any:
    columns = [
        NumericalColumn("age", 55.0, 50.0, 9.0, 29.0, 77.0),
        CategoricalColumn("cp", (1.0, 4.0)), CategoricalColumn("sex", (0.0, 1.0)),
        NumericalColumn("chol", 241.0, 240.0, 50.0, 126.0, 564.0),
    ]  # fmt: skip
    about = SimpleNamespace(evaluation=evaluation, model=SimpleNamespace(sha256="ab" * 32))
    return SimpleNamespace(
        preprocessor=SimpleNamespace(columns=columns), artifact=SimpleNamespace(metadata=about)
    )


COUNTS = {
    "age": {"edges": [20, 50, 80], "with_disease": [3, 9], "without_disease": [8, 4]},
    "cp": {"values": [1.0, 2.0, 3.0, 4.0], "with_disease": [7, 9, 18, 105],
           "without_disease": [16, 41, 68, 39]},
}  # fmt: skip


def test_what_one_field_would_change(snapshots, monkeypatch):
    parts = [
        vary("age", 29.0, [29.0, 40.0, 77.0], [0, 9, 37]), vary("cp", 4.0, [1.0, 4.0], [20, 0]),
        vary("sex", None, [0.0, 1.0], [0, 2]), vary("chol", None, [126.0, 564.0], [0, 38]),
        vary("cp", 2.0, [1.0, 2.0, 3.0, 4.0], [20, 0, 30, 40]),
        vary("age", 28.5, [28.5, 77.0], [0, 3]), vary("age", 77.0, [29.0, 77.0], [0, 2]),
    ]  # fmt: skip
    monkeypatch.setattr(whatif, "vary_patient", lambda model, patient: parts)
    for name, counts in (("counted", COUNTS), ("not counted", None)):
        shown = whatif.show_fields(model_of(counts=counts), {})
        hold(snapshots, name, shown, 20)


def test_what_would_turn_a_decision(snapshots, monkeypatch):
    def change(field: str, value: float | None, to: float) -> dict[str, Any]:
        return {"field": field, "value": value, "to": to}

    spans = [
        {"above": 0.0, "up_to": 0.21, "changes": [change("cp", 4.0, 1.0)], "probability": 0.209},
        {"above": 0.21, "up_to": 0.5, "probability": 0.55,
         "changes": [change("thalach", None, 110.0), change("oldpeak", 2.3, 0.0)]},
        {"above": 0.5, "up_to": 1.0, "changes": [], "probability": None},
    ]  # fmt: skip
    monkeypatch.setattr(whatif, "turning_changes", lambda *_: {"spans": spans, "tried": 1234})
    for decision in ("disease", None):
        predicted: Any = SimpleNamespace(
            predict=lambda patient, d=decision: SimpleNamespace(decision=d)
        )
        hold(snapshots, f"{decision}", whatif.show_changes(predicted, {}))


def test_how_unusual_is_said(snapshots, monkeypatch):
    labels = {"labels": [0] * 90}
    model = model_of(out_of_fold=labels, held_out={"labels": [0] * 17})
    fields = [{"field": name, "value": value} for name, value in
              (("chol", 417.0), ("thal", 6.0), ("age", 29.0))]  # fmt: skip
    for share, is_unusual, told, known in (
        (0.3, False, 3, 13), (0.75, False, 3, 12), (0.751, False, 3, 2), (0.98, True, 1, 1),
        (0.0, False, 0, 0), (1.0, True, 2, 13),
    ):  # fmt: skip
        odd = {"fields": fields[:told], "percentile": share, "unusual": is_unusual}
        monkeypatch.setattr(unusual, "measure_unusualness", lambda *_, odd=odd: odd)
        hold(snapshots, f"{share} by {known}", unusual.tell_unusual(model, {}, known))


def test_what_is_said_of_an_interval(snapshots):
    simulation = [{"coverage": {"value": value}} for value in (0.93, 0.88, 0.91)]
    records: dict[str, dict[str, Any]] = {
        "nothing": {}, "factor": {"factor": 1.45}, "slope": {"slope": 0.138},
        "all": {"factor": 2.0, "slope": 0.2, "simulation": simulation}, "no spread": {"factor": 0},
    }  # fmt: skip
    for name, record in records.items():
        told = result._about_interval(model_of(interval=record), 37)
        hold(snapshots, name, told.split(". "))
    hold(snapshots, "no record", result._about_interval(model_of(), 2))
    units = [
        result._in_unit(name, unit) for name in ("chol", "age") for unit in ("mg/dl", "mmol/l")
    ]
    hold(snapshots, "in units", units)
    errors = [ConfigError("chol", "must be less"), ConfigError("weight", "is not a feature")]
    hold(snapshots, "named", [result._named(error) for error in errors])
    known = {"age": 61.0, "sex": None, "chol": 200.0, "cp": None}
    for name in ("some", "all", "none"):
        patient = {key: (1.0 if name == "all" else None) if name != "some" else value
                   for key, value in known.items()}  # fmt: skip
        hold(snapshots, f"summary of {name}", result._summary(model_of(), patient))


def test_steps_of_a_study(snapshots):
    sick, well = np.array([0.1, 0.4, 0.9]), np.array([0.05, 0.4])
    told = [study._step(sick, well, cut) for cut in (0.05, 0.1, 0.4, 0.90001)]
    hold(snapshots, "steps", told, 14)
    hold(snapshots, "shares", [study._whole(share) for share in
                               (0.0, 0.0099, 0.01, 0.125, 0.135, 0.99, 0.9901, 1.0)])  # fmt: skip


def test_what_the_model_uses(snapshots, monkeypatch):
    def estimate(value: float, spread: float, **more: Any) -> dict[str, Any]:
        return {"value": value, "low": value - spread, "high": value + 2 * spread, **more}

    fields = [
        {"field": name, "shapley": estimate(shapley, 0.1), "auc_loss": estimate(auc, 0.004),
         "log_loss_rise": estimate(-auc, 0.001)}
        for name, shapley, auc in (("age", 0.21, 0.001), ("cp", 0.62, 0.012), ("ca", 0.1, -0.003))
    ]  # fmt: skip
    pairs = [{"fields": ["age", "cp"], **estimate(0.05, 0.01)},
             {"fields": ["cp", "ca"], **estimate(-0.09, 0.03)}]  # fmt: skip
    shown: dict[str, Any] = {}
    for name, record in (("whole", {"fields": fields, "interactions": pairs}), ("none", None),
                         ("no pairs", {"fields": fields[:1], "interactions": []})):  # fmt: skip
        shown[name] = importance.show_importance(model_of(importance=record))
        hold(snapshots, name, shown[name])
    opening = Opening()
    with gr.Blocks(analytics_enabled=False):
        importance.build_importance(lambda *values: values[0], ["input"], opening)
    (part,) = opening._parts
    monkeypatch.setattr(importance, "show_importance", lambda model: shown.get(model.name, []))
    told = [part.fill("request", SimpleNamespace(heart=_Named(name=name))) for name in
            ("no pairs", "none")]  # fmt: skip
    hold(snapshots, "sent", [part.inputs, [one[0][:30] for one in told]])
    with pytest.raises(AttributeError):
        part.fill("request", SimpleNamespace())


class _Named(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


def test_all_that_is_explained_is_of_the_same_patient(monkeypatch):
    asked: list[Any] = []

    def noted(name: str, answer: Any) -> Any:
        return lambda *given: asked.append([name, *given[1:]]) or answer

    steps = explained(STEPS["one small"]) | {"interactions": []}
    patient = {"age": 61, "cp": 4, "chol": None}
    for name, answer in (("explain_patient", steps), ("tell_unusual", "odd"),
                         ("show_changes", "turning"), ("show_fields", "fields"),
                         ("_told", {"age", "cp"})):  # fmt: skip
        monkeypatch.setattr(why, name, noted(name, answer))
    told = why.show_explanation("model", patient)  # type: ignore[arg-type]
    assert {one[0]: one[1:] for one in asked} == {
        "explain_patient": [patient], "_told": [patient], "tell_unusual": [patient, 2],
        "show_changes": [patient], "show_fields": [patient],
    }  # fmt: skip
    assert [told[name] for name in ("oddness", "turning", "fields")] == ["odd", "turning", "fields"]
    assert (told["values"]["age"], told["values"]["sex"]) == (61.0, None)
    assert told["pairs"]["tables"] == []
    assert told["waterfall"]["end"]["at"] == pytest.approx(-0.4 + 1.24)
    assert math.isclose(told["waterfall"]["steps"][-1]["to"], told["waterfall"]["end"]["at"])
    refused = attempt(lambda: why.show_explanation("model", {"weight": 3}))  # type: ignore[arg-type]
    assert refused.startswith("ConfigError: weight: ")
