"""What a run shows, in sentences whose every number was computed from it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import torch

from classifiers.data.synthetic import bayes_predict
from classifiers.recipes.playground.dead_units import dead_units, describe_dead
from classifiers.recipes.playground.result import Result
from classifiers.wording import percent

_Z = 1.96  # of a 95 % interval
_MOST_SCORED = 2_000  # test points at which the best possible classifier is asked
_GAP = 0.02  # differences in accuracy below two points are not worth a sentence
_MOST = 0.6  # of the test points: a class that holds as many makes accuracy its own
_FEWEST = 5  # test points of a class that its share found is told of


def find(result: Result) -> Iterator[str]:
    """The findings of one run, the most important first; none contradicts another: where a cause
    is plain, what else might help is not said."""
    dead = describe_dead(dead_units(result.network, result.scene.rows("train")))
    broken = list(_divergence(result, dead))
    causes = [*_single_class(result, explained=bool(broken)), *broken]
    yield from causes
    yield _accuracy(result)
    yield from _luck(result)
    yield from _early_stopping(result)
    if not causes:
        yield from _fit(result)
    yield from balance(result.confusion, result.config.dataset.label)
    yield from _classes(result)
    yield from _members(result)
    yield from _settings(result)


def _divergence(result: Result, dead: str) -> Iterator[str]:
    """A rate that is too high, and what it has done; `dead` as of `describe_dead`."""
    rate, members = _last_rate(result), len(result.diverged_at)
    broken = result.diverged_at[result.diverged_at >= 0]
    if len(broken):
        who = "the network" if members == 1 else f"{len(broken)} of {members} networks"
        yield (
            f"The learning rate of {rate:g} is too high here. Each step went past where the loss "
            f"is lower, and by epoch {broken.min()} the loss of {who} was no longer a number. What "
            f"you see is the last state before that; try a learning rate of {rate / 10:g}."
        )
        return
    if dead:
        yield dead
        return
    guessing = math.log(result.scene.dataset.classes)
    if result.mean("train_loss") > max(guessing, result.history.rows[0].values["train_loss"].max()):
        yield (
            f"The learning rate of {rate:g} is too high here: the training loss ended at "
            f"{result.mean('train_loss'):.3g}, above the {guessing:.3g} of pure guessing. The "
            f"steps jump about. Try a learning rate of {rate / 10:g}."
        )


def _last_rate(result: Result) -> float:
    """The learning rate in force at the end."""
    training = result.config.training
    changes = (change for change in training.changes if change.epoch < training.epochs)
    rates = (change.settings.get("learning_rate") for change in changes)
    return [training.learning_rate, *(rate for rate in rates if rate is not None)][-1]


def _luck(result: Result) -> Iterator[str]:
    """A test accuracy that nobody can have but by chance."""
    if result.fresh is None or result.bayes is None or result.config.dataset.label_noise:
        return
    above = result.mean("test_accuracy") - result.bayes.value
    rows = len(result.scene.test)
    if above * rows < 0.5:  # not even half a point more than the best possible
        return
    text = (
        f"The test accuracy passes the best possible by {100 * above:.1f} points, by luck of "
        f"{rows:,} test points"
    )
    if rows <= _MOST_SCORED:
        test = result.scene.test
        best = bayes_predict(result.config.dataset, result.scene.dataset.x[test])
        own = float((best == result.scene.dataset.y[test]).mean())
        text += f": on these very points the best possible classifier scores {percent(own)}"
    yield f"{text}. Believe the fresh points."


def _accuracy(result: Result) -> str:
    interval, rows = result.test_interval, len(result.scene.test)
    text = (
        f"Test accuracy {percent(interval.value)} on {rows} points; its range of chance is "
        f"{percent(interval.low)} to {percent(interval.high)}."
    )
    if result.fresh is None or result.bayes is None:
        return (
            f"{text} The distribution behind your own points is unknown, so nobody can say what "
            "the best possible accuracy is, and there are no fresh points to check on."
        )
    return (
        f"{text} On {100_000:,} fresh points it is {percent(result.fresh.mean())}; the best "
        f"possible classifier reaches {percent(result.bayes.value)}."
    )


def _single_class(result: Result, *, explained: bool) -> Iterator[str]:
    """One class for every point, on own points; what to try, unless it is explained otherwise."""
    called = np.flatnonzero(result.confusion.sum(axis=0))
    if result.config.dataset.name != "points" or len(called) != 1:
        return
    points = np.array([point[:2] for point in result.config.dataset.points])
    low, high = sorted(points.std(axis=0).tolist())
    label = result.config.dataset.label
    text = f"Every test point was called class {label(int(called[0]))}: nothing was learned."
    if high > 10 * low:
        yield (
            f"{text} One coordinate spreads over {high:.3g} and the other over {low:.3g}: the "
            "steps follow the larger one and jump about. Standardise the points (the upload has a "
            "box for it), or lower the learning rate."
        )
        return
    size = float(np.abs(points.mean(axis=0)).max())
    if size > 10 * high:
        yield f"{text} The points lie far from 0 ({size:.3g}); standardise them."
        return
    if not explained:
        yield f"{text} Try more epochs, or another learning rate."


def _early_stopping(result: Result) -> Iterator[str]:
    stopping = result.config.training.early_stopping
    if stopping is None:
        return
    kept = _range(result.best_epoch)
    text = f"Early stopping kept the weights of {kept}, where the loss on the "
    if stopping.on == "validation":
        yield (
            f"{text}{len(result.scene.validation)} validation points was lowest. They were taken "
            "from the training points, so the test points stay unseen."
        )
        return
    text += (
        "test points was lowest. That is a mistake: the test accuracy was used to choose, so it "
        "is no longer an honest estimate"
    )
    if result.fresh is None:
        yield f"{text}. Watch validation points instead."
        return
    optimism = result.mean("test_accuracy") - float(result.fresh.mean())
    yield (
        f"{text} (here it is {100 * optimism:+.1f} points from the accuracy on fresh points). "
        "Watch validation points instead."
    )


def _fit(result: Result) -> Iterator[str]:
    """Underfitting and overfitting, by fresh points, which no chance of the split can flatter."""
    if result.fresh is None or result.bayes is None or (result.diverged_at >= 0).any():
        return
    train, unseen = result.mean("train_accuracy"), float(result.fresh.mean())
    missing = result.bayes.value - unseen
    rows = len(result.scene.train)
    # Training points are a sample too: any network may do so much better on them by chance.
    chance = _Z * math.sqrt(unseen * (1 - unseen) / rows)
    if train - unseen > max(_GAP, chance):
        yield (
            f"Overfitting: {percent(train)} on the training points but {percent(unseen)} on fresh "
            "ones. The network has learned some of the noise; more data, fewer units, weight decay "
            "or dropout help."
        )
    elif missing > _GAP and result.config.network.activation == "identity":
        yield (
            f"Underfitting: {100 * missing:.1f} points below the best possible. Without an "
            "activation between them, all layers together are one linear map, whose boundaries "
            "are straight lines."
        )
    elif missing > _GAP:
        yield (
            f"Underfitting: {100 * missing:.1f} points below the best possible, on the training "
            "points as on fresh ones. More epochs, a higher learning rate or more units may help."
        )


def recalls(confusion: np.ndarray) -> dict[int, float]:
    """Share of each class that was found; classes without test points are left out."""
    totals = confusion.sum(axis=1)
    return {k: float(confusion[k, k] / n) for k, n in enumerate(totals) if n > 0}


def balanced_accuracy(confusion: np.ndarray) -> float:
    """The share found of each class, averaged over the classes that have test points."""
    return float(np.mean(list(recalls(confusion).values())))


def balance(confusion: np.ndarray, label: Callable[[int], str]) -> Iterator[str]:
    """That accuracy is mostly about the largest class, where it is and hides the others.

    Args:
        confusion: (classes, classes) counts of test points, a row a true class.
        label: what a class is called.
    """
    totals, found = confusion.sum(axis=1), recalls(confusion)
    largest, rows = int(totals.argmax()), float(totals.sum())
    share, accuracy = float(totals[largest]) / rows, float(np.trace(confusion)) / rows
    balanced = balanced_accuracy(confusion)
    hidden = min(found, key=found.__getitem__)
    if share < _MOST or hidden == largest or accuracy - balanced <= _GAP:
        return
    differ = _differ({k: found[k] for k in (largest, hidden)}, totals, classes=len(found))
    if not differ or totals[hidden] < _FEWEST:
        return
    more = "more than that" if accuracy > share else "no more than that"
    yield (
        f"Class {label(largest)} holds {percent(share)} of the test points, which naming it "
        f"everywhere would score. The accuracy of {percent(accuracy)} is {more} and hides that "
        f"only {percent(found[hidden])} of class {label(hidden)} was found: the balanced accuracy, "
        f"the mean of what is found of each class, is {percent(balanced)}."
    )


def _classes(result: Result) -> Iterator[str]:
    label = result.config.dataset.label
    missing = set(range(result.scene.dataset.classes)) - set(
        result.scene.dataset.y[result.scene.train].tolist()
    )
    if missing:
        names = _names(map(label, sorted(missing)))
        which = "it" if len(missing) == 1 else "them"
        yield f"No training point is of {names}: the network cannot learn {which}."
    found = recalls(result.confusion)
    best, worst = max(found.values()), min(found.values())
    if best == worst:
        yield f"No class is harder than another: {percent(best)} of each was found."
        return
    totals = result.confusion.sum(axis=1)
    if not _differ(found, totals):
        yield (
            f"No class is clearly harder than another: {percent(worst)} to {percent(best)} of each "
            "was found, no further apart than chance may put so few test points."
        )
        return
    easiest = [k for k, share in found.items() if share == best]
    hardest = [k for k, share in found.items() if share == worst]
    text = (
        f"Easiest: {_names(map(label, easiest))}, {percent(best)} found. "
        f"Hardest: {_names(map(label, hardest))}, {percent(worst)} found"
    )
    errors = result.confusion[hardest[0]].copy()
    errors[hardest[0]] = 0
    if len(found) > 2 and len(hardest) == 1:
        mistaken = np.flatnonzero(errors == errors.max()).tolist()
        text += f", most often mistaken for {_names(label(k) for k in mistaken)}"
    yield f"{text}."


def _differ(found: Mapping[int, float], totals: np.ndarray, classes: int | None = None) -> bool:
    """Whether the classes that were found most and least differ by more than chance, at 5 % over
    all pairs of classes: the pooled test of two shares with Bonferroni's correction. `classes`:
    among how many those in `found` were chosen; default: all of them are there."""
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    count = classes or len(found)
    pairs = count * (count - 1) / 2
    z = float(torch.special.ndtri(torch.tensor(1 - 0.025 / pairs, dtype=torch.float64)))
    first, second = totals[best], totals[worst]
    pooled = (found[best] * first + found[worst] * second) / (first + second)
    error = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second))
    return found[best] - found[worst] > z * error


def _names(classes: Iterable[str]) -> str:
    *names, last = classes
    return f"classes {', '.join(names)} and {last}" if names else f"class {last}"


def _members(result: Result) -> Iterator[str]:
    values = result.final["test_accuracy"]
    if len(values) > 1:
        yield (
            f"The {len(values)} networks differ only by chance: in the weights they start with, "
            "and in what else is random in training. Their test accuracy runs "
            f"from {percent(values.min())} to {percent(values.max())} (standard deviation "
            f"{100 * result.spread('test_accuracy'):.2f} points)."
        )


def _settings(result: Result) -> Iterator[str]:
    size, rows = result.config.training.batch_size, len(result.scene.train)
    if size is not None and size > rows:
        yield f"The batch size of {size} is more than the {rows} training points; all are used."


def _range(epochs: np.ndarray) -> str:
    low, high = int(epochs.min()), int(epochs.max())
    return f"epoch {low}" if low == high else f"epochs {low} to {high}"
