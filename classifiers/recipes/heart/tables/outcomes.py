"""A table that says who has the disease: what the model's risks were worth for these patients.

Measured as the model's own record was, and shown beside it. Intervals come from as many bootstrap
resamples as a table's size allows.
"""

from typing import Any

import numpy as np

from classifiers.evaluation.calibration import calibration
from classifiers.evaluation.decision import Sample
from classifiers.evaluation.metrics import (
    Estimate,
    auc,
    brier,
    counts,
    percentile_interval,
    stratified_resamples,
    wilson_interval,
)
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import evaluated_parts, heart_report, plain_json
from classifiers.recipes.heart.tables.predictions import BatchResult
from classifiers.wording import bounded, bounded_share

FEWEST = 5  # of each class: with fewer, nothing is worth a number
_MOST_DRAWN = 2_000_000  # rows, all resamples together
_GROUPS = 5


def measure_outcomes(model: HeartModel, result: BatchResult) -> dict[str, Any] | None:
    """AUC, Brier score, calibration and the confusion table at the result's threshold.

    Returns:
        None where the file has no labels; else `column`, `patients`, `cases`, `left_out`, `note`
        (why nothing was measured, or ""), `counts`, `metrics` {name: {`value`, `low`, `high`}},
        `groups` of equal size by risk {`patients`, `said`, `found` {...}}, `record`, the same
        counts and metrics out of fold, `warnings` [text] and `findings` [text].
    """
    patients = result.patients
    if patients.labels is None:
        if not patients.label_note:
            return None
        return {"column": patients.label_column, "note": patients.label_note}
    risk = result.answers[:, 0]
    used = ~np.isnan(patients.labels) & ~np.isnan(risk)
    y, p = patients.labels[used].astype(np.int64), risk[used]
    told: dict[str, Any] = {
        "column": patients.label_column,
        "patients": len(y),
        "cases": int(y.sum()),
        "left_out": int((~used).sum()),
        "warnings": _warn(patients.mild),
        "note": "",
    }
    if min(y.sum(), len(y) - y.sum()) < FEWEST:
        told["note"] = (
            f"{len(y) - int(y.sum())} without and {int(y.sum())} with the disease are too few to "
            f"measure by; at least {FEWEST} of each are needed"
        )
        return told
    record = heart_report(model, result.threshold)["out_of_fold"]
    ours = _measure(y, p, result.threshold)
    told |= {
        "threshold": result.threshold,
        "counts": counts(y, p, result.threshold).to_dict(),
        "metrics": {name: estimate.to_dict() for name, estimate in ours.items()},
        "groups": _groups(y, p),
        "record": {
            "patients": record["patients"],
            "cases": record["cases"],
            "counts": record["counts"],
            "metrics": {name: record["metrics"][name] for name in ours},
        },
    }
    told["findings"] = _say(told, evaluated_parts(model)["out_of_fold"].fixed["auc"])
    return plain_json(told)


def _warn(mild: int) -> list[str]:
    if mild == 0:
        return []
    are = "is one of" if mild == 1 else "are"
    return [
        f"At least {mild} of these {are} UCI's Cleveland patients, on whom the model was trained: "
        "it knows them, and the figures below flatter it. Its record, out of fold, is the one to "
        "believe."
    ]


def _measure(y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, Estimate]:
    resamples = int(np.clip(_MOST_DRAWN // len(y), 100, 1000))
    drawn = stratified_resamples(y, resamples, 0)
    measured = {
        name: percentile_interval(
            measure(y, p), np.array([measure(y[rows], p[rows]) for rows in drawn])
        )
        for name, measure in (("auc", auc), ("brier", brier))
    }
    few = min(resamples, 300)
    with np.errstate(all="ignore"):
        fit = calibration(Sample.draw(y, p, stratified=False, resamples=few))
    measured |= {"calibration_intercept": fit.intercept, "calibration_slope": fit.slope}
    called = counts(y, p, threshold)
    tp, fp = called.true_positive, called.false_positive
    fn, tn = called.false_negative, called.true_negative
    return measured | {
        "accuracy": wilson_interval(tp + tn, len(y)),
        "sensitivity": wilson_interval(tp, tp + fn),
        "specificity": wilson_interval(tn, tn + fp),
        "precision": wilson_interval(tp, tp + fp),
        "negative_predictive_value": wilson_interval(tn, tn + fn),
    }


def _groups(y: np.ndarray, p: np.ndarray) -> list[dict[str, Any]]:
    """Risk said and found, in groups of equal size."""
    groups = []
    for rows in np.array_split(np.argsort(p, kind="stable"), min(_GROUPS, len(y) // FEWEST)):
        found = wilson_interval(int(y[rows].sum()), len(rows))
        groups.append(
            {"patients": len(rows), "said": float(p[rows].mean()), "found": found.to_dict()}
        )
    return groups


def _say(told: dict[str, Any], record: Estimate) -> list[str]:
    metrics, theirs = told["metrics"], told["record"]["metrics"]
    area = metrics["auc"]
    apart = area["low"] > record.high or area["high"] < record.low
    verdict = "a difference that chance does not explain" if apart else "no difference to speak of"
    intercept, slope = metrics["calibration_intercept"], metrics["calibration_slope"]
    lean = "right on average"
    if intercept["low"] > 0:
        lean = "too low on average"
    elif intercept["high"] < 0:
        lean = "too high on average"
    fitted = np.isfinite([*intercept.values(), *slope.values()]).all()
    return [
        f"Ranking: AUC {bounded(area)} here, {bounded(record.to_dict())} in the model's own "
        f"record: {verdict}.",
        f"Calibration: the risks are {lean} here (intercept {bounded(intercept, 2)}, slope "
        f"{bounded(slope, 2)})."
        if fitted
        else "Calibration cannot be told from so few, or from classes that do not overlap.",
        f"At the threshold, {bounded_share(metrics['sensitivity'])} of the sick were called so "
        f"(record {bounded_share(theirs['sensitivity'])}), and "
        f"{bounded_share(metrics['specificity'])} of the others were not (record "
        f"{bounded_share(theirs['specificity'])}).",
    ]
