"""What experiments measure of patients who never lived: held as it was looked at.

Networks train for two epochs, or their answers are made up: rounding has not grown by then.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from classifiers.errors import ArtifactError, DataError
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart import direction, explorer
from classifiers.recipes.heart.direction import check_direction
from classifiers.recipes.heart.experiments import defects, groups, patterns, run, simulation
from classifiers.recipes.heart.experiments.counts import alike_categories, count_study
from classifiers.recipes.heart.experiments.splits import (
    LESSON,
    fit_splits,
    paired_over_splits,
    random_splits,
    score_splits,
    summarize,
)
from classifiers.recipes.heart.model import HeartModel, _portions
from classifiers.recipes.heart.tables import outcomes
from classifiers.recipes.heart.training import (
    CATEGORICAL,
    TRAINING,
    fit_ensembles,
    fit_logistic_regression,
)
from classifiers.recipes.heart.validation import CrossValidation
from tests.answers.thinned import attempt, hold
from tests.heart.told.records import with_evaluation
from tests.tools.heart_files import UCI_HEADER, invent_patients

FIELDS = UCI_HEADER[:13]


def invented(count: int = 80, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patients, whether they are ill, and how much."""
    rows = np.array(invent_patients(count, seed), dtype=float)
    x, num = rows[:, :13], rows[:, 13].astype(int)
    x[4, 11], x[9, 12], x[11, 4] = np.nan, np.nan, np.nan
    return x, (num > 0).astype(int), num


def made_up(y: np.ndarray, seed: int, *shape: int) -> np.ndarray:
    """Probabilities that know something of the outcome."""
    random = np.random.default_rng(seed)
    return np.clip(0.35 * y + 0.65 * random.random((*shape, len(y))), 0.01, 0.99)


def quick(method: Any = LESSON, epochs: int = 2, **more: Any) -> Any:
    return replace(method, training=method.training.model_copy(update={"epochs": epochs}), **more)


def test_counts_of_patients(snapshots):
    x, y, _ = invented()
    counted = count_study(x, y)
    hold(snapshots, "counted", counted, 20)
    alike = {name: alike_categories(told) for name, told in counted.items() if "values" in told}
    hold(snapshots, "alike", alike)
    made = {
        "values": [1, 2, 3, 4],
        "with_disease": [30, 5, 6, 0],
        "without_disease": [5, 30, 28, 0],
    }
    hold(snapshots, "apart", alike_categories(made))
    x[:, 3] = np.nan
    hold(snapshots, "unknown", attempt(lambda: count_study(x, y)))
    hold(snapshots, "shapes", attempt(lambda: count_study(x[:, :5], y)))


def test_methods_on_splits(snapshots, monkeypatch):
    snapshots.near = 2e-5
    x, y, _ = invented()
    splits = random_splits(len(y), 3)
    hold(snapshots, "splits", [[part.tolist()[:5] for part in split] for split in splits])
    for name, method in (("lesson", quick()), ("leak", quick(scaler_sees="all")),
                         ("codes", quick(encoding="onehot", categorical=CATEGORICAL))):  # fmt: skip
        p = fit_splits(x, y, splits, method)
        hold(snapshots, name, [p[:, ::9], score_splits(y, p, splits)])
    values = np.array([0.8, 0.85, 0.9, 0.7])
    hold(snapshots, "over splits", [summarize(values), paired_over_splits(values, values[::-1])])
    names: list[str] = []

    def trained(x: np.ndarray, y: np.ndarray, splits: Any, method: Any) -> np.ndarray:
        seed = round(1000 * method.network.dropout) + method.training.epochs
        return made_up(y, seed + len(method.categorical), len(splits))

    monkeypatch.setattr(run, "fit_splits", trained)
    hold(snapshots, "methods", run.measure_methods(x, y, splits, names.append))
    hold(snapshots, "reported", names)
    fitted = SimpleNamespace(probabilities=made_up(y, 5, 3, 1))
    monkeypatch.setattr(run, "fit_ensembles", lambda *_, **__: fitted)
    hold(snapshots, "luck", run.measure_split_luck(x, y, splits))
    odd = {"a": [1.23456789, np.nan, 3], "b": ("x", None, {"c": np.float64(np.inf), "d": True})}
    hold(snapshots, "rounded", run._rounded(odd))


def test_defects_of_copies(snapshots, monkeypatch):
    x, y, num = invented()
    hold(snapshots, "codes", defects.to_kaggle_coding(x)[:13], 20)
    splits = random_splits(len(y), 3)

    def trained(x: np.ndarray, y: np.ndarray, splits: Any, method: Any = LESSON) -> np.ndarray:
        return made_up(y, int(np.nansum(x)) + method.training.epochs, len(splits))

    monkeypatch.setattr(defects, "fit_splits", trained)
    monkeypatch.setattr(defects, "_FOREST_TREES", 3)
    monkeypatch.setattr(defects, "COPIED_ROWS", 150)
    told = defects.measure_defects(x, y, num, splits)
    kept = {k: v for k, v in told["duplicates"].items() if "forest" not in k}
    hold(snapshots, "defects", {**told, "duplicates": kept})
    rows = np.r_[0:79, np.random.default_rng(0).integers(0, 79, 71)]
    inputs = TabularPreprocessor.fit(x, FIELDS, ()).transform(x)
    folds = StratifiedKFold(defects._FOREST_FOLDS, shuffle=True, random_state=0)
    for name, own in (("forest", rows), ("forest_without_duplicates", np.arange(79))):
        forest = RandomForestClassifier(3, random_state=0)
        expected = cross_val_score(forest, inputs[own], y[own], cv=folds).mean()
        assert told["duplicates"][name] == pytest.approx(expected)
    monkeypatch.setattr(defects, "_duplicated", lambda x, y, count: count)
    for most, count in ((2, 2), (3, 3), (40, 3)):
        monkeypatch.setattr(defects, "_COPY_SPLITS", most)
        assert defects.measure_defects(x, y, num, splits)["duplicates"] == count


def test_groups_of_patients(model, snapshots):
    snapshots.near = 2e-6
    x, y, _ = invented(303)
    for group in groups.measure_slices(model, x):
        called = group.pop("called")
        hold(snapshots, f"{group['by']} {group['group']}", [group, called], 20)
    hold(snapshots, "baselines", groups.measure_baselines(model))
    site = SimpleNamespace(x=x[:40], y=y[:40], source_name="elsewhere.csv", sha256="0" * 64)
    hold(snapshots, "site", groups.measure_site(model, site))  # type: ignore[arg-type]
    site.y = None
    with pytest.raises(DataError, match=r"^elsewhere\.csv: has no labels that say disease$"):
        groups.measure_site(model, site)  # type: ignore[arg-type]


class Asked:
    """Cross-validated risks that are the better, the more is known."""

    def __init__(self) -> None:
        self.x, self.y, _ = invented()

    def risks(self, known: np.ndarray | None = None, seed: int = 4) -> np.ndarray:
        share = 1.0 if known is None else known @ np.arange(1, 14) / 91
        noise = np.random.default_rng(seed).random((2, len(self.y)))
        return share * made_up(self.y, 8, 2) + (1 - share) * noise

    def logistic_risks(self, known: np.ndarray | None = None) -> np.ndarray:
        return 0.5 + (self.risks(known, 5) - 0.5) * 0.9


def test_patterns_of_what_is_known(snapshots, monkeypatch):
    hold(snapshots, "patterns", patterns.PATTERNS, 40)
    some = dict(list(patterns.PATTERNS.items())[::5])
    monkeypatch.setattr(patterns, "PATTERNS", some)
    monkeypatch.setattr(patterns, "_CHECKED", 6)
    asked: Any = Asked()
    served: Any = SimpleNamespace(share_known=lambda known: float(known @ np.arange(13) / 78))
    for one in patterns.measure_patterns(asked, served):
        hold(snapshots, one["title"], one)
        assert one["probabilities"] == np.round(one["probabilities"], 4).tolist()
    hold(snapshots, "at random", patterns.measure_random_fields(asked))
    least = patterns.check_least_known(asked, served)
    hold(snapshots, "least", {**least, "sets": least["sets"]})
    hold(snapshots, "hidden", patterns.measure_hiding(asked))


def test_ensembles_and_folds(snapshots):
    snapshots.near = 2e-5
    x, y, _ = invented(60)
    parts = np.ones((2, 60), np.float32)
    parts[0, :10], parts[1, 10:20] = 0, 0
    training = TRAINING.model_copy(update={"members": 2, "epochs": 2})
    for resample in (False, True):
        fitted = fit_ensembles(x, y, parts, training=training, resample=resample)
        hold(snapshots, f"fitted, resampled {resample}", fitted.probabilities[:, :, ::7])
    made = fitted.ensembles(x, parts)
    known = np.arange(13) % 2 == 0
    hold(snapshots, "ensembles", [[one.risk(x[:4]), one.share_known(known)] for one in made])
    fields = np.arange(13) < 4
    trained_on = np.arange(60) % 3 > 0
    hold(snapshots, "regression", [
        fit_logistic_regression(x, y, trained_on)[::9],
        fit_logistic_regression(x, y, trained_on, fields)[::9],
        fit_logistic_regression(x, y, trained_on, fields & False)[::9]])  # fmt: skip
    ids = np.stack([np.arange(60) % 10, np.arange(60) // 6])
    folds = CrossValidation(x, y, ids, made * 10)
    hold(snapshots, "folds", [folds.risks()[:, ::9], folds.risks(known)[:, ::9]])


def test_simulated_patients(model, snapshots, monkeypatch):
    snapshots.near = 1e-4
    x, _, _ = invented()
    monkeypatch.setattr(simulation, "_STEPS", 4)
    classes = simulation.LatentClasses.fit(x, 1)
    hold(snapshots, "classes", [classes.share, classes.mean[:, 0], classes.scale[:, 3],
         {FIELDS[i]: table for i, table in classes.tables.items()}], 20)  # fmt: skip
    hold(snapshots, "belongs", classes.classes_of(x[:5]), 40)
    rows = classes.draw(300, np.random.default_rng(2))
    hold(snapshots, "drawn", [rows.mean(0), rows.std(0)], 20)
    half = np.where(np.arange(13) % 2 == 0, x[:40], np.nan)
    filled = classes.complete(half, np.random.default_rng(4))
    np.testing.assert_array_equal(filled[:, ::2], np.where(np.isnan(half[:, ::2]), filled[:, ::2],
                                                           half[:, ::2]))  # fmt: skip
    hold(snapshots, "completed", filled.mean(0), 20)
    monkeypatch.setattr(simulation, "_COMPLETIONS", 3)
    monkeypatch.setattr(simulation, "NEW", 12)
    monkeypatch.setattr(simulation, "PATIENTS", 40)
    members = model.artifact.network
    served = (members, TabularPreprocessor.fit(x, FIELDS, CATEGORICAL))
    width = len(served[1].input_names)
    if width != members.in_features:
        served = (members, model.preprocessor)
    monkeypatch.setattr(simulation, "fit_served", lambda *_: served)
    told: list[str] = []
    found = simulation.simulate(
        x, {"half": lambda rows: np.full(len(rows), 0.5), "age": lambda rows: rows[:, 0] / 100},
        told.append, cohorts=2)  # fmt: skip
    hold(snapshots, "simulated", [found, told], 30)


def test_models_that_face_the_wrong_way(model, snapshots):
    check_direction(model)

    def useless(evaluation: dict[str, Any]) -> None:
        labels = evaluation["out_of_fold"]["labels"]
        labels[:] = [1 - one for one in labels]

    def torn(evaluation: dict[str, Any]) -> None:
        del evaluation["held_out"]["logistic_regression"]["metrics"]["auc"]

    def level(evaluation: dict[str, Any]) -> None:
        folded = evaluation["out_of_fold"]
        folded["probabilities"] = [[0.4] * len(folded["labels"])]

    for name, change in (("inverted labels", useless), ("torn", torn), ("all alike", level)):
        told = attempt(lambda change=change: check_direction(with_evaluation(model, change)))
        hold(snapshots, name, told)
    network = model.artifact.network.copy()
    network.layers[-1].weight.neg_()
    network.layers[-1].bias.neg_()
    turned = HeartModel(replace(model.artifact, network=network))
    hold(snapshots, "turned", attempt(lambda: check_direction(turned)))
    hold(snapshots, "made up", direction._made_up_patients(model, 6), 90)


def test_groups_of_few_patients(snapshots):
    for count in (10, 14, 15, 24, 25, 31):
        y = np.arange(count) % 2
        p = made_up(y, count)
        hold(snapshots, f"{count} in a table", outcomes._groups(y, p))
        few, many = explorer._groups(y, p), explorer._groups(np.tile(y, 5), np.tile(p, 5))
        hold(snapshots, f"{count} in the explorer", [few, [part["patients"] for part in many]])


def test_ensembles_of_older_records(model):
    """Intervals as wide as they were stored, and as many patients as were trained on."""
    reference = model.artifact.metadata.evaluation["reference"]

    def older(evaluation: dict[str, Any]) -> None:
        del evaluation["interval"], evaluation["reference"]["patients"]

    old = with_evaluation(model, older).ensemble
    assert (old.widening, old.slope) == (1.5, 0.0)
    assert old.reference == reference
    told = {"interval": {"factor": 1.25, "slope": 0.2}}
    other = with_evaluation(model, lambda evaluation: evaluation.update(told)).ensemble
    assert (other.widening, other.slope) == (1.25, 0.2)
    bare = with_evaluation(model, lambda evaluation: evaluation.pop("reference")).ensemble
    with pytest.raises(ArtifactError, match=r"^metadata\.json: has no evaluation\.reference, "):
        _ = bare.reference


def test_models_as_they_are_shown_and_refused(model, snapshots, tmp_path):
    hold(snapshots, "shown", [repr(model), model._repr_html_(), model.classes_.tolist()])
    sizes = ([3, 4000, 5], [1] * 90, [1999, 1, 1], [])
    for k, some in enumerate(sizes):
        groups_of = [np.arange(n) for n in some]
        hold(snapshots, f"portions {k}", [len(part) for part in _portions(groups_of)])
    for name in ("user/heart", "user/heart@v1", str(tmp_path / "none")):
        told = attempt(lambda name=name: HeartModel.load(name))
        hold(snapshots, name.replace(str(tmp_path), ""), str(told).replace(str(tmp_path), ""))
    metadata = model.artifact.metadata
    for change in ({"task": "other"}, {"features": metadata.features[1:]}):
        other = replace(model.artifact, metadata=metadata.model_copy(update=change))
        hold(snapshots, f"{list(change)}", attempt(lambda other=other: HeartModel(other)))
    bare = replace(model.artifact, preprocessor=None)
    with pytest.raises(ArtifactError, match=r"^metadata\.json: has no preprocessing; train"):
        HeartModel(bare)
    assert torch.is_tensor(model.artifact.network.parameters)
