"""What each group of networks is told as it is trained: seeds, weights of rows, inputs. Nothing
is trained here: what would train it notes what it is given.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.data.splits import split_indices
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart import artifact, training, validation
from classifiers.recipes.heart.experiments.counts import count_study
from classifiers.recipes.heart.serving.ensemble import Ensemble, describe_training
from classifiers.recipes.heart.training import (
    CATEGORICAL,
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    REFITS,
    TRAINING,
    fit_ensembles,
)
from tests.answers.thinned import hold
from tests.heart.told.test_measured_snapshots import invented
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv


@pytest.fixture
def groups(monkeypatch):
    """Each group that was trained, by its seed."""
    noted: dict[int, Any] = {}

    def train(network: MLP, config: Any, rows: Any, **options: Any) -> Any:
        noted[config.seed] = (network.parameters.clone(), rows, options, config)
        yield from ()

    monkeypatch.setattr(training, "train", train)
    return noted


def parts_of(count: int, rows: int) -> np.ndarray:
    """Each part without some rows of its own."""
    return np.array([[(row + 2 * part) % 7 > 0 for row in range(rows)] for part in range(count)],
                    np.float32)  # fmt: skip


@pytest.mark.parametrize(
    ("members", "seeds"),
    [(8, [42, 58, 74]), (30, [42, 72, 102, 132, 162]), (20, [42, 62, 82, 102, 122]), (3, [42])],
)
def test_groups_are_told_their_seeds_and_their_rows(groups, members, seeds):
    x, y, _ = invented(60)
    parts = parts_of(5, 60)
    settings = TRAINING.model_copy(update={"members": members, "epochs": 7, "l2": 0.25})
    fitted = fit_ensembles(x, y, parts, training=settings)
    assert sorted(groups) == seeds
    at_once = max(1, 20 // members)
    for start, seed in zip(range(0, 5, at_once), seeds, strict=True):
        parameters, rows, options, config = groups[seed]
        count = min(at_once, 5 - start) * members
        network = MLP(training.NETWORK, rows.x.shape[-1], 2, count).initialize(seed)
        torch.testing.assert_close(parameters, network.parameters, rtol=0, atol=0)
        assert options == {"record_at": ()}
        assert (config.epochs, config.l2, config.members) == (7, 0.25, members)
        assert rows.y.tolist() == y.tolist()
        wanted = np.repeat(parts[start : start + at_once], members, axis=0)
        np.testing.assert_array_equal(rows.weights, wanted)
        own = TabularPreprocessor.fit(x[parts[start] > 0], FEATURE_NAMES, CATEGORICAL)
        inputs = own.transform(x).astype(np.float32)
        for member in (0, members - 1):
            np.testing.assert_array_equal(rows.x[member, :, : inputs.shape[1]], inputs)
            assert not rows.x[member, :, inputs.shape[1] :].any()
    assert fitted.probabilities.shape == (5, members, 60)
    whole = torch.cat([groups[seed][0] for seed in seeds])
    torch.testing.assert_close(fitted.network.parameters, whole, rtol=0, atol=0)


def test_refits_have_weights_of_their_own_and_seeds_after_the_others(groups):
    x, y, _ = invented(60)
    part = np.arange(60) % 5 > 0
    network, preprocessor = training.fit_served(x, y, part)
    assert preprocessor == TabularPreprocessor.fit(x[part], FEATURE_NAMES, CATEGORICAL)
    first, second = sorted(groups)
    assert (first, second) == (TRAINING.seed, TRAINING.seed + TRAINING.members)
    plain, drawn = groups[first][1].weights.numpy(), groups[second][1].weights.numpy()
    np.testing.assert_array_equal(plain, np.tile(part, (TRAINING.members, 1)))
    random = np.random.default_rng(second)
    shares = random.standard_exponential((REFITS, 60), np.float32)
    np.testing.assert_array_equal(drawn, shares * part)
    assert network.members == TRAINING.members + REFITS
    for seed, chosen in ((first, slice(0, TRAINING.members)),
                         (second, slice(TRAINING.members, None))):  # fmt: skip
        torch.testing.assert_close(network.parameters[chosen], groups[seed][0], rtol=0, atol=0)
    made = training.Fitted(network, [preprocessor] * 2, np.zeros(1)).ensembles(
        x, np.stack([part, ~part])
    )
    half = (TRAINING.members + REFITS) // 2
    for one, rows, chosen in zip(made, (part, ~part), (slice(0, half), slice(half, None)),
                                 strict=True):  # fmt: skip
        assert one.reference == describe_training(preprocessor, x[rows], network.in_features)
        parameters = network.copy(dtype=torch.float64).parameters[chosen]
        torch.testing.assert_close(one.point.network.parameters, parameters, rtol=0, atol=0)


def test_folds_are_told_their_seed(monkeypatch):
    asked: list[Any] = []

    def folds(*given: Any) -> Any:
        asked.append(given[1:])
        return np.zeros((2, 6), int)

    class Fitted:
        def ensembles(self, *given: Any) -> Any:
            asked.append(len(given[1]))
            return ["networks"]

    monkeypatch.setattr(validation, "stratified_folds", folds)
    monkeypatch.setattr(
        validation, "fit_ensembles", lambda *given: asked.append(len(given[2])) or Fitted()
    )
    made = validation.cross_validate(np.zeros((6, 13)), np.arange(6) % 2, seed=5)
    assert asked == [(validation.FOLDS, validation.REPEATS, 5), 20, 20]
    assert made.ensembles == ["networks"]
    validation.cross_validate(np.zeros((6, 13)), np.arange(6) % 2)
    assert asked[3] == (validation.FOLDS, validation.REPEATS, TRAINING.seed)


def test_what_an_artifact_says_of_its_making(snapshots, tmp_path, monkeypatch):
    rows = invent_patients(60, seed=5)
    table = read_heart(to_csv(rows, UCI_HEADER), name="study.csv")
    told: list[str] = []
    parts: list[Any] = []

    def served(x: np.ndarray, y: np.ndarray, part: np.ndarray) -> Any:
        parts.append(part)
        fitted = TabularPreprocessor.fit(x[part > 0], FEATURE_NAMES, CATEGORICAL)
        shape = (training.NETWORK, len(fitted.input_names), 2, TRAINING.members + 3)
        return MLP(*shape).initialize(1), fitted

    risks = np.stack([table.y * 0.5 + 0.2, table.y * 0.4 + 0.3])
    validated = SimpleNamespace(y=table.y, risks=lambda: risks, logistic_risks=lambda: risks / 2)
    asked_of: list[Any] = []
    monkeypatch.setattr(artifact, "cross_validate", lambda *on: asked_of.append(on) or validated)
    monkeypatch.setattr(artifact, "fit_served", served)
    stored: list[Any] = []
    monkeypatch.setattr(artifact, "store_distances", lambda *on: stored.append(on) or "packed")
    asked: dict[str, Any] = {}
    for name in ("measure_patterns", "measure_random_fields", "check_least_known",
                 "measure_importance"):  # fmt: skip
        monkeypatch.setattr(
            artifact, name, lambda *on, name=name: asked.update({name: on}) or {"of": name}
        )
    made = artifact.train_heart(table, tmp_path, told.append).metadata
    train_rows, test_rows = split_indices(60, LESSON_TEST_SHARE, LESSON_SPLIT_SEED)
    assert np.flatnonzero(parts[0]).tolist() == sorted(train_rows.tolist())
    ((x, y),) = asked_of
    assert (x is table.x, y is table.y, len(asked)) == (True, True, 4)
    for on in asked.values():
        assert on[0] is validated
        assert all(isinstance(one, Ensemble) for one in on[1:])
    assert made.source.sha256 == table.sha256
    assert made.golden.inputs
    assert all(None not in row and len(row) == 13 for row in made.golden.inputs)
    evaluation = made.evaluation
    assert evaluation["counts"] == count_study(table.x, table.y)
    assert evaluation["audit"] == table.audit.to_dict()
    ensemble, trained_on = asked["measure_importance"][1], table.x[train_rows]
    described = describe_training(ensemble.preprocessor, trained_on, len(ensemble.owner))
    assert evaluation["reference"] == {**described, "oddness": "packed"}
    ((inputs, known, owner),) = stored
    np.testing.assert_array_equal(inputs, ensemble.inputs(trained_on))
    np.testing.assert_array_equal(known, ensemble.known_fields(trained_on))
    assert owner is ensemble.owner
    folded, held = evaluation["out_of_fold"], evaluation["held_out"]
    assert (folded["labels"], folded["probabilities"]) == (table.y.tolist(), risks.tolist())
    assert folded["logistic_regression"]["probabilities"] == (risks / 2).tolist()
    assert (held["rows"], held["labels"]) == (test_rows.tolist(), table.y[test_rows].tolist())
    assert len(held["probabilities"]) == len(test_rows)
    names = [one["name"] for one in made.features]
    hold(snapshots, "made", [told, made.task, made.class_names, made.source.name, made.seeds,
         made.point_members, made.training.members, names])  # fmt: skip
    kept = ("threshold", "costs", "interval", "patterns", "random_fields", "decision_rule",
            "importance")  # fmt: skip
    hold(snapshots, "evaluated", [{key: evaluation[key] for key in kept}, folded["folds"],
         sorted(evaluation), folded["metrics"], held["logistic_regression"]["metrics"],
         folded["logistic_regression"]["difference"]])  # fmt: skip
