"""The file of a sweep: the same bytes however it came about, and nothing lost on the way."""

import json
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from classifiers.artifacts import canonical_json
from classifiers.config import SearchConfig, SweepConfig
from classifiers.errors import ConfigError
from classifiers.recipes.sweep import file as sweep_file
from classifiers.recipes.sweep import tasks
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.result import shortfall, slim
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.spread import halving, local, worker
from classifiers.recipes.sweep.spread.ledger import RETRIES, Ledger
from classifiers.recipes.sweep.spread.worker import Outcome
from classifiers.recipes.sweep.tasks import measure
from tests.processes.warm import warm

ROOT = Path(__file__).resolve().parents[3]
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
    assert write_sweep(SweepConfig.parse(QUICK), tmp_path / "sweep.json", report=silent) == quick
    assert (tmp_path / "sweep.json").read_text() == canonical_json(quick) + "\n"
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.json"]


# Killed, and started again.


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
    words = ("-c", KILLED_AFTER_ONE, json.dumps(QUICK), str(folder / "sweep.json"))
    assert warm().run(*words, cwd=ROOT).returncode == -signal.SIGKILL
    assert [path.name for path in folder.iterdir()] == ["sweep.json.jsonl"]
    return folder


@pytest.fixture
def interrupted(killed, tmp_path) -> Path:
    """The output of that sweep, in a copy of its folder."""
    return shutil.copytree(killed, tmp_path, dirs_exist_ok=True) / "sweep.json"


@pytest.fixture
def computed(monkeypatch) -> list[int]:
    """The first settings of the tasks that are computed from now on."""
    indices = []

    def counting(task, device):
        indices.append(task.indices[0])
        return measure(task, device)

    monkeypatch.setattr(worker, "measure", counting)
    return indices


def test_a_killed_sweep_goes_on_where_it_stopped(interrupted, computed, quick):
    told = []
    write_sweep(SweepConfig.parse(QUICK), interrupted, report=told.append)
    assert computed == [0]
    assert told[0] == "1 task was done before"
    assert interrupted.read_text() == canonical_json(quick) + "\n"


@pytest.mark.parametrize("damage", ["altered", "torn", "garbage"])
def test_damage_costs_what_was_damaged(interrupted, computed, quick, damage):
    path = Path(f"{interrupted}.jsonl")
    text = path.read_text()
    if damage == "altered":
        path.write_text(text.replace('"parameters":114', '"parameters":115'))
    elif damage == "torn":
        path.write_text(text[:-30])
    else:
        path.write_text("garbage")
    write_sweep(SweepConfig.parse(QUICK), interrupted, report=silent)
    assert sorted(computed) == [0, 1]
    assert interrupted.read_text() == canonical_json(quick) + "\n"


def test_another_sweep_at_the_same_place_loses_nothing(interrupted, computed):
    before = Path(f"{interrupted}.jsonl").read_bytes()
    other = SweepConfig.parse({**QUICK, "members": 2})
    result = write_sweep(other, interrupted, report=silent)
    assert sorted(computed) == [0, 1]
    assert len(result["rows"][1]["test_loss"]["members"]) == 2
    assert Path(f"{interrupted}.jsonl.1").read_bytes() == before


def test_a_full_disk_keeps_what_was_done(tmp_path, monkeypatch, quick):
    real, lines = sweep_file.Parts._write, []

    def full(self, content):
        lines.append(content)
        if len(lines) > 2:
            raise OSError(28, "No space left on device", str(self.path))
        return real(self, content)

    output = tmp_path / "sweep.json"
    with monkeypatch.context() as patch:
        patch.setattr(sweep_file.Parts, "_write", full)
        with pytest.raises(OSError, match="No space"):
            write_sweep(SweepConfig.parse(QUICK), output, report=silent)
    told = []
    write_sweep(SweepConfig.parse(QUICK), output, report=told.append)
    assert told[0] == "1 task was done before"
    assert output.read_text() == canonical_json(quick) + "\n"


# Settings that fail.


def failing(monkeypatch, times: int, error: Exception, index: int = 0) -> list[int]:
    """Makes the tasks of one setting fail so many times."""
    tries = []

    def sometimes(task, device):
        if task.indices[0] == index:
            tries.append(index)
            if len(tries) <= times:
                raise error
        return measure(task, device)

    monkeypatch.setattr(worker, "measure", sometimes)
    return tries


def test_what_fails_twice_is_tried_a_third_time(tmp_path, monkeypatch, quick):
    tries = failing(monkeypatch, RETRIES, MemoryError("no more"))
    write_sweep(SweepConfig.parse(QUICK), tmp_path / "sweep.json", report=silent)
    assert len(tries) == 3
    assert (tmp_path / "sweep.json").read_text() == canonical_json(quick) + "\n"


def test_a_failed_setting_is_a_row_and_the_rest_goes_on(tmp_path, monkeypatch, quick):
    told, output = [], tmp_path / "sweep.json"
    with monkeypatch.context() as patch:
        tries = failing(patch, 99, RuntimeError("it broke in /secret/place/file.py"))
        result = write_sweep(SweepConfig.parse(QUICK), output, report=told.append)
    assert len(tries) == RETRIES + 1
    error = "RuntimeError: it broke in file.py (3 times)"
    assert result["rows"][0] == {"value": 2, "error": error}
    assert result["rows"][1] == quick["rows"][1]
    assert result["findings"][0] == f"1 of 2 settings failed; the first, width 2: {error}"
    assert any("1 of 2 done, 1 failed" in line for line in told)
    # Started again, only what failed is computed.
    told.clear()
    assert write_sweep(SweepConfig.parse(QUICK), output, report=told.append) == quick
    assert told[0] == "1 task was done before"
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.json"]


def test_of_a_training_that_failed_no_further_task_is_handed_out(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "GROUP", 1)  # a task a member
    config = SweepConfig.parse({**QUICK, "members": 4})
    with Parts(tmp_path / "x.jsonl", config) as parts:
        ledger = Ledger(config, parts, silent)
        (first,) = ledger.take(8)
        ledger.settle(Outcome(first, error="too hot"))
        left = [task for batch in iter(lambda: ledger.take(8), []) for task in batch]
    assert [task.training for task in left] == [1 - first.training] * 4


def test_our_own_refusal_is_not_tried_again(tmp_path, monkeypatch):
    tries = failing(monkeypatch, 99, ConfigError("training.test_share", "leaves no row"))
    result = write_sweep(SweepConfig.parse(QUICK), tmp_path / "sweep.json", report=silent)
    assert len(tries) == 1
    assert result["rows"][0]["error"] == "training.test_share: leaves no row"


def test_if_all_fail_there_is_still_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "measure", lambda task, device: (_ for _ in [1 / 0]))
    result = write_sweep(SweepConfig.parse(QUICK), tmp_path / "sweep.json", report=silent)
    assert [set(row) for row in result["rows"]] == [{"value", "error"}] * 2


def test_a_listed_setting_that_cannot_be_run_is_a_row(tmp_path):
    settings = [{"width": 4}, {"width": 4, "batch_size": -1}, {"width": 5}]
    config = {"settings": settings, "members": 1, "epochs": 3}
    try:
        search = SearchConfig.parse(config)
    except ConfigError:
        pytest.skip("such a list is refused as a whole")
    result = write_sweep(search, tmp_path / "sweep.json", report=silent)
    assert "batch_size" in result["rows"][1]["error"]
    assert result["rows"][2]["parameters"] > 0


def test_a_task_has_a_time_limit(tmp_path):
    config = SweepConfig.parse({"values": [2, 200], "members": 2, "epochs": 20_000,
                                "base": {"dataset": {"samples": 2000}}})  # fmt: skip
    result = write_sweep(config, tmp_path / "x.json", report=silent, task_seconds=0.2)
    assert {row["error"] for row in result["rows"]} == {"took longer than 0.2 s (3 times)"}


# Very many settings.


def test_the_file_of_many_settings_is_written_as_it_is_read(tmp_path, monkeypatch):
    search = {"random": {"width": {"low": 2, "high": 9}}, "draws": 7, "members": 2, "epochs": 3}
    config = SearchConfig.parse(search)
    whole = write_sweep(config, tmp_path / "whole.json", report=silent)
    monkeypatch.setattr(sweep_file, "MOST_WHOLE_ROWS", 6)
    head = write_sweep(config, tmp_path / "slim.json", report=silent)
    assert "rows" not in head
    expected = {**head, "rows": [slim(row) for row in whole["rows"]]}
    assert (tmp_path / "slim.json").read_text() == canonical_json(expected) + "\n"
    assert head["findings"] == whole["findings"]
    assert "members" not in json.dumps(expected["rows"])


def test_a_search_names_the_settings_that_come_closest(tmp_path):
    search = {"random": {"width": {"low": 2, "high": 20}, "noise": {"choices": [0.1, 0.4]}},
              "draws": 6, "members": 2, "epochs": 40}  # fmt: skip
    result = write_sweep(SearchConfig.parse(search), tmp_path / "x.json", report=silent)
    best = min(result["rows"], key=shortfall)
    first = result["findings"][0].split(": ")[1]
    assert f"width {best['values']['width']} and noise {best['values']['noise']:g}" in first
    assert f"{100 * best['fresh_accuracy']['mean']:.1f} %" in first.split(";")[0]


def test_a_draw_depends_on_its_number_alone():
    drawn = {"width": {"low": 2, "high": 200}, "noise": {"low": 0.1, "high": 0.5}}
    few, many = (SearchConfig.parse({"random": drawn, "draws": n}) for n in (5, 100_000))
    assert [few.values_of(i) for i in range(5)] == [many.values_of(i) for i in range(5)]
    assert many.values_of(99_999) == SearchConfig.parse(many.to_dict()).values_of(99_999)
    other = SearchConfig.parse({"random": drawn, "seed": 1})
    assert other.values_of(0) not in [many.values_of(i) for i in range(5)]


# Halving.


def test_a_plan_spends_about_the_same_each_round():
    rounds = halving.plan(81, 1620)
    assert [(r.settings, r.epochs) for r in rounds] == [
        (81, 20), (27, 60), (9, 180), (3, 540), (1, 1620),
    ]  # fmt: skip
    assert len({r.settings * r.epochs for r in rounds}) == 1
    assert halving.plan(2, 5000) == [halving.Round(5000, 2)]
    assert halving.plan(100, 30) == [halving.Round(30, 100)]


def test_halving_drops_the_hopeless_early_and_says_so(tmp_path, computed):
    settings = [{"width": w, "learning_rate": r} for w in (1, 16, 17) for r in (1e-5, 0.01, 0.02)]
    config = SearchConfig.parse({"settings": settings, "members": 2, "epochs": 180})
    result = write_sweep(config, tmp_path / "x.json", report=silent, halving=True)
    rows = result["rows"]
    assert [r["settings"] for r in result["halving"]["rounds"]] == [9, 3, 1]
    assert len(computed) == 13
    finalists = [row for row in rows if "stopped_at" not in row]
    assert len(finalists) == 1
    assert finalists[0]["epochs"] == 180
    assert finalists[0]["values"]["learning_rate"] > 1e-5
    for row in rows:
        if row["values"]["learning_rate"] == 1e-5:
            assert row["stopped_at"] == row["epochs"] == 20
    spent = 9 * 20 + 3 * 60 + 180
    assert result["halving"]["epochs_spent"] == 2 * spent
    assert f"{100 * spent / (9 * 180):.0f} % of the epochs" in result["findings"][0]
    assert "8 settings were judged early" in result["findings"][0]


def test_halving_goes_on_where_it_stopped(tmp_path, computed):
    config = SearchConfig.parse({"random": {"width": {"low": 2, "high": 30}}, "draws": 9,
                                 "members": 1, "epochs": 60})  # fmt: skip
    straight = write_sweep(config, tmp_path / "a.json", report=silent, halving=True)
    count = len(computed)

    def stop(line: str) -> None:
        if "1 of 3" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sweep(config, tmp_path / "b.json", report=stop, halving=True)
    assert write_sweep(config, tmp_path / "b.json", report=silent, halving=True) == straight
    assert len(computed) == 2 * count
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_halving_cannot_choose_epochs_that_are_an_axis(tmp_path):
    with pytest.raises(ConfigError, match="^halving: "):
        write_sweep(SweepConfig.parse({"over": "epochs"}), tmp_path / "x.json", halving=True)


def test_local_workers_do_not_import_what_lies_around(tmp_path, monkeypatch):
    (tmp_path / "classifiers").mkdir()
    (tmp_path / "classifiers" / "__init__.py").write_text("raise ImportError('another')\n")
    monkeypatch.chdir(tmp_path)
    tasks = sweep_file.Ledger(
        SweepConfig.parse({**QUICK, "epochs": 2}),
        sweep_file.Parts(tmp_path / "x.jsonl", SweepConfig.parse(QUICK)),
        silent,
    )
    outcomes = list(local.run_processes(tasks.take, tasks.limit, 1, silent))
    assert len(outcomes) == 2
    assert all(outcome.columns for outcome in outcomes)


@pytest.mark.parametrize("axis", ["over", "and_over"])
def test_rows_come_in_the_order_of_the_settings_whichever_trainings_serve_them(monkeypatch, axis):
    over = {"over": "epochs", "values": [5, 2], "and_over": "width", "and_values": [3, 4, 6]}
    other = {"over": "width", "values": [3, 4, 6], "and_over": "epochs", "and_values": [5, 2]}
    config = SweepConfig.parse({**(over if axis == "over" else other), "members": 2})
    ledger = SimpleNamespace(
        failures={1: "why"},
        columns=lambda training, end: [[f"{training}: {end}, {when}" for when in "es"]],
    )

    def merge(config, index, found):
        return {**config.values_of(index), "found": found}

    monkeypatch.setattr(sweep_file, "merge", merge)
    rows = list(sweep_file._rows(config, ledger, {2: 9}, halving=False))
    assert len(rows) == config.count == 6
    for index, row in enumerate(rows):
        values = config.values_of(index)
        when = "e" if values["epochs"] == 2 else "s"
        if values["width"] == 4:
            assert row["error"] == "why"
        elif values["width"] == 3:
            assert row == {**values, "found": [f"0: None, {when}"]}
        else:
            assert row == {**values, "found": [f"2: 9, {when}"], "stopped_at": 9}
