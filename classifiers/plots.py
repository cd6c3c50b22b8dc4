"""Figures for model cards and notebooks: arrays in, a matplotlib Figure out.

Nothing is computed here but places on paper: intervals, bands and predictions are the caller's. No
global state is touched, so that several threads may draw. Save one with `figure.savefig(path)`; in
a notebook, `%matplotlib inline` shows it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.errors import ConfigError

if TYPE_CHECKING:  # importing the package loads no matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's, told apart with any colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#7C5CBF")
Band = tuple[np.ndarray, np.ndarray]  # low and high


def _axes(title: str, x: str, y: str, size: tuple[float, float] = (4.6, 4.0)) -> "Axes":
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            "matplotlib", "is not installed and draws the figures; pip install matplotlib"
        ) from None
    axes = Figure(figsize=size, layout="constrained").add_subplot()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _figure(axes: "Axes") -> "Figure":
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def decision_regions(
    labels: np.ndarray, extent: tuple[float, float, float, float], x: np.ndarray, y: np.ndarray
) -> "Figure":
    """The class predicted everywhere, and the points.

    Args:
        labels: (H, W) int, the predicted class; row 0 is the lowest.
        extent: left, right, bottom, top of the picture.
        x: (N, 2) points.
        y: (N,) their classes.
    """
    from matplotlib.colors import ListedColormap

    axes = _axes("Decision regions", "x1", "x2")
    palette = ListedColormap(COLOURS)
    scale: dict[str, Any] = {"cmap": palette, "vmin": 0, "vmax": len(COLOURS) - 1}
    axes.imshow(
        labels, extent=extent, origin="lower", aspect="auto", alpha=0.3, interpolation="nearest",
        **scale,
    )  # fmt: skip
    axes.scatter(x[:, 0], x[:, 1], c=y, s=14, edgecolors="white", linewidths=0.4, **scale)
    return _figure(axes)


def curves(
    x: np.ndarray,
    lines: Mapping[str, np.ndarray],
    bands: Mapping[str, Band] | None = None,
    *,
    title: str,
    x_name: str,
    y_name: str,
    log: bool = False,
) -> "Figure":
    """Lines over x (N,), each with a name in the legend and, where one is given, a band."""
    axes = _axes(title, x_name, y_name)
    for colour, (name, values) in zip(COLOURS, lines.items(), strict=False):
        axes.plot(x, values, label=name, color=colour)
        if bands and name in bands:
            axes.fill_between(x, *bands[name], color=colour, alpha=0.18, linewidth=0)
    if log:
        axes.set_xscale("log")
    axes.legend(frameon=False)
    return _figure(axes)


def roc(
    false_positive_rate: np.ndarray,
    true_positive_rate: np.ndarray,
    marker: tuple[float, float] | None = None,
) -> "Figure":
    """The ROC curve; `marker` is the false- and the true-positive rate at a threshold."""
    axes = _axes("ROC curve", "false-positive rate", "true-positive rate")
    axes.plot([0, 1], [0, 1], color="0.7", linestyle=":", label="chance")
    axes.plot(false_positive_rate, true_positive_rate, color=COLOURS[0], label="model")
    if marker is not None:
        axes.plot(*marker, "o", color=COLOURS[5], label="threshold")
    axes.legend(frameon=False, loc="lower right")
    return _figure(axes)


def calibration(
    predicted: np.ndarray,
    observed: np.ndarray,
    band: Band,
    groups: Sequence[tuple[float, float, float, float]] = (),
) -> "Figure":
    """Observed frequency against predicted probability, with its band.

    `groups` are predicted, observed, low and high of patients with neighbouring probabilities.
    """
    axes = _axes("Calibration", "predicted probability", "observed frequency")
    axes.plot([0, 1], [0, 1], color="0.7", linestyle=":", label="perfect")
    axes.fill_between(predicted, *band, color=COLOURS[0], alpha=0.18, linewidth=0)
    axes.plot(predicted, observed, color=COLOURS[0], label="model")
    for at, value, low, high in groups:
        axes.errorbar(
            at, value, [[value - low], [high - value]], fmt="o", color=COLOURS[5], markersize=4
        )
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False, loc="upper left")
    return _figure(axes)


def decision_curve(
    thresholds: np.ndarray, net_benefit: np.ndarray, band: Band, treat_all: np.ndarray
) -> "Figure":
    """Net benefit of the model, of treating all and of treating none (Vickers & Elkin 2006)."""
    axes = _axes("Decision curve", "threshold", "net benefit a patient")
    axes.fill_between(thresholds, *band, color=COLOURS[0], alpha=0.18, linewidth=0)
    axes.plot(thresholds, net_benefit, color=COLOURS[0], label="model")
    axes.plot(thresholds, treat_all, color=COLOURS[1], linestyle="--", label="treat all")
    axes.axhline(0, color="0.5", linestyle=":", label="treat none")
    best = float(np.nanmax(np.concatenate([net_benefit, treat_all, band[1]])))
    axes.set_ylim(-0.25 * best, 1.08 * best)
    axes.legend(frameon=False)
    return _figure(axes)


def confusion_matrix(counts: np.ndarray, names: Sequence[str]) -> "Figure":
    """Counts (classes, classes): a row a true class, a column a predicted one."""
    axes = _axes("Confusion matrix", "predicted", "true")
    axes.imshow(counts, cmap="Blues", vmin=0)
    ticks = range(len(names))
    axes.set_xticks(ticks, names)
    axes.set_yticks(ticks, names)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if count > counts.max() / 2 else "black"
        axes.text(column, row, f"{count:g}", ha="center", va="center", color=colour)
    return _figure(axes)


def forest(
    names: Sequence[str], values: np.ndarray, low: np.ndarray, high: np.ndarray, *, x_name: str
) -> "Figure":
    """Differences with their intervals, the first at the top; the line is no difference."""
    axes = _axes("Differences", x_name, "", (5.6, 1.0 + 0.32 * len(names)))
    places = np.arange(len(names))[::-1]
    axes.axvline(0, color="0.6", linestyle=":")
    axes.errorbar(
        values, places, xerr=np.stack([values - low, high - values]), fmt="o", color=COLOURS[0]
    )
    axes.set_yticks(places, names)
    return _figure(axes)


def histogram(
    bars: Sequence[tuple[float, float, float]],
    markers: Mapping[str, float],
    *,
    title: str,
    x_name: str,
    y_name: str,
) -> "Figure":
    """Bars of (from, to, height), and named vertical lines."""
    axes = _axes(title, x_name, y_name)
    left, right, height = np.array(bars, dtype=float).reshape(-1, 3).T
    axes.bar(left, height, right - left, align="edge", color="0.8", edgecolor="white")
    for colour, (name, at) in zip((COLOURS[0], COLOURS[5]), markers.items(), strict=False):
        axes.axvline(at, color=colour, label=name)
    axes.set_ylim(0, 1.3 * height.max())  # room for the legend
    axes.legend(frameon=False, loc="upper left")
    return _figure(axes)
