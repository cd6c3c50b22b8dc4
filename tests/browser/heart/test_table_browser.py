"""The Table sub-tab: a file that has to be asked about, its columns corrected, its outcomes."""

import csv

from classifiers.data.files.points import read_points
from classifiers.ui.playground.controls import write_points
from tests.browser.heart.explorer_page import open_tab
from tests.tools.heart_files import UCI_HEADER, as_kaggle, invent_patients, to_csv
from tests.tools.wild_files import case


def send(page, place: str, name: str, content: bytes) -> None:
    page.locator(f"{place} input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def choose(page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#points-file").click()
    chooser.value.set_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def open_table(page, app_url) -> None:
    page.goto(app_url)
    page.get_by_role("tab", name="Heart").click()
    open_tab(page, "Table")


def test_a_file_in_another_coding_is_asked_about_and_read_as_it_is_told(page, app_url, screenshot):
    open_table(page, app_url)
    rows = as_kaggle(invent_patients())
    send(page, "#patients-file", "kaggle.csv", to_csv(rows, [*UCI_HEADER[:-1], "output"]))
    asked = page.locator('#patients-answer .batch[data-state="ask"]')
    asked.locator(".error", has_text="Kaggle copy's coding").wait_for()
    assert page.locator("#predictions-file a[download]").count() == 0
    screenshot(page, "table-asks")
    asked.get_by_label("Coding").select_option("kaggle")
    asked.get_by_role("button", name="Read again so").click()
    told = page.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text(f"{len(rows)} rows, all of them in the file").wait_for()
    told.get_by_role("heading", name="Measured against the column output").wait_for()
    with page.expect_download() as download:
        page.locator("#predictions-file a[download]").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert {line["converted"] for line in csv.DictReader(text.splitlines())} == {
        "decoded from kaggle"
    }
    screenshot(page, "table-decoded")


def test_a_column_of_another_name_is_named_in_the_page(page, app_url):
    open_table(page, app_url)
    send(page, "#patients-file", "a.csv", b"Alter,sex,cp\n50,1,4\n60,0,3\n")
    told = page.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text("no column for age").wait_for()
    told.get_by_text("How each column was read").click()
    told.get_by_label("Field of Alter").select_option("age")
    told.get_by_role("button", name="Read again so").click()
    told.get_by_text("age from 'Alter'").wait_for()
    assert told.get_by_text("no column for age").count() == 0


def test_own_points_are_shown_as_they_were_read_and_standardised(page, app_url, screenshot):
    page.goto(app_url)
    page.get_by_role("radio", name="My own").click()
    points = page.locator("#dataset-points textarea")
    points.wait_for()
    before = points.input_value()
    choose(page, "empty.csv", b"")
    page.get_by_text("dataset.points: is empty").first.wait_for()
    assert points.input_value() == before
    path = case("own-points-unscaled", "points.csv")
    choose(page, "points.csv", path.read_bytes())
    page.locator("#points-told", has_text="Standardise them").wait_for()
    assert points.input_value() == write_points(read_points(path).points)
    page.locator("#points-standardise input").check()
    page.locator("#points-told", has_text="are standardised").wait_for()
    assert points.input_value() == write_points(read_points(path, standardise=True).points)
    screenshot(page, "own-points")
