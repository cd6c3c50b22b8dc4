"""The form of one patient: what is typed, chosen, unknown, refused, linked and undone."""

import re

from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.ui.heart.patient.form import FIRST_SAMPLE, sample
from classifiers.ui.heart.words import MMOL, of_hundred
from tests.browser.heart.conftest import EXPLAINED, PatientTab


def expected(model, patient: dict, **changes) -> str:
    return of_hundred(model.predict({**patient, **changes}).probability)


FADED = """() => ['#risk .answer', '#why'].every((part) =>
  Number(getComputedStyle(document.querySelector(part)).opacity) < 0.5)"""

STRONG = "getComputedStyle(document.querySelector('#why')).opacity === '1'"


def strength(tab: PatientTab, selector: str) -> float:
    return float(tab.page.locator(selector).evaluate("e => getComputedStyle(e).opacity"))


def test_samples_fill_the_form_are_marked_and_explained(tab, model, screenshot):
    screenshot(tab.page, "patient-wide")
    for name in SAMPLE_PATIENTS:
        tab.pick(name)
        assert tab.values() == sample(name)
        assert tab.text("headline") == expected(model, sample(name))
        pressed = tab.page.locator('.sample[aria-pressed="true"]').all_inner_texts()
        assert pressed == [name]
        tab.page.locator(EXPLAINED).wait_for()
        told = tab.page.locator("#why .way .title").last.text_content()
        assert tab.text("headline") == told.removesuffix(" %").removeprefix("over ")
    screenshot(tab.page, "patient-basics")


def test_a_choice_changes_the_risk_and_can_be_unknown(tab, model, first):
    tab.choose("thal", "reversible")
    tab.settle()
    assert tab.text("headline") == expected(model, first, thal=7)
    assert "changed" in tab.page.locator("#field-thal").get_attribute("class")
    tab.choose("thal", "unknown")
    tab.settle()
    assert tab.text("headline") == expected(model, first, thal=None)


def test_a_number_can_be_unknown_and_comes_back(tab, model, first):
    unknown = tab.page.get_by_role("button", name="Age is unknown")
    unknown.click()
    tab.settle()
    assert tab.values()["age"] is None
    assert unknown.get_attribute("aria-pressed") == "true"
    assert tab.text("headline") == expected(model, first, age=None)
    unknown.click()
    tab.settle()
    assert tab.values() == first
    assert unknown.get_attribute("aria-pressed") == "false"


def test_typing_asks_once_it_pauses_and_arrows_step(tab, model, first, questions):
    box = tab.page.locator("#field-chol [type=text]")
    box.fill("")
    box.press_sequentially("301", delay=30)
    assert tab.page.locator("#patient").get_attribute("data-patient") == "waiting"
    tab.settle()
    assert len(questions) <= 4  # the result and the explanation, twice at most
    assert tab.text("headline") == expected(model, first, chol=301)
    box.press("ArrowUp")
    box.press("ArrowUp")
    tab.settle()
    assert tab.values()["chol"] == 303
    # One field: the patient before is the one before its first change.
    assert "Cholesterol 235 mg/dl → 303 mg/dl" in tab.text("change")


def test_the_unit_converts_what_stands_in_the_form_and_asks_nothing(tab, model, first, questions):
    box = tab.page.locator("#field-chol [type=text]")
    group = tab.page.get_by_role("radiogroup", name="Unit of the blood values")
    group.get_by_label("mmol/l").check()
    assert box.input_value() == f"{first['chol'] / MMOL:.1f}"
    assert tab.page.locator("#field-chol [data-part=unit]").inner_text() == "mmol/l"
    assert tab.page.locator("#field-fbs label").all_inner_texts()[:2] == ["up to 6.7", "over 6.7"]
    assert questions == []
    tab.type("chol", "7,0")
    tab.settle()
    assert tab.text("headline") == expected(model, first, chol=round(7 * MMOL))
    assert box.input_value() == "7,0"
    tab.type("chol", "70")
    tab.page.locator("#field-chol", has_text="(in mmol/l: 0.5 to 38.8)").wait_for()
    tab.type("chol", "7")
    tab.settle()
    group.get_by_label("mg/dl").check()
    assert box.input_value() == str(round(7 * MMOL))
    assert tab.page.locator("#field-fbs label").all_inner_texts()[:2] == ["up to 120", "over 120"]


def test_an_impossible_value_is_named_and_leaves_nothing_at_full_strength(tab, screenshot):
    row = tab.page.locator("#field-trestbps", has_text="must be a number from 40 to 300 mm Hg")
    for text in ("9", "abc", "1e3", "12.5.6"):
        tab.type("trestbps", text)  # which takes away what was said of the text before
        tab.page.locator('#patient[data-patient="wrong"]').wait_for()
        row.wait_for()
        assert row.get_attribute("data-mark") == "wrong"
        assert tab.page.locator("#field-trestbps input").get_attribute("aria-invalid") == "true"
        assert tab.text("message").startswith("Blood pressure: must be a number")
        tab.page.wait_for_function(FADED)
        assert strength(tab, "#risk .message") == 1
    screenshot(tab.page, "patient-impossible")
    tab.type("trestbps", "130")
    tab.page.locator(EXPLAINED).wait_for()
    assert tab.part("message").inner_text() == ""
    assert row.count() == 0
    tab.page.wait_for_function(STRONG)


def test_while_a_request_runs_the_patient_before_is_dimmed(tab):
    held = []
    tab.page.route("**/gradio_api/queue/join**", lambda route: held.append(route))
    tab.choose("exang", "yes")
    tab.page.wait_for_function(FADED)
    assert tab.page.locator("#patient").get_attribute("data-patient") == "waiting"
    assert tab.page.locator("#risk .risk").get_attribute("aria-busy") == "true"
    for route in held:
        route.continue_()
    tab.page.unroute("**/gradio_api/queue/join**")
    tab.settle()
    whole = FADED.replace("every", "some").replace("< 0.5", "< 1")
    tab.page.wait_for_function(f"!({whole})()")


def test_a_doubtful_value_is_said_beside_its_field(tab):
    tab.type("age", "80")
    tab.settle()
    row = tab.page.locator("#field-age")
    assert "outside" in row.locator(".note").inner_text()
    assert row.get_attribute("data-mark") == "doubt"
    assert "outside" in tab.text("doubts")


def test_clearing_leaves_nothing_known_and_can_be_undone(tab, model, first, screenshot):
    tab.page.get_by_role("button", name="Clear the form").click()
    tab.settle()
    assert set(tab.values().values()) == {None}
    assert tab.text("headline") == expected(model, {})
    was, now = expected(model, first), expected(model, {})
    assert tab.text("change").startswith(f"13 fields changed: was {was}, now {now}.")
    screenshot(tab.page, "patient-cleared")
    tab.page.get_by_role("button", name="Undo").click()
    tab.settle()
    assert tab.values() == first


def test_words_explain_themselves_to_the_keyboard(tab):
    tab.page.locator("#field-restecg dfn").focus()
    tip = tab.page.locator("#gloss")
    tip.wait_for()
    assert "left ventricle" in tip.inner_text()
    assert tip.inner_text() == tab.page.locator("#about-restecg").text_content()
    tab.page.keyboard.press("Escape")
    assert not tip.is_visible()
    # The next stop is the chosen option; an arrow goes on to the next one.
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("ArrowRight")
    tab.settle()
    assert tab.values()["restecg"] == 1
    ring = tab.page.locator("#field-restecg label:has(:checked)").evaluate(
        "e => parseFloat(getComputedStyle(e).outlineWidth)"
    )
    assert ring >= 2


def copied_link(tab: PatientTab) -> str:
    tab.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    tab.page.get_by_role("button", name="Copy link").click()
    tab.page.locator('[data-part="done"]', has_text="Link copied.").wait_for()
    return tab.page.evaluate("window.copied")


def test_a_link_is_made_when_asked_for_and_opens_its_patient(tab, page, first):
    tab.type("oldpeak", "2.4")
    tab.choose("ca", "unknown")
    tab.settle()
    assert "#" not in tab.page.url
    link = copied_link(tab)
    assert "#" not in tab.page.url
    assert re.search(r"#patient\?age=57&", link)
    assert "ca=" not in link
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    other = PatientTab(page)
    page.locator("#patient-form").wait_for()  # the tab opens by itself
    other.settle()
    assert other.values() == {**first, "oldpeak": 2.4, "ca": None}
    assert other.text("headline") == tab.text("headline")
    assert not any("oldpeak=" in url for url in asked)  # no server's log has it
    page.evaluate("location.hash = '#patient?age=930'")
    page.locator('[data-part="notice"]', has_text="The link could not be used. Age").wait_for()
    other.settle()
    assert other.values() == sample(FIRST_SAMPLE)
    page.evaluate("location.hash = '#patient?age=60&sex=female&thal=fixed'")
    page.wait_for_function("document.querySelector('#field-age input').value === '60'")
    assert (other.values()["sex"], other.values()["thal"]) == (0, 6)
    assert other.text("notice") == ""
