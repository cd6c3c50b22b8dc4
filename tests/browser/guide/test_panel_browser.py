"""The lesson's panel as a learner and a teacher use it, in Chromium, on the served app."""

import json
from collections import Counter

import pytest

from classifiers.recipes.guide import step, steps
from classifiers.recipes.guide.heart import STEPS
from classifiers.ui.static import address
from tests.browser.axe_rules import begin_axe, find_serious
from tests.browser.guide.panel_page import (
    DEADLINE,
    SEEN,
    answered,
    asked,
    opened,
    part,
    settled,
    share,
)
from tests.browser.playground.test_playground_browser import STAGE
from tests.browser.read_chart import read_chart
from tests.tools.app_client import Caller


def test_a_step_is_answered_before_it_is_told_and_kept_in_the_browser(fresh, app_url, screenshot):
    opened(fresh, app_url)
    assert part(fresh, "card").is_hidden(), "nothing opens by itself"
    count = sum(key.startswith("p") for key in steps())
    assert part(fresh, "line").inner_text() == f"Lesson: 0 of {count} done. Begin"
    part(fresh, "all").click()
    fresh.locator("#guide [data-key=p7]").click()
    asked(fresh, step("p7").title)
    source = fresh.content()
    for option in step("p7").options:
        assert option.text in source
        assert option.because not in source, "the answer is in the page"
    part(fresh, "answers").locator("label").nth(3).click()
    part(fresh, "commit").click()
    verdict = answered(fresh)
    told = Caller(app_url)("lesson_step", "p7", 3)
    assert (verdict, told["verdict"]) == ("wrong", "wrong")
    paragraphs = fresh.evaluate(SEEN)
    assert paragraphs[0] == f"You said: {step('p7').options[3].text}."
    assert paragraphs[1:] == [*told["because"], *told["told"]]
    fresh.wait_for_selector(f"{STAGE}[data-phase=paused]", timeout=DEADLINE)
    assert fresh.evaluate("lent") == step("p7").config.to_dict()
    assert fresh.get_attribute(STAGE, "data-reached") == "2", "as far as BRIEFLY has it"
    assert fresh.locator("#exercise-back").is_visible(), "the way back to the own settings"
    screenshot(fresh, "lesson-step")
    fresh.reload()
    settled(fresh)
    kept = json.loads(fresh.evaluate("localStorage.getItem('lesson-answers')"))
    assert kept["p7"]["words"] == step("p7").options[3].text
    part(fresh, "all").click()
    fresh.locator("#guide [data-key=p7][data-said=wrong]").wait_for()
    part(fresh, "forget").click()
    assert part(fresh, "done").inner_text() == "Forgotten."
    assert fresh.locator("#guide [data-said=wrong]").count() == 0
    assert json.loads(fresh.evaluate("localStorage.getItem('lesson-answers')")) == {}
    share(fresh)


def test_all_of_it_by_keyboard(lesson, app_url):
    page = lesson("p7")
    part(page, "answers").locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert answered(page) == "right"
    assert page.evaluate("document.activeElement.dataset.part") == "verdict"
    word = page.locator("#guide dfn").first
    word.focus()
    gloss = page.locator("#gloss")
    assert gloss.inner_text() in Caller(app_url)("lesson_step", "p7", None)["terms"].values()
    page.keyboard.press("Escape")
    assert gloss.is_hidden()
    word.blur()
    word.focus()
    assert gloss.is_visible()
    word.blur()
    assert gloss.is_hidden()


def test_the_card_is_readable_in_light_dark_and_on_a_phone(lesson, screenshot):
    page = lesson("p7")
    page.set_viewport_size({"width": 390, "height": 800})
    begin_axe(page)
    part(page, "all").click()
    for moment in ("asked", "answered"):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert find_serious(page, "#guide") == [], moment
        if moment == "asked":
            part(page, "show").click()
            answered(page)
    for theme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        screenshot(page, f"lesson-phone-{theme}")
    page.evaluate("document.body.classList.remove('dark')")


COLOURS = """(places) => {
  const canvas = document.querySelector('#guide .spot .below');
  const at = (share) => Math.round(share * canvas.width);
  return places.map(([x, y]) =>
    [...canvas.getContext('2d').getImageData(at(x), at(y), 1, 1).data.slice(0, 3)]);
}"""


def pressed(page, x: float, y: float):
    """A place as shares of the picture's width and height, from the upper left."""
    spot = page.locator("#guide .spot")
    box = spot.bounding_box()
    spot.click(position={"x": x * box["width"], "y": y * box["height"]})


def test_a_place_in_the_picture_is_an_answer(lesson, screenshot):
    page = lesson("p12")
    page.wait_for_function("document.querySelectorAll('#guide .spot-names span').length === 4")
    part(page, "commit").click()
    hint = part(page, "answers").locator("[role=status]")
    assert hint.inner_text().startswith("Press a place in the picture, or go there")
    assert page.evaluate("document.activeElement.className") == "spot"
    *_, measured = step("p12").measure(None)
    result = step("p12").picture.result(measured)
    box, name = result.scene.extent, "ABCD".__getitem__
    grid = [(x / 10 + 0.05, y / 10 + 0.05) for x in range(10) for y in range(10)]
    colours = {}
    for (x, y), colour in zip(grid, page.evaluate(COLOURS, grid), strict=True):
        place = [box.x_min + x * (box.x_max - box.x_min), box.y_max - y * (box.y_max - box.y_min)]
        k, _ = step("p12").picture.read(measured, *place)
        colours.setdefault(k, []).append(((x, y), tuple(colour)))
    for k, places in colours.items():  # most of a class' places have its colour; points hide some
        common = Counter(colour for _, colour in places).most_common(1)[0][0]
        pressed(page, *next(place for place, colour in places if colour == common))
        assert hint.inner_text().endswith(f"where it names {name(k)}")
    assert len({Counter(c for _, c in places).most_common(1)[0][0] for places in colours.values()}
               ) == 4  # fmt: skip
    pressed(page, *colours[1][0][0])
    screenshot(page, "lesson-picture")
    said = hint.inner_text()
    part(page, "commit").click()
    assert answered(page) == "wrong"
    paragraphs = page.evaluate(SEEN)
    assert paragraphs[0] == f"You said: {said}."
    assert paragraphs[1] == "There the network names B."
    assert paragraphs[2] == step("p12").options[1].because
    pressed(page, *colours[0][0][0])
    assert hint.inner_text() == said, "it is answered"


def test_a_picture_is_answered_in_by_keyboard_and_then_shows_doubt(lesson):
    page = lesson("p15")
    spot = page.locator("#guide .spot[data-view=classes]")
    spot.focus()
    hint = part(page, "answers").locator("[role=status]")
    page.keyboard.press("ArrowRight")
    first = hint.inner_text()
    page.keyboard.press("Shift+ArrowUp")
    assert first.startswith("x₁ ")
    assert hint.inner_text() != first
    page.keyboard.press("Escape")
    assert hint.inner_text().startswith("Press a place")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowUp")
    part(page, "commit").press("Enter")
    assert answered(page) == "wrong"
    told = page.evaluate(SEEN)
    assert told[1].startswith("There it gives A ")
    assert told[2] == step("p15").options[2].because, "far from all points"
    page.locator("#guide .spot[data-view=confidence]").wait_for()
    assert "pale where it is unsure" in page.locator("#guide .spot-names").inner_text()


def test_what_answers_a_capstone_step_is_covered_until_it_is_answered(lesson):
    page = lesson("c1")
    place = page.locator(step("c1").place).first
    place.wait_for(state="attached", timeout=DEADLINE)
    blurred = "(e) => getComputedStyle(e).filter.startsWith('blur')"
    assert place.evaluate(blurred)
    assert place.evaluate("(e) => e.inert")
    part(page, "show").click()
    answered(page)
    assert not place.evaluate(blurred)
    assert not place.evaluate("(e) => e.inert")


def test_what_is_covered_is_seen_once_the_lesson_is_closed_and_not_opened_again(lesson):
    page = lesson("c1")
    place = page.locator(step("c1").place).first
    place.wait_for(state="attached", timeout=DEADLINE)
    current = page.locator("#guide [data-key][aria-current=true]")
    assert current.get_attribute("data-key") == "c1"
    part(page, "close").click()
    assert not place.evaluate("(e) => getComputedStyle(e).filter.startsWith('blur') || e.inert")
    assert part(page, "card").is_hidden()
    assert current.count() == 0
    assert page.evaluate("document.activeElement.dataset.part") == "open"
    assert page.evaluate("sessionStorage.getItem('lesson-now')") == "", "after a reload"


def test_while_it_is_measured_nothing_else_can_be_asked(lesson):
    page = lesson("p7")
    held = []
    page.route("**/gradio_api/queue/join**", lambda route: held.append(route))
    part(page, "show").click()
    assert part(page, "commit").inner_text() == "Measuring…"
    assert part(page, "commit").is_disabled()
    assert part(page, "show").is_disabled()
    for route in held:
        route.continue_()
    page.unroute("**/gradio_api/queue/join**")
    answered(page)
    part(page, "again").click()
    assert part(page, "commit").inner_text() == "Commit and run"
    assert part(page, "show").is_enabled()


@pytest.fixture
def heart(panel):
    panel.set_viewport_size({"width": 1440, "height": 900})
    panel.get_by_role("tab", name="Heart").click()
    return panel


@pytest.mark.parametrize("one", STEPS, ids=lambda one: one.key)
def test_where_a_heart_step_sends_a_reader_is_on_the_page(heart, one):
    inner, _, selector = one.place.partition(" ")
    heart.get_by_role("tab", name=inner, exact=True).click()
    found = heart.locator(selector)
    found.wait_for()
    assert found.count() == 1


def test_a_link_opens_its_tab_and_its_steps_alone(fresh, app_url):
    opened(fresh, app_url, "?lesson=h3,p7,x9")
    asked(fresh, step("h3").title)
    assert fresh.get_by_role("tab", name="Heart").get_attribute("aria-selected") == "true"
    assert "x9" in part(fresh, "problem").inner_text()
    assert part(fresh, "of").inner_text() == "1 of 2"
    part(fresh, "show").click()
    answered(fresh)
    part(fresh, "next").click()
    asked(fresh, step("p7").title)
    assert fresh.get_by_role("tab", name="Playground").get_attribute("aria-selected") == "true"


EXHIBIT = """async ([address, exhibit]) => {
  const { showExhibit } = await import(new URL(address, location.origin));
  document.body.replaceChildren();
  showExhibit(document.body, exhibit);
}"""


def test_charts_of_an_answer_share_an_axis_that_begins_at_nothing(fresh, app_url):
    fresh.goto(f"{app_url}/{address('charts/svg.js')}")
    x = [0, 10, 20, 30]
    charts = {
        "Small": {"train": [1.1, 0.9, 0.8, 0.7], "test": [1.2, 1.0, 0.9, 0.9]},
        "Big": {"train": [1.0, 0.6, 0.5, 0.4], "test": [1.1, 0.7, 0.9, 1.4]},
    }
    fresh.evaluate(EXHIBIT, [address("guide/exhibit.js"), {"y": "loss", "x": x, "charts": charts}])
    drawn = [read_chart(fresh, f"figure:nth-of-type({i + 1})") for i in range(2)]
    assert drawn[0].y == drawn[1].y
    for chart, (name, lines) in zip(drawn, charts.items(), strict=True):
        assert chart.title == name
        assert chart.label == f"{name}: loss by epoch, train and test"
        chart.check_axes(("epoch", False), ("loss", False))
        assert chart.y.labels[0] == "0"
        assert (chart.x.labels[0], chart.x.labels[-1]) == ("0", "30")
        for curve, values in zip(chart.lines, lines.values(), strict=True):
            chart.check_curve(curve, x, values)
    assert fresh.locator(".key span").all_inner_texts() == ["train", "test"]
