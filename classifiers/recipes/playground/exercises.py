"""Exercises 1 to 8 and the try-it boxes on synthetic data, as playground runs side by side.

Each is a few settings, run with several members so that the finding carries its spread, and a
function that says what the numbers show. No number is written here: all are computed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent, apply_features
from classifiers.evaluation.comparison import paired_difference
from classifiers.film import LEVELS, Camera, Frame
from classifiers.recipes.exercises import Exercise
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.findings import recalls
from classifiers.recipes.playground.result import Result, spread
from classifiers.recipes.playground.run import Update, finish_playground, run_playground
from classifiers.turns import Expect
from classifiers.wording import gap_points, percent, signed_points, verdict, with_spread

Results = Mapping[str, Result]
_MEMBERS = 5


@dataclass(frozen=True)
class PlaygroundExercise(Exercise):
    """Runs with names, and the conclusion drawn from all of them.

    `view` is how the pictures are best looked at: "labels" or "confidence".
    """

    settings: Mapping[str, PlaygroundConfig] = field(default_factory=dict)
    conclude: Callable[[Results], Iterator[str]] = lambda results: iter(())
    view: str = "labels"

    @property
    def expected(self) -> Expect:
        """What it is estimated to take."""
        return expect(*self.settings.values())

    def stream(self, *, film: bool = True) -> Iterator[tuple[str, Update]]:
        """The updates of each run in turn, with its name."""
        for name, config in self.settings.items():
            for update in run_playground(config, film=film):
                yield name, update

    def report(self, results: Results) -> dict[str, Any]:
        return {
            **self.describe(),
            "findings": list(self.conclude(results)),
            "results": {name: result.to_dict() for name, result in results.items()},
        }

    def run(self) -> dict[str, Any]:
        return self.report(
            {name: finish_playground(config) for name, config in self.settings.items()}
        )

    def steps(self) -> Iterator[Any]:
        yield self.expected
        results = {}
        for name, update in self.stream(film=False):
            if update.result is not None:
                results[name] = update.result
            yield None
        yield self.report(results)


def _config(
    dataset: Mapping[str, Any] | None = None,
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
) -> PlaygroundConfig:
    return PlaygroundConfig.parse(
        {
            "dataset": dict(dataset or {}),
            "network": dict(network or {}),
            "training": {"members": _MEMBERS, **(training or {})},
        }
    )


def _with_spread(values: np.ndarray) -> str:
    """Accuracies of the members."""
    return with_spread(float(values.mean()), spread(values))


def _scores(result: Result) -> str:
    text = f"{_with_spread(result.final['test_accuracy'])} on test points"
    if result.fresh is not None and result.bayes is not None:
        text += (
            f", {_with_spread(result.fresh)} on fresh ones, where the best possible is "
            f"{percent(result.bayes.value)}"
        )
    return text


def _each(results: Results) -> Iterator[str]:
    for name, result in results.items():
        yield f"{name}: {_scores(result)}."


def _fresh(result: Result) -> float:
    """Accuracy on fresh points, which every exercise's distribution can give."""
    return 0.0 if result.fresh is None else float(result.fresh.mean())


def _to_best(result: Result) -> np.ndarray:
    """Accuracy of each member on fresh points (K,), less the best possible."""
    return np.zeros(1) if result.fresh is None else result.fresh - _bayes(result)


def _bayes(result: Result) -> float:
    return 0.0 if result.bayes is None else result.bayes.value


def _labels(result: Result, box: Extent) -> np.ndarray:
    return _picture(result, box).region // LEVELS


def _picture(result: Result, box: Extent) -> Frame:
    """The end of a run, as a frame of the box."""
    camera = Camera(result.network, box)
    inputs = apply_features(camera.points, result.config.dataset.features)
    return camera.take(result.network, torch.from_numpy(inputs), result.config.training.epochs)


def _tighter(results: Results) -> Iterator[str]:
    yield from _each(results)
    wide, tight = results.values()
    nearer = paired_difference(_to_best(tight), _to_best(wide)).to_dict()
    yield (
        f"Tightening the blobs changes the accuracy on fresh points by "
        f"{signed_points(_fresh(tight) - _fresh(wide))}, and the best possible accuracy by "
        f"{signed_points(_bayes(tight) - _bayes(wide))}: that is overlap that is gone. The rest, "
        f"{gap_points(nearer)}, is the network's own, {verdict(nearer)}."
    )


def _deeper(results: Results) -> Iterator[str]:
    yield from _each(results)
    two, three = results.values()
    gain = paired_difference(_to_best(three), _to_best(two)).to_dict()
    yield (
        f"The third layer changes the accuracy on fresh points by {gap_points(gain)}, "
        f"{verdict(gain)}. Two layers are {100 * (_bayes(two) - _fresh(two)):.1f} points below the "
        "best possible: where blobs overlap the labels themselves disagree, and no depth changes "
        "that."
    )


def _smoother(results: Results) -> Iterator[str]:
    yield from _each(results)
    relu, tanh = results.values()
    ours, theirs = (_labels(result, relu.scene.extent) for result in (relu, tanh))
    yield (
        "ReLU draws boundaries of straight pieces with corners, tanh smooth curves. The two give "
        f"another class on {percent(float((ours != theirs).mean()))} of the picture, mostly where "
        f"there are no points: accuracy on fresh points changes by "
        f"{signed_points(_fresh(tanh) - _fresh(relu))} from ReLU to tanh."
    )


def _data(results: Results) -> Iterator[str]:
    yield from _each(results)
    few, many = results.values()
    yield (
        f"With {few.config.dataset.samples} points, {len(few.scene.test)} of them for testing, the "
        f"test accuracy alone could mean anything from {percent(few.test_interval.low)} to "
        f"{percent(few.test_interval.high)}; with {many.config.dataset.samples} points the range "
        f"is {percent(many.test_interval.low)} to {percent(many.test_interval.high)}. On fresh "
        f"points more data is worth {signed_points(_fresh(many) - _fresh(few))}."
    )
    ours, theirs = (_labels(result, many.scene.extent) for result in (few, many))
    yield (
        "The two boundaries give another class on "
        f"{percent(float((ours != theirs).mean()))} of the picture: with few points the boundary "
        "is drawn by the handful nearest to it, and elsewhere by chance."
    )


def _linear(results: Results) -> Iterator[str]:
    yield from _each(results)
    for name, result in results.items():
        short = _bayes(result) - _fresh(result)
        yield (
            f"{name}: {100 * short:.1f} points below the best possible. "
            + (
                "Straight boundaries are enough here."
                if short < 0.02
                else "Straight boundaries cannot follow this shape."
            )
        )


def _confused(results: Results) -> Iterator[str]:
    (result,) = results.values()
    found = recalls(result.confusion)
    shares = ", ".join(f"class {k} {percent(share)}" for k, share in found.items())
    yield f"Test accuracy {_scores(result)}."
    yield f"Found of each class, mean over {len(result.diverged_at)} members: {shares}."
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    wrong = result.confusion[worst].copy()
    wrong[worst] = 0
    if wrong.any():
        yield (
            f"Class {best} is the easiest and class {worst} the hardest: of its "
            f"{result.confusion[worst].sum():g} test points, {wrong.sum():.1f} are missed, mostly "
            f"taken for class {int(wrong.argmax())}, whose blob overlaps it."
        )


def _codings(results: Results) -> Iterator[str]:
    yield from _each(results)
    one, two = results.values()
    first, second = (result.final["test_accuracy"] for result in (one, two))
    gap, same = paired_difference(first, second).to_dict(), int((first == second).sum())
    yield (
        f"One logit against two changes the test accuracy by {gap_points(gap)}, {verdict(gap)}, "
        f"and {same} of "
        f"{len(one.diverged_at)} pairs score exactly the same. Softmax over two logits is the "
        "sigmoid of their difference, so both can express the same models; they start from other "
        "random weights."
    )


def _heatmap(results: Results) -> Iterator[str]:
    (result,) = results.values()
    yield f"Test accuracy {_scores(result)}."
    confidence = ((_picture(result, result.scene.extent).region % LEVELS + 0.5) / LEVELS) ** 2
    # Of two classes, one at 90 % leads the other by 80 points.
    yield (
        f"On {percent(float((confidence < 0.8).mean()))} of the picture the network gives its "
        "class a probability below 90 %: the pale band between the moons. A boundary of labels "
        "hides this doubt, the heatmap shows it."
    )


def _overlap(results: Results) -> Iterator[str]:
    yield from _each(results)
    tight, wide = (results[name] for name in ("spread 0.5", "spread 4"))
    yield (
        f"From the tightest to the widest blobs the best possible accuracy falls from "
        f"{percent(_bayes(tight))} to {percent(_bayes(wide))}. The network stays within "
        f"{100 * max(_bayes(r) - _fresh(r) for r in results.values()):.1f} points of it: the rest "
        "is overlap, which nobody can undo."
    )


def _killed(results: Results) -> Iterator[str]:
    yield from _each(results)
    relu, identity = (results[name] for name in ("circles, ReLU", "circles, no activation"))
    yield (
        f"On circles, killing the activations costs {100 * (_fresh(relu) - _fresh(identity)):.1f} "
        "points: layers without an activation between them are one linear map, and no straight "
        "line parts a ring from its centre."
    )
    with_relu, without = (results[name] for name in ("blobs, ReLU", "blobs, no activation"))
    yield (
        f"On blobs it changes {signed_points(_fresh(without) - _fresh(with_relu))}: there straight "
        "boundaries do."
    )


_ADAM = {"optimizer": "adam", "learning_rate": 0.01}
_MOONS = {"name": "moons", "samples": 1000, "noise": 0.2}
_CIRCLES = {"name": "circles", "noise": 0.05, "factor": 0.5}

EXERCISES = (
    PlaygroundExercise(
        "1",
        1,
        "Tighter blobs",
        "Reduce the spread of the blobs to 0.5 and train again: how does test accuracy change?",
        "The lesson's blobs with spread 1.5 and 0.5.",
        {"spread 1.5": _config(), "spread 0.5": _config({"noise": 0.5})},
        _tighter,
    ),
    PlaygroundExercise(
        "2",
        2,
        "Overlap and a third layer",
        "Increase the spread to 4 and add a third hidden layer: does accuracy improve?",
        "Blobs with spread 4, two and three hidden layers of 8 units.",
        {
            "two layers": _config({"noise": 4.0}),
            "three layers": _config({"noise": 4.0}, {"widths": [8, 8, 8]}),
        },
        _deeper,
    ),
    PlaygroundExercise(
        "3",
        3,
        "ReLU against tanh",
        "Replace ReLU by tanh, and compare the decision boundaries.",
        "The lesson's blobs with either activation.",
        {"ReLU": _config(), "tanh": _config(network={"activation": "tanh"})},
        _smoother,
    ),
    PlaygroundExercise(
        "4",
        4,
        "Few points, many points",
        "Train on 50 points and on 2,000, with spread 2: what changes about the boundary?",
        "Blobs with spread 2, 50 and 2,000 points.",
        {
            "50 points": _config({"samples": 50, "noise": 2.0}),
            "2,000 points": _config({"samples": 2000, "noise": 2.0}),
        },
        _data,
    ),
    PlaygroundExercise(
        "5",
        5,
        "No hidden layers",
        "Train a single linear layer: how accurate can it be, and for which data is it enough?",
        "No hidden layer on blobs, moons and circles, trained to the end.",
        {
            "blobs": _config(network={"widths": []}, training={"epochs": 300}),
            "moons": _config(_MOONS, {"widths": []}, {**_ADAM, "epochs": 500}),
            "circles": _config(_CIRCLES, {"widths": []}, {**_ADAM, "epochs": 500}),
        },
        _linear,
    ),
    PlaygroundExercise(
        "6",
        6,
        "Confusion matrix",
        "Build the confusion matrix: which class is the easiest, which the hardest?",
        "The lesson's blobs.",
        {"blobs": _config()},
        _confused,
    ),
    PlaygroundExercise(
        "7",
        7,
        "One logit or two",
        "Train a one-logit and a two-logit model on moons: do they have the same accuracy?",
        "Moons with noise 0.2, 16 and 16 units, Adam 0.01, both ways of coding two classes.",
        {
            "one logit": _config(
                _MOONS, {"widths": [16, 16], "outputs": "one_logit"}, {**_ADAM, "epochs": 300}
            ),
            "two logits": _config(_MOONS, {"widths": [16, 16]}, {**_ADAM, "epochs": 300}),
        },
        _codings,
    ),
    PlaygroundExercise(
        "8",
        8,
        "Probability heatmap",
        "Draw the decision boundary as a smooth map of probabilities.",
        "Moons with noise 0.2, one logit.",
        {
            "moons": _config(
                _MOONS, {"widths": [16, 16], "outputs": "one_logit"}, {**_ADAM, "epochs": 300}
            )
        },
        _heatmap,
        view="confidence",
    ),
    PlaygroundExercise(
        "spread",
        None,
        "Try it: change the spread",
        "What do blobs look like with a spread of 0.5, and of 4?",
        "The lesson's network on blobs of spread 0.5, 1.5 and 4.",
        {
            f"spread {noise:g}": _config({"noise": noise}, training={"epochs": 300})
            for noise in (0.5, 1.5, 4.0)
        },
        _overlap,
    ),
    PlaygroundExercise(
        "activations",
        None,
        "Try it: kill the activations",
        "Take the activations out and train again: what happens to the boundary?",
        "Circles and blobs, with ReLU and without any activation.",
        {
            "circles, ReLU": _config(_CIRCLES, {"widths": [16, 16]}, {**_ADAM, "epochs": 300}),
            "circles, no activation": _config(
                _CIRCLES, {"widths": [16, 16], "activation": "identity"}, {**_ADAM, "epochs": 300}
            ),
            "blobs, ReLU": _config(),
            "blobs, no activation": _config(network={"activation": "identity"}),
        },
        _killed,
    ),
)
