"""Sentences of sweeps of every kind, from rows that were invented: held as they were looked at."""

from typing import Any

import numpy as np

from classifiers.config.axes import AXES, TASK_AXES
from classifiers.config.sweep import SearchConfig, parse_sweep
from classifiers.evaluation.comparison import (
    compare_all,
    compare_shares,
    compare_with,
    heaps,
    mean_interval,
    never_learned,
    share_interval,
)
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.findings.table import read_rows
from classifiers.recipes.sweep.members import summarize
from classifiers.recipes.sweep.optimism import describe_ways
from classifiers.recipes.sweep.result import (
    failed_row,
    name_setting,
    shortfall,
    slim,
    sweep_result,
)
from classifiers.recipes.sweep.tasks import name_row
from tests.answers.thinned import hold

POINTS = [[i % 5 - 2.0, (i * 7) % 11 / 4, "ab"[i % 2]] for i in range(40)]
OWN = {"dataset": {"name": "points", "points": POINTS}}


def row(config: Any, index: int, accuracy: np.ndarray, seed: int, **more: Any) -> dict[str, Any]:
    """A row of these accuracies on unseen points; the loss goes with them."""
    random = np.random.default_rng([seed, index])
    count = len(accuracy)
    own = config.base.dataset.name == "points"
    learned = np.random.default_rng([seed, index, 1]).exponential(0.02, count) + 0.01 * index
    best = 0.93 + 0.003 * index * bool({*config.axes} & {*TASK_AXES})
    made = {
        **name_row(config, index),
        "parameters": 9 + index,
        "bayes_accuracy": None if own else best,
        "diverged": 0,
        "train_accuracy": summarize(np.minimum(accuracy + learned, 1)),
        "test_accuracy": summarize(accuracy + random.normal(0, 0.02, count).round(2)),
        "fresh_accuracy": None if own else summarize(accuracy),
        "test_bayes_accuracy": None if own else summarize(random.uniform(0.85, 0.97, count)),
    }
    for part in ("train", "test", "fresh"):
        losses = (1.2 - accuracy) * np.exp(random.normal(0, 0.1, count))
        made[f"{part}_loss"] = None if own and part == "fresh" else summarize(losses)
    return {**made, **more}


def rows_of(
    config: Any, means: list[float], spread: float = 0.01, worlds: int = 20, seed: int = 1
) -> list[dict[str, Any]]:
    """One for each setting; worlds differ alike in all of them."""
    random = np.random.default_rng(seed)
    luck = random.normal(0, 0.01, worlds)
    drawn = [mean + luck + random.normal(0, spread, worlds) for mean in means]
    return [row(config, i, one, seed) for i, one in enumerate(drawn)]


def of(asked: dict[str, Any]) -> Any:
    return parse_sweep({"members": 20, **asked})


KINDS: dict[str, tuple[dict[str, Any], list[float], dict[str, Any]]] = {
    "one is best": ({"values": [2, 4, 8]}, [0.8, 0.9, 0.85], {}),
    "two are alike": ({"values": [2, 4, 8]}, [0.8, 0.9, 0.9], {}),
    "none can be told": ({"values": [2, 4, 8]}, [0.9, 0.9, 0.9], {"spread": 0.03}),
    "few worlds": ({"values": [2, 4, 8], "members": 4}, [0.8, 0.9, 0.85], {"worlds": 4}),
    "one world": ({"values": [2, 4], "members": 1}, [0.8, 0.9], {"worlds": 1}),
    "one value": ({"values": [16]}, [0.88], {}),
    "one value, one world": ({"values": [16], "members": 1}, [0.88], {"worlds": 1}),
    "own points": ({"values": [2, 4, 8], "base": OWN}, [0.7, 0.8, 0.75], {}),
    "own points, few": (
        {"values": [2, 4], "base": OWN, "members": 3}, [0.7, 0.8], {"worlds": 3}),
    "own points, one": (
        {"values": [2, 4], "base": OWN, "members": 1}, [0.7, 0.8], {"worlds": 1}),
    "same points": ({"values": [2, 4], "new_points": False}, [0.7, 0.8], {}),
    "two axes": (
        {"over": "width", "values": [2, 4], "and_over": "dropout", "and_values": [0, 0.5]},
        [0.8, 0.9, 0.85, 0.9], {}),
    "a task and a width": (
        {"over": "noise", "values": [0.1, 0.4], "and_over": "width", "and_values": [2, 4, 8]},
        [0.8, 0.9, 0.85, 0.7, 0.7, 0.75], {}),
    "two tasks": (
        {"over": "noise", "values": [0.1, 0.4], "and_over": "samples", "and_values": [50, 99]},
        [0.8, 0.9, 0.85, 0.7], {}),
    "many tasks": (
        {"over": "samples", "values": list(range(20, 40, 2)), "and_over": "depth",
         "and_values": [1, 2]}, [0.8 + 0.005 * i for i in range(20)], {}),
    "the distance grows": ({"over": "label_noise", "values": [0, 0.2]}, [0.92, 0.7], {}),
    "distances alike": ({"over": "noise", "values": [0, 0.2]}, [0.8, 0.8], {}),
    "distances of few": (
        {"over": "samples", "values": [50, 90], "members": 5}, [0.8, 0.85], {"worlds": 5}),
    "twelve settings": (
        {"over": "width", "values": list(range(2, 14))}, [0.7 + 0.01 * i for i in range(12)], {}),
    "sixteen pairs": (
        {"over": "width", "values": [2, 3, 4, 5], "and_over": "depth", "and_values": [1, 2, 3, 4]},
        [0.7 + 0.01 * (i % 5) for i in range(16)], {}),
    "ten worlds": ({"values": [2, 4, 8], "members": 10}, [0.8, 0.9, 0.85], {"worlds": 10}),
    "nine worlds": ({"values": [2, 4, 8], "members": 9}, [0.8, 0.9, 0.85], {"worlds": 9}),
    "ten worlds of tasks": (
        {"over": "noise", "values": [0, 0.2], "members": 10}, [0.8, 0.8], {"worlds": 10}),
    "twenty settings": (
        {"over": "width", "values": list(range(2, 22))}, [0.7 + 0.009 * i for i in range(20)], {}),
    "21 settings": (
        {"grid": {"width": list(range(2, 23))}}, [0.7 + 0.009 * i for i in range(21)], {}),
    "nine of 21 settings": (
        {"grid": {"width": list(range(2, 23))}}, [0.7] * 8 + [0.9] * 13, {}),
    "optimizers and dropout": (
        {"over": "optimizer", "values": ["adamw", "adam"], "and_over": "dropout",
         "and_values": [0.5, 0]}, [0.8, 0.84, 0.9, 0.7], {}),
    "xor": (
        {"values": [2, 4], "base": {"dataset": {"name": "xor", "classes": 3}}}, [0.505, 0.8],
        {}),
    "a search": ({"grid": {"width": [2, 3], "weight_decay": [0, 0.1]}}, [0.7, 0.8, 0.8, 0.9], {}),
    "a listed search": (
        {"settings": [{"width": 3}, {"dropout": 0.2}, {}]}, [0.7, 0.8, 0.8], {}),
}  # fmt: skip


def test_sentences_of_sweeps(snapshots):
    for name, (asked, means, more) in KINDS.items():
        config = of(asked)
        rows = rows_of(config, means, **more)
        told = list(find(config, rows))
        assert list(find(config, rows[::-1])) == told
        hold(snapshots, name, told)


def test_sentences_over_every_axis(snapshots):
    for axis in AXES:
        config = of({"over": axis})
        count = len(config.values)
        rising = rows_of(config, [0.8 + 0.02 * i for i in range(count)], seed=3)
        bent = rows_of(config, [0.86 - 0.03 * abs(i - 1) for i in range(count)], seed=4)
        hold(snapshots, axis, [list(find(config, rising)), list(find(config, bent))])


def test_what_a_setting_is_called_on_every_axis():
    called = {
        "epochs": "number of epochs", "samples": "number of points",
        "parameters_per_point": "number of parameters", "weight_decay": "weight decay",
        "learning_rate": "learning rate", "batch_size": "batch size", "label_noise": "label noise",
    }  # fmt: skip
    for axis in AXES:
        table, _ = read_rows(config := of({"over": axis}), rows_of(config, [0.8] * config.count))
        assert table is not None
        assert table.word == called.get(axis, axis)


def test_sentences_of_values_that_are_equally_good(snapshots):
    asked_for: list[tuple[dict[str, Any], list[int]]] = [
        ({"values": [2, 4, 8, 16]}, [1, 3]), ({"values": [2, 4, 8]}, [0, 1, 2]),
        ({"over": "optimizer"}, [0, 1]), ({"over": "epochs"}, [0, 2]),
    ]  # fmt: skip
    for asked, alike in asked_for:
        config = of(asked)
        rows = rows_of(config, [0.8 + 0.01 * i for i in range(config.count)])
        best = np.array(rows[-1]["fresh_accuracy"]["members"])
        for i in alike:
            rows[i] = row(config, i, best + 0.02, 5)
            rows[i]["fresh_loss"] = rows[alike[0]]["fresh_loss"]
        hold(snapshots, f"{config.over}: {alike}", list(find(config, rows)))


def test_sentences_where_something_went_wrong(snapshots):
    config = of({"values": [2, 4, 8, 16, 32]})
    good = rows_of(config, [0.8, 0.9, 0.85, 0.7, 0.88])
    failed = [failed_row(config, i, f"it took too long ({i}).") for i in range(5)]
    cases = {
        "one failed": [*good[:4], failed[4]],
        "two failed": [failed[0], *good[1:4], failed[4]],
        "four failed": [*failed[:4], good[4]],
        "all failed": failed,
        "one diverged": [{**good[0], "diverged": 1}, *good[1:]],
        "several diverged": [{**good[0], "diverged": 2}, good[1], {**good[2], "diverged": 1}],
    }
    for name, rows in cases.items():
        hold(snapshots, name, list(find(config, rows)))
        hold(snapshots, f"{name}: result", sweep_result(config, rows)["findings"])
    rare = dict(good[1])
    for name in ("train", "test", "fresh"):
        known = good[1][f"{name}_accuracy"]["members"][:5]
        rare[f"{name}_accuracy"] = {"members": [*known, *[None] * 15]}
    hold(snapshots, "five of twenty are known", list(find(config, [good[0], rare, *good[2:]])))
    rate = of({"over": "learning_rate", "values": [0.01, 10]})
    broken = rows_of(rate, [0.9, 0.6])
    broken[1]["diverged"] = 20
    with np.errstate(invalid="ignore"):
        broken[1]["fresh_loss"] = summarize(np.full(20, np.inf))
    hold(snapshots, "a learning rate", list(find(rate, broken)))
    ranks = [name_setting(config, 2), shortfall(good[0]), sorted(slim(good[0])), sorted(good[0])]
    hold(snapshots, "names", ranks, 30)
    own = of({"values": [2, 4], "base": OWN})
    short = slim({**rows_of(own, [0.7, 0.8])[1], "history": {"epochs": [0, 1]}})
    hold(snapshots, "without single members", {
        key: sorted(value) if isinstance(value, dict) else value for key, value in short.items()
    })  # fmt: skip


def test_sentences_of_those_that_never_learned_and_of_heaps(snapshots):
    config = of({"values": [2, 4, 8, 16, 32, 64]})
    rows = rows_of(config, [0.9] * 6, seed=8)
    for i, count in enumerate((12, 5, 3, 2, 1, 0)):
        values = np.array(rows[i]["fresh_accuracy"]["members"])
        values[:count] = 0.5
        rows[i] = row(config, i, values, 8)
    hold(snapshots, "never", list(find(config, rows)))
    all_stuck = [row(config, 0, np.full(20, 0.5), 8), *rows[3:]]
    hold(snapshots, "all of one", list(find(config, all_stuck)))
    most = [row(config, 0, np.r_[np.full(14, 0.5), np.full(6, 0.9)], 8), *rows[3:]]
    hold(snapshots, "too few to compare", list(find(config, most)))
    random = np.random.default_rng(5)
    heaped = []
    for i in range(6):
        values = random.normal(0.9, 0.002, 20)
        values[: 4 + i] -= 0.1
        values[:i] -= 0.1 * (i > 3)
        heaped.append(row(config, i, values, 8))
    hold(snapshots, "heaps", list(find(config, heaped)))
    hold(snapshots, "heaps of five", list(find(config, heaped[:5])))
    assert not any(text.startswith("So they do") for text in find(config, heaped[:4]))
    task = of({"over": "noise", "values": [0, 0.1]})
    hold(snapshots, "heaps of tasks", list(find(task, [
        row(task, i, np.array(heaped[i]["fresh_accuracy"]["members"]), 8) for i in range(2)
    ])))  # fmt: skip


def test_sentences_of_what_closes_the_gap(snapshots):
    for axis, values in (("dropout", [0, 0.5]), ("weight_decay", [0, 0.01, 0.1])):
        config = of({"over": axis, "values": values})
        for name, lower in (("better", 0.02), ("worse", -0.02), ("the same", 0.0)):
            rows = rows_of(config, [0.85 + lower * i for i in range(len(values))], seed=6)
            for i, one in enumerate(rows):
                fresh = np.array(one["fresh_accuracy"]["members"])
                for kind, gap in (("closed", 0.1 - 0.03 * i), ("turned", 0.1 - 0.15 * i),
                                  ("wider", 0.02 + 0.03 * i)):  # fmt: skip
                    one[kind] = summarize(fresh + gap)
            for kind in ("closed", "turned", "wider"):
                made = [{**one, "train_accuracy": one[kind]} for one in rows]
                told = [text for text in find(config, made) if "Accuracy on training" in text
                        or "gap" in text]  # fmt: skip
                hold(snapshots, f"{axis}, {name}, {kind}", told)


def test_sentences_of_searches_with_halving(snapshots):
    config = SearchConfig.parse({"grid": {"width": [2, 3, 4], "noise": [0.1, 0.3]}, "members": 12})
    rows = rows_of(config, [0.8, 0.7, 0.9, 0.75, 0.85, 0.9], worlds=12)
    rows[0]["bayes_accuracy"] = 0.99
    halving = {"told": "Stopped early."}
    rows[1]["stopped_at"] = 40
    failed = [*rows[:3], failed_row(config, 3, "memory"), *rows[4:]]
    for name, made in (("whole", rows), ("one failed", failed)):
        hold(snapshots, name, sweep_result(config, made, halving)["findings"])
    no_fresh = [{**one, "fresh_accuracy": None, "bayes_accuracy": None} for one in rows]
    hold(snapshots, "tested alone", sweep_result(config, no_fresh)["findings"])
    nothing = [failed_row(config, i, "memory") for i in range(6)]
    hold(snapshots, "nothing", sweep_result(config, nothing)["findings"])
    hold(snapshots, "one left", sweep_result(config, [*nothing[:5], rows[5]])["findings"])
    one = SearchConfig.parse({"grid": {"width": [2]}, "members": 12})
    hold(snapshots, "one", sweep_result(one, rows_of(one, [0.8], worlds=12))["findings"])


def test_sentences_of_many_settings(snapshots):
    config = SearchConfig.parse(
        {"grid": {"width": list(range(2, 35)), "depth": [1, 2, 3], "dropout": [0, 0.2, 0.5]},
         "members": 12})  # fmt: skip
    random = np.random.default_rng(2)
    means = (0.8 + 0.1 * random.random(config.count)).tolist()
    means[7] = 0.95
    hold(snapshots, "297 settings", list(find(config, rows_of(config, means, worlds=12))))


def test_sentences_of_early_stopping(snapshots):
    random = np.random.default_rng(11)
    base = random.normal(0.88, 0.01, 30)

    def columns(
        test: float, validation: float, places: float, harder: float, train: float = 1 / 3
    ) -> Any:
        made: dict[str, dict[str, np.ndarray]] = {}
        for way, gain in (("test", test), ("validation", validation), ("none", 0.0)):
            fresh = base + gain / 2 + random.normal(0, 0.002, 30)
            made[way] = {
                "epoch": random.integers(1, 50, 30).astype(float), "train_accuracy": fresh + 0.05,
                "test_accuracy": fresh + gain + harder + random.normal(0, 0.003, 30),
                "fresh_accuracy": fresh,
            }  # fmt: skip
        if places:
            fresh = made["none"]["fresh_accuracy"]
            made["none"]["test_places_accuracy"] = fresh - places + random.normal(0, 0.002, 30)
            made["none"]["train_places_accuracy"] = fresh + places * train
        return describe_ways(made)

    hold(snapshots, "flatters", columns(0.02, 0.0, 0.02, -0.02))
    hold(snapshots, "no places", columns(0.0, 0.01, 0.0, -0.03)["findings"])
    hold(snapshots, "above fresh", columns(0.01, -0.01, 0.02, 0.02)["findings"])
    hold(snapshots, "places turned", columns(0.01, -0.01, -0.02, -0.02)["findings"])
    hold(snapshots, "both places harder", columns(0.0, 0.0, 0.02, -0.02, -2.0)["findings"])
    noisy = columns(0.0, 0.0, 0.0, random.normal(0, 0.03, 30))  # type: ignore[arg-type]
    hold(snapshots, "no luck", noisy["findings"])


def test_comparisons_of_settings(snapshots):
    random = np.random.default_rng(3)
    values = random.normal([[0.8], [0.82], [0.82], [0.9]], 0.02, (4, 15))
    values[0, :6], values[2, 3] = np.nan, np.nan
    hold(snapshots, "pairs", compare_all(values), 30)
    hold(snapshots, "pairs of nine", compare_all(values, among=9), 30)
    hold(snapshots, "unpaired", compare_all(values, paired=False), 30)
    hold(snapshots, "with the best", compare_with(values, 3, 0.025), 30)
    flags = random.random((3, 40)) < [[0.1], [0.5], [0.45]]
    hold(snapshots, "shares", compare_shares(flags), 30)
    hold(snapshots, "share", [share_interval(c, n) for c, n in ((0, 12), (3, 12), (70, 90))])
    hold(snapshots, "means", [mean_interval(v) for v in (values[0], values[0, :6], [0.5], [1, 1])])
    hold(snapshots, "never", never_learned(np.array([[0.5, 0.505, 0.53, 0.6, np.nan]]), 0.5))
    parted = [[], [0.5], [0.5] * 3, [0.5, 0.5, 0.5, 0.9, 0.9], [0.5] * 3 + [0.53] * 3 + [0.9] * 4,
              [0.5, np.nan, 0.6, 0.7] * 4, [0.5] * 3 + [0.524] * 3]  # fmt: skip
    hold(snapshots, "heaps", [[part.tolist() for part in heaps(np.array(v))] for v in parted], 30)
