"""The shipped capstone: what the films and records say is what the weights do."""

import math

import numpy as np
import pytest
import torch

from classifiers.artifacts import load_artifact
from classifiers.config import CapstoneConfig, NetworkConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import ArtifactError
from classifiers.film import LEVELS, Camera, decode_planes, grid_points
from classifiers.network import MLP
from classifiers.recipes.capstone.run import NAMES, capstone_runs
from classifiers.recipes.capstone.weights import boundary_lengths, load_capstone
from classifiers.training import score
from tests.conftest import ROOT

FOLDER = ROOT / "weights" / "capstone"


@pytest.fixture(scope="module")
def shipped():
    return load_capstone(FOLDER)


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_that_of_the_shipped_weights_and_the_lessons_settings(shipped, name):
    result = shipped[name].result
    assert result.config == capstone_runs(CapstoneConfig())[name]
    for part in ("train", "test"):
        own = score(result.network, result.scene.rows(part))
        assert own.accuracy[0] == pytest.approx(result.mean(f"{part}_accuracy"), abs=1e-9)
        # float32 knows the loss of a row to about 1e-7, however small it is.
        assert own.loss[0] == pytest.approx(result.mean(f"{part}_loss"), rel=1e-4, abs=2e-7)
    stored = load_artifact(FOLDER / name).metadata.evaluation["result"]
    assert result.to_dict() == stored


@pytest.mark.parametrize("name", NAMES)
def test_the_last_frame_and_the_boundary_are_those_of_the_shipped_weights(shipped, name):
    stored = shipped[name]
    network, extent = stored.result.network, stored.result.scene.extent
    side = Camera(network, extent).side
    plane = decode_planes(stored.film["region"], (side, side))[-1]
    points = torch.from_numpy(grid_points(extent, side))
    labels = network.probabilities(points)[0].argmax(-1).view(side, side).numpy()
    np.testing.assert_array_equal(plane // LEVELS, labels)
    assert stored.film["epochs"][-1] == 2000
    assert stored.boundary_length == pytest.approx(next(boundary_lengths(network, extent)))


def test_the_length_of_a_known_boundary_is_measured():
    # The line x1 * cos + x2 * sin = 0.3 has length 2 / max(|cos|, |sin|) or less in [-1, 1]^2.
    lengths = []
    for angle in np.linspace(0, math.pi, 60, endpoint=False):
        network = MLP(NetworkConfig(widths=(), outputs="one_logit"), 2, 2)
        direction = torch.tensor([[math.cos(angle)], [math.sin(angle)]])
        network.layers[0].weight[0] = direction
        lengths.append(next(boundary_lengths(network, Extent(-1, 1, -1, 1))))
    exact = [
        2 / max(abs(math.cos(a)), abs(math.sin(a)))
        for a in np.linspace(0, math.pi, 60, endpoint=False)
    ]
    # Exact on average over directions, within 22 % for any single one (pi / 4 at the axes).
    assert np.mean(lengths) == pytest.approx(np.mean(exact), rel=0.02)
    np.testing.assert_allclose(lengths, exact, rtol=0.23)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ArtifactError, match=r"underfit/model.safetensors: cannot be read"):
        load_capstone(tmp_path)
