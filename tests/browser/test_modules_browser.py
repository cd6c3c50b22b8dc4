"""The page's modules in a browser: what they compute is what numpy does, and they may come late."""

import base64
import math

import numpy as np
import pytest

from classifiers.film import (
    LEVELS,
    NEURON_LEVELS,
    NEURON_SIDE,
    decode_planes,
    encode_planes,
    region_plane,
)
from classifiers.ui.film.player import CURVE_COLOURS, PALETTE
from classifiers.ui.gradio_internals.page import chunk_links, chunks
from classifiers.ui.static import address
from classifiers.wording import whole_percent
from tests.ui.test_playground_page import ABOUT

SETTINGS = {
    "palette": PALETTE,
    "levels": LEVELS,
    "neuronSide": NEURON_SIDE,
    "neuronLevels": NEURON_LEVELS,
}
CALL = """async ([address, name, values]) => {
  const typed = (v) => v && v.bytes ? Uint8Array.from(v.bytes) : v;
  const plain = (v) => ArrayBuffer.isView(v) ? [...v]
    : Array.isArray(v) ? v.map(plain) : v;
  const module = await import(new URL(address, location.origin));
  return plain(await module[name](...values.map(typed)));
}"""


@pytest.fixture(scope="module")
def call(shared_page, app_url):
    """Calls a function of a module by the module's name."""
    shared_page.goto(f"{app_url}/{address('charts/svg.js')}")

    def run(name: str, function: str, *values):
        sent = [
            {"bytes": value.ravel().tolist()} if isinstance(value, np.ndarray) else value
            for value in values
        ]
        return shared_page.evaluate(CALL, [address(name), function, sent])

    return run


def random_planes(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)


def channels(pixels: list[int]) -> np.ndarray:
    """(N, 4): red, green, blue, opacity of each pixel."""
    return np.array(pixels, np.uint32).view(np.uint8).reshape(-1, 4)


@pytest.mark.parametrize("quick", [False, True])
def test_a_sprite_is_decoded_to_the_planes_it_was_made_of(call, quick):
    planes = random_planes(5, 6, 6)
    sprite = encode_planes(list(planes), quick=quick)
    decoded = call("film/decode.js", "decodePlanes", sprite, 36)
    assert np.array(decoded).tolist() == planes.reshape(5, 36).tolist()
    assert np.array_equal(decode_planes(sprite, (36,)), decoded)


def test_points_are_decoded_to_their_places_classes_and_parts(call):
    rng = np.random.default_rng(1)
    x, kind = rng.uniform([-3, 10], [5, 12], (20, 2)), rng.integers(0, 3, (20, 2))
    packed = np.zeros(20, [("x", "<u2"), ("y", "<u2"), ("kind", "u1")])
    packed["x"], packed["y"] = np.round((x - [-3, 10]) / [8, 2] * 65535).T
    packed["kind"] = kind[:, 0] + 16 * kind[:, 1]
    data = {"data": base64.b64encode(packed.tobytes()).decode()}
    points = call("film/decode.js", "decodePoints", data, [-3, 5, 10, 12])
    found = np.array([[point["x"], point["y"]] for point in points])
    assert np.abs(found - x).max() <= 8 / 65535
    assert [[point["label"], point["part"]] for point in points] == kind.tolist()


@pytest.mark.parametrize("view", ["labels", "confidence", "disagreement"])
def test_the_colours_of_a_view_are_those_of_the_classes(call, view):
    table = channels(call("film/planes.js", "colourTable", view, SETTINGS))
    codes = np.arange(256)
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in PALETTE])
    assert np.array_equal(table[:, :3], rgb[codes // LEVELS])
    sure = (codes % LEVELS / (LEVELS - 1)) ** 2
    strength = {"labels": 0.42 + 0 * sure, "confidence": 0.03 + 0.82 * sure,
                "disagreement": 0.2 + 0 * sure}[view]  # fmt: skip
    assert np.abs(table[:, 3] - 255 * strength).max() <= 0.5 + 1e-9


def test_a_neuron_is_of_one_colour_above_zero_and_of_another_below(call):
    neurons = np.random.default_rng(3).integers(0, 17, (3, NEURON_SIDE**2), dtype=np.uint8)
    pixels = channels(call("film/planes.js", "neuronPixels", neurons, 1, SETTINGS))
    level = neurons[1].astype(int) - NEURON_LEVELS
    assert (pixels[level > 0, :3] == [15, 130, 120]).all()
    assert (pixels[level < 0, :3] == [190, 55, 145]).all()
    assert np.abs(pixels[:, 3] - 230 * np.abs(level) / NEURON_LEVELS).max() <= 0.5


LINES = {"upright": (1, 0, -9.37), "level": (0, 1, -4.81), "slanted": (1, -0.7, -3.3)}


@pytest.mark.parametrize("line", LINES)
def test_the_contour_runs_where_the_classes_are_equally_likely(call, line):
    side, (a, b, c) = 24, LINES[line]
    x, y = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    distance = (a * x + b * y + c) / math.hypot(a, b)
    share = 1 / (1 + np.exp(-0.25 * distance.ravel()))
    plane = region_plane(np.column_stack([1 - share, share]), side)
    found = np.array(call("film/planes.js", "contour", plane, side, LEVELS))
    ends = found.reshape(-1, 2)
    assert len(found) >= side - 1
    assert np.abs((ends @ [a, b] + c) / math.hypot(a, b)).max() < 0.12
    # Every line joins two sides of one cell, and all of them together cross the picture.
    assert np.abs(found[:, :2] - found[:, 2:]).max() <= 1 + 1e-9
    along = ends @ [-b, a] / math.hypot(a, b)
    assert np.ptp(along) > side - 2


def test_a_contour_of_one_class_is_empty_and_three_classes_meet_in_a_point(call):
    one = np.full((4, 4), 5 + LEVELS, np.uint8)
    assert call("film/planes.js", "contour", one, 4, LEVELS) == []
    three = np.array([[9, 9 + LEVELS], [9 + 2 * LEVELS, 9 + 2 * LEVELS]], np.uint8)
    lines = call("film/planes.js", "contour", three, 2, LEVELS)
    assert sorted(map(tuple, lines)) == [
        (0.5, 1.0, 1.0, 1.0), (1.0, 0.5, 1.0, 1.0), (1.5, 1.0, 1.0, 1.0),
    ]  # fmt: skip


def expected_ticks(low: float, high: float, count: int) -> list[float]:
    rough = (high - low) / count
    steps = [m * 10.0**k for k in range(-6, 7) for m in (1, 2, 5)]
    step = next(step for step in steps if step >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


@pytest.mark.parametrize(
    ("low", "high", "count"),
    [(0, 1, 5), (0.1, 0.9, 5), (0, 0.7342, 4), (-0.1, 0.62, 4), (29, 77, 5), (126, 564, 3),
     (0, 20_000, 5), (0.87, 0.93, 4), (-3.2, -1.1, 5), (0, 3e-4, 4)],
)  # fmt: skip
def test_ticks_are_round_and_none_is_missing(call, low, high, count):
    ticks = call("charts/scale.js", "ticks", low, high, count)
    assert ticks == pytest.approx(expected_ticks(low, high, count), abs=1e-12)
    assert 1 < len(ticks) <= count + 1


def test_a_logarithmic_axis_has_powers_of_ten(call):
    axis = {"range": [2e-4, 3.0], "log": True}
    assert call("charts/scale.js", "axisTicks", axis, 4) == pytest.approx([1e-3, 1e-2, 0.1, 1])
    assert call("charts/scale.js", "axisTicks", {**axis, "range": [0.2, 9.0]}, 4) == [0.2, 9.0]


WRITTEN = [
    ({"percent": True}, 0.4, "40 %"), ({"percent": True}, 0.805, "80.5 %"),
    ({"percent": True}, -0.02, "-2 %"), ({}, 0, "0"), ({}, 0.25, "0.25"), ({}, 1e-4, "1e-4"),
    ({}, 1e5, "1e5"), ({}, 564, "564"), ({"whole": True}, 20_000, "20,000"),
]  # fmt: skip


@pytest.mark.parametrize(("axis", "value", "text"), WRITTEN)
def test_a_tick_says_its_value(call, axis, value, text):
    assert call("charts/scale.js", "writeTick", axis, value) == text


@pytest.mark.parametrize("share", [0, 0.004, 0.01, 1 / 3, 0.494, 0.496, 0.99, 0.9951, 1])
def test_a_whole_per_cent_reads_as_in_python(call, share):
    assert call("charts/scale.js", "wholePercent", share) == whole_percent(share)


@pytest.mark.parametrize(("percent", "threshold"), [(33, 1 / 3), (34, 0.34), (0, 0), (100, 1)])
def test_the_step_next_to_what_theory_asks_for_is_that_itself(call, percent, threshold):
    call("heart/decision.js", "change", {"threshold": 0.5, "miss": 2, "alarm": 1})
    call("heart/decision.js", "slide", percent)
    assert call("heart/decision.js", "decision") == {
        "threshold": threshold, "miss": 2, "alarm": 1,
    }  # fmt: skip


def stages() -> list[dict]:
    """Two runs, of which the first has ended before its last epoch."""

    def rows(first: float, last: float, epochs: list[int]) -> dict:
        losses = np.geomspace(first, last, len(epochs)).tolist()
        accuracies = np.linspace(0.63, 0.97, len(epochs)).tolist()
        return {
            "epoch": epochs,
            **{f"{part}_loss": {"mean": losses} for part in CURVE_COLOURS},
            **{f"{part}_accuracy": {"mean": accuracies} for part in CURVE_COLOURS},
        }

    return [
        {"rows": rows(2.0, 0.5, [0, 10, 20]), "planned": 100, "ended": True},
        {"rows": rows(1.0, 0.4, [0, 5]), "planned": 60, "ended": False},
    ]


def test_all_stages_share_their_axes(call):
    loss = call("film/curves.js", "sharedScale", stages(), "loss")
    assert loss == {"low": 0, "high": 2, "log": False, "last": 60}
    accuracy = call("film/curves.js", "sharedScale", stages(), "accuracy")
    assert accuracy == {"low": 0.6, "high": 1, "log": False, "last": 60}


def test_losses_far_apart_stand_on_a_logarithmic_axis(call):
    runs = stages()
    runs[1]["rows"]["test_loss"]["mean"] = [1.0, 0.002]
    loss = call("film/curves.js", "sharedScale", runs, "loss")
    assert (loss["low"], loss["high"], loss["log"]) == (0.002, 2, True)


def test_the_page_waits_for_the_links_that_python_answers(call):
    place = "playground/window/address.js"
    assert {query: call(place, "namesSettings", f"?{query}") for query in ABOUT} == ABOUT


def test_a_film_shows_the_last_frame_that_is_not_after_its_moment(call, shared_page):
    shown = shared_page.evaluate(
        """async ([address, keys, moments]) => {
          const { Stage } = await import(new URL(address, location.origin));
          const frames = keys.map((key) => ({ key }));
          return moments.map((at) => Stage.prototype.frameAt.call({ frames }, at).key);
        }""",
        [address("film/stage.js"), [0, 1, 2, 2.5], [0, 0.9, 1, 2, 2.4, 2.5, 9]],
    )
    assert shown == [0, 0, 1, 2, 2, 2.5, 2.5]


def test_what_came_before_its_module_is_shown(page, app_url):
    held, through = [], []
    page.route(
        "**/bundles/page.js",
        lambda route: route.continue_() if through else held.append(route),
    )
    page.goto(app_url, wait_until="domcontentloaded")
    page.locator("#origin", has_text="Weights").wait_for()
    stage = "#playground-stage .playground"
    assert page.get_attribute(stage, "data-phase") == "opening"
    through.append(True)
    for route in held:
        route.continue_()
    page.wait_for_selector(f"{stage}[data-phase=ready]")
    # Once, by its preload.
    assert len(held) == 1


ASKED = """() => performance.getEntriesByType('resource')
  .map(({ name }) => name.split('/assets/')[1]).filter((name) => name?.endsWith('.js'))"""


def test_the_page_names_the_modules_of_gradio_that_it_asks_for(page, app_url):
    """Each costs a wave of requests where it is missing, and bytes where it is not needed."""

    def asked(way: str) -> list[str]:
        page.goto(app_url)
        page.wait_for_selector("#playground-stage .playground[data-phase=ready]")
        page.locator("#origin", has_text="Weights").wait_for()
        own = {name for name in page.evaluate(ASKED) if not name.startswith("index-")}
        return [way, *sorted(own)]

    page.route("**/", lambda route: route.fulfill(
        response=(got := route.fetch()), body=got.text().replace(chunk_links(), "")))  # fmt: skip
    without = asked("Gradio asks for other modules now; write them into chunks.json")
    page.unroute("**/")
    assert without[1:] == chunks(), without
    assert asked("preloaded")[1:] == chunks()


def test_a_module_that_does_not_come_is_said_in_words(page, app_url):
    page.route("**/bundles/page.js", lambda route: route.abort())
    page.goto(app_url)
    page.locator("#playground-stage", has_text="could not be loaded").wait_for()
    assert page.errors
    page.errors.clear()
