"""The charts of the heart tab say what Python says: read off the page, compared with the tables."""

import numpy as np
import pytest

from classifiers.data.heart.file import feature
from classifiers.recipes.heart.explain import explain_patient, vary_patient
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.ui.heart.patient.form import FIRST_SAMPLE
from classifiers.wording import whole_percent
from tests.browser.read_chart import read_chart
from tests.conftest import ROOT

PATIENT = SAMPLE_PATIENTS[FIRST_SAMPLE]
SICK, WELL = "rgb(217, 119, 6)", "rgb(37, 99, 235)"


@pytest.fixture(scope="module")
def model() -> HeartModel:
    return HeartModel.load(ROOT / "weights" / "heart")


@pytest.fixture(scope="module")
def heart(shared_page, app_url):
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    shared_page.locator("#why .waterfall li").nth(12).wait_for()
    shared_page.locator('#patient[data-patient="now"]').wait_for()
    return shared_page


def slide(page, panel: str, row: int) -> None:
    page.locator(f"{panel} input[type=range]").evaluate(
        "(e, row) => { e.value = row; e.dispatchEvent(new Event('input', {bubbles: true})); }", row
    )


# Why.


@pytest.fixture
def patient(heart):
    heart.get_by_role("tab", name="Patient", exact=True).click()
    return heart


def test_the_waterfall_goes_from_the_average_to_this_patient(patient, model):
    page = patient
    told = explain_patient(model, PATIENT)
    parts = sorted(told["contributions"], key=lambda part: -abs(part["logit"]))
    ends = told["base_logit"] + np.cumsum([0, *(part["logit"] for part in parts)])
    assert ends[-1] == pytest.approx(told["logit"])
    places = 100 * (ends - ends.min()) / np.ptp(ends)
    rows = page.locator("#why .waterfall li").evaluate_all(
        """(rows) => rows.map((row) => {
          const bar = row.querySelector('i');
          return { name: row.querySelector('.name').textContent, left: parseFloat(bar.style.left),
            width: parseFloat(bar.style.width), colour: getComputedStyle(bar).backgroundColor,
            amount: row.querySelector('.amount').textContent };
        })"""
    )
    for row, part, start, end in zip(rows, parts, places[:-1], places[1:], strict=True):
        about = feature(part["field"])
        assert row["name"] == f"{about.label} {about.format(part['value'])}"
        assert row["amount"] == f"{part['logit']:+.2f}"
        assert row["left"] == pytest.approx(min(start, end), abs=1e-3)
        assert row["left"] + row["width"] == pytest.approx(max(start, end), abs=1e-3)
        assert row["colour"] == (SICK if part["logit"] > 0 else WELL)
    base = page.locator('#why [data-part="base"]').inner_text()
    assert f"starts at {told['base_logit']:+.2f}" in base
    assert f"add up to {told['logit']:+.2f}" in page.locator('[data-part="total"]').inner_text()


def test_what_one_field_would_change(patient, model):
    page = patient
    for part in vary_patient(model, PATIENT):
        about = feature(part["field"])
        figure = f'#why figure:has(figcaption:text-is("{about.label}"))'
        if about.kind == "numerical":
            chart = read_chart(page, figure)
            chart.check_axes((about.unit or "", False), ("risk", True))
            [curve] = chart.lines
            chart.check_curve(curve, part["values"], part["probability"])
            own = part["probability"][part["values"].index(part["value"])]
            chart.check_marker(curve.colour, part["value"], own)
            continue
        for i, (value, chance) in enumerate(zip(part["values"], part["probability"], strict=True)):
            row = page.locator(f"{figure} li").nth(i)
            assert row.locator("span").inner_text() == about.format(value)
            assert row.locator("b").inner_text() == whole_percent(chance)
            width = row.locator("i").evaluate("(e) => parseFloat(e.style.width)")
            assert width == pytest.approx(100 * chance, abs=1e-3)
            assert (row.get_attribute("class") == "own") == (value == part["value"])
