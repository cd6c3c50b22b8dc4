"""How the heart model was made, in sentences: where settings are from, what the interval covers."""

from collections.abc import Mapping
from typing import Any

from classifiers.recipes.heart.experiments.splits import LESSON
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import listed, percent


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
    held = [float(run["coverage"]) for run in record.get("simulation", []) if "coverage" in run]
    if not held:
        return f"{text}."
    return (
        f"{text}: in {len(held)} settings of simulated cohorts, where the true risks are known, it "
        f"then held them in {percent(min(held))} to {percent(max(held))} of patients."
    )
