"""The package as pip installs it, away from this checkout; other packages are borrowed."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import torch

from tests.conftest import ROOT, Server
from tests.tools.app_client import Caller

PARTS = ("pyproject.toml", "README.md", "LICENSE", "app.py", "classifiers", "weights")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with nothing but an environment into which the package was installed."""
    place, source = tmp_path_factory.mktemp("place"), tmp_path_factory.mktemp("source")
    for name in PARTS:  # a build leaves files in its source
        path = ROOT / name
        unwanted = shutil.ignore_patterns("__pycache__")
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=unwanted)
        else:
            shutil.copy(path, source)
    venv.create(place / "venv")
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    (site / "borrowed.pth").write_text(f"{Path(torch.__file__).parents[1]}\n")
    pip = [sys.executable, "-m", "pip", "--python", place / "venv/bin/python", "install", "--quiet"]
    built = [*pip, "--no-deps", "--no-index", "--no-build-isolation", source]
    told = subprocess.run(built, cwd=place, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return place


def run(place: Path, *words: str) -> str:
    told = subprocess.run(
        [place / "venv/bin/python", *words], cwd=place, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_all_files_of_the_package_and_all_weights_are_installed(place):
    site = next((place / "venv" / "lib").glob("python*/site-packages"))
    for own, here in (
        (ROOT / "classifiers", site / "classifiers"),
        (ROOT / "weights", place / "venv/share/classifiers/weights"),
    ):
        wanted, found = (
            {
                path.relative_to(folder).as_posix()
                for path in folder.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            }
            for folder in (own, here)
        )
        assert wanted - found - {"README.md"} == set()
    assert (place / "venv/share/classifiers/app.py").read_bytes() == (ROOT / "app.py").read_bytes()


def test_it_predicts_in_any_folder(place):
    (place / "patients.csv").write_text("age,sex\n61,male\n")
    code = (
        "import runpy, sys, classifiers.artifacts as a; print(a.__file__, a.ROOT, flush=True)\n"
        "sys.argv[1:] = ['predict', 'patients.csv']\n"
        "runpy.run_module('classifiers', run_name='__main__')\n"
    )
    where, head, *_ = run(place, "-c", code).splitlines()
    assert all(str(place / "venv") in path for path in where.split())
    assert head.startswith("age,sex,probability")


def test_it_serves_in_any_folder(place, tmp_path):
    python = str(place / "venv/bin/python")
    server = Server(tmp_path, place, python, ("-m", "classifiers", "serve"), PYTHONPATH="")
    try:
        call = Caller(server.url)
        assert call("model_info")["source"] == "weights/heart"
        settings = {"over": "width", "values": [2], "members": 1, "epochs": 3}
        assert json.dumps(call("sweep", settings, "cpu")["rows"])
        assert call("run_exercise", 9)["findings"]
    finally:
        server.stop()
    assert "Traceback" not in server.log.read_text()
