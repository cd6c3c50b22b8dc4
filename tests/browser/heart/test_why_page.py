"""The explanation on the page: of the patient in the form, at the tab's threshold."""

import re

import pytest


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    shared_page.locator("#why .way svg").wait_for()
    return shared_page


def explained(page) -> str:
    return page.locator("#why .way .title").last.inner_text()


def test_it_ends_at_the_risk_of_the_patient_in_the_form(opened, screenshot):
    samples = opened.locator("#patient-samples .sample")
    for i in range(samples.count()):
        samples.nth(i).click()
        opened.locator('#patient[data-patient="now"] #why .why[data-state="ok"]').wait_for()
        told = explained(opened)
        assert opened.locator('#risk [data-part="headline"]').inner_text() == told.removesuffix(
            " %"
        )
    screenshot(opened, "why-page")


def test_it_pales_while_another_patient_is_asked_about(opened):
    opened.locator("#patient-samples .sample").first.click()
    opened.locator('#patient[data-patient="now"] #why .why[data-state="ok"]').wait_for()
    opened.locator('[data-field="age"] input').fill("999")
    opened.locator('[data-field="age"] input').press("Tab")
    opened.locator('#patient[data-patient="wrong"]').wait_for()
    opened.wait_for_function(
        "() => Number(getComputedStyle(document.querySelector('#why')).opacity) < 0.5"
    )


def test_its_threshold_is_the_one_of_the_result(opened):
    opened.locator("#patient-samples .sample").first.click()
    opened.locator('#patient[data-patient="now"] #why .why[data-state="ok"]').wait_for()
    slider = opened.locator('#risk input[type="range"]')
    slider.fill("60")
    assert opened.locator('#why [data-part="threshold"]').inner_text() == "60 %"
    turn = opened.locator('#why [data-part="turn"]').inner_text()
    assert re.match(r"At a threshold of 60 % |Too little is known", turn)
    opened.locator('#risk [data-part="reset"]').click()
    assert opened.locator('#why [data-part="threshold"]').inner_text() != "60 %"
