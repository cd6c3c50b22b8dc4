"""The threshold explorer: what is drawn and said is what Python says of the threshold."""

import numpy as np
import pytest

from classifiers.recipes.heart.explorer import cost_table, explorer_table, group_table
from classifiers.recipes.heart.report import heart_report, own_costs
from classifiers.ui.static import address
from classifiers.wording import bounded
from tests.browser.heart.explorer_page import (
    counts,
    part,
    slide,
    start_afresh,
    type_cost,
    weighed,
)
from tests.browser.read_chart import Chart, read_chart
from tests.browser.saved_charts import check_saved_charts

# A set of patients, a range of thresholds, and the per cent that the slider stands on.
VIEWS = [("out_of_fold", (0, 1), 31), ("held_out", (0, 1), 45), ("held_out", (0.1, 0.9), 65)]
NOW, INK = "rgb(67, 56, 202)", "rgb(15, 23, 42)"


@pytest.fixture(scope="module")
def table(model) -> dict:
    return explorer_table(model)


def read(page, name: str) -> Chart:
    return read_chart(page, f'#explorer figure:has([data-chart="{name}"])')


# The charts


@pytest.fixture(scope="module", params=VIEWS, ids=str)
def which(request) -> tuple:
    """A view: tests of the same one follow each other."""
    return request.param


@pytest.fixture
def view(which, threshold_tab, model, table):
    """The explorer at one view: page, set, its table, thresholds shown, their rows, the row.

    For tests that only look at it.
    """
    page, (name, (low, high), percent) = threshold_tab, which
    if page.evaluate("window.viewed") != str(which):
        start_afresh(page, model)
        page.locator(f'#explorer input[value="{name}"]').check()
        page.locator(f'#explorer input[value="{low},{high}"]').check()
        slide(page, percent)
        page.evaluate("(which) => { window.viewed = which; }", str(which))
    thresholds = np.array(table["thresholds"])
    rows = np.flatnonzero((thresholds >= low - 1e-9) & (thresholds <= high + 1e-9))
    return page, name, table[name], thresholds[rows].tolist(), rows, 2 * percent


def at(values: list, rows: np.ndarray) -> list:
    return [values[row] for row in rows]


def shares(found: dict, row: int) -> dict[str, float]:
    """Of the confusion matrix, from its definition."""
    hit, alarm, miss, rest = (
        found[name][row]
        for name in ("true_positive", "false_positive", "false_negative", "true_negative")
    )
    return {
        "recall": hit / (hit + miss),
        "false_alarms": alarm / (alarm + rest),
        "precision": hit / (hit + alarm),
    }


def test_precision_and_recall_over_thresholds(view):
    page, _, of, thresholds, rows, row = view
    chart = read(page, "pr_threshold")
    chart.check_axes(("threshold", True), (None, True))
    assert set(chart.legend) == {"precision", "recall"}
    for text, name in (("precision", "precision"), ("recall", "sensitivity")):
        chart.check_line(text, thresholds, at(of["metrics"][name]["value"], rows))
        chart.check_marker(chart.legend[text][0], row / 200, shares(of["counts"], row)[text])
        # A text names its own line: it is nearer to it than to the other.
        x, y = chart.labels[text]
        along = np.array([abs(chart.x.place(t) - x) for t in thresholds]).argmin()
        named = {"precision": "precision", "recall": "sensitivity"}
        ends = {line: of["metrics"][key]["value"][rows[along]] for line, key in named.items()}
        gaps = {line: abs(chart.y.place(end) - y) for line, end in ends.items()}
        assert min(gaps, key=gaps.get) == text
    edges = {}
    for name in ("sensitivity", "precision"):
        edges[name] = [at(of["metrics"][name][key], rows) for key in ("low", "high")]
    for band, name in zip(chart.bands, ("sensitivity", "precision"), strict=True):
        chart.check_edges(band, thresholds, *edges[name])
    chart.check_cut(row / 200)


def test_the_roc_curve_and_its_place_on_it(view):
    page, _, of, _, _, row = view
    chart = read(page, "roc")
    chart.check_axes(("false alarms", True), ("found", True))
    chance, curve = chart.lines
    chart.check_curve(chance, [0, 1], [0, 1])
    chart.check_curve(curve, of["roc"]["false_positive_rate"], of["roc"]["true_positive_rate"])
    here = shares(of["counts"], row)
    chart.check_marker(NOW, here["false_alarms"], here["recall"])
    assert f"Area {bounded(of['fixed']['auc'])}." in chart.title


def test_the_precision_recall_curve_and_its_place_on_it(view):
    page, _, of, _, _, row = view
    chart = read(page, "pr")
    chart.check_axes(("found", True), ("right", True))
    chance, curve = chart.lines
    chart.check_curve(chance, [0, 1], [of["cases"] / of["patients"]] * 2)
    chart.check_curve(curve, of["precision_recall"]["recall"], of["precision_recall"]["precision"])
    here = shares(of["counts"], row)
    chart.check_marker(NOW, here["recall"], here["precision"])
    assert f"Mean precision {bounded(of['fixed']['average_precision'])}." in chart.title


def test_calibration(view):
    page, _, of, _, _, _ = view
    chart = read(page, "calibration")
    chart.check_axes(("said", True), ("found", True))
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
    slope, intercept = (
        bounded(of["fixed"][f"calibration_{name}"], 2) for name in ("slope", "intercept")
    )
    assert f"Slope {slope}, intercept {intercept}." in chart.title


def test_net_benefit(view):
    page, _, of, thresholds, rows, row = view
    chart = read(page, "benefit")
    chart.check_axes(("threshold", True), (None, False))
    value, low, high = (at(of["net_benefit"][key], rows) for key in ("value", "low", "high"))
    everybody, nobody, model = chart.lines
    chart.check_curve(model, thresholds, value)
    [band] = chart.bands
    chart.check_edges(band, thresholds, low, high)
    chart.check_curve(everybody, thresholds, at(of["treat_all"], rows))
    chart.check_curve(nobody, [thresholds[0], thresholds[-1]], [0, 0])
    chart.check_marker(model.colour, row / 200, of["net_benefit"]["value"][row])
    assert chart.legend["model"][0] == model.colour
    chart.check_cut(row / 200)
    pairs = zip(of["net_benefit"]["value"], of["treat_all"], strict=True)
    whole = [(ours, max(others, 0)) for ours, others in pairs if ours is not None]
    better = sum(ours > others for ours, others in whole)
    assert f"at {better} of {len(whole)} thresholds" in chart.title


def check_costs(page, costs: dict, unit: float, thresholds: list, rows: np.ndarray, row: int):
    chart = read(page, "cost")
    value, low, high = (np.array(at(costs[key], rows)) * 100 / unit for key in
                        ("value", "low", "high"))  # fmt: skip
    everybody, curve = chart.lines
    chart.check_curve(curve, thresholds, value)
    [band] = chart.bands
    chart.check_edges(band, thresholds, low, high)
    chart.check_curve(
        everybody, [thresholds[0], thresholds[-1]], [costs["treat_all"] * 100 / unit] * 2
    )
    here = costs["value"][row] * 100 / unit
    chart.check_marker(NOW, row / 200, here)
    chart.check_cut(row / 200)
    assert f"{here:.0f} at {row / 2:.0f} %" in chart.labels
    return chart


def test_costs_are_those_of_the_patients_that_are_shown(view, model):
    page, name, _, thresholds, rows, row = view
    costs = own_costs(model)
    chart = check_costs(page, cost_table(model, *costs)[name], costs[1], thresholds, rows, row)
    best = heart_report(model)["best_threshold"]
    box = page.locator('#explorer [data-chart="cost"] .alike')
    left, width = (float(box.get_attribute(key)) for key in ("x", "width"))
    low, high = (np.clip(best[key], thresholds[0], thresholds[-1]) for key in ("low", "high"))
    assert [left, left + width] == pytest.approx(chart.x.place([low, high]), abs=0.3)
    assert f"about the same, {100 * best['low']:.3g} to {100 * best['high']:.3g} %" in chart.labels
    marks = page.locator('#explorer [data-chart="cost"] path.advice')
    for mark, value in zip(marks.all(), (best["theoretical"], best["value"]), strict=True):
        x = float(mark.get_attribute("d")[1:].split()[0])
        assert x == pytest.approx(float(chart.x.place(value)), abs=0.3)


def test_other_costs_change_the_curve(explorer, model, table):
    type_cost(explorer, "false alarms", "4.5")
    type_cost(explorer, "missed patients", "0.5")
    weighed(explorer)
    slide(explorer, 30)
    costs = cost_table(model, 4.5, 0.5)["out_of_fold"]
    check_costs(explorer, costs, 0.5, table["thresholds"], np.arange(201), 60)
    assert part(explorer, "cost-title") == "for 100 patients, counted in false alarms"


# What is said


def test_what_stands_beside_the_slider_is_of_its_threshold(view):
    page, _, of, _, _, row = view
    assert part(page, "threshold") == f"{row / 2:.0f} %"
    assert counts(page) == {name: values[row] for name, values in of["counts"].items()}
    found = shares(of["counts"], row)
    text = part(page, "facts")
    assert f"it finds {100 * found['recall']:.0f} (" in text
    assert f"it alarms {100 * found['false_alarms']:.0f} (" in text
    assert f"100 called, {100 * found['precision']:.0f} (" in text
    low, high = (100 * of["metrics"]["sensitivity"][key][row] for key in ("low", "high"))
    assert f"({low:.0f}–{high:.0f}) and misses" in text
    bars = page.locator("#explorer [data-bar]").evaluate_all(
        "(all) => all.map((e) => [e.dataset.bar, e.getBoundingClientRect().width])"
    )
    wide = dict(bars)
    told = {name: values[row] for name, values in of["counts"].items()}
    assert wide["hit"] / (wide["hit"] + wide["missed"]) == pytest.approx(found["recall"], abs=0.02)
    assert wide["alarm"] / (wide["alarm"] + wide["left"]) == pytest.approx(
        told["false_positive"] / (told["false_positive"] + told["true_negative"]), abs=0.02
    )


# Of each row and kind: the count that stands there, and its places along the track.
GROUPS = """(rows) => rows.map((row) => ['sick', 'well'].map((kind) => {
  const cell = row.querySelector(`td.${kind}`);
  const track = cell.querySelector('.track');
  const box = track.getBoundingClientRect();
  const at = (name, end) => (track.querySelector(name)
    .getBoundingClientRect()[end] - box.left) / box.width;
  return [cell.querySelector('.count').innerText.replaceAll('\\n', ''),
    [at('.span i', 'left'), at('.span i', 'right'),
      (at('.dot i', 'left') + at('.dot i', 'right')) / 2, at('.all i', 'left')]];
}))"""


def test_groups_at_the_threshold(explorer, model):
    groups = group_table(model)
    for percent in (70, 12):
        slide(explorer, percent)
        i = groups["thresholds"].index(percent / 100)
        rows = explorer.locator("#explorer .groups tbody tr").evaluate_all(GROUPS)
        assert len(rows) == 6
        for row, group in zip(rows, groups["groups"], strict=True):
            kinds = ("with_disease", "without_disease")
            for (count, places), kind in zip(row, kinds, strict=True):
                called = group["called"][kind]
                assert count.startswith(f"{called['count'][i]} of {called['of']}")
                every = groups["groups"][0]["called"][kind]["value"][i]
                wanted = [called["low"][i], called["high"][i], called["value"][i], every]
                assert places == pytest.approx(wanted, abs=0.02)
        told = explorer.locator("#explorer .groups [role=status]").inner_text()
        assert told.startswith(f"At {percent} %")
        assert ("could be chance: their intervals meet" in told) == (groups["apart"][i] == [])


def test_groups_that_were_not_counted_are_said_to_be(explorer):
    told = explorer.evaluate(
        """async (address) => {
          const { Groups } = await import(new URL(address, document.baseURI));
          const place = document.createElement('div');
          const groups = new Groups(place);
          groups.build(null);
          groups.show(0.4);
          return place.textContent;
        }""",
        address("heart/threshold/groups.js"),
    )
    assert "does not count groups" in told


def test_dragging_asks_for_nothing(explorer):
    requests = []
    explorer.on("request", lambda r: requests.append(r.url) if "queue/join" in r.url else None)
    for percent in (0, 30, 31, 100):
        slide(explorer, percent)
    assert counts(explorer)["true_positive"] == 0
    explorer.locator('#explorer input[value="held_out"]').check()
    assert counts(explorer)["false_negative"] < 61
    assert requests == []


def test_the_charts_are_saved(explorer):
    check_saved_charts(explorer, explorer.locator("#explorer"), "thresholds", 6)
