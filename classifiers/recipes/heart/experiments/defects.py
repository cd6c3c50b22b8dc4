"""What the copies of the heart data in circulation do to the numbers.

The copies are made here from UCI's file by the recodings that were measured on them, so each
defect is seen alone, on the same patients and the same splits.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.data.splits import split_indices
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.experiments.splits import (
    LESSON,
    Split,
    fit_splits,
    paired_over_splits,
    score_splits,
)
from classifiers.recipes.heart.training import LESSON_TEST_SHARE

# UCI's code -> Kaggle's. Kaggle also writes missing ca as 4 and missing thal as 0.
TO_KAGGLE: dict[str, dict[float, float]] = {
    "cp": {4: 0, 2: 1, 3: 2, 1: 3},
    "restecg": {2: 0, 0: 1, 1: 2},
    "slope": {3: 0, 2: 1, 1: 2},
    "thal": {6: 1, 3: 2, 7: 3},
}
MISSING_IN_KAGGLE = {"ca": 4.0, "thal": 0.0}
COPIED_ROWS = 1025  # of the copy that repeats 302 patients
_FOREST_TREES, _FOREST_FOLDS = 100, 5
_COPY_SPLITS, _MEMORISING_EPOCHS = 40, 300


def to_kaggle_coding(x: np.ndarray) -> np.ndarray:
    """UCI's rows (N, 13) with the Kaggle copy's category codes."""
    recoded = x.copy()
    for name, codes in TO_KAGGLE.items():
        column = FEATURE_NAMES.index(name)
        for uci, kaggle in codes.items():
            recoded[x[:, column] == uci, column] = kaggle
    for name, code in MISSING_IN_KAGGLE.items():
        column = FEATURE_NAMES.index(name)
        recoded[np.isnan(x[:, column]), column] = code
    return recoded


def measure_defects(
    x: np.ndarray, y: np.ndarray, num: np.ndarray, splits: list[Split]
) -> dict[str, Any]:
    """Each defect alone, on the lesson's network, measured on the test patients of all splits.

    Shape: `x` (N, 13) in UCI's coding; `y` (N,) of 0 and 1; `num` (N,) of 0 to 4.
    """
    severe = (num >= 2).astype(np.int64)
    uci = score_splits(y, fit_splits(x, y, splits), splits)["test_accuracy"]
    recoded = score_splits(y, fit_splits(to_kaggle_coding(x), y, splits), splits)["test_accuracy"]
    return {
        "lesson_labels": _mislabelled(fit_splits(x, severe, splits), num, splits),
        "kaggle_labels": _inverted(fit_splits(x, 1 - y, splits), y, splits),
        "kaggle_codes": {
            "accuracy": float(recoded.mean()),
            "accuracy_with_uci_codes": float(uci.mean()),
            "difference": paired_over_splits(recoded, uci),
        },
        "duplicates": _duplicated(x, y, min(len(splits), _COPY_SPLITS)),
    }


def _tested(p: np.ndarray, splits: list[Split]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and row numbers of all test rows of all splits."""
    rows = np.concatenate([test for _, test in splits])
    return np.concatenate([q[test] for q, (_, test) in zip(p, splits, strict=True)]), rows


def _mislabelled(p: np.ndarray, num: np.ndarray, splits: list[Split]) -> dict[str, Any]:
    """Training on num >= 2 while saying "disease"."""
    q, rows = _tested(p, splits)
    severity = num[rows]
    own, disease, called = severity >= 2, severity >= 1, q >= 0.5
    return {
        "patients_mislabelled": int((num == 1).sum()),
        "majority_share": float(1 - np.mean(num >= 2)),
        "accuracy_on_own_labels": float(np.mean(called == own)),
        "accuracy_on_disease": float(np.mean(called == disease)),
        "sensitivity_on_own_labels": float(called[own].mean()),
        "sensitivity_on_disease": float(called[disease].mean()),
        "mild_disease_called_healthy": float(1 - called[severity == 1].mean()),
        "mean_predicted": float(q.mean()),
        "disease_share": float(disease.mean()),
    }


def _inverted(p: np.ndarray, y: np.ndarray, splits: list[Split]) -> dict[str, Any]:
    """Training on labels that mean "healthy" and reading them as "disease"."""
    q, rows = _tested(p, splits)
    disease = y[rows] == 1
    return {
        "accuracy_on_own_labels": float(np.mean((q >= 0.5) == ~disease)),
        "accuracy_on_disease": float(np.mean((q >= 0.5) == disease)),
        "auc_on_disease": float(score_splits(y, p, splits)["test_auc"].mean()),
        "mean_predicted_with_disease": float(q[disease].mean()),
        "mean_predicted_without_disease": float(q[~disease].mean()),
    }


def _duplicated(x: np.ndarray, y: np.ndarray, splits: int) -> dict[str, Any]:
    """302 patients repeated to 1,025 rows, then split at random.

    A forest, and the lesson's network without dropout, each as long as it takes to memorise.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    unique = len(y) - 1
    extra = np.random.default_rng(0).integers(0, unique, COPIED_ROWS - unique)
    rows = np.concatenate([np.arange(unique), extra])
    drawn = [split_indices(COPIED_ROWS, LESSON_TEST_SHARE, seed) for seed in range(splits)]
    memorising = replace(
        LESSON,
        network=LESSON.network.model_copy(update={"dropout": 0.0}),
        training=LESSON.training.model_copy(update={"epochs": _MEMORISING_EPOCHS}),
    )
    scores = {
        name: score_splits(y[rows], fit_splits(x[rows], y[rows], drawn, method), drawn)
        for name, method in (("network", LESSON), ("memorising_network", memorising))
    }
    inputs = TabularPreprocessor.fit(x, FEATURE_NAMES, ()).transform(x)
    forest = RandomForestClassifier(_FOREST_TREES, random_state=0)
    folds = StratifiedKFold(_FOREST_FOLDS, shuffle=True, random_state=0)
    return {
        "rows": COPIED_ROWS,
        "patients": unique,
        "test_rows_seen_in_training": float(
            np.mean([np.isin(rows[b], rows[a]).mean() for a, b in drawn])
        ),
        **{name: float(score["test_accuracy"].mean()) for name, score in scores.items()},
        "memorising_epochs": _MEMORISING_EPOCHS,
        "forest": float(cross_val_score(forest, inputs[rows], y[rows], cv=folds).mean()),
        "forest_without_duplicates": float(
            cross_val_score(forest, inputs[:unique], y[:unique], cv=folds).mean()
        ),
    }
