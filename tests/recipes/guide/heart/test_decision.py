"""Steps h6 to h10 against plain networks, loops over the record's risks, and scipy."""

import re

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from classifiers.recipes.guide.answer import reveal
from classifiers.recipes.guide.heart.decision import sign_test
from classifiers.wording import bounded_share
from tests.recipes.guide.heart.by_hand import (
    BY_KEY,
    LESSON_ROW,
    changed,
    dict_of,
    member,
    plain_inputs,
    told,
)

# One patient


def test_h6_is_what_the_networks_say(measured, record, tensors):
    assert record["golden"]["inputs"][3] == LESSON_ROW
    x = plain_inputs(record, LESSON_ROW)
    by_hand = []
    for k in range(record["point_members"]):
        network = member(tensors, k).eval()
        with torch.inference_mode():
            by_hand.append(torch.sigmoid(network(x)).item())
    got, step = measured["h6"], BY_KEY["h6"]
    assert got["risk"] == pytest.approx(np.mean(by_hand), abs=1e-6)
    assert step.judge(got) == pytest.approx(100 * np.mean(by_hand), abs=1e-4)
    assert got["low"] < got["risk"] < got["high"]
    assert "Age 80" in told(step, got)


@pytest.mark.parametrize(("said", "verdict"), [(9, "right"), (28, "right"), (8, "wrong"),
                                               (29, "wrong"), (95, "wrong")])  # fmt: skip
def test_h6_is_judged_by_its_nearness(measured, said, verdict):
    step = BY_KEY["h6"]
    answer = reveal(step, float(said), measured["h6"])
    assert answer["verdict"] == verdict
    if verdict == "wrong":
        assert answer["because"] == [step.scale.too_low if said < 18 else step.scale.too_high]


def test_h6_and_h10_are_about_the_lessons_patient(sources):
    shown = dict(BY_KEY["h6"].exhibit(sources).rows)
    assert shown["Age"] == "80 years"
    assert shown["Exercise-induced angina"] == "no"
    assert (shown["Sex"], shown["Coloured vessels"]) == ("female", "0")
    assert shown["Thallium scan"] == "fixed defect"


def test_h7_tries_what_it_tells(measured, sources):
    from sklearn.preprocessing import LabelEncoder

    with pytest.raises(ValueError, match="previously unseen"):
        LabelEncoder().fit([3.0, 6.0, 7.0]).transform([5])
    assert LabelEncoder().fit_transform([5]) == LabelEncoder().fit([3, 6, 7]).transform([3])
    got, step = measured["h7"], BY_KEY["h7"]
    assert step.judge(got) == [0, 1, 2]
    assert "goes on with 0" in told(step, got)  # in training 0 stood for 3, a normal scan
    said = sources.heart().predict({**dict_of(LESSON_ROW), "thal": 5})
    unknown = sources.heart().predict({**dict_of(LESSON_ROW), "thal": None})
    assert said.probability == unknown.probability == got["risk"]
    assert [d.code for d in said.warnings if d.field == "thal"] == ["unseen_category"]
    silent = changed(got, "found", "label", to=1)
    assert step.judge(silent) == [1, 1, 2]
    assert "LabelEncoder: goes on" in told(step, silent)


# Decisions


def predictions(record):
    """Labels and risks: held out, all out of fold, and out of fold of those not held out."""
    held, folded = record["evaluation"]["held_out"], record["evaluation"]["out_of_fold"]
    y, p = np.array(folded["labels"]), np.mean(folded["probabilities"], 0)
    rest = [i for i in range(len(y)) if i not in held["rows"]]
    return (np.array(held["labels"]), np.array(held["probabilities"])), (y, p), (y[rest], p[rest])


def test_h8_counts_what_the_record_holds(measured, record):
    got, step = measured["h8"], BY_KEY["h8"]
    assert got["threshold"] == pytest.approx(1 / 3)
    right = []
    for (y, p), name in zip(predictions(record), ("held_out", "out_of_fold"), strict=False):
        missed = sum(1 for a, b in zip(y, p, strict=True) if a == 1 and b < 1 / 3)
        alarms = sum(1 for a, b in zip(y, p, strict=True) if a == 0 and b >= 1 / 3)
        assert (got[name]["missed"], got[name]["alarms"]) == (missed, alarms)
        assert got[name]["patients"] == len(y)
        chance = binomtest(missed, missed + alarms).pvalue
        assert got[name]["chance"] == pytest.approx(chance)
        right.append(2 if chance >= 0.05 else int(alarms > missed))
        assert f"{missed} missed and {alarms} false alarms" in told(step, got)
    assert step.judge(got) == right == [2, 1]


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 5), (5, 0), (7, 7), (16, 39), (39, 16), (1, 8)])
def test_the_sign_test_is_scipys(a, b):
    expected = binomtest(a, a + b).pvalue if a + b else 1.0
    assert sign_test(a, b) == pytest.approx(expected)


def test_h8_turns_with_its_counts(measured):
    got = measured["h8"]
    turned = {**got, "out_of_fold": {**got["out_of_fold"], "missed": 39, "alarms": 16}}
    assert BY_KEY["h8"].judge(turned) == [2, 0]
    assert BY_KEY["h8"].judge(changed(got, "held_out", "chance", to=0.01)) == [1, 1]


def test_h8_shows_every_number_under_its_name(measured):
    got = measured["h8"]
    table = BY_KEY["h8"].shows(got).to_dict()
    heads = {
        "Patients": "patients", "Missed": "missed", "False alarms": "alarms",
        "Of the ill, called": "found", "Of the healthy, not called": "spared",
    }  # fmt: skip
    assert table["head"] == list(heads)
    for row, part in zip(table["rows"], ("held_out", "out_of_fold"), strict=True):
        for text, name in zip(row, heads.values(), strict=True):
            number = got[part][name]
            assert text == (str(number) if isinstance(number, int) else bounded_share(number))


def test_h9_finds_the_cheapest_by_itself(measured, record):
    got = measured["h9"]
    held, everybody, (y, p) = predictions(record)
    cuts = [i / 200 for i in range(201)]
    cost = [2 * ((y == 1) & (p < t)).sum() + ((y == 0) & (p >= t)).sum() for t in cuts]
    cheapest = [t for t, c in zip(cuts, cost, strict=True) if c == min(cost)]
    assert got["best"]["value"] == min(cheapest, key=lambda t: abs(t - 1 / 3))
    assert got["best"]["theoretical"] == pytest.approx(1 / 3)
    for (y, p), name in ((held, "held_out"), (everybody, "out_of_fold")):
        for t, cost in zip(got["thresholds"], got[name], strict=True):
            by_hand = 2 * ((y == 1) & (p < t)).sum() + ((y == 0) & (p >= t)).sum()
            assert cost == pytest.approx(by_hand / len(y))


def test_h9_takes_for_right_what_cannot_be_told_apart(measured):
    got, step = measured["h9"], BY_KEY["h9"]
    low, high = (100 * got["best"][end] for end in ("low", "high"))
    assert step.judge(got) == pytest.approx(100 / 3)
    for said in (33.0, 49.0, 50.0, np.ceil(low), np.floor(high)):
        assert reveal(step, said, got)["verdict"] == "right"
    assert reveal(step, 5.0, got)["because"] == [step.scale.too_low]
    assert reveal(step, 90.0, got)["because"] == [step.scale.too_high]
    assert "can't tell the two apart" in told(step, got)
    assert f"between {low:.1f} % and {high:.1f} % in 95 of 100 draws" in told(step, got)


def test_h9_tells_what_the_cheapest_costs(measured):
    got, step = measured["h9"], BY_KEY["h9"]
    for rule, unit in (("theoretical", " false alarms a patient"), ("half", "")):
        saves = got["best"]["savings"][rule]["fresh"]
        assert saves["value"] < 0  # the cheapest, chosen on others, saves nothing
        low, high = (
            f"{-saves[end] + 0:+.3f}".replace("-0.000", "+0.000") for end in ("high", "low")
        )
        words = f"{-saves['value']:.3f}{unit} more than (theory|the usual half) "
        assert re.search(words + re.escape(f"[{low}, {high}]"), told(step, got))
    saves = {"value": 0.05, "low": 0.02, "high": 0.08}
    turned = changed(got, "best", "savings", "half", "fresh", to=saves)
    words = "0.050 less than the usual half [+0.020, +0.080] (distinguishable"
    assert words in told(step, turned)


def test_h9_follows_what_fresh_patients_say(measured):
    got, step = measured["h9"], BY_KEY["h9"]
    saves = {"value": 0.05, "low": 0.02, "high": 0.08}
    turned = changed(got, "best", "savings", "theoretical", "fresh", to=saves)
    assert step.judge(turned) == pytest.approx(100 * got["best"]["value"])
    assert "can tell the two apart" in told(step, turned)
    luck = changed(turned, "best", "savings", "theoretical", "fresh", "low", to=-0.01)
    assert step.judge(luck) == pytest.approx(100 / 3)
    open_ = {**got, "best": {**got["best"], "low": 0.0, "high": 1.0}}
    assert step.judge(open_) is None
    assert reveal(step, 95.0, open_)["verdict"] == "undecided"


def test_h10_feeds_the_same_weights_with_less(measured, record, tensors):
    def risk(x):
        members = [member(tensors, k).eval() for k in range(record["point_members"])]
        with torch.inference_mode():
            return np.mean([torch.sigmoid(network(x)).item() for network in members])

    got, step = measured["h10"], BY_KEY["h10"]
    # Encoders fitted to one patient know one code a field: the first column is its.
    refitted = {"weights": plain_inputs(record, LESSON_ROW, scales=False),
                "scales": plain_inputs(record, LESSON_ROW)}  # fmt: skip
    for x in refitted.values():
        at = 0
        for column in record["preprocessing"]["columns"]:
            width = 1 if column["kind"] == "numerical" else len(column["codes"]) + 1
            if column["kind"] == "categorical":
                x[at : at + width] = torch.eye(width, dtype=x.dtype)[0]
            at += width
    for name, x in refitted.items():
        assert got["kept"][name] == pytest.approx(risk(x), abs=1e-6)
        assert abs(got["kept"][name] - got["served"]) > 0.01
    whole = risk(plain_inputs(record, LESSON_ROW))
    assert got["kept"]["codes"] == pytest.approx(whole, abs=1e-6)
    assert got["served"] == got["loaded"] == pytest.approx(whole, abs=1e-6)
    assert step.judge(got) == 2


def test_h10_asks_for_the_least_that_is_enough(measured):
    got, step = measured["h10"], BY_KEY["h10"]
    assert step.judge(changed(got, "kept", "scales", to=got["served"])) == 1
    assert step.judge(changed(got, "kept", "codes", to=0.5)) is None
    assert "NOT equal" in told(step, changed(got, "equal", to=False))
