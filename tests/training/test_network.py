"""The MLP with a member axis, against torch.nn."""

import pytest
import torch

from classifiers.compute.activations import ACTIVATIONS
from classifiers.config import NetworkConfig
from classifiers.errors import ConfigError
from classifiers.network import ALIGNED, MLP, aligned
from tests.tools.reference import sequential


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("widths", [(), (5,), (4, 7, 3)])
def test_member_k_is_the_sequential_network_of_seed_plus_k(activation, widths):
    network = MLP(NetworkConfig(widths=widths, activation=activation), 3, 4, members=3)
    network.initialize(seed=10)
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    logits = network.logits(x)
    for k in range(3):
        reference = sequential((3, *widths, 4), activation, seed=10 + k)
        torch.testing.assert_close(logits[k], reference(x), rtol=1e-5, atol=1e-6)


def test_each_member_may_have_rows_of_its_own():
    network = MLP(NetworkConfig(widths=(6,)), 2, 2, members=4).initialize(1)
    x = torch.randn(4, 9, 2, generator=torch.Generator().manual_seed(0))
    together = network.logits(x)
    for k in range(4):
        torch.testing.assert_close(together[k], network.copy(members=[k]).logits(x[k])[0])


def test_rows_of_every_member_start_where_a_vector_register_does():
    given = torch.arange(30.0).reshape(3, 5, 2)
    copy = aligned(given)
    assert torch.equal(copy, given)
    assert copy.data_ptr() != given.data_ptr()
    starts = [member.storage_offset() for member in copy]
    assert starts == [0, ALIGNED, 2 * ALIGNED]


def test_a_narrower_member_equals_a_network_of_that_width():
    config = NetworkConfig(widths=(8, 8), activation="tanh")
    network = MLP(config, 2, 3, members=2, member_widths=[(3, 5), (8, 8)]).initialize(7)
    x = torch.randn(11, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network.logits(x)[0], sequential((2, 3, 5, 3), "tanh", seed=7)(x))
    mask = network.member_mask()
    assert mask is not None
    narrow = (2 + 1) * 3 + (3 + 1) * 5 + (5 + 1) * 3
    assert mask.sum(1).tolist() == [narrow, network.parameter_count]


def test_probabilities_of_one_logit_and_of_logits_sum_to_one():
    for outputs in ("one_logit", "logits"):
        network = MLP(NetworkConfig(outputs=outputs), 2, 2, members=2).initialize(0)
        probabilities = network.probabilities(torch.randn(6, 2))
        assert probabilities.shape == (2, 6, 2)
        torch.testing.assert_close(probabilities.sum(-1), torch.ones(2, 6))


def test_state_dict_round_trips_exactly():
    network = MLP(NetworkConfig(), 2, 3, members=2).initialize(0)
    other = MLP(NetworkConfig(), 2, 3, members=2).load_state_dict(network.state_dict())
    assert torch.equal(network.parameters, other.parameters)
    assert network.parameter_count == sum(
        p.numel() for p in sequential((2, 8, 8, 3), "relu").parameters()
    )


def test_load_refuses_missing_extra_and_misshapen_tensors():
    network = MLP(NetworkConfig(), 2, 3, members=2)
    state = network.state_dict()
    with pytest.raises(ConfigError, match=r"^state: must hold the tensors"):
        network.load_state_dict({k: v for k, v in state.items() if k != "layers.0.bias"})
    with pytest.raises(ConfigError, match=r"^state: must hold the tensors"):
        network.load_state_dict({**state, "layers.9.bias": torch.zeros(1)})
    with pytest.raises(ConfigError, match=r"^layers.0.bias: must be \(2, 8\) torch.float32"):
        network.load_state_dict({**state, "layers.0.bias": torch.zeros(2, 9)})
    with pytest.raises(ConfigError, match=r"^layers.0.bias: .*got \(2, 8\) torch.float64"):
        network.load_state_dict({**state, "layers.0.bias": torch.zeros(2, 8).double()})


def test_one_logit_with_three_classes_is_refused():
    with pytest.raises(ConfigError, match=r"^network.outputs: one_logit needs 2 classes, got 3"):
        MLP(NetworkConfig(outputs="one_logit"), 2, 3)


@pytest.mark.parametrize(
    "given", [[(5, 4), (4, 4)], [(4, 4), (0, 4)], [(4,), (4, 4)], [(4, 4)], [(4, 4, 4)] * 2]
)
def test_member_widths_must_fit(given):
    with pytest.raises(ConfigError) as refused:
        MLP(NetworkConfig(widths=(4, 4)), 2, 2, 2, member_widths=given)
    assert str(refused.value) == (
        "member_widths: must give 2 members 2 widths each, none above [4, 4], got "
        f"{[list(widths) for widths in given]}"
    )


def test_a_copy_is_where_its_network_is_and_of_its_kind():
    network = MLP(NetworkConfig(), 2, 3, 3, member_widths=[(3, 5), (8, 8), (1, 2)])
    double = network.copy(dtype=torch.float64)
    assert double.copy().parameters.dtype == torch.float64
    assert network.copy().parameters.dtype == torch.float32
    chosen = network.initialize(4).copy(members=[2, 0])
    assert torch.equal(chosen.parameters, network.parameters[[2, 0]])
    assert torch.equal(chosen.member_mask(), network.member_mask()[[2, 0]])  # type: ignore[arg-type,index]
    chosen.parameters.zero_()
    assert network.parameters.any()
    elsewhere = MLP(NetworkConfig(), 2, 3, 3, device="meta")
    assert elsewhere.copy(members=[0]).parameters.device.type == "meta"


def test_a_network_of_zeros_is_one_also_when_it_starts_anew():
    network = MLP(NetworkConfig(start="zero"), 2, 3, 2)
    network.parameters.fill_(1.0)
    assert network.initialize(0) is network
    assert not network.parameters.any()


def test_of_classes_that_are_equally_likely_the_first_is_named():
    x = torch.zeros(1, 2)
    for outputs, classes in (("one_logit", 2), ("logits", 2), ("logits", 4)):
        network = MLP(NetworkConfig(outputs=outputs, widths=()), 2, classes, 2)
        assert network.predict(x).tolist() == [[0], [0]]
        network.layers[0].bias[1, 0, -1] = 1e-6
        assert network.predict(x).tolist() == [[0], [network.classes - 1]]


@pytest.mark.parametrize("start", ["torch", "xavier", "he", "zero", "large"])
def test_starts_are_those_of_torch(start):
    config = NetworkConfig(widths=(5, 3), start=start)
    network = MLP(config, 2, 4, 2).initialize(7)
    for member in range(2):
        torch.manual_seed(7 + member)
        plain = [torch.nn.Linear(*sizes) for sizes in ((2, 5), (5, 3), (3, 4))]
        for layer in plain:
            if start == "xavier":
                torch.nn.init.xavier_uniform_(layer.weight)
            elif start == "he":
                torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            if start in ("xavier", "he"):
                torch.nn.init.zeros_(layer.bias)
        factor = {"zero": 0, "large": 10}.get(start, 1)
        for mine, layer in zip(network.layers, plain, strict=True):
            weight, bias = mine.weight[member].T, mine.bias[member, 0]
            assert torch.allclose(weight, factor * layer.weight, rtol=1e-6, atol=0)
            assert torch.allclose(bias, factor * layer.bias, rtol=1e-6, atol=0)
