"""A run without an end of its own, at its ends: before its first look, at each limit and one beside
it, amid an epoch, concluded twice."""

from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.config import MOST_CHANGES
from classifiers.errors import BudgetError, ConfigError
from classifiers.network import MLP
from classifiers.recipes.playground import budget, endless
from classifiers.recipes.playground import run as ends
from classifiers.recipes.playground.endless import Run
from tests.recipes.test_endless import SMALL, config, drain, result_of

BEAT = "classifiers.training.loop._HEARTBEAT_SECONDS"


@pytest.mark.parametrize(
    ("training", "epoch", "every"),
    [
        ({}, 4, None), ({"early_stopping": {"patience": 50}}, 3, None),
        ({"early_stopping": {"patience": 50}}, 4, 1),
        ({"early_stopping": {"patience": 50}, "record_every": 7}, 3, 1),
        ({"record_every": 7}, 4, None),
    ],
)  # fmt: skip
def test_from_which_epoch_on_it_says_how_often_it_was_looked_at(
    monkeypatch, training, epoch, every
):
    monkeypatch.setattr(endless, "LOOKED_EPOCHS", 3)
    run = Run(config(SMALL, training=training))
    drain(run.advance(epoch))
    assert (run.config.training.epochs, run.config.training.record_every) == (epoch, every)


def test_scores_are_looked_at_one_by_one_and_then_at_every_tenth_epoch(monkeypatch):
    monkeypatch.setattr(endless, "LOOKED_EPOCHS", 3)
    run = Run(config(SMALL, {"widths": [2]}))
    drain(run.advance(31))
    assert [row.epoch for row in run.rows] == [0, 1, 2, 3, 10, 20, 30]


def test_a_loss_that_only_a_pause_has_seen_is_told_of_while_it_rests(monkeypatch):
    monkeypatch.setattr(endless, "LOOKED_EPOCHS", 3)
    run = Run(config(SMALL, training={"members": 2}))
    drain(run.advance(4))
    network, record = run._course.outcome()
    lost = replace(record, diverged_at=np.array([-1, 4]))
    with monkeypatch.context() as patch:
        patch.setattr(run._course, "outcome", lambda: (network, lost))
        drain(run.conclude())
    assert run.config.training.record_every == 10
    drain(run.advance(5))
    assert run.config.training.record_every is None


def test_which_rows_a_history_keeps(monkeypatch):
    monkeypatch.setattr(endless, "MOST_ROWS", 40)
    run = Run(config(SMALL, {"widths": [2]}))
    for epoch, rows in ((39, range(40)), (40, [*range(21), 30, 40])):
        drain(run.advance(epoch))
        assert [row.epoch for row in run.rows] == list(rows)
    monkeypatch.setattr(endless, "MOST_ROWS", 10)
    run = Run(config(SMALL, {"widths": [2]}))
    drain(run.advance(25))
    assert [row.epoch for row in run.rows] == list(range(21))


def test_what_was_asked_for_before_counts_towards_what_is_asked_for(monkeypatch):
    run = Run(config(SMALL))
    costs = [
        budget.estimate(config(SMALL, {"dropout": share}, {"epochs": 1, "batch_size": 1}),
                        film=False).total
        for share in (0.0, 0.9)
    ]  # fmt: skip
    monkeypatch.setattr(budget, "MOST_SECONDS", sum(costs) / 2)
    run.change({"batch_size": 1})
    with pytest.raises(BudgetError):
        run.change({"dropout": 0.9})
    assert run.asked == {"batch_size": 1}
    run.change({"batch_size": 2})
    run.change({"dropout": 0.9})
    assert run.asked == {"batch_size": 2, "dropout": 0.9}


def test_before_its_first_epoch_its_settings_are_those_that_were_given():
    given = config(SMALL, training={"epochs": 50, "record_every": 7, "early_stopping": {}})
    run = Run(given)
    assert (run.config, run.epoch, run.ended) == (given, 0, "")
    drain(run.advance(0))
    assert (run.config, run.epoch, [row.epoch for row in run.rows]) == (given, 0, [0])


def test_it_starts_from_the_weights_of_the_trainings_seed():
    given = config({**SMALL, "seed": 3}, training={"seed": 8, "members": 2})
    network = MLP(given.network, 2, 4, 2).initialize(8)
    assert torch.equal(Run(given).network.parameters, network.parameters)
    first = next(ends.run_playground(given, weights=True)).frame
    taken = network.parameters[:, : network.parameter_count].numpy()
    assert np.array_equal(first.parameters, taken)  # type: ignore[union-attr]


def test_only_training_counts_towards_what_it_may_take(monkeypatch):
    given = config(SMALL, {"widths": [60, 60]})
    one = endless._with_training(given, epochs=1)
    bare, filmed = (budget.estimate(one, film=film).total for film in (False, True))
    monkeypatch.setattr(budget, "MOST_SECONDS", (bare + filmed) / 2)
    run = Run(given)
    run.change({"l1": 0.1})
    assert run.asked == {"l1": 0.1}
    with pytest.raises(BudgetError):
        budget.check_budget(one)
    monkeypatch.setattr(budget, "MOST_SECONDS", 0.99 * bare)
    with pytest.raises(BudgetError):
        Run(given)
    with pytest.raises(BudgetError):
        run.change({"l1": 0.2})
    assert run.asked == {"l1": 0.1}


def test_when_a_glance_costs_next_to_nothing(monkeypatch):
    monkeypatch.setattr(BEAT, -1.0)
    small, large = (
        Run(config(SMALL, training={"batch_size": 30})),
        Run(config(SMALL, {"widths": [200, 200]})),
    )
    assert not small.can_glance
    steps = small.advance(2)
    next(steps)
    assert small.can_glance
    next(steps)
    assert not small.can_glance, "amid an epoch"
    steps.close()
    drain(small.finish_epoch())
    assert small.can_glance
    drain(large.advance(1))
    assert large.is_between_epochs
    assert not large.can_glance


def test_an_epoch_that_was_left_is_ended_and_no_other_begun(monkeypatch):
    monkeypatch.setattr(BEAT, -1.0)
    run = Run(config(SMALL, training={"batch_size": 30}))
    assert [(one.epoch, one.row is not None) for one in run.finish_epoch()] == [(0, True)]
    assert list(run.finish_epoch()) == []
    for end in (run.finish_epoch, lambda: run.advance(1), lambda: run.advance(0)):
        before, steps = run.epoch, run.advance()
        next(steps)
        steps.close()
        assert (run.epoch, run.is_between_epochs) == (before, False)
        drain(end())
        assert (run.epoch, run.is_between_epochs) == (before + 1, True)
    assert result_of(Run(config(SMALL))).history.to_dict()["epoch"] == [0]


def test_seconds_are_those_of_all_epochs_and_of_the_end(monkeypatch):
    ticks = count()
    clock = SimpleNamespace(perf_counter=lambda: float(next(ticks)))
    for module in (endless, ends):
        monkeypatch.setattr(module, "time", clock)
    for beat, each in ((1e9, 1), (-1.0, 6)):  # ticks an epoch: one more than is told in it
        monkeypatch.setattr(BEAT, beat)
        run = Run(config(SMALL, training={"batch_size": 20}))
        drain(run.advance(3))
        assert [result_of(run).seconds for _ in range(2)] == [3 * each + 1] * 2
        drain(run.advance(4))
        assert result_of(run).seconds == 4 * each + 1


def test_of_sizes_that_were_given_up_nothing_is_held():
    run = Run(config(SMALL, {"dropout": 0.1}, {"batch_size": 30}))
    for size, sizes in ((30, {30, 20}), (50, {50, 30}), (None, {80}), (25, {25, 5})):
        run.change({"batch_size": size})
        drain(run.advance(run.epoch + 2))
        assert set(run._course._loop.passes) == {(each, 0.1) for each in sizes}
    run.change({"dropout": 0.4})
    drain(run.advance(run.epoch + 1))
    assert set(run._course._loop.passes) == {(25, 0.4), (5, 0.4)}


def test_why_it_has_ended():
    run: Any = Run(config(SMALL, training={"members": 2}))
    drain(run.advance(1))
    for diverged, ended in (([3, -1], False), ([0, 4], True), ([3, 4], True)):
        run._record = SimpleNamespace(diverged_at=np.array(diverged))
        told = "The loss is no longer a number; start anew with a lower learning rate"
        assert run.ended == (told if ended else "")
    run._record = SimpleNamespace(diverged_at=np.array([-1]))
    for reached, most, ended in ((12345, 12346, False), (12345, 12345, True), (9, 7, True)):
        run._reached, run._most = reached, most
        told = f"A run may take about 60 s of one core and {most:,} of these epochs; "
        assert run.ended == (f"{told}start anew to go on" if ended else "")


def test_what_may_change_is_named():
    with pytest.raises(ConfigError) as refused:
        Run(config(SMALL)).change({"l1": 0.1, "widths": [3]})
    assert str(refused.value) == (
        "training.widths: cannot change during a run; only learning_rate, momentum, weight_decay, "
        "l1, l2, dropout, batch_size can: start anew"
    )


@pytest.mark.parametrize("first", [1, 2])
def test_a_change_before_the_first_epoch_takes_a_place_unless_one_is_there(first):
    changes = [{"epoch": first + k, "l1": 0.1} for k in range(MOST_CHANGES)]
    run = Run(config(SMALL, training={"changes": changes, "epochs": 200}))
    if first == 1:
        run.change({"l2": 0.1})
        assert run.asked == {"l2": 0.1}
    else:
        with pytest.raises(ConfigError, match="may be at most 100 in a run, has as many; start"):
            run.change({"l2": 0.1})
