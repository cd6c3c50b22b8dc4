"""Steps h1 to h10 as cards: short, explained, every wrong answer told why; no number typed."""

import inspect
import json
import re

import pytest

from classifiers.recipes.guide.answer import reveal
from classifiers.recipes.guide.glossary import GLOSSARY
from classifiers.recipes.guide.heart import STEPS
from classifiers.recipes.guide.heart.terms import TERMS
from classifiers.recipes.guide.step import CHIPS


def test_the_steps_are_those_of_the_guide():
    assert [step.key for step in STEPS] == [f"h{i}" for i in range(1, 11)]
    assert [s.key for s in STEPS if s.core] == ["h1", "h2", "h3", "h6", "h8", "h9"]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_a_card_is_short_and_its_words_are_explained(step):
    card = " ".join([step.ask, *(o.text for o in (*step.options, *step.rows))])
    assert len(card.split()) <= 60
    assert "!" not in card
    assert set(step.terms) <= set(GLOSSARY["heart"])
    assert set(step.touches) <= set(CHIPS)
    assert re.fullmatch(r"(Patient|Threshold|Table|Lessons|Record) [#\[].+", step.place)
    assert step.now.endswith((".", "?"))
    assert 2 <= len(step.code.splitlines()) <= 8
    assert max(map(len, step.code.splitlines())) <= 100


NOTATION = {"±": "±", "[a, b]": r"\[[-+\d.% ]+, [-+\d.% ]+\]",
            "distinguishable from zero": "distinguishable from zero"}  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_the_notation_of_what_is_told_is_explained(step, measured):
    told = " ".join(step.tell(measured[step.key]))
    table = step.shows(measured[step.key]).rows if step.shows else ()
    told += " ".join(cell for row in table for cell in row)
    used = {term for term, form in NOTATION.items() if re.search(form, told)}
    assert used == set(NOTATION) & set(step.terms)


def test_every_term_is_used_and_takes_one_sentence():
    assert {term for step in STEPS for term in step.terms} <= set(GLOSSARY["heart"])
    assert set(TERMS) <= {term for step in STEPS for term in step.terms}
    for sentence in TERMS.values():
        assert sentence.endswith(".")
        assert ". " not in sentence


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_no_number_is_typed_into_what_is_said(step, measured):
    assert not re.search(r"\d", inspect.getsource(step.tell))
    sentences = [o.because for o in (*step.options, *step.rows)]
    if step.scale:
        sentences += [step.scale.too_low, step.scale.too_high]
    assert not re.search(r"\d", " ".join(sentences))
    assert len(set(sentences)) == len(sentences)
    assert 1 <= len(list(step.tell(measured[step.key]))) <= 3


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_every_wrong_answer_is_told_why(step, measured):
    got = measured[step.key]
    right = step.judge(got)
    if step.scale:
        return  # see h6 and h9
    if step.rows:
        others = [[(r + 1) % len(step.options) for r in right]]
        expected = [[row.because for row in step.rows]]
    else:
        others = [i for i in range(len(step.options)) if i != right]
        expected = [[step.options[i].because] for i in others]
    for said, because in zip(others, expected, strict=True):
        answer = reveal(step, said, got)
        assert (answer["verdict"], answer["because"]) == ("wrong", because)
    answer = reveal(step, right, got)
    assert (answer["verdict"], answer["because"]) == ("right", [])
    json.dumps(answer, allow_nan=False)


def test_what_the_steps_cover():
    covered = {item for step in STEPS for item in step.covers}
    assert {f"exercise {i}" for i in range(9, 13)} <= covered
    assert "try-it: deliberate leakage" in covered
