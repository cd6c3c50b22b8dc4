"""The file of a sweep: the same bytes however it came about, and nothing lost on the way."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from classifiers.artifacts import canonical_json
from classifiers.config import SweepConfig
from classifiers.recipes.sweep import file as sweep_file
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.run import compute_row, run_sweep
from scripts import train

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"values": [2, 8], "members": 3, "epochs": 40}


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def quick() -> dict:
    *_, last = run_sweep(SweepConfig.parse(QUICK))
    return last.result


def test_the_number_of_threads_does_not_change_the_bytes(tmp_path):
    # Wide enough that torch, left to itself, would share its sums among four threads.
    config = SweepConfig.parse({"values": [64], "members": 3, "epochs": 40})
    before, files = torch.get_num_threads(), []
    for threads in (1, 4):
        torch.set_num_threads(threads)
        try:
            write_sweep(config, tmp_path / "sweep.json", report=silent)
            assert torch.get_num_threads() == threads
        finally:
            torch.set_num_threads(before)
        files.append((tmp_path / "sweep.json").read_bytes())
    assert files[0] == files[1]


def test_the_file_is_the_result(tmp_path, quick):
    write_sweep(SweepConfig.parse(QUICK), tmp_path / "sweep.json", report=silent)
    assert (tmp_path / "sweep.json").read_text() == canonical_json(quick) + "\n"
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.json"]


KILLED_AFTER_ONE = """
import os, signal, sys
from classifiers.config import SweepConfig
from classifiers.recipes.sweep.file import write_sweep
import json
die = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_sweep(SweepConfig.parse(json.loads(sys.argv[1])), sys.argv[2], report=die)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Path:
    """The folder that a sweep over QUICK left when it was killed after its first value."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED_AFTER_ONE, json.dumps(QUICK), folder / "sweep.json"]
    assert subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    assert left == ["sweep.json.parts", "sweep.json.parts/1.json"]
    return folder


@pytest.fixture
def interrupted(killed, tmp_path) -> Path:
    """The output of that sweep, in a copy of its folder."""
    return shutil.copytree(killed, tmp_path, dirs_exist_ok=True) / "sweep.json"


@pytest.fixture
def computed(monkeypatch) -> list[int]:
    """The indices of the values that are computed from now on."""
    indices = []

    def counting(config: dict, index: int, device: str) -> tuple[int, dict]:
        indices.append(index)
        return compute_row(config, index, device)

    monkeypatch.setattr(sweep_file, "compute_row", counting)
    return indices


def test_a_killed_sweep_goes_on_where_it_stopped(interrupted, computed, quick):
    write_sweep(SweepConfig.parse(QUICK), interrupted, report=silent)
    assert computed == [0]
    assert interrupted.read_text() == canonical_json(quick) + "\n"


@pytest.mark.parametrize("damage", ["altered", "torn", "misplaced"])
def test_a_damaged_part_is_computed_again(interrupted, computed, quick, damage):
    part = Path(f"{interrupted}.parts") / "1.json"
    text = part.read_text()
    if damage == "altered":
        part.write_text(text.replace('"diverged":0', '"diverged":1'))
    elif damage == "torn":
        part.write_text(text[: len(text) // 2])
    else:
        part.rename(part.with_name("0.json"))
    write_sweep(SweepConfig.parse(QUICK), interrupted, report=silent)
    assert sorted(computed) == [0, 1]
    assert interrupted.read_text() == canonical_json(quick) + "\n"


def test_a_part_of_another_sweep_is_not_used(interrupted, computed):
    other = SweepConfig.parse({**QUICK, "members": 2})
    result = write_sweep(other, interrupted, report=silent)
    assert sorted(computed) == [0, 1]
    assert len(result["rows"][1]["test_loss"]["members"]) == 2


def test_the_script_writes_the_file(tmp_path, quick):
    (tmp_path / "config.json").write_text(json.dumps(QUICK))
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), "sweep", "--output", "out.json"]
    run = subprocess.run(
        [*command, "--config", "config.json"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out.json").read_text() == canonical_json(quick) + "\n"
    assert quick["findings"][0] in run.stdout


@pytest.mark.parametrize(
    ("config", "message"),
    [('{"values": [300]}', "values.0: "), ("{", "--config: "), ("absent.json", "--config: ")],
)
def test_the_script_names_a_bad_config(config, message, monkeypatch, capsys, tmp_path):
    output = tmp_path / "sweep.json"
    arguments = ["train.py", "sweep", "--output", str(output), "--config", config]
    monkeypatch.setattr(sys, "argv", arguments)
    assert train.main() == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert list(tmp_path.iterdir()) == []
