"""The playground in Chromium, pressed as people press it."""

import argparse
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.ui.playground.link import to_query
from scripts.benchmarks.playground.settings import BLOBS, SPIRALS
from scripts.benchmarks.service.process import Checks
from scripts.benchmarks.serving import served

STAGE = "#playground-stage .playground"
WIDTH = 1440  # at which the picture is 560 pixels wide
PATIENCE = 120_000  # milliseconds
MOST_SHIFT, MOST_STOPS, MOST_GROWTH = 0.02, 8, 1.2
DRAWING, CHANGE, MOMENTS, FRAMES = 16, 250, 12, 30
RUNS = 50
# Each moment shown: when, its epoch, milliseconds to draw it, and those with style, layout and
# paint, after which a message of the page's to itself is answered.
WATCH = """() => {
  const root = document.querySelector('#playground-stage .playground');
  window.seen = [];
  new MutationObserver(() => {
    const now = performance.now();
    const { epoch, drawMs, reached } = root.dataset;
    const seen = { now, epoch: Number(epoch), ms: Number(drawMs), reached: Number(reached),
      changes: root.querySelectorAll('.flag').length };
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { seen.all = seen.ms + performance.now() - now; port1.close(); };
    port2.postMessage(0);
    window.seen.push(seen);
  }).observe(root, { attributeFilter: ['data-epoch'] });
}"""
# From the choice of another rate to the first picture of a later epoch than the change's.
PRESS_RATE = """(value) => {
  const select = document.querySelector(
    "#playground-stage [data-path='training.learning_rate'] :is(select, input)");
  const flags = document.querySelectorAll('#playground-stage .flag').length;
  window.pressed = { now: performance.now(), flags };
  select.value = value;
  for (const kind of ['input', 'change']) {
    select.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}"""
CHANGED = """() => {
  const { now, flags } = window.pressed;
  const told = window.seen.find((seen) => seen.now > now && seen.changes > flags);
  const shown = told && window.seen.find((seen) => seen.now > told.now && seen.epoch > told.reached
    || seen === told && seen.epoch >= told.reached);
  return shown ? shown.now - now : null;
}"""
SHIFT = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: 'layout-shift' });
}"""
FOCUSED = "() => document.activeElement?.dataset?.part ?? document.activeElement?.tagName"


def press(page: Any, part: str) -> None:
    page.click(f"#playground-stage [data-part={part}]")


def phase(page: Any, name: str, more: str = "") -> None:
    page.wait_for_selector(f"{STAGE}[data-phase={name}]{more}", timeout=PATIENCE)


def opened(page: Any, url: str, config: dict[str, Any], *, fast: bool = True) -> None:
    if page.url.startswith(url):  # or the run of this link, made before, is made again
        page.evaluate("() => sessionStorage.clear()")
    page.goto(f"{url}?{to_query(PlaygroundConfig.parse(config))}")
    phase(page, "ready")
    page.evaluate(WATCH)
    for _ in range(2 if fast else 0):
        press(page, "speed")


def seen(page: Any) -> list[dict[str, float]]:
    return page.evaluate("() => window.seen.splice(0)")


def a_second(moments: list[dict[str, float]]) -> float:
    return (len(moments) - 1) * 1e3 / (moments[-1]["now"] - moments[0]["now"])


def drawing(checks: Checks, moments: list[dict[str, float]]) -> None:
    for key, what in (("ms", "drawn in"), ("all", "with style, layout and paint")):
        times = sorted(moment[key] for moment in moments if key in moment)
        checks.note(f"{what} best {times[0]:.0f}, median {statistics.median(times):.0f}, "
                    f"p90 {times[int(0.9 * len(times))]:.0f} ms")  # fmt: skip
    if "cpu" in moments[0]:
        checks.note(f"{moments[0]['cpu']:.1f} ms of the thread's CPU each, all included")


class Processor:
    """CPU milliseconds of the page's own thread."""

    def __init__(self, page: Any) -> None:
        self.wire = page.context.new_cdp_session(page)
        self.wire.send("Performance.enable", {"timeDomain": "threadTicks"})

    def __call__(self) -> float:
        told = self.wire.send("Performance.getMetrics")["metrics"]
        return next(1e3 * one["value"] for one in told if one["name"] == "TaskDuration")


def replayed(page: Any) -> list[dict[str, float]]:
    """Plays the film from its start; what a moment costs the thread stands with the first."""
    used = Processor(page)
    page.locator(f"{STAGE} .curves svg").first.press("Home")
    page.wait_for_timeout(300)
    seen(page)
    before = used()
    press(page, "play")
    phase(page, "replaying")
    page.wait_for_function(f"() => document.querySelector('{STAGE}').dataset.phase !== 'replaying'")
    found = seen(page)
    found[2]["cpu"] = (used() - before) / len(found)
    press(page, "play")
    return found[2:]


def moments(page: Any, url: str, args: argparse.Namespace) -> None:
    """3,000 epochs of spirals, then their film."""
    lived, played = [], []
    for _ in range(args.repeats):
        opened(page, url, SPIRALS)
        press(page, "play")
        phase(page, "paused")
        lived.append(seen(page)[1:])
        played.append(replayed(page))
    checks = Checks(f"spirals, picture of {page.evaluate(SIDE)} px")
    best = max(lived, key=a_second)
    checks.held(f"{a_second(best):.1f} moments a second shown (asked >= {MOMENTS})",
                a_second(best) >= MOMENTS, "moments a second")  # fmt: skip
    drawing(checks, best)
    best = max(played, key=a_second)
    rate = a_second(best)
    checks.held(f"film {rate:.1f} a second (asked >= {FRAMES})", rate >= 0.95 * FRAMES, "film")
    drawing(checks, best)
    checks.close()


SIDE = "() => document.querySelector('#playground-stage [data-part=picture]').clientWidth"


def draw(page: Any, url: str, args: argparse.Namespace) -> None:
    """Moments of blobs and of spirals, drawn one after the other while the film plays."""
    for name, config in {"blobs": BLOBS, "spirals": SPIRALS}.items():
        opened(page, url, {**config, "training": {**config.get("training", {}), "epochs": 300}})
        press(page, "play")
        phase(page, "paused")
        tries = [replayed(page) for _ in range(args.repeats)]
        checks = Checks(f"a moment of {name} at {page.evaluate(SIDE)} px")
        best = min(tries, key=lambda each: statistics.median(m["all"] for m in each if "all" in m))
        drawing(checks, best)
        most = statistics.median(m["all"] for m in best if "all" in m)
        checks.at_most("median with all that follows", most, DRAWING, "ms")
        checks.close()


def change(page: Any, url: str, args: argparse.Namespace) -> None:
    opened(page, url, BLOBS, fast=False)
    press(page, "play")
    times = []
    for rate in ("0.3", "0.03", "0.1") * args.repeats:
        page.wait_for_timeout(1500)
        page.evaluate(PRESS_RATE, rate)
        times.append(page.wait_for_function(CHANGED, timeout=PATIENCE).json_value())
    press(page, "play")
    checks = Checks("a change of the rate to the first changed picture")
    checks.note(f"median {statistics.median(times):.0f}, most {max(times):.0f} ms")
    checks.at_most("best", min(times), CHANGE, "ms")
    checks.close()


def shift(page: Any, url: str, args: argparse.Namespace) -> None:
    opened(page, url, BLOBS, fast=False)
    page.evaluate(SHIFT)
    press(page, "play")
    page.wait_for_timeout(3000)
    press(page, "play")
    phase(page, "paused")
    page.wait_for_timeout(1000)
    checks = Checks("layout shift while a run begins and ends")
    checks.at_most("sum", page.evaluate("() => window.shifted"), MOST_SHIFT)
    checks.close()


def tabs(page: Any, url: str, args: argparse.Namespace) -> None:
    opened(page, url, BLOBS, fast=False)
    stops: list[str] = []
    while (not stops or stops[-1] != "play") and len(stops) < 50:
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    checks = Checks("from the top of the page")
    checks.at_most("Tab stops before Play", len(stops) - 1, MOST_STOPS)
    checks.note(", ".join(map(str, stops)))
    checks.close()


def heap(page: Any, url: str, args: argparse.Namespace) -> None:
    """Each run from a new start, over 60 moments and more, in one page."""
    opened(page, url, BLOBS)
    wire = page.context.new_cdp_session(page)

    def held() -> float:
        wire.send("HeapProfiler.collectGarbage")
        used = wire.send("Runtime.getHeapUsage")
        names = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return sum(used.get(name, 0) for name in names) / 1e6

    told = []
    for run in range(RUNS):
        page.evaluate("() => window.seen.splice(0)")
        press(page, "anew")
        phase(page, "ready")
        press(page, "play")
        page.wait_for_function(
            f"() => Number(document.querySelector('{STAGE}').dataset.reached) > 100",
            timeout=PATIENCE,
        )
        press(page, "play")
        phase(page, "paused")
        page.wait_for_timeout(100)
        if run in (0, 9, RUNS - 1):
            told.append(held())
    checks = Checks(f"heap in MB after 1, 10 and {RUNS} runs")
    checks.note(", ".join(f"{size:.1f}" for size in told))
    checks.at_most("last of first", told[-1] / told[0], MOST_GROWTH, "x")
    checks.close()


Section = Callable[[Any, str, argparse.Namespace], None]


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def in_browser(section: Section) -> Callable[[argparse.Namespace], None]:
    def bench(args: argparse.Namespace) -> None:
        with served([sys.executable, "app.py"]) as url, chromium() as browser:
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            section(page, url, args)

    return bench


BROWSER = {
    section.__name__: in_browser(section) for section in (moments, draw, change, shift, tabs, heap)
}
