"""One simulated cohort: who is drawn, what is fitted to whom, and what is asked of it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.network import MLP
from classifiers.preprocessing import NumericalColumn, TabularPreprocessor
from classifiers.recipes.heart import card
from classifiers.recipes.heart.experiments import simulation
from classifiers.recipes.heart.experiments.patterns import PATTERNS
from classifiers.recipes.heart.serving.ensemble import Risks, describe_training
from classifiers.recipes.heart.training import CATEGORICAL, NETWORK, TRAINING
from tests.heart.told.test_measured_snapshots import invented


class Noted:
    """In place of an ensemble: the risk is 0.4, the bare refits lie nearer to it."""

    made: list[Any]

    def __init__(self, *trained: Any, **how: float) -> None:
        self.made.append((trained, how, []))
        self.asked, self.width = self.made[-1][2], 0.01 if how else 0.2

    def risks(self, x: np.ndarray) -> Risks:
        self.asked.append(x)
        refits = 0.4 + self.width * np.linspace(-1, 1, 21)[:, None] + np.zeros(len(x))
        return Risks(np.full(len(x), 0.4), refits, np.ones(len(x)))


@pytest.fixture
def cohort(monkeypatch):
    """What came of one cohort, whose outcome is the sex, and what was fitted and asked."""
    for name, value in (("_STEPS", 3), ("PATIENTS", 50), ("NEW", 8), ("_COMPLETIONS", 4)):
        monkeypatch.setattr(simulation, name, value)
    monkeypatch.setattr(Noted, "made", [], raising=False)
    monkeypatch.setattr(simulation, "Ensemble", Noted)
    fitted: list[Any] = []

    def fit(x: np.ndarray, y: np.ndarray, part: np.ndarray) -> Any:
        preprocessor = TabularPreprocessor.fit(x, FEATURE_NAMES, CATEGORICAL)
        network = MLP(NETWORK, len(preprocessor.input_names), 2, 3).initialize(1)
        fitted.append((x, y, part, network, preprocessor))
        return network, preprocessor

    monkeypatch.setattr(simulation, "fit_served", fit)
    asked: list[np.ndarray] = []

    def truth(rows: np.ndarray) -> np.ndarray:
        asked.append(rows)
        return np.where(rows[:, 1] == 1, 1.0, 0.0)

    classes = simulation.LatentClasses.fit(invented()[0], 1)
    told = simulation._one_cohort(classes, truth, np.random.default_rng(3))
    return SimpleNamespace(told=told, fitted=fitted[0], asked=asked, made=Noted.made)


def test_networks_are_fitted_to_outcomes_that_follow_the_true_risk(cohort):
    x, y, part, network, preprocessor = cohort.fitted
    assert (x.shape, y.dtype) == ((50, 13), np.int64)
    np.testing.assert_array_equal(y, x[:, 1] == 1)
    assert 0 < y.sum() < 50
    assert part.tolist() == [1] * 50
    (trained, how, _), (bare, without, _) = cohort.made
    assert (how, without) == ({}, {"widening": 1.0, "slope": 0.0})
    assert trained is not bare
    assert trained[0] is bare[0] is preprocessor
    assert trained[2:] == bare[2:]
    assert trained[2:] == (
        TRAINING.members,
        describe_training(preprocessor, x, network.in_features),
    )
    parameters = trained[1].parameters
    assert parameters.dtype == torch.float64
    torch.testing.assert_close(parameters, network.parameters.double(), rtol=0, atol=0)


def test_new_patients_are_asked_about_by_what_is_known_of_them(cohort):
    keys = ("all", *simulation.ASKED)
    assert list(cohort.told) == list(keys)
    whole, *others = cohort.asked[1:]
    (_, _, asked), (_, _, bare) = cohort.made
    for key, rows, same, completed in zip(keys, asked, bare, [whole, *others], strict=True):
        known = np.isin(FEATURE_NAMES, FEATURE_NAMES if key == "all" else PATTERNS[key][1])
        np.testing.assert_array_equal(rows, np.where(known, whole, np.nan))
        np.testing.assert_array_equal(rows, same)
        repeats = 1 if key == "all" else 4
        assert len(completed) == 8 * repeats
        np.testing.assert_array_equal(completed[:, known], np.repeat(whole[:, known], repeats, 0))
        assert not np.isnan(completed).any()
        own = np.repeat(whole[:, ~known], repeats, 0)
        assert key == "all" or (completed[:, ~known] != own).mean() > 0.5  # and not the patient's
        true, risk, low, high, holds = cohort.told[key]
        np.testing.assert_array_equal(true, whole[:, 1] == 1)
        assert set(risk) == {0.4}
        assert low == pytest.approx(np.full(8, 0.22), abs=0.01)
        assert high == pytest.approx(np.full(8, 0.58), abs=0.01)
        assert not holds.any()


def test_fields_of_the_card_are_told_with_their_words_where_there_are_any():
    features = [
        {"name": "age", "meaning": "Age", "unit": None, "codes": []},
        {"name": "chol", "meaning": "A fat", "unit": "mg/dl", "codes": []},
        {"name": "cp", "meaning": "Pain", "unit": None,
         "codes": [{"value": 1, "label": "typical"}, {"value": 4, "label": "4"}]},
    ]  # fmt: skip
    columns = [NumericalColumn("age", 5.0, 5.0, 1.0, 2.5, 9.0),
               NumericalColumn("chol", 5.0, 5.0, 1.0, 3.0, 8.0),
               SimpleNamespace(name="cp", codes=(1.0, 2.0, 4.0))]  # fmt: skip
    model: Any = SimpleNamespace(
        artifact=SimpleNamespace(metadata=SimpleNamespace(features=features)),
        preprocessor=SimpleNamespace(columns=columns),
    )
    assert card._predictors(model).splitlines()[2:] == [
        "| feature | meaning | in training |", "| --- | --- | --- |",
        "| `age` | Age | 2.5 to 9 |", "| `chol` | A fat | 3 to 8 mg/dl |",
        "| `cp` | Pain | 1 = typical, 2 = unlisted, 4 |",
    ]  # fmt: skip
