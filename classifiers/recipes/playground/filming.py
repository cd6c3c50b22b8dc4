"""Takes the film of a run: its weights where they are few, pictures of the network otherwise."""

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.data.synthetic import apply_features
from classifiers.evaluation.metrics import confusion_matrix
from classifiers.film import Camera, Frame, Moment, sends_weights, take_moment
from classifiers.network import MLP
from classifiers.recipes.playground.result import Scene


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

    def take(self, epoch: int, *, kept: bool = False) -> Frame | Moment:
        """The network as it is now, after `epoch` epochs; `kept` as of `Frame`."""
        if not self.weights:
            return self.camera.take(self.network, self.inputs, epoch, kept=kept)
        return take_moment(self.network, epoch, confusion(self.network, self.scene), kept=kept)


def confusion(network: MLP, scene: Scene) -> NDArray[np.float64]:
    """(classes, classes) counts on the test rows, the mean over members."""
    test = scene.rows("test")
    labels = network.probabilities(test.x).argmax(-1).numpy()
    y, classes = test.y.numpy(), scene.dataset.classes
    return np.mean([confusion_matrix(y, predicted, classes) for predicted in labels], axis=0)
