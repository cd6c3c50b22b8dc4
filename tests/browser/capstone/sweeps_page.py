"""The section on sweeps as a visitor uses it, and its charts read back into numbers."""

import csv
import json

import numpy as np

from classifiers.config import AXES
from classifiers.ui.capstone.sweep.names import AXES as NAMES
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
# As text: what comes back as objects costs ten times as much.
READ = """(board) => {
  const svg = board.querySelector('svg');
  const all = (selector, read) => [...svg.querySelectorAll(selector)].map(read);
  const number = (e, key) => Number(e.getAttribute(key));
  return JSON.stringify({
    y: all('text.y', (e) => [number(e, 'y') - 4, e.textContent]),
    x: all('text.x', (e) => [number(e, 'x'), e.textContent]),
    dots: all('.dot', (e) => ({ ...e.dataset, cut: e.tagName === 'path',
      x: e.tagName === 'path' ? Number(e.getAttribute('d').match(/M([\\d.]+)/)[1]) + 3.6
        : number(e, 'cx'), y: number(e, 'cy') })),
    medians: Object.fromEntries(['fresh', 'test'].map((set) =>
      [set, all(`polyline.line.${set}`, (e) => e.getAttribute('points'))[0] ?? null])),
    best: all('.best:not(.own)', (e) => number(e, 'y1')),
    own: all('.best.own', (e) => number(e, 'y1')),
    notes: all('.note', (e) => e.textContent),
    rings: all('.ring.picked', (e) => [number(e, 'cx'), number(e, 'cy')]),
    cells: all('.cell', (e) => ({ index: Number(e.dataset.index), x: number(e, 'x'),
      y: number(e, 'y'), fill: getComputedStyle(e).fill })),
    numbers: all('.number', (e) => [Number(e.dataset.index), e.textContent]),
    ties: all('.tie', (e) => Number(e.dataset.index)),
  });
}"""


def open_tab(page, app_url):
    page.set_default_timeout(DEADLINE)
    page.goto(app_url)
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#sweeps .board svg").wait_for()
    return page


def choose(page, over: str) -> dict:
    """A shipped sweep, and its record; its answer has come, so none comes into what follows."""
    if page.locator('#sweeps button[data-kind="two"][aria-pressed="true"]').count():
        page.locator('#sweeps button[data-kind="one"]').click()
    # A visitor's own sweep, too, may be of that setting.
    page.locator("#sweeps .sweeps").evaluate("(sweeps) => { delete sweeps.dataset.source; }")
    page.locator(f'#sweeps .axes [data-key="{over}"]').click()
    page.locator('#sweeps .sweeps[data-source="shipped"]').wait_for()
    await_chart(page, over)
    return read_record(over)


def await_chart(page, over: str) -> None:
    page.locator("#sweeps .board text.name", has_text=f"{NAMES[over].inside} →").wait_for()


def board(page) -> dict:
    return json.loads(page.locator("#sweeps .board").evaluate(READ))


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
