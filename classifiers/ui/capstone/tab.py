"""The capstone tab: a network too small, one too big, one about right, on the same moons."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from pydantic import BaseModel

from classifiers.config import CapstoneConfig, CapstoneTrainingConfig, GoodConfig, MoonsConfig
from classifiers.errors import ClassifiersError
from classifiers.recipes.capstone.contest import load_contests
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.weights import load_capstone
from classifiers.turns import Together
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.capstone.sweep import build_sweeps
from classifiers.ui.capstone.table import TITLES, Ended, report, table_panel
from classifiers.ui.film.message import Show, stopped_message
from classifiers.ui.film.player import film_player
from classifiers.ui.heavy import takes_turns
from classifiers.ui.models import from_weights
from classifiers.ui.parts.download import csv_button
from classifiers.ui.parts.events import LIGHT, RUN
from classifiers.ui.parts.markup import markdown
from classifiers.ui.parts.stopped import SECONDS_KEPT

# What the button says in each phase of a run, and whether a second one offers to start anew.
_BUTTONS = {
    "ready": ("Stop", False),
    "running": ("Stop", False),
    "paused": ("Resume", True),
    "done": ("Train the three again", False),
    "closed": ("Train the three again", False),
}
_NOTHING = [gr.skip() for _ in range(7)]


def build_capstone_tab(tab: gr.Tab) -> None:
    """Fills the tab; what ships is shown when it is opened."""
    markdown(
        "The same noisy moons, three networks: one too small to bend enough, one big enough to "
        "learn every point by heart, one of moderate size with dropout and weight decay. Opening "
        "this page trains nothing: these are the shipped weights, with the film of their training."
    )
    wide: dict[str, Any] = {"scale": 0, "min_width": 260}
    with gr.Row(elem_classes="tight"):
        train = gr.Button(_BUTTONS["done"][0], variant="primary", elem_id="capstone-train", **wide)
        anew = gr.Button("Start anew", visible=False, elem_id="capstone-anew", **wide)
        lesson = gr.Button("Back to the lesson's", elem_id="capstone-lesson", **wide)
    with gr.Accordion("Settings", open=False, elem_id="capstone-settings"):
        controls = _build_controls()
    status = markdown(elem_id="capstone-status")
    player = film_player("capstone-film")
    table = table_panel("capstone-table")
    numbers = csv_button("Save the table as CSV", "capstone")
    findings = markdown(elem_id="capstone-findings")
    contest = markdown(elem_id="capstone-contest")
    build_sweeps(tab)

    live = gr.State(None, time_to_live=SECONDS_KEPT, delete_callback=_close)
    buttons = [train, anew]
    shown = [player, status, table, findings, numbers]
    tab.select(_contest, None, contest, **LIGHT)
    tab.select(_shipped, None, shown, **LIGHT)
    running = []
    follow = takes_turns(_train, long=True, refused=_refused)
    for button, press in ((train, _press), (anew, _anew)):
        pressed = button.click(press, [live, train, *controls], [live, status, *buttons], **LIGHT)
        # A second press comes while the training that the first one started is under way.
        running.append(
            pressed.success(follow, live, [*buttons, *shown], trigger_mode="multiple", **RUN)
        )
    lesson.click(_lesson, live, [live, *controls, *buttons, *shown], cancels=running, **LIGHT)


_SECTIONS: dict[str, type[BaseModel]] = {
    "dataset": MoonsConfig,
    "training": CapstoneTrainingConfig,
    "good": GoodConfig,
}
_LABELS = {
    ("dataset", "samples"): "Points",
    ("dataset", "noise"): "Noise",
    ("dataset", "seed"): "Seed of the data",
    ("training", "epochs"): "Epochs",
    ("training", "members"): "Networks of each kind",
    ("training", "seed"): "Seed of the weights",
    ("good", "width"): "Units a layer, third network",
    ("good", "dropout"): "Dropout, third network",
    ("good", "weight_decay"): "Weight decay, third network",
}


def _values(config: CapstoneConfig) -> list[Any]:
    return [getattr(getattr(config, section), name) for section, name in _LABELS]


def _build_controls() -> list[gr.Number]:
    controls = []
    values = dict(zip(_LABELS, _values(CapstoneConfig()), strict=True))
    for section, model in _SECTIONS.items():
        with gr.Row():
            for name in model.model_fields:
                label = _LABELS[section, name]
                value = values[section, name]
                step = 1 if isinstance(value, int) else 0.05 if value >= 0.01 else 1e-4
                controls.append(gr.Number(value, label=label, step=step, minimum=0, min_width=140))
    return controls


def _config(values: tuple[Any, ...]) -> CapstoneConfig:
    sections: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for (section, name), value in zip(_LABELS, values, strict=True):
        if value is not None:  # an emptied field means the lesson's value
            sections[section][name] = value
    return CapstoneConfig.parse(sections)


def _shipped() -> list[Any]:
    try:
        return from_weights(_show_shipped, "capstone")
    except ClassifiersError as error:
        return [stopped_message(), f"**{error}**", "", "", ""]


def _show_shipped(folder: Path) -> list[Any]:
    shipped = load_capstone(folder)
    show = Show([TITLES[name] for name in NAMES])
    for stage, name in enumerate(NAMES):
        show.replay(shipped[name].result, shipped[name].film, stage)
    ended = {name: Ended(run.result, run.boundary_length) for name, run in shipped.items()}
    text = "The shipped weights, trained as the lesson says."
    return [show.message("done", jump=True), text, *report(ended)]


def _contest() -> str:
    try:
        told = from_weights(load_contests, "capstone")
    except ClassifiersError as error:
        return f"**{error}**"
    parts = ["### Which ends below which, over many splits and starting weights"] if told else []
    for config, findings in told:
        data = config.dataset
        parts.append(f"**{data.samples} points, noise {data.noise:g}**")
        parts.append("\n".join(f"- {finding}" for finding in findings))
    return "\n\n".join(parts)


# The live run.


def _press(live: LiveRun | None, label: Any, *values: Any) -> list[Any]:
    if not isinstance(live, LiveRun) or live.phase in ("done", "closed"):
        # A run may end under the finger: a press to stop it must not start another.
        just_done = isinstance(live, LiveRun) and live.just_done
        stopping = label == _BUTTONS["running"][0] or just_done
        return _NOTHING[:4] if stopping else _anew(live, label, *values)
    live.press()
    if live.phase == "stopping":  # the training says so itself when it has stopped
        return _NOTHING[:4]
    return [live, _paused(live) if live.phase == "paused" else gr.skip(), *_buttons(live)]


def _anew(live: LiveRun | None, _label: Any, *values: Any) -> list[Any]:
    _close(live)
    try:
        live = LiveRun(_config(values))
    except ClassifiersError as error:
        return [None, f"**{error}**", *_buttons(None)]
    return [live, "Waiting for a free place to train…", *_buttons(live)]


def _train(live: LiveRun | None) -> Iterator[Any]:
    if not isinstance(live, LiveRun) or live.phase != "ready":  # that press was not to start
        yield _NOTHING
        return
    with closing(live.messages()) as messages:
        for news in messages:
            if isinstance(news, Together):
                news = replace(news, take=_telling(live, news.take))
            yield _told(live, news) if isinstance(news, str) else news
    if live.phase == "paused":
        yield [*_buttons(live), stopped_message(), _paused(live), *_NOTHING[:3]]
    elif live.phase == "done":
        yield [*_buttons(live), live.show.message("done"), "Trained.", *report(live.ended)]
    # Gradio sends the last value of a stream twice: let that be a small one.
    yield _NOTHING


def _refused(error: ClassifiersError, live: LiveRun | None) -> list[Any]:
    """There is no room: the run is given up, and the page says so where it said that it waits."""
    _close(live)
    return [*_buttons(None), stopped_message(), f"**{error}**", *_NOTHING[:3]]


def _told(live: LiveRun, message: str) -> list[Any]:
    return [*_NOTHING[:2], message, _progress(live), *_NOTHING[:3]]


def _telling(live: LiveRun, take: Callable[[str, Any], str | None]) -> Callable[[str, Any], Any]:
    """What the player is told, as what the page is."""

    def tell(name: str, update: Any) -> list[Any] | None:
        message = take(name, update)
        return None if message is None else _told(live, message)

    return tell


def _lesson(live: LiveRun | None) -> list[Any]:
    _close(live)
    return [None, *_values(CapstoneConfig()), *_buttons(None), *_shipped()]


def _close(live: LiveRun | None) -> None:
    if isinstance(live, LiveRun):
        live.close()


def _buttons(live: LiveRun | None) -> list[Any]:
    label, anew = _BUTTONS[live.phase if live is not None else "done"]
    return [gr.update(value=label), gr.update(visible=anew)]


def _reached(live: LiveRun) -> str:
    reached = ", ".join(f"{TITLES[name].lower()} {live.reached[name]:,}" for name in NAMES)
    return f"{reached} (of {live.epochs:,} epochs)"


def _progress(live: LiveRun) -> str:
    return f"Training: {_reached(live)}."


def _paused(live: LiveRun) -> str:
    return (
        f"Stopped: {_reached(live)}. Resume goes on from there, with the settings it was started "
        "with."
    )
