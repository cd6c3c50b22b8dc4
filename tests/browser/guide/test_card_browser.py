"""What the lesson's card says to an answer, and where it leads, against the endpoint."""

from classifiers.recipes.guide import chips, step, steps
from tests.browser.guide.panel_page import SEEN, answered, asked, opened, part
from tests.browser.playground.test_playground_browser import STAGE
from tests.tools.app_client import Caller

CLIPBOARD = """() => Object.defineProperty(navigator, 'clipboard',
  { configurable: true, value: { writeText: async (text) => { window.copied = text; } } })"""


def test_rows_get_an_option_each_in_their_order(lesson, app_url):
    one = step("p1")
    right = Caller(app_url)("lesson_step", "p1", None)["right"]
    page = lesson("p1")
    for shift, verdict, words in ((0, "right", "So it is"), (1, "wrong", "Not so")):
        asked(page, one.title)
        said = [(k + shift * (i == 0)) % len(one.options) for i, k in enumerate(right)]
        rows = part(page, "answers").locator("fieldset")
        assert rows.locator("legend").all_inner_texts() == [row.text for row in one.rows]
        for i, k in enumerate(said):
            rows.nth(i).locator("label").nth(k).click()
        part(page, "commit").click()
        assert answered(page) == verdict
        assert part(page, "verdict").inner_text() == words
        words = "; ".join(
            f"{row.text}: {one.options[k].text}" for row, k in zip(one.rows, said, strict=True)
        )
        told = Caller(app_url)("lesson_step", "p1", said)
        assert page.evaluate(SEEN) == [f"You said: {words}.", *told["because"], *told["told"]]
        assert len(told["because"]) == shift
        part(page, "again").click()


def test_a_guess_is_what_the_slider_stands_at(lesson, app_url):
    page = lesson("h6")
    scale = step("h6").scale
    slider = part(page, "answers").locator("input[type=range]")
    middle, stride = float(slider.input_value()), scale.step
    assert abs(middle - (scale.low + scale.high) / 2) <= stride / 2
    assert slider.get_attribute("aria-label") == f"Your answer, in {scale.unit}"
    part(page, "commit").click()
    answered(page)
    assert page.evaluate(SEEN)[0] == f"You said: {middle:g} {scale.unit}.", "where it began"
    part(page, "again").click()
    for end, value in (("Home", scale.low), ("End", scale.high)):
        asked(page, step("h6").title)
        part(page, "answers").locator("input[type=range]").press(end)
        assert part(page, "answers").locator("output").inner_text() == f"{value:g} {scale.unit}"
        part(page, "commit").click()
        answered(page)
        told = Caller(app_url)("lesson_step", "h6", value)
        said = f"You said: {value:g} {scale.unit}."
        assert page.evaluate(SEEN) == [said, *told["because"], *told["told"]]
        part(page, "again").click()


def test_a_step_leads_to_where_its_numbers_stand(lesson):
    page = lesson("h9")
    part(page, "show").click()
    answered(page)
    part(page, "place").click()
    tab, _, selector = step("h9").place.partition(" ")
    found = page.locator(f"{selector}.guide-here")
    found.wait_for()
    assert page.get_by_role("tab", name=tab, exact=True).get_attribute("aria-selected") == "true"
    page.wait_for_function(
        "(e) => { const { top } = e.getBoundingClientRect(); return top > -1 && top < 300; }",
        arg=found.element_handle(),
    )


def test_the_short_way_is_that_of_the_core_and_lights_what_a_step_is_about(panel):
    core = [key for key, one in steps().items() if one.core]
    part(panel, "all").click()
    part(panel, "short").click()
    for i, key in enumerate(core[:3]):
        asked(panel, step(key).title)
        assert part(panel, "of").inner_text() == f"{i + 1} of {len(core)}"
        assert part(panel, "chips").locator(".lit").all_inner_texts() == chips(key)
        part(panel, "show").click()
        answered(panel)
        code = part(panel, "code-fold")
        assert code.is_visible() == bool(step(key).code)
        assert part(panel, "code").text_content() == step(key).code
        now = part(panel, "now").text_content()
        assert now == f"Now you. {step(key).now}"
        part(panel, "next").click()
    assert not panel.locator("#guide [data-key][data-said=shown]").count(), "shown is not done"


def test_it_goes_on_where_nothing_was_answered_and_answers_are_copied_as_text(fresh, app_url):
    opened(fresh, app_url, "?lesson=p2,p3")
    fresh.evaluate(CLIPBOARD)
    part(fresh, "all").click()
    part(fresh, "copy-answers").click()
    assert part(fresh, "done").inner_text() == "There are no answers yet."
    part(fresh, "all").click()
    for key, k in (("p2", 3), ("p3", 0)):
        asked(fresh, step(key).title)
        part(fresh, "answers").locator("label").nth(k).click()
        part(fresh, "commit").click()
        answered(fresh)
        if key == "p2":
            assert part(fresh, "next").inner_text() == "Next step"
            part(fresh, "close").click()
            assert part(fresh, "line").inner_text() == "Lesson: 1 of 2 done. Continue"
            part(fresh, "open").click()
    assert part(fresh, "of").inner_text() == "2 of 2"
    assert part(fresh, "next").inner_text() == "All steps"
    part(fresh, "next").click()
    assert part(fresh, "list").is_visible(), "after the last"
    assert part(fresh, "line").inner_text() == "Lesson: 2 of 2 done. Look again"
    part(fresh, "copy-answers").click()
    assert part(fresh, "done").inner_text() == "Your answers are copied."
    blocks = fresh.evaluate("window.copied").split("\n\n")
    for block, (key, k) in zip(blocks, (("p2", 3), ("p3", 0)), strict=True):
        told = Caller(app_url)("lesson_step", key, k)
        title, said, measured = block.split("\n")
        assert title.startswith(f"{key} {step(key).title} (20")
        assert said == f"Said: {step(key).options[k].text} ({told['verdict']})"
        assert measured == "Measured: " + " ".join(told["told"])


def test_a_step_on_a_network_of_ones_own_is_the_lessons_where_there_is_none(fresh, app_url):
    opened(fresh, app_url, "?dataset.name=moons&network.outputs=one_logit&lesson=p4")
    fresh.wait_for_selector(f"{STAGE}[data-phase=ready]")
    asked(fresh, step("p4").title)
    part(fresh, "show").click()
    answered(fresh)
    told = Caller(app_url)("lesson_step", "p4", None)
    assert fresh.evaluate(SEEN) == told["told"]
    table = fresh.evaluate("""[...document.querySelectorAll('#guide .shown tr')]
      .map((row) => [...row.cells].map((cell) => cell.textContent))""")
    assert table == [told["exhibit"]["head"], *told["exhibit"]["rows"]]
    fresh.wait_for_selector(f"{STAGE}[data-reached='2'][data-phase=paused]")
    # With one of one's own, and the settings that it was trained with.
    fresh.click("#exercise-back")
    fresh.wait_for_selector(f"{STAGE}[data-reached='0'][data-phase=ready]")
    fresh.locator("#playground-stage [data-part=step]").click()
    fresh.wait_for_selector(f"{STAGE}[data-reached='1'][data-phase=paused]")
    part(fresh, "again").click()
    part(fresh, "answers").locator("label").nth(0).click()
    part(fresh, "commit").click()
    answered(fresh)
    own = {"dataset": {"name": "moons"}, "network": {"outputs": "one_logit"},
           "training": {"epochs": 1}}  # fmt: skip
    told = Caller(app_url)("lesson_step", "p4", 0, own)
    assert fresh.evaluate(SEEN)[-3:] == told["told"]
    assert told["told"][0].startswith("On your network after 1 epoch: of")
    assert fresh.get_attribute(STAGE, "data-reached") == "1", "nothing else was played"


def test_a_step_is_refused_in_place_and_can_be_answered_again(fresh, app_url):
    opened(fresh, app_url, "?training.learning_rate=10&training.l2=0.5&lesson=p4")
    asked(fresh, step("p4").title)
    fresh.locator("#playground-stage [data-part=play]").click()
    fresh.wait_for_selector(f"{STAGE}[data-phase=paused]")
    part(fresh, "answers").locator("label").first.click()
    part(fresh, "commit").click()
    part(fresh, "told").locator(".problem").wait_for()
    assert part(fresh, "told").inner_text().startswith("config.training.learning_rate: must be low")
    assert part(fresh, "verdict").inner_text() == ""
    assert part(fresh, "now").inner_text() == ""
    assert part(fresh, "code-fold").is_hidden()
    assert part(fresh, "commit").is_enabled()
    assert part(fresh, "form").is_visible()
