"""The command line: `python -m classifiers predict patients.csv`, `train`, `serve`."""

import argparse
import runpy
import sys
from pathlib import Path

from classifiers.artifacts import ROOT
from classifiers.command.train import main as train
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.wording import counted


def predict(args: argparse.Namespace) -> int:
    """The risk of every patient of a file, as a file or on the standard output."""
    from classifiers.data.files.write import Format
    from classifiers.recipes.heart.model import HeartModel

    repo, _, ref = args.weights.partition("@")
    if Path(args.weights).is_dir():
        model = HeartModel.load(args.weights)
    else:
        model = HeartModel.from_pretrained(repo, ref or "main")
    answer = model.predict_file(args.file, args.threshold)
    written = answer.to_bytes(Format.parse(args.format))
    if args.output is None:
        sys.stdout.buffer.write(written)
    else:
        args.output.write_bytes(written)
        told = f"{counted(len(answer.answers), 'patient')} to {args.output}"
        bad = f"; {len(answer.errors)} could not be read, see the column error"
        print(f"{told}{bad if answer.errors else ''}")
    return 0


def serve(args: argparse.Namespace) -> int:
    """The app, as `scripts/run.sh` starts it."""
    entry = ROOT / "app.py"
    if not entry.is_file():
        raise ConfigError("serve", f"finds no {entry}; install the package anew, with pip")
    runpy.run_path(str(entry), run_name="__main__")
    return 0


def main() -> int:
    """Runs the command of the process' own words; gives the exit code."""
    if sys.argv[1:2] == ["train"]:
        return train(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m classifiers", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="{predict,train,serve}")
    one = commands.add_parser("predict", help="the risk of every patient of a table")
    one.add_argument("file", type=Path, help=".csv .tsv .txt .data .tab .arff .xlsx .xls")
    one.add_argument(
        "--weights", default=str(ROOT / "weights" / "heart"), help="a folder, or user/name[@ref]"
    )
    one.add_argument("--threshold", type=float, help="disease from this probability on")
    one.add_argument("--format", help="csv; csv-comma, -semicolon, -tab for Excel; or xlsx")
    one.add_argument("--output", type=Path, help="a file; default: the standard output")
    one.set_defaults(run=predict)
    commands.add_parser("train", help="weights, experiments and sweeps: train --help")
    commands.add_parser("serve", help="the app on this machine").set_defaults(run=serve)
    args = parser.parse_args()
    try:
        return int(args.run(args))
    except ClassifiersError as error:
        print(f"error: {error}", file=sys.stderr)
    except ImportError as error:
        print(f"error: {error}; install the extras: pip install .[app]", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
