"""What the playground's steps judge and tell of measurements that were made up, in which no two
numbers are alike, and of those at the ends of each range: held as looked at."""

import math
from typing import Any

from classifiers.recipes.guide import step
from tests.answers.thinned import hold

ONCE = {"train_loss": [0.11, 0.13, 0.12, 0.1, 0.15], "accuracy": [0.99, 0.97, 0.98, 0.96, 0.95],
        "sure": [0.91, 0.93, 0.92, 0.95, 0.89]}  # fmt: skip
TWICE = {"train_loss": [0.81, 0.79, 0.83, 0.8, 0.78], "accuracy": [0.94, 0.9, 0.92, 0.93, 0.91],
         "sure": [0.44, 0.46, 0.43, 0.42, 0.47]}  # fmt: skip
FAR = {"softmax, then log": [0.0, -math.inf], "log_softmax in one step": [0.0, -1000.0]}
SOFTMAXES = {"once": ONCE, "twice": TWICE, "floor": 0.744, "guess": 0.25, "far": FAR}


def said(key: str, measured: Any) -> list[Any]:
    one = step(key)
    shown = one.shows and one.shows(measured)
    return [one.judge(measured), list(one.tell(measured)), shown and shown.to_dict()]


def right(key: str, cases: dict[str, Any]) -> dict[str, Any]:
    return {name: step(key).judge(measured) for name, measured in cases.items()}


def test_one_softmax_too_many(snapshots):
    hold(snapshots, "as it goes", said("p5", SOFTMAXES))
    other = {**TWICE, "sure": [0.9, 0.99, 0.98, 0.97, 0.96]}
    far = {"softmax, then log": [-0.4, -1.6], "log_softmax in one step": [-0.6, -1234.4]}
    hold(snapshots, "surer, and not so far", said("p5", {**SOFTMAXES, "twice": other, "far": far}))

    def trained(*losses: float, accuracy: tuple[float, ...] = (0.9, 0.9), **more: Any) -> Any:
        twice = {**TWICE, "train_loss": list(losses), "accuracy": list(accuracy)}
        return {**SOFTMAXES, "twice": twice, **more}

    alike = {**ONCE, "train_loss": [1.0, 1.0]}
    cases = {
        "half as good again as a guess": trained(0.75, 0.8, accuracy=(0.25, 0.5)),
        "hardly less": trained(0.75, 0.8, accuracy=(0.25, 0.49)),
        "the best start at the floor": trained(0.744, 0.8),
        "the best start below it": trained(0.743, 0.8),
        "a low floor": trained(0.8, 0.8, floor=0.3),
        "hardly higher": trained(0.8, 0.8, floor=0.31),
        **{f"{ratio} of it": trained(ratio, ratio, once=alike, floor=3.0)
           for ratio in (0.89, 0.91, 1.0, 1.09, 1.11)},
    }  # fmt: skip
    hold(snapshots, "ends", right("p5", cases))


def spreads(*runs: tuple[float, float]) -> Any:
    """Scores of the network and of the best rule."""
    return {
        "results": {
            f"spread {k}": {
                "metrics": {"fresh_accuracy": fresh, "bayes_accuracy": best},
                "config": {"training": {"epochs": 300 + k, "members": 5 + k}},
            }
            for k, (fresh, best) in enumerate(runs)
        }
    }


def test_which_spreads_are_perfect(snapshots):
    hold(snapshots, "one", said("p7", spreads((0.9998, 1.0), (0.9731, 0.9926), (0.8123, 0.8204))))
    hold(snapshots, "none", said("p7", spreads((0.9512, 0.9994), (0.9321, 0.94), (0.5, 0.503))))
    hold(snapshots, "two", said("p7", spreads((0.9, 0.9996), (0.9999, 1.0), (0.7, 0.81))))
    hold(snapshots, "all", said("p7", spreads((0.99, 0.99951), (0.999, 1.0), (1.0, 0.9998))))


def killed(circles: list[float], blobs: list[float]) -> Any:
    """What is left without activations; scores with them are 0.5 and 0.6 of accuracy."""
    fresh = {
        "circles, ReLU": [0.5] * 4, "circles, no activation": circles,
        "blobs, ReLU": [0.6] * 5, "blobs, no activation": blobs,
        "blobs": [0.91, 0.93, 0.92], "moons": [0.81, 0.84, 0.82], "circles": [0.51, 0.52, 0.56],
    }  # fmt: skip
    return {name: {"fresh": own, "best": 0.99 - k / 50} for k, (name, own) in
            enumerate(fresh.items())}  # fmt: skip


def test_what_the_activations_were_for(snapshots):
    lost, kept = [0.31, 0.33, 0.32, 0.34], [0.61, 0.59, 0.62, 0.6, 0.6]
    hold(snapshots, "circles", said("p9", killed(lost, kept)))
    hold(snapshots, "blobs", said("p9", killed([0.49, 0.52, 0.51, 0.5], [*lost, 0.3])))
    hold(snapshots, "both", said("p9", killed(lost, [0.32, 0.35, 0.3, 0.31, 0.36])))
    hold(snapshots, "neither", said("p9", killed([0.7] * 4, kept)))
    wide = [0.1, 0.9, 0.2, 0.8]
    cases = {"open for circles": killed(wide, kept), "open for blobs": killed(lost, [*wide, 0.5])}
    for name, at in (("as much as counts", 0.0), ("hardly less", 0.001), ("more", -0.001)):
        cases[name] = killed([0.0] * 4, kept) | {
            "circles, ReLU": {"fresh": [0.05 - at] * 4, "best": 1.0},
        }
    hold(snapshots, "ends", right("p9", cases))


CLASSES = {
    "found": [[0.97, 0.98, 0.96], [0.88, 0.86, 0.9], [0.93, 0.91, 0.95], [0.81, 0.8, 0.79]],
    "taken_for": [[0.97, 0.02, 0.01, 0.0], [0.03, 0.88, 0.04, 0.05], [0.01, 0.05, 0.93, 0.01],
                  [0.07, 0.04, 0.09, 0.8]],
    "best": [0.985, 0.895, 0.955, 0.825],
    "matrix": [[48, 1, 0, 0], [2, 45, 3, 1], [0, 4, 51, 2], [3, 1, 5, 40]],
}  # fmt: skip


def test_who_is_mixed_up(snapshots):
    hold(snapshots, "the last", said("p12", CLASSES))
    turned = {name: rows[::-1] for name, rows in CLASSES.items()}
    turned["taken_for"] = [row[::-1] for row in turned["taken_for"]]
    turned["matrix"] = [row[::-1] for row in turned["matrix"]]
    hold(snapshots, "the first", said("p12", turned))
    tied = {**CLASSES, "matrix": [[8, 2, 0, 0], [0, 0, 0, 0], [0, 1, 4, 0], [1, 1, 0, 18]]}
    hold(snapshots, "a tie, and a class without test points", said("p12", tied))
    hold(snapshots, "no test point missed", said("p12", {**CLASSES, "matrix": [[5, 0], [0, 7]]}))
    same = {**CLASSES, "found": [[0.9, 0.8], [0.7, 0.7], [0.7, 0.7], [0.99, 0.98]]}
    luck = {**CLASSES, "found": [[0.9, 0.8], [0.7, 0.71], [0.72, 0.7], [0.99, 0.98]]}
    sure = {**CLASSES, "found": [[0.9, 0.8], [0.7, 0.71], [0.72, 0.73], [0.99, 0.98]]}
    cases = {"alike": same, "by luck": luck, "for sure": sure}
    hold(snapshots, "ends", right("p12", cases))


DOUBT = {"share": [0.12, 0.15, 0.11, 0.18], "points": [0.05, 0.07, 0.06, 0.08], "empty": 0.44,
         "sure_where_empty": 0.97, "wrong_unsure": 0.31, "wrong_sure": 0.013}  # fmt: skip


def test_how_sure_it_is(snapshots):
    hold(snapshots, "far away it is surer", said("p15", DOUBT))
    hold(snapshots, "and less sure", said("p15", {**DOUBT, "sure_where_empty": 0.85}))
    alike = {**DOUBT, "share": [0.25, 0.5], "sure_where_empty": 0.625}
    hold(snapshots, "as sure, and one start beside it", said("p15", alike))
    cases = {
        "nowhere": {**DOUBT, "share": [0.0, 0.2]}, "elsewhere not": {**DOUBT, "share": [0.1, 0.0]},
    }  # fmt: skip
    hold(snapshots, "ends", right("p15", cases))
