"""Steps p3 and p12: what a score on a few points is worth, and which class it hides."""

from collections.abc import Iterator

import numpy as np
import torch

from classifiers.data.synthetic import bayes_predict, fresh
from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.guide.playground.measures import (
    Results,
    best_of,
    deviation,
    fresh_of,
    gap,
    letter,
    mean,
    parsed,
    says_at,
    several,
    trained,
)
from classifiers.recipes.guide.step import Measured, Option, Picture, Step, Table
from classifiers.recipes.playground.filming import confusion
from classifiers.wording import gap_points, listed, percent, with_spread

_LESSON = parsed()


def _read_scores(results: Results) -> Measured:
    """The page's own run, which is the first of ten starts."""
    (result,) = results.values()
    test = result.scene.test
    x, y = result.scene.dataset.x[test], result.scene.dataset.y[test]
    shares = [float(share) for share in result.final["test_accuracy"]]
    interval = wilson_interval(shares[0] * len(test), len(test))
    return {
        "test": shares,
        "fresh": fresh_of(result),
        "best": best_of(result),
        "best_on_test": float((bayes_predict(result.config.dataset, x) == y).mean()),
        "range": [interval.low, interval.high],
        "points": len(test),
    }


def _score(measured: Measured) -> int:
    """The option that the page's own run falls in; a tie with the best possible is not above it."""
    score, best = measured["test"][0], measured["best"]
    if score > best:
        return 3
    return sum(score >= bound for bound in (0.9, 0.98))


def _tell_scores(measured: Measured) -> Iterator[str]:
    own, *_ = measured["test"]
    seen, *_ = measured["fresh"]
    best = measured["best"]
    low, high = measured["range"]
    yield (
        f"The run scores {percent(own)} on the {measured['points']} test points and "
        f"{percent(seen)} on fresh ones, where the best possible is {percent(best)}."
    )
    lucky, surely = (sum(share > best for share in measured[name]) for name in ("test", "fresh"))
    yield (
        f"{lucky} of {len(measured['test'])} starts pass that on the test points, all on the same "
        f"{measured['points']}, and {surely} on fresh ones. {measured['points']} points leave the "
        f"true value open: for this run anything from {percent(low)} to {percent(high)}."
        if lucky
        else f"None of {len(measured['test'])} starts passes the best possible; the range that "
        f"the test points leave open, {percent(low)} to {percent(high)}, reaches beyond it."
        if high > best
        else f"None of {len(measured['test'])} starts passes the best possible, and so does no "
        f"value of the range {percent(low)} to {percent(high)} that the test points leave open."
    )
    there = measured["best_on_test"]
    luck = "That is the luck of these points: on" if there > best else "On"
    yield f"{luck} them the best possible rule itself scores {percent(there)}."


def _read_classes(results: Results) -> Measured:
    """Who is found, on test points by the page's own run, on fresh points by ten starts."""
    (result,) = results.values()
    data = result.config.dataset
    drawn = fresh(data)
    named = result.network.probabilities(torch.from_numpy(drawn.x)).argmax(-1).numpy()
    best = bayes_predict(data, drawn.x)
    of_class = [drawn.y == k for k in range(data.classes)]
    counts = np.array(
        [[(named[:, own] == j).mean() for j in range(data.classes)] for own in of_class]
    )
    return {
        "shown": result,
        "matrix": confusion(result.network.copy(members=[0]), result.scene).astype(int).tolist(),
        "found": [(named[:, own] == k).mean(axis=1).tolist() for k, own in enumerate(of_class)],
        "taken_for": counts.tolist(),
        "best": [float((best[own] == k).mean()) for k, own in enumerate(of_class)],
    }


def _from_hardest(found: list[list[float]]) -> list[int]:
    """The classes, the one that is found least first."""
    return sorted(range(len(found)), key=lambda k: mean(found[k]))


def _most_taken_for(measured: Measured, k: int) -> int:
    """The other class that fresh points of class k are called most often."""
    named = measured["taken_for"][k]
    return max((j for j in range(len(named)) if j != k), key=lambda j: named[j])


def _starts(found: list[list[float]]) -> int:
    return len(found[0])


def _tie(classes: list[int]) -> str:
    return " (a tie)" if len(classes) > 1 else ""


def _hardest(measured: Measured) -> int | None:
    """The class that is found least on fresh points, if the next one is surely found more."""
    last, next_to_last = _from_hardest(measured["found"])[:2]
    difference = gap(measured["found"][next_to_last], measured["found"][last])
    return last if difference["low"] > 0 else None


def _names(classes: list[int]) -> str:
    return listed([letter(k) for k in classes])


def _missed(matrix: list[list[int]]) -> list[int]:
    return [sum(row) - row[k] for k, row in enumerate(matrix)]


def _least_found(matrix: list[list[int]]) -> list[int]:
    """Classes whose share that is found is lowest; several where they tie."""
    shares = {k: row[k] / sum(row) for k, row in enumerate(matrix) if sum(row)}
    return [k for k, share in shares.items() if share == min(shares.values())]


def _tell_classes(measured: Measured) -> Iterator[str]:
    found = measured["found"]
    shares = ", ".join(
        f"{letter(k)} {with_spread(mean(own), deviation(own))}" for k, own in enumerate(found)
    )
    yield f"Found of each class on fresh points, over {_starts(found)} starts: {shares}."
    last, second, *_ = _from_hardest(found)
    confused = _most_taken_for(measured, last)
    yield (
        f"{letter(last)} is found least, {gap_points(gap(found[last], found[second]))} against "
        f"{letter(second)}, and mostly taken for {letter(confused)}: their blobs touch, so the "
        f"best possible rule too finds only {percent(measured['best'][last])} of it."
    )
    tied = _least_found(measured["matrix"])
    missed = sum(_missed(measured["matrix"]))
    verdict = "the same" if tied == [last] else "another answer, by luck"
    yield (
        f"The few test points of the matrix, with {missed} missed in all, name {_names(tied)}"
        f"{_tie(tied)}: {verdict}."
    )


def _show_classes(measured: Measured) -> Table:
    matrix = measured["matrix"]
    return Table(
        ("true class", *(f"named {letter(k)}" for k in range(len(matrix))), "found, fresh points"),
        [
            (
                letter(k),
                *map(str, row),
                percent(mean(measured["found"][k])),
            )
            for k, row in enumerate(matrix)
        ],
    )


def _class_at(measured: Measured, x1: float, x2: float) -> tuple[int, str]:
    """A place stands for the class that is named there."""
    shares = says_at(measured["shown"], x1, x2)
    named = shares.index(max(shares))
    return named, f"There the network names {letter(named)}."


def _class_option(k: int, why: str) -> Option:
    return Option(f"Class {letter(k)}", why)


SCORES = (
    Step(
        key="p3",
        title="Train",
        ask="Now it trains: 100 passes (epochs) over 800 points; 200 others will test it. "
        "“Best possible” is the score, on endless new points, of the rule that knows how they were "
        "made. What does the network score on the test points?",
        options=(
            Option(
                "Below 90 %",
                "Small networks seem weak, and four classes a lot. But these blobs hardly touch, "
                "and almost straight lines part them.",
            ),
            Option(
                "90 to 98 %",
                "Some errors seem natural. On blobs that hardly touch there are fewer than that, "
                "once the steps have gone on for long enough.",
            ),
            Option(
                "98 % up to the best possible",
                "Nothing beats the best possible rule, you may think. That holds for new points "
                "without end; on a few, chance decides which difficult ones are among them.",
            ),
            Option(
                "More than the best possible",
                "That takes luck: it can only happen on few points. This time chance put "
                "difficult ones among them, or training was not over.",
            ),
        ),
        measure=trained({"lesson": several(_LESSON)}, _read_scores),
        judge=_score,
        tell=_tell_scores,
        now="Press New points, then play again, a few times. How far does the test score swing, "
        "and how far the score on fresh points?",
        covers=(
            "zero_grad, forward, backward, step",
            "seeds",
        ),
        terms=(
            "network",
            "training",
            "epoch",
            "test points",
            "best possible",
            "fresh points",
            "seed",
        ),
        core=True,
        config=_LESSON,
        touches=("train", "look"),
        code="torch.manual_seed(42)  # the same first weights each time\n"
        "model = build_model()\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for epoch in range(100):\n"
        "    loss = loss_fn(model(x_train), y_train)  # forward\n"
        "    optimizer.zero_grad()  # forget the last gradients\n"
        "    loss.backward()  # how each weight moves the loss\n"
        "    optimizer.step()  # move the weights against it",
    ),
    Step(
        key="p12",
        title="Who is mixed up?",
        ask="A trained network on blobs of spread 1.5. Of one class it misses more fresh points "
        "than of any other. Which? Point into the region where it names that class.",
        options=(
            _class_option(
                0,
                "It has a neighbour, which draws the eye. What counts is how much of it reaches "
                "over the boundary, and another class loses more.",
            ),
            _class_option(
                1,
                "Its neighbour is near, but the boundary leaves it most of the room between them: "
                "more of the neighbour is lost than of it.",
            ),
            _class_option(
                2,
                "Far out is not hard: nothing lies near it that it could be taken for.",
            ),
            _class_option(
                3,
                "The test points in the picture may point to it. They are few, and one point more "
                "or less turns the order of the classes round.",
            ),
        ),
        picture=Picture(lambda measured: measured["shown"], _class_at),
        measure=trained({"lesson": several(_LESSON)}, _read_classes),
        judge=_hardest,
        tell=_tell_classes,
        shows=_show_classes,
        now="Click into the picture between two blobs, and read how sure the network is there. "
        "Then raise the noise: does the order of the classes stay?",
        covers=("exercise 6", "exercise 6 without its matrix", "that the picture can be clicked"),
        terms=(
            "network",
            "blobs",
            "class",
            "spread",
            "fresh points",
            "test points",
            "confusion matrix",
            "±",
            "[a, b]",
        ),
        config=_LESSON,
        touches=("look",),
        code="matrix = torch.zeros(4, 4, dtype=torch.int64)\n"
        "for true, named in zip(y_test, predictions):\n"
        "    matrix[true, named] += 1  # rows: what it is, columns: what it was called\n"
        "found = matrix.diag() / matrix.sum(dim=1)  # of each class",
    ),
)
