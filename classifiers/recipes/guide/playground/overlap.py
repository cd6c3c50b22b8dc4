"""Steps p7, p8 and p11: what the data allow, whatever the network: overlap, depth, and how many
points there are.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import fresh
from classifiers.evaluation.metrics import wilson_interval
from classifiers.network import MLP
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide.playground.measures import (
    STARTS,
    Results,
    best_of,
    descend,
    forward,
    fresh_accuracy,
    fresh_inputs,
    fresh_of,
    gap,
    in_points,
    leaves,
    losses,
    mean,
    parsed,
    settings_of,
    several,
    tenths,
    trained,
)
from classifiers.recipes.guide.step import Computed, Measured, Option, Step
from classifiers.turns import Expect
from classifiers.wording import gap_points, percent, verdict


def measured_by(key: str) -> Computed:
    """What an exercise measures: its report."""
    return Computed(lambda: exercise(key).steps())


def _metrics(measured: Measured) -> dict[str, dict[str, float]]:
    return {name: run["metrics"] for name, run in measured["results"].items()}


def _perfect(measured: Measured) -> int:
    """On how many of the three even a score of one of 10,000 errors less is out of the question."""
    runs = _metrics(measured).values()
    return [percent(run["bayes_accuracy"]) for run in runs].count(percent(1.0))


def _tell(measured: Measured) -> Iterator[str]:
    runs = _metrics(measured)
    scores = ", ".join(
        f"{name}: {percent(run['fresh_accuracy'])} of {percent(run['bayes_accuracy'])}"
        for name, run in runs.items()
    )
    training = next(iter(measured["results"].values()))["config"]["training"]
    yield (
        f"On fresh points, after {training['epochs']} epochs, in the mean of {training['members']} "
        f"starts, the network's score of the best possible: {scores}."
    )
    behind = max(run["bayes_accuracy"] - run["fresh_accuracy"] for run in runs.values())
    yield (
        f"It stays within {in_points(behind)} of that everywhere; what is missing at "
        "the widest spread is overlap: points of two classes in the same place, with nothing to "
        "tell them apart."
    )


_DEPTHS = {
    name: several(config, 16) for name, config in settings_of("2").items()
}  # two and three hidden layers
_WORTH = 0.01  # of accuracy


def _read_depths(results: Results) -> Measured:
    two, three = results.values()
    return {"two": fresh_of(two), "three": fresh_of(three), "best": best_of(two)}


def _gain(measured: Measured) -> int | None:
    change = gap(measured["three"], measured["two"])
    if change["high"] <= 0:
        return 2
    if change["low"] >= _WORTH:
        return 0
    return 1 if change["low"] > 0 and change["high"] < _WORTH else None


def _tell_depths(measured: Measured) -> Iterator[str]:
    change, best = gap(measured["three"], measured["two"]), measured["best"]
    yield (
        f"The third layer changes the accuracy on fresh points by {gap_points(change)} over "
        f"{len(measured['two'])} pairs of starts, {verdict(change)}."
    )
    missing = [in_points(best - mean(measured[name])) for name in ("two", "three")]
    yield (
        f"The best possible is {percent(best)}, of which {' and '.join(missing)} are missing with "
        "two layers and three: that little is all that any network could still gain here."
    )
    yield (
        "Where blobs overlap, the labels themselves disagree: more layers can bend a boundary in "
        "more ways, and take longer to train, but there is no right side left to bend it to."
    )


_FEW, _MANY = settings_of("4")
_SIGNS = ("range", "error", "lead")


def _drawn(config: PlaygroundConfig) -> Iterator[dict[str, list[float]] | None]:
    """Of starts that each learn from points of their own: width of the range that the test points
    leave open, share of errors on fresh points, lead of the training score over that on fresh
    points, and share of these on which the network of another draw names another class. News are
    None before."""
    data, training = config.dataset, config.training
    draws = [fresh(data, data.samples, seed) for seed in range(1, 1 + STARTS)]
    x = torch.from_numpy(np.stack([own.x for own in draws]))
    y = torch.from_numpy(np.stack([own.y for own in draws]))
    rows = round(training.test_share * data.samples)
    network = MLP(config.network, 2, data.classes, STARTS).initialize(training.seed)
    parameters = leaves(network)
    for _ in range(training.epochs):
        loss = losses(forward(parameters, x[:, rows:]), y[:, rows:])
        descend(parameters, loss, training.learning_rate)
        yield None
    with torch.no_grad():
        right = (forward(parameters, x).argmax(-1) == y).double()
        named = forward(parameters, fresh_inputs(data)).argmax(-1)
    hits = right[:, :rows].sum(1).tolist()
    ranges = [wilson_interval(own, rows) for own in hits]
    true = np.array(fresh_accuracy(named, data))
    yield {
        "range": [own.high - own.low for own in ranges],
        "error": (1 - true).tolist(),
        "lead": (right[:, rows:].mean(1).numpy() - true).tolist(),
        "disagree": (named != named.roll(1, 0)).double().mean(1).tolist(),
    }


def _points() -> Iterator[Any]:
    yield Expect(1.0)
    found: dict[str, Any] = {}
    for name, config in settings_of("4").items():
        for news in _drawn(config):
            if news is not None:
                found[name] = news
            yield None
    yield found


def _drops(measured: Measured) -> dict[str, dict[str, float]]:
    """By how much each sign shrinks from few points to many, with its interval over the draws."""
    few, many = measured[_FEW], measured[_MANY]
    return {name: gap(few[name], many[name]) for name in _SIGNS}


def _shrinks_most(measured: Measured) -> int | None:
    drops = list(_drops(measured).values())
    first = max(range(len(drops)), key=lambda k: drops[k]["value"])
    rest = [own["high"] for k, own in enumerate(drops) if k != first]
    return first if drops[first]["low"] > max(rest) else None


def _by(drop: dict[str, float], less: str, more: str) -> str:
    """A decrease, or an increase where it is one, with its interval."""
    sign = 1 if drop["value"] >= 0 else -1
    low, high = sorted(sign * drop[end] for end in ("low", "high"))
    size = f"{tenths(100 * abs(drop['value']))} {less if sign > 0 else more}"
    return f"{size} [{tenths(100 * low)}, {tenths(100 * high)}]"


def _tell_points(measured: Measured) -> Iterator[str]:
    few, many, drops = measured[_FEW], measured[_MANY], _drops(measured)
    told = [
        f"{what} from {percent(mean(few[name]))} to {percent(mean(many[name]))}"
        for name, what in zip(
            _SIGNS,
            ("the range of chance", "errors on fresh points", "the lead of the training score"),
            strict=True,
        )
    ]
    yield (
        f"From few points to many, in the mean of {len(few['range'])} draws of the points, each "
        f"with a start of its own: {', '.join(told)}."
    )
    yield (
        f"In percentage points, the range gets {_by(drops['range'], 'narrower', 'wider')}, the "
        f"lead {_by(drops['lead'], 'smaller', 'larger')}, the errors "
        f"{_by(drops['error'], 'fewer', 'more')}."
    )
    if _shrinks_most(measured) == _SIGNS.index("range"):
        yield (
            "On easy data few points are enough to learn, but not to know how well one has "
            "learned; and the boundary moves with them: the networks of two draws disagree on "
            f"{percent(mean(few['disagree']))} of fresh points, with many on "
            f"{percent(mean(many['disagree']))}."
        )


OVERLAP = (
    Step(
        key="p7",
        title="Can it be perfect?",
        ask="The same network learns blobs of three spreads: 0.5, 1.5 and 4. On which can a "
        "network get all fresh points right, to a tenth of a per cent?",
        options=(
            Option(
                "On none of them",
                "Strictly you are right: such clouds have no edge. But at this spread a point "
                "among the others is so rare that the score rounds to all.",
            ),
            Option(
                "On the tightest only",
                "Blobs look apart long before they are. Their outermost points are few, and it is "
                "these that land among the others.",
            ),
            Option(
                "On the two tighter ones",
                "To the eye the middle ones are apart. A few of their points still lie closer to "
                "another blob's centre than to their own, and no rule gets those right.",
            ),
            Option(
                "On all three, if it is large enough",
                "A larger network draws finer lines, but where two classes share a place "
                "there is no right side to be drawn on.",
            ),
        ),
        measure=measured_by("spread"),
        judge=_perfect,
        tell=_tell,
        now="Leave Noise, which is the spread here, at 4 and add layers and units, as many as you "
        "like. Does the score on fresh points pass “best possible”?",
        covers=("try-it: change the dataset", "exercise 1"),
        terms=("class", "network", "blobs", "spread", "overlap", "fresh points"),
        core=True,
        config=parsed({"noise": 4.0}),
        code="for spread in (0.5, 1.5, 4.0):\n"
        "    x, y, centres = make_blobs(\n"
        "        1000, centers=4, cluster_std=spread, random_state=42, return_centers=True\n"
        "    )\n"
        "    apart = np.linalg.norm(x[:, None] - centres, axis=2).argmin(axis=1)\n"
        "    print(spread, (apart == y).mean())  # the rule that names the nearest centre",
    ),
    Step(
        key="p8",
        title="A third layer",
        ask="Blobs of spread 4 overlap: classes share places. The network has two hidden layers of "
        "8 units. Add a third: what happens to the accuracy on fresh points?",
        options=(
            Option(
                "It rises by a percentage point or more",
                "Deeper means better for hard pictures and texts. Here the two layers already "
                "draw nearly the best boundary there is.",
            ),
            Option(
                "It rises a little",
                "More room should do no harm, you may think. But another layer has to be trained "
                "as well, with the same steps, and there is next to nothing to gain.",
            ),
            Option(
                "It does not rise",
                "Overlap sets a limit, but the two layers were not yet at it, and the third has "
                "got closer.",
            ),
        ),
        measure=trained(_DEPTHS, _read_depths),
        judge=_gain,
        tell=_tell_depths,
        now="Give the third layer three times as many epochs. Does it catch up, and does it pass "
        "“best possible”?",
        covers=("exercise 2",),
        terms=(
            "percentage points",
            "network",
            "blobs",
            "class",
            "hidden layer",
            "unit",
            "spread",
            "overlap",
            "fresh points",
            "accuracy",
            "[a, b]",
            "distinguishable from zero",
        ),
        config=parsed({"noise": 4.0}, {"widths": [8, 8, 8]}),
        code="deeper = nn.Sequential(\n"
        "    nn.Linear(2, 8), nn.ReLU(),\n"
        "    nn.Linear(8, 8), nn.ReLU(),\n"
        "    nn.Linear(8, 8), nn.ReLU(),  # the third hidden layer\n"
        "    nn.Linear(8, 4),\n"
        ")",
    ),
    Step(
        key="p11",
        title="50 or 2,000 points",
        ask="The same network learns from 50 points in all, then from 2,000. A fifth of them are "
        "test points. What shrinks most, in percentage points?",
        options=(
            Option(
                "The range of chance of the test score",
                "Few test points do leave it wide. This time another number shrank even more.",
            ),
            Option(
                "Errors on fresh points",
                "More to learn from should mean fewer errors. Four blobs need few points to be "
                "found, and what is left is overlap, which no number of points removes.",
            ),
            Option(
                "The training score's lead over fresh points",
                "Few points are easily learned by heart, and that lead does shrink. Another "
                "number depends on how few they are even more.",
            ),
        ),
        measure=Computed(_points),
        judge=_shrinks_most,
        tell=_tell_points,
        now="Press Keep to compare, set Points to 2,000 and play again: put both pictures side by "
        "side. Where do the boundaries differ, near the points or far from them?",
        covers=("exercise 4",),
        terms=(
            "network",
            "test points",
            "training",
            "fresh points",
            "percentage points",
            "range of chance",
            "[a, b]",
        ),
        config=settings_of("4")[_FEW].model_copy(update={"training": parsed().training}),
        code="x, y = make_blobs(50, centers=4, cluster_std=2.0, random_state=42)\n"
        "x_train, x_test, y_train, y_test = train_test_split(\n"
        "    x, y, test_size=0.2, random_state=42\n"
        ")\n"
        "print(len(x_test))  # one point more or less is this much of the score:\n"
        "print(1 / len(x_test))",
    ),
)
