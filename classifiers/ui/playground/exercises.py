"""The lesson's exercises in the page: one click sets them up, runs them, and says what came out."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from classifiers.recipes.exercises import exercises
from classifiers.recipes.playground.exercises import PlaygroundExercise
from classifiers.recipes.playground.result import Result
from classifiers.ui.film.message import Show, stopped_message
from classifiers.ui.film.player import film_player
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.markup import markdown
from classifiers.ui.playground.controls import describe_config
from classifiers.ui.playground.report import html_panel, list_findings

_TAKE = """(text) => {
  if (!text) return;
  const config = JSON.parse(text);
  window.dispatchEvent(new CustomEvent('playground-config', { detail: { config } }));
  document.querySelector('#playground-stage')?.scrollIntoView({ block: 'start' });
}"""
_BACK = """() => {
  window.dispatchEvent(new CustomEvent('playground-config', { detail: { config: null } }));
}"""


def build_exercise_panel(training: dict[str, Any]) -> None:
    """A button an exercise; its runs side by side; the finding; its settings, to be taken.

    Args:
        training: keyword arguments of listeners that train.
    """
    with gr.Accordion("Exercises of the lesson", open=False, elem_id="exercises"):
        markdown(
            "One click sets an exercise up, trains five networks of each kind, and "
            "answers in numbers.",
            container=False,
        )
        with gr.Row(elem_classes="tight"):
            buttons = {
                key: gr.Button(
                    exercise.title if exercise.number is None
                    else f"{exercise.number}. {exercise.title}",
                    size="sm", min_width=180, elem_id=f"exercise-{key}",
                )
                for key, exercise in exercises().items()
                if isinstance(exercise, PlaygroundExercise)
            }  # fmt: skip
            stop = gr.Button(
                "Stop", size="sm", min_width=80, elem_id="exercise-stop", elem_classes="quiet"
            )
        findings = html_panel("exercise-findings")
        player = film_player("exercise-film")
        settings = gr.Textbox(visible="hidden")
        with gr.Row(elem_classes="tight"):
            take = gr.Button(
                "Take these settings into the playground", size="sm", elem_id="exercise-take"
            )
            back = gr.Button("Back to mine", size="sm", elem_id="exercise-back")
        take.click(None, settings, None, js=_TAKE, api_visibility="private")
        back.click(None, None, None, js=_BACK, api_visibility="private")
        running: list[Any] = [
            button.click(takes_turns(_runner(key)), None, [player, findings, settings], **training)
            for key, button in buttons.items()
        ]
        for button, own in zip(buttons.values(), running, strict=True):
            others = [run for run in running if run is not own]
            button.click(None, cancels=others, api_visibility="private")
        stop.click(stopped_message, None, player, cancels=running, api_visibility="private")


def _runner(key: str) -> Callable[[], Iterator[Any]]:
    @speaks_plainly
    def run() -> Iterator[Any]:
        exercise = exercises()[key]
        if not isinstance(exercise, PlaygroundExercise):
            raise TypeError(f"exercise {key} has no film")  # the panel lists only those that do
        names = list(exercise.settings)
        question = list_findings(exercise.title, exercise.asked, exercise.ran, [])
        yield exercise.expected
        last = json.dumps(exercise.settings[names[-1]].to_dict())
        yield [gr.skip(), question, last]
        show = Show(names, view=exercise.view)
        results: dict[str, Result] = {}
        for name, update in exercise.stream():
            settings = describe_config(exercise.settings[name])
            show.take(update, names.index(name), settings)
            if update.result is not None:
                results[name] = update.result
            yield [show.message(), question, gr.skip()] if show.due() else None
        told = exercise.report(results)
        answer = list_findings(told["title"], told["asked"], told["ran"], told["findings"])
        yield [show.message("done"), answer, gr.skip()]
        # Gradio sends the last value of a stream twice: let that be a small one.
        yield [gr.skip() for _ in range(3)]

    return run
