"""Tables with outcomes, options of a file, and how each column was read."""

import csv
import io
import json

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import brier_score_loss, confusion_matrix, roc_auc_score

from classifiers.data.files.write import Format
from classifiers.data.heart.file import FEATURE_NAMES, Reading, read_patients
from classifiers.errors import ConfigError, DataError
from classifiers.evaluation.metrics import Estimate
from classifiers.recipes.heart.model import BatchResult
from classifiers.recipes.heart.report import heart_report
from classifiers.recipes.heart.tables.outcomes import _say, measure_outcomes
from classifiers.recipes.heart.tables.preview import describe_table
from classifiers.recipes.heart.tables.read import read_batch
from tests.tools.heart_files import UCI_HEADER, binary, invent_patients, inverted, path_to, to_csv

HEADER = [*FEATURE_NAMES, "num"]


@pytest.fixture(scope="module")
def measured(model):
    rows = invent_patients(300, seed=4)
    rows[7][0] = "old"
    result = model.predict_file(to_csv(rows, HEADER), 0.4)
    return rows, result, measure_outcomes(model, result)


def test_figures_are_those_of_other_libraries(measured):
    rows, result, told = measured
    used = [i for i in range(300) if i != 7]
    y = np.array([int(rows[i][-1] != "0") for i in used])
    p = result.answers[used, 0]
    assert (told["patients"], told["cases"], told["left_out"]) == (299, y.sum(), 1)
    assert result.header == next(csv.reader(io.StringIO(result.to_csv())))
    assert told["metrics"]["auc"]["value"] == pytest.approx(roc_auc_score(y, p))
    assert told["metrics"]["brier"]["value"] == pytest.approx(brier_score_loss(y, p))
    (tn, fp), (fn, tp) = confusion_matrix(y, p >= 0.4).tolist()
    assert told["counts"] == {
        "true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn,
    }  # fmt: skip
    assert told["metrics"]["sensitivity"]["value"] == pytest.approx(tp / (tp + fn))
    logit = np.log(p / (1 - p))
    slope = sm.Logit(y, sm.add_constant(logit)).fit(disp=0).params[1]
    assert told["metrics"]["calibration_slope"]["value"] == pytest.approx(slope, abs=1e-5)
    family = sm.families.Binomial()
    shift = sm.GLM(y, np.ones((len(y), 1)), family=family, offset=logit).fit().params[0]
    assert told["metrics"]["calibration_intercept"]["value"] == pytest.approx(shift, abs=1e-5)
    for estimate in told["metrics"].values():
        assert estimate["low"] <= estimate["value"] <= estimate["high"]
    assert sum(group["patients"] for group in told["groups"]) == 299
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_the_models_own_record_stands_beside_it(model, measured):
    record = heart_report(model, 0.4)["out_of_fold"]
    _, _, told = measured
    assert told["record"]["counts"] == record["counts"]
    assert told["record"]["metrics"]["auc"] == record["metrics"]["auc"]
    assert f"{record['metrics']['auc']['value']:.3f}" in told["findings"][0]
    assert told["warnings"] == []


def test_clevelands_own_patients_are_warned_of(model):
    told = measure_outcomes(model, model.predict_file(path_to("uci/processed.cleveland.data")))
    assert (told["patients"], told["cases"]) == (303, 139)
    assert "55 of these are UCI's Cleveland patients" in told["warnings"][0]
    assert told["metrics"]["auc"]["value"] > told["record"]["metrics"]["auc"]["value"]


def test_labels_that_mean_something_else_measure_nothing(model):
    rows = inverted(invent_patients(300, seed=4))
    told = measure_outcomes(model, model.predict_file(to_csv(rows, UCI_HEADER)))
    assert "labels go against the signs of disease" in told["note"]
    assert "metrics" not in told
    few = measure_outcomes(model, model.predict_file(to_csv(binary(invent_patients(6)), HEADER)))
    assert "too few to measure" in few["note"]
    unlabelled = to_csv([row[:-1] for row in invent_patients(30)], list(FEATURE_NAMES))
    assert measure_outcomes(model, model.predict_file(unlabelled)) is None


def test_what_is_said_of_a_table_takes_both_intervals():
    def said(low: float, high: float, intercept: float) -> list[str]:
        names = ("auc", "calibration_slope", "sensitivity", "specificity")
        metrics = {name: {"value": 0.9, "low": low, "high": high} for name in names}
        lean = {"value": intercept, "low": intercept - 0.3, "high": intercept + 0.3}
        told = {"metrics": {**metrics, "calibration_intercept": lean}}
        return _say({**told, "record": told}, Estimate(0.9, 0.87, 0.93))

    for low, high, apart in ((0.91, 0.97, 0), (0.83, 0.89, 0), (0.94, 0.97, 1), (0.8, 0.86, 1),
                             (0.93, 0.97, 0), (0.8, 0.87, 0)):  # fmt: skip
        assert ("chance does not explain" in said(low, high, 0.0)[0]) == apart
    for intercept, lean in ((0.2, "right"), (-0.2, "right"), (0.4, "too low"), (-0.4, "too high"),
                            (0.3, "right"), (-0.3, "right")):  # fmt: skip
        assert f"the risks are {lean} on average" in said(0.8, 0.9, intercept)[1]


def test_five_of_each_class_are_enough_to_measure_and_four_are_not(model):
    rows = binary(invent_patients(80, seed=4))
    well, sick = ([row for row in rows if row[-1] == label] for label in "01")

    def told(cases: int) -> dict:
        content = to_csv(well[:5] + sick[:cases], HEADER)
        return measure_outcomes(model, model.predict_file(content))

    enough = told(5)
    assert (enough["patients"], enough["cases"], enough["note"]) == (10, 5, "")
    assert "5 without and 4 with the disease are too few" in told(4)["note"]


def test_many_rows_are_measured_in_little_time_and_memory(model):
    rows = invent_patients(250, seed=1)
    result = model.predict_file(to_csv(rows * 40, HEADER))
    told = measure_outcomes(model, result)
    once = measure_outcomes(model, model.predict_file(to_csv(rows, HEADER)))
    assert told["patients"] == 10_000
    assert told["metrics"]["auc"]["value"] == pytest.approx(once["metrics"]["auc"]["value"])
    width = [one["metrics"]["auc"]["high"] - one["metrics"]["auc"]["low"] for one in (told, once)]
    assert 4 < width[1] / width[0] < 9  # the root of 40


def test_each_column_of_the_answer_is_what_its_name_says(model):
    patients = [{"age": 50, "sex": 1, "cp": 4, "chol": 210}, {"age": 95, "sex": 0, "cp": 2}]
    names = ("age", "sex", "cp", "chol", "thal")
    lines = [",".join(str(patient.get(name, "")) for name in names) for patient in patients]
    # Refused, and so nothing is said of its strange code.
    content = "\n".join([",".join(names), *lines, "50,1,900,200,2"]).encode()
    result = model.predict_file(content, 0.3)
    text = result.to_bytes(Format("csv", rounded=True)).decode()
    *rows, refused = csv.DictReader(io.StringIO(text, newline=""))
    for row, patient in zip(rows, patients, strict=True):
        told = model.predict(patient, 0.3)
        numbers = (told.probability, *told.interval)
        for name, number in zip(("probability", "interval_low", "interval_high"), numbers,
                                strict=True):  # fmt: skip
            assert float(row[name]) == pytest.approx(number, abs=1e-12)
            assert float(row[f"{name}_4"]) == round(float(row[name]), 4)
        assert float(row["threshold"]) == 0.3
        said = {True: "disease", False: "no disease", None: "too little known"}
        assert row["decision"] == said[told.decision]
        assert row["warnings"].split() == [f"{doubt.field}:{doubt.code}" for doubt in told.warnings]
        assert row["error"] == ""
    assert refused["probability"] == refused["decision"] == refused["warnings"] == ""
    assert refused["error"].startswith("cp: must be one of its codes")
    at = BatchResult(result.patients, result.answers, float(result.answers[0, 0]), [], {})
    assert at.decision(0) == "disease"  # at the threshold is called


def test_rows_that_are_answered_are_counted_with_those_that_are_refused(model, monkeypatch):
    monkeypatch.setattr("classifiers.recipes.heart.model._AT_ONCE", 3)
    rows = invent_patients(8, seed=4)
    rows[1][0], rows[6][0] = "old", "999"
    content = to_csv(rows, HEADER)
    steps = model.predicting_file(content, 0.4)
    assert list(steps) == [5, 8]
    parted = model.predict_file(content, 0.4)
    monkeypatch.undo()
    whole = model.predict_file(content, 0.4)
    np.testing.assert_allclose(parted.answers, whole.answers, atol=1e-9)
    assert parted.errors == whole.errors
    assert sorted(whole.errors) == [1, 6]


def test_a_description_says_what_each_column_was_taken_for():
    content = b"patient,sex,Chol (mmol/l),cp,HF\na,m,5.2,typical,150\nb,f,,4,abc\n"
    reading = Reading.parse(units={"chol": "mmol/l"}, columns={"thalach": "HF"})
    told = describe_table(read_patients(content, 10, reading=reading), reading)
    assert told["questions"] == []
    by_name = {column["name"]: column for column in told["columns"]}
    assert [c["name"] for c in told["columns"]] == ["patient", "sex", "Chol (mmol/l)", "cp", "HF"]
    assert by_name["patient"]["field"] is None
    assert by_name["sex"]["values"] == ["male", "female"]
    assert by_name["Chol (mmol/l)"]["values"] == ["201 mg/dl", "unknown"]
    assert by_name["Chol (mmol/l)"]["unit"] == "mmol/l"
    assert by_name["cp"]["codes"] == [
        {"written": "typical", "count": 1, "meaning": "typical angina"},
        {"written": "4", "count": 1, "meaning": "asymptomatic"},
    ]
    assert (by_name["HF"]["unreadable"], by_name["HF"]["missing"]) == (1, 0)
    assert by_name["Chol (mmol/l)"]["missing"] == 1
    assert "chol times 38.67, from mmol/l" in told["converted"]


def test_a_bad_cell_of_a_renamed_column_is_told_as_it_was_written():
    content = b"patient,sex,cp,HF\na,m,4,1500\nb,f,4,abc\nc,m,4,150\n"
    _, rows, errors = read_batch(content, Reading.parse(columns={"thalach": "HF"}))
    told = "thalach: must be a number from 30 to 250 beats/min, got {}; leave it empty if it is "
    told += "unknown"
    assert errors == {0: told.format("'1500'"), 1: told.format("'abc'")}
    assert np.isnan(rows[:2]).all()
    assert rows[2, FEATURE_NAMES.index("thalach")] == 150
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_what_is_refused_is_described_with_its_question():
    content = b"age,sex,cp,chol\n50,1,4,5.2\n60,1,4,6.1\n"
    told = describe_table(read_patients(content, 10), Reading())
    assert len(told["questions"]) == 1
    assert "units chol=mmol/l" in told["questions"][0]
    unnamed = describe_table(read_patients(b"a,b,c\n1,2,3\n", 5, named=False), Reading())
    assert "no column named after a feature" in unnamed["questions"][0]
    assert [c["field"] for c in unnamed["columns"]] == [None] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decode": "uci"}, "^decode: must be 'kaggle', 'statlog', 'from-zero' or None, got 'uci'"),
        ({"decode": ["kaggle"]}, "^decode: must be"),
        ({"units": "mmol/l"}, "^units: must be an object such as"),
        ({"units": {"age": "years"}}, "^units: must name some of chol, trestbps"),
        ({"units": {"chol": "stones"}}, "^units: chol must be in mg/dl or mmol/l, got 'stones'"),
        ({"units": {"chol": None}}, "^units: chol must be in"),
        ({"codes": {"sex": "1"}}, "^codes: sex must say what each code means"),
        ({"codes": {"sex": {"1": "other"}}}, "^codes: sex can mean 0 = female; 1 = male"),
        ({"codes": {"sex": {"1": True}}}, r"1 = male; or '\?' for missing; got True$"),
        ({"codes": {"age": {"1": "2"}}}, "^codes: must name some of sex, cp"),
        ({"columns": {"weight": "kg"}}, "^columns: must name some of age"),
        ({"columns": {"age": ["a"]}}, "^columns: age must be the name of a column"),
    ],
)
def test_impossible_options_are_refused_by_name(options, message):
    with pytest.raises(ConfigError, match=message):
        Reading.parse(**options)


def test_a_column_that_is_not_there_is_named():
    content = b"age,sex,HF\n50,1,150\n"
    with pytest.raises(ConfigError, match="^columns: thalach must be a column .* got 'HFmax'; it"):
        read_patients(content, 5, reading=Reading.parse(columns={"thalach": "HFmax"}))
    with pytest.raises(ConfigError, match="named for two features"):
        read_patients(content, 5, reading=Reading.parse(columns={"thalach": "HF", "chol": "HF"}))
    table = read_patients(content, 5, reading=Reading.parse(columns={"thalach": "3", "sex": ""}))
    assert table.columns == {"age": "age", "thalach": "HF"}


def test_an_option_for_another_copy_is_refused_and_not_ignored(model):
    content = to_csv(invent_patients(50), HEADER)
    for decode in ("kaggle", "from-zero"):
        with pytest.raises(DataError, match=f"decode={decode} does not apply"):
            model.predict_file(content, None, Reading.parse(decode=decode))
