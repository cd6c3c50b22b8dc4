"""The stage: one component that holds settings, network, picture and run; and its answers to the
page's questions.

Its value is a message about the run. What it asks comes back in `answer`: one question at a time,
each with its number, so that an answer to an older one is known as such.
"""

import itertools
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from classifiers.config import PlaygroundConfig, TrainingConfig
from classifiers.data.synthetic import Extent, extent
from classifiers.errors import ClassifiersError
from classifiers.recipes.playground.code import to_script
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.ui.film.message import Show
from classifiers.ui.playground.errors import sentence, wrong
from classifiers.ui.playground.fields import page_settings
from classifiers.ui.playground.link import SECTIONS, from_query, names_settings, to_query
from classifiers.ui.playground.words import describe_config, title_of
from classifiers.ui.static import asset, later, module

_MOST_SEARCH = 100_000  # characters
_SKETCH_BOX = Extent(-6.0, 6.0, -6.0, 6.0)
_sequence = itertools.count()


def stage(elem_id: str) -> gr.HTML:
    """The component. Its events: ask, play, halt, step, alter.

    None is called `change`: Gradio fires that by itself whenever a value arrives.
    """
    return gr.HTML(
        html_template=asset("playground/stage.html"),
        js_on_load=module(
            "playground/stage.js",
            watched=("value", "answer"),
            events=("ask", "play", "halt", "step", "alter"),
            space=_space(),
            later=later(),
            **page_settings(),
        ),
        # What most pages open with is a part of them: nobody waits for an answer to see it.
        answer=pack({**look(PlaygroundConfig()), "hidden": [], "built": True}),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="edge-to-edge",
    )


def _space() -> str:
    """The Space that serves this app, as owner/name; empty elsewhere. Links lead to its page."""
    space = os.environ.get("SPACE_ID", "")
    return space if re.fullmatch(r"[\w.-]+/[\w.-]+", space) else ""


def pack(told: Mapping[str, Any]) -> str:
    """No two are equal, or the page would not see the second."""
    return json.dumps({**told, "sequence": next(_sequence)}, allow_nan=False, separators=(",", ":"))


def read(asked: Mapping[str, Any]) -> PlaygroundConfig:
    """The config of a question.

    Raises:
        ConfigError: names the setting.
    """
    return PlaygroundConfig.parse(asked.get("config"))


def answer(
    asked: Mapping[str, Any], weights: Callable[[], str], ran: PlaygroundConfig | None
) -> str:
    """`kind`: look, code, weights, or link with its `search`; `n`, `config`, `preview`, `hide`.

    `ran`: asked about the run as it is, with all that was changed while it ran.
    """
    number = asked.get("n")
    told: dict[str, Any] = {"n": number if isinstance(number, int) else None}
    try:
        if asked.get("kind") == "weights":
            told["weights"] = weights()
            return pack(told)
        if asked.get("kind") == "link":
            search = str(asked.get("search") or "")[:_MOST_SEARCH].removeprefix("?")
            config, _ = from_query(dict(parse_qsl(search, keep_blank_values=True)))
            return pack({**told, **look(config)})
        config = ran if ran is not None and asked.get("ran") is True else read(asked)
        if asked.get("kind") == "code":
            told["code"] = to_script(config)
        else:
            told |= look(config, asked.get("hide"), preview=asked.get("preview") is not False)
    except ClassifiersError as error:
        told["wrong"] = wrong(error)
    return pack(told)


def look(config: PlaygroundConfig, hide: Any = (), *, preview: bool = True) -> dict[str, Any]:
    """A config as the page shows it before anything is trained: data and first weights."""
    hidden = [name for name in SECTIONS if isinstance(hide, list) and name in hide]
    told: dict[str, Any] = {"config": config.to_dict(), "query": to_query(config, hidden)}
    if preview:
        show = Show([title_of(config)])
        show.take(untrained(config), settings=describe_config(config))
        told["preview"] = json.loads(show.message("preview"))
    return told


def opening(query: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """What the page opens with, and the sections that a link hides. None: what it was built with.

    A link that cannot be read gives the usual page, and says what is wrong with it.
    """
    if not names_settings(query):
        return None, []
    try:
        config, hidden = from_query(query)
        told = look(config, hidden)
    except ClassifiersError as error:
        config, hidden = PlaygroundConfig(), []
        problem = f"The link could not be used. {sentence(error)}"
        told = {**look(config), "told": problem}
    return pack({**told, "hidden": hidden}), hidden


@lru_cache(maxsize=16)
def untrained(config: PlaygroundConfig) -> Update:
    """The first picture, which most who open the page see."""
    return next(run_playground(config, weights=True, scene=scene_of(config)))


def scene_of(config: PlaygroundConfig) -> Scene:
    """The data as it is drawn and split; a class that trains on the same points shares them."""
    training = config.training
    kept = TrainingConfig(test_share=training.test_share, early_stopping=training.early_stopping)
    return _drawn(PlaygroundConfig(dataset=config.dataset, training=kept)).with_config(config)


@lru_cache(maxsize=32)
def _drawn(config: PlaygroundConfig) -> Scene:
    """Own points are drawn in a box that does not move under the pen."""
    if config.dataset.name != "points":
        return build_scene(config)
    around = extent([point[:2] for point in config.dataset.points])
    low = [min(a, b) for a, b in zip(around, _SKETCH_BOX, strict=True)]
    high = [max(a, b) for a, b in zip(around, _SKETCH_BOX, strict=True)]
    return build_scene(config, box=Extent(low[0], high[1], low[2], high[3]))
