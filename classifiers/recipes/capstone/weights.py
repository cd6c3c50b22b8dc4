"""The capstone's three networks as artifacts: trained once, shown at once, film included."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifiers.artifacts import load_artifact, save_artifact
from classifiers.config import CapstoneConfig, PlaygroundConfig
from classifiers.data.bayes import BayesAccuracy
from classifiers.data.features import apply_features
from classifiers.data.synthetic import Extent
from classifiers.errors import ArtifactError
from classifiers.evaluation.metrics import boundary_length
from classifiers.film import Frame, encode_frames, grid_points
from classifiers.network import MLP
from classifiers.recipes.capstone.run import NAMES, run_capstone
from classifiers.recipes.playground.result import (
    CURVES,
    History,
    HistoryRow,
    Result,
    Scene,
    build_scene,
)
from classifiers.turns import play

TASK = "capstone"
_GRID_SIDE = 256
_ROWS_AT_ONCE = 1024  # whose activations stay in a cache
_GOLDEN_POINTS = 8


@dataclass(frozen=True)
class Shipped:
    """A stored run: its end, the length of its boundary, and its film as `encode_frames` made it.

    `result.frames` is empty: nobody but the page looks at the film, which takes it as it is.
    """

    result: Result
    boundary_length: float
    film: Mapping[str, Any]


def boundary_lengths(network: MLP, extent: Extent) -> Iterator[float]:
    """Length of each member's decision boundary inside the picture, in units of x."""
    points = torch.from_numpy(apply_features(grid_points(extent, _GRID_SIDE), ("x1", "x2")))
    for k in range(network.members):
        member = network.copy(members=[k])
        parts = [member.probabilities(part)[0].argmax(-1) for part in points.split(_ROWS_AT_ONCE)]
        yield boundary_length(torch.cat(parts).view(_GRID_SIDE, _GRID_SIDE).numpy(), extent)


def train_capstone(folder: str | Path, report: Callable[[str], None] = print) -> None:
    """Trains the lesson's three and writes `folder/{underfit,overfit,good}`."""
    frames: dict[str, list[Frame]] = {name: [] for name in NAMES}
    results: dict[str, Result] = {}
    for name, update in play(run_capstone(CapstoneConfig(), film=True)):
        if update.frame is not None:
            frames[name].append(update.frame)
        if update.result is not None:
            results[name] = update.result
            report(f"{name}: {update.result.findings[0]}")
    for name, result in results.items():
        config = result.config
        record = {**result.to_dict(), "seconds": 0.0}  # a time would change the bytes
        x = result.scene.dataset.x[result.scene.test[:_GOLDEN_POINTS]].astype(np.float64)
        save_artifact(
            Path(folder) / name,
            result.network,
            None,
            task=TASK,
            training=config.training,
            point_members=config.training.members,
            class_names=["upper moon", "lower moon"],
            features=[{"name": "x1"}, {"name": "x2"}],
            source={"name": "make_moons", "sha256": ""},
            seeds={"data": config.dataset.seed, "training": config.training.seed},
            evaluation={
                "result": record,
                "bayes_standard_error": result.bayes.standard_error if result.bayes else None,
                "boundary_length": next(boundary_lengths(result.network, result.scene.extent)),
                "film": encode_frames(frames[name]),
            },
            golden_inputs=x,
        )


def load_capstone(folder: str | Path) -> dict[str, Shipped]:
    """The three stored runs; nothing is trained.

    Raises:
        ArtifactError: a folder is missing, altered, or holds something else.
    """
    scenes: dict[str, Scene] = {}
    shipped = {}
    for name in NAMES:
        artifact = load_artifact(Path(folder) / name)
        path = f"{name}/metadata.json"
        if artifact.metadata.task != TASK:
            raise ArtifactError(path, f"must be of task {TASK}, is {artifact.metadata.task!r}")
        evaluation = artifact.metadata.evaluation
        try:
            config = PlaygroundConfig.parse(evaluation["result"]["config"])
            key = str(config.dataset)
            if key not in scenes:
                scenes[key] = build_scene(config)
            scene = scenes[key].with_config(config)
            result = _result(scene, artifact.network.copy(dtype=torch.float32), evaluation)
            length, film = float(evaluation["boundary_length"]), evaluation["film"]
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(path, f"has no whole record of its run ({error!r})") from None
        shipped[name] = Shipped(result, length, film)
    return shipped


def _result(scene: Scene, network: MLP, evaluation: Mapping[str, Any]) -> Result:
    record = evaluation["result"]
    metrics, history = record["metrics"], record["history"]
    rows = [
        HistoryRow(epoch, {name: np.array([history[name][i]]) for name in CURVES})
        for i, epoch in enumerate(history["epoch"])
    ]
    return Result(
        scene=scene,
        network=network,
        history=History(rows),
        frames=[],
        final={name: np.array([metrics[name]]) for name in CURVES},
        fresh=np.array([metrics["fresh_accuracy"]]),
        bayes=BayesAccuracy(metrics["bayes_accuracy"], evaluation["bayes_standard_error"]),
        confusion=np.array(record["confusion_matrix"], dtype=np.float64),
        diverged_at=np.array([-1]),
        best_epoch=np.array([-1]),
        seconds=record["seconds"],
        findings=tuple(record["findings"]),
    )
