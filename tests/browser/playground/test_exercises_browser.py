"""The lesson's exercises beside the stage: what they say, and the settings that they lend."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from classifiers.data.synthetic import sample
from classifiers.recipes.exercises import exercise, exercises
from classifiers.recipes.playground.exercises import PlaygroundExercise
from classifiers.ui.film.player import PALETTE
from tests.browser.playground.test_playground_browser import (
    DEADLINE,
    PICTURE,
    SHIFT,
    opened,
    press,
    setting,
)
from tests.conftest import forgotten

CARD = "#exercise-card"
FILM = "#exercise-film .film"
ALL = [one for one in exercises().values() if isinstance(one, PlaygroundExercise)]


def kinds(one: PlaygroundExercise) -> set[str]:
    """What an exercise may have that the card shows in a way of its own."""
    outputs = {config.network.outputs for config in one.settings.values()}
    number = "numbered" if one.number else "to try"
    return {f"{len(one.settings)} pictures", f"view {one.view}", number, *outputs}


def one_of_each_kind() -> list[str]:
    """Keys of exercises that have all there is between them, as few runs as can be."""
    keys, met = [], set()
    for one in sorted(ALL, key=lambda one: len(one.settings)):
        if not kinds(one) <= met:
            met |= kinds(one)
            keys.append(one.key)
    return keys


# After the last of what the card did before.
TWO_PICTURES = """for (const _ of [1, 2]) await new Promise(requestAnimationFrame)"""
SHOWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const text = (e) => e.innerText.replaceAll('\\u00a0', ' ');
  const shots = all('#exercise-film .shot');
  return {
    title: text(document.querySelector('#exercise-findings h3')),
    told: all('#exercise-findings li').map(text),
    names: shots.map((shot) => text(shot.querySelector('.shot-name'))),
    texts: shots.map(text),
    extents: shots.map((shot) => shot.dataset.extent),
    pictures: shots.map((shot) => shot.querySelector('canvas.below').toDataURL()),
    address: location.search,
    shifted: window.shifted,
  };
}"""


def run_exercise(page, key: str):
    page.click(f"#exercise-{key}")
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.wait_for_timeout(200)
    return page


@pytest.fixture
def card(shared_page, app_url):
    """The page with the exercises open, and some of them run perhaps; no setting was changed."""
    if shared_page.evaluate("!window.onCard"):  # the page is elsewhere
        opened(forgotten(shared_page, app_url), app_url)
        shared_page.evaluate("window.onCard = true")
        assert not shared_page.is_visible(CARD)
    shared_page.set_viewport_size({"width": 1440, "height": 900})
    if not shared_page.is_visible(CARD):
        press(shared_page, "exercises-open")
    return shared_page


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_the_exercises_open_beside_a_picture_that_does_not_move(card, width, height):
    press(card, "exercises-close")
    card.set_viewport_size({"width": width, "height": height})
    before = card.locator(PICTURE).bounding_box()
    assert not card.is_visible(CARD)
    press(card, "exercises-open")
    assert card.locator(PICTURE).bounding_box() == before
    beside = card.locator(CARD).bounding_box()
    if width > 900:
        assert beside["x"] + beside["width"] <= before["x"]
        assert beside["y"] + beside["height"] <= height + 60
    else:
        assert beside["y"] >= before["y"] + before["height"]
    assert card.evaluate("document.documentElement.scrollWidth") <= width
    press(card, "exercises-close")
    assert not card.is_visible(CARD)
    assert card.locator(PICTURE).bounding_box() == before


@pytest.fixture(scope="module")
def ran() -> dict[str, dict]:
    """What was seen of exercises that ran to their end."""
    return {}


@pytest.fixture
def shown(card, ran, screenshot):
    """What the card shows of an exercise that has run: a function of its key."""

    def show(key: str) -> dict:
        if key not in ran:
            card.evaluate(f"async () => {{ {TWO_PICTURES}; ({SHIFT})(); }}")
            run_exercise(card, key)
            ran[key] = card.evaluate(SHOWN)
            ran[key]["button"] = card.inner_text(f"#exercise-{key}")
            ran[key]["activation"] = setting(card, "network.activation").input_value()
            card.evaluate("window.moving.disconnect()")
            if key == "1":
                screenshot(card, "playground-exercise")
        return ran[key]

    return show


def test_an_exercise_says_what_python_found_in_pictures_of_one_frame(shown):
    told, found = shown("1"), exercise("1").run()
    assert told["shifted"] < 0.03  # the list becomes a row of numbers, and nothing else moves
    assert told["told"] == found["findings"]
    assert len(told["extents"]) == 2
    assert len(set(told["extents"])) == 1
    assert told["names"] == list(found["results"])
    for text, result in zip(told["texts"], found["results"].values(), strict=True):
        mean = 100 * result["metrics"]["test_accuracy"]
        told, low, high = map(float, re.search(r"([\d.]+) %, (\d+) % to (\d+) %", text).groups())
        assert told == pytest.approx(mean, abs=0.051)
        assert round(low) <= told + 0.5 <= high + 1


def test_each_exercise_has_a_button(card):
    ids = card.locator("[data-part=exercise-list] button").evaluate_all(
        "(buttons) => buttons.map(({ id }) => id)"
    )
    assert ids == [f"exercise-{one.key}" for one in ALL]


@pytest.mark.parametrize("key", one_of_each_kind())
def test_an_exercise_of_each_kind_runs_from_one_click_and_leaves_the_settings_alone(shown, key):
    told = shown(key)
    assert told["title"] == re.sub(r"^\d+\. ", "", told["button"])
    assert any(re.search(r"\d\.\d\s%", line) for line in told["told"])
    assert (told["activation"], told["address"]) == ('"relu"', "")


def test_the_picture_of_an_exercise_has_the_colours_of_its_classes(shown):
    """Where a tight blob of class k lies, the network says k, in k's colour."""
    told, which = shown("1"), 1
    points = sample(exercise("1").settings[told["names"][which]].dataset)
    assert told["names"][which] == "spread 0.5"
    png = base64.b64decode(told["pictures"][which].partition(",")[2])
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float)
    height, width, _ = picture.shape
    x0, x1, y0, y1 = map(float, told["extents"][which].split())
    for k in range(4):
        x, y = points.x[points.y == k].mean(axis=0)
        seen = picture[round((y1 - y) / (y1 - y0) * height), round((x - x0) / (x1 - x0) * width)]
        colour = np.array([int(PALETTE[k][i : i + 2], 16) for i in (1, 3, 5)])
        assert np.abs(seen - (255 + 0.4 * (colour - 255))).max() <= 3, k
