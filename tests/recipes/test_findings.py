"""Findings: by their numbers and spread, without one that contradicts another."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.network import MLP
from classifiers.recipes.playground.dead_units import dead_units, describe_dead
from classifiers.recipes.playground.findings import (
    _differ,
    _divergence,
    _fit,
    _settings,
    _single_class,
    balance,
    balanced_accuracy,
    recalls,
)
from classifiers.recipes.playground.run import finish_playground
from classifiers.training import Rows
from tests.answers.thinned import hold


def findings(**settings) -> list[str]:
    return list(finish_playground(PlaygroundConfig.parse(settings)).findings)


def network(activation: str = "relu", members: int = 2) -> MLP:
    config = PlaygroundConfig.parse({"network": {"widths": [4, 3], "activation": activation}})
    return MLP(config.network, 2, 2, members).initialize(0)


ROWS = Rows(torch.randn(3000, 2, generator=torch.Generator().manual_seed(0)), torch.zeros(3000))


def test_dead_units_are_those_that_give_nothing_anywhere(monkeypatch):
    mine = network()
    mine.layers[0].bias[0, 0, 2] = -100.0
    mine.layers[1].bias[1] = -100.0
    expected = [layer.amax(1).numpy() <= 0 for layer in mine.hidden(ROWS.x)[:-1]]
    monkeypatch.setattr("classifiers.recipes.playground.dead_units._MOST_FLOATS", 1000)
    dead = dead_units(mine, ROWS)
    assert all(np.array_equal(*pair) for pair in zip(dead, expected, strict=True))
    assert dead[0][0, 2]
    assert dead[1].tolist()[1] == [True] * 3
    assert describe_dead(dead).startswith("All 3 units of hidden layer 2 of 1 of 2 networks are")
    assert describe_dead(dead_units(network(), ROWS)) == ""
    assert dead_units(network("tanh"), ROWS) == []


@pytest.mark.parametrize("rate", [3.0, 10.0])
def test_a_rate_that_kills_a_layer_is_not_told_to_rise(rate):
    told = findings(training={"learning_rate": rate, "epochs": 60})
    assert "dead" in told[0] or "is too high here" in told[0]
    assert "higher" not in " ".join(told)
    assert not [text for text in told if text.startswith("Underfitting")]


def test_the_last_rate_is_the_one_that_is_named():
    changes = [{"epoch": 5, "learning_rate": 100.0}, {"epoch": 30, "learning_rate": 0.5}]
    training = {"learning_rate": 0.01, "epochs": 30, "changes": changes}
    told = findings(network={"activation": "identity"}, training=training)
    assert told[0].startswith("The learning rate of 100 is too high")


def test_what_else_might_help_is_not_said_where_a_cause_is_plain():
    points = [[-1, 0, 0], [0, 1, 0], [1, 0, 1], [0, -1, 1]] * 3
    data = DatasetConfig.parse({"name": "points", "points": points}, "dataset")
    result = SimpleNamespace(
        confusion=np.array([[3, 0], [2, 0]]), config=SimpleNamespace(dataset=data)
    )
    (text,) = _single_class(result, explained=False)
    assert text.endswith("Try more epochs, or another learning rate.")
    assert list(_single_class(result, explained=True)) == []


def test_passing_the_best_possible_is_luck_and_says_what_the_best_scores():
    lucky = None
    for seed in range(30):
        data = {"name": "moons", "samples": 100, "noise": 0.35, "seed": seed}
        settings = {
            "dataset": data,
            "training": {"optimizer": "adam", "learning_rate": 0.02, "epochs": 100},
        }
        result = finish_playground(PlaygroundConfig.parse(settings))
        above = result.mean("test_accuracy") - result.bayes.value
        told = [text for text in result.findings if "by luck of 20 test points" in text]
        assert bool(told) == (above * 20 >= 0.5)
        lucky = lucky or told
    assert lucky
    assert "on these very points the best possible classifier scores" in lucky[0]


def test_overfitting_is_said_beyond_the_chance_of_the_training_points():
    def told(train: float) -> list[str]:
        result = SimpleNamespace(
            fresh=np.array([0.9]), bayes=SimpleNamespace(value=0.91), diverged_at=np.array([-1]),
            mean={"train_accuracy": train}.__getitem__,
            scene=SimpleNamespace(train=range(200), test=range(50)),
            config=PlaygroundConfig(),
        )  # fmt: skip
        return [text.split(":")[0] for text in _fit(result)]

    assert told(0.96) == ["Overfitting"]  # chance leaves 4.2 points of 200, 8.3 of 50
    assert told(0.94) == []


def test_a_class_is_found_among_those_that_are_of_it():
    assert recalls(np.array([[8, 2, 0], [5, 5, 0], [0, 0, 0]])) == {0: 0.8, 1: 0.5}


def test_classes_differ_only_beyond_chance():
    assert not _differ({0: 0.95, 1: 0.90}, np.array([20, 20]))
    assert _differ({0: 0.95, 1: 0.90}, np.array([2000, 2000]))
    # The largest of many gaps is larger by chance.
    pair, many = {0: 0.95, 1: 0.88}, {0: 0.95, 1: 0.88} | dict.fromkeys(range(2, 8), 0.92)
    assert _differ(pair, np.full(2, 150))
    assert not _differ(many, np.full(8, 150))


def test_nobody_is_called_harder_by_chance_more_often_than_said():
    random = np.random.default_rng(0)
    told = 0
    for _ in range(2000):
        hits = random.binomial(100, 0.9, 4)
        told += len(set(hits.tolist())) > 1 and _differ(
            dict(enumerate((hits / 100).tolist())), np.full(4, 100)
        )
    assert told / 2000 < 0.06


def told_of(confusion) -> list[str]:
    return list(balance(np.array(confusion), "AB".__getitem__))


def test_accuracy_that_hides_a_rare_class_is_said_to_and_only_then():
    [text] = told_of([[88, 2], [6, 4]])
    assert text == (
        "Class A holds 90.0 % of the test points, which naming it everywhere would score. The "
        "accuracy of 92.0 % is more than that and hides that only 40.0 % of class B was found: the "
        "balanced accuracy, the mean of what is found of each class, is 68.9 %."
    )
    assert "is no more than that" in told_of([[90, 0], [10, 0]])[0]
    assert "of class A was found" in told_of([[4, 6], [2, 88]])[0]
    assert told_of([[44, 6], [30, 20]]) == [], "no class holds most"
    assert told_of([[86, 4], [1, 9]]) == [], "the rare class is found as well"
    assert told_of([[95, 0], [5, 0]]), "five points of a class are enough"
    assert told_of([[9, 0], [0, 1]]) == []
    assert told_of([[8, 1], [1, 0]]) == [], "one point of a class can tell nothing"
    assert told_of([[60, 30], [0, 10]]) == [], "the large class is the harder one"


def test_of_classes_that_are_found_alike_none_is_called_hidden_more_often_than_said():
    """The one that was found least is chosen among all: with eight classes, one test of it alone
    would say so nearly one time in ten."""
    random, classes = np.random.default_rng(0), 8
    totals, told = np.array([300] + [25] * 7), 0
    for _ in range(2000):
        hits = random.binomial(totals, 0.8)
        confusion = np.diag(hits)
        confusion[np.arange(classes), (np.arange(classes) + 1) % classes] = totals - hits
        told += bool(list(balance(confusion, str)))
    assert told / 2000 < 0.05


def test_the_balanced_accuracy_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    y, said = random.integers(0, 3, 200), random.integers(0, 3, 200)
    confusion = np.array([[np.sum((y == a) & (said == b)) for b in range(3)] for a in range(3)])
    assert balanced_accuracy(confusion) == pytest.approx(balanced_accuracy_score(y, said))


def test_a_run_on_points_of_which_most_are_of_one_class_names_it():
    data = {"name": "blobs", "classes": 2, "noise": 4.0, "balance": 0.9, "samples": 1000}
    rare = findings(dataset=data, training={"epochs": 100})
    assert [text for text in rare if text.startswith("Class 0 holds 9")], rare
    even = findings(dataset={**data, "balance": None}, training={"epochs": 100})
    assert not [text for text in even if "balanced accuracy" in text]


def ended(**more) -> SimpleNamespace:
    usual = {
        "config": PlaygroundConfig(), "diverged_at": np.array([-1, -1]), "fresh": np.full(2, 0.9),
        "bayes": SimpleNamespace(value=0.91),
        "scene": SimpleNamespace(train=range(10**6), test=range(50), dataset=DATA),
    }  # fmt: skip
    return SimpleNamespace(**{**usual, **more})


DATA = SimpleNamespace(classes=4)


def test_ends_of_what_is_said_of_a_fit(snapshots):
    straight = PlaygroundConfig.parse({"network": {"activation": "identity"}})
    cases = {
        "learned by heart": (0.9201, {}), "hardly": (0.9199, {}),
        "one of two diverged": (0.99, {"diverged_at": np.array([-1, 3])}),
        "the first at once": (0.99, {"diverged_at": np.array([0, -1])}),
        "too small": (0.9, {"bayes": SimpleNamespace(value=0.9201)}),
        "hardly too small": (0.9, {"bayes": SimpleNamespace(value=0.9199)}),
        "straight": (0.9, {"bayes": SimpleNamespace(value=0.97), "config": straight}),
        "hardly, and straight": (0.9, {"bayes": SimpleNamespace(value=0.9199), "config": straight}),
        "both": (0.95, {"bayes": SimpleNamespace(value=0.97), "config": straight}),
        "members that differ": (0.95, {"fresh": np.array([0.8, 0.9])}),
        "unknown": (0.99, {"fresh": None}), "nothing to compare with": (0.99, {"bayes": None}),
    }  # fmt: skip
    for name, (train, more) in cases.items():
        mean = {"train_accuracy": train, "test_accuracy": 0.5}.__getitem__
        hold(snapshots, name, list(_fit(ended(mean=mean, **more))))


def test_ends_of_what_is_said_of_a_rate_that_is_too_high(snapshots):
    for name, (loss, first, dead) in {
        "below where it began": (5.0, [2.0, 6.0], ""), "above": (5.0, [2.0, 4.9], ""),
        "better than a guess": (1.38, [0.5, 0.6], ""), "worse": (1.4, [0.5, 0.6], ""),
        "for a cause": (9.0, [0.5, 0.6], "It is dead."),
    }.items():  # fmt: skip
        rows = [SimpleNamespace(values={"train_loss": np.array(first)}),
                SimpleNamespace(values={"train_loss": np.array([0.1, 99.0])})]  # fmt: skip
        made = ended(mean={"train_loss": loss}.__getitem__, history=SimpleNamespace(rows=rows))
        hold(snapshots, name, list(_divergence(made, dead)))
    lost = ended(diverged_at=np.array([0, -1, 7]))
    hold(snapshots, "one at once", list(_divergence(lost, "It is dead.")))


def test_ends_of_what_is_said_of_own_points(snapshots):
    for name, (x1, x2, away) in {
        "ten times as wide": (10.0, 1.0, 0.0), "hardly more": (10.001, 1.0, 0.0),
        "as high": (1.0, 10.001, 0.0), "ten times as far": (1.0, 0.5, 10.0),
        "hardly further": (1.0, 0.5, 10.001), "on the other side": (1.0, 0.5, -10.001),
        "far and wide": (1.0, 0.01, 99.0),
    }.items():  # fmt: skip
        points = [[x1 * a, x2 * b + away, int(a > 0)] for a in (-1, 1) for b in (-1, 1)] * 3
        data = DatasetConfig.parse({"name": "points", "points": points}, "dataset")
        result = SimpleNamespace(
            confusion=np.array([[0, 3], [0, 2]]), config=SimpleNamespace(dataset=data)
        )
        for explained in (False, True):
            told = list(_single_class(result, explained=explained))
            hold(snapshots, f"{name}, explained {explained}", told)


def test_ends_of_what_one_class_hides(snapshots):
    for name, confusion in {
        "three fifths": [[600, 0], [300, 100]], "hardly less": [[599, 0], [300, 101]],
        "five of the other": [[95, 0], [5, 0]], "four": [[96, 0], [4, 0]],
        "two points apart": [[900, 0], [4, 96]], "more": [[900, 0], [5, 95]],
        "as many as naming it": [[60, 20], [20, 0]], "one more": [[61, 19], [20, 0]],
    }.items():  # fmt: skip
        hold(snapshots, name, list(balance(np.array(confusion), lambda k: f"<{k}>")))


@pytest.mark.parametrize(("size", "told"), [(None, 0), (50, 0), (51, 1)])
def test_a_batch_of_more_points_than_there_are(size, told):
    config = PlaygroundConfig.parse({"training": {"batch_size": size}})
    said = list(_settings(SimpleNamespace(config=config, scene=SimpleNamespace(train=range(50)))))
    more = "The batch size of 51 is more than the 50 training points; all are used."
    assert said == [more] * told
