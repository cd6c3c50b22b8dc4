"""By which names, folders and parts a heart model is asked for, and what of it is written."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.errors import ArtifactError, ConfigError, DataError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide import Sources
from classifiers.recipes.guide.heart import decision
from classifiers.recipes.heart import artifact, exercises, report
from classifiers.recipes.heart import model as heart
from classifiers.recipes.heart.experiments.importance import measure_importance
from classifiers.recipes.heart.model import HeartModel, parse_threshold
from classifiers.recipes.heart.record import luck, page
from classifiers.recipes.heart.report import parse_costs
from classifiers.recipes.heart.tables.rows import predict_patients
from tests.conftest import ROOT
from tests.heart.told.records import with_evaluation
from tests.recipes.guide.heart.by_hand import BY_KEY

OWN = {"threshold": 0.4137, "costs": {"false_negative": 5.0, "false_positive": 3.0}}


def test_a_folder_that_is_here_is_none_of_the_hubs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user" / "heart-2.1").mkdir(parents=True)
    with pytest.raises(ArtifactError) as caught:
        HeartModel.load("user/heart-2.1")
    assert "Hub" not in str(caught.value)
    for name, told in {"my-org/heart.v2": '"my-org/heart.v2")', "a/b@": '"a/b")',
                       "a_b/c-d@v1": '"a_b/c-d", revision="v1")'}.items():  # fmt: skip
        with pytest.raises(ArtifactError) as caught:
            HeartModel.load(name)
        assert str(caught.value).endswith(f"HeartModel.from_pretrained({told}")
    for name in ("a/b/c", "user", "./user/none"):
        with pytest.raises(ArtifactError) as caught:
            HeartModel.load(name)
        assert "from_pretrained" not in str(caught.value)


def test_many_patients_are_asked_about_in_parts(model, monkeypatch):
    rows = np.full((5, 13), np.nan)
    rows[:, 0] = [35, 45, 55, 65, 75]
    whole = model.predict_proba(rows)
    sizes: list[int] = []
    monkeypatch.setattr(heart, "_AT_ONCE", 2)
    monkeypatch.setattr(
        HeartModel, "probabilities", lambda _, x: sizes.append(len(x)) or x[:, 0] / 100
    )
    told = model.predict_proba(rows)
    assert sizes == [2, 2, 1]
    np.testing.assert_allclose(told, np.stack([1 - rows[:, 0] / 100, rows[:, 0] / 100], 1))
    assert whole.shape == told.shape == (5, 2)


def test_a_model_that_says_no_threshold_has_one_half(model):
    other = with_evaluation(model, lambda evaluation: evaluation.pop("threshold"))
    assert other.threshold == 0.5
    assert other.predict({"age": 61, "sex": 1, "cp": 4}).threshold == 0.5


def test_shipped_weights_that_are_gone_are_named_from_their_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(exercises, "SHIPPED", tmp_path / "weights" / "heart")
    with pytest.raises(ArtifactError) as caught:
        exercise("11").run()
    assert str(tmp_path) not in str(caught.value)
    assert caught.value.field.startswith("heart")


def test_what_is_no_threshold_or_cost_is_told_in_part():
    with pytest.raises(ConfigError) as caught:
        parse_threshold("x" * 90, 0.5)
    assert caught.value.message.endswith(f" null, got {'x' * 60}")
    with pytest.raises(ConfigError) as caught:
        parse_costs("y" * 90, 1, (2.0, 1.0))
    assert caught.value.message.endswith(f" null, got {'y' * 60}")


def test_the_lessons_costs_and_threshold_are_the_steps_whatever_the_models_are(model, monkeypatch):
    parts = report.evaluated_parts(model)
    for place in (report, decision):
        monkeypatch.setattr(place, "evaluated_parts", lambda _: parts)
    other = with_evaluation(model, lambda evaluation: evaluation.update(OWN))
    for key in ("h8", "h9"):
        usual, told = (
            [*BY_KEY[key].measure(Sources(lambda one=one: one, lambda: ROOT))][-1]
            for one in (model, other)
        )
        assert told.keys() == usual.keys()
        for name in told:
            np.testing.assert_equal(told[name], usual[name])


def test_a_risk_of_one_half_is_called_in_random_test_sets(model, monkeypatch):
    monkeypatch.setattr(luck, "SETS", 20)

    def level(evaluation: dict[str, Any]) -> None:
        folded = evaluation["out_of_fold"]
        folded["labels"][:] = [int(i % 10 > 0) for i in range(len(folded["labels"]))]
        folded["probabilities"] = [[0.5] * len(folded["labels"])]

    told = luck.random_test_sets(with_evaluation(model, level))
    assert told["accuracy"]["low"] > 0.7
    assert (told["auc"]["low"], told["auc"]["high"]) == (0.5, 0.5)


def test_no_better_than_a_rival_is_not_better():
    treat_all = [0.2, 0.1, 0.0, -0.1, -0.2, -0.3]
    rivals = np.maximum(treat_all, 0)
    table = {"thresholds": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]}
    for ahead, said in (([0] * 6, "At no threshold"), ([0, 1, 1, 0, 0, 0], "from 10 % to 20 %"),
                        ([0, 0, 0, 1, 1, 1], "from 30 % to 50 %")):  # fmt: skip
        low = rivals + 0.01 * np.array(ahead)
        folded = {"treat_all": treat_all, "net_benefit": {"low": low.tolist()}}
        assert said in page._benefit({**table, "out_of_fold": folded})


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.0, 0.02, "Can't be told from"), (-0.02, 0.0, "Can't be told from"),
     (-0.02, -0.001, "Better than"), (0.001, 0.02, "Worse than")],
)  # fmt: skip
def test_a_brier_score_is_told_from_a_regressions_where_its_interval_leaves_out_zero(
    model, low, high, verdict
):
    def change(evaluation: dict[str, Any]) -> None:
        linear = evaluation["out_of_fold"]["logistic_regression"]
        linear["difference"]["brier"].update(low=low, high=high)

    told = page._brier(with_evaluation(model, change))["below"]
    assert told.startswith(f"{verdict} a logistic regression: difference ")


def test_importance_is_resampled_over_the_patients(monkeypatch):
    place = "classifiers.recipes.heart.experiments.importance"
    steps = np.random.default_rng(5).normal(size=(30, 13))
    told = [SimpleNamespace(contributions=row, interactions=np.outer(row, row)) for row in steps]
    game = SimpleNamespace(explain=lambda row, known: told[row])
    monkeypatch.setattr(f"{place}.ConditionalGame", lambda *_: game)
    hidden: dict[str, Any] = {name: {} for name in heart.FEATURE_NAMES}
    monkeypatch.setattr(f"{place}.measure_hiding", lambda _: hidden)
    served: Any = SimpleNamespace(
        point=None, owner=None, inputs=list, known_fields=lambda x: [None] * len(x)
    )
    found = measure_importance(SimpleNamespace(x=range(30)), served)  # type: ignore[arg-type]
    again = measure_importance(SimpleNamespace(x=range(30)), served)  # type: ignore[arg-type]
    assert again == found
    drawn = np.random.default_rng(9).integers(0, 30, (20_000, 30))
    for one in found["fields"]:
        sizes = np.abs(steps[:, heart.FEATURE_NAMES.index(one["field"])])
        means = sizes[drawn].mean(1)
        low, high = np.quantile(means, (0.025, 0.975))
        assert one["shapley"]["value"] == pytest.approx(sizes.mean())
        assert (one["shapley"]["low"], one["shapley"]["high"]) == pytest.approx(
            (low, high), abs=0.25 * means.std()
        )


@pytest.mark.parametrize(("rows", "got"), [(None, "a NoneType"), ({}, "a dict"),
                                           ([], "0 of them"), ("x", "a str")])  # fmt: skip
def test_what_is_no_list_of_patients_is_named(model, rows, got):
    with pytest.raises(DataError) as caught:
        predict_patients(model, rows)
    assert str(caught.value) == (
        f"rows: must be a list of 1 to 20,000 patients as JSON objects, got {got}"
    )


def test_a_table_without_labels_trains_nothing(tmp_path):
    table: Any = SimpleNamespace(x=np.zeros((3, 13)), y=None, source_name="some.csv")
    with pytest.raises(DataError) as caught:
        artifact.train_heart(table, tmp_path, print)
    assert str(caught.value) == "some.csv: has no labels that say disease; train on another file"
    assert not list(tmp_path.iterdir())
