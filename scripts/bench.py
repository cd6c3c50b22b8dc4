"""Speed, as ratios against a reference in the same run: python scripts/bench.py --help"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from classifiers.compute.parallel import flushed_subnormals, share_cores  # noqa: E402
from classifiers.config import (  # noqa: E402
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    SweepConfig,
    TrainingConfig,
)
from classifiers.data.splits import split_indices  # noqa: E402
from classifiers.data.synthetic import sample  # noqa: E402
from classifiers.network import MLP  # noqa: E402
from classifiers.recipes.capstone.run import NAMES, capstone_runs, compare_capstone  # noqa: E402
from classifiers.recipes.heart.explain import explain_patient  # noqa: E402
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel  # noqa: E402
from classifiers.recipes.heart.report import heart_report  # noqa: E402
from classifiers.recipes.sweep.file import write_sweep  # noqa: E402
from classifiers.training import Rows, train  # noqa: E402
from classifiers.turns import play  # noqa: E402
from tests.tools.reference import lesson_loop, sequential  # noqa: E402

SHAPES = {
    "2-2-2 tanh": ((2,), "tanh", 0.0),
    "2-16-16-2 relu, dropout .2": ((16, 16), "relu", 0.2),
    "2-16-16-2 relu": ((16, 16), "relu", 0.0),
    "2-256-256-256-2 relu": ((256, 256, 256), "relu", 0.0),
}


def moons(split: int = 0) -> tuple[Rows, Rows]:
    """The lesson's capstone data, split as the lesson does."""
    data = sample(DatasetConfig.parse({"name": "moons", "samples": 300, "noise": 0.3, "seed": 0}))
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    parts = split_indices(300, 0.3, split)
    first, second = (Rows(x[rows], y[rows]) for rows in map(torch.from_numpy, parts))
    return first, second


def seconds(repeats: int, *works: Callable[[], object]) -> list[float]:
    """Seconds of each work, in turns; of each the run that the machine disturbed least."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


def fastest(repeats: int, *works: Callable[[], object]) -> list[float]:
    """`seconds` of each work with as many torch threads as suit it: one, or one a core."""
    columns = []
    for threads in (1, os.cpu_count() or 1):
        torch.set_num_threads(threads)
        columns.append(seconds(repeats, *works))
    return [min(times) for times in zip(*columns, strict=True)]


def ours(
    shape: tuple, rows: tuple[Rows, Rows], epochs: int, members: int, device: str = "cpu"
) -> None:
    widths, activation, dropout = shape
    config = NetworkConfig(widths=widths, activation=activation, dropout=dropout)
    network = MLP(config, 2, 2, members, device=device).initialize(0)
    settings = TrainingConfig(
        optimizer="adam", learning_rate=0.01, epochs=epochs, members=members, seed=0
    )
    train_rows, test_rows = (part.to(device) for part in rows)
    for _ in train(network, settings, train_rows, test=test_rows):
        pass


def bench_trainer(args: argparse.Namespace) -> None:
    if args.device == "cuda":
        from scripts.benchmarks.cuda import bench_cuda

        return bench_cuda(args)
    print(f"torch {torch.__version__}; each with 1 or {os.cpu_count()} threads, as suits it")
    print("both record train and test accuracy: the loop every epoch, ours at most 200 times")
    rows = moons()
    pairs = [(r.x, r.y) for r in rows]
    for name, shape in SHAPES.items():
        widths, activation, dropout = shape

        def loop(widths=widths, activation=activation, dropout=dropout) -> None:
            model = sequential((2, *widths, 2), activation, dropout=dropout, seed=0)
            lesson_loop(model, *pairs, epochs=args.epochs)

        def members(count: int, shape: tuple = shape) -> Callable[[], None]:
            return lambda: ours(shape, rows, args.epochs, count)

        several = [members(20)] if widths == (16, 16) else []
        reference, one, *many = fastest(args.repeats, loop, members(1), *several)
        line = f"{name:28} loop {reference:6.2f} s   ours {one:6.2f} s   {reference / one:5.1f}x"
        for taken in many:
            rate = 20 * reference / taken
            line += f"   20 members {taken:6.2f} s, {rate:5.1f}x members a second"
        print(line, flush=True)
    return None


def bench_capstone(args: argparse.Namespace) -> None:
    train_rows, test_rows = moons()
    pairs = [(r.x, r.y) for r in (train_rows, test_rows)]
    ends: dict[str, float] = {}

    def loops() -> None:
        for name, run in capstone_runs(CapstoneConfig()).items():
            network = run.network
            model = sequential(
                (2, *network.widths, 2), network.activation, dropout=network.dropout, seed=0
            )
            history = lesson_loop(
                model, *pairs, epochs=2000, weight_decay=run.training.weight_decay
            )
            ends[name] = history[-1][1]

    results: dict = {}

    def compare() -> None:
        *_, last = play(compare_capstone(CapstoneConfig()))
        results.update(last)

    def flushed_loops() -> None:
        with flushed_subnormals():
            loops()

    cores = os.cpu_count() or 1
    columns = []
    for _ in range(args.repeats):  # in turns, the loops with as many threads as suit them
        torch.set_num_threads(cores)
        columns.append(seconds(1, loops))
        share_cores()
        columns[-1] += seconds(1, loops, compare, flushed_loops)
    many, one, own, flushed = map(min, zip(*columns, strict=True))
    reference = min(many, one)
    print(
        f"capstone: loops {reference:.2f} s ({many:.2f} s with {cores} threads, {one:.2f} s with "
        f"1), ours {own:.2f} s, {reference / own:.2f}x; of the loops {flushed:.2f} s, "
        f"{flushed / own:.2f}x, if they flush subnormals"
    )
    for name in NAMES:
        accuracy = results[name]["metrics"]["train_accuracy"]
        print(f"  {name:9} train accuracy: loop {ends[name]:.3f}, ours {accuracy:.3f}")


def bench_sweep(args: argparse.Namespace) -> None:
    """The lesson's loop is timed with a few seeds a width, and counted for all of them."""
    config = SweepConfig.parse({"members": args.members, "epochs": args.epochs})
    looped: dict[int, list[float]] = {}
    torch.set_num_threads(args.threads or torch.get_num_threads())
    start = time.perf_counter()
    for width in config.values:
        for seed in range(args.seeds):
            pairs = [(r.x, r.y) for r in moons(seed)]
            model = sequential((2, width, width, 2), "relu", seed=seed)
            history = lesson_loop(model, *pairs, epochs=config.epochs)
            looped.setdefault(width, []).append(history[-1][2])
    timed = time.perf_counter() - start
    reference = timed * config.members / args.seeds
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        output, workers = Path(folder) / "sweep.json", os.cpu_count() or 1
        result = write_sweep(config, output, workers=workers, report=lambda line: None)
        own = time.perf_counter() - start
    print(
        f"sweep, {len(config.values)} widths x {config.members} seeds x {config.epochs} epochs: "
        f"loop {reference:.0f} s (measured {timed:.1f} s for {args.seeds} of {config.members} "
        f"seeds, {torch.get_num_threads()} threads), ours {own:.1f} s ({workers} "
        f"processes, 100,000 fresh points a network included), {reference / own:.1f}x"
    )
    for row in result["rows"]:
        ours, theirs = row["test_accuracy"], statistics.mean(looped[row["value"]])
        same = statistics.mean(ours["members"][: args.seeds])
        print(
            f"  width {row['value']:3} test accuracy: ours {ours['mean']:.3f}, spread "
            f"{ours['spread']:.3f}; the seeds looped: {theirs:.3f}, ours {same:.3f}"
        )


def percentiles(work: Callable[[], object], count: int) -> tuple[float, float]:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), sorted(times)[int(0.95 * count)]


def start_until_200(command: list[str]) -> float:
    """Seconds from starting a server to its first answer; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - start < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
                    return time.perf_counter() - start
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{command} did not answer")
    finally:
        process.terminate()
        process.wait(20)


BARE = "import gradio as gr, torch\nwith gr.Blocks() as d: gr.Markdown('x')\nd.launch()"


def bench_serving(args: argparse.Namespace) -> None:
    share_cores()
    model = HeartModel.load(ROOT / "weights" / "heart")
    patient = SAMPLE_PATIENTS["Angina on effort, age 61"]
    median, high = percentiles(lambda: model.predict(patient), 300)
    print(f"predict in process: median {median:.2f} ms, 95th percentile {high:.2f} ms")

    for name, work in {
        "exact Shapley values": lambda: explain_patient(model, patient),
        "/heart_report for other costs": lambda: heart_report(model, 0.4, 5, 1),
    }.items():
        work()  # what is computed once a model is not counted
        median, high = percentiles(work, 50)
        print(f"{name}: median {median:.1f} ms, 95th percentile {high:.1f} ms")
    rows = [",".join(map(str, patient.values()))] * 10_000
    table = "\n".join([",".join(patient), *rows]).encode()
    median, _ = percentiles(lambda: model.predict_file(table).to_csv(), 3)
    print(f"10,000 rows of CSV: median {median / 1e3:.2f} s")

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

    bare = [start_until_200([sys.executable, "-c", BARE]) for _ in range(args.repeats)]
    own = [start_until_200([sys.executable, "app.py"]) for _ in range(args.repeats)]
    a, b = statistics.median(own), statistics.median(bare)
    print(f"start to first 200: app {a:.2f} s, bare gradio with torch {b:.2f} s, {a / b:.2f}x")


def run_playground_bench(args: argparse.Namespace) -> None:
    from scripts.benchmarks.playground import bench_playground

    bench_playground(args)


def run_swap_bench(args: argparse.Namespace) -> None:
    from scripts.benchmarks.swap import bench_swap

    bench_swap(args)


def run_first_paint_bench(args: argparse.Namespace) -> None:
    from scripts.benchmarks.capstone import bench_first_paint

    bench_first_paint(args)


def run_service_bench(args: argparse.Namespace) -> None:
    from scripts.benchmarks.service import bench_service

    bench_service(args)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    trainer = commands.add_parser("trainer", help="one epoch and 20 members against plain loops")
    trainer.add_argument("--epochs", type=int, default=2000)
    trainer.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    trainer.set_defaults(run=bench_trainer)
    commands.add_parser("capstone", help="the three networks").set_defaults(run=bench_capstone)
    paint = commands.add_parser("first-paint", help="what opening the capstone tab costs")
    paint.set_defaults(run=run_first_paint_bench)
    sweep = commands.add_parser("sweep", help="widths 2 to 256 with many seeds")
    sweep.add_argument("--members", type=int, default=20)
    sweep.add_argument("--epochs", type=int, default=2000)
    sweep.add_argument("--seeds", type=int, default=1, help="how many the loop really runs")
    sweep.add_argument("--threads", type=int, help="of the loop; default: torch's own choice")
    sweep.set_defaults(run=bench_sweep)
    commands.add_parser("serving", help="predictions and start-up").set_defaults(run=bench_serving)
    playground = commands.add_parser("playground", help="an epoch, the film, a crowd, memory")
    playground.add_argument("--tf-playground", type=Path, help="TensorFlow Playground's src/nn.ts")
    playground.add_argument("--runs", type=int, default=200, help="after which memory is told")
    playground.set_defaults(run=run_playground_bench)
    swap = commands.add_parser("swap", help="what new weights do to answers in flight")
    swap.add_argument("--swaps", type=int, default=20)
    swap.add_argument("--rate", type=float, default=40.0, help="predictions a second over HTTP")
    swap.set_defaults(run=run_swap_bench)
    service = commands.add_parser("service", help="a class, attackers, strangers at their worst")
    sections = ["class", "moons", "contended", "greedy", "attacks", "fuzz", "mixed", "stop"]
    service.add_argument("--only", nargs="+", choices=sections, default=sections)
    service.add_argument("--students", nargs="+", type=int, default=[60, 120, 300])
    service.add_argument("--calls", type=int, default=10_000, help="how many are fuzzed")
    service.add_argument("--seed", type=int, default=0, help="of fuzzed calls and mixed traffic")
    service.add_argument("--minutes", type=float, default=15, help="of mixed traffic")
    header = "which a client's address is told in; empty: all clients have the same"
    service.add_argument("--forwarded", default="X-Forwarded-For", help=header)
    service.set_defaults(run=run_service_bench)
    for command in commands.choices.values():
        command.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
