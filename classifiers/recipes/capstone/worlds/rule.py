"""What makes a world: the rule behind its points, its seeds, and when it is looked at."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.config import CapstoneConfig, DatasetConfig, PlaygroundConfig
from classifiers.data.bayes import fresh_with_posterior
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import Dataset, Extent, posterior, sample
from classifiers.recipes.capstone.run import capstone_runs
from classifiers.recipes.capstone.worlds.regions import grid
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.sweep.members import World as Seeds
from classifiers.recipes.sweep.members import worlds

# The lesson's, and one in which learning by heart costs more: the story flips between them.
RULES: dict[str, CapstoneConfig] = {
    "lesson": CapstoneConfig(),
    "hard": CapstoneConfig.parse({"dataset": {"samples": 100, "noise": 0.5}}),
}
TITLES = {"underfit": "Too small", "overfit": "Too big", "good": "About right"}
MOST_EPOCHS = 18
ALONG_POINTS = 4_000  # fresh points that score a network before its end
LOSS_POINTS = 20_000  # fresh points at which all worlds' log-odds are kept, for the loss's budget
_ASPECT = 1.3  # of the pictures
_OTHER = 1_000_000  # added to a seed for another split, or another start, of the same world


def seeds_of(config: CapstoneConfig, k: int) -> Seeds:
    """World 0 has the config's own seeds, as the lesson's capstone has."""
    return worlds(world_runs(config)["good"], [k])[0]


def other_split(seeds: Seeds) -> Seeds:
    """The same points and start, split anew."""
    return seeds._replace(split=seeds.split + _OTHER)


def other_start(seeds: Seeds) -> Seeds:
    """The same points and split, from other starting weights."""
    return seeds._replace(start=seeds.start + _OTHER)


def world_runs(config: CapstoneConfig) -> dict[str, PlaygroundConfig]:
    """The three networks' settings, one member each."""
    training = config.training.model_copy(update={"members": 1})
    return capstone_runs(config.model_copy(update={"training": training}))


def film_epochs(epochs: int, most: int = MOST_EPOCHS) -> list[int]:
    """At most `most` epochs evenly spaced on a logarithmic axis, 0 and the last among them."""
    spaced = np.geomspace(1, epochs, min(most - 1, epochs)) if epochs > 1 else [1]
    return [0, *sorted({round(float(epoch)) for epoch in spaced})]


@dataclass(frozen=True)
class World:
    """The points of a world and which of them test; `train` and `test` are row numbers."""

    dataset: Dataset
    train: NDArray[np.int64]
    test: NDArray[np.int64]


def draw_world(run: PlaygroundConfig, seeds: Seeds) -> World:
    """The points of a world, split."""
    dataset = sample(run.dataset, seed=seeds.points)
    return World(dataset, *split_indices(len(dataset.y), run.training.test_share, seeds.split))


@dataclass(frozen=True)
class Truth:
    """What is known of a rule, the same for all its worlds.

    Shape: `grid` (G, 2) and `fresh` (FRESH_POINTS, 2) float32 inputs; `eta` (FRESH_POINTS,)
    float64, the probability of class 1 at each fresh point; `grid_eta` (G,) that on the grid.
    """

    extent: Extent
    grid: torch.Tensor
    fresh: torch.Tensor
    eta: NDArray[np.float64]
    grid_eta: NDArray[np.float64]

    @property
    def best_fresh(self) -> float:
        """What the best possible rule scores on the fresh points."""
        return float(np.maximum(self.eta, 1 - self.eta).mean())

    @property
    def best_log_odds(self) -> NDArray[np.float64]:
        """Those of the best possible rule, on the grid."""
        eta = np.clip(self.grid_eta, 1e-12, 1 - 1e-12)
        return np.log(eta / (1 - eta))


def truth_of(config: CapstoneConfig) -> Truth:
    """What is known of the rule behind `config`; cached on what it depends on."""
    return _truth(_rule_of(config))


def _rule_of(config: CapstoneConfig) -> DatasetConfig:
    """The rule without the number of points that a world has of it."""
    return capstone_runs(config)["good"].dataset.model_copy(update={"samples": 10})


@lru_cache(maxsize=8)
def _truth(data: DatasetConfig) -> Truth:
    extent = picture_of(data.noise)
    x, shares = fresh_with_posterior(data, FRESH_POINTS)
    points = grid(extent)
    return Truth(
        extent=extent,
        grid=torch.from_numpy(points),
        fresh=torch.from_numpy(x),
        eta=shares[:, 1],
        grid_eta=posterior(data, points)[:, 1],
    )


def picture_of(noise: float) -> Extent:
    """The picture of all worlds of a rule: the moons and 3.5 standard deviations around them."""
    half = 1.5 + max(3.5 * noise, 0.25)
    return Extent(0.5 - half, 0.5 + half, 0.25 - half / _ASPECT, 0.25 + half / _ASPECT)


def density_of(config: CapstoneConfig) -> NDArray[np.float64]:
    """How densely the rule's points lie on the grid, (G,): the mean of its Gaussians along the
    moons."""
    return _density(_rule_of(config))


@lru_cache(maxsize=8)
def _density(data: DatasetConfig) -> NDArray[np.float64]:
    noise = max(data.noise, 0.05)
    points = grid(picture_of(data.noise)).astype(np.float64)
    arcs = sample(data.model_copy(update={"noise": 0.0}), samples=200).x.astype(np.float64)
    total = np.zeros(len(points))
    for centre in arcs:
        total += np.exp(-np.square(points - centre).sum(axis=1) / (2 * noise**2))
    return total / (len(arcs) * 2 * np.pi * noise**2)
