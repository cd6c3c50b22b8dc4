"""Speed, as ratios against a reference in the same run: python scripts/bench.py --help"""

import argparse
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_BENCHES = {
    "trainer": ("loops", "bench_trainer"),
    "capstone": ("loops", "bench_capstone"),
    "sweep": ("loops", "bench_sweep"),
    "sweep-scale": ("sweep_scale", "bench_sweep_scale"),
    "first-paint": ("first_visit", "bench_first_paint"),
    "first-load": ("first_visit", "bench_first_load"),
    "drag": ("first_visit", "bench_drag"),
    "serving": ("serving", "bench_serving"),
    "playground": ("playground.run", "bench_playground"),
    "swap": ("swap", "bench_swap"),
    "service": ("service.run", "bench_service"),
    "claims": ("claims", "bench_claims"),
    "files": ("files", "bench_files"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    trainer = commands.add_parser("trainer", help="one epoch and 20 members against plain loops")
    trainer.add_argument("--epochs", type=int, default=2000)
    trainer.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    capstone = commands.add_parser("capstone", help="the three networks")
    capstone.add_argument("--http", action="store_true", help="as a script calls /compare_capstone")
    capstone.add_argument("--page", action="store_true", help="as a visitor draws a world anew")
    commands.add_parser("first-paint", help="what opening the capstone tab costs")
    commands.add_parser("first-load", help="what opening the page costs a browser")
    commands.add_parser("drag", help="one step of the heart tab's two thresholds")
    sweep = commands.add_parser("sweep", help="widths 2 to 256 with many seeds")
    sweep.add_argument("--members", type=int, default=20)
    sweep.add_argument("--epochs", type=int, default=2000)
    sweep.add_argument("--seeds", type=int, default=1, help="how many the loop really runs")
    sweep.add_argument("--threads", type=int, help="of the loop; default: torch's own choice")
    scale = commands.add_parser("sweep-scale", help="very many tiny settings on Dask workers")
    scale.add_argument("--settings", type=int, default=20_000)
    scale.add_argument("--workers", type=int, default=2)
    scale.add_argument("--kill-every", type=float, default=30.0, help="seconds; 0 = never")
    serving = commands.add_parser("serving", help="predictions and start-up")
    serving.add_argument("--export", action="store_true", help="only the starts of exports")
    playground = commands.add_parser("playground", help="an epoch, a film, the page, a crowd")
    parts = ["epoch", "cpu", "http", "moments", "draw", "change", "shift", "tabs", "heap", "crowd"]
    playground.add_argument("--only", nargs="+", choices=[*parts, "memory"])
    playground.add_argument("--speed", type=int, help="epochs a second of a crowd; default: all")
    playground.add_argument("--tf-playground", type=Path, help="TensorFlow Playground's src/nn.ts")
    playground.add_argument("--runs", type=int, default=200, help="after which memory is told")
    swap = commands.add_parser("swap", help="what new weights do to answers in flight")
    swap.add_argument("--swaps", type=int, default=20)
    swap.add_argument("--rate", type=float, default=40.0, help="predictions a second over HTTP")
    files = commands.add_parser("files", help="10,000 patients as CSV and as xlsx: time, memory")
    files.add_argument("--rows", type=int, default=10_000)
    service = commands.add_parser("service", help="a class, attackers, strangers at their worst")
    sections = ["class", "moons", "contended", "greedy", "attacks", "fuzz", "mixed", "stop"]
    service.add_argument("--only", nargs="+", choices=sections, default=sections)
    service.add_argument("--students", nargs="+", type=int, default=[60, 120, 300])
    service.add_argument("--calls", type=int, default=10_000, help="how many are fuzzed")
    service.add_argument("--seed", type=int, default=0, help="of fuzzed calls and mixed traffic")
    service.add_argument("--minutes", type=float, default=15, help="of mixed traffic")
    header = "which a client's address is told in; empty: all clients have the same"
    for command in (service, playground):
        command.add_argument("--forwarded", default="X-Forwarded-For", help=header)
    claims = commands.add_parser("claims", help="how often sentences and intervals are wrong")
    claims.add_argument("--draws", type=float, default=1.0, help="times as many as usual")
    for command in commands.choices.values():
        command.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    module, function = _BENCHES[args.command]
    if args.command == "trainer" and args.device == "cuda":
        module, function = "cuda", "bench_cuda"
    if args.command == "capstone" and args.http:
        module, function = "over_http", "bench_over_http"
    if args.command == "capstone" and args.page:
        module, function = "over_http", "bench_page"
    getattr(importlib.import_module(f"scripts.benchmarks.{module}"), function)(args)


if __name__ == "__main__":
    main()
