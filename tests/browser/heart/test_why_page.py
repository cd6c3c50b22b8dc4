"""The explanation on the page: of the patient in the form, at the tab's threshold."""

import re

from classifiers.recipes.heart.model import SAMPLE_PATIENTS

EXPLAINED = '#patient[data-patient="now"] #why .why[data-state="ok"]'


def test_it_ends_at_the_risk_of_the_patient_in_the_form(tab, screenshot):
    for name in SAMPLE_PATIENTS:
        tab.pick(name)
        tab.page.locator(EXPLAINED).wait_for()
        told = tab.page.locator("#why .way .title").last.text_content()
        assert tab.text("headline") == told.removesuffix(" %").removeprefix("over ")
    screenshot(tab.page, "why-page")


def test_it_pales_where_a_value_cannot_be_used_and_comes_back(tab):
    tab.page.locator(EXPLAINED).wait_for()
    tab.type("age", "999")
    tab.page.locator('#patient[data-patient="wrong"]').wait_for()
    paled = "() => Number(getComputedStyle(document.querySelector('#why')).opacity) < 0.5"
    tab.page.wait_for_function(paled)
    tab.type("age", "60")
    tab.page.locator(EXPLAINED).wait_for()
    tab.page.wait_for_function(paled.replace("< 0.5", "=== 1"))


def test_the_patient_before_leaves_outlines_until_dismissed(tab):
    tab.page.locator(EXPLAINED).wait_for()
    tab.choose("ca", "3")
    tab.settle().page.locator("#why .way .ghost").first.wait_for()
    tab.page.get_by_role("button", name="Dismiss").click()
    assert tab.page.locator("#why .way .ghost").count() == 0


def test_its_threshold_is_the_one_of_the_result(tab, questions):
    tab.page.locator(EXPLAINED).wait_for()
    tab.slide(60)
    assert tab.page.locator('#why [data-part="threshold"]').inner_text() == "60 %"
    turn = tab.page.locator('#why [data-part="turn"]').inner_text()
    assert re.match(r"At a threshold of 60 % |Too little is known", turn)
    assert questions == []
