"""Neural-network classifiers for teaching and prediction, without the interface.

    from classifiers import HeartModel
    HeartModel.load("weights/heart").predict({"age": 61, "sex": 1, "cp": 4})

Importing the package loads neither gradio, matplotlib, pandas nor huggingface_hub.
"""

from classifiers.artifacts import Artifact, load_artifact, save_artifact
from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    PlaygroundConfig,
    TrainingConfig,
)
from classifiers.errors import (
    ArtifactError,
    BudgetError,
    ClassifiersError,
    ConfigError,
    DataError,
)
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.model import HeartModel, Prediction
from classifiers.training import Record, Rows, train

__version__ = "1.3.0"

__all__ = [
    "MLP",
    "Artifact",
    "ArtifactError",
    "BudgetError",
    "CapstoneConfig",
    "ClassifiersError",
    "ConfigError",
    "DataError",
    "DatasetConfig",
    "HeartModel",
    "NetworkConfig",
    "PlaygroundConfig",
    "Prediction",
    "Record",
    "Rows",
    "TabularPreprocessor",
    "TrainingConfig",
    "load_artifact",
    "save_artifact",
    "train",
]
