"""The form of the playground's steps: short, explained, a sentence for each wrong answer, code that
runs. Nothing is trained here."""

import re
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from classifiers.recipes.guide import GLOSSARY, chips, describe, steps
from classifiers.recipes.guide.answer import reveal
from classifiers.recipes.guide.playground import STEPS
from classifiers.recipes.guide.playground.terms import TERMS
from classifiers.recipes.guide.step import Step

KEYS = [f"p{number}" for number in range(1, 17)]
CORE = {"p1", "p2", "p3", "p4", "p6", "p7", "p9", "p13", "p15"}
# Words of the field that a beginner cannot know: where a card has one, its step explains it.
SPECIAL = (
    "accuracy", "activation", "batch", "best possible", "binary cross-entropy", "blobs", "boundary",
    "circles", "class", "cross-entropy", "epoch", "float32", "fresh points", "hidden layer",
    "int64", "learning rate", "logit", "logits", "loss", "moons", "network", "one-hot", "output",
    "overlap", "percentage point", "probability", "prediction", "relu", "shape", "shuffled",
    "sigmoid", "softmax", "spread", "squared error", "tanh", "target", "test points", "training",
    "unit", "weights",
)  # fmt: skip
CODE_SETUP = """
x, y = make_blobs(100, centers=2, random_state=0)
x_train = x_test = torch.from_numpy(x).float()
y_train = torch.from_numpy(y)
y_test, hidden = y_train.clone(), torch.randn(100, 16)
amounts, zeros_and_ones, classes = torch.rand(100, 1), torch.ones(100, 1), torch.zeros(100).long()
build_model = lambda: nn.Linear(2, 4)
model, loss_fn, history, loss = nn.Linear(2, 4), nn.CrossEntropyLoss(), [], torch.tensor(1.0)
predictions, optimizer = y_test.clone(), torch.optim.SGD(model.parameters(), lr=0.1)
"""
OWN_SETUP = {
    "p14": "model, y_test = nn.Linear(2, 1), torch.ones(100, 1)",
    "p15": "model, grid = nn.Linear(2, 1), torch.rand(400, 2)",
}


def test_there_are_sixteen_steps_in_order_and_the_core_is_that_of_the_guide():
    assert [step.key for step in STEPS] == KEYS
    assert {step.key for step in STEPS if step.core} == CORE


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_card_is_short_and_says_what_its_words_mean(step):
    card = describe(step)
    text = " ".join([card["ask"], *card["options"], *card["rows"]])
    assert len(text.split()) <= 60
    assert all(len(option.split()) <= 9 for option in [*card["options"], *card["rows"]])
    explained = {term.lower() for term in step.terms}
    missing = [
        word
        for word in SPECIAL
        if re.search(rf"(?<![\w-]){word}(?:e?s)?(?![\w-])", text, re.IGNORECASE)
        and not {word, f"{word}s", word.removesuffix("s")} & explained
    ]
    assert not missing
    assert not re.search(r"!|\bwe\b", text, re.IGNORECASE)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_code_is_short_and_runs(step):
    assert 2 <= len(step.code.splitlines()) <= 8
    assert all(len(line) <= 88 for line in step.code.splitlines())
    assert "#" in step.code
    mpl.use("agg")
    from matplotlib import pyplot as plt

    names = {"np": np, "torch": torch, "nn": nn, "plt": plt, "make_blobs": make_blobs,
             "train_test_split": train_test_split, "DataLoader": DataLoader,
             "TensorDataset": TensorDataset}  # fmt: skip
    exec(CODE_SETUP + OWN_SETUP.get(step.key, ""), names)
    exec(step.code, names)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_each_step_sets_the_playground_and_lights_a_chip(step):
    assert chips(step.key)
    assert step.now
    assert step.config is not None or step.key == "p13"
    if step.config is not None:
        step.config.parse(step.config.to_dict())


def test_every_term_is_explained_once_and_no_step_names_an_unknown_one():
    assert set(TERMS) <= set(GLOSSARY["playground"])
    for step in STEPS:
        assert set(step.terms) <= set(GLOSSARY["playground"]), step.key
        assert len(set(step.terms)) == len(step.terms)
    assert {term for step in STEPS for term in step.terms} >= set(TERMS)
    for term, sentence in TERMS.items():
        assert sentence.endswith("."), term
        assert len(re.findall(r"[.?](?: |$)", sentence)) == 1, term
        others = set(SPECIAL) - {term.lower(), "class", "network", "probability", "output", "unit"}
        used = [word for word in others if re.search(rf"(?<![\w-]){word}(?![\w-])", sentence)]
        assert not used, f"{term}: {used}"


def said(step: Step, option: Any, right: Any) -> dict[str, Any]:
    """What is revealed, had `right` been measured."""
    made_up = replace(step, judge=lambda measured: right, tell=lambda measured: [], shows=None)
    return reveal(made_up, option, {})


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_wrong_answer_gets_its_own_sentence_whatever_is_right(step):
    if step.scale:
        near = step.scale.near
        assert said(step, 50 - 2 * near, 50.0)["because"] == [step.scale.too_low]
        assert said(step, 50 + 2 * near, 50.0)["because"] == [step.scale.too_high]
        assert said(step, 50 + near / 2, 50.0)["verdict"] == "right"
    elif step.rows:
        last = len(step.options) - 1
        right = [0] * len(step.rows)
        for k, row in enumerate(step.rows):
            mine = [last if j == k else 0 for j in range(len(right))]
            assert said(step, mine, right)["because"] == [row.because]
    else:
        for k, option in enumerate(step.options):
            assert said(step, k, (k + 1) % len(step.options))["because"] == [option.because]
            assert said(step, k, k)["because"] == []


def test_the_guide_finds_them_by_key():
    assert [key for key in steps() if key.startswith("p")] == KEYS
