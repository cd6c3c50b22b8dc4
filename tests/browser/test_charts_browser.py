"""The charts of the heart tab say what Python says: read off the page, compared with the tables."""

import numpy as np
import pytest

from classifiers.recipes.heart.explorer import cost_table, explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import LESSON_COSTS
from tests.browser.read_chart import Chart, read_chart
from tests.conftest import ROOT

# A set of patients, a range of thresholds, and the row that the slider stands on.
VIEWS = [("out_of_fold", (0, 1), 62), ("held_out", (0, 1), 91), ("held_out", (0.1, 0.9), 130)]
SHARES = ("accuracy", "sensitivity", "specificity", "precision", "negative_predictive_value", "f1")


@pytest.fixture(scope="module")
def model() -> HeartModel:
    return HeartModel.load(ROOT / "weights" / "heart")


@pytest.fixture(scope="module")
def table(model) -> dict:
    return explorer_table(model)


@pytest.fixture(scope="module")
def heart(shared_page, app_url):
    shared_page.goto(app_url)
    shared_page.get_by_role("tab", name="Heart").click()
    shared_page.locator("#why .way svg").wait_for()
    shared_page.locator('#patient[data-patient="now"]').wait_for()
    return shared_page


@pytest.fixture(scope="module")
def explorer(heart):
    heart.get_by_role("tab", name="Threshold").click()
    heart.locator("#explorer svg").nth(5).wait_for()
    return heart


def slide(page, panel: str, row: int) -> None:
    page.locator(f"{panel} input[type=range]").evaluate(
        "(e, row) => { e.value = row; e.dispatchEvent(new Event('input', {bubbles: true})); }", row
    )


@pytest.fixture(params=VIEWS, ids=str)
def view(request, explorer, table):
    """The explorer at one view: page, set, its table, thresholds shown, their rows, the row."""
    name, (low, high), row = request.param
    explorer.locator(f'#explorer input[value="{name}"]').check()
    explorer.locator(f'#explorer input[value="{low},{high}"]').check()
    slide(explorer, "#explorer", row)
    thresholds = np.array(table["thresholds"])
    rows = np.flatnonzero((thresholds >= low - 1e-9) & (thresholds <= high + 1e-9))
    return explorer, name, table[name], thresholds[rows].tolist(), rows, row


def at(values: list, rows: np.ndarray) -> list:
    return [values[row] for row in rows]


def read(page, name: str) -> Chart:
    return read_chart(page, f'#explorer figure:has([data-chart="{name}"])')


def interval(estimate: dict, digits: int) -> str:
    value, low, high = (f"{estimate[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def shares(counts: dict, row: int) -> dict[str, float]:
    """Of the confusion matrix, from its definition."""
    hit, alarm, miss, rest = (
        counts[f"{name}_{kind}"][row]
        for name, kind in [
            ("true", "positive"),
            ("false", "positive"),
            ("false", "negative"),
            ("true", "negative"),
        ]
    )
    return {
        "recall": hit / (hit + miss),
        "false_alarms": alarm / (alarm + rest),
        "precision": hit / (hit + alarm),
    }


def test_precision_and_recall_over_thresholds(view):
    page, _, of, thresholds, rows, row = view
    chart = read(page, "pr_threshold")
    chart.check_axes(("threshold", True), ("share", True))
    assert set(chart.legend) == {"precision", "recall"}
    for text, name in (("precision", "precision"), ("recall", "sensitivity")):
        value, low, high = (at(of["metrics"][name][key], rows) for key in ("value", "low", "high"))
        chart.check_line(text, thresholds, value)
        chart.check_band(text, thresholds, low, high)
        here = shares(of["counts"], row)[text]
        chart.check_marker(chart.legend[text][0], row / 200, here)
    chart.check_cut(row / 200)


def test_the_roc_curve_and_its_place_on_it(view):
    page, _, of, _, _, row = view
    chart = read(page, "roc")
    chart.check_axes(("false alarms", True), ("recall", True))
    chance, curve = chart.lines
    chart.check_curve(chance, [0, 1], [0, 1])
    chart.check_curve(curve, of["roc"]["false_positive_rate"], of["roc"]["true_positive_rate"])
    here = shares(of["counts"], row)
    chart.check_marker(curve.colour, here["false_alarms"], here["recall"])
    assert chart.title == f"ROC curve, area {interval(of['fixed']['auc'], 3)}"


def test_the_precision_recall_curve_and_its_place_on_it(view):
    page, _, of, _, _, row = view
    chart = read(page, "pr")
    chart.check_axes(("recall", True), ("precision", True))
    chance, curve = chart.lines
    chart.check_curve(chance, [0, 1], [of["cases"] / of["patients"]] * 2)
    chart.check_curve(curve, of["precision_recall"]["recall"], of["precision_recall"]["precision"])
    here = shares(of["counts"], row)
    chart.check_marker(curve.colour, here["recall"], here["precision"])
    area = interval(of["fixed"]["average_precision"], 3)
    assert chart.title == f"Precision and recall, average precision {area}"


def test_calibration(view):
    page, _, of, _, _, _ = view
    chart = read(page, "calibration")
    chart.check_axes(("predicted", True), ("observed", True))
    ideal, observed = chart.lines
    chart.check_curve(ideal, [0, 1], [0, 1])
    curve, groups = of["calibration"]["curve"], of["calibration"]["groups"]
    chart.check_curve(observed, curve["predicted"], curve["observed"])
    [band] = chart.bands
    chart.check_edges(band, curve["predicted"], curve["low"], curve["high"])
    chart.check_dots(
        [group["predicted"] for group in groups],
        *([group["observed"][key] for group in groups] for key in ("value", "low", "high")),
    )
    intercept, slope = (
        interval(of["fixed"][f"calibration_{name}"], 2) for name in ("intercept", "slope")
    )
    assert chart.title == f"Calibration: intercept {intercept}, slope {slope}"


def test_net_benefit(view):
    page, _, of, thresholds, rows, row = view
    chart = read(page, "benefit")
    chart.check_axes(("threshold", True), ("net benefit", False))
    value, low, high = (at(of["net_benefit"][key], rows) for key in ("value", "low", "high"))
    chart.check_line("net benefit", thresholds, value)
    chart.check_band("net benefit", thresholds, low, high)
    chart.check_line("treating all", thresholds, at(of["treat_all"], rows))
    chart.check_line("treating all", [thresholds[0], thresholds[-1]], [0, 0], which=1)
    chart.check_marker(chart.legend["net benefit"][0], row / 200, of["net_benefit"]["value"][row])
    chart.check_cut(row / 200)


def check_costs(page, costs: dict, thresholds: list, rows: np.ndarray, row: int) -> None:
    chart = read(page, "cost")
    chart.check_axes(("threshold", True), ("cost", False))
    value, low, high = (at(costs[key], rows) for key in ("value", "low", "high"))
    chart.check_line("by this threshold", thresholds, value)
    chart.check_band("by this threshold", thresholds, low, high)
    ends = [thresholds[0], thresholds[-1]]
    chart.check_line("treating all", ends, [costs["treat_all"]] * 2)
    chart.check_marker(chart.legend["by this threshold"][0], row / 200, costs["value"][row])
    chart.check_cut(row / 200)


def test_costs_are_those_of_the_patients_that_are_shown(view, model):
    page, name, _, thresholds, rows, row = view
    check_costs(page, cost_table(model, *LESSON_COSTS)[name], thresholds, rows, row)


def test_other_costs_change_the_curve_and_its_title(view, model):
    page, name, _, thresholds, rows, row = view
    box = page.get_by_label("Cost of a missed patient")
    title = page.locator('#explorer [data-part="cost-title"]')
    for cost in (4.5, LESSON_COSTS[0]):
        box.fill(f"{cost:g}")
        box.press("Tab")
        text = f"Cost a patient: {cost:g} a miss, {LESSON_COSTS[1]:g} a false alarm"
        title.filter(has_text=text).wait_for()
        check_costs(page, cost_table(model, cost)[name], thresholds, rows, row)


def test_the_numbers_beside_the_slider_are_those_of_its_row(view):
    page, _, of, _, _, row = view
    part = page.locator("#explorer")
    assert part.locator('[data-part="threshold"]').inner_text() == f"{row / 2:.1f} %"
    for name, values in of["counts"].items():
        cells = part.locator(f'[data-count="{name}"]')
        assert cells.inner_text() == str(values[row])
    names = dict(zip(SHARES, part.locator("dt").all_inner_texts(), strict=False))
    assert names["sensitivity"] == "Recall (sensitivity)"
    assert names["precision"] == "Precision"
    for name in SHARES:
        told = [of["metrics"][name][key][row] for key in ("value", "low", "high")]
        value, low, high = ("–" if v is None else f"{100 * v:.1f} %" for v in told)
        text = part.locator(f'[data-metric="{name}"]').inner_text()
        assert text == f"{value} [{low}, {high}]"
    benefit = {key: of["net_benefit"][key][row] for key in ("value", "low", "high")}
    assert part.locator('[data-metric="net_benefit"]').inner_text() == interval(benefit, 3)
