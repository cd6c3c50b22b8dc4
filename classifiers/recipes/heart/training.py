"""How the heart model is trained and what is measured of it.

A deep ensemble in two groups. The first members are fitted to the training patients as they are;
their mean is the prediction. The others are refitted with random patient weights (the Bayesian
bootstrap), so that their spread covers the chance of which patients were in the study, beside the
chance of training: it is the interval. All folds and repeats of cross-validation are members too.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifiers.artifacts import Artifact, save_artifact
from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, HeartTable
from classifiers.data.splits import fold_weights, split_indices, stratified_folds
from classifiers.errors import DataError
from classifiers.evaluation.metrics import evaluate, paired_difference
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.explain import describe_training
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, TASK, parse_patient
from classifiers.training import Rows, train

CLASS_NAMES = ["no heart disease", "heart disease"]
CATEGORICAL = tuple(f.name for f in FEATURES if f.kind == "categorical")

# Nothing here was chosen on the patients that are reported. The lesson's: width, activation,
# optimiser, learning rate, seed. The project's contract: dropout, l2, epochs.
NETWORK = NetworkConfig(widths=(32,), activation="relu", dropout=0.2, outputs="one_logit")
TRAINING = TrainingConfig(
    optimizer="adam", learning_rate=0.001, epochs=300, l2=0.01, members=10, seed=42
)
REFITS = 40
FOLDS, REPEATS = 10, 5
LESSON_TEST_SHARE, LESSON_SPLIT_SEED = 0.2, 1337

_GROUP = 20  # members trained at once

Report = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Fitted:
    """Ensembles of E members fitted on F parts of one table.

    `network` holds all F * E members, those of a part together; `probabilities` (F, E, N) is
    the probability of disease for every row of the table.
    """

    network: MLP
    preprocessors: list[TabularPreprocessor]
    probabilities: np.ndarray


def fit_ensembles(
    x: np.ndarray,
    y: np.ndarray,
    parts: np.ndarray,
    *,
    network: NetworkConfig = NETWORK,
    training: TrainingConfig = TRAINING,
    resample: bool = False,
) -> Fitted:
    """Fits an ensemble of `training.members` on each of F parts of the rows.

    Shape: `x` (N, 13) float64, NaN = missing; `y` (N,); `parts` (F, N), 1 = trained on.
    Preprocessing is fitted on each part alone. `resample` draws the members' row weights from
    the Bayesian bootstrap (Rubin 1981): independent standard exponentials.
    """
    preprocessors = [TabularPreprocessor.fit(x[p > 0], FEATURE_NAMES, CATEGORICAL) for p in parts]
    labels = torch.from_numpy(y)

    def rows_of(inputs: torch.Tensor, chosen: slice, seed: int) -> Rows:
        weights = np.repeat(parts[chosen], training.members, axis=0).astype(np.float32)
        if resample:
            weights *= np.random.default_rng(seed).standard_exponential(weights.shape, np.float32)
        return Rows(inputs, labels, torch.from_numpy(weights))

    return fit_members(x, preprocessors, rows_of, network, training)


def fit_members(
    x: np.ndarray,
    preprocessors: list[TabularPreprocessor],
    rows_of: Callable[[torch.Tensor, slice, int], Rows],
    network: NetworkConfig,
    training: TrainingConfig,
) -> Fitted:
    """Trains `training.members` members on each of F parts of one table, part after part.

    Members are trained in groups that fit a core's cache, one thread a core; a group's result
    does not depend on how many cores there are.

    Args:
        x: the table (N, 13), NaN = missing.
        preprocessors: one a part.
        rows_of: what a group trains on, given its inputs (its parts * E, N, inputs), which of the
            parts it holds, and its seed.
    """
    # A part may lack a rare code; its inputs are padded with zeros, which carry no signal.
    width = max(len(preprocessor.input_names) for preprocessor in preprocessors)
    members = training.members
    parts_a_group = max(1, _GROUP // members)

    def fit(start: int) -> tuple[torch.Tensor, np.ndarray]:
        chosen = slice(start, start + parts_a_group)
        inputs = np.zeros((len(preprocessors[chosen]), len(x), width), np.float32)
        for i, preprocessor in enumerate(preprocessors[chosen]):
            values = preprocessor.transform(x)
            inputs[i, :, : values.shape[1]] = values
        shared = torch.from_numpy(inputs).repeat_interleave(members, 0)
        seed = training.seed + start * members
        group = MLP(network, width, 2, len(shared)).initialize(seed)
        settings = training.model_copy(update={"seed": seed})
        for _ in train(group, settings, rows_of(shared, chosen, seed), record_at=()):
            pass
        p = group.probabilities(shared)[..., 1].double().numpy()
        return group.parameters, p.reshape(-1, members, len(x))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        fitted = list(pool.map(fit, range(0, len(preprocessors), parts_a_group)))
    whole = MLP(network, width, 2, members * len(preprocessors))
    whole.parameters.copy_(torch.cat([parameters for parameters, _ in fitted]))
    return Fitted(whole, preprocessors, np.concatenate([p for _, p in fitted]))


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Each row's probability by members that did not train on it: (R, N)."""

    network: np.ndarray
    logistic_regression: np.ndarray


def cross_validate(x: np.ndarray, y: np.ndarray, *, seed: int = TRAINING.seed) -> OutOfFold:
    """Stratified cross-validation, repeated; preprocessing is fitted inside each fold.

    A logistic regression (C = 1) runs on the same folds with the same preprocessing.
    """
    fold_ids = stratified_folds(y, FOLDS, REPEATS, seed)
    parts = fold_weights(fold_ids, FOLDS)
    ours = fit_ensembles(x, y, parts).probabilities.mean(1)
    theirs = np.stack([fit_logistic_regression(x, y, part > 0) for part in parts])

    def held_out(p: np.ndarray) -> np.ndarray:
        by_repeat = p.reshape(REPEATS, FOLDS, -1)
        return np.take_along_axis(by_repeat, fold_ids[:, None], 1)[:, 0]

    return OutOfFold(held_out(ours), held_out(theirs))


def fit_logistic_regression(x: np.ndarray, y: np.ndarray, trained_on: np.ndarray) -> np.ndarray:
    """Probabilities (N,) of all rows by scikit-learn's LogisticRegression(C=1)."""
    from sklearn.linear_model import LogisticRegression

    preprocessor = TabularPreprocessor.fit(x[trained_on], FEATURE_NAMES, CATEGORICAL)
    inputs = preprocessor.transform(x)
    model = LogisticRegression(C=1.0, max_iter=2000).fit(inputs[trained_on], y[trained_on])
    return model.predict_proba(inputs)[:, 1]


def train_heart(table: HeartTable, folder: str | Path, report: Report = print) -> Artifact:
    """Cross-validates, trains the served model on the lesson's 80 %, and writes the artifact.

    The served weights are those that the held-out patients test: they never saw these rows.

    Raises:
        DataError: the table has no labels.
    """
    x, y = table.x, table.y
    if y is None:
        raise DataError(table.source_name, "has no labels that say disease; train on another file")
    report(f"{FOLDS}-fold cross-validation, {REPEATS} repeats, {TRAINING.members} members each")
    out = cross_validate(x, y)
    train_rows, test_rows = split_indices(len(y), LESSON_TEST_SHARE, LESSON_SPLIT_SEED)
    part = np.zeros((1, len(y)), np.float32)
    part[0, train_rows] = 1
    report(f"served model: {len(train_rows)} patients, {TRAINING.members} + {REFITS} members")
    point = fit_ensembles(x, y, part)
    refitting = TRAINING.model_copy(
        update={"members": REFITS, "seed": TRAINING.seed + TRAINING.members}
    )
    refits = fit_ensembles(x, y, part, training=refitting, resample=True)
    network = MLP(NETWORK, point.network.in_features, 2, TRAINING.members + REFITS)
    network.parameters.copy_(torch.cat([point.network.parameters, refits.network.parameters]))
    held_out = point.probabilities[0].mean(0)[test_rows]
    baseline = fit_logistic_regression(x, y, part[0] > 0)[test_rows]

    report("intervals")
    evaluation: dict[str, Any] = {
        "threshold": 0.5,
        "audit": table.audit.to_dict(),
        "reference": describe_training(point.preprocessors[0], x[train_rows]),
        "out_of_fold": {
            "folds": FOLDS,
            "labels": y.tolist(),
            "probabilities": out.network.tolist(),
            **_measures(y, out.network, out.logistic_regression),
        },
        "held_out": {
            "rows": test_rows.tolist(),
            "labels": y[test_rows].tolist(),
            "probabilities": held_out.tolist(),
            **_measures(y[test_rows], held_out[None], baseline[None]),
        },
    }
    return save_artifact(
        folder,
        network,
        point.preprocessors[0],
        task=TASK,
        training=TRAINING.model_copy(update={"members": network.members}),
        point_members=TRAINING.members,
        class_names=CLASS_NAMES,
        features=[f.to_dict() for f in FEATURES],
        source={"name": table.source_name, "sha256": table.sha256},
        seeds={"training": TRAINING.seed, "folds": TRAINING.seed, "split": LESSON_SPLIT_SEED},
        evaluation=evaluation,
        golden_inputs=np.stack([parse_patient(patient) for patient in SAMPLE_PATIENTS.values()]),
    )


def _measures(y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Metrics of both models and their paired difference, as JSON."""
    return {
        "metrics": {k: e.to_dict() for k, e in evaluate(y, ours).items()},
        "logistic_regression": {
            "probabilities": theirs.tolist(),
            "metrics": {k: e.to_dict() for k, e in evaluate(y, theirs).items()},
            "difference": {k: e.to_dict() for k, e in paired_difference(y, ours, theirs).items()},
        },
    }
