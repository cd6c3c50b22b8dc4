"""What tests of the heart model share: the one that ships."""

import pytest

from classifiers.recipes.heart.model import HeartModel
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def model() -> HeartModel:
    return HeartModel.load(ROOT / "weights" / "heart")
