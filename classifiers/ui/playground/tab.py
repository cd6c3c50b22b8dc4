"""The playground tab: its stage, and the listeners that ask, play, step, halt and change a run.

Everything here serves the page only: scripts use `/train_playground` and `/run_exercise`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError, ConfigError
from classifiers.ui.film.player import film_compare
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.events import PRIVATE, RUN, said
from classifiers.ui.parts.opening import Opening
from classifiers.ui.parts.stopped import SECONDS_KEPT
from classifiers.ui.playground.errors import wrong
from classifiers.ui.playground.exercises import build_exercises
from classifiers.ui.playground.link import to_query
from classifiers.ui.playground.play import PlayedRun
from classifiers.ui.playground.points import PointsUpload
from classifiers.ui.playground.stage import (
    answer,
    pack,
    read,
    scene_of,
    stage,
)
from classifiers.ui.playground.stage import (
    opening as opening_of,
)
from classifiers.ui.playground.trained import Trained

_PACE = ("speed", "until", "press")
_LONGEST_NAME = 60  # of a run, as the page calls it
# A class that sets up its runs together waits in a line of its own.
LIGHT: dict[str, Any] = {**PRIVATE, "concurrency_id": "playground-light", "concurrency_limit": 4}
_TELL_POINTS = """(text) => text && window.dispatchEvent(
  new CustomEvent('playground-points', { detail: JSON.parse(text) }))"""


def build_playground_tab(opening: Opening) -> None:
    """Fills the tab and registers its events. Call it inside `gr.Blocks` and `gr.Tab`."""
    page = stage("playground-stage")
    upload = PointsUpload.build()
    points = gr.Textbox(visible="hidden")
    build_exercises(RUN)
    with gr.Column() as more, gr.Accordion("Compare two runs", open=False, elem_id="compare"):
        film_compare("playground-compare")
    run, trained = gr.State(None, time_to_live=SECONDS_KEPT), gr.State(None)
    each: dict[str, Any] = {"trigger_mode": "multiple"}
    page.ask(_ask, [run, trained], page, **each, **LIGHT)
    outputs = [page, run, trained]
    page.play(takes_turns(_play), run, outputs, **each, **RUN)
    page.step(takes_turns(_step), run, outputs, **each, **RUN)
    page.halt(_halt, None, None, **each, **LIGHT)
    page.alter(_change, run, page, **each, **LIGHT)
    for read_file in upload.listen(points, LIGHT):
        read_file.success(None, points, None, js=_TELL_POINTS, api_visibility="private")

    def fill(request: gr.Request) -> list[Any]:
        told, hidden = opening_of(dict(request.query_params))
        more_shown = gr.update(visible="more" not in hidden)
        return [gr.skip() if told is None else gr.update(answer=told), more_shown]

    opening.add(fill, [], [page, more])


# Listeners. Each checks what it is sent, as anyone may call it.


@speaks_plainly
def _ask(run: Any, trained: Any, event: gr.EventData) -> Any:
    def weights() -> str:
        if not isinstance(trained, Trained):
            raise ConfigError("weights", "are not there yet; press Play first, then pause")
        return trained.weights()

    ran = run.config if isinstance(run, PlayedRun) else None
    return gr.update(answer=answer(said(event), weights, ran))


def _play(run: Any, event: gr.EventData) -> Iterator[Any]:
    asked = said(event)
    pace: dict[str, Any] = {name: value for name in _PACE if _is_positive(value := asked.get(name))}
    yield from _told(run, asked, lambda own: own.play(**pace))


def _is_positive(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value < 1e9


def _step(run: Any, event: gr.EventData) -> Iterator[Any]:
    yield from _told(run, said(event), lambda own: own.step())


def _halt(event: gr.EventData) -> None:
    """Without an answer of its own: what plays says how it ends."""
    PlayedRun.halt(said(event).get("run"), said(event).get("press"))


def _told(
    run: Any, asked: dict[str, Any], drive: Callable[[PlayedRun], Iterator[Any]]
) -> Iterator[Any]:
    """What a run says while it is driven, as outputs; what only the turns look at, as it is."""
    try:
        name = asked.get("run")
        if not isinstance(run, PlayedRun) or name not in (None, run.name):
            config = read(asked)
            run = PlayedRun(config, scene_of(config), str(name)[:_LONGEST_NAME] if name else None)
        for news in drive(run):
            if not isinstance(news, tuple):
                yield news
                continue
            message, result = news
            if result is None:
                yield [gr.update(value=message), run, gr.skip()]
            else:
                yield [gr.update(value=_reached(run, message)), run, Trained.of(result)]
    except ClassifiersError as error:
        yield [gr.update(answer=pack({"wrong": wrong(error)})), gr.skip(), gr.skip()]
    # Gradio sends the last value of a stream twice: let that be a small one.
    yield [gr.skip() for _ in range(3)]


def _reached(run: PlayedRun, message: str) -> str:
    """A message with what repeats the run as it is: the page's address. Not beside it as an answer:
    of two answers in one moment the page sees the last, and a question would wait for ever."""
    return f'{message[:-1]},"query":{json.dumps(to_query(run.config))}}}'


@speaks_plainly
def _change(run: Any, event: gr.EventData) -> Any:
    values = said(event).get("values")
    if not isinstance(run, PlayedRun) or not isinstance(values, dict):
        return gr.skip()
    try:
        changes = {str(path)[:80].rpartition(".")[2]: value for path, value in values.items()}
        message = run.change(changes)
    except ClassifiersError as error:
        return gr.update(answer=pack({"wrong": wrong(error), "refused": True}))
    return gr.skip() if message is None else gr.update(value=_reached(run, message))
