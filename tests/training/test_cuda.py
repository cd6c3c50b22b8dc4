"""The trainer on a card, against itself on the CPU: skipped where there is no card. What is asked
of a card, and when, of one that was made up."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch

from classifiers.config import NetworkConfig, SweepConfig, TrainingConfig
from classifiers.network import MLP
from classifiers.recipes.sweep.members import start_members, worlds
from classifiers.recipes.sweep.run import run_sweep
from classifiers.training import score, train
from classifiers.training.capture import CapturedStep
from classifiers.training.draws import CardDraws, Draws
from classifiers.training.loop import _Loop
from tests.training.test_groups import ALL, CASES, GROUPS, run_of
from tests.training.test_training import last, rows

on_a_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no card here")


@on_a_card
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("batch_size", [None, 20])
def test_a_run_on_the_card_ends_where_the_cpu_ends(optimizer, batch_size):
    config = TrainingConfig(
        epochs=40, optimizer=optimizer, learning_rate=0.01, weight_decay=0.01, l1=1e-3, l2=1e-3
    )
    data, losses = rows(), {}
    for device in ("cpu", "cuda"):
        network = MLP(NetworkConfig(widths=(16, 16)), 2, 3, 8, device=device).initialize(0)
        given = config.model_copy(update={"batch_size": batch_size})
        last(train(network, given, data.to(device)))
        losses[device] = score(network, data.to(device)).loss
    assert losses["cuda"] == pytest.approx(losses["cpu"], rel=1e-3)


@on_a_card
def test_a_captured_step_draws_new_masks_every_time():
    config = TrainingConfig(epochs=30, optimizer="sgd", learning_rate=0.1)
    data, ends = rows().to("cuda"), []
    for seed in (0, 0, 1):
        network = MLP(NetworkConfig(widths=(16,), dropout=0.5), 2, 3, device="cuda").initialize(0)
        last(train(network, config.model_copy(update={"seed": seed}), data))
        ends.append(network.parameters.cpu())
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


@on_a_card
def test_a_sweep_on_the_card_finds_what_the_cpu_finds():
    config = SweepConfig.parse({"values": [2, 16], "members": 12, "epochs": 100})
    rows = {
        device: [news.row for news in run_sweep(config, device=device) if news.row]
        for device in ("cpu", "cuda")
    }
    for cpu, card in zip(rows["cpu"], rows["cuda"], strict=True):
        assert card["fresh_accuracy"]["mean"] == pytest.approx(
            cpu["fresh_accuracy"]["mean"], abs=0.01
        )


@on_a_card
@pytest.mark.parametrize("case", [*CASES])
def test_a_member_ends_alike_in_every_group(case):
    """But for the last bits: a card's products add in another order for another number of them."""
    run = run_of(CASES[case])

    def trained(members):
        chosen = worlds(run, members)
        network, parts = start_members(run, chosen, "cuda")
        last(train(network, run.training, parts.train, seeds=[world.start for world in chosen]))
        return network.parameters.cpu()

    whole = trained(ALL)
    for group in GROUPS:
        torch.testing.assert_close(trained(group), whole[group], rtol=1e-3, atol=1e-3)


def test_a_step_is_done_three_times_then_captured_and_replayed(monkeypatch):
    done: list[str] = []

    def stream(name: str) -> SimpleNamespace:
        return SimpleNamespace(
            name=name, wait_stream=lambda other: done.append(f"{name} waits for {other.name}")
        )

    @contextmanager
    def on(target, stream=None):
        done.append(f"begin {target.name}{f' on {stream.name}' if stream else ''}")
        yield
        done.append(f"end {target.name}")

    graph = SimpleNamespace(name="graph", replay=lambda: done.append("replay"))
    card = {
        "Stream": lambda device: stream(f"a stream of {device}"),
        "current_stream": lambda device: stream(f"that of {device}"),
        "stream": on, "graph": on, "CUDAGraph": lambda: graph,
        "synchronize": lambda device: done.append(f"wait for {device}"),
    }  # fmt: skip
    for name, stand_in in card.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)
    device: torch.device = "the card"  # type: ignore[assignment]
    step = CapturedStep(lambda: done.append("step"), device)
    own, current = "a stream of the card", "that of the card"
    eager = [f"{own} waits for {current}", f"begin {own}", "step", f"end {own}",
             f"{current} waits for {own}"]  # fmt: skip
    for calls, wanted in (
        (3, 3 * eager), (1, [f"begin graph on {own}", "step", "end graph", "replay"]),
        (59, 59 * ["replay"]), (1, ["replay", "wait for the card"]), (63, 63 * ["replay"]),
        (1, ["replay", "wait for the card"]),
    ):  # fmt: skip
        done.clear()
        for _ in range(calls):
            step()
        assert done == wanted


class OnCard(torch.Tensor):
    """A tensor that says that it is on a card."""

    is_cuda = True  # type: ignore[assignment]


@pytest.mark.parametrize("batch_size", [None, 20])
def test_on_a_card_whole_steps_are_captured_and_draws_are_its_own(monkeypatch, batch_size):
    captured = []

    def capture(step, device):
        captured.append(device)
        return step

    monkeypatch.setattr("classifiers.training.loop.CapturedStep", capture)
    network = MLP(NetworkConfig(widths=(4,)), 2, 3).initialize(0)
    before = network.parameters.clone()
    loops = []
    for on_card in (False, True):
        if on_card:
            network.parameters = network.parameters.as_subclass(OnCard)
        loops.append(_Loop(network, TrainingConfig(batch_size=batch_size), rows()))
    assert [type(loop.draws) for loop in loops] == [Draws, CardDraws]
    assert captured == ([before.device] if batch_size is None else [])
