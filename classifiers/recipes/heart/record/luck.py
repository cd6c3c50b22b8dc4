"""How good a random test set makes the model look: the held-out figures inside that distribution.

Test sets as large as the lesson's are drawn from all patients of the study, each with the risk
that networks gave it which did not train on it.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.evaluation.metrics import interval95, resampled_measures
from classifiers.recipes.heart.model import HeartModel

SETS = 4000
_BIN = 0.01  # of AUC
_SLACK = 1e-9  # sums of the same numbers in another order


@lru_cache(maxsize=4)
def random_test_sets(model: HeartModel) -> dict[str, Any]:
    """AUC, and accuracy at 50 %, of 4,000 random test sets. Do not change it.

    Returns:
        `patients` of a set; `sets`; `auc` and `accuracy`, each {`held_out`, `low`, `high` of the
        central 95 %, `share` of the sets that look at least as good as the held-out one, `bars`
        [[from, to, sets]]}, whose bars end where the held-out value lies; `same_patients`, the AUC
        of the held-out patients when they are predicted out of fold, and `easy`, whether that lies
        nearer to the held-out value than to all patients'. The same model gives the same sets.
    """
    evaluation = model.artifact.metadata.evaluation
    folded, held = evaluation["out_of_fold"], evaluation["held_out"]
    y, p = np.array(folded["labels"]), np.array(folded["probabilities"]).mean(0)
    size = len(held["labels"])
    rng = np.random.default_rng(0)
    weights = np.zeros((SETS, len(y)))
    for row in weights:
        row[rng.permutation(len(y))[:size]] = 1
    cases = weights @ y
    weights = weights[(cases > 0) & (cases < size)]
    areas = resampled_measures(y, p, weights)["auc"]
    right = weights @ ((p >= 0.5) == y) / size
    own = np.zeros((1, len(y)))
    own[0, held["rows"]] = 1
    same = float(resampled_measures(y, p, own)["auc"][0])
    held_out, everybody = (part["metrics"]["auc"]["value"] for part in (held, folded))
    return {
        "patients": size,
        "sets": len(weights),
        "auc": _place(areas, held_out, _BIN),
        "accuracy": _place(right, held["metrics"]["accuracy"]["value"], 1 / size),
        "same_patients": same,
        "easy": abs(same - held_out) < abs(same - everybody),
    }


def _place(drawn: np.ndarray, held_out: float, width: float) -> dict[str, Any]:
    """Where the held-out value lies among (B,) values of random sets."""
    low, high = interval95(drawn)
    which = np.floor((drawn - held_out + _SLACK) / width).astype(int)
    bars = [
        [float(held_out + i * width), float(held_out + (i + 1) * width), int(np.sum(which == i))]
        for i in range(int(which.min()), int(which.max()) + 1)
    ]
    return {
        "held_out": held_out,
        "low": float(low),
        "high": float(high),
        "share": float(np.mean(which >= 0)),
        "bars": bars,
    }
