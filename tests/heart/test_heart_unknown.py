"""Patients of whom some fields are unknown: by draws, by every door, and what was recorded."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.evaluation.metrics import Estimate, log_loss
from classifiers.recipes.heart.experiments import importance, patterns
from classifiers.recipes.heart.experiments.patterns import (
    PATTERNS,
    check_least_known,
    measure_hiding,
)
from classifiers.recipes.heart.explain import conditional_game
from classifiers.recipes.heart.model import (
    SAMPLE_PATIENTS,
    operating_points,
    parse_patient,
)
from classifiers.recipes.heart.serving.decision import LEAST_KNOWN
from classifiers.recipes.heart.serving.ensemble import Ensemble, normal_scores
from classifiers.recipes.heart.serving.outlook import Outlook
from classifiers.shapley import Explanation

BASICS = SAMPLE_PATIENTS["Only the basics are known"]


@pytest.fixture(scope="module")
def evaluation(model):
    return model.artifact.metadata.evaluation


def draw_unknown(model, row, draws, seed):
    """What the unknown inputs may be, by NumPy's sampler and a textbook conditional."""
    reference = model.artifact.metadata.evaluation["reference"]
    mean, covariance = np.array(reference["inputs"]), np.array(reference["covariance"])
    names = model.preprocessor.input_names
    inputs = model.preprocessor.transform(row[None])[0]
    lacks = {n for n, v in zip(FEATURE_NAMES, row, strict=True) if np.isnan(v)}
    slots = np.array([not name.endswith("=unknown") for name in names])
    gone = np.array([name.partition("=")[0] in lacks for name in names])
    k, u = np.flatnonzero(slots & ~gone), np.flatnonzero(slots & gone)
    inner = covariance[np.ix_(k, k)] + 0.005 * np.eye(len(k))
    weight = np.linalg.solve(inner, covariance[np.ix_(k, u)]).T
    rows = np.repeat(np.where(gone, 0, inputs)[None], draws, axis=0)
    left = covariance[np.ix_(u, u)] - weight @ covariance[np.ix_(k, u)]
    middle = mean[u] + weight @ (inputs[k] - mean[k])
    rows[:, u] = np.random.default_rng(seed).multivariate_normal(middle, left, draws)
    return rows


def test_the_risk_is_the_mean_over_what_the_unknown_fields_may_be(model, heart_data):
    x = read_heart(heart_data / "uci" / "processed.cleveland.data").x[:6]
    rng = np.random.default_rng(0)
    network = model.artifact.network.copy(members=range(model.artifact.metadata.point_members))
    for row in [parse_patient(BASICS), *np.where(rng.random(x.shape) < 0.4, np.nan, x)]:
        rows = draw_unknown(model, row, 6000, seed=1)
        p = network.probabilities(model.artifact.network.parameters.new_tensor(rows))
        expected = p[..., 1].mean().item()
        assert model.probabilities(row[None])[0] == pytest.approx(expected, abs=0.012)


def test_a_timid_slope_widens_the_interval_the_more_the_farther_the_risk_is_from_a_half(model):
    trained = (model.preprocessor, model.artifact.network, model.artifact.metadata.point_members,
               model.artifact.metadata.evaluation["reference"])  # fmt: skip
    rows = np.stack([parse_patient(patient) for patient in SAMPLE_PATIENTS.values()])
    plain = Ensemble(*trained, widening=1.5, slope=0.0).risks(rows)
    sloped = Ensemble(*trained, widening=1.5, slope=0.3).risks(rows)
    odds, centre = (np.log(p / (1 - p)) for p in (plain.refits, plain.risk))
    shift = np.log(sloped.refits / (1 - sloped.refits)) - odds
    assert (sloped.risk == plain.risk).all()
    share = shift / centre  # of the risk's own log odds, the same for every patient
    assert share == pytest.approx(np.repeat(share[:, :1], len(rows), 1), abs=1e-9)
    assert share.mean() == pytest.approx(0, abs=1e-9)
    assert share.std(0) == pytest.approx(0.3)
    count = len(share)
    # As normal as so many values can be, and in no order.
    wanted = norm.ppf((np.arange(count) + 0.5) / count)
    assert np.abs(np.sort(share[:, 0]) / 0.3 - wanted).max() < 0.4
    assert abs(spearmanr(share[:, 0], np.arange(count)).statistic) < 0.2
    assert normal_scores(1) == [0]


def test_nothing_that_is_unknown_has_a_say(model):
    """An unseen category is unknown; the order of rows and their neighbours change nothing."""
    known = model.predict(BASICS)
    unseen = model.predict({**BASICS, "restecg": 9})
    assert (unseen.probability, unseen.interval) == (known.probability, known.interval)
    row = parse_patient(BASICS)
    rows = np.stack([row, parse_patient({"age": 50}), parse_patient({}), row])
    together = model.predict_rows(rows)
    assert together[0].tolist() == pytest.approx(together[3].tolist(), abs=1e-12)
    assert together[0, 0] == pytest.approx(known.probability, abs=1e-12)


def test_little_known_is_no_decision(model):
    for patient, decided in (({}, False), ({"age": 75, "sex": 0}, False), (BASICS, True)):
        prediction = model.predict(patient)
        assert (prediction.decision is not None) == decided
        assert (prediction.known >= LEAST_KNOWN) == decided
    assert model.predict({}).known == 0
    assert model.predict(SAMPLE_PATIENTS["The lesson's patient, age 80"]).known == 1


def test_more_known_tells_more(model):
    rng = np.random.default_rng(0)
    for _ in range(20):
        fields = rng.random(13) < 0.5
        more = fields | (np.arange(13) == rng.integers(13))
        # To first order at the mean, where the ridge may take a little back.
        assert model.ensemble.share_known(more) >= model.ensemble.share_known(fields) - 0.01


def test_the_outlook_holds_the_risk_and_names_what_tells_most(model):
    row = parse_patient(BASICS)
    outlook = model.outlook(row)
    assert outlook.risk == model.predict(BASICS).probability
    assert outlook.low < outlook.risk < outlook.high
    assert outlook.risks.mean() == pytest.approx(outlook.risk, abs=0.02)
    assert set(outlook.ask_first) == set(FEATURE_NAMES) - set(BASICS)
    told = [model.predict({**BASICS, outlook.ask_first[0]: v}).known for v in (0, 3)]
    assert max(told) > model.predict({**BASICS, outlook.ask_first[-1]: 0}).known
    drawn = draw_unknown(model, row, 4000, seed=2)
    network = model.artifact.network.copy(members=range(model.artifact.metadata.point_members))
    p = network.probabilities(model.artifact.network.parameters.new_tensor(drawn))
    risks = p[..., 1].mean(0).numpy()
    ends = np.quantile(risks, (0.05, 0.95))
    assert (outlook.low, outlook.high) == pytest.approx(tuple(ends), abs=0.06)
    for cut in (0.2, 0.5):
        expected = ((risks >= cut) != (outlook.risk >= cut)).mean()
        assert outlook.crossing(cut) == pytest.approx(expected, abs=0.06)
    whole = model.outlook(parse_patient(SAMPLE_PATIENTS["The lesson's patient, age 80"]))
    assert whole.low == pytest.approx(whole.high, abs=1e-9)
    assert whole.ask_first == ()


def test_operating_points_are_of_patients_of_whom_as_much_is_known(model, evaluation):
    assert operating_points(model).pattern.fields == FEATURE_NAMES
    points = operating_points(model, parse_patient(BASICS))
    assert points.pattern.fields == PATTERNS["basics"][1]
    more = operating_points(model, parse_patient({**BASICS, "thalach": 150}))
    assert more.pattern == points.pattern  # within what is known
    y = np.array(evaluation["out_of_fold"]["labels"])
    p = np.array(next(e for e in evaluation["patterns"] if e["key"] == "basics")["probabilities"])
    row = points.rows[40]
    assert row.found.value == pytest.approx((p[y == 1] >= 0.4).mean())
    assert row.alarms.value == pytest.approx((p[y == 0] >= 0.4).mean())
    assert operating_points(model, parse_patient({"chol": 200})).pattern.fields == ()


MOST = {  # log loss out of fold, by what is known
    "age_sex": 0.630, "symptoms": 0.510, "basics": 0.507, "no_imaging": 0.445, "no_tests": 0.510,
}  # fmt: skip


def test_the_record_reaches_what_was_asked_of_it(evaluation):
    y = np.array(evaluation["out_of_fold"]["labels"])
    records = {each["key"]: each for each in evaluation["patterns"]}
    assert set(records) == set(PATTERNS)
    for key, most in MOST.items():
        assert records[key]["metrics"]["log_loss"]["value"] <= most
    assert evaluation["random_fields"]["metrics"]["log_loss"]["value"] <= 0.425
    for each in [*records.values(), evaluation["random_fields"]]:
        gap = each["logistic_regression"]["difference"]
        assert gap["log_loss"]["value"] <= 0.010
        assert gap["auc"]["value"] >= -0.006
        assert abs(each["mean_risk"] - y.mean()) <= 0.035
    # The mean over repeats is a little better than a repeat; both are of the same risks.
    told = np.array(records["basics"]["probabilities"])
    assert log_loss(y, told) == pytest.approx(
        records["basics"]["metrics"]["log_loss"]["value"], abs=0.01
    )


def test_the_least_that_must_be_known_separates_what_ranks_patients(evaluation):
    rule = evaluation["decision_rule"]
    known = np.array([each["known"] for each in rule["sets"]])
    area, low = (np.array([each["auc"][k] for each in rule["sets"]]) for k in ("value", "low"))
    assert rule["rank_correlation"] == pytest.approx(spearmanr(known, area).statistic)
    assert rule["rank_correlation"] > 0.95
    assert low[known >= rule["least_known"]].min() > 0.65
    assert area[known < rule["least_known"]].max() < area[known >= rule["least_known"]].min()


def test_importance_is_of_all_patients_and_in_order(model, evaluation, heart_data):
    told = evaluation["importance"]
    assert told["patients"] == 303
    sizes = [field["shapley"]["value"] for field in told["fields"]]
    assert sizes == sorted(sizes, reverse=True)
    assert {field["field"] for field in told["fields"]} == set(FEATURE_NAMES)
    x = read_heart(heart_data / "uci" / "processed.cleveland.data").x
    some, known = x[:40], model.ensemble.known_fields(x[:40])
    inputs = model.ensemble.inputs(some)
    values = np.abs(
        [
            conditional_game(model).explain(i, k).contributions
            for i, k in zip(inputs, known, strict=True)
        ]
    )
    chest_pain = next(f["shapley"] for f in told["fields"] if f["field"] == "cp")
    spread = values[:, 2].std() / math.sqrt(40)
    assert abs(values[:, 2].mean() - chest_pain["value"]) < 4 * spread
    for field in told["fields"]:
        for name in ("auc_loss", "log_loss_rise"):
            assert field[name]["low"] <= field[name]["value"] <= field[name]["high"]


def test_hiding_a_field_costs_what_the_risks_lose_without_it():
    y = np.repeat([0, 1], 20)
    whole = 0.5 + (y - 0.5) * np.linspace(0.3, 0.9, 40)

    def risks(known=None):
        return (whole if known is None or known[0] else 0.5 + (whole - 0.5) / 2)[None]

    found = measure_hiding(SimpleNamespace(y=y, risks=risks))
    rise = found["age"]["log_loss_rise"]
    assert 0 < rise["low"] < rise["value"] < rise["high"]
    assert set(found["sex"]["log_loss_rise"].values()) == {0}


def test_what_is_known_is_held_against_how_well_risks_rank(monkeypatch):
    areas = np.random.default_rng(0).uniform(0.5, 0.9, 200).tolist()

    def estimate(y, known) -> dict[str, Estimate]:
        return {"auc": Estimate(areas[known.sum()], areas[known.argmax()] / 2, 1.0)}

    monkeypatch.setattr(patterns, "evaluate", estimate)
    found = check_least_known(
        SimpleNamespace(y=None, risks=lambda known: known),
        SimpleNamespace(share_known=lambda known: known.mean()),
    )
    known = [each["known"] for each in found["sets"]]
    values = [each["auc"]["value"] for each in found["sets"]]
    assert values == [areas[round(13 * share)] for share in known]
    assert (min(known), max(known)) == (1 / 13, 12 / 13)
    assert found["rank_correlation"] == pytest.approx(spearmanr(known, values).statistic)


def test_fields_and_pairs_are_measured_by_the_size_of_what_they_add(monkeypatch):
    normal = np.random.default_rng(0).normal
    told = [Explanation(0, 0, normal(size=13), normal(size=(13, 13))) for _ in range(20)]
    asked = []
    game = SimpleNamespace(explain=lambda row, known: asked.append((row, known)) or told[row])
    monkeypatch.setattr(importance, "ConditionalGame", lambda *_: game)
    hidden = {name: {"auc_loss": i} for i, name in enumerate(FEATURE_NAMES)}
    monkeypatch.setattr(importance, "measure_hiding", lambda _: hidden)
    known = np.random.default_rng(1).random((20, 13)) < 0.8
    served = SimpleNamespace(point=None, owner=None, inputs=list, known_fields=lambda _: known)
    found = importance.measure_importance(SimpleNamespace(x=range(20)), served)
    assert [row for row, _ in asked] == [*range(20)]
    assert (np.array([fields for _, fields in asked]) == known).all()
    sizes = np.abs([each.interactions for each in told]).mean(0)
    assert len(found["interactions"]) == 10
    for pair in found["interactions"]:
        i, j = map(FEATURE_NAMES.index, pair["fields"])
        assert pair["value"] == pytest.approx(sizes[i, j])
        assert pair["low"] < pair["value"] < pair["high"]
    assert found["interactions"][0]["value"] == pytest.approx(np.triu(sizes, 1).max())
    steps = np.abs([each.contributions for each in told]).mean(0)
    assert [each["auc_loss"] for each in found["fields"]] == np.argsort(-steps).tolist()
    for each in found["fields"]:
        assert each["shapley"]["value"] == pytest.approx(steps[each["auc_loss"]])
        assert FEATURE_NAMES[each["auc_loss"]] == each["field"]
    assert found["patients"] == 20


def test_a_risk_at_the_threshold_is_called_as_one_above_it():
    risks = np.array([0.1, 0.25, 0.5, 0.5, 0.75])
    for risk, crossing in ((0.5, 0.4), (0.25, 0.6)):
        outlook = Outlook(risk, risks, 0.1, 0.75, ())
        assert outlook.crossing(0.5) == pytest.approx(crossing)
