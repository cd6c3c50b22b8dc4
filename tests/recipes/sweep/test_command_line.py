"""`train.py sweep` as a person meets it: one sentence, nothing lost, no traceback."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from classifiers.artifacts import canonical_json, write_whole
from classifiers.command import train
from classifiers.config import SweepConfig
from classifiers.errors import ArtifactError
from classifiers.recipes.sweep import file as sweep_file
from classifiers.recipes.sweep.run import run_sweep
from tests.processes.warm import warm

ROOT = Path(__file__).resolve().parents[3]
QUICK = {"values": [2, 8], "members": 3, "epochs": 40}
SCRIPT = [sys.executable, str(ROOT / "scripts" / "train.py"), "sweep"]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command in this process: its exit code, and what it said on either side."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["train.py", "sweep", *map(str, arguments)])
        code = train.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return command


def test_the_script_writes_the_file_and_loads_no_dask(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(QUICK))
    python, *words = SCRIPT
    done = subprocess.run(
        [python, "-X", "importtime", *words, "--output", "out.json", "--config", "config.json"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *_, last = run_sweep(SweepConfig.parse(QUICK))
    assert (tmp_path / "out.json").read_text() == canonical_json(last.result) + "\n"
    assert last.result["findings"][0] in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "classifiers.recipes.sweep.file" in loaded
    assert not {"joblib", "dask", "distributed"} & loaded


def test_a_search_is_taken_too(run, tmp_path):
    search = {"grid": {"width": [2, 3], "noise": [0.1]}, "members": 1, "epochs": 2}
    code, out, _ = run("--config", json.dumps(search), "--output", tmp_path / "x.json")
    assert code == 0
    assert "2 settings x 1 member on cpu" in out
    rows = json.loads((tmp_path / "x.json").read_text())["rows"]
    assert [row["values"] for row in rows] == [
        {"width": 2, "noise": 0.1}, {"width": 3, "noise": 0.1},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('{"values": [300]}', "values.0: "),
        ('{"grid": {"width": [300]}}', "grid.width"),
        ("{", "--config: "),
        ("absent.json", "--config: "),
        ("[" * 99_999, "--config: "),
    ],
)
def test_the_script_names_a_bad_config(config, message, run, tmp_path):
    code, _, said = run("--output", tmp_path / "sweep.json", "--config", config)
    assert code == 2
    assert said.startswith(f"error: {message}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "field"),
    [(("--workers", 0), "--workers"), (("--device", "tpu"), "--device"),
     (("--scheduler", "nonsense"), "--scheduler")],
)  # fmt: skip
def test_errors_name_the_options_there_are(options, field, run, tmp_path):
    code, _, said = run("--output", tmp_path / "x.json", *options)
    assert code == 2
    assert said.startswith(f"error: {field}: ")
    assert said.count("\n") == 1


def test_a_device_node_is_still_one_afterwards(run, tmp_path):
    node = tmp_path / "null"
    try:
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except OSError:
        pytest.skip("only root makes devices")
    code, _, said = run("--output", node, "--config", json.dumps(QUICK))
    assert code == 2
    assert f"{node}: is no regular file" in said
    assert stat.S_ISCHR(node.stat().st_mode)
    with pytest.raises(ArtifactError, match="is no regular file"):
        write_whole(node, b"x")
    assert stat.S_ISCHR(node.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["null"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to a device", "inside a file"])
def test_an_output_that_is_no_place_for_a_file_is_refused(kind, run, tmp_path):
    output = tmp_path / "out"
    if kind == "folder":
        output.mkdir()
    elif kind == "pipe":
        os.mkfifo(output)
    elif kind == "link to a device":
        output.symlink_to("/dev/null")
    else:
        output.touch()
        output = output / "sweep.json"
    code, _, said = run("--output", output, "--config", json.dumps(QUICK))
    assert code == 2
    assert said.startswith(f"error: {tmp_path / 'out'}")
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_one_sentence(run, tmp_path, monkeypatch):
    def full(self, *_):
        raise OSError(28, "No space left on device", str(self.path))

    monkeypatch.setattr(sweep_file.Parts, "write", full)
    code, _, said = run("--output", tmp_path / "x.json", "--config", json.dumps(QUICK))
    assert code == 2
    assert "x.json.jsonl: cannot be written or read (No space left on device)" in said
    assert "the same command goes on" in said


def test_garbage_where_tasks_were_kept_is_moved_aside(run, tmp_path):
    (tmp_path / "x.json.jsonl").write_bytes(b"\x80garbage")
    code, out, _ = run("--output", tmp_path / "x.json", "--config", json.dumps(QUICK))
    assert code == 0
    kept = tmp_path / "x.json.jsonl"
    assert f"{kept} was of another sweep or version; it is now {kept}.1\n" in out
    assert (tmp_path / "x.json.jsonl.1").read_bytes() == b"\x80garbage"


# The script in a group of its own, which hears of the interrupt as that of a terminal does.
IN_A_GROUP = """
import os, runpy, signal, sys
os.setsid()
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_ctrl_c_is_one_sentence_and_the_same_command_goes_on(tmp_path):
    """Progress is in the redirected log as it happens; the whole group hears of the interrupt."""
    config = json.dumps({"values": [2, 3, 256], "members": 2, "epochs": 3000,
                         "base": {"dataset": {"samples": 40}}})  # fmt: skip
    words = [*SCRIPT[1:], "--output", "x.json", "--config", config, "--workers", "2"]
    log = tmp_path / "log"
    log.touch()
    process = warm().start("-c", IN_A_GROUP, *words, cwd=tmp_path, out=log)
    deadline = time.monotonic() + 200
    while " of 3 done" not in log.read_text() and time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 130
    said = log.read_text().splitlines()
    assert said[-1].startswith("stopped: what was done of a sweep is kept")
    assert not any("Traceback" in line or "Error" in line for line in said)
    assert len((tmp_path / "x.json.jsonl").read_text().splitlines()) >= 2
    assert not (tmp_path / "x.json").exists()
