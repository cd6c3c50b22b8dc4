"""What the shipped model says of some patients, whole: held against what was looked at and kept."""

import pytest

from classifiers.data.heart.options import Reading
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart.explain import explain_patient, measure_unusualness
from classifiers.recipes.heart.explorer import cost_table, explorer_table, group_table
from classifiers.recipes.heart.findings import describe_experiments
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, operating_points
from classifiers.recipes.heart.record.luck import random_test_sets
from classifiers.recipes.heart.record.page import record_page
from classifiers.recipes.heart.record.sample_size import describe_sample_size, heart_sample_size
from classifiers.recipes.heart.report import heart_report
from classifiers.recipes.heart.serving.changes import nearest_change, pair_risks, vary_patient
from classifiers.recipes.heart.serving.patient import parse_patient
from classifiers.recipes.heart.tables.outcomes import measure_outcomes
from classifiers.recipes.heart.tables.preview import describe_table
from classifiers.recipes.heart.tables.rows import predict_patients
from classifiers.ui.heart.importance import show_importance
from classifiers.ui.heart.patient.form import Asked
from classifiers.ui.heart.patient.result import show_prediction
from classifiers.ui.heart.table import summarize, tell_outcomes
from classifiers.ui.heart.why import show_explanation
from classifiers.ui.models import Served
from tests.answers.thinned import hold, unsized
from tests.tools.heart_files import UCI_HEADER, binary, invent_patients, to_csv

EFFORT = SAMPLE_PATIENTS["Angina on effort, age 61"]
BETWEEN = SAMPLE_PATIENTS["Between the two, age 57"]
PATIENTS = {
    "few findings": SAMPLE_PATIENTS["Few findings, age 42"],
    "on effort": EFFORT,
    "the lesson's": SAMPLE_PATIENTS["The lesson's patient, age 80"],
    "basics": SAMPLE_PATIENTS["Only the basics are known"],
    "no scans": {**BETWEEN, "ca": None, "thal": None},
    "nothing": {},
    "unseen codes and sizes": {**EFFORT, "thal": 9, "chol": 590, "oldpeak": 6.5, "age": 90},
}


def near(snapshots) -> None:
    """Float32 products are summed in any order: beside 1, the seventh digit is another's."""
    snapshots.near = 2e-6


@pytest.mark.parametrize("who", PATIENTS)
def test_answers_for_a_patient(model, snapshots, who):
    near(snapshots)
    patient = PATIENTS[who]
    said = model.predict(patient)
    row = parse_patient(patient)
    hold(snapshots, "prediction", said.to_dict())
    hold(snapshots, "refits", said.refits)
    hold(snapshots, "at 20 %", model.predict(patient, 0.2).to_dict())
    known = {name: float(value) for name, value in zip(UCI_HEADER, row, strict=False)}
    shown = {name: None if value != value else value for name, value in known.items()}
    asked = Asked(1, shown)
    told = show_prediction(Served("here", model), asked)
    if who not in ("few findings", "basics"):
        del told["study"], told["labels"]  # the same for the same fields
    hold(snapshots, "shown", told, 7)
    hold(snapshots, "unusual", measure_unusualness(model, patient))
    explained = explain_patient(model, patient)
    hold(snapshots, "explained", {**explained, "interactions": explained["interactions"][:6]})
    hold(snapshots, "operating", operating_points(model, row))
    hold(snapshots, "outlook", model.outlook(row))


@pytest.mark.parametrize("who", ["no scans", "unseen codes and sizes"])
def test_why_a_patients_risk(model, snapshots, who):
    near(snapshots)
    patient = PATIENTS[who]
    shown = show_explanation(model, patient)
    snapshots.hold("steps as a table", shown["waterfall"].pop("csv").splitlines(), alone=True)
    hold(snapshots, "panel", shown, 7)
    hold(snapshots, "varied", vary_patient(model, patient), 5)
    for cut in (None, 0.05, 0.9):
        hold(snapshots, f"turned at {cut}", nearest_change(model, patient, cut))
    hold(snapshots, "two at once", pair_risks(model, patient, [("age", "cp")]))


def test_what_the_model_is_worth(model, snapshots):
    near(snapshots)
    hold(snapshots, "report", heart_report(model))
    hold(snapshots, "report at other costs", heart_report(model, 0.3, 10, 1))
    hold(snapshots, "record page", record_page(model), 6)
    hold(snapshots, "sample size", heart_sample_size(model))
    hold(snapshots, "sample size, said", describe_sample_size(model))
    hold(snapshots, "importance", show_importance(model), 6)


def test_tables_of_the_explorer(model, snapshots):
    near(snapshots)
    hold(snapshots, "explorer", explorer_table(model), 9)
    hold(snapshots, "costs", cost_table(model), 9)
    hold(snapshots, "other costs", cost_table(model, 7, 0.5), 9)
    groups = group_table(model)
    apart = groups.pop("apart")
    hold(snapshots, "groups", groups, 5)
    hold(snapshots, "apart", apart[:: len(apart) // 5])
    hold(snapshots, "test sets", random_test_sets(model))


def test_what_was_found_with_the_model(model, snapshots):
    near(snapshots)
    hold(snapshots, "experiments", describe_experiments(model), 5)
    for number in (9, 10, 11, 12):
        hold(snapshots, f"exercise {number}", unsized(exercise(number).run(model)), 8)
    for number in (9, 10):
        found = exercise(number).run(model, 0.35, 5, 1)["findings"]
        hold(snapshots, f"exercise {number} at 35 %", found)


def test_rows_of_patients_as_json(model, snapshots):
    near(snapshots)
    bad = [
        {"age": "old"}, {"age": -1}, {"ca": 7}, {"thal": "none of them"}, {"cp": True},
        {"sex": "male", "thal": "reversable", "fbs": "?"}, {"weight": 80}, {"chol": [200]},
        {"age": float("inf")}, {"slope": 1.5}, {},
    ]  # fmt: skip
    told = predict_patients(model, [*PATIENTS.values(), *bad], 0.5)
    hold(snapshots, "rows", told)


def test_a_table_of_patients_with_outcomes(model, snapshots):
    near(snapshots)
    rows = invent_patients(120, seed=4)
    rows[7][0], rows[9][12], rows[11][3], rows[12][4] = "old", "9", "", "999999"
    for row in rows[20:60]:
        row[11] = row[12] = "?"
    for name, reading in (("as it is", Reading()), ("no labels", Reading(columns={"target": ""}))):
        content = to_csv(rows, [*UCI_HEADER])
        result = model.predict_file(content, 0.4, reading)
        hold(snapshots, f"{name}: told", summarize(result))
        hold(snapshots, f"{name}: columns", describe_table(result.patients, reading))
        outcomes = measure_outcomes(model, result)
        hold(snapshots, f"{name}: outcomes", outcomes)
        hold(snapshots, f"{name}: outcomes, said", tell_outcomes(outcomes))
    snapshots.hold("written", result.to_csv().splitlines()[::5], alone=True)
    few = model.predict_file(to_csv(binary(rows[:6]), UCI_HEADER))
    hold(snapshots, "few", tell_outcomes(measure_outcomes(model, few)))
