"""Steps c5 and c6: two brakes: weight decay and dropout."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from classifiers.recipes.guide.capstone.stored import (
    NEW,
    falls,
    gap,
    means,
    rises,
    show_sweep,
    swept,
)
from classifiers.recipes.guide.step import Measured, Option, Right, Sources, Step, at_once
from classifiers.wording import gap_points, signed_points, times

_DECAYS = (0.0, 0.01, 0.03)  # none; the lesson's strongest; too strong
_DROPOUTS = (0.0, 0.7)


def _decays(sources: Sources) -> dict[str, Any]:
    found = swept(sources.capstone(), "weight_decay")
    none, strong, strongest = (found.at(decay) for decay in _DECAYS)
    return {
        **means(found),
        "strong": found.values[strong],
        "strongest": found.values[strongest],
        "gap_before": gap(found.train[none] - found.fresh[none]),
        "gap_after": gap(found.train[strong] - found.fresh[strong]),
        "train_change": gap(found.train[strong] - found.train[none]),
        "fresh_change": gap(found.fresh[strong] - found.fresh[none]),
        "too_much": gap(found.fresh[strongest] - found.fresh[none]),
        "more": gap(
            (found.train[none] - found.train[strong]) - (found.fresh[strong] - found.fresh[none])
        ),
    }


def _judge_decays(measured: Measured) -> Right:
    """By what the gap closes, where it does: training falls, fresh rises, or which of both more."""
    comes_down, goes_up = falls(measured["train_change"]), rises(measured["fresh_change"])
    if not comes_down and not goes_up:
        return None
    if not (comes_down and goes_up):
        return 0 if comes_down else 1
    if rises(measured["more"]):
        return 2
    return 3 if falls(measured["more"]) else None


def _tell_decays(measured: Measured) -> Iterator[str]:
    before, after = measured["gap_before"]["value"], measured["gap_after"]["value"]
    yield (
        f"With weight decay {measured['strong']:g} the gap goes from {signed_points(before)} to "
        f"{signed_points(after)} ({measured['worlds']} worlds, {NEW})."
    )
    why = "whether anything known by heart went can't be told"
    if rises(measured["fresh_change"]):
        why = "small weights make smooth boundaries, which cannot bend round single points"
    elif falls(measured["train_change"]):
        why = "what was known by heart went, and nothing came for it"
    yield (
        f"Training accuracy changes by {gap_points(measured['train_change'])}, accuracy on fresh "
        f"points by {gap_points(measured['fresh_change'])}: {why}."
    )
    too_much = measured["too_much"]
    verdict = "still no worse than none"
    if falls(too_much):
        verdict = "worse than none, and to close the gap is not yet to be good"
    yield f"At {measured['strongest']:g}, {gap_points(too_much)} on fresh points: {verdict}."


def _dropouts(sources: Sources) -> dict[str, Any]:
    found = swept(sources.capstone(), "dropout")
    none, most = (found.at(share) for share in _DROPOUTS)
    best = int(found.fresh.mean(axis=1).argmax())
    return {
        **means(found),
        "most": found.values[most],
        "best_value": found.values[best],
        "best_change": gap(found.fresh[best] - found.fresh[none]),
        "change": gap(found.fresh[most] - found.fresh[none]),
        "log_factor": gap(np.log(found.loss[most]) - np.log(found.loss[none])),
        "gap_after": gap(found.train[most] - found.fresh[most]),
    }


def _judge_dropouts(measured: Measured) -> Right:
    change, loss = measured["change"], measured["log_factor"]
    outcomes = ((rises, falls), (falls, falls), (falls, rises), (rises, rises))
    for option, (accuracy_moves, loss_moves) in enumerate(outcomes):
        if accuracy_moves(change) and loss_moves(loss):
            return option
    return None


def _tell_dropouts(measured: Measured) -> Iterator[str]:
    factor = float(np.exp(measured["log_factor"]["value"]))
    yield (
        f"Dropout {measured['most']:g} changes accuracy on fresh points by "
        f"{gap_points(measured['change'])} and makes their loss {times(factor)} "
        f"(geometric mean; {measured['worlds']} worlds, {NEW})."
    )
    coarse = falls(measured["change"])
    cheap = falls(measured["log_factor"])
    yield (
        f"It leaves a gap of {signed_points(measured['gap_after']['value'])}: so few units at a "
        f"time draw {'too coarse' if coarse else 'as good'} a boundary, and being less sure makes "
        f"errors {'cheaper' if cheap else 'no cheaper'}."
    )
    yield (
        f"Most accurate is {measured['best_value']:g}, {gap_points(measured['best_change'])} "
        "against none."
    )


BRAKES = (
    Step(
        key="c5",
        title="Weight decay closes the gap",
        ask="Two layers of 64 learn their points almost by heart: far better on training points "
        "than on fresh ones. Weight decay 0.01 closes most of that gap. From which side?",
        options=(
            Option(
                "Training falls, fresh stays",
                "A brake only slows, so it seems. But what it keeps out is noise, and a boundary "
                "without that noise is right more often on new points.",
            ),
            Option(
                "Fresh rises, training stays",
                "That would be the wish. Accuracy that came from learning single points by heart "
                "goes away with them.",
            ),
            Option(
                "Both move, training more",
                "Both do move. What was known by heart need not be lost faster than is gained on "
                "new points.",
            ),
            Option(
                "Both move, fresh more",
                "On new points there was only so much to gain: the best possible is a ceiling, and "
                "every odd point that is given up counts in training.",
            ),
        ),
        measure=at_once(_decays),
        judge=_judge_decays,
        tell=_tell_decays,
        shows=show_sweep("Weight decay"),
        now="Under “Two at once” choose “Decay × how it is applied”. Coupled decay goes through "
        "the gradient, decoupled shrinks the weights themselves. Which value does decoupled need "
        "for the same effect?",
        covers=("stretch: weight decay", "what dropout and weight decay do"),
        terms=(
            "weight decay",
            "gap",
            "layer",
            "weight",
            "training points",
            "fresh points",
            "accuracy",
            "world",
            "to learn by heart",
            "best possible",
            "noise",
            "[a, b]",
        ),
        place="#sweeps",
        touches=("train",),
        code="optimizer = torch.optim.Adam(\n"
        "    network.parameters(),\n"
        "    lr=0.01,\n"
        "    weight_decay=0.01,  # adds 0.01 * w to the gradient of every weight and bias\n"
        ")",
    ),
    Step(
        key="c6",
        title="Dropout 0.7",
        ask="Two layers of 16. Dropout leaves out units in each step of training: here 70 % of "
        "them. Against no dropout, what happens to accuracy and loss on fresh points?",
        options=(
            Option(
                "Accuracy up, loss down",
                "What helps in a small dose need not in a large one. Whether enough units are left "
                "to draw the boundary is another question.",
            ),
            Option(
                "Accuracy down, loss down",
                "Fewer units and less sureness could give this. This time one of the two went the "
                "other way.",
            ),
            Option(
                "Accuracy down, loss up",
                "A coarser boundary makes more errors, so loss should be higher. But they are less "
                "sure ones, and each costs less.",
            ),
            Option(
                "Accuracy up, loss up",
                "More noise in training need not make a network surer. It makes it more careful.",
            ),
        ),
        measure=at_once(_dropouts),
        judge=_judge_dropouts,
        tell=_tell_dropouts,
        shows=show_sweep("Dropout"),
        now="Under “Dropout”, which value would you take if you had to name classes, and which if "
        "you had to say how sure you are?",
        covers=("what dropout and weight decay do",),
        terms=(
            "dropout",
            "hidden unit",
            "fresh points",
            "accuracy",
            "loss",
            "gap",
            "world",
            "to learn by heart",
            "layer",
            "noise",
            "geometric mean",
            "[a, b]",
        ),
        place="#sweeps",
        touches=("model",),
        code="drop = nn.Dropout(0.7)\n"
        "drop.train()  # leaves out about 70 % of the units, the others speak louder\n"
        "print(drop(torch.ones(10)))\n"
        "drop.eval()  # lets all of them through, unchanged\n"
        "print(drop(torch.ones(10)))",
    ),
)
