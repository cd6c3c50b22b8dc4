"""The Heart tab, whole: each sub-tab as it opens and after each press."""

from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from tests.browser.heart.conftest import EXPLAINED, PatientTab
from tests.browser.heart.explorer_page import (
    open_heart,
    open_tab,
    slide,
    weighed,
)
from tests.browser.heart.test_table_browser import send
from tests.tools.heart_files import UCI_HEADER, as_kaggle, invent_patients, to_csv


def test_a_patient(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-patient", "#patient", "#importance")
    tab = PatientTab(fresh).open(app_url)

    def look(name: str) -> None:
        tab.settle()
        fresh.locator(EXPLAINED).wait_for()
        seen.look(name)

    look("opened")
    for name in SAMPLE_PATIENTS:
        tab.pick(name)
        look(name)
    tab.type("age", "300")
    fresh.locator('#risk .risk[data-state="wrong"]').wait_for()
    seen.look("an age out of range")
    tab.type("age", "61")
    look("another age")
    tab.type("chol", "7.1")
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
    tab.part("summary").click()
    seen.look("summary")
    tab.part("close").click()
    tab.part("link").click()
    seen.look("link")
    tab.part("reset").click()
    look("threshold as at first")
    seen.look_at_file("picture saved", fresh.locator('#risk [data-save="svg"]').click)
    seen.look_at_file("steps saved", fresh.locator('#why [data-part="csv"]').click)
    fresh.locator("#importance summary").click()
    fresh.evaluate("document.querySelectorAll('#why details').forEach((e) => { e.open = true; })")
    look("unfolded")
    fresh.locator('[data-part="clear"]').click()
    seen.look("cleared")


def test_a_threshold(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-threshold", "#explorer")
    open_heart(fresh, app_url)
    fresh.evaluate("document.querySelectorAll('#explorer details').forEach((e) => e.open = true)")
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
    fresh.evaluate(
        "document.querySelectorAll('#patients-answer details').forEach((e) => { e.open = true; })"
    )
    seen.look("unfolded")


def test_lessons_and_record(page_snapshots, fresh, app_url):
    seen = page_snapshots("heart-lessons", "#heart-lessons", "#heart-record")
    fresh.goto(app_url)
    open_tab(fresh, "Heart")
    open_tab(fresh, "Lessons")
    fresh.locator("#heart-lessons details").first.wait_for()
    seen.look("opened")
    fresh.evaluate(
        "document.querySelectorAll('#heart-lessons section details')"
        ".forEach((e) => { e.open = true; })"
    )
    seen.look("unfolded")
    open_tab(fresh, "Record")
    fresh.locator('#heart-record [data-chart="benefit"] svg').wait_for()
    seen.look("record")
