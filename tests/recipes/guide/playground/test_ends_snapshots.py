"""What the playground's steps judge and tell at the ends of each range: held as looked at."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.data.synthetic import Extent
from classifiers.network import MLP
from classifiers.recipes.guide.playground import boundary, curves, doubt, question
from tests.answers.thinned import hold
from tests.recipes.guide.playground.test_made_up_snapshots import right, said
from tests.recipes.guide.test_playground_measures_snapshots import MEASURED


def test_ends_of_guesses_and_scores(snapshots):
    guesses = {
        name: {"accuracy": shares}
        for name, shares in {
            "none": [0.0, 0.01], "an eighth": [0.125, 0.125], "just above": [0.126, 0.126],
            "three eighths": [0.375, 0.375], "three quarters": [0.75, 0.75], "all": [1.0, 0.99],
            "from none to half": [0.1, 0.4], "both ends at a quarter": [0.25, 0.26],
        }.items()
    }  # fmt: skip
    hold(snapshots, "guesses", right("p2", guesses))
    usual = MEASURED["p3"]
    scores = {
        f"{score} of {best}": {**usual, "test": [score, 0.1], "best": best}
        for score, best in ((0.899, 0.99), (0.9, 0.99), (0.979, 0.99), (0.98, 0.99), (0.99, 0.99),
                            (0.991, 0.99), (0.5, 0.4))
    }  # fmt: skip
    hold(snapshots, "scores", right("p3", scores))
    found = {"test": [0.931, 0.952, 0.943], "fresh": [0.912, 0.923, 0.934], "best": 0.961,
             "best_on_test": 0.957, "range": [0.887, 0.974], "points": 150}  # fmt: skip
    hold(snapshots, "nobody passes the best", said("p3", found))
    for name, more in {
        "the range ends there": {"range": [0.887, 0.961]},
        "some pass it": {"test": [0.961, 0.97, 0.98], "best_on_test": 0.97},
        "all pass it, on fresh points too": {"best": 0.9, "fresh": [0.912, 0.9, 0.934]},
        "neither luck": {"best_on_test": 0.961},
    }.items():
        hold(snapshots, name, said("p3", {**found, **more}))


def test_ends_of_shifted_logits(snapshots):
    usual = MEASURED["p4"]
    for name, more in {
        "one epoch, one point": {"own": True, "epochs": 1, "points": 1, "agree": 1},
        "many": {"own": True, "epochs": 1234, "points": 345, "agree": 343, "single": True},
    }.items():
        hold(snapshots, name, said("p4", {**usual, **more}))

    def moved(added: int, doubled: int, by: float) -> Any:
        names = list(usual["change"])
        changes = ((0, 0.0), (added, by), (doubled, 0.21))
        return {**usual, "change": {
            name: {"predictions": count, "probabilities": share}
            for name, (count, share) in zip(names, changes, strict=True)
        }}  # fmt: skip

    hold(snapshots, "one is named anew", said("p4", moved(1, 199, 0.123)))
    hold(snapshots, "only doubled", said("p4", moved(0, 3, 0.0)))
    cases = {f"{by}": moved(0, 3, by) for by in (0.9e-5, 1e-5, 1.1e-5)}
    hold(snapshots, "probabilities", right("p4", cases))


def chart(training: list[float], test: list[float]) -> Any:
    return {"training": training, "test": test, "accuracy": [share / 8 for share in test],
            "points": 40}  # fmt: skip


def test_ends_of_curves(snapshots):
    down = [10.0 - k / 2 for k in range(11)]
    charts = {
        "a rise that is too small": chart([50.0, 51.0, 40, 30, 20, 10, 9, 8, 7, 6, 5.5], down),
        "one rise in ten": chart([50.0, 52.0, 40, 30, 20, 10, 9, 8, 7, 6, 5.5], down),
        "two in ten": chart([50.0, 52.0, 40, 50, 20, 10, 9, 8, 7, 6, 5.5], down),
        "a quarter above the lowest": chart(down, [6.0, 4.0, 4.5, 4.0, 5.0]),
        "more": chart(down, [6.0, 4.0, 4.5, 4.0, 5.25]),
        "the rise was long ago": chart(down, [4.0, 6.0, 4.5, 4.25]),
        "a hundredth in the last tenth": chart([100.0, *[20.0] * 9, 19.0], down),
        "hardly more": chart([100.0, *[20.0] * 9, 18.9], down),
        "twenty one epochs": chart([100.0, *[20.0] * 18, 19.0, 18.0, 17.5], down),
        "flat": chart([100.0, *[20.0] * 10], down),
    }
    for name, own in charts.items():
        hold(snapshots, name, [curves._features(own), curves._kind(own), curves._turn(own)])
    hold(snapshots, "in another order", said("p6", {
        "first": charts["flat"], "second": charts["more"], "third": charts["two in ten"],
        "fourth": charts["hardly more"],
    })[:2])  # fmt: skip


def alike(value: float, count: int = 3) -> list[float]:
    return [value] * count


def test_ends_of_layers_and_points(snapshots):
    cases = {
        f"{gain}": {"two": alike(0.0), "three": alike(gain), "best": 0.9}
        for gain in (-0.001, 0.0, 0.001, 0.0099, 0.01, 0.011)
    }
    wide = {"two": [0.0, 0.0, 0.0], "three": [0.0, 0.02, 0.01], "best": 0.9}
    hold(snapshots, "gains", right("p8", {**cases, "wide": wide}))
    told = {"two": [0.71, 0.73, 0.75], "three": [0.74, 0.77, 0.76], "best": 0.801}
    hold(snapshots, "a gain", said("p8", told))
    few = {"range": [0.3, 0.33, 0.35], "error": [0.2, 0.22, 0.21], "lead": [0.1, 0.14, 0.12],
           "disagree": [0.07, 0.08, 0.06]}  # fmt: skip
    many = {"range": [0.04, 0.05, 0.03], "error": [0.18, 0.17, 0.19], "lead": [0.02, 0.01, 0.04],
            "disagree": [0.02, 0.01, 0.03]}  # fmt: skip
    points = {"50 points": few, "2,000 points": many}
    hold(snapshots, "few and many", said("p11", points))
    wide = {**few, "range": [0.1, 0.5, 0.3]}
    hold(snapshots, "by luck", said("p11", {**points, "50 points": wide})[:2])
    same = {name: many[name] for name in ("error", "lead")}
    hold(snapshots, "what stays", said("p11", {**points, "50 points": {**few, **same}}))
    grown = {**points, "50 points": {**few, "error": [0.03, 0.02, 0.04], "lead": [0.0, 0.0, -0.01]}}
    hold(snapshots, "what grows", said("p11", grown))
    level = {"range": alike(0.5), "error": alike(0.5), "lead": alike(0.25)}
    none = dict.fromkeys(level, alike(0.0))
    tie = {"50 points": {**few, **level}, "2,000 points": {**many, **none}}
    hold(snapshots, "a tie", said("p11", tie))


def test_ends_of_boundaries(snapshots):
    usual = MEASURED["p10"]

    def turned(relu: list[float], tanh: list[float]) -> Any:
        ends = zip(("ReLU", "tanh"), (relu, tanh), strict=True)
        return {name: {**usual[name], "largest": own} for name, own in ends}

    cases = {
        "at the end of the range": turned(alike(5.0), alike(5.1)), "one is not": turned(
        [5.1, 4.9, 6.0], alike(1.0)), "one is": turned(alike(6.0), [1.0, 5.1]),
    }  # fmt: skip
    hold(snapshots, "corners", right("p10", cases))
    told = {
        "ReLU": {"largest": [31.2, 48.7, 22.1], "straight": [0.97, 0.95, 0.99],
                 "fresh": [0.91, 0.93, 0.95]},
        "tanh": {"largest": [1.3, 2.9], "straight": [0.11, 0.15], "fresh": [0.96, 0.99, 0.97]},
    }  # fmt: skip
    hold(snapshots, "three starts", said("p10", told))


def test_ends_of_codings_and_batches(snapshots):
    fresh = {"circles, one logit": alike(0.0), "circles, two logits": alike(0.0),
             "moons, one logit": alike(0.4), "moons, two logits": alike(0.3)}  # fmt: skip
    cases = {
        f"{lead}": {"fresh": {**fresh, f"circles, {'one logit' if lead > 0 else 'two logits'}":
                              alike(abs(lead))}}
        for lead in (-0.011, -0.01, -0.0099, 0.0, 0.0099, 0.01, 0.011)
    }  # fmt: skip
    wide = {"fresh": {**fresh, "circles, one logit": [0.0, 0.012, 0.006]}}
    hold(snapshots, "codings", right("p14", {**cases, "wide": wide}))

    def way(shares: list[float], rises: list[float], steps: int = 7) -> Any:
        return {"fresh": shares, "rises": rises, "steps": steps}

    whole = way([0.5, 0.52, 0.51], [0.3, 0.31, 0.29], 9)
    ours = way([0.8, 0.83, 0.81], [0.5, 0.6, 0.7])
    apart = way([0.81, 0.84, 0.83], [0.1, 0.2, 0.4], 8)
    measured = {"size": 16, "off": [0.44, 0.46, 0.45], "off_single": [2.1, 2.3, 2.5],
                "all": whole, "batches": ours, "unshuffled": apart}  # fmt: skip
    hold(snapshots, "batches are ahead", said("p16", measured))
    smooth = way([0.8, 0.83, 0.81], [0.0, 0.0, 0.01])
    hold(snapshots, "and smoother", said("p16", {**measured, "batches": smooth}))
    cases = {
        "as often": way([0.8, 0.83, 0.81], [0.3, 0.31, 0.29]),
        "as good": way([0.5, 0.52, 0.51], [0.0, 0.0, 0.01]),
        "worse and smoother": way([0.1, 0.13, 0.11], [0.0, 0.0, 0.01]),
        "worse and rougher": way([0.1, 0.13, 0.11], [0.5, 0.6, 0.7]),
    }
    ends = {name: {**measured, "batches": own} for name, own in cases.items()}
    hold(snapshots, "ends", right("p16", ends))
    level = said("p16", ends["as often"])
    hold(snapshots, "as often", level[1][1:2])


def test_ends_of_shapes_and_targets(snapshots):
    usual = MEASURED["p1"]
    kinds = [
        {**kind, "output": [4 + k, width], "target": [7 + k, 2], "dtype": f"type {k}"}
        for k, (kind, width) in enumerate(zip(usual["kinds"], (1, 1, 4), strict=True))
    ]
    found = {"kinds": kinds[::-1], "numbered": [0.4, 0.7, 0.62], "named": [0.9, 0.97, 0.92]}
    hold(snapshots, "the other way round", said("p1", found))
    hold(snapshots, "five outputs", right("p1", {
        "five": {"kinds": [*kinds[:2], {**kinds[2], "output": [5, 5]}]},
        "twice": {"kinds": [kinds[1], kinds[1], kinds[2], kinds[0]]},
    }))  # fmt: skip
    rows = [
        {**row, "value": 0.5 + k, "message": ""} for k, row in enumerate(MEASURED["p13"]["rows"])
    ]
    rows[1] = {**rows[1], "value": None, "message": "no such type"}
    told = {"rows": rows, "mse_only_warns": False}
    hold(snapshots, "one error", said("p13", told))
    rows[2] = {**rows[2], "value": rows[0]["value"] + 0.004}
    hold(snapshots, "alike as they are told", said("p13", told))
    rows[0] = {**rows[0], "value": None, "message": "another error"}
    hold(snapshots, "an error with classes", said("p13", told))
    five = {**MEASURED["p2"], "accuracy": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
            "logits": [[0.13, -1.31, 2.04], [-0.004, 0.36, -12.5]],
            "probabilities": [[0.2, 0.3, 0.5], [0.1, 0.6, 0.4]], "predictions": [2, 1],
            "truth": [0, 2]}  # fmt: skip
    hold(snapshots, "two points of three classes", said("p2", five))


@pytest.mark.parametrize(
    ("shares", "x2", "told"),
    [
        ([0.05, 0.899, 0.051], -9.0, (0, "There it gives B 89.9 %.")),
        ([0.05, 0.9, 0.05], -5.0, (1, "There it gives B 90.0 %.")),
        ([0.05, 0.05, 0.9], -5.01, (2, "There it gives C 90.0 %.")),
        ([0.95, 0.05, 0.0], 5.0, (1, "There it gives A 95.0 %.")),
    ],
)
def test_where_a_network_is_sure_and_how_far_from_what_it_saw(monkeypatch, shares, x2, told):
    seen = {"train": torch.tensor([[0.0, 0.0], [3.0, 4.0]]), "test": torch.zeros(1, 2)}
    scene = SimpleNamespace(
        rows=lambda part: SimpleNamespace(x=seen[part]), extent=Extent(-20.0, 30.0, -3.0, 4.0)
    )
    shown = SimpleNamespace(scene=scene)
    asked = []
    monkeypatch.setattr(doubt, "says_at", lambda *given: asked.append(given) or shares)
    assert doubt._doubt_at({"shown": shown}, 0.0, x2) == told
    assert asked == [(shown, 0.0, x2)]


def test_boundaries_of_all_starts_are_read(monkeypatch):
    box, asked = Extent(-1.0, 2.0, -4.0, 5.0), []

    def turns(network: Any, k: int, box: Extent) -> np.ndarray:
        asked.append((network.name, k, box))
        return np.array([network.by + k, 0.0009, 0.001, 0.0])

    monkeypatch.setattr(boundary, "_turns", turns)
    results: Any = {
        name: SimpleNamespace(network=SimpleNamespace(members=3, name=name, by=by),
                              fresh=np.array([0.3, 0.2, by]), scene=SimpleNamespace(extent=box))
        for name, by in (("ReLU", 7.0), ("tanh", 1.0))
    }  # fmt: skip
    assert boundary._read_corners(results) == {
        name: {"largest": [by, by + 1, by + 2], "straight": [0.5] * 3, "fresh": [0.3, 0.2, by]}
        for name, by in (("ReLU", 7.0), ("tanh", 1.0))
    }
    assert asked == [(name, k, box) for name in ("ReLU", "tanh") for k in range(3)]


def test_whether_probabilities_come_out_is_asked_of_points_on_both_sides():
    network = MLP(NetworkConfig(widths=(3,)), 2, 4).initialize(1)
    x, given = torch.tensor([[0.5, -1.0], [2.0, 0.25]]), []
    for ends, always in (([0.0, 1.0], True), ([0.0, 1.0001], False), ([-0.0001, 1.0], False)):
        kind = question._kind(
            "any", network, x, torch.tensor([3, 1]), lambda z, y: z[0, y[0]],
            lambda z, ends=ends: given.append(z) or torch.tensor(ends),
        )  # fmt: skip
        assert kind["probability"] is always
        torch.testing.assert_close(given[-1], network.logits(1000 * torch.cat([x, -x]))[0])
        told = {"loss": "any", "output": (2, 4), "target": (2,), "dtype": "int64"}
        assert {name: kind[name] for name in told} == told
        assert kind["value"] == pytest.approx(float(network.logits(x)[0, 0, 3]))
