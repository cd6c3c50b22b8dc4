"""What the page draws of sweeps whose numbers were made up: held as it was looked at."""

from typing import Any

import numpy as np
import pytest

from classifiers.config.sweep import SweepConfig
from classifiers.recipes.sweep.findings.verdict import judge
from classifiers.recipes.sweep.result import failed_row
from classifiers.ui.capstone import early
from classifiers.ui.capstone.sweep import heat, names
from classifiers.ui.capstone.sweep.chart import chart_of, csv_of
from classifiers.ui.capstone.sweep.heat import heat_of
from classifiers.ui.capstone.sweep.view import view
from tests.answers.thinned import attempt, hold
from tests.recipes.sweep.told.test_sentences_snapshots import OWN, row, rows_of

MOMENTS = [0, 1, 7, 30]


def sweep(**asked: Any) -> SweepConfig:
    return SweepConfig.parse({"members": 12, **asked})


def made(config: SweepConfig, means: list[float], **more: Any) -> dict[int, Any]:
    return dict(enumerate(rows_of(config, means, worlds=config.members, **more)))


def changed(one: Any, **members: Any) -> Any:
    return {**one, **{name: {"members": list(values)} for name, values in members.items()}}


def test_charts_of_one_setting(snapshots):
    config = sweep(values=[2, 4, 8])
    rows = made(config, [0.7, 0.9, 0.85], spread=0.03)
    never = np.r_[np.full(5, 0.5), np.linspace(0.6, 0.9, 7)]
    rows[0] = row(config, 0, never, 3, diverged=2)
    hold(snapshots, "whole", chart_of(config, rows), 4)
    hold(snapshots, "part", chart_of(config, {2: rows[2], 0: failed_row(config, 0, "memory")}), 4)
    hold(snapshots, "none", chart_of(config, {}))
    snapshots.hold("a table", csv_of(config, rows).splitlines()[::5], alone=True)
    lost = changed(rows[1], fresh_loss=[None, *[0.5] * 11], test_loss=[None] * 7 + [0.25] * 5)
    hold(snapshots, "lost", chart_of(config, {1: lost})["columns"], 4)
    many = sweep(values=[2], members=260)
    hold(snapshots, "many", chart_of(many, made(many, [0.8], spread=0.05)), 4)
    late = changed(row(many, 0, np.linspace(0.9, 0.4, 260), 3), test_accuracy=[0.8] * 260)
    hold(snapshots, "many that never learned", chart_of(many, {0: late})["columns"][0]["never"])
    own = sweep(values=[2, 4], base=OWN)
    hold(snapshots, "own points", chart_of(own, made(own, [0.7, 0.8])), 4)
    few = sweep(values=[2], members=9)
    hold(snapshots, "nine", chart_of(few, made(few, [0.7]))["lines"])
    ten = sweep(values=[2], members=10)
    assert chart_of(ten, made(ten, [0.7]))["lines"]


def test_axes_of_charts(snapshots):
    config = sweep(values=[2, 4])
    rows = made(config, [0.8, 0.8])
    for low, high, best in (
        (0.9, 0.91, 0.92), (0.851, 0.899, 0.9), (0.66, 0.939, 0.93), (0.7, 0.95, 0.99),
        (0.655, 0.9, 0.95), (0.505, 1.0, 0.93), (0.1, 0.9, 0.93), (0.52, 0.52, 0.53),
    ):  # fmt: skip
        spread = np.linspace(low, high, 12)
        one = changed(rows[0], fresh_accuracy=spread, test_accuracy=spread[::-1])
        other = {
            **changed(rows[1], fresh_accuracy=spread, test_accuracy=spread),
            "bayes_accuracy": best,
        }
        axes = chart_of(config, {0: one, 1: other})["axes"]["accuracy"]
        hold(snapshots, f"accuracy {low} {high} {best}", axes, 30)
    hard = changed(rows[0], test_accuracy=[0.3, *[0.85] * 11], fresh_accuracy=[0.8] * 12)
    hold(snapshots, "hard test points", chart_of(config, {0: hard})["axes"]["accuracy"], 30)
    nobody = changed(rows[0], test_accuracy=[0.42, *[0.66] * 11], fresh_accuracy=[0.44] * 12)
    hold(snapshots, "nobody learned", chart_of(config, {0: nobody})["axes"]["accuracy"], 30)
    dot = changed(rows[0], test_accuracy=[0.9] * 12, fresh_accuracy=[0.6, *[0.9] * 11])
    high = changed(rows[1], test_accuracy=[0.9] * 12, fresh_accuracy=[0.9] * 12)
    both = chart_of(config, {0: dot, 1: high})["axes"]["accuracy"]
    hold(snapshots, "one low dot", both, 30)
    for low, high in (
        (0.3, 0.31),
        (0.2, 30.0),
        (0.2, 34.9),
        (0.2, 150.0),
        (0.001, 9.0),
        (0.0, 1.0),
    ):
        losses = np.linspace(low, high, 12)
        one = changed(rows[0], fresh_loss=losses, test_loss=losses)
        hold(snapshots, f"loss {low} {high}", chart_of(config, {0: one})["axes"]["loss"], 40)


def with_history(rows: dict[int, Any], moments: list[int] = MOMENTS) -> dict[int, Any]:
    """On their way from chance to where they end, of fewer fresh points."""
    for index, one in rows.items():
        end = np.array(one["fresh_accuracy"]["members"])
        steps = [0.0, 0.3 + 0.05 * index, 0.9, 1.02]
        course = [(0.5 + step * (end - 0.5)).tolist() for step in steps[-len(moments) :]]
        one["history"] = {"epochs": moments, "fresh_accuracy": course, "test_accuracy": course}
    return rows


PAIRS: dict[str, tuple[dict[str, Any], list[float]]] = {
    "one task": (
        {"over": "dropout", "values": [0, 0.5], "and_over": "width", "and_values": [2, 8, 4]},
        [0.7, 0.9, 0.8, 0.75, 0.85, 0.9]),
    "each noise": (
        {"over": "noise", "values": [0.4, 0.1], "and_over": "width", "and_values": [2, 8, 4]},
        [0.7, 0.8, 0.8, 0.75, 0.85, 0.9]),
    "two tasks": (
        {"over": "noise", "values": [0.1, 0.4], "and_over": "samples", "and_values": [50, 99]},
        [0.8, 0.9, 0.85, 0.7]),
    "nine worlds": (
        {"over": "depth", "values": [1, 2], "and_over": "optimizer",
         "and_values": ["adamw", "adam"], "members": 9}, [0.8, 0.9, 0.85, 0.7]),
    "one world": (
        {"over": "depth", "values": [1, 2], "and_over": "optimizer",
         "and_values": ["adamw", "adam"], "members": 1}, [0.8, 0.9, 0.85, 0.7]),
    "ten worlds": (
        {"over": "depth", "values": [1, 2], "and_over": "optimizer",
         "and_values": ["adamw", "adam"], "members": 10}, [0.8, 0.9, 0.85, 0.7]),
}  # fmt: skip


def short(moments: list[dict[str, Any]]) -> Any:
    """A line a cell."""
    cells = [[one and list(one.values()) for one in moment["cells"]] for moment in moments]
    return [[one["epoch"], one["said"], *row] for one, row in zip(moments, cells, strict=True)]


def test_heat_maps_of_two_settings(snapshots):
    for name, (asked, means) in PAIRS.items():
        config = sweep(epochs=30, **asked)
        shown = heat_of(config, with_history(made(config, means)))
        del shown["columns"]
        hold(snapshots, name, {**shown, "moments": short(shown["moments"])})
    config = sweep(epochs=30, **PAIRS["one task"][0])
    rows = made(config, PAIRS["one task"][1])
    plain = heat_of(config, rows)
    hold(snapshots, "without a history", short(plain["moments"]))
    rows = with_history(rows)
    ill = {**rows, 1: failed_row(config, 1, "memory"), 4: failed_row(config, 4, "time")}
    hold(snapshots, "two failed", short(heat_of(config, ill)["moments"][2:]))
    most = {index: rows[index] for index in (0, 1, 2, 4, 5)}
    assert short(heat_of(config, most)["moments"])[-1][1] == "After 30 epochs, so far."
    part = {3: rows[3], 0: rows[0]}
    hold(snapshots, "part", short(heat_of(config, part)["moments"][1:3]))
    failed = {index: failed_row(config, index, "memory") for index in rows}
    hold(snapshots, "all failed", short(heat_of(config, failed)["moments"]))
    lost = {**rows, 2: changed(rows[2], fresh_accuracy=[np.nan, *[0.9] * 11])}
    hold(snapshots, "one lost", heat_of(config, lost)["moments"][-1]["cells"][2])


def test_losses_are_compared_at_the_last_moment_alone(monkeypatch):
    judged: list[bool] = []

    def watch(table: Any, groups: Any) -> Any:
        judged.append(bool(np.isfinite(table.loss).any()))
        return judge(table, groups)

    monkeypatch.setattr(heat, "judge", watch)
    config = sweep(epochs=30, **PAIRS["one task"][0])
    heat_of(config, with_history(made(config, PAIRS["one task"][1])))
    assert judged == [False, False, False, True]


@pytest.mark.parametrize(
    ("dots", "low", "high", "reach", "ticks"),
    [
        ([0.02, -0.25], -0.1, 0.1, 0.25, [i / 20 for i in range(-5, 6)]),
        ([0.02, 0.251], -0.1, 0.1, 0.26, [-0.2, -0.1, 0, 0.1, 0.2]),
        ([0.02, 0.1], -0.2, 0.3, 0.3, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]),
        ([0.02, 0.1], -0.395, 0.3, 0.4, [-0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4]),
        ([0.001, 0.0], -0.002, 0.003, 0.01, [0]),
    ],
)  # fmt: skip
def test_the_axis_of_early_stopping_holds_dots_and_intervals(dots, low, high, reach, ticks):
    told = {"members": dots, "mean": 0.01, "interval": [low, high]}
    way = {name: {"members": dots, "mean": 1234.5} for name in early._COLUMNS}
    way["optimism"] = told
    ways = {"test": {**way, "excess": told}, "validation": {**way, "excess": told}, "none": way}
    shown = early.picture({"ways": ways, "members": 2, "findings": ["It flatters."]})
    assert shown["range"] == [-reach, reach]
    assert shown["ticks"] == ticks
    assert [row["way"] for row in shown["rows"]] == [
        "test", "validation", "none", "test excess", "validation excess"
    ]  # fmt: skip
    assert {row["mean"] for row in shown["rows"]} == {0.01}
    assert shown["csv"].splitlines()[4] == f"validation,1,{','.join([str(dots[1])] * 5)}"


def test_values_as_they_are_written_and_typed(snapshots):
    written: dict[str, list[Any]] = {
        "label_noise": [0, 0.125, 0.1, 0.005], "optimizer": ["adam", "adamw", "sgd"],
        "width": [1, 16, 999, 1000, 20_000], "learning_rate": [1e-4, 0.00009, 3e-5, 1e-10, 0.1, 10],
        "noise": [0, 0.25, 1234.5, 1e-5],
    }  # fmt: skip
    told = {over: [names.write_value(over, one) for one in ones] for over, ones in written.items()}
    hold(snapshots, "written", told)
    typed = {"label_noise": "12.5 %, 0.1;5%", "width": "1\u2009000, 2.0,, 3 ;", "noise": "",
             "optimizer": "Adam, COUPLED , decoupled, x", "epochs": "1e3, many", "depth": "1" * 401,
             "dropout": "50%%", "samples": "nan, inf, -1"}  # fmt: skip
    read = {over: str(attempt(lambda over=over, text=text: names.read_values(over, text)))
            for over, text in typed.items()}  # fmt: skip
    hold(snapshots, "typed", read)
    hold(snapshots, "pairs", [names.pair_names(*pair) for pair in (("width", "noise"),
         ("depth", "optimizer"), ("noise", "width"), ("label_noise", "dropout"))])  # fmt: skip


def test_what_is_said_of_sweeps(snapshots):
    base = {
        "network": {"widths": [9, 5, 7], "activation": "tanh", "dropout": 0.25},
        "training": {"weight_decay": 0.01, "test_share": 0.25},
        "dataset": {"samples": 1850, "noise": 0.2, "name": "blobs", "classes": 3},
    }
    asked: list[dict[str, Any]] = [
        {"over": axis} for axis in ("width", "depth", "epochs", "samples", "noise", "dropout",
                                    "weight_decay", "parameters_per_point", "optimizer")
    ]  # fmt: skip
    asked += [{"values": [2], "members": 1, "new_points": False}, {"members": 1200, "epochs": 1},
              {"over": "noise", "and_over": "epochs", "members": 1}]  # fmt: skip
    findings = ["The best is one.", "The typical loss is low.", "Higher: 2-fold.", "A gap."]
    for one in asked:
        for source in ("shipped", "own"):
            config = sweep(base=base, **one) if source == "own" else sweep(**one)
            told = view(config, {}, findings, source)
            hold(snapshots, f"{one}, {source}", [told["kind"], told["choice"], told["said"]])
    kept = ("findings", "caption", "captions", "hint", "hints", "error", "source")
    hold(snapshots, "the rest", [told[key] for key in kept])
