"""Steps c1 to c9 against the records read by hand, and against measured values that were altered.

Only the tests of what a step claims of the records know which answer is right today.
"""

import copy
import inspect
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import nn

from classifiers.recipes.guide import GLOSSARY, Sources, answer, describe, step
from classifiers.recipes.guide.answer import reveal
from classifiers.recipes.guide.capstone import STEPS
from classifiers.recipes.guide.capstone.choice import RECAP
from classifiers.recipes.guide.capstone.terms import TERMS
from classifiers.recipes.guide.step import CHIPS

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


# Altered measured values change the verdict.


def level(gap):
    gap.update(value=0.0, low=-0.01, high=0.01)


def turned(gap):
    gap.update(value=-gap["value"], low=-gap["high"], high=-gap["low"])


def test_c1_follows_the_order_and_says_nothing_where_it_is_luck():
    values = measured("c1")
    values["test_order"] = [BIG, GOOD, SMALL]
    assert step("c1").judge(values) == [BIG, SMALL, BIG, SMALL]
    assert "what it learned was the rule" in told("c1", values)
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
    level(values["lesson"]["lead"])
    assert "can't be told" in told("c2", values)


def test_c3_follows_where_most_worlds_are():
    values = measured("c3")
    for early, late, right in ((10, 0, 1), (0, 95, 2), (50, 50, None), (95, 0, 0)):
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
    level(values["more"])
    assert step("c5").judge(values) is None
    level(values["fresh_change"])
    assert step("c5").judge(values) == 0
    assert "nothing came for it" in told("c5", values)
    level(values["train_change"])
    assert step("c5").judge(values) is None
    turned(values["too_much"])
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
    assert "weights enough" in told("c7", values)
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
    level(values["cost"])
    assert "costs nothing" in told("c8", values)


def test_c9_follows_who_is_ahead():
    values = measured("c9")
    turned(values["leads"][1])
    assert step("c9").judge(values) == 3
    assert "is behind" in told("c9", values)
    values["differs"][1] = False
    assert step("c9").judge(values) is None


# The card.

FORMS = {
    "hidden unit": "unit", "weight": "weight(?!s? decay)", "noise": "nois[ey]",
    "to learn by heart": "by heart", "training points": "training (point|accuracy)",
    "test points": "test (point|accuracy)", "fresh points": "fresh",
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_every_wrong_answer_has_a_sentence_of_its_own(key):
    asked, values = step(key), measured(key)
    right = asked.judge(values)
    assert reveal(asked, right, values)["because"] == []
    if asked.scale:
        sentences = [reveal(asked, end, values)["because"] for end in (0, 100)]
    elif asked.rows:
        others = [[(one + 1) % 3 if i == row else one for i, one in enumerate(right)]
                  for row in range(len(right))]  # fmt: skip
        sentences = [reveal(asked, wrong, values)["because"] for wrong in others]
    else:
        wrong = [i for i in range(len(asked.options)) if i != right]
        sentences = [reveal(asked, i, values)["because"] for i in wrong]
    assert all(len(said) == 1 and len(said[0].split()) >= 12 for said in sentences)
    assert len({said[0] for said in sentences}) == len(sentences)


@pytest.mark.parametrize("key", KEYS)
def test_no_number_is_typed_where_numbers_are_told(key):
    asked = step(key)
    scale = [asked.scale.too_low, asked.scale.too_high] if asked.scale else []
    becauses = [each.because for each in (*asked.options, *asked.rows)] + scale
    assert not re.search(r"\d", "".join(becauses))
    assert not re.search(r"\d", inspect.getsource(asked.tell))


@pytest.mark.parametrize("key", KEYS)
def test_the_card_is_short_and_its_words_are_explained(key):
    card = describe(step(key))
    words = [card["ask"], *card["options"], *card["rows"]]
    assert len(" ".join(words).split()) <= 60
    assert all(len(text.split()) <= 8 for text in (*card["options"], *card["rows"]))
    assert "!" not in " ".join([*words, *answered(key)["told"]])
    asked = step(key)
    scale = [asked.scale.too_low, asked.scale.too_high] if asked.scale else []
    text = " ".join([*words, *(o.because for o in (*asked.options, *asked.rows)), *scale]).lower()
    used = {term for term in TERMS if re.search(rf"\b{FORMS.get(term, term)}s?\b", text)}
    assert used <= set(asked.terms), used - set(asked.terms)


def answered(key):
    *_, last = answer(step(key), None, SOURCES)
    return last


@pytest.mark.parametrize("key", KEYS)
def test_the_answer_is_told_in_at_most_three_sentences(key):
    asked = step(key)
    assert 2 <= len(list(asked.tell(measured(key)))) <= 3
    json.dumps(answered(key), allow_nan=False)
    assert set(asked.terms) <= set(GLOSSARY)
    assert set(asked.touches) <= set(CHIPS)


class Ids(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = {"#sweeps", "#early", "#capstone-worlds"}  # ids of the components

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.found |= {f"#{given['id']}"} if "id" in given else set()
        self.found |= {f"[data-part={given['data-part']}]"} if "data-part" in given else set()


def test_what_is_pointed_at_is_on_the_page():
    page = ROOT / "classifiers" / "ui"
    ids = Ids()
    for path in (page / "static" / "capstone").rglob("*.html"):
        ids.feed(path.read_text())
    source = "".join(path.read_text() for path in (page / "capstone").rglob("*.py"))
    for name in ("sweeps", "early", "capstone-worlds"):
        assert f'elem_id="{name}"' in source
    for each in STEPS:
        assert set(each.place.split()) <= ids.found, each.key


def test_the_recap_names_steps():
    keys = [key for _, named in RECAP for key in named.split(", ")]
    assert all(re.fullmatch(r"p([1-9]|1[0-6])|h([1-9]|10)|c[1-8]", key) for key in keys)
    assert set(KEYS) - {"c9"} <= set(keys)


# The code.


def setup():
    """What the snippets take for granted, small."""
    x, y = make_moons(n_samples=60, noise=0.3, random_state=0)
    x, y = torch.from_numpy(x).float(), torch.from_numpy(y).long()
    x_train, x_test, y_train, y_test = parts = train_test_split(x, y, test_size=0.3, random_state=0)
    network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
    return {
        "torch": torch, "nn": nn, "make_moons": make_moons, "train_test_split": train_test_split,
        "x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test, "parts": parts,
        "networks": {"too small": network}, "too_big": lambda *given: network(*given),
        "too_small": lambda: network, "network": network, "validation_accuracy": 0.9,
        "best_accuracy": 0.8, "test_accuracy": lambda network, *parts: len(parts[0]) / 500,
    }  # fmt: skip


SPECIAL = {
    "c2": {"too_big": lambda: SimpleNamespace(), "too_small": lambda: SimpleNamespace()},
    "c7": {"network": lambda: SimpleNamespace()},
}


@pytest.mark.parametrize("key", KEYS)
def test_the_code_runs_and_says_why(key, capsys):
    code = step(key).code
    lines = code.splitlines()
    assert 2 <= len(lines) <= 8
    assert all(len(line) <= 100 for line in lines)
    assert "#" in code
    exec(code, setup() | SPECIAL.get(key, {}))
    if "print" in code:
        assert capsys.readouterr().out
