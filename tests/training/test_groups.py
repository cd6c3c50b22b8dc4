"""A member's numbers are its own: the same bits whoever is trained beside it."""

import numpy as np
import pytest
import torch

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.sweep.members import member_parts, single_thread, start_members, worlds
from classifiers.training import train

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
