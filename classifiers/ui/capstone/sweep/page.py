"""The section on the page: what is asked of Python, and what it answers."""

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from classifiers.artifacts import ROOT
from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError
from classifiers.evaluation.comparison import LEAST_WORLDS
from classifiers.film import LEVELS, NEURON_LEVELS, NEURON_SIDE
from classifiers.recipes.capstone.sweeps import PAIRS, FormerRecord, has_sweep, load_sweep
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.recipes.sweep.run import Progress
from classifiers.recipes.sweep.tasks import Row
from classifiers.turns import Expect, Pace
from classifiers.ui import gpu
from classifiers.ui.capstone.early import build_early
from classifiers.ui.capstone.sweep.ask import (
    in_words,
    read_network,
    read_own,
    read_question,
)
from classifiers.ui.capstone.sweep.chart import csv_of
from classifiers.ui.capstone.sweep.member import member_messages, tell
from classifiers.ui.capstone.sweep.names import AXES, known_axis, pair_names, usual_values
from classifiers.ui.capstone.sweep.view import missing, view
from classifiers.ui.film.player import CURVE_COLOURS, PALETTE
from classifiers.ui.heavy import takes_turns
from classifiers.ui.models import from_weights
from classifiers.ui.parts.events import LIGHT, RUN, said
from classifiers.ui.parts.presses import Presses, press_of
from classifiers.ui.static import asset, module, taken

_FIRST = "width"
_CACHE = ROOT / ".cache" / "sweeps"
_QUESTION = """async () => {
  const { question } = await MODULE;
  return [question('EVENT')];
}"""
_sequence = itertools.count()
_presses = Presses()


def build_sweeps(tab: gr.Tab) -> None:
    """Adds the sweeps and early stopping; what ships is shown with the tab."""
    sweeps = gr.HTML(
        html_template=asset("capstone/sweep/sweep.html"),
        css_template=asset("capstone/sweep/sweep.css"),
        js_on_load=module(
            "capstone/sweep/sweep.js",
            watched=("value", "told", "cost", "network"),
            events=("choose", "compute", "weigh", "pick", "leave"),
            **_settings(),
        ),
        told="",
        cost="",
        network="",
        elem_id="sweeps",
        elem_classes="text-panel",
    )
    tab.select(_open, None, sweeps, **LIGHT)
    many: dict[str, Any] = {"trigger_mode": "multiple"}
    sweeps.compute(takes_turns(_run, long=True, refused=_refused), None, sweeps, **many, **RUN)
    sweeps.pick(takes_turns(_train, refused=_no_room), None, sweeps, **many, **RUN)
    sweeps.leave(_leave, None, None, **many, **LIGHT)
    # What waits for an answer to an earlier one asks what is then the last question.
    asked = gr.Textbox(visible="hidden")
    for event, listener in (("choose", _choose), ("weigh", _weigh)):
        script = _QUESTION.replace("MODULE", taken("capstone/sweep/asked.js"))
        latest = {"js": script.replace("EVENT", event), "trigger_mode": "always_last"}
        getattr(sweeps, event)(listener, asked, sweeps, **latest, **LIGHT)
    build_early(tab)


def _settings() -> dict[str, Any]:
    return {
        "first": _FIRST,
        "axes": {key: vars(axis) for key, axis in AXES.items()},
        "pairs": [
            {
                "key": f"{over}-{also}",
                "over": over,
                "and_over": also,
                "title": pair_names(over, also)[0],
                "help": pair_names(over, also)[1],
            }
            for over, also in PAIRS
        ],
        "usual": {over: usual_values(over) for over in AXES},
        "lent": gpu.is_lent(),
        "palette": PALETTE,
        "curves": CURVE_COLOURS,
        "levels": LEVELS,
        "neuronSide": NEURON_SIDE,
        "neuronLevels": NEURON_LEVELS,
    }


def resumable_sweep(config: SweepConfig, device: str = "auto") -> Iterator[Progress | None]:
    """A sweep that goes on where the same one was left, by whomever and for any reason."""
    return gpu.stream_sweep(config, device, _CACHE)


def _pack(value: dict[str, Any]) -> str:
    """No two values may be equal: the page would not notice the second."""
    body = {"sequence": next(_sequence), **value}
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _view(config: SweepConfig, rows: dict[int, Row], findings: list[str], source: str) -> Any:
    csv = csv_of(config, rows) if rows else ""
    return {**view(config, rows, findings, source), "csv": csv}


def _told(**news: Any) -> Any:
    return gr.HTML(told=_pack(news))


# What ships.


def _open() -> Any:
    return _stored("one", _FIRST, None)


def _choose(asked: Any) -> Any:
    try:
        question = read_question(asked)
        key = question.get("key")
        if question.get("kind") == "two":
            over, _, also = str(key).partition("-")
            return _stored("two", known_axis(over), known_axis(also, "With"))
        return _stored("one", known_axis(key), None)
    except ClassifiersError as error:
        return _told(error=str(error))


def _stored(kind: str, over: str, also: str | None) -> Any:
    try:
        shown = from_weights(partial(_load, over=over, also=also), "capstone")
    except ClassifiersError as error:
        shown = missing(kind, over, also, str(error))
    return gr.HTML(value=_pack(shown))


def _load(folder: Path, over: str, also: str | None) -> dict[str, Any]:
    absent = missing("two" if also else "one", over, also, "")
    if not has_sweep(folder, over, also):
        return absent
    try:
        config, result = load_sweep(folder, over, also)
    except FormerRecord:
        return absent  # as good as not measured
    rows = dict(enumerate(result["rows"]))
    return _view(config, rows, result["findings"], "shipped")


# A visitor's own.


def _weigh(asked: Any) -> Any:
    """What a sweep would take, before it is asked for, or what a run of it would be refused for."""
    try:
        config, card = read_own(read_question(asked))
        if not gpu.is_own():  # to choose between that and a core takes seconds
            gpu.check_sweep(config, "cuda" if card else "cpu")
    except ClassifiersError as error:
        return gr.HTML(cost=_pack({"error": in_words(error)}))
    seconds = estimate_sweep(config)
    text = f"About {seconds:,.0f} s of one core." if seconds >= 1 else "Under a second of one core."
    if gpu.is_lent() and card:
        text = f"Reserves up to {gpu.card_seconds(config)} s of your GPU quota."
    return gr.HTML(cost=_pack({"cost": f"{text} {_claims(config)}".strip()}))


def _claims(config: SweepConfig) -> str:
    if config.members >= LEAST_WORLDS:
        return ""
    return f"Below {LEAST_WORLDS} worlds a value the page shows the dots and claims nothing."


def _run(event: gr.EventData) -> Iterator[Any]:
    question = said(event)
    press = press_of(question)
    of = {"press": press[1]}  # as every answer says
    rows: dict[int, Row] = {}
    pace = Pace()
    try:
        config, card = read_own(question)
        device = gpu.check_sweep(config, "cuda" if card else "auto")
        yield Expect(estimate_sweep(config))
        if _presses.is_left(*press):
            return
        shown = {**_view(config, {}, [], "own"), **of}
        yield gr.HTML(value=_pack(shown), told=_pack({"cost": _claims(config)}))
        for news in resumable_sweep(config, device):
            if _presses.is_left(*press):
                return
            if news is None:
                yield None
            elif news.result is not None:
                shown = {**_view(config, rows, news.result["findings"], "own"), **of}
                done = {"status": "Done.", "running": False, **of}
                yield gr.HTML(value=_pack(shown), told=_pack(done))
                return
            elif news.row is not None:
                rows[news.index] = news.row
                yield gr.HTML(value=_pack({**_view(config, rows, [], "own"), **of}))
            else:
                yield _told(status=_progress(config, news), **of) if pace.due() else None
    except ClassifiersError as error:
        yield _told(status="", running=False, error=in_words(error), **of)


def _progress(config: SweepConfig, news: Progress) -> str:
    return f"Value {news.index + 1} of {config.count}, epoch {news.epoch:,}…"


def _refused(error: ClassifiersError, event: gr.EventData) -> Any:
    return _told(status="", running=False, error=str(error), press=press_of(said(event))[1])


def _leave(event: gr.EventData) -> None:
    _presses.leave(*press_of(event._data))


# A network again.


def _train(event: gr.EventData) -> Iterator[Any]:
    network = _network_or_none(event)
    if network is None:
        return
    press = press_of(said(event))
    try:
        for news in member_messages(network):
            if _presses.is_left(*press):
                return
            yield gr.HTML(network=news) if isinstance(news, str) else news
    except ClassifiersError as error:
        yield gr.HTML(network=tell(network, "error", str(error)))


def _network_or_none(event: gr.EventData) -> Any:
    try:
        return read_network(said(event))
    except ClassifiersError:
        return None  # no page asks that


def _no_room(error: ClassifiersError, event: gr.EventData) -> Any:
    network = _network_or_none(event)
    if network is None:
        return gr.skip()
    return gr.HTML(network=tell(network, "error", str(error)))
