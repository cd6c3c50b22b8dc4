"""The heart artifact: the served networks, and everything that was measured of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifiers.artifacts import Artifact, save_artifact
from classifiers.data.heart.file import FEATURES, HeartTable
from classifiers.data.splits import split_indices
from classifiers.errors import DataError
from classifiers.evaluation.metrics import evaluate, paired_difference
from classifiers.recipes.heart.experiments.counts import count_study
from classifiers.recipes.heart.experiments.importance import measure_importance
from classifiers.recipes.heart.experiments.patterns import (
    check_least_known,
    measure_patterns,
    measure_random_fields,
)
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, TASK, parse_patient
from classifiers.recipes.heart.report import LESSON_COSTS
from classifiers.recipes.heart.serving.ensemble import (
    INTERVAL,
    SLOPE,
    WIDENING,
    Ensemble,
    describe_training,
)
from classifiers.recipes.heart.serving.unusual import store_distances
from classifiers.recipes.heart.training import (
    CLASS_NAMES,
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    REFITS,
    TRAINING,
    fit_logistic_regression,
    fit_served,
)
from classifiers.recipes.heart.validation import FOLDS, REPEATS, CrossValidation, cross_validate

Report = Callable[[str], None]


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
    validation = cross_validate(x, y)
    train_rows, test_rows = split_indices(len(y), LESSON_TEST_SHARE, LESSON_SPLIT_SEED)
    report(f"served model: {len(train_rows)} patients, {TRAINING.members} + {REFITS} members")
    in_training = np.isin(np.arange(len(y)), train_rows)
    network, preprocessor = fit_served(x, y, in_training)
    reference = describe_training(preprocessor, x[train_rows], network.in_features)
    served = Ensemble(preprocessor, network.copy(dtype=torch.float64), TRAINING.members, reference)
    reference["oddness"] = store_distances(
        served.inputs(x[train_rows]), served.known_fields(x[train_rows]), served.owner
    )
    baseline = fit_logistic_regression(x, y, in_training)[test_rows]
    evaluation: dict[str, Any] = {
        "threshold": LESSON_COSTS[1] / sum(LESSON_COSTS),
        "costs": {"false_negative": LESSON_COSTS[0], "false_positive": LESSON_COSTS[1]},
        "interval": {"level": INTERVAL[1] - INTERVAL[0], "factor": WIDENING, "slope": SLOPE},
        "audit": table.audit.to_dict(),
        "reference": reference,
        "counts": count_study(x, y),
        "held_out": {
            "rows": test_rows.tolist(),
            "labels": y[test_rows].tolist(),
            **_compare(y[test_rows], served.risk(x[test_rows])[None], baseline[None]),
        },
        **_measure(validation, served, report),
    }
    evaluation["held_out"]["probabilities"] = evaluation["held_out"]["probabilities"][0]
    return save_artifact(
        folder,
        network,
        preprocessor,
        task=TASK,
        training=TRAINING.model_copy(update={"members": network.members}),
        point_members=TRAINING.members,
        class_names=CLASS_NAMES,
        features=[f.to_dict() for f in FEATURES],
        source={"name": table.source_name, "sha256": table.sha256},
        seeds={"training": TRAINING.seed, "folds": TRAINING.seed, "split": LESSON_SPLIT_SEED},
        evaluation=evaluation,
        golden_inputs=_golden(),
    )


def _golden() -> np.ndarray:
    """The sample patients of whom everything is known: what is unknown is not the network's."""
    rows = np.stack([parse_patient(patient) for patient in SAMPLE_PATIENTS.values()])
    return rows[~np.isnan(rows).any(1)]


def _measure(validation: CrossValidation, served: Ensemble, report: Report) -> dict[str, Any]:
    """What the cross-validation shows, as JSON."""
    report("what is known of a patient")
    return {
        "out_of_fold": {
            "folds": FOLDS,
            "labels": validation.y.tolist(),
            **_compare(validation.y, validation.risks(), validation.logistic_risks()),
        },
        "patterns": measure_patterns(validation, served),
        "random_fields": measure_random_fields(validation),
        "decision_rule": check_least_known(validation, served),
        "importance": measure_importance(validation, served),
    }


def _compare(y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Probabilities and metrics of both models and their paired difference, as JSON."""
    return {
        "probabilities": ours.tolist(),
        "metrics": {k: e.to_dict() for k, e in evaluate(y, ours).items()},
        "logistic_regression": {
            "probabilities": theirs.tolist(),
            "metrics": {k: e.to_dict() for k, e in evaluate(y, theirs).items()},
            "difference": {k: e.to_dict() for k, e in paired_difference(y, ours, theirs).items()},
        },
    }
