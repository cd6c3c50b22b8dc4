"""One patient's risk: read off the page, and compared with what the model and the study say."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from classifiers.recipes.heart.model import SAMPLE_PATIENTS, operating_points, parse_patient
from classifiers.ui.heart.words import of_hundred
from classifiers.ui.static import address
from tests.browser.heart.conftest import EXPLAINED, PatientTab
from tests.conftest import in_window

PIXELS = 0.1
STRIP = """(svg) => {
  const number = (e, key) => Number(e.getAttribute(key));
  const all = (selector) => [...svg.querySelectorAll(selector)];
  const lines = (selector) => all(selector).map((e) => [number(e, 'x1'), number(e, 'x2')]);
  return {
    ticks: all('.tick').map((e) => [number(e, 'x'), e.textContent, e.getAttribute('text-anchor')]),
    dots: ['sick', 'well'].map((kind) => all(`.dot.${kind}`).map((e) =>
      [number(e, 'cx'), number(e, 'cy'), number(e, 'r'),
        getComputedStyle(e).fill === getComputedStyle(e).stroke ? 1 : 0])),
    axis: all('.axis').map((e) => [number(e, 'y1'), number(e, 'x1'), number(e, 'x2')])[0],
    band: all('.band').map((e) => [number(e, 'x'), number(e, 'x') + number(e, 'width')]),
    arrow: all('.arrow').map((e) => e.getAttribute('d').match(/-?[\\d.]+/g).map(Number)),
    outlook: all('.outlook').map((e) => e.getAttribute('d')),
    patient: lines('.patient'), cut: lines('.cut'), ghost: lines('.ghost'),
    names: all('.name').map((e) => e.textContent),
  };
}"""
PEOPLE = """(svg) => {
  const place = (e) => e.getAttribute('transform').match(/[\\d.]+/g).slice(0, 2).map(Number);
  const box = (e) => ['x', 'y', 'width', 'height'].map((key) => Number(e.getAttribute(key)));
  return {
    sick: [...svg.querySelectorAll('.person.sick')].map(place),
    well: [...svg.querySelectorAll('.person.well')].map(place),
    band: [...svg.querySelectorAll('.band')].map(box),
    contour: [...svg.querySelectorAll('.contour:not(.halo)')].map((e) => e.getAttribute('d')),
  };
}"""


def read_strip(tab: PatientTab):
    raw = tab.page.locator("#risk .strip svg").evaluate(STRIP)
    _, left, right = raw["axis"]
    return raw, lambda share: left + (right - left) * np.asarray(share)


def read_people(tab: PatientTab) -> dict:
    return tab.page.locator("#risk .people svg").evaluate(PEOPLE)


def test_the_strip_has_the_study_the_patient_and_the_threshold_at_their_places(tab, model, first):
    raw, place = read_strip(tab)
    told = model.predict(first)
    points = operating_points(model)
    assert [text for _, text, _ in raw["ticks"]] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    middle = [x for x, text, _ in raw["ticks"] if text in ("25 %", "50 %", "75 %")]
    assert middle == pytest.approx(place([0.25, 0.5, 0.75]), abs=PIXELS)
    assert raw["patient"] == [pytest.approx([place(told.probability)] * 2, abs=PIXELS)]
    assert raw["band"] == [pytest.approx(place(told.interval), abs=PIXELS)]
    assert raw["cut"] == [pytest.approx([place(model.threshold)] * 2, abs=PIXELS)]
    assert raw["ghost"] == []
    axis = raw["axis"][0]
    for kind, (label, dots) in enumerate(zip((1, 0), raw["dots"], strict=True)):
        risks = np.sort(points.probabilities[points.labels == label])
        dots = np.array(dots)
        assert len(dots) == len(risks)
        pitch = np.diff(np.unique(dots[:, 0])).min()
        assert np.abs(np.sort(dots[:, 0]) - place(risks)).max() <= pitch / 2 + PIXELS
        assert ((dots[:, 1] < axis) if kind == 0 else (dots[:, 1] > axis)).all()
        assert len({tuple(dot) for dot in dots[:, :2].tolist()}) == len(dots)  # none hides another
        filled = risks >= model.threshold if label else risks < model.threshold
        order = np.argsort(dots[:, 0], kind="stable")
        assert dots[order, 3].sum() == filled.sum()
    assert "139 with disease" in raw["names"][0]
    assert "164 without" in raw["names"][1]


def test_a_hundred_persons_hold_the_count_and_the_interval(tab, model, first):
    told = model.predict(first)
    people = read_people(tab)
    count = round(100 * told.probability)
    assert (len(people["sick"]), len(people["well"])) == (count, 100 - count)
    side = people["well"][-1][0] - people["well"][-2][0]
    order = lambda place: (place[1], place[0])  # noqa: E731
    assert sorted(people["sick"] + people["well"], key=order) == people["sick"] + people["well"]
    low, high = (round(100 * share) for share in told.interval)
    behind = [
        round(y / side) * 10 + column
        for x, y, width, _ in people["band"]
        for column in range(round(x / side), round((x + width) / side))
    ]
    assert behind == list(range(low, high))
    assert people["contour"] == []
    assert tab.text("low") == of_hundred(told.interval[0])
    assert tab.text("high") == of_hundred(told.interval[1])


def test_the_decision_and_the_study_follow_the_threshold_without_a_request(
    tab, model, first, questions, screenshot
):
    told = model.predict(first)
    x = np.array([list(first.values())])
    refits = model.ensemble.risks(x).refits[:, 0]
    points = operating_points(model)
    sick = points.labels == 1
    tab.page.locator(EXPLAINED).wait_for()
    last = int(100 * told.probability)
    for percent in (0, 7, last, last + 1, 80, 100):
        tab.slide(percent)
        cut = percent / 100
        called = told.probability >= cut
        others = int(((refits >= cut) != called).sum())
        words = "disease called" if called else "no disease called"
        assert tab.text("decision") == f"At {percent} %: {words}{', narrowly' if others else ''}."
        agree = f"{others} of the {len(refits)}" if others else f"All {len(refits)}"
        assert tab.text("agreement").startswith(agree)
        positive = points.probabilities >= cut
        found, alarms = int((positive & sick).sum()), int((positive & ~sick).sum())
        record = tab.text("record")
        assert f"{found} found, {sick.sum() - found} missed" in record
        assert f"{(~sick).sum() - alarms} left alone" in record
        group = positive if called else ~positive
        if group.any():
            share = of_hundred(sick[group].mean())
            assert f"called here, {share} have" in tab.text("told")
        raw, place = read_strip(tab)
        assert raw["cut"] == [pytest.approx([place(cut)] * 2, abs=PIXELS)]
        assert sum(dot[3] for dot in raw["dots"][0]) == found
        assert sum(dot[3] for dot in raw["dots"][1]) == (~sick).sum() - alarms
        assert tab.part("slider").get_attribute("aria-valuetext") == f"{percent} %"
        if 0 < percent < 100:  # the explanation is of the same threshold
            why = tab.page.locator("#why")
            assert why.locator('[data-part="threshold"]').inner_text() == f"{percent} %"
            turn = why.locator('[data-part="turn"]').inner_text()
            assert re.match(rf"At a threshold of {percent} % |Too little is known", turn)
    assert questions == []
    screenshot(tab.page, "patient-threshold")
    tab.part("reset").click()
    assert tab.text("threshold") == f"Threshold {100 * model.threshold:.0f} %"
    assert not tab.part("reset").is_visible()


ORDER = """async ([address, early]) => {
  const state = await import(new URL(address, location.origin));
  const answer = { number: 0, state: 'ok', notes: {}, study: { key: 'a', steps: [], sick: [],
    well: [] } };
  if (early) state.take(answer);
  state.openForm(() => {}, { age: 57 });
  if (!early) state.take(answer);
  state.edit('age', 58);
  return state.patient().before.values;
}"""


@pytest.mark.parametrize("early", [True, False])
def test_the_first_answer_may_come_before_the_form(page, app_url, early):
    page.goto(f"{app_url}/{address('heart/patient/state.js')}")
    before = page.evaluate(ORDER, [address("heart/patient/state.js"), early])
    assert before == {"age": 57}


def test_too_little_known_is_no_decision_and_says_what_to_ask_for(tab, model, screenshot):
    tab.page.get_by_role("button", name="Clear the form").click()
    tab.settle()
    outlook = model.outlook(parse_patient({}))
    assert model.predict({}).decision is None
    assert tab.text("decision") == "Too little is known for a decision."
    tab.slide(40)
    crossing = of_hundred(outlook.crossing(0.4))
    assert tab.text("agreement") == (
        f"None of 13 fields are known. Were they known, {crossing} of 100 such patients would fall "
        "on the other side of 40 %."
    )
    assert tab.text("ask").startswith("Ask first for: chest pain, ")
    assert tab.text("told") == ""
    assert tab.text("record-title").endswith("at this threshold, of whom nothing is known:")
    low, high = of_hundred(outlook.low), of_hundred(outlook.high)
    assert tab.text("open") == (
        f"Once the 13 unknown fields are known, it may be anything from {low} to {high}."
    )
    raw, place = read_strip(tab)
    [path] = raw["outlook"]
    ends = [float(path[1:].split()[0]), float(path.split("H")[1].split("V")[0])]
    assert ends == pytest.approx(place([outlook.low, outlook.high]), abs=PIXELS)
    assert "once all is known" in raw["names"]
    screenshot(tab.page, "patient-too-little")


def test_the_study_is_known_by_no_more_than_the_patient(tab, model, names):
    tab.pick(names.basics)
    patient = SAMPLE_PATIENTS[names.basics]
    points = operating_points(model, parse_patient(patient))
    assert set(points.pattern.fields) == set(patient)
    assert "study patient known by the same 5 fields, placed" in tab.text("strip-caption")
    assert tab.text("record-title").endswith("known by the same 5 fields:")
    raw, place = read_strip(tab)
    for label, dots in zip((1, 0), raw["dots"], strict=True):
        risks = np.sort(points.probabilities[points.labels == label])
        xs = np.sort(np.array(dots)[:, 0])
        assert np.abs(xs - place(risks)).max() <= np.diff(np.unique(xs)).min() / 2 + PIXELS
    crossing = of_hundred(model.outlook(parse_patient(patient)).crossing(1 / 3))
    assert f"Were the other 8 known, {crossing} of 100" in tab.text("agreement")


def test_a_change_keeps_the_former_patient_until_undone_or_dismissed(tab, model, first, screenshot):
    before = model.predict(first).probability
    tab.choose("thal", "reversible")
    tab.settle()
    now = model.predict({**first, "thal": 7}).probability
    assert tab.text("change").startswith(
        f"Thallium scan normal → reversible: was {of_hundred(before)}, now {of_hundred(now)}."
    )
    raw, place = read_strip(tab)
    assert raw["ghost"] == [pytest.approx([place(before)] * 2, abs=PIXELS)]
    [[start, _, neck, _, _, head, *_]] = raw["arrow"]
    assert (start, neck + head) == pytest.approx((place(before), place(now)), abs=PIXELS)
    assert start < neck < neck + head, "it points to the patient"
    people = read_people(tab)
    assert len(people["contour"]) == 1
    side = people["well"][-1][0] - people["well"][-2][0]
    _, *at = map(float, re.findall(r"[\d.]+", people["contour"][0]))
    top, rest = (at[2], at[1]) if len(at) == 4 else (at[0], 0)
    assert round(top / side) * 10 + round(rest / side) == round(100 * before)
    assert tab.text("legend").endswith(f"before, {of_hundred(before)}")
    marked = tab.page.locator(".patient-form .changed")
    assert marked.get_attribute("id") == "field-thal"
    tab.page.locator("#why .way .ghost").first.wait_for()
    screenshot(tab.page, "patient-changed")
    tab.page.get_by_role("button", name="Dismiss").click()
    assert not tab.part("change").is_visible()
    assert read_strip(tab)[0]["ghost"] == []
    assert marked.count() == 0
    assert tab.page.locator("#why .way .ghost").count() == 0
    tab.choose("exang", "yes")
    tab.settle()
    tab.page.get_by_role("button", name="Undo").click()
    tab.settle()
    assert tab.values() == {**first, "thal": 7}
    assert tab.text("headline") == of_hundred(now)
    assert read_people(tab)["contour"] == []


# What is printed, as it is thrown away: how much text, and the colour of each picture's first.
PRINTED = """() => {
  HTMLIFrameElement.prototype.remove = function () {
    const { body } = this.contentDocument;
    window.paper = [body.textContent.length, [...body.querySelectorAll('svg')].map((svg) =>
      svg.querySelector('text')?.getAttribute('fill'))];
    Element.prototype.remove.call(this);
  };
}"""


def test_a_summary_has_all_that_was_said(tab, model, first):
    tab.slide(33)
    tab.page.get_by_role("button", name="Summary").click()
    text = tab.page.locator("dialog pre").inner_text()
    told = model.predict(first)
    low, high = map(of_hundred, told.interval)
    for part in (
        f"about {of_hundred(told.probability)} would have a narrowing over one half.",
        f"90 % interval: {low} to {high}.",
        "At a threshold of 33 %: ",
        "ST depression: 1.2 mm",
        f"Model: SHA-256 {model.artifact.metadata.model.sha256}",
        "For teaching only",
    ):
        assert part in text
    tab.page.evaluate("navigator.clipboard.writeText = async (t) => { window.copied = t; }")
    tab.page.locator("dialog").get_by_role("button", name="Copy").click()
    tab.page.locator("dialog", has_text="Copied.").wait_for()
    assert tab.page.evaluate("window.copied") == text
    ink = "getComputedStyle(document.querySelector('#risk figure.strip svg text')).fill"
    light = tab.page.evaluate(ink)
    tab.page.evaluate("document.body.classList.add('dark')")
    assert tab.page.evaluate(ink) != light
    tab.page.evaluate(PRINTED)
    tab.page.locator("dialog").get_by_role("button", name="Print").click()
    tab.page.wait_for_function("window.paper")
    length, inks = tab.page.evaluate("window.paper")
    assert length > len(text)
    assert len(inks) == 2
    assert inks[1] == light, "paper is white"
    assert tab.page.evaluate("document.body.classList.contains('dark')")
    tab.page.evaluate("document.body.classList.remove('dark')")
    tab.page.evaluate("delete HTMLIFrameElement.prototype.remove")
    tab.page.keyboard.press("Escape")
    assert not tab.page.locator("dialog").is_visible()
    tab.part("link").click()
    tab.page.wait_for_function("window.copied.includes('#patient?')")
    assert tab.text("done") == "Link copied."
    tab.choose("exang", "yes")
    assert tab.text("done") == "", "the link is of another patient"
    tab.settle()


def test_the_picture_is_saved_with_what_it_says(tab, model, first):
    files = {}
    for kind in ("SVG", "PNG"):
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name=f"Save the risk picture as {kind}").click()
        assert download.value.suggested_filename == f"patient.{kind.lower()}"
        files[kind] = download.value.path().read_bytes()
    figure = ElementTree.fromstring(files["SVG"])
    text = " ".join("".join(e.itertext()) for e in figure.iter() if e.tag.endswith("text"))
    assert f"about {of_hundred(model.predict(first).probability)} would have" in text
    assert "Each dot is a study patient" in text
    circles = [e for e in figure.iter() if e.tag.endswith("circle")]
    assert len(circles) == 303
    assert all(e.get("fill").startswith("rgb") for e in circles)
    picture = Image.open(io.BytesIO(files["PNG"]))
    assert picture.size == (2 * float(figure.get("width")), 2 * float(figure.get("height")))


def test_on_a_phone_the_result_comes_first_and_stays_in_sight(tab, screenshot):
    page = tab.page
    with in_window(page, 390, 844, "dark"):
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        tops = [page.locator(s).bounding_box()["y"] for s in ("#risk .risk", ".patient-form")]
        assert tops == sorted(tops)
        sick = read_people(tab)
        assert len({y for _, y in sick["sick"] + sick["well"]}) == 5
        mini = page.locator("#risk .mini")
        assert not mini.is_visible()
        screenshot(page, "patient-390-dark")
        page.locator("#field-ca").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('.patient-form').scrollIntoView()")
        mini.wait_for()
        assert mini.inner_text().startswith(f"{tab.text('headline')} of 100")
        box = mini.bounding_box()
        assert box["y"] + box["height"] == pytest.approx(844, abs=1)
        page.get_by_role("tab", name="Table").click()
        assert not mini.is_visible()
        page.get_by_role("tab", name="Patient").click()
