"""One network a random split: how the experiments on the heart data train and compare.

Splits are members of one network, as folds and seeds are elsewhere.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.data.splits import split_indices
from classifiers.evaluation.metrics import auc, interval95, log_loss
from classifiers.preprocessing import Encoding, TabularPreprocessor
from classifiers.recipes.heart.training import (
    CATEGORICAL,
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    fit_members,
)
from classifiers.training import Rows

SPLITS = 200

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Method:
    """One way to train: what the network is, and what it is fed."""

    network: NetworkConfig
    training: TrainingConfig
    encoding: Encoding = "ordinal"
    categorical: tuple[str, ...] = tuple(name for name in CATEGORICAL if name != "slope")
    scaler_sees: Literal["train", "all"] = "train"  # "all" is the lesson's deliberate leak


# The lesson's network to the letter: its codes as amounts, its slope as a number.
LESSON = Method(
    network=NetworkConfig(widths=(32,), dropout=0.5, outputs="one_logit"),
    training=TrainingConfig(optimizer="adam", learning_rate=0.001, epochs=50, batch_size=32),
)


def random_splits(rows: int, splits: int = SPLITS) -> list[Split]:
    """The lesson's split of `rows` rows, and others drawn alike: (train, test) row numbers."""
    seeds = range(LESSON_SPLIT_SEED, LESSON_SPLIT_SEED + splits)
    return [split_indices(rows, LESSON_TEST_SHARE, seed) for seed in seeds]


def fit_splits(
    x: np.ndarray, y: np.ndarray, splits: list[Split], method: Method = LESSON
) -> np.ndarray:
    """Trains one network a split and predicts every row: (S, N) float64.

    Shape: `x` (N, 13), NaN = missing; `y` (N,) of 0 and 1. Splits must be of one size.
    """
    seen = [slice(None) if method.scaler_sees == "all" else rows for rows, _ in splits]
    preprocessors = [
        TabularPreprocessor.fit(x[rows], FEATURE_NAMES, method.categorical, method.encoding)
        for rows in seen
    ]
    labels = torch.from_numpy(y)

    def rows_of(inputs: torch.Tensor, chosen: slice, seed: int) -> Rows:
        rows = torch.from_numpy(np.stack([rows for rows, _ in splits[chosen]]))
        return Rows(inputs[torch.arange(len(inputs)).unsqueeze(1), rows], labels[rows])

    fitted = fit_members(x, preprocessors, rows_of, method.network, method.training)
    return fitted.probabilities[:, 0]


def score_splits(y: np.ndarray, p: np.ndarray, splits: list[Split]) -> dict[str, np.ndarray]:
    """Measures of each split's own training and test rows: {name: (S,)}. `p` is (S, N)."""
    pairs = list(zip(p, splits, strict=True))
    return {
        "train_accuracy": np.array([np.mean((q[a] >= 0.5) == y[a]) for q, (a, _) in pairs]),
        "test_accuracy": np.array([np.mean((q[b] >= 0.5) == y[b]) for q, (_, b) in pairs]),
        "test_auc": np.array([auc(y[b], q[b]) for q, (_, b) in pairs]),
        "test_log_loss": np.array([log_loss(y[b], q[b]) for q, (_, b) in pairs]),
    }


def summarize(values: np.ndarray) -> dict[str, float]:
    """Mean, standard deviation and central 95 % over splits."""
    low, high = interval95(values)
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "low": float(low),
        "high": float(high),
    }


def paired_over_splits(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Mean difference over splits with a 95 % interval that knows that splits overlap.

    The variance of a mean over S splits of the same rows is (1/S + n_test/n_train) s^2, not
    s^2/S: the corrected resampled t-test of Nadeau & Bengio 2003, doi 10.1023/A:1024068626366.
    """
    gap = ours - theirs
    odds = LESSON_TEST_SHARE / (1 - LESSON_TEST_SHARE)
    half = 1.96 * float(gap.std(ddof=1)) * (1 / len(gap) + odds) ** 0.5
    mean = float(gap.mean())
    return {"value": mean, "low": mean - half, "high": mean + half}
