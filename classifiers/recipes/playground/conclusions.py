"""What the exercises on 2-D data show, in sentences computed from their runs.

Differences are of pairs of networks that start alike, with their 95 % interval over the pairs.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import torch

from classifiers.data.features import apply_features
from classifiers.data.synthetic import Extent
from classifiers.evaluation.comparison import mean_interval, paired_difference
from classifiers.film import LEVELS, Camera, Frame
from classifiers.recipes.playground.findings import balance, balanced_accuracy, recalls
from classifiers.recipes.playground.result import Result, spread
from classifiers.wording import gap_points, percent, signed_points, verdict, with_spread

Results = Mapping[str, Result]


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


def _gap(ours: Result, theirs: Result) -> str:
    """The difference on fresh points over pairs of networks, with its interval and what it says."""
    if ours.fresh is None or theirs.fresh is None:
        return "unknown"
    gap = paired_difference(ours.fresh, theirs.fresh).to_dict()
    return f"{gap_points(gap)}, {verdict(gap)}"


def _bayes(result: Result) -> float:
    return 0.0 if result.bayes is None else result.bayes.value


def _labels(result: Result, box: Extent) -> np.ndarray:
    return _picture(result, box).region // LEVELS


def _picture(result: Result, box: Extent) -> Frame:
    """The end of a run, as a frame of the box."""
    camera = Camera(result.network, box)
    inputs = apply_features(camera.points, result.config.dataset.features)
    return camera.take(result.network, torch.from_numpy(inputs), result.config.training.epochs)


def tighter(results: Results) -> Iterator[str]:
    yield from _each(results)
    wide, tight = results.values()
    nearer = paired_difference(_to_best(tight), _to_best(wide)).to_dict()
    yield (
        f"Tightening the blobs changes the accuracy on fresh points by "
        f"{signed_points(_fresh(tight) - _fresh(wide))}, and the best possible accuracy by "
        f"{signed_points(_bayes(tight) - _bayes(wide))}: that is overlap that is gone. The rest, "
        f"{gap_points(nearer)}, is the network's own, {verdict(nearer)}."
    )


def deeper(results: Results) -> Iterator[str]:
    yield from _each(results)
    two, three = results.values()
    gain = paired_difference(_to_best(three), _to_best(two)).to_dict()
    yield (
        f"The third layer changes the accuracy on fresh points by {gap_points(gain)}, "
        f"{verdict(gain)}. Two layers are {100 * (_bayes(two) - _fresh(two)):.1f} points below the "
        "best possible: where blobs overlap the labels themselves disagree, and no depth changes "
        "that."
    )


def smoother(results: Results) -> Iterator[str]:
    yield from _each(results)
    relu, tanh = results.values()
    ours, theirs = (_labels(result, relu.scene.extent) for result in (relu, tanh))
    yield (
        "ReLU draws boundaries of straight pieces with corners, tanh smooth curves. The two give "
        f"another class on {percent(float((ours != theirs).mean()))} of the picture, mostly where "
        "there are no points. From ReLU to tanh the accuracy on fresh points changes by "
        f"{_gap(tanh, relu)}."
    )


def data(results: Results) -> Iterator[str]:
    yield from _each(results)
    few, many = results.values()
    yield (
        f"With {few.config.dataset.samples:,} points, {len(few.scene.test)} of them for testing, "
        f"the test accuracy alone could mean anything from {percent(few.test_interval.low)} to "
        f"{percent(few.test_interval.high)}; with {many.config.dataset.samples:,} points the range "
        f"is {percent(many.test_interval.low)} to {percent(many.test_interval.high)}. On fresh "
        f"points more data is worth {_gap(many, few)}."
    )
    ours, theirs = (_labels(result, many.scene.extent) for result in (few, many))
    yield (
        "The two boundaries give another class on "
        f"{percent(float((ours != theirs).mean()))} of the picture: with few points the boundary "
        "is drawn by the handful nearest to it, and elsewhere by chance."
    )


def linear(results: Results) -> Iterator[str]:
    yield from _each(results)
    for name, result in results.items():
        short = mean_interval(-_to_best(result)).to_dict()
        low, high = (f"{100 * short[key] + 0.0:.1f}" for key in ("low", "high"))
        yield (
            f"{name}: {100 * short['value']:.1f} points below the best possible [{low}, {high}]. "
            + (
                "Straight boundaries are enough here."
                if short["high"] < 0.02
                else "Straight boundaries cannot follow this shape."
                if short["low"] > 0.02
                else "Whether straight boundaries are enough, these networks cannot tell."
            )
        )


def confused(results: Results) -> Iterator[str]:
    (result,) = results.values()
    found = recalls(result.confusion)
    shares = ", ".join(f"class {k} {percent(share)}" for k, share in found.items())
    yield f"Test accuracy {_scores(result)}."
    yield f"Found of each class, mean over {len(result.diverged_at)} networks: {shares}."
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    wrong = result.confusion[worst].copy()
    wrong[worst] = 0
    if wrong.any():
        yield (
            f"Class {best} is the easiest and class {worst} the hardest: of its "
            f"{result.confusion[worst].sum():g} test points, {wrong.sum():.1f} are missed, mostly "
            f"taken for class {int(wrong.argmax())}, whose blob overlaps it."
        )


def codings(results: Results) -> Iterator[str]:
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


def heatmap(results: Results) -> Iterator[str]:
    (result,) = results.values()
    yield f"Test accuracy {_scores(result)}."
    confidence = ((_picture(result, result.scene.extent).region % LEVELS + 0.5) / LEVELS) ** 2
    # Of two classes, one at 90 % leads the other by 80 points.
    yield (
        f"On {percent(float((confidence < 0.8).mean()))} of the picture the network gives its "
        "class a probability below 90 %: the pale band between the moons. A boundary of labels "
        "hides this doubt, the heatmap shows it."
    )


def overlap(results: Results) -> Iterator[str]:
    yield from _each(results)
    tight, wide = (results[name] for name in ("spread 0.5", "spread 4"))
    yield (
        f"From the tightest to the widest blobs the best possible accuracy falls from "
        f"{percent(_bayes(tight))} to {percent(_bayes(wide))}. The network stays within "
        f"{100 * max(_bayes(r) - _fresh(r) for r in results.values()):.1f} points of it: the rest "
        "is overlap, which nobody can undo."
    )


def killed(results: Results) -> Iterator[str]:
    yield from _each(results)
    relu, identity = (results[name] for name in ("circles, ReLU", "circles, no activation"))
    yield (
        f"On circles, killing the activations changes the accuracy on fresh points by "
        f"{_gap(identity, relu)}: layers without an activation between them are one linear map, "
        "and no straight line parts a ring from its centre."
    )
    with_relu, without = (results[name] for name in ("blobs, ReLU", "blobs, no activation"))
    yield (f"On blobs it changes it by {_gap(without, with_relu)}: there straight boundaries do.")


def shares(results: Results) -> Iterator[str]:
    yield from _each(results)
    for name, result in results.items():
        totals = result.confusion.sum(axis=1)
        yield (
            f"{name}: naming the largest class everywhere scores "
            f"{percent(float(totals.max() / totals.sum()))}; the test accuracy is "
            f"{percent(result.mean('test_accuracy'))}, the balanced accuracy "
            f"{percent(balanced_accuracy(result.confusion))}."
        )
        yield from balance(result.confusion, result.config.dataset.label)
