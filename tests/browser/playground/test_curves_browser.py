"""The charts of films say what was computed: read off the page, compared with it."""

import json

import numpy as np
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.result import curves
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.player import CURVE_COLOURS
from tests.browser.playground.test_playground_browser import opened, press, trained, unfold
from tests.browser.read_chart import read_chart
from tests.conftest import forgotten
from tests.tools.app_client import Caller

SEVERAL = {
    "dataset": {"name": "moons", "samples": 90, "noise": 0.3},
    "network": {"widths": [6]},
    "training": {"epochs": 12, "members": 3, "optimizer": "adam", "learning_rate": 0.05},
}
# Apart from each other, so that the loss falls by powers of ten. A run without an end looks at
# its scores at each epoch up to here, as a training of as many does; pictures are of fewer.
FAR_APART = {
    "dataset": {"name": "blobs", "samples": 80, "noise": 0.5},
    "network": {"widths": [8]},
    "training": {"epochs": 80, "optimizer": "adam", "learning_rate": 0.1},
}


def query_of(config: dict) -> str:
    pairs = [(f"{part}.{name}", value) for part in config for name, value in config[part].items()]
    return "&".join(f"{key}={json.dumps(value)}".replace('"', "") for key, value in pairs)


@pytest.fixture(scope="module", params=[SEVERAL, FAR_APART], ids=["several", "far apart"])
def film(request, shared_page, app_url):
    """The page with a finished film, and the result of the same training."""
    config = request.param
    *_, last = run_playground(PlaygroundConfig.parse(config))
    page = forgotten(shared_page, app_url)  # kept runs outlive a page
    trained(opened(page, app_url, f"?{query_of(config)}"))
    press(page, "keep")
    unfold(page, "compare")
    page.wait_for_selector("#playground-compare .film[data-state=done]")
    return page, Caller(app_url)("train_playground", config), last.result


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def read_film(page, quantity: str):
    return read_chart(page, f"#playground-compare .chart:has(strong:text-is('{quantity}'))")


@pytest.mark.parametrize("quantity", ["loss", "accuracy"])
def test_a_film_has_the_curves_of_its_training(film, quantity):
    page, told, result = film
    history, rows = told["history"], result.history.rows
    chart = read_film(page, quantity.capitalize())
    chart.check_axes(("epoch", False), (None, quantity == "accuracy"))
    several = len(rows[0].values["train_loss"]) > 1
    assert chart.y.log == (quantity == "loss" and not several)
    low, high = curves(rows, np.min), curves(rows, np.max)
    for part, style in (("train", "solid"), ("test", "dashed")):
        name = f"{part}_{quantity}"
        chart.check_line(part, history["epoch"], history[name])
        [line] = chart.under(part)
        assert (line.colour, line.style) == (rgb(CURVE_COLOURS[part]), style)
        if several:
            chart.check_band(part, history["epoch"], low[name], high[name])
    assert len(chart.bands) == (2 if several else 0)
    best = [line for line in chart.lines if line.style == "dotted"]
    assert len(best) == (quantity == "accuracy")
    for line in best:
        bayes = told["metrics"]["bayes_accuracy"]
        chart.check_curve(line, [0, history["epoch"][-1]], [bayes, bayes])


@pytest.mark.parametrize(("key", "moment"), [("Home", 0), ("End", -1)])
def test_the_figures_above_the_curves_are_those_of_the_moment(film, key, moment):
    page, told, _ = film
    page.focus("#playground-compare canvas.picture")
    page.keyboard.press(key)
    history = told["history"]
    for quantity in ("loss", "accuracy"):
        chart = read_film(page, quantity.capitalize())
        chart.check_cut(history["epoch"][moment])
        for part, text in zip(("train", "test"), chart.legend, strict=True):
            value = history[f"{part}_{quantity}"][moment]
            name, number, *unit = text.split()
            if quantity == "accuracy":
                assert (name, unit) == (part, ["%"])
                assert float(number) == pytest.approx(100 * value, abs=0.0501)
            else:
                assert (name, float(number)) == (part, pytest.approx(value, rel=5e-3))


# How opaque the picture is in the middle of some points.
OPACITY = """([canvas, places]) => {
  const context = document.querySelector(canvas).getContext('2d');
  return places.map(([x, y]) => context.getImageData(x, y, 1, 1).data[3]);
}"""


def test_each_box_shows_its_own_points(film):
    page, _, result = film
    scene, extent = result.scene, result.scene.extent
    canvas = "#playground-compare canvas.picture"
    size = page.locator(canvas).evaluate("(e) => e.width")
    share = (scene.dataset.x - [extent.x_min, extent.y_min]) / [
        extent.x_max - extent.x_min, extent.y_max - extent.y_min,
    ]  # fmt: skip
    # The picture leaves 34, 8, 8 and 22 pixels to its axes.
    places = np.column_stack([34 + share[:, 0] * (size - 42), 8 + (1 - share[:, 1]) * (size - 30)])
    near = np.linalg.norm(places[:, None] - places, axis=2) + 99 * np.eye(len(places))
    alone = near.min(axis=1) > 12

    def solid(rows) -> set[bool]:
        chosen = [row for row in rows if alone[row]]
        assert chosen
        opacity = page.evaluate(OPACITY, [canvas, np.round(places[chosen]).tolist()])
        return {value == 255 for value in opacity}

    for name, shown, hidden in (
        ("train", scene.test, scene.train),
        ("test", scene.train, scene.test),
    ):
        box = page.locator(f"#playground-compare [data-part={name}]")
        assert solid(shown) == solid(hidden) == {True}
        box.uncheck()
        assert (solid(shown), solid(hidden)) == ({True}, {False})
        box.check()


def test_a_saved_film_says_which_line_is_which(film):
    page, *_ = film
    with page.expect_download() as download:
        page.click("#playground-compare [data-part=svg]")
    svg = download.value.path().read_text()
    for title in ("Loss", "Accuracy"):
        assert f"{title}: solid on training points, dashed on test points" in svg


def test_the_losses_written_beside_the_curves_lie_evenly(film):
    """Of the two films the second has a logarithmic axis: there as well."""
    page, *_ = film
    ends = page.locator("#playground-stage .plot").first.locator("text[text-anchor=end]")
    low, middle, high = (float(end.get_attribute("y")) for end in ends.all()[:3])
    assert low > high
    assert middle == pytest.approx((low + high) / 2, abs=0.1)
