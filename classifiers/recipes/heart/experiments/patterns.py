"""How good the risks are when only some fields are known, out of fold.

The reference is a logistic regression refitted on exactly the known fields, on the same folds.
"""

from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.evaluation.metrics import evaluate, paired_difference
from classifiers.recipes.heart.serving.decision import LEAST_KNOWN
from classifiers.recipes.heart.serving.ensemble import Ensemble
from classifiers.recipes.heart.validation import CrossValidation

_RESTING = ("trestbps", "chol", "fbs", "restecg")
_EXERCISE = ("thalach", "exang", "oldpeak", "slope")
_IMAGING = ("ca", "thal")
_FIRST = ("age", "sex", "cp")


def _without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in FEATURE_NAMES if name not in names)


# What is known of a patient at some point of the way to angiography.
PATTERNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "nothing": ("nothing", ()),
    "age_sex": ("age and sex", _FIRST[:2]),
    "resting": ("age, sex and the resting values", (*_FIRST[:2], *_RESTING)),
    "symptoms": ("age, sex and chest pain", _FIRST),
    "basics": (
        "age, sex, chest pain, blood pressure and cholesterol",
        (*_FIRST, "trestbps", "chol"),
    ),
    "no_tests": ("all but the exercise test and imaging", _without(*_EXERCISE, *_IMAGING)),
    "stress": ("age, sex, chest pain and the exercise test", (*_FIRST, *_EXERCISE)),
    "imaging": ("age, sex, chest pain and imaging", (*_FIRST, *_IMAGING)),
    "no_exercise": ("all but the exercise test", _without(*_EXERCISE)),
    "no_imaging": ("all but imaging", _without(*_IMAGING)),
    "no_scan": ("all but the thallium scan", _without("thal")),
    "no_vessels": ("all but the coloured vessels", _without("ca")),
    "no_blood": ("all but the blood values", _without("chol", "fbs")),
}
_HIDDEN, _SEED = 0.3, 42  # each field of each patient is hidden with this probability
_CHECKED = 40  # sets of fields that nobody chose, to see whether LEAST_KNOWN separates
_DECIMALS = 4


def measure_patterns(validation: CrossValidation, served: Ensemble) -> list[dict[str, Any]]:
    """Every clinical pattern and its record.

    Returns:
        One {`key`, `title`, `fields`, `known` (share of the log-odds' variance), `probabilities`
        (N,) the mean over repeats, `metrics`, `logistic_regression` {`metrics`, `difference`},
        `mean_risk`} a pattern.
    """
    return [
        {
            "key": key,
            "title": title,
            "fields": list(fields),
            "known": served.share_known(_mask(fields)),
            **_measure(validation, _mask(fields)),
        }
        for key, (title, fields) in PATTERNS.items()
    ]


def measure_random_fields(validation: CrossValidation) -> dict[str, Any]:
    """The same where each field of each patient is hidden at random."""
    rng = np.random.default_rng(_SEED)
    known = rng.random(validation.x.shape) >= _HIDDEN
    result = _measure(validation, known)
    return {"hidden": _HIDDEN, **{k: v for k, v in result.items() if k != "probabilities"}}


def check_least_known(validation: CrossValidation, served: Ensemble) -> dict[str, Any]:
    """Whether the share that is known separates sets of fields by how well risks rank patients.

    Returns:
        `least_known`; `sets` [{`known`, `auc` {`value`, `low`, `high`}}] of random sets of fields;
        `rank_correlation` (Spearman) of the two.
    """
    from scipy.stats import spearmanr

    rng = np.random.default_rng(_SEED + 1)
    sets: list[dict[str, Any]] = []
    for size in np.linspace(1, len(FEATURE_NAMES) - 1, _CHECKED).round().astype(int):
        known = np.zeros(len(FEATURE_NAMES), bool)
        known[rng.choice(len(known), size, replace=False)] = True
        area = evaluate(validation.y, validation.risks(known))["auc"]
        sets.append({"known": served.share_known(known), "auc": area.to_dict()})
    pairs = np.array([(each["known"], each["auc"]["value"]) for each in sets])
    return {
        "least_known": LEAST_KNOWN,
        "sets": sets,
        "rank_correlation": float(spearmanr(*pairs.T).statistic),
    }


def measure_hiding(validation: CrossValidation) -> dict[str, dict[str, Any]]:
    """What each field is worth: {field: {`auc_loss`, `log_loss_rise`}} when it is hidden from
    everybody, out of fold, with paired intervals."""
    y, whole = validation.y, validation.risks()
    result = {}
    for i, name in enumerate(FEATURE_NAMES):
        gap = paired_difference(y, whole, validation.risks(np.arange(len(FEATURE_NAMES)) != i))
        rise = gap["log_loss"]
        result[name] = {
            "auc_loss": gap["auc"].to_dict(),
            "log_loss_rise": {"value": -rise.value, "low": -rise.high, "high": -rise.low},
        }
    return result


def _mask(fields: tuple[str, ...]) -> np.ndarray:
    return np.isin(FEATURE_NAMES, fields)


def _measure(validation: CrossValidation, known: np.ndarray) -> dict[str, Any]:
    y, ours = validation.y, validation.risks(known)
    theirs = validation.logistic_risks(known)
    gaps = paired_difference(y, ours, theirs)
    return {
        "probabilities": ours.mean(0).round(_DECIMALS).tolist(),
        "mean_risk": float(ours.mean()),
        "metrics": {name: e.to_dict() for name, e in evaluate(y, ours).items()},
        "logistic_regression": {
            "metrics": {name: e.to_dict() for name, e in evaluate(y, theirs).items()},
            "difference": {name: e.to_dict() for name, e in gaps.items()},
        },
    }
