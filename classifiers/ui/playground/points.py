"""Own points from a file: uploaded, shown as they were read, and read anew as they are told."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from classifiers.config import DatasetConfig
from classifiers.data.files.points import Points, read_points
from classifiers.data.files.table import EXTENSIONS
from classifiers.errors import ClassifiersError, ConfigError, DataError
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.parts.markup import Markup, html_place

_SHOWN = 4
_MOST_COLUMNS = 100


@dataclass(frozen=True)
class PointsUpload:
    """The button, and what is shown of a file once there is one."""

    file: gr.UploadButton
    panel: gr.Column
    choices: tuple[gr.Dropdown, gr.Dropdown, gr.Dropdown]
    standardise: gr.Checkbox
    told: gr.HTML

    @classmethod
    def build(cls) -> "PointsUpload":
        file = gr.UploadButton(
            "Upload a table of x, y, class (CSV, Excel, ARFF)", file_types=list(EXTENSIONS),
            size="sm", elem_id="points-file",  # shown with the points: theme.py
        )  # fmt: skip
        with gr.Column(visible=False, elem_id="points-columns") as panel:
            with gr.Row():
                x, y, label = (
                    gr.Dropdown([], label=name, elem_id=f"points-{key}", min_width=90)
                    for key, name in (("x", "x is"), ("y", "y is"), ("class", "class is"))
                )
            standardise = gr.Checkbox(
                False, label="Standardise x and y", elem_id="points-standardise"
            )
            told = html_place(elem_id="points-told", elem_classes="text-panel")
        return cls(file, panel, (x, y, label), standardise, told)

    def listen(self, points: gr.Textbox, light: dict[str, Any]) -> Iterator[Any]:
        """Registers what an upload and a changed choice do; gives the events."""
        outputs = [points, self.panel, *self.choices, self.standardise, self.told]
        yield self.file.upload(_upload, self.file, outputs, **light)
        for changed in (*self.choices, self.standardise):
            yield changed.input(
                _reread, [self.file, *self.choices, self.standardise], outputs,
                trigger_mode="always_last", **light,
            )  # fmt: skip


@speaks_plainly
def _upload(path: Any) -> list[Any]:
    return _read(path, (None, None, None), False)


@speaks_plainly
def _reread(path: Any, x: Any, y: Any, label: Any, standardise: Any) -> list[Any]:
    columns = tuple(name if isinstance(name, str) and name else None for name in (x, y, label))
    return _read(path, columns, standardise is True)  # type: ignore[arg-type]


def _read(
    path: Any, columns: tuple[str | None, str | None, str | None], standardise: bool
) -> list[Any]:
    """What stands in the page is replaced only by points that may be trained on.

    Raises:
        ConfigError: the file holds no points; nothing changes.
    """
    try:
        read = read_points(uploaded_path(path), columns=columns, standardise=standardise)
        # Checked as a whole before it takes the place of what stands there.
        data = DatasetConfig.parse({"name": "points", "points": _named(read)}, "dataset")
    except DataError as error:
        if "standardise" in error.message and not standardise:
            return _read_standardised(path, columns)
        raise ConfigError("dataset.points", error.message) from None
    except ClassifiersError as error:
        raise ConfigError("dataset.points", str(error)) from None
    told = {"points": data.points, "names": data.class_names}
    return [json.dumps(told), *_show(read)]


def _named(read: Points) -> list[list[float | str]]:
    """Points with their classes' names, unless these are 0, 1, ... anyway. What separates cells
    in the page's text is no part of a name there."""
    names = [re.sub(r"[,;\s'\"]+", " ", name).strip()[:40] or "?" for name in read.classes]
    plain = names == [str(k) for k in range(len(names))] or len(set(names)) < len(names)
    return [[x, y, k if plain else names[int(k)]] for x, y, k in read.points]


def _read_standardised(path: Any, columns: tuple[str | None, str | None, str | None]) -> list[Any]:
    """Points that do not fit into the picture as they are: how they were read is shown, and that
    the box has to be ticked; what stands in the page stays."""
    read = read_points(uploaded_path(path), columns=columns, standardise=True)
    shown = _show(read)
    shown[-2] = gr.update(value=False)
    shown[-1] = Markup(
        "<p><b>The file has points beyond ±1,000, the picture's edge. Tick the box to standardise "
        "them; until then the points above stay.</b></p>"
    )
    return [gr.skip(), *shown]


def _show(read: Points) -> list[Any]:
    names = [name or f"column {i + 1}" for i, name in enumerate(read.columns[:_MOST_COLUMNS])]
    pairs = list(zip(names, read.columns[:_MOST_COLUMNS], strict=True))
    updates = [gr.update(choices=pairs, value=read.columns[index]) for index in read.chosen]
    return [gr.update(visible=True), *updates, gr.update(value=read.standardised), _tell(read)]


def _tell(read: Points) -> Markup:
    """Rows, classes and their names, the first points, and what was passed over."""
    counts = [0] * len(read.classes)
    for point in read.points:
        counts[int(point[2])] += 1
    legend = Markup(", ").join(
        Markup("{} = <b>{}</b> ({:,})").format(i, name[:40], count)
        for i, (name, count) in enumerate(zip(read.classes, counts, strict=True))
    )
    first = "; ".join(
        f"{x:g}, {y:g}, {read.classes[int(k)][:20]}" for x, y, k in read.points[:_SHOWN]
    )
    parts = [
        Markup("<p>{:,} points. Classes: {}.</p>").format(len(read.points), legend),
        Markup("<p>The first: {}</p>").format(first),
        *(Markup("<p>{}</p>").format(note[:300]) for note in read.notes),
    ]
    if read.scales_differ:
        low, high = sorted(read.scales)
        parts.append(
            Markup(
                "<p><b>One coordinate spreads over {:.3g}, the other over {:.3g}: a network learns "
                "little from such points. Standardise them.</b></p>"
            ).format(high, low)
        )
    return Markup("").join(parts)
