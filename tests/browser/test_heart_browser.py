"""The heart tab as a visitor uses it."""

import re

import pytest

from classifiers.ui.heart.patient.form import FIRST_SAMPLE


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


def test_the_explanation_adds_up_to_the_risk(heart, screenshot):
    rows = heart.locator("#why .waterfall li")
    rows.nth(12).wait_for()
    assert rows.count() == 13
    shown = heart.locator('#why [data-part="total"]').inner_text()
    assert re.search(r"which is the risk of \d+\.\d %", shown)
    stated = float(re.search(r"risk of (\d+\.\d) %", shown)[1])
    assert abs(stated - float(heart.inner_text('#risk [data-part="headline"]'))) <= 0.5
    screenshot(heart, "heart-why")


def test_the_lessons_exercises_are_answered(heart):
    heart.get_by_role("tab", name="Lessons").click()
    for number in (9, 10, 11, 12):
        heart.get_by_role("button", name=f"{number}. ").click()
        heart.wait_for_timeout(200)
        heart.locator("#heart-exercise li").first.wait_for()
