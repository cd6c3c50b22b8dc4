"""Does a heart model point the right way? What golden inputs cannot tell.

A model that was trained on inverted labels is consistent with itself: its hash, its header and its
golden outputs all agree. What gives it away is that it calls sick patients healthy.
"""

from pathlib import Path

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.errors import ArtifactError
from classifiers.evaluation.metrics import auc
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel, parse_patient

_FILE = "metadata.json"
_RETRAIN = "train it again with scripts/train.py"
_FIX = f"it may have learnt from inverted labels; {_RETRAIN}"

# Findings on which every cohort and every cardiologist agree: from, to, in UCI's codes.
KNOWN_DIRECTIONS = {"ca": (0.0, 3.0), "thal": (3.0, 7.0), "exang": (0.0, 1.0)}


def load_checked(folder: str | Path) -> HeartModel:
    """Loads a heart model in the artifact's full order, then checks where it points.

    Raises:
        ArtifactError: any of it failed.
    """
    model = HeartModel.load(folder)
    check_direction(model)
    return model


def check_direction(model: HeartModel) -> None:
    """Raises ArtifactError unless worse findings mean more risk, and the record beats chance."""
    area = _recorded_auc(model)
    if not area > 0.5:
        raise ArtifactError(_FILE, f"out-of-fold AUC must be above 0.5, is {area:.3f}; {_FIX}")
    patients = _made_up_patients(model)
    for name, (low, high) in KNOWN_DIRECTIONS.items():
        risks = []
        for value in (low, high):
            patients[:, FEATURE_NAMES.index(name)] = value
            risks.append(model.probabilities(patients).mean())
        if not risks[1] > risks[0]:
            raise ArtifactError(
                _FILE,
                f"{name} from {low:g} to {high:g} must raise the mean risk of {len(patients)} "
                f"made-up patients, it goes from {risks[0]:.3f} to {risks[1]:.3f}; {_FIX}",
            )
    names = ("Few findings, age 42", "Angina on effort, age 61")
    rows = np.stack([parse_patient(SAMPLE_PATIENTS[name]) for name in names])
    well, sick = model.probabilities(rows)
    if not sick > well:
        raise ArtifactError(
            _FILE,
            f"'{names[1]}' must have more risk than '{names[0]}', has {sick:.3f} against "
            f"{well:.3f}; {_FIX}",
        )


def _recorded_auc(model: HeartModel) -> float:
    """Out-of-fold AUC, after a look at all that the interface will want of the record."""
    evaluation = model.artifact.metadata.evaluation
    try:
        for part in (evaluation["out_of_fold"], evaluation["held_out"]):
            other = part["logistic_regression"]
            for scores in (part["metrics"], other["metrics"], other["difference"]):
                for name in ("auc", "accuracy", "log_loss", "brier"):
                    [float(scores[name][key]) for key in ("value", "low", "high")]
        folded = evaluation["out_of_fold"]
        return auc(np.array(folded["labels"]), np.array(folded["probabilities"]).mean(0))
    except (TypeError, KeyError, ValueError) as error:
        raise ArtifactError(_FILE, f"evaluation cannot be read ({error!r}); {_RETRAIN}") from None


def _made_up_patients(model: HeartModel, count: int = 200) -> np.ndarray:
    """Patients (count, 13) from the training ranges and codes, each feature on its own."""
    rng = np.random.default_rng(0)
    columns = []
    for about, column in zip(FEATURES, model.preprocessor.columns, strict=True):
        if isinstance(column, NumericalColumn):
            columns.append(rng.uniform(column.low, column.high, count))
        else:
            columns.append(rng.choice([code.value for code in about.codes], count))
    return np.stack(columns, 1).astype(np.float64)
