"""Every setting's schema and refusals, whole: held against what was looked at and kept."""

from typing import Any

import pytest

from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    PlaygroundConfig,
    SweepConfig,
    TrainingConfig,
)
from classifiers.config.schema import json_schema
from classifiers.config.sweep import SearchConfig, parse_sweep
from classifiers.recipes.playground.budget import check_budget, estimate
from classifiers.recipes.sweep.budget import check_sweep_budget, estimate_sweep
from tests.answers.thinned import attempt, hold

CONFIGS = {
    "dataset": DatasetConfig, "network": NetworkConfig, "training": TrainingConfig,
    "capstone": CapstoneConfig, "sweep": SweepConfig, "search": SearchConfig,
}  # fmt: skip
BAD: list[Any] = [
    None, True, "a word", -1, 0, 0.5, 1.5, 1e9, float("nan"), float("inf"), [], {}, [1, "x", None],
    {"a": 1}, "x" * 90,
]  # fmt: skip


def told(config: type, value: Any) -> Any:
    """How it is refused, or what the setting becomes."""
    said = attempt(lambda: config.parse(value))
    if isinstance(said, str):
        return said.removeprefix("ConfigError: ")
    (key,) = value
    return {"is": said.to_dict().get(key)}


@pytest.mark.parametrize("name", CONFIGS)
def test_settings_that_are_refused(name, snapshots):
    config = CONFIGS[name]
    for key in [*config.model_fields, "surprise"]:
        hold(snapshots, key, [told(config, {key: value}) for value in BAD], 30)
    for value in ("", None, 3, [], "{}", {1: 2}):
        hold(snapshots, f"whole: {value!r}", attempt(lambda value=value: config.parse(value)) and
             str(attempt(lambda value=value: config.parse(value)))[:200])  # fmt: skip


@pytest.mark.parametrize("name", ["playground", "capstone", "sweep"])
def test_schemas_of_settings(name, snapshots):
    config = {**CONFIGS, "playground": PlaygroundConfig}[name]
    hold(snapshots, "schema", json_schema(config), 60)
    hold(snapshots, "defaults", config().to_dict(), 60)


POINTS = [[i, -i, i % 3] for i in range(12)]
LABELS = ("10", "-inf", "2", "1e999", "nan", "b")
TOGETHER: list[dict[str, Any]] = [
    {"dataset": {"name": "moons", "classes": 3}}, {"dataset": {"name": "xor", "factor": 0.4}},
    {"dataset": {"name": "points"}}, {"dataset": {"name": "points", "points": POINTS[:9]}},
    {"dataset": {"name": "points", "points": POINTS, "samples": 5}},
    {"dataset": {"name": "points", "points": POINTS, "classes": 2}},
    {"dataset": {"name": "points", "points": POINTS, "label_noise": 0.1}},
    {"dataset": {"name": "points", "points": POINTS, "balance": 0.1}},
    {"dataset": {"name": "points", "points": [*POINTS, [1, 2, 8]]}},
    {"dataset": {"name": "points", "points": [*POINTS, [1, 2, 0.5]]}},
    {"dataset": {"name": "points", "points": [*POINTS, [1, 2, "a"]]}},
    {"dataset": {"name": "points", "points": [*POINTS, [1, 2]]}},
    {"dataset": {"name": "points", "points": [*POINTS, [1, 1e9, 0]]}},
    {"dataset": {"name": "points", "points": [[i, i, "ab"[i % 2]] for i in range(10)]}},
    {"dataset": {"name": "points", "points": [[i, i, "b" * 99] for i in range(10)]}},
    {"dataset": {"points": POINTS}}, {"dataset": {"class_names": ["a", "b"]}},
    {"dataset": {"features": ["x1", "x1"]}}, {"dataset": {"features": ["x3"]}},
    {"dataset": {"samples": 12}, "training": {"test_share": 0.01}},
    {"network": {"outputs": "one_logit"}}, {"network": {"widths": [8] * 9}},
    {"network": {"widths": [1, 300]}}, {"network": {"widths": [2.5]}},
    {"network": {"widths": []}, "training": {"epochs": 1}},
    {"training": {"optimizer": "adam", "momentum": 0.5}}, {"training": {"members": 21}},
    {"training": {"epochs": 20_000, "members": 20}, "dataset": {"samples": 20_000}},
    {"training": {"batch_size": 1, "epochs": 5000}},
    {"network": {"widths": [256] * 4}, "dataset": {"samples": 20_000}},
    {"network": {"widths": [256] * 4}, "training": {"members": 20, "batch_size": None},
     "dataset": {"samples": 20_000}},
    *({"training": {"epochs": 50, "changes": changes}} for changes in (
        [{"epoch": 3}], [{"epoch": 0, "l1": 0.1}], [{"epoch": 4, "l1": 0.1}, {"epoch": 2, "l1": 0}],
        [{"epoch": 2, "l1": 0.1}, {"epoch": 2, "l1": 0}], [{"epoch": 60, "l1": 0.1}],
        [{"epoch": 2, "momentum": 0.3}], [{"epoch": 2, "optimizer": "adam"}], [{"l1": 0.1}], [3],
        [{"epoch": 2, "batch_size": None}], [{"epoch": 2, "dropout": 1.0}])),
    {"a": {}, "b": {}}, {"dataset": []}, {"training": None},
    *({"dataset": {"name": "points", "points": points, **more}} for points, more in (
        ([[i, -i, i % 8] for i in range(12)], {}), ([[i, -i, 7 - i % 2] for i in range(10)], {}),
        *(([[i, -i, "hgfedcbia"[i % count]] for i in range(12)], {}) for count in (8, 9)),
        ([[i, i, LABELS[i % 6]] for i in range(12)], {}),
        ([[i, i, i % 2] for i in range(10)], {"class_names": ["a", "a"]}),
        ([[i, i, i % 2] for i in range(10)], {"class_names": ["a", "b", "c"]}))),
]  # fmt: skip


def test_settings_that_do_not_go_together(snapshots):
    for i, value in enumerate(TOGETHER):

        def run(value: dict[str, Any] = value) -> Any:
            config = PlaygroundConfig.parse(value)
            check_budget(config)
            return {"taken": config.to_dict(), "seconds": estimate(config)}

        hold(snapshots, f"{i}. {str(value)[:90]}", attempt(run))


AXES = ("width", "depth", "epochs", "dropout", "weight_decay", "learning_rate", "batch_size",
        "samples", "noise", "label_noise", "parameters_per_point")  # fmt: skip
SWEEPS: list[dict[str, Any]] = [
    *({"over": axis} for axis in AXES), *({"over": axis, "values": [-1]} for axis in AXES),
    *({"over": axis, "values": ["a", None]} for axis in AXES),
    {"over": "width", "and_over": "width"}, {"over": "width", "and_over": "depth"},
    {"over": "width", "and_over": "parameters_per_point"}, {"and_values": [1]},
    {"over": "width", "and_over": "noise", "and_values": [0.1, 0.1]}, {"values": [2, 2]},
    {"over": "epochs", "values": [5, 9], "epochs": 7}, {"base": {"training": {"epochs": 3}}},
    {"base": {"training": {"members": 3}}}, {"base": {"network": {"widths": []}}},
    {"base": {"dataset": {"name": "points", "points": POINTS}}},
    {"base": {"dataset": {"name": "points", "points": POINTS}}, "over": "noise"},
    {"base": {"dataset": {"name": "points", "points": POINTS}}, "new_points": True},
    {"members": 200, "epochs": 5000}, {"over": "samples", "values": [20_000], "members": 100},
    {"values": list(range(1, 30))}, {"over": "colour"}, {"over": ["width"]}, {"base": 3},
    {"settings": [{"width": 3}], "grid": {"width": [2]}}, {"grid": {}}, {"settings": []},
    {"grid": {"width": []}}, {"grid": {"epochs": [3]}}, {"grid": {"colour": [3]}},
    {"grid": {"width": [2, 3], "noise": [0.1, 0.2]}, "members": 2},
    {"random": {"width": {"low": 2}}}, {"random": {"width": {"low": 4, "high": 2}}},
    {"random": {"noise": {"low": 0, "high": 2, "log": True}}}, {"random": {"width": 3}},
    {"random": {"width": {"choices": [2, 3], "low": 1}}},
    {"random": {"width": {"low": 2, "high": 64}, "weight_decay": {"low": 0, "high": 0.1},
                "depth": {"choices": [1, 2]}}, "draws": 6, "seed": 4},
    {"settings": [{"width": 3, "depth": 2}, {"dropout": 0.2}]},
    {"over": "optimizer"}, {"over": "optimizer", "and_over": "weight_decay"},
    {"over": "dropout", "and_over": "weight_decay", "epochs": 200},
    {"over": "epochs", "values": [5, 9, 7]},
    {"base": {"dataset": {"name": "points", "points": POINTS}}, "over": "samples",
     "and_over": "noise"},
    {"grid": {"width": [2], "depth": [1], "parameters_per_point": [1]}},
    {"settings": [{"width": 2}, {"depth": 1, "parameters_per_point": 1}]},
    {"random": {"noise": {"low": 1, "high": 1}}}, {"random": {"dropout": {"low": 0, "high": 2}}},
]  # fmt: skip


def test_sweeps_that_are_refused_and_what_others_vary(snapshots):
    for i, value in enumerate(SWEEPS):

        def run(value: dict[str, Any] = value) -> Any:
            config = parse_sweep(value)
            if isinstance(config, SweepConfig):
                check_sweep_budget(config)
            return {
                "axes": config.axes,
                "count": config.count,
                "varied": [config.values_of(k) for k in range(min(config.count, 6))],
                "last": config.setting(config.count - 1).to_dict(),
                "seconds": estimate_sweep(config),
            }

        hold(snapshots, f"{i}. {str(value)[:90]}", attempt(run))
