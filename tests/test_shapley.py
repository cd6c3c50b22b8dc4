"""Exact Shapley values against their definition, and one patient's prediction taken apart."""

import math
from itertools import combinations, permutations

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError, ConfigError, DataError
from classifiers.missing import RIDGE, Averager, Gaussian
from classifiers.network import MLP
from classifiers.recipes.heart.explain import (
    explain_patient,
)
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.shapley import ConditionalGame, log_odds, shapley_interactions, shapley_values

GROUPS = [0, 1, 1, 2, 3, 3, 3]


def ensemble(widths=(6,), activation="relu", outputs="one_logit", members=4, inputs=7, seed=0):
    config = NetworkConfig(widths=widths, activation=activation, outputs=outputs)
    network = MLP(config, inputs, 2, members, dtype=torch.float64)
    network.parameters.copy_(
        2 * torch.randn(network.parameters.shape, generator=torch.Generator().manual_seed(seed))
    )
    return network


def brute_force(worth, players):
    """The average over all orders of what a player adds on arriving."""
    values = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        for position, player in enumerate(order):
            before = set(order[:position])
            values[player] += worth(before | {player}) - worth(before)
    return values / len(orders)


def test_values_of_the_glove_game_are_the_known_ones():
    # One left glove, two right ones; a pair is worth 1 (2/3, 1/6, 1/6 in every textbook).
    game = [0, 0, 0, 1, 0, 1, 0, 1]
    np.testing.assert_allclose(shapley_values(game), [2 / 3, 1 / 6, 1 / 6], atol=1e-15)


@pytest.mark.parametrize("players", [1, 2, 5, 6])
def test_values_of_a_random_game_are_those_of_the_definition(players):
    game = np.random.default_rng(players).normal(size=2**players)
    expected = brute_force(lambda members: game[sum(2**i for i in members)], players)
    np.testing.assert_allclose(shapley_values(game), expected, atol=1e-12)


def interaction_by_definition(game, i, j, players):
    """Over the coalitions of the others, what the pair adds beyond its two members."""
    total = 0.0
    others = sorted(set(range(players)) - {i, j})
    for size in range(len(others) + 1):
        weight = math.factorial(size) * math.factorial(players - size - 2)
        for members in combinations(others, size):
            index = sum(2**k for k in members)
            a, b = 2**i, 2**j
            gap = game[index + a + b] - game[index + a] - game[index + b] + game[index]
            total += weight / math.factorial(players - 1) * gap
    return total


@pytest.mark.parametrize("players", [1, 2, 3, 6])
def test_interactions_of_a_random_game_are_those_of_the_definition(players):
    game = np.random.default_rng(players).normal(size=2**players)
    found = shapley_interactions(game)
    assert found.shape == (players, players)
    assert (np.diag(found) == 0).all()
    for i, j in combinations(range(players), 2):
        expected = interaction_by_definition(game, i, j, players)
        assert found[i, j] == found[j, i] == pytest.approx(expected, abs=1e-12)


def test_only_players_that_work_together_interact():
    # 2 for player 0, 5 for player 1, a further 3 for both, and player 2 is worth nothing.
    game = [2 * bool(c & 1) + 5 * bool(c & 2) + 3 * (c & 3 == 3) for c in range(8)]
    expected = [[0, 3, 0], [3, 0, 0], [0, 0, 0]]
    np.testing.assert_allclose(shapley_interactions(game), expected, atol=1e-14)


def game_of(network=None, groups=GROUPS, correlated=True, used=None):
    network = network or ensemble()
    rng = np.random.default_rng(3)
    mixed = rng.normal(size=(200, 7)) @ (rng.normal(size=(7, 7)) if correlated else np.eye(7))
    gaussian = Gaussian(
        mixed.mean(0)[None], np.cov(mixed.T)[None], np.ones(7, bool) if used is None else used
    )
    averager = Averager(network, gaussian)
    return averager, ConditionalGame(averager, groups)


def worth_of(averager, x, groups):
    """The game as the definition has it: the averager is asked about each coalition apart."""
    owner = np.array(groups)

    def worth(members):
        known = np.isin(owner, sorted(members))
        p = averager.average(x[None], known).probability.mean()
        return math.log(p / (1 - p))

    return worth


EVERYTHING = np.ones(4, bool)


@pytest.mark.parametrize("outputs", ["one_logit", "logits"])
def test_contributions_and_interactions_are_those_of_the_definition(outputs):
    averager, game = game_of(ensemble(outputs=outputs))
    x = np.random.default_rng(1).normal(size=7)
    result = game.explain(x, EVERYTHING)
    worth = worth_of(averager, x, GROUPS)
    np.testing.assert_allclose(result.contributions, brute_force(worth, 4), atol=1e-5)
    table = [worth({i for i in range(4) if c >> i & 1}) for c in range(16)]
    for i, j in combinations(range(4), 2):
        expected = interaction_by_definition(table, i, j, 4)
        assert result.interactions[i, j] == pytest.approx(expected, abs=1e-5)
    assert result.base_logit == pytest.approx(worth(set()), abs=1e-12)
    assert result.logit == pytest.approx(worth({0, 1, 2, 3}), abs=1e-12)
    total = result.base_logit + result.contributions.sum()
    assert total == pytest.approx(result.logit, abs=1e-12)


def test_what_is_unknown_contributes_exactly_nothing():
    averager, game = game_of()
    x = np.random.default_rng(1).normal(size=7)
    known = np.array([True, False, True, False])
    result = game.explain(x, known)
    assert (result.contributions[~known] == 0).all()
    assert (result.interactions[~known] == 0).all()
    worth = worth_of(averager, x, GROUPS)
    assert result.logit == pytest.approx(worth({0, 2}), abs=1e-12)
    both = worth({0, 2}) - worth({0}) - worth({2}) + worth(set())
    assert result.interactions[0, 2] == pytest.approx(both, abs=1e-5)
    nothing = game.explain(x, np.zeros(4, bool))
    assert nothing.base_logit == nothing.logit
    assert (nothing.contributions == 0).all()


def test_what_a_field_tells_of_others_counts_for_it():
    """The network sees feature 2 alone; one that varies with it is worth something all the same."""
    network = ensemble()
    network.layers[0].weight[:, [0, 1, 2, 4, 5, 6]] = 0
    x = np.random.default_rng(1).normal(size=7)
    alone = game_of(network, correlated=False)[1].explain(x, EVERYTHING).contributions
    # What is drawn independently is correlated a little by chance.
    assert np.abs(alone[[0, 1, 3]]).max() < 0.05 * abs(alone[2])
    together = game_of(network)[1].explain(x, EVERYTHING).contributions
    assert np.abs(together[[0, 1, 3]]).max() > 0.1 * abs(together[2])


def test_contributions_add_up_however_the_network_is_built():
    x = np.random.default_rng(1).normal(size=7)
    for settings in ({"widths": (5, 3)}, {"activation": "tanh"}, {"outputs": "logits"}):
        averager, game = game_of(ensemble(**settings))
        result = game.explain(x, EVERYTHING)
        total = result.base_logit + result.contributions.sum()
        assert total == pytest.approx(result.logit, abs=1e-12)
        assert result.logit == pytest.approx(worth_of(averager, x, GROUPS)({0, 1, 2, 3}), abs=1e-9)


def test_networks_without_a_closed_form_are_asked_at_the_mean_in_between():
    """Also where an input is none of the distribution's."""
    used = np.array([True, True, False, True, True, True, True])
    averager, game = game_of(ensemble(activation="tanh"), used=used)
    x, owner = np.random.default_rng(1).normal(size=7), np.array(GROUPS)
    mean, covariance = averager.gaussian.mean[0], averager.gaussian.covariance[0]
    found = game.worth(x, EVERYTHING)
    for coalition in range(1, 15):
        known = np.isin(owner, [i for i in range(4) if coalition >> i & 1]) & used
        k, u = np.flatnonzero(known), np.flatnonzero(used & ~known)
        row = np.where(known, x, 0.0)
        inner = covariance[np.ix_(k, k)] + RIDGE * np.eye(len(k))
        row[u] = mean[u] + covariance[np.ix_(u, k)] @ np.linalg.solve(inner, x[k] - mean[k])
        p = averager.network.probabilities(torch.from_numpy(row[None]))[:, 0, 1].mean().item()
        assert found[coalition] == pytest.approx(math.log(p / (1 - p)), abs=1e-4)


def test_an_input_of_no_feature_is_never_known():
    groups = [0, 1, 1, -1, 2, 2, 2]
    averager, game = game_of(groups=groups)
    assert game.features == 3
    x = np.random.default_rng(1).normal(size=7)
    result = game.explain(x, np.ones(3, bool))
    worth = worth_of(averager, x, groups)
    np.testing.assert_allclose(result.contributions, brute_force(worth, 3), atol=1e-5)
    assert result.logit == pytest.approx(worth({0, 1, 2}), abs=1e-12)
    x[3] += 5
    assert game.explain(x, np.ones(3, bool)).logit == result.logit


def test_log_odds_are_those_of_the_mean_probability():
    margins = torch.randn(5, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p = torch.sigmoid(margins).mean(0)
    torch.testing.assert_close(log_odds(margins), torch.logit(p), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([0, 1, 1, 2, 4, 4, 4], "^groups: must say for each of 7 inputs which feature"),
        ([0, 1], "^groups: must say for each of 7 inputs"),
    ],
)
def test_groups_that_do_not_fit_are_named(groups, message):
    with pytest.raises(ConfigError, match=message):
        game_of(groups=groups)


@pytest.mark.parametrize("solve", [shapley_values, shapley_interactions])
def test_a_game_must_have_every_coalition(solve):
    with pytest.raises(ConfigError, match=r"^game: must have 2\^G values"):
        solve(np.zeros(6))


def test_as_many_features_as_there_may_be(monkeypatch):
    monkeypatch.setattr("classifiers.shapley.MOST_FEATURES", 4)
    game_of(groups=GROUPS)
    shapley_values(np.zeros(16))
    with pytest.raises(ConfigError, match="^groups: must be at most 4 features, got 5$"):
        game_of(groups=[0, 1, 2, 3, 4, 4, 4])
    with pytest.raises(ConfigError, match=r"^game: .* G from 1 to 4, got shape \(32,\)"):
        shapley_values(np.zeros(32))


# The heart model


@pytest.mark.parametrize("name", SAMPLE_PATIENTS)
def test_contributions_of_a_patient_add_up_to_the_served_probability(model, name):
    patient = SAMPLE_PATIENTS[name]
    result = explain_patient(model, patient)
    assert [part["field"] for part in result["contributions"]] == list(FEATURE_NAMES)
    total = result["base_logit"] + sum(part["logit"] for part in result["contributions"])
    p = model.predict(patient).probability
    assert total == pytest.approx(result["logit"], abs=1e-12)
    assert result["logit"] == pytest.approx(math.log(p / (1 - p)), abs=1e-9)


def test_an_explanation_starts_where_nothing_is_known(model):
    p = model.predict({}).probability
    for patient in SAMPLE_PATIENTS.values():
        result = explain_patient(model, patient)
        assert result["base_logit"] == pytest.approx(math.log(p / (1 - p)), abs=1e-9)
        for part in result["contributions"]:
            assert (part["logit"] == 0) == (part["field"] not in patient)
        sizes = [abs(pair["logit"]) for pair in result["interactions"]]
        assert sizes == sorted(sizes, reverse=True)
        assert len(sizes) == math.comb(len(patient), 2)


def test_a_category_that_training_did_not_hold_contributes_nothing(model):
    patient = {**SAMPLE_PATIENTS["Few findings, age 42"], "restecg": 9}
    parts = {p["field"]: p["logit"] for p in explain_patient(model, patient)["contributions"]}
    assert parts["restecg"] == 0
    del patient["restecg"]
    known = {p["field"]: p["logit"] for p in explain_patient(model, patient)["contributions"]}
    assert parts == pytest.approx(known, abs=1e-9)


def test_an_impossible_value_is_named(model):
    with pytest.raises(DataError, match="^chol: must be a number"):
        explain_patient(model, {"chol": -4})


def test_a_model_without_a_reference_says_so(model):
    evaluation = {**model.artifact.metadata.evaluation}
    del evaluation["reference"]
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    artifact = type(model.artifact)(model.artifact.network, model.preprocessor, metadata)
    with pytest.raises(ArtifactError, match="reference, without which"):
        explain_patient(HeartModel(artifact), {})
