"""What a first visit costs: the page in a browser, and the capstone tab on the server."""

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from classifiers.compute.parallel import share_cores
from scripts.benchmarks.serving import served
from tests.conftest import ROOT

COLD = "from scripts.benchmarks.first_visit import paint; print(sum(paint().values()))"


def paint() -> dict[str, float]:
    """Seconds of each answer that opening the tab asks for."""
    share_cores()
    from classifiers.ui.capstone import early, worlds
    from classifiers.ui.capstone.sweep import page

    parts = {
        "worlds": lambda: worlds.answer(
            {"rule": worlds.rules()[0][0], "worlds": [0], "whole": True}
        ),
        "first sweep": page._open,
        "early stopping": early._open,
    }
    taken = {}
    for name, answer in parts.items():
        start = time.perf_counter()
        answer()
        taken[name] = time.perf_counter() - start
    return taken


def bench_first_paint(args: argparse.Namespace) -> None:
    command = [sys.executable, "-c", COLD]
    cold = [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)
        for _ in range(args.repeats)
    ]
    warm = [paint() for _ in range(max(2, args.repeats))][1:]
    print(f"first visitor of a new server: {1e3 * min(cold):.0f} ms of server time")
    print(f"any other: {1e3 * min(sum(parts.values()) for parts in warm):.0f} ms")
    for name in warm[0]:
        print(f"  {name}: {1e3 * min(parts[name] for parts in warm):.1f} ms")


EMPTY = """
import gradio as gr
with gr.Blocks() as demo:
    gr.Markdown("nothing", elem_id="nothing")
demo.launch(footer_links=["api"], ssr_mode=False, quiet=True)
"""


@dataclass(frozen=True)
class Load:
    """What a browser that was never here before got: bytes on the wire, answers, and seconds until
    the first thing to see."""

    kilobytes: float
    answers: int
    seconds: float


# Asked in the page at every frame: from outside it is only looked for every half second.
SHOWN = """
const look = () => {
  if (document.querySelector(SIGN)?.getClientRects().length) window.shown = performance.now();
  else requestAnimationFrame(look);
};
look();
"""


def load(browser: Any, url: str, sign: str) -> Load:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.add_init_script(f"{{ {SHOWN.replace('SIGN', json.dumps(sign))} }}")
    page.goto(url)
    seconds = page.wait_for_function("window.shown").json_value() / 1e3
    page.wait_for_timeout(1500)  # what comes after the first picture counts as well
    context.close()
    return Load(sum(sizes) / 1e3, len(sizes), seconds)


def bench_first_load(args: argparse.Namespace) -> None:
    """The page beside an empty one of the same Gradio, in turns; the median of each."""
    from playwright.sync_api import sync_playwright

    stage = ".playground[data-phase=ready]"  # before Gradio is there or after
    with sync_playwright() as tools, contextlib.ExitStack() as running:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        empty, own = (
            running.enter_context(served([sys.executable, *command]))
            for command in (("-c", EMPTY), ("app.py",))
        )
        pages = {
            "an empty Blocks": (empty, "#nothing"),
            "the app": (own, stage),
            "a step of the lesson": (f"{own}?lesson=p7", "#guide [data-part=commit]"),
        }
        loads: dict[str, list[Load]] = {name: [] for name in pages}
        for turn in range(args.repeats + 1):
            for name, (url, sign) in pages.items():
                found = load(browser, url, sign)
                if turn:  # the server's own first answers are not counted
                    loads[name].append(found)
        browser.close()
    medians = {
        name: {
            field: statistics.median(getattr(one, field) for one in several)
            for field in ("kilobytes", "answers", "seconds")
        }
        for name, several in loads.items()
    }
    for name, median in medians.items():
        print(
            f"{name}: {median['kilobytes']:.0f} kB in {median['answers']:.0f} answers, first "
            f"picture after {median['seconds']:.2f} s"
        )
    reference, app, step = medians.values()
    print("app: " + ", ".join(f"{field} {app[field] / reference[field]:.2f}x" for field in app))
    print(f"a step by its link: {step['seconds'] / app['seconds']:.2f}x the seconds of the app")


DRAG = """(where) => {
  const slider = document.querySelector(`${where} input[type=range]`);
  const times = [];
  for (let i = 0; i <= 100; i += 1) {
    const start = performance.now();
    slider.value = i;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    document.body.getBoundingClientRect();  // what was drawn is laid out too
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}"""


def bench_drag(args: argparse.Namespace) -> None:
    """Milliseconds of one step of a threshold in Chromium; a picture a frame needs 16."""
    from playwright.sync_api import sync_playwright

    sliders = {"Patient": "#risk", "Threshold": "#explorer"}
    command = [sys.executable, "app.py"]
    with sync_playwright() as tools, served(command) as url:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.get_by_role("tab", name="Heart").click()
        page.locator('#patient[data-patient="now"]').wait_for()
        for name, where in sliders.items():
            page.get_by_role("tab", name=name, exact=True).click()
            page.locator(f"{where} input[type=range]").wait_for()
            page.wait_for_timeout(1000)
            for _ in range(args.repeats):
                times = page.evaluate(DRAG, where)
            print(f"{name}: median {times[50]:.1f} ms a step, 95th percentile {times[95]:.1f} ms")
        browser.close()
