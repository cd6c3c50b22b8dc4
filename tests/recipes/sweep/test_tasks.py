"""Tasks: what they serve, and that a row is the same however its members were grouped."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from classifiers.config import SearchConfig, SweepConfig
from classifiers.data.synthetic import bayes_predict
from classifiers.recipes.sweep import members
from classifiers.recipes.sweep import run as run_module
from classifiers.recipes.sweep import tasks as tasks_module
from classifiers.recipes.sweep.history import history_epochs, keeps_history
from classifiers.recipes.sweep.members import GROUP
from classifiers.recipes.sweep.run import run_sweep
from classifiers.recipes.sweep.tasks import (
    TASK_SECONDS,
    Task,
    count_trainings,
    measure,
    measure_members,
    merge,
    settings_of,
    tasks_of,
)

SEARCH = {"random": {"width": {"low": 2, "high": 9}}, "draws": 5, "members": 2, "epochs": 5}


def columns_of(news) -> dict:
    *_, last = news
    return last


def row_in_groups(config, index: int, *groups: range) -> dict:
    return merge(
        config, index, [columns_of(measure_members(config, index, group)) for group in groups]
    )


def rows(settings: dict) -> list[dict]:
    *_, last = run_sweep(SweepConfig.parse(settings))
    return last.result["rows"]


@pytest.mark.parametrize(
    ("epochs", "base"),
    [
        (20, {}),
        (20, {"network": {"dropout": 0.3}}),
        (20, {"training": {"batch_size": 32}}),
        (60, {"training": {"early_stopping": {"on": "validation"}}}),
    ],
    ids=["plain", "dropout", "batches", "stopping"],
)
def test_a_row_does_not_depend_on_how_its_members_were_grouped(epochs, base):
    config = SweepConfig.parse({"values": [7], "members": 5, "epochs": epochs, "base": base})
    together = row_in_groups(config, 0, range(5))
    assert row_in_groups(config, 0, range(2), range(2, 5)) == together
    assert row_in_groups(config, 0, *(range(k, k + 1) for k in range(5))) == together


def test_groups_are_small_enough_to_keep_any_number_of_workers_busy():
    config = SweepConfig.parse({"over": "width", "values": [2, 256], "members": 40})
    for training in range(2):
        tasks = tasks_of(config, training)
        assert [k for task in tasks for k in task.members] == list(range(40))
        assert all(len(task.members) <= GROUP for task in tasks)
        assert all(len(t.members) == 1 or t.work.total < 2 * TASK_SECONDS for t in tasks)


def test_a_task_survives_the_way_to_a_worker():
    config = SweepConfig.parse({"over": "noise", "values": [0.1], "members": 3, "epochs": 4})
    (task,) = tasks_of(config, 0)
    assert Task.from_dict(task.to_dict()) == task


@pytest.mark.parametrize(
    ("axes", "served"),
    [
        ({"over": "epochs", "values": [30, 10]}, [(1, 0)]),
        ({"over": "epochs", "values": [10, 30], "and_over": "width", "and_values": [2, 4]},
         [(0, 2), (1, 3)]),
        ({"over": "width", "values": [2, 4], "and_over": "epochs", "and_values": [30, 10]},
         [(1, 0), (3, 2)]),
        ({"over": "width", "values": [2, 4], "epochs": 30}, [(0,), (1,)]),
        ({"over": "epochs", "values": [10, 30],
          "base": {"training": {"early_stopping": {"on": "test"}}}}, [(0,), (1,)]),
    ],
)  # fmt: skip
def test_one_training_serves_all_epochs(axes, served):
    config = SweepConfig.parse({**axes, "members": 2})
    assert [settings_of(config, t) for t in range(count_trainings(config))] == served
    assert sorted(i for indices in served for i in indices) == list(range(config.count))


def test_a_search_trains_every_setting():
    config = SearchConfig.parse(SEARCH)
    assert [settings_of(config, t) for t in range(count_trainings(config))] == [
        (i,) for i in range(5)
    ]
    row = merge(config, 3, [columns_of(measure_members(config, 3, range(2)))])
    assert (row["index"], row["values"]) == (3, config.values_of(3))
    assert "history" not in row


@pytest.mark.parametrize(
    "base", [{}, {"network": {"dropout": 0.3}, "training": {"batch_size": 32}}]
)
def test_reading_along_the_way_is_training_to_there(base):
    settings = {"over": "epochs", "values": [50, 20], "members": 3, "base": base}
    config = SweepConfig.parse(settings)
    for index, row in enumerate(rows(settings)):
        assert row == row_in_groups(config, index, range(3))


def test_news_of_shared_rows_come_as_soon_as_they_can():
    config = SweepConfig.parse(
        {"over": "epochs", "values": [10, 400], "members": 3, "base": {"network": {"widths": [8]}}}
    )
    told = [news for news in run_sweep(config) if news.result is None]
    order = [news.index for news in told if news.row]
    assert order == [0, 1]
    between = told[next(i for i, news in enumerate(told) if news.row) + 1 :]
    assert any(news.row is None and 10 < news.epoch < 400 for news in between)
    # Until then all that trains is the setting with the most epochs.
    assert {news.index for news in told if not news.row} == {1}


def test_test_bayes_is_what_the_best_rule_scores_on_these_points():
    """Against the rows that the members train on, drawn again."""
    from classifiers.recipes.sweep import members

    config = SweepConfig.parse({"values": [2], "members": 4, "epochs": 2})
    run = config.setting(0)
    parts = members.member_parts(run, members.worlds(run, range(4), new_points=True))
    expected = [
        float((bayes_predict(run.dataset, x) == y).mean())
        for x, y in zip(parts.test.x.numpy(), parts.test.y.numpy(), strict=True)
    ]
    (row,) = rows({"values": [2], "members": 4, "epochs": 2})
    assert row["test_bayes_accuracy"]["members"] == pytest.approx(expected)
    assert len(set(expected)) > 1
    features = {"dataset": {"features": ["x1^2", "x2^2"]}}
    (other,) = rows({"values": [2], "members": 4, "epochs": 2, "base": features})
    assert other["test_bayes_accuracy"] == row["test_bayes_accuracy"]


def test_a_history_ends_as_the_row_does():
    (row,) = rows({"values": [8], "members": 3, "epochs": 50})
    history = row["history"]
    assert history["epochs"] == history_epochs(50)
    assert history["epochs"][0] == 0
    assert history["epochs"][-1] == 50
    assert history["test_accuracy"][-1] == row["test_accuracy"]["members"]
    assert history["fresh_accuracy"][-1] == pytest.approx(
        row["fresh_accuracy"]["members"], abs=0.02
    )
    assert np.shape(history["fresh_accuracy"]) == (len(history["epochs"]), 3)


def test_long_sweeps_and_those_over_epochs_keep_none():
    assert keeps_history(SweepConfig())
    assert not keeps_history(SweepConfig.parse({"epochs": 2001}))
    assert not keeps_history(SweepConfig.parse({"over": "epochs"}))
    assert not keeps_history(SearchConfig.parse(SEARCH))


def test_networks_that_all_diverged_have_a_whole_history():
    base = {"training": {"optimizer": "sgd", "learning_rate": 100.0}}
    (row,) = rows({"values": [8], "members": 2, "epochs": 200, "base": base})
    if row["diverged"] == 2:
        assert len(row["history"]["test_accuracy"]) == len(row["history"]["epochs"])
        assert row["history"]["test_accuracy"][-1] == row["test_accuracy"]["members"]


def test_two_axes_name_both_values():
    found = rows({"over": "noise", "values": [0.1, 0.3], "and_over": "width",
                  "and_values": [2, 3], "members": 1, "epochs": 2})  # fmt: skip
    assert [(row["value"], row["and_value"]) for row in found] == [
        (0.1, 2), (0.1, 3), (0.3, 2), (0.3, 3),
    ]  # fmt: skip
    assert [row["parameters"] for row in found] == [18, 29, 18, 29]


def test_a_shorter_task_is_the_start_of_a_longer_one():
    config = SearchConfig.parse(SEARCH)
    (short,) = tasks_of(config, 1, epochs=3)
    (long,) = tasks_of(config, 1)
    assert short.key != long.key
    whole = replace(long, ends=(3, 5), indices=(1, 1))
    early, _ = [news for news in measure(whole) if isinstance(news, tuple)]
    (alone,) = [news for news in measure(short) if isinstance(news, tuple)]
    assert early == alone


def test_dropout_and_batches_are_drawn_from_each_members_start(monkeypatch):
    seen = []
    train = tasks_module.train

    def watched(*arguments, **settings):
        seen.append(settings["seeds"])
        return train(*arguments, **settings)

    monkeypatch.setattr(tasks_module, "train", watched)
    base = {"training": {"seed": 40}, "dataset": {"seed": 7}}
    config = SweepConfig.parse({"values": [2], "members": 3, "epochs": 2, "base": base})
    list(measure_members(config, 0, range(3)))
    assert seen == [[40, 41, 42]]


def test_progress_is_over_all_members_and_told_as_it_comes(monkeypatch):
    config = SweepConfig.parse({"values": [2], "members": 5, "epochs": 10})
    pulled = []

    def finish(task, *_):
        for news in (4, 10, (0, task.members)):
            pulled.append(news)
            yield news

    groups = [SimpleNamespace(members=range(2)), SimpleNamespace(members=range(2, 5))]
    monkeypatch.setattr(run_module, "tasks_of", lambda *_: groups)
    monkeypatch.setattr(run_module, "_finish", finish)
    monkeypatch.setattr(run_module, "merge", lambda config, index, found: found)
    told = [(news, len(pulled)) for news in run_module._train(config, 0, None, "cpu")]
    assert told == [(1, 1), (4, 2), (6, 4), (10, 5), ((0, [range(2), range(2, 5)]), 6)]


def test_threads_come_back_with_the_last_who_asked_for_one(monkeypatch):
    now = [5]

    def take(count):
        assert members._lock.locked()
        now[0] = count

    monkeypatch.setattr(members.torch, "get_num_threads", lambda: now[0])
    monkeypatch.setattr(members.torch, "set_num_threads", take)
    second = members.single_thread()
    with members.single_thread():
        assert now == [1]
        second.__enter__()
    assert now == [1]
    second.__exit__(None, None, None)
    assert now == [5]

    def steps():
        yield now[0]
        raise KeyError

    told = members.single_threaded(steps())
    assert (next(told), now) == (1, [5])
    with pytest.raises(KeyError):
        next(told)
    assert (members._users, now) == (0, [5])
