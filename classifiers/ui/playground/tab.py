"""The playground tab: controls, the live film, and what can be done with a run.

Everything here serves the page only: scripts use `/train_playground` and `/run_exercise`.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import gradio as gr

from classifiers.config import PlaygroundConfig, TrainingConfig
from classifiers.data.synthetic import Extent, extent
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.playground.code import to_script
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import Update, run_playground
from classifiers.ui.film.message import Show, stopped_message
from classifiers.ui.film.player import film_compare, film_player
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heavy import takes_turns
from classifiers.ui.parts.events import PRIVATE, RUN
from classifiers.ui.parts.markup import Markup, markdown, warn
from classifiers.ui.parts.opening import Opening
from classifiers.ui.parts.stopped import SECONDS_KEPT
from classifiers.ui.playground.controls import (
    CONTROLS,
    PATHS,
    control_updates,
    default_dataset,
    describe_config,
    read_config,
    show_config,
    title_of,
    write_points,
)
from classifiers.ui.playground.exercises import build_exercise_panel
from classifiers.ui.playground.link import SECTIONS, from_query, to_query
from classifiers.ui.playground.live import PausableRun
from classifiers.ui.playground.points import PointsUpload
from classifiers.ui.playground.report import Trained, html_panel, read_point, report

# A class that sets up its runs together waits in a line of its own.
LIGHT: dict[str, Any] = {**PRIVATE, "concurrency_id": "playground-light", "concurrency_limit": 4}
GROUPS = {
    "data": "More about the data",
    "network": "More about the network",
    "training": "More about training",
}
# A change of these shows other points at once; a change of the others waits for Train or Reset.
_PREVIEWED = (
    "dataset.noise",
    "dataset.classes",
    "dataset.samples",
    "dataset.factor",
    "dataset.features",
    "dataset.seed",
    "training.test_share",
)
_SKETCH_BOX = Extent(-6.0, 6.0, -6.0, 6.0)

_COPY = """(query) => {
  const url = `${location.origin}${location.pathname}${query ? '?' + query : ''}`;
  history.replaceState(null, '', url);
  navigator.clipboard?.writeText(url).catch(() => {});
  return url;
}"""
_SAVE = """(data) => {
  if (!data) return;
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = 'playground.safetensors';
  link.click();
}"""


def build_playground_tab(opening: Opening) -> None:
    """Fills the tab and registers its events. Call it inside `gr.Blocks` and `gr.Tab`."""
    built: dict[str, Any] = {}
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=290, elem_classes="tight"):
            sections = {group: _build_section(group, built) for group in GROUPS}
        with gr.Column(
            scale=9,
            min_width=320,
            elem_classes=["stick", "result-first", "tight"],
            elem_id="stage",
        ):
            with gr.Row(elem_classes="tight", elem_id="run-buttons"):
                train = gr.Button("Train", variant="primary", min_width=90, elem_id="train")
                stop = gr.Button("Stop", min_width=70, elem_id="stop")
                step = gr.Button("Step", min_width=70, elem_id="step")
                reset = gr.Button("Reset", min_width=70, elem_id="reset")
            player = film_player("playground-film")
            point = html_panel("point-reading")
            result = html_panel("run-report")
    controls = [built[path] for path in PATHS]
    trained, reached = gr.State(None), gr.State(0)
    run = gr.State(None, time_to_live=SECONDS_KEPT)
    runs = [player, result, trained, reached, point, run]
    running: list[Any] = [
        train.click(takes_turns(_train), [run, *controls], runs, **RUN),
        step.click(takes_turns(_step), [reached, *controls], runs, **RUN),
    ]
    with gr.Column() as exercises:
        build_exercise_panel([*controls, *runs], _show, RUN, cancels=running)
    with gr.Column() as more:
        with gr.Accordion("Compare two runs", open=False, elem_id="compare"):
            film_compare("playground-compare")
        _build_code(controls)
        _build_share(controls, trained)
        _build_ask(trained)

    stop.click(_stop, run, [player, result], cancels=running, **LIGHT)
    reset.click(_preview, controls, runs, cancels=running, **LIGHT)
    built["dataset.name"].input(
        _choose_dataset, controls, [*controls, *runs], cancels=running, **LIGHT
    )
    gr.on(
        [*(built[path].input for path in _PREVIEWED), built["dataset.points"].blur],
        _preview,
        controls,
        runs,
        cancels=running,
        trigger_mode="always_last",
        **LIGHT,
    )
    player.pick(_pick, trained, point, **LIGHT)
    player.draw(_draw, None, built["dataset.points"], trigger_mode="always_last", **LIGHT)
    for read in built["upload"].listen(built["dataset.points"], LIGHT):
        read.success(_preview, controls, runs, **LIGHT)
    opening.add(_open, [], [*controls, *sections.values(), exercises, more, *runs])


def _build_code(controls: list[Any]) -> None:
    with gr.Accordion("Show the code", open=False, elem_id="code"):
        write = gr.Button("Write the script for these settings", elem_id="write-code")
        code = gr.Code(language="python", label="Plain PyTorch, runs on its own", lines=12)
    write.click(_code, controls, code, **LIGHT)


def _build_share(controls: list[Any], trained: gr.State) -> None:
    with gr.Accordion("Share and save", open=False, elem_id="share"):
        hide = gr.CheckboxGroup(
            [(name, key) for key, name in SECTIONS.items()],
            label="Hide in the link, to hand out a focused lesson",
        )
        copy = gr.Button("Copy a link to these settings", elem_id="copy-link")
        link = gr.Textbox(label="Link", interactive=False, elem_id="link")
        save = gr.Button("Save the trained weights (safetensors)", elem_id="save-weights")
        query, weights = gr.Textbox(visible="hidden"), gr.Textbox(visible="hidden")
    copy.click(_query, [hide, *controls], query, **LIGHT).success(
        None, query, link, js=_COPY, api_visibility="private"
    )
    save.click(_weights, trained, weights, **LIGHT).success(
        None, weights, None, js=_SAVE, api_visibility="private"
    )


def _build_ask(trained: gr.State) -> None:
    with gr.Accordion("Ask about a point by its coordinates", open=False, elem_id="ask"):
        with gr.Row():
            x1, x2 = gr.Number(0, label="x1"), gr.Number(0, label="x2")
        ask = gr.Button("What does the network say here?", elem_id="ask-point")
        answer = html_panel("ask-reading")
    ask.click(_ask, [trained, x1, x2], answer, **LIGHT)


def _build_section(group: str, built: dict[str, Any]) -> gr.Column:
    """One fold of controls: the few that matter first, the rest behind an accordion."""
    start = show_config(PlaygroundConfig())
    mine = [(c, value) for c, value in zip(CONTROLS, start, strict=True) if c.group == group]

    def place(basic: bool) -> None:
        for control, value in mine:
            if control.basic == basic:
                component = control.build(value)
                built[control.path] = component
                if control.path == "dataset.points":
                    built["upload"] = PointsUpload.build()

    with gr.Column(elem_classes="tight", elem_id=f"section-{group}") as section:
        markdown(f"## {SECTIONS[group]}", elem_classes="group-title")
        with gr.Group():
            place(basic=True)
        with gr.Accordion(GROUPS[group], open=False):
            place(basic=False)
    return section


# Listeners. Each checks what it is sent, as anyone may call it.


def _scene(config: PlaygroundConfig) -> Scene:
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


def _play(run: PausableRun, *, step: bool = False) -> Iterator[Any]:
    """Tells of the run, and keeps it to go on with; a step leaves alone what was kept before."""
    cleared: list[Any] = ["", None, ""]
    for news in run.messages(jump=step):
        if not isinstance(news, tuple):  # what only the turns look at
            yield news
            continue
        message, result = news
        if result is None:
            said, trained, point = cleared
            kept = [gr.skip(), gr.skip()] if step else [run.epoch, run]
            yield [message, said, trained, kept[0], point, kept[1]]
            # Sent once: what comes late must not wipe out what Stop says.
            cleared = [gr.skip() for _ in cleared]
        else:
            epochs, none = run.config.training.epochs, gr.skip() if step else None
            yield [message, report(result), Trained.of(result), epochs, "", none]
            # Gradio sends the last value of a stream twice: let that be a small one.
            yield [gr.skip() for _ in range(6)]


@speaks_plainly
def _train(run: Any, *values: Any) -> Iterator[Any]:
    """From the beginning, or from where a run with these settings was stopped."""
    config = read_config(values)
    if not (isinstance(run, PausableRun) and run.claim(config)):
        run = PausableRun(config, _scene(config))
    yield from _play(run)


@speaks_plainly
def _stop(run: Any) -> list[Any]:
    if not (isinstance(run, PausableRun) and run.has_more):  # it has ended, or none was started
        return [stopped_message(), gr.skip()]
    hint = Markup(
        "<p>Stopped at epoch {:,} of {:,}. Train goes on from there, with the same settings and "
        "while the server has room for it; Reset starts over.</p>"
    ).format(run.epoch, run.config.training.epochs)
    return [stopped_message(), hint]


@speaks_plainly
def _step(reached: Any, *values: Any) -> Iterator[Any]:
    """One epoch further. The same settings give the same run, so it is run again up to there."""
    config = read_config(values)
    epochs = reached + 1 if isinstance(reached, int) and reached > 0 else 1
    training = config.training.to_dict() | {"epochs": epochs}
    config = PlaygroundConfig.parse({**config.to_dict(), "training": training})
    yield from _play(PausableRun(config, _scene(config)), step=True)


@speaks_plainly
def _preview(*values: Any) -> list[Any]:
    return _before(read_config(values))


def _show(config: PlaygroundConfig) -> list[Any]:
    """Controls and picture together, so that they never speak of different settings."""
    return [*control_updates(config), *_before(config)]


def _before(config: PlaygroundConfig) -> list[Any]:
    """The data and the untrained network: the same weights every time."""
    show = Show([title_of(config)])
    show.take(_untrained(config), settings=describe_config(config))
    return [show.message("preview"), "", None, 0, "", None]


@lru_cache(maxsize=16)
def _untrained(config: PlaygroundConfig) -> Update:
    """The first picture, which most who open the page see."""
    return next(run_playground(config, scene=_scene(config)))


@speaks_plainly
def _choose_dataset(*values: Any) -> list[Any]:
    """Another dataset comes with its own noise and classes; everything else stays."""
    raw = dict(zip(PATHS, values, strict=True))
    data = default_dataset(raw["dataset.name"])
    usual = dict(zip(PATHS, show_config(PlaygroundConfig(dataset=data)), strict=True))
    raw |= {path: value for path, value in usual.items() if path.startswith("dataset.")}
    if data.classes != 2:
        raw["network.outputs"] = "logits"
    config = read_config([raw[path] for path in PATHS])
    return _show(config)


@speaks_plainly
def _open(request: gr.Request) -> list[Any]:
    """The page as its link asks for it; a link that cannot be read gives the usual page."""
    try:
        config, hidden = from_query(dict(request.query_params))
        before = _before(config)
    except ClassifiersError as error:
        warn(f"The link could not be used. {error}")
        config, hidden = PlaygroundConfig(), []
        before = _before(config)
    shown = [gr.update(visible=section not in hidden) for section in SECTIONS]
    return [*control_updates(config), *shown, *before]


@speaks_plainly
def _pick(trained: Any, event: gr.EventData) -> str:
    data = event._data if isinstance(event._data, dict) else {}
    return _ask(trained, data.get("x"), data.get("y"))


@speaks_plainly
def _ask(trained: Any, x: Any, y: Any) -> str:
    if not isinstance(trained, Trained):
        return Markup(
            "<p>Train the network first; then a click shows what it says at that point.</p>"
        )
    return read_point(trained, x, y)


@speaks_plainly
def _draw(event: gr.EventData) -> str:
    points = event._data.get("points") if isinstance(event._data, dict) else None
    if not isinstance(points, list) or len(points) > 5_000:
        raise ConfigError("dataset.points", "must be a list of at most 5,000 points")
    try:
        return write_points(points)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError("dataset.points", "must be rows of x, y, class") from None


@speaks_plainly
def _code(*values: Any) -> str:
    return to_script(read_config(values))


@speaks_plainly
def _query(hide: Any, *values: Any) -> str:
    hidden = [name for name in SECTIONS if isinstance(hide, list) and name in hide]
    return to_query(read_config(values), hidden)


@speaks_plainly
def _weights(trained: Any) -> str:
    if not isinstance(trained, Trained):
        raise ConfigError("weights", "there are none yet; press Train first")
    return trained.weights()
