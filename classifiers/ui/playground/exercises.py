"""The lesson's exercises in the page: one click runs one beside the stage, and says what came out.

The page draws them into its own card; the component here only carries what is asked and answered.
"""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from classifiers.errors import ConfigError
from classifiers.recipes.exercises import exercises
from classifiers.recipes.playground.exercises import PlaygroundExercise
from classifiers.recipes.playground.result import Result
from classifiers.ui.film.message import Show
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.events import LIGHT, said
from classifiers.ui.parts.presses import Presses, press_of
from classifiers.ui.playground.words import describe_config
from classifiers.ui.static import module

_presses = Presses()


def build_exercises(training: dict[str, Any]) -> None:
    """The channel between the card and Python. Its events: run one, and leave one's last press.

    Args:
        training: keyword arguments of listeners that train.
    """
    channel = gr.HTML(
        html_template="<span></span>",
        js_on_load=module(
            "playground/exercises/card.js",
            events=("run", "leave"),
            exercises=[_describe(exercise) for exercise in _shown().values()],
        ),
        apply_default_css=False,
        elem_id="exercise-channel",
    )
    many: dict[str, Any] = {"trigger_mode": "multiple"}
    channel.run(takes_turns(_run), None, channel, **many, **training)
    channel.leave(_leave, None, None, **many, **LIGHT)


def _shown() -> dict[str, PlaygroundExercise]:
    return {
        key: found for key, found in exercises().items() if isinstance(found, PlaygroundExercise)
    }


def _describe(exercise: PlaygroundExercise) -> dict[str, Any]:
    """What the card shows before anything is run, as JSON types."""
    view = "classes" if exercise.view == "labels" else exercise.view
    runs = [
        {"name": name, "config": config.to_dict()} for name, config in exercise.settings.items()
    ]
    return {**exercise.describe(), "view": view, "runs": runs}


def _leave(event: gr.EventData) -> None:
    _presses.leave(*press_of(said(event)))


@speaks_plainly
def _run(event: gr.EventData) -> Iterator[Any]:
    asked = said(event)
    key = str(asked.get("key"))[:40]
    exercise = _shown().get(key)
    if exercise is None:
        raise ConfigError("Exercise", f"must be one of the list, got {key!r}; pick one there")
    yield exercise.expected
    names = list(exercise.settings)
    show = Show(names, key=key)
    results: dict[str, Result] = {}
    for name, update in exercise.stream(weights=True):
        if _presses.is_left(*press_of(asked)):
            return
        show.take(update, names.index(name), describe_config(exercise.settings[name]))
        if update.result is not None:
            results[name] = update.result
        yield show.message() if show.due() else None
    findings = list(exercise.conclude(results))
    yield show.message("done", findings=findings)
    # Gradio sends the last value of a stream twice: let that be a small one.
    yield gr.skip()
