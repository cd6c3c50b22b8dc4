"""All that the page and the endpoints do with a model, done once before anybody asks.

A model can pass every check of its files and lack what is shown of it. What is raised here keeps
it from being served.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from classifiers.artifacts import METADATA_FILE, TRAIN_AGAIN
from classifiers.errors import ArtifactError, without_folders
from classifiers.recipes.heart.card import render_card
from classifiers.recipes.heart.exercises import EXERCISES
from classifiers.recipes.heart.experiments.group_rows import groups_picture
from classifiers.recipes.heart.experiments.rows import lessons_picture
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.recipes.heart.record.page import record_page
from classifiers.recipes.heart.report import heart_report
from classifiers.ui.heart.explorer import show_table, weigh
from classifiers.ui.heart.importance import show_importance
from classifiers.ui.heart.patient.form import Asked
from classifiers.ui.heart.patient.result import show_prediction
from classifiers.ui.heart.why import show_explanation
from classifiers.ui.models import Served


def rehearse(model: HeartModel) -> None:
    """Shows everything of a model to nobody.

    Raises:
        ArtifactError: says what cannot be shown, and why.
    """
    served = Served("rehearsal", model)
    metadata = model.artifact.metadata
    patients = SAMPLE_PATIENTS.values()
    acts: dict[str, Callable[[], Any]] = {
        "its metadata": metadata.to_dict,
        "its card": lambda: render_card(model),
        "its record": lambda: _drawn(json.dumps(record_page(model))),
        "its report": lambda: heart_report(model),
        "the threshold explorer": lambda: [
            _drawn(show_table(model)),
            _drawn(weigh(model, None, None)),
        ],
        "a prediction": lambda: [show_prediction(served, Asked(patient=p)) for p in patients],
        "an explanation": lambda: show_explanation(model, next(iter(patients))),
        "what it uses": lambda: show_importance(model),
    }
    exercises = {f"exercise {item.key}": item for item in EXERCISES}
    if metadata.evaluation.get("experiments"):
        acts["its lessons"] = lambda: _drawn(
            json.dumps([lessons_picture(model), groups_picture(model)])
        )
    else:  # it was not measured, and says so where it would be
        del exercises["exercise 11"]
    acts |= {name: partial(item.run, model) for name, item in exercises.items()}
    for name, act in acts.items():
        try:
            # As it would be sent: no number too large, no half of a character.
            orjson.dumps(act(), option=orjson.OPT_SERIALIZE_NUMPY)
        except ArtifactError as error:
            raise ArtifactError(
                without_folders(error.field), without_folders(error.message)
            ) from None
        except Exception as error:
            reason = without_folders(repr(error))[:200]
            raise ArtifactError(
                METADATA_FILE, f"{name} cannot be shown ({reason}); {TRAIN_AGAIN}"
            ) from None


def _drawn(text: str) -> Any:
    """What the page's JavaScript, which knows no NaN, reads in a JSON text."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number")

    return json.loads(text, parse_constant=refuse)
