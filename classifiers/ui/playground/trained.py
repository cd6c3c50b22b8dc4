"""A trained network as a small value that a session can hold."""

import base64
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from classifiers.config import PlaygroundConfig
from classifiers.network import MLP
from classifiers.recipes.playground.result import Result


@dataclass(frozen=True)
class Trained:
    """A network of a session: its settings and parameters (K, P)."""

    config: PlaygroundConfig
    parameters: NDArray[np.float32]

    @classmethod
    def of(cls, result: Result) -> "Trained":
        return cls(result.config, result.network.parameters.numpy().copy())

    def network(self) -> MLP:
        data, members = self.config.dataset, len(self.parameters)
        network = MLP(self.config.network, len(data.features), data.classes, members)
        network.parameters.copy_(torch.from_numpy(self.parameters))
        return network

    def weights(self) -> str:
        """The tensors as a safetensors file, in base64, the config in its header."""
        header = {"config": self.config.model_dump_json()}
        return base64.b64encode(save(self.network().state_dict(), header)).decode("ascii")
