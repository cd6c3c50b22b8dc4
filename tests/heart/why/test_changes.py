"""Patients who differ from one in a field or two, against predicting each of them."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, feature
from classifiers.errors import ConfigError, DataError
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.heart.serving.changes import (
    FROZEN,
    nearest_change,
    pair_risks,
    turning_changes,
    vary_patient,
)
from tests.heart.test_heart_model import slopes

OLD = {"age": 80, "sex": 0, "cp": 1, "trestbps": 124, "chol": 300, "fbs": 1, "restecg": 2,
       "thalach": 150, "exang": 0, "oldpeak": 2.3, "slope": 3, "ca": 0, "thal": 6}  # fmt: skip
ILL = {"age": 61, "sex": 1, "cp": 4, "trestbps": 142, "chol": 268, "fbs": 0, "restecg": 2,
       "thalach": 128, "exang": 1, "oldpeak": 2.2, "slope": 2, "ca": 2, "thal": 7}  # fmt: skip
BASICS = {"age": 55, "sex": 1, "cp": 2, "trestbps": 135, "chol": 240}


def risk(model, patient) -> float:
    return model.predict(patient).probability


def refit_logits(model, patients) -> np.ndarray:
    """What each refit says of patients of whom all is known, as far apart as the interval is."""
    rows = np.array([[patient[name] for name in FEATURE_NAMES] for patient in patients], float)
    p = model.artifact.probabilities(rows)[..., 1]
    point = model.artifact.metadata.point_members
    served, refits = p[:point].mean(0), np.log(p[point:] / (1 - p[point:]))
    record = model.artifact.metadata.evaluation["interval"]
    off = np.array(slopes(len(refits), record["slope"]))[:, None]
    odds = np.log(served / (1 - served))
    return odds + record["factor"] * (refits - refits.mean(0)) + off * odds


def test_varied_fields_hold_the_patient_and_agree_with_prediction(model):
    fields = vary_patient(model, OLD)
    assert [field["field"] for field in fields] == list(FEATURE_NAMES)
    for field in fields:
        assert field["values"] == sorted(set(field["values"]))
        own = field["values"].index(field["value"])
        assert field["probability"][own] == pytest.approx(risk(model, OLD), abs=1e-9)
        other = model.predict({**OLD, field["field"]: field["values"][-1]})
        assert field["probability"][-1] == pytest.approx(other.probability, abs=1e-9)
        assert (field["low"][-1], field["high"][-1]) == pytest.approx(other.interval, abs=1e-9)
    vessels = fields[FEATURE_NAMES.index("ca")]
    assert vessels["values"] == [0, 1, 2, 3]


def test_a_number_is_varied_over_its_training_range_by_its_step(model):
    for field, column in zip(vary_patient(model, {}), model.preprocessor.columns, strict=True):
        if isinstance(column, NumericalColumn):
            about = feature(field["field"])
            count = round((column.high - column.low) / about.step) + 1
            assert (field["values"][0], field["values"][-1]) == (column.low, column.high)
            if count <= 61:
                every = [column.low + k * about.step for k in range(count)]
                assert field["values"] == pytest.approx(every)
            else:
                assert len(field["values"]) == 61


def test_an_unknown_field_is_varied_too(model):
    fields = {field["field"]: field for field in vary_patient(model, {"age": 60})}
    assert fields["thal"]["value"] is None
    assert fields["thal"]["values"] == [3, 6, 7]
    low, high = (risk(model, {"age": 60, "chol": chol}) for chol in (126, 564))
    assert fields["chol"]["probability"][0] == pytest.approx(low, abs=1e-9)
    assert fields["chol"]["probability"][-1] == pytest.approx(high, abs=1e-9)


def test_refits_are_counted_that_say_more_than_at_the_value_compared_with(model):
    fields = {field["field"]: field for field in vary_patient(model, OLD)}
    for name, against, to in (("age", 29, 80), ("ca", 0, 2), ("thal", 6, 3)):
        field = fields[name]
        assert field["against"] == against
        lower, higher = refit_logits(model, [{**OLD, name: against}, {**OLD, name: to}]).T
        assert field["higher"][field["values"].index(to)] == sum(higher > lower)
        assert field["higher"][field["values"].index(against)] == 0
        assert field["refits"] == len(higher)
    unknown = {field["field"]: field for field in vary_patient(model, BASICS)}["ca"]
    assert unknown["against"] == 0  # nothing of the patient's to compare with: the first category


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7])
@pytest.mark.parametrize("name", SAMPLE_PATIENTS)
def test_the_nearest_change_turns_the_decision_and_leaves_age_and_sex(model, name, threshold):
    patient = SAMPLE_PATIENTS[name]
    result = nearest_change(model, patient, threshold)
    assert result["before"] == pytest.approx(risk(model, patient), abs=1e-12)
    changes = {change["field"]: change["to"] for change in result["changes"]}
    assert not set(changes) & set(FROZEN)
    assert set(changes) <= set(patient)
    if changes:
        after = risk(model, {**patient, **changes})
        assert (after >= threshold) != (result["before"] >= threshold)
        assert after == pytest.approx(result["probability"], abs=1e-9)
        assert 1 <= len(changes) <= 2


def nearest_single(model, patient, threshold) -> float | None:
    """The distance of the nearest change of one field, looked for one by one."""
    scales = {c.name: getattr(c, "scale", None) for c in model.preprocessor.columns}
    called = risk(model, patient) >= threshold
    distances = [
        abs(value - field["value"]) / scales[field["field"]] if scales[field["field"]] else 1.0
        for field in vary_patient(model, patient)
        if field["field"] not in FROZEN and field["value"] is not None
        for value, p in zip(field["values"], field["probability"], strict=True)
        if (p >= threshold) != called
    ]
    return min(distances, default=None)


def length(model, changes) -> float:
    scales = {c.name: getattr(c, "scale", None) for c in model.preprocessor.columns}
    return sum(
        abs(c["to"] - c["value"]) / scales[c["field"]] if scales[c["field"]] else 1.0
        for c in changes
    )


def test_a_threshold_at_the_end_of_a_span_is_of_that_span(model, monkeypatch):
    spans = [
        {"above": low, "up_to": high, "changes": [low], "probability": high / 2}
        for low, high in pairwise((0.0, 0.25, 0.5, 1.0))
    ]
    found = {"before": 0.4, "tried": 7, "spans": spans}
    place = "classifiers.recipes.heart.serving.changes.turning_changes"
    monkeypatch.setattr(place, lambda *_: found)
    for cut, of in ((0.1, 0.0), (0.25, 0.0), (0.26, 0.25), (0.5, 0.25), (1, 0.5)):
        told = nearest_change(model, OLD, cut)
        assert (told["changes"], told["threshold"]) == ([of], cut)
        assert (told["before"], told["tried"]) == (0.4, 7)
    nobody = nearest_change(model, OLD, 0)
    assert (nobody["changes"], nobody["probability"]) == ([], None)
    assert nearest_change(model, OLD)["threshold"] == model.threshold


@pytest.mark.parametrize("patient", [OLD, ILL, BASICS], ids=["old", "ill", "basics"])
def test_at_every_threshold_no_single_change_is_nearer(model, patient):
    spans = turning_changes(model, patient)["spans"]
    assert (spans[0]["above"], spans[-1]["up_to"]) == (0, 1)
    for one, following in pairwise(spans):
        assert one["up_to"] == following["above"]
    for span in spans:
        for threshold in (span["up_to"], (span["above"] + span["up_to"]) / 2):
            nearest = nearest_single(model, patient, threshold)
            if nearest is None:
                assert len(span["changes"]) in (0, 2)
            else:
                assert len(span["changes"]) == 1
                assert length(model, span["changes"]) == pytest.approx(nearest)


def test_two_changes_are_taken_where_one_does_not_do_and_are_the_nearest_two(model):
    spans = [s for s in turning_changes(model, ILL)["spans"] if len(s["changes"]) == 2]
    assert spans
    grids = {f["field"]: f["values"] for f in vary_patient(model, ILL) if len(f["values"]) < 5}
    others = [
        risk(model, {**ILL, a: first, b: second})
        for a, b in combinations([name for name in grids if name not in FROZEN], 2)
        for first in grids[a]
        for second in grids[b]
        if first != ILL[a] and second != ILL[b]
    ]
    for span in spans:
        threshold = (span["above"] + span["up_to"]) / 2
        called = risk(model, ILL) >= threshold
        if length(model, span["changes"]) > 2:  # as far as two other categories
            assert all((other >= threshold) == called for other in others)


def test_a_decision_that_two_changes_cannot_turn_is_said_so(model):
    result = nearest_change(model, ILL, 0.0001)
    assert (result["changes"], result["probability"]) == ([], None)
    assert result["tried"] > 2000
    nothing = turning_changes(model, {"age": 50, "sex": 1})
    assert nothing["tried"] == 0
    assert {len(span["changes"]) for span in nothing["spans"]} == {0}


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def test_a_pair_is_changed_in_turn_and_together(model):
    for pair in pair_risks(model, OLD, [("cp", "age"), ("oldpeak", "thal")]):
        (a, b), (first, second) = pair["fields"], pair["others"]
        assert pair["values"] == [OLD[a], OLD[b]]
        expected = [
            [risk(model, OLD), risk(model, {**OLD, b: second})],
            [risk(model, {**OLD, a: first}), risk(model, {**OLD, a: first, b: second})],
        ]
        np.testing.assert_allclose(pair["risks"], expected, atol=1e-9)
        added = logit(expected[0][1]) + logit(expected[1][0]) - logit(expected[0][0])
        assert logit(pair["added"]) == pytest.approx(added, abs=1e-9)
        assert pair["beyond"] == pytest.approx(logit(expected[1][1]) - added, abs=1e-9)
        rows = [OLD, {**OLD, b: second}, {**OLD, a: first}, {**OLD, a: first, b: second}]
        as_is, one, other, both = refit_logits(model, rows).T
        beyond = both - one - other + as_is
        assert (pair["more"], pair["refits"]) == (sum(beyond > 0), len(both))


def test_the_other_value_of_a_pair_is_the_one_that_moves_most_or_lies_across_the_mean(model):
    [pair] = pair_risks(model, OLD, [("cp", "age")])
    moves = {code: abs(risk(model, {**OLD, "cp": code}) - risk(model, OLD)) for code in (2, 3, 4)}
    age = model.preprocessor.columns[0]
    assert pair["others"] == [max(moves, key=moves.get), round(age.mean - age.scale)]
    [pair] = pair_risks(model, {**OLD, "oldpeak": 0.0}, [("oldpeak", "ca")])
    peak = model.preprocessor.columns[FEATURE_NAMES.index("oldpeak")]
    assert pair["others"][0] == round(peak.mean + peak.scale, 1)


@pytest.mark.parametrize("call", [vary_patient, nearest_change, turning_changes])
def test_an_impossible_value_is_named(model, call):
    with pytest.raises(DataError, match="^chol: must be a number"):
        call(model, {"chol": -4})


def test_a_bad_threshold_is_named(model):
    with pytest.raises(ConfigError, match="^threshold: must be"):
        nearest_change(model, {"age": 50}, 2)
