"""A sweep's sentences: what they quote, what they claim, and that chance alone claims little."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from classifiers.config import SweepConfig
from classifiers.config.axes import AXES, DEFAULTS, TASK_AXES
from classifiers.config.sweep import SearchConfig
from classifiers.evaluation import comparison
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.findings.table import largest_class_share
from classifiers.recipes.sweep.findings.verdict import CLAIM
from classifiers.recipes.sweep.members import summarize
from classifiers.recipes.sweep.run import run_sweep
from scripts.benchmarks import claims

K = 20
RANDOM = np.random.default_rng(0)
LUCK = RANDOM.normal(0, 0.01, K)  # of the worlds, shared by all values


def accuracies(mean: float, spread: float = 0.006, worlds: int = K) -> np.ndarray:
    return mean + LUCK[:worlds] + RANDOM.normal(0, spread, worlds)


def row(value: Any, accuracy: Sequence[float], loss: float = 0.3, **more: Any) -> dict[str, Any]:
    scores = np.asarray(accuracy, dtype=np.float64)
    losses = loss * np.exp(RANDOM.normal(0, 0.1, len(scores)))
    made = {
        "value": value,
        "parameters": 9,
        "bayes_accuracy": 0.92,
        "diverged": 0,
        "train_accuracy": summarize(np.minimum(scores + 0.05, 1)),
        "test_accuracy": summarize(scores),
        "fresh_accuracy": summarize(scores),
        **{f"{part}_loss": summarize(losses) for part in ("train", "test", "fresh")},
        "test_bayes_accuracy": summarize(np.linspace(0.85, 0.97, len(scores))),
    }
    return {**made, **more}


def told(settings: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    return list(find(SweepConfig.parse({"members": K, **settings}), rows))


def one(texts: list[str], part: str) -> str:
    """The only sentence with `part`."""
    (text,) = [text for text in texts if part in text]
    return text


def sweep(settings: dict[str, Any]) -> dict[str, Any]:
    *_, last = run_sweep(SweepConfig.parse(settings))
    assert last.result is not None
    return last.result


# What does best.


def test_a_best_value_that_chance_could_have_made_is_not_alone():
    rows = [row(2, accuracies(0.8)), row(4, accuracies(0.88)), row(8, accuracies(0.882))]
    texts = told({"values": [2, 4, 8]}, rows)
    first, second = np.array(rows[1]["fresh_accuracy"]["members"]), rows[2]["fresh_accuracy"]
    best, other = (4, 8) if first.mean() > second["mean"] else (8, 4)
    text = one(texts, "the best is")
    assert f"the best is width {best}, " in text
    assert f"can't tell it from width {other}." in text
    assert "20 worlds: new points, split and start each" in text
    assert "the best possible is 92.0 %" in text
    worse = one(texts, "Worse")
    assert worse.startswith(f"Worse {CLAIM} over 20 worlds: width 2, by ")


def test_numbers_of_a_comparison_are_those_of_an_independent_one():
    rows = [row(v, accuracies(m)) for v, m in ((4, 0.82), (8, 0.88), (16, 0.85))]
    texts = told({"values": [4, 8, 16]}, rows)
    members = {r["value"]: np.array(r["fresh_accuracy"]["members"]) for r in rows}
    assert f"width 8, {100 * np.median(members[8]):.1f} %" in one(texts, "the best is")
    # Three pairs in accuracy and three in loss, at once.
    test = stats.ttest_rel(members[8], members[4])
    low, high = test.confidence_interval(1 - 0.05 / 6)
    gap = (members[8] - members[4]).mean()
    assert (
        f"width 4 and 16, at most by {100 * gap:.1f} points (width 4; 95 % interval for all "
        f"comparisons at once {100 * low:.1f} to {100 * high:.1f})."
    ) in one(texts, "Worse")


def test_rows_may_come_in_any_order():
    rows = [row(v, accuracies(m)) for v, m in ((2, 0.8), (4, 0.9), (8, 0.85))]
    assert told({"values": [2, 4, 8]}, rows[::-1]) == told({"values": [2, 4, 8]}, rows)


def test_exact_ties_for_the_best_are_ties():
    same = accuracies(0.9)
    rows = [row(2, accuracies(0.8)), row(4, same), row(8, same)]
    texts = told({"values": [2, 4, 8]}, rows)
    assert "On fresh points the best are, equally, width 4 and 8, " in texts[0]


def test_equal_values_have_no_best():
    rows = [row(v, accuracies(0.88, 0.02)) for v in (2, 4, 8, 16)]
    texts = told({"values": [2, 4, 8, 16]}, rows)
    assert not any(CLAIM in text for text in texts)
    assert "On fresh points no width can be told from another over 20 worlds" in texts[0]
    medians = sorted(np.median(r["fresh_accuracy"]["members"]) for r in rows)
    assert f"from {100 * medians[0]:.1f} % (" in texts[0]
    assert f"to {100 * medians[-1]:.1f} % (" in texts[0]


@pytest.mark.parametrize("worlds", [1, 2, 9])
def test_below_ten_worlds_nothing_is_claimed(worlds):
    rows = [row(v, accuracies(m, worlds=worlds)) for v, m in ((2, 0.6), (4, 0.9))]
    texts = told({"values": [2, 4], "members": worlds}, rows)
    assert not any(CLAIM in text or "best is" in text for text in texts)
    assert "Fewer than 10 can't say which value is better" in texts[0]


def test_what_varied_is_said_in_every_sentence_about_values():
    for new_points, word in ((True, "20 worlds"), (False, "20 splits of the same points")):
        rows = [row(v, accuracies(m)) for v, m in ((2, 0.8), (4, 0.88))]
        for text in told({"values": [2, 4], "new_points": new_points}, rows):
            assert word in text


# Typical loss.


def test_losses_are_compared_by_their_logarithm():
    """One world's loss is huge: by plain means the two would be alike."""
    rows = [row(2, accuracies(0.88), 0.3), row(4, accuracies(0.88), 0.6)]
    rows[1]["fresh_loss"]["members"][0] *= 40
    texts = told({"values": [2, 4]}, rows)
    assert "is lowest at width 2" in one(texts, "typical loss")
    losses = [np.log(r["fresh_loss"]["members"]) for r in rows]
    fold = np.exp((losses[1] - losses[0]).mean())
    assert f"Higher {CLAIM} over 20 worlds: width 4, {fold:.3g}-fold" in one(texts, "Higher")


def test_an_endless_loss_is_left_out():
    rows = [row(2, accuracies(0.8)), row(4, accuracies(0.88), 0.9)]
    rows[1]["fresh_loss"]["members"][3] = None
    assert "width 4" in one(told({"values": [2, 4]}, rows), "Higher")


# Two humps.


def test_networks_that_never_learned_are_counted_and_left_out():
    dead = accuracies(0.88)
    dead[:9] = 0.5
    rows = [row(2, dead), row(4, accuracies(0.88)), row(8, accuracies(0.83))]
    texts = told({"values": [2, 4, 8]}, rows)
    counted = one(texts, "never learned, no better")
    assert "9 of 20 at width 2 (95 % interval 23 to 68 of 100)" in counted
    more = one(texts, "More networks never learned")
    assert (
        more
        == f"More networks never learned at width 2 than at width 4 and 8, {CLAIM} over 20 worlds."
    )
    assert "width 2" not in one(texts, "Worse"), "where it learns, it is as good"
    median = 100 * np.median(dead[9:])
    if "the best is width 2" in texts[0]:
        assert f"{median:.1f} %" in texts[0]


def test_a_value_where_few_learned_is_not_compared():
    dead = np.full(K, 0.5)
    dead[:8] = 0.9
    rows = [row(2, dead), row(4, accuracies(0.88)), row(8, accuracies(0.84))]
    texts = told({"values": [2, 4, 8]}, rows)
    assert "Not compared: width 2, where networks learned in fewer than 10" in one(texts, "Not")
    assert "12 of 20 at width 2" in one(texts, "no better than naming")
    assert "the best is width 4" in texts[0]


def test_two_heaps_are_said_as_two_heaps():
    parted = np.concatenate([RANDOM.normal(0.85, 0.004, 12), RANDOM.normal(0.91, 0.004, 8)])
    rows = [row(4, parted), row(8, accuracies(0.8))]
    texts = told({"values": [4, 8]}, rows)
    heaps = "12 near 85 %, 8 near 91 %"
    assert f"networks at width 4 fall into two heaps: {heaps} on fresh" in one(texts, "heaps")
    assert f"width 4, {heaps} (" in texts[0], "a median would lie where there is no network"


def test_the_largest_class_is_what_is_drawn_most():
    from classifiers.config import DatasetConfig
    from classifiers.data.synthetic import fresh

    for name, classes in (("moons", 2), ("xor", 2), ("xor", 3), ("xor", 4), ("blobs", 5)):
        config = DatasetConfig.parse({"name": name, "classes": classes})
        y = fresh(config, 20_000).y
        assert largest_class_share(config) == pytest.approx(np.bincount(y).max() / 2e4, abs=0.02)


# Axes that change the task, two axes, all axes.


@pytest.mark.parametrize("over", sorted(TASK_AXES))
def test_other_tasks_name_no_winner(over):
    values = SweepConfig.parse({"over": over}).values
    rows = [row(v, accuracies(0.85 + 0.01 * i)) for i, v in enumerate(values)]
    rows[0]["bayes_accuracy"] = 0.95
    texts = told({"over": over}, rows)
    assert not any("best is" in text or "Worse" in text for text in texts)
    text = one(texts, "so no value wins")
    away = [r["bayes_accuracy"] - np.array(r["fresh_accuracy"]["members"]) for r in rows]
    for end in (away[0], away[-1]):
        low, high = stats.t.interval(0.95, K - 1, end.mean(), stats.sem(end))
        interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
        assert f"by {100 * end.mean():.1f} points (mean, {interval})" in text
    low, high = stats.ttest_ind(away[0], away[-1], equal_var=False).confidence_interval()
    change = 100 * (away[0] - away[-1]).mean()
    assert f"shrinks {CLAIM}, by {change:.1f} points (95 % interval {100 * low:.1f} to" in text


@pytest.mark.parametrize("over", AXES)
def test_every_axis_has_words(over):
    values = SweepConfig.parse({"over": over}).values
    rows = [row(v, accuracies(0.8 + 0.01 * i)) for i, v in enumerate(values)]
    text = " ".join(told({"over": over}, rows))
    assert "_" not in text
    for value in (values[0], values[-1]):
        name = {"adam": "Adam (coupled decay)", "adamw": "AdamW (decoupled decay)"}.get(value)
        assert (name or (f"{value:,}" if isinstance(value, int) else f"{value:g}")) in text
    for second in AXES:
        settings = {"over": over, "and_over": second, "and_values": DEFAULTS[second].values[:2]}
        pair = {over, second}
        if over == second or pair in ({"width", "parameters_per_point"},
                                      {"depth", "parameters_per_point"}):  # fmt: skip
            continue
        if second == "epochs":
            settings["and_values"] = (10, 2000)
        config = SweepConfig.parse(settings)
        cells = [
            row(a, accuracies(0.8), and_value=b) for a in config.values for b in config.and_values
        ]
        assert list(find(config, cells))


def test_cells_that_can_not_be_told_from_the_best_are_named():
    settings = {"values": [4, 8], "and_over": "weight_decay", "and_values": [0, 0.1]}
    rows = [
        row(4, accuracies(0.89), and_value=0.0),
        row(4, accuracies(0.8), and_value=0.1),
        row(8, accuracies(0.8905), and_value=0.0),
        row(8, accuracies(0.82), and_value=0.1),
    ]
    texts = told(settings, rows)
    text = one(texts, "the best is")
    named = re.findall(r"width \d with weight decay 0\b(?!\.\d)", text)
    assert sorted(named) == ["width 4 with weight decay 0", "width 8 with weight decay 0"]
    assert "width 4 with weight decay 0.1 and width 8 with weight decay 0.1" in one(texts, "Worse")


def test_each_task_has_a_best_of_its_own():
    settings = {"over": "noise", "values": [0, 0.5], "and_over": "width", "and_values": [4, 8]}
    rows = [
        row(0.0, accuracies(0.8), and_value=4),
        row(0.0, accuracies(0.9), and_value=8),
        row(0.5, accuracies(0.77), and_value=4),
        row(0.5, accuracies(0.7), and_value=8),
    ]
    text = one(told(settings, rows), "best of its own")
    assert re.search(rf"at noise 0 width 8, [\d.]+ % \({CLAIM} above width 4\)", text)
    assert re.search(rf"at noise 0.5 width 4, [\d.]+ % \({CLAIM} above width 8\)", text)


def test_a_search_names_its_best_among_very_many():
    config = SearchConfig.parse(
        {"random": {"width": {"low": 2, "high": 64}, "dropout": {"low": 0, "high": 0.5}},
         "draws": 400, "members": K}
    )  # fmt: skip
    rows = []
    for index in range(400):
        made = row(0, accuracies(0.9 if index == 7 else 0.84), index=index)
        rows.append({**made, "values": config.values_of(index)})
        del rows[-1]["value"]
    rows[3] = {"index": 3, "values": config.values_of(3), "error": "memory: too little"}
    texts = list(find(config, rows))
    best = config.values_of(7)
    assert f"the best is width {best['width']} with dropout {best['dropout']:g}" in texts[1]
    assert "398 of 399 settings" in one(texts, "Worse")


# What went wrong.


def test_failed_settings_are_counted_and_named():
    rows = [row(2, accuracies(0.8)), row(4, accuracies(0.88)), {"value": 8, "error": "time: up."}]
    texts = told({"values": [2, 4, 8]}, rows)
    assert texts[0] == "1 of 3 settings failed and is left out: width 8 (time: up)."
    assert "the best is width 4" in texts[1]
    lost = [{"value": value, "error": "gone"} for value in (2, 4, 8)]
    (text,) = told({"values": [2, 4, 8]}, lost)
    named = "width 2 (gone), width 4 (gone) and width 8 (gone)"
    assert text == f"3 of 3 settings failed and are left out: {named}."


def test_networks_that_diverged_are_told():
    rows = [row(2, accuracies(0.8)), row(4, accuracies(0.88), diverged=3)]
    text = told({"values": [2, 4]}, rows)[0]
    assert "3 networks stopped being a number, at width 4" in text
    assert "the learning rate, 0.01, is too high" in text
    rows = [row(0.1, accuracies(0.8)), row(10.0, accuracies(0.6), diverged=1)]
    text = told({"over": "learning_rate", "values": [0.1, 10]}, rows)[0]
    assert "1 network stopped being a number, at learning rate 10: too high" in text


# What single worlds show.


def test_one_worlds_test_points_name_many_values():
    rows = [row(v, accuracies(0.88)) for v in (2, 4, 8)]
    for made, scores in zip(rows, np.eye(3), strict=True):
        made["test_accuracy"]["members"] = np.resize(0.8 + 0.1 * scores, K).tolist()
    text = one(told({"values": [2, 4, 8]}, rows), "test points of a single")
    assert "any of 3 of 3 values the best, alone or tied, from width 2 to width 8" in text


def test_the_luck_of_test_points_is_what_the_best_rule_scores():
    text = one(told({"values": [2, 4]}, [row(2, accuracies(0.8)), row(4, accuracies(0.8))]), "Luck")
    assert "scores from 85.0 % to 97.0 % on them, and 92.0 % on endlessly many" in text


def test_findings_quote_a_real_sweep():
    base = {"dataset": {"samples": 100}, "network": {"widths": [64]}}
    settings = {"over": "weight_decay", "values": [0.01, 0], "members": 10}
    result = sweep({**settings, "epochs": 300, "base": base})
    last, first = result["rows"]
    text = " ".join(result["findings"])
    train, fresh = (
        [np.array(r[f"{part}_accuracy"]["members"]) for r in (first, last)]
        for part in ("train", "fresh")
    )
    gaps = [(t - f).mean() for t, f in zip(train, fresh, strict=True)]
    assert 0 < gaps[1] < gaps[0]
    assert f"{100 * gaps[0]:+.1f} points (" in text
    assert f"closes {100 * (1 - gaps[1] / gaps[0]):.0f} % of that gap" in text
    gain = 100 * (fresh[1] - fresh[0]).mean()
    assert f"on fresh ones by {gain:+.1f}, " in text
    low, high = re.search(r"on fresh ones by .*? at once (\S+) to (\S+)\)\.", text).groups()
    assert float(low) < gain < float(high)


# Chance.


def test_equal_values_are_rarely_said_to_differ(monkeypatch):
    random = np.random.default_rng(1)
    config = SweepConfig.parse({"values": list(range(2, 10)), "members": K})
    for draw in (claims.gauss, claims.tied, claims.humps):
        assert claims.false_rate(config, draw, random, 120) <= 0.09
    monkeypatch.setattr(comparison, "holm", lambda p, level=0.05: np.asarray(p) <= level)
    assert claims.false_rate(config, claims.gauss, random, 20) > 0.3, "the correction is needed"


def test_values_apart_are_said_to_differ():
    random = np.random.default_rng(2)
    config = SweepConfig.parse({"values": list(range(2, 8)), "members": 50})
    found = 0
    for _ in range(40):
        accuracy, loss = claims.gauss(random, 6, 50)
        accuracy[2] += 0.015
        found += any("Worse" in text for text in claims.claims_of(config, accuracy, loss))
    assert found == 40
