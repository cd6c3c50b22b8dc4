"""The method experiments: what they train on, how they compare, and that their record is true."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.model_selection import train_test_split

from classifiers.artifacts import resave_artifact
from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.data.heart.copies import decode_copy
from classifiers.data.heart.file import read_heart
from classifiers.errors import ArtifactError, DataError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart.exercises import EXERCISES, LESSON_PATIENT
from classifiers.recipes.heart.experiments import defects, groups
from classifiers.recipes.heart.experiments.defects import to_kaggle_coding
from classifiers.recipes.heart.experiments.groups import (
    measure_patients,
    measure_site,
    measure_slices,
)
from classifiers.recipes.heart.experiments.run import add_experiments, run_experiments
from classifiers.recipes.heart.experiments.splits import (
    LESSON,
    Method,
    fit_splits,
    paired_over_splits,
    random_splits,
    score_splits,
    summarize,
)
from classifiers.recipes.heart.findings import (
    EXPERIMENTS,
    describe_experiments,
)
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from tests.answers.thinned import hold
from tests.processes.warm import warm

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "weights" / "heart"
QUICK = replace(LESSON, training=LESSON.training.model_copy(update={"epochs": 4}))


@pytest.fixture(scope="module")
def record(model):
    return model.artifact.metadata.evaluation["experiments"]


def patients(n=80, seed=0):
    """Rows that learn: the label is whether the age is high."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 13))
    for column, codes in {1: 2, 2: 4, 5: 2, 6: 3, 8: 2, 11: 4, 12: 3}.items():
        x[:, column] = rng.integers(0, codes, n)
    x[::9, 11] = np.nan
    return x, (x[:, 0] > 0).astype(np.int64)


# Splits


def test_the_first_split_is_the_lessons():
    splits = random_splits(303, 3)
    for seed, (rows, test) in zip(range(1337, 1340), splits, strict=True):
        theirs = train_test_split(np.arange(303), test_size=0.2, random_state=seed)
        np.testing.assert_array_equal(rows, theirs[0])
        np.testing.assert_array_equal(test, theirs[1])


def test_the_lessons_method_is_the_lessons_network_to_the_letter():
    assert LESSON.network.to_dict() == {
        "widths": [32], "activation": "relu", "dropout": 0.5, "outputs": "one_logit",
    }  # fmt: skip
    t = LESSON.training
    assert (t.optimizer, t.learning_rate, t.epochs, t.batch_size) == ("adam", 0.001, 50, 32)
    assert t.weight_decay == t.l1 == t.l2 == 0
    assert LESSON.encoding == "ordinal"
    assert set(LESSON.categorical) == {"sex", "cp", "fbs", "restecg", "exang", "ca", "thal"}


def test_a_network_never_sees_its_test_rows():
    x, y = patients()
    splits = random_splits(len(y), 2)
    before = fit_splits(x, y, splits[:1], QUICK)
    rows, test = splits[0]
    changed, labels = x.copy(), y.copy()
    changed[test, 0] *= 50
    labels[test] = 1 - labels[test]
    after = fit_splits(changed, labels, splits[:1], QUICK)
    np.testing.assert_array_equal(before[:, rows], after[:, rows])
    leaking = replace(QUICK, scaler_sees="all")
    leak = fit_splits(changed, labels, splits[:1], leaking)
    assert np.abs(leak - after)[:, rows].max() > 1e-3


def test_splits_are_trained_alike_whatever_the_cores(monkeypatch):
    x, y = patients()
    splits = random_splits(len(y), 23)  # more than one group
    many = fit_splits(x, y, splits, QUICK)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    np.testing.assert_array_equal(fit_splits(x, y, splits, QUICK), many)
    assert many.shape == (23, 80)
    assert len({p.tobytes() for p in many}) == 23


def test_a_method_learns_what_can_be_learned():
    x, y = patients(200)
    method = Method(
        NetworkConfig(widths=(8,), outputs="one_logit"),
        TrainingConfig(optimizer="adam", learning_rate=0.02, epochs=60),
    )
    splits = random_splits(200, 3)
    scores = score_splits(y, fit_splits(x, y, splits, method), splits)
    assert scores["test_accuracy"].min() > 0.85
    assert scores["train_accuracy"].min() > 0.95
    assert scores["test_auc"].min() > 0.93


def test_scores_are_of_each_splits_own_rows():
    y = np.array([0, 1, 0, 1, 1])
    p = np.array([[0.1, 0.5, 0.2, 0.3, 0.5], [0.9, 0.6, 0.9, 0.4, 0.3]])
    splits = [(np.array([0, 1, 2]), np.array([3, 4])), (np.array([3, 4]), np.array([0, 1]))]
    scores = score_splits(y, p, splits)
    assert scores["train_accuracy"].tolist() == [1, 0]
    assert scores["test_accuracy"].tolist() == [0.5, 0.5]
    assert scores["test_auc"][1] == 0
    assert scores["test_log_loss"][1] == pytest.approx(-np.log([0.1, 0.6]).mean())


def test_a_risk_at_the_threshold_is_called():
    called = groups._count_called(np.array([0.2, 0.5, 0.5]), np.array([0.2, 0.5, 0.7]))
    assert called == [3, 2, 0]


def test_a_difference_over_splits_is_nadeau_and_bengios():
    ours, theirs = np.array([0.8, 0.9, 0.7, 0.8]), np.array([0.7, 0.9, 0.8, 0.6])
    gap = paired_over_splits(ours, theirs)
    half = 1.96 * np.sqrt((1 / 4 + 0.2 / 0.8) * np.var([0.1, 0, -0.1, 0.2], ddof=1))
    assert gap["value"] == pytest.approx(0.05)
    assert (gap["low"], gap["high"]) == pytest.approx((0.05 - half, 0.05 + half))
    assert summarize(ours)["sd"] == pytest.approx(np.std(ours, ddof=1))


# Copies and groups


def test_kaggles_coding_is_what_the_reader_decodes(heart_data):
    x = read_heart(heart_data / "uci" / "processed.cleveland.data").x
    recoded = to_kaggle_coding(x)
    assert not np.isnan(recoded).any()
    assert (recoded != x).any(axis=0).sum() == 5
    np.testing.assert_array_equal(decode_copy(recoded, "kaggle"), x)


def test_of_a_repeated_table_nearly_every_test_row_was_in_training(monkeypatch):
    monkeypatch.setattr(defects, "_FOREST_TREES", 1)
    monkeypatch.setattr(defects, "fit_splits", lambda *_: None)
    monkeypatch.setattr(defects, "score_splits", lambda *_: {"test_accuracy": np.zeros(1)})
    told = defects._duplicated(*patients(303), 3)
    # Its other copies, 2.4 on average, are in training four times in five each.
    assert 0.85 < told["test_rows_seen_in_training"] < 1


def test_a_groups_measures_are_those_of_its_patients():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 90)
    p = np.clip(0.3 * y + 0.7 * rng.random(90), 0.01, 0.99)
    group = measure_patients(y, p, 0.6)
    assert (group["patients"], group["cases"]) == (90, y.sum())
    assert group["sensitivity"]["value"] == pytest.approx((p[y == 1] >= 0.6).mean())
    assert group["specificity"]["value"] == pytest.approx((p[y == 0] < 0.6).mean())
    assert group["accuracy"]["value"] == pytest.approx(((p >= 0.6) == y).mean())
    assert group["predicted"]["value"] == pytest.approx(p.mean())
    assert group["observed"]["value"] == pytest.approx(y.mean())
    for name, estimate in group.items():
        if isinstance(estimate, dict):
            assert estimate["low"] < estimate["value"] < estimate["high"], name


def test_slices_hold_every_patient_once(record, model):
    labels = model.artifact.metadata.evaluation["out_of_fold"]["labels"]
    for by in ("sex", "age"):
        groups = [group for group in record["slices"] if group["by"] == by]
        assert sum(group["patients"] for group in groups) == len(labels)
        assert sum(group["cases"] for group in groups) == sum(labels)


# The shipped record


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return pytest.approx(value, abs=2e-6) if isinstance(value, float) else value


def test_the_shipped_slices_and_sites_are_those_of_the_shipped_weights(model, record, heart_data):
    study = read_heart(heart_data / "uci" / "processed.cleveland.data")
    assert record["slices"] == rounded(measure_slices(model, study.x))
    assert set(record["sites"]) == {"hungarian", "switzerland", "va"}
    for name, site in record["sites"].items():
        table = read_heart(heart_data / "uci" / f"processed.{name}.data")
        assert site == rounded(measure_site(model, table))


def test_the_shipped_record_shows_the_defects_as_they_were_measured(record):
    """The known facts, with room for another model: see the data's own notes."""
    duplicates = record["defects"]["duplicates"]
    assert duplicates["forest"] > 0.98
    assert 0.79 < duplicates["forest_without_duplicates"] < 0.87
    assert record["defects"]["lesson_labels"]["patients_mislabelled"] == 55
    assert record["defects"]["kaggle_labels"]["auc_on_disease"] < 0.2
    luck = record["split_luck"]["logistic_regression"]
    assert len(luck["accuracies"]) == record["splits"] >= 200
    assert (luck["low"], luck["high"]) == pytest.approx((0.77, 0.92), abs=0.02)
    expected = {"hungarian": 0.891, "switzerland": 0.745, "va": 0.736}
    for name, area in expected.items():
        assert record["sites"][name]["auc"]["value"] == pytest.approx(area, abs=0.01)


def test_sites_say_what_averaging_over_the_unknown_did_the_worse_one_too(model, record):
    """Chosen on the study's folds: at the other hospitals it may have gone either way."""
    told = next(i for i in describe_experiments(model) if i["key"] == "sites")["findings"]
    for text, (name, site) in zip(told, record["sites"].items(), strict=True):
        better = site["log_loss"] < site["filled_with_medians"]["log_loss"]
        assert ("averaging is better here" in text) == better
        assert better == (name != "switzerland")
    assert record["sites"]["hungarian"]["log_loss"] <= 0.40
    assert record["sites"]["va"]["log_loss"] <= 0.525
    assert record["sites"]["hungarian"]["auc"]["value"] >= 0.89
    assert record["sites"]["va"]["auc"]["value"] >= 0.73


def test_findings_say_what_their_intervals_say(model, record):
    found = {item["key"]: item for item in describe_experiments(model)}
    assert list(found) == [item.key for item in EXPERIMENTS]
    json.dumps(found, allow_nan=False)
    for item in found.values():
        assert item["findings"]
        assert item["results"]
    leak = record["methods"]["scaler_before_split"]["difference"]["test_accuracy"]
    text = " ".join(found["scaler"]["findings"])
    assert ("does not hold here" in text) == (leak["low"] <= 0)
    linear = model.artifact.metadata.evaluation["held_out"]["logistic_regression"]["difference"]
    held_out = found["baselines"]["findings"][1]
    assert held_out.endswith("worse on log loss.") == (linear["log_loss"]["low"] > 0)


def test_a_changed_record_changes_the_findings(model, record):
    changed = json.loads(json.dumps(record))
    changed["methods"]["scaler_before_split"]["difference"]["test_accuracy"] = {
        "value": 0.05, "low": 0.01, "high": 0.09,
    }  # fmt: skip
    evaluation = {**model.artifact.metadata.evaluation, "experiments": changed}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    other = HeartModel(replace(model.artifact, metadata=metadata))
    text = next(i for i in describe_experiments(other) if i["key"] == "scaler")["findings"]
    assert "+5.0 points [+1.0, +9.0], distinguishable from zero" in text[0]
    assert "goes up holds here" in text[1]


# Running them


@pytest.fixture
def bare(model, tmp_path):
    """The shipped model without its experiments."""
    evaluation = dict(model.artifact.metadata.evaluation)
    del evaluation["experiments"]
    resave_artifact(model.artifact, tmp_path, evaluation=evaluation)
    return tmp_path


def without_long(record):
    """What 300 epochs come to, on another processor they come to something else."""
    defects = {name: dict(one) for name, one in record["defects"].items()}
    del defects["duplicates"]["memorising_network"]
    return defects


def test_experiments_are_added_and_nothing_else_changes(bare, model, record, heart_data, snapshots):
    study = read_heart(heart_data / "uci" / "processed.cleveland.data")
    with pytest.raises(ArtifactError, match="heart-experiments on this model"):
        describe_experiments(HeartModel.load(bare))
    said: list[str] = []
    artifact = add_experiments(bare, study, splits=2, coverage=False, report=said.append)
    found = artifact.metadata.evaluation["experiments"]
    assert found["splits"] == 2
    assert found["sites"] == {}
    assert said
    assert (bare / "model.safetensors").read_bytes() == (WEIGHTS / "model.safetensors").read_bytes()
    ours, theirs = artifact.metadata.to_dict(), model.artifact.metadata.to_dict()
    for metadata in (ours, theirs):
        del metadata["evaluation"]["experiments"], metadata["versions"]
    golden = [metadata.pop("golden") for metadata in (ours, theirs)]
    assert ours == theirs
    assert golden[0]["inputs"] == golden[1]["inputs"]  # and outputs as this processor rounds
    np.testing.assert_allclose(golden[0]["outputs"], golden[1]["outputs"], atol=1e-6)
    for name in ("slices", "baselines"):  # what does not depend on the number of splits
        assert found[name] == rounded(record[name])
    assert found["defects"]["duplicates"]["forest"] == record["defects"]["duplicates"]["forest"]
    snapshots.near = 5e-3  # of networks that were trained just now, and not for long
    short = {name: one for name, one in found["methods"].items() if one["epochs"] <= 50}
    hold(snapshots, "record", {**found, "methods": short, "defects": without_long(found)}, 8)
    told = describe_experiments(HeartModel(artifact))
    hold(snapshots, "titles", [[item[k] for k in ("title", "asked", "ran")] for item in told])
    first = found["split_luck"]["network"]["accuracies"]
    assert first == record["split_luck"]["network"]["accuracies"][:2]


def test_another_file_than_the_models_is_refused(model, heart_data):
    other = read_heart(heart_data / "uci" / "processed.hungarian.data")
    sums = f"SHA-256 {model.artifact.metadata.source.sha256}, got {other.sha256}$"
    with pytest.raises(DataError, match=rf"^processed.hungarian.data: must be the file .*{sums}"):
        run_experiments(other, model)


def test_a_file_that_lacks_the_labels_is_named(model, heart_data):
    study = read_heart(heart_data / "uci" / "processed.cleveland.data")
    with pytest.raises(DataError, match=r"^processed.cleveland.data: must hold num from 0 to 4"):
        run_experiments(replace(study, num=None), model)
    with pytest.raises(DataError, match=r"^processed.cleveland.data: has no labels that say"):
        measure_site(model, replace(study, y=None))


# Exercises 9 to 12


@pytest.mark.parametrize("number", [9, 10, 11, 12])
def test_exercises_are_registered_and_answer_in_json(model, number):
    chosen = exercise(number)
    assert chosen in EXERCISES
    answer = chosen.run(model)
    json.dumps(answer, allow_nan=False)
    assert answer["number"] == number
    assert answer["findings"]
    assert answer["results"]
    assert chosen.run() == answer  # the shipped model is the default


def test_exercise_9_counts_the_held_out_mistakes(model):
    answer = exercise(9).run(model)
    held_out = model.artifact.metadata.evaluation["held_out"]
    y, p = np.array(held_out["labels"]), np.array(held_out["probabilities"])
    counts, cut = answer["results"]["held_out"]["counts"], answer["results"]["threshold"]
    assert cut == model.threshold
    assert counts["false_positive"] == int(((p >= cut) & (y == 0)).sum())
    assert counts["false_negative"] == int(((p < cut) & (y == 1)).sum())
    assert f"{counts['false_negative']} misses" in answer["findings"][0]


def test_exercise_10_covers_the_lessons_thresholds(model):
    results = exercise(10).run(model)["results"]
    assert (results["thresholds"][0], results["thresholds"][-1]) == (0.1, 0.9)
    assert results["costs"] == {"false_negative": 2, "false_positive": 1}
    for name in ("held_out", "out_of_fold"):
        assert results[name]["recall"] == sorted(results[name]["recall"], reverse=True)
        assert len(results[name]["cost"]) == len(results["thresholds"])


def test_exercise_12_predicts_the_same_after_the_round_trip(model):
    results = exercise(12).run(model)["results"]
    assert results["equal"]
    assert results["before"] == model.predict(SAMPLE_PATIENTS[LESSON_PATIENT]).to_dict()
    assert results["sha256"] == model.artifact.sha256


def test_a_fresh_process_predicts_the_lessons_patient_alike(model):
    code = (
        "from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel\n"
        f"model = HeartModel.load({str(WEIGHTS)!r})\n"
        f"print(repr(model.predict(SAMPLE_PATIENTS[{LESSON_PATIENT!r}]).probability))"
    )
    run = warm().run("-c", code, cwd=ROOT)
    ours = model.predict(SAMPLE_PATIENTS[LESSON_PATIENT]).probability
    assert float(run.stdout) == pytest.approx(ours, abs=1e-9), run.stderr


def test_predictions_do_not_depend_on_the_number_of_threads(model):
    threads = torch.get_num_threads()
    rows = np.random.default_rng(0).normal(60, 10, (500, 13))
    try:
        torch.set_num_threads(2)
        two = model.probabilities(rows)
    finally:
        torch.set_num_threads(threads)
    np.testing.assert_allclose(model.probabilities(rows), two, atol=1e-9)
