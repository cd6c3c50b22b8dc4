"""The sweeps as a visitor uses them: charts are read back into numbers, and compared.

Places become values through the texts beside the axes; nothing of the page's own numbers is looked
at. What a visitor's own sweep computes is known from the CSV that the page saves.
"""

import csv
import json
import re

import numpy as np
import pytest

from classifiers.config import AXES
from classifiers.ui.capstone.sweep.names import AXES as NAMES
from classifiers.ui.capstone.sweep.names import write_value
from tests.browser.saved_charts import check_saved_charts
from tests.conftest import ROOT

RECORDS = ROOT / "weights" / "capstone" / "records"


def read_record(name: str) -> dict | None:
    """What ships; None where nothing does, or only what an earlier version wrote."""
    path = RECORDS / f"{name}.json"
    record = json.loads(path.read_text())["record"] if path.is_file() else {}
    current = "new_points" in record.get("config", {}) or "excess" in record.get("ways", {}).get(
        "test", {}
    )
    return record if current else None


SHIPPED = [over for over in AXES if read_record(over)]
MISSING = [over for over in AXES if over not in SHIPPED]
DEADLINE = 120_000
PIXELS = 0.6  # coordinates have one decimal, as those of the axis have
READ = """(board) => {
  const svg = board.querySelector('svg');
  const all = (selector, read) => [...svg.querySelectorAll(selector)].map(read);
  const number = (e, key) => Number(e.getAttribute(key));
  return {
    y: all('text.y', (e) => [number(e, 'y') - 4, e.textContent]),
    x: all('text.x', (e) => [number(e, 'x'), e.textContent]),
    dots: all('.dot', (e) => ({ ...e.dataset, cut: e.tagName === 'path',
      x: e.tagName === 'path' ? Number(e.getAttribute('d').match(/M([\\d.]+)/)[1]) + 3.6
        : number(e, 'cx'), y: number(e, 'cy') })),
    medians: Object.fromEntries(['fresh', 'test'].map((set) =>
      [set, all(`polyline.line.${set}`, (e) => e.getAttribute('points'))[0]])),
    best: all('.best:not(.own)', (e) => number(e, 'y1')),
    notes: all('.note', (e) => e.textContent),
    rings: all('.ring.picked', (e) => [number(e, 'cx'), number(e, 'cy')]),
    cells: all('.cell', (e) => ({ index: Number(e.dataset.index), x: number(e, 'x'),
      y: number(e, 'y'), fill: getComputedStyle(e).fill })),
    numbers: all('.number', (e) => [Number(e.dataset.index), e.textContent]),
    ties: all('.tie', (e) => Number(e.dataset.index)),
  };
}"""


def open_tab(page, app_url):
    page.set_default_timeout(DEADLINE)
    page.goto(app_url)
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#sweeps .board svg").wait_for()
    return page


@pytest.fixture(scope="module")
def shipped(shared_page, app_url):
    """The tab, opened once: that takes seconds."""
    return open_tab(shared_page, app_url)


@pytest.fixture
def sweeps(shipped):
    """The same tab, for a visitor's own sweep: with what ships on show."""
    choose(shipped, "width")
    return shipped


def choose(page, over: str) -> dict:
    """A shipped sweep, and its record."""
    if (
        page.locator("#sweeps")
        .get_by_role("button", name="Two at once")
        .get_attribute("aria-pressed")
        == "true"
    ):
        page.locator("#sweeps").get_by_role("button", name="One setting").click()
    page.locator(f'#sweeps .axes [data-key="{over}"]').click()
    page.locator("#sweeps .board text.name", has_text=f"{NAMES[over].inside} →").wait_for()
    return read_record(over)


def board(page) -> dict:
    return page.locator("#sweeps .board").evaluate(READ)


def part(page, name: str):
    return page.locator(f'#sweeps [data-part="{name}"]')


def axis(ticks: list, *, log: bool):
    """From a value to its place."""
    places = np.array([place for place, _ in ticks])
    values = np.array([float(text) for _, text in ticks])
    along = np.log10(values) if log else values / 100
    slope, offset = np.polyfit(along, places, 1)
    assert np.abs(offset + slope * along - places).max() < 0.2
    return lambda value: offset + slope * (np.log10(value) if log else value)


def saved(page) -> list[dict]:
    with page.expect_download() as download:
        part(page, "csv").click()
    assert download.value.suggested_filename == "sweep.csv"
    return list(csv.DictReader(download.value.path().read_text().splitlines()))


def run_own(page, *, wait: bool = True, **boxes: str) -> None:
    if not part(page, "own").evaluate("(own) => own.open"):
        part(page, "own").locator("summary").click()
    for name, text in boxes.items():
        place = part(page, name)
        if place.evaluate("(box) => box.tagName") == "SELECT":
            place.select_option(text)
        else:
            place.fill(text)
            place.press("Tab")
    part(page, "run").click()
    if wait:
        part(page, "status").filter(has_text="Done.").wait_for(timeout=DEADLINE)


# What ships.


@pytest.mark.parametrize("over", SHIPPED)
@pytest.mark.parametrize("measure", ["accuracy", "loss"])
def test_every_dot_is_a_network_of_the_record(shipped, over, measure):
    rows = choose(shipped, over)["rows"]
    shipped.locator("#sweeps").get_by_role("button", name=measure.capitalize()).click()
    told = board(shipped)
    place = axis(told["y"], log=measure == "loss")
    assert [text for _, text in told["x"]] == [write_value(over, row["value"]) for row in rows]
    members = len(rows[0][f"fresh_{measure}"]["members"])
    assert len(told["dots"]) == 2 * members * len(rows)
    columns = np.array([x for x, _ in told["x"]])
    for dot in told["dots"]:
        index = int(dot["index"])
        value = rows[index][f"{dot['set']}_{measure}"]["members"][int(dot["member"])]
        assert np.abs(columns - dot["x"]).argmin() == index, "it stands over another value"
        if dot["cut"]:
            assert value is None or value <= 0 or place(value) > max(y for y, _ in told["y"])
        else:
            assert dot["y"] == pytest.approx(place(value), abs=PIXELS)


@pytest.mark.parametrize("over", SHIPPED)
def test_lines_go_through_medians_and_the_best_possible_is_dotted(shipped, over):
    rows = choose(shipped, over)["rows"]
    shipped.locator("#sweeps").get_by_role("button", name="Accuracy").click()
    told = board(shipped)
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
    never = [sum(v <= 0.52 for v in row["fresh_accuracy"]["members"]) for row in rows]
    members = len(rows[0]["fresh_accuracy"]["members"])
    assert told["notes"] == [f"{n} of {members}" for n in never if n]


@pytest.mark.parametrize("over", SHIPPED)
def test_the_findings_of_the_record_stand_above_it(shipped, over):
    record = choose(shipped, over)
    shipped.locator("#sweeps").get_by_role("button", name="Accuracy").click()
    findings = part(shipped, "findings").locator("p")
    said = [text.replace("\u00a0", " ") for text in findings.all_text_contents()]
    assert said == record["findings"]
    assert str(record["config"]["members"]) in part(shipped, "said").inner_text()


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
    fresh = rows[-2]["fresh_accuracy"]["members"]

    def shown() -> tuple[int, str]:
        found = re.search(r"network (\d+) of \d+: .*fresh ([\d.]+ %)",
                          part(shipped, "text").inner_text())  # fmt: skip
        return int(found[1]) - 1, found[2]

    ranks = np.argsort(fresh, kind="stable").tolist()
    place.press("Home")
    assert shown() == (ranks[0], f"{100 * min(fresh):.1f} %")
    place.press("ArrowUp")
    assert shown()[0] == ranks[1]
    place.press("End")
    assert shown() == (ranks[-1], f"{100 * max(fresh):.1f} %")
    told = board(shipped)
    ring = min(told["rings"])
    dot = next(d for d in told["dots"] if (int(d["index"]), d["set"], int(d["member"]))
               == (len(rows) - 2, "fresh", ranks[-1]))  # fmt: skip
    assert ring == pytest.approx([dot["x"], dot["y"]], abs=0.2)
    place.press("Escape")


# A visitor's own.


def test_an_own_sweep_grows_and_its_dots_open_their_networks(sweeps, screenshot):
    run_own(sweeps, values="1, 3, 8", members="10", **{"epochs-box": "30"}, wait=False)
    grown = "document.querySelectorAll('#sweeps .board .dot').length"
    sweeps.wait_for_function(f"{grown} > 0 && {grown} < 60", timeout=DEADLINE)
    part(sweeps, "status").filter(has_text="Done.").wait_for(timeout=DEADLINE)
    lines = saved(sweeps)
    assert len(lines) == 30
    told = board(sweeps)
    place = axis(told["y"], log=False)
    for dot in told["dots"]:
        line = lines[10 * int(dot["index"]) + int(dot["member"])]
        if not dot["cut"]:
            wanted = place(float(line[f"{dot['set']}_accuracy"]))
            assert dot["y"] == pytest.approx(wanted, abs=PIXELS)
    dot = next(d for d in told["dots"]
               if (d["index"], d["member"], d["set"]) == ("2", "4", "fresh"))  # fmt: skip
    box = sweeps.locator("#sweeps .board svg").bounding_box()
    sweeps.mouse.click(box["x"] + dot["x"], box["y"] + dot["y"])
    sweeps.locator('#sweeps [data-part="member"][data-state="done"]').wait_for(timeout=DEADLINE)
    chosen = re.search(r"Width (\d+), network (\d+)", part(sweeps, "text").inner_text())
    line = next(one for one in lines if one["width"] == chosen[1]
                and int(one["network"]) == int(chosen[2]) - 1)  # fmt: skip
    assert chosen[1] == "8"
    text = part(sweeps, "text").inner_text()
    for name, word in (("train", "training"), ("test", "test"), ("fresh", "fresh")):
        assert f"{word} {100 * float(line[f'{name}_accuracy']):.1f} %" in text
    assert part(sweeps, "news").inner_text().endswith("the same network, digit by digit.")
    member = part(sweeps, "member")
    assert member.get_attribute("data-epoch") == "30"
    film = part(sweeps, "moment")
    film.focus()
    film.press("Home")
    assert member.get_attribute("data-epoch") == "0"
    part(sweeps, "play").click()  # whoever wants little motion sees the end
    assert member.get_attribute("data-epoch") == "30"
    assert part(sweeps, "curves").locator("polyline").count() >= 4
    screenshot(sweeps, "capstone-sweep")


def test_few_worlds_are_dots_and_no_claims(sweeps):
    run_own(sweeps, values="2, 8", members="3", **{"epochs-box": "10"})
    assert "claims nothing" in part(sweeps, "cost").inner_text()
    told = board(sweeps)
    assert len(told["dots"]) == 12
    assert told["medians"] == {"fresh": None, "test": None}
    assert "more than chance" not in part(sweeps, "findings").inner_text()


def test_a_sweep_that_was_stopped_goes_on(sweeps):
    boxes = {"values": "2, 4, 64, 128", "members": "20", "epochs-box": "300"}
    run_own(sweeps, **boxes, wait=False)
    grown = "document.querySelectorAll('#sweeps .board .dot').length"
    sweeps.wait_for_function(f"{grown} >= 40", timeout=DEADLINE)
    part(sweeps, "stop").click()
    part(sweeps, "status").filter(has_text="Stopped.").wait_for()
    assert part(sweeps, "run").is_visible()
    before = saved(sweeps)
    assert 20 <= len(before) < 80
    run_own(sweeps, values="2, 4, 64, 128", wait=False)
    sweeps.wait_for_function(f"{grown} >= {2 * len(before)}", timeout=DEADLINE)
    part(sweeps, "stop").click()
    part(sweeps, "status").filter(has_text="Stopped.").wait_for()
    assert saved(sweeps)[: len(before)] == before


def test_what_is_wrong_is_said_by_the_name_of_its_box(sweeps):
    run_own(sweeps, values="2, 999", wait=False)
    part(sweeps, "cost").filter(has_text="Values, number 2: ").wait_for()
    run_own(sweeps, values="256", members="500", **{"epochs-box": "2000"}, wait=False)
    part(sweeps, "cost").filter(has_text="Worlds a value: ").wait_for()
    assert part(sweeps, "run").is_visible()
    part(sweeps, "members").fill("5")
    part(sweeps, "members").press("Tab")
    part(sweeps, "cost").filter(has_text=re.compile("^(About|Under)")).wait_for()
    assert "Worlds a value: " not in part(sweeps, "cost").inner_text()


def test_two_at_once_are_cells_over_the_epochs(sweeps, screenshot):
    sweeps.locator("#sweeps").get_by_role("button", name="Two at once").click()
    part(sweeps, "said").filter(has_text=re.compile("Not measured|worlds a cell")).wait_for()
    run_own(sweeps, over="width", values="1, 2, 8", and_over="samples", and_values="40, 80",
            members="10", **{"epochs-box": "30"})  # fmt: skip
    lines = saved(sweeps)
    medians = [
        np.median([float(one["fresh_accuracy"]) for one in lines
                   if (one["width"], one["samples"]) == (width, samples)])
        for width in ("1", "2", "8") for samples in ("40", "80")
    ]  # fmt: skip
    told = board(sweeps)
    assert told["numbers"] == [[i, f"{100 * value:.1f}"] for i, value in enumerate(medians)]
    for cell in told["cells"]:
        column = min(told["x"], key=lambda tick: abs(tick[0] - cell["x"] - 40))
        assert column[1] == ("1", "2", "8")[cell["index"] // 2]
    assert told["cells"][0]["y"] > told["cells"][1]["y"], "more points stand above fewer"
    ink = {
        cell["index"]: sum(map(float, re.findall(r"[\d.]+", cell["fill"])))
        for cell in told["cells"]
    }
    assert min(ink, key=ink.__getitem__) == int(np.argmax(medians))
    best = {max((0, 2, 4), key=medians.__getitem__), max((1, 3, 5), key=medians.__getitem__)}
    assert not best & set(told["ties"])
    when = part(sweeps, "when")
    when.focus()
    when.press("Home")
    assert part(sweeps, "when-text").inner_text() == "0"
    assert board(sweeps)["numbers"] != told["numbers"]
    assert part(sweeps, "findings").inner_text().startswith("After 0 epochs")
    when.press("End")
    assert part(sweeps, "when-text").inner_text() == "30"
    assert board(sweeps)["numbers"] == told["numbers"]
    place = sweeps.locator("#sweeps .board")
    place.focus()
    place.press("ArrowDown")
    place.press("ArrowLeft")
    assert part(sweeps, "text").inner_text().startswith("Width 2, number of points 40, network")
    place.press("Enter")
    sweeps.locator('#sweeps [data-part="member"][data-state="done"]').wait_for(timeout=DEADLINE)
    assert part(sweeps, "news").inner_text().endswith("the same network, digit by digit.")
    screenshot(sweeps, "capstone-two")
    check_saved = part(sweeps, "tools").locator('[data-save="svg"]')
    with sweeps.expect_download() as download:
        check_saved.click()
    assert f">{told['numbers'][0][1]}<" in download.value.path().read_text()


# Early stopping.


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_on_a_phone(page, app_url, theme, screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    open_tab(page, f"{app_url}?__theme={theme}")
    part(page, "own").locator("summary").click()
    screenshot(page, f"capstone-sweeps-390-{theme}")
    for name in ("Two at once", "One setting"):
        page.locator("#sweeps").get_by_role("button", name=name).click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
