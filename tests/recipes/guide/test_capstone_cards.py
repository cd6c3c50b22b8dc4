"""The cards of steps c1 to c9: short, explained, every wrong answer answered, code that runs."""

import copy
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
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
KEYS = [f"c{k}" for k in range(1, 10)]


def _no_heart():
    raise AssertionError("a capstone step read the heart model")


SOURCES = Sources(_no_heart, lambda: WEIGHTS)


def measured(key):
    *_, last = step(key).measure(SOURCES)
    return copy.deepcopy(dict(last))


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


@pytest.mark.parametrize("key", KEYS)
def test_the_notation_of_what_is_told_is_explained(key):
    told = " ".join(answered(key)["told"])
    forms = {"[a, b]": r"\[[-+]", "±": "±", "distinguishable from zero": "distinguishable",
             "geometric mean": "geometric mean"}  # fmt: skip
    used = {term for term, form in forms.items() if re.search(form, told)}
    assert used == set(forms) & set(step(key).terms)


def answered(key):
    *_, last = answer(step(key), None, SOURCES)
    return last


@pytest.mark.parametrize("key", KEYS)
def test_the_answer_is_told_in_at_most_three_sentences(key):
    asked = step(key)
    assert 2 <= len(list(asked.tell(measured(key)))) <= 3
    json.dumps(answered(key), allow_nan=False)
    assert set(asked.terms) <= set(GLOSSARY["capstone"])
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
