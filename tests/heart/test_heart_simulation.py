"""Simulated cohorts: the latent classes they are drawn from, and what is counted of them."""

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.recipes.heart.experiments import simulation
from classifiers.recipes.heart.experiments.simulation import LatentClasses, simulate
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.ensemble import Risks
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def study(heart_data):
    return read_heart(heart_data / "uci" / "processed.cleveland.data")


def test_new_patients_are_like_the_studys(study):
    classes = LatentClasses.fit(study.x, 0)
    drawn = classes.draw(20_000, np.random.default_rng(0))
    real = study.x[~np.isnan(study.x).any(1)]
    assert set(np.unique(drawn[:, 2])) == {1, 2, 3, 4}
    error = real.std(0) / np.sqrt(len(real))
    assert (np.abs(drawn.mean(0) - real.mean(0)) < 2 * error).all()
    # What goes together in the study goes together here, if less.
    for a, b in (("ca", "age"), ("exang", "oldpeak"), ("thalach", "age"), ("cp", "exang")):
        i, j = FEATURE_NAMES.index(a), FEATURE_NAMES.index(b)
        own, other = (np.corrcoef(x[:, i], x[:, j])[0, 1] for x in (real, drawn))
        assert own * other > 0.3 * own**2


def test_what_is_hidden_is_drawn_given_what_is_known():
    """Two classes that never mix: knowing one field tells the other."""
    x = np.random.default_rng(3).normal(size=(400, 13)).round()
    x[:, 0] = np.repeat([40, 70], 200) + np.random.default_rng(0).normal(size=400)
    x[:, 3] = np.repeat([100, 180], 200) + np.random.default_rng(1).normal(size=400)
    classes = LatentClasses.fit(x, 1)
    asked = np.full((300, 13), np.nan)
    asked[:, 0] = 70
    drawn = classes.complete(asked, np.random.default_rng(2))
    assert (drawn[:, 0] == 70).all()
    assert abs(drawn[:, 3].mean() - 180) < 4


def test_a_risk_that_is_told_exactly_is_held_and_a_wrong_one_is_not(study, monkeypatch):
    """The ensemble's place is taken by one whose risks and intervals are known."""
    monkeypatch.setattr(simulation, "PATIENTS", 60)

    def truth(x):
        return np.where(x[:, 1] == 1, 0.6, 0.3)

    class Told:
        off = 0.0

        def __init__(self, *_, **__):
            pass

        def risks(self, x):
            risk = np.where(np.isnan(x[:, 1]), 0.5, np.where(x[:, 1] == 1, 0.6, 0.3)) + self.off
            refits = risk + np.linspace(-0.05, 0.05, 21)[:, None]
            return Risks(risk, refits, np.ones(len(x)))

    monkeypatch.setattr(simulation, "Ensemble", Told)
    (right, *_) = simulate(study.x, {"sex": truth}, lambda _: None, cohorts=2)
    assert right["coverage"]["value"] == right["middle_coverage"]["value"] == 1
    assert right["bias"] == pytest.approx(0)
    assert right["unwidened_coverage"] == 1
    monkeypatch.setattr(Told, "off", 0.1)
    (wrong, *_) = simulate(study.x, {"sex": truth}, lambda _: None, cohorts=2)
    assert wrong["coverage"]["value"] == 0
    assert wrong["bias"] == pytest.approx(0.1)


def test_the_error_of_a_share_is_over_the_patients_that_are_counted():
    holds, counted = np.array([[True, False], [True, True]]), np.array([[True, False]] * 2)
    found = simulation._mean_over_cohorts(holds, counted)
    assert found == {"value": 1.0, "standard_error": 0.0}


def test_the_shipped_interval_holds_in_the_stored_simulation():
    """Also where the truth is steeper than the model, and near 0 and 1."""
    interval = HeartModel.load(ROOT / "weights" / "heart").artifact.metadata.evaluation["interval"]
    assert interval["level"] == pytest.approx(0.9)
    told = interval["simulation"]
    assert {each["truth"] for each in told} == {"network", "logistic_regression"}
    for each in told:
        where = (each["truth"], each["known"])
        assert 0.86 <= each["middle_coverage"]["value"] <= 0.96, where
        assert each["unwidened_coverage"] < each["coverage"]["value"] - 0.1, where
        assert 0.86 <= each["coverage"]["value"] <= 0.96, where
