"""Exact Shapley values against their definition, and one patient's prediction taken apart."""

import math
import time
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest
import torch

from classifiers.compute.activations import ACTIVATIONS
from classifiers.config import NetworkConfig
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError, ConfigError, DataError
from classifiers.explain import explain, log_odds, shapley_interactions, shapley_values
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.explain import (
    describe_training,
    explain_patient,
    measure_unusualness,
)
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel

GROUPS = [0, 1, 1, 2, 3, 3, 3]


def ensemble(widths=(6,), activation="relu", outputs="one_logit", members=4, inputs=7, seed=0):
    config = NetworkConfig(widths=widths, activation=activation, outputs=outputs)
    network = MLP(config, inputs, 2, members, dtype=torch.float64)
    network.parameters.copy_(
        2 * torch.randn(network.parameters.shape, generator=torch.Generator().manual_seed(seed))
    )
    return network


def rows(inputs=7, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=inputs), rng.normal(size=inputs)


def worth_of(network, x, reference, groups):
    """The game as the definition has it: one row a coalition, through the network itself."""
    owner = np.array(groups)

    def worth(members):
        row = np.where(np.isin(owner, sorted(members)), x, reference)
        p = network.probabilities(torch.from_numpy(row[None]))[..., 1].mean().item()
        return math.log(p / (1 - p))

    return worth


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


def test_interactions_of_thirteen_features_take_no_time():
    game = np.random.default_rng(0).normal(size=2**13)
    shapley_interactions(game)  # the list of coalitions is made once
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        shapley_interactions(game)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.05


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("widths", [(), (6,), (5, 3)])
def test_contributions_are_those_of_the_definition(activation, widths):
    network, (x, reference) = ensemble(widths, activation), rows()
    result = explain(network, x, reference, GROUPS)
    worth = worth_of(network, x, reference, GROUPS)
    np.testing.assert_allclose(result.contributions, brute_force(worth, 4), atol=1e-9)
    assert result.base_logit == pytest.approx(worth(set()), abs=1e-9)
    assert result.logit == pytest.approx(worth({0, 1, 2, 3}), abs=1e-9)


def test_two_logits_are_explained_as_their_difference():
    network, (x, reference) = ensemble(outputs="logits"), rows()
    result = explain(network, x, reference, GROUPS)
    expected = brute_force(worth_of(network, x, reference, GROUPS), 4)
    np.testing.assert_allclose(result.contributions, expected, atol=1e-9)


def test_a_linear_model_gives_weight_times_distance():
    network, (x, reference) = ensemble(widths=(), members=1), rows()
    weight = network.layers[0].weight[0, :, 0].numpy()
    expected = np.zeros(4)
    np.add.at(expected, GROUPS, weight * (x - reference))
    result = explain(network, x, reference, GROUPS)
    np.testing.assert_allclose(result.contributions, expected, atol=1e-12)


def test_contributions_add_up_however_sure_the_model_is():
    network, (x, reference) = ensemble(members=1), rows()
    network.parameters.mul_(40)  # margins in the thousands: the probability itself rounds to 0 or 1
    result = explain(network, x, reference, GROUPS)
    assert abs(result.logit) > 100
    assert result.base_logit + result.contributions.sum() == pytest.approx(result.logit, rel=1e-12)


def test_a_feature_that_changes_nothing_contributes_nothing():
    network, (x, reference) = ensemble(), rows()
    network.layers[0].weight[:, 3] = 0  # the inputs of feature 2 are not connected
    assert explain(network, x, reference, GROUPS).contributions[2] == pytest.approx(0, abs=1e-12)
    x[0] = reference[0]
    assert explain(network, x, reference, GROUPS).contributions[0] == pytest.approx(0, abs=1e-12)


def test_features_with_the_same_part_contribute_the_same():
    network, (x, reference) = ensemble(), rows()
    network.layers[0].weight[:, 3] = network.layers[0].weight[:, 0]
    x[3] = x[0]
    reference[3] = reference[0]
    values = explain(network, x, reference, GROUPS).contributions
    assert values[2] == pytest.approx(values[0], abs=1e-12)
    assert abs(values[0]) > 1e-3


def test_log_odds_are_those_of_the_mean_probability():
    margins = torch.randn(5, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p = torch.sigmoid(margins).mean(0)
    torch.testing.assert_close(log_odds(margins), torch.logit(p), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": [0, 1, 1, 2, 4, 4, 4]}, "^groups: must number the features 0, 1"),
        ({"groups": [0, 1]}, "^groups: must have one value an input"),
        ({"x": np.zeros(6)}, r"^x: must have one value an input, shape \(7,\), got \(6,\)"),
        ({"reference": np.zeros(8)}, "^reference: must have one value an input"),
    ],
)
def test_arguments_that_do_not_fit_are_named(change, message):
    x, reference = rows()
    arguments = {"x": x, "reference": reference, "groups": GROUPS, **change}
    with pytest.raises(ConfigError, match=message):
        explain(ensemble(), **arguments)


def test_three_classes_are_refused():
    network = MLP(NetworkConfig(), 7, 3, dtype=torch.float64)
    with pytest.raises(ConfigError, match="^network: must have 2 classes"):
        explain(network, *rows(), GROUPS)


@pytest.mark.parametrize("solve", [shapley_values, shapley_interactions])
def test_a_game_must_have_every_coalition(solve):
    with pytest.raises(ConfigError, match=r"^game: must have 2\^G values"):
        solve(np.zeros(6))


def test_fifty_members_and_thirteen_features_add_up():
    network = ensemble(widths=(32,), activation="tanh", members=50, inputs=36)
    x, reference = rows(36)
    result = explain(network, x, reference, np.sort(np.arange(36) % 13))
    total = result.base_logit + result.contributions.sum()
    assert total == pytest.approx(result.logit, abs=1e-11)


# The heart model


@pytest.fixture(scope="module")
def model():
    return HeartModel.load(Path(__file__).parents[1] / "weights" / "heart")


@pytest.mark.parametrize("name", SAMPLE_PATIENTS)
def test_contributions_of_a_patient_add_up_to_the_served_probability(model, name):
    patient = SAMPLE_PATIENTS[name]
    result = explain_patient(model, patient)
    assert [part["field"] for part in result["contributions"]] == list(FEATURE_NAMES)
    total = result["base_logit"] + sum(part["logit"] for part in result["contributions"])
    p = model.predict(patient).probability
    assert total == pytest.approx(result["logit"], abs=1e-12)
    assert result["logit"] == pytest.approx(math.log(p / (1 - p)), abs=1e-9)


def test_a_patient_is_compared_with_the_mean_training_patient(model):
    inputs = np.array(model.artifact.metadata.evaluation["reference"]["inputs"])
    served = model.artifact.network.copy(members=range(model.artifact.metadata.point_members))
    p = served.probabilities(torch.from_numpy(inputs[None]))[..., 1].mean().item()
    base = explain_patient(model, {})["base_logit"]
    assert base == pytest.approx(math.log(p / (1 - p)), abs=1e-9)
    for name, mean in zip(model.preprocessor.input_names, inputs, strict=True):
        assert 0 <= mean <= 1 if "=" in name else abs(mean) < 1e-12


def test_an_impossible_value_is_named(model):
    with pytest.raises(DataError, match="^chol: must be a number"):
        explain_patient(model, {"chol": -4})


def test_a_model_without_a_reference_says_so(model):
    evaluation = {**model.artifact.metadata.evaluation}
    del evaluation["reference"]
    metadata = model.artifact.metadata.model_copy(update={"evaluation": evaluation})
    artifact = type(model.artifact)(model.artifact.network, model.preprocessor, metadata)
    with pytest.raises(ArtifactError, match="reference; train the model again"):
        explain_patient(HeartModel(artifact), {})


def test_the_lessons_patient_is_unusual_and_the_others_are_not(model):
    percentiles = {
        name: measure_unusualness(model, patient)["percentile"]
        for name, patient in SAMPLE_PATIENTS.items()
    }
    assert max(percentiles, key=percentiles.get) == "The lesson's patient, age 80"
    assert measure_unusualness(model, SAMPLE_PATIENTS["The lesson's patient, age 80"])["unusual"]
    assert max(sorted(percentiles.values())[:-1]) < 0.9


def test_an_odd_combination_of_ordinary_values_is_far(model):
    """Values that are each common, together as nobody has them."""
    usual = SAMPLE_PATIENTS["No complaints, age 42"]
    odd = {**usual, "slope": 3, "oldpeak": 0.0, "thalach": 190, "exang": 1, "cp": 1, "ca": 3}
    doubts = model.predict(odd).warnings
    assert not doubts  # every single value is within what the training patients have
    assert measure_unusualness(model, odd)["unusual"]
    assert not measure_unusualness(model, usual)["unusual"]


def test_the_fields_that_explain_an_unusual_patient_come_most_surprising_first(model):
    usual = SAMPLE_PATIENTS["No complaints, age 42"]
    for patient in (*SAMPLE_PATIENTS.values(), {**usual, "chol": 560}, {**usual, "oldpeak": 6.0}):
        fields = measure_unusualness(model, patient)["fields"]
        shares = [field["share"] for field in fields]
        assert shares == sorted(shares, reverse=True)
        assert len({field["field"] for field in fields}) == len(patient)
    for name, value in (("chol", 560), ("oldpeak", 6.0), ("trestbps", 200)):
        fields = measure_unusualness(model, {**usual, name: value})["fields"]
        assert (fields[0]["field"], fields[0]["value"]) == (name, value)


def test_what_cannot_be_known_does_not_make_a_patient_unusual(model):
    assert measure_unusualness(model, {})["percentile"] == 0
    seen = measure_unusualness(model, {"age": 54, "thal": 3})
    unseen = measure_unusualness(model, {"age": 54, "thal": 5})
    assert [field["field"] for field in unseen["fields"]] == ["age"]
    assert [field["field"] for field in seen["fields"]] != ["age"]


def test_the_description_of_training_rows_holds_their_moments_and_their_outlier():
    rng = np.random.default_rng(0)
    x = np.zeros((60, 13))
    x[:, 0] = rng.normal(size=60)
    x[:, 1] = x[:, 0] + 0.1 * rng.normal(size=60)
    x[:, 2] = rng.integers(0, 2, 60)
    preprocessor = TabularPreprocessor.fit(x, FEATURE_NAMES, FEATURE_NAMES[2:])
    described = describe_training(preprocessor, x)
    inputs = preprocessor.transform(x)
    np.testing.assert_allclose(described["inputs"], inputs.mean(0), atol=1e-12)
    np.testing.assert_allclose(described["covariance"], np.cov(inputs.T, bias=True), atol=1e-12)
    assert described["distances"] == sorted(described["distances"])
    assert 0.3 < described["distances"][50] < described["distances"][100] < 10
    x[7, :2] = 2, -2  # either value occurs; together they break the correlation
    odd = describe_training(preprocessor, x)
    assert odd["distances"][100] > 5 * described["distances"][100]
