"""The tables of the threshold explorer: what the page draws and looks up, computed once a model."""

import itertools
from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.errors import ArtifactError
from classifiers.evaluation.calibration import reliability_curve, temperature_scaling
from classifiers.evaluation.decision import THRESHOLDS, precision_recall_points, roc_points
from classifiers.evaluation.metrics import interval95, wilson_interval
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import (
    PARTS,
    Part,
    combinations,
    error_counts,
    evaluated_parts,
    own_costs,
    parse_costs,
    plain_json,
    proportions,
)

_GROUP_SIZE = 30  # patients a point of the grouped calibration plot
_DECIMALS = 6  # of tables that are drawn; reports have full precision


@lru_cache(maxsize=4)
def explorer_table(model: HeartModel) -> dict[str, Any]:
    """Everything a threshold explorer draws or looks up, at 201 thresholds. Do not change it.

    Returns:
        `thresholds` (T,); for `held_out` and `out_of_fold`: `patients`, `cases`, `counts` {name:
        (T,)}, `metrics` {name: {`value`, `low`, `high`}, (T,) each}, `net_benefit` likewise,
        `treat_all` (T,) (treating nobody is 0), `roc` {`false_positive_rate`,
        `true_positive_rate`}, `precision_recall` {`precision`, `recall`}, `fixed` {name: {`value`,
        `low`, `high`}}, `probabilities` {`with_disease`, `without_disease`}, ascending, and
        `calibration` {`curve` {`predicted`, `observed`, `low`, `high`}, `groups` [{`patients`,
        `predicted`, `observed` {`value`, `low`, `high`}}], `temperature` {`value`, `gain`
        {`value`, `low`, `high`}, `helps`}}.

    Raises:
        ArtifactError: as `heart_report`.
    """
    parts = evaluated_parts(model)
    return plain_json(
        {"thresholds": THRESHOLDS, **{name: _tabulate(parts[name]) for name in PARTS}},
        decimals=_DECIMALS,
    )


def cost_table(
    model: HeartModel, cost_false_negative: Any = None, cost_false_positive: Any = None
) -> dict[str, Any]:
    """Cost a patient at the explorer's thresholds, {`value`, `low`, `high`} for both sets.

    Also `treat_all` and `treat_none`, the costs of calling everybody and nobody positive. What is
    None is the model's own.

    Raises:
        ConfigError: a cost is out of its range.
        ArtifactError: as `heart_report`.
    """
    costs = parse_costs(cost_false_negative, cost_false_positive, own_costs(model))
    result = {}
    for name in PARTS:
        rates = evaluated_parts(model)[name].sample.grid
        result[name] = {
            **_band(rates.cost(*costs), rates.resampled_cost(*costs)),
            "treat_all": costs[1] * (1 - rates.prevalence),
            "treat_none": costs[0] * rates.prevalence,
        }
    return plain_json(result, decimals=_DECIMALS)


def group_table(model: HeartModel) -> dict[str, Any] | None:
    """Groups of the study's patients, out of fold, at every threshold at which they were counted.

    Returns:
        `thresholds` (T,), ascending; `groups`, everybody first, each {`by`, `group`, `patients`,
        `cases`, `said` (mean risk), `found` {`value`, `low`, `high`} (share with disease),
        `called` {`with_disease`, `without_disease`: {`count` (T,), `of`, `value`, `low`, `high`
        (T,)}}}; `apart` (T,): for each threshold the pairs {`kind`, `more`, `less`} of groups,
        by their places, whose intervals do not meet. None where the model was not counted so.

    Raises:
        ArtifactError: the counts contradict each other.
    """
    slices = model.artifact.metadata.evaluation.get("experiments", {}).get("slices", [])
    if not slices or not all("called" in one for one in slices):
        return None
    thresholds = slices[0]["called"]["thresholds"]
    for one in slices:
        _check_counts(one, thresholds)
    groups = [_everybody([s for s in slices if s["by"] == slices[0]["by"]]), *slices]
    groups = [_group(one) for one in groups]
    return plain_json(
        {
            "thresholds": thresholds,
            "groups": groups,
            "apart": [_apart(groups, i) for i in range(len(thresholds))],
        }
    )


_CALLED = ("with_disease", "without_disease")


def _everybody(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Groups of which each patient is in one, put together."""
    total = sum(part["patients"] for part in parts)
    cases = sum(part["cases"] for part in parts)
    said = sum(part["patients"] * part["predicted"]["value"] for part in parts) / total
    return {
        "by": "",
        "group": "everybody",
        "patients": total,
        "cases": cases,
        "predicted": {"value": said},
        "observed": wilson_interval(cases, total).to_dict(),
        "called": {
            kind: np.sum([part["called"][kind] for part in parts], 0).tolist() for kind in _CALLED
        },
    }


def _counted(one: dict[str, Any]) -> dict[str, int]:
    """How many there are of whom a group's counts are."""
    return dict(zip(_CALLED, (one["cases"], one["patients"] - one["cases"]), strict=True))


def _check_counts(one: dict[str, Any], thresholds: list[float]) -> None:
    for kind, most in _counted(one).items():
        count = one["called"][kind]
        alike = one["called"]["thresholds"] == thresholds and len(count) == len(thresholds)
        if not alike or (np.diff([most, *count, 0]) > 0).any():
            raise ArtifactError(
                "metadata.json",
                f"evaluation.experiments.slices: the counts of {one['group'][:40]!r} {kind} must "
                "fall with the thresholds; run scripts/train.py heart-experiments on this model",
            )


def _group(one: dict[str, Any]) -> dict[str, Any]:
    called = {}
    for kind, most in _counted(one).items():
        bounds = [wilson_interval(count, most) for count in one["called"][kind]]
        called[kind] = {"count": one["called"][kind], "of": most} | {
            key: [round(getattr(b, key), _DECIMALS) for b in bounds]
            for key in ("value", "low", "high")
        }
    kept = {key: one[key] for key in ("by", "group", "patients", "cases")}
    return {**kept, "said": one["predicted"]["value"], "found": one["observed"], "called": called}


def _apart(groups: list[dict[str, Any]], i: int) -> list[dict[str, Any]]:
    """The pairs of groups, of one kind of group, whose intervals leave a gap at a threshold."""
    pairs = []
    for kind in _CALLED:
        for a, b in itertools.permutations(range(1, len(groups)), 2):
            more, less = groups[a]["called"][kind], groups[b]["called"][kind]
            if groups[a]["by"] == groups[b]["by"] and more["low"][i] > less["high"][i]:
                pairs.append({"kind": kind, "more": a, "less": b})
    return pairs


def _tabulate(part: Part) -> dict[str, Any]:
    sample, rates = part.sample, part.sample.grid
    y, p = sample.y, sample.p
    table = error_counts(rates, sample)
    fpr, tpr, _ = roc_points(y, p)
    precision, recall, _ = precision_recall_points(y, p)
    estimates = {**proportions(table), **combinations(rates)}
    scaling = temperature_scaling(part.plain)
    return {
        "patients": len(y),
        "cases": int(y.sum()),
        "counts": {name: values.astype(np.int64) for name, values in table.items()},
        "metrics": {
            name: {key: [getattr(e, key) for e in row] for key in ("value", "low", "high")}
            for name, row in estimates.items()
        },
        "net_benefit": _band(rates.net_benefit(), rates.resampled_net_benefit()),
        "treat_all": rates.treat_all(),
        "roc": {"false_positive_rate": fpr, "true_positive_rate": tpr},
        "precision_recall": {"precision": precision, "recall": recall},
        "fixed": {name: estimate.to_dict() for name, estimate in part.fixed.items()},
        "probabilities": {
            "with_disease": np.sort(p[y == 1]),
            "without_disease": np.sort(p[y == 0]),
        },
        "calibration": {
            "curve": dict(vars(reliability_curve(part.plain))),
            "groups": _groups(y, p),
            "temperature": {
                "value": scaling.temperature,
                "gain": scaling.gain.to_dict(),
                "helps": scaling.helps,
            },
        },
    }


def _groups(y: np.ndarray, p: np.ndarray) -> list[dict[str, Any]]:
    """Observed frequency in groups of patients with neighbouring probabilities."""
    groups = np.array_split(np.argsort(p, kind="stable"), max(1, round(len(p) / _GROUP_SIZE)))
    return [
        {
            "patients": len(rows),
            "predicted": float(p[rows].mean()),
            "observed": wilson_interval(int(y[rows].sum()), len(rows)).to_dict(),
        }
        for rows in groups
    ]


def _band(value: np.ndarray, drawn: np.ndarray) -> dict[str, np.ndarray]:
    low, high = interval95(drawn)
    return {"value": value, "low": low, "high": high}
