"""What the page is told of sweeps, against plain numpy on their rows."""

import csv
import io
import json

import numpy as np
import pytest

from classifiers.config import AXES, DEFAULTS, TASK_AXES, SweepConfig
from classifiers.recipes.capstone.sweeps import PAIRS, full_plan
from classifiers.ui.capstone.sweep import names
from classifiers.ui.capstone.sweep.chart import MOST_DOTS, chart_of, csv_of
from classifiers.ui.capstone.sweep.heat import heat_of
from classifiers.ui.capstone.sweep.view import view
from tests.ui.capstone.swept import swept


@pytest.fixture(scope="module")
def widths():
    return swept({"values": [1, 2, 6], "members": 12, "epochs": 12})


@pytest.fixture(scope="module")
def pairs():
    return swept(
        {"values": [1, 6], "and_over": "samples", "and_values": [40, 60], "members": 12,
         "epochs": 12}
    )  # fmt: skip


# Names and values.


def test_every_axis_is_named_explained_and_in_the_right_group():
    assert set(names.AXES) == set(AXES)
    for key, axis in names.AXES.items():
        assert (axis.group == "The points") == (key in TASK_AXES)
        assert axis.help.endswith(".")
        assert len(axis.help) < 130


@pytest.mark.parametrize("over", AXES)
def test_values_are_read_as_they_are_written(over):
    text = names.usual_values(over)
    assert len(text.split(", ")) == len(DEFAULTS[over].values)
    asked = {"over": over, "values": names.read_values(over, text.replace(",", " ,", 1))}
    assert SweepConfig.parse(asked).values == SweepConfig.parse({"over": over}).values


def test_what_ships_is_every_axis_over_100_worlds_and_the_pairs_over_20():
    plan = full_plan()
    single = {sweep.over: sweep for sweep in plan.sweeps if sweep.and_over is None}
    assert set(single) == set(AXES)
    assert all(sweep.members >= 100 and sweep.new_points for sweep in single.values())
    assert all(sweep.epochs == 2000 for sweep in single.values())
    double = [(sweep.over, sweep.and_over) for sweep in plan.sweeps if sweep.and_over]
    assert double == list(PAIRS)
    assert plan.optimism_members == 400
    assert all(sweep.members == 20 for sweep in plan.sweeps if sweep.and_over)


# One setting.


def test_the_chart_holds_every_network_and_what_is_counted_over_them(widths):
    config, rows = widths
    chart = chart_of(config, rows)
    assert chart["values"] == ["1", "2", "6"]
    for index, column in enumerate(chart["columns"]):
        row = rows[index]
        fresh = np.array(row["fresh_accuracy"]["members"])
        for measure in ("accuracy", "loss"):
            for part in ("train", "test", "fresh"):
                told = column[measure][part]
                assert told == pytest.approx(row[f"{part}_{measure}"]["members"], rel=1e-5)
            for part in ("test", "fresh"):
                middle = np.median(row[f"{part}_{measure}"]["members"])
                assert column[measure]["median"][part] == pytest.approx(middle, rel=1e-5)
        assert column["never"] == (fresh <= 0.52).sum()
        assert column["best"] == row["bayes_accuracy"]
        assert column["own_best"] == pytest.approx(row["test_bayes_accuracy"]["members"], rel=1e-5)
        assert (np.diff(fresh[column["ranks"]]) >= 0).all()
        assert column["middle"] == column["ranks"][6]
        assert column["label"] == f"Width {row['value']}"
    assert sum(column["never"] for column in chart["columns"]) > 0, "nothing was to be counted"


def test_the_axis_cuts_off_what_never_learned_and_a_few_dots_at_most(widths):
    chart = chart_of(*widths)
    for measure in ("accuracy", "loss"):
        axis = chart["axes"][measure]
        seen, learned = [], []
        for column in chart["columns"]:
            fresh = np.array(column["accuracy"]["fresh"])
            for part in ("fresh", "test"):
                values = np.array(column[measure][part])
                seen += values.tolist()
                learned += values[fresh > 0.52].tolist()
        low, high = axis["range"]
        assert max(seen) <= high
        assert np.mean(np.array(learned) < low - 1e-12) <= 0.04
        assert (axis["cut"] is not None) == (min(seen) < low - 1e-12)
        assert all(low <= tick <= high for tick in axis["ticks"])


def test_the_axis_is_chosen_by_the_networks_that_learned(widths):
    config, rows = widths
    learned, never = [0.80, 0.85, 0.90] * 4, [0.50] * 11 + [0.85]

    def planted(values):
        accuracy = {"members": values}
        return {**rows[2], "fresh_accuracy": accuracy, "test_accuracy": accuracy}

    axis = chart_of(config, {0: planted(never), 1: planted(learned)})["axes"]["accuracy"]
    assert axis["range"][0] == 0.75
    assert axis["cut"] == 0.75
    nothing = chart_of(config, {0: planted([0.5] * 12)})["axes"]["accuracy"]
    assert nothing["range"][0] < 0.5
    assert nothing["cut"] is None


def test_below_ten_worlds_nothing_is_summed_up():
    config, rows = swept({"values": [1, 2], "members": 4, "epochs": 3})
    assert not chart_of(config, rows)["lines"]
    told = view(config, rows, [], "own")
    assert "4 worlds a value (new points, split and start each)" in told["said"]


def test_a_loss_that_is_no_number_is_not_drawn_and_counts_as_the_largest(widths):
    config, rows = widths
    losses = [None] * 7 + rows[0]["test_loss"]["members"][7:]
    broken = {**rows[0], "diverged": 7, "test_loss": {"members": losses}}
    column = chart_of(config, {**rows, 0: broken})["columns"][0]
    assert column["loss"]["test"][:7] == [None] * 7
    assert column["loss"]["median"]["test"] is None
    assert column["diverged"] == 7


def test_what_failed_and_what_was_never_measured_stays_in_the_chart(widths):
    config, rows = widths
    old = {key: value for key, value in rows[2].items() if key != "test_bayes_accuracy"}
    chart = chart_of(config, {1: {"value": 2, "error": "ran out of memory"}, 2: old})
    failed, known = chart["columns"]
    assert failed == {"index": 1, "label": "Width 2", "error": "ran out of memory"}
    assert known["index"] == 2
    assert known["best_test"] is None
    json.dumps(view(config, {1: failed}, [], "own"), allow_nan=False)


def test_many_worlds_are_counted_though_not_all_are_drawn(widths):
    config, rows = widths
    many = config.model_copy(update={"members": 600})
    tiled = {
        key: {"members": value["members"] * 50}
        if isinstance(value, dict) and "members" in value
        else value
        for key, value in rows[0].items()
    }
    chart = chart_of(many, {0: tiled})
    assert chart["drawn"] == MOST_DOTS == len(chart["columns"][0]["accuracy"]["fresh"])
    assert chart["columns"][0]["never"] == 50 * chart_of(config, rows)["columns"][0]["never"]


def test_the_csv_has_every_network_with_all_its_digits(widths):
    config, rows = widths
    told = list(csv.DictReader(io.StringIO(csv_of(config, rows))))
    assert len(told) == 3 * 12
    for line in told:
        row = next(row for row in rows.values() if str(row["value"]) == line["width"])
        for name in ("fresh_accuracy", "test_loss", "test_bayes_accuracy"):
            assert float(line[name]) == row[name]["members"][int(line["network"])]


# Two at once.


def test_a_cell_is_the_median_over_worlds_at_every_moment(pairs):
    config, rows = pairs
    heat = heat_of(config, rows)
    assert (heat["values"], heat["and_values"]) == (["1", "6"], ["40", "60"])
    epochs = rows[0]["history"]["epochs"]
    assert [moment["epoch"] for moment in heat["moments"]] == epochs
    for at, moment in enumerate(heat["moments"][:-1]):
        for index, cell in enumerate(moment["cells"]):
            wanted = np.median(rows[index]["history"]["fresh_accuracy"][at])
            assert cell["median"] == pytest.approx(wanted, rel=1e-5)
            assert 0 <= cell["shade"] <= 1
    last = heat["moments"][-1]["cells"]
    for index, cell in enumerate(last):
        ends = np.median(rows[index]["fresh_accuracy"]["members"])
        assert cell["median"] == pytest.approx(ends, rel=1e-5)


def planted(pairs, accuracy):
    """The same sweep, whose fresh accuracies are given: (settings, K) at every moment."""
    config, rows = pairs
    made = {}
    for index, row in rows.items():
        course = [accuracy[index].tolist()] * len(row["history"]["epochs"])
        made[index] = {
            **row,
            "fresh_accuracy": {"members": accuracy[index].tolist()},
            "fresh_loss": {"members": [0.4] * config.members},
            "history": {**row["history"], "fresh_accuracy": course},
        }
    return config, made


def test_rings_are_what_cannot_be_told_from_the_best_of_the_same_task(pairs):
    noise = 0.01 * np.random.default_rng(1).standard_normal((4, 12))
    # Settings: width 1 with 40 and 60 points, then width 6: apart with 40 points, alike with 60.
    config, rows = planted(pairs, np.array([[0.70], [0.80], [0.90], [0.80]]) + noise)
    heat = heat_of(config, rows)
    cells = heat["moments"][-1]["cells"]
    told = [(cell["best"], cell["tie"]) for cell in cells]
    assert told[0] == (False, False)
    assert told[2] == (True, False)
    assert sorted([told[1], told[3]]) == [(False, True), (True, False)]
    assert heat["rings"] == "can't be told from the best with the same number of points"
    assert all("width 6 at 40 points" in moment["said"] for moment in heat["moments"])


def test_settings_of_one_task_have_one_best(pairs):
    base, rows = pairs
    asked = {**base.to_dict(), "and_over": "dropout", "and_values": [0, 0.5]}
    config = SweepConfig.parse(asked)
    renamed = {
        index: {**row, "and_value": list(config.values_of(index).values())[1]}
        for index, row in rows.items()
    }
    noise = 0.01 * np.random.default_rng(1).standard_normal((4, 12))
    heat = heat_of(*planted((config, renamed), np.array([[0.7], [0.8], [0.9], [0.8]]) + noise))
    cells = heat["moments"][0]["cells"]
    assert [cell["best"] for cell in cells] == [False, False, True, False]
    assert not any(cell["tie"] for cell in cells)
    assert heat["moments"][0]["said"].startswith("After 0 epochs: on fresh points the best is")


def test_nothing_is_claimed_of_a_part_or_of_few_worlds(pairs):
    config, rows = pairs
    part = heat_of(config, {0: rows[0], 3: {"value": 6, "and_value": 60, "error": "lost"}})
    for moment in part["moments"]:
        assert not any(cell and (cell.get("best") or cell.get("tie")) for cell in moment["cells"])
        assert moment["cells"][1] is None
        assert moment["cells"][3]["error"] == "lost"
    few, small = swept(
        {"values": [1, 2], "and_over": "dropout", "and_values": [0, 0.5], "members": 3, "epochs": 3}
    )
    heat = heat_of(few, small)
    assert heat["rings"] is None
    assert "too few" in heat["moments"][-1]["said"]
