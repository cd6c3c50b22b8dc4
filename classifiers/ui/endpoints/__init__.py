"""The public endpoints: JSON in, JSON out, each checking its own arguments.

What is said of a parameter, and its type hints, become the schema that clients see; neither is
enforced, so nothing here trusts them.
"""

from collections.abc import Callable
from typing import Any

from classifiers.ui.endpoints import parameters as told
from classifiers.ui.endpoints.lesson import about_lesson, lesson_parameters
from classifiers.ui.endpoints.models import about_models
from classifiers.ui.endpoints.patients import about_patients, tables
from classifiers.ui.endpoints.runs import compare_capstone, run_exercise, sweep, train_playground
from classifiers.ui.gradio_internals.described import add_endpoint
from classifiers.ui.heavy import HEAVY, takes_turns
from classifiers.ui.models import Served

_LIGHT: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "light"}
_TABLE: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "batch"}


def register(served: Callable[[], Served]) -> None:
    """Adds every endpoint to the Blocks in whose context it is called.

    An MCP tool is named after its function, which so has the endpoint's name.
    """
    predict_heart, explain_heart, predict_heart_rows = about_patients(served)
    heart_report, model_info = about_models(served)
    predict_heart_batch, describe_heart_table = tables(served)
    add_endpoint(predict_heart, told.PATIENT, **_LIGHT)
    add_endpoint(explain_heart, told.PATIENT, **_LIGHT)
    add_endpoint(heart_report, told.THRESHOLD | told.COSTS, **_LIGHT)
    add_endpoint(model_info, told.DETAIL, **_LIGHT)
    add_endpoint(predict_heart_rows, told.ROWS, **_TABLE)
    reading = told.FILE | told.THRESHOLD | told.READING
    add_endpoint(predict_heart_batch, reading | told.FORMAT, **_TABLE)
    add_endpoint(describe_heart_table, reading, **_TABLE)
    add_endpoint(takes_turns(train_playground), told.PLAYGROUND, **HEAVY)
    add_endpoint(takes_turns(compare_capstone, long=True), told.CAPSTONE, **HEAVY)
    add_endpoint(takes_turns(sweep, long=True), told.SWEEP, **HEAVY)
    add_endpoint(takes_turns(run_exercise), told.exercise_parameter(), **HEAVY)
    add_endpoint(takes_turns(about_lesson(served)), lesson_parameters(), **HEAVY)
