"""What the model uses, over all patients: every field, and every pair of fields."""

from itertools import combinations
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.evaluation.metrics import percentile_interval
from classifiers.recipes.heart.experiments.patterns import measure_hiding
from classifiers.recipes.heart.serving.ensemble import Ensemble
from classifiers.recipes.heart.validation import CrossValidation
from classifiers.shapley import ConditionalGame

_PAIRS = 10
_RESAMPLES, _SEED = 1000, 0


def measure_importance(validation: CrossValidation, served: Ensemble) -> dict[str, Any]:
    """Mean absolute Shapley values and interactions, and what hiding a field costs out of fold.

    Returns:
        `patients`; `fields`, largest first, each {`field`, `shapley`, `auc_loss`,
        `log_loss_rise`}; `interactions`, the ten largest pairs, each {`fields` [a, b], `value`,
        `low`, `high`}. All in log-odds but `auc_loss`; 95 % intervals, over resampled patients.
    """
    x = validation.x
    game = ConditionalGame(served.point, served.owner)
    inputs, known = served.inputs(x), served.known_fields(x)
    told = [game.explain(row, fields) for row, fields in zip(inputs, known, strict=True)]
    weights = np.random.default_rng(_SEED).multinomial(
        len(x), np.full(len(x), 1 / len(x)), _RESAMPLES
    )
    hidden = measure_hiding(validation)

    def mean(values: np.ndarray) -> dict[str, float]:
        return percentile_interval(float(values.mean()), weights @ values / len(x)).to_dict()

    sizes = np.abs([each.contributions for each in told])
    fields: list[dict[str, Any]] = [
        {"field": name, "shapley": mean(sizes[:, i]), **hidden[name]}
        for i, name in enumerate(FEATURE_NAMES)
    ]
    strengths = np.abs([each.interactions for each in told])
    pairs: list[dict[str, Any]] = [
        {"fields": [FEATURE_NAMES[i], FEATURE_NAMES[j]], **mean(strengths[:, i, j])}
        for i, j in combinations(range(len(FEATURE_NAMES)), 2)
    ]
    return {
        "patients": len(x),
        "fields": sorted(fields, key=lambda field: -field["shapley"]["value"]),
        "interactions": sorted(pairs, key=lambda pair: -pair["value"])[:_PAIRS],
    }
