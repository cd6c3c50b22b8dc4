"""A member's numbers are its own: the same bits whoever is trained beside it."""

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig, PlaygroundConfig, TrainingConfig
from classifiers.network import MLP
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.sweep.members import member_parts, single_thread, start_members, worlds
from classifiers.training import Rows, score, train
from classifiers.training.scores import Scorer
from tests.training.test_training import OPTIMIZERS, last, rows

GROUPS = ([0], [4], [6, 1], [2, 3, 4], [5, 6, 0, 1])
ALL = range(7)
CASES = {
    "relu": {"network": {"widths": [16, 16]}},
    "dropout": {"network": {"widths": [5, 7], "dropout": 0.3, "activation": "gelu"}},
    "batches": {"network": {"widths": [16, 16]}, "training": {"batch_size": 13, "epochs": 12}},
    "one logit": {"network": {"widths": [9], "outputs": "one_logit", "activation": "sigmoid"}},
    "decay": {
        "network": {"widths": [3, 3, 3], "activation": "tanh"},
        "training": {"optimizer": "adamw", "weight_decay": 0.01},
    },
    "wide": {"network": {"widths": [256, 256, 256]}, "training": {"epochs": 3}},
    "sgd": {"training": {"optimizer": "sgd", "l1": 1e-3, "momentum": 0.9}},
}


def run_of(case: dict) -> PlaygroundConfig:
    training = {"optimizer": "adam", "learning_rate": 0.01, "epochs": 60, "test_share": 0.3}
    return PlaygroundConfig.parse(
        {
            "dataset": {"name": "moons", "samples": 100, "noise": 0.3},
            "network": case.get("network", {}),
            "training": {**training, **case.get("training", {})},
        }
    )


def trained(run: PlaygroundConfig, members) -> tuple[np.ndarray, np.ndarray]:
    """Parameters, and the scores of every record and on fresh points, each (K, ...)."""
    chosen = worlds(run, members)
    network, parts = start_members(run, chosen)
    told = [
        np.stack([scores.loss, scores.accuracy], 1)
        for record in train(
            network,
            run.training,
            parts.train,
            test=parts.test,
            record_at=range(0, run.training.epochs, 5),
            seeds=[world.start for world in chosen],
        )
        if record.scores is not None
        for scores in record.scores.values()
    ]
    *_, fresh = fresh_scores(network, run, 3_000)
    told.append(np.stack([fresh.loss, fresh.accuracy], 1))
    return network.parameters.numpy(), np.stack(told, 1)


@pytest.mark.parametrize("case", CASES)
def test_a_member_has_the_same_bits_in_every_group(case):
    run = run_of(CASES[case])
    with single_thread():
        whole = trained(run, ALL)
        for group in GROUPS:
            for part, all_of_it in zip(trained(run, group), whole, strict=True):
                np.testing.assert_array_equal(part, all_of_it[group])


def test_members_differ_in_points_split_start_and_dropout():
    run = run_of(CASES["dropout"])
    first, *others = worlds(run, ALL)
    assert first.points == first.split  # the playground's own run
    assert all(world.points != world.split for world in others)
    for seeds in zip(first, *others, strict=True):
        assert len(set(seeds)) == len(ALL)
    same = worlds(run, ALL, new_points=False)
    assert {world.points for world in same} == {run.dataset.seed}
    assert len({world.split for world in same}) == len(ALL)
    assert first == same[0]
    parts = member_parts(run, worlds(run, ALL))
    both = torch.cat([parts.train.x, parts.test.x], 1)
    sums = both.sum((1, 2))
    assert len(set(sums.tolist())) == len(ALL)
    twins = [worlds(run, [3])[0]._replace(start=start) for start in (3, 3, 4)]
    network, parts = start_members(run, twins)
    network.parameters[2] = network.parameters[0]
    *_, _last = train(network, run.training, parts.train, seeds=[world.start for world in twins])
    assert torch.equal(network.parameters[0], network.parameters[1])
    assert not torch.equal(network.parameters[0], network.parameters[2])  # by dropout alone


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_each_members_weight_decay_is_what_it_would_be_alone(optimizer):
    data, decay = rows(), [0.0, 0.1, 0.4]
    config = TrainingConfig(epochs=15, optimizer=optimizer, learning_rate=0.05)
    together = MLP(NetworkConfig(), 2, 3, members=3).initialize(5)
    last(train(together, config, data, weight_decay=decay))
    for k, own in enumerate(decay):
        alone = MLP(NetworkConfig(), 2, 3).initialize(5 + k)
        last(train(alone, config.model_copy(update={"weight_decay": own}), data))
        torch.testing.assert_close(
            together.parameters[k], alone.parameters[0], rtol=1e-3, atol=1e-5
        )


@pytest.mark.parametrize("batch_size", [None, 16])
def test_weights_of_rows_count_by_their_proportions(batch_size):
    data, ends = rows(40), []
    weights = torch.rand(2, 40, generator=torch.Generator().manual_seed(1))
    for size in (1.0, 1e-3):
        network = MLP(NetworkConfig(), 2, 3, members=2).initialize(0)
        config = TrainingConfig(epochs=5, batch_size=batch_size)
        end = last(train(network, config, Rows(data.x, data.y, size * weights)))
        ends.append((network.parameters, torch.from_numpy(end.scores["train"].loss)))
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-6)


def test_rows_of_all_and_rows_of_each_are_scored_at_once():
    network = MLP(NetworkConfig(), 2, 3, members=2).initialize(0)
    a, b, shared = rows(seed=1), rows(seed=2), rows(30, seed=3)
    own = Rows(torch.stack([a.x, b.x]), torch.stack([a.y, b.y]))
    scorer = Scorer(network, {"shared": shared, "own": own})
    told = scorer()
    for name, given in (("own", own), ("shared", shared)):
        alone = score(network, given)
        np.testing.assert_allclose(told[name].loss, alone.loss, rtol=1e-6)
        np.testing.assert_array_equal(told[name].accuracy, alone.accuracy)
        np.testing.assert_array_equal(scorer.predicted(name), network.predict(given.x))
