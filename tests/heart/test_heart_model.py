"""The served heart model: predictions, doubts, files, and what it refuses."""

import csv
import io
import math
from dataclasses import replace
from statistics import NormalDist, mean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.artifacts import load_artifact
from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, read_heart
from classifiers.errors import ArtifactError, ClassifiersError, ConfigError, DataError
from classifiers.evaluation.metrics import evaluate, paired_difference
from classifiers.recipes.heart import model as heart
from classifiers.recipes.heart.model import (
    SAMPLE_PATIENTS,
    HeartModel,
    operating_points,
    parse_patient,
)

PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]


def test_a_prediction_lies_in_its_interval_and_decides_at_the_threshold(model):
    for patient in SAMPLE_PATIENTS.values():
        prediction = model.predict(patient)
        low, high = prediction.interval
        assert 0 <= low <= prediction.probability <= high <= 1
        costs = model.artifact.metadata.evaluation["costs"]
        cut = costs["false_positive"] / (costs["false_negative"] + costs["false_positive"])
        assert prediction.decision == (prediction.probability >= cut)
        assert prediction.threshold == cut == 1 / 3
        assert model.predict(patient, 0.0).decision
        assert not model.predict(patient, 1.0).decision


def test_the_order_of_risk_is_the_one_a_clinician_expects(model):
    healthy, angina, *_ = (model.predict(p).probability for p in SAMPLE_PATIENTS.values())
    assert healthy < 0.2 < 0.8 < angina


def test_a_patient_alone_equals_the_same_patient_in_a_table(model):
    rows = np.stack([parse_patient(p) for p in SAMPLE_PATIENTS.values()])
    together = model.predict_rows(np.concatenate([rows] * 50))
    for i, patient in enumerate(SAMPLE_PATIENTS.values()):
        alone = model.predict(patient)
        assert together[i, 0] == pytest.approx(alone.probability, abs=1e-12)
        expected = [*alone.interval, alone.known]
        assert together[i, 1:].tolist() == pytest.approx(expected, abs=1e-12)


def quantile(sorted_values, share):
    """By hand: on the line between the two values that the share lies between."""
    place = share * (len(sorted_values) - 1)
    below = int(place)
    low, high = sorted_values[below : below + 2]
    return low + (place - below) * (high - low)


def slopes(count, deviation):
    """By hand, with Python's normal: what each refit's log odds are off by, as a share of them."""
    golden = (math.sqrt(5) - 1) / 2
    scores = [NormalDist().inv_cdf((0.5 + golden * k) % 1) for k in range(count)]
    middle, spread = mean(scores), pstdev(scores)
    return [deviation * (score - middle) / spread for score in scores]


def widened(refits, risk, factor, slope):
    """By hand: the 5th and 95th percentile of the refits' log odds, around the risk's."""
    logits = [math.log(p / (1 - p)) for p in refits]
    middle, start = mean(logits), math.log(risk / (1 - risk))
    told = sorted(
        start + factor * (each - middle) + off * start
        for each, off in zip(logits, slopes(len(logits), slope), strict=True)
    )
    return tuple(1 / (1 + math.exp(-quantile(told, q))) for q in (0.05, 0.95))


def test_the_point_is_the_mean_of_the_point_members_and_the_interval_is_of_the_refits(model):
    members = model.artifact.probabilities(parse_patient(PATIENT)[None])[:, 0, 1]
    point = model.artifact.metadata.point_members
    assert 1 < point < len(members)
    prediction = model.predict(PATIENT)
    assert prediction.probability == pytest.approx(members[:point].mean(), abs=1e-12)
    record = model.artifact.metadata.evaluation["interval"]
    assert record["factor"] > 1
    assert record["slope"] > 0
    wide = record["factor"], record["slope"]
    expected = widened(members[point:], members[:point].mean(), *wide)
    assert prediction.interval == pytest.approx(expected, abs=1e-9)


def test_a_model_without_refits_takes_its_interval_from_all_members(model):
    members = model.artifact.probabilities(parse_patient(PATIENT)[None])[:, 0, 1]
    metadata = model.artifact.metadata.model_copy(update={"point_members": len(members)})
    prediction = HeartModel(replace(model.artifact, metadata=metadata)).predict(PATIENT)
    assert prediction.probability == pytest.approx(members.mean(), abs=1e-12)
    expected = widened(members, members.mean(), 1.5, 0.3)
    assert prediction.interval == pytest.approx(expected, abs=1e-9)


def test_words_and_codes_mean_the_same(model):
    words = {**PATIENT, "sex": "male", "thal": "reversible"}
    assert model.predict(words) == model.predict({**PATIENT, "sex": 1, "thal": 7})


def test_each_doubt_is_named_once(model):
    doubts = model.predict({**PATIENT, "age": 85, "restecg": 9, "ca": None}).warnings
    assert {(d.field, d.code) for d in doubts} == {
        ("age", "out_of_training_range"),
        ("restecg", "unseen_category"),
        ("ca", "missing_imputed"),
    }
    assert "85 years" in next(d.message for d in doubts if d.field == "age")


def test_doubts_come_in_the_order_of_the_form(model):
    patient = {**PATIENT, "thal": None, "restecg": 9, "age": 85, "oldpeak": 9.0, "sex": None}
    expected = ["age", "sex", "restecg", "oldpeak", "thal"]
    assert [doubt.field for doubt in model.predict(patient).warnings] == expected
    told = rows_of(model.predict_file(b"thal,age,restecg\n,85,9\n").to_csv())[0]["warnings"]
    fields = [doubt.partition(":")[0] for doubt in told.split()]
    assert fields == [name for name in FEATURE_NAMES if name in fields]
    assert len(fields) == 13


def test_nothing_known_still_gives_an_answer_with_thirteen_doubts(model):
    prediction = model.predict({})
    assert 0 < prediction.probability < 1
    assert [d.code for d in prediction.warnings] == ["missing_imputed"] * 13


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": float("nan")}, "^age: must be a number from 0 to 120 years, got nan"),
        ({"age": "61"}, "^age: must be a number"),
        ({"age": 1e308}, "^age: must be a number"),
        ({"age": True}, "^age: must be a number"),
        ({"chol": 9999}, "^chol: must be a number from"),
        ({"thal": "broken"}, "^thal: must be one of its codes"),
        ({"sex": [1]}, "^sex: must be one of its codes"),
        ({"weight": 80}, "^weight: is not a feature"),
    ],
)
def test_impossible_values_are_refused_by_name(model, change, message):
    with pytest.raises(ClassifiersError, match=message):
        model.predict({**PATIENT, **change})


@pytest.mark.parametrize("threshold", [float("nan"), -0.1, 1.1, "0.5", True, [0.5]])
def test_impossible_thresholds_are_refused(model, threshold):
    with pytest.raises(ConfigError, match="^threshold: must be a number from 0 to 1 or null"):
        model.predict(PATIENT, threshold)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


@settings(deadline=None, max_examples=150)
@given(
    patient=st.fixed_dictionaries({}, optional=dict.fromkeys(FEATURE_NAMES, JSON)),
    threshold=JSON,
)
def test_whatever_is_sent_the_answer_is_a_probability_or_an_error_with_a_field(
    model, patient, threshold
):
    try:
        prediction = model.predict(patient, threshold)
    except ClassifiersError as error:
        assert error.field in (*FEATURE_NAMES, "threshold")
        assert str(error).startswith(f"{error.field}: ")
    else:
        assert 0 <= prediction.interval[0] <= prediction.interval[1] <= 1
        assert 0 <= prediction.probability <= 1


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_file_keeps_its_order_and_marks_bad_rows(model):
    data = b"name,age,sex,chol\nann,50,female,210\nbob,abc,1,200\n=1+1,60,1,\n"
    rows = rows_of(model.predict_file(data).to_csv())
    assert [row["name"] for row in rows] == ["ann", "bob", "'=1+1"]
    assert rows[1]["probability"] == ""
    assert rows[1]["error"].startswith("age: must be a number")
    alone = model.predict({"age": 50, "sex": 0, "chol": 210}).probability
    assert float(rows[0]["probability"]) == pytest.approx(alone, abs=1e-12)
    assert "chol:missing_imputed" in rows[2]["warnings"]
    assert rows[0]["decision"] == "too little known"
    assert model.predict({"age": 50, "sex": 0, "chol": 210}).decision is None
    known = {"age": 50, "sex": 0, "cp": 4, "chol": 210}
    (row,) = rows_of(model.predict_file(b"age,sex,cp,chol\n50,0,4,210\n").to_csv())
    decision = {True: "disease", False: "no disease"}[model.predict(known).decision]
    assert row["decision"] == decision


@pytest.mark.parametrize("first", ["=", "@", "\t", "\r", "+", "-"])
def test_a_cell_that_a_spreadsheet_would_run_comes_back_as_text(model, first):
    cell = f"{first}HYPERLINK(1)"
    out = io.StringIO()
    csv.writer(out).writerows([["age", "note"], ["50", cell], ["300", cell]])
    rows = rows_of(model.predict_file(out.getvalue().encode()).to_csv())
    assert [row["note"] for row in rows] == [f"'{cell}"] * 2
    if first in "\t\r":  # no part of a name
        return
    header = io.StringIO()
    csv.writer(header).writerows([["age", cell], ["50", "x"]])
    told = rows_of(model.predict_file(header.getvalue().encode()).to_csv())
    assert told[0][f"'{cell}"] == "x"
    assert rows[0]["probability"]
    assert rows[1]["error"]


@pytest.mark.parametrize("cell", ["-5", "+1.5", "-.5", "a=b", "1@2", "'=1", ""])
def test_numbers_and_words_come_back_as_they_were(model, cell):
    out = io.StringIO()
    csv.writer(out).writerows([["age", "note"], ["50", cell]])
    (row,) = rows_of(model.predict_file(out.getvalue().encode()).to_csv())
    assert row["note"] == cell


def test_of_ten_thousand_rows_none_is_lost(model):
    rng = np.random.default_rng(0)
    lines = [",".join(FEATURE_NAMES)]
    for _ in range(10_000):
        lines.append(f"{rng.integers(30, 75)},1,4,130,240,0,0,150,{rng.integers(0, 2)},1.5,2,0,7")
    result = model.predict_file("\n".join(lines).encode())
    assert np.isfinite(result.answers).all()
    assert len(result.answers) == 10_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "file|bytes|empty"),
        (b"a,b\n1,2\n", "has no column named after a feature"),
        (b"age\n" + b"50\n" * 20_001, "20,?000"),
        (b"age\n" + b"5" * (6 * 2**20), "MB|bytes"),
        (b"\x00\x01\x02", "text|binary|CSV"),
    ],
)
def test_unusable_files_are_refused(model, data, message):
    with pytest.raises(DataError, match=message):
        model.predict_file(data)


def test_a_model_of_another_task_is_refused(tmp_path):
    from tests.test_artifacts import make

    make(tmp_path)
    with pytest.raises(ArtifactError, match="must be of task heart-disease"):
        HeartModel(load_artifact(tmp_path))


def test_stored_metrics_are_those_of_the_stored_predictions(model):
    for part in ("out_of_fold", "held_out"):
        record = model.artifact.metadata.evaluation[part]
        y, p = np.array(record["labels"]), np.atleast_2d(record["probabilities"])
        theirs = record["logistic_regression"]
        for name, estimate in evaluate(y, p).items():
            assert record["metrics"][name] == pytest.approx(estimate.to_dict())
        gaps = paired_difference(y, p, np.array(theirs["probabilities"]))
        for name, estimate in gaps.items():
            assert theirs["difference"][name] == pytest.approx(estimate.to_dict())


def test_the_shipped_model_reaches_the_figures_it_was_built_for(model):
    metrics = model.artifact.metadata.evaluation["out_of_fold"]["metrics"]
    baseline = model.artifact.metadata.evaluation["out_of_fold"]["logistic_regression"]["metrics"]
    assert metrics["auc"]["value"] >= 0.912
    assert metrics["log_loss"]["value"] <= 0.370
    assert metrics["brier"]["value"] <= 0.1155
    assert metrics["log_loss"]["value"] < baseline["log_loss"]["value"]
    assert metrics["brier"]["value"] < baseline["brier"]["value"]


def test_held_out_probabilities_are_those_of_the_served_weights(model, heart_data):
    table = read_heart(heart_data / "uci" / "processed.cleveland.data")
    held = model.artifact.metadata.evaluation["held_out"]
    served = model.probabilities(table.x[held["rows"]])
    np.testing.assert_allclose(served, held["probabilities"], atol=1e-5)
    assert table.y[held["rows"]].tolist() == held["labels"]
    assert model.artifact.metadata.source.sha256 == table.sha256


def test_raising_a_known_risk_raises_the_mean_probability(model, heart_data):
    x = read_heart(heart_data / "uci" / "processed.cleveland.data").x
    for name, low, high in (("ca", 0, 3), ("thal", 3, 7), ("exang", 0, 1)):
        column = FEATURE_NAMES.index(name)
        means = []
        for value in (low, high):
            changed = x.copy()
            changed[:, column] = value
            means.append(model.probabilities(changed).mean())
        assert means[0] < means[1]


def test_an_unknown_category_is_no_stronger_than_the_known_ones(model, heart_data):
    x = read_heart(heart_data / "uci" / "processed.cleveland.data").x
    for about in FEATURES:
        if about.kind != "categorical":
            continue
        means = []
        for value in [code.value for code in about.codes] + [np.nan]:
            changed = x.copy()
            changed[:, FEATURE_NAMES.index(about.name)] = value
            means.append(model.probabilities(changed).mean())
        assert min(means[:-1]) - 0.02 <= means[-1] <= max(means[:-1]) + 0.02


def test_operating_points_fall_with_the_threshold(model):
    rows = operating_points(model).rows
    assert len(rows) == 101
    assert [row.threshold for row in rows] == [step / 100 for step in range(101)]
    assert rows[0].found.value == rows[0].alarms.value == 1
    assert rows[50].found.value > rows[50].alarms.value
    found = [row.found.value for row in rows]
    assert found == sorted(found, reverse=True)


def test_a_large_file_is_answered_as_its_patients_are_one_by_one(model, monkeypatch):
    monkeypatch.setattr(heart, "_AT_ONCE", 2)
    rows = ["61,male,4", "300,1,4", "42,female,", "61,odd,x", "42,9,1", "-0,0,1", ",,"]
    result = model.predict_file(("age,sex,cp\n" + "\n".join(rows)).encode())
    assert {i: error[:4] for i, error in result.errors.items()} == {1: "age:", 3: "sex:"}
    for i, row in enumerate(rows):
        if i not in result.errors:
            patient = dict(zip(("age", "sex", "cp"), row.split(","), strict=True))
            values = heart.parse_patient(patient, text=True)
            assert result.doubts[i] == model.doubts(values)
            assert result.answers[i] == pytest.approx(model.predict_rows(values[None])[0])


def test_a_file_of_too_many_cells_names_line_limit_and_fix(model):
    wide = ("age" + "," * 499 + "\n").encode() * 9_900
    with pytest.raises(DataError, match="line 1001 of 500 .* 500,000 cells.*keep the columns"):
        model.predict_file(wide)
