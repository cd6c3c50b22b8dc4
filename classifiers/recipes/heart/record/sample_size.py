"""How many patients a risk model asks for: Riley's criteria, for a regression's inputs.

Three criteria for a binary outcome (Riley et al. 2019, Stat Med 38:1276; 2020, BMJ 368:m441): a
uniform shrinkage of at least 0.9, an optimism in Nagelkerke's R2 of at most 0.05, and the overall
risk within 0.05. They are made for a regression without a penalty, whose parameters are counted.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.errors import DataError
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import bounded

SHRINKAGE = 0.9
OPTIMISM = 0.05  # in Nagelkerke's R2
MARGIN = 0.05  # of the overall risk
_Z = 1.96


@dataclass(frozen=True)
class SampleSize:
    """The least number of patients by each criterion."""

    shrinkage: int
    optimism: int
    overall_risk: int

    @property
    def needed(self) -> int:
        return max(self.shrinkage, self.optimism, self.overall_risk)


def highest_r2(prevalence: float) -> float:
    """The largest Cox-Snell R2 that an outcome of this share allows."""
    entropy = prevalence * math.log(prevalence) + (1 - prevalence) * math.log(1 - prevalence)
    return 1 - math.exp(2 * entropy)


def minimum_sample_size(r2: float, parameters: int, prevalence: float) -> SampleSize:
    """Patients that a regression for a binary outcome asks for.

    Args:
        r2: the Cox-Snell R2 that is expected on new patients.
        parameters: candidate predictor parameters, the intercept not counted.
        prevalence: the share of patients with the outcome.

    Raises:
        DataError: an argument for which the criteria say nothing.
    """
    if not 0 < prevalence < 1:
        raise DataError("prevalence", f"must lie between 0 and 1, got {prevalence:g}")
    if parameters < 1:
        raise DataError("parameters", f"must be at least 1, got {parameters}")
    most = highest_r2(prevalence)
    if not 0 < r2 < most:  # which is 0.75 at most
        raise DataError("r2", f"must lie between 0 and {most:.3f} at this share, got {r2:g}")

    def shrunk_to(shrinkage: float) -> int:
        return math.ceil(parameters / ((shrinkage - 1) * math.log(1 - r2 / shrinkage)))

    return SampleSize(
        shrunk_to(SHRINKAGE),
        shrunk_to(r2 / (r2 + OPTIMISM * most)),
        math.ceil((_Z / MARGIN) ** 2 * prevalence * (1 - prevalence)),
    )


def predictor_parameters(model: HeartModel) -> int:
    """What a logistic regression on the same fields would fit: 1 a number, codes - 1 a category."""
    return sum(
        1 if isinstance(column, NumericalColumn) else len(column.codes) - 1
        for column in model.preprocessor.columns
    )


def heart_sample_size(model: HeartModel) -> dict[str, Any]:
    """What the criteria ask of the heart model, with the R2 of its own out-of-fold record.

    Returns:
        `patients`; `parameters`; `r2` {`value`, `low`, `high`}, Cox-Snell's, from the out-of-fold
        log loss; `highest_r2`; `criteria` {`shrinkage`, `optimism`, `overall_risk`} and the
        greatest of them, `needed`; `needed_at_low` at the lower end of `r2`; `network_parameters`
        of one member, and `needed_by_network` if each of them counted. None where the criteria
        say nothing, as for a model no better than the share of patients with disease.
    """
    record = model.artifact.metadata.evaluation["out_of_fold"]
    prevalence = float(np.mean(record["labels"]))
    parameters = predictor_parameters(model)
    network = model.artifact.network.parameter_count
    loss, most = record["metrics"]["log_loss"], highest_r2(prevalence)
    r2 = {
        end: 1 - (1 - most) * math.exp(2 * loss[other])
        for end, other in (("value", "value"), ("low", "high"), ("high", "low"))
    }

    def ask(value: float, count: int) -> SampleSize | None:
        try:
            return minimum_sample_size(value, count, prevalence)
        except DataError:
            return None

    own = ask(r2["value"], parameters)
    at_low, by_network = ask(r2["low"], parameters), ask(r2["value"], network)
    return {
        "patients": len(record["labels"]),
        "parameters": parameters,
        "r2": r2,
        "highest_r2": most,
        "criteria": own and dict(vars(own)),
        "needed": own and own.needed,
        "needed_at_low": at_low and at_low.needed,
        "network_parameters": network,
        "needed_by_network": by_network and by_network.needed,
    }


def describe_sample_size(model: HeartModel) -> list[str]:
    """What the criteria ask for, and what the study has, in sentences."""
    size = heart_sample_size(model)
    r2, by, low = size["r2"], size["criteria"], size["needed_at_low"]
    if by is None:
        return [
            f"{size['patients']} patients. Riley's criteria say nothing for a model whose "
            f"Cox-Snell R2 is {r2['value']:.2f} out of fold."
        ]
    doubt = "" if low is None else f" ({low:,} at the low end of that R2's interval)"
    sentences = [
        f"{size['patients']} patients. Riley's criteria (Riley et al. 2019, Stat Med 38:1276; "
        f"2020, BMJ 368:m441) ask for {size['needed']:,}{doubt} to fit a logistic regression "
        f"without a penalty to these fields, {size['parameters']} parameters: "
        f"{by['shrinkage']:,} for a shrinkage of {SHRINKAGE:g}, {by['optimism']:,} for an optimism "
        f"in Nagelkerke's R2 of at most {OPTIMISM:g}, {by['overall_risk']:,} for the overall risk "
        f"within {MARGIN:g}. The Cox-Snell R2 is that of the out-of-fold record, "
        f"{bounded(r2, 2)}."
    ]
    if size["needed_by_network"] is not None:
        gap = model.artifact.metadata.evaluation["out_of_fold"]["logistic_regression"]
        loss = gap["difference"]["log_loss"]
        level = loss["low"] <= 0 <= loss["high"]
        sentences.append(
            f"Counted like a regression's, the {size['network_parameters']:,} parameters of one "
            f"network would ask for {size['needed_by_network']:,}. They can't be counted so: "
            "dropout and L2 hold them back"
            + (", and out of fold it can't be told from a regression." if level else ".")
        )
    return sentences
