"""The script of the heart tab, run on the real patients, against the record of the weights."""

import re
import subprocess
import sys

import joblib
import pytest

from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.code import to_script


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("script")


@pytest.fixture(scope="module")
def printed(folder, heart_data):
    path = folder / "heart.py"
    path.write_text(to_script())
    data = heart_data / "uci" / "processed.cleveland.data"
    command = [sys.executable, "-W", "error", path.name, str(data)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def figures(printed, pattern):
    found = re.search(pattern, printed)
    assert found, (pattern, printed)
    return [float(number) for number in found.groups()]


def test_patients_are_counted_as_the_record_has_them(printed, model):
    evaluation = model.artifact.metadata.evaluation
    audit, held = evaluation["audit"], evaluation["held_out"]["labels"]
    counted = figures(printed, r"(\d+) patients: (\d+) without disease, (\d+) with it")
    assert counted == [audit["rows"], audit["class_counts"]["0"], audit["class_counts"]["1"]]
    parts = figures(printed, r"(\d+) to train on, (\d+) to test on")
    assert parts == [audit["rows"] - len(held), len(held)]
    majority = evaluation["experiments"]["baselines"]["majority"]["metrics"]["accuracy"]["value"]
    assert figures(printed, r"healthy is right for ([\d.]+)") == [round(majority, 4)]


def test_the_scale_is_that_of_the_served_model(printed, model, folder):
    columns = [c for c in model.preprocessor.columns if isinstance(c, NumericalColumn)]
    assert len(columns) == 5
    scaler = joblib.load(folder / "heart.joblib")["preprocessing"].named_transformers_["amounts"]
    for i, column in enumerate(columns):
        shown = figures(printed, rf"{column.name}: mean ([\d.]+), spread ([\d.]+)")
        assert shown == [round(column.mean, 4), round(column.scale, 4)]
        assert scaler.mean_[i] == pytest.approx(column.mean, rel=1e-9)
        assert scaler.scale_[i] == pytest.approx(column.scale, rel=1e-9)


def test_the_logistic_regression_scores_what_the_record_says(printed, model):
    wanted = model.artifact.metadata.evaluation["held_out"]["logistic_regression"]["metrics"]
    pattern = r"logistic regression: accuracy ([\d.]+), AUC ([\d.]+), log loss ([\d.]+)"
    accuracy, area, loss = figures(printed, pattern)
    assert accuracy == round(wanted["accuracy"]["value"], 4)
    assert area == round(wanted["auc"]["value"], 4)
    assert loss == pytest.approx(wanted["log_loss"]["value"], abs=1e-4)


def test_the_network_scores_as_the_lessons_do_on_such_splits(printed, model):
    """Its digits are its own: it has to lie where the recorded splits lie."""
    method = model.artifact.metadata.evaluation["experiments"]["methods"]["one_hot"]
    pattern = r"network: accuracy ([\d.]+), AUC ([\d.]+), log loss ([\d.]+)"
    for value, name in zip(figures(printed, pattern), ("accuracy", "auc", "log_loss"), strict=True):
        mean, sd = (method[f"test_{name}"][key] for key in ("mean", "sd"))
        assert abs(value - mean) < 3 * sd


def test_what_was_saved_gives_the_same_risk(printed):
    before, after = figures(printed, r"risk ([\d.]+); from the file ([\d.]+)")
    assert before == after
    assert 0 < before < 1


def test_the_script_is_short_and_says_why():
    lines = to_script().splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 100
    assert "{" + "{" not in to_script()
    for word in ("DataLoader(", "TensorDataset(", "shuffle=True", ".train()", ".eval()",
                 "unsqueeze(1)", "handle_unknown", "fit_transform(train_rows)"):  # fmt: skip
        assert word in to_script(), word
