"""Does the interval hold? Simulated cohorts of which the true risks are known.

Patients are drawn from a latent class model of the study's, their outcomes from a risk that is
known; the whole ensemble is refitted to each cohort and asked about new patients, all fields known
or some hidden. The interval is for the risk given what is known, whose true value follows from the
two: the average of the true risk over what the hidden fields may be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.experiments.patterns import PATTERNS
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.ensemble import Ensemble, describe_training
from classifiers.recipes.heart.training import CATEGORICAL, TRAINING, fit_served

COHORTS, PATIENTS, NEW = 24, 242, 100
ASKED = ("symptoms", "basics", "no_tests", "no_imaging")
MIDDLE = (0.2, 0.8)  # true risks that leave the decision open
_CLASSES, _STEPS = 6, 200
_COMPLETIONS = 200
_IS_CATEGORY = np.isin(FEATURE_NAMES, CATEGORICAL)

Truth = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class LatentClasses:
    """A mixture of C classes within which the fields are independent.

    Shape: `share` (C,); `mean` and `scale` (C, 13) of numbers; `tables`, for each category its
    codes (V,) and their shares (C, V).
    """

    share: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    tables: dict[int, tuple[np.ndarray, np.ndarray]]

    @classmethod
    def fit(cls, x: np.ndarray, seed: int) -> "LatentClasses":
        """By expectation and maximisation, from random responsibilities; NaN is left out."""
        rng = np.random.default_rng(seed)
        belongs = rng.dirichlet(np.ones(_CLASSES), len(x))
        for _ in range(_STEPS):
            model = cls._maximise(x, belongs)
            belongs = model.classes_of(x)
        return model

    @classmethod
    def _maximise(cls, x: np.ndarray, belongs: np.ndarray) -> "LatentClasses":
        mean, scale = np.zeros((2, belongs.shape[1], x.shape[1]))
        tables = {}
        for i, values in enumerate(x.T):
            ok = ~np.isnan(values)
            weight, seen = belongs[ok], values[ok]
            total = weight.sum(0) + 1e-9
            if _IS_CATEGORY[i]:
                codes = np.unique(seen)
                table = weight.T @ (seen[:, None] == codes) + 0.5
                tables[i] = codes, table / table.sum(1, keepdims=True)
                continue
            mean[:, i] = weight.T @ seen / total
            squares = (weight * (seen[:, None] - mean[:, i]) ** 2).sum(0) / total
            scale[:, i] = np.sqrt(squares + (0.2 * seen.std()) ** 2)
        return cls(belongs.mean(0), mean, scale, tables)

    def classes_of(self, x: np.ndarray) -> np.ndarray:
        """P(class | the known fields), (N, C)."""
        log = np.log(self.share) + np.zeros((len(x), len(self.share)))
        for i, values in enumerate(x.T):
            ok = ~np.isnan(values)
            if _IS_CATEGORY[i]:
                codes, table = self.tables[i]
                log[ok] += np.log(table[:, np.searchsorted(codes, values[ok])]).T
            else:
                z = (values[ok, None] - self.mean[:, i]) / self.scale[:, i]
                log[ok] -= 0.5 * z**2 + np.log(self.scale[:, i])
        p = np.exp(log - log.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

    def complete(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Rows (N, 13) whose NaN are drawn given what each row knows."""
        classes = (self.classes_of(x).cumsum(1) < rng.random(len(x))[:, None]).sum(1)
        classes = classes.clip(max=len(self.share) - 1)
        drawn = self.mean[classes] + self.scale[classes] * rng.standard_normal(x.shape)
        for i, (codes, table) in self.tables.items():
            chosen = (table[classes].cumsum(1) < rng.random(len(x))[:, None]).sum(1)
            drawn[:, i] = codes[chosen.clip(max=len(codes) - 1)]
        return np.where(np.isnan(x), drawn, x)

    def draw(self, rows: int, rng: np.random.Generator) -> np.ndarray:
        """New rows (N, 13)."""
        return self.complete(np.full((rows, len(FEATURE_NAMES)), np.nan), rng)


def measure_coverage(
    model: HeartModel, x: np.ndarray, y: np.ndarray, report: Callable[[str], None]
) -> list[dict[str, Any]]:
    """`simulate`, with two truths: the served risk, and a logistic regression on all patients."""
    from sklearn.linear_model import LogisticRegression

    preprocessor = TabularPreprocessor.fit(x, FEATURE_NAMES, CATEGORICAL)
    linear = LogisticRegression(C=1.0, max_iter=2000).fit(preprocessor.transform(x), y)

    def regression(rows: np.ndarray) -> np.ndarray:
        return linear.predict_proba(preprocessor.transform(rows))[:, 1]

    truths = {"network": model.probabilities, "logistic_regression": regression}
    return simulate(x, truths, report)


def simulate(
    x: np.ndarray, truths: dict[str, Truth], report: Callable[[str], None], cohorts: int = COHORTS
) -> list[dict[str, Any]]:
    """How often the interval holds the true risk of new patients, for every truth and pattern.

    Args:
        x: the study's patients (N, 13), whose latent classes new ones are drawn from.
        truths: true risks by name: rows (N, 13) with everything known -> (N,).

    Returns:
        One {`truth`, `known` (a pattern's key, or all), `cohorts`, `patients` a cohort, `coverage`
        and `middle_coverage` {`value`, `standard_error`}, `unwidened_coverage` of the refits as
        they are, `width` on average, `bias` of the risk} a truth and pattern.
    """
    classes = LatentClasses.fit(x, TRAINING.seed)
    found = []
    for name, truth in truths.items():
        each = []
        for cohort in range(cohorts):
            report(f"{name}: cohort {cohort + 1} of {cohorts}")
            # Others than those on which factor and slope were chosen.
            rng = np.random.default_rng((TRAINING.seed, 1, cohort))
            each.append(_one_cohort(classes, truth, rng))
        for key in ("all", *ASKED):
            found.append({"truth": name, **_summarize(key, [told[key] for told in each])})
    return found


def _one_cohort(
    classes: LatentClasses, truth: Truth, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """(5, NEW) for every pattern: true risk, risk, low, high, and whether bare refits hold it."""
    x = classes.draw(PATIENTS, rng)
    y = (rng.random(PATIENTS) < truth(x)).astype(np.int64)
    network, preprocessor = fit_served(x, y, np.ones(PATIENTS))
    trained = (
        preprocessor,
        network.copy(dtype=torch.float64),
        TRAINING.members,
        describe_training(preprocessor, x, network.in_features),
    )
    ensemble, bare = Ensemble(*trained), Ensemble(*trained, widening=1.0, slope=0.0)
    new = classes.draw(NEW, rng)
    told = {}
    for key in ("all", *ASKED):
        fields = FEATURE_NAMES if key == "all" else PATTERNS[key][1]
        asked = np.where(np.isin(FEATURE_NAMES, fields), new, np.nan)
        repeats = 1 if key == "all" else _COMPLETIONS
        whole = classes.complete(np.repeat(asked, repeats, axis=0), rng)
        true = truth(whole).reshape(NEW, repeats).mean(1)
        risks = ensemble.risks(asked)
        low, high = bare.risks(asked).intervals
        holds = (low <= true) & (true <= high)
        told[key] = np.stack([true, risks.risk, *risks.intervals, holds])
    return told


def _summarize(key: str, each: list[np.ndarray]) -> dict[str, Any]:
    told = np.stack(each)  # (cohorts, 5, NEW)
    true, risk, low, high, bare = told.transpose(1, 0, 2)
    holds = (low <= true) & (true <= high)
    middle = (true >= MIDDLE[0]) & (true <= MIDDLE[1])
    return {
        "known": key,
        "cohorts": len(each),
        "patients": true.shape[1],
        "coverage": _mean_over_cohorts(holds, np.ones_like(middle)),
        "middle_coverage": _mean_over_cohorts(holds, middle),
        "unwidened_coverage": float(bare.mean()),
        "width": float((high - low).mean()),
        "bias": float((risk - true).mean()),
    }


def _mean_over_cohorts(holds: np.ndarray, counted: np.ndarray) -> dict[str, float]:
    """The share, and its standard error over cohorts, whose patients share their networks."""
    shares = [h[c].mean() for h, c in zip(holds, counted, strict=True) if c.any()]
    error = np.std(shares, ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else 0.0
    return {"value": float(holds[counted].mean()), "standard_error": float(error)}
