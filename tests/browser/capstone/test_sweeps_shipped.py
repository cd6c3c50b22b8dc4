"""The sweeps that ship, and early stopping: charts are read back into numbers, and compared.

Places become values through the texts beside the axes; nothing of the page's own numbers is looked
at.
"""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from classifiers.ui.capstone.sweep.names import write_value
from tests.browser.capstone.sweeps_page import (
    MISSING,
    PIXELS,
    SHIPPED,
    await_chart,
    axis,
    board,
    choose,
    part,
    read_record,
    saved,
)  # fmt: skip
from tests.browser.saved_charts import check_saved_charts


@dataclass
class Swept:
    """A setting's record, and what stood there when it was chosen."""

    over: str
    record: dict
    charts: dict[str, dict]
    findings: list[str]
    said: str


@pytest.fixture(scope="module", params=SHIPPED)
def swept(request, shipped) -> Swept:
    """Each setting in turn, chosen and read once for all tests of it."""
    record, charts = choose(shipped, request.param), {}
    for measure in ("loss", "accuracy"):
        shipped.locator(f'#sweeps button[data-measure="{measure}"]').click()
        charts[measure] = board(shipped) | {"legend": part(shipped, "legend").inner_text()}
    findings = part(shipped, "findings").locator("p").all_text_contents()
    return Swept(request.param, record, charts, findings, part(shipped, "said").inner_text())


@pytest.mark.parametrize("measure", ["accuracy", "loss"])
def test_every_dot_is_a_network_of_the_record(swept, measure):
    over, rows, told = swept.over, swept.record["rows"], swept.charts[measure]
    place = axis(told["y"], log=measure == "loss")
    assert [text for _, text in told["x"]] == [write_value(over, row["value"]) for row in rows]
    members = len(rows[0][f"fresh_{measure}"]["members"])
    assert len(told["dots"]) == 2 * members * len(rows)
    columns = [x for x, _ in told["x"]]
    below = re.search(r"below (\d+) %", told["legend"])
    for dot in told["dots"]:
        index = int(dot["index"])
        value = rows[index][f"{dot['set']}_{measure}"]["members"][int(dot["member"])]
        away = [abs(x - dot["x"]) for x in columns]
        assert away[index] == min(away), "it stands over another value"
        if measure == "accuracy":
            assert dot["cut"] == bool(below and value < int(below[1]) / 100)
        if dot["cut"]:
            assert value is None or value <= 0 or place(value) > max(y for y, _ in told["y"])
        else:
            assert abs(dot["y"] - place(value)) <= PIXELS


def test_lines_go_through_medians_and_the_best_possible_is_dotted(swept):
    rows, told = swept.record["rows"], swept.charts["accuracy"]
    place = axis(told["y"], log=False)
    foot = max(y for y, _ in told["y"])
    for name in ("fresh", "test"):
        heights = [float(pair.split(",")[1]) for pair in told["medians"][name].split()]
        wanted = [place(np.median(row[f"{name}_accuracy"]["members"])) for row in rows]
        for height, place_of_median in zip(heights, wanted, strict=True):
            if height < foot - PIXELS:
                assert height == pytest.approx(place_of_median, abs=PIXELS)
            else:
                assert place_of_median > foot - 2 * PIXELS, "it lies on the axis and is cut off"
    assert told["best"] == pytest.approx([place(row["bayes_accuracy"]) for row in rows], abs=PIXELS)
    own = [np.median(row["test_bayes_accuracy"]["members"]) for row in rows]
    assert told["own"] == pytest.approx([place(value) for value in own], abs=PIXELS)
    never = [sum(v <= 0.52 for v in row["fresh_accuracy"]["members"]) for row in rows]
    members = len(rows[0]["fresh_accuracy"]["members"])
    assert told["notes"] == [f"{n} of {members}" for n in never if n]


def test_the_findings_of_the_record_stand_above_it(swept):
    said = [text.replace("\u00a0", " ") for text in swept.findings]
    assert said == swept.record["findings"]
    assert str(swept.record["config"]["members"]) in swept.said


def test_the_numbers_are_saved_with_all_their_digits(shipped):
    over = SHIPPED[0]
    rows = choose(shipped, over)["rows"]
    lines = saved(shipped)
    members = len(rows[0]["fresh_accuracy"]["members"])
    assert len(lines) == members * len(rows)
    for i, line in enumerate(lines):
        row, k = rows[i // members], i % members
        assert (line[over], int(line["network"])) == (str(row["value"]), k)
        for name in ("train_accuracy", "test_accuracy", "fresh_accuracy", "test_loss"):
            assert float(line[name]) == row[name]["members"][k]


@pytest.mark.skipif(not MISSING, reason="every axis was measured")
def test_an_axis_that_was_not_measured_says_so(shipped):
    shipped.locator(f'#sweeps .axes [data-key="{MISSING[0]}"]').click()
    part(shipped, "said").filter(has_text="Not measured yet").wait_for()
    assert not shipped.locator("#sweeps .board").is_visible()
    choose(shipped, SHIPPED[0])


def test_the_chart_is_saved_as_it_looks(shipped):
    choose(shipped, SHIPPED[0])
    check_saved_charts(shipped, shipped.locator("#sweeps"), "sweep", 1)


def test_arrow_keys_go_from_network_to_network(shipped):
    rows = choose(shipped, "width")["rows"]
    place = shipped.locator("#sweeps .board")
    place.focus()
    place.press("ArrowLeft")
    text = part(shipped, "text").inner_text()
    assert f"Width {rows[-2]['value']:,}," in text
    fresh, best = (rows[-2][f"{name}_accuracy"]["members"] for name in ("fresh", "test_bayes"))

    def shown() -> tuple[int, str]:
        text = part(shipped, "text").inner_text()
        found = re.search(r"network (\d+) of \d+: .*fresh ([\d.]+ %)", text)
        k = int(found[1]) - 1
        assert f"The best rule scores {100 * best[k]:.1f} %" in text
        return k, found[2]

    ranks = np.argsort(fresh, kind="stable").tolist()
    place.press("Home")
    assert shown() == (ranks[0], f"{100 * min(fresh):.1f} %")
    place.press("ArrowUp")
    assert shown()[0] == ranks[1]
    place.press("End")
    assert shown() == (ranks[-1], f"{100 * max(fresh):.1f} %")
    loss = re.search(r"loss on fresh points ([\d.]+\d)", part(shipped, "text").inner_text())
    told = rows[-2]["fresh_loss"]["members"][ranks[-1]]
    assert float(loss[1]) == pytest.approx(told, rel=6e-3)
    told = board(shipped)
    ring = min(told["rings"])
    dot = next(d for d in told["dots"] if (int(d["index"]), d["set"], int(d["member"]))
               == (len(rows) - 2, "fresh", ranks[-1]))  # fmt: skip
    assert ring == pytest.approx([dot["x"], dot["y"]], abs=0.2)
    place.press("Escape")


IN_HASTE = """([keys, pause]) => keys.forEach((key, i) => setTimeout(() =>
  document.querySelector(`#sweeps [data-key=${key}]`).click(), i * pause))"""


@pytest.mark.parametrize(("pause", "last"), [(0, "noise"), (15, "dropout"), (40, "noise")])
def test_of_choices_made_in_haste_the_last_is_shown(shipped, pause, last):
    shipped.click("#sweeps button[data-kind=one]")
    shipped.evaluate(IN_HASTE, [["weight_decay", "samples", last], pause])
    shipped.wait_for_selector(f"#sweeps [data-key={last}][aria-pressed=true]")
    await_chart(shipped, last)


def test_early_stopping_is_a_dot_a_world(shipped):
    record = read_record("optimism")
    if record is None:
        shipped.locator("#early").get_by_text("Not measured yet").wait_for()
        assert not shipped.locator("#early figure").is_visible()
        return
    shipped.locator("#early svg").wait_for()
    read = """(group) => ({
      dots: [...group.querySelectorAll('.dot')].map((e) => Number(e.getAttribute('cx'))),
      mean: Number(group.querySelector('.mean').getAttribute('cx')),
      ends: group.querySelector('.interval').getAttribute('points').split(' ')
        .map((pair) => Number(pair.split(',')[0])),
      text: group.querySelector('.value').textContent })"""
    ticks = shipped.locator("#early svg").evaluate(
        "(svg) => [...svg.querySelectorAll('text.x')].map((e) =>"
        " [Number(e.getAttribute('x')), e.textContent.replace('−', '-')])"
    )
    place = axis(ticks, log=False)
    sides = shipped.locator("#early svg > text:not(.x)").evaluate_all(
        "(all) => all.map((e) => [Number(e.getAttribute('x')), e.textContent])"
    )
    assert [text for _, text in sorted(sides)] == ["← test below fresh", "test above fresh →"]
    assert place(0.01) > place(0)
    for way in ("test", "validation", "none"):
        told = shipped.locator(f'#early [data-way="{way}"]').evaluate(read)
        gap = record["ways"][way]["optimism"]
        assert told["dots"] == pytest.approx([place(v) for v in gap["members"]], abs=PIXELS)
        assert told["mean"] == pytest.approx(place(gap["mean"]), abs=PIXELS)
        assert told["ends"] == pytest.approx([place(v) for v in gap["interval"]], abs=PIXELS)
        assert told["text"].startswith(f"{100 * gap['mean']:+.1f} points")
    said = shipped.locator("#early .conclusion p").all_text_contents()
    assert [text.replace("\u00a0", " ") for text in said] == record["findings"]
    check_saved_charts(shipped, shipped.locator("#early"), "early-stopping", 1)
