"""The record on one page: what the model is for, three figures in doubt, calibration, net benefit.

Texts and numbers for the page; the whole record stands in the card.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURES
from classifiers.recipes.heart.experiments.group_rows import groups_picture
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record.luck import random_test_sets
from classifiers.recipes.heart.record.sample_size import heart_sample_size
from classifiers.wording import gap_text, listed, whole_percent

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def record_page(model: HeartModel) -> dict[str, Any]:
    """What the page draws and writes, as JSON.

    Returns:
        `purpose` {`for`, `not_for`} [text]; `figures` [{`key`, `value`, `interval`, `says`, `note`,
        and either `sets` (see `random_test_sets`) with `all` or `rows` [{`name`, `value`, `low`,
        `high`}]}]; `calibration` {`says`, `groups`}; `benefit` {`says`, `thresholds`, `model`,
        `treat_all`}; `patients` {`says`, `groups` [{`name`, `cases`, `others`}], `size`}.

    Raises:
        ArtifactError: the model has no usable record of its evaluation.
    """
    groups = _groups(model)
    table = explorer_table(model)
    folded = table["out_of_fold"]
    return {
        "purpose": _purpose(groups),
        "figures": [_ranking(model), _accuracy(model), _brier(model)],
        "calibration": {
            "says": _calibration(folded["calibration"]["groups"]),
            "groups": folded["calibration"]["groups"],
        },
        "benefit": {
            "says": _benefit(table),
            "thresholds": table["thresholds"],
            "model": folded["net_benefit"],
            "treat_all": folded["treat_all"],
        },
        "patients": _patients(model, groups),
    }


def _groups(model: HeartModel) -> list[dict[str, Any]]:
    """The groups of the Lessons page; none where the experiments were not run."""
    if not model.artifact.metadata.evaluation.get("experiments"):
        return []
    rows: list[dict[str, Any]] = groups_picture(model)["rows"]
    return rows


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _purpose(groups: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    others = "People not already suspected of disease, other hospitals, today's patients."
    sites = [row for row in groups if row["elsewhere"]]
    worse, wrong = (sum(row[key] for row in sites) for key in ("ranks_worse", "says_wrong"))
    if len(sites) == 1:
        others += (
            f" At the one other hospital that was asked it ranked {'' if worse else 'not '}clearly "
            f"worse, and its mean risk was {'' if wrong else 'not clearly '}wrong."
        )
    elif sites:
        others += (
            f" Of {_count(len(sites))} other hospitals it ranked clearly worse in "
            f"{_count(worse)}, and its mean risk was wrong in {_count(wrong)}."
        )
    return {
        "for": [
            "Learning how a risk model is made, judged and doubted.",
            "Asking what angiography would have shown in patients like the study's: sent to one "
            "clinic in the 1980s because a doctor suspected disease.",
        ],
        "not_for": [
            "Any decision about a person: diagnosis, screening, triage, insurance.",
            others,
        ],
    }


def _record(model: HeartModel) -> dict[str, Any]:
    record: dict[str, Any] = model.artifact.metadata.evaluation["out_of_fold"]
    return record


def _ranking(model: HeartModel) -> dict[str, Any]:
    folded, sets = _record(model), random_test_sets(model)
    area = folded["metrics"]["auc"]
    return {
        "key": "auc",
        "value": f"{area['value']:.3f}",
        "interval": f"{area['low']:.3f} to {area['high']:.3f}",
        "says": "Of 100 pairs, one with disease and one without, it ranks "
        f"{100 * area['value']:.0f} right.",
        "note": f"AUC, {len(folded['labels'])} patients, each unseen.",
        "sets": sets["auc"],
        "all": area["value"],
        "labels": [
            f"{area['value']:.3f}, all patients",
            f"{sets['auc']['held_out']:.3f}, the lesson's {sets['patients']}",
        ],
        "below": f"{sets['sets']:,} random test sets of {sets['patients']}: "
        f"{whole_percent(sets['auc']['share'])} look as good as the lesson's"
        + (f", an easy one: {sets['same_patients']:.3f} out of fold." if sets["easy"] else "."),
    }


def _accuracy(model: HeartModel) -> dict[str, Any]:
    folded, sets = _record(model), random_test_sets(model)
    right = folded["metrics"]["accuracy"]
    healthy = 1 - np.mean(folded["labels"])
    place = sets["accuracy"]
    return {
        "key": "accuracy",
        "value": f"{100 * right['value']:.0f}",
        "interval": f"of 100, {100 * right['low']:.0f} to {100 * right['high']:.0f}",
        "says": "called right at a threshold of 50 %.",
        "note": f'Saying "healthy" to all: {100 * max(healthy, 1 - healthy):.0f}.'
        if healthy >= 0.5
        else f'Saying "disease" to all: {100 * (1 - healthy):.0f}.',
        "sets": place,
        "all": right["value"],
        "labels": [
            f"{100 * right['value']:.0f}, all patients",
            f"{100 * place['held_out']:.0f}, the lesson's {sets['patients']}",
        ],
        "below": f"The same test sets: 95 of 100 show {100 * place['low']:.0f} to "
        f"{100 * place['high']:.0f} by luck alone, {whole_percent(place['share'])} at least the "
        "lesson's.",
    }


def _brier(model: HeartModel) -> dict[str, Any]:
    folded = _record(model)
    ours, linear = folded["metrics"]["brier"], folded["logistic_regression"]
    gap = linear["difference"]["brier"]
    share = float(np.mean(folded["labels"]))
    constant = share * (1 - share)
    verdict = (
        "Can't be told from a logistic regression"
        if gap["low"] <= 0 <= gap["high"]
        else f"{'Better' if gap['high'] < 0 else 'Worse'} than a logistic regression"
    )
    return {
        "key": "brier",
        "value": f"{ours['value']:.3f}",
        "interval": f"{ours['low']:.3f} to {ours['high']:.3f}",
        "says": "mean squared distance of the stated risk from what was found.",
        "note": "Brier score, lower is better.",
        "rows": [
            {"name": "this network", **ours},
            {"name": "logistic regression", **linear["metrics"]["brier"]},
            {
                "name": f"{whole_percent(share)} to all",
                "value": constant,
                "low": constant,
                "high": constant,
            },
        ],
        "below": f"{verdict}: difference {gap_text(gap)}.",
    }


def _calibration(groups: Sequence[Mapping[str, Any]]) -> str:
    met = sum(g["observed"]["low"] <= g["predicted"] <= g["observed"]["high"] for g in groups)
    sizes = sorted({group["patients"] for group in groups})
    meets = "every 95 % interval meets" if met == len(groups) else f"{met} of the intervals meet"
    return (
        f"{_count(len(groups)).capitalize()} groups of {' or '.join(map(str, sizes))} patients. "
        f"The line is where both agree; {meets} it."
    )


def _benefit(table: Mapping[str, Any]) -> str:
    """The longest run of thresholds where the interval lies above both rivals.

    Resamples keep the share of patients with disease, so the rivals' net benefit has no interval.
    """
    folded = table["out_of_fold"]
    rivals = np.maximum(np.array(folded["treat_all"], float), 0)
    ahead = np.array(folded["net_benefit"]["low"], float) > rivals
    runs = np.split(np.arange(len(ahead)), np.flatnonzero(np.diff(ahead)) + 1)
    run = max((run for run in runs if ahead[run[0]]), key=len, default=None)
    if run is None:
        return "At no threshold clearly better than calling everybody, or nobody."
    low, high = (whole_percent(table["thresholds"][at]) for at in (run[0], run[-1]))
    return f"Clearly better than calling everybody or nobody, at thresholds from {low} to {high}."


def _patients(model: HeartModel, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    folded, audit = _record(model), model.artifact.metadata.evaluation["audit"]
    patients, cases = len(folded["labels"]), int(sum(folded["labels"]))
    labels = {about.name: about.label.lower() for about in FEATURES}
    unknown = [f"{labels.get(name, name)} {n}" for name, n in audit["missing"].items() if n]
    gaps = f" Unknown: {listed(unknown)}." if unknown else ""
    size = heart_sample_size(model)
    asked = f"{size['needed']:,}" if size["needed"] else "nothing that can be told"
    return {
        "says": "Patients of the Cleveland Clinic.",
        "groups": [
            {"name": r["name"], "cases": r["cases"], "others": r["patients"] - r["cases"]}
            for r in groups
            if r["chip"] is not None and not r["elsewhere"]
        ],
        "cases": cases,
        "others": patients - cases,
        "below": f"{gaps} No record of ethnicity or treatment.".strip(),
        "size": f"{patients} patients; Riley's criteria ask for {asked} to fit a logistic "
        "regression on these fields.",
    }
