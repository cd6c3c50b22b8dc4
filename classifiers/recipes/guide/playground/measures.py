"""Trainings that depend on nothing but their settings, read into numbers for a step to judge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.bayes import fresh_with_posterior
from classifiers.data.synthetic import apply_features
from classifiers.evaluation.comparison import paired_difference
from classifiers.network import MLP
from classifiers.recipes.guide.step import Computed, Measured
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.exercises import EXERCISES
from classifiers.recipes.playground.result import Result
from classifiers.recipes.playground.run import run_playground

Results = Mapping[str, Result]
Parameters = list[Tensor]
Interval = dict[str, float]  # value, low, high

STARTS = 10  # networks that differ in their first weights only


def parsed(dataset: Any = None, network: Any = None, training: Any = None) -> PlaygroundConfig:
    """The lesson's settings, but for those given."""
    return PlaygroundConfig.parse(
        {"dataset": dataset or {}, "network": network or {}, "training": training or {}}
    )


def several(config: PlaygroundConfig, members: int = STARTS) -> PlaygroundConfig:
    """The same run from so many starts; the first is that of a single network."""
    training = config.training.model_copy(update={"members": members})
    return config.model_copy(update={"training": training})


def settings_of(key: str) -> Mapping[str, PlaygroundConfig]:
    """The runs of an exercise."""
    return next(exercise.settings for exercise in EXERCISES if exercise.key == key)


def trained(
    configs: Mapping[str, PlaygroundConfig], read: Callable[[Results], Measured]
) -> Computed:
    """Trains each, one after another, and reads all of their results."""

    def run() -> Iterator[Any]:
        yield expect(*configs.values(), film=False)
        results = {}
        for name, config in configs.items():
            for update in run_playground(config, film=False):
                if update.result is not None:
                    results[name] = update.result
                yield None
        yield read(results)

    return Computed(run)


def says_at(result: Result, x1: float, x2: float) -> list[float]:
    """The probabilities that the first network gives the classes at one place."""
    x = apply_features([[x1, x2]], result.config.dataset.features)
    return result.network.probabilities(torch.from_numpy(x))[0, 0].tolist()


def gap(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Ours (K,) less theirs (K,), start by start, with its 95 % interval."""
    return paired_difference(ours, theirs).to_dict()


def fresh_of(result: Result) -> list[float]:
    """Accuracy of each network on fresh points, of a distribution that is known."""
    assert result.fresh is not None
    return [float(share) for share in result.fresh]


def best_of(result: Result) -> float:
    """Accuracy of the best possible rule."""
    assert result.bayes is not None
    return result.bayes.value


def leaves(network: MLP) -> Parameters:
    """Weight and bias of each layer as tensors that autograd follows: (K, in, out), (K, 1, out)."""
    return [
        tensor.contiguous().clone().requires_grad_()
        for layer in network.layers
        for tensor in (layer.weight, layer.bias)
    ]


def forward(parameters: Sequence[Tensor], x: Tensor, act: Callable = torch.relu) -> Tensor:
    """Logits (K, N, outputs) of `leaves` at (N, F) or (K, N, F), in plain PyTorch."""
    layers = list(zip(parameters[::2], parameters[1::2], strict=True))
    for weight, bias in layers[:-1]:
        x = act(x @ weight + bias)
    weight, bias = layers[-1]
    return x @ weight + bias


def losses(logits: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of each network (K,): logits (K, N, classes), classes (N,) or (K, N)."""
    each = nn.functional.cross_entropy(
        logits.flatten(0, 1), y.expand(len(logits), -1).flatten(), reduction="none"
    )
    return each.view(len(logits), -1).mean(1)


def descend(parameters: Parameters, losses: Tensor, rate: float) -> None:
    """One step of plain gradient descent on each network's loss (K,).

    torch.optim would do the same, but takes more than a second to load.
    """
    slopes = torch.autograd.grad(losses.sum(), parameters)
    with torch.no_grad():
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter -= rate * slope


def fresh_accuracy(predicted: Tensor, data: DatasetConfig, points: int = 20_000) -> list[float]:
    """Of classes named (K, points) for the first fresh points: the expected share of hits, (K,)."""
    posterior = fresh_with_posterior(data)[1][:points]
    rows = np.arange(points)
    return [float(posterior[rows, own].mean()) for own in predicted.numpy()]


def fresh_inputs(data: DatasetConfig, points: int = 20_000) -> Tensor:
    """The first fresh points, (points, 2)."""
    return torch.from_numpy(fresh_with_posterior(data)[0][:points])


def decimal(value: float, digits: int = 2) -> str:
    """A plain number, with a true minus sign."""
    text = f"{value:,.{digits}f}"
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")


def whole(value: float) -> str:
    """To a whole number, which may be infinite."""
    return decimal(value, 0).replace("inf", "infinity")


def tenths(value: float) -> str:
    return decimal(value, 1)


def in_points(share: float) -> str:
    """A size in percentage points, to a tenth."""
    return f"{tenths(100 * share)} points"


def letter(k: int) -> str:
    """What pictures call class k."""
    return "ABCDEFGH"[k]


def mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def deviation(values: Sequence[float]) -> float:
    """Standard deviation over several starts."""
    return float(np.std(values, ddof=1))
