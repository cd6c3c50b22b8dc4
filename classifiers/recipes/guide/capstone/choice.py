"""Steps c8 and c9: what choosing costs: the epoch that was best on test points, and a network of
one's own.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from classifiers.evaluation.comparison import compare_all
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.sweeps import load_optimism
from classifiers.recipes.guide.capstone.stored import (
    NEW,
    difference,
    falls,
    gap,
    padded,
    pile,
    rises,
    swept,
)
from classifiers.recipes.guide.step import Measured, Option, Right, Sources, Step, Table, at_once
from classifiers.wording import gap_points, listed, percent, signed_points

_WAYS = {"none": "no choice: the last", "test": "test points", "validation": "validation points"}
_SOME, _MUCH = 0.01, 0.1  # of accuracy
_RIVALS = {
    "four hidden layers of 16": ("depth", 4),
    "64 units a layer, weight decay 0.01": ("weight_decay", 0.01),
    "dropout 0.7": ("dropout", 0.7),
}


def _stops(sources: Sources) -> dict[str, Any]:
    record = load_optimism(sources.capstone())
    ways = record["ways"]

    def interval(way: str, name: str) -> dict[str, float]:
        low, high = ways[way][name]["interval"]
        return {"value": ways[way][name]["mean"], "low": low, "high": high}

    fresh, test = (
        {way: np.array(ways[way][f"{part}_accuracy"]["members"]) for way in _WAYS}
        for part in ("fresh", "test")
    )
    return {
        "worlds": record["members"],
        "test": {way: ways[way]["test_accuracy"]["mean"] for way in _WAYS},
        "fresh": {way: float(fresh[way].mean()) for way in _WAYS},
        "plain": gap(test["none"] - fresh["none"]),
        "places": [
            interval("none", name) for name in ("test_places", "places") if name in ways["none"]
        ],
        "flattered": {way: interval(way, "excess") for way in ("test", "validation")},
        "gain": {way: interval(way, "gain") for way in ("test", "validation")},
        "cost": gap(fresh["validation"] - fresh["test"]),
    }


def _judge_stops(measured: Measured) -> Right:
    flattered = measured["flattered"]["test"]
    low, high = flattered["low"], flattered["high"]
    if high < 0:
        return 1
    if low >= _MUCH:
        return 3
    if low >= _SOME and high < _MUCH:
        return 2
    return 0 if low > -_SOME and high < _SOME else None


def _tell_stops(measured: Measured) -> Iterator[str]:
    test, fresh = measured["test"]["test"], measured["fresh"]["test"]
    flatters = rises(measured["flattered"]["test"])
    yield (
        f"Reported {percent(test)}, true {percent(fresh)} (means over {measured['worlds']} worlds: "
        f"{NEW}). {_unchosen(measured)}; measured from there, the report flatters by "
        f"{gap_points(measured['flattered']['test'])}"
        f"{': the best of many looks is partly luck' if flatters else ''}."
    )
    yield (
        f"Chosen by validation points it flatters by "
        f"{gap_points(measured['flattered']['validation'])}: these test points had no say."
    )
    costs = falls(measured["cost"])
    price = "That has a price, as the points set aside don't train" if costs else "It costs nothing"
    yield (
        f"{price}: on fresh points {gap_points(measured['cost'])} against the other choice, though "
        f"{gap_points(measured['gain']['validation'])} against training to the end."
    )


def _unchosen(measured: Measured) -> str:
    """What test points say too much, or too little, where nothing is chosen, and why."""
    plain, places = measured["plain"], measured["places"]
    points = signed_points(abs(plain["value"])).removeprefix("+")
    if falls(plain):
        return f"Without any choice test points say {points} too little" + (
            f", in part for their places: new points around them score {gap_points(places[0])} "
            "against fresh ones, as training points lie elsewhere"
            if places and all(map(falls, places))
            else ""
        )
    if rises(plain):
        return f"Without any choice test points say {points} too much"
    return "Without any choice test points say what fresh points say, as far as can be told"


def _show_stops(measured: Measured) -> Table:
    rows = [[label, percent(measured["test"][way]), percent(measured["fresh"][way])]
            for way, label in _WAYS.items()]  # fmt: skip
    return Table(["Epoch chosen by", "Test", "Fresh"], rows)


def _rivals(sources: Sources) -> dict[str, Any]:
    folder = sources.capstone()
    drawn = pile(folder, "lesson")
    good = drawn.scores("fresh_accuracy")[:, NAMES.index("good"), -1].astype(np.float64)
    others, shared = [], True
    for over, value in _RIVALS.values():
        found = swept(folder, over)
        others.append(found.fresh[found.at(value)])
        data, own = found.config.base.dataset, drawn.config.dataset
        shared &= (data.samples, data.noise, data.seed) == (own.samples, own.noise, own.seed)
    # World k of a sweep and of the pile have the same points and split where the rule is the same.
    paired = shared and all(len(values) == len(good) for values in others)
    pairs = compare_all(padded([good, *others]), paired=paired)
    return {
        "worlds": len(good),
        "good": float(good.mean()),
        "fresh": [float(np.mean(values)) for values in others],
        "differs": [pair.differs for pair in pairs if pair.i == 0],
        "leads": [
            (gap(values - good) if paired else difference(values, good)) for values in others
        ],
        "best": drawn.truth.best_fresh,
    }


def _judge_rivals(measured: Measured) -> Right:
    """The only one that is ahead; none, where all are behind."""
    signs = [
        np.sign(lead["value"]) if differs else 0
        for lead, differs in zip(measured["leads"], measured["differs"], strict=True)
    ]
    if all(sign < 0 for sign in signs):
        return len(signs)
    return signs.index(1) if signs.count(1) == 1 else None


def _tell_rivals(measured: Measured) -> Iterator[str]:
    told = [
        f"{percent(fresh)} with {name}"
        for name, fresh in zip(_RIVALS, measured["fresh"], strict=True)
    ]
    yield (
        f"On fresh points “about right” has {percent(measured['good'])}; {listed(told)} (means "
        f"over {measured['worlds']} worlds: {NEW})."
    )
    top = int(np.argmax(measured["fresh"]))
    name, lead = list(_RIVALS)[top], measured["leads"][top]
    verdict = "ahead" if rises(lead) else "behind" if falls(lead) else "not told apart"
    left = measured["best"] - max(measured["good"], *measured["fresh"])
    yield (
        f"The best of them, {name}, is {verdict}: {gap_points(lead)}. To the best possible, "
        f"{percent(measured['best'])}, {signed_points(left)} are left, and those are all there is."
    )
    yield "Differences are taken before rounding."


RECAP = (
    ("A classifier names one of a few classes: an output for each, a logit", "p1, p4"),
    ("Softmax only to say how sure; the loss takes logits", "p5"),
    ("Loss and target go together: class numbers, or one logit and floats", "p13, p14"),
    ("Without activations every boundary is straight", "p9"),
    ("Look at the boundary and the mix-ups, not at one score", "p10, p12"),
    ("Look at the data first; fit scaler and codes on training rows", "h1, h2, h3"),
    ("Two kinds of error: a threshold weighs them", "h8, h9"),
    ("Too small cannot bend (underfitting), too big learns noise by heart (overfitting)", "c1, c2"),
    ("Loss warns of being sure and wrong; accuracy does not", "c3"),
    (
        "Against learning by heart: fewer units, weight decay, dropout, more points",
        "c4, c5, c6, c7",
    ),
    ("Points that chose cannot also judge", "c8"),
)


CHOICE = (
    Step(
        key="c8",
        title="Stop at the best epoch",
        ask="A popular recipe: after each epoch look at test accuracy, keep the weights of the "
        "best epoch, report that accuracy. As a claim about fresh points, and compared with test "
        "accuracy where nothing was chosen, the report is …",
        options=(
            Option(
                "Honest, to within 1 point",
                "No test point was trained on, so it seems fair. But each had its say in which "
                "epoch is kept, and the luckiest of many looks won.",
            ),
            Option(
                "Too low",
                "It is true that test points can be harder than fresh ones here. That holds "
                "without any choice as well, and is taken off already.",
            ),
            Option(
                "Too high, by 1 to 10 points",
                "Some points look like a fair price for a small sin. How many there are depends on "
                "how often one looks, and on how far the score moves from look to look.",
            ),
            Option(
                "Too high, by more than 10",
                "The looks are many, but they are all at one network that changes little from one "
                "to the next, so there is not that much luck to choose from.",
            ),
        ),
        measure=at_once(_stops),
        judge=_judge_stops,
        tell=_tell_stops,
        shows=_show_stops,
        now="Find the dots of “best on these test points” below zero. What happened in those "
        "worlds?",
        covers=("stretch: early stopping",),
        terms=(
            "epoch",
            "weight",
            "accuracy",
            "test points",
            "fresh points",
            "validation points",
            "world",
            "[a, b]",
        ),
        core=True,
        place="#early",
        touches=("train", "look"),
        code="if validation_accuracy > best_accuracy:  # not the accuracy on test points\n"
        "    best_accuracy = validation_accuracy\n"
        "    # A copy: training goes on changing the weights.\n"
        "    best = {name: w.clone() for name, w in network.state_dict().items()}\n"
        "network.load_state_dict(best)  # when training is over",
    ),
    Step(
        key="c9",
        title="Now you: beat “about right”",
        ask="“About right”: two layers of 16, dropout 0.2, weight decay 0.0001. One of these may "
        "be more accurate on fresh points, averaged over many worlds. Which?",
        options=(
            Option(
                "Four layers of 16, without either",
                "Depth is what made networks famous. Two moons need few bends, and with nothing to "
                "hold them back the other bends go to the noise.",
            ),
            Option(
                "Two layers of 64, weight decay 0.01",
                "A strong pull can tame a wide network. This time it did not do better than the "
                "others.",
            ),
            Option(
                "Two layers of 16, dropout 0.7",
                "If a little helps, more might help more. With so few units at a time the boundary "
                "gets too coarse.",
            ),
            Option(
                "None of them",
                "“About right” was only a good first guess, and there is still room below the best "
                "possible.",
            ),
        ),
        measure=at_once(_rivals),
        judge=_judge_rivals,
        tell=_tell_rivals,
        shows=lambda measured: Table(["To remember", "Steps"], RECAP),
        now="Choose “Your own” as the rule, set units, dropout and weight decay of the third "
        "network, and draw 20 worlds. How near to the best possible do you get?",
        covers=("the lesson's goals and order",),
        terms=(
            "layer",
            "hidden unit",
            "dropout",
            "weight decay",
            "accuracy",
            "fresh points",
            "world",
            "best possible",
            "noise",
            "moon",
            "[a, b]",
        ),
        core=True,
        place="#capstone-rule",
        touches=("model", "train"),
        code="# Wide enough to bend anywhere; weight decay keeps it from bending round noise.\n"
        "network = nn.Sequential(\n"
        "    nn.Linear(2, 64), nn.ReLU(),\n"
        "    nn.Linear(64, 64), nn.ReLU(),\n"
        "    nn.Linear(64, 2),\n"
        ")\n"
        "optimizer = torch.optim.Adam(network.parameters(), lr=0.01, weight_decay=0.01)",
    ),
)
