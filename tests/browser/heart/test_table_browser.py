"""The Table sub-tab: a file that has to be asked about, its columns corrected, its outcomes."""

import csv
import io
import random
import re

import pytest

from classifiers.data.files.points import read_points
from tests.browser.heart.explorer_page import open_tab
from tests.conftest import in_window
from tests.tools.heart_files import UCI_HEADER, as_kaggle, invent_patients, to_csv
from tests.tools.wild_files import case

REMOVE = "#patients-file :is([aria-label='Clear'], [aria-label='Remove this file'])"


def send(page, place: str, name: str, content: bytes) -> None:
    page.locator(f"{place} input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def choose(page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("#playground-stage [data-part=file]")
    chooser.value.set_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    open_tab(shared_page, "Table")
    return shared_page


@pytest.fixture
def table(opened):
    """The sub-tab, without a file and what was answered to the last."""
    take_away(opened)
    opened.locator("#predictions-file a[download]").first.wait_for(state="detached")
    return opened


def take_away(page) -> None:
    remove = page.locator(REMOVE)
    if remove.count():
        remove.first.click()
        page.locator('#patients-answer .batch[data-state="empty"]').wait_for()


def test_a_file_in_another_coding_is_asked_about_and_read_as_it_is_told(table, screenshot):
    rows = as_kaggle(invent_patients())
    send(table, "#patients-file", "kaggle.csv", to_csv(rows, [*UCI_HEADER[:-1], "output"]))
    asked = table.locator('#patients-answer .batch[data-state="ask"]')
    asked.locator(".error", has_text="Kaggle copy's coding").wait_for()
    assert table.locator("#predictions-file a[download]").count() == 0
    screenshot(table, "table-asks")
    asked.get_by_label("Coding").select_option("kaggle")
    asked.get_by_role("button", name="Read again so").click()
    told = table.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text(f"{len(rows)} rows, all of them in the file").wait_for()
    told.get_by_role("heading", name="Measured against the column output").wait_for()
    with table.expect_download() as download:
        table.locator("#predictions-file a[download]").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert {line["converted"] for line in csv.DictReader(text.splitlines())} == {
        "decoded from kaggle"
    }
    screenshot(table, "table-decoded")


def test_a_column_of_another_name_is_named_in_the_page(table):
    send(table, "#patients-file", "a.csv", b"Alter,sex,cp\n50,1,4\n60,0,3\n")
    told = table.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text("no column for age").wait_for()
    told.get_by_text("How each column was read").click()
    told.get_by_label("Field of Alter").select_option("age")
    told.get_by_role("button", name="Read again so").click()
    told.get_by_text("age from 'Alter'").wait_for()
    assert told.get_by_text("no column for age").count() == 0


def test_what_was_said_of_a_file_is_not_said_of_another(table):
    rows = as_kaggle(invent_patients())
    send(table, "#patients-file", "kaggle.csv", to_csv(rows, [*UCI_HEADER[:-1], "output"]))
    asked = table.locator('#patients-answer .batch[data-state="ask"]')
    asked.get_by_label("Coding").select_option("kaggle")
    asked.get_by_role("button", name="Read again so").click()
    told = table.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text("As you said: decoded from kaggle").wait_for()
    send_again(table, "usual.csv", to_csv(invent_patients(30), UCI_HEADER))
    told.get_by_text("30 rows, all of them in the file").wait_for()
    assert told.get_by_text("As you said").count() == 0


def test_units_and_codes_are_chosen_in_the_page(table, model):
    header = "id,age,sex,cp,chol,ca"
    rows = [f"p{i},{40 + i},{1 + i % 2},{1 + i % 4},{4.8 + i / 10:.1f},0" for i in range(20)]
    send(table, "#patients-file", "a.csv", "\n".join([header, *rows]).encode())
    asked = table.locator('#patients-answer .batch[data-state="ask"]')
    asked.locator(".error", has_text="units chol=mmol/l").wait_for()
    asked.get_by_label("Unit of chol").select_option("mmol/l")
    asked.get_by_text("codes", exact=True).first.click()
    asked.get_by_label("Meaning of 1 in sex").select_option("0")
    asked.get_by_label("Meaning of 2 in sex").select_option("1")
    asked.get_by_role("button", name="Read again so").click()
    table.locator('#patients-answer .batch[data-state="ok"]').wait_for()
    lines = answer_of(table)
    for i, line in enumerate(lines):
        patient = {"age": 40 + i, "sex": i % 2, "cp": 1 + i % 4, "ca": 0,
                   "chol": (4.8 + i / 10) * 38.67}  # fmt: skip
        assert float(line["probability"]) == pytest.approx(
            model.predict(patient).probability, abs=1e-4
        )


def answer_of(page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator("#predictions-file a[download]").first.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# Pages of the answer


def twenty() -> bytes:
    rows = [f"p{i},{35 + i},{i % 2},{1 + i % 4},{200 + i}" for i in range(1, 21)]
    rows[2] = "p3,95,1,2,210"  # older than any patient of the study
    rows[12] = "p13,900,1,2,210"  # refused
    return "\n".join(["id,age,sex,cp,chol", *rows]).encode()


def shown(page) -> list[str]:
    """The sender's name of each row, as the page shows it now."""
    return page.locator("#patients-answer .preview tbody tr td:nth-child(2)").all_inner_texts()


CELLS = "(rows) => rows.map((row) => [...row.querySelectorAll('td')].map((e) => e.innerText))"


def test_the_answer_is_leafed_through_with_the_keyboard_on_a_phone(table, screenshot):
    with in_window(table, 390, 844, "dark"):
        send(table, "#patients-file", "a.csv", twenty())
        told = table.locator('#patients-answer .batch[data-state="ok"]')
        heading = told.locator(".preview h3")
        heading.get_by_text("Rows 1 to 8 of 20").wait_for()
        lines, seen = answer_of(table), []
        told.get_by_role("button", name="Next").focus()
        for first, key in ((1, "Enter"), (9, "Space"), (17, "Enter")):
            heading.get_by_text(f"Rows {first} to {min(first + 7, 20)} of 20").wait_for()
            for cells in told.locator(".preview tbody tr").evaluate_all(CELLS):
                line = lines[len(seen)]
                seen.append(cells[1])
                risk = cells[-3].removesuffix(" %").replace("\xa0", "")
                if line["error"]:
                    assert f"refused: {line['error']}" in cells[-1]
                else:
                    exact = 100 * float(line["probability"])
                    assert risk in ("<1", ">99") or abs(float(risk) - exact) <= 0.5
                    assert cells[-1].startswith(line["decision"])
                marked = "out_of_training_range" in line["warnings"]
                assert ("⚠" in cells[0]) == marked
                assert ("range" in cells[-1]) == marked
            table.keyboard.press(key)
        assert seen == [f"p{i}" for i in range(1, 21)]
        assert heading.inner_text().startswith("Rows 17 to 20")  # there is no page after the last
        assert told.get_by_role("button", name="Next").get_attribute("aria-disabled") == "true"
        assert table.evaluate("document.activeElement.textContent") == "Next ›"
        table.keyboard.press("Shift+Tab")
        table.keyboard.press("Enter")
        heading.get_by_text("Rows 9 to 16 of 20").wait_for()
        screenshot(table, "table-pages-390-dark")
        assert table.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        box = told.get_by_label("Go to row")
        for row, title in ((20, "Rows 17 to 20"), (8, "Rows 1 to 8"), (9, "Rows 9 to 16")):
            box.fill(str(row))
            box.press("Enter")
            heading.get_by_text(f"{title} of 20").wait_for()
        told.get_by_label("Only the 2 marked or refused").check()
        heading.get_by_text("Rows in doubt or refused 1 to 2 of 2").wait_for()
        assert shown(table) == ["p3", "p13"]
        told.get_by_label("Only the 2 marked or refused").uncheck()
        heading.get_by_text("Rows 1 to 8 of 20").wait_for()


# Long tables


WATCH = """() => {
  window.said = [];
  const bar = document.querySelector('#patients-answer [data-part="progress"]');
  const done = document.querySelector('#patients-answer [data-part="done"]');
  new MutationObserver(() => said.push([bar.getAttribute('aria-valuenow'), done.textContent,
    bar.firstElementChild.style.width])).observe(done, { childList: true });
}"""


def with_holes(count: int, seed: int = 0) -> bytes:
    """Rows that each lack other fields, which takes the longest."""
    rng = random.Random(seed)
    made = invent_patients(250, seed)
    rows = [
        [cell if rng.random() > 0.3 else "" for cell in made[i % 250][:-1]] for i in range(count)
    ]
    return to_csv(rows, UCI_HEADER[:-1])


def test_a_long_table_says_how_many_of_its_rows_are_done_and_can_be_stopped(table):
    table.locator("#patients-answer .batch").wait_for()
    table.evaluate(WATCH)
    send(table, "#patients-file", "long.csv", with_holes(1_500))
    table.locator('#patients-answer .batch[data-state="ok"]').wait_for()
    said = [each for each in table.evaluate("said") if each[1]]
    assert said
    before = 0
    for now, text, width in said:
        percent, done, rows = map(int, re.findall(r"\d+", text.replace(",", "")))
        assert (now, width, rows) == (str(percent), f"{percent}%", 1_500)
        assert percent == 100 * done // rows
        assert before < done <= rows
        before = done
    assert len(answer_of(table)) == 1_500

    send_again(table, "longer.csv", with_holes(10_000, 1))
    table.locator("#patients-answer .waits").get_by_role("button", name="Stop").click()
    stopped = table.locator('#patients-answer .batch[data-state="stopped"]')
    stopped.get_by_text("Stopped: there is no answer.").wait_for()
    begun = [width for now, _, width in table.evaluate("said") if now is None]
    assert begun
    assert set(begun) == {""}, "another file's progress"
    assert table.locator("#predictions-file a[download]").count() == 0
    table.get_by_role("button", name="Predict it after all").click()
    waits = table.locator("#patients-answer .waits")
    waits.get_by_text(re.compile("%: .* of 10,000 rows")).wait_for()
    waits.get_by_role("button", name="Stop").click()
    stopped.wait_for()
    send_again(table, "short.csv", twenty())
    table.locator('#patients-answer .batch[data-state="ok"]').wait_for()
    assert len(answer_of(table)) == 20


def send_again(page, name: str, content: bytes) -> None:
    take_away(page)
    send(page, "#patients-file", name, content)


def test_of_two_files_the_last_is_the_one_that_is_answered(table):
    send(table, "#patients-file", "long.csv", with_holes(2_500))
    table.locator('#patients-answer .batch[data-state="waiting"]').wait_for()
    table.locator(REMOVE).first.click()
    send(table, "#patients-file", "short.csv", twenty())
    told = table.locator('#patients-answer .batch[data-state="ok"]')
    told.get_by_text("20 rows, all of them in the file").wait_for()
    table.wait_for_timeout(2000)  # for what is late
    assert told.get_by_text("20 rows, all of them in the file").count() == 1
    assert len(answer_of(table)) == 20


@pytest.fixture
def own_points(opened):
    """The playground of a visitor's own points."""
    opened.get_by_role("tab", name="Playground").click()
    opened.wait_for_selector("#playground-stage .playground[data-phase=ready]")
    opened.click("#playground-stage [data-set=points]")
    opened.wait_for_function("location.search.includes('dataset.points')")
    yield opened
    opened.get_by_role("tab", name="Heart").click()


def kept(page) -> tuple[list[list[float]], list[str]]:
    """The visitor's points and the names of their classes, as the browser keeps them."""
    return page.evaluate("JSON.parse(localStorage.getItem('own-points') ?? '[[], []]')")


def test_own_points_are_shown_as_they_were_read_and_standardised(own_points, screenshot):
    page = own_points
    choose(page, "empty.csv", b"")
    page.get_by_text("is empty").first.wait_for()
    count = page.locator("#playground-stage .own-count")
    assert count.inner_text().startswith("12 of")
    path = case("own-points-unscaled", "points.csv")
    choose(page, "points.csv", path.read_bytes())
    page.locator("#points-told", has_text="Standardise them").wait_for()
    for standardise in (False, True):
        if standardise:
            page.locator("#points-standardise input").check()
            page.locator("#points-told", has_text="are standardised").wait_for()
        wanted = read_points(path, standardise=standardise).points
        first = list(wanted[0])
        page.wait_for_function(
            "first => JSON.stringify(JSON.parse(localStorage.getItem('own-points'))?.[0][0]) === "
            "JSON.stringify(first)",
            arg=first,
        )
        assert kept(page)[0] == [list(point) for point in wanted]
    assert count.inner_text().startswith(f"{len(wanted)} of")
    page.click("#playground-stage [data-tool=back]")
    assert kept(page)[0] == [list(point) for point in read_points(path).points]
    screenshot(page, "own-points")
    page.locator("#points-standardise input").uncheck()


def test_own_classes_keep_their_names(own_points):
    page = own_points
    rows = [f"{i % 7},{i % 5},{('well', 'ill')[i % 7 > 3]}" for i in range(40)]
    choose(page, "named.csv", "\n".join(rows).encode())
    page.locator("#points-told", has_text="0 = ill").wait_for()
    page.wait_for_function("location.search.includes(',well')")
    assert kept(page)[1] == ["ill", "well"]
    page.click("#playground-stage [data-part=step]")
    page.wait_for_selector("#playground-stage .playground[data-reached='1']")
    heads = page.locator("#playground-stage .matrix tbody th").all_inner_texts()
    assert [head.strip() for head in heads] == ["ill", "well"]
    # A class gets its name under the pen.
    page.click("#playground-stage [data-tool=pen-A]")
    name = page.get_by_label("What class A is called")
    assert name.input_value() == "ill"
    name.fill("sick")
    name.press("Enter")
    page.wait_for_function("location.search.includes(',sick')")
    assert kept(page)[1] == ["sick", "well"]
