"""What the capstone's and the heart's steps say of other measurements: held as they were looked at.

A measurement is altered as a whole: every difference, every list of numbers, every flag.
"""

from collections.abc import Callable
from typing import Any

import pytest

from classifiers.recipes.guide import Sources, steps
from tests.answers.thinned import hold
from tests.conftest import ROOT

ENDS = {
    "all above": (0.015, 0.012, 0.04),
    "all below": (-0.015, -0.04, -0.012),
    "wide": (-0.03, -0.2, 0.15),
    "far above": (0.2, 0.15, 0.3),
    "far below": (-0.2, -0.3, -0.15),
    "nothing": (0.0, -0.004, 0.004),
}
Change = Callable[[Any], Any]


def walk(value: Any, change: Change) -> Any:
    """The same with `change` made wherever it makes one: it gives None where it does not."""
    changed = change(value)
    if changed is not None:
        return changed
    if isinstance(value, dict):
        return {key: walk(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(walk(one, change) for one in value)
    return value


def gaps(name: str) -> Change:
    def change(value: Any) -> Any:
        if isinstance(value, dict) and {"value", "low", "high"} <= set(value):
            return {**value, **dict(zip(("value", "low", "high"), ENDS[name], strict=True))}
        return None

    return change


def flags(value: Any) -> Any:
    return not value if isinstance(value, bool) else None


def shares_mirrored(value: Any) -> Any:
    """Shares between 0 and 1 as what they leave."""
    return 1 - value if isinstance(value, float) and 0 < value < 1 else None


def lists_reversed(value: Any) -> Any:
    plain = isinstance(value, list) and all(type(one) in (int, float) for one in value)
    return value[::-1] if plain else None


CHANGES: dict[str, Change] = {
    **{name: gaps(name) for name in ENDS},
    "flags": flags,
    "shares": shares_mirrored,
    "reversed": lists_reversed,
}


@pytest.fixture(scope="module")
def sources(model) -> Sources:
    return Sources(lambda: model, lambda: ROOT / "weights" / "capstone")


def test_other_measurements_of_the_capstone(sources, snapshots):
    for key in ("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"):
        one = steps()[key]
        *_, measured = one.measure(sources)
        usual = [one.judge(measured), list(one.tell(measured))]
        for name, change in CHANGES.items():
            other = walk(measured, change)
            told = [one.judge(other), list(one.tell(other))]
            hold(snapshots, f"{key}, {name}", "as usual" if told == usual else told)


def counted(steps_: Any, measured: Any, **more: Any) -> Any:
    other = {**measured, **more}
    return [steps_.judge(other), list(steps_.tell(other))]


def test_other_counts_of_the_capstone(sources, snapshots):
    ranks, shares, prices, widths = (steps()[key] for key in ("c1", "c2", "c3", "c4"))
    *_, measured = ranks.measure(sources)
    for train, test in (([1, 2, 0], [0, 1, 2]), ([2, 1, 0], [2, 0, 1]), ([0, 1, 2], [0, 2, 1])):
        told = counted(ranks, measured, train_order=train, test_order=test)
        hold(snapshots, f"ranks {train} {test}", told)
    *_, measured = shares.measure(sources)
    for below, level in ((0, 0), (1, 99), (50, 1), (100, 0)):
        lesson = {**measured["lesson"], "below": below, "level": level, "below_fresh": below}
        hold(snapshots, f"below {below}", counted(shares, measured, lesson=lesson))
    *_, measured = prices.measure(sources)
    for early, late in ((90, 5), (5, 90), (5, 5), (40, 40), (61, 0), (59, 0)):
        then, end = ([0.4, 0.8], [0.3, 0.9]) if late > early else ([0.3, 0.9], [3.4, 0.85])
        told = counted(prices, measured, early=early, late=late, then=then, end=end)
        hold(snapshots, f"prices {early} {late}", told)
    *_, measured = widths.measure(sources)
    for row in range(len(measured["values"])):
        if measured["values"][row] in (2, 8, 64, 256):
            told = counted(widths, measured, best_row=row, apart=row % 2 == 0, never=row)
            hold(snapshots, f"widths {row}", told)


def test_other_rivals(sources, snapshots):
    rivals, stops = steps()["c9"], steps()["c8"]
    *_, measured = rivals.measure(sources)
    leads = {name: dict(zip(("value", "low", "high"), ends, strict=True))
             for name, ends in ENDS.items()}  # fmt: skip
    for names in (("all above", "all below", "nothing"), ("all below",) * 3, ("all above",) * 3,
                  ("nothing", "nothing", "far above")):  # fmt: skip
        differs = [name != "nothing" for name in names]
        fresh = [measured["good"] + leads[name]["value"] for name in names]
        told = counted(rivals, measured, leads=[leads[name] for name in names], differs=differs,
                       fresh=fresh)  # fmt: skip
        hold(snapshots, f"rivals {names}", told)
    *_, measured = stops.measure(sources)
    ends = ((0.02, 0.01, 0.03), (0.05, 0.005, 0.099), (0.2, 0.1, 0.3), (0.0, -0.009, 0.009),
            (-0.02, -0.03, -0.001), (0.05, 0.01, 0.1))  # fmt: skip
    places = {
        "both": [leads["all below"]] * 2, "one": [leads["all below"], leads["nothing"]], "no": [],
    }  # fmt: skip
    for each in ends:
        test = dict(zip(("value", "low", "high"), each, strict=True))
        flattered = {**measured["flattered"], "test": test}
        for name, found in places.items():
            plain = leads["all below" if found else "all above"]
            told = counted(stops, measured, flattered=flattered, places=found, plain=plain)
            hold(snapshots, f"stops {each}, {name} places", told)


def test_other_measurements_of_the_heart(sources, snapshots):
    for key in ("h1", "h2", "h3", "h4", "h5", "h6", "h8", "h9"):
        one = steps()[key]
        *_, measured = one.measure(sources)
        usual = [one.judge(measured), list(one.tell(measured))]
        for name in ("flags", "shares", "reversed", "far above", "far below"):
            other = walk(measured, CHANGES[name])
            told = [one.judge(other), list(one.tell(other))]
            hold(snapshots, f"{key}, {name}", "as usual" if told == usual else told)


def test_what_strange_codes_would_be_told_to_do(snapshots):
    strange, saved = steps()["h7"], steps()["h10"]
    found = {"label": 0, "anew": 1, "model": 2}
    numbers: dict[str, str | None] = {"anew": "0", "model": None}
    measured = {"found": found, "numbers": numbers, "strange": 5, "known": ["3", "6", "7"],
                "risk": 0.41, "seen": 0.72, "refused": True}  # fmt: skip
    for more in ({}, {"refused": False}, {"found": {"label": 1, "anew": 0, "model": 1},
                 "numbers": {"label": "2", "model": "0.4"}}, {"known": ["3"]}):  # fmt: skip
        hold(snapshots, f"strange {more}", counted(strange, measured, **more))
    kept = {"weights": 0.1, "scales": 0.3, "codes": 0.5}
    measured = {"served": 0.5, "loaded": 0.5, "equal": True, "bytes": 12345, "kept": kept}
    for more in ({}, {"served": 0.3, "equal": False}, {"served": 0.1}, {"served": 0.2}):
        told = [*counted(saved, measured, **more), saved.shows and saved.shows(measured).to_dict()]
        hold(snapshots, f"saved {more}", told)
