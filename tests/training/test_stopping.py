"""Early stopping on loss curves that are written by hand."""

import numpy as np
import pytest
import torch

from classifiers.config import EarlyStoppingConfig, NetworkConfig, TrainingConfig
from classifiers.network import MLP
from classifiers.training import loop, train
from classifiers.training.early_stopping import Fates
from classifiers.training.scores import Scores
from tests.training.test_training import rows


@pytest.fixture
def stopped(monkeypatch):
    """Trains members whose validation losses follow curves, an epoch a value."""

    def run(*curves: list[float], patience: int):
        losses = iter(np.array(curves).T)

        class Written:
            """In place of the scorer: each call is the next epoch; the kept state has no more."""

            def __init__(self, network, sets):
                self.members = network.members

            def __call__(self):
                nothing = np.zeros(self.members)
                loss = next(losses, np.full(self.members, np.nan))
                return {"train": Scores(nothing, nothing), "validation": Scores(loss, nothing)}

        monkeypatch.setattr(loop, "Scorer", Written)
        epochs = len(curves[0]) - 1
        stopping = EarlyStoppingConfig(on="validation", patience=patience)
        config = TrainingConfig(epochs=epochs, early_stopping=stopping)
        network = MLP(NetworkConfig(widths=(4,)), 2, 3, len(curves)).initialize(0)
        states, last = {}, None
        for record in train(
            network, config, rows(), validation=rows(seed=1), record_at=range(epochs + 1)
        ):
            if record.scores is not None:
                last = record
                states.setdefault(record.epoch, network.parameters.clone())
        for k, best in enumerate(last.best_epoch):  # what is left is what was best
            assert torch.equal(network.parameters[k], states[best][k])
        return last.epoch, last.best_epoch.tolist()

    return run


def test_a_run_goes_on_for_as_many_epochs_as_it_has_patience_and_stops_in_the_next(stopped):
    curve = [5.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0]
    assert stopped(curve, patience=3) == (5, [1])
    assert stopped(curve, patience=1) == (3, [1])


def test_the_last_epoch_of_the_patience_may_still_be_better(stopped):
    curve = [5.0, 4.0, 6.0, 6.0, 3.0, 6.0, 6.0, 6.0, 6.0, 6.0]
    assert stopped(curve, patience=3) == (8, [4])
    assert stopped(curve, patience=2) == (4, [1])


def test_a_member_that_has_stopped_does_not_take_what_it_would_find_later(stopped):
    """Another member keeps the run going; alone, the first would have ended at epoch 4."""
    lost_patience = [5.0, 4.0, 6.0, 6.0, 3.0, 2.0, 1.0, 6.0]
    goes_on = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    assert stopped(lost_patience, goes_on, patience=2) == (7, [1, 7])


def test_patience_runs_from_the_start_until_something_is_better(stopped):
    """Epoch 0 is the first that can be best, and it was not trained."""
    assert stopped([5.0, 6.0, 7.0, 8.0, 1.0, 1.0], patience=2) == (3, [0])


def test_an_equal_loss_is_not_better(stopped):
    assert stopped([5.0, 4.0, 4.0, 4.0, 4.0, 4.0], patience=2) == (4, [1])


def test_with_patience_to_spare_the_lowest_loss_is_kept(stopped):
    curve = [5.0, 6.0, 4.0, 7.0, 3.5, 9.0, 3.6, 3.4, 3.8]
    assert stopped(curve, curve[::-1], patience=100) == (8, [7, 1])


def test_what_was_recorded_stays_as_it_was():
    network = MLP(NetworkConfig(widths=(4,)), 2, 3, 2).initialize(0)
    fates = Fates(network, EarlyStoppingConfig(on="test"))
    before = fates.record(0, None)
    losses = {"train": [np.nan, 0.5], "test": [np.nan, 0.7]}
    scores = {name: Scores(np.array(loss), np.zeros(2)) for name, loss in losses.items()}
    assert fates.freeze(3, scores)
    fates.keep(3, scores)
    after = fates.record(3, scores)
    assert (before.diverged_at.tolist(), before.best_epoch.tolist()) == ([-1, -1], [-1, -1])
    assert (after.diverged_at.tolist(), after.best_epoch.tolist()) == ([3, -1], [-1, 3])


def test_a_member_that_was_lost_stays_lost_since_then_and_as_it_was():
    network = MLP(NetworkConfig(widths=(4,)), 2, 3, 3).initialize(0)
    before = network.parameters.clone()
    fates = Fates(network, None)

    def looked(epoch: int, *losses: float) -> list[int]:
        network.parameters += 1
        scores = {"train": Scores(np.array(losses), np.zeros(3))}
        lost = fates.freeze(epoch, scores)
        told = fates.record(epoch, scores).diverged_at.tolist()
        assert lost == any(at >= 0 for at in told)
        return told

    assert looked(0, 0.1, 0.2, 0.3) == [-1, -1, -1]
    assert looked(4, 0.1, np.nan, 0.3) == [-1, 4, -1]
    assert looked(7, 0.1, np.inf, -np.inf) == [-1, 4, 7]
    assert not fates.are_sealed(7)
    for k, steps in enumerate((3, 1, 2)):
        torch.testing.assert_close(network.parameters[k], before[k] + steps)
    assert looked(9, np.nan, 0.1, 0.1) == [9, 4, 7]
    assert fates.are_sealed(9)
