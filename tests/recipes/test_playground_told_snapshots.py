"""What is told of runs that ended otherwise than they did: held as it was looked at.

Networks of two epochs lend their shape; scores, confusions and what else is told of are made up.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.film import Moment
from classifiers.recipes.exercises import exercise, exercises
from classifiers.recipes.playground import conclusions, dead_units, findings
from classifiers.recipes.playground.budget import (
    check_budget,
    estimate,
    expect,
    most_epochs,
    round_down,
    scoring_seconds,
)
from classifiers.recipes.playground.dead_units import describe_dead
from classifiers.recipes.playground.exercises import _around
from classifiers.recipes.playground.filming import Film
from classifiers.recipes.playground.findings import _luck, balance, find, recalls
from classifiers.recipes.playground.result import HistoryRow, Result, build_scene, curves
from classifiers.recipes.playground.run import _thinned, finish_playground, looked_epochs
from tests.answers.thinned import attempt, hold

POINTS = [[i % 5 - 2.0, (i * 7) % 11 / 4, "abc"[i % 3]] for i in range(60)]


def ended(config: dict[str, Any]) -> Result:
    return finish_playground(PlaygroundConfig.parse(
        {**config, "training": {"epochs": 2, **config.get("training", {})}}))  # fmt: skip


@pytest.fixture(scope="module")
def blobs() -> Result:
    return ended({"dataset": {"samples": 300}, "network": {"widths": [3]},
                  "training": {"members": 4}})  # fmt: skip


@pytest.fixture(scope="module")
def moons() -> Result:
    return ended({"dataset": {"name": "moons", "samples": 200}, "training": {"members": 4}})


@pytest.fixture(scope="module")
def points() -> Result:
    return ended({"dataset": {"name": "points", "points": POINTS}, "network": {"widths": [3]}})


def told(
    result: Result,
    train: Any,
    test: Any,
    fresh: Any = None,
    confusion: Any = None,
    loss: float = 0.4,
    **more: Any,
) -> Result:
    """The result with these scores of its members."""
    members = len(result.diverged_at)
    final = {
        "train_accuracy": np.broadcast_to(np.array(train, float), members),
        "test_accuracy": np.broadcast_to(np.array(test, float), members),
        "train_loss": np.full(members, loss), "test_loss": np.full(members, 2 * loss),
    }  # fmt: skip
    made = replace(result, final=final, **more)
    if fresh is not None and result.fresh is not None:
        made = replace(made, fresh=np.broadcast_to(np.array(fresh, float), members))
    return made if confusion is None else replace(made, confusion=np.array(confusion, float))


def with_training(result: Result, **more: Any) -> Result:
    """The result of another training of the same points."""
    training = result.config.training.model_dump(exclude_unset=True) | more
    config = PlaygroundConfig.parse({**result.config.to_dict(), "training": training})
    return replace(result, scene=build_scene(config))


def test_findings_of_runs(blobs, moons, points, snapshots):
    square = [[20, 1, 1], [2, 15, 1], [0, 9, 11]]
    one_class = np.zeros_like(points.confusion)
    one_class[:, 1] = points.confusion.sum(axis=1)
    cases = {
        "overfit": told(blobs, 0.99, 0.9, 0.85, square),
        "underfit": told(blobs, 0.7, 0.7, 0.7, np.full((3, 3), 7)),
        "lucky": told(blobs, 0.95, [1, 0.99, 0.98, 1], 0.96, np.diag([20, 20, 20])),
        "barely lucky": told(blobs, 0.95, float(blobs.bayes.value) + 0.005, 0.96),
        "as good as can be": told(blobs, 0.96, 0.95, float(blobs.bayes.value)),
        "one class is best": told(blobs, 0.9, 0.9, 0.9, [[20, 0, 0], [5, 10, 5], [5, 10, 5]]),
        "two are best": told(blobs, 0.9, 0.9, 0.9, [[20, 0, 0], [0, 20, 0], [9, 9, 2]]),
        "two of moons": told(moons, 0.9, 0.9, 0.9, [[19, 1], [10, 10]]),
        "no test points of one": told(blobs, 0.9, 0.9, 0.9, [[30, 1, 1], [2, 15, 1], [0, 0, 0]]),
        "diverged": told(blobs, 0.5, 0.5, 0.5, diverged_at=np.array([3, -1, 2, -1])),
        "one diverged": told(blobs, 0.5, 0.5, 0.5, diverged_at=np.array([-1, -1, 2, -1])),
        "worse than guessing": told(blobs, 0.3, 0.3, 0.3, loss=9.0),
        "own points": told(points, 0.9, 0.8, None),
        "own points, one class": told(points, 0.4, 0.4, None, one_class),
        "and diverged": told(points, 0.4, 0.4, None, one_class, diverged_at=np.array([7])),
    }  # fmt: skip
    for name, result in cases.items():
        hold(snapshots, name, list(find(result)))
        hold(snapshots, f"{name}: metrics", result.metrics())


def test_findings_of_own_points(points, snapshots):
    one_class = np.zeros_like(points.confusion)
    one_class[:, 2] = points.confusion.sum(axis=1)
    for name, (x, y) in {
        "stretched": (40.0, 1.0),
        "far": (1.0, 1.0),
        "as they are": (1.0, 1.0),
    }.items():
        shift = 500.0 if name == "far" else 0.0
        moved = [[a * x + shift, b * y, c] for a, b, c in POINTS]
        config = PlaygroundConfig.parse({"dataset": {"name": "points", "points": moved}})
        result = replace(told(points, 0.3, 0.3, None, one_class), scene=build_scene(config))
        hold(snapshots, name, list(find(result)))


def test_findings_of_other_trainings(blobs, points, snapshots, monkeypatch):
    for on in ("validation", "test"):
        for result in (blobs, points):
            stopped = with_training(result, early_stopping={"on": on, "patience": 3})
            best = np.arange(len(result.diverged_at)) * 3 + 5
            made = replace(told(stopped, 0.9, 0.85, 0.8), best_epoch=best)
            hold(snapshots, f"{on}, {result.config.dataset.name}", list(find(made)))
            same = replace(made, best_epoch=best * 0 + 7)
            hold(snapshots, f"{on}, {result.config.dataset.name}, one", list(find(same))[2:3])
    changes = [{"epoch": 1, "learning_rate": 7.0}, {"epoch": 2, "learning_rate": 9.0}]
    other = with_training(blobs, learning_rate=0.5, batch_size=1000, changes=changes)
    made = told(other, 0.4, 0.4, 0.4, diverged_at=np.full(4, 1))
    hold(snapshots, "rates", list(find(made)))
    lucky = told(blobs, 0.9, 0.95, 0.8, bayes=replace(blobs.bayes, value=0.89))
    monkeypatch.setattr(findings, "_MOST_SCORED", len(blobs.scene.test))
    hold(snapshots, "as many test points as are asked", list(_luck(lucky)))
    monkeypatch.setattr(findings, "_MOST_SCORED", len(blobs.scene.test) - 1)
    hold(snapshots, "more", list(_luck(lucky)))
    turned = PlaygroundConfig.parse({"dataset": {"samples": 300, "label_noise": 0.1}})
    assert list(_luck(replace(lucky, scene=build_scene(turned)))) == []
    straight = PlaygroundConfig.parse(
        {**blobs.config.to_dict(), "network": {"activation": "identity"}}
    )
    made = told(replace(blobs, scene=build_scene(straight)), 0.7, 0.7, 0.7)
    hold(snapshots, "straight", list(find(made)))


def test_classes_that_nobody_trains_on(blobs, snapshots):
    labels = blobs.scene.dataset.y[blobs.scene.train]
    for lacking in ([3], [0, 2], [1, 2, 3]):
        train = blobs.scene.train[~np.isin(labels, lacking)]
        made = replace(told(blobs, 0.9, 0.8, 0.8), scene=replace(blobs.scene, train=train))
        hold(snapshots, f"{lacking}", [text for text in find(made) if "cannot learn" in text])


def test_what_one_class_hides(snapshots):
    cases = {
        "hidden": [[90, 0], [8, 2]], "no more than that": [[89, 1], [10, 0]],
        "few": [[90, 0], [3, 1]], "even": [[50, 5], [5, 40]], "large is worst": [[60, 30], [0, 10]],
        "three": [[150, 5, 5], [10, 9, 1], [2, 1, 17]],
        "none of one": [[90, 2, 0], [8, 2, 0], [0, 0, 0]],
        "chance": [[25, 0], [3, 2]], "means": [[90.5, 0.5], [8.25, 1.75]],
    }  # fmt: skip
    for name, confusion in cases.items():
        array = np.array(confusion)
        said = list(balance(array, lambda k: f"<{k}>"))
        hold(snapshots, name, [said, recalls(array)])
    layers = ([[1, 1, 1]], [[0, 1, 1]], [[1], [0], [1]], [[1]], [[0, 0], [1, 1]])
    for k, layer in enumerate(layers):
        dead = [np.zeros((len(layer), 2), bool), np.array(layer, bool)]
        hold(snapshots, f"dead {k}", describe_dead(dead))


def test_a_unit_that_answers_one_part_of_the_points_is_alive(blobs, monkeypatch):
    network = blobs.network.copy().initialize(7)
    rows = blobs.scene.rows("test")
    (whole,) = dead_units.dead_units(network, rows)
    monkeypatch.setattr(dead_units, "_MOST_FLOATS", 1)
    (parted,) = dead_units.dead_units(network, rows)
    assert (parted == whole).all()
    last = network.hidden(rows.x[-1:])[0].amax(1).numpy() <= 0
    first = network.hidden(rows.x[:1])[0].amax(1).numpy() <= 0
    assert last.sum() > whole.sum() < first.sum()


def members(mean: float, spread: float, seed: int) -> list[float]:
    return np.random.default_rng(seed).normal(mean, spread, 4).clip(0, 1).round(6).tolist()


def test_conclusions_of_exercises(blobs, moons, snapshots):
    pairs = {"better": (0.8, 0.9), "worse": (0.9, 0.8), "level": (0.85, 0.85)}
    for name, (first, second) in pairs.items():
        both = {}
        for label, template, mean, seed in (("one", blobs, first, 1), ("other", blobs, second, 2)):
            bayes = replace(template.bayes, value=0.9 + 0.03 * seed)
            scores = members(mean, 0.01, seed)
            made = told(
                template, scores, scores, members(mean - 0.02, 0.005, seed + 5), bayes=bayes
            )
            network = template.network.copy().initialize(seed)
            both[label] = replace(made, network=network)
        for conclude in (conclusions.tighter, conclusions.deeper, conclusions.smoother,
                         conclusions.data, conclusions.linear, conclusions.codings):  # fmt: skip
            hold(snapshots, f"{conclude.__name__}, {name}", list(conclude(both)))
        named = [
            f"{what}, {how}" for what in ("circles", "blobs") for how in ("ReLU", "no activation")
        ]
        hold(snapshots, f"killed, {name}", list(conclusions.killed(
            dict(zip(named, [both["one"], both["other"]] * 2, strict=True)))))  # fmt: skip
        spreads = {
            "spread 0.5": both["other"],
            "spread 1.5": both["one"],
            "spread 4": both["one"],
        }
        hold(snapshots, f"overlap, {name}", list(conclusions.overlap(spreads)))
    four = [told(blobs, 0.9, members(0.8, 0.02, k), members(0.7 + k / 20, 0.01, k),
                 bayes=replace(blobs.bayes, value=0.99 - k / 50)) for k in range(4)]  # fmt: skip
    hold(snapshots, "killed, four", list(conclusions.killed(dict(zip(named, four, strict=True)))))
    spreads = {"spread 2": four[1], "spread 0.5": four[0], "spread 4": four[3]}
    hold(snapshots, "overlap, three", list(conclusions.overlap(spreads)))
    sizes = {"few": told(moons, 1, 0.8, members(0.7, 0.01, 3)), "many": four[2]}
    hold(snapshots, "data, of two sizes", list(conclusions.data(sizes)))
    hold(snapshots, "smoother, in two boxes", list(conclusions.smoother(sizes)))
    same = {"one logit": told(moons, 0.9, 0.9, 0.9), "two logits": told(moons, 0.9, 0.9, 0.9)}
    hold(snapshots, "codings alike", list(conclusions.codings(same)))
    one = {"moons": told(moons, 0.9, [0.9, 0.8, 0.9, 1], 0.9, [[19, 1], [10.5, 9.5]])}
    for conclude in (conclusions.heatmap, conclusions.confused, conclusions.shares):
        hold(snapshots, conclude.__name__, list(conclude(one)))
    right = {"blobs": told(blobs, 1, 1, 1, np.diag([20, 20, 20]))}
    hold(
        snapshots, "all right", [list(conclusions.confused(right)), list(conclusions.shares(right))]
    )


def test_what_exercises_are(snapshots):
    for one in exercises().values():
        told_of = one.describe()
        settings = getattr(one, "settings", {})
        configs = {name: config.model_dump(mode="json", exclude_unset=True)
                   for name, config in settings.items()}  # fmt: skip
        wait = expect(*settings.values()) if settings else None
        hold(snapshots, str(one.key), [told_of, configs, wait and vars(wait)], 30)
    for number in ("99", 3, None, "spread", [1]):
        hold(snapshots, f"asked {number}", attempt(lambda n=number: exercise(n).title))
    boxes = Extent(0.0, 2.0, -1.0, 5.0), Extent(-3.0, 1.0, -2.0, 9.0)
    hold(snapshots, "around", [_around(*boxes), _around(*boxes[::-1])])


def test_what_runs_cost(snapshots):
    asked: list[dict[str, Any]] = [
        {}, {"training": {"members": 20, "epochs": 20_000}},
        {"network": {"widths": [256] * 4}, "dataset": {"samples": 20_000}},
        {"network": {"widths": [256] * 4}, "dataset": {"samples": 20_000},
         "training": {"members": 20}},
        {"network": {"widths": [64, 64], "dropout": 0.5}, "training": {"epochs": 5000,
         "batch_size": 16, "changes": [{"epoch": 100, "batch_size": None}, {"epoch": 200,
         "dropout": 0.0, "batch_size": 8}, {"epoch": 9000, "batch_size": 1}]}},
        {"training": {"epochs": 20_000, "batch_size": 1}},
        {"dataset": {"name": "points", "points": POINTS}, "training": {"epochs": 9,
         "record_every": 3}},
        {"network": {"widths": [], "outputs": "one_logit"}, "dataset": {"name": "moons"}},
        {"dataset": {"samples": 20_000}, "network": {"widths": [200, 200]}, "training": {
         "batch_size": 1, "epochs": 200}},
        {"dataset": {"samples": 101}, "training": {"batch_size": 1, "test_share": 0.35}},
    ]  # fmt: skip
    for i, one in enumerate(asked):
        config = PlaygroundConfig.parse(one)
        checked = [
            attempt(lambda c=config, f=film: check_budget(c, film=f)) for film in (True, False)
        ]
        most = most_epochs(config, 1), most_epochs(config, 7, film=False)
        works = [estimate(config, film=film) for film in (True, False)]
        hold(snapshots, f"{i}", [works, checked, scoring_seconds(config, 1000), most])
    hold(snapshots, "rounded", [round_down(n) for n in (0, 7, 99, 101, 1999, 20_000, 123_456)])


def test_moments_that_are_kept_of_long_runs(snapshots):
    for size, epochs in ((9, 700), (20_000, 120), (90_000, 60)):
        film, parameters = Film(), np.zeros((1, size), np.float32)
        for epoch in range(epochs):
            if film.wants(epoch):
                film.add(Moment(epoch, parameters, np.zeros((2, 2))))
        now = Moment(epochs - 5, parameters, np.zeros((2, 2)))
        kept, shown = ([one.epoch for one in part] for part in (film.frames, film.shown(now)))
        hold(snapshots, f"{size} numbers", [kept, shown], 120)
    for count in (250, 251, 401, 1200):
        hold(snapshots, f"{count} looks", _thinned(list(range(0, 3 * count, 3))), 300)
    for given in ({"epochs": 230, "record_every": 7}, {"epochs": 199, "record_every": 7}):
        config = PlaygroundConfig.parse({"training": given})
        hold(snapshots, f"{given}", looked_epochs(config.training)[190:], 20)


def test_curves_of_members(snapshots):
    random = np.random.default_rng(1)
    rows = [HistoryRow(epoch, {name: random.random(count) for name in (
        "train_loss", "test_loss", "train_accuracy", "test_accuracy")}) for count in (1, 3)
        for epoch in (0, 4)]  # fmt: skip
    rows[1].values["train_loss"][0] = np.inf
    hold(snapshots, "means", curves(rows, np.mean))
    hold(snapshots, "highest", curves(rows, np.max))
    for given in ({}, {"training": {"early_stopping": {"share": 0.4}, "test_share": 0.5}},
                  {"training": {"early_stopping": {"on": "test"}}}):  # fmt: skip
        config = PlaygroundConfig.parse({"dataset": {"samples": 30, "features": ["x2", "x1^2"]},
                                         **given})  # fmt: skip
        scene = build_scene(config)
        rows_of = {part: scene.rows(part) for part in ("train", "validation", "test")}  # type: ignore[arg-type]
        hold(snapshots, f"{given}", [scene.train, scene.validation, scene.test, scene.extent,
             {part: [own.x.double().sum(0).tolist(), own.y.tolist()] for part, own in
              rows_of.items()}], 30)  # fmt: skip
    assert torch.is_tensor(rows_of["train"].x)
