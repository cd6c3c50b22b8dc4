"""The charts of the heart tab say what Python says: read off the page, compared with the tables."""

import json

import numpy as np
import pytest

from classifiers.data.heart.file import feature
from classifiers.recipes.heart.explain import explain_patient, vary_patient
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel, operating_points
from classifiers.ui.heart.patient import FIRST_SAMPLE, _panel
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
    shared_page.locator('#risk .risk[data-state="ok"]').wait_for()
    return shared_page


def slide(page, panel: str, row: int) -> None:
    page.locator(f"{panel} input[type=range]").evaluate(
        "(e, row) => { e.value = row; e.dispatchEvent(new Event('input', {bubbles: true})); }", row
    )


# One patient's risk.

RISK = """(svg) => {
  const all = (selector, ...keys) => [...svg.querySelectorAll(selector)]
    .map((e) => keys.map((key) => Number(e.getAttribute(key))));
  const box = ['x', 'y', 'width', 'height'];
  return {
    ticks: [...svg.querySelectorAll('text.tick')]
      .map((e) => [Number(e.getAttribute('x')), e.textContent]),
    sick: all('.sick', ...box), well: all('.well', ...box), band: all('.band', ...box),
    patient: all('.patient', 'x1', 'x2'), cut: all('.cut', 'x1', 'x2'),
    notes: [...svg.querySelectorAll('.note')].map((e) => [e.textContent,
      Number(e.getAttribute('y'))]),
    colours: ['.sick', '.well'].map((s) => getComputedStyle(svg.querySelector(s)).fill),
  };
}"""


@pytest.fixture
def scale(heart):
    """The scale as it is drawn, and the function from a share to a place on it."""
    heart.get_by_role("tab", name="Patient", exact=True).click()
    heart.locator("#risk svg .patient").wait_for(state="attached")  # a line has no width
    raw = heart.locator("#risk svg").evaluate(RISK)
    shares = [float(text.removesuffix(" %")) / 100 for _, text in raw["ticks"]]
    assert shares == [0, 0.25, 0.5, 0.75, 1]
    slope, offset = np.polyfit(shares, [place for place, _ in raw["ticks"]], 1)
    assert slope > 0
    return heart, raw, lambda share: offset + slope * np.asarray(share)


def test_the_risk_its_interval_and_the_threshold_stand_where_they_should(scale, model):
    page, raw, place = scale
    told = model.predict(PATIENT)
    assert page.locator('[data-part="headline"]').inner_text() == f"{told.probability:.0%}".replace(
        "%", " %"
    )
    [[x, _, width, _]] = raw["band"]
    assert width > 0
    assert [x, x + width] == pytest.approx(place(told.interval), abs=0.05)
    assert raw["patient"] == [pytest.approx([place(told.probability)] * 2, abs=0.05)]
    assert raw["cut"] == [pytest.approx([place(round(model.threshold, 2))] * 2, abs=0.05)]


def test_patients_with_disease_stand_above_and_those_without_below(scale, model):
    _, raw, place = scale
    points = operating_points(model)
    assert raw["colours"] == [SICK, WELL]
    most = 0
    counts = {}
    for name, label in (("sick", 1), ("well", 0)):
        chances = points.probabilities[points.labels == label]
        counts[name] = np.histogram(chances, np.linspace(0, 1, 21))[0]
        most = max(most, counts[name].max())
    axis = raw["well"][0][1]
    for name, found in counts.items():
        boxes = np.array(raw[name])
        assert np.abs(boxes[:, 0] - 0.5 - place(np.arange(20) / 20)).max() < 0.05
        assert boxes[:, 3] == pytest.approx(boxes[:, 3].max() * found / found.max())
        assert np.allclose(boxes[:, 1] + (boxes[:, 3] if name == "sick" else 0), axis)
    tallest = max(np.array(raw[name])[:, 3].max() for name in counts)
    for name, found in counts.items():
        assert np.array(raw[name])[:, 3].max() == pytest.approx(tallest * found.max() / most)
    (sick, above), (well, below) = raw["notes"]
    assert above < axis < below
    assert sick.startswith(f"▲ {counts['sick'].sum()} study patients with disease")
    assert well.startswith(f"▼ {counts['well'].sum()} without")


def test_a_threshold_at_or_below_the_risk_calls_it(scale, model):
    page, _, place = scale
    probability = model.predict(PATIENT).probability
    rows = operating_points(model).rows
    last = int(100 * probability)
    for row in (0, last, last + 1, 100):
        slide(page, "#risk", row)
        called = probability >= row / 100
        text = page.locator('[data-part="decision"]').inner_text()
        assert text == ("Disease called" if called else "Below the threshold: no disease called")
        assert (
            page.locator('#risk [data-part="threshold"]')
            .inner_text()
            .startswith({0: "0 %", 100: "100 %"}.get(row, f"{row} %"))
        )
        found, alarms = rows[row].found, rows[row].alarms
        told = page.locator('[data-part="operating"]').inner_text()
        for word, share in (("found", found), ("for", alarms)):
            value, low, high = map(whole_percent, (share.value, share.low, share.high))
            assert f"{word} {value} ({low} to {high})" in told
        cut = page.locator("#risk svg").evaluate(RISK)["cut"]
        assert cut == [pytest.approx([place(row / 100)] * 2, abs=0.05)]
    page.get_by_role("button", name="Reset threshold").click()


@pytest.mark.parametrize("step", [0, 37, 50, 100])
def test_a_risk_that_equals_a_threshold_is_called_by_it(model, step):
    told = json.loads(_panel(model, {"state": "ok", "probability": step / 100}))
    assert told["positive_up_to"] == step


# Why.


def test_the_waterfall_goes_from_the_average_to_this_patient(scale, model):
    page, _, _ = scale
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


def test_what_one_field_would_change(scale, model):
    page, _, _ = scale
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
