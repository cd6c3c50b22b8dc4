"""The lesson's steps, whole: held against what was looked at and kept.

What heart and capstone steps tell comes from records that ship; what the playground's tell comes
from networks that train for long, which other processors train otherwise: of those only what is
written is held.
"""

import dataclasses
import itertools
from typing import Any

import pytest

from classifiers.recipes.guide import (
    GLOSSARY,
    GOALS,
    Sources,
    Step,
    answer,
    chips,
    describe,
    question,
    steps,
)
from classifiers.recipes.guide.answer import read_answer
from tests.answers.thinned import attempt, hold, unsized
from tests.conftest import ROOT

ODD: list[Any] = [99, 0.5, "a", [0], [1e9, 0]]


@pytest.fixture(scope="module")
def sources(model) -> Sources:
    return Sources(lambda: model, lambda: ROOT / "weights" / "capstone")


def written(one: Step) -> dict[str, Any]:
    """What of a step nobody has to measure."""
    named = ("title", "now", "covers", "core", "on_own", "place", "code", "touches")
    told = {
        **{name: value for name, value in describe(one).items() if name not in ("options", "rows")},
        "terms": list(one.terms),
        "chips": chips(one.key),
        **{name: getattr(one, name) for name in named},
        "options": [dataclasses.asdict(option) for option in one.options],
        "rows": [dataclasses.asdict(row) for row in one.rows],
        "config": one.config and one.config.model_dump(exclude_unset=True, mode="json"),
    }
    if one.scale is not None:
        told["scale"] = {k: v for k, v in vars(one.scale).items() if not callable(v)}
    return told


def answers(one: Step) -> list[Any]:
    """Every option; rows all alike and one by one otherwise; a scale's ends and middle."""
    if one.scale is not None:
        scale = one.scale
        return [scale.low, (scale.low + scale.high) / 2, scale.high, None]
    if one.rows:
        alike = [[k] * len(one.rows) for k in range(len(one.options))]
        turn = itertools.islice(itertools.cycle(range(len(one.options))), len(one.rows))
        return [*alike, list(turn), None]
    return [*range(len(one.options)), None]


def test_what_is_written_in_steps(snapshots):
    hold(snapshots, "goals", GOALS)
    hold(snapshots, "glossary", GLOSSARY)
    for key, one in steps().items():
        hold(snapshots, key, written(one), 20)
        told = [attempt(lambda one=one, odd=odd: read_answer(one, odd)) for odd in ODD]
        refused = [text.partition("got")[0] for text in told if isinstance(text, str)]
        hold(snapshots, f"{key}, odd answers", refused[:2])


@pytest.mark.parametrize("tab", ["heart", "capstone"])
def test_what_steps_tell(tab, sources, snapshots):
    snapshots.near = 2e-6
    for key, one in steps().items():
        if one.tab != tab:
            continue
        asked = question(one, sources)
        hold(snapshots, f"{key}, shown", [asked["exhibit"], asked["chips"]], 9)
        known = None
        for option in answers(one):
            *_, told = answer(one, option, sources)
            always = {name: told.pop(name) for name in ("right", "told", "exhibit", "now", "code")}
            if known is None:
                known = always
                measured = {k: always[k] for k in always if k != "code"}
                hold(snapshots, f"{key}, measured", unsized(measured), 9)
            assert always == known
            hold(snapshots, f"{key}, {option}", told)
