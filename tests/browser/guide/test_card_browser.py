"""What the lesson's card says to an answer, and where it leads, against the endpoint."""

from classifiers.recipes.guide import chips, step, steps
from tests.browser.guide.test_panel_browser import SEEN, answered, asked, opened, part
from tests.browser.playground.test_playground_browser import STAGE
from tests.tools.app_client import Caller

CLIPBOARD = """() => Object.defineProperty(navigator, 'clipboard',
  { configurable: true, value: { writeText: async (text) => { window.copied = text; } } })"""


def test_rows_get_an_option_each_in_their_order(fresh, app_url):
    one = step("p1")
    right = Caller(app_url)("lesson_step", "p1", None)["right"]
    opened(fresh, app_url, "?lesson=p1")
    for shift, verdict, words in ((0, "right", "So it is"), (1, "wrong", "Not so")):
        asked(fresh, one.title)
        said = [(k + shift * (i == 0)) % len(one.options) for i, k in enumerate(right)]
        rows = part(fresh, "answers").locator("fieldset")
        assert rows.locator("legend").all_inner_texts() == [row.text for row in one.rows]
        for i, k in enumerate(said):
            rows.nth(i).locator("label").nth(k).click()
        part(fresh, "commit").click()
        assert answered(fresh) == verdict
        assert part(fresh, "verdict").inner_text() == words
        words = "; ".join(
            f"{row.text}: {one.options[k].text}" for row, k in zip(one.rows, said, strict=True)
        )
        told = Caller(app_url)("lesson_step", "p1", said)
        assert fresh.evaluate(SEEN) == [f"You said: {words}.", *told["because"], *told["told"]]
        assert len(told["because"]) == shift
        part(fresh, "again").click()


def test_a_guess_is_what_the_slider_stands_at(fresh, app_url):
    opened(fresh, app_url, "?lesson=h6")
    scale = step("h6").scale
    for end, value in (("Home", scale.low), ("End", scale.high)):
        asked(fresh, step("h6").title)
        part(fresh, "answers").locator("input[type=range]").press(end)
        assert part(fresh, "answers").locator("output").inner_text() == f"{value:g} {scale.unit}"
        part(fresh, "commit").click()
        answered(fresh)
        told = Caller(app_url)("lesson_step", "h6", value)
        said = f"You said: {value:g} {scale.unit}."
        assert fresh.evaluate(SEEN) == [said, *told["because"], *told["told"]]
        part(fresh, "again").click()


def test_answers_are_copied_as_text_and_counted(fresh, app_url):
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
        assert part(fresh, "next").inner_text() == ("Next step" if key == "p2" else "All steps")
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


def test_it_goes_on_at_the_first_step_that_was_not_answered(fresh, app_url):
    opened(fresh, app_url, "?lesson=p2-p4")
    asked(fresh, step("p2").title)
    part(fresh, "answers").locator("label").first.click()
    part(fresh, "commit").click()
    answered(fresh)
    part(fresh, "close").click()
    assert part(fresh, "line").inner_text() == "Lesson: 1 of 3 done. Continue"
    part(fresh, "open").click()
    asked(fresh, step("p3").title)
    assert part(fresh, "of").inner_text() == "2 of 3"


def test_the_short_way_is_that_of_the_core_and_lights_what_a_step_is_about(fresh, app_url):
    core = [key for key, one in steps().items() if one.core]
    opened(fresh, app_url)
    part(fresh, "all").click()
    part(fresh, "short").click()
    for i, key in enumerate(core[:3]):
        asked(fresh, step(key).title)
        assert part(fresh, "of").inner_text() == f"{i + 1} of {len(core)}"
        assert part(fresh, "chips").locator(".lit").all_inner_texts() == chips(key)
        part(fresh, "show").click()
        answered(fresh)
        code = part(fresh, "code-fold")
        assert code.is_visible() == bool(step(key).code)
        assert part(fresh, "code").text_content() == step(key).code
        now = part(fresh, "now").text_content()
        assert now == f"Now you. {step(key).now}"
        part(fresh, "next").click()
    assert not fresh.locator("#guide [data-key][data-said=shown]").count(), "shown is not done"


def test_a_step_leads_to_where_its_numbers_stand(fresh, app_url):
    opened(fresh, app_url, "?lesson=h9")
    asked(fresh, step("h9").title)
    part(fresh, "show").click()
    answered(fresh)
    part(fresh, "place").click()
    tab, _, selector = step("h9").place.partition(" ")
    found = fresh.locator(f"{selector}.guide-here")
    found.wait_for()
    assert fresh.get_by_role("tab", name=tab, exact=True).get_attribute("aria-selected") == "true"
    fresh.wait_for_function(
        "(e) => { const { top } = e.getBoundingClientRect(); return top > -1 && top < 300; }",
        arg=found.element_handle(),
    )


def test_without_a_network_of_ones_own_it_is_the_lessons(fresh, app_url):
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
    assert part(fresh, "commit").is_enabled()
    assert part(fresh, "form").is_visible()
