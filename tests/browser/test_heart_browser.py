"""The heart tab as a visitor uses it."""

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


def test_the_lessons_exercises_are_answered(heart):
    heart.get_by_role("tab", name="Lessons").click()
    for number in (9, 10, 11, 12):
        heart.get_by_role("button", name=f"{number}. ").click()
        heart.wait_for_timeout(200)
        heart.locator("#heart-exercise strong").first.wait_for()
