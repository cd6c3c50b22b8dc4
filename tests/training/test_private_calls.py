"""Private calls of torch's against the public ways, and what happens where they are no good."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from classifiers.compute import private_calls, products
from classifiers.compute.activations import ACTIVATIONS
from classifiers.compute.private_calls import PrivateCall, fast_paths
from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.network import MLP
from classifiers.training import train
from classifiers.training.adam import ADAM
from tests.training.test_training import last, rows

CALLS = dict(private_calls._calls)
REQUIREMENTS = (Path(__file__).resolve().parents[2] / "requirements.txt").read_text()
# Where both are the same arithmetic in the same order.
SAME_BITS = {
    "aten.threshold_backward.grad_input",
    "aten.leaky_relu.out",
    "aten.leaky_relu_backward.grad_input",
    "aten.gelu.out",
}


@pytest.fixture
def decide_anew(monkeypatch):
    """Every call is tried again in the test, and again after it."""

    def forget() -> None:
        for call in CALLS.values():
            call.__dict__.pop("chosen", None)

    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def registered(monkeypatch):
    """A list of its own for calls that a test makes up."""
    monkeypatch.setattr(private_calls, "_calls", {})


def trained(activation: str, optimizer: str = "adam", **network_settings) -> torch.Tensor:
    """The parameters at the end of a run, with its logits."""
    config = NetworkConfig(widths=(16, 9), activation=activation, **network_settings)
    network = MLP(config, 2, 3, 2).initialize(3)
    data = rows()
    last(train(network, TrainingConfig(epochs=40, optimizer=optimizer, learning_rate=0.01), data))
    return torch.cat([network.parameters.flatten(), network.logits(data.x).flatten()])


def test_the_private_calls_are_the_known_ones():
    derivatives = ("threshold", "tanh", "sigmoid", "leaky_relu", "gelu")
    assert set(CALLS) == {
        "_fused_adam_", "aten.gelu.out", "aten.leaky_relu.out", "mkldnn._linear_pointwise",
        *(f"aten.{name}_backward.grad_input" for name in derivatives),
    }  # fmt: skip
    assert set(fast_paths()) == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_both_ways_do_the_same(name):
    call = CALLS[name]
    assert all(callable(call.public) and len(ours) >= 2 for ours in call._examples())
    if not call.is_fast:
        assert f"torch=={torch.__version__.partition('+')[0]}\n" not in REQUIREMENTS
        pytest.skip(f"this torch does not do {name}")
    for ours, theirs in zip(call._examples(), call._examples(), strict=True):
        pairs = zip([call(*ours), *ours], [call.public(*theirs), *theirs], strict=True)
        for private, public in pairs:
            if isinstance(public, torch.Tensor):
                exact = {"rtol": 0, "atol": 0} if name in SAME_BITS else {}
                torch.testing.assert_close(private, public, **exact)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_the_derivatives_are_those_of_autograd_either_way(activation):
    rule = ACTIVATIONS[activation]
    backward = rule.backward
    ways = [backward] if not isinstance(backward, PrivateCall) else [backward, backward.public]
    for way in ways:
        z = torch.linspace(-4, 4, 41, dtype=torch.float64).requires_grad_()
        public = getattr(rule.forward, "public", rule.forward)
        with torch.no_grad():
            h = public(z.detach().clone(), torch.empty_like(z))
        g = torch.linspace(1, 2, 41, dtype=torch.float64)
        reference = {
            "identity": lambda v: v * 1,
            "leaky_relu": torch.nn.functional.leaky_relu,
            "gelu": torch.nn.functional.gelu,
        }.get(activation) or getattr(torch, activation)
        (expected,) = torch.autograd.grad(reference(z), z, g)
        torch.testing.assert_close(way(g.clone(), z.detach(), h), expected)


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_a_run_without_private_calls_ends_where_one_with_them_does(
    monkeypatch, activation, optimizer
):
    with_them = trained(activation, optimizer)
    for call in CALLS.values():
        monkeypatch.setitem(call.__dict__, "chosen", call.public)
    torch.testing.assert_close(trained(activation, optimizer), with_them, rtol=1e-3, atol=1e-4)


def test_the_written_out_adam_is_torchs_own():
    theta = torch.linspace(-1, 1, 40)
    reference = torch.nn.Parameter(theta.clone())
    optimizer = torch.optim.Adam([reference], lr=0.03)
    mean, square, steps = torch.zeros(40), torch.zeros(40), torch.tensor(0.0)
    for step in range(60):
        reference.grad = torch.sin(torch.arange(40.0) + step)
        optimizer.step()
        steps.add_(1)
        ADAM.public(theta, torch.sin(torch.arange(40.0) + step), mean, square, steps, 0.03)
    torch.testing.assert_close(theta, reference.detach(), rtol=1e-5, atol=1e-6)


# What is no good is not used


def double(x: torch.Tensor) -> torch.Tensor:
    return x.mul_(2)


def one_example() -> list[tuple[torch.Tensor]]:
    return [(torch.arange(5.0),)]


def raises(x: torch.Tensor) -> torch.Tensor:
    raise RuntimeError("no kernel for this processor")


def wants_more(x: torch.Tensor, more: int) -> torch.Tensor:
    return double(x)


def leaves_its_argument(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def gives_less(x: torch.Tensor) -> torch.Tensor:
    return double(x)[:3]


def gives_nothing(x: torch.Tensor) -> None:
    double(x)


def is_off(x: torch.Tensor) -> torch.Tensor:
    return x.mul_(2.001)


def gives_nan(x: torch.Tensor) -> torch.Tensor:
    return x.fill_(torch.nan)


@pytest.mark.usefixtures("registered")
def test_a_call_that_is_missing_is_not_used():
    call = PrivateCall("missing", lambda: torch.ops.aten.no_such_call.out, double, one_example)
    assert call(torch.ones(2)).tolist() == [2, 2]
    assert fast_paths() == {"missing": False}


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    "private",
    [raises, wants_more, leaves_its_argument, gives_less, gives_nothing, is_off, gives_nan],
)
def test_a_call_that_raises_or_disagrees_is_not_used(private: Callable):
    call = PrivateCall("bad", lambda: private, double, one_example)
    x = torch.ones(2)
    assert call(x).tolist() == x.tolist() == [2, 2]
    assert fast_paths() == {"bad": False}


@pytest.mark.usefixtures("registered")
def test_an_activation_that_is_wrong_in_place_is_not_used():
    rule = ACTIVATIONS["gelu"].forward
    assert isinstance(rule, PrivateCall)

    def private(z: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        return out.zero_() if out is z else rule.public(z, out)

    call = PrivateCall("bad", lambda: private, rule.public, rule._examples)
    x = torch.ones(2)
    assert call(x, x)[0] > 0.8
    assert fast_paths() == {"bad": False}


SOME = {
    "single numbers": ("aten.gelu.out", lambda z, out: z.dtype == torch.float32),
    "double ones": ("aten.leaky_relu.out", lambda z, out: z.dtype == torch.float64),
    "one buffer": ("aten.gelu.out", lambda z, out: out is z),
    "two buffers": ("aten.gelu.out", lambda z, out: out is not z),
    "single slopes": ("aten.tanh_backward.grad_input", lambda g, z, h: g.dtype == torch.float32),
    "double slopes": ("aten.gelu_backward.grad_input", lambda g, z, h: g.dtype == torch.float64),
    "a first step": ("_fused_adam_", lambda *given: given[4] == 1),
    "a later step": ("_fused_adam_", lambda *given: given[4] > 1),
    "a shift": ("mkldnn._linear_pointwise", lambda x, weight, shift: shift is not None),
    "no shift": ("mkldnn._linear_pointwise", lambda x, weight, shift: shift is None),
    "lines": ("mkldnn._linear_pointwise", lambda x, weight, shift: x.is_contiguous()),
    "columns": ("mkldnn._linear_pointwise", lambda x, weight, shift: not x.is_contiguous()),
    "columns of weights": (
        "mkldnn._linear_pointwise", lambda x, weight, shift: not weight.is_contiguous(),
    ),
    "nothing": ("_fused_adam_", lambda *given: False),
}  # fmt: skip


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("some", SOME)
def test_a_call_that_is_wrong_for_some_arguments_alone_is_not_used(some):
    name, is_wrong = SOME[some]
    known = CALLS[name]

    def private(*given):
        return None if is_wrong(*given) else known.public(*given)

    call = PrivateCall("bad", lambda: private, known.public, known._examples)
    assert call.is_fast == (some == "nothing")


@pytest.mark.usefixtures("registered")
def test_a_call_that_agrees_is_tried_once_and_used():
    seen = []

    def private(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return x.add_(x)

    call = PrivateCall("good", lambda: private, double, one_example)
    assert seen == []  # not before its first use
    for _ in range(3):
        call(torch.ones(2))
    assert seen == [5, 2, 2, 2]
    assert fast_paths() == {"good": True}


def test_trying_leaves_the_random_numbers_as_they_were(decide_anew):
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    fast_paths()
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("fault", ["missing", "raises", "disagrees"])
def test_training_goes_on_where_torchs_adam_is_no_good(monkeypatch, decide_anew, fault):
    expected = trained("relu")
    assert ADAM.is_fast == hasattr(torch, "_fused_adam_")

    def refuse(*arguments, **settings):
        raise TypeError("unexpected arguments")

    if fault == "missing":
        monkeypatch.delattr(torch, "_fused_adam_")
    else:
        found = {"raises": refuse, "disagrees": lambda *arguments, **settings: None}
        monkeypatch.setattr(torch, "_fused_adam_", found[fault])
    del ADAM.__dict__["chosen"]
    torch.testing.assert_close(trained("relu"), expected, rtol=1e-3, atol=1e-4)
    assert not fast_paths()["_fused_adam_"]


def test_products_are_torchs_own_where_onednns_is_no_good(monkeypatch, decide_anew):
    monkeypatch.setattr(products, "_mkl_is_slow", lambda: True)
    monkeypatch.setattr(products._LINEAR, "_find", lambda: torch.ops.mkldnn.no_such_call.default)
    assert products.products(torch.zeros(1), 150, 256, 256) is products._TORCH
    assert not fast_paths()["mkldnn._linear_pointwise"]
