"""What commands say of themselves and of words that they do not take, and what endpoints say of
their parameters, whole: held against what was looked at and kept.
"""

import dataclasses
import importlib
import re
import sys
from typing import Any

import pytest

from classifiers import __main__ as package
from classifiers.command import train
from classifiers.recipes.exercises import exercises
from classifiers.ui.endpoints import parameters
from classifiers.ui.endpoints.lesson import lesson_parameters
from classifiers.ui.playground.fields import page_settings
from tests.answers.thinned import hold
from tests.conftest import ROOT

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
