"""The prices that a run's time is estimated from, against runs."""

import time

import pytest

from classifiers.config import PlaygroundConfig
from classifiers.errors import BudgetError
from classifiers.network import MLP
from classifiers.recipes.playground import budget
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.playground.result import build_scene
from classifiers.training import train

FACTOR = 5.0  # between the cheapest and the dearest, of what is measured over what is estimated

# An epoch of each costs one thing above all: a change of that price shows here.
KINDS = {
    "steps": {"dataset": {"samples": 20}, "network": {"widths": [2]}},
    "layers": {"dataset": {"samples": 20}, "network": {"widths": [2] * 4}},
    "products": {"dataset": {"samples": 4000}, "network": {"widths": [256, 256, 256]}},
    "units": {
        "dataset": {"samples": 8000},
        "network": {"widths": [16, 16]},
        "training": {"members": 4},
    },
    "parameters": {
        "dataset": {"samples": 40},
        "network": {"widths": [256, 256, 256]},
        "training": {"batch_size": 2, "members": 4},
    },
}


def seconds_an_epoch(config: PlaygroundConfig) -> float:
    """A core's, from the record of the untrained network to that of the last epoch: what else the
    machine does takes none of it."""
    scene = build_scene(config)
    data = config.dataset
    network = MLP(config.network, len(data.features), data.classes, config.training.members)
    network.initialize(0)
    start = end = 0.0
    for record in train(network, config.training, scene.rows("train"), record_at=()):
        if record.epoch == 0 and record.scores is not None:
            start = time.process_time()
        end = time.process_time()
    return (end - start) / config.training.epochs


def test_every_price_is_about_what_the_work_costs():
    """Kinds of work are compared with each other, so that no machine is too slow for the test."""
    configs = {}
    for kind, settings in KINDS.items():
        training = {"optimizer": "adam", "epochs": 1, **settings.get("training", {})}
        setting = {**settings, "training": training}
        seconds = estimate(PlaygroundConfig.parse(setting)).epoch
        training["epochs"] = max(2, round(0.03 / seconds))
        configs[kind] = PlaygroundConfig.parse(setting)
    shortest = dict.fromkeys(configs, float("inf"))
    for _ in range(4):
        for kind, config in configs.items():
            shortest[kind] = min(shortest[kind], seconds_an_epoch(config))
    shares = {kind: shortest[kind] / estimate(configs[kind]).epoch for kind in configs}
    assert max(shares.values()) < FACTOR * min(shares.values()), shares


def test_a_change_at_the_end_costs_nothing():
    training = {"epochs": 50, "batch_size": 8}
    late = {**training, "changes": [{"epoch": 50, "batch_size": 2}]}
    plain, changed = (
        estimate(PlaygroundConfig.parse({"training": each})) for each in (training, late)
    )
    assert changed == plain


LIMITED = {"training": {"epochs": 50, "batch_size": 30}, "dataset": {"samples": 90}}


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (-3.5, "no epoch fits"), (0.5, "no epoch fits"), (1.5, "at most 1 epoch fits"),
        (2.5, "at most 2 epochs fit"), (12.5, "at most 12 epochs fit"),
        (49.5, "at most 49 epochs fit"),
    ],
)  # fmt: skip
def test_how_many_epochs_would_fit(monkeypatch, epochs, told):
    config = PlaygroundConfig.parse(LIMITED)
    work = estimate(config)
    monkeypatch.setattr(budget, "MOST_SECONDS", work.total - (50 - epochs) * work.epoch)
    with pytest.raises(BudgetError) as refused:
        budget.check_budget(config)
    assert f"with 50 epochs; {told} with the other settings as they are, more" in str(refused.value)


@pytest.mark.parametrize("members", [1, 2])
def test_as_much_as_the_limit_may_be_asked_for(monkeypatch, members):
    training = {**LIMITED["training"], "members": members}
    config = PlaygroundConfig.parse({**LIMITED, "training": training})
    work = estimate(config)
    many = "training.members" if members > 1 else "dataset.samples"
    for limit, most, field in (
        ("MOST_SECONDS", work.total, "training.epochs"),
        ("MOST_PAUSE_SECONDS", work.pause, many),
    ):
        monkeypatch.setattr(budget, limit, most)
        assert budget.check_budget(config) == work
        with monkeypatch.context() as patch:
            patch.setattr(budget, limit, 0.999999 * most)
            with pytest.raises(BudgetError) as refused:
                budget.check_budget(config)
        assert refused.value.field == field
