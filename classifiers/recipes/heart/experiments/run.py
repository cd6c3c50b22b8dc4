"""The lesson's claims about method, measured: many splits, many seeds, all members of one network.

Every variant is the lesson's heart network but for the one thing that its name says, trained on
the same random splits from the same initial weights. What is reported is the spread over splits
and the paired difference from the lesson's variant.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.artifacts import Artifact, load_artifact, resave_artifact
from classifiers.data.heart.file import FEATURE_NAMES, HeartTable
from classifiers.errors import DataError
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.experiments.defects import measure_defects
from classifiers.recipes.heart.experiments.groups import (
    measure_baselines,
    measure_site,
    measure_slices,
)
from classifiers.recipes.heart.experiments.simulation import measure_coverage
from classifiers.recipes.heart.experiments.splits import (
    LESSON,
    SPLITS,
    Method,
    Split,
    fit_splits,
    paired_over_splits,
    random_splits,
    score_splits,
    summarize,
)
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.training import (
    CATEGORICAL,
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    TRAINING,
    fit_ensembles,
    fit_logistic_regression,
)

_DECIMALS = 6

Report = Callable[[str], None]


_PLAIN = LESSON.network.model_copy(update={"dropout": 0.0})
LONG = replace(LESSON, training=LESSON.training.model_copy(update={"epochs": 500}))
METHODS: dict[str, Method] = {
    "lesson": LESSON,
    "dropout_0": replace(LESSON, network=_PLAIN),
    "long": LONG,
    "long_dropout_0": replace(LONG, network=_PLAIN),
    "two_hidden_layers": replace(
        LESSON, network=LESSON.network.model_copy(update={"widths": (32, 32)})
    ),
    "scaler_before_split": replace(LESSON, scaler_sees="all"),
    "one_hot": replace(LESSON, encoding="onehot", categorical=CATEGORICAL),
}
_COMPARED_WITH = dict.fromkeys(METHODS, "lesson") | {"long_dropout_0": "long"}


def measure_methods(
    x: np.ndarray, y: np.ndarray, splits: list[Split], report: Report
) -> dict[str, Any]:
    """Every method on every split: {name: {measure: summary, `difference` {measure: interval}}}."""
    scores, result = {}, {}
    for name, method in METHODS.items():
        report(f"{name}: {len(splits)} splits")
        scores[name] = score_splits(y, fit_splits(x, y, splits, method), splits)
        other = _COMPARED_WITH[name]
        result[name] = {
            **{measure: summarize(values) for measure, values in scores[name].items()},
            "compared_with": other,
            "difference": {
                measure: paired_over_splits(values, scores[other][measure])
                for measure, values in scores[name].items()
            },
            "parameters": _count_parameters(method, x),
            "epochs": method.training.epochs,
        }
    return result


def _count_parameters(method: Method, x: np.ndarray) -> int:
    fitted = TabularPreprocessor.fit(x, FEATURE_NAMES, method.categorical, method.encoding)
    return MLP(method.network, len(fitted.input_names), 2).parameter_count


def measure_split_luck(x: np.ndarray, y: np.ndarray, splits: list[Split]) -> dict[str, Any]:
    """Test accuracy of one served network and of a logistic regression on every split."""
    parts = np.zeros((len(splits), len(y)), np.float32)
    for part, (rows, _) in zip(parts, splits, strict=True):
        part[rows] = 1
    one = TRAINING.model_copy(update={"members": 1})
    predicted = {
        "network": fit_ensembles(x, y, parts, training=one).probabilities[:, 0],
        "logistic_regression": np.stack([fit_logistic_regression(x, y, p > 0) for p in parts]),
    }
    scores = {name: score_splits(y, p, splits)["test_accuracy"] for name, p in predicted.items()}
    return {
        "test_patients": len(splits[0][1]),
        **{n: {**summarize(v), "accuracies": v.tolist()} for n, v in scores.items()},
        "difference": paired_over_splits(scores["network"], scores["logistic_regression"]),
        "network_wins": float(np.mean(scores["network"] > scores["logistic_regression"])),
        "ties": float(np.mean(scores["network"] == scores["logistic_regression"])),
    }


def run_experiments(
    table: HeartTable,
    model: HeartModel,
    sites: dict[str, HeartTable] | None = None,
    *,
    splits: int = SPLITS,
    report: Report = print,
) -> dict[str, Any]:
    """All experiments, as JSON for `evaluation.experiments`. The same input gives the same result.

    Args:
        table: the file that the model was trained on.
        sites: external patients by name.

    Raises:
        DataError: the table is another one, or lacks UCI's num, from which the copies' labels
            are made.
    """
    if table.sha256 != model.artifact.metadata.source.sha256:
        raise DataError(
            table.source_name,
            f"must be the file that the model was trained on, SHA-256 "
            f"{model.artifact.metadata.source.sha256}, got {table.sha256}",
        )
    x, y, num = table.x, table.y, table.num
    if y is None or num is None:
        raise DataError(table.source_name, "must hold num from 0 to 4; use UCI's Cleveland file")
    drawn = random_splits(len(y), splits)
    methods = measure_methods(x, y, drawn, report)
    report("copies in circulation")
    defects = measure_defects(x, y, num, drawn)
    report("luck of the split, baselines, slices, sites")
    result = {
        "splits": splits,
        "test_share": LESSON_TEST_SHARE,
        "first_split_seed": LESSON_SPLIT_SEED,
        "methods": methods,
        "defects": defects,
        "split_luck": measure_split_luck(x, y, drawn),
        "baselines": measure_baselines(model),
        "slices": measure_slices(model, x),
        "sites": {name: measure_site(model, site) for name, site in (sites or {}).items()},
    }
    return _rounded(result)


def add_experiments(
    folder: str | Path,
    table: HeartTable,
    sites: dict[str, HeartTable] | None = None,
    *,
    splits: int = SPLITS,
    coverage: bool = True,
    report: Report = print,
) -> Artifact:
    """Runs the experiments on a saved model and writes them into its metadata.

    With `coverage` also the simulated cohorts that show what its intervals hold.

    Raises:
        ArtifactError: the folder does not load.
        DataError: as `run_experiments`.
    """
    artifact = load_artifact(folder)
    model = HeartModel(artifact)
    found = run_experiments(table, model, sites, splits=splits, report=report)
    evaluation = {**artifact.metadata.evaluation, "experiments": found}
    if coverage and table.y is not None:
        told = measure_coverage(model, table.x, table.y, report)
        evaluation["interval"] = {**evaluation["interval"], "simulation": _rounded(told)}
    return resave_artifact(artifact, folder, evaluation=evaluation)


def _rounded(value: Any) -> Any:
    """JSON types, numbers to six decimals, NaN as None."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return round(value, _DECIMALS) if np.isfinite(value) else None
    return value
