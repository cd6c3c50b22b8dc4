"""What goes into a playground run and what comes out, as values.

`Scene` is the data as split; `History` the curves; `Result` the end, whose `to_dict()` is the
form that classifiers/README.md promises to outsiders.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.bayes import BayesAccuracy
from classifiers.data.features import apply_features
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import Dataset, Extent, extent, posterior, sample
from classifiers.errors import ConfigError
from classifiers.evaluation.metrics import Estimate, wilson_interval
from classifiers.film import Frame, Moment, Plane, grid_points, region_plane
from classifiers.network import MLP
from classifiers.training import Rows, Scores

CURVES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
BAYES_SIDE = 96


@dataclass(frozen=True)
class Scene:
    """A dataset, split: row numbers of the parts, and the box that pictures show.

    `validation` is empty unless early stopping looks at validation rows.
    """

    config: PlaygroundConfig
    dataset: Dataset
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    extent: Extent

    def rows(self, part: Literal["train", "validation", "test"]) -> Rows:
        """Rows of one part, as the network sees them."""
        chosen = getattr(self, part)
        inputs = apply_features(self.dataset.x[chosen], self.config.dataset.features)
        return Rows(torch.from_numpy(inputs), torch.from_numpy(self.dataset.y[chosen]))

    def with_config(self, config: PlaygroundConfig) -> "Scene":
        """The same split for a run whose settings differ in network or optimiser only."""
        return replace(self, config=config)

    @property
    def distribution_known(self) -> bool:
        return self.config.dataset.name != "points"

    @property
    def bayes_region(self) -> Plane | None:
        """What the best possible classifier answers, as a film's region; None if unknown."""
        return _bayes_region(self.config.dataset, self.extent) if self.distribution_known else None


@lru_cache(maxsize=32)
def _bayes_region(data: DatasetConfig, box: Extent) -> Plane:
    return region_plane(posterior(data, grid_points(box, BAYES_SIDE)), BAYES_SIDE)


def build_scene(config: PlaygroundConfig, *, box: Extent | None = None) -> Scene:
    """Draws and splits the data of `config`, as the lesson does: not stratified.

    The split is seeded by the dataset's seed, so that members and training seeds share it.

    Raises:
        ConfigError: early stopping leaves no row to train or to validate on.
    """
    data, training = config.dataset, config.training
    dataset = sample(data)
    train, test = split_indices(len(dataset.x), training.test_share, data.seed)
    validation = train[:0]
    stopping = training.early_stopping
    if stopping is not None and stopping.on == "validation":
        if math.ceil(stopping.share * len(train)) >= len(train):
            raise ConfigError(
                "training.early_stopping.share",
                f"must leave a training row, got {stopping.share} of {len(train)} rows; lower it, "
                "or training.test_share",
            )
        keep, held = split_indices(len(train), stopping.share, data.seed)
        train, validation = train[keep], train[held]
    return Scene(config, dataset, train, validation, test, box or extent(dataset.x))


@dataclass(frozen=True)
class HistoryRow:
    """The curves at one epoch: name in `CURVES` -> (K,) values, one a member."""

    epoch: int
    values: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, epoch: int, scores: Mapping[str, Scores]) -> "HistoryRow":
        return cls(
            epoch,
            {
                f"{part}_{name}": getattr(scores[part], name)
                for part in ("train", "test")
                for name in ("loss", "accuracy")
            },
        )


@dataclass
class History:
    """The rows of a run so far."""

    rows: list[HistoryRow] = field(default_factory=list)

    def to_dict(self) -> dict[str, list[Any]]:
        """Epochs, and each curve's mean over members; null where it is not finite."""
        return {"epoch": [row.epoch for row in self.rows], **curves(self.rows, np.mean)}


def curves(rows: list[HistoryRow], reduce: Any) -> dict[str, list[float | None]]:
    """Each curve, reduced over members by a function of a (K,) array."""

    def reduced(values: NDArray[np.float64]) -> float:
        return float(values[0]) if len(values) == 1 else reduce(values)  # ten times as quick

    return {name: [finite(reduced(row.values[name])) for row in rows] for name in CURVES}


def finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True)
class Result:
    """A finished run.

    Shape: `final[name]` and `fresh` (K,), one value a member; `confusion` (classes, classes),
    mean counts over members on the test rows; `diverged_at` and `best_epoch` (K,), -1 = never.
    `fresh` and `bayes` are None where the distribution is unknown.
    """

    scene: Scene
    network: MLP
    history: History
    frames: list[Frame | Moment]
    final: Mapping[str, NDArray[np.float64]]
    fresh: NDArray[np.float64] | None
    bayes: BayesAccuracy | None
    confusion: NDArray[np.float64]
    diverged_at: NDArray[np.int64]
    best_epoch: NDArray[np.int64]
    seconds: float
    findings: tuple[str, ...] = ()

    @property
    def config(self) -> PlaygroundConfig:
        return self.scene.config

    def mean(self, name: str) -> float:
        return float(self.final[name].mean())

    def spread(self, name: str) -> float:
        """Standard deviation over members; 0 for a single one."""
        return spread(self.final[name])

    @property
    def test_interval(self) -> Estimate:
        """The mean test accuracy with the Wilson interval of that share of the test rows."""
        rows = len(self.scene.test)
        return wilson_interval(self.mean("test_accuracy") * rows, rows)

    def metrics(self) -> dict[str, Any]:
        """The scores of the end, means over members, with their spread."""
        fresh, bayes = self.fresh, self.bayes
        interval = self.test_interval
        return {
            "train_accuracy": finite(self.mean("train_accuracy")),
            "test_accuracy": finite(self.mean("test_accuracy")),
            "test_accuracy_interval": [interval.low, interval.high],
            "fresh_accuracy": None if fresh is None else float(fresh.mean()),
            "bayes_accuracy": None if bayes is None else bayes.value,
            "train_loss": finite(self.mean("train_loss")),
            "test_loss": finite(self.mean("test_loss")),
            "spread": {
                "train_accuracy": finite(self.spread("train_accuracy")),
                "test_accuracy": finite(self.spread("test_accuracy")),
                "fresh_accuracy": None if fresh is None else spread(fresh),
                "bayes_accuracy": None if bayes is None else 0.0,
                "train_loss": finite(self.spread("train_loss")),
                "test_loss": finite(self.spread("test_loss")),
            },
        }

    def to_dict(self) -> dict[str, Any]:
        """The form of classifiers/README.md, "Results of a training", in JSON types."""
        return {
            "config": self.config.to_dict(),
            "seed": self.config.training.seed,
            "metrics": self.metrics(),
            "history": self.history.to_dict(),
            "confusion_matrix": _whole(self.confusion),
            "parameters": self.network.parameter_count,
            "seconds": self.seconds,
            "findings": list(self.findings),
        }


def spread(values: NDArray[np.float64]) -> float:
    """Standard deviation over members (K,); 0 for a single one."""
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _whole(counts: NDArray[np.float64]) -> list[list[float]]:
    """Counts of a single member, or means that happen to be whole, as integers."""
    return [[int(v) if float(v).is_integer() else float(v) for v in row] for row in counts]
