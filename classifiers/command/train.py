"""Trains the weights that ship with the app, and sweeps: `python -m classifiers train --help`."""

import argparse
import hashlib
import json
import os
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from classifiers.errors import ClassifiersError, ConfigError, DataError
from classifiers.wording import counted

_CHECKOUT = Path(__file__).resolve().parents[2]
# An installed package keeps nothing beside itself.
ROOT = _CHECKOUT if (_CHECKOUT / "weights").is_dir() else Path.cwd()
UCI_URL = (
    "https://archive.ics.uci.edu/ml/machine-learning-databases/heart-disease/"
    "processed.cleveland.data"
)
UCI_SHA256 = "a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8"
SITES = ("hungarian", "switzerland", "va")
CACHE = ROOT / ".cache"


def download(url: str = UCI_URL, sha256: str = UCI_SHA256) -> Path:
    """UCI's file, from the cache or its own address, verified."""
    path = CACHE / url.rsplit("/", 1)[-1]
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return path
    fix = "download it by hand and pass --data PATH"
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            total, data = int(response.headers.get("Content-Length") or 0), b""
            while chunk := response.read(4096):
                data += chunk
                share = len(data) / total if total else 0
                bar = "#" * int(30 * share)
                print(f"\r{path.name} [{bar:30}] {len(data):,} bytes", end="", file=sys.stderr)
            print(file=sys.stderr)
    except OSError as error:
        raise DataError(url, f"cannot be downloaded ({error}); {fix}") from None
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise DataError(url, f"must have SHA-256 {sha256}, got {digest}; {fix}")
    CACHE.mkdir(exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
    return path


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """Words of the form field=value, as the options of a file are given."""
    pairs = {}
    for word in given or ():
        name, sign, value = word.partition("=")
        if not sign:
            raise ConfigError(option, f"must be field=value, got {word[:60]!r}")
        pairs[name.strip()] = value
    return pairs


def _codes(told: str) -> dict[str, str]:
    """Codes of one field, as 1:male,2:female; ? or nothing after the colon is missing."""
    codes = {}
    for pair in told.split(","):
        code, sign, meaning = pair.partition(":")
        if not sign:
            raise ConfigError("--codes", f"must be field=code:meaning,..., got {pair[:60]!r}")
        codes[code] = meaning
    return codes


def train_heart(args: argparse.Namespace) -> int:
    from classifiers.data.heart.file import audit_heart, read_heart

    path = args.data or download()
    options = {
        "accept_labels": args.accept_labels,
        "decode": args.decode,
        "units": _pairs("--units", args.units),
        "codes": {name: _codes(told) for name, told in _pairs("--codes", args.codes).items()},
        "columns": _pairs("--columns", args.columns),
    }
    audit = audit_heart(path, **options)
    if args.audit_only:
        print(json.dumps(audit.to_dict(), indent=2))
        return 0 if audit.accepted else 2
    for finding in audit.findings:
        print(f"audit: {finding.message}")
    from classifiers.recipes.heart import artifact as heart_artifact
    from classifiers.recipes.heart import card as heart_card

    artifact = heart_artifact.train_heart(read_heart(path, **options), args.output)
    for part in ("out_of_fold", "held_out"):
        record = artifact.metadata.evaluation[part]
        for name, estimate in record["metrics"].items():
            other = record["logistic_regression"]["metrics"][name]["value"]
            gap = record["logistic_regression"]["difference"][name]
            print(
                f"{part:12} {name:9} {estimate['value']:.4f} "
                f"[{estimate['low']:.4f}, {estimate['high']:.4f}]   logistic regression "
                f"{other:.4f}, difference [{gap['low']:+.4f}, {gap['high']:+.4f}]"
            )
    heart_card.write_card(args.output)
    return 0


def run_heart_experiments(args: argparse.Namespace) -> int:
    from classifiers.data.heart.file import read_heart
    from classifiers.recipes.heart import card as heart_card
    from classifiers.recipes.heart.experiments.run import add_experiments
    from classifiers.recipes.heart.findings import (
        describe_experiments,
    )
    from classifiers.recipes.heart.model import HeartModel

    names = SITES if args.sites else ()
    sites = {name: read_heart(args.sites / f"processed.{name}.data") for name in names}
    artifact = add_experiments(args.output, read_heart(args.data or download()), sites)
    heart_card.write_card(args.output)
    for experiment in describe_experiments(HeartModel(artifact)):
        print(experiment["title"])
        for finding in experiment["findings"]:
            print(f"  {finding}")
    return 0


def train_capstone(args: argparse.Namespace) -> int:
    from classifiers.recipes.capstone import weights as capstone_weights

    capstone_weights.train_capstone(args.output)
    return 0


def run_capstone_worlds(args: argparse.Namespace) -> int:
    from classifiers.recipes.capstone.worlds.record import write_worlds

    write_worlds(args.output, CACHE / "capstone-worlds", workers=args.workers, report=say)
    return 0


def run_capstone_sweeps(args: argparse.Namespace) -> int:
    from classifiers.recipes.capstone.sweeps import full_plan, write_sweeps

    checkpoint = CACHE / "capstone-sweeps"
    write_sweeps(args.output, checkpoint, full_plan(), workers=args.workers, report=say)
    return 0


def run_sweep(args: argparse.Namespace) -> int:
    from classifiers.config import parse_sweep
    from classifiers.recipes.sweep.device import choose_device
    from classifiers.recipes.sweep.file import write_sweep

    given = args.config
    try:
        text = given if given.lstrip()[:1] in ("", "{") else Path(given).read_text()
        config = json.loads(text or "{}")
    except (OSError, ValueError, RecursionError) as error:
        message = f"must be a JSON object or a file that holds one ({error}); got {given[:80]!r}"
        raise ConfigError("--config", message) from None
    sweep = parse_sweep(config)
    alone = args.workers == 1 and args.scheduler is None
    device = choose_device(args.device, sweep) if alone or args.device != "auto" else "cpu"
    say(f"{counted(sweep.count, 'setting')} x {counted(sweep.members, 'member')} on {device}")
    result = write_sweep(
        sweep,
        args.output,
        workers=args.workers,
        scheduler=args.scheduler,
        device=device,
        report=say,
        task_seconds=args.task_seconds,
        halving=args.halving,
    )
    print(*result["findings"], sep="\n")
    return 0


def say(line: str) -> None:
    """Progress, which reaches a redirected log as it happens."""
    print(line, flush=True)


def parse_args(words: Sequence[str] | None = None) -> argparse.Namespace:
    from classifiers.data.heart.file import DECODES

    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    heart = commands.add_parser("heart", help="the heart-disease model")
    heart.add_argument("--data", type=Path, help="the data file; default: download UCI's")
    heart.add_argument("--audit-only", action="store_true", help="print the audit as JSON and stop")
    heart.add_argument("--accept-labels", choices=["lesson"], help="train on num >= 2 labels")
    heart.add_argument("--decode", choices=DECODES, help="convert that copy to UCI's")
    heart.add_argument(
        "--units", nargs="+", metavar="FIELD=UNIT", help="as chol=mmol/l fbs=mg/dl; converted"
    )
    heart.add_argument(
        "--codes", nargs="+", metavar="FIELD=CODE:MEANING,...", help="as sex=1:male,2:female"
    )
    heart.add_argument(
        "--columns", nargs="+", metavar="FIELD=NAME", help='which is which, as thalach="HF max"'
    )
    heart.add_argument("--output", type=Path, default=ROOT / "weights" / "heart")
    heart.set_defaults(run=train_heart)
    experiments = commands.add_parser(
        "heart-experiments", help="the lesson's claims measured, into the heart model's metadata"
    )
    experiments.add_argument("--data", type=Path, help="the file that the model was trained on")
    experiments.add_argument("--sites", type=Path, help="a folder with UCI's other three files")
    experiments.add_argument("--output", type=Path, default=ROOT / "weights" / "heart")
    experiments.set_defaults(run=run_heart_experiments)
    capstone = commands.add_parser("capstone", help="the capstone's three networks")
    capstone.add_argument("--output", type=Path, default=ROOT / "weights" / "capstone")
    capstone.set_defaults(run=train_capstone)
    worlds = commands.add_parser(
        "capstone-worlds", help="the three networks on new points, splits and starts; resumable"
    )
    worlds.add_argument("--output", type=Path, default=ROOT / "weights" / "capstone")
    worlds.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="local processes")
    worlds.set_defaults(run=run_capstone_worlds)
    sweeps = commands.add_parser(
        "capstone-sweeps", help="all sweeps that the capstone shows, and early stopping's optimism"
    )
    sweeps.add_argument("--output", type=Path, default=ROOT / "weights" / "capstone")
    sweeps.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="local processes")
    sweeps.set_defaults(run=run_capstone_sweeps)
    _add_sweep(commands.add_parser("sweep", help="settings at many values, with error bars"))
    return parser.parse_args(words)


def _add_sweep(sweep: argparse.ArgumentParser) -> None:
    sweep.add_argument(
        "--config", default="", help="a SweepConfig or SearchConfig: JSON or a file; default: width"
    )
    sweep.add_argument("--output", type=Path, required=True, help="the result, a JSON file")
    sweep.add_argument("--workers", type=int, default=1, help="local processes")
    sweep.add_argument("--scheduler", help="a Dask scheduler's tcp://host:port, in their place")
    sweep.add_argument("--device", default="auto", help="auto (by measurement), cpu or cuda")
    sweep.add_argument("--task-seconds", type=float, help="limit of a task; default: by estimate")
    sweep.add_argument("--halving", action="store_true", help="hopeless settings stop early")
    sweep.set_defaults(run=run_sweep)


def run(args: argparse.Namespace) -> int:
    """The command; what a person can mend is told in one sentence."""
    start = time.perf_counter()
    try:
        from classifiers.compute.parallel import share_cores

        share_cores()  # the bytes depend on it
        code = args.run(args)
    except ClassifiersError as error:
        return _refuse(_as_option(str(error), args))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        return _refuse(f"{where}cannot be written or read ({reason}); {_AGAIN}")
    except KeyboardInterrupt:
        return _refuse(f"stopped: {_AGAIN}", 130)
    if not getattr(args, "audit_only", False):
        print(f"{time.perf_counter() - start:.1f} s")
    return code


_AGAIN = "what was done of a sweep is kept, and the same command goes on with it"
_OPTIONS = ("workers", "scheduler", "device", "halving", "task_seconds")


def _as_option(message: str, args: argparse.Namespace) -> str:
    """A field that is an option here is named as one."""
    field = message.partition(":")[0]
    option = f"--{field.replace('_', '-')}"
    return (
        message.replace(field, option, 1) if field in _OPTIONS and hasattr(args, field) else message
    )


def _refuse(message: str, code: int = 2) -> int:
    sys.stdout.flush()
    print(f"error: {message}" if code == 2 else message, file=sys.stderr)
    return code


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command, of the process' own words unless others are given; gives the exit code."""
    return run(parse_args(words))
