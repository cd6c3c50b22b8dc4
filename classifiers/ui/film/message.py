"""Runs as messages for the film player: JSON text, sent while training goes on.

A value of a component must be a string (a dict would be sent as differences), no two in a row may
be equal (the browser would not notice the second), and the last must hold everything (a page that
was not looking has missed the others).
"""

import base64
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import numpy as np

from classifiers.film import (
    NEURONS_A_LAYER,
    Camera,
    Frame,
    Moment,
    encode_frames,
    encode_moments,
    encode_planes,
    take_moment,
)
from classifiers.network import MLP
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.playground.filming import confusion
from classifiers.recipes.playground.result import (
    BAYES_SIDE,
    CURVES,
    HistoryRow,
    Result,
    Scene,
    curves,
)
from classifiers.recipes.playground.run import Update
from classifiers.wording import percent

MOST_POINTS = 2000  # more than these hide the picture
_SECONDS_BETWEEN = 0.1
_sequence = itertools.count()


class Show:
    """What a player with some stages is told about the runs on them.

    Feed it with `take`; send `message()` whenever `due()`, and `message(state="done")` at the end.
    `about` goes into each of its messages, as JSON types.
    """

    def __init__(self, titles: Sequence[str], **about: Any) -> None:
        self.stages = [_StageNews(title) for title in titles]
        self.run = uuid4().hex
        self._about = about
        self._sent = 0.0

    def take(
        self, update: Update, stage: int = 0, settings: Mapping[str, str] | None = None
    ) -> None:
        self.stages[stage].take(update, settings or {})

    def replay(self, result: Result, film: Mapping[str, Any], stage: int = 0) -> None:
        """A run from the past, with its film as `encode_frames` made it."""
        self.stages[stage].replay(result, film)

    @property
    def begun(self) -> bool:
        """Whether any news have been taken."""
        return any(stage.scene is not None for stage in self.stages)

    def due(self) -> bool:
        """At once with the first picture, then at a pace that a page can follow."""
        return time.monotonic() - self._sent >= _SECONDS_BETWEEN

    def message(self, state: str | None = None, *, jump: bool = False, **more: Any) -> str:
        """News since the last message; with a state, the whole of it.

        States: "done"; "preview", of which no more will come; "running", to go on after a stop.

        `jump` shows the last moment at once instead of playing up to it.
        """
        self._sent = time.monotonic()
        whole = state is not None
        body: dict[str, Any] = {
            "run": self.run,
            "stages": [stage.tell(whole=whole) for stage in self.stages],
        }
        body |= {**self._about, **more}
        if state is not None:
            body |= {"state": state, "jump": jump}
        return to_text(body)


def to_text(body: Mapping[str, Any]) -> str:
    """A message as the player gets it, unlike any other."""
    numbered = {"sequence": next(_sequence), **body}
    return json.dumps(numbered, separators=(",", ":"), allow_nan=False)


class _StageNews:
    """The rows and frames of one run, and how many of them have been told."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.scene: Scene | None = None
        self.settings: Mapping[str, str] = {}
        self.rows: list[HistoryRow] = []
        self.frames: list[Frame | Moment] = []
        self.film: Mapping[str, Any] | None = None
        self.result: Result | None = None
        self._told = (0, 0)
        self._started = False

    def take(self, update: Update, settings: Mapping[str, str]) -> None:
        self.scene, self.settings = update.scene, settings
        if update.row is not None:
            self.rows.append(update.row)
        if update.frame is not None:
            self.frames.append(update.frame)
        if update.result is not None:
            self.result = update.result

    def replay(self, result: Result, film: Mapping[str, Any]) -> None:
        self.scene, self.rows, self.result = result.scene, result.history.rows, result
        self.film = film

    def tell(self, *, whole: bool) -> dict[str, Any] | None:
        if self.scene is None:
            return None
        rows_from, frames_from = (0, 0) if whole else self._told
        news: dict[str, Any] = {}
        if whole or not self._started:
            weights = any(isinstance(frame, Moment) for frame in self.frames)
            news["start"] = start_of(self.scene, self.title, self.settings, weights=weights)
            self._started = True
        if rows := self.rows[rows_from:]:
            news["rows"] = rows_of(rows)
        if self.film is not None:
            news["frames"] = self.film
        elif frames := self.frames[frames_from:]:
            # While it runs, a page can follow the newest only; the others come with the whole.
            news["frames"] = film_of(frames if whole else frames[-1:])
        if self.result is not None:
            news["result"] = summary_of(self.result)
        self._told = (len(self.rows), len(self.frames))
        return news


def still_of(result: Result) -> dict[str, Any]:
    """The first network of a finished run, as a stage of one moment."""
    config = result.config.model_copy(
        update={"training": result.config.training.model_copy(update={"members": 1})}
    )
    scene, network = result.scene.with_config(config), result.network.copy(members=[0])
    moment = take_moment(network, config.training.epochs, confusion(network, scene))
    return {"start": start_of(scene, "", {}, weights=True), "frames": film_of([moment])}


def film_of(frames: Sequence[Frame | Moment]) -> dict[str, Any]:
    """Frames of one run, all of one kind."""
    moments = [frame for frame in frames if isinstance(frame, Moment)]
    pictures = [frame for frame in frames if isinstance(frame, Frame)]
    return encode_moments(moments) if moments else encode_frames(pictures, quick=True)


def start_of(
    scene: Scene, title: str, settings: Mapping[str, str], *, weights: bool = False
) -> dict[str, Any]:
    """What a stage needs before its first frame; `weights` as its frames are `Moment`s."""
    config = scene.config
    data, network, members = config.dataset, config.network, config.training.members
    shape = MLP(network, len(data.features), data.classes, members)
    return {
        "title": title,
        "extent": list(scene.extent),
        "side": Camera(shape, scene.extent).side,
        "classes": data.classes,
        "names": list(data.class_names) or [f"class {k}" for k in range(data.classes)],
        "members": members,
        "epochs": config.training.epochs,
        "widths": list(network.widths),
        "layers": [min(width, NEURONS_A_LAYER) for width in network.widths],
        "points": _points(scene),
        "bayes": None if scene.bayes_region is None else encode_planes([scene.bayes_region]),
        "bayes_side": BAYES_SIDE,
        "settings": dict(settings),
        **({"weights": _shape(shape, scene)} if weights else {}),
    }


def _shape(network: MLP, scene: Scene) -> dict[str, Any]:
    """What the page needs to compute what a network answers, beside its parameters."""
    return {
        "sizes": list(network.sizes),
        "activation": network.config.activation,
        "outputs": network.config.outputs,
        "features": list(scene.config.dataset.features),
    }


def summary_of(result: Result) -> dict[str, Any]:
    """The numbers of a finished run that the player shows, as numbers and as text."""
    metrics = result.metrics()
    low, high = metrics["test_accuracy_interval"]
    rows = {
        "Test accuracy": f"{percent(metrics['test_accuracy'])} ({percent(low)} to {percent(high)})",
    }
    if metrics["fresh_accuracy"] is not None:
        rows[f"On {FRESH_POINTS:,} fresh points"] = percent(metrics["fresh_accuracy"])
        rows["Best possible"] = percent(metrics["bayes_accuracy"])
    rows["Training accuracy"] = percent(metrics["train_accuracy"])
    rows["Parameters"] = f"{result.network.parameter_count:,}"
    return {
        "bayes_accuracy": metrics["bayes_accuracy"],
        "fresh_accuracy": metrics["fresh_accuracy"],
        "findings": list(result.findings),
        "rows": rows,
    }


def rows_of(rows: list[HistoryRow]) -> dict[str, Any]:
    """Means, and the lowest and highest member where there are several."""
    means = curves(rows, np.mean)
    told: dict[str, Any] = {"epoch": [row.epoch for row in rows]}
    several = len(rows[0].values[CURVES[0]]) > 1
    low, high = (curves(rows, np.min), curves(rows, np.max)) if several else ({}, {})
    for name in CURVES:
        told[name] = {"mean": _rounded(means[name])}
        if several:
            told[name] |= {"low": _rounded(low[name]), "high": _rounded(high[name])}
    return told


def _rounded(values: list[float | None]) -> list[float | None]:
    """Six digits are more than a screen can show."""
    return [None if value is None else float(f"{value:.6g}") for value in values]


def _points(scene: Scene) -> dict[str, Any]:
    """Up to `MOST_POINTS` points, packed: x and y as 16 bits of the extent, class + 16 * part.

    Parts: 0 training, 1 test, 2 validation.
    """
    x, y = scene.dataset.x, scene.dataset.y
    part = np.zeros(len(x), np.uint8)
    part[scene.test], part[scene.validation] = 1, 2
    # Own points can be removed by a click, so every one of them must be there.
    step = -(-len(x) // MOST_POINTS) if scene.distribution_known else 1
    box = scene.extent
    low = np.array([box.x_min, box.y_min])
    size = np.array([box.x_max - box.x_min, box.y_max - box.y_min])
    packed = np.zeros(len(x[::step]), [("x", "<u2"), ("y", "<u2"), ("kind", "u1")])
    place = np.clip((x[::step] - low) / size, 0, 1) * 65535
    packed["x"], packed["y"] = np.round(place).T
    packed["kind"] = y[::step] + 16 * part[::step]
    return {
        "data": base64.b64encode(packed.tobytes()).decode("ascii"),
        "shown": len(packed),
        "total": len(x),
    }
