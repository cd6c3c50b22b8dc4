"""The playground tab: the stage with its live run, and what can be done with runs.

Everything here serves the page only: scripts use `/train_playground` and `/run_exercise`.
"""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError, ConfigError
from classifiers.ui.film.player import film_compare
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.events import PRIVATE, RUN
from classifiers.ui.parts.opening import Opening
from classifiers.ui.parts.stopped import SECONDS_KEPT
from classifiers.ui.playground.exercises import build_exercise_panel
from classifiers.ui.playground.live import PausableRun
from classifiers.ui.playground.points import PointsUpload
from classifiers.ui.playground.stage import (
    answer,
    pack,
    read,
    said,
    scene_of,
    stage,
    wrong,
)
from classifiers.ui.playground.stage import (
    opening as opening_of,
)

# A class that sets up its runs together waits in a line of its own.
LIGHT: dict[str, Any] = {**PRIVATE, "concurrency_id": "playground-light", "concurrency_limit": 4}
_TELL_POINTS = """(text) => {
  const points = text.trim().split('\\n').filter(Boolean).map((row) => row.split(',').map(Number));
  window.dispatchEvent(new CustomEvent('playground-points', { detail: points }));
}"""


def build_playground_tab(opening: Opening) -> None:
    """Fills the tab and registers its events. Call it inside `gr.Blocks` and `gr.Tab`."""
    page = stage("playground-stage")
    upload = PointsUpload.build()
    points = gr.Textbox(visible="hidden")
    with gr.Column() as exercises:
        build_exercise_panel(RUN)
    with gr.Column() as more, gr.Accordion("Compare two runs", open=False, elem_id="compare"):
        film_compare("playground-compare")
    run = gr.State(None, time_to_live=SECONDS_KEPT)
    each: dict[str, Any] = {"trigger_mode": "multiple"}
    page.ask(_ask, run, page, **each, **LIGHT)
    running = [
        page.play(takes_turns(_play), run, [page, run], **each, **RUN),
        page.step(takes_turns(_step), run, [page, run], **each, **RUN),
    ]
    page.halt(_halt, run, page, cancels=running, **each, **LIGHT)
    page.change(_change, run, page, **each, **LIGHT)
    for read_file in upload.listen(points, LIGHT):
        read_file.success(None, points, None, js=_TELL_POINTS, api_visibility="private")

    def fill(request: gr.Request) -> list[Any]:
        told, hidden = opening_of(dict(request.query_params))
        shown = [gr.update(visible=name not in hidden) for name in ("exercises", "more")]
        return [gr.update(answer=told), *shown]

    opening.add(fill, [], [page, exercises, more])


# Listeners. Each checks what it is sent, as anyone may call it.


@speaks_plainly
def _ask(run: Any, event: gr.EventData) -> Any:
    def weights() -> str:
        if not isinstance(run, PausableRun):
            raise ConfigError("weights", "there are none yet; press Play first")
        return run.weights()

    return gr.update(answer=answer(said(event), weights))


def _run_of(run: Any, asked: dict[str, Any]) -> PausableRun:
    """The run that is gone on with, or a new one."""
    config = read(asked)
    if isinstance(run, PausableRun) and asked.get("anew") is not True and run.claim(config):
        return run
    return PausableRun(config, scene_of(config))


def _play(run: Any, event: gr.EventData) -> Iterator[Any]:
    try:
        run = _run_of(run, said(event))
        for news in run.messages():
            if isinstance(news, tuple):
                yield [gr.update(value=news[0]), run]
            else:
                yield news
    except ClassifiersError as error:
        yield [gr.update(answer=pack({"wrong": wrong(error)})), gr.skip()]
    # Gradio sends the last value of a stream twice: let that be a small one.
    yield [gr.skip(), gr.skip()]


def _step(run: Any, event: gr.EventData) -> Iterator[Any]:
    yield from _play(run, event)


def _halt(run: Any) -> Any:
    return gr.skip()


def _change(run: Any, event: gr.EventData) -> Any:
    return gr.skip()
