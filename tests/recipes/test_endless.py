"""A run without an end: the bits of its config in one piece, its bounds, its film."""

import random
from collections import deque
from itertools import pairwise

import numpy as np
import pytest
import torch

from classifiers.config import MOST_CHANGES, PlaygroundConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.film import Frame, Moment
from classifiers.recipes.playground import endless
from classifiers.recipes.playground.budget import most_epochs
from classifiers.recipes.playground.endless import Run
from classifiers.recipes.playground.filming import MOST_HELD, Film
from classifiers.recipes.playground.run import finish_playground


def config(dataset=None, network=None, training=None) -> PlaygroundConfig:
    return PlaygroundConfig.parse(
        {"dataset": dataset or {}, "network": network or {}, "training": training or {}}
    )


SMALL = {"samples": 100}


def drain(steps):
    last = deque(steps, maxlen=1)
    return last[0] if last else None


def result_of(run: Run):
    return drain(run.conclude()).result


def assert_same(a, b):
    assert torch.equal(a.network.parameters, b.network.parameters)
    assert a.metrics() == b.metrics()
    assert a.findings == b.findings
    assert np.array_equal(a.confusion, b.confusion)
    assert np.array_equal(a.best_epoch, b.best_epoch)
    assert np.array_equal(a.diverged_at, b.diverged_at)


def in_one_piece(run: Run):
    return finish_playground(PlaygroundConfig.parse(run.config.to_dict()))


def drawn(random: random.Random) -> PlaygroundConfig:
    training = {
        "optimizer": random.choice(["sgd", "adam", "adamw"]),
        "learning_rate": random.choice([0.01, 0.1, 1.0, 30.0]),
        "members": random.choice([1, 3]),
        "batch_size": random.choice([None, 16, 7]),
        "weight_decay": random.choice([0, 0.01]),
    }
    if random.random() < 0.3:
        on, patience = random.choice(["validation", "test"]), random.choice([5, 30, 1000])
        training["early_stopping"] = {"on": on, "patience": patience}
    network = {
        "widths": random.choice([[], [8, 8], [5]]),
        "dropout": random.choice([0, 0.3]),
        "start": random.choice(["torch", "he", "xavier", "large"]),
        "activation": random.choice(["relu", "tanh"]),
    }
    return config(SMALL, network, training)


def play_at_random(run: Run, random: random.Random, goal: int) -> None:
    sgd = run.config.training.optimizer == "sgd"
    while run.epoch < goal and not run.ended:
        action = random.choice(["step", "step", "play", "play", "pause", "change"])
        if action == "step":
            drain(run.advance(run.epoch + 1))
        elif action == "play":  # and left wherever it is
            steps = run.advance(run.epoch + random.randint(1, 60))
            for _ in range(random.randint(1, 40)):
                next(steps, None)
            steps.close()
        elif action == "pause":
            result_of(run)
        else:
            possible = {
                "learning_rate": random.choice([0.003, 0.05, 0.5]),
                "momentum": random.choice([0, 0.9]) if sgd else 0,
                "weight_decay": random.choice([0, 0.1]),
                "l1": random.choice([0, 0.01]),
                "l2": 0.001,
                "dropout": random.choice([0, 0.5]),
                "batch_size": random.choice([None, 10, 32]),
            }
            chosen = random.sample(list(possible), random.randint(1, 3))
            run.change({name: possible[name] for name in chosen})


@pytest.mark.parametrize("seed", range(6))
def test_played_paused_stepped_and_changed_it_is_its_config_in_one_piece(seed, monkeypatch):
    # A heartbeat at every step, so that it is left amid epochs too.
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", 0.0)
    chance = random.Random(seed)
    run = Run(drawn(chance))
    play_at_random(run, chance, chance.choice([15, 40, 230]))
    assert_same(result_of(run), in_one_piece(run))


@pytest.mark.parametrize("stop", [209, 210])
def test_a_loss_that_is_no_number_late_is_seen_as_in_one_piece(stop):
    given = config(SMALL, {"activation": "identity"}, {"members": 3, "learning_rate": 0.01})
    run = Run(given)
    drain(run.advance(201))
    result_of(run)
    run.change({"learning_rate": 90.0, "momentum": 0.9})
    while run.epoch < stop and not run.ended:
        drain(run.advance(run.epoch + 1))
        result_of(run)  # a pause sees more than the run itself may, and must not change it
    result = result_of(run)
    assert_same(result, in_one_piece(run))
    assert (result.diverged_at >= 0).any() == (stop >= 209)
    once = Run(given)
    drain(once.advance(201))
    once.change({"learning_rate": 90.0, "momentum": 0.9})
    drain(once.advance(run.epoch))
    assert_same(result_of(once), result)


def test_early_stopping_late_keeps_what_it_keeps_in_one_piece():
    stopping = {"patience": 1000}
    given = config(
        {"name": "moons", "samples": 100, "noise": 0.4},
        {"widths": [16]},
        {"optimizer": "adam", "learning_rate": 0.0005, "early_stopping": stopping},
    )
    run = Run(given)
    drain(run.advance(333))
    result_of(run)
    drain(run.advance(401))
    result = result_of(run)
    assert result.config.training.record_every == 1
    assert result.best_epoch[0] > 200
    assert_same(result, in_one_piece(run))


def test_how_often_it_was_looked_is_said_where_that_matters():
    told = []
    for given in ({}, {"early_stopping": {}}):
        for more in ({}, {"record_every": 7}):
            run = Run(config(SMALL, training={**given, **more}))
            drain(run.advance(2))
            told.append(run.config.training.record_every)
    assert told == [None, None, None, 1]


def test_a_run_of_few_epochs_has_the_same_history_and_film_of_weights():
    run = Run(config(SMALL, training={"epochs": 50}))
    drain(run.advance(50))
    mine, whole = result_of(run), in_one_piece(run)
    assert mine.history.to_dict() == whole.history.to_dict()
    assert [frame.epoch for frame in mine.frames] == list(range(51))
    assert all(isinstance(frame, Moment) for frame in mine.frames)
    last = whole.network.parameters[:, : whole.network.parameter_count].numpy()
    assert np.array_equal(mine.frames[-1].parameters, last)
    assert np.array_equal(mine.frames[-1].confusion, whole.confusion)


def test_a_glance_amid_an_epoch_is_the_network_as_it_is(monkeypatch):
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", -1.0)
    small = {"dataset": {"samples": 50}, "training": {"batch_size": 8}}
    run, amid = Run(PlaygroundConfig.parse(small)), 0
    for _ in run.advance(2):
        now = run.network.parameters[:, : run.network.parameter_count]
        assert np.array_equal(run.glance().parameters, now.numpy())  # type: ignore[union-attr]
        amid += not run.is_between_epochs
    assert amid > 3


def test_changes_of_the_config_happen_at_their_epochs():
    changes = [{"epoch": 3, "learning_rate": 0.9}, {"epoch": 7, "batch_size": 20, "dropout": 0.2}]
    given = config(SMALL, training={"epochs": 12, "changes": changes})
    run = Run(given)
    drain(run.advance(12))
    assert run.config == given
    assert_same(result_of(run), finish_playground(given))
    without = finish_playground(config(SMALL, training={"epochs": 12}))
    assert not torch.equal(run.network.parameters, without.network.parameters)


def test_a_change_before_the_first_epoch_is_the_setting_itself():
    run = Run(config(SMALL))
    run.change({"learning_rate": 0.7, "batch_size": 10})
    drain(run.advance(5))
    assert run.changes == ()
    assert (run.config.training.learning_rate, run.config.training.batch_size) == (0.7, 10)
    assert_same(result_of(run), in_one_piece(run))


def test_changes_within_an_epoch_are_one_change():
    run = Run(config(SMALL))
    drain(run.advance(4))
    run.change({"learning_rate": 0.7})
    run.change({"learning_rate": 0.3, "l2": 0.1})
    run.change_now()
    run.change({"l2": 0.2, "batch_size": None})
    drain(run.advance(6))
    assert [change.to_dict() for change in run.changes] == [
        {"epoch": 4, "learning_rate": 0.3, "l2": 0.2, "batch_size": None}
    ]
    assert_same(result_of(run), in_one_piece(run))


def test_concluding_leaves_a_run_as_it_is():
    given = config(SMALL, training={"early_stopping": {"patience": 1000}, "batch_size": 8})
    often, once = Run(given), Run(given)
    for _ in range(10):
        drain(often.advance(often.epoch + 1))
        result_of(often)
    drain(once.advance(10))
    assert torch.equal(often.network.parameters, once.network.parameters)
    assert_same(result_of(often), result_of(once))


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({"learning_rate": -1}, "training.learning_rate: "),
        ({"learning_rate": "1"}, "training.learning_rate: "),
        ({"learning_rate": None}, "training.learning_rate: "),
        ({"momentum": 0.5}, "training.momentum: belongs to sgd"),
        ({"dropout": 2}, "network.dropout: "),
        ({"batch_size": 0}, "training.batch_size: "),
        ({"epoch": 3}, "training.epoch: cannot change during a run"),
        ({"widths": [3]}, "training.widths: cannot change during a run"),
    ],
)
def test_what_may_not_change_is_refused_by_name(settings, start):
    run = Run(config(SMALL, training={"optimizer": "adam"}))
    drain(run.advance(2))
    with pytest.raises(ConfigError) as error:
        run.change(settings)
    assert str(error.value).startswith(start)
    drain(run.advance(3))
    assert run.changes == ()


def test_there_are_only_so_many_changes(monkeypatch):
    run = Run(config(SMALL))
    for epoch in range(1, MOST_CHANGES + 1):
        drain(run.advance(epoch))
        run.change({"l1": epoch / 1e6})
    run.change_now()
    run.change({"l1": 0.5})  # in place of the last
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", -1.0)
    steps = run.advance(MOST_CHANGES + 1)
    next(steps)
    steps.close()
    assert (run.is_between_epochs, run.epoch) == (False, MOST_CHANGES)
    with pytest.raises(ConfigError, match=r"training\.changes: may be at most 100 in a run"):
        run.change({"l1": 0.25})
    drain(run.advance(MOST_CHANGES + 1))
    assert len(run.changes) == MOST_CHANGES
    assert run.changes[-1].to_dict() == {"epoch": MOST_CHANGES, "l1": 0.5}
    with pytest.raises(ConfigError, match=r"training\.changes: may be at most 100 in a run"):
        run.change({"l1": 0})
    assert PlaygroundConfig.parse(run.config.to_dict()) == run.config


def test_it_ends_at_the_budget_with_a_sentence(monkeypatch):
    monkeypatch.setattr("classifiers.recipes.playground.budget.MOST_SECONDS", 0.15)
    given = config(SMALL, training={"batch_size": 10})
    run = Run(given)
    drain(run.advance())
    assert run.ended.startswith("A run may take about")
    assert 1 < run.epoch == most_epochs(given, 10, film=False) < 20_000
    before = run.epoch
    drain(run.advance())
    assert run.epoch == before
    finish_playground(run.config)  # its config is within the budget too


def test_a_smaller_batch_leaves_fewer_epochs(monkeypatch):
    monkeypatch.setattr("classifiers.recipes.playground.budget.MOST_SECONDS", 0.5)
    run, other = Run(config(SMALL)), Run(config(SMALL))
    for each in (run, other):
        drain(each.advance(3))
    run.change({"batch_size": 2})
    drain(run.advance(4))
    assert run._most < other._most / 10


def test_too_much_is_refused_before_anything_is_computed():
    big = config({"samples": 20_000}, {"widths": [256] * 4}, {"members": 20})
    with pytest.raises(BudgetError):
        Run(big)
    run = Run(config({"samples": 10_000}))
    drain(run.advance(1))


def test_early_stopping_ends_it_and_shows_what_is_kept():
    noisy = {"name": "moons", "samples": 60, "noise": 0.5}
    given = config(
        noisy,
        {"widths": [32]},
        {"optimizer": "adam", "learning_rate": 0.05, "early_stopping": {"patience": 10}},
    )
    run = Run(given)
    drain(run.advance())
    assert run.ended.startswith("Early stopping: ")
    result = result_of(run)
    assert [frame.kept for frame in result.frames[-2:]] == [False, True]
    kept = result.network.parameters[:, : result.network.parameter_count].numpy()
    assert np.array_equal(result.frames[-1].parameters, kept)
    assert_same(result, in_one_piece(run))


def test_a_film_stays_small_and_keeps_the_beginning():
    film = Film()
    for epoch in range(5000):
        if film.wants(epoch):
            film.add(Moment(epoch, np.zeros((1, 9), np.float32), np.zeros((2, 2))))
        assert len(film.frames) <= MOST_HELD
    epochs = [frame.epoch for frame in film.frames]
    assert epochs[0] == 0
    assert epochs[1] < 50
    assert epochs[-1] > 4800
    assert max(b - a for a, b in pairwise(epochs)) < 5000 / 20
    shown = film.shown(Moment(5000, np.zeros((1, 9), np.float32), np.zeros((2, 2))))
    assert len(shown) <= 61
    assert shown[-1].epoch == 5000


@pytest.mark.parametrize(
    ("training", "epochs", "late"),
    [({}, 250, range(40, 241, 20)), ({"early_stopping": {"patience": 1000}}, 83, range(24, 81, 4))],
)
def test_of_a_history_that_grows_too_long_every_second_row_goes(
    training, epochs, late, monkeypatch
):
    monkeypatch.setattr(endless, "MOST_ROWS", 40)
    run = Run(config(SMALL, {"widths": [2]}, training))
    drain(run.advance(epochs))
    assert [row.epoch for row in run.rows] == [*range(21), *late]
    last = result_of(run).history.rows[-1].epoch
    assert last == epochs or training, "early stopping ends with what it keeps"


def test_a_large_film_holds_fewer_frames():
    film = Film()
    for epoch in range(200):
        if film.wants(epoch):
            film.add(Moment(epoch, np.zeros((5, 4000), np.float32), np.zeros((2, 2))))
    assert sum(frame.parameters.nbytes for frame in film.frames) <= 4_000_000


def test_a_large_network_is_filmed_in_pictures():
    run = Run(config(SMALL, {"widths": [200, 200]}))
    drain(run.advance(2))
    assert all(isinstance(frame, Frame) for frame in result_of(run).frames)


@pytest.mark.parametrize("outputs", ["one_logit", "logits"])
def test_each_moment_counts_the_test_points_as_its_own_weights_answer_them(outputs):
    dataset = {"name": "moons", "samples": 100, "noise": 0.3}
    run = Run(config(dataset, {"outputs": outputs}, {"members": 3, "learning_rate": 0.05}))
    drain(run.advance(25))
    accuracy = {row.epoch: row.values["test_accuracy"].mean() for row in run.rows}
    network, count = run.network.copy(), run.network.parameter_count
    test = run.scene.rows("test")
    frames = run.film.frames
    assert len({frame.confusion.tobytes() for frame in frames}) > 5
    for frame in frames:
        network.parameters[:, :count] = torch.from_numpy(frame.parameters)
        sure = network.probabilities(test.x)[..., 1].double().numpy()
        for truth in (0, 1):
            ones = (sure[:, test.y.numpy() == truth] > 0.5).sum(1).mean()
            assert frame.confusion[truth, 1] == pytest.approx(ones)
        assert np.trace(frame.confusion) / len(test.y) == pytest.approx(accuracy[frame.epoch])


@pytest.mark.parametrize(
    ("side", "several", "units", "most"),
    [(200, True, 35, 39), (200, False, 35, 66), (200, True, 0, 50), (96, False, 2, MOST_HELD),
     (900, False, 0, 12)],
)  # fmt: skip
def test_of_pictures_a_film_holds_as_many_as_all_their_planes_allow(side, several, units, most):
    film, plane = Film(), np.zeros((side, side), np.uint8)
    neurons = np.zeros((units, 24, 24), np.uint8)
    for epoch in range(most + 1):
        assert len(film.frames) == epoch
        film.add(Frame(epoch, plane, plane if several else None, neurons))
    assert len(film.frames) == most // 2
