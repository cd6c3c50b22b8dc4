"""The heart model on groups of patients: baselines, slices of the study, other hospitals."""

from fractions import Fraction
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES, HeartTable
from classifiers.errors import DataError
from classifiers.evaluation.calibration import calibration
from classifiers.evaluation.decision import (
    Sample,
)
from classifiers.evaluation.metrics import (
    auc,
    evaluate,
    log_loss,
    paired_difference,
    percentile_interval,
    wilson_interval,
)
from classifiers.recipes.heart.model import HeartModel

_AGES = (50, 60)  # bounds of the age groups, about thirds of the study
_COSTS = range(1, 11)  # of either error: what theory asks for at these is counted exactly


def measure_baselines(model: HeartModel) -> dict[str, Any]:
    """The network against calling everybody by the majority, out of fold; paired bootstrap.

    The majority's probability is the share of patients with disease. (The logistic regression's
    comparison stands in the model's own evaluation.)
    """
    record = model.artifact.metadata.evaluation["out_of_fold"]
    y, ours = np.array(record["labels"]), np.array(record["probabilities"])
    constant = np.full_like(ours, y.mean())
    return {
        "majority": {
            "metrics": {name: e.to_dict() for name, e in evaluate(y, constant).items()},
            "difference": {
                name: e.to_dict() for name, e in paired_difference(y, ours, constant).items()
            },
        }
    }


def measure_slices(model: HeartModel, x: np.ndarray) -> list[dict[str, Any]]:
    """Out-of-fold predictions by sex and by age group. `x` are the study's rows (N, 13).

    Beside `measure_patients`, each has `by`, `group` and `called` {`thresholds` (T,), ascending,
    `with_disease` (T,), `without_disease` (T,)}: of its patients with and without disease, how
    many have at least that risk.
    """
    record = model.artifact.metadata.evaluation["out_of_fold"]
    y, p = np.array(record["labels"]), np.array(record["probabilities"]).mean(0)
    age, sex = (x[:, FEATURE_NAMES.index(name)] for name in ("age", "sex"))
    low, high = _AGES
    slices = {
        ("sex", "female"): sex == 0,
        ("sex", "male"): sex == 1,
        ("age", f"under {low}"): age < low,
        ("age", f"{low} to {high - 1}"): (age >= low) & (age < high),
        ("age", f"{high} and over"): age >= high,
    }
    thresholds = _counted_thresholds(model.threshold)
    return [
        {
            "by": by,
            "group": group,
            **measure_patients(y[rows], p[rows], model.threshold),
            "called": {
                "thresholds": thresholds.tolist(),
                "with_disease": _count_called(p[rows & (y == 1)], thresholds),
                "without_disease": _count_called(p[rows & (y == 0)], thresholds),
            },
        }
        for (by, group), rows in slices.items()
    ]


def _counted_thresholds(own: float) -> np.ndarray:
    """Whole per cents, the model's own, and what theory asks for at small whole costs."""
    theory = {Fraction(alarm, alarm + miss) for alarm in _COSTS for miss in _COSTS}
    whole = {Fraction(step, 100) for step in range(101)}
    return np.array(sorted({float(share) for share in theory | whole} | {own}))


def _count_called(p: np.ndarray, thresholds: np.ndarray) -> list[int]:
    return (p[:, None] >= thresholds).sum(0).tolist()


def measure_site(model: HeartModel, table: HeartTable) -> dict[str, Any]:
    """The served model on another hospital's patients, as they are, missing values and all.

    `filled_with_medians` are the same networks' figures where an unknown number is the training
    median and an unknown category has its slot, in place of the average over what it may be.

    Raises:
        DataError: the file has no labels.
    """
    if table.y is None:
        raise DataError(table.source_name, "has no labels that say disease")
    missing = np.isnan(table.x)
    risks = model.probabilities(table.x)
    filled = model.artifact.predict(table.x)[:, 1]
    return {
        "source": {"name": table.source_name, "sha256": table.sha256},
        **measure_patients(table.y, risks, model.threshold),
        "log_loss": log_loss(table.y, risks),
        "filled_with_medians": {
            "auc": auc(table.y, filled),
            "log_loss": log_loss(table.y, filled),
            "predicted": float(filled.mean()),
        },
        "missing": dict(zip(FEATURE_NAMES, missing.sum(0).tolist(), strict=True)),
        "missing_share": float(missing.mean()),
    }


def measure_patients(y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, Any]:
    """Discrimination, decisions and calibration of one group, each with its interval.

    `calibration_intercept` is calibration-in-the-large: above 0 = risks are too low on average.
    """
    called = p >= threshold
    cases, controls = y == 1, y == 0
    stratified, plain = Sample.draw(y, p), Sample.draw(y, p, stratified=False)
    fit = calibration(plain)
    drawn = [np.repeat(np.arange(len(y)), w) for w in stratified.weights.astype(np.int64)]
    area = percentile_interval(auc(y, p), np.array([auc(y[rows], p[rows]) for rows in drawn]))
    mean = percentile_interval(float(p.mean()), plain.weights @ p / len(p))
    estimates = {
        "auc": area,
        "accuracy": wilson_interval(int((called == cases).sum()), len(y)),
        "sensitivity": wilson_interval(int(called[cases].sum()), int(cases.sum())),
        "specificity": wilson_interval(int((~called[controls]).sum()), int(controls.sum())),
        "observed": wilson_interval(int(cases.sum()), len(y)),
        "predicted": mean,
        "calibration_intercept": fit.intercept,
        "calibration_slope": fit.slope,
    }
    return {
        "patients": len(y),
        "cases": int(cases.sum()),
        **{name: estimate.to_dict() for name, estimate in estimates.items()},
    }
