"""`/compare_capstone` as a script calls it, against the lesson's loop: bench.py capstone --http

Every event is read: by Gradio's own client, and as plain server-sent events. The loop runs in a
process of its own in between, so that both meet the same machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

import psutil

from scripts.benchmarks.playground.browser import chromium
from scripts.benchmarks.serving import served
from tests.conftest import ROOT

_LOOPS = """
import sys, time, torch
from classifiers.compute.parallel import share_cores
from scripts.benchmarks.loops import capstone_loops
threads = int(sys.argv[1])
if threads == 1:
    share_cores()
else:
    torch.set_num_threads(threads)
start = time.perf_counter()
capstone_loops()
print(time.perf_counter() - start)
"""


def loop_seconds(threads: int) -> float:
    """Of the lesson's loop over the three networks, in a fresh process, without its start."""
    command = [sys.executable, "-c", _LOOPS, str(threads)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def call_plainly(url: str, config: dict | None = None) -> tuple[int, dict]:
    """Events read and the result, as curl would have them."""
    address = f"{url}gradio_api/call/compare_capstone"
    body = json.dumps({"data": [config or {}]}).encode()
    asked = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        event = json.load(answer)["event_id"]
    events, kind, last = 0, b"", b""
    with urllib.request.urlopen(f"{address}/{event}", timeout=600) as stream:
        for line in stream:
            if line.startswith(b"event:"):
                events, kind = events + 1, line.split()[1]
            elif line.startswith(b"data:") and kind == b"complete":
                last = line[5:]
    return events, json.loads(last)[0]


def _settle() -> None:
    """Waits until the app has done what follows its start, which is none of a call's time."""
    app = next(c for c in psutil.Process().children() if "app.py" in c.cmdline())
    quiet = 0
    while quiet < 4:
        quiet = quiet + 1 if app.cpu_percent(0.25) < 10 else 0


def bench_over_http(args: argparse.Namespace) -> None:
    from gradio_client import Client

    cores = os.cpu_count() or 1
    with served([sys.executable, "app.py"]) as url:
        client = Client(url, verbose=False)
        _settle()

        def call_with_client() -> tuple[int, dict]:
            job = client.submit({}, api_name="/compare_capstone")
            told = list(job)
            return len(told), told[-1]

        ways: dict[str, Callable[[], tuple[int, dict]]] = {
            "gradio_client": call_with_client,
            "plain events": lambda: call_plainly(url),
        }
        worst = float("inf")
        for turn in range(args.repeats):
            reference = min(loop_seconds(threads) for threads in {1, cores})
            told = f"run {turn + 1}: loop {reference:.2f} s"
            for name, call in ways.items():
                start = time.perf_counter()
                events, result = call()
                own = time.perf_counter() - start
                assert set(result) == {"underfit", "overfit", "good"}
                worst = min(worst, reference / own)
                told += f"; {name} {own:.2f} s, {events} events, {reference / own:.2f}x"
            print(told, flush=True)
    print(f"capstone over HTTP: at least {worst:.2f}x the lesson's loop in {args.repeats} runs")


# Seconds from the press until the page shows the world and has drawn it.
_DRAW = """(drawn) => new Promise((done) => {
  const root = document.querySelector('.worlds');
  const start = performance.now();
  root.querySelector('[data-part=draw]').click();
  new MutationObserver((_, watch) => {
    const { state, rule, drawn: shown } = root.dataset;
    if (state !== 'ready' || rule !== 'own' || shown !== drawn) return;
    watch.disconnect();
    requestAnimationFrame(() => done((performance.now() - start) / 1000));
  }).observe(root, { attributes: true });
})"""


def bench_page(args: argparse.Namespace) -> None:
    """ "Draw the world again" in Chromium, from the press to three networks and their table, in
    turns with the same three over HTTP. The rule is one's own: none of its worlds is stored."""
    config = {"dataset": {"noise": 0.31}}
    worst = 0.0
    with served([sys.executable, "app.py"]) as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        page.get_by_role("tab", name="Capstone").click()
        page.locator(".worlds[data-state=ready]").wait_for()
        page.locator(".worlds [data-part=rule]").select_option("own")
        noise = page.locator('.worlds [data-key="dataset.noise"]')
        noise.fill("0.31")
        noise.press("Tab")
        _settle()
        for turn in range(args.repeats):
            page.wait_for_timeout(1500)  # sooner, a press is taken for one that came too late
            drawn = page.evaluate(_DRAW, str(turn + 1))
            start = time.perf_counter()
            call_plainly(url, config)
            called = time.perf_counter() - start
            worst = max(worst, drawn / called)
            print(f"run {turn + 1}: page {drawn:.2f} s, HTTP {called:.2f} s, {drawn / called:.2f}x",
                  flush=True)  # fmt: skip
    print(f"a world drawn on the page: at most {worst:.2f}x /compare_capstone")
