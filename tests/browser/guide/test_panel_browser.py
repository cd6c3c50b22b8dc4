"""The lesson's panel as a learner and a teacher use it, in Chromium, on the served app."""

import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from classifiers.recipes.guide import step, steps
from classifiers.recipes.guide.heart import STEPS
from classifiers.ui.static import address
from tests.browser.axe_rules import begin_axe, find_serious
from tests.browser.playground.test_playground_browser import STAGE
from tests.browser.read_chart import read_chart
from tests.conftest import forgotten
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


# The settings of a step are played in the playground: here to their second epoch.
BRIEFLY = """() => window.addEventListener('playground-config', ({ detail }) => {
  detail.config.training.epochs = 2;
}, true)"""


def part(page, name: str):
    return page.locator(f"#guide [data-part={name}]")


def opened(page, url: str, query: str = ""):
    page.goto(url + query)
    begun = "[data-part=open][aria-expanded=true], [data-part=line]:has-text('done')"
    page.locator(f"#guide :is({begun})").first.wait_for(timeout=DEADLINE)
    page.evaluate(BRIEFLY)
    return page


def asked(page, title: str):
    part(page, "title").filter(has_text=title).wait_for(timeout=DEADLINE)
    part(page, "form").wait_for(timeout=DEADLINE)


def answered(page) -> str:
    part(page, "reveal").wait_for(timeout=DEADLINE)
    return page.locator("#guide .guide").get_attribute("data-verdict")


def test_a_step_is_answered_before_it_is_told_and_kept_in_the_browser(fresh, app_url, screenshot):
    opened(fresh, app_url)
    assert part(fresh, "card").is_hidden(), "nothing opens by itself"
    count = sum(key.startswith("p") for key in steps())
    assert part(fresh, "line").inner_text() == f"Lesson: 0 of {count} done. Begin"
    fresh.goto(f"{app_url}?lesson=p7")
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
    config = step("p7").config
    assert fresh.get_attribute(STAGE, "data-reached") == str(config.training.epochs)
    assert fresh.locator("#exercise-back").is_visible(), "the way back to the own settings"
    screenshot(fresh, "lesson-step")
    fresh.reload()
    part(fresh, "line").filter(has_text="Lesson").wait_for()
    kept = json.loads(fresh.evaluate("localStorage.getItem('lesson-answers')"))
    assert kept["p7"]["words"] == step("p7").options[3].text
    part(fresh, "all").click()
    fresh.locator("#guide [data-key=p7][data-said=wrong]").wait_for()
    part(fresh, "forget").click()
    assert json.loads(fresh.evaluate("localStorage.getItem('lesson-answers')")) == {}


def test_all_of_it_by_keyboard(fresh, app_url):
    opened(fresh, app_url, "?lesson=p7")
    asked(fresh, step("p7").title)
    part(fresh, "answers").locator("input").first.focus()
    fresh.keyboard.press("ArrowDown")
    fresh.keyboard.press("Enter")
    assert answered(fresh) == "right"
    assert fresh.evaluate("document.activeElement.dataset.part") == "verdict"
    word = fresh.locator("#guide dfn").first
    word.focus()
    gloss = fresh.locator("#gloss")
    assert gloss.inner_text() in Caller(app_url)("lesson_step", "p7", None)["terms"].values()
    fresh.keyboard.press("Escape")
    assert gloss.is_hidden()


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


def test_a_teacher_ticks_steps_and_copies_a_link(fresh, app_url):
    opened(fresh, app_url)
    part(fresh, "all").click()
    part(fresh, "copy-link").click()
    assert part(fresh, "done").inner_text() == "Tick the steps first."
    for key in ("p7", "p8", "p9", "h1"):
        fresh.locator(f"#guide input[value={key}]").check()
    part(fresh, "alone").check()
    part(fresh, "copy-link").click()
    query = parse_qs(urlsplit(part(fresh, "link").input_value()).query)
    assert query["lesson"] == ["p7-p9,h1"]
    fresh.goto(part(fresh, "link").input_value())
    asked(fresh, step("p7").title)
    assert part(fresh, "of").inner_text() == "1 of 4"
    assert "training" in fresh.get_attribute(STAGE, "data-hidden")
    assert not fresh.locator("#compare").is_visible()


def test_what_answers_a_capstone_step_is_covered_until_it_is_answered(fresh, app_url):
    opened(fresh, app_url, "?lesson=c1")
    asked(fresh, step("c1").title)
    place = fresh.locator(step("c1").place).first
    place.wait_for(state="attached", timeout=DEADLINE)
    blurred = "(e) => getComputedStyle(e).filter.startsWith('blur')"
    assert place.evaluate(blurred)
    part(fresh, "show").click()
    answered(fresh)
    assert not place.evaluate(blurred)


# Opens each step and has it shown, and gives what stands there then. In the page itself, which is
# asked for each of it else.
SHOWN = """async (steps) => {
  const root = document.querySelector('#guide');
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  const until = (holds) => new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(part('title').textContent)), 60_000);
    const look = () => {
      if (!holds()) return;
      clearTimeout(late);
      changes.disconnect();
      done();
    };
    const changes = new MutationObserver(look);
    changes.observe(root,
      { subtree: true, childList: true, characterData: true, attributes: true });
    look();
  });
  const seen = (name) => part(name).checkVisibility();
  const told = {};
  for (const [key, title] of steps) {
    if (!root.querySelector(`[data-key=${key}][aria-current=true]`)) {
      root.querySelector(`[data-key=${key}]`).click();
    }
    await until(() => part('title').textContent.includes(title) && seen('title') && seen('form'));
    part('show').click();
    await until(() => seen('reveal'));
    told[key] = [part('verdict').innerText, root.querySelectorAll('.problem').length,
      part('told').querySelectorAll('p').length > 0];
  }
  return told;
}"""


def test_every_step_can_be_shown_and_none_is_an_error(fresh, app_url):
    opened(fresh, app_url, "?lesson=p1")
    told = fresh.evaluate(SHOWN, [[key, one.title] for key, one in steps().items()])
    assert told == {key: ["What was measured", 0, True] for key in steps()}


PIXEL = """([x, y]) => {
  const canvas = document.querySelector('#guide .spot .below');
  const at = (share) => Math.round(share * canvas.width);
  return [...canvas.getContext('2d').getImageData(at(x), at(y), 1, 1).data.slice(0, 3)];
}"""


def pressed(page, x: float, y: float):
    """A place as shares of the picture's width and height, from the upper left."""
    spot = page.locator("#guide .spot")
    box = spot.bounding_box()
    spot.click(position={"x": x * box["width"], "y": y * box["height"]})


def test_a_place_in_the_picture_is_an_answer(fresh, app_url, screenshot):
    opened(fresh, app_url, "?lesson=p12")
    asked(fresh, step("p12").title)
    fresh.wait_for_function("document.querySelectorAll('#guide .spot-names span').length === 4")
    part(fresh, "commit").click()
    hint = part(fresh, "answers").locator("[role=status]")
    assert hint.inner_text().startswith("Press a place in the picture, or go there")
    assert fresh.evaluate("document.activeElement.className") == "spot"
    *_, measured = step("p12").measure(None)
    result = step("p12").picture.result(measured)
    box, name = result.scene.extent, "ABCD".__getitem__
    grid = [(x / 10 + 0.05, y / 10 + 0.05) for x in range(10) for y in range(10)]
    colours = {}
    for x, y in grid:
        place = [box.x_min + x * (box.x_max - box.x_min), box.y_max - y * (box.y_max - box.y_min)]
        k, _ = step("p12").picture.read(measured, *place)
        colours.setdefault(k, []).append(((x, y), tuple(fresh.evaluate(PIXEL, [x, y]))))
    for k, places in colours.items():  # most of a class' places have its colour; points hide some
        common = Counter(colour for _, colour in places).most_common(1)[0][0]
        pressed(fresh, *next(place for place, colour in places if colour == common))
        assert hint.inner_text().endswith(f"where it names {name(k)}")
    assert len({Counter(c for _, c in places).most_common(1)[0][0] for places in colours.values()}
               ) == 4  # fmt: skip
    pressed(fresh, *colours[1][0][0])
    screenshot(fresh, "lesson-picture")
    said = hint.inner_text()
    part(fresh, "commit").click()
    assert answered(fresh) == "wrong"
    paragraphs = fresh.evaluate(SEEN)
    assert paragraphs[0] == f"You said: {said}."
    assert paragraphs[1] == "There the network names B."
    assert paragraphs[2] == step("p12").options[1].because
    pressed(fresh, *colours[0][0][0])
    assert hint.inner_text() == said, "it is answered"


def test_a_picture_is_answered_in_by_keyboard_and_then_shows_doubt(fresh, app_url):
    opened(fresh, app_url, "?lesson=p15")
    asked(fresh, step("p15").title)
    spot = fresh.locator("#guide .spot[data-view=classes]")
    spot.focus()
    hint = part(fresh, "answers").locator("[role=status]")
    fresh.keyboard.press("ArrowRight")
    first = hint.inner_text()
    fresh.keyboard.press("Shift+ArrowUp")
    assert first.startswith("x₁ ")
    assert hint.inner_text() != first
    fresh.keyboard.press("Escape")
    assert hint.inner_text().startswith("Press a place")
    for _ in range(6):
        fresh.keyboard.press("Shift+ArrowUp")
    part(fresh, "commit").press("Enter")
    assert answered(fresh) == "wrong"
    told = fresh.evaluate(SEEN)
    assert told[1].startswith("There it gives A ")
    assert told[2] == step("p15").options[2].because, "far from all points"
    fresh.locator("#guide .spot[data-view=confidence]").wait_for()
    assert "pale where it is unsure" in fresh.locator("#guide .spot-names").inner_text()


def test_a_step_on_ones_own_network_leaves_it_where_it_is(fresh, app_url):
    opened(fresh, app_url, "?dataset.name=moons&network.outputs=one_logit&lesson=p4")
    asked(fresh, step("p4").title)
    fresh.locator("#playground-stage [data-part=step]").click()
    fresh.wait_for_selector(f"{STAGE}[data-reached='1'][data-phase=paused]", timeout=DEADLINE)
    part(fresh, "answers").locator("label").nth(0).click()
    part(fresh, "commit").click()
    answered(fresh)
    own = {"dataset": {"name": "moons"}, "network": {"outputs": "one_logit"},
           "training": {"epochs": 1}}  # fmt: skip
    told = Caller(app_url)("lesson_step", "p4", 0, own)
    assert fresh.evaluate(SEEN)[-3:] == told["told"]
    assert told["told"][0].startswith("On your network after 1 epoch: of")
    assert fresh.get_attribute(STAGE, "data-reached") == "1", "nothing else was played"


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


def test_the_card_is_readable_in_light_dark_and_on_a_phone(fresh, app_url, screenshot):
    fresh.set_viewport_size({"width": 390, "height": 800})
    opened(fresh, app_url, "?lesson=p7&__theme=light")
    begin_axe(fresh)
    asked(fresh, step("p7").title)
    part(fresh, "all").click()
    for moment in ("asked", "answered"):
        assert fresh.evaluate("document.documentElement.scrollWidth") <= 390
        assert find_serious(fresh, "#guide") == [], moment
        if moment == "asked":
            part(fresh, "show").click()
            answered(fresh)
    for theme in ("light", "dark"):
        fresh.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        assert fresh.evaluate("document.documentElement.scrollWidth") <= 390
        screenshot(fresh, f"lesson-phone-{theme}")


@pytest.fixture
def heart(shared_page, app_url):
    if shared_page.evaluate("!window.onHeart"):  # the page is elsewhere
        forgotten(shared_page, app_url).set_viewport_size({"width": 1440, "height": 900})
        shared_page.goto(app_url)
        shared_page.get_by_role("tab", name="Heart").click()
        shared_page.evaluate("window.onHeart = true")
    return shared_page


@pytest.mark.parametrize("one", STEPS, ids=lambda one: one.key)
def test_where_a_heart_step_sends_a_reader_is_on_the_page(heart, one):
    inner, _, selector = one.place.partition(" ")
    heart.get_by_role("tab", name=inner, exact=True).click()
    found = heart.locator(selector)
    found.wait_for()
    assert found.count() == 1
