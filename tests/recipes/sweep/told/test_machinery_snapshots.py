"""How sweeps are divided, priced, timed and kept: held as it was looked at."""

import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.config.axes import AXES
from classifiers.config.sweep import SearchConfig, parse_sweep
from classifiers.errors import ConfigError
from classifiers.recipes.sweep import budget
from classifiers.recipes.sweep import device as devices
from classifiers.recipes.sweep.again import member_scene
from classifiers.recipes.sweep.budget import check_sweep_budget, estimate_sweep
from classifiers.recipes.sweep.device import choose_device
from classifiers.recipes.sweep.file import write_sweep
from classifiers.recipes.sweep.history import history_epochs, history_seconds, keeps_history
from classifiers.recipes.sweep.members import group_size, member_parts, summarize, worlds
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.spread import halving, ledger, probe
from classifiers.recipes.sweep.spread.ledger import Ledger
from classifiers.recipes.sweep.spread.worker import Outcome, answers, request
from classifiers.recipes.sweep.spread.worker import attempt as work_at
from classifiers.recipes.sweep.tasks import Task, count_trainings, kinds_of, tasks_of
from tests.answers.thinned import attempt, hold
from tests.processes.clock import Clock

TINY = {"dataset": {"samples": 60}, "network": {"widths": [4]}}
BIG = {"network": {"widths": [256, 256]}, "dataset": {"samples": 5000}}
POINTS = [[i % 5 - 2.0, (i * 7) % 11 / 4, "ab"[i % 2]] for i in range(40)]
OVER_EPOCHS = {"over": "epochs", "values": [2, 5], "members": 3, "base": TINY}


def test_what_sweeps_may_cost(snapshots):
    asked: list[dict[str, Any]] = [
        {"members": 100}, {"members": 2, "values": [256] , "base": BIG, "epochs": 20_000},
        {"over": "samples", "values": [20_000], "members": 100, "epochs": 20_000},
        {"over": "samples", "values": [50, 20_000], "members": 10, "base": BIG},
        {"over": "width", "values": [2, 256], "and_over": "samples", "and_values": [50, 20_000]},
        {"over": "noise", "values": [0], "and_over": "batch_size", "and_values": [5, 20_000],
         "base": {"network": {"widths": [256] * 4}, "dataset": {"samples": 20_000}}},
        {"over": "noise", "base": {"network": {"widths": [256] * 4},
                                   "dataset": {"samples": 20_000}}},
        {"over": "epochs", "values": [5000, 20_000], "members": 50},
        {"over": "parameters_per_point", "values": [900], "members": 90},
        {"over": "depth", "values": [4], "base": {**BIG, "training": {"batch_size": None}}},
        {"over": "dropout", "values": [0, 0.5], "members": 20, "epochs": 3000},
        {"over": "width", "values": [4], "epochs": 10}, OVER_EPOCHS,
        {"over": "weight_decay", "values": [0], "epochs": 2001},
        {"members": 4096, "epochs": 20_000},
    ]  # fmt: skip
    for i, one in enumerate(asked):
        config = parse_sweep(one)
        hold(snapshots, f"{i}. {str(one)[:80]}", [
            estimate_sweep(config),
            attempt(lambda config=config: check_sweep_budget(config)),
            attempt(lambda config=config: check_sweep_budget(config, 3.0)),
        ])  # fmt: skip


def test_steps_that_would_take_too_long_are_named(snapshots, monkeypatch):
    monkeypatch.setattr(budget, "MOST_PAUSE_SECONDS", 0.1)
    whole = {"training": {"batch_size": None}}
    deep, wide = {"widths": [256] * 4}, {"widths": [8] * 4}
    asked: list[dict[str, Any]] = [
        {"over": "noise", "values": [0.1, 0.2], "epochs": 3,
         "base": {"network": deep, "dataset": {"samples": 20_000}, **whole}},
        {"over": "width", "values": [4, 256], "and_over": "samples", "and_values": [50, 20_000],
         "epochs": 2, "base": {"network": wide, **whole}},
        {"over": "epochs", "values": [9, 5], "and_over": "depth", "and_values": [1, 4],
         "base": {"network": {"widths": [256]}, "dataset": {"samples": 20_000}, **whole}},
        {"over": "samples", "values": [50, 20_000], "and_over": "dropout", "and_values": [0, 0.5],
         "epochs": 1, "base": {"network": deep, **whole}},
        {"over": "batch_size", "values": [32, 14_000, 64], "epochs": 1,
         "base": {"network": deep, "dataset": {"samples": 20_000}}},
        {"over": "parameters_per_point", "values": [0.1, 10], "epochs": 1,
         "base": {"network": wide, "dataset": {"samples": 20_000}, **whole}},
    ]  # fmt: skip
    for number, one in enumerate(asked):
        config = parse_sweep({"members": 9, **one})
        told = attempt(lambda config=config: check_sweep_budget(config, 1e9))
        hold(snapshots, f"{number}", told)


def test_how_sweeps_are_divided(snapshots):
    asked: dict[str, dict[str, Any]] = {
        **{axis: {"over": axis, "members": 23} for axis in AXES},
        "epochs and noise": {"over": "epochs", "and_over": "noise", "members": 12},
        "noise and epochs": {"over": "noise", "and_over": "epochs", "members": 12},
        "stopping": {"over": "epochs", "members": 12,
                     "base": {"training": {"early_stopping": {"patience": 9}}}},
        "a search": {"grid": {"width": [2, 256]}, "members": 12},
    }  # fmt: skip
    for name, one in asked.items():
        config = parse_sweep(one)
        count = count_trainings(config)
        last = tasks_of(config, count - 1)
        told = {
            "count": count,
            "kinds": [(task.members.stop, n) for task, n in kinds_of(config, count - 1)],
            "shorter": [task.key for task in tasks_of(config, 0, epochs=7)],
            "keys": [task.key for task in last],
            "work": last[-1].work,
            "served": [last[-1].indices, last[-1].ends, last[-1].worlds[:2]],
            "kept": [keeps_history(config), history_seconds(last[0].run)],
        }
        hold(snapshots, name, told)
    hold(snapshots, "moments", [history_epochs(n) for n in (1, 2, 5, 30, 2000)], 30)
    task = tasks_of(parse_sweep(OVER_EPOCHS), 0)[0]
    sent = json.loads(json.dumps(task.to_dict()))
    assert Task.from_dict(sent) == task
    hold(snapshots, "sent", sent)


def test_members_of_sweeps(snapshots, monkeypatch):
    run = PlaygroundConfig.parse(
        {"dataset": {"name": "moons", "samples": 50, "seed": 3, "features": ["x1", "x1*x2"]},
         "training": {"seed": 7, "early_stopping": {"on": "validation"}}})  # fmt: skip
    hold(snapshots, "worlds", [worlds(run, (0, 1, 5)), worlds(run, (0, 1, 5), new_points=False)])
    for new in (True, False):
        parts = member_parts(run, worlds(run, (0, 1, 5), new_points=new))
        rows = {name: getattr(parts, name) for name in ("train", "test", "validation")}
        hold(snapshots, f"rows, new points {new}", {
            name: [part.x.shape, part.y.sum(1).tolist(), part.x.double().mean(1).tolist()]
            for name, part in rows.items()
        })  # fmt: skip
    for stopping in (None, {"on": "test"}, {"on": "validation", "share": 0.4}):
        base = {**run.to_dict(), "training": {"epochs": 5, "early_stopping": stopping}}
        config = SweepConfig.parse({"over": "noise", "values": [0.1, 0.5], "epochs": 5,
                                    "base": base})  # fmt: skip
        one = config.setting(1)
        scene, parts = member_scene(config, 1, 4), member_parts(one, worlds(one, [4]))
        for name, rows in (("train", scene.train), ("test", scene.test),
                           ("validation", scene.validation)):  # fmt: skip
            own = getattr(parts, name)
            assert scene.dataset.y[rows].tolist() == (own.y[0].tolist() if own else [])
    config = SweepConfig.parse({"over": "noise", "values": [0.1, 0.5], "base": run.to_dict(),
                                "epochs": run.training.epochs})  # fmt: skip
    scene = member_scene(config, 1, 5)
    hold(snapshots, "again", [scene.config.training.seed, scene.config.dataset.noise,
                              scene.train, scene.validation, scene.test, scene.extent,
                              scene.dataset.x.mean(0)])  # fmt: skip
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10**8, 10**9))
    hold(snapshots, "groups", [group_size(run, "cpu"), group_size(run, "cuda"), group_size(
        PlaygroundConfig.parse({"network": {"widths": [256] * 4}, "dataset": {"samples": 20_000}}),
        "cuda")])  # fmt: skip
    values = [[0.5, 0.7, 0.9], [0.5], [np.nan, np.nan], [np.nan, 0.5], [np.inf, 0.5]]
    with np.errstate(invalid="ignore"):
        hold(snapshots, "summaries", [summarize(np.array(v)) for v in values])


def test_news_of_sweeps(snapshots):
    snapshots.near = 2e-6
    for name, asked in {
        "epochs": OVER_EPOCHS,
        "pairs": {"values": [2], "and_over": "noise", "and_values": [0, 0.5], "members": 2,
                  "epochs": 3, "base": TINY},
        "early stopping": {"values": [3], "members": 2, "epochs": 6, "base": {
            **TINY, "training": {"early_stopping": {"patience": 2, "on": "validation"}}}},
        "own points": {"values": [3], "members": 2, "epochs": 4, "base": {
            "dataset": {"name": "points", "points": POINTS, "features": ["x1", "x2", "x1^2"]}}},
        "other inputs": {"values": [3], "members": 2, "epochs": 4, "base": {
            "dataset": {"samples": 60, "features": ["x1^2", "x2"]}}},
    }.items():  # fmt: skip
        news = [one.to_dict() for one in run_sweep(SweepConfig.parse(asked))]
        seen = dict.fromkeys(
            json.dumps({k: one[k] for k in one if k != "row"}) for one in news[:-1]
        )
        hold(snapshots, f"{name}: news", [json.loads(one) for one in seen], 20)
        hold(snapshots, f"{name}: rows", [one["row"] for one in news[:-1] if "row" in one], 6)


@pytest.mark.parametrize("rows", [1, 2])
def test_whoever_leaves_between_the_settings_of_a_task_goes_on_as_if_not(
    tmp_path, monkeypatch, rows
):
    monkeypatch.setattr("classifiers.recipes.sweep.tasks.GROUP", 2)
    config = SweepConfig.parse(OVER_EPOCHS)
    *_, whole = run_sweep(config)
    with Parts(tmp_path / "kept.jsonl", config) as parts:
        seen = 0
        for news in (steps := run_sweep(config, parts=parts)):
            seen += news.row is not None
            if seen == rows:
                break
        steps.close()
    with Parts(tmp_path / "kept.jsonl", config) as parts:
        kept = [parts.read(task) for task in tasks_of(config, 0)]
        assert [None if one is None else len(one) for one in kept] == [2, 2 if rows == 2 else None]
        *_, again = run_sweep(config, parts=parts)
        assert len(parts) == 2
    assert again.result == whole.result


def test_a_task_that_is_left_after_its_first_setting_is_not_kept(tmp_path):
    config = SweepConfig.parse(OVER_EPOCHS)
    with Parts(tmp_path / "kept.jsonl", config) as parts:
        steps = run_sweep(config, parts=parts)
        next(news for news in steps if news.row is not None)
        steps.close()
        assert len(parts) == 0


def test_where_sweeps_run(snapshots, monkeypatch):
    large = SweepConfig.parse({"values": [4, 256, 8], "members": 10})
    small = SweepConfig.parse({**OVER_EPOCHS, "base": TINY})
    asked: list[Any] = []

    def measured(seconds: dict[str, float]) -> Any:
        def measure(config: Any, index: int, device: str) -> float:
            asked.append([config.count, index, device])
            return seconds[device]

        return measure

    for there in (False, True):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        for choice in ("auto", "cpu", "cuda", "gpu"):
            for config in (large, small):
                for seconds in ({"cpu": 1.0, "cuda": 2.0}, {"cpu": 2.0, "cuda": 1.0}):
                    choose = partial(choose_device, choice, config)
                    taken = partial(choose, seconds_an_epoch=measured(seconds))
                    asked.append([there, choice, attempt(taken)])
    hold(snapshots, "chosen", asked, 90)
    times = iter(np.arange(100.0, 200.0, 1.5))
    monkeypatch.setattr(devices, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    many = SweepConfig.parse({**OVER_EPOCHS, "members": 25})
    hold(snapshots, "measured", [devices.measure_epoch(one, 0, "cpu") for one in (small, many)])


def test_halving_is_planned_and_told(snapshots):
    pairs = [(1, 20), (2, 59), (3, 60), (9, 60), (9, 180), (100, 2000), (100_000, 2000)]
    for count, epochs in pairs:
        rounds = halving.plan(count, epochs)
        hold(snapshots, f"{count}, {epochs}", [rounds, halving.describe(rounds, 7)])

    def column(best: float | None, fresh: list[Any], test: list[float]) -> list[dict[str, Any]]:
        return [{"bayes_accuracy": best, "fresh_accuracy": fresh, "test_accuracy": test}]

    columns = [column(0.9, [0.8, 0.7], [0.6]), column(0.9, [0.9], [0.6])]
    own = [column(None, [None], [0.6, 0.9])]
    lost = [column(0.9, [None], [0.6])]
    hold(snapshots, "scores", [halving.score(one) for one in (columns, own, lost)])
    scores = {4: -0.1, 2: -0.1, 7: -0.3, 1: -0.05, 9: -1.0}
    hold(snapshots, "survivors", [halving.survivors(scores, n) for n in range(6)])


def test_the_books_of_a_sweep(snapshots, monkeypatch, tmp_path):
    clock = Clock(50.0)
    monkeypatch.setattr(ledger, "time", clock)
    config = SearchConfig.parse(
        {"grid": {"width": list(range(2, 12)), "noise": [0.1, 0.5]}, "members": 3, "epochs": 30,
         "base": TINY})  # fmt: skip
    told: list[str] = []
    with Parts(tmp_path / "kept.jsonl", config) as parts:
        books = Ledger(config, parts, told.append)
        batches: list[Any] = []
        column = {"bayes_accuracy": 0.9}
        for turn in range(40):
            batch = books.take(1 + turn % 3)
            batches.append([turn, [task.key for task in batch]])
            for k, task in enumerate(batch):
                clock.now += (0.2, 3.0, 200.0)[(turn + k) % 3]
                if task.training in (3, 5):
                    books.settle(Outcome(task, error="it broke", again=task.training == 3))
                elif turn == 1 and not k:
                    books.settle(Outcome(task, again=True))
                else:
                    books.settle(Outcome(task, [column], seconds=0.25))
        hold(snapshots, "batches", batches, 90)
        hold(snapshots, "told", told, 90)
        hold(
            snapshots, "ends", [books.summary(), books.progress(), books.failures, books.columns(7)]
        )
        again = Ledger(config, parts, told.append, most_seconds=4.5)
        hold(snapshots, "again", [again.count, again.done, [task.key for task in again.take(2)],
             again.done, again.progress(), again.limit(tasks_of(config, 0)[0]),
             books.limit(tasks_of(config, 0)[0]), again.summary()])  # fmt: skip
        again.begin([4, 3], 10)
        clock.now += 7000
        hold(snapshots, "a round", [again.count, [task.key for task in again.take()],
                                    again.progress()])  # fmt: skip
        refused = attempt(lambda: books.columns(3)).replace(str(tmp_path), "")
        hold(snapshots, "not there", refused)
    told.clear()
    config = parse_sweep(OVER_EPOCHS)  # one training serves both settings
    with Parts(tmp_path / "epochs.jsonl", config) as parts:
        books = Ledger(config, parts, told.append)
        while batch := books.take():
            for task in batch:
                clock.now += 2
                books.settle(Outcome(task, error="it broke"))
    hold(snapshots, "of two settings", [told, books.failures])
    spans = (0.2, 1, 89.4, 89.9, 90, 5399, 5400, 100_000)
    hold(snapshots, "spans", [ledger._duration(seconds) for seconds in spans], 30)


def test_what_workers_answer(snapshots, monkeypatch, tmp_path):
    snapshots.near = 2e-6
    task = tasks_of(parse_sweep(OVER_EPOCHS), 0)[0]
    asked = request([task, task], [60.0, 0.0])
    first, late = answers(asked)
    assert first.pop("seconds") >= 0
    assert late.pop("seconds") >= 0
    hold(snapshots, "in time", first, 4)
    hold(snapshots, "late", late)
    broken = parse_sweep({**OVER_EPOCHS, "base": {"dataset": {"samples": 10}, "training": {
        "test_share": 0.9, "early_stopping": {"on": "validation", "share": 0.5}}}})  # fmt: skip
    refused = work_at(tasks_of(broken, 0)[0], 60.0).to_dict()
    del refused["seconds"]
    hold(snapshots, "refused", refused, 4)
    monkeypatch.setattr("classifiers.recipes.sweep.tasks.fresh_scores", lambda *_: 1 / 0)
    failed = work_at(task, 60.0).to_dict()
    del failed["seconds"]
    hold(snapshots, "failed", failed)


def test_workers_that_differ_are_named(snapshots, monkeypatch, tmp_path):
    own = probe.identity()
    assert probe.check(own) == probe.processor() != ""
    said = []
    for name in own:
        with pytest.raises(RuntimeError) as told:
            probe.check({**own, name: "0.0.1 of another"})
        said.append(str(told.value).replace(own[name][:12], "OURS"))
    hold(snapshots, "differs", said, 20)
    (tmp_path / "ui").mkdir()
    for name in ("b.py", "a.py", "ui/c.py", "a.txt"):
        (tmp_path / name).write_text(name)
    hold(snapshots, "sources", probe.digest_of_sources(tmp_path))
    for missing in ("torch", "numpy"):

        def version(name: str, missing: str = missing) -> str:
            if name == missing:
                raise probe.importlib.metadata.PackageNotFoundError(name)
            return "1.0"

        monkeypatch.setattr(probe.importlib.metadata, "version", version)
        with pytest.raises(
            ModuleNotFoundError, match=f"^have no {missing}; install requirements.txt there$"
        ):
            probe.identity()
    monkeypatch.setattr(probe.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        ModuleNotFoundError, match="^cannot import .*; put its folder on their PYTHONPATH$"
    ):
        probe.identity()


def test_sweeps_that_cannot_be_written(snapshots, tmp_path):
    config = parse_sweep(OVER_EPOCHS)
    asked: list[dict[str, Any]] = [
        {"workers": 0}, {"workers": -3}, {"workers": 2, "device": "cuda"},
        {"device": "cuda", "scheduler": "tcp://127.0.0.1:1"}, {"halving": True},
    ]  # fmt: skip
    for more in asked:
        with pytest.raises(ConfigError) as told:
            write_sweep(config, tmp_path / "out.json", **more)
        hold(snapshots, str(more), str(told.value))
    also = parse_sweep({"over": "noise", "and_over": "epochs", "members": 2})
    with pytest.raises(ConfigError, match="^halving: chooses the epochs itself; sweep"):
        write_sweep(also, tmp_path / "out.json", halving=True)
    assert list(tmp_path.iterdir()) == []
