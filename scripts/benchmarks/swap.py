"""What a swap of weights does to answers in flight: python scripts/bench.py swap

Windows with a swap and windows without one, as long, take turns: what the machine does besides
is in both. A loopback Hub serves the commits, the app or a follower alone takes them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.tools.app_client import Caller  # noqa: E402

REPO = "user/heart"
VERSIONS = 6
POLL_SECONDS = 0.1
REST_SECONDS = 0.3
PATIENT = [61, 1, 4, 140, 207, 0, 2, 138, 1, 1.9, 1, 1, 7, None]

# When an answer was asked for, when it came, CPU seconds of the swap meanwhile, model.
Answer = tuple[float, float, float, str]
Window = tuple[float, float]


def bench_swap(args: argparse.Namespace) -> None:
    from tests.tools.hub_client import make_version, settings
    from tests.tools.hub_server import Hub

    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    hub = Hub()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        versions = [make_version(folder / str(i), i / 50) for i in range(VERSIONS)]
        repo = hub.add(REPO, versions[0])
        for i in range(args.swaps + 1):  # a branch each, for the follower to go through
            repo.refs[f"v{i}"] = repo.put(versions[i % VERSIONS])
        run = subprocess.run(
            [sys.executable, __file__, "follow", str(args.swaps)],
            cwd=ROOT,
            env=settings(hub, folder),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        report("in process, a thread predicting without pause", **json.loads(run.stdout))
        over_http(args, hub, repo, versions, folder)
        starts(args, hub, folder)
    hub.close()
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


def report(
    title: str, answers: list[Answer], swaps: list[Window], idle: list[Window], cpu: bool = True
) -> None:
    """Prints both kinds of windows, and how much later answers were in those with a swap."""
    length = statistics.median(end - start for start, end in swaps)
    print(f"{title}: {len(swaps)} swaps and {len(idle)} windows without, {length:.2f} s each")
    figures: dict[str, list[float]] = {}
    for kind, windows in (("without", idle), ("with", swaps)):
        inside = [[a for a in answers if a[1] > s and a[0] < e] for s, e in windows]
        times = sorted(1e3 * (a[1] - a[0]) for part in inside for a in part)
        worst = sorted(max(1e3 * (a[1] - a[0]) for a in part) for part in inside if part)
        ranks = [times[int(share * len(times))] for share in (0.5, 0.95, 0.99)]
        figures[kind] = [*ranks, statistics.median(worst), worst[-1]]
        line = "median {:.1f}  p95 {:.1f}  p99 {:.1f}  a window's worst {:.1f}  worst {:.1f}"
        print(f"  {kind:8}{len(times):6} answers, ms: {line.format(*figures[kind])}")
    more = [b - a for a, b in zip(figures["without"], figures["with"], strict=True)]
    print(
        "  later by, ms: median {:+.1f}  p95 {:+.1f}  p99 {:+.1f}  a window's worst {:+.1f}  "
        "worst {:+.1f}".format(*more)
    )
    if cpu:
        most = 1e3 * max(answer[2] for answer in answers)
        print(f"  CPU time that the swap took while one answer was made: at most {most:.1f} ms")


def follow(swaps: int) -> None:
    """The follower in an app's process, with no server around it; prints what `report` takes."""
    import app  # noqa: F401 - it sets the process up and builds the app
    from classifiers.artifacts import METADATA_FILE, MODEL_FILE
    from classifiers.hub import Follower, Revision
    from classifiers.recipes.heart.model import SAMPLE_PATIENTS
    from classifiers.ui.models import load_ready

    follower = Follower(Revision(REPO, "v0"), (METADATA_FILE, MODEL_FILE), load_ready)
    follower.look()
    patient = SAMPLE_PATIENTS["Angina on effort, age 61"]
    clock = time.pthread_getcpuclockid(threading.get_ident())
    answers: list[Answer] = []
    stop = threading.Event()

    def predict() -> None:
        start, used = time.perf_counter(), time.clock_gettime(clock)
        while not stop.is_set():
            model = follower.state.value
            assert model is not None
            model.predict(patient)
            end, now = time.perf_counter(), time.clock_gettime(clock)
            answers.append((start, end, now - used, model.artifact.sha256))
            start, used = end, now

    thread = threading.Thread(target=predict)
    thread.start()
    windows: dict[str, list[Window]] = {"swaps": [], "idle": []}
    for i in range(swaps):
        time.sleep(REST_SECONDS)
        follower.revision = Revision(REPO, f"v{i + 1}")
        start = time.perf_counter()
        follower.look()
        end = time.perf_counter()
        windows["swaps"].append((start, end))
        time.sleep(REST_SECONDS)
        start = time.perf_counter()
        time.sleep(end - windows["swaps"][-1][0])
        windows["idle"].append((start, time.perf_counter()))
    stop.set()
    thread.join()
    print(json.dumps({"answers": answers, **windows}))


def over_http(args: argparse.Namespace, hub: Any, repo: Any, versions: list, folder: Path) -> None:
    from tests.conftest import Server
    from tests.tools.hub_client import settings

    server = Server(
        folder,
        **{**settings(hub, folder), "HF_HUB_OFFLINE": "0"},
        WEIGHTS_REPO=REPO,
        WEIGHTS_POLL_SECONDS=str(POLL_SECONDS),
    )
    client = subprocess.Popen(
        [sys.executable, __file__, "ask", server.url, str(args.rate)],
        stdout=subprocess.PIPE,
        text=True,
    )
    answers: list[Answer] = []
    reader = threading.Thread(
        target=lambda: answers.extend(tuple(json.loads(line)) for line in client.stdout or ())
    )
    reader.start()
    windows: dict[str, list[Window]] = {"swaps": [], "idle": []}
    reports: dict[str, list[float]] = {"first": [], "next": []}
    try:
        wait_until(lambda: len(answers) > 2 * args.rate, server)
        for i in range(args.swaps):
            commit = repo.put(versions[(args.swaps + i + 1) % VERSIONS])
            start = time.perf_counter()
            wait_until(lambda commit=commit: answers[-1][3].endswith(commit), server)
            end = time.perf_counter()
            windows["swaps"].append((start, end))
            time.sleep(REST_SECONDS)
            for name in reports:
                asked = time.perf_counter()
                Caller(server.url)("heart_report", None, None, None)
                reports[name].append(1e3 * (time.perf_counter() - asked))
            time.sleep(REST_SECONDS)
            begin = time.perf_counter()
            time.sleep(end - start)
            windows["idle"].append((begin, time.perf_counter()))
            time.sleep(REST_SECONDS)
    finally:
        client.terminate()
        reader.join()
        server.stop()
    title = f"over HTTP, {args.rate:g} predictions a second, polls every {POLL_SECONDS:g} s"
    report(title, answers, **windows, cpu=False)
    first, after = (statistics.median(times) for times in reports.values())
    print(f"/heart_report: first after a swap {first:.0f} ms, the next {after:.0f} ms (medians)")


def starts(args: argparse.Namespace, hub: Any, folder: Path) -> None:
    """Seconds until the first answer, without a Hub and with one that never answers."""
    from tests.conftest import Server
    from tests.tools.hub_client import settings

    hub.fail("head", stall=True, times=10**6)
    stalled = {**settings(hub, folder / "empty"), "HF_HUB_OFFLINE": "0", "WEIGHTS_REPO": REPO}
    taken: dict[str, list[float]] = {"usual": [], "stalled": []}
    for _ in range(args.repeats):
        for name, variables in (("usual", {}), ("stalled", stalled)):
            start = time.perf_counter()
            Server(folder, **variables).stop()
            taken[name].append(time.perf_counter() - start)
    hub.heal()
    usual, late = (statistics.median(times) for times in taken.values())
    print(f"start: {usual:.1f} s, with a Hub that never answers {late:.1f} s (medians)")


def wait_until(done: Callable[[], bool], server: Any) -> None:
    end = time.perf_counter() + 60
    while not done():
        time.sleep(0.01)
        if time.perf_counter() > end:
            raise RuntimeError(f"it did not happen in 60 s: {server.log.read_text()[-2000:]}")


def ask(url: str, rate: float) -> None:
    """Predictions at a steady rate on two connections, until the process is ended."""
    lock = threading.Lock()

    def keep_asking(due: float) -> None:
        caller = Caller(url)
        while True:
            time.sleep(max(0.0, due - time.perf_counter()))
            start = time.perf_counter()
            source = caller("predict_heart", *PATIENT)["model"]["source"]
            end = time.perf_counter()
            with lock:
                print(json.dumps((start, end, 0.0, source)), flush=True)
            due = max(due + 2 / rate, end)

    now = time.perf_counter()
    for i in range(2):
        threading.Thread(target=keep_asking, args=(now + i / rate,), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    if sys.argv[1] == "ask":
        ask(sys.argv[2], float(sys.argv[3]))
    else:
        follow(int(sys.argv[2]))
