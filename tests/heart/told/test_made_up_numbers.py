"""What is computed and said of made-up numbers: ties, ends, and values that all differ."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError, DataError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart import exercises, training, validation
from classifiers.recipes.heart.direction import check_direction
from classifiers.recipes.heart.experiments import defects, group_rows, groups, rows, simulation
from classifiers.recipes.heart.record import luck, page
from classifiers.recipes.heart.record.sample_size import (
    describe_sample_size,
    heart_sample_size,
    highest_r2,
    minimum_sample_size,
)
from classifiers.recipes.heart.report import PARTS, conclude
from classifiers.recipes.heart.serving.ensemble import expit, logit
from classifiers.recipes.heart.serving.operating import OperatingRecord
from tests.answers.thinned import hold
from tests.heart.told.records import ENDS, with_evaluation
from tests.recipes.guide.heart.by_hand import BY_KEY


def test_risks_at_the_threshold_are_called_in_groups_and_in_copies():
    y, p = np.array([1, 1, 0, 0, 0]), np.array([0.4, 0.3, 0.4, 0.2, 0.1])
    told = groups.measure_patients(y, p, 0.4)
    values = [told[name]["value"] for name in ("accuracy", "sensitivity", "specificity")]
    assert values == pytest.approx([3 / 5, 1 / 2, 2 / 3])
    splits = [(np.arange(5), np.arange(5))]
    num, half = np.array([2, 1, 0, 3, 0]), np.array([[0.5, 0.5, 0.5, 0.4, 0.4]])
    mild = defects._mislabelled(half, num, splits)
    assert (mild["accuracy_on_own_labels"], mild["accuracy_on_disease"]) == (2 / 5, 3 / 5)
    assert (mild["sensitivity_on_own_labels"], mild["mild_disease_called_healthy"]) == (1 / 2, 0)
    turned = defects._inverted(half, y, splits)
    assert (turned["accuracy_on_own_labels"], turned["accuracy_on_disease"]) == (1 / 5, 4 / 5)


def test_groups_are_counted_at_a_threshold_of_the_models_own():
    whole, own = groups._counted_thresholds(0.5), groups._counted_thresholds(0.4137)
    assert sorted(set(own) - set(whole)) == [0.4137]
    assert (np.diff(own) > 0).all()
    assert {1 / 11, 2 / 3, 10 / 11, 0.0, 1.0} <= set(whole)


def test_groups_of_other_fields_are_named_by_them():
    names = [group_rows._group_name({"by": by, "group": group}) for by, group in
             (("sex", "female"), ("age", "under 50"), ("cp", "asymptomatic"))]  # fmt: skip
    assert names == ["Women", "Under 50", "Chest pain asymptomatic"]


def test_splits_lie_around_their_mean_to_six_digits():
    network = {"mean": 0.8, "accuracies": [0.9, 0.7000004, 0.9, 0.70000049, 0.7123456]}
    assert rows._spread(network) == [(-0.1, 2), (-0.087654, 1), (0.1, 2)]


def gap(name: str) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), ENDS[name], strict=True))


def test_what_scores_say_together_and_alone(snapshots):
    told = {
        "one": [rows._says({"accuracy": gap(name)}) for name in ENDS],
        "two": [rows._says({"accuracy": gap(name), "log_loss": gap(other)}) for name, other in
                (("all above", "all above"), ("all above", "all below"), ("all below", "wide"),
                 ("tiny", "to a point"), ("tiny", "wide"))],
        "three": rows._says({"auc": gap("all below"), "brier": gap("all below"),
                             "accuracy": gap("open above")}),
    }  # fmt: skip
    hold(snapshots, "says", told, 20)


def test_a_second_layer_is_told_by_every_verdict(model, snapshots):
    for name in ENDS:

        def change(evaluation: dict[str, Any], name: str = name) -> None:
            two = evaluation["experiments"]["methods"]["two_hidden_layers"]["difference"]
            for measure in ("accuracy", "auc", "log_loss"):
                two[f"test_{measure}"].update(gap(name))
            if name == "all below":
                two["test_log_loss"].update(gap("wide"))

        found = exercise("11").run(with_evaluation(model, change))["findings"]  # type: ignore[call-arg]
        hold(snapshots, name, found[0])


def test_which_threshold_is_picked(snapshots):
    costs = {"false_negative": 3.0, "false_positive": 2.0}
    for sure, value in ((True, 0.031), (True, 0.0), (True, -0.031), (False, 0.031)):
        saving = {"distinguishable": sure, "fresh": {"value": value}}
        for low, high in ((0.21, 0.21), (0.21, 0.34), (0.12, 0.21)):
            best = {"theoretical": 0.4, "value": 0.21, "low": low, "high": high, "patients": 77,
                    "savings": {"theoretical": saving}}  # fmt: skip
            told = exercises._advice({"best_threshold": best, "costs": costs})
            hold(snapshots, f"{sure} {value} {low} {high}", told)


def test_one_error_and_several_are_counted_in_good_english(monkeypatch):
    def part(alarms: int, missed: int) -> dict[str, Any]:
        return {"patients": 50, "cases": 20, "counts": {"false_positive": alarms,
                                                        "false_negative": missed}}  # fmt: skip

    report = {"threshold": 0.4, "held_out": part(1, 2), "out_of_fold": part(3, 1)}
    monkeypatch.setattr(exercises, "heart_report", lambda *_: report)
    findings, results = exercises._confusion(None)  # type: ignore[arg-type]
    assert "1 false alarm (3.3 % of those without disease" in findings[0]
    assert "2 misses (10.0 % of those with it" in findings[0]
    assert "3 false alarms (10.0 % of those without disease" in findings[1]
    assert "1 miss (5.0 % of those with it" in findings[1]
    assert results == report
    chances = {name: {**report[name], "missed": 2, "alarms": count, "chance": 0.5,
                      "found": gap("tiny")} for name, count in zip(PARTS, (1, 3), strict=True)}  # type: ignore[dict-item]  # fmt: skip
    told = list(BY_KEY["h8"].tell({"threshold": 0.4, **chances}))
    assert "2 missed and 1 false alarm; an even coin" in told[0]
    assert "2 missed and 3 false alarms; an even coin" in told[1]


def test_theory_is_named_as_a_fraction_and_is_the_cheapest_within_half_a_per_cent(snapshots):
    saving = {"theoretical": {"distinguishable": False, "fresh": {"value": 0.0}}}
    best = {"low": 0.1, "high": 0.9, "patients": 77, "savings": saving}
    for miss, alarm in ((1, 1), (2, 1), (3, 1), (1, 2), (1, 3), (3, 2)):
        theory = alarm / (miss + alarm)
        told = [conclude({**best, "theoretical": theory, "value": theory + off}, (miss, alarm))[1]
                for off in (0.0, 0.0049, -0.0049, 0.0051, -0.0051)]  # fmt: skip
        hold(snapshots, f"{miss} to {alarm}", told)


def test_log_odds_are_finite_for_any_risk():
    risks = np.array([0.0, 1e-300, 0.2, 0.5, 1 - 1e-16, 1.0])
    assert np.isfinite(logit(risks)).all()
    assert (np.diff(logit(risks)) >= 0).all()
    np.testing.assert_allclose(expit(logit(risks)), risks, atol=2e-15)
    assert expit(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]


def test_without_sets_of_fields_the_whole_record_stands_for_all():
    record = OperatingRecord(
        {"out_of_fold": {"labels": [0, 1], "probabilities": [[0.2, 0.7], [0.4, 0.9]]}}
    )
    for known in (np.zeros(13, bool), np.arange(13) == 2, np.ones(13, bool)):
        assert record.nearest(known).fields == FEATURE_NAMES
    points = record.points(record.nearest(np.zeros(13, bool)))
    assert points.probabilities.tolist() == pytest.approx([0.3, 0.8])
    assert [points.rows[at].found.value for at in (0, 79, 81)] == [1, 1, 0]
    assert [points.rows[at].alarms.value for at in (0, 29, 31)] == [1, 1, 0]


def test_risks_of_patients_of_whom_each_is_known_by_other_fields(monkeypatch):
    asked: list[Any] = []

    def regression(x: Any, y: Any, trained_on: Any, fields: Any) -> Any:
        asked.append((tuple(np.flatnonzero(fields)), trained_on.tolist()))
        return np.arange(6) + 10 * fields @ np.arange(13)

    monkeypatch.setattr(validation, "fit_logistic_regression", regression)
    monkeypatch.setattr(validation, "FOLDS", 2)
    known = np.zeros((6, 13), bool)
    known[:, 0], known[:3, 1], known[4, 2], known[5, :3] = True, True, True, True
    seen: Any = SimpleNamespace(risk=lambda x: np.isnan(x).sum(1) + x[:, 0])
    x = np.tile(np.arange(6.0)[:, None], (1, 13))
    folds = validation.CrossValidation(x, np.arange(6), np.array([[0, 1] * 3, [0, 0, 0, 1, 1, 1]]),
                                       [seen] * 4)  # fmt: skip
    told = folds.logistic_risks(known)
    assert told.tolist() == [[10, 11, 12, 3, 24, 35]] * 2
    assert len(asked) == 2 + 3 + 1 + 3
    for fields, trained_on in asked:
        assert sum(trained_on) == 3
        assert fields in ((0,), (0, 1), (0, 2), (0, 1, 2))
    assert folds.risks(known).tolist() == [[11, 12, 13, 15, 15, 15]] * 2
    assert folds.risks().tolist() == [[0, 1, 2, 3, 4, 5]] * 2
    assert folds.logistic_risks().tolist() == [(np.arange(6) + 780).tolist()] * 2


def test_groups_are_trained_by_as_many_threads_as_there_are_cores(monkeypatch):
    asked: list[Any] = []

    class Pool:
        def __init__(self, *given: Any) -> None:
            asked.append(given)

        def __enter__(self) -> "Pool":
            return self

        def __exit__(self, *_: object) -> None:
            asked.append("closed")

        map = staticmethod(map)

    monkeypatch.setattr(training, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(training, "train", lambda *_, **__: ())
    x, part = np.ones((6, 13)), np.ones((1, 6), np.float32)
    x[::2] = 2
    for cores in (3, None):
        monkeypatch.setattr(training.os, "cpu_count", lambda cores=cores: cores)
        training.fit_ensembles(x, np.arange(6) % 2, part)
    assert asked == [(3,), "closed", (None,), "closed"]


def test_what_is_counted_of_simulated_cohorts():
    true = np.array([0.2, 0.8, 0.1999, 0.8001, 0.5])
    first = np.stack([true, true + 0.1, true, true + 0.3, [1, 1, 0, 0, 1]])
    second = np.stack([true, true - 0.2, true - 0.4, true, [0, 0, 0, 1, 0]])
    third = np.stack([true, true, true + 0.01, true + 0.02, [0] * 5])
    told = simulation._summarize("basics", [first, second, third])
    assert (told["known"], told["cohorts"], told["patients"]) == ("basics", 3, 5)
    for name in ("coverage", "middle_coverage"):
        assert told[name] == {"value": pytest.approx(2 / 3), "standard_error":
                              pytest.approx(np.std([1, 1, 0], ddof=1) / 3**0.5)}  # fmt: skip
    assert told["unwidened_coverage"] == pytest.approx(4 / 15)
    assert told["width"] == pytest.approx((0.3 + 0.4 + 0.01) / 3)
    assert told["bias"] == pytest.approx((0.1 - 0.2) / 3)
    first[2:4, 1], second[1:4, 0] = 0.95, 0.9  # of those in the middle, its ends are missed once
    told = simulation._summarize("all", [first, second])
    values = [told[name]["value"] for name in ("coverage", "middle_coverage")]
    assert values == pytest.approx([8 / 10, 4 / 6])


def test_as_many_cohorts_are_drawn_as_are_said(monkeypatch):
    drawn: list[Any] = []

    def one(classes: Any, truth: Any, random: np.random.Generator) -> Any:
        drawn.append((truth, random.random()))
        return {key: np.full((5, 2), len(drawn) / 100) for key in ("all", *simulation.ASKED)}

    monkeypatch.setattr(simulation, "_one_cohort", one)
    monkeypatch.setattr(simulation.LatentClasses, "fit", lambda x, seed: [x, seed])
    told: list[str] = []
    found = simulation.simulate(np.zeros((1, 13)), {"a": abs, "b": max}, told.append)  # type: ignore[dict-item]
    assert told[::23] == ["a: cohort 1 of 24", "a: cohort 24 of 24", "b: cohort 23 of 24"]
    assert [truth for truth, _ in drawn] == [abs] * 24 + [max] * 24
    assert len({number for _, number in drawn}) == 24  # both truths are of the same patients
    seeds = (training.TRAINING.seed, 1, 7)
    assert drawn[7][1] == drawn[31][1] == np.random.default_rng(seeds).random()
    assert [one["truth"] for one in found] == ["a"] * 5 + ["b"] * 5
    assert [one["unwidened_coverage"] for one in found[::5]] == pytest.approx([0.125, 0.365])


def test_a_draw_beyond_all_shares_is_of_the_last_class_and_code():
    codes = np.array([1.0, 2.0, 4.0])
    shares = np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    tables = dict.fromkeys(np.flatnonzero(simulation._IS_CATEGORY).tolist(), (codes, shares))
    mean = np.stack([np.arange(13.0), np.arange(13.0) + 100])
    classes = simulation.LatentClasses(np.array([0.5, 0.5]), mean, np.ones((2, 13)), tables)
    random: Any = SimpleNamespace(random=lambda n: np.full(n, 1.5),
                                  standard_normal=lambda shape: np.full(shape, 0.25))  # fmt: skip
    drawn = classes.draw(2, random)
    wanted = np.where(simulation._IS_CATEGORY, 4.0, mean[1] + 0.25)
    np.testing.assert_array_equal(drawn, [wanted, wanted])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0.3, 20, 0.0), "prevalence: must lie between 0 and 1, got 0"),
     ((0.3, 20, 1.0), "prevalence: must lie between 0 and 1, got 1"),
     ((highest_r2(0.4), 20, 0.4), r"r2: must lie between 0 and 0\.740 at this share, got 0\.7397"),
     ((0.0, 20, 0.4), "r2: must lie between 0 and"),
     ((0.3, 0, 0.4), "parameters: must be at least 1, got 0")],
)  # fmt: skip
def test_the_criteria_end_where_they_say(arguments, message):
    with pytest.raises(DataError, match=f"^{message}"):
        minimum_sample_size(*arguments)
    assert minimum_sample_size(highest_r2(0.4) - 1e-9, 1, 0.4).needed == 369


def test_an_interval_that_reaches_down_to_no_use_asks_for_nothing_there(model):
    def vague(evaluation: dict[str, Any]) -> None:
        evaluation["out_of_fold"]["metrics"]["log_loss"].update(high=0.9)

    other = with_evaluation(model, vague)
    told = heart_sample_size(other)
    assert (told["needed"], told["needed_at_low"]) == (382, None)
    assert "ask for 382 to fit a logistic regression" in describe_sample_size(other)[0]


def test_groups_are_counted_in_words_up_to_ten():
    group = {"patients": 30, "predicted": 0.3, "observed": {"low": 0.2, "high": 0.4}}
    starts = [page._calibration([group] * count).split()[0] for count in (1, 9, 10, 11)]
    assert starts == ["One", "Nine", "Ten", "11"]
    assert [page._count(count) for count in (0, 1, 10, 11)] == ["none", "one", "ten", "11"]


def test_other_hospitals_are_told_of_in_good_english():
    def told(*sites: tuple[bool, bool]) -> str:
        here = {"elsewhere": False, "ranks_worse": True, "says_wrong": True}
        asked = [{"elsewhere": True, "ranks_worse": worse, "says_wrong": wrong}
                 for worse, wrong in sites]  # fmt: skip
        said = page._purpose([here, *asked])["not_for"][1]
        start, _, more = said.partition("today's patients.")
        assert start == "People not already suspected of disease, other hospitals, "
        return more

    assert told() == ""
    one = " At the one other hospital that was asked it ranked {}clearly worse, and its mean risk "
    assert told((True, False)) == one.format("") + "was not clearly wrong."
    assert told((False, True)) == one.format("not ") + "was wrong."
    several = told((False, False), (False, True), (False, True))
    assert several == (" Of three other hospitals it ranked clearly worse in none, and its mean "
                       "risk was wrong in two.")  # fmt: skip


@pytest.mark.parametrize("broken", [None, {"value": None, "low": 0, "high": 1}, {"value": "x"}])
def test_a_record_of_another_kind_is_refused(model, broken):
    def torn(evaluation: dict[str, Any]) -> None:
        evaluation["held_out"]["metrics"]["auc"] = broken

    with pytest.raises(ArtifactError, match=r"evaluation cannot be read .*; train it again"):
        check_direction(with_evaluation(model, torn))


def test_a_set_that_looks_as_good_is_as_good_however_its_sum_was_rounded():
    told = luck._place(np.array([0.3, 0.29, 0.31]), 0.1 + 0.2, 0.01)
    assert told["share"] == pytest.approx(2 / 3)
    assert [count for *_, count in told["bars"]] == [1, 1, 1]
    assert told["bars"][1][0] == told["held_out"] == 0.1 + 0.2
