"""The pictures of why a risk is what it is say what Python says: read off the page and compared."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.model import HeartModel
from classifiers.ui.heart import why
from classifiers.ui.heart.importance import show_importance
from classifiers.ui.heart.words import MMOL, SUGAR_LIMIT
from tests.browser.heart.alone import show_alone
from tests.browser.read_chart import Axis, read_chart
from tests.conftest import ROOT
from tests.heart.why.test_panel import BASICS, INVENTED, PATIENT, estimate, with_evaluation

SICK, WELL = "rgb(181, 77, 7)", "rgb(53, 104, 201)"
PIXELS = 0.3
BARS = """(bars) => bars.map((bar) => [Number(bar.getAttribute('x')),
  Number(bar.getAttribute('width')), getComputedStyle(bar).fill])"""


@pytest.fixture(scope="module")
def model() -> HeartModel:
    plain = HeartModel.load(ROOT / "weights" / "heart")
    fields = [
        {"field": name, "shapley": estimate(0.1 + 0.05 * i, 0.04),
         "auc_loss": estimate(0.004 * i - 0.002, 0.004), "log_loss_rise": estimate(0.01 * i, 0.015)}
        for i, name in enumerate(FEATURE_NAMES)
    ]  # fmt: skip
    pairs = [{"fields": ["cp", "ca"], **estimate(0.08, 0.02)}]
    record = {"fields": fields, "interactions": pairs}
    return with_evaluation(plain, counts=INVENTED, importance=record)


@pytest.fixture(scope="module")
def shown(model) -> dict:
    return why.show_explanation(model, PATIENT)


@pytest.fixture(scope="module")
def alone(shared_page, app_url, shown, model):
    """The panels alone on a page; gives the page after showing them anew."""

    def show(value=shown, *, width=1240, dark=False, importance=True):
        told = json.dumps(show_importance(model)) if importance else ""
        panels = {"why": ("panel", json.dumps(value)), "importance": ("importance", told)}
        show_alone(shared_page, app_url, panels, width=width, dark=dark)
        shared_page.locator("#why svg").first.wait_for()
        return shared_page

    return show


@pytest.fixture
def page(alone):
    return alone()


def waterfall_axis(page) -> Axis:
    """From log-odds to places, from the risks that stand over the waterfall."""
    ticks = page.locator("#why .way text.x").evaluate_all(
        "(ticks) => ticks.map((tick) => [Number(tick.getAttribute('x')), tick.textContent])"
    )
    assert len(ticks) >= 2
    places, shares = zip(*((at, float(text) / 100) for at, text in ticks), strict=True)
    logits = np.log(np.array(shares) / (1 - np.array(shares)))
    slope, offset = np.polyfit(logits, places, 1)
    assert np.abs(offset + slope * logits - places).max() < PIXELS
    return Axis(slope, offset, False, False, ())


def check_waterfall(page, way, *, dark: bool = False) -> None:
    axis = waterfall_axis(page)
    bars = page.locator("#why .way .step").evaluate_all(BARS)
    for (x, width, fill), step in zip(bars, way["steps"], strict=True):
        low, high = sorted((step["from"], step["to"]))
        assert x == pytest.approx(float(axis.place(low)), abs=PIXELS)
        wide = max(1.5, float(axis.place(high) - axis.place(low)))
        assert width == pytest.approx(wide, abs=PIXELS)
        assert dark or fill == (SICK if step["up"] else WELL)
    ends = page.locator("#why .way circle:not(.ghost)").evaluate_all(
        "(ends) => ends.map((end) => Number(end.getAttribute('cx')))"
    )
    wanted = [float(axis.place(way[end]["at"])) for end in ("start", "end")]
    assert ends == pytest.approx(wanted, abs=PIXELS)
    joints = page.locator("#why .way .joint").evaluate_all(
        "(lines) => lines.flatMap((l) => ['x1', 'x2'].map((key) => Number(l.getAttribute(key))))"
    )
    reached = [way["start"]["at"], *(step["to"] for step in way["steps"])]
    assert joints == pytest.approx(np.repeat(axis.place(reached), 2).tolist(), abs=PIXELS)


def test_bars_of_the_waterfall_are_where_their_log_odds_are(page, shown):
    way = shown["waterfall"]
    check_waterfall(page, way)
    assert page.locator("#why .way h2").inner_text() == way["title"]
    fields = page.locator("#why .way .field").all_text_contents()
    assert fields == [step["label"] for step in way["steps"]]
    assert page.locator("#why .way .factor").all_text_contents() == [
        step["factor"] for step in way["steps"]
    ]
    assert page.locator("#why .way .title").all_text_contents() == [
        "Average patient", way["start"]["text"], "This patient", way["end"]["text"],
    ]  # fmt: skip
    assert page.locator('#why [data-part="unknown"]').is_hidden()


def test_unknown_fields_are_named_and_have_no_bar(alone, model):
    value = why.show_explanation(model, BASICS)
    page = alone(value)
    check_waterfall(page, value["waterfall"])
    text = page.locator('#why [data-part="unknown"]').inner_text()
    assert text.startswith("× 1, unknown")
    assert "coloured vessels" in text
    assert "thallium scan" in text
    assert "Coloured vessels" not in page.locator("#why .way .field").all_text_contents()
    assert page.locator("#why .numbers figure", has_text="ST depression").get_by_text("unknown")
    alone(why.show_explanation(model, {}))
    assert page.locator("#why .way .step").count() == 0
    assert page.locator("#why .pairs table").count() == 0


def test_pairs_stand_as_risks_with_what_adding_up_would_give(page, shown):
    tables = page.locator("#why .pairs table")
    assert tables.count() == len(shown["pairs"]["tables"]) > 0
    for i, table in enumerate(shown["pairs"]["tables"]):
        cells = tables.nth(i).locator("td").all_inner_texts()
        (own, second), (first, both) = table["risks"]
        assert cells == ["", own, second, first, f"{both} ({table['added']})"]
        heads = tables.nth(i).locator("th").all_inner_texts()
        assert heads == [*table["columns"], *table["rows"]]
        assert table["factor"] in tables.nth(i).locator("caption").inner_text()
        assert page.locator("#why .pair p").nth(i).inner_text() == table["note"]
    for part in ("title", "lead", "note"):
        told = page.locator(f'#why [data-part="pairs-{part}"]').inner_text()
        assert told == shown["pairs"][part]


def test_the_strip_holds_the_patient_where_the_share_is(alone, shown):
    for share in (0.0, 0.4, 1.0):
        odd = {**shown["oddness"], "share": share}
        page = alone({**shown, "oddness": odd})
        road, beyond = page.locator("#why .strip rect").evaluate_all(BARS)
        dot = float(page.locator("#why .strip .here").get_attribute("cx"))
        assert dot == pytest.approx(road[0] + share * road[1], abs=PIXELS)
        assert beyond[0] == pytest.approx(road[0] + odd["limit"] * road[1], abs=PIXELS)


def test_curves_bands_and_counts_of_numbers(alone, shown):
    page = alone()
    page.evaluate("() => window.decision.change({ threshold: 0.37 })")
    for field in (field for field in shown["fields"] if "options" not in field):
        figure = f'#why figure:has(figcaption:has-text("{field["label"]}"))'
        chart = read_chart(page, figure)
        assert chart.title == f"{field['label']} {field['own']}"
        [curve], [band] = chart.lines, chart.bands
        chart.check_curve(curve, field["values"], field["probability"])
        chart.check_edges(band, field["values"], field["low"], field["high"])
        [marker] = chart.markers
        chart.check_marker(marker, field["at"]["value"], field["at"]["probability"])
        line = page.locator(f"{figure} .threshold")
        heights = [float(line.get_attribute(key)) for key in ("y1", "y2")]
        assert heights == pytest.approx([float(chart.y.place(0.37))] * 2, abs=PIXELS)
        assert page.locator(f"{figure} rect").count() == (4 if field["field"] == "age" else 0)


def test_the_study_stands_under_the_ages_it_is_of(page, shown):
    chart = read_chart(page, '#why figure:has(figcaption:has-text("Age"))')
    counted = INVENTED["age"]
    bars = page.locator('#why figure:has(figcaption:has-text("Age")) rect').evaluate_all(
        "(bars) => bars.map((b) => [b.getAttribute('class'),"
        " ...['x', 'y', 'width', 'height'].map((key) => Number(b.getAttribute(key)))])"
    )
    middle = {y + height for kind, _, y, _, height in bars if kind == "sick"}
    assert len(middle) == 1
    per_patient = []
    for i, edge in enumerate(counted["edges"][:-1]):
        for kind, counts in (("sick", "with_disease"), ("well", "without_disease")):
            [(_, x, y, width, height)] = [bar for bar in bars if bar[0] == kind][i : i + 1]
            assert x == pytest.approx(float(chart.x.place(edge)), abs=1)
            end = float(chart.x.place(counted["edges"][i + 1]))
            assert x + width == pytest.approx(end, abs=1)
            per_patient.append(height / counted[counts][i])
            assert kind == "sick" or y == pytest.approx(middle.copy().pop())
    assert per_patient == pytest.approx([per_patient[0]] * 4)


def test_categories_hold_risk_band_and_what_the_study_saw(alone, shown):
    page = alone()
    page.evaluate("() => window.decision.change({ threshold: 0.37 })")
    for field in (field for field in shown["fields"] if "options" in field):
        rows = page.locator(f'#why figure:has(figcaption:has-text("{field["label"]}")) li')
        assert rows.count() == len(field["options"])
        for i, option in enumerate(field["options"]):
            row = rows.nth(i)
            left, width, dot, cut = row.evaluate(
                """(row) => {
                  const track = row.querySelector('.track').getBoundingClientRect();
                  const of = (name) => row.querySelector(name).getBoundingClientRect();
                  const along = (x) => (x - track.left) / track.width;
                  const [band, dot, cut] = [of('.refits'), of('.dot'), of('.cut')];
                  return [along(band.left), band.width / track.width,
                    along(dot.left + dot.width / 2), along(cut.left)];
                }"""
            )
            assert (left, width) == pytest.approx(
                (option["low"], option["high"] - option["low"]), abs=0.005
            )
            assert (dot, cut) == pytest.approx((option["probability"], 0.37), abs=0.005)
            assert row.locator(".share").inner_text() == option["risk"]
            assert ("own" in (row.get_attribute("class") or "")) == option["own"]
            seen = option["seen"] and f"{option['seen']['sick']} of {option['seen']['of']}"
            assert (row.locator(".seen").all_inner_texts() or [None]) == [seen]
        notes = page.locator(f'#why figure:has(figcaption:has-text("{field["label"]}")) p')
        assert notes.all_inner_texts() == field["notes"]


def test_the_threshold_of_the_tab_turns_the_sentence_without_a_question(alone, shown):
    page = alone()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    turn = page.locator('#why [data-part="turn"]')
    for threshold in (0.37, 1 / 3, 0.5, 0.995, 0.001):
        page.evaluate("(t) => window.decision.change({ threshold: t })", threshold)
        [span] = [s for s in shown["turning"]["spans"] if s["above"] < threshold <= s["up_to"]]
        text = turn.inner_text()
        assert text.startswith(f"At a threshold of {100 * threshold:.0f} % ")
        assert (span["text"] or shown["turning"]["nowhere"]) in text
        told = page.locator('#why [data-part="threshold"]').inner_text()
        assert told == text.split("threshold of ")[1].split(" %")[0] + " %"
    assert asked == []


def test_without_counts_nothing_of_the_study_is_said(alone, model):
    page = alone(why.show_explanation(with_evaluation(model, counts=None), PATIENT))
    assert page.locator('#why [data-part="study"]').is_hidden()
    assert page.locator("#why .seen").count() == 0
    assert page.locator("#why .numbers rect").count() == 0


def strength(page) -> float:
    """How much of an explanation's colours is left."""
    return page.evaluate(
        """() => ['#why', '#why .why'].map((part) =>
          Number(getComputedStyle(document.querySelector(part)).opacity)).reduce((a, b) => a * b)"""
    )


def answer(page, patient, state="ok") -> None:
    """The risk panel hears of a patient."""
    page.evaluate(
        """([values, state]) => {
          const { number } = window.form.patient();
          const study = { key: '', steps: [], sick: [], well: [] };
          window.form.take({ number, state, notes: {}, study, patient: values });
        }""",
        [patient, state],
    )


def test_nothing_of_another_patient_stays_at_full_strength(alone, shown, model):
    page = alone()
    page.add_style_tag(content="* { transition: none !important }")
    page.evaluate("(values) => window.form.openForm(() => {}, values)", shown["values"])
    answer(page, shown["values"])
    assert strength(page) == 1
    page.evaluate("() => window.form.edit('ca', 3)")
    assert strength(page) < 0.5
    page.wait_for_function("() => window.form.patient().number === 1")
    page.wait_for_timeout(50)  # the question goes out in a task of its own
    other = {**shown["values"], "ca": 3}
    answer(page, other)
    assert 0.1 < strength(page) < 0.5  # the risk is there, why it is so is not
    page.evaluate("(v) => window.told.why(v)", json.dumps(why.show_explanation(model, other)))
    assert strength(page) == 1


def test_the_patient_before_leaves_outlines_until_dismissed(alone, shown, model):
    page = alone()
    page.evaluate("(values) => window.form.openForm(() => {}, values)", shown["values"])
    answer(page, shown["values"])
    page.evaluate("() => window.form.edit('ca', 3)")
    page.wait_for_timeout(50)
    other = {**shown["values"], "ca": 3}
    answer(page, other)
    value = why.show_explanation(model, other)
    page.evaluate("(v) => window.told.why(v)", json.dumps(value))
    check_waterfall(page, value["waterfall"])
    axis = waterfall_axis(page)
    outlines = page.locator("#why .way rect.ghost").evaluate_all(BARS)
    each, at = shown["waterfall"]["each"], shown["waterfall"]["start"]["at"]
    assert len(outlines) == len(value["waterfall"]["steps"]) > 3
    for (x, width, fill), step in zip(outlines, value["waterfall"]["steps"], strict=True):
        end = at + sum(each[field] for field in step["fields"])
        low, high = sorted((at, end))
        assert x == pytest.approx(float(axis.place(low)), abs=PIXELS)
        wide = max(1.5, float(axis.place(high) - axis.place(low)))
        assert width == pytest.approx(wide, abs=PIXELS)
        assert fill == "none"
        at = end
    assert at == pytest.approx(shown["waterfall"]["end"]["at"])
    ring = float(page.locator("#why .way circle.ghost").get_attribute("cx"))
    assert ring == pytest.approx(float(axis.place(shown["waterfall"]["end"]["at"])), abs=PIXELS)
    text = page.locator('#why [data-part="ghost"]')
    assert text.inner_text() == f"Dashed: the patient before, {shown['waterfall']['end']['text']}."
    page.evaluate("() => window.form.dismiss()")
    assert page.locator("#why .way .ghost").count() == 0
    assert text.inner_text() == ""


def test_blood_values_are_told_in_the_unit_of_the_form(alone, shown):
    page = alone()
    page.evaluate("(values) => window.form.openForm(() => {}, values)", shown["values"])
    figure = '#why figure:has(figcaption:has-text("Cholesterol"))'
    field = next(field for field in shown["fields"] if field["field"] == "chol")
    for unit, factor, own in (("mmol/l", MMOL, "6.1"), ("mg/dl", 1, "235")):
        page.evaluate("(unit) => window.form.setUnit(unit)", unit)
        chart = read_chart(page, figure)
        assert chart.title == f"Cholesterol {own} {unit}"
        chart.check_curve(chart.lines[0], np.array(field["values"]) / factor, field["probability"])
        [marker] = chart.markers
        chart.check_marker(marker, field["at"]["value"] / factor, field["at"]["probability"])
        sugar = page.locator('#why figure:has(figcaption:has-text("Fasting sugar")) .name')
        limit = SUGAR_LIMIT[unit]
        assert sugar.all_inner_texts() == [f"up to {limit} {unit}", f"over {limit} {unit}"]


def test_the_attributions_can_be_saved(page, shown):
    files = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.locator("#why").get_by_role("button", name=f"Save {kind}").click()
        assert download.value.suggested_filename == f"attributions.{kind.lower()}"
        files[kind] = download.value.path().read_bytes()
    text = files["SVG"].decode()
    assert text.count(SICK) + text.count(WELL) >= len(shown["waterfall"]["steps"])
    assert shown["waterfall"]["title"] in text
    assert min(Image.open(io.BytesIO(files["PNG"])).size) > 300
    rows = list(csv.reader(io.StringIO(files["CSV"].decode())))
    assert len(rows) == 1 + 1 + len(FEATURE_NAMES) + 1
    assert files["CSV"].decode() == shown["waterfall"]["csv"]


def test_importance_is_a_picture_a_measure_and_hidden_without_a_record(alone, model):
    page = alone(importance=False)
    assert page.locator("#importance details").is_hidden()
    alone()
    page.locator("#importance summary").click()
    pictures = show_importance(model)
    figures = page.locator("#importance figure")
    assert figures.locator("figcaption").all_inner_texts() == [p["title"] for p in pictures]
    for i, picture in enumerate(pictures):
        figure = figures.nth(i)
        figure.locator("svg").wait_for()
        labels = " ".join(figure.locator(".label").all_text_contents())
        assert labels == " ".join(row["label"] for row in picture["rows"])
        places = np.array(figure.locator(".interval").evaluate_all(
            "(lines) => lines.map((l) => ['x1', 'x2'].map((key) => Number(l.getAttribute(key))))"
        ))  # fmt: skip
        dots = figure.locator("circle").evaluate_all(
            "(dots) => dots.map((dot) => [Number(dot.getAttribute('cx')), dot.classList[0]])"
        )
        zero = float(figure.locator(".zero").get_attribute("x1"))
        values = np.array([[row[k] for k in ("low", "high", "value")] for row in picture["rows"]])
        seen = np.column_stack([places, [at for at, _ in dots]])
        width = (seen - zero)[np.abs(values) > 1e-9] / values[np.abs(values) > 1e-9]
        assert width == pytest.approx(np.full(len(width), width.mean()), rel=1e-3)
        assert [kind for _, kind in dots] == [
            "sure" if row["sure"] else "unsure" for row in picture["rows"]
        ]


@pytest.mark.parametrize(("width", "dark"), [(1240, False), (390, True)])
def test_nothing_is_cut_off_or_runs_into_another(alone, shown, width, dark, screenshot):
    page = alone(width=width, dark=dark)
    page.evaluate("() => window.decision.change({ threshold: 1 / 3 })")
    page.locator("#importance summary").click()
    page.locator("#importance svg").first.wait_for()
    screenshot(page, f"why-{width}-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    check_waterfall(page, shown["waterfall"], dark=dark)
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('.way svg')].flatMap((svg) => {
          const bars = [...svg.querySelectorAll('.step')].map((b) => b.getBoundingClientRect());
          const texts = [...svg.querySelectorAll('text')].filter((t) => !t.matches('.x, .head'));
          return texts.filter((text) => {
            const box = text.getBoundingClientRect();
            return bars.some((bar) => bar.left < box.right - 1 && box.left < bar.right - 1
              && bar.top < box.bottom - 3 && box.top < bar.bottom - 3);
          }).map((text) => text.textContent);
        })"""
    )
    assert overlaps == []
