"""Step p16: steps on a part of the points."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    Parameters,
    descend,
    deviation,
    forward,
    fresh_accuracy,
    fresh_inputs,
    gap,
    leaves,
    losses,
    mean,
    parsed,
)
from classifiers.recipes.guide.step import Computed, Measured, Option, Step
from classifiers.recipes.playground.result import build_scene
from classifiers.turns import Expect
from classifiers.wording import gap_points, verdict, whole_percent, with_spread

_SIZE, _STARTS = 32, 20
_CONFIG = parsed(training={"epochs": 10, "batch_size": _SIZE})


def _orders(rows: int, shuffled: bool, generator: torch.Generator) -> Tensor:
    """(K, rows): the order in which each network meets the rows in an epoch."""
    if not shuffled:
        return torch.arange(rows).expand(_STARTS, -1)
    return torch.stack([torch.randperm(rows, generator=generator) for _ in range(_STARTS)])


def _epochs(size: int, shuffled: bool, by_class: bool) -> Iterator[Any]:
    """Networks trained side by side, in plain PyTorch; news are None, the last the numbers."""
    scene, training = build_scene(_CONFIG), _CONFIG.training
    x, y = (own.clone() for own in (scene.rows("train").x, scene.rows("train").y))
    if by_class:
        order = y.argsort(stable=True)
        x, y = x[order], y[order]
    network = MLP(_CONFIG.network, 2, scene.dataset.classes, _STARTS).initialize(training.seed)
    parameters = leaves(network)
    generator = torch.Generator().manual_seed(training.seed)
    curve, steps = [_training_loss(parameters, x, y)], 0
    for _ in range(training.epochs):
        order = _orders(len(x), shuffled, generator)
        for rows in order.split(size, dim=1):
            loss = losses(forward(parameters, x[rows]), y[rows])
            descend(parameters, loss, training.learning_rate)
            steps += 1
            yield None
        curve.append(_training_loss(parameters, x, y))
    with torch.no_grad():
        named = forward(parameters, fresh_inputs(_CONFIG.dataset)).argmax(-1)
    yield {
        "fresh": fresh_accuracy(named, _CONFIG.dataset),
        "rises": (np.diff(curve, axis=0) > 0).mean(axis=0).tolist(),
        "steps": steps,
    }


def _training_loss(parameters: Parameters, x: Tensor, y: Tensor) -> list[float]:
    with torch.no_grad():
        return losses(forward(parameters, x), y).tolist()


def _gradient(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
    """(K, P): of each network's loss."""
    loss = losses(forward(parameters, x), y).sum()
    return torch.cat([own.flatten(1) for own in torch.autograd.grad(loss, parameters)], 1)


def _off(size: int, most: int = 100) -> list[float]:
    """How far the gradients of so many points lie from that of all, in lengths of the latter: the
    mean over batches of the shuffled points, for each network before its first step, (K,)."""
    scene, training = build_scene(_CONFIG), _CONFIG.training
    rows = scene.rows("train")
    network = MLP(_CONFIG.network, 2, scene.dataset.classes, _STARTS).initialize(training.seed)
    parameters = leaves(network)
    whole = _gradient(parameters, rows.x, rows.y)
    order = torch.randperm(len(rows.x), generator=torch.Generator().manual_seed(training.seed))
    errors = [
        (_gradient(parameters, rows.x[own], rows.y[own]) - whole).norm(dim=1)
        for own in order.split(size)[:most]
    ]
    return (torch.stack(errors).mean(0) / whole.norm(dim=1)).tolist()


_WAYS = {  # points a step, whether they are shuffled, whether they come class by class
    "all": (10**6, False, False),
    "batches": (_SIZE, True, False),
    "unshuffled": (_SIZE, False, True),
}


def _compare() -> Iterator[Any]:
    yield Expect(1.5)
    found: dict[str, Any] = {"size": _SIZE, "off": _off(_SIZE), "off_single": _off(1)}
    for name, way in _WAYS.items():
        for news in _epochs(*way):
            found[name] = news
            yield None
    yield found


def _ahead(measured: Measured) -> list[int] | None:
    """Whose accuracy is higher, whose loss rises less often; None unless both are decided."""
    better = gap(measured["batches"]["fresh"], measured["all"]["fresh"])
    rougher = gap(measured["batches"]["rises"], measured["all"]["rises"])
    answers = []
    for change, batches_win in ((better, better["low"] > 0), (rougher, rougher["high"] < 0)):
        if change["low"] <= 0 <= change["high"]:
            return None
        answers.append(1 if batches_win else 0)
    return answers


def _score(way: Measured) -> str:
    return with_spread(mean(way["fresh"]), deviation(way["fresh"]))


def _tell(measured: Measured) -> Iterator[str]:
    whole, batches = measured["all"], measured["batches"]
    change = gap(batches["fresh"], whole["fresh"])
    yield (
        f"After as many epochs, {batches['steps']} steps on {measured['size']} points reach "
        f"{_score(batches)} of fresh points and {whole['steps']} steps on all {_score(whole)}, "
        f"{gap_points(change)} over {len(whole['fresh'])} starts."
    )
    rises = [whole_percent(mean(way["rises"])) for way in (batches, whole)]
    yield (
        "The lesson expects smoother gradients from batches; measured against all points it is "
        f"{_smoother(measured)}: the training loss rises in {' against '.join(rises)} of the "
        "epochs, and before the first step, a batch's gradient differs from that of all points by "
        f"{whole_percent(mean(measured['off']))} of the latter's length, a single point's by "
        f"{whole_percent(mean(measured['off_single']))}."
    )
    order = gap(measured["unshuffled"]["fresh"], batches["fresh"])
    yield (
        "A step that sees one class only pulls towards it: with the points class by class and not "
        "shuffled, the batches end at "
        f"{_score(measured['unshuffled'])}, a change of {gap_points(order)}, {verdict(order)}."
    )


def _smoother(measured: Measured) -> str:
    change = gap(measured["batches"]["rises"], measured["all"]["rises"])
    if change["low"] > 0:
        return "the other way round"
    return "so" if change["high"] < 0 else "not to be told"


BATCHES = (
    Step(
        key="p16",
        title="Batches",
        ask="Until now each step used all training points, here 800: one step an epoch. In "
        "batches, a step uses 32 of them, shuffled: 25 steps an epoch. After ten epochs, which of "
        "the two wins?",
        options=(
            Option("All points a step", "Each step knows the whole slope."),
            Option("32 points a step", "There are more steps for the same points."),
        ),
        rows=(
            Option(
                "Higher accuracy on fresh points",
                "A step that sees all points is the better step, but an epoch has only one of "
                "them. Many steps that are nearly right get further.",
            ),
            Option(
                "Loss falls more smoothly",
                "Batches are said to smooth. That holds against steps on single points; against "
                "all points each batch has a slope of its own, and the steps waver.",
            ),
        ),
        measure=Computed(_compare),
        judge=_ahead,
        tell=_tell,
        now="Change Batch size to 1 while it plays, and watch the loss. Then back to all points: "
        "what changes at that epoch?",
        covers=(
            "tensordataset and dataloader",
            "shuffling and why",
            "batch (the word is nowhere on the page)",
        ),
        terms=(
            "training",
            "batch",
            "step",
            "epoch",
            "gradient",
            "fresh points",
            "loss",
            "accuracy",
            "shuffled",
            "±",
            "[a, b]",
            "distinguishable from zero",
        ),
        config=_CONFIG,
        touches=("train",),
        code="loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)\n"
        "for epoch in range(10):\n"
        "    for x, y in loader:  # 32 rows at a time, in a new order each epoch\n"
        "        loss = loss_fn(model(x), y)\n"
        "        optimizer.zero_grad()\n"
        "        loss.backward()\n"
        "        optimizer.step()",
    ),
)
