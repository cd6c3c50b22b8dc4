"""Step p15: how sure a network is, beside its boundary and far from all points."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from classifiers.data.bayes import fresh_with_posterior
from classifiers.film import grid_points
from classifiers.recipes.guide.playground.measures import (
    Results,
    letter,
    mean,
    says_at,
    settings_of,
    trained,
)
from classifiers.recipes.guide.step import Measured, Option, Picture, Step
from classifiers.recipes.playground.result import Result
from classifiers.wording import listed, percent

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


DOUBT = (
    Step(
        key="p15",
        title="How sure?",
        ask="A trained network on two moons. Everywhere in the picture it gives the class that it "
        "names a probability. Point at a place where that is below 90 %; then see how much of the "
        "picture is like it.",
        options=(
            Option(
                "It is less sure",
                "A boundary is where doubt is looked for. This time there was none to be found.",
            ),
            Option(
                "It is surer, near points it saw",
                "What it has seen there was of one class, so it is sure. Doubt stands where the "
                "classes meet, in a band along the boundary.",
            ),
            Option(
                "It is surer, far from all points",
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
