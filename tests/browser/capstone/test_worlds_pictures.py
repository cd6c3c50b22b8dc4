"""The pictures of worlds say what was computed: read off the page, compared with the record.

And below them the capstone's script: closed at first, fetched once, readable, copied.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from classifiers.recipes.capstone.code import to_script
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.message import (
    decode_regions,
    unpack_array,
    unpack_regions,
)
from classifiers.recipes.capstone.worlds.page.detail import detail
from classifiers.recipes.capstone.worlds.rule import ALONG_POINTS
from tests.browser.capstone.worlds_page import (
    STEPS,
    WORLDS,
    Line,
    WorldsPage,
    network,
    rings_of,
    shipped,
)
from tests.conftest import in_window

WIDTH = 400  # units of a picture
CODE = "#capstone-code"
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# The contrast of a text with what is behind it (WCAG 2.2, 1.4.3); what is clear lets through.
CONTRAST = """(e) => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((v) => v / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  let behind = e;
  while (rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const both = [getComputedStyle(e).color, getComputedStyle(behind).backgroundColor].map(light);
  return (Math.max(...both) + .05) / (Math.min(...both) + .05);
}"""


@pytest.fixture(scope="module")
def pile():
    return shipped()


@pytest.fixture(scope="module")
def opened(shared_page, app_url, pile):
    page = WorldsPage(shared_page).open(app_url)
    for _ in range(5):
        page.draw()
    return page


@pytest.fixture
def worlds(opened):
    """Six worlds drawn, the first on show at its end."""
    opened.go(0)
    opened.end()
    return opened


@dataclass
class Look:
    """What stood there: of each network, the words, and the epoch that the page says of itself."""

    networks: dict[str, dict]
    epoch: str
    world: str
    said: str | None


Looked = Callable[..., Look]


@pytest.fixture(scope="module")
def looked(opened) -> Looked:
    """The look of a world after these keys on the plots, from its end: each is read once."""

    @functools.cache
    def look(world: int, *keys: str) -> Look:
        opened.go(world)
        opened.end()
        for key in keys:
            opened.page.locator(".plots").first.press(key)
        networks = {name: opened.read(name) for name in NAMES}
        return Look(networks, opened.text("epoch"), opened.text("world"), opened.says("epoch"))

    return look


def score(pile, part: str, k: int, name: str) -> np.ndarray:
    return pile.worlds[k].scores[network(name), SCORES.index(part)]


def check_outline(path: str, expected: list[np.ndarray], height: float) -> None:
    found = rings_of(path)
    assert len(found) == len(expected)
    for ring, own in zip(found, expected, strict=True):
        x, y = own.T * [[WIDTH / STEPS], [height / STEPS]]
        assert np.abs(ring - np.column_stack([x, height - y])).max() < 0.06


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("back", [0, 3])
def test_the_boundary_is_that_of_the_network_at_the_cursor(looked, pile, name, back):
    drawn = looked(4, *["ArrowLeft"] * back).networks[name]
    (expected,) = decode_regions(pile.worlds[4].regions[network(name)][-1 - back])
    check_outline(drawn["boundary"], expected, drawn["height"])


def test_the_points_are_those_of_the_world(looked, pile):
    message = unpack_array(detail(pile, 4)["points"]).astype(float)
    message = message[np.argsort(message[:, 3], kind="stable")]  # test points lie on top
    for drawn in looked(4).networks.values():
        found = np.array(drawn["points"], dtype=float)
        places = message[:, :2] * [WIDTH, -drawn["height"]] / STEPS + [0, drawn["height"]]
        assert np.abs(found[:, :2] - places).max() < 0.06
        assert np.array_equal(found[:, 2:], message[:, 2:])


@pytest.mark.parametrize("name", NAMES)
def test_every_dot_is_a_world_at_its_accuracy(looked, pile, name):
    drawn = looked(4).networks[name]
    axis = Line.through([x for _, x in drawn["axis"]], [v / 100 for v, _ in drawn["axis"]])
    low = min(value for value, _ in drawn["axis"]) / 100 - 0.1
    assert sorted((k, kind) for k, kind, *_ in drawn["dots"]) == sorted(
        (k, kind) for k in range(6) for kind in ("fresh", "test")
    )
    for k, kind, x, _ in drawn["dots"]:
        value = score(pile, f"{kind}_accuracy", k, name)[-1]
        if value > low + 0.1:
            assert axis(x) == pytest.approx(value, abs=axis.tolerance(3.6)), (k, kind)
    assert axis(drawn["best"]) == pytest.approx(pile.truth.best_fresh, abs=axis.tolerance(1.5))
    middle = np.median([score(pile, "fresh_accuracy", k, name)[-1] for k in range(6)])
    assert axis(drawn["spread"]) == pytest.approx(middle, abs=axis.tolerance(1.5))
    # The ring stands on the world on show, in both rows.
    for mark, x, y in drawn["rings"]:
        own = next(dot for dot in drawn["dots"] if dot[:2] == [4, mark.removeprefix("ring-")])
        assert np.hypot(x - own[2], y - own[3]) < 1


@pytest.mark.parametrize("name", NAMES)
def test_curves_and_cursor_are_those_of_the_world(looked, pile, name):
    look, epochs = looked(2, "Home", *["ArrowRight"] * 4), pile.epochs
    assert look.said == str(epochs[4])
    assert look.epoch == f"{epochs[4]:,}"
    drawn = look.networks[name]
    for measure, ticks in (("accuracy", (1, 0.7, 0.4)), ("loss", (0, -2, -4))):
        plot = drawn[measure]
        y = Line.through(plot["rules"], list(ticks))
        number = {text.replace(",", ""): x for text, x in plot["texts"]}
        far = [np.log1p(int(e)) for e in ("0", "10", "100")]
        x = Line.through([number[e] for e in ("0", "10", "100")], far)
        assert x(plot["cursor"]) == pytest.approx(np.log1p(epochs[4]), abs=0.02)
        for part in ("train", "test", "fresh"):
            path = np.reshape(plot["curves"][part], (-1, 2))
            assert x(path[:, 0]) == pytest.approx(np.log1p(epochs), abs=0.02)
            values = score(pile, f"{part}_{measure}", 2, name)
            if measure == "loss":
                values = np.clip(np.log10(np.maximum(values, 1e-5)), -5, 1.3)
            assert np.abs(y(path[:, 1]) - np.maximum(values, ticks[2] if measure == "accuracy" else
                          -5)).max() < y.tolerance(0.1)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_the_world(looked, pile, name):
    drawn = looked(5).networks[name]
    told, labels = drawn["numbers"], drawn["labels"]
    expected = {
        "train": score(pile, "train_accuracy", 5, name)[-1],
        "test": score(pile, "test_accuracy", 5, name)[-1],
        "fresh": score(pile, "fresh_accuracy", 5, name)[-1],
        "bestFresh": pile.truth.best_fresh,
        "bestTest": pile.worlds[5].best_test,
    }
    assert told == {key: f"{100 * value:.1f} %" for key, value in expected.items()}
    assert looked(5).world == "6"
    these = sum(row[3] for row in unpack_array(detail(pile, 5)["points"]))
    assert labels == ["Training", f"Test, these {these}", f"Fresh, {len(pile.truth.eta):,}",
                      "Best, fresh", f"Best, these {these}"]  # fmt: skip
    assert looked(5, "Home").networks[name]["labels"][2] == f"Fresh, {ALONG_POINTS:,}"


def test_the_sentence_counts_the_worlds_drawn(worlds, pile):
    def counted(part: str, epoch: int) -> tuple[int, int]:
        small, big, good = (
            np.array([score(pile, f"{part}_accuracy", k, name)[epoch] for k in range(6)])
            for name in NAMES
        )
        return int((big < small).sum()), int((good > np.maximum(small, big)).sum())

    for epoch in (-1, 4):
        if epoch != -1:
            worlds.page.locator(".plots").first.press("Home")
            for _ in range(epoch):
                worlds.page.locator(".plots").first.press("ArrowRight")
        (test, best_test), (fresh, best) = counted("test", epoch), counted("fresh", epoch)
        text = worlds.text("run")
        assert f"{test} of 6 worlds" in text
        numbers = [int(n) for n in re.findall(r"in (\d+)", text)]
        assert numbers[-3:] == [fresh, best, best_test]
        assert text.startswith("In " if epoch == -1 else f"At epoch {pile.epochs[4]:,}, in ")
        assert "interval" not in text  # below ten worlds none is claimed


def test_what_is_switched_on_is_drawn(worlds, pile):
    assert all(worlds.read(name)["shown"] for name in NAMES)
    for show in ("points", "best", "others", "regret"):
        worlds.page.locator(f'{WORLDS} [data-show="{show}"]').click()
    drawn = {name: worlds.read(name) for name in NAMES}
    others = min(20, len(pile.worlds)) - 1
    cost = detail(pile, 0)["regret"]
    votes = unpack_regions(pile.together["mean_boundary"])
    for name, picture in drawn.items():
        assert not picture["shown"]
        assert picture["others"] == others
        check_outline(picture["vote"], votes[network(name)], picture["height"])
        marks = re.findall(r"M(\S+) (\S+)h([\d.]+)v", picture["regret"])
        left, top, squares = np.array(marks, dtype=float).T
        cells = unpack_array(cost["map"])[network(name)].astype(float)
        side = min(WIDTH / cells.shape[1], picture["height"] / cells.shape[0])
        sides = side * np.sqrt(cells / 255)
        assert len(squares) == (sides >= 0.4).sum()
        across = (left + squares / 2) / WIDTH * cells.shape[1]
        up = (1 - (top + squares / 2) / picture["height"]) * cells.shape[0]
        assert np.abs(sides[up.astype(int), across.astype(int)] - squares).max() < 0.02
    worlds.page.locator(".plots").first.press("ArrowLeft")
    assert worlds.read("overfit")["others"] == 0, "those of the last epoch, beside an earlier one"


# The script


def part(page, name):
    return page.locator(f'{CODE} [data-part="{name}"]')


@pytest.fixture
def code(opened):
    """The page with the code on show, fetched by whichever test comes first."""
    page = opened.page
    part(page, "open").click()
    page.wait_for_selector(f"{CODE} pre:text('make_moons')")
    yield page
    part(page, "open").click()


def test_the_code_is_closed_at_first_then_fetched_once_and_copied(opened):
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert not part(page, "box").is_visible()
    assert part(page, "code").inner_text() == ""
    asked = []
    page.on("request", lambda r: asked.append(r.url) if "join" in r.url else None)
    button = part(page, "open")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{CODE} pre:text('make_moons')")
    assert len(asked) == 1
    assert button.get_attribute("aria-expanded") == "true"
    assert part(page, "code").evaluate("(e) => e.textContent") == to_script()
    part(page, "copy").click()
    page.wait_for_selector(f"{CODE} [data-part=said]:text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == to_script()
    button.click()
    assert not part(page, "box").is_visible()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    part(page, "code").wait_for()
    assert len(asked) == 1
    button.click()


def check_contrast(code) -> None:
    parts = ", ".join(f'[data-part="{name}"]' for name in ("open", "copy", "code"))
    texts = f"{CODE} :is({parts}, .note, p > span:not([role]))"
    told = code.locator(texts).evaluate_all(f"(all) => all.map({CONTRAST})")
    assert len(told) > 3
    assert min(told) >= 4.5


def test_the_code_fits_a_phone_and_is_readable_in_both_themes(code, screenshot):
    with in_window(code, 390, 844):
        screenshot(code, "capstone-code-390")
        assert code.evaluate(SIDEWAYS) <= 0
        box = part(code, "code").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] <= 450
        for name in ("open", "copy"):
            assert part(code, name).bounding_box()["height"] >= 38
        check_contrast(code)
        with in_window(code, 390, 844, "dark"):
            check_contrast(code)


def test_where_copying_is_forbidden_the_code_is_selected(code):
    code.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { configurable: true,"
        " value: { writeText: () => Promise.reject(new Error('no')) } })"
    )
    part(code, "copy").click()
    code.wait_for_selector(f"{CODE} [data-part=said]:text('keyboard')")
    assert code.evaluate("getSelection().toString()").strip() == to_script().strip()
    code.evaluate("delete navigator.clipboard")
