"""What the capstone shows at once: computed once, gone on with after a kill, verified when read."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from classifiers.config import CapstoneConfig, SweepConfig
from classifiers.errors import ArtifactError
from classifiers.recipes.capstone import contest as capstone_contest
from classifiers.recipes.capstone import sweeps as capstone_sweeps
from classifiers.recipes.capstone.records import FOLDER, load_record, save_record
from classifiers.recipes.capstone.sweeps import (
    Plan,
    full_plan,
    load_optimism,
    load_sweep,
    write_sweeps,
)
from classifiers.recipes.sweep.parts import _MOST_CACHED, cached_parts
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.tasks import tasks_of
from classifiers.ui.capstone import sweep as page
from tests.conftest import ROOT

SHIPPED = ROOT / "weights" / "capstone"
TINY = {"values": [2, 4], "members": 2, "epochs": 10}
KILLED_IN_THE_SECOND_SWEEP = """
import os, signal, sys
from tests.recipes.test_capstone_sweeps import tiny_plan
from classifiers.recipes.capstone.sweeps import write_sweeps
def die(line):
    if line.startswith("dropout 0"): os.kill(os.getpid(), signal.SIGKILL)
write_sweeps(sys.argv[1], sys.argv[2], tiny_plan(), report=die)
"""


def silent(_: str) -> None:
    pass


def tiny_plan() -> Plan:
    dropout = {**TINY, "over": "dropout", "values": [0, 0.5]}
    sweeps = tuple(map(SweepConfig.parse, (TINY, dropout)))
    return Plan(sweeps, SweepConfig(epochs=10).base, optimism_members=2)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / FOLDER).iterdir()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_sweeps(folder / "weights", folder / "unfinished", tiny_plan(), report=silent)
    return folder


def test_a_stored_sweep_is_the_sweep(tiny):
    config, result = load_sweep(tiny / "weights", "width")
    *_, last = run_sweep(SweepConfig.parse(TINY))
    assert config == SweepConfig.parse(TINY)
    assert result == last.result
    assert set(load_optimism(tiny / "weights")["ways"]) == {"test", "validation", "none"}
    assert not (tiny / "unfinished").exists()


def test_a_killed_command_goes_on_and_ends_the_same(tiny, tmp_path, monkeypatch):
    arguments = [tmp_path / "weights", tmp_path / "unfinished"]
    command = [sys.executable, "-c", KILLED_IN_THE_SECOND_SWEEP, *arguments]
    assert subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
    assert not (tmp_path / "weights").exists(), "half of a new set must not join the old one"
    computed = []

    def counting(config, *args, **kwargs):
        computed.append(config.over)
        return write_sweep(config, *args, **kwargs)

    write_sweep = capstone_sweeps.write_sweep
    monkeypatch.setattr(capstone_sweeps, "write_sweep", counting)
    write_sweeps(*arguments, tiny_plan(), report=silent)
    assert computed == ["dropout"]
    assert contents(tmp_path / "weights") == contents(tiny / "weights")


@pytest.mark.parametrize("over", page._NAMES.values())
def test_every_sweep_of_the_menu_ships(over):
    config, result = load_sweep(SHIPPED, over)
    planned = {sweep.over: sweep for sweep in full_plan().sweeps}[over]
    assert config.values == planned.values
    assert config.base.network == planned.base.network
    assert len(result["rows"]) == len(config.values)
    assert all(row["bayes_accuracy"] is not None for row in result["rows"])
    assert (SHIPPED / FOLDER / f"{over}.json").stat().st_size < 60_000


def test_the_page_quotes_the_stored_optimism():
    table, _, findings, chart = page._optimism()
    ways = load_optimism(SHIPPED)["ways"]
    for way, dot in zip(page._WAYS, json.loads(chart)["dots"], strict=True):
        gap = ways[way]["optimism"]
        assert (dot["y"], dot["low"], dot["high"]) == (gap["mean"], *gap["interval"])
        assert f"{100 * gap['mean']:+.1f} points" in table
        assert f"{100 * gap['mean']:+.1f} points" in findings


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:-40], "is not a whole record"),
        (lambda text: text.replace('"mean":0.', '"mean":1.', 1), "was altered"),
        (lambda text: text.replace('"format_version":1', '"format_version":2'), "format_version 1"),
        (lambda text: "[]", "is not a whole record"),
        (lambda text: "x" * 2**21, "must be at most"),
    ],
)
def test_a_damaged_record_is_refused_and_the_page_says_so(
    tiny, tmp_path, damage, message, monkeypatch
):
    shutil.copytree(tiny / "weights", tmp_path / "capstone")
    path = tmp_path / "capstone" / FOLDER / "width.json"
    path.write_text(damage(path.read_text()))
    with pytest.raises(ArtifactError, match=f"width.json: .*{message}.*capstone-sweeps"):
        load_sweep(tmp_path / "capstone", "width")
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    text, chart, *_ = page._stored(next(iter(page._NAMES)))
    assert message in text
    assert json.loads(chart)["labels"] == []


def test_a_record_of_another_sweep_is_refused(tiny, tmp_path):
    save_record(tmp_path, "noise", load_record(tiny / "weights", "width", "x"))
    with pytest.raises(ArtifactError, match="must hold a sweep over noise, not width"):
        load_sweep(tmp_path, "noise")


def test_a_contest_is_stored_beside_the_sweeps(tmp_path, monkeypatch):
    small = {"training": {"epochs": 5}, "dataset": {"samples": 40}}
    record = capstone_contest.hold_contest(CapstoneConfig.parse(small), splits=2, seeds=2)
    save_record(tmp_path, capstone_contest.RECORD, {"lesson": record})
    [(config, findings)] = capstone_contest.load_contests(tmp_path)
    assert config == CapstoneConfig.parse(small)
    assert findings == capstone_contest.describe_contest(record)


# A visitor's sweep.


def test_a_visitors_sweep_goes_on_where_it_was_left(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_CACHE", tmp_path / "cache")
    config = SweepConfig.parse({"values": [2, 4, 8], "members": 2, "epochs": 20})
    *_, straight = run_sweep(config)
    news = page.resumable_sweep(config)
    assert next(told for told in news if told.row is not None).row["value"] == 2
    news.close()  # the page was closed, or the server ended
    told = list(page.resumable_sweep(config))
    assert told[0].row == straight.result["rows"][0]
    assert {news.index for news in told[1:]} == {1, 2}
    assert told[-1].result == straight.result


def test_a_cache_that_cannot_be_written_costs_no_sweep(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(page, "_CACHE", tmp_path / "file")
    *_, last = page.resumable_sweep(SweepConfig.parse(TINY))
    assert last.result is not None


def test_the_cache_keeps_a_few_sweeps(tmp_path):
    for epochs in range(1, _MOST_CACHED + 4):
        config = SweepConfig.parse({"epochs": epochs})
        (task, *_) = tasks_of(config, 0)
        with cached_parts(tmp_path, config) as parts:
            parts.write(task, [{"epochs": epochs}])
            last = parts.read(task)
    assert len(list(tmp_path.iterdir())) == _MOST_CACHED
    assert last == [{"epochs": _MOST_CACHED + 3}]
