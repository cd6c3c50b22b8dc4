"""Steps c4 and c7: how big the network may be, and how many points it has."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from classifiers.evaluation.comparison import never_learned
from classifiers.recipes.guide.capstone.stored import (
    CHANCE,
    NEW,
    ahead,
    difference,
    falls,
    gap,
    means,
    rises,
    show_sweep,
    swept,
)
from classifiers.recipes.guide.step import Measured, Option, Right, Sources, Step, at_once
from classifiers.wording import gap_points, percent, signed_points

_WIDTHS = (2, 8, 64, 256)
_COUNTS = (50, 2000)


def _widths(sources: Sources) -> dict[str, Any]:
    found = swept(sources.capstone(), "width")
    rows = [found.at(width) for width in _WIDTHS]
    best = max(rows, key=lambda row: float(np.nanmean(found.learned[row])))
    others = [row for row in rows if row != best]
    widest = rows[-1]
    return {
        **means(found),
        "best_row": best,
        "apart": ahead(found.learned, best, others),
        "lead": gap(found.fresh[best] - found.fresh[widest]),
        "widest": _WIDTHS[-1],
        "narrowest": _WIDTHS[0],
        "named_by_test": int((found.test[best] == found.test.max(axis=0)).sum()),
        "never": int(never_learned(found.fresh[rows[0]], CHANCE).sum()),
    }


def _judge_widths(measured: Measured) -> Right:
    best = measured["values"][measured["best_row"]]
    return _WIDTHS.index(best) if measured["apart"] else None


def _tell_widths(measured: Measured) -> Iterator[str]:
    best, worlds = measured["best_row"], measured["worlds"]
    yield (
        f"With {measured['values'][best]} units a layer {percent(measured['fresh'][best])} on "
        f"fresh points, of {percent(measured['best'])} possible (mean of {worlds} worlds, {NEW})."
    )
    *_, train_widest = measured["train"]
    yield (
        f"Of the {worlds} networks of width {measured['narrowest']}, {measured['never']} never "
        f"learned; those of width {measured['widest']} know {percent(train_widest)} of their "
        f"training points, and on fresh ones the best is ahead of them by "
        f"{gap_points(measured['lead'])}."
    )
    yield (
        f"The test points of a single world, by which the lesson compares, name that width the "
        f"best, alone or with others, in {measured['named_by_test']} of {worlds} worlds."
    )


def _points(sources: Sources) -> dict[str, Any]:
    found = swept(sources.capstone(), "samples")
    few, many = (found.at(count) for count in _COUNTS)
    return {
        **means(found),
        "few": found.values[few],
        "many": found.values[many],
        # Worlds of other sizes have no points in common.
        "train_change": difference(found.train[many], found.train[few]),
        "fresh_change": difference(found.fresh[many], found.fresh[few]),
        "short": [found.best - float(found.fresh[row].mean()) for row in (few, many)],
        "gaps": [float((found.train[row] - found.fresh[row]).mean()) for row in (few, many)],
    }


def _judge_points(measured: Measured) -> Right:
    train, fresh = measured["train_change"], measured["fresh_change"]
    if falls(train):
        return 1 if rises(fresh) else 3 if falls(fresh) else None
    if rises(fresh):
        return 0 if rises(train) else 2
    return None


def _tell_points(measured: Measured) -> Iterator[str]:
    few_gap, many_gap = measured["gaps"]
    few_short, many_short = measured["short"]
    yield (
        f"From {measured['few']:,} to {measured['many']:,} points: training accuracy "
        f"{gap_points(measured['train_change'])}, fresh {gap_points(measured['fresh_change'])} "
        f"(means over {measured['worlds']} worlds each)."
    )
    yield (
        f"The gap goes from {signed_points(few_gap)} to {signed_points(many_gap)}, and what is "
        f"missing to the best possible from {percent(few_short)} to {percent(many_short)}."
    )
    if falls(measured["train_change"]):
        yield (
            "The network is the same; there are too many points now for its weights to learn the "
            "noise of each by heart, so what is left to learn is the rule."
        )
    else:
        yield "The network had enough weights for all of them."


def _named(values: Sequence[Any], becauses: Sequence[str]) -> tuple[Option, ...]:
    return tuple(
        Option(f"{value} units", because) for value, because in zip(values, becauses, strict=True)
    )


WIDTH = (
    Step(
        key="c4",
        title="How wide?",
        ask="Two hidden layers of the same width, no dropout. Which width is most "
        "accurate on fresh points, averaged over many worlds?",
        options=_named(
            _WIDTHS,
            (
                "The smallest cannot learn noise, true. But a boundary of so few pieces cannot "
                "follow two moons either, and some networks never get started.",
                "A few bends should be enough for two moons. This time another width made fewer "
                "errors.",
                "Some room to spare seems wise. Spare units do not idle: they draw the boundary "
                "round single odd points.",
                "The largest networks are the famous ones. They have far more points to learn "
                "from; here nothing keeps all those weights from learning the noise.",
            ),
        ),
        measure=at_once(_widths),
        judge=_judge_widths,
        tell=_tell_widths,
        shows=show_sweep("Width"),
        now="Under “Width”, change from accuracy to loss. Which width is best there, and why is it "
        "not the same one?",
        covers=("stretch: width",),
        terms=(
            "moon",
            "rule",
            "noise",
            "to learn by heart",
            "hidden unit",
            "layer",
            "fresh points",
            "world",
            "accuracy",
            "dropout",
            "best possible",
            "training points",
            "test points",
            "weight",
            "[a, b]",
        ),
        place="#sweeps",
        touches=("model",),
        code="for width in (2, 8, 64, 256):  # units: how often a boundary can bend\n"
        "    network = nn.Sequential(\n"
        "        nn.Linear(2, width), nn.ReLU(),\n"
        "        nn.Linear(width, width), nn.ReLU(),\n"
        "        nn.Linear(width, 2),\n"
        "    )\n"
        "    print(width, test_accuracy(network, *parts))",
    ),
)

POINTS = (
    Step(
        key="c7",
        title="More points",
        ask="Two layers of 16, no dropout, no weight decay: first with 50 points, then with 2,000. "
        "What happens to accuracy on training points and on fresh ones?",
        options=(
            Option(
                "Both rise",
                "More to learn from should help everywhere. But so many noisy points cannot be "
                "learned by heart any more, and training accuracy lived on that.",
            ),
            Option(
                "Training falls, fresh rises",
                "It could be, if learning by heart gave way to the rule. This time one of the two "
                "did not move so.",
            ),
            Option(
                "Training stays, fresh rises",
                "The network fitted its points before, so why not after? Its weights are as many "
                "as they were, its points are not.",
            ),
            Option(
                "Both fall",
                "More points make a harder exercise, but also a clearer one: where there are many, "
                "noise averages out and the rule shows.",
            ),
        ),
        measure=at_once(_points),
        judge=_judge_points,
        tell=_tell_points,
        shows=show_sweep("Points"),
        now="Under “Two at once”, choose width and points. How does the best width change as "
        "points are added?",
        covers=(),
        terms=(
            "rule",
            "layer",
            "dropout",
            "weight decay",
            "accuracy",
            "training points",
            "fresh points",
            "noise",
            "gap",
            "best possible",
            "world",
            "to learn by heart",
            "weight",
            "[a, b]",
        ),
        place="#sweeps",
        touches=("data",),
        code="for count in (50, 2000):\n"
        "    x, y = make_moons(n_samples=count, noise=0.3, random_state=0)\n"
        "    parts = train_test_split(x, y, test_size=0.3, random_state=0)\n"
        "    # The network stays as small as it is: can it still learn every point by heart?\n"
        "    print(count, test_accuracy(network(), *parts))",
    ),
)
