"""The lesson's panel as a learner and a teacher use it, in Chromium, on the served app."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from classifiers.recipes.guide import step, steps
from classifiers.ui.static import address
from tests.browser.playground.test_playground_browser import STAGE
from tests.browser.read_chart import read_chart
from tests.tools.app_client import Caller

DEADLINE = 60_000
NO_STORAGE = """for (const kind of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, kind, { get() { throw new DOMException('no', 'SecurityError'); } });
}"""

# Without the explanations that only a screen reader is told.
SEEN = """[...document.querySelectorAll('#guide [data-part=told] p')].map((paragraph) => {
  const copy = paragraph.cloneNode(true);
  for (const hidden of copy.querySelectorAll('.unseen')) hidden.remove();
  return copy.textContent;
})"""


def part(page, name: str):
    return page.locator(f"#guide [data-part={name}]")


def opened(page, url: str, query: str = ""):
    page.goto(url + query)
    part(page, "line").filter(has_text=re.compile("done|Lesson$")).wait_for(timeout=DEADLINE)
    return page


def asked(page, title: str):
    part(page, "title").filter(has_text=title).wait_for(timeout=DEADLINE)
    part(page, "form").wait_for(timeout=DEADLINE)


def answered(page) -> str:
    part(page, "reveal").wait_for(timeout=DEADLINE)
    return page.locator("#guide .guide").get_attribute("data-verdict")


def test_a_step_is_answered_before_it_is_told_and_kept_in_the_browser(page, app_url, screenshot):
    opened(page, app_url)
    assert part(page, "card").is_hidden(), "nothing opens by itself"
    count = sum(key.startswith("p") for key in steps())
    assert part(page, "line").inner_text() == f"Lesson: 0 of {count} done. Begin"
    page.goto(f"{app_url}?lesson=p7")
    asked(page, step("p7").title)
    source = page.content()
    for option in step("p7").options:
        assert option.text in source
        assert option.because not in source, "the answer is in the page"
    part(page, "answers").locator("label").nth(3).click()
    part(page, "commit").click()
    verdict = answered(page)
    told = Caller(app_url)("lesson_step", "p7", 3)
    assert (verdict, told["verdict"]) == ("wrong", "wrong")
    paragraphs = page.evaluate(SEEN)
    assert paragraphs[0] == f"You said: {step('p7').options[3].text}."
    assert paragraphs[1:] == [*told["because"], *told["told"]]
    page.wait_for_selector(f"{STAGE}[data-phase=paused]", timeout=DEADLINE)
    config = step("p7").config
    assert page.get_attribute(STAGE, "data-reached") == str(config.training.epochs)
    assert page.locator("#exercise-back").is_visible(), "the way back to the own settings"
    screenshot(page, "lesson-step")
    page.reload()
    part(page, "line").filter(has_text="Lesson").wait_for()
    kept = json.loads(page.evaluate("localStorage.getItem('lesson-answers')"))
    assert kept["p7"]["words"] == step("p7").options[3].text
    part(page, "all").click()
    page.locator("#guide [data-key=p7][data-said=wrong]").wait_for()
    part(page, "forget").click()
    assert json.loads(page.evaluate("localStorage.getItem('lesson-answers')")) == {}


def test_all_of_it_by_keyboard(page, app_url):
    opened(page, app_url, "?lesson=p7")
    asked(page, step("p7").title)
    part(page, "answers").locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert answered(page) == "right"
    assert page.evaluate("document.activeElement.dataset.part") == "verdict"
    word = page.locator("#guide dfn").first
    word.focus()
    assert (
        part(page, "gloss").inner_text()
        in Caller(app_url)("lesson_step", "p7", None)["terms"].values()
    )
    page.keyboard.press("Escape")
    assert part(page, "gloss").is_hidden()


def test_a_browser_that_keeps_nothing_can_take_the_lesson(page, app_url):
    page.add_init_script(NO_STORAGE)
    opened(page, app_url, "?lesson=p7")
    asked(page, step("p7").title)
    part(page, "show").click()
    assert answered(page) == "shown"
    part(page, "again").click()
    part(page, "answers").locator("label").nth(1).click()
    part(page, "commit").click()
    assert answered(page) == "right"
    part(page, "all").click()
    page.locator("#guide [data-key=p7][data-said=right]").wait_for()


def test_a_link_opens_its_tab_and_its_steps_alone(page, app_url):
    opened(page, app_url, "?lesson=h3,p7,x9")
    asked(page, step("h3").title)
    assert page.get_by_role("tab", name="Heart").get_attribute("aria-selected") == "true"
    assert "x9" in part(page, "problem").inner_text()
    assert part(page, "of").inner_text() == "1 of 2"
    part(page, "show").click()
    answered(page)
    part(page, "next").click()
    asked(page, step("p7").title)
    assert page.get_by_role("tab", name="Playground").get_attribute("aria-selected") == "true"


def test_a_teacher_ticks_steps_and_copies_a_link(page, app_url):
    opened(page, app_url)
    part(page, "all").click()
    part(page, "copy-link").click()
    assert part(page, "done").inner_text() == "Tick the steps first."
    for key in ("p7", "p8", "p9", "h1"):
        page.locator(f"#guide input[value={key}]").check()
    part(page, "alone").check()
    part(page, "copy-link").click()
    query = parse_qs(urlsplit(part(page, "link").input_value()).query)
    assert query["lesson"] == ["p7-p9,h1"]
    page.goto(part(page, "link").input_value())
    asked(page, step("p7").title)
    assert part(page, "of").inner_text() == "1 of 4"
    assert "training" in page.get_attribute(STAGE, "data-hidden")
    assert not page.locator("#compare").is_visible()


def test_what_answers_a_capstone_step_is_covered_until_it_is_answered(page, app_url):
    opened(page, app_url, "?lesson=c1")
    asked(page, step("c1").title)
    place = page.locator(step("c1").place).first
    place.wait_for(state="attached", timeout=DEADLINE)
    blurred = "(e) => getComputedStyle(e).filter.startsWith('blur')"
    assert place.evaluate(blurred)
    part(page, "show").click()
    answered(page)
    assert not place.evaluate(blurred)


def test_every_step_can_be_shown_and_none_is_an_error(page, app_url):
    opened(page, app_url, "?lesson=p1")
    for key, one in steps().items():
        asked(page, one.title)
        part(page, "show").click()
        answered(page)
        assert part(page, "verdict").inner_text() == "What was measured", key
        assert page.locator("#guide .problem").count() == 0, key
        assert part(page, "told").locator("p").count() >= 1, key
        if key != list(steps())[-1]:
            page.evaluate("(to) => document.querySelector(`#guide [data-key=${to}]`).click()",
                          list(steps())[list(steps()).index(key) + 1])  # fmt: skip


EXHIBIT = """async ([address, exhibit]) => {
  const { showExhibit } = await import(new URL(address, location.origin));
  document.body.replaceChildren();
  showExhibit(document.body, exhibit);
}"""


def test_charts_of_an_answer_share_an_axis_that_begins_at_nothing(page, app_url):
    page.goto(f"{app_url}/{address('charts/svg.js')}")
    x = [0, 10, 20, 30]
    charts = {
        "Small": {"train": [1.1, 0.9, 0.8, 0.7], "test": [1.2, 1.0, 0.9, 0.9]},
        "Big": {"train": [1.0, 0.6, 0.5, 0.4], "test": [1.1, 0.7, 0.9, 1.4]},
    }
    page.evaluate(EXHIBIT, [address("guide/exhibit.js"), {"y": "loss", "x": x, "charts": charts}])
    drawn = [read_chart(page, f"figure:nth-of-type({i + 1})") for i in range(2)]
    assert drawn[0].y == drawn[1].y
    for chart, (name, lines) in zip(drawn, charts.items(), strict=True):
        assert chart.title == name
        chart.check_axes(("epoch", False), ("loss", False))
        assert chart.y.labels[0] == "0"
        for curve, values in zip(chart.lines, lines.values(), strict=True):
            chart.check_curve(curve, x, values)
    assert page.locator(".key span").all_inner_texts() == ["train", "test"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_card_is_readable_in_light_dark_and_on_a_phone(page, app_url, dark, screenshot):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is missing"
    ).Axe()
    page.set_viewport_size({"width": 390, "height": 800})
    opened(page, app_url, f"?lesson=p7&__theme={'dark' if dark else 'light'}")
    asked(page, step("p7").title)
    part(page, "all").click()
    for moment in ("asked", "answered"):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        found = axe.run(page, "#guide", {"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], [n["html"] for n in one["nodes"]]) for one in found
                if one["impact"] in ("serious", "critical")] == [], moment  # fmt: skip
        if moment == "asked":
            part(page, "show").click()
            answered(page)
    screenshot(page, f"lesson-phone-{'dark' if dark else 'light'}")
