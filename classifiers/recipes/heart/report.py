"""What the heart model's probabilities are worth as decisions, on two sets of patients; the
lesson's costs.

`held_out`: the patients of the lesson's test split, whom the served weights never saw.
`out_of_fold`: every patient of the study, predicted by networks that did not train on them; a
patient's probability is the mean over the repeats of cross-validation. The threshold for given
costs is chosen on the out-of-fold predictions of the patients who are not held out.

Everything that does not depend on a request is computed once a model; a request looks it up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.errors import ArtifactError, ConfigError, DataError
from classifiers.evaluation.calibration import (
    calibration,
)
from classifiers.evaluation.decision import (
    Rates,
    Sample,
    ThresholdChoice,
    average_precision,
    choose_threshold,
    compare_thresholds,
)
from classifiers.evaluation.metrics import (
    Estimate,
    auc,
    brier,
    log_loss,
    percentile_interval,
    percentile_intervals,
    resampled_measures,
    wilson_interval,
)
from classifiers.recipes.heart.model import HeartModel, parse_threshold
from classifiers.wording import whole_percent

PARTS = ("held_out", "out_of_fold")
LESSON_COSTS = (2.0, 1.0)  # exercise 10: a false negative is twice as costly
HIGHEST_COST = 1e6
_FRACTIONS = {1 / 2: "One half", 1 / 3: "One third", 1 / 4: "One quarter", 2 / 3: "Two thirds",
              3 / 4: "Three quarters"}  # fmt: skip
_STEP = 0.005  # between two thresholds that are compared

_AREAS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": auc,
    "average_precision": average_precision,
    "log_loss": log_loss,
    "brier": brier,
}


@dataclass(frozen=True, eq=False)
class Part:
    """One set of patients. `fixed` are the measures that no threshold changes."""

    sample: Sample
    plain: Sample
    fixed: dict[str, Estimate]


def heart_report(
    model: HeartModel,
    threshold: Any = None,
    cost_false_negative: Any = None,
    cost_false_positive: Any = None,
) -> dict[str, Any]:
    """Counts and metrics with intervals at a threshold, and the best threshold for two costs.

    Args:
        threshold: positive from here on; None = the model's own.
        cost_false_negative, cost_false_positive: in any unit; None = the model's own, see
            `own_costs`.

    Returns:
        `threshold`; `costs` {`false_negative`, `false_positive`}; `best_threshold` (see
        `describe_choice`); `held_out` and `out_of_fold`, each {`patients`, `cases`, `counts`
        {`true_positive`, `false_positive`, `false_negative`, `true_negative`}, `metrics` {name:
        {`value`, `low`, `high`}}}; `conclusion` [text], see `conclude`; `findings` [text]. What is
        not defined, as the precision when nobody is called positive, is None.

    Raises:
        ConfigError: a threshold or a cost is out of its range.
        ArtifactError: the model has no usable record of its evaluation.
    """
    cut = parse_threshold(threshold, model.threshold)
    costs = parse_costs(cost_false_negative, cost_false_positive, own_costs(model))
    parts = evaluated_parts(model)
    choice = choose_threshold(parts["training"].sample, *costs)
    best = describe_choice(choice, parts, costs)
    report = {
        "threshold": cut,
        "costs": {"false_negative": costs[0], "false_positive": costs[1]},
        "best_threshold": best,
        **{name: _describe(parts[name], cut, costs) for name in PARTS},
        "conclusion": list(conclude(best, costs)),
        "findings": _findings(best),
    }
    return plain_json(report)


def own_costs(model: HeartModel) -> tuple[float, float]:
    """What a miss and a false alarm cost where nobody says: as the artifact has it, or the lesson.

    Raises:
        ArtifactError: the metadata's costs are none.
    """
    stored = model.artifact.metadata.evaluation.get("costs", {})
    try:
        return parse_costs(stored.get("false_negative"), stored.get("false_positive"), LESSON_COSTS)
    except (AttributeError, ConfigError) as error:
        raise ArtifactError("metadata.json", f"evaluation.costs: {error}") from None


def parse_costs(
    false_negative: Any, false_positive: Any, default: tuple[float, float]
) -> tuple[float, float]:
    """The costs of the two errors; None = the default.

    Raises:
        ConfigError: not a number from 0 to a million, or both 0.
    """
    costs = []
    for field, value, usual in (
        ("cost_false_negative", false_negative, default[0]),
        ("cost_false_positive", false_positive, default[1]),
    ):
        value = usual if value is None else value
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value <= HIGHEST_COST:
            raise ConfigError(
                field,
                f"must be a number from 0 to {HIGHEST_COST:,.0f} or null, got {str(value)[:60]}",
            )
        costs.append(float(value))
    if not any(costs):
        raise ConfigError(
            "cost_false_negative",
            "must be above 0 where cost_false_positive is 0; if no error costs anything, every "
            "threshold is as good",
        )
    return costs[0], costs[1]


@lru_cache(maxsize=4)
def evaluated_parts(model: HeartModel) -> dict[str, Part]:
    """`held_out`, `out_of_fold`, and `training`: out-of-fold without those held out.

    Raises:
        ArtifactError: the metadata's evaluation record lacks what is needed.
    """
    evaluation = model.artifact.metadata.evaluation
    try:
        out, held = evaluation["out_of_fold"], evaluation["held_out"]
        y = np.array(out["labels"])
        p = np.array(out["probabilities"], dtype=np.float64).mean(0)
        rest = np.setdiff1d(np.arange(len(y)), held["rows"])
        rows = {
            "held_out": (np.array(held["labels"]), np.array(held["probabilities"], np.float64)),
            "out_of_fold": (y, p),
            "training": (y[rest], p[rest]),
        }
        return {name: _part(*pair) for name, pair in rows.items()}
    except (KeyError, TypeError, ValueError, IndexError, DataError) as error:
        raise ArtifactError(
            "metadata.json",
            f"evaluation must hold out_of_fold and held_out predictions ({error!r}); train again",
        ) from None


def _part(y: np.ndarray, p: np.ndarray) -> Part:
    sample, plain = Sample.draw(y, p), Sample.draw(y, p, stratified=False)
    drawn = resampled_measures(y, p, sample.weights)
    fixed = {
        name: percentile_interval(measure(y, p), drawn[name]) for name, measure in _AREAS.items()
    }
    fit = calibration(plain)
    fixed |= {"calibration_intercept": fit.intercept, "calibration_slope": fit.slope}
    return Part(sample, plain, fixed)


def _describe(part: Part, threshold: float, costs: tuple[float, float]) -> dict[str, Any]:
    rates = part.sample.rates(np.array([threshold]))
    table = error_counts(rates, part.sample)
    benefit = percentile_interval(rates.net_benefit()[0], rates.resampled_net_benefit()[:, 0])
    metrics = {
        **{name: estimates[0] for name, estimates in proportions(table).items()},
        **{name: estimates[0] for name, estimates in combinations(rates).items()},
        "net_benefit": benefit,
        "cost": percentile_interval(rates.cost(*costs)[0], rates.resampled_cost(*costs)[:, 0]),
        **part.fixed,
    }
    return {
        "patients": len(part.sample.y),
        "cases": int(part.sample.y.sum()),
        "counts": {name: int(values[0]) for name, values in table.items()},
        "metrics": {name: estimate.to_dict() for name, estimate in metrics.items()},
    }


def error_counts(rates: Rates, sample: Sample) -> dict[str, np.ndarray]:
    cases = sample.y.sum()
    return {
        "true_positive": cases - rates.missed,
        "false_positive": rates.alarms,
        "false_negative": rates.missed,
        "true_negative": len(sample.y) - cases - rates.alarms,
    }


def proportions(table: dict[str, np.ndarray]) -> dict[str, list[Estimate]]:
    """Wilson's interval of every proportion at every threshold."""
    tp, fp, fn, tn = table.values()
    shares = {
        "accuracy": (tp + tn, tp + fp + fn + tn),
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "precision": (tp, tp + fp),
        "negative_predictive_value": (tn, tn + fn),
    }
    return {
        name: [wilson_interval(a, b) for a, b in zip(hits.tolist(), all_.tolist(), strict=True)]
        for name, (hits, all_) in shares.items()
    }


def combinations(rates: Rates) -> dict[str, list[Estimate]]:
    """Measures that mix both classes, at every threshold, with bootstrap intervals."""
    share = rates.prevalence

    def balanced(fnr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
        return 1 - (fnr + fpr) / 2

    def f1(fnr: np.ndarray, fpr: np.ndarray) -> np.ndarray:
        found = 2 * share * (1 - fnr)
        return found / (found + share * fnr + (1 - share) * fpr)

    fnr = rates.missed / (share * rates.count)
    fpr = rates.alarms / ((1 - share) * rates.count)
    with np.errstate(invalid="ignore"):  # F1 is not defined where nobody is sick or called so
        result = {
            name: (measure(fnr, fpr), measure(rates.missed_share, rates.alarm_share))
            for name, measure in (("balanced_accuracy", balanced), ("f1", f1))
        }
    return {name: percentile_intervals(*pair) for name, pair in result.items()}


def describe_choice(
    choice: ThresholdChoice, parts: dict[str, Part], costs: tuple[float, float]
) -> dict[str, Any]:
    """The best threshold and what choosing it is worth.

    Returns:
        `theoretical`; `value`, `low`, `high` of the cheapest threshold; `patients` it was chosen
        on; `savings`, for the rules "theoretical" and "half" (0.5), cost a patient of the rule
        less that of the chosen threshold: `apparent` on the patients it was chosen on, `fresh`
        {`value`, `low`, `high`} on patients it was not chosen on, `distinguishable` from zero
        there, and `held_out` {`value`, `low`, `high`}.
    """
    rules = {"theoretical": choice.theoretical, "half": 0.5}
    held_out = parts["held_out"].sample
    return {
        "theoretical": choice.theoretical,
        **choice.best.to_dict(),
        "patients": len(parts["training"].sample.y),
        "savings": {
            name: {
                "apparent": saving.apparent,
                "fresh": saving.fresh.to_dict(),
                "distinguishable": saving.distinguishable,
                "held_out": compare_thresholds(
                    held_out, choice.best.value, rules[name], *costs
                ).to_dict(),
            }
            for name, saving in choice.savings.items()
        },
    }


def conclude(best: dict[str, Any], costs: tuple[float, float]) -> tuple[str, str]:
    """Which thresholds are as good as each other at these costs, and why no more can be said.

    Args:
        best: as `describe_choice` gives it.
        costs: of a miss and of a false alarm.
    """
    miss, alarm = costs
    if not alarm:
        return "False alarms cost nothing here: at a threshold of 0 % everybody is called.", ""
    if not miss:
        return "Missed patients cost nothing here: at a threshold of 100 % nobody is called.", ""
    theory, value, low, high = (best[key] for key in ("theoretical", "value", "low", "high"))
    asked = _FRACTIONS.get(theory) or whole_percent(theory).capitalize()
    lead = (
        f"Any threshold from {100 * low:.3g} to {100 * high:.3g} % costs about the same here."
        if low < high
        else f"Only thresholds near {100 * low:.3g} % are cheapest here."
    )
    alike = abs(value - theory) < _STEP
    reason = f"{asked} is what theory asks for" + (
        " and was cheapest on these patients too"
        if alike
        else f", {100 * value:.3g} % was cheapest on these patients"
    )
    if low <= theory <= high:
        apart = "." if alike else f"; {best['patients']} patients can't tell them apart."
        return lead, reason + apart
    saving = best["savings"]["theoretical"]
    fresh = saving["fresh"]["value"]
    beyond = (
        f"and on patients the choice was not made on it costs {abs(fresh):.3f} a patient "
        f"{'more' if fresh > 0 else 'less'}"
        if saving["distinguishable"]
        else "but on patients the choice was not made on the two can't be told apart"
    )
    return lead, f"{reason}; theory lies outside, {beyond}."


def _findings(best: dict[str, Any]) -> list[str]:
    found = [
        f"For calibrated probabilities these costs ask for a threshold of "
        f"{best['theoretical']:.3f}. On the out-of-fold predictions of {best['patients']} "
        f"training patients {best['value']:.3f} is cheapest; in 95 % of resamples of them it lies "
        f"between {best['low']:.3f} and {best['high']:.3f}."
    ]
    for name, rule in (("theoretical", "the theoretical threshold"), ("half", "0.5")):
        saving = best["savings"][name]
        fresh, held = saving["fresh"], saving["held_out"]
        verdict = (
            "the difference is distinguishable from zero"
            if saving["distinguishable"]
            else "that is not distinguishable from zero"
        )
        found.append(
            f"Against {rule}, choosing it saves {saving['apparent']:.3f} a patient on the patients "
            f"it was chosen on, and {fresh['value']:+.3f} [{fresh['low']:+.3f}, "
            f"{fresh['high']:+.3f}] on patients it was not chosen on: {verdict}. On the held-out "
            f"patients: {held['value']:+.3f} [{held['low']:+.3f}, {held['high']:+.3f}]."
        )
    return found


def plain_json(value: Any, decimals: int | None = None) -> Any:
    """JSON types; a number that is not finite becomes None."""
    if isinstance(value, dict):
        return {key: plain_json(item, decimals) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain_json(item, decimals) for item in value]
    if isinstance(value, float):
        if not np.isfinite(value):
            return None
        return value if decimals is None else round(value, decimals)
    return value
