"""Sweeps in one process: what a row holds, what is refused, and that it can be interrupted."""

import json
import statistics
import threading
import time

import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import sample
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.playground.run import finish_playground
from classifiers.recipes.sweep.budget import check_sweep_budget, estimate_sweep
from classifiers.recipes.sweep.members import GROUP
from classifiers.recipes.sweep.run import MEASURES, run_sweep
from classifiers.recipes.sweep.tasks import tasks_of
from tests.tools.reference import lesson_loop, sequential

QUICK = {"values": [2, 8], "members": 3, "epochs": 40}


def sweep(settings: dict) -> dict:
    *_, last = run_sweep(SweepConfig.parse(settings))
    assert last.result is not None
    return last.result


@pytest.fixture(scope="module")
def quick() -> dict:
    return sweep(QUICK)


# The config.


def test_what_is_left_out_is_the_lessons_capstone():
    config = SweepConfig()
    assert config.values == (2, 4, 8, 16, 32, 64, 128, 256)
    assert (config.members, config.epochs) == (10, 2000)
    data, network, training = config.base.dataset, config.base.network, config.base.training
    assert (data.name, data.samples, data.noise, data.seed) == ("moons", 300, 0.3, 0)
    assert (network.widths, network.activation, network.dropout) == ((16, 16), "relu", 0)
    assert (training.optimizer, training.learning_rate) == ("adam", 0.01)
    assert (training.test_share, training.seed, training.epochs) == (0.3, 0, 2000)
    given = SweepConfig.parse({"base": {"dataset": {"noise": 0.1}}})
    assert (given.base.dataset.noise, given.base.dataset.samples) == (0.1, 300)


def test_weight_decay_is_swept_on_a_big_network():
    config = SweepConfig.parse({"over": "weight_decay"})
    assert config.base.network.widths == (64, 64)
    assert (min(config.values), max(config.values)) == (0, 3e-2)


def test_a_value_goes_where_it_belongs():
    def run(over: str, value: float) -> PlaygroundConfig:
        return SweepConfig.parse({"over": over, "values": [value]}).setting(0)

    assert run("width", 5).network.widths == (5, 5)
    assert run("weight_decay", 0.1).training.weight_decay == 0.1
    assert run("dropout", 0.5).network.dropout == 0.5
    assert run("samples", 77).dataset.samples == 77
    assert run("noise", 1).dataset.noise == 1.0


@pytest.mark.parametrize("over", ["width", "weight_decay", "dropout", "samples", "noise"])
def test_the_echoed_config_gives_the_same_sweep(over):
    config = SweepConfig.parse({"over": over, "epochs": 7})
    echoed = json.loads(json.dumps(config.to_dict()))
    assert SweepConfig.parse(echoed) == config
    assert echoed["base"]["training"]["epochs"] == 7


def test_a_base_built_in_python_is_taken_as_it_is():
    base = PlaygroundConfig.parse({"dataset": {"name": "xor"}, "network": {"widths": [3]}})
    config = SweepConfig(base=base, epochs=9)
    assert config.base.dataset == base.dataset
    assert config.base.training.learning_rate == base.training.learning_rate
    assert config.base.training.epochs == 9
    own = PlaygroundConfig.parse({"training": {"epochs": 5}})
    with pytest.raises(ConfigError, match=r"^base.training.epochs: is set by epochs \(9\); leave "):
        SweepConfig.parse({"base": own, "epochs": 9})
    assert SweepConfig(values=(2.0, 4)).values == (2, 4)
    assert SweepConfig(over="epochs", values=(5, 9, 7)).epochs == 9


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"width": [2]}, "width"),
        ({"over": "colour"}, "over"),
        ({"over": 3}, "over"),
        ({"values": []}, "values"),
        ({"values": list(range(1, 22))}, "values"),
        ({"values": 8}, "values"),
        ({"values": [2, 2.5]}, "values.1"),
        ({"values": [0]}, "values.0"),
        ({"values": [2, 257]}, "values.1"),
        ({"values": [True]}, "values.0"),
        ({"values": ["8"]}, "values.0"),
        ({"values": [8, 4, 8]}, "values.2"),
        ({"over": "dropout", "values": [0.96]}, "values.0"),
        ({"over": "weight_decay", "values": [0, -1e-3]}, "values.1"),
        ({"over": "weight_decay", "values": [float("nan")]}, "values.0"),
        ({"over": "samples", "values": [9]}, "values.0"),
        ({"over": "noise", "values": [None]}, "values.0"),
        ({"members": 0}, "members"),
        ({"members": 4097}, "members"),
        ({"epochs": "many"}, "epochs"),
        ({"base": {"netwerk": {}}}, "base.netwerk"),
        ({"base": {"network": {"width": 4}}}, "base.network.width"),
        ({"base": {"training": {"members": 3}}}, "base.training.members"),
        ({"base": {"training": {"epochs": 3}}}, "base.training.epochs"),
        ({"base": {"network": {"widths": []}}}, "base.network.widths"),
        ({"base": []}, "base"),
        ([], "config"),
    ],
)
def test_bad_settings_are_named(settings, field):
    with pytest.raises(ConfigError, match=f"^{field}: "):
        SweepConfig.parse(settings)


# What a row holds.


def test_members_are_the_lessons_loop_in_other_worlds(quick):
    """Each member has points, a split and a start of its own; the first has the lesson's seeds."""
    for row in quick["rows"]:
        for k in range(QUICK["members"]):
            data = sample(SweepConfig().base.dataset, seed=k)
            x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
            parts = split_indices(len(x), 0.3, k + 2**30 if k else 0)
            train, test = map(torch.from_numpy, parts)
            model = sequential((2, row["value"], row["value"], 2), "relu", seed=k)
            ends = lesson_loop(
                model, (x[train], y[train]), (x[test], y[test]), epochs=QUICK["epochs"]
            )[-1]
            assert row["train_accuracy"]["members"][k] == pytest.approx(ends[1], abs=1e-5)
            assert row["test_accuracy"]["members"][k] == pytest.approx(ends[2], abs=1e-5)
            for part, rows in (("train", train), ("test", test)):
                with torch.inference_mode():
                    loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).item()
                assert row[f"{part}_loss"]["members"][k] == pytest.approx(loss, abs=1e-5)


def test_the_first_member_is_the_playgrounds_run(quick):
    config = SweepConfig.parse(QUICK)
    metrics = finish_playground(config.setting(1)).to_dict()["metrics"]
    row = quick["rows"][1]
    for name in ("train_accuracy", "test_accuracy", "fresh_accuracy", "train_loss", "test_loss"):
        assert row[name]["members"][0] == pytest.approx(metrics[name], abs=1e-5)
    assert row["bayes_accuracy"] == metrics["bayes_accuracy"]
    assert row["parameters"] == 3 * 8 + 9 * 8 + 9 * 2


def test_spread_is_the_standard_deviation_over_members(quick):
    for row in quick["rows"]:
        for name in MEASURES:
            values = row[name]["members"]
            assert len(set(values)) > 1
            assert row[name]["mean"] == pytest.approx(statistics.mean(values))
            assert row[name]["spread"] == pytest.approx(statistics.stdev(values))
            assert (row[name]["min"], row[name]["max"]) == (min(values), max(values))


def test_members_do_not_depend_on_how_many_there_are():
    settings = {"values": [4], "epochs": 5}
    (few,), (many,) = (sweep({**settings, "members": k})["rows"] for k in (GROUP, GROUP + 2))
    assert len(many["test_loss"]["members"]) == GROUP + 2
    assert many["test_loss"]["members"][:GROUP] == few["test_loss"]["members"]


def test_early_stopping_on_validation_rows_leaves_fewer_to_train_on():
    stopping = {"early_stopping": {"on": "validation", "share": 0.5}}
    settings = {**QUICK, "base": {"training": stopping}}
    hits = [105 * a for row in sweep(settings)["rows"] for a in row["train_accuracy"]["members"]]
    assert hits == pytest.approx([round(count) for count in hits])


def test_own_points_have_no_fresh_ones():
    points = [[i, i % 3, i % 2] for i in range(20)]
    base = {"dataset": {"name": "points", "points": points}}
    result = sweep({**QUICK, "base": base})
    assert result["fresh_points"] == 0
    for row in result["rows"]:
        assert row["bayes_accuracy"] is row["fresh_accuracy"] is row["fresh_loss"] is None
    assert "on test points" in result["findings"][0]
    with pytest.raises(ConfigError, match="^over: cannot be noise with your own points"):
        SweepConfig.parse({"over": "noise", "base": base})


# Work and interruption.


def test_the_default_fits_the_budget():
    assert check_sweep_budget(SweepConfig()) > 0


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"epochs": 20_000}, "epochs"),
        ({"over": "weight_decay", "members": 40}, "epochs"),
        ({"over": "samples", "values": [20_000], "base": {"training": {"test_share": 0.05},
          "network": {"widths": [256] * 4, "dropout": 0.95}}}, "values.0"),
        ({"over": "epochs", "values": [10, 20_000], "members": 400}, "members"),
    ],
)  # fmt: skip
def test_too_much_work_is_refused_before_it_starts(settings, field, monkeypatch):
    monkeypatch.setattr("classifiers.recipes.sweep.run.measure", lambda *_: pytest.fail("ran"))
    with pytest.raises(BudgetError, match=f"^{field}: .*at most about .* s"):
        next(run_sweep(SweepConfig.parse(settings)))


def test_what_a_sweep_costs_is_the_sum_over_its_tasks():
    """Whatever the number of members, which need not be a whole number of groups."""
    config = SweepConfig.parse({"values": [2, 256], "members": 23})
    tasks = [task for training in range(2) for task in tasks_of(config, training)]
    assert estimate_sweep(config) == pytest.approx(sum(task.work.total for task in tasks))


def test_the_epochs_that_are_said_to_fit_do():
    with pytest.raises(BudgetError) as caught:
        check_sweep_budget(SweepConfig.parse({"epochs": 20_000}))
    told = caught.value.message.split("about ")[-1].split(" epochs fit")[0]
    fitting = int(told.replace(",", ""))
    assert check_sweep_budget(SweepConfig.parse({"epochs": fitting})) <= 120
    with pytest.raises(BudgetError):
        check_sweep_budget(SweepConfig.parse({"epochs": int(1.1 * fitting)}))


def test_news_comes_four_times_a_second():
    """In time of this thread, so that a busy machine does not count.

    A process's first training imports half a second of torch: that of another is not the first.
    """
    list(run_sweep(SweepConfig.parse({"values": [2], "epochs": 1, "members": 1})))
    gaps, before = [], time.thread_time()
    for _ in run_sweep(SweepConfig.parse({"values": [256], "epochs": 2, "members": 5})):
        now = time.thread_time()
        gaps.append(now - before)
        before = now
    assert max(gaps) < 0.25
    assert sum(gaps) > 0.5


def test_closing_stops_at_once_and_leaves_torch_as_it_was():
    before, threads = torch.get_num_threads(), threading.active_count()
    torch.set_num_threads(2)
    try:
        news = run_sweep(SweepConfig.parse({"values": [64]}))
        assert next(news).row is None
        start = time.monotonic()
        news.close()
        assert time.monotonic() - start < 5  # the sweep itself takes longer
        assert torch.get_num_threads() == 2
        assert threading.active_count() == threads
    finally:
        torch.set_num_threads(before)


# The endpoint.


def test_the_endpoint_streams_progress_and_ends_with_the_result(app_url, quick):
    job = Client(app_url, verbose=False).submit(QUICK, api_name="/sweep")
    assert job.result(60) == quick
    *progress, last = job.outputs()
    assert last == quick
    assert [step["row"] for step in progress if "row" in step] == quick["rows"]
    assert all(step["epoch"] <= step["epochs"] == QUICK["epochs"] for step in progress)
    with pytest.raises(AppError, match="^epochs: a sweep may take"):
        Client(app_url, verbose=False).predict({"epochs": 20_000}, api_name="/sweep")
