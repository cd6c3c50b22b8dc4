"""Steps on a part of the points."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    STARTS,
    Parameters,
    decimal,
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
from classifiers.wording import gap_points, whole_percent, with_spread

_SIZE = 32
_CONFIG = parsed(training={"epochs": 10, "batch_size": _SIZE})


def _orders(rows: int, shuffled: bool, generator: torch.Generator) -> Tensor:
    """(K, rows): the order in which each network meets the rows in an epoch."""
    if not shuffled:
        return torch.arange(rows).expand(STARTS, -1)
    return torch.stack([torch.randperm(rows, generator=generator) for _ in range(STARTS)])


def _epochs(size: int, shuffled: bool, by_class: bool) -> Iterator[Any]:
    """Ten networks trained side by side, in plain PyTorch; news are None, the last the numbers."""
    scene, training = build_scene(_CONFIG), _CONFIG.training
    x, y = (own.clone() for own in (scene.rows("train").x, scene.rows("train").y))
    if by_class:
        order = y.argsort(stable=True)
        x, y = x[order], y[order]
    network = MLP(_CONFIG.network, 2, scene.dataset.classes, STARTS).initialize(training.seed)
    parameters = leaves(network)
    optimizer = torch.optim.SGD(parameters, lr=training.learning_rate)
    generator = torch.Generator().manual_seed(training.seed)
    curve, turns, before = [_training_loss(parameters, x, y)], [], None
    for _ in range(training.epochs):
        order = _orders(len(x), shuffled, generator)
        for rows in order.split(size, dim=1):
            loss = losses(forward(parameters, x[rows]), y[rows])
            optimizer.zero_grad()
            loss.sum().backward()
            slope = _flat(parameters)
            if before is not None:
                turns.append(torch.cosine_similarity(before, slope, dim=1))
            before = slope
            optimizer.step()
            yield None
        curve.append(_training_loss(parameters, x, y))
    with torch.no_grad():
        named = forward(parameters, fresh_inputs(_CONFIG.dataset)).argmax(-1)
    yield {
        "fresh": fresh_accuracy(named, _CONFIG.dataset),
        "rises": (np.diff(curve, axis=0) > 0).mean(axis=0).tolist(),
        "same_way": torch.stack(turns).mean(0).tolist(),
        "steps": len(turns) + 1,
    }


def _training_loss(parameters: Parameters, x: Tensor, y: Tensor) -> list[float]:
    with torch.no_grad():
        return losses(forward(parameters, x), y).tolist()


def _flat(parameters: Parameters) -> Tensor:
    """(K, P): each network's gradient."""
    return torch.cat([own.grad.flatten(1) for own in parameters if own.grad is not None], 1)


_WAYS = {  # points a step, whether they are shuffled, whether they come class by class
    "all": (10**6, False, False),
    "batches": (_SIZE, True, False),
    "singles": (1, True, False),
    "unshuffled": (_SIZE, False, True),
}


def _compare() -> Iterator[Any]:
    yield Expect(2.5)
    found: dict[str, Any] = {"size": _SIZE}
    for name, way in _WAYS.items():
        if name == "singles":
            continue
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
    whole, batches, sorted_ = (measured[name] for name in ("all", "batches", "unshuffled"))
    change = gap(batches["fresh"], whole["fresh"])
    yield (
        f"After as many epochs, {batches['steps']} steps on {measured['size']} points reach "
        f"{_score(batches)} of fresh points and {whole['steps']} steps on all {_score(whole)}, "
        f"{gap_points(change)} over {len(whole['fresh'])} starts: a step on few points is nearly "
        "as good, and there are more of them."
    )
    yield (
        "The lesson expects smoother gradients from batches; measured against all points it is "
        f"{_smoother(measured)}: the training loss rises in {whole_percent(mean(batches['rises']))}"
        f" of epochs against {whole_percent(mean(whole['rises']))}, and a step's direction agrees "
        f"with the one before by {decimal(mean(batches['same_way']))} against "
        f"{decimal(mean(whole['same_way']))} (one is the same way)."
    )
    yield (
        "In batches the order matters: with the points class by class and not shuffled, it ends "
        f"at {_score(sorted_)}, since each step unlearns what the last one learned."
    )


def _smoother(measured: Measured) -> str:
    change = gap(measured["batches"]["same_way"], measured["all"]["same_way"])
    if change["low"] > 0:
        return "so"
    return "the other way round" if change["high"] < 0 else "not to be told"


BATCHES = (
    Step(
        key="p16",
        title="Batches",
        ask="Until now each step used all 800 training points: one step an epoch. In batches, a "
        "step uses 32 of them, shuffled: 25 steps an epoch. After ten epochs, which of the two "
        "wins?",
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
        terms=("batch", "step", "epoch", "gradient", "fresh points", "loss", "accuracy", "shuffle"),
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
