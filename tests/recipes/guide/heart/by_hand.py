"""The served networks and patients once more, by loops and plain PyTorch."""

from copy import deepcopy

import torch
from torch import nn

from classifiers.recipes.guide.heart import STEPS
from tests.conftest import ROOT

WEIGHTS = ROOT / "weights" / "heart"
BY_KEY = {step.key: step for step in STEPS}
NAMES = (
    "age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak",
    "slope", "ca", "thal",
)  # fmt: skip
# The lesson's patient in UCI's codes, by hand.
LESSON_ROW = [80, 0, 1, 124, 300, 1, 2, 150, 0, 2.3, 3, 0, 6]


def changed(measured, *path, to):
    """A copy in which one value is another."""
    copy = deepcopy(dict(measured))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return copy


def told(step, measured):
    return " ".join(step.tell(measured))


def plain_inputs(record, row, *, scales=True):
    """One row as the network gets it, by a loop of its own."""
    inputs = []
    for column, value in zip(record["preprocessing"]["columns"], row, strict=True):
        if column["kind"] == "numerical":
            inputs.append((value - column["mean"]) / column["scale"] if scales else value)
        else:
            inputs += [float(value == code) for code in column["codes"]]
            inputs.append(float(value not in column["codes"]))
    return torch.tensor(inputs, dtype=torch.float64)


def member(tensors, k):
    """One of the served networks in plain PyTorch."""
    first, last = (tensors[f"layers.{i}.weight"][k].T for i in (0, 1))
    network = nn.Sequential(
        nn.Linear(36, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1)
    ).double()
    with torch.no_grad():
        for layer, weight, i in ((network[0], first, 0), (network[3], last, 1)):
            layer.weight.copy_(weight)
            layer.bias.copy_(tensors[f"layers.{i}.bias"][k])
    return network


def dict_of(row):
    return dict(zip(NAMES, row, strict=True))
