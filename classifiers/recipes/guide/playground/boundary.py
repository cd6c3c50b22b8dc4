"""Steps p9 and p10: what boundaries look like, with activations and without."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classifiers.data.synthetic import Extent
from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    Results,
    best_of,
    forward,
    fresh_of,
    gap,
    mean,
    parsed,
    settings_of,
    tenths,
    trained,
)
from classifiers.recipes.guide.step import Measured, Option, Step
from classifiers.wording import gap_points, percent, verdict

_KILLED = settings_of("activations")
_STRAIGHT = settings_of("5")
_BREAKS = 0.05  # of accuracy lost


def _read_killed(results: Results) -> Measured:
    return {
        name: {"fresh": fresh_of(result), "best": best_of(result)}
        for name, result in results.items()
    }


def _loss_of(measured: Measured, data: str) -> dict[str, float]:
    """What accuracy on fresh points changes by, when the activations go."""
    return gap(measured[f"{data}, no activation"]["fresh"], measured[f"{data}, ReLU"]["fresh"])


def _broken(measured: Measured) -> int | None:
    answers = []
    for data in ("circles", "blobs"):
        change = _loss_of(measured, data)
        if change["low"] <= -_BREAKS <= change["high"]:
            return None
        answers.append(change["high"] < -_BREAKS)
    circles, blobs = answers
    return {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}[circles, blobs]


def _tell_killed(measured: Measured) -> Iterator[str]:
    told = [f"on {data} by {gap_points(_loss_of(measured, data))}" for data in ("circles", "blobs")]
    starts = len(measured["circles, ReLU"]["fresh"])
    yield (
        f"Without activations the accuracy on fresh points changes {' and '.join(told)}, over "
        f"{starts} starts."
    )
    scores = [
        f"{data} {percent(mean(measured[data]['fresh']))} of {percent(measured[data]['best'])}"
        for data in ("blobs", "moons", "circles")
    ]
    yield (
        f"A network without any hidden layer gets, of the best possible: {', '.join(scores)}; "
        "layers without an activation between them are one linear map as well, however many."
    )
    yield (
        "Straight boundaries are enough wherever each class lies on its own side of straight "
        "lines, and no straight line parts a ring from what it surrounds."
    )


_CORNER = 5.0  # degrees
_SIDE = 320


def _crossings(parameters: Sequence[Tensor], act: Any, box: Extent) -> tuple[Tensor, Tensor]:
    """Points (M, 2) at which the named class changes, and the two classes (M, 2) that meet."""
    x = torch.linspace(box.x_min, box.x_max, _SIDE, dtype=torch.float64)
    y = torch.linspace(box.y_min, box.y_max, _SIDE, dtype=torch.float64)
    grid = torch.stack(torch.meshgrid(x, y, indexing="ij"), -1)
    named = forward(parameters, grid.flatten(0, 1), act)[0].argmax(-1).view(_SIDE, _SIDE)
    ends, pairs = [], []
    for here, there in (
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
    ):
        change = named[here] != named[there]
        ends.append(torch.stack([grid[here][change], grid[there][change]], 1))
        pairs.append(torch.stack([named[here][change], named[there][change]], 1))
    (low, high), pair = torch.cat(ends).unbind(1), torch.cat(pairs)
    for _ in range(40):
        middle = (low + high) / 2
        first = _lead(parameters, act, middle, pair) > 0
        low = torch.where(first[:, None], middle, low)
        high = torch.where(first[:, None], high, middle)
    logits = forward(parameters, low, act)[0]
    third = logits.scatter(1, pair, -torch.inf).amax(1)
    meets = logits.gather(1, pair).amin(1) > third  # no other class is named there
    return low[meets], pair[meets]


def _lead(parameters: Sequence[Tensor], act: Any, x: Tensor, pair: Tensor) -> Tensor:
    """By how much the first class of each pair leads the second, (M,)."""
    logits = forward(parameters, x, act)[0].gather(1, pair)
    return logits[:, 0] - logits[:, 1]


def _direction(parameters: Sequence[Tensor], act: Any, x: Tensor, pair: Tensor) -> Tensor:
    """The unit vector (M, 2) across the boundary."""
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(_lead(parameters, act, x, pair).sum(), x)
    return slope / slope.norm(dim=1, keepdim=True)


def _turns(network: MLP, k: int, box: Extent) -> np.ndarray:
    """Degrees by which the boundary of member k turns within a thousandth of the picture's width
    to either side of each of many of its points."""
    act = {"relu": torch.relu, "tanh": torch.tanh}[network.config.activation]
    parameters = [
        tensor[k : k + 1].double() for layer in network.layers
        for tensor in (layer.weight, layer.bias)
    ]  # fmt: skip
    points, pair = _crossings(parameters, act, box)
    across = _direction(parameters, act, points, pair)
    along = torch.stack([-across[:, 1], across[:, 0]], 1) * (box.x_max - box.x_min) / 1000
    before, after = (_direction(parameters, act, points + way * along, pair) for way in (-1, 1))
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return torch.rad2deg(torch.atan2(cross.abs(), (before * after).sum(1))).numpy()


def _read_corners(results: Results) -> Measured:
    found: dict[str, Any] = {}
    for name, result in results.items():
        members = range(result.network.members)
        turns = [_turns(result.network, k, result.scene.extent) for k in members]
        found[name] = {
            "largest": [float(own.max()) for own in turns],
            "straight": [float((own < 0.001).mean()) for own in turns],
            "fresh": fresh_of(result),
        }
    return found


def _cornered(measured: Measured) -> int | None:
    answers = []
    for name in ("ReLU", "tanh"):
        has = [largest > _CORNER for largest in measured[name]["largest"]]
        if any(has) != all(has):
            return None
        answers.append(all(has))
    relu, tanh = answers
    return {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}[relu, tanh]


def _tell_corners(measured: Measured) -> Iterator[str]:
    relu, tanh = (measured[name] for name in ("ReLU", "tanh"))
    sharp, soft = (tenths(max(own["largest"])) for own in (relu, tanh))
    straight, bent = (percent(mean(own["straight"])) for own in (relu, tanh))
    yield (
        f"Within a thousandth of the picture's width the boundary between two classes turns by up "
        f"to {sharp} degrees with ReLU and {soft} with tanh, over {len(relu['largest'])} starts."
    )
    yield (
        f"Of its points, {straight} lie on straight pieces with ReLU and {bent} with tanh: ReLU is "
        "two straight lines that meet in a corner, and so is all that is added up of it."
    )
    change = gap(tanh["fresh"], relu["fresh"])
    yield (
        f"From ReLU to tanh the accuracy on fresh points changes by {gap_points(change)}, "
        f"{verdict(change)}."
    )


BOUNDARY = (
    Step(
        key="p9",
        title="Kill the activations",
        ask="A unit adds up its inputs, each times a weight, and bends the sum: its activation. "
        "Take all activations out and train again. Which data can the network no longer learn: "
        "four blobs, or circles, a ring in a ring?",
        options=(
            Option(
                "Only the circles",
                "Circles look simple, but a ring needs a boundary that closes around something, "
                "and this one seems to have found another way.",
            ),
            Option(
                "Only the blobs",
                "Four classes seem harder than two. But blobs lie apart, each behind straight "
                "lines of its own.",
            ),
            Option(
                "Both",
                "A network without its bends seems crippled for everything. What is left are "
                "straight boundaries, and for some data they are enough.",
            ),
            Option(
                "Neither",
                "There are two layers still, you may think. But adding up what was only added up "
                "gives nothing that one layer could not do.",
            ),
        ),
        measure=trained({**_KILLED, **_STRAIGHT}, _read_killed),
        judge=_broken,
        tell=_tell_killed,
        now="Take hidden layers away with the minus sign, down to none. Which of the five kinds "
        "of data can still be learned?",
        covers=("try-it: kill the activations", "exercise 5", "the word linear"),
        terms=(
            "network",
            "unit",
            "weights",
            "activation",
            "hidden layer",
            "linear",
            "blobs",
            "circles",
            "moons",
            "boundary",
            "fresh points",
            "best possible",
            "[a, b]",
        ),
        core=True,
        config=_KILLED["circles, no activation"].model_copy(
            update={
                "training": _KILLED["circles, no activation"].training.model_copy(
                    update={"members": 1}
                )
            }
        ),
        code="model = nn.Sequential(\n"
        "    nn.Linear(2, 16),  # no nn.ReLU() in between:\n"
        "    nn.Linear(16, 16),  # three layers that are one linear map\n"
        "    nn.Linear(16, 2),\n"
        ")",
    ),
    Step(
        key="p10",
        title="ReLU and tanh",
        ask="Two activations: ReLU cuts off what is below zero, tanh squeezes softly into −1 to 1. "
        "Where the named class changes, the picture has a boundary. Whose boundary between two "
        "classes has corners?",
        options=(
            Option(
                "ReLU's only",
                "A cut-off seems to leave corners. It would, if the sum of many of them did not "
                "round them off.",
            ),
            Option(
                "tanh's only",
                "Squeezing sounds forceful, but tanh has no point at which its slope jumps, and "
                "so neither has what is added up of it.",
            ),
            Option(
                "Both",
                "Where three classes meet, every boundary has a corner. Between two of them it "
                "takes an activation with a corner of its own.",
            ),
            Option(
                "Neither",
                "From far away both look round. Look closer at one of them: it is made of "
                "straight pieces.",
            ),
        ),
        measure=trained(settings_of("3"), _read_corners),
        judge=_cornered,
        tell=_tell_corners,
        now="Set Activation to ReLU and to tanh in turn, with only 3 units a layer: the corners "
        "are easier to see the fewer there are.",
        covers=("exercise 3",),
        terms=(
            "activation",
            "ReLU",
            "tanh",
            "class",
            "boundary",
            "fresh points",
            "[a, b]",
            "distinguishable from zero",
        ),
        config=parsed(network={"activation": "tanh"}),
        code="relu = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4))\n"
        "tanh = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 4))\n"
        "xs = torch.linspace(-1, 1, 5)\n"
        "print(torch.relu(xs), torch.tanh(xs))  # a corner at 0; round everywhere",
    ),
)
