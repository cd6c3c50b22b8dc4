"""What the page says of why a risk is what it is, against what it is computed from."""

import csv
import io
import json
import math

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, read_heart
from classifiers.recipes.heart.experiments.counts import count_study
from classifiers.recipes.heart.explain import explain_patient, measure_unusualness
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.changes import nearest_change, pair_risks, vary_patient
from classifiers.ui.heart import whatif, why
from classifiers.ui.heart.importance import _picture, show_importance
from classifiers.ui.heart.patient import unusual
from classifiers.ui.heart.patient.unusual import tell_unusual
from classifiers.wording import bounded, times

PATIENT = {"age": 57, "sex": 1, "cp": 3, "trestbps": 132, "chol": 235, "fbs": 0, "restecg": 0,
           "thalach": 148, "exang": 0, "oldpeak": 1.2, "slope": 2, "ca": 1, "thal": 3}  # fmt: skip
BASICS = {"age": 55, "sex": 1, "cp": 2, "trestbps": 135, "chol": 240}
INVENTED = {  # of what the study's counts look like
    "ca": {"values": [0, 1, 2, 3], "with_disease": [46, 44, 31, 17],
           "without_disease": [130, 21, 7, 3]},
    "age": {"edges": [29.0, 53.0, 77.0], "with_disease": [40, 99], "without_disease": [80, 84]},
}  # fmt: skip


def with_evaluation(model, **parts):
    """The same model with other things in its record; None takes one out."""
    evaluation = {**model.artifact.metadata.evaluation, **parts}
    kept = {name: part for name, part in evaluation.items() if part is not None}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": kept})
    return HeartModel(type(model.artifact)(model.artifact.network, model.preprocessor, metadata))


def card(shown, name):
    return next(field for field in shown if field["field"] == name)


@pytest.mark.parametrize("patient", [PATIENT, BASICS, {}, {**PATIENT, "thal": 9}],
                         ids=["all", "basics", "nothing", "unseen"])  # fmt: skip
def test_the_waterfall_leads_from_the_average_patient_to_this_one(model, patient):
    shown = why.show_explanation(model, patient)
    json.dumps(shown, allow_nan=False)
    way, told = shown["waterfall"], explain_patient(model, patient)
    known = {name for name, value in patient.items() if (name, value) != ("thal", 9)}
    assert way["start"]["at"] == told["base_logit"]
    assert way["end"]["at"] == told["logit"]
    ends = [way["start"]["at"], *(step["to"] for step in way["steps"])]
    assert [step["from"] for step in way["steps"]] == ends[:-1]
    assert ends[-1] == pytest.approx(way["end"]["at"], abs=1e-6)
    fields = [name for step in way["steps"] for name in step["fields"]]
    assert sorted(fields) == sorted(known)
    by_field = {part["field"]: part["logit"] for part in told["contributions"]}
    assert way["each"] == by_field
    for step in way["steps"]:
        moved = sum(by_field[name] for name in step["fields"])
        assert step["to"] - step["from"] == pytest.approx(moved)
        assert step["up"] == (moved > 0)
        assert step["factor"] == times(math.exp(moved))
        if len(step["fields"]) > 1:
            assert all(abs(by_field[name]) < math.log(1.05) for name in step["fields"])
            assert step is way["steps"][-1]
            assert all(times(math.exp(by_field[name])) in way["small"] for name in step["fields"])
    low, high = way["range"]
    assert low < min(ends)
    assert high > max(ends)
    assert len(way["unknown"]) == 13 - len(known)
    assert ("thallium scan (code 9)" in way["unknown"]) == (patient.get("thal") == 9)


def test_the_steps_are_in_the_order_of_their_size(model):
    steps = why.show_explanation(model, PATIENT)["waterfall"]["steps"]
    sizes = [abs(step["to"] - step["from"]) for step in steps if len(step["fields"]) == 1]
    assert sizes == sorted(sizes, reverse=True)
    assert [step["label"] for step in steps[-1:]] == [f"{len(steps[-1]['fields'])} smaller ones"]


def test_ticks_are_risks_where_their_log_odds_are(model):
    for patient in (PATIENT, BASICS, {}, {"ca": 3}):
        way = why.show_explanation(model, patient)["waterfall"]
        assert len(way["ticks"]) >= 3
        for tick in way["ticks"]:
            share = float(tick["text"]) / 100
            assert tick["at"] == pytest.approx(math.log(share / (1 - share)))
            assert way["range"][0] < tick["at"] < way["range"][1]


def test_the_table_of_attributions_holds_every_field_unrounded(model):
    rows = list(
        csv.DictReader(io.StringIO(why.show_explanation(model, BASICS)["waterfall"]["csv"]))
    )
    told = explain_patient(model, BASICS)
    assert (rows[0]["field"], rows[-1]["field"]) == ("average patient", "this patient")
    ends = [float(rows[k]["log_odds"]) for k in (0, -1)]
    assert ends == [told["base_logit"], told["logit"]]
    assert sum(float(row["log_odds"]) for row in rows[:-1]) == pytest.approx(ends[1])
    by_field = {row["field"]: row for row in rows[1:-1]}
    assert set(by_field) == set(FEATURE_NAMES)
    for part in told["contributions"]:
        row = by_field[part["field"]]
        assert row["value"] == ("" if part["value"] is None else f"{part['value']:g}")
        assert float(row["log_odds"]) == part["logit"]
        assert float(row["odds_factor"]) == pytest.approx(math.exp(part["logit"]))


COMBINED, TOLD_ALIKE, UNSURE = (0.5, 40), (0.02, 39), (0.5, 30)  # beyond adding up, and refits


@pytest.mark.parametrize(
    ("kinds", "title"),
    [
        ((TOLD_ALIKE, UNSURE, TOLD_ALIKE), "No pair of fields works together"),
        ((TOLD_ALIKE, COMBINED, UNSURE), "One pair of fields works together"),
        ((COMBINED, UNSURE, COMBINED), "Two pairs of fields work together"),
        ((COMBINED, COMBINED, COMBINED), "Three pairs of fields work together"),
    ],
)
def test_as_many_pairs_are_said_to_work_together_as_do(model, monkeypatch, kinds, title):
    names = [("cp", "ca"), ("ca", "thal"), ("age", "oldpeak")]
    given = [
        {"fields": list(pair), "logit": size}
        for pair, size in zip(names, (0.3, -0.2, 0.02), strict=True)
    ]

    def risks(*arguments):
        found = pair_risks(*arguments)
        return [
            {**pair, "beyond": beyond, "more": more, "refits": 40}
            for pair, (beyond, more) in zip(found, kinds, strict=True)
        ]

    monkeypatch.setattr(why, "pair_risks", risks)
    shown = why._pairs(model, PATIENT, given, set(PATIENT))
    assert shown["title"] == title
    own = f"{100 * model.predict(PATIENT).probability:.0f}"
    assert all(table["risks"][0][0] == own for table in shown["tables"])
    factors = [times(math.exp(pair["logit"])) for pair in given]
    together = [factor for factor, kind in zip(factors, kinds, strict=True) if kind is COMBINED]
    assert [table["factor"] for table in shown["tables"]] == (together or factors)[:2]
    assert bool(shown["note"]) == (not together)
    for table in shown["tables"]:
        kind = kinds[factors.index(table["factor"])]
        assert ("30 of 40 more" in table["note"]) == (kind is UNSURE)
        assert ("tell alike" in table["note"]) == (kind is not COMBINED)


def test_pairs_with_an_unknown_field_are_left_out(model):
    given = [{"fields": ["ca", "thal"], "logit": 0.5}, {"fields": ["cp", "age"], "logit": 0.01}]
    [table] = why._pairs(model, BASICS, given, set(BASICS))["tables"]
    assert table["title"] == "Chest pain and age"
    assert why._pairs(model, {"age": 50}, given, {"age"})["tables"] == []


@pytest.mark.parametrize(
    ("share", "title"), [(0.2, "Nothing out"), (0.76, "Rarer than most"), (0.975, "Unusual")]
)
def test_an_odd_patient_is_called_so_from_the_limits_on(model, monkeypatch, share, title):
    odd = {**measure_unusualness(model, PATIENT), "percentile": share, "unusual": share >= 0.975}
    monkeypatch.setattr(unusual, "measure_unusualness", lambda *_: odd)
    shown = tell_unusual(model, PATIENT, 13)
    assert shown["title"].startswith(title)
    assert f"than {share * 242:.0f} of the 242 training patients." in shown["text"]
    assert ("Trust the risk less" in shown["text"]) == (share >= 0.975)
    assert "the same 5 fields" in tell_unusual(model, BASICS, 5)["text"]


def test_numbers_come_first_and_every_field_has_a_card(model):
    shown = whatif.show_fields(model, PATIENT)
    assert sorted(field["field"] for field in shown) == sorted(FEATURE_NAMES)
    kinds = ["options" in field for field in shown]
    assert kinds == sorted(kinds)
    for part in vary_patient(model, PATIENT):
        field = card(shown, part["field"])
        if "options" not in field:
            assert field["values"] == part["values"]
            np.testing.assert_allclose(field["high"], part["high"], atol=1e-5)
            continue
        assert [option["probability"] for option in field["options"]] == part["probability"]
        assert [o["own"] for o in field["options"]] == [v == part["value"] for v in part["values"]]


def test_counts_stand_beside_the_values_they_are_of_where_the_record_has_them(model):
    counted = whatif.show_fields(with_evaluation(model, counts=INVENTED), PATIENT)
    seen = [option["seen"] for option in card(counted, "ca")["options"]]
    assert seen == [{"sick": 46, "of": 176}, {"sick": 44, "of": 65}, {"sick": 31, "of": 38},
                    {"sick": 17, "of": 20}]  # fmt: skip
    assert "The study can't tell apart 1, 2 and 3." in card(counted, "ca")["notes"]
    assert card(counted, "age")["histogram"] == INVENTED["age"]
    assert card(counted, "chol")["histogram"] is None
    assert {option["seen"] for option in card(counted, "thal")["options"]} == {None}
    without = whatif.show_fields(with_evaluation(model, counts=None), PATIENT)
    assert {field.get("histogram") for field in without} == {None}
    assert not any("study" in note for field in without for note in field["notes"])


def test_the_counts_of_the_study_are_taken_as_they_come(model, heart_data):
    study = read_heart(heart_data / "uci" / "processed.cleveland.data")
    counts = json.loads(json.dumps(count_study(study.x, study.y)))
    shown = whatif.show_fields(with_evaluation(model, counts=counts), PATIENT)
    for field in shown:
        options = field.get("options", [])
        assert all(option["seen"]["of"] > 0 for option in options)
        assert options or sum(field["histogram"]["with_disease"]) == 139


@pytest.mark.parametrize(("higher", "sure"), [(0, True), (2, True), (3, False), (20, False),
                                              (37, False), (38, True), (40, True)])  # fmt: skip
def test_refits_that_disagree_on_a_direction_are_counted(model, monkeypatch, higher, sure):
    def varied(*_):
        parts = vary_patient(model, PATIENT)
        for part in parts:
            part["refits"], part["higher"] = 40, [higher] * len(part["values"])
        parts[0]["higher"][0] = 20  # at its lowest value, which is not the end that is told of
        return parts

    monkeypatch.setattr(whatif, "vary_patient", varied)
    shown = whatif.show_fields(with_evaluation(model, counts=None), PATIENT)
    number, category = card(shown, "age")["notes"], card(shown, "ca")["notes"]
    assert number == ([] if sure else ["Up or down? The widened refits can't tell: it rises in "
                                       f"{higher} of 40."])  # fmt: skip
    assert bool(category) != sure
    if not sure:
        assert category[0].startswith("The widened refits can't tell 0 (")
        assert category[0].endswith(" from 1.")
        assert category[0].count(f"({higher} of 40 higher)") == 3


def test_what_lies_beyond_the_study_and_why_some_had_no_pain_is_said(model):
    shown = whatif.show_fields(model, {**PATIENT, "age": 85})
    assert (
        "85 years lies beyond the training patients' 29 years to 77 years."
        in card(shown, "age")["notes"]
    )
    assert whatif.REFERRAL in card(shown, "cp")["notes"]
    assert all(whatif.REFERRAL not in f["notes"] for f in shown if f["field"] != "cp")


@pytest.mark.parametrize("patient", [PATIENT, BASICS], ids=["all", "basics"])
def test_the_nearest_change_is_said_for_every_threshold(model, patient):
    shown = whatif.show_changes(model, patient)
    for threshold in (0.001, 0.1, 0.33, 0.5, 0.8, 1.0):
        [span] = [s for s in shown["spans"] if s["above"] < threshold <= s["up_to"]]
        found = nearest_change(model, patient, threshold)
        assert bool(span["text"]) == bool(found["changes"])
        if span["text"]:
            assert f"(risk {100 * found['probability']:.1f} %)" in span["text"]
            assert span["text"].count(" in place of ") == len(found["changes"])
        assert f"{found['tried']:,} changed patients" in shown["nowhere"]


def test_nothing_is_turned_where_nothing_is_decided(model, monkeypatch):
    class Undecided:
        decision = None

    monkeypatch.setattr(HeartModel, "predict", lambda *_: Undecided())
    shown = whatif.show_changes(model, BASICS)
    assert (shown["spans"], shown["none"][:20]) == ([], "Too little is known ")


def estimate(value: float, spread: float) -> dict[str, float]:
    return {"value": value, "low": value - spread, "high": value + spread}


def test_importance_is_shown_in_one_order_and_says_what_cannot_be_told_from_nothing(model):
    assert show_importance(with_evaluation(model, importance=None)) == []
    record = {
        "fields": [
            {"field": f.name, "shapley": estimate(0.1 * i, 0.05),
             "log_loss_rise": estimate(0.01, 0.02), "auc_loss": estimate(0.03, 0.01)}
            for i, f in enumerate(FEATURES)
        ],
        "interactions": [{"fields": ["cp", "ca"], **estimate(0.04, 0.01)},
                         {"fields": ["sex", "age"], **estimate(-0.08, 0.01)}],
    }  # fmt: skip
    steps, auc, loss, pairs = show_importance(with_evaluation(model, importance=record))
    assert [row["label"] for row in steps["rows"]] == [row["label"] for row in loss["rows"]]
    values = [row["value"] for row in steps["rows"]]
    assert values == sorted(values, reverse=True)
    assert steps["rows"][0]["text"] == times(math.exp(values[0]))
    assert all(row["sure"] for row in auc["rows"])
    assert not any(row["sure"] for row in loss["rows"])
    assert loss["rows"][0]["text"] == "0.010 [-0.010, 0.030]"
    assert loss["range"] == pytest.approx([-0.01, 0.03])
    assert auc["range"] == pytest.approx([0, 0.04])
    assert [row["label"] for row in pairs["rows"]] == [
        "Sex and age",
        "Chest pain and coloured vessels",
    ]


def test_refits_agree_where_no_more_differ_than_lie_outside_the_interval():
    assert [whatif.agree(count, 40) for count in (0, 2, 3, 20, 37, 38, 40)] == [
        True, True, False, False, False, True, True
    ]  # fmt: skip


def test_a_picture_holds_nothing_and_the_ends_of_every_interval():
    rows = [(name, dict(zip(("value", "low", "high"), ends, strict=True)))
            for name, ends in (("a", (0.3, 0.1, 0.5)), ("b", (-0.2, -0.4, -0.1)),
                               ("c", (0.1, 0.0, 0.2)), ("d", (0.1, -0.1, 0.2)))]  # fmt: skip
    for some, ends, sure in (
        (rows, [-0.4, 0.5], [True, True, False, False]), (rows[:1], [0.0, 0.5], [True]),
        (rows[1:2], [-0.4, 0.0], [True]),
    ):  # fmt: skip
        for of_odds in (True, False):
            drawn = _picture("title", some, of_odds)
            assert (drawn["title"], drawn["range"]) == ("title", ends)
            assert [row["sure"] for row in drawn["rows"]] == sure
            texts = [times(math.exp(part["value"])) if of_odds else bounded(part)
                     for _, part in some]  # fmt: skip
            assert [row["text"] for row in drawn["rows"]] == texts
