"""What tests of the heart steps share: the served model, its files, and what the steps measure."""

import json

import pandas as pd
import pytest
from safetensors.torch import load_file

from classifiers.recipes.guide.heart import STEPS
from classifiers.recipes.guide.step import Sources
from classifiers.recipes.heart.model import HeartModel
from tests.conftest import ROOT
from tests.recipes.guide.heart.by_hand import NAMES, WEIGHTS


@pytest.fixture(scope="session")
def sources():
    model = HeartModel.load(WEIGHTS)
    return Sources(lambda: model, lambda: ROOT / "weights" / "capstone")


@pytest.fixture(scope="session")
def measured(sources):
    """What each step measures, by key; measured once."""
    found = {}
    for step in STEPS:
        *_, found[step.key] = step.measure(sources)
    return found


@pytest.fixture(scope="session")
def record():
    return json.loads((WEIGHTS / "metadata.json").read_text())


@pytest.fixture(scope="session")
def tensors():
    return {name: t.double() for name, t in load_file(WEIGHTS / "model.safetensors").items()}


@pytest.fixture(scope="session")
def study(heart_data):
    path = heart_data / "uci" / "processed.cleveland.data"
    return pd.read_csv(path, names=[*NAMES, "num"], na_values="?")
