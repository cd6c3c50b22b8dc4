"""What the playground's steps say of measurements, those of one machine and others: held as looked
at. What was measured is kept in `measured.json`, since networks train otherwise elsewhere.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from classifiers.recipes.guide import step
from tests.answers.thinned import hold
from tests.recipes.guide.test_other_measures_snapshots import Change, flags, gaps, walk

MEASURED = json.loads(Path(__file__).with_name("measured.json").read_text())


def lists_reversed(value: Any) -> Any:
    plain = isinstance(value, list) and all(type(one) in (int, float) for one in value)
    return value[::-1] if plain else None


def shares_halved(value: Any) -> Any:
    return value / 2 if isinstance(value, float) and 0 < abs(value) < 1 else None


def shares_near_one(value: Any) -> Any:
    return 1 - (1 - value) / 10 if isinstance(value, float) and 0 < value < 1 else None


def turned(value: Any) -> Any:
    return -value if isinstance(value, float) else None


CHANGES: dict[str, Change] = {
    "as it was": lambda value: None,
    "all above": gaps("all above"),
    "all below": gaps("all below"),
    "flags": flags,
    "reversed": lists_reversed,
    "halved": shares_halved,
    "near one": shares_near_one,
    "turned": turned,
}


def said(key: str, measured: Any) -> list[Any]:
    one = step(key)
    shown = one.shows and one.shows(measured)
    return [one.judge(measured), list(one.tell(measured)), shown and shown.to_dict()]


def test_measurements_of_the_playground(snapshots):
    for key, measured in MEASURED.items():
        usual = said(key, measured)
        for name, change in CHANGES.items():
            told = said(key, walk(measured, change))
            same = name != "as it was" and told == usual
            hold(snapshots, f"{key}, {name}", "as it was" if same else told, 20)


def test_pairs_that_change_places(snapshots):
    """Where two things are measured alike, what was found of one is taken for the other's."""
    for key in ("p6", "p10", "p11", "p16"):
        measured = MEASURED[key]
        parts = [name for name, value in measured.items() if isinstance(value, dict)]
        for a, b in pairwise(parts):
            if set(measured[a]) == set(measured[b]):
                other = {**measured, a: measured[b], b: measured[a]}
                hold(snapshots, f"{key}, {a} and {b}", said(key, other)[:2], 20)


def test_codings_and_shifted_logits(snapshots):
    shares = {"circles, one": [0.9, 0.8, 0.91], "circles, two": [0.9, 0.7, 0.9],
              "moons, one": [0.81, 0.82, 0.8], "moons, two": [0.88, 0.9, 0.8]}  # fmt: skip
    fresh = {f"{name} logit{'s' * name.endswith('two')}": share for name, share in shares.items()}
    sides = {"logits": [-2.0, 0.0, 1.0], "sigmoid": [0.12, 0.5, 0.73], "softmax": [0.13, 0.5, 0.74]}
    best = {"circles": 0.95, "moons": 0.97}
    codings = {"fresh": fresh, "best": best, **sides, "one_step": 100.0, "two_steps": 101.0}
    hold(snapshots, "codings", said("p14", codings), 20)
    change = dict(MEASURED["p4"]["change"])
    for name, predictions in zip(change, (0, 2, 5), strict=True):
        change[name] = {**change[name], "predictions": predictions}
    hold(snapshots, "shifted", said("p4", {**MEASURED["p4"], "change": change}), 20)
