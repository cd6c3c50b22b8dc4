"""Every setting of the package, as frozen pydantic models that round-trip through JSON.

A config knows its own limits and defaults (the lesson's values) and nothing of what is done with
it. `Config.parse` turns outside input into a config, or into a `ConfigError` that names the key.
"""

from classifiers.config.axes import AXES, DEFAULTS, TASK_AXES, Axis, place
from classifiers.config.base import Config
from classifiers.config.capstone import (
    CapstoneConfig,
    CapstoneTrainingConfig,
    GoodConfig,
    MoonsConfig,
)
from classifiers.config.dataset import DatasetConfig, DatasetName, Feature
from classifiers.config.playground import (
    MOST_CHANGES,
    Activation,
    Change,
    EarlyStoppingConfig,
    NetworkConfig,
    Optimizer,
    PlaygroundConfig,
    TrainingConfig,
)
from classifiers.config.sweep import (
    RangeConfig,
    SearchConfig,
    SweepConfig,
    SweepLike,
    parse_sweep,
)

__all__ = [
    "AXES",
    "DEFAULTS",
    "MOST_CHANGES",
    "TASK_AXES",
    "Activation",
    "Axis",
    "CapstoneConfig",
    "CapstoneTrainingConfig",
    "Change",
    "Config",
    "DatasetConfig",
    "DatasetName",
    "EarlyStoppingConfig",
    "Feature",
    "GoodConfig",
    "MoonsConfig",
    "NetworkConfig",
    "Optimizer",
    "PlaygroundConfig",
    "RangeConfig",
    "SearchConfig",
    "SweepConfig",
    "SweepLike",
    "TrainingConfig",
    "parse_sweep",
    "place",
]
