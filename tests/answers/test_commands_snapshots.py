"""What commands do with their words, say of themselves and of words that they do not take, and what
endpoints say of their parameters, whole: held against what was looked at and kept.
"""

import argparse
import dataclasses
import hashlib
import importlib
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers import __main__ as package
from classifiers.command import train
from classifiers.errors import ConfigError
from classifiers.recipes.capstone import sweeps, weights
from classifiers.recipes.capstone.worlds import record
from classifiers.recipes.exercises import exercises
from classifiers.recipes.heart import artifact, card, findings, model
from classifiers.recipes.heart.experiments import run as experiments
from classifiers.recipes.sweep import file as sweep_file
from classifiers.ui.endpoints import parameters
from classifiers.ui.endpoints.lesson import lesson_parameters
from classifiers.ui.playground.fields import page_settings
from tests.answers.thinned import attempt, hold
from tests.conftest import ROOT
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

CHOICES = re.compile(r"\(choose from .*\)")  # with quotes or without, by Python's version
TRAIN = [
    [], ["--help"], ["heart", "--help"], ["sweep", "--help"], ["sweep"], ["fly"],
    ["heart", "--decode", "other"], ["heart", "--accept-labels", "mine"], ["heart", "--units"],
    ["heart", "--data", "none.csv"], ["heart", "--data", "x.csv", "--units", "chol"],
    ["heart", "--data", "x.csv", "--units", "chol=pints"],
    ["heart", "--data", "x.csv", "--codes", "sex=1"],
    ["heart", "--data", "x.csv", "--codes", "sex=1:m,2"],
    ["heart", "--data", "x.csv", "--codes", "sex=1:?", "thal=3:ill"],
    ["heart", "--data", "x.csv", "--columns", "who=age"],
    ["heart", "--data", "x.csv", "--audit-only"], ["heart-experiments", "--help"],
    ["capstone-worlds", "--workers", "many"],
    ["sweep", "--output", "o.json", "--workers", "0", "--device", "cpu"],
    ["sweep", "--output", "o.json", "--config", "{"],
    ["sweep", "--output", "o.json", "--config", "[]"],
    ["sweep", "--output", "o.json", "--config", '{"over": "colour"}'],
    ["sweep", "--output", "o.json", "--config", "none.json"],
    ["sweep", "--output", "o.json", "--device", "abacus"],
]  # fmt: skip
PACKAGE = [
    [], ["--help"], ["predict", "--help"], ["predict"], ["fly"], ["predict", "none.csv"],
    ["predict", "x.csv", "--threshold", "2"], ["predict", "x.csv", "--threshold", "high"],
    ["predict", "x.csv", "--format", "pdf"], ["predict", "x.csv", "--output", "out.csv"],
]  # fmt: skip
PUSH = [[], ["--help"], ["weights"], ["none", "--repo", "user/heart"], ["none", "--repo", "a@b"],
        ["none", "--repo", "user"], ["none", "--repo", "user/x", "--timeout", "soon"]]  # fmt: skip
DEPLOY = [[], ["--help"], *(["--space", *words] for words in (
    ["user/x@y"], ["user"], ["user/x", "--hardware", "moon"], ["user/x", "--variable", "a"],
    ["user/x", "--secret", "not_there"]))]  # fmt: skip
MAINS = {
    "train": (train.main, TRAIN, "train.py"), "package": (package.main, PACKAGE, "classifiers"),
    "push": ("push_weights", PUSH, "push_weights.py"),
    "deploy": ("deploy_space", DEPLOY, "deploy_space.py"),
}  # fmt: skip


@pytest.mark.parametrize("name", MAINS)
def test_command_lines(name, snapshots, monkeypatch, capsys, tmp_path):
    main, lines, program = MAINS[name]
    if isinstance(main, str):
        monkeypatch.syspath_prepend(ROOT / "scripts")
        main = importlib.import_module(main).main
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "x.csv").write_text("age,sex,cp\n50,1,2\nold,0,3\n")
    for words in lines:
        monkeypatch.setattr(sys, "argv", [program, *words])
        try:
            code = main()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        out, err = said.out.splitlines(), said.err.splitlines()
        if "--help" in words:
            out = out[out.index("") :]  # usage breaks its lines as Python's version likes
        told = [f"exit {code}", *out, *(line for line in err if "error:" in line)]
        told = [line.replace(str(tmp_path), "HERE").replace(str(ROOT), "ROOT") for line in told]
        told = [CHOICES.sub(lambda m: m[0].replace("'", ""), line) for line in told]
        assert not any("Traceback" in line for line in told)
        snapshots.hold(" ".join(words) or "nothing", told, alone=True)


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {k: plain(getattr(value, k)) for k in (f.name for f in dataclasses.fields(value))}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def test_parameters_of_endpoints(snapshots):
    names = ("PATIENT", "THRESHOLD", "COSTS", "DETAIL", "ROWS", "FILE", "READING", "FORMAT")
    for name in names:
        hold(snapshots, name, plain(getattr(parameters, name)), 40)
    hold(snapshots, "exercise", plain(parameters.exercise_parameter()), 40)
    hold(
        snapshots, "lesson", plain({k: v for k, v in lesson_parameters().items() if k != "config"})
    )
    hold(snapshots, "exercises", {key: one.describe() for key, one in exercises().items()})
    hold(snapshots, "settings of the page", page_settings(), 9)
    own = {"own network": {"config": parameters.own_network()}}
    runs = {name: getattr(parameters, name) for name in ("PLAYGROUND", "CAPSTONE", "SWEEP")}
    for name, told in (runs | own).items():
        shown = plain(told)
        schema, *others = shown["config"]["schema"]["anyOf"]
        limits = schema.get("allOf", [])[-1:]
        shown["config"]["schema"] = [schema["description"], *schema["properties"], *limits, *others]
        shown.get("device", {}).pop("schema", None)
        hold(snapshots, name, shown, 40)


WORDS: list[list[str]] = [
    ["heart"], ["heart", "--audit-only", "--decode", "kaggle", "--accept-labels", "lesson"],
    ["heart", "--units", "chol=mmol/l", "--columns", "age=x", "--output", "o"],
    ["heart-experiments"], ["heart-experiments", "--sites", "s", "--data", "d"], ["capstone"],
    ["capstone-worlds", "--workers", "3"], ["capstone-sweeps", "--workers", "2", "--output", "o"],
    ["sweep", "--output", "o"], ["sweep", "--output", "o", "--halving", "--task-seconds", "2",
                                 "--scheduler", "tcp://h:1", "--device", "cpu", "--workers", "4"],
]  # fmt: skip


def test_words_of_commands(snapshots):
    root = str(train.ROOT)
    for words in WORDS:
        told = {key: str(getattr(value, "__name__", value)).replace(root, "ROOT")
                for key, value in vars(train.parse_args(words)).items()}  # fmt: skip
        if "--workers" not in words:
            told.pop("workers", None)
        hold(snapshots, " ".join(words), told)


def test_what_commands_do(snapshots, monkeypatch, capsys, tmp_path):
    root = str(train.ROOT)
    calls: list[Any] = []

    def noted(name: str, answer: Any = None) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            shown = [type(one).__name__ if len(repr(one)) > 90 else str(one) for one in args]
            calls.append([name, shown, {key: str(getattr(v, "__name__", v)) for key, v in
                                        named.items()}])  # fmt: skip
            return answer

        return call

    result = {"findings": ["One.", "Two."]}
    gap = {"low": -0.01, "high": 0.02}
    metrics = {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}
    part = {
        "metrics": metrics,
        "logistic_regression": {"metrics": metrics, "difference": {"auc": gap}},
    }
    trained = SimpleNamespace(metadata=SimpleNamespace(evaluation={"out_of_fold": part,
                                                                   "held_out": part}))  # fmt: skip
    for module, name, answer in (
        (record, "write_worlds", None), (sweeps, "write_sweeps", None),
        (weights, "train_capstone", None), (sweep_file, "write_sweep", result),
        (artifact, "train_heart", trained), (card, "write_card", None),
        (experiments, "add_experiments", "an artifact"), (model, "HeartModel", "a model"),
        (findings, "describe_experiments", [{"title": "A", "findings": ["one", "two"]}]),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, noted(name, answer))
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_bytes(to_csv(invent_patients(90, seed=3), UCI_HEADER))
    Path("c.json").write_text(json.dumps({"values": [2, 3], "members": 2}))
    given = ["capstone --output o", "capstone-worlds --output o --workers 2", "heart --data p.csv "
             "--output o", "heart-experiments --data p.csv --output o",
             "capstone-sweeps --output o --workers 2",
             "heart --data p.csv --audit-only",
             "sweep --output o --config c.json --device cpu",
             "sweep --output o --workers 2 --config "
             '{"values":[2]} --device cpu --task-seconds 3 --halving',
             "sweep --output o --config x",
             "sweep --output o --config [] --device cpu"]  # fmt: skip
    for text in given:
        calls.clear()
        code = train.run(train.parse_args(text.split()))
        said = capsys.readouterr()
        lines = [one for one in said.out.splitlines() if not one.endswith(" s")][:40]
        told = [code, *lines, said.err.strip(), *calls]
        hold(snapshots, text, json.loads(json.dumps(told).replace(root, "ROOT").replace(
            str(tmp_path), "HERE")), 60)  # fmt: skip


class Weights:
    """Of a model that answers as it is told to."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: Any = None

    def _noted(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            self.asked.append([name, *map(str, given), *named.items()])
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self if name != "predict_file" else self.answer

        return call

    def __getattr__(self, name: str) -> Any:
        return self._noted(name)


def test_whose_weights_predict(snapshots, monkeypatch, tmp_path, capfdbinary):
    weights = Weights()
    monkeypatch.setattr(model, "HeartModel", weights)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(package.runpy, "run_path", weights._noted("run"))

    def answer(errors: int, patients: int = 3) -> Any:
        return SimpleNamespace(
            answers=[0] * patients,
            errors=dict.fromkeys(range(errors)),
            to_bytes=lambda how: repr(how).encode(),
        )

    lines: dict[str, tuple[str, Any]] = {
        "usual": ("predict a.csv", answer(0)), "own": ("predict a.csv --weights own", answer(0)),
        "repo": ("predict a.csv --weights user/heart", answer(0)),
        "ref": ("predict a.csv --weights user/heart@v1 --threshold 0.25", answer(0)),
        "file": ("predict a.csv --output out --format xlsx", answer(0)),
        "file, one patient": ("predict a.csv --output out", answer(1, 1)),
        "file, bad rows": ("predict a.csv --output out --format csv-tab", answer(2)),
        "refused": ("predict a.csv", ConfigError("threshold", "must be less")),
        "no file": ("predict a.csv", FileNotFoundError(2, "No such file", "a.csv")),
        "no extras": ("predict a.csv", ImportError("no pandas")), "serve": ("serve", None),
    }  # fmt: skip
    for name, (words, told) in lines.items():
        weights.asked.clear()
        weights.answer = told
        monkeypatch.setattr(sys, "argv", ["classifiers", *words.split()])
        code = package.main()
        said = [part.decode().splitlines() for part in capfdbinary.readouterr()]
        written = (tmp_path / "out").read_text() if "out" in words.split() else None
        shown = json.dumps([code, *weights.asked, *said, written]).replace(str(ROOT), "ROOT")
        hold(snapshots, name, json.loads(shown), 40)
    monkeypatch.setattr(package, "ROOT", tmp_path)
    hold(
        snapshots, "no entry", str(attempt(lambda: package.serve(None))).replace(str(tmp_path), "X")
    )  # type: ignore[arg-type]


def test_how_commands_refuse(snapshots, capsys):
    for error in (ConfigError("workers", "must be more"), ConfigError("task_seconds", "must"),
                  ConfigError("other", "must"), ConfigError("device", "must"),
                  OSError(2, "No such file", "f"), OSError("x"),
                  KeyboardInterrupt()):  # fmt: skip

        def fail(args: Any, error: BaseException = error) -> int:
            raise error

        code = train.run(argparse.Namespace(run=fail, workers=1, task_seconds=2))
        hold(snapshots, repr(error), [code, capsys.readouterr().err])
    known = ("workers", "scheduler", "device", "halving", "task_seconds")
    asked = argparse.Namespace(**dict.fromkeys(known), output="o")
    for field in (*known, "output", "epochs"):
        error = str(ConfigError(field, f"must be less than {field}"))
        hold(snapshots, f"as an option, {field}", train._as_option(error, asked))
    for told in ("1:male,2:female", "1", "1:", "a:b:c", ""):
        hold(snapshots, f"codes {told!r}", attempt(lambda told=told: train._codes(told)))
    for pairs in (["a=b"], ["a"], ["a=b=c", " d =e"], None):
        hold(snapshots, f"pairs {pairs}", attempt(lambda pairs=pairs: train._pairs("--x", pairs)))


def test_what_is_downloaded(snapshots, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(train, "CACHE", tmp_path / "cache")
    source = tmp_path / "a.data"
    source.write_bytes(b"x" * 10_000)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    asked = [(source.as_uri(), digest), (source.as_uri(), digest), (source.as_uri(), "0" * 64),
             ((tmp_path / "none").as_uri(), digest)]  # fmt: skip
    for number, (url, wanted) in enumerate(asked):
        told = attempt(lambda url=url, wanted=wanted: train.download(url, wanted).read_bytes()[:3])
        shown = str([told, capsys.readouterr().err.split("\r")]).replace(str(tmp_path), "HERE")
        hold(snapshots, f"{number}", shown)
    hold(snapshots, "kept", sorted(one.name for one in (tmp_path / "cache").iterdir()))
