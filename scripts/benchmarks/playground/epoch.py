"""An epoch of the playground against TensorFlow Playground's code."""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from classifiers.compute.parallel import share_cores
from classifiers.config import PlaygroundConfig
from classifiers.network import MLP
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import recorded_epochs
from classifiers.training import train

MOONS = PlaygroundConfig.parse(
    {
        "dataset": {"name": "moons", "samples": 300, "noise": 0.3, "seed": 0},
        "network": {"widths": [16, 16], "outputs": "one_logit"},
        "training": {"epochs": 2000, "test_share": 0.3},
    }
)
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
