"""The heart tab as a visitor uses it."""

import pytest

from classifiers.ui.heart.patient.form import FIRST_SAMPLE
from tests.browser.saved_charts import check_saved_charts


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    shared_page.locator('#patient[data-patient="now"]').wait_for()
    return shared_page


@pytest.fixture
def heart(opened):
    """The tab with the patient it opens with."""
    opened.get_by_role("tab", name="Patient", exact=True).click()
    opened.get_by_role("button", name=FIRST_SAMPLE).click()
    opened.locator('#patient[data-patient="now"]').wait_for()
    settle(opened, 300)
    return opened


def settle(page, milliseconds: int = 2000) -> None:
    """Waits until the page has asked for nothing for a while: a busy server chains slowly."""
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    before = -1
    while before != len(seen):
        before = len(seen)
        page.wait_for_timeout(milliseconds)


def test_a_table_of_patients_comes_back_predicted(heart, tmp_path):
    table = tmp_path / "patients.csv"
    table.write_text("id,age,sex,chol\na,50,male,210\nb,60,female,9999\n")
    heart.get_by_role("tab", name="Table").click()
    heart.locator("#patients-file input[type=file]").set_input_files(table)
    heart.get_by_text("2 rows, all of them in the file; 1 could not be predicted").wait_for()
    with heart.expect_download() as download:
        heart.locator("#predictions-file a[download]").first.click()
    text = download.value.path().read_text().splitlines()
    assert text[0].startswith("id,age,sex,chol,probability")
    assert len(text) == 3
    assert "chol: must be a number from" in text[2]


def test_dragging_through_the_explorer_asks_for_nothing_and_is_quick(heart, screenshot):
    heart.get_by_role("tab", name="Threshold").click()
    heart.locator("#explorer svg").nth(5).wait_for()
    settle(heart)
    requests = []
    heart.on("request", lambda request: requests.append(request.url))
    cell = heart.locator('#explorer [data-count="true_positive"]')
    before = cell.inner_text()
    milliseconds = heart.evaluate(
        """() => {
          const slider = document.querySelector('#explorer input[type=range]');
          const times = [];
          for (let i = 0; i <= 200; i += 1) {
            const start = performance.now();
            slider.value = i;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            document.body.getBoundingClientRect();
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b)[100];
        }"""
    )
    assert milliseconds < 16
    assert cell.inner_text() == "0" != before
    heart.get_by_label("held out").check()
    assert int(heart.locator('#explorer [data-count="false_negative"]').inner_text()) < 61
    assert requests == []
    screenshot(heart, "heart-explorer")
    check_saved_charts(heart, heart.locator("#explorer"), "thresholds", 6)


def test_changing_a_cost_changes_the_advice(heart):
    heart.get_by_role("tab", name="Threshold").click()
    advice = heart.locator("#cost-advice", has_text="ask for a threshold of 0.333")
    advice.wait_for()
    box = heart.get_by_label("Cost of a missed patient")
    box.fill("9")
    box.press("Tab")
    heart.locator("#cost-advice", has_text="ask for a threshold of 0.100").wait_for()
    box.fill("-1")
    box.press("Tab")
    heart.locator("#cost-advice", has_text="cost_false_negative: must be").wait_for()


def test_the_lessons_claims_are_measured(heart, screenshot):
    heart.get_by_role("tab", name="Lessons").click()
    heart.locator("#heart-experiments li").nth(11).wait_for()
    for number in (9, 10, 11, 12):
        heart.get_by_role("button", name=f"{number}. ").click()
        heart.wait_for_timeout(200)
        heart.locator("#heart-exercise li").first.wait_for()
    screenshot(heart, "heart-lessons")


def test_the_model_card_is_shown(heart, screenshot):
    heart.get_by_role("tab", name="Record").click()
    heart.locator("#model-card", has_text="no medical device").wait_for()
    screenshot(heart, "heart-record")
