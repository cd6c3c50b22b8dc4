"""What the capstone shows at once: computed once, gone on with after a kill, verified when read."""

import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classifiers.config import SweepConfig
from classifiers.errors import ArtifactError
from classifiers.recipes.capstone import sweeps as capstone_sweeps
from classifiers.recipes.capstone.records import FOLDER, load_record, save_record
from classifiers.recipes.capstone.sweeps import (
    Plan,
    full_plan,
    has_sweep,
    load_optimism,
    load_sweep,
    record_name,
    write_sweeps,
)
from classifiers.recipes.sweep.parts import _MOST_CACHED, cached_parts, sweep_digest
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.tasks import tasks_of
from classifiers.ui.capstone.sweep import page
from tests.conftest import ROOT
from tests.processes.warm import warm

SHIPPED = ROOT / "weights" / "capstone"
TINY = {"values": [2, 4], "members": 2, "epochs": 10}
KILLED_IN_THE_SECOND_SWEEP = """
import os, signal, sys
from tests.recipes.capstone.test_capstone_sweeps import tiny_plan
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
    words = ("-c", KILLED_IN_THE_SECOND_SWEEP, *map(str, arguments))
    assert warm().run(*words, cwd=ROOT).returncode == -signal.SIGKILL
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


def test_a_checkpoint_that_is_garbage_is_computed_anew(tiny, tmp_path):
    plan, unfinished = tiny_plan(), tmp_path / "unfinished"
    unfinished.mkdir()
    for config in plan.sweeps:
        (unfinished / f"{sweep_digest(config)}.json").write_bytes(b"\xff{")
    write_sweeps(tmp_path / "weights", unfinished, plan, report=silent)
    assert contents(tmp_path / "weights") == contents(tiny / "weights")


def test_a_pair_of_settings_has_a_record_of_its_own(tmp_path):
    pair = {**TINY, "and_over": "dropout", "and_values": [0, 0.5]}
    plan = Plan((SweepConfig.parse(pair),), SweepConfig(epochs=3).base, optimism_members=2)
    told: list[str] = []
    write_sweeps(tmp_path / "weights", tmp_path / "unfinished", plan, report=told.append)
    assert told[0] == "width-dropout: 4 settings x 2 members"
    assert told[-1] == "early stopping: 2 members"
    config, result = load_sweep(tmp_path / "weights", "width", "dropout")
    assert config == SweepConfig.parse(pair)
    assert len(result["rows"]) == config.count == 2 * len(config.values)
    assert not has_sweep(tmp_path / "weights", "width")


def test_what_a_plan_asks_for_and_what_it_takes_from_one_that_was_stopped(tmp_path, monkeypatch):
    asked: list[Any] = []

    def sweep(config, output, *, workers, report):
        asked.append((config.over, workers))
        report("a row")
        output.write_text(json.dumps({"over": config.over}))

    def optimism(run, *, members):
        asked.append((run, members))
        yield from (None, {"members": members})

    monkeypatch.setattr(capstone_sweeps, "write_sweep", sweep)
    monkeypatch.setattr(capstone_sweeps, "early_stopping_optimism", optimism)
    three = SweepConfig.parse({**TINY, "values": [2, 4, 8], "members": 1})
    dropout = SweepConfig.parse({**TINY, "over": "dropout", "values": [0.5], "members": 5})
    plan = Plan((three, dropout), SweepConfig(epochs=7).base, optimism_members=6)
    told: list[str] = []
    monkeypatch.setattr(capstone_sweeps, "save_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_sweeps(tmp_path, tmp_path / "left", plan, workers=3, report=told.append)
    monkeypatch.setattr(capstone_sweeps, "save_record", save_record)
    assert asked == [("width", 3), ("dropout", 3), (plan.optimism, 6)]
    assert told == [
        "width: 3 settings x 1 member", "a row", "dropout: 1 setting x 5 members", "a row",
        "early stopping: 6 members",
    ]  # fmt: skip
    asked.clear()
    more = replace(plan, optimism_members=1)
    write_sweeps(tmp_path, tmp_path / "left", more, report=told.append)
    assert (asked, told[-1]) == ([(plan.optimism, 1)], "early stopping: 1 member")
    for name, record in (("width", {"over": "width"}), ("dropout", {"over": "dropout"}),
                         ("optimism", {"members": 1})):  # fmt: skip
        assert load_record(tmp_path, name, "it") == record
    assert not (tmp_path / "left").exists()


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_how_large_a_record_may_be(tmp_path):
    save_record(tmp_path, "one", {"a": ""})
    path = tmp_path / FOLDER / "one.json"
    spare = 2**20 - path.stat().st_size
    save_record(tmp_path, "one", {"a": "x" * spare})
    assert path.stat().st_size == 2**20
    assert load_record(tmp_path, "one", "it") == {"a": "x" * spare}
    save_record(tmp_path, "one", {"a": "x" * (spare + 1)})
    with pytest.raises(ArtifactError, match="must be at most 1048576 bytes; write it anew with"):
        load_record(tmp_path, "one", "it")


def test_the_sweeps_of_the_lesson_ship():
    names = {path.stem for path in (SHIPPED / FOLDER).iterdir()}
    assert {"width", "samples", "noise", "weight_decay", "dropout", "optimism"} <= names


@pytest.mark.parametrize(
    "planned",
    [s for s in full_plan().sweeps if has_sweep(SHIPPED, s.over, s.and_over)],
    ids=lambda sweep: record_name(sweep.over, sweep.and_over),
)
def test_a_sweep_that_ships_is_the_planned_one(planned):
    config, result = load_sweep(SHIPPED, planned.over, planned.and_over)
    assert config == planned
    assert len(result["rows"]) == config.count
    for row in result["rows"]:
        assert row["bayes_accuracy"] is not None
        assert len(row["fresh_accuracy"]["members"]) == planned.members


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
    told = json.loads(page._open().value)
    assert message in told["error"]
    assert told["columns"] == []


def test_a_record_of_another_sweep_is_refused(tiny, tmp_path):
    save_record(tmp_path, "noise", load_record(tiny / "weights", "width", "x"))
    with pytest.raises(ArtifactError, match="must hold a sweep over noise, not width"):
        load_sweep(tmp_path, "noise")


# A visitor's sweep.


def test_a_visitors_sweep_goes_on_where_it_was_left(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "_CACHE", tmp_path / "cache")
    config = SweepConfig.parse({"values": [2, 4, 8], "members": 2, "epochs": 20})
    *_, straight = run_sweep(config)
    news = page.resumable_sweep(config)
    assert next(told for told in news if told.row is not None).row["value"] == 2
    news.close()  # the page was closed, or the server ended
    told = list(page.resumable_sweep(config))
    rows = [news for news in told if news.row is not None]
    assert rows[0].row == straight.result["rows"][0]
    # The first was not trained again: nothing is told of its epochs.
    trained = [news for news in told if news.row is None and news.result is None]
    assert {news.index for news in trained if news.epoch} == {1, 2}
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
