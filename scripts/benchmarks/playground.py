"""The playground: an epoch against TensorFlow Playground's code, and the app over HTTP."""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from classifiers.compute.parallel import share_cores
from classifiers.config import PlaygroundConfig
from classifiers.network import MLP
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import recorded_epochs
from classifiers.training import train
from classifiers.ui.playground.controls import show_config
from scripts.benchmarks.films import bench_films
from tests.conftest import ROOT, free_port

MOONS = PlaygroundConfig.parse(
    {
        "dataset": {"name": "moons", "samples": 300, "noise": 0.3, "seed": 0},
        "network": {"widths": [16, 16], "outputs": "one_logit"},
        "training": {"epochs": 2000, "test_share": 0.3},
    }
)
PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]
TYPESCRIPT = "typescript@5.9.3"  # npx gets it from the npm registry; only its type stripper is used
# What playground.ts does in an epoch: oneStep() with a batch of all points, then both losses.
TENSORFLOW_PLAYGROUND = """
import { readFileSync } from 'node:fs';
import * as nn from './nn.js';
const { train, test, epochs, rate } = JSON.parse(readFileSync(process.argv[2]));
const shape = [2, 16, 16, 1];
const network = nn.buildNetwork(shape, nn.Activations.RELU, nn.Activations.TANH, null, ['x', 'y']);
const loss = (rows) => rows.reduce((sum, [x, y, label]) =>
  sum + nn.Errors.SQUARE.error(nn.forwardProp(network, [x, y]), label), 0) / rows.length;
const history = [];
const run = (count) => {
  for (let epoch = 0; epoch < count; epoch += 1) {
    for (const [x, y, label] of train) {
      nn.forwardProp(network, [x, y]);
      nn.backProp(network, label, nn.Errors.SQUARE);
    }
    nn.updateWeights(network, rate, 0);
    history.push([loss(train), loss(test)]);
  }
};
run(100); // until the code is compiled
const start = performance.now();
run(epochs);
console.log((performance.now() - start) / epochs);
"""
# An app that collects its garbage on a signal, so that what is left is what is held.
APP = """
import gc, runpy, signal
signal.signal(signal.SIGUSR1, lambda *_: gc.collect())
runpy.run_path("app.py", run_name="__main__")
"""


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def bench_epoch(args: argparse.Namespace) -> None:
    if args.tf_playground is None:
        print("epoch: skipped; --tf-playground takes src/nn.ts of github.com/tensorflow/playground")
        return
    share_cores()
    scene, epochs = build_scene(MOONS), MOONS.training.epochs

    def ours(record_at: list[int]) -> float:
        network = MLP(MOONS.network, 2, 2, 1).initialize(0)
        rows, test = scene.rows("train"), scene.rows("test")
        records = train(network, MOONS.training, rows, test=test, record_at=record_at)
        return milliseconds(lambda: list(records)) / epochs

    with tempfile.TemporaryDirectory() as folder:
        run_theirs = prepare_theirs(Path(folder), args.tf_playground, scene)
        turns = [
            (run_theirs(), ours(recorded_epochs(epochs)), ours(list(range(epochs + 1))))
            for _ in range(args.repeats)
        ]
    theirs, own, every = (min(times) for times in zip(*turns, strict=True))
    print(
        f"epoch, 2-16-16-1, 300 points (210 train), full batch: TensorFlow Playground {theirs:.3f} "
        f"ms; ours {own:.3f} ms, {theirs / own:.1f}x, recording as the page does "
        f"({len(recorded_epochs(epochs))} of {epochs} epochs); {every:.3f} ms, "
        f"{theirs / every:.1f}x, recording every epoch"
    )


def prepare_theirs(folder: Path, source: Path, scene: Scene) -> Callable[[], float]:
    """A function that runs their network code under node, and returns milliseconds an epoch."""
    tsc = ["npx", "--yes", "--package", TYPESCRIPT, "tsc", "--target", "es2020"]
    command = [*tsc, "--outDir", str(folder), str(source.resolve())]
    # It objects to a declaration of 2016 and writes the JavaScript all the same; npx and node
    # must be installed.
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if not (folder / "nn.js").is_file():
        raise SystemExit(f"{' '.join(command)} wrote no nn.js")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "bench.js").write_text(TENSORFLOW_PLAYGROUND)
    rows = {
        part: [
            [float(x), float(y), 2 * int(label) - 1]
            for (x, y), label in zip(scene.dataset.x[chosen], scene.dataset.y[chosen], strict=True)
        ]
        for part, chosen in (("train", scene.train), ("test", scene.test))
    }
    (folder / "data.json").write_text(json.dumps({**rows, "epochs": 500, "rate": 0.1}))

    def run() -> float:
        command = ["node", "bench.js", "data.json"]
        return float(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)

    return run


class App:
    """The app in a process of its own, spoken to as the page speaks to it."""

    def __init__(self, process: subprocess.Popen, url: str) -> None:
        self.process, self.url = process, url
        self.page = httpx.get(f"{url}/config").json()
        button = self.component("train")
        self.train = next(d for d in self.page["dependencies"] if [button, "click"] in d["targets"])

    def component(self, elem_id: str) -> int:
        parts = self.page["components"]
        return next(part["id"] for part in parts if part["props"].get("elem_id") == elem_id)

    def film(self, config: PlaygroundConfig) -> tuple[float, float]:
        """Milliseconds from the button to the first picture and to the whole film."""
        session = {"session_hash": uuid4().hex}
        event = {**session, "fn_index": self.train["id"], "data": [None, *show_config(config)]}
        first, start = 0.0, time.perf_counter()
        with httpx.Client(timeout=300) as client:
            client.post(f"{self.url}/gradio_api/queue/join", json=event).raise_for_status()
            with client.stream("GET", f"{self.url}/gradio_api/queue/data", params=session) as news:
                for line in news.iter_lines():
                    taken = (time.perf_counter() - start) * 1e3
                    if "frames" in line and not first:
                        first = taken
                    if r"\"state\":\"done\"" in line:
                        return first, taken
                    if '"success":false' in line:
                        break
        raise RuntimeError(f"no film came: {line[:300]}")

    def predict(self, client: httpx.Client) -> None:
        call = f"{self.url}/gradio_api/call/predict_heart"
        event = client.post(call, json={"data": [*PATIENT.values(), None]}).json()["event_id"]
        if "event: complete" not in client.get(f"{call}/{event}").text:
            raise RuntimeError("/predict_heart failed")

    def memory(self) -> float:
        """Resident megabytes, garbage collected."""
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(2)
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def served() -> Iterator[App]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    command, quiet = [sys.executable, "-c", APP], subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=quiet)
    try:
        for _ in range(600):
            try:
                httpx.get(url).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield App(process, url)
    finally:
        process.terminate()
        process.wait(20)


def bench_film(app: App, args: argparse.Namespace) -> None:
    app.film(PlaygroundConfig())
    times = [app.film(PlaygroundConfig()) for _ in range(10 * args.repeats)]
    first, whole = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"the lesson's blobs over HTTP: first picture {first:.0f} ms, film {whole:.0f} ms")


def bench_crowd(app: App, args: argparse.Namespace) -> None:
    longer = PlaygroundConfig.parse({"training": {"epochs": 1000}})
    enough = threading.Event()

    def keep_training() -> int:
        films = 0
        while not enough.is_set():
            app.film(longer)
            films += 1
        return films

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(8) as crowd:
        count = 100 * args.repeats
        idle = statistics.median(milliseconds(lambda: app.predict(client)) for _ in range(count))
        trainers = [crowd.submit(keep_training) for _ in range(8)]
        try:
            time.sleep(1)
            busy = statistics.median(
                milliseconds(lambda: app.predict(client)) for _ in range(count)
            )
        finally:
            enough.set()
        films = [trainer.result() for trainer in trainers]
    print(
        f"/predict_heart: idle {idle:.1f} ms, while 8 train {busy:.1f} ms, {busy / idle:.1f}x; "
        f"{sum(films)} films of 1,000 epochs finished, none failed"
    )


def bench_memory(app: App, args: argparse.Namespace) -> None:
    """Each run has a session of its own, as a visitor who comes once."""
    told = [f"{app.memory():.0f} MB at first"]
    with ThreadPoolExecutor(2) as crowd:
        for done in range(0, args.runs, 50):
            list(crowd.map(app.film, [PlaygroundConfig()] * 50))
            told.append(f"{app.memory():.0f} after {done + 50}")
    print("memory, a session a run:", ", ".join(told))


def bench_playground(args: argparse.Namespace) -> None:
    bench_epoch(args)
    bench_films(args)
    for bench in (bench_film, bench_crowd, bench_memory):
        with served() as app:
            bench(app, args)
