"""The lesson's panel: it asks for a question when a step is opened, and for what was measured when
an answer was committed to. What the visitor said stays in the browser."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import gradio as gr

from classifiers.config import PlaygroundConfig
from classifiers.errors import ClassifiersError
from classifiers.recipes.guide import GOALS, Sources, Step, answer, question, step, steps
from classifiers.recipes.guide.step import Computed
from classifiers.ui.film.message import still_of
from classifiers.ui.heavy import takes_turns
from classifiers.ui.models import Served, from_weights
from classifiers.ui.parts.events import LIGHT, RUN, said
from classifiers.ui.static import asset, module

_sequence = itertools.count()


def sources(served: Callable[[], Served]) -> Sources:
    """What steps read: the models and records that the page shows."""
    return Sources(lambda: served().heart, lambda: from_weights(lambda folder: folder, "capstone"))


def on_own(reads: Sources, config: Any) -> Sources:
    """The same, with the settings of a run whose network is the learner's own, if there are any.

    Raises:
        ConfigError: they are no settings of a playground's run.
    """
    return replace(reads, own=None if config is None else PlaygroundConfig.parse(config))


def build_guide(served: Callable[[], Served]) -> None:
    """The panel. Call it inside `gr.Blocks`, above the tabs."""
    reads = sources(served)
    panel = gr.HTML(
        html_template=asset("guide/guide.html"),
        js_on_load=module(
            "guide/panel.js",
            watched=("value", "told"),
            events=("look", "commit"),
            steps=[
                {"key": each.key, "tab": each.tab, "title": each.title, "core": each.core}
                for each in steps().values()
            ],
            goals=GOALS,
        ),
        told="",
        apply_default_css=False,
        elem_id="guide",
        elem_classes="edge-to-edge",
    )
    each: dict[str, Any] = {"trigger_mode": "multiple"}

    def look(event: gr.EventData) -> Any:
        asked = said(event)
        try:
            return gr.update(value=_pack(asked, _question(step(asked.get("key")), reads)))
        except ClassifiersError as error:
            return gr.update(value=_pack(asked, {"error": str(error)}))

    def commit(event: gr.EventData) -> Iterator[Any]:
        asked = said(event)
        try:
            about = on_own(reads, asked.get("own"))
            for news in answer(step(asked.get("key")), asked.get("option"), about):
                done = isinstance(news, Mapping)
                yield gr.update(told=_pack(asked, news)) if done else news
        except ClassifiersError as error:
            yield gr.update(told=_pack(asked, {"error": str(error)}))

    def full(error: ClassifiersError, event: gr.EventData) -> Any:
        return gr.update(told=_pack(said(event), {"error": str(error)}))

    panel.look(look, None, panel, **each, **LIGHT)
    panel.commit(takes_turns(commit, refused=full), None, panel, **each, **RUN)


def _question(asked: Step, reads: Sources) -> dict[str, Any]:
    """What the page shows of a step that is opened, with its picture if it is answered in one."""
    picture = asked.picture
    if picture is None:
        return question(asked, reads)
    assert isinstance(asked.measure, Computed)
    told = {"view": picture.view, **still_of(picture.result(asked.measure.known(reads)))}
    return {**question(asked, reads), "picture": told}


def _pack(asked: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """`n` is the page's number of the question; no two values may be equal."""
    number = asked.get("n")
    body = {**told, "n": number if isinstance(number, int) else None, "sequence": next(_sequence)}
    return json.dumps(body, separators=(",", ":"), allow_nan=False)
