"""Figures are read back into the numbers that they were given."""

import io
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from classifiers import plots
from classifiers.errors import ConfigError
from classifiers.recipes.heart.record.figures import draw_net_benefit
from tests.answers.thinned import hold

X = np.array([0.0, 0.25, 0.5, 1.0])
UP, LOW, HIGH = np.array([0.1, 0.3, 0.4, 0.9]), np.array([0.0, 0.2, 0.3, 0.8]), np.ones(4)


def lines(figure: Figure) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].get_lines()}


def bands(figure: Figure) -> list[tuple[np.ndarray, np.ndarray]]:
    """Low and high of each band, at `X`."""
    found = []
    for band in figure.axes[0].collections:
        if isinstance(band, LineCollection):  # whiskers
            continue
        corners = np.concatenate([path.vertices for path in band.get_paths()])
        at = [corners[np.isclose(corners[:, 0], x), 1] for x in X]
        found.append((np.array([v.min() for v in at]), np.array([v.max() for v in at])))
    return found


def whiskers(figure: Figure, along: int) -> np.ndarray:
    """(N, 2) low and high of each whisker."""
    drawn = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    segments = [segment for collection in drawn for segment in collection.get_segments()]
    return np.array([sorted(segment[:, along]) for segment in segments])


def test_curves_have_their_own_numbers_bands_and_colours():
    figure = plots.curves(
        X + 1, {"train": UP, "test": UP[::-1]}, {"test": (LOW, HIGH)},
        title="Loss", x_name="epoch", y_name="loss", log=True,
    )  # fmt: skip
    axes = figure.axes[0]
    np.testing.assert_array_equal(lines(figure)["train"], np.column_stack([X + 1, UP]))
    np.testing.assert_array_equal(lines(figure)["test"], np.column_stack([X + 1, UP[::-1]]))
    legend = axes.get_legend()
    drawn = {line.get_label(): to_hex(line.get_color()) for line in axes.get_lines()}
    told = {t.get_text(): to_hex(h.get_color())
            for t, h in zip(legend.get_texts(), legend.legend_handles, strict=True)}  # fmt: skip
    assert told == drawn
    assert to_hex(axes.collections[0].get_facecolor()[0]) == drawn["test"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("Loss", "epoch", "loss")


def test_the_roc_curve_has_false_positives_to_the_right():
    figure = plots.roc(X, HIGH, marker=(0.2, 0.7))
    np.testing.assert_array_equal(lines(figure)["model"], np.column_stack([X, HIGH]))
    np.testing.assert_array_equal(lines(figure)["threshold"], [[0.2, 0.7]])
    assert figure.axes[0].get_xlabel() == "false-positive rate"
    assert figure.axes[0].get_ylabel() == "true-positive rate"
    assert not figure.axes[0].xaxis_inverted()


def test_calibration_draws_observed_over_predicted_with_band_and_whiskers():
    figure = plots.calibration(X, UP, (LOW, HIGH), [(0.3, 0.4, 0.35, 0.6)])
    np.testing.assert_array_equal(lines(figure)["model"], np.column_stack([X, UP]))
    np.testing.assert_allclose(bands(figure)[0], (LOW, HIGH))
    np.testing.assert_allclose(whiskers(figure, 1), [[0.35, 0.6]])


def test_a_decision_curve_shows_all_three_policies():
    figure = plots.decision_curve(X, UP, (LOW, HIGH), UP[::-1])
    shown = lines(figure)
    np.testing.assert_array_equal(shown["model"][:, 1], UP)
    np.testing.assert_array_equal(shown["treat all"][:, 1], UP[::-1])
    np.testing.assert_array_equal(shown["treat none"][:, 1], [0, 0])
    low, high = figure.axes[0].get_ylim()
    assert low < 0 < 1 < high
    np.testing.assert_allclose(bands(figure)[0], (LOW, HIGH))


def test_a_confusion_matrix_writes_true_classes_downwards():
    counts = np.array([[50, 3], [7, 40]])
    axes = plots.confusion_matrix(counts, ["well", "ill"]).axes[0]
    written = {t.get_position(): t.get_text() for t in axes.texts}
    assert written == {(0, 0): "50", (1, 0): "3", (0, 1): "7", (1, 1): "40"}
    assert [t.get_text() for t in axes.get_yticklabels()] == ["well", "ill"]
    assert axes.yaxis_inverted()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    np.testing.assert_array_equal(axes.images[0].get_array(), counts)


def test_a_forest_has_the_first_on_top_and_whiskers_to_both_sides():
    value, low, high = np.array([0.1, -0.2]), np.array([-0.1, -0.3]), np.array([0.4, 0.0])
    figure = plots.forest(["a", "b"], value, low, high, x_name="AUC")
    axes = figure.axes[0]
    places = dict(
        zip((t.get_text() for t in axes.get_yticklabels()), axes.get_yticks(), strict=True)
    )
    assert places["a"] > places["b"]
    np.testing.assert_allclose(whiskers(figure, 0), np.column_stack([low, high]))
    points = axes.containers[0].lines[0].get_xydata()
    np.testing.assert_array_equal(points, [[0.1, places["a"]], [-0.2, places["b"]]])
    assert not axes.yaxis_inverted()


def test_decision_regions_lie_under_their_points():
    labels, x, y = np.array([[0, 0], [1, 2]]), np.array([[0.5, -1.0], [1.5, 1.0]]), np.array([0, 2])
    axes = plots.decision_regions(labels, (0, 2, -2, 2), x, y).axes[0]
    picture, points = axes.images[0], axes.collections[0]
    assert picture.origin == "lower"
    assert tuple(picture.get_extent()) == (0, 2, -2, 2)
    np.testing.assert_array_equal(picture.get_array(), labels)
    np.testing.assert_array_equal(points.get_offsets(), x)
    colours = [to_hex(c) for c in points.to_rgba(points.get_array())]
    assert colours == [plots.COLOURS[0].lower(), plots.COLOURS[2].lower()]
    assert to_hex(picture.to_rgba(np.array([[2]]))[0, 0]) == plots.COLOURS[2].lower()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_figure_is_saved_without_a_screen(kind):
    file = io.BytesIO()
    plots.roc(X, UP).savefig(file, format=kind)
    assert len(file.getvalue()) > 1000


def test_who_lacks_matplotlib_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError) as refused:
        plots.roc(X, UP)
    assert str(refused.value) == (
        "matplotlib: is not installed and draws the figures; pip install matplotlib"
    )


def test_a_histogram_has_its_bars_and_names_its_lines():
    bars = [(0.0, 0.5, 3), (0.5, 1.0, 7)]
    figure = plots.histogram(
        bars, {"all": 0.25, "one": 0.75}, title="Sets", x_name="AUC", y_name="sets"
    )
    axes = figure.axes[0]
    drawn = [(b.get_x(), b.get_x() + b.get_width(), b.get_height()) for b in axes.patches]
    assert drawn == bars
    assert {name: xy[0, 0] for name, xy in lines(figure).items()} == {"all": 0.25, "one": 0.75}
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("Sets", "AUC", "sets")


def test_net_benefit_of_risks_is_drawn_below_a_threshold_of_one():
    random = np.random.default_rng(4)
    p = random.random(60)
    y = (random.random(60) < p).astype(int)
    drawn = lines(draw_net_benefit(y, p))
    at = drawn["model"][:, 0]
    np.testing.assert_allclose(at, np.arange(200) / 200)
    called = p >= at[:, None]
    price = at / (1 - at)
    for name, who in (("model", called), ("treat all", np.ones_like(called))):
        benefit = (who & (y == 1)).mean(1) - price * (who & (y == 0)).mean(1)
        np.testing.assert_allclose(drawn[name][:, 1], benefit, atol=1e-12)


def rounded(values: Any) -> Any:
    return np.round(np.asarray(values, dtype=float), 6).tolist()


def described(figure: Figure) -> dict[str, Any]:
    """All that is drawn, and how."""
    (axes,) = figure.axes
    legend = axes.get_legend()
    for one in axes.collections:
        one.update_scalarmappable()
    return {
        "size": rounded(figure.get_size_inches()),
        "layout": type(figure.get_layout_engine()).__name__,
        "words": [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()],
        "scales": [axes.get_xscale(), axes.get_yscale(), axes.get_aspect()],
        "limits": [rounded(axes.get_xlim()), rounded(axes.get_ylim())],
        "ticks": [[text.get_text() for text in axis.get_ticklabels()] for axis in
                  (axes.xaxis, axes.yaxis)],
        "spines": [name for name, spine in axes.spines.items() if spine.get_visible()],
        "lines": [[line.get_label(), to_hex(line.get_color()), line.get_linestyle(),
                   line.get_marker(), line.get_markersize(), rounded(line.get_xydata())]
                  for line in axes.get_lines()],
        "areas": [[type(one).__name__, rounded(one.get_facecolor()), rounded(one.get_edgecolor()),
                   one.get_alpha(), rounded(one.get_linewidths()),
                   rounded(getattr(one, "get_sizes", list)()), rounded(one.get_offsets()),
                   [] if isinstance(one, PathCollection) else
                   [rounded(path.vertices) for path in one.get_paths()]]
                  for one in axes.collections],
        "pictures": [[rounded(one.get_array()), one.get_extent(), one.origin, one.get_cmap().name,
                      one.get_clim(), one.get_alpha(), one.get_interpolation()]
                     for one in axes.images],
        "bars": [[rounded(bar.get_bbox().extents), to_hex(bar.get_facecolor()),
                  to_hex(bar.get_edgecolor())] for bar in axes.patches],
        "texts": [[text.get_text(), text.get_position(), text.get_color(), text.get_ha(),
                   text.get_va()] for text in axes.texts],
        "legend": legend and [[text.get_text() for text in legend.get_texts()], legend._loc,
                              legend.get_frame_on()],
    }  # fmt: skip


def test_figures_as_they_are_drawn(snapshots):
    axes = {"title": "A title", "x_name": "along", "y_name": "up"}
    labels, y = np.array([[0, 1, 2], [7, 1, 0]]), np.array([0, 2, 7])
    x, between = np.column_stack([X, UP])[:3], (LOW, HIGH)
    groups = [(0.3, 0.4, 0.35, 0.6), (0.7, 0.5, 0.2, 0.55)]
    counts = np.array([[50, 26, 0], [7, 25, 24.5], [1, 2, 3]])
    ends = UP - 0.3, UP - 0.5, UP + 0.1
    bars = [(0.0, 0.5, 3.0), (0.5, 0.75, 7.0), (0.75, 1.5, 2.0)]
    three = {"a": UP, "b": LOW, "c": HIGH}
    drawn = {
        "regions": plots.decision_regions(labels, (0, 3, -2, 2), x, y),
        "curves": plots.curves(X + 1, three, {"c": between, "a": (LOW, UP)}, log=True, **axes),
        "curves without bands": plots.curves(X, {"a": UP}, **axes),
        "roc": plots.roc(X, HIGH, marker=(0.2, 0.7)),
        "roc without a threshold": plots.roc(X, UP),
        "calibration": plots.calibration(X, UP, between, groups),
        "calibration without groups": plots.calibration(X, UP, between),
        "net benefit": plots.decision_curve(X, UP - 0.2, (LOW, HIGH / 2), UP[::-1] - 0.3),
        "treating all is best": plots.decision_curve(X, LOW, (LOW, UP), UP[::-1] + 1),
        "treating all is unknown at one": plots.decision_curve(
            X, UP - 0.2, (LOW, HIGH / 2), np.array([0.4, 0.3, 0.1, np.nan])),
        "matrix": plots.confusion_matrix(counts, ["well", "ill", "?"]),
        "forest": plots.forest(["a", "b", "c", "d"], *ends, x_name="AUC"),
        "histogram": plots.histogram(bars, {"all": 0.25, "one": 0.75}, **axes),
        "histogram without lines": plots.histogram(bars[:2], {"all": 0.25}, **axes),
    }  # fmt: skip
    for name, figure in drawn.items():
        hold(snapshots, name, described(figure), 20)
