"""The written-out trainer, against autograd and torch.optim on plain networks."""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn

from classifiers.compute import parallel
from classifiers.compute.activations import ACTIVATIONS
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import EarlyStoppingConfig, NetworkConfig, TrainingConfig
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.training import Record, Rows, expected_score, record_epochs, score, train
from classifiers.training.backward import Pass
from classifiers.training.draws import CardDraws, Draws
from classifiers.training.loop import _Loop
from tests.tools.reference import sequential


def rows(count: int = 60, classes: int = 3, seed: int = 0, spread: float = 0.5) -> Rows:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, count)
    x = np.stack([np.cos(y * 2.0), np.sin(y * 2.0)], 1) + spread * rng.normal(size=(count, 2))
    return Rows(torch.tensor(x, dtype=torch.float32), torch.tensor(y))


def last(records) -> Record:
    return list(records)[-1]


OPTIMIZERS = {
    "sgd": (
        {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    ),
    "adam": (
        {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": 0.02},
        lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.02),
    ),
    "adamw": (
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    ),
}


def reference_run(model, optimizer, data: Rows, epochs: int, *, one_logit=False, l1=0.0, l2=0.0):
    for _ in range(epochs):
        logits = model(data.x)
        if one_logit:
            loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], data.y.float())
        else:
            loss = nn.functional.cross_entropy(logits, data.y)
        weights = [p for p in model.parameters() if p.dim() == 2]
        penalty = sum(l1 * w.abs().sum() + l2 * (w**2).sum() for w in weights)
        optimizer.zero_grad()
        (loss + penalty).backward()
        optimizer.step()


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_optimizer_and_activation_follows_torch(optimizer, activation):
    settings, make = OPTIMIZERS[optimizer]
    data = rows()
    network = MLP(NetworkConfig(widths=(6, 5), activation=activation), 2, 3, 2).initialize(3)
    last(train(network, TrainingConfig(epochs=40, members=2, **settings), data))
    for k in range(2):
        model = sequential((2, 6, 5, 3), activation, seed=3 + k)
        reference_run(model, make(model.parameters()), data, 40)
        torch.testing.assert_close(network.logits(data.x)[k], model(data.x), rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("outputs", ["one_logit", "logits"])
def test_both_codings_with_l1_and_l2_follow_torch(outputs):
    data = rows(classes=2)
    network = MLP(NetworkConfig(widths=(6,), outputs=outputs), 2, 2).initialize(3)
    config = TrainingConfig(epochs=60, learning_rate=0.1, l1=0.003, l2=0.01)
    last(train(network, config, data))
    model = sequential((2, 6, 1 if outputs == "one_logit" else 2), "relu", seed=3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    reference_run(model, optimizer, data, 60, one_logit=outputs == "one_logit", l1=0.003, l2=0.01)
    torch.testing.assert_close(network.logits(data.x)[0], model(data.x), rtol=1e-3, atol=1e-4)


def test_members_trained_together_equal_members_trained_alone():
    data = rows()
    config = TrainingConfig(epochs=50, optimizer="adam", learning_rate=0.01)
    together = MLP(NetworkConfig(), 2, 3, members=5).initialize(20)
    last(train(together, config, data))
    for k in range(5):
        alone = MLP(NetworkConfig(), 2, 3).initialize(20 + k)
        last(train(alone, config, data))
        torch.testing.assert_close(
            together.parameters[k], alone.parameters[0], rtol=1e-3, atol=1e-5
        )


def test_zero_weights_hide_rows_from_a_member():
    data = rows(40)
    weights = torch.zeros(2, 40)
    weights[0, :25] = 1
    weights[1, 15:] = 1
    config = TrainingConfig(epochs=30)
    folds = MLP(NetworkConfig(), 2, 3, members=2).initialize(0)
    last(train(folds, config, Rows(data.x, data.y, weights)))
    for k, part in enumerate((slice(0, 25), slice(15, 40))):
        alone = MLP(NetworkConfig(), 2, 3).initialize(k)
        last(train(alone, config, Rows(data.x[part], data.y[part])))
        torch.testing.assert_close(folds.parameters[k], alone.parameters[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("batch_size", [7, 60])
def test_rows_of_each_member_are_its_own(batch_size):
    a, b = rows(seed=1), rows(seed=2)
    both = Rows(torch.stack([a.x, b.x]), torch.stack([a.y, b.y]))
    network = MLP(NetworkConfig(widths=(16,)), 2, 3, members=2).initialize(0)
    config = TrainingConfig(epochs=80, batch_size=batch_size, learning_rate=0.1)
    end = last(train(network, config, both))
    assert end.scores is not None
    for k, data in enumerate((a, b)):
        own = score(network.copy(members=[k]), data)
        assert own.loss[0] == pytest.approx(end.scores["train"].loss[k], rel=1e-5)
        assert own.accuracy[0] > 0.9


def test_mini_batches_see_every_row_once_an_epoch():
    # One epoch of SGD at a tiny rate moves the parameters by the sum of the batch gradients,
    # which for batches of equal size is the full gradient times their number.
    data = rows(60)
    moved = []
    for batch_size, factor in ((60, 1), (12, 5)):
        network = MLP(NetworkConfig(activation="tanh"), 2, 3).initialize(0)
        start = network.parameters.clone()
        config = TrainingConfig(epochs=1, batch_size=batch_size, learning_rate=1e-3)
        last(train(network, config, data))
        moved.append((network.parameters - start) / factor)
    torch.testing.assert_close(moved[0], moved[1], rtol=0.02, atol=2e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_each_member_has_an_order_of_batches_of_its_own(weighted):
    """Members that begin alike and see the same rows part only by the order that they see them in:
    their spread is to show that chance as well."""
    data = rows(60)
    weights = torch.ones(3, 60) if weighted else None
    for batch_size, least, most in ((12, 1e-3, 1.0), (60, 0.0, 1e-6)):
        network = MLP(NetworkConfig(), 2, 3, members=3).initialize(0)
        network.parameters[:] = network.parameters[0].clone()
        config = TrainingConfig(epochs=3, batch_size=batch_size)
        last(train(network, config, Rows(data.x, data.y, weights)))
        for k in range(3):
            gap = network.parameters[k] - network.parameters[k - 1]
            assert least <= gap.abs().max() <= most


def test_weight_decay_is_per_member():
    data = rows()
    network = MLP(NetworkConfig(), 2, 3, members=2).initialize(0)
    network.parameters[1] = network.parameters[0]
    config = TrainingConfig(epochs=200, optimizer="adam", learning_rate=0.01)
    last(train(network, config, data, weight_decay=[0.0, 0.1]))
    norms = network.parameters.norm(dim=1)
    assert norms[1] < 0.5 * norms[0]


def test_narrow_members_stay_narrow():
    data = rows()
    for activation in ("relu", "sigmoid"):
        network = MLP(
            NetworkConfig(widths=(8,), activation=activation),
            2,
            3,
            members=2,
            member_widths=[(3,), (8,)],
        ).initialize(0)
        last(train(network, TrainingConfig(epochs=50, optimizer="adam", l2=1e-3), data))
        mask = network.member_mask()
        assert mask is not None
        assert (network.parameters[mask == 0] == 0).all()
        model = sequential((2, 3, 3), activation, seed=0)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        reference_run(model, optimizer, data, 50, l2=1e-3)
        torch.testing.assert_close(network.logits(data.x)[0], model(data.x), rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("draws", [Draws, CardDraws])
def test_dropout_drops_the_stated_share_and_keeps_the_mean(draws):
    # With identity activation and a frozen network, E[gradient with dropout] of the last bias is
    # hard to see; so look at the masks themselves.
    network = MLP(NetworkConfig(widths=(64, 64), dropout=0.2), 2, 2, members=3).initialize(0)
    gradient = torch.zeros_like(network.parameters)
    run = Pass(network, gradient, 500, draws(range(3), gradient.device))
    x, target, scale = torch.randn(3, 500, 2), torch.zeros(3, 2, 500), torch.tensor(1 / 500)
    run.gradient(x, target, scale)
    first = run.masks[0].clone()
    for mask in run.masks:
        share = (mask == 0).float().mean().item()
        assert share == pytest.approx(0.2, abs=4 * (0.16 / mask.numel()) ** 0.5)
        assert mask.mean().item() == pytest.approx(1.0, abs=0.01)
        alike = ((mask[0] == 0) == (mask[1] == 0)).float().mean().item()
        assert alike == pytest.approx(0.8**2 + 0.2**2, abs=0.02)  # members have masks of their own
    run.gradient(x, target, scale)
    agreement = ((first == 0) == (run.masks[0] == 0)).float().mean().item()
    assert agreement == pytest.approx(0.8**2 + 0.2**2, abs=0.01)


def test_dropout_gradient_is_that_of_the_masked_network():
    network = MLP(NetworkConfig(widths=(9, 8), activation="gelu", dropout=0.4), 2, 3).initialize(0)
    gradient = torch.zeros_like(network.parameters)
    data = rows(30)
    run = Pass(network, gradient, 30, Draws([0], gradient.device))
    target = nn.functional.one_hot(data.y, 3).float().T.unsqueeze(0)
    run.gradient(data.x.unsqueeze(0), target, torch.tensor(1 / 30))

    theta = network.parameters.clone().requires_grad_()
    h = data.x.unsqueeze(0)
    layers = network.views(theta)
    for layer, mask in zip(layers, run.masks, strict=False):
        h = nn.functional.gelu(h @ layer.weight + layer.bias) * mask
    logits = (h @ layers[-1].weight + layers[-1].bias)[0]
    nn.functional.cross_entropy(logits, data.y).backward()
    torch.testing.assert_close(gradient, theta.grad, rtol=1e-4, atol=1e-6)


def test_divergence_is_found_and_held_at_finite_parameters():
    data = rows()
    network = MLP(NetworkConfig(activation="identity", widths=(8, 8)), 2, 3, 2).initialize(0)
    network.parameters[1] *= 1e-3  # starts near a saddle: diverges later, or not at all
    config = TrainingConfig(epochs=200, learning_rate=100.0)
    end = last(train(network, config, Rows(data.x * 1e3, data.y)))
    assert end.diverged_at[0] > 0
    assert torch.isfinite(network.parameters).all()
    assert end.scores is not None
    assert np.isfinite(end.scores["train"].loss).all()


def test_a_run_stops_once_every_member_has_diverged():
    network = MLP(NetworkConfig(activation="identity"), 2, 3).initialize(0)
    data = rows()
    config = TrainingConfig(epochs=5000, learning_rate=100.0)
    end = last(train(network, config, Rows(data.x * 1e3, data.y)))
    assert end.epoch == end.diverged_at[0] < 5000


def test_early_stopping_keeps_each_members_best_recorded_epoch():
    data, held = rows(30, spread=1.0), rows(200, seed=5, spread=1.0)
    stopping = EarlyStoppingConfig(on="validation", patience=150)
    config = TrainingConfig(
        epochs=1500, optimizer="adam", learning_rate=0.02, early_stopping=stopping
    )
    network = MLP(NetworkConfig(widths=(32, 32)), 2, 3, members=3).initialize(0)
    records = [r for r in train(network, config, data, validation=held) if r.scores is not None]
    losses = np.array([r.scores["validation"].loss for r in records[:-1]])
    epochs = np.array([r.epoch for r in records[:-1]])
    end = records[-1]
    np.testing.assert_array_equal(end.best_epoch, epochs[losses.argmin(0)])
    np.testing.assert_allclose(end.scores["validation"].loss, losses.min(0), rtol=1e-6)
    np.testing.assert_allclose(score(network, held).loss, losses.min(0), rtol=1e-6)
    assert end.epoch < 1500


def test_early_stopping_without_its_rows_is_refused():
    config = TrainingConfig(early_stopping=EarlyStoppingConfig(on="validation"))
    with pytest.raises(ConfigError, match=r"^training.early_stopping: needs validation rows"):
        last(train(MLP(NetworkConfig(), 2, 3), config, rows()))


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    ends = []
    for seed in (1, 1, 2):
        network = MLP(NetworkConfig(dropout=0.3), 2, 3, members=2).initialize(0)
        last(train(network, TrainingConfig(epochs=20, seed=seed, batch_size=16), rows()))
        ends.append(network.parameters)
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


def test_weighted_scores_equal_scores_of_the_chosen_rows():
    data = rows(50, classes=2)
    for outputs in ("one_logit", "logits"):
        network = MLP(NetworkConfig(outputs=outputs), 2, 2, members=2).initialize(0)
        weights = torch.zeros(2, 50)
        weights[:, :20] = 1
        part = score(network, Rows(data.x[:20], data.y[:20]))
        whole = score(network, Rows(data.x, data.y, weights))
        np.testing.assert_allclose(whole.loss, part.loss, rtol=1e-5)
        np.testing.assert_allclose(whole.accuracy, part.accuracy)
        reference = nn.functional.nll_loss(network.probabilities(data.x[:20])[0].log(), data.y[:20])
        assert part.loss[0] == pytest.approx(reference.item(), rel=1e-5)


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_member_that_sees_no_row_stays_as_it_is(batch_size):
    data, weights = rows(40), torch.ones(2, 40)
    weights[1] = 0
    network = MLP(NetworkConfig(widths=(4,)), 2, 3, members=2).initialize(0)
    before = network.parameters.clone()
    config = TrainingConfig(epochs=3, batch_size=batch_size)
    end = last(train(network, config, Rows(data.x, data.y, weights)))
    assert torch.equal(network.parameters[1], before[1])
    assert not torch.equal(network.parameters[0], before[0])
    assert (end.scores["train"].loss[1], end.scores["train"].accuracy[1]) == (0, 0)
    assert end.diverged_at.tolist() == [-1, -1]


@pytest.mark.parametrize("epochs", [1, 100, 200, 201, 2000, 20_000])
def test_recorded_epochs_start_at_zero_end_at_the_last_and_stay_few(epochs):
    recorded = record_epochs(epochs)
    assert recorded[0] == 0
    assert recorded[-1] == epochs
    assert len(recorded) <= 202
    assert recorded == sorted(set(recorded))


def test_a_long_epoch_gives_heartbeats():
    network = MLP(NetworkConfig(widths=(64, 64)), 2, 3, members=4).initialize(0)
    config = TrainingConfig(epochs=1, batch_size=1)
    records = list(train(network, config, rows(12_000)))
    assert any(record.scores is None for record in records)


def subnormals_are_flushed() -> bool:
    return torch.full((4,), 1e-39).mul(1.0).double().sum().item() == 0


def test_every_step_flushes_subnormals_keeps_a_core_and_leaves_the_caller_as_it_was(
    monkeypatch,
):
    seen, gradient = [], Pass.gradient

    def watched(self, *batch):
        seen.append((subnormals_are_flushed(), parallel._busy))
        gradient(self, *batch)

    monkeypatch.setattr(Pass, "gradient", watched)
    network = MLP(NetworkConfig(widths=(8,)), 2, 3).initialize(0)
    for _ in train(network, TrainingConfig(epochs=50), rows()):
        assert (subnormals_are_flushed(), parallel._busy) == (False, 0)
    assert seen == [(True, 1)] * 50


def test_without_decay_flushing_changes_the_moments_of_dead_units_and_no_parameter():
    config = TrainingConfig(optimizer="adam", learning_rate=0.1, epochs=1500)
    ends = []
    for mode in (contextlib.nullcontext, flushed_subnormals):
        network = MLP(NetworkConfig(widths=(32, 32)), 2, 3).initialize(0)
        loop = _Loop(network, config, rows())
        with mode():
            loop.advance(config.epochs, float("inf"))
        tiny = (loop.momentum != 0) & (loop.momentum.abs() < torch.finfo(torch.float32).tiny)
        ends.append((network.parameters, bool(tiny.any())))
    (plain, had), (flushed, has) = ends
    assert had
    assert not has
    assert torch.equal(plain, flushed)


@pytest.mark.parametrize("outputs", ["logits", "one_logit"])
def test_expected_score_is_the_mean_score_over_all_labels(outputs):
    network = MLP(NetworkConfig(outputs=outputs), 2, 2, members=3).initialize(0)
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(1))
    share = torch.rand(40, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    share[:3] = torch.tensor([0.0, 1.0, 0.5])
    posterior = torch.stack([1 - share, share], 1)
    told = expected_score(network, x, posterior)
    for k in range(3):
        loss = accuracy = 0.0
        for i in range(40):
            for label in (0, 1):
                one = score(network, Rows(x[i : i + 1], torch.tensor([label])))
                weight = posterior[i, label].item()
                loss += weight * one.loss[k] / 40
                accuracy += weight * one.accuracy[k] / 40
        assert told.loss[k] == pytest.approx(loss, rel=1e-6)
        assert told.accuracy[k] == pytest.approx(accuracy, rel=1e-6)
    network.parameters.mul_(1e4)  # sure of everything: what cannot be must cost nothing
    sure = expected_score(network, x[:2], posterior[:2])
    assert np.isfinite(sure.loss).all()
