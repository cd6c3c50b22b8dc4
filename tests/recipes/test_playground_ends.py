"""A playground run at its ends: seeds that differ, scores of which no two are alike, limits,
moments that are taken, and scripts of settings of every kind."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.model_selection import train_test_split
from torch import nn

from classifiers.compute.activations import ACTIVATIONS
from classifiers.data.features import apply_features
from classifiers.errors import BudgetError, ConfigError
from classifiers.film import Moment
from classifiers.recipes.playground import budget, code
from classifiers.recipes.playground import run as runs
from classifiers.recipes.playground.filming import Crew
from classifiers.recipes.playground.result import CURVES, Result, build_scene
from classifiers.recipes.playground.run import finish_playground, run_playground
from classifiers.training import Scores
from tests.recipes.test_endless import config

SMALL = {"name": "moons", "samples": 60, "seed": 3}


@pytest.fixture(scope="module")
def result() -> Result:
    return finish_playground(config(SMALL, training={"epochs": 1, "members": 3, "seed": 8}))


def test_points_are_split_by_their_own_seed(result):
    stopping = {"share": 0.25}
    scene = build_scene(config(SMALL, training={"seed": 8, "early_stopping": stopping}))
    seen, test = train_test_split(np.arange(60), test_size=0.2, random_state=3)
    train, validation = train_test_split(seen, test_size=0.25, random_state=3)
    for own, wanted in zip((scene.train, scene.validation, scene.test), (train, validation, test),
                           strict=True):  # fmt: skip
        np.testing.assert_array_equal(own, wanted)
    assert result.to_dict()["seed"] == 8


def test_scores_of_the_end_are_each_their_own(result):
    random = np.random.default_rng(1)
    final = {name: random.random(3) for name in CURVES}
    made = replace(result, final=final, fresh=random.random(3))
    told = made.metrics()
    for name, values in {**final, "fresh_accuracy": made.fresh}.items():
        assert told[name] == pytest.approx(np.mean(values))
        assert told["spread"][name] == pytest.approx(np.std(values, ddof=1))
    assert (told["bayes_accuracy"], told["spread"]["bayes_accuracy"]) == (made.bayes.value, 0)
    for bad in (np.inf, -np.inf, np.nan):
        final["test_loss"][1] = bad
        with np.errstate(invalid="ignore"):
            told = made.metrics()
        assert (told["test_loss"], told["spread"]["test_loss"]) == (None, None)
        assert told["train_loss"] == pytest.approx(final["train_loss"].mean())


@pytest.mark.parametrize(("test_share", "share", "fits"), [(0.8, 0.5, True), (0.9, 0.05, False)])
def test_early_stopping_leaves_a_row_to_train_on(test_share, share, fits):
    training = {"test_share": test_share, "early_stopping": {"share": share}}
    given = config({"samples": 10}, training=training)
    if fits:
        scene = build_scene(given)
        assert (len(scene.train), len(scene.validation)) == (1, 1)
        return
    with pytest.raises(ConfigError) as refused:
        build_scene(given)
    assert str(refused.value) == (
        "training.early_stopping.share: must leave a training row, got 0.05 of 1 rows; lower it, "
        "or training.test_share"
    )


def test_the_film_counts_towards_what_a_run_may_take(monkeypatch):
    given = config(SMALL, {"widths": [60, 60]}, {"epochs": 2})
    bare, filmed = (budget.estimate(given, film=film).total for film in (False, True))
    monkeypatch.setattr(budget, "MOST_SECONDS", (bare + filmed) / 2)
    scene = build_scene(config({**SMALL, "seed": 4}))
    assert next(run_playground(given, film=False)).epoch == 0
    ended = finish_playground(given, scene=scene.with_config(given))
    assert (ended.frames, ended.scene.dataset.x.tolist()) == ([], scene.dataset.x.tolist())
    for steps in (run_playground, finish_playground):
        with pytest.raises(BudgetError):
            next(iter(steps(given, film=True)))  # type: ignore[call-overload]
    monkeypatch.setattr(budget, "MOST_SECONDS", 2 * filmed)
    assert [frame.epoch for frame in finish_playground(given, film=True).frames] == [0, 1, 2]


def test_which_moments_are_taken_and_which_rows_are_told(monkeypatch):
    """One of two networks is lost at epoch 1, the other at epoch 3, where training ends; the first
    record is told of before the second is asked for."""
    asked = []

    def train(network: Any, training: Any, rows: Any, **more: Any) -> Any:
        ends = ((0, True, [-1, -1]), (1, False, [-1, -1]), (1, True, [1, -1]), (2, True, [1, -1]),
                (3, True, [1, 3]), (3, True, [1, 3]))  # fmt: skip
        for epoch, scored, diverged in ends:
            asked.append(epoch)
            scores = Scores(np.array([epoch, 2.0]), np.array([0.5, epoch / 8]))
            yield SimpleNamespace(
                epoch=epoch, scores={"train": scores, "test": scores} if scored else None,
                diverged_at=np.array(diverged), best_epoch=np.array([2, 3]),
            )  # fmt: skip

    monkeypatch.setattr(runs, "train", train)
    monkeypatch.setattr(runs, "frame_epochs", lambda told: [0])
    run = run_playground(config(SMALL, training={"members": 2}), film=True, weights=True)
    updates = [next(run)]
    assert asked == [0]
    updates += run
    rows = [update.row.epoch for update in updates if update.row is not None]
    frames = [(one.frame.epoch, one.frame.kept) for one in updates if one.frame is not None]
    assert (rows, frames) == ([0, 1, 2, 3], [(0, False), (3, False), (3, True)])
    assert [update.epoch for update in updates[:6]] == [0, 1, 1, 2, 3, 3]
    *between, last = updates[6:]
    assert between, "fresh points are told of part by part"
    assert {(one.epoch, one.result) for one in between} == {(3, None)}
    assert last.result.final["train_loss"].tolist() == [3, 2]
    assert (last.result.diverged_at.tolist(), last.result.best_epoch.tolist()) == ([1, 3], [2, 3])


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_what_is_kept_is_marked_in_weights_and_in_pictures(result, weights, kept):
    frame = Crew(result.network, result.scene, weights=weights).take(4, kept=kept)
    assert (frame.epoch, frame.kept, isinstance(frame, Moment)) == (4, kept, weights)


EVERY_INPUT = ["sin(x2)", "sin(x1)", "x1*x2", "x2^2", "x1^2", "x2", "x1"]
SCRIPTS: dict[str, dict[str, Any]] = {
    "every input, dropout that begins": {
        "dataset": {"name": "xor", "samples": 70, "classes": 3, "features": EVERY_INPUT},
        "network": {"widths": [4, 3], "activation": "sigmoid", "start": "large"},
        "training": {"epochs": 9, "changes": [{"epoch": 2, "dropout": 0.25, "momentum": 0.5},
                     {"epoch": 5, "batch_size": None}, {"epoch": 7, "weight_decay": 0.1}]},
    },
    "nothing to leave out": {
        "dataset": {"name": "circles", "noise": 0.2}, "network": {"widths": [], "start": "zero"},
        "training": {"optimizer": "adam", "changes": [{"epoch": 3, "dropout": 0.5},
                     {"epoch": 4, "dropout": 0.1, "l1": 0.2}]},
    },
    "batches and stopping by test points": {
        "dataset": {"samples": 90, "classes": 5, "balance": 0.4, "label_noise": 0.05, "seed": 6},
        "network": {"activation": "leaky_relu", "start": "xavier"},
        "training": {"optimizer": "adamw", "batch_size": 7, "epochs": 500, "seed": 9, "members": 3,
                     "early_stopping": {"on": "test", "patience": 17}, "record_every": 3,
                     "changes": [{"epoch": 30, "l2": 0.5, "batch_size": 9}], "test_share": 0.3},
    },
    "one logit, every penalty": {
        "dataset": {"name": "spirals", "samples": 81}, "network": {"outputs": "one_logit",
                    "activation": "identity", "dropout": 0.1, "start": "he"},
        "training": {"optimizer": "adam", "weight_decay": 0.02, "l1": 0.03, "l2": 0.04,
                     "batch_size": 11, "early_stopping": {"share": 0.35}, "epochs": 201},
    },
}  # fmt: skip


def test_scripts_of_settings_of_every_kind(snapshots):
    for name, given in SCRIPTS.items():
        script = code.to_script(config(**given))
        snapshots.hold(name, script.splitlines(), alone=True)
        compile(script, name, "exec")


def test_activations_and_inputs_of_scripts_are_those_of_the_app():
    z = torch.linspace(-3, 3, 96).view(1, -1)
    assert set(code._ACTIVATIONS) == set(ACTIVATIONS)
    for name, written in code._ACTIVATIONS.items():
        ours = torch.empty_like(z)
        ACTIVATIONS[name].forward(z, ours)
        torch.testing.assert_close(ours, eval(written, {"nn": nn})(z))
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0))
    for name, written in code._FEATURES.items():
        column = eval(written, {"torch": torch, "x": x})
        np.testing.assert_allclose(apply_features(x, (name,))[:, 0], column, rtol=1e-6)  # type: ignore[arg-type]
