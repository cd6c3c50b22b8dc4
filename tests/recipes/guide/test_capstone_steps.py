"""Steps c1 to c9 against the records read by hand, and against measured values that were altered.

Only the tests of what a step claims of the records know which answer is right today.
"""

import copy
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from scipy import stats

from classifiers.errors import ArtifactError
from classifiers.recipes.capstone.records import save_record
from classifiers.recipes.guide import Sources, answer, step
from classifiers.recipes.guide.answer import reveal
from classifiers.recipes.guide.capstone import STEPS
from classifiers.recipes.guide.capstone.stored import ahead, swept

ROOT = Path(__file__).resolve().parents[3]
WEIGHTS = ROOT / "weights" / "capstone"
SMALL, BIG, GOOD = 0, 1, 2
KEYS = [f"c{k}" for k in range(1, 10)]


def _no_heart():
    raise AssertionError("a capstone step read the heart model")


SOURCES = Sources(_no_heart, lambda: WEIGHTS)


def measured(key):
    *_, last = step(key).measure(SOURCES)
    return copy.deepcopy(dict(last))


def told(key, values):
    return " ".join(reveal(step(key), None, values)["told"])


def record(name):
    return json.loads((WEIGHTS / "records" / f"{name}.json").read_text())["record"]


def members(name, value, measure):
    """A setting's numbers in all worlds, from the file."""
    (row,) = [row for row in record(name)["rows"] if row["value"] == value]
    return np.array(row[measure]["members"])


def worlds(rule="lesson"):
    """(K, 3, 6, E): train, test, fresh, each accuracy and loss."""
    return load_file(WEIGHTS / "records" / f"worlds-{rule}.safetensors")["scores"].astype(float)


def interval(differences):
    """Student's, by scipy."""
    d = np.asarray(differences)
    return stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))


def test_the_steps_are_those_of_the_guide():
    assert [each.key for each in STEPS] == KEYS
    assert [each.key for each in STEPS if each.core] == ["c1", "c2", "c3", "c8", "c9"]
    covered = {item for each in STEPS for item in each.covers}
    assert {"stretch: width", "stretch: weight decay", "stretch: early stopping"} <= covered


# What each step claims, recomputed.


def test_c1_ranks_by_the_mean_over_worlds():
    train, test = worlds()[:, :, 0, -1].mean(0), worlds()[:, :, 2, -1].mean(0)
    right = [train.argmax(), train.argmin(), test.argmax(), test.argmin()]
    assert step("c1").judge(measured("c1")) == right == [BIG, SMALL, GOOD, SMALL]
    for share in (*train, *test):
        assert f"{100 * share:.1f} %" in told("c1", measured("c1"))
    pairs = [stats.ttest_rel(*worlds()[:, pair, 2, -1].T).pvalue
             for pair in ((BIG, SMALL), (GOOD, BIG), (GOOD, SMALL))]  # fmt: skip
    assert max(pairs) < 0.05 / 3


def test_c2_counts_worlds():
    found = measured("c2")
    for rule in ("lesson", "hard"):
        scores = worlds(rule)[..., -1]
        below = sum(world[BIG][2] < world[SMALL][2] for world in scores)
        level = sum(world[BIG][2] == world[SMALL][2] for world in scores)
        assert (found[rule]["below"], found[rule]["level"]) == (below, level)
        assert found[rule]["below_fresh"] == sum(w[BIG][4] < w[SMALL][4] for w in scores)
    share = 100 * found["lesson"]["below"] / found["lesson"]["worlds"]
    assert step("c2").judge(found) == pytest.approx(share)
    low, high = interval(np.subtract(*worlds()[:, [BIG, SMALL], 2, -1].T))
    text = told("c2", found)
    assert f"[{100 * low:+.1f}, {100 * high:+.1f}]" in text
    assert "lesson expects it below; measured here it ends above" in text
    assert "learning noise by heart costs more there" in text


def test_c3_finds_the_lowest_loss():
    scores, found = worlds()[:, BIG], measured("c3")
    epochs = np.array(found["epochs"])
    at = scores[:, 3].argmin(1)
    assert step("c3").judge(found) == 0
    assert found["early"] == (epochs[at] <= 200).sum()
    assert found["best_epoch"] == epochs[at[0]]
    assert found["then"] == [scores[0, 3, at[0]], scores[0, 2, at[0]]]
    assert found["end"] == [scores[0, 3, -1], scores[0, 2, -1]]
    assert scores[:, 1, -1].max() < 0.1  # on training points it ends near zero
    assert (epochs[at] <= found["typical_epoch"]).sum() >= 50
    assert (epochs[at] < found["typical_epoch"]).sum() <= 50
    factors = [world[5, -1] / world[5, k] for world, k in zip(scores, at, strict=True)]
    assert found["factor"] == pytest.approx(stats.gmean(factors))
    assert f"× {stats.gmean(factors):.2f}" in told("c3", found)


def test_c4_names_the_best_of_the_offered_widths():
    found = measured("c4")
    fresh = {width: members("width", width, "fresh_accuracy") for width in (2, 8, 64, 256)}
    learned = {width: np.where(x > 0.52, x, np.nan) for width, x in fresh.items()}
    best = max(learned, key=lambda width: np.nanmean(learned[width]))
    assert found["values"][found["best_row"]] == best
    assert step("c4").options[step("c4").judge(found)].text == f"{best} units"
    others = [x for width, x in learned.items() if width != best]
    for other in others:  # even against all 28 pairs of the sweep
        test = stats.ttest_rel(learned[best], other, nan_policy="omit")
        assert test.statistic > 0
        assert test.pvalue < 0.05 / 28
    assert found["never"] == (fresh[2] <= 0.52).sum()
    tests = np.array([row["test_accuracy"]["members"] for row in record("width")["rows"]])
    own = members("width", best, "test_accuracy")
    assert f"in {(own == tests.max(0)).sum()} of 100" in told("c4", found)


def test_networks_that_never_learned_are_left_out():
    found = swept(WEIGHTS, "width")
    for value, row in zip(found.values, found.learned, strict=True):
        never = members("width", value, "fresh_accuracy") <= 0.52
        np.testing.assert_array_equal(np.isnan(row), never)
    assert np.isnan(found.learned).any()


def test_c5_tells_from_which_side_the_gap_closes():
    found = measured("c5")
    parts = {name: [members("weight_decay", v, f"{name}_accuracy") for v in (0.0, 0.01, 0.03)]
             for name in ("train", "fresh")}  # fmt: skip
    down, up = (interval(parts[name][1] - parts[name][0]) for name in ("train", "fresh"))
    assert down[1] < 0 < up[0]
    more = interval(parts["train"][0] - parts["train"][1] - parts["fresh"][1] + parts["fresh"][0])
    assert more[0] > 0
    assert step("c5").judge(found) == 2
    for low, high in (down, up, interval(parts["fresh"][2] - parts["fresh"][0])):
        assert f"[{100 * low:+.1f}, {100 * high:+.1f}]" in told("c5", found)
    assert record("weight_decay")["config"]["base"]["network"]["widths"] == [64, 64]


def test_c6_tells_accuracy_from_loss():
    found = measured("c6")
    accuracy = interval(np.subtract(*(members("dropout", v, "fresh_accuracy") for v in (0.7, 0))))
    loss = interval(np.subtract(*(np.log(members("dropout", v, "fresh_loss")) for v in (0.7, 0))))
    assert accuracy[1] < 0
    assert loss[1] < 0
    assert step("c6").judge(found) == 1
    assert f"× {np.exp(np.mean(loss)):.2f}" in told("c6", found)
    assert record("dropout")["config"]["base"]["network"]["widths"] == [16, 16]


def test_c7_compares_worlds_that_share_no_points():
    found = measured("c7")
    for name, key in (("train", "train_change"), ("fresh", "fresh_change")):
        few, many = (members("samples", n, f"{name}_accuracy") for n in (50, 2000))
        test = stats.ttest_ind(many, few, equal_var=False)
        low, high = test.confidence_interval()
        assert (found[key]["low"], found[key]["high"]) == pytest.approx((low, high))
        assert (test.statistic > 0) == (name == "fresh")
    assert step("c7").judge(found) == 1


def test_c8_measures_what_the_choice_flatters_by():
    ways, found = record("optimism")["ways"], measured("c8")
    values = {way: {name: np.array(ways[way][f"{name}_accuracy"]["members"])
                    for name in ("test", "fresh")} for way in ways}  # fmt: skip
    luck = values["none"]["test"] - values["none"]["fresh"]
    for way in ("test", "validation"):
        low, high = interval(values[way]["test"] - values[way]["fresh"] - luck)
        assert f"[{100 * low:+.1f}, {100 * high:+.1f}]" in told("c8", found)
    plain = interval(luck)
    assert plain[1] < 0
    assert f"say {-100 * luck.mean():.1f} points too little" in told("c8", found)
    low, high = interval(values["validation"]["fresh"] - values["test"]["fresh"])
    assert f"[{100 * low:+.1f}, {100 * high:+.1f}]" in told("c8", found)
    assert step("c8").judge(found) == 2


def test_c9_compares_in_the_same_worlds():
    found = measured("c9")
    good = worlds()[:, GOOD, 4, -1]
    rivals = [("depth", 4), ("weight_decay", 0.01), ("dropout", 0.7)]
    fresh = [members(*rival, "fresh_accuracy") for rival in rivals]
    ahead = [interval(values - good)[0] > 0 for values in fresh]
    assert [i for i, flag in enumerate(ahead) if flag] == [step("c9").judge(found)] == [1]
    for name, _ in rivals:
        data = record(name)["config"]["base"]["dataset"]
        assert [data[key] for key in ("name", "samples", "noise", "seed")] == ["moons", 300, 0.3, 0]
    # The same test points in world after world: the best possible scores the same on them.
    best = load_file(WEIGHTS / "records" / "worlds-lesson.safetensors")["best_test"]
    for rival in rivals:
        np.testing.assert_array_equal(members(*rival, "test_bayes_accuracy"), best)


def test_a_lead_that_may_be_luck_is_none():
    luck = np.resize([0.1, -0.1], 20)
    assert ahead([luck + 0.2, luck[::-1], luck * 0], 0, [1, 2])
    assert not ahead([luck + 0.2, luck[::-1] + 0.19, luck * 0], 0, [1, 2])
    assert not ahead([luck + 0.2, luck[::-1], luck * 0], 1, [0])


# Altered measured values change the verdict.


def level(gap, value=0.004):
    """Its sign may be luck."""
    gap.update(value=value, low=value - 0.01, high=value + 0.01)


def turned(gap):
    gap.update(value=-gap["value"], low=-gap["high"], high=-gap["low"])


def test_c1_follows_the_order_and_says_nothing_where_it_is_luck():
    values = measured("c1")
    values["test_order"] = [BIG, GOOD, SMALL]
    assert step("c1").judge(values) == [BIG, SMALL, BIG, SMALL]
    assert "what it learned was the rule" in told("c1", values)
    values["test_order"] = [GOOD, SMALL, BIG]
    assert "That is overfitting." in told("c1", values)
    values["test_apart"] = False
    assert step("c1").judge(values) is None


def test_c2_follows_the_lead():
    values = measured("c2")
    values["lesson"]["below"] = 90
    assert step("c2").judge(values) == pytest.approx(90)
    turned(values["lesson"]["lead"])
    assert "lesson expects it below; so it does here" in told("c2", values)
    turned(values["hard"]["lead"])
    assert "bending too little costs more there" in told("c2", values)
    for value in (0.004, -0.004):
        level(values["lesson"]["lead"], value)
        level(values["hard"]["lead"], value)
        assert told("c2", values).count("can't be told") == 2


def test_c3_follows_where_most_worlds_are():
    values = measured("c3")
    for early, late, right in ((10, 0, 1), (0, 95, 2), (50, 50, None), (55, 5, None), (95, 0, 0)):
        values.update(early=early, late=late)
        assert step("c3").judge(values) == right
    values["end"] = [0.01, 0.9]
    assert "no dearer" in told("c3", values)


def test_c4_says_nothing_where_widths_cannot_be_told_apart():
    values = measured("c4")
    values["best_row"] = values["values"].index(64)
    assert step("c4").judge(values) == 2
    values["apart"] = False
    assert step("c4").judge(values) is None


def test_c5_follows_both_sides():
    values = measured("c5")
    turned(values["more"])
    assert step("c5").judge(values) == 3
    for value in (0.004, -0.004):
        level(values["more"], value)
        assert step("c5").judge(values) is None
    level(values["fresh_change"])
    assert step("c5").judge(values) == 0
    assert "nothing came for it" in told("c5", values)
    level(values["train_change"])
    assert step("c5").judge(values) is None
    level(values["too_much"], -0.004)
    assert "no worse than none" in told("c5", values)


def test_c6_follows_both_measures():
    values = measured("c6")
    for flip, right in (("change", 0), ("log_factor", 3), ("change", 2), ("log_factor", 1)):
        turned(values[flip])
        assert step("c6").judge(values) == right
    turned(values["log_factor"])
    assert "errors no cheaper" in told("c6", values)
    level(values["change"])
    assert step("c6").judge(values) is None


def test_c7_follows_both_accuracies():
    values = measured("c7")
    turned(values["fresh_change"])
    assert step("c7").judge(values) == 3
    turned(values["fresh_change"])
    turned(values["train_change"])
    assert step("c7").judge(values) == 0
    assert "enough weights" in told("c7", values)
    level(values["train_change"])
    assert step("c7").judge(values) == 2


def test_c8_follows_the_excess():
    values = measured("c8")
    flattered = values["flattered"]["test"]
    for low, high, right in (
        (-0.003, 0.004, 0), (-0.05, -0.02, 1), (0.12, 0.2, 3), (0.005, 0.02, None),
    ):  # fmt: skip
        flattered.update(low=low, high=high)
        assert step("c8").judge(values) == right
    level(flattered)
    assert "lucky" not in told("c8", values)
    assert "partly luck" not in told("c8", values)
    turned(values["plain"])
    assert "points too much" in told("c8", values)
    for value in (0.004, -0.004):
        level(values["plain"], value)
        assert "what fresh points say, as far as can be told" in told("c8", values)
    level(values["cost"])
    assert "costs nothing" in told("c8", values)


def test_c9_follows_who_is_ahead():
    values = measured("c9")
    turned(values["leads"][1])
    assert step("c9").judge(values) == 3
    assert "is behind" in told("c9", values)
    for value in (0.004, -0.004):
        level(values["leads"][1], value)
        assert "is not told apart" in told("c9", values)
    values["differs"][1] = False
    assert step("c9").judge(values) is None


# Records that are not as they should be.


def test_a_record_without_the_value_or_without_worlds_says_what_to_do(tmp_path):
    shutil.copytree(WEIGHTS / "records", tmp_path / "records")
    found = record("dropout")
    found["rows"] = [row for row in found["rows"] if row["value"] != 0.7]
    save_record(tmp_path, "dropout", found)
    (tmp_path / "records" / "worlds-lesson.safetensors").write_bytes(b"")
    damaged = Sources(_no_heart, lambda: tmp_path)
    for key, words in (("c6", r"must hold the value 0\.7.*capstone-sweeps"), ("c1", "altered")):
        with pytest.raises(ArtifactError, match=words):
            list(answer(step(key), None, damaged))


def test_a_record_that_was_replaced_is_read_anew(tmp_path):
    shutil.copytree(WEIGHTS / "records", tmp_path / "records")
    sources = Sources(_no_heart, lambda: tmp_path)
    *_, before = step("c6").measure(sources)
    found = record("dropout")
    for row in found["rows"]:
        if row["value"] == 0.7:
            row["fresh_accuracy"]["members"] = [0.95] * 100
    save_record(tmp_path, "dropout", found)
    os.utime(tmp_path / "records" / "dropout.json", ns=(1, 1))
    *_, after = step("c6").measure(sources)
    assert (step("c6").judge(before), step("c6").judge(after)) == (1, 0)
