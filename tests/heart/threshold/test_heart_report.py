"""The heart report against scikit-learn; nothing is chosen on the patients it is reported on."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk
from statsmodels.stats.proportion import proportion_confint

from classifiers.artifacts import Artifact
from classifiers.errors import ArtifactError, ConfigError
from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.heart.explorer import cost_table, explorer_table, group_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import (
    LESSON_COSTS,
    PARTS,
    conclude,
    evaluated_parts,
    heart_report,
    own_costs,
)


def predictions(model, part):
    record = model.artifact.metadata.evaluation[part]
    return np.array(record["labels"]), np.atleast_2d(record["probabilities"]).mean(0)


def with_evaluation(model, **changes):
    evaluation = {**model.artifact.metadata.evaluation, **changes}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    return HeartModel(Artifact(model.artifact.network, model.preprocessor, metadata))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.77])
def test_metrics_agree_with_scikit_learn(model, part, threshold):
    report = heart_report(model, threshold, 3, 2)[part]
    y, p = predictions(model, part)
    called = p >= threshold
    (tn, fp), (fn, tp) = sk.confusion_matrix(y, called).tolist()
    assert report["counts"] == {
        "true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn,
    }  # fmt: skip
    assert (report["patients"], report["cases"]) == (len(y), y.sum())
    odds = threshold / (1 - threshold)
    expected = {
        "accuracy": sk.accuracy_score(y, called),
        "sensitivity": sk.recall_score(y, called),
        "specificity": sk.recall_score(y, called, pos_label=0),
        "precision": sk.precision_score(y, called),
        "negative_predictive_value": sk.precision_score(y, called, pos_label=0),
        "balanced_accuracy": sk.balanced_accuracy_score(y, called),
        "f1": sk.f1_score(y, called),
        "net_benefit": (tp - fp * odds) / len(y),
        "cost": (3 * fn + 2 * fp) / len(y),
        "auc": sk.roc_auc_score(y, p),
        "average_precision": sk.average_precision_score(y, p),
        "log_loss": sk.log_loss(y, p),
        "brier": sk.brier_score_loss(y, p),
    }
    metrics = report["metrics"]
    for name, value in expected.items():
        assert metrics[name]["value"] == pytest.approx(value, abs=1e-9)
    assert set(metrics) - set(expected) == {"calibration_intercept", "calibration_slope"}
    for estimate in metrics.values():
        assert estimate["low"] <= estimate["value"] <= estimate["high"]
        assert estimate["low"] < estimate["high"]
    assert metrics["specificity"] == wilson_interval(tn, tn + fp).to_dict()


def test_what_is_left_out_takes_the_models_and_the_lessons_values(model):
    report = heart_report(model)
    assert report["threshold"] == model.threshold
    assert report["costs"] == {"false_negative": 2, "false_positive": 1}
    assert report["best_threshold"]["theoretical"] == pytest.approx(1 / 3)
    assert report == heart_report(model, model.threshold, 2, 1)


@pytest.mark.parametrize("threshold", [0, 1])
def test_the_ends_of_the_scale_are_json_too(model, threshold):
    report = heart_report(model, threshold)
    json.dumps(report, allow_nan=False)
    held_out = report["held_out"]["metrics"]
    assert held_out["precision" if threshold else "negative_predictive_value"]["value"] is None
    assert held_out["sensitivity"]["value"] == 1 - threshold


def test_the_threshold_is_chosen_without_the_held_out_patients(model):
    record = model.artifact.metadata.evaluation
    rows = record["held_out"]["rows"]
    probabilities = np.array(record["out_of_fold"]["probabilities"])
    labels = np.array(record["out_of_fold"]["labels"])
    probabilities[:, rows] = 1 - probabilities[:, rows]
    other = with_evaluation(
        model,
        held_out={**record["held_out"], "labels": [1 - y for y in record["held_out"]["labels"]]},
        out_of_fold={"labels": labels.tolist(), "probabilities": probabilities.tolist()},
    )
    ours, theirs = (heart_report(m)["best_threshold"] for m in (model, other))
    for name in ("value", "low", "high", "patients"):
        assert ours[name] == theirs[name]
    assert ours["savings"]["half"]["fresh"] == theirs["savings"]["half"]["fresh"]
    assert ours["savings"]["half"]["held_out"] != theirs["savings"]["half"]["held_out"]
    assert ours["patients"] == len(labels) - len(rows)
    moved = np.array(record["out_of_fold"]["probabilities"]) ** 3
    third = with_evaluation(
        model, out_of_fold={"labels": labels.tolist(), "probabilities": moved.tolist()}
    )
    assert heart_report(third)["best_threshold"]["value"] < ours["value"]


def test_dearer_misses_lower_the_threshold(model):
    thresholds = [heart_report(model, None, cost, 1)["best_threshold"] for cost in (0.2, 1, 20)]
    for key in ("theoretical", "value"):
        assert thresholds[0][key] > thresholds[1][key] > thresholds[2][key]
    free = heart_report(model, None, 1, 0)["best_threshold"]
    assert free["value"] == free["theoretical"] == 0


def test_the_findings_say_whether_a_saving_is_one(model):
    report = heart_report(model)
    best = report["best_threshold"]
    assert f"{best['value']:.3f}" in report["findings"][0]
    for name, text in zip(("theoretical", "half"), report["findings"][1:], strict=True):
        fresh = best["savings"][name]["fresh"]
        assert best["savings"][name]["distinguishable"] == (fresh["low"] > 0 or fresh["high"] < 0)
        assert ("not distinguishable" in text) != best["savings"][name]["distinguishable"]


def test_a_saving_is_what_the_rule_costs_more_on_the_held_out_patients(model):
    best = heart_report(model, None, 3, 1)["best_threshold"]
    y, p = predictions(model, "held_out")

    def cost(threshold):
        called = p >= threshold
        return (3 * np.sum(~called & (y == 1)) + np.sum(called & (y == 0))) / len(y)

    for name, rule in (("theoretical", 0.25), ("half", 0.5)):
        held = best["savings"][name]["held_out"]
        assert held["value"] == pytest.approx(cost(rule) - cost(best["value"]))
        assert held["low"] <= held["value"] <= held["high"]
    assert best["savings"]["half"]["held_out"]["value"] != 0


def test_the_explorer_agrees_with_the_report(model):
    table, costs = explorer_table(model), cost_table(model, 5, 1)
    json.dumps(table, allow_nan=False)
    assert explorer_table(model) is table
    for i in (0, 67, 100, 160, 200):
        report = heart_report(model, table["thresholds"][i], 5, 1)
        for part in PARTS:
            for name, count in report[part]["counts"].items():
                assert table[part]["counts"][name][i] == count
            metrics = report[part]["metrics"]
            columns = {
                **table[part]["metrics"],
                "net_benefit": table[part]["net_benefit"],
                "cost": costs[part],
            }
            assert set(columns) | set(table[part]["fixed"]) == set(metrics)
            for name, column in columns.items():
                for end in ("value", "low", "high"):
                    assert column[end][i] == pytest.approx(metrics[name][end], abs=1e-6)


def test_the_explorer_draws_what_the_predictions_are(model):
    part = explorer_table(model)["out_of_fold"]
    y, p = predictions(model, "out_of_fold")
    fpr, tpr, _ = sk.roc_curve(y, p, drop_intermediate=False)
    np.testing.assert_allclose(part["roc"]["false_positive_rate"], fpr, atol=1e-6)
    np.testing.assert_allclose(part["roc"]["true_positive_rate"], tpr, atol=1e-6)
    np.testing.assert_allclose(part["probabilities"]["with_disease"], np.sort(p[y == 1]), atol=1e-6)
    groups = part["calibration"]["groups"]
    assert sum(group["patients"] for group in groups) == len(y)
    total = sum(group["patients"] * group["observed"]["value"] for group in groups)
    assert total == pytest.approx(y.sum(), abs=1e-3)
    curve = part["calibration"]["curve"]
    assert len({len(values) for values in curve.values()}) == 1
    assert part["treat_all"][0] == pytest.approx(y.mean(), abs=1e-6)


def test_costs_of_treating_all_and_none_are_the_ends_of_the_curve(model):
    for part in cost_table(model, 4, 3).values():
        assert part["value"][0] == part["treat_all"]
        assert part["value"][-1] == part["treat_none"]


def test_calibration_is_about_all_that_the_resamples_leave_open(model):
    """The number of cases is part of what calibration asks, so it varies; elsewhere it does not."""
    part = evaluated_parts(model)["out_of_fold"]
    assert np.ptp(part.sample.weights @ part.sample.y) == 0
    assert np.ptp(part.plain.weights @ part.plain.y) > 0


BEST = {"theoretical": 0.25, "value": 0.4, "low": 0.125, "high": 0.6, "patients": 242}


def conclusion(costs=(3, 1), distinguishable=False, fresh=0.03, **changes):
    saving = {"fresh": {"value": fresh}, "distinguishable": distinguishable}
    return " ".join(conclude({**BEST, **changes, "savings": {"theoretical": saving}}, costs))


def test_a_conclusion_says_what_cannot_be_told_apart():
    assert conclusion() == (
        "Any threshold from 12.5 to 60 % costs about the same here. One quarter is what theory "
        "asks for, 40 % was cheapest on these patients; 242 patients can't tell them apart."
    )
    assert conclusion(value=0.25).endswith(
        "One quarter is what theory asks for and was cheapest on these patients too."
    )
    outside = conclusion(theoretical=0.101, low=0.2)
    assert "10 % is what theory asks for" in outside
    assert outside.endswith(
        "theory lies outside, but on patients the choice was not made on the two can't be told "
        "apart."
    )
    for fresh, word in ((0.03, "more"), (-0.03, "less")):
        told = conclusion(theoretical=0.1, low=0.2, distinguishable=True, fresh=fresh)
        assert told.endswith(f"not made on it costs 0.030 a patient {word}.")
    assert conclusion(low=0.4, high=0.4).startswith("Only thresholds near 40 % are cheapest here.")
    assert conclusion((1, 0)) == (
        "False alarms cost nothing here: at a threshold of 0 % everybody is called. "
    )
    assert "nobody is called" in conclusion((0, 1))


def test_the_costs_of_the_artifact_are_the_default(model):
    dear = with_evaluation(model, costs={"false_negative": 5, "false_positive": 2})
    assert own_costs(dear) == (5, 2)
    assert heart_report(dear)["costs"] == {"false_negative": 5, "false_positive": 2}
    assert cost_table(dear) == cost_table(dear, 5, 2) != cost_table(dear, *LESSON_COSTS)
    plain = with_evaluation(model)
    plain.artifact.metadata.evaluation.pop("costs", None)
    assert own_costs(plain) == LESSON_COSTS
    for costs in ([1], {"false_negative": -1}, {"false_negative": 0, "false_positive": 0}):
        with pytest.raises(ArtifactError, match=r"^metadata.json: evaluation.costs: "):
            own_costs(with_evaluation(model, costs=costs))


# Groups


def with_slices(model, change):
    experiments = json.loads(json.dumps(model.artifact.metadata.evaluation["experiments"]))
    change(experiments["slices"])
    return with_evaluation(model, experiments=experiments)


def test_groups_are_those_of_the_study_at_every_threshold(model, heart_data):
    """From UCI's own file and the out-of-fold record, with statsmodels' intervals."""
    table = group_table(model)
    rows = np.genfromtxt(
        heart_data / "uci" / "processed.cleveland.data", delimiter=",", missing_values="?"
    )
    age, sex, sick = rows[:, 0], rows[:, 1], rows[:, 13] > 0
    _, p = predictions(model, "out_of_fold")
    members = [age > 0, sex == 0, sex == 1, age < 50, (age >= 50) & (age < 60), age >= 60]
    assert [group["group"] for group in table["groups"]] == [
        "everybody", "female", "male", "under 50", "50 to 59", "60 and over",
    ]  # fmt: skip
    cuts = {t: i for i, t in enumerate(table["thresholds"])}
    assert [step / 100 in cuts for step in range(101)] == [True] * 101
    thirds = [i for t, i in cuts.items() if abs(t - 1 / 3) < 1e-6]
    assert len(thirds) == 1
    for cut, i in [(0.0, cuts[0.0]), (0.2, cuts[0.2]), (1 / 3, thirds[0]), (0.81, cuts[0.81])]:
        for group, rows_of in zip(table["groups"], members, strict=True):
            assert (group["patients"], group["cases"]) == (rows_of.sum(), sick[rows_of].sum())
            assert group["said"] == pytest.approx(p[rows_of].mean(), abs=1e-5)
            assert group["found"]["value"] == pytest.approx(sick[rows_of].mean(), abs=1e-5)
            for kind, label in (("with_disease", True), ("without_disease", False)):
                called = group["called"][kind]
                own = rows_of & (sick == label)
                hits = int((p[own] >= cut).sum())
                assert (called["count"][i], called["of"]) == (hits, own.sum())
                low, high = proportion_confint(hits, own.sum(), method="wilson")
                told = [called[key][i] for key in ("value", "low", "high")]
                assert told == pytest.approx([hits / own.sum(), low, high], abs=1e-6)


def test_groups_are_apart_where_their_intervals_leave_a_gap(model):
    table = group_table(model)
    groups = table["groups"]
    for i in (0, 20, 60, 100):
        expected = set()
        for kind in ("with_disease", "without_disease"):
            for by in ((1, 2), (3, 4, 5)):
                for a in by:
                    for b in by:
                        low = groups[a]["called"][kind]["low"][i]
                        if low > groups[b]["called"][kind]["high"][i]:
                            expected.add((kind, a, b))
        assert {(p["kind"], p["more"], p["less"]) for p in table["apart"][i]} == expected
    assert any(table["apart"])
    assert table["apart"][0] == []  # everybody is called


def test_a_record_without_counts_of_groups_has_none(model):
    assert group_table(with_evaluation(model, experiments={})) is None
    assert group_table(with_slices(model, lambda s: s[2].pop("called"))) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[1]["called"]["with_disease"].reverse(),
        lambda s: s[1]["called"]["with_disease"].pop(),
        lambda s: s[1]["called"]["without_disease"].__setitem__(0, 10_000),
        lambda s: s[-1]["called"]["without_disease"].__setitem__(-1, -1),
        lambda s: s[1]["called"]["thresholds"].__setitem__(3, 0.5),
    ],
)
def test_counts_that_contradict_each_other_are_the_artifacts_fault(model, change):
    with pytest.raises(ArtifactError, match="must fall with the thresholds; run scripts/train.py"):
        group_table(with_slices(model, change))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.2,), "^threshold: must be a number from 0 to 1 or null, got 1.2"),
        ((float("nan"),), "^threshold: must be"),
        ((None, -1), "^cost_false_negative: must be a number from 0 to 1,000,000 or null, got -1"),
        ((None, 1, float("nan")), "^cost_false_positive: must be a number"),
        ((None, 1, float("inf")), "^cost_false_positive: must be a number"),
        ((None, "2"), "^cost_false_negative: must be a number"),
        ((None, True), "^cost_false_negative: must be a number"),
        ((None, 0, 0), "^cost_false_negative: must be above 0 where cost_false_positive is 0"),
    ],
)
def test_arguments_out_of_range_are_named(model, arguments, message):
    with pytest.raises(ConfigError, match=message):
        heart_report(model, *arguments)


@pytest.mark.parametrize(
    "record", [{}, {"labels": [0, 1]}, {"labels": [0, 1], "probabilities": [[0.5, 7.0]]}]
)
def test_a_record_that_cannot_be_used_is_the_artifacts_fault(model, record):
    with pytest.raises(ArtifactError, match=r"^metadata.json: evaluation must hold out_of_fold"):
        heart_report(with_evaluation(model, out_of_fold=record))
