"""One playground run: its numbers, its limits, its honesty, and the script that repeats it."""

import json
import math
import time

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split
from torch import nn

from classifiers.config import PlaygroundConfig
from classifiers.data.bayes import fresh_with_posterior
from classifiers.errors import BudgetError, ConfigError
from classifiers.evaluation.metrics import wilson_interval
from classifiers.film import LEVELS, encode_frames
from classifiers.network import MLP
from classifiers.recipes.playground import fresh_points
from classifiers.recipes.playground.budget import (
    MOST_SECONDS,
    check_budget,
    count_parameters,
    estimate,
)
from classifiers.recipes.playground.code import to_script
from classifiers.recipes.playground.result import Result, build_scene
from classifiers.recipes.playground.run import finish_playground, recorded_epochs, run_playground
from tests.processes.warm import warm
from tests.tools.reference import accuracy, sequential


def config(dataset=None, network=None, training=None) -> PlaygroundConfig:
    return PlaygroundConfig.parse(
        {"dataset": dataset or {}, "network": network or {}, "training": training or {}}
    )


def points(count: int = 40) -> list[list[float]]:
    rng = np.random.default_rng(0)
    return [[float(a), float(b), int(a > 0)] for a, b in rng.normal(size=(count, 2))]


MOONS = {"name": "moons", "samples": 200, "noise": 0.3}
QUICK = {"optimizer": "adam", "learning_rate": 0.01, "epochs": 60}


@pytest.fixture(scope="module")
def lesson() -> Result:
    return finish_playground(PlaygroundConfig(), film=True)


def test_the_lessons_blobs_come_out_as_the_lessons_own_loop_makes_them(lesson):
    x, y = make_blobs(1000, 2, centers=4, cluster_std=1.5, random_state=42)
    x, y = torch.from_numpy(x).float(), torch.from_numpy(y)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=42)
    model = sequential((2, 8, 8, 4), "relu", seed=42)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(100):
        loss = nn.functional.cross_entropy(model(x_train), y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    told = lesson.to_dict()
    assert told["metrics"]["test_accuracy"] == pytest.approx(accuracy(model, x_test, y_test))
    assert told["metrics"]["train_accuracy"] == pytest.approx(accuracy(model, x_train, y_train))
    final = nn.functional.cross_entropy(model(x_test), y_test).item()
    assert told["metrics"]["test_loss"] == pytest.approx(final, rel=1e-3)


def test_the_result_has_the_promised_form_and_is_json(lesson):
    told = json.loads(json.dumps(lesson.to_dict(), allow_nan=False))
    assert set(told) == {
        "config", "seed", "metrics", "history", "confusion_matrix", "parameters", "seconds",
        "findings",
    }  # fmt: skip
    names = {"train_accuracy", "test_accuracy", "fresh_accuracy", "bayes_accuracy", "train_loss",
             "test_loss"}  # fmt: skip
    assert set(told["metrics"]) == names | {"test_accuracy_interval", "spread"}
    assert set(told["metrics"]["spread"]) == names
    assert set(told["history"]) == {
        "epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy",
    }  # fmt: skip
    assert told["history"]["epoch"] == list(range(101))
    assert {len(curve) for curve in told["history"].values()} == {101}
    assert PlaygroundConfig.parse(told["config"]) == lesson.config
    assert told["parameters"] == 2 * 8 + 8 + 8 * 8 + 8 + 8 * 4 + 4


def test_accuracy_confusion_matrix_and_interval_tell_one_story(lesson):
    told = lesson.to_dict()
    matrix = np.array(told["confusion_matrix"])
    share = np.trace(matrix) / matrix.sum()
    assert matrix.sum() == 200
    assert told["metrics"]["test_accuracy"] == pytest.approx(share)
    interval = wilson_interval(np.trace(matrix), 200)
    assert told["metrics"]["test_accuracy_interval"] == pytest.approx([interval.low, interval.high])


def test_fresh_accuracy_stays_below_the_best_possible(lesson):
    metrics = lesson.to_dict()["metrics"]
    assert 0.97 < metrics["fresh_accuracy"] < metrics["bayes_accuracy"] < 1


def test_the_same_config_gives_the_same_run():
    first, second = (finish_playground(config(MOONS, training=QUICK)).to_dict() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_the_film_does_not_change_the_result():
    setting = config(MOONS, training={**QUICK, "early_stopping": {"patience": 10}, "epochs": 900})
    plain, filmed = (finish_playground(setting, film=film) for film in (False, True))
    assert plain.to_dict()["metrics"] == filmed.to_dict()["metrics"]
    assert not plain.frames
    assert filmed.frames


def test_the_first_update_is_the_untrained_network_and_the_last_the_result():
    updates = list(run_playground(config(MOONS, training=QUICK)))
    first, last = updates[0], updates[-1]
    assert first.epoch == 0
    assert first.row is not None
    assert first.frame is not None
    assert last.result is not None
    assert [update.result for update in updates[:-1]] == [None] * (len(updates) - 1)
    rows = [update.row for update in updates if update.row]
    assert [row.epoch for row in rows] == last.result.to_dict()["history"]["epoch"]
    assert [update.frame.epoch for update in updates if update.frame] == [
        frame.epoch for frame in last.result.frames
    ]


def test_closing_the_generator_ends_the_work_at_once():
    run = run_playground(config({"samples": 5000}, {"widths": [64, 64]}, {"epochs": 10_000}))
    next(run)
    start = time.monotonic()
    run.close()
    assert time.monotonic() - start < 3  # the run itself takes a quarter of a minute


def test_the_lessons_film_is_small(lesson):
    assert len(lesson.frames) == 60
    assert len(json.dumps(encode_frames(lesson.frames))) < 150_000


def test_pictures_show_what_the_network_says_everywhere_in_the_scene():
    wide = [[x, y / 4, label] for x, y, label in points()]
    features = {"name": "points", "points": wide, "features": ["x1", "x2", "x1^2"]}
    setup = config(features, {"widths": [64, 32]}, {"epochs": 3})
    result = finish_playground(setup, film=True)
    box, frame = result.scene.extent, result.frames[-1]
    assert box.x_max - box.x_min > 2 * (box.y_max - box.y_min)
    side = len(frame.region)
    middles = (np.arange(side) + 0.5) / side
    x1 = box.x_min + middles * (box.x_max - box.x_min)
    x2 = box.y_max - middles * (box.y_max - box.y_min)
    grid = torch.tensor([[a, b, a * a] for b in x2 for a in x1], dtype=torch.float32)
    called = result.network.logits(grid).argmax(-1)[0].reshape(side, side).numpy()
    assert 0 < called.mean() < 1
    assert (frame.region // LEVELS == called).mean() > 0.99


def test_members_give_a_spread_and_the_mean_of_their_confusion():
    result = finish_playground(config(MOONS, training={**QUICK, "members": 4}))
    told = result.to_dict()
    assert told["metrics"]["spread"]["train_loss"] > 0
    alone = finish_playground(config(MOONS, training={**QUICK, "seed": 44})).to_dict()
    assert alone["metrics"]["test_loss"] == pytest.approx(result.final["test_loss"][2], rel=1e-3)
    assert np.sum(told["confusion_matrix"]) == pytest.approx(40)


@pytest.mark.parametrize("on", ["validation", "test"])
def test_early_stopping_keeps_its_best_epoch_and_repeats_no_row(on):
    stopping = {"on": on, "patience": 30}
    training = {**QUICK, "epochs": 1500, "early_stopping": stopping}
    result = finish_playground(config(MOONS, {"widths": [64, 64]}, training), film=True)
    epochs = result.to_dict()["history"]["epoch"]
    assert epochs == sorted(set(epochs))
    assert epochs[-1] < 1500
    assert result.frames[-1].kept
    assert result.best_epoch[0] in epochs
    at_best = epochs.index(result.best_epoch[0])
    assert result.mean("test_loss") == pytest.approx(
        result.to_dict()["history"]["test_loss"][at_best], rel=1e-5
    )
    finding = next(text for text in result.findings if text.startswith("Early stopping"))
    assert ("mistake" in finding) == (on == "test")


def test_validation_rows_are_taken_from_the_training_rows_only():
    plain, stopped = (
        build_scene(config(MOONS, training={"early_stopping": stopping}))
        for stopping in (None, {"share": 0.25})
    )
    assert (plain.test == stopped.test).all()
    assert len(stopped.validation) == 40
    assert set(stopped.train) | set(stopped.validation) == set(plain.train)
    assert not set(stopped.train) & set(stopped.validation)


def test_a_rate_far_too_high_is_explained_and_leaves_no_nan():
    setting = config(MOONS, {"activation": "identity"}, {"learning_rate": 100.0, "epochs": 300})
    told = finish_playground(setting).to_dict()
    json.dumps(told, allow_nan=False)
    assert told["findings"][0].startswith("The learning rate of ")
    assert "10" in told["findings"][0]


def test_own_points_have_no_best_possible_accuracy_and_say_so():
    told = finish_playground(config({"name": "points", "points": points()})).to_dict()
    assert told["metrics"]["bayes_accuracy"] is None
    assert told["metrics"]["fresh_accuracy"] is None
    assert "unknown" in " ".join(told["findings"])


def test_a_class_without_training_points_is_named():
    rows = [[0.1 * i, 1.0, 0] for i in range(12)] + [[3.0, 3.0, 2]]
    findings = finish_playground(config({"name": "points", "points": rows})).findings
    assert any(text.startswith("No training point is of") for text in findings)


def test_overfitting_is_named_with_its_numbers():
    setting = config(
        {"name": "moons", "samples": 60, "noise": 0.5},
        {"widths": [64, 64]},
        {"optimizer": "adam", "learning_rate": 0.01, "epochs": 400},
    )
    told = finish_playground(setting).to_dict()
    (finding,) = [text for text in told["findings"] if text.startswith("Overfitting")]
    assert f"{100 * told['metrics']['train_accuracy']:.1f} %" in finding
    assert f"{100 * told['metrics']['fresh_accuracy']:.1f} %" in finding


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ({"training": {"epochs": 20_000}, "network": {"widths": [256, 256, 256]}}, "epochs"),
        ({"training": {"epochs": 200, "batch_size": 1}, "dataset": {"samples": 20_000}}, "epochs"),
        (
            {
                "dataset": {"samples": 20_000},
                "network": {"widths": [256] * 4},
                "training": {"members": 20, "epochs": 1},
            },
            "members",
        ),
    ],
)
def test_too_much_work_is_refused_before_any_is_done(setting, field):
    start = time.monotonic()
    with pytest.raises(BudgetError, match=rf"^training\.{field}: .* at most about .* s") as e:
        next(run_playground(PlaygroundConfig.parse(setting)))
    assert time.monotonic() - start < 10  # not after the work, which takes minutes
    assert e.value.field == f"training.{field}"
    assert str(setting["training"].get(field, "")) in str(e.value)


def test_the_fix_that_the_budget_error_names_fits():
    setting = {"training": {"epochs": 20_000}, "network": {"widths": [256, 256, 256]}}
    with pytest.raises(BudgetError) as error:
        check_budget(PlaygroundConfig.parse(setting))
    words = str(error.value).split()
    fitting = int(words[words.index("epochs", words.index("most", 8) + 1) - 1])
    setting["training"]["epochs"] = fitting
    assert 0.5 * MOST_SECONDS < check_budget(PlaygroundConfig.parse(setting)).total <= MOST_SECONDS


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ({"dataset": {"samples": 10**6}}, "dataset.samples"),
        ({"training": {"epochs": 10**9}}, "training.epochs"),
        ({"network": {"widths": [8] * 50}}, "network.widths"),
        ({"training": {"members": 21}}, "training.members"),
        ({"training": {"learning_rate": math.nan}}, "training.learning_rate"),
    ],
)
def test_settings_beyond_the_limits_are_refused_by_name(setting, field):
    with pytest.raises(ConfigError, match=f"^{field}: "):
        PlaygroundConfig.parse(setting)


def test_estimates_grow_with_every_kind_of_work():
    base = estimate(PlaygroundConfig()).total
    for part, more in [
        ("dataset", {"samples": 10_000}),
        ("network", {"widths": [64, 64]}),
        ("training", {"epochs": 1000}),
        ("training", {"members": 10}),
        ("training", {"batch_size": 10}),
    ]:
        assert estimate(PlaygroundConfig.parse({part: more})).total > base
    assert estimate(PlaygroundConfig(), film=False).total < base


def test_parameters_are_counted_as_the_network_counts_them(lesson):
    data = lesson.config.dataset
    counted = count_parameters(lesson.config.network, len(data.features), data.classes)
    assert counted == lesson.network.parameter_count


def test_the_first_epochs_are_all_recorded():
    recorded = recorded_epochs(20_000)
    assert recorded[:21] == list(range(21))
    assert recorded[-1] == 20_000
    assert len(recorded) < 230


SCRIPTS = {
    "the lesson's blobs": {},
    "one logit, members, early stopping": {
        "dataset": MOONS,
        "network": {"widths": [16], "activation": "tanh", "outputs": "one_logit"},
        "training": {**QUICK, "epochs": 300, "members": 2, "early_stopping": {"patience": 40}},
    },
    "xor with features, mini-batches and penalties": {
        "dataset": {
            "name": "xor", "samples": 300, "classes": 4, "features": ["x1", "x2", "x1*x2"],
        },
        "training": {
            "optimizer": "adamw", "learning_rate": 0.01, "batch_size": 32, "epochs": 20,
            "members": 2, "weight_decay": 0.1, "l1": 0.001, "l2": 0.001,
        },
    },
    "spirals with momentum": {
        "dataset": {"name": "spirals", "samples": 300, "classes": 3},
        "network": {"activation": "gelu"},
        "training": {"momentum": 0.9, "epochs": 60},
    },
    "own points": {"dataset": {"name": "points", "points": points()}},
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_ends_with_the_same_accuracy(name, tmp_path):
    setting = PlaygroundConfig.parse(SCRIPTS[name])
    script = "import torch\ntorch.set_num_threads(1)\n" + to_script(setting)
    ran = warm().run("-c", script, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "classifiers" not in to_script(setting)
    expected = finish_playground(setting).mean("test_accuracy")
    assert float(ran.stdout.split()[-1]) == pytest.approx(expected, abs=1e-4)


def test_a_script_with_dropout_says_why_its_digits_differ():
    script = to_script(config(network={"dropout": 0.2}))
    assert "nn.Dropout(0.2)" in script
    assert "digits will differ" in script


@pytest.mark.parametrize("count", [900, 1001, 2000, 2001, 5000])
def test_fresh_scores_are_means_so_far_after_every_two_parts(monkeypatch, count):
    monkeypatch.setattr(fresh_points, "_CHUNK_WORK", 0)  # so a part is 1,000 points
    run = config(MOONS, {"widths": [5]})
    network = MLP(run.network, 2, 2, 3).initialize(0)
    told = list(fresh_points.fresh_scores(network, run, count))
    ends = [*range(2000, count, 2000), count]
    assert len(told) == len(ends)
    x, posterior = fresh_with_posterior(run.dataset)
    p = network.probabilities(torch.from_numpy(x[:count].astype(np.float32))).numpy()
    for scores, end in zip(told, ends, strict=True):
        for k in range(3):
            hits = posterior[np.arange(end), p[k, :end].argmax(1)]
            losses = -(posterior[:end] * np.log(p[k, :end])).sum(1)
            assert scores.accuracy[k] == pytest.approx(hits.mean())
            assert scores.loss[k] == pytest.approx(losses.mean(), rel=1e-5)
