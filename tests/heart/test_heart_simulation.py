"""Simulated cohorts: the latent classes they are drawn from, and what is counted of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from classifiers.artifacts import resave_artifact
from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.recipes.heart.experiments import run, simulation
from classifiers.recipes.heart.experiments.simulation import LatentClasses, simulate
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.ensemble import Risks
from classifiers.recipes.heart.training import fit_logistic_regression
from tests.conftest import ROOT
from tests.tools.heart_files import invent_patients


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
    holds, counted = np.array([[1, 0], [1, 1], [0, 0]]) > 0, np.array([[1, 1], [1, 0], [0, 0]]) > 0
    found = simulation._mean_over_cohorts(holds, counted)
    assert found == {"value": pytest.approx(2 / 3), "standard_error": pytest.approx(0.25)}
    alone = simulation._mean_over_cohorts(holds[:1], counted[:1])
    assert alone == {"value": 0.5, "standard_error": 0.0}


def test_the_truths_are_the_served_risk_and_a_regression_on_all_patients(model, monkeypatch):
    rows = np.array(invent_patients(60, seed=9), dtype=float)
    x, y = rows[:, :13], (rows[:, 13] > 0).astype(int)
    asked = []
    monkeypatch.setattr(simulation, "simulate", lambda *given: asked.append(given) or ["told"])
    assert simulation.measure_coverage(model, x, y, print) == ["told"]
    ((patients, truths, report),) = asked
    assert patients is x
    assert report is print
    assert list(truths) == ["network", "logistic_regression"]
    np.testing.assert_array_equal(truths["network"](x[:4]), model.probabilities(x[:4]))
    np.testing.assert_allclose(
        truths["logistic_regression"](x), fit_logistic_regression(x, y, np.ones(60, bool))
    )


@pytest.mark.parametrize("labelled", [True, False])
def test_what_cohorts_show_stands_beside_the_interval(model, tmp_path, monkeypatch, labelled):
    evaluation = model.artifact.metadata.evaluation
    usual = {key: evaluation["interval"][key] for key in ("level", "factor", "slope")}
    resave_artifact(model.artifact, tmp_path, evaluation={**evaluation, "interval": usual})
    asked = []
    monkeypatch.setattr(
        run,
        "run_experiments",
        lambda *given, splits, **_: asked.append(given) or {"splits": splits},
    )
    monkeypatch.setattr(run, "measure_coverage", lambda *_: [{"coverage": {"value": 2 / 3}}])
    table = SimpleNamespace(x=None, y=[0] if labelled else None)
    for wanted in (False, True):
        artifact = run.add_experiments(tmp_path, table, {"a": "site"}, splits=7, coverage=wanted)
        assert asked[-1][::2] == (table, {"a": "site"})
        told = artifact.metadata.evaluation
        assert told["experiments"] == {"splits": 7}
        simulated = {"simulation": [{"coverage": {"value": 0.666667}}]}
        assert told["interval"] == (usual | simulated if labelled and wanted else usual)


@pytest.mark.parametrize("sites", [None, {}, {"here": "one", "there": "two"}])
def test_experiments_are_of_every_site_and_each_part_is_told(model, monkeypatch, sites):
    parts = ("methods", "defects", "split_luck", "baselines", "slices", "site")
    for name in parts:
        monkeypatch.setattr(run, f"measure_{name}", lambda *given, name=name: [name, given[-1]])
    monkeypatch.setattr(run, "random_splits", lambda rows, splits: (rows, splits))
    source = model.artifact.metadata.source.sha256
    table = SimpleNamespace(sha256=source, source_name="a", x="rows", y=[0, 1, 1], num="num")
    told: list[str] = []
    found = run.run_experiments(table, model, sites, splits=2, report=told.append)
    assert found["sites"] == {name: ["site", site] for name, site in (sites or {}).items()}
    assert found["defects"] == ["defects", [3, 2]]
    assert found["split_luck"] == ["split_luck", [3, 2]]
    assert (found["baselines"], found["slices"]) == (["baselines", model], ["slices", "rows"])
    assert told == ["copies in circulation", "luck of the split, baselines, slices, sites"]


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
