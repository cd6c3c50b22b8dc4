"""The capstone tab: networks too small, too big, about right, in one world after another."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from classifiers.config import CapstoneConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.capstone.code import to_script
from classifiers.recipes.capstone.worlds.live import WorldRun
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.rule import RULES
from classifiers.turns import Together
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.capstone.sweep import build_sweeps
from classifiers.ui.capstone.worlds import (
    OWN,
    answer,
    new_id,
    pack,
    rules,
    shipped_pile,
    show_growth,
    show_world,
)
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.code_box import code_box
from classifiers.ui.parts.events import LIGHT, RUN, said
from classifiers.ui.parts.stopped import SECONDS_KEPT
from classifiers.ui.static import asset, module

# The fields of a visitor's own rule: where it goes, its label, the step of its arrows.
_FIELDS = (
    ("dataset.samples", "Points", 1),
    ("dataset.noise", "Noise", 0.05),
    ("dataset.seed", "Seed of the points", 1),
    ("training.epochs", "Epochs", 1),
    ("training.seed", "Seed of the weights", 1),
    ("good.width", "Units a layer, third network", 1),
    ("good.dropout", "Dropout, third network", 0.05),
    ("good.weight_decay", "Weight decay, third network", 0.0001),
)


def build_capstone_tab(tab: gr.Tab) -> None:
    """Fills the tab; the page asks for the worlds that ship when it is opened."""
    worlds = gr.HTML(
        html_template=asset("capstone/worlds/worlds.html"),
        css_template=asset("capstone/worlds/worlds.css"),
        js_on_load=module(
            "capstone/worlds/worlds.js",
            watched=("value", "live", "judged"),
            events=("want", "press", "check"),
            rules=rules(),
            fields=_fields(),
        ),
        live="",
        judged="",
        apply_default_css=False,
        elem_id="capstone-worlds",
        elem_classes="text-panel",
    )
    run = gr.State(None, time_to_live=SECONDS_KEPT, delete_callback=_close)
    each: dict[str, Any] = {"trigger_mode": "multiple"}
    worlds.want(_want, None, worlds, **each, **LIGHT)
    worlds.check(_check, None, worlds, **each, **LIGHT)
    pressed = worlds.press(_press, run, [run, worlds], **each, **LIGHT)
    follow = takes_turns(_train, long=True, refused=_refused)
    # A second press comes while the training that the first one started is under way.
    pressed.success(follow, run, worlds, **each, **RUN)
    code_box(
        "capstone-code",
        "The first world's three networks in plain PyTorch.",
        "Run it where torch, scikit-learn and matplotlib are. “Too small” and “about right” end "
        "with that world's figures, to the last digit shown; “too big” makes tiny differences grow "
        "and ends nearby.",
        to_script,
    )
    build_sweeps(tab)


def _fields() -> list[tuple[str, str, float, float]]:
    usual = CapstoneConfig().to_dict()
    values = (usual[section][name] for section, name in (key.split(".") for key, _, _ in _FIELDS))
    return [
        (key, label, value, step) for (key, label, step), value in zip(_FIELDS, values, strict=True)
    ]


def _want(event: gr.EventData) -> Any:
    return gr.update(value=answer(event._data))


def _config(rule: str, settings: Any) -> CapstoneConfig:
    """The config behind a rule; of a visitor's own what is left out is the lesson's.

    Raises:
        ConfigError: names the field, and what to do.
    """
    if rule in RULES:
        return RULES[rule]
    if rule != OWN:
        names = ", ".join((*RULES, OWN))
        raise ConfigError("rule", f"must be one of {names}, got {rule[:40]!r}")
    if not isinstance(settings, dict):
        raise ConfigError("settings", "must be an object of fields and their values")
    sections: dict[str, dict[str, Any]] = {}
    for key, value in settings.items():
        section, _, name = str(key)[:80].partition(".")
        sections.setdefault(section, {})[name] = value
    return CapstoneConfig.parse(sections)


def _check(event: gr.EventData) -> Any:
    """Says what is wrong with settings, or that nothing is."""
    try:
        WorldRun(_config(OWN, said(event).get("settings")), 0).close()
    except ClassifiersError as error:
        return gr.update(judged=pack({"wrong": _wrong(error)}))
    return gr.update(judged=pack({"wrong": None}))


def _wrong(error: ClassifiersError) -> dict[str, Any]:
    """`shown`: whether the page has a place for it, beside the field."""
    shown = error.field in [key for key, _, _ in _FIELDS]
    return {"field": error.field, "text": error.message if shown else str(error), "shown": shown}


# The live run.


def _press(live: Any, event: gr.EventData) -> list[Any]:
    """`action`: draw, anew, stop, resume or leave; draw and anew with `rule` and `settings`."""
    live = live if isinstance(live, LiveRun) else None
    asked = said(event)
    action = asked.get("action")
    if action == "stop" or (action == "resume" and live and live.phase == "paused"):
        return _turned(live, action)
    if action == "leave":
        _close(live)
        return [live, gr.skip()]  # its pile may be gone on with
    if action not in ("draw", "anew", "resume"):
        return [gr.skip(), gr.skip()]
    _close(live)
    try:
        started = _begin(live, asked)
    except ClassifiersError as error:
        told = {"phase": "refused", "wrong": _wrong(error), "text": ""}
        return [live, gr.update(live=pack(told))]
    told = {"phase": "waiting", "text": "Waiting for a free place to train…"}
    return [started, gr.update(live=pack({**started.start, **told}))]


def _turned(live: LiveRun | None, action: str) -> list[Any]:
    if live is None:
        return [gr.skip(), gr.update(live=pack({"phase": "none", "text": ""}))]
    if action == "resume":
        live.resume()
        return [live, gr.update(live=pack({**live.start, "phase": "waiting", "text": "Going on…"}))]
    live.stop()
    told = _paused(live) if live.phase == "paused" else gr.skip()
    return [live, told]


def _begin(live: LiveRun | None, asked: dict[str, Any]) -> LiveRun:
    """One more world of the pile that the page shows, if the server still holds it.

    A run that was given up while it was stopped is started anew.
    """
    if live is not None and asked.get("action") == "resume":
        return LiveRun(live.rule, live.pile, live.pile_id)
    rule = str(asked.get("rule"))
    config = _config(rule, asked.get("settings"))
    if live is not None and live.rule == rule and live.pile.config == config:
        return LiveRun(rule, live.pile, live.pile_id)
    if rule == OWN:
        return LiveRun(OWN, Pile(OWN, config), new_id())
    try:
        return LiveRun(rule, shipped_pile(rule), rule)
    except ClassifiersError:  # nothing ships: the first world is the lesson's own draw
        return LiveRun(rule, Pile(rule, config), new_id())


def _train(live: Any) -> Iterator[Any]:
    if not isinstance(live, LiveRun) or live.phase != "ready":  # that press was not to start
        yield gr.skip()
        return
    with closing(live.messages()) as messages:
        for news in messages:
            if isinstance(news, Together):
                news = replace(news, take=_telling(live, news.take))
            yield gr.update(live=pack(news)) if isinstance(news, dict) else news
    if live.phase == "paused":
        yield _paused(live)
    elif live.phase == "done":
        yield gr.update(live=_done(live))
    # Gradio sends the last value of a stream twice: let that be a small one.
    yield gr.skip()


def _telling(live: LiveRun, take: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """What the page is told, as what the listener yields."""

    def tell(name: str, news: Any) -> Any:
        told = take(name, news)
        return None if told is None else gr.update(live=pack(told))

    return tell


def _paused(live: LiveRun) -> Any:
    text = f"Stopped: {live.where}. Resume goes on from there, with the settings it began with."
    return gr.update(live=pack({**live.tell(), "phase": "paused", "text": text}))


def _done(live: LiveRun) -> str:
    """The world that was trained, and what it changes."""
    return pack(
        {
            **live.start,
            "phase": "done",
            "text": f"Trained: world {live.world + 1:,}.",
            "detail": show_world(live.pile, live.world),
            **show_growth(live.pile),
        }
    )


def _refused(error: ClassifiersError, live: Any) -> Any:
    """There is no room: the run is given up, and the page says so where it said that it waits."""
    _close(live)
    return gr.update(live=pack({"phase": "refused", "wrong": _wrong(error), "text": ""}))


def _close(live: Any) -> None:
    if isinstance(live, LiveRun) and live.phase != "done":
        live.close()
