"""What holds for every step: what it covers, its length, its words, and that it measures."""

import inspect
import re

import pytest

from classifiers.config import PlaygroundConfig
from classifiers.errors import ConfigError
from classifiers.recipes import guide
from classifiers.recipes.guide import GLOSSARY, chips, describe, question, step, steps
from classifiers.recipes.guide.step import CHIPS, Curves, Sources, Step
from tests.recipes.guide.items import ELSEWHERE, ITEMS

STEPS = list(steps().values())
each = pytest.mark.parametrize("one", STEPS, ids=lambda one: one.key)
CORE = [*(f"p{i}" for i in (1, 2, 3, 4, 6, 7, 9, 13, 15)), *(f"h{i}" for i in (1, 2, 3, 6, 8, 9)),
        *(f"c{i}" for i in (1, 2, 3, 8, 9))]  # fmt: skip


def test_all_steps_are_there_in_their_order():
    wanted = [*(f"p{i}" for i in range(1, 17)), *(f"h{i}" for i in range(1, 11))]
    assert [one.key for one in STEPS] == [*wanted, *(f"c{i}" for i in range(1, 10))]
    assert [one.key for one in STEPS if one.core] == CORE


def test_all_of_the_lesson_is_covered_by_a_step_or_a_place():
    said = {text for one in STEPS for text in one.covers}
    covered = {item: any(text.startswith(item) for text in said) for item in ITEMS}
    assert [text for text in said if not text.startswith(ITEMS)] == []
    assert [item for item in ITEMS if not covered[item] and item not in ELSEWHERE] == []


@each
def test_a_card_is_short_and_asks_one_thing(one):
    words = " ".join([one.ask, *(option.text for option in (*one.options, *one.rows))]).split()
    assert len(words) <= 60, len(words)
    assert one.ask.rstrip().endswith(("?", ".", "…")), one.ask
    assert (one.scale is None) == bool(one.options)
    if one.options:
        assert 2 <= len(one.options) <= 6
    assert one.now
    assert one.config is not None or one.place or one.tab == "playground"


@each
def test_every_wrong_answer_has_a_sentence_of_its_own_without_a_number(one):
    said = [option.because for option in one.rows or one.options]
    if one.scale is not None:
        said = [one.scale.too_low, one.scale.too_high]
    assert len(set(said)) == len(said)
    for sentence in said:
        assert len(sentence.split()) >= 5, sentence
        assert not re.search(r"\d", sentence), sentence


@each
def test_no_number_is_typed_into_what_is_told(one):
    assert not re.search(r"\d", inspect.getsource(one.tell))


@each
def test_words_that_need_it_are_in_the_glossary(one):
    assert set(one.terms) <= set(GLOSSARY[one.tab])
    assert chips(one.key)
    assert set(chips(one.key)) <= set(CHIPS)


def test_an_explanation_is_one_short_sentence_or_two():
    for term, text in (pair for words in GLOSSARY.values() for pair in words.items()):
        assert 5 <= len(text.split()) <= 45, term
        assert text.endswith("."), term


def made_up(key: str, **more) -> Step:
    usual = {"title": "", "ask": "", "measure": None, "judge": None, "tell": None, "now": "",
             "covers": ()}  # fmt: skip
    return Step(key=key, **(usual | more))


def config(**sections) -> PlaygroundConfig:
    return PlaygroundConfig.parse(sections)


def test_a_step_is_about_what_it_changes_against_the_one_before_in_its_tab(monkeypatch):
    noisy = {"dataset": {"noise": 3.0}}
    one = {"name": "moons"}, {"outputs": "one_logit"}
    made = [
        made_up("c1", config=config(network={"widths": [3]})),
        made_up("p1", config=config()),
        made_up("p2", config=config(**noisy)),
        made_up("p3"),
        made_up("p4", config=config(**noisy, training={"epochs": 7})),
        made_up("p5", config=config(**noisy, training={"epochs": 7})),
        made_up("p6", config=config(dataset=one[0], network=one[1], training={"epochs": 7})),
        made_up("p7", config=config(dataset=one[0]), touches=("look", "loss", "data")),
        made_up("p8", config=config(dataset=one[0]), touches=()),
        made_up("c2", config=config(network={"widths": [3]}, training={"epochs": 7})),
        made_up("p9", config=config(dataset=one[0], network={"widths": [3]})),
    ]
    monkeypatch.setattr(guide, "steps", lambda: {one.key: one for one in made})
    assert {one.key: chips(one.key) for one in made} == {
        "c1": ["look"], "p1": ["look"], "p2": ["data"], "p3": ["look"], "p4": ["train"],
        "p5": ["look"], "p6": ["data", "model", "loss"], "p7": ["data", "loss", "look"], "p8": [],
        "c2": ["train"], "p9": ["model"],
    }  # fmt: skip


def test_a_question_carries_what_is_looked_at_and_what_the_page_is_set_to():
    sources = Sources(lambda: None, lambda: None)
    plain = step("p4")
    assert question(plain, sources) == {
        **describe(plain), "exhibit": None, "config": plain.config.to_dict(), "on_own": True,
        "place": "", "chips": ["look"],
    }  # fmt: skip
    seen = []
    shown = made_up(
        "h1", place="#table", exhibit=lambda given: seen.append(given) or Curves("y", (0,), {})
    )
    asked = question(shown, sources)
    assert asked["exhibit"] == {"y": "y", "x": [0], "charts": {}}
    assert (asked["config"], asked["on_own"], asked["place"]) == (None, False, "#table")
    assert seen == [sources]


def test_a_step_that_is_unknown_is_named_in_part():
    for key in ("x" * 1000, 7):
        with pytest.raises(ConfigError) as refused:
            step(key)
        names = ", ".join(steps())
        assert str(refused.value) == f"key: must be one of {names}, got {str(key)[:40]!r}; pick one"


@pytest.mark.parametrize("key", ["", "p0", "P1", None, 7, ["p1"], "x" * 1000])
def test_an_unknown_step_is_refused_with_those_there_are(key):
    with pytest.raises(ConfigError, match="^key: must be one of p1, ") as refused:
        step(key)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("key", ["p99", 3, None, "x" * 50, ["p1"]])
def test_a_step_that_is_not_there_is_refused_with_those_that_are(key):
    with pytest.raises(ConfigError) as refused:
        step(key)
    names = ", ".join(steps())
    assert str(refused.value) == f"key: must be one of {names}, got {str(key)[:40]!r}; pick one"
