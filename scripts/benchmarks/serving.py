"""What one answer and one start cost: python scripts/bench.py serving, or serving --export"""

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from classifiers.compute.parallel import share_cores
from classifiers.recipes.heart.explain import explain_patient
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.recipes.heart.report import heart_report
from tests.conftest import ROOT
from tests.tools.app_client import Caller


def percentiles(work: Callable[[], object], count: int) -> tuple[float, float]:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), sorted(times)[int(0.95 * count)]


@contextlib.contextmanager
def served(command: list[str], folder: Path = ROOT, **environment: str) -> Iterator[str]:
    """The address of a server that has answered; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        **environment,
    }
    url = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        command, cwd=folder, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, seconds: float = 120.0) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{url} did not answer")


def _first_prediction() -> float:
    """Seconds of a script that loads the model and predicts one patient."""
    code = (
        "from classifiers import HeartModel\n"
        "print(HeartModel.load('weights/heart').predict({'age': 61, 'sex': 'male'}).probability)"
    )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def start_until_200(command: list[str], folder: Path = ROOT, **environment: str) -> float:
    """Seconds from starting a server to its first answer."""
    start = time.perf_counter()
    with served(command, folder, **environment) as url:
        seconds = time.perf_counter() - start
        if environment:  # of an export, which has to answer more than its page
            Caller(url)("predict_heart_rows", [{"age": 61, "sex": "male"}], None)
        return seconds


STRANGER = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]


def bench_export(args: argparse.Namespace) -> None:
    """What a Space would get, served by user 1000 who may write neither there nor at home.

    As root, since nobody else can become that user. The packages are those installed here,
    whatever the export pins.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        home = Path(folder, "home")
        home.mkdir()
        starts: dict[str, list[float]] = {"checkout": [], "cpu-basic": [], "zero-a10g": []}
        script = [sys.executable, "scripts/deploy_space.py", "--space", "a/b", "--hardware"]
        for name in list(starts)[1:]:
            subprocess.run([*script, name, "--export", f"{folder}/{name}"], cwd=ROOT, check=True)
        own = [sys.executable, "app.py"]
        theirs = {"HOME": str(home), "HF_HOME": f"{home}/hf", "PYTHONPATH": ""}
        for _ in range(args.repeats):  # alternately, since machines change their pace
            starts["checkout"].append(start_until_200(own))
            for name in list(starts)[1:]:
                seconds = start_until_200([*STRANGER, *own], Path(folder, name), **theirs)
                starts[name].append(seconds)
    checkout = statistics.median(starts["checkout"])
    for name, seconds in starts.items():
        median = statistics.median(seconds)
        every = ", ".join(f"{value:.2f}" for value in seconds)
        print(f"start to first 200, {name}: {median:.2f} s ({every}), {median / checkout:.2f}x")


BARE = "import gradio as gr, torch\nwith gr.Blocks() as d: gr.Markdown('x')\nd.launch()"


def bench_serving(args: argparse.Namespace) -> None:
    if args.export:
        bench_export(args)
        return
    from classifiers.ui.heart.why import show_explanation

    share_cores()
    model = HeartModel.load(ROOT / "weights" / "heart")
    patient = SAMPLE_PATIENTS["Angina on effort, age 61"]
    basics = SAMPLE_PATIENTS["Only the basics are known"]
    for name, given in {"everything known": patient, "basics known": basics}.items():
        median, high = percentiles(lambda given=given: model.predict(given), 300)
        print(f"predict, {name}: median {median:.2f} ms, 95th percentile {high:.2f} ms")

    for name, work in {
        "exact Shapley values": lambda: explain_patient(model, patient),
        "the page's whole explanation": lambda: show_explanation(model, patient),
        "/heart_report for other costs": lambda: heart_report(model, 0.4, 5, 1),
    }.items():
        work()  # what is computed once a model is not counted
        median, high = percentiles(work, 50)
        print(f"{name}: median {median:.1f} ms, 95th percentile {high:.1f} ms")
    cells = np.array([list(map(str, patient.values()))] * 10_000)
    hidden = np.random.default_rng(0).random(cells.shape) < 0.3
    files = {"everything known": cells, "3 of 10 hidden": np.where(hidden, "", cells)}
    for name, rows in files.items():
        table = "\n".join([",".join(patient), *map(",".join, rows)]).encode()
        median, _ = percentiles(lambda table=table: model.predict_file(table).to_csv(), 3)
        print(f"10,000 rows of CSV, {name}: median {median / 1e3:.2f} s")

    import gradio as gr
    from gradio_client import Client

    from classifiers.ui.app import build_app, launch_options

    app = build_app()
    with app:

        def empty() -> dict[str, int]:
            return {}

        gr.api(empty, api_name="empty", concurrency_limit=8)
    options = {**launch_options(), "server_name": "127.0.0.1", "server_port": None, "quiet": True}
    _, url, _ = app.launch(prevent_thread_lock=True, **options)
    client = Client(url, verbose=False)
    for _ in range(10):
        client.predict(api_name="/empty")
    nothing, _ = percentiles(lambda: client.predict(api_name="/empty"), 100)
    full, _ = percentiles(lambda: client.predict(**patient, api_name="/predict_heart"), 100)
    print(f"gradio_client: empty {nothing:.1f} ms, /predict_heart {full:.1f} ms, "
          f"{full / nothing:.2f}x")  # fmt: skip
    app.close()

    first = [_first_prediction() for _ in range(args.repeats)]
    print(f"a new process to its first prediction: {statistics.median(first):.2f} s")
    bare = [start_until_200([sys.executable, "-c", BARE]) for _ in range(args.repeats)]
    own = [start_until_200([sys.executable, "app.py"]) for _ in range(args.repeats)]
    a, b = statistics.median(own), statistics.median(bare)
    print(f"start to first 200: app {a:.2f} s, bare gradio with torch {b:.2f} s, {a / b:.2f}x")
