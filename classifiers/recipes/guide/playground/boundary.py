"""Steps p9, p10 and p15: what boundaries look like, and how sure a network is beside them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classifiers.data.bayes import fresh_with_posterior
from classifiers.data.synthetic import Extent
from classifiers.film import grid_points
from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    Results,
    best_of,
    forward,
    fresh_of,
    gap,
    letter,
    mean,
    parsed,
    says_at,
    settings_of,
    tenths,
    trained,
)
from classifiers.recipes.guide.step import Measured, Option, Picture, Step
from classifiers.recipes.playground.result import Result
from classifiers.wording import gap_points, listed, percent, verdict

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


_SURE = 0.9
_FAR = 0.1  # of the picture's width
_MAP = settings_of("8")


def _width(result: Result) -> float:
    """Of its picture."""
    return result.scene.extent.x_max - result.scene.extent.x_min


def _unsure(result: Result, x: np.ndarray) -> tuple[Tensor, Tensor]:
    """Class that each network names at points (N, 2), and whether it is below 90 % sure: (K, N)."""
    shares = result.network.probabilities(torch.from_numpy(x))
    return shares.argmax(-1), shares.amax(-1) < _SURE


def _read_doubt(results: Results) -> Measured:
    (result,) = results.values()
    _, doubt = _unsure(result, grid_points(result.scene.extent, 200))
    coarse = grid_points(result.scene.extent, 100)
    seen = result.scene.rows("train").x
    empty = torch.cdist(torch.from_numpy(coarse), seen).amin(1) > _FAR * _width(result)
    _, lost = _unsure(result, coarse[empty.numpy()])
    x, posterior = fresh_with_posterior(result.config.dataset)
    named, unsure = (own.numpy() for own in _unsure(result, x))
    wrong = 1 - posterior[np.arange(len(x)), named]
    return {
        "shown": result,
        "share": doubt.double().mean(1).tolist(),
        "points": unsure.mean(axis=1).tolist(),
        "empty": float(empty.double().mean()),
        "sure_where_empty": float((~lost).double().mean()),
        "wrong_unsure": float(wrong[unsure].mean()),
        "wrong_sure": float(wrong[~unsure].mean()),
    }


def _in_doubt(measured: Measured) -> int | None:
    """The first option, if the network that is shown doubts anywhere."""
    return 0 if measured["share"][0] > 0 else None


def _doubt_at(measured: Measured, x1: float, x2: float) -> tuple[int, str]:
    """A place stands for what the network makes of it, and for how far all that it saw is."""
    shown = measured["shown"]
    shares = says_at(shown, x1, x2)
    told = f"There it gives {letter(shares.index(max(shares)))} {percent(max(shares))}."
    if max(shares) < _SURE:
        return 0, told
    seen = shown.scene.rows("train").x.numpy()
    away = float(np.hypot(*(seen - np.array([x1, x2])).T).min())
    return (2 if away > _FAR * _width(shown) else 1), told


def _sure(measured: Measured) -> float:
    """Share of the picture that is not in doubt, in the mean of all starts."""
    return 1 - mean(measured["share"])


def _tell_doubt(measured: Measured) -> Iterator[str]:
    own, *others = measured["share"]
    yield (
        f"Below that probability lies {percent(own)} of the picture; with other starting weights "
        f"it is {listed([percent(share) for share in others])}."
    )
    yield (
        "It is a band along the boundary, in which "
        f"{percent(mean(measured['points']))} of fresh points lie: the network is wrong on "
        f"{percent(measured['wrong_unsure'])} of these, and on {percent(measured['wrong_sure'])} "
        "of the others."
    )
    far, everywhere = measured["sure_where_empty"], _sure(measured)
    yield (
        "A picture of classes alone hides this doubt. And distance "
        f"{'adds' if far < everywhere else 'does not add'} to it: more than a tenth of the width "
        f"from any point it learned from, it is sure on {percent(far)}, against "
        f"{percent(everywhere)} of the whole picture."
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
    Step(
        key="p15",
        title="How sure?",
        ask="A trained network on two moons. Everywhere in the picture it gives the class that it "
        "names a probability. Point at a place where that is below 90 %. How much of the picture "
        "do you think is like it?",
        options=(
            Option(
                "A place where it is less than 90 % sure",
                "A boundary is where doubt is looked for. This time there was none to be found.",
            ),
            Option(
                "A place near points it learned from, where it is surer",
                "What it has seen there was of one class, so it is sure. Doubt stands where the "
                "classes meet, in a band along the boundary.",
            ),
            Option(
                "A place far from all points, where it is surer",
                "A careful network would doubt wherever it has seen nothing. This one does not "
                "know what it has not seen: away from the boundary it is sure, points or not.",
            ),
        ),
        picture=Picture(lambda measured: measured["shown"], _doubt_at, view="confidence"),
        measure=trained(_MAP, _read_doubt),
        judge=_in_doubt,
        tell=_tell_doubt,
        now="Choose Confidence above the picture, click where the network is unsure, and then far "
        "outside, where no point ever was.",
        covers=("exercise 8", "that the picture can be clicked"),
        terms=("network", "class", "probability", "moons", "boundary", "fresh points"),
        core=True,
        config=_MAP["moons"].model_copy(
            update={"training": _MAP["moons"].training.model_copy(update={"members": 1})}
        ),
        touches=("data", "look"),
        code="with torch.inference_mode():\n"
        "    p = torch.sigmoid(model(grid)).squeeze(1)  # of class B, at every pixel\n"
        "sure = torch.maximum(p, 1 - p)  # of the class that is named\n"
        "print((sure < 0.9).float().mean())  # the share in doubt",
    ),
)
