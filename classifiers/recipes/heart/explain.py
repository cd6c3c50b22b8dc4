"""One patient's prediction taken apart: contributions, and how unusual the patient is.

Everything here says what the model does with a patient's values. None of it says what would
happen to the patient if a value were changed.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.model import HeartModel, parse_patient
from classifiers.recipes.heart.serving.unusual import measure_oddness
from classifiers.shapley import ConditionalGame


def explain_patient(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """Exact Shapley values of one patient's log-odds, and the interactions of pairs of fields.

    The game is what the model says when only some of the fields are known.

    Returns:
        `base_logit`, of a patient of whom nothing is known, and `logit`, of the served
        probability; `contributions`, one a field in schema order, {`field`, `value` (None =
        unknown), `logit`}, that add up, 0 where unknown; `interactions`, one a pair of known
        fields, {`fields` [a, b], `logit`}, largest first: what two fields do beyond what each does
        without the other (the Shapley interaction index, which is no part of the sum).

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    known = model.ensemble.known_fields(row[None])[0]
    result = conditional_game(model).explain(model.ensemble.inputs(row[None])[0], known)
    parts = zip(FEATURE_NAMES, row.tolist(), result.contributions.tolist(), strict=True)
    pairs = [
        {"fields": [FEATURE_NAMES[i], FEATURE_NAMES[j]], "logit": float(result.interactions[i, j])}
        for i, j in combinations(np.flatnonzero(known).tolist(), 2)
    ]
    return {
        "base_logit": result.base_logit,
        "logit": result.logit,
        "contributions": [
            {"field": name, "value": _json(value), "logit": logit} for name, value, logit in parts
        ],
        "interactions": sorted(pairs, key=lambda pair: -abs(pair["logit"])),
    }


def measure_unusualness(model: HeartModel, patient: Mapping[str, Any]) -> dict[str, Any]:
    """How unusual a combination of values is among the training patients.

    Returns:
        `distance` (1 = average); `percentile`, the share of training patients of whom the same
        fields are known, each measured against the others, that are less unusual; `unusual`;
        `fields` [{`field`, `value`, `share`}], most surprising first: what part of the distance
        goes when that field is taken as unknown (parts need not add up to 1).

    Raises:
        ConfigError, DataError: as `HeartModel.predict`.
        ArtifactError: the model was trained before references were stored.
    """
    row = parse_patient(patient)
    odd = measure_oddness(model.ensemble, row)
    values = dict(zip(FEATURE_NAMES, row.tolist(), strict=True))
    return {
        "distance": odd.distance,
        "percentile": odd.percentile,
        "unusual": odd.unusual,
        "fields": [
            {"field": name, "value": values[name], "share": share} for name, share in odd.fields
        ],
    }


def _json(value: float) -> float | None:
    return None if np.isnan(value) else value


@lru_cache(maxsize=2)  # 50 MB each: that of the served model, and of one that is about to be
def conditional_game(model: HeartModel) -> ConditionalGame:
    """What a model says when only some of a patient's fields are known."""
    return ConditionalGame(model.ensemble.point, model.ensemble.owner)
