"""The capstone tab: a network too small, one too big, one about right, on the same moons."""

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from pydantic import BaseModel

from classifiers.config import CapstoneConfig, CapstoneTrainingConfig, GoodConfig, MoonsConfig
from classifiers.errors import ClassifiersError
from classifiers.recipes.capstone import NAMES, run_capstone
from classifiers.recipes.capstone_weights import (
    boundary_length,
    load_capstone,
    load_contest,
)
from classifiers.recipes.playground import Update
from classifiers.recipes.playground_result import Result
from classifiers.ui.film_message import Show, stopped_message
from classifiers.ui.film_player import film_player
from classifiers.ui.models import weights_folder
from classifiers.ui.sweep import build_sweeps

TITLES = {"underfit": "Too small", "overfit": "Too big", "good": "About right"}
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build_capstone_tab(tab: gr.Tab) -> None:
    """Fills the tab; what ships is shown when it is opened."""
    gr.Markdown(
        "The same noisy moons, three networks: one too small to bend enough, one big enough to "
        "learn every point by heart, one of moderate size with dropout and weight decay. Opening "
        "this page trains nothing: these are the shipped weights, with the film of their training."
    )
    with gr.Row(elem_classes="tight"):
        start = gr.Button("Train the three again", variant="primary", elem_id="capstone-train")
        stop = gr.Button("Stop", elem_id="capstone-stop")
        lesson = gr.Button("Back to the lesson's", elem_id="capstone-lesson")
    with gr.Accordion("Settings", open=False, elem_id="capstone-settings"):
        controls = _build_controls()
    status = gr.Markdown(elem_id="capstone-status")
    player = film_player("capstone-film")
    table = gr.Markdown(elem_id="capstone-table")
    findings = gr.Markdown(elem_id="capstone-findings")
    contest = gr.Markdown(elem_id="capstone-contest")

    with gr.Accordion("Sweeps: one setting at many values", open=False, elem_id="sweeps"):
        build_sweeps()

    shown = [player, status, table, findings]
    tab.select(_contest, None, contest, concurrency_id="light", **_PRIVATE)
    tab.select(_shipped, None, shown, concurrency_id="light", **_PRIVATE)
    running = start.click(
        _train, controls, shown, concurrency_id="training", concurrency_limit=2, **_PRIVATE
    )
    stop.click(
        lambda: (stopped_message(), "Stopped; what was trained so far stays on show."),
        None,
        [player, status],
        cancels=running,
        **_PRIVATE,
    )
    lesson.click(
        lambda: [*_values(CapstoneConfig()), *_shipped()],
        None,
        [*controls, *shown],
        cancels=running,
        **_PRIVATE,
    )


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


def _shipped() -> tuple[str, str, str, str]:
    show = Show([TITLES[name] for name in NAMES])
    try:
        updates = load_capstone(weights_folder() / "capstone")
    except ClassifiersError as error:
        return stopped_message(), f"**{error}**", "", ""
    for stage, name in enumerate(NAMES):
        for update in updates[name]:
            show.take(update, stage)
    results = {name: told[-1].result for name, told in updates.items()}
    text = "The shipped weights, trained as the lesson says."
    return show.message("done", jump=True), text, *_report(results)


def _contest() -> str:
    try:
        told = load_contest(weights_folder() / "capstone")
    except ClassifiersError:  # said already, where the film should be
        return ""
    parts = ["### Which ends below which, over many splits and starting weights"] if told else []
    for config, findings in told:
        data = config.dataset
        parts.append(f"**{data.samples} points, noise {data.noise:g}**")
        parts.append("\n".join(f"- {finding}" for finding in findings))
    return "\n\n".join(parts)


def _train(*values: Any) -> Iterator[tuple[Any, ...]]:
    results: dict[str, Result | None] = dict.fromkeys(NAMES)
    try:
        config = _config(values)
        show = Show([TITLES[name] for name in NAMES])
        for name, update in run_capstone(config):
            show.take(update, NAMES.index(name))
            results[name] = update.result
            if show.due():
                yield show.message(), _progress(update), gr.skip(), gr.skip()
    except ClassifiersError as error:
        yield stopped_message(), f"**{error}**", gr.skip(), gr.skip()
        return
    yield show.message("done"), "Trained.", *_report(results)


def _progress(update: Update) -> str:
    return f"Training, epoch {update.epoch:,} of {update.epochs:,}…"


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")


def _accuracy(name: str) -> Callable[[Result], str]:
    return lambda result: _percent(result.mean(name)) + _spread(result.spread(name), result)


def _spread(value: float, result: Result) -> str:
    members = len(result.diverged_at)
    return f" ± {100 * value:.1f}" if members > 1 else ""


def _test_accuracy(result: Result) -> str:
    interval = result.test_interval
    shown = _accuracy("test_accuracy")(result)
    return f"{shown} ({_percent(interval.low)} to {_percent(interval.high)})"


def _fresh(result: Result) -> float:
    return float("nan") if result.fresh is None else float(result.fresh.mean())


_ROWS: dict[str, Callable[[Result], str]] = {
    "Training accuracy": _accuracy("train_accuracy"),
    "Test accuracy (95 % interval)": _test_accuracy,
    "Accuracy on fresh points": lambda r: _percent(_fresh(r)),
    "Gap, training less fresh": lambda r: _percent(r.mean("train_accuracy") - _fresh(r)),
    "Training loss": lambda r: f"{r.mean('train_loss'):.4f}",
    "Test loss": lambda r: f"{r.mean('test_loss'):.4f}",
    "Length of the boundary": lambda r: f"{boundary_length(r.network, r.scene.extent).mean():.1f}",
    "Parameters": lambda r: f"{r.network.parameter_count:,}",
}


def _report(results: dict[str, Result | None]) -> tuple[str, str]:
    """The table and what can be said of it, as Markdown."""
    done = {name: result for name, result in results.items() if result is not None}
    if len(done) < len(NAMES):
        return "", ""
    lines = [f"| | {' | '.join(TITLES[name] for name in NAMES)} |", "|---" * 4 + "|"]
    for label, write in _ROWS.items():
        lines.append(f"| {label} | {' | '.join(write(done[name]) for name in NAMES)} |")
    bayes = done["good"].bayes
    if bayes is not None:
        lines.append(
            f"| Best possible on fresh points | {' | '.join([_percent(bayes.value)] * 3)} |"
        )
    return "\n".join(lines), "\n\n".join(_findings(done))


def _findings(done: dict[str, Result]) -> Iterator[str]:
    small, big = done["underfit"], done["overfit"]
    gap = big.mean("test_accuracy") - small.mean("test_accuracy")
    verdict = "above" if gap > 0 else "below" if gap < 0 else "level with"
    yield (
        f"The lesson says that the big network ends below the small one on the test points. Here "
        f"it ends {verdict} it, {_percent(big.mean('test_accuracy'))} against "
        f"{_percent(small.mean('test_accuracy'))}; on fresh points {_percent(_fresh(big))} against "
        f"{_percent(_fresh(small))}."
    )
    yield (
        "Accuracy hides how sure a network is of its mistakes; the loss does not. Test loss, "
        + "; ".join(
            f"{TITLES[name].lower()} {done[name].mean('test_loss'):.3f} after a training loss of "
            f"{done[name].mean('train_loss'):.5f}"
            for name in NAMES
        )
        + "."
    )
