"""The Heart tab, whole: each sub-tab as it opens and after each press."""

from collections.abc import Callable

from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from tests.browser.heart.conftest import EXPLAINED, PatientTab
from tests.browser.heart.explorer_page import (
    open_heart,
    open_tab,
    slide,
    weighed,
)
from tests.browser.heart.test_table_browser import send, take_away, twenty
from tests.snapshots.page import PageSnapshots
from tests.tools.heart_files import UCI_HEADER, as_kaggle, invent_patients, to_csv


def unfold(page, place: str) -> None:
    page.evaluate(
        "(place) => document.querySelectorAll(`${place} details`)"
        ".forEach((e) => { e.open = true; })",
        place,
    )


def explained(tab: PatientTab, seen: PageSnapshots) -> Callable[[str], None]:
    """Looks once the risk and its reasons are of the patient in the form."""

    def look(name: str) -> None:
        tab.settle()
        tab.page.locator(EXPLAINED).wait_for()
        seen.look(name)

    return look


# What is printed, as it is thrown away, laid into the page.
PRINTED = """() => {
  HTMLIFrameElement.prototype.remove = function () {
    const place = Object.assign(document.createElement('div'), { id: 'printed' });
    place.append(...this.contentDocument.body.childNodes);
    document.body.append(place);
    Element.prototype.remove.call(this);
  };
}"""


def test_a_patient(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-patient", "#patient", "#importance", "#printed")
    tab = PatientTab(fresh).open(app_url)

    look = explained(tab, seen)
    look("opened")
    for name in list(SAMPLE_PATIENTS)[:3:2]:  # what Python answers for each is held elsewhere
        tab.pick(name)
        look(name)
    tab.type("age", "300")
    fresh.locator('#risk .risk[data-state="wrong"]').wait_for()
    seen.look("an age out of range")
    tab.type("age", "61")
    look("another age")
    tab.type("chol", "7.1")
    fresh.locator('#risk .risk[data-state="wrong"]').wait_for()
    seen.look("a cholesterol in other units")
    tab.type("chol", "275")
    tab.part("change").filter(has_text="275 mg/dl").wait_for()
    for field, label in (("thal", "reversible"), ("cp", "unknown")):
        tab.choose(field, label)
        look(f"{field}: {label}")
    tab.slide(70)
    look("a threshold")
    tab.part("keep").click()
    look("kept to compare")
    tab.pick(next(iter(SAMPLE_PATIENTS)))
    look("beside another")
    fresh.evaluate(PRINTED)
    tab.part("summary").click()
    seen.look("summary")
    tab.part("print").click()
    fresh.locator("#printed").wait_for(state="attached")
    seen.look("printed")
    fresh.evaluate("document.querySelector('#printed').remove()")
    tab.part("close").click()
    tab.part("link").click()
    seen.look("link")
    tab.part("reset").click()
    tab.settle()
    seen.look_at_file("picture saved", fresh.locator('#risk [data-save="svg"]').click)
    seen.look_at_file("steps saved", fresh.locator('#why [data-part="csv"]').click)
    fresh.locator("#importance summary").click()
    unfold(fresh, "#why")
    look("unfolded")
    fresh.locator('[data-part="clear"]').click()
    seen.look("cleared")
    fresh.evaluate("location.hash = '#patient?age=60&sex=female&thal=fixed'")
    fresh.wait_for_function("document.querySelector('#field-age input').value === '60'")
    fresh.evaluate("document.body.classList.add('dark')")
    fresh.set_viewport_size({"width": 390, "height": 844})
    look("a link, 390 pixels, dark")


def test_a_threshold(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-threshold", "#explorer")
    open_heart(fresh, app_url)
    unfold(fresh, "#explorer")
    seen.look("opened")
    slide(fresh, 23)
    weighed(fresh)
    seen.look("23 %")
    inputs = fresh.locator("#explorer .step input")
    inputs.first.fill("3")
    inputs.first.press("Tab")
    weighed(fresh)
    seen.look("other costs")
    for sets in fresh.locator("#explorer [data-part=sets] input").all():
        sets.check()
        weighed(fresh)
        seen.look(f"patients: {sets.get_attribute('value')}")
    fresh.locator('#explorer input[value="0.1,0.9"]').check()
    seen.look("the lesson's thresholds")
    seen.look_at_file("charts saved", fresh.locator('#explorer [data-save="svg"]').click)


def test_a_table(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-table", "#patients-answer", "#predictions-file")
    fresh.goto(app_url)
    open_tab(fresh, "Heart")
    open_tab(fresh, "Table")
    rows = as_kaggle(invent_patients())
    send(fresh, "#patients-file", "kaggle.csv", to_csv(rows, [*UCI_HEADER[:-1], "output"]))
    asked = fresh.locator('#patients-answer .batch[data-state="ask"]')
    asked.get_by_label("Coding").wait_for()
    seen.look("asked")
    asked.get_by_label("Coding").select_option("kaggle")
    asked.get_by_role("button", name="Read again so").click()
    told = fresh.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_role("heading", name="Measured against the column output").wait_for()
    fresh.locator("#predictions-file a[download]").first.wait_for()
    seen.look("measured")
    unfold(fresh, "#patients-answer")
    seen.look("unfolded")


def test_a_table_with_problems(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-problems", "#patients-answer", "#predictions-file")
    fresh.goto(app_url)
    open_tab(fresh, "Heart")
    open_tab(fresh, "Table")
    seen.look("empty")
    send(fresh, "#patients-file", "none.csv", b"one,two\n1,2\n")
    fresh.locator("#patients-answer .error").first.wait_for()
    seen.look("refused")
    take_away(fresh)
    rows = [f"p{i},{40 + i},{1 + i % 2},{1 + i % 4},{4.8 + i / 10:.1f},x" for i in range(20)]
    text = "\n".join(["id,age,sex,cp,chol,ca", *rows])
    send(fresh, "#patients-file", "units.csv", text.encode())
    asked = fresh.locator('#patients-answer .batch[data-state="ask"]')
    asked.get_by_label("Unit of chol").wait_for()
    unfold(fresh, "#patients-answer")
    seen.look("asked")
    asked.get_by_label("Unit of chol").select_option("mmol/l")
    asked.get_by_label("Meaning of 1 in sex").select_option("0")
    asked.get_by_label("Meaning of 2 in sex").select_option("1")
    asked.get_by_label("Field of ca").select_option("")
    seen.look("chosen")
    asked.get_by_role("button", name="Read again so").click()
    told = fresh.locator('#patients-answer .batch[data-state="ok"]')
    told.wait_for()
    unfold(fresh, "#patients-answer")
    seen.look("read so")
    take_away(fresh)
    send(fresh, "#patients-file", "long.csv", twenty())
    told.wait_for()
    seen.look("some in doubt")
    told.get_by_role("button", name="Next").click()
    seen.look("next page")
    told.get_by_label("Go to row").fill("3")
    fresh.keyboard.press("Enter")
    seen.look("row 3")
    told.locator(".only input").check()
    seen.look("only those in doubt")
    open_tab(fresh, "Threshold")
    slide(fresh, 23)
    weighed(fresh)
    open_tab(fresh, "Table")
    seen.look("decided at another threshold")
    told.get_by_role("button", name="Decide anew").click()
    told.get_by_text("Decided at 23").wait_for()
    fresh.set_viewport_size({"width": 390, "height": 844})
    seen.look("390 pixels")


def test_lessons_and_record(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-lessons", "#heart-lessons", "#heart-record")
    fresh.goto(app_url)
    open_tab(fresh, "Heart")
    open_tab(fresh, "Lessons")
    fresh.locator("#heart-lessons details").first.wait_for()
    seen.look("opened")
    unfold(fresh, "#heart-lessons section")
    seen.look("unfolded")
    open_tab(fresh, "Record")
    fresh.locator('#heart-record [data-chart="benefit"] svg').wait_for()
    seen.look("record")
    fresh.set_viewport_size({"width": 390, "height": 844})
    seen.look("record, 390 pixels")
    open_tab(fresh, "Lessons")
    seen.look("lessons, 390 pixels")
