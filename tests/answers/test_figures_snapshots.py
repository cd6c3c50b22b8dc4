"""The figures for cards and notebooks, artist by artist."""

from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text

from classifiers import plots
from tests.answers.thinned import hold

X = np.linspace(0.05, 0.95, 5)
UP, LOW, HIGH = X**2, X**2 - 0.03, X**2 + 0.04


def looks(artist: Any) -> dict[str, Any]:
    """What can be asked of an artist, whatever its kind."""
    told: dict[str, Any] = {"kind": type(artist).__name__}
    for key in ("alpha", "linestyle", "linewidth", "marker", "markersize", "label", "ha", "va"):
        if hasattr(artist, f"get_{key}"):
            told[key] = str(np.ravel(getattr(artist, f"get_{key}")()).tolist()[-1])
    if hasattr(artist, "get_sizes"):
        told["sizes"] = artist.get_sizes()
    for key in ("color", "facecolor", "edgecolor"):
        if hasattr(artist, f"get_{key}"):
            told[key] = colours(getattr(artist, f"get_{key}")())
    return told


def colours(value: Any) -> list[str]:
    whole = np.ndim(value) < 2 or isinstance(value, str)
    return sorted({to_hex(one, keep_alpha=True) for one in ([value] if whole else value)})


def whole(figure: Figure) -> dict[str, Any]:
    figure.draw_without_rendering()
    axes = figure.axes[0]
    legend = axes.get_legend()
    return {
        "size": figure.get_size_inches(),
        "texts": [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()],
        "limits": [axes.get_xlim(), axes.get_ylim(), axes.get_xscale(), axes.get_yscale()],
        "ticks": [
            [label.get_text() for label in ends]
            for ends in (axes.get_xticklabels(), axes.get_yticklabels())
        ],
        "spines": {name: spine.get_visible() for name, spine in axes.spines.items()},
        "lines": [{"at": line.get_xydata(), **looks(line)} for line in axes.get_lines()],
        "collections": [
            {
                "paths": [path.vertices for path in one.get_paths()][:6],
                "at": np.asarray(one.get_offsets()),
                **looks(one),
            }
            for one in axes.collections
        ],
        "images": [
            [image.get_array(), image.get_extent(), image.origin, image.get_clim(),
             image.get_cmap().name, image.get_interpolation(), image.get_alpha()]
            for image in axes.images
        ],
        "bars": [
            [bar.get_x(), bar.get_width(), bar.get_height(), looks(bar)]
            for container in axes.containers if isinstance(container, BarContainer)
            for bar in container
        ],
        "written": [[text.get_text(), *text.get_position(), looks(text)] for text in texts(axes)],
        "legend": legend and [legend._loc, legend.get_frame_on(), *(
            text.get_text() for text in legend.get_texts())],
    }  # fmt: skip


def texts(axes: Any) -> list[Text]:
    return [one for one in axes.texts if one.get_text()]


def test_figures(snapshots):
    drawn = {
        "regions": plots.decision_regions(
            np.arange(12).reshape(3, 4) % 8, (-2, 3, -1, 4), np.column_stack([X, UP]),
            np.array([0, 7, 1, 2, 3]),
        ),
        "curves": plots.curves(
            X, {"train": UP, "test": HIGH, "fresh": LOW}, {"test": (LOW, HIGH)},
            title="Loss", x_name="epoch", y_name="nats",
        ),
        "curves, logarithmic": plots.curves(
            X, {"one": UP}, title="", x_name="x", y_name="y", log=True
        ),
        "ROC": plots.roc(X, HIGH, (0.2, 0.6)),
        "ROC, no threshold": plots.roc(X, HIGH),
        "calibration": plots.calibration(X, UP, (LOW, HIGH), [(0.2, 0.25, 0.1, 0.5)]),
        "decisions": plots.decision_curve(X, 0.3 - UP, (LOW - 0.2, HIGH - 0.2), 0.2 - X),
        "decisions, of which some are not known": plots.decision_curve(
            X, np.where(X > 0.4, np.nan, 0.1), (LOW, HIGH - 0.5), 0.3 - X
        ),
        "confusion": plots.confusion_matrix(np.array([[10, 1.5], [4.5, 20]]), ["well", "ill"]),
        "differences": plots.forest(
            ["one", "two", "three"], X[:3], X[:3] - 0.1, X[:3] + 0.3, x_name="AUC"
        ),
        "heaps": plots.histogram(
            [(0, 1, 3), (1, 1.5, 7)], {"mean": 0.9, "ours": 1.2}, title="t", x_name="x", y_name="y"
        ),
    }  # fmt: skip
    for name, figure in drawn.items():
        hold(snapshots, name, whole(figure))
