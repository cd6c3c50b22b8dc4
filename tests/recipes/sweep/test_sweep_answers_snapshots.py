"""Sweeps and worlds, whole: held against what was looked at and kept.

Those that ship, and small ones of few epochs, in which rounding has not grown yet.
"""

import json
from typing import Any

import numpy as np
import pytest

from classifiers.config import SweepConfig
from classifiers.config.axes import AXES
from classifiers.config.sweep import parse_sweep
from classifiers.recipes.capstone.sweeps import PAIRS, full_plan, load_optimism, load_sweep
from classifiers.recipes.capstone.worlds.message import unpack_array, unpack_regions
from classifiers.recipes.capstone.worlds.page.luck import ranking, score_range, stops
from classifiers.recipes.capstone.worlds.rule import RULES
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.optimism import early_stopping_optimism
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.tasks import count_trainings, settings_of, tasks_of
from classifiers.ui.capstone import early
from classifiers.ui.capstone.sweep.ask import in_words, read_network, read_own, read_question
from classifiers.ui.capstone.sweep.chart import csv_of
from classifiers.ui.capstone.sweep.names import pair_names, usual_values, write_value
from classifiers.ui.capstone.sweep.view import view
from classifiers.ui.capstone.worlds import shipped_pile, show_pile, show_world
from tests.answers.thinned import attempt, hold
from tests.conftest import ROOT

WEIGHTS = ROOT / "weights" / "capstone"
TINY = {"dataset": {"samples": 60}, "network": {"widths": [4]}}
SMALL: dict[str, dict[str, Any]] = {
    "widths": {"values": [1, 6], "members": 4},
    "epochs": {"over": "epochs", "values": [2, 6], "members": 3},
    "noise and dropout": {
        "over": "noise", "values": [0.1, 0.5], "and_over": "dropout", "and_values": [0, 0.5],
        "members": 3,
    },
    "optimizers, points shared": {
        "over": "optimizer", "values": ["adam", "adamw"], "members": 3, "new_points": False},
    "a search": {"grid": {"width": [2, 3], "weight_decay": [0, 0.1]}, "members": 2},
    "draws": {"random": {"learning_rate": {"low": 0.001, "high": 0.1}}, "draws": 3, "members": 2},
}  # fmt: skip


def small(name: str) -> Any:
    epochs = {} if name == "epochs" else {"epochs": 5}
    return parse_sweep({"base": TINY, **epochs, **SMALL[name]})


def test_small_sweeps(snapshots):
    snapshots.near = 2e-6
    for name in SMALL:
        config = small(name)
        tasks = [
            (settings_of(config, training), len(list(tasks_of(config, training))))
            for training in range(count_trainings(config))
        ]
        hold(snapshots, f"{name}: tasks", tasks)
        *_, last = run_sweep(config)
        result = last.result
        hold(snapshots, f"{name}: result", {k: v for k, v in result.items() if k != "config"}, 6)
        if isinstance(config, SweepConfig):
            rows = dict(enumerate(result["rows"]))
            lines = csv_of(config, rows).splitlines()
            snapshots.hold(f"{name}: table", lines, alone=True)
            hold(snapshots, f"{name}: view", view(config, rows, result["findings"], "own"), 3)


def test_sweeps_that_ship(snapshots):
    plan = full_plan()
    hold(snapshots, "plan", [config.model_dump(exclude={"base"}) for config in plan.sweeps], 30)
    for over, also in [*((axis, None) for axis in AXES), *PAIRS]:
        config, record = load_sweep(WEIGHTS, over, also)
        rows = dict(enumerate(record["rows"]))
        found = list(find(config, record["rows"]))
        assert found == record["findings"], "told in other words today: write the record anew"
        shown = view(config, rows, found, "shipped")
        for key in ("config", "hint", "hints", "caption", "captions"):  # as in small ones
            del shown[key]
        for column in shown["columns"]:  # dots of 100 worlds: a number of each shows which
            for measure in ("accuracy", "loss"):
                dots = column[measure]
                column[measure] = [dots["median"], [dots[part][9] for part in ("train", "test")]]
            column["own_best"], column["ranks"] = column["own_best"][9], column["ranks"][9]
        hold(snapshots, f"{over} {also or ''}", shown, 2)
        lines = csv_of(config, rows).splitlines()
        snapshots.hold(f"{over} {also or ''}: table", [*lines[:3], lines[-1]], alone=True)


def test_what_early_stopping_takes(snapshots):
    snapshots.near = 2e-6
    record = load_optimism(WEIGHTS)
    shown = early.picture(record)
    lines = shown.pop("csv").splitlines()
    snapshots.hold("shipped: table", [*lines[:4], lines[-1]], alone=True)
    hold(snapshots, "shipped", shown, 6)
    base = SweepConfig.parse({"base": TINY, "epochs": 6}).base
    *_, small_one = early_stopping_optimism(base, members=4)
    hold(snapshots, "small", small_one, 6)


def test_names_of_what_is_varied(snapshots):
    for axis in AXES:
        told = [usual_values(axis), [write_value(axis, v) for v in SweepConfig.parse(
            {"over": axis}).values]]  # fmt: skip
        hold(snapshots, axis, told)
    hold(snapshots, "pairs", [pair_names(*pair) for pair in PAIRS])


OWN: list[Any] = [
    {}, {"own": {}}, {"own": {"over": "colour"}}, {"own": {"over": "width", "values": "2, 4"}},
    {"own": {"over": "width", "values": "2, four", "members": 3}},
    {"own": {"over": "width", "values": "2, 2", "members": 3}},
    {"own": {"over": "width", "values": "", "members": 3, "card": True}},
    {"own": {"over": "dropout", "values": "0, 0.5, 0.99", "members": 3, "epochs": 9}},
    {"own": {"over": "noise", "values": "0.1", "and_over": "width", "and_values": "3",
     "members": 1, "epochs": 2}},
    {"own": {"over": "noise", "values": "0", "and_over": "noise", "and_values": "1",
     "members": 1}},
    {"own": {"over": "width", "values": "3", "members": 0}},
    {"own": {"over": "epochs", "values": "3, 4", "members": 2, "epochs": 9}},
    {"own": {"over": "optimizer", "values": "adam, sgd", "members": 2}},
    {"own": {"over": "width", "values": "3", "members": "x"}},
]  # fmt: skip


def test_sweeps_that_a_visitor_asks_for(snapshots):
    def own(asked: Any) -> Any:
        try:
            config, card = read_own(read_question(json.dumps(asked)))
        except ValueError as error:
            return in_words(error)
        return [config.model_dump(exclude={"base"}), card]

    for i, asked in enumerate(OWN):
        hold(snapshots, f"{i}. {json.dumps(asked)[:90]}", own(asked), 30)
    config = small("widths").to_dict()
    for more in ({}, {"index": 1, "member": 2}, {"index": 2, "member": 0}, {"index": True},
                 {"index": 0, "member": 3, "asked": "x", "recorded": {"train": 1, "test": 1.5}},
                 {"index": 0, "member": 0, "recorded": [1]}):  # fmt: skip
        told = attempt(lambda more=more: vars(read_network({"config": config, "asked": 3, **more})))
        text = told if isinstance(told, str) else {k: str(v)[:60] for k, v in told.items()}
        hold(snapshots, f"network {more}", text)


@pytest.mark.parametrize("rule", RULES)
def test_worlds_that_ship(rule, snapshots):
    pile = shipped_pile(rule)
    hold(snapshots, "pile", unpacked(show_pile(pile, rule)), 6)
    for k in (0, 7):
        told = show_world(pile, k)
        lines = told.pop("csv").splitlines()
        snapshots.hold(f"world {k}: table", lines, alone=True)
        hold(snapshots, f"world {k}", unpacked(told), 6)


def unpacked(value: Any) -> Any:
    """Deflated bytes are another library's: what is in them in their place."""
    if isinstance(value, dict) and value.get("dtype", "regions") != "regions":
        return np.asarray(unpack_array(value), float)
    if isinstance(value, dict) and "dtype" in value:
        regions = unpack_regions(value)
        return {"rings": [len(region) for region in regions]}
    if isinstance(value, dict):
        return {key: unpacked(one) for key, one in value.items()}
    return [unpacked(one) for one in value] if isinstance(value, list) else value


def test_luck_of_test_points(snapshots):
    told = {
        f"{p}, {n}": [score_range(p, n), ranking(p, 0.85, n)]
        for p in (0.5, 0.86, 0.99) for n in (1, 10, 90, 1000)
    }  # fmt: skip
    hold(snapshots, "luck", told)
    hold(snapshots, "stops", [stops(n) for n in (1, 10, 90, 1000)], 40)
