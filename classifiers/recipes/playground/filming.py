"""Takes the film of a run: its weights where they are few, pictures of the network otherwise."""

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.data.features import apply_features
from classifiers.evaluation.metrics import confusion_matrix
from classifiers.film import Camera, Frame, Moment, frame_epochs, sends_weights, take_moment
from classifiers.network import MLP
from classifiers.recipes.playground.result import Scene

MOST_HELD, MOST_SHOWN = 120, 60
_MOST_BYTES = 4_000_000  # of a film that is kept: sixteen stopped runs hold theirs


class Crew:
    """Films one run.

    Args:
        network: the one that is trained.
        scene: its data.
        weights: whether a film of weights is wanted where the network is small enough for one.
    """

    def __init__(self, network: MLP, scene: Scene, *, weights: bool) -> None:
        self.network, self.scene = network, scene
        self.weights = weights and sends_weights(network)
        if not self.weights:
            self.camera = Camera(network, scene.extent)
            features = scene.config.dataset.features
            self.inputs = torch.from_numpy(apply_features(self.camera.points, features))

    def take(
        self,
        epoch: int,
        *,
        kept: bool = False,
        network: MLP | None = None,
        predicted: NDArray[np.int64] | None = None,
    ) -> Frame | Moment:
        """The network, or another of its shape, as it is after `epoch` epochs; `kept` as of
        `Frame`. `predicted`: its classes (K, N) of the test rows, where they are known."""
        network = network or self.network
        if not self.weights:
            return self.camera.take(network, self.inputs, epoch, kept=kept)
        if predicted is None:
            matrix = confusion(network, self.scene)
        else:
            matrix = _mean_confusion(self.scene, predicted)
        return take_moment(network, epoch, matrix, kept=kept)


def confusion(network: MLP, scene: Scene) -> NDArray[np.float64]:
    """(classes, classes) counts on the test rows, the mean over members."""
    return _mean_confusion(scene, network.predict(scene.rows("test").x).numpy())


def _mean_confusion(scene: Scene, predicted: NDArray[np.int64]) -> NDArray[np.float64]:
    y, classes = scene.dataset.y[scene.test], scene.dataset.classes
    return np.mean([confusion_matrix(y, labels, classes) for labels in predicted], axis=0)


class Film:
    """The frames of a run of any length: all of a short one, ever fewer of each stretch later.

    It holds at most `MOST_HELD` of them, fewer where they are large.
    """

    def __init__(self) -> None:
        self.frames: list[Frame | Moment] = []
        self._stride, self._most = 1, MOST_HELD

    def wants(self, epoch: int) -> bool:
        return epoch % self._stride == 0

    def add(self, frame: Frame | Moment) -> None:
        """Takes the frame of an epoch above all before."""
        if not self.frames:
            self._most = max(12, min(MOST_HELD, _MOST_BYTES // _bytes(frame)))
        self.frames.append(frame)
        if len(self.frames) > self._most:
            kept = self._chosen(self._most // 2)
            self.frames = kept
            self._stride = -(-frame.epoch // (self._most // 2))

    def shown(self, *last: Frame | Moment) -> list[Frame | Moment]:
        """At most about `MOST_SHOWN`, and `last` in place of those from the same epoch on."""
        before = [frame for frame in self._chosen(MOST_SHOWN) if frame.epoch < last[0].epoch]
        return [*before, *last]

    def _chosen(self, most: int) -> list[Frame | Moment]:
        epochs = set(frame_epochs([frame.epoch for frame in self.frames], most))
        return [frame for frame in self.frames if frame.epoch in epochs]


def _bytes(frame: Frame | Moment) -> int:
    if isinstance(frame, Moment):
        return frame.parameters.nbytes
    planes = (frame.region, frame.disagreement, frame.neurons)
    return sum(plane.nbytes for plane in planes if plane is not None)
