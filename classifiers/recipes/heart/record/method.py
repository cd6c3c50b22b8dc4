"""How the heart model was made, in sentences: where settings are from, what the interval covers."""

from collections.abc import Mapping
from typing import Any

from classifiers.recipes.heart.experiments.splits import LESSON
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import bounded, counted, listed, percent


def describe_choices(model: HeartModel) -> str:
    """Every setting with where it is from: the lesson's where it is equal, else the contract's."""
    network, training = model.artifact.metadata.network, model.artifact.metadata.training
    lesson, lessons = LESSON.network, LESSON.training
    settings = [
        ("hidden layers", list(network.widths), list(lesson.widths)),
        ("activation", network.activation, lesson.activation),
        ("optimiser", training.optimizer, lessons.optimizer),
        ("learning rate", training.learning_rate, lessons.learning_rate),
        ("dropout", network.dropout, lesson.dropout),
        ("L2", training.l2, lessons.l2),
        ("epochs", training.epochs, lessons.epochs),
        ("rows a step", training.batch_size or "all", lessons.batch_size or "all"),
    ]
    same = [f"{name} {ours}" for name, ours, theirs in settings if ours == theirs]
    other = [f"{name} {ours} ({theirs})" for name, ours, theirs in settings if ours != theirs]
    text = f"From the lesson that the model was made for: {listed([*same, 'the seed'])}."
    if other:
        text += (
            f" From this project's own contract, the lesson's in brackets: {listed(other)}. "
            "Categories are one-hot encoded, where the lesson takes codes as amounts."
        )
    return f"{text} Nothing was chosen on the patients that are reported."


def describe_interval(record: Mapping[str, Any] | None) -> str:
    """What the interval covers, and what it does not."""
    text = (
        "It is for the risk given what is known of the patient, at this clinic: it covers the "
        "chance of which patients were studied, and of training. It does not cover another "
        "hospital, or another kind of model."
    )
    if not record:
        return text
    text += f" The spread of the refits is widened by {record['factor']:g} on the scale of log odds"
    if slope := record.get("slope"):
        text += (
            ", and for all of them being too timid or too bold alike: the slope of the log odds "
            f"has a standard deviation of {slope:g}"
        )
    runs = record.get("simulation")
    if not runs:
        return f"{text}."
    held, middle, bare = (
        sorted(values)
        for values in (
            [run["coverage"]["value"] for run in runs],
            [run["middle_coverage"]["value"] for run in runs],
            [run["unwidened_coverage"] for run in runs],
        )
    )
    return (
        f"{text}: in simulated cohorts, where the true risks are known, it held these in "
        f"{percent(middle[0])} to {percent(middle[-1])} of new patients whose risk leaves the "
        "decision open, as they were simulated and with fields known or hidden "
        f"({counted(len(runs), 'setting')}), and in {percent(held[0])} to {percent(held[-1])} of "
        "all. "
        f"The refits alone held {percent(bare[0])} to {percent(bare[-1])}."
    )


def describe_known_fields(evaluation: Mapping[str, Any]) -> list[list[str]]:
    """What the risk is worth by what is known of a patient, out of fold: the rows of a table.

    Each holds what is known, the AUC, the log loss, and its difference from a logistic regression
    refitted on the known fields. No rows where it was not measured.
    """
    return [
        [
            pattern["title"],
            bounded(pattern["metrics"]["auc"]),
            bounded(pattern["metrics"]["log_loss"]),
            bounded(pattern["logistic_regression"]["difference"]["log_loss"]),
        ]
        for pattern in evaluation.get("patterns", [])
    ]


def describe_importance(evaluation: Mapping[str, Any]) -> list[list[str]]:
    """What the model uses, largest first: the rows of a table; none where it was not measured.

    Each holds a field, its mean absolute Shapley value in log odds, and the AUC that is lost out
    of fold when the field is hidden from everybody.
    """
    importance = evaluation.get("importance") or {"fields": []}
    return [
        [f"`{about['field']}`", bounded(about["shapley"], 2), bounded(about["auc_loss"])]
        for about in importance["fields"]
    ]


def describe_least_known(evaluation: Mapping[str, Any]) -> str:
    """Below how much knowledge there is no decision; nothing where there is no such rule."""
    rule = evaluation.get("decision_rule")
    if not rule:
        return ""
    return (
        f" Where the known fields hold less than {rule['least_known']:g} of what moves the log "
        "odds there is a risk and no decision: over random sets of fields that share goes with "
        f"the AUC out of fold (rank correlation {rule['rank_correlation']:.2f})."
    )


def describe_test_sets(sets: Mapping[str, Any]) -> list[list[str]]:
    """`random_test_sets` as the rows of a table: measure, central 95 %, held out, as good."""
    return [
        [
            label,
            f"{place['low']:.3f} to {place['high']:.3f}",
            f"{place['held_out']:.3f}",
            percent(place["share"]),
        ]
        for label, place in (("AUC", sets["auc"]), ("Accuracy at 0.5", sets["accuracy"]))
    ]
