"""The inputs that a network gets of a point: x1, x2, x1^2, x2^2, x1*x2, sin(x1), sin(x2)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.config import Feature

_FEATURES: dict[Feature, Callable[[NDArray, NDArray], NDArray]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1 * x1,
    "x2^2": lambda x1, x2: x2 * x2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}


def apply_features(x: ArrayLike, features: tuple[Feature, ...]) -> NDArray[np.float32]:
    """The inputs a network sees: (N, 2) points to (N, len(features)) float32, in their order."""
    x1, x2 = np.asarray(x, dtype=np.float32).T
    return np.stack([_FEATURES[feature](x1, x2) for feature in features], axis=1)
