"""The loop: a generator that yields a `Record` at chosen epochs and a heartbeat in between.

Whoever drives it can show progress, pause it for as long as they like, or stop by closing it.
"""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.compute.parallel import at_work
from classifiers.compute.subnormals import flushed_subnormals
from classifiers.config import Change, TrainingConfig
from classifiers.errors import ConfigError
from classifiers.network import MLP, aligned, member_seeds
from classifiers.training.adam import ADAM
from classifiers.training.backward import Pass
from classifiers.training.capture import CapturedStep
from classifiers.training.draws import CardDraws, Draws
from classifiers.training.early_stopping import Fates, Record
from classifiers.training.scores import Rows, Scorer

_HEARTBEAT_SECONDS = 0.02  # runs take turns, and can be interrupted at a heartbeat only


def record_epochs(epochs: int, most: int = 200) -> list[int]:
    """0, then at most about `most` evenly spaced epochs, the last always among them."""
    stride = max(1, -(-epochs // most))
    return sorted({*range(0, epochs + 1, stride), epochs})


def train(
    network: MLP,
    config: TrainingConfig,
    rows: Rows,
    *,
    test: Rows | None = None,
    validation: Rows | None = None,
    weight_decay: Sequence[float] | None = None,
    record_at: Sequence[int] | None = None,
    seeds: Sequence[int] | None = None,
) -> Iterator[Record]:
    """Trains all members of `network` in place and yields records.

    Args:
        network: initialised; its parameters at each yield are those of the record.
        config: optimiser and schedule.
        rows: what is trained on.
        test: scored at every record; early stopping looks at it only when `on="test"`.
        validation: scored at every record; needed for early stopping with `on="validation"`.
        weight_decay: one value a member, in place of `config.weight_decay`.
        record_at: epochs to record; default `record_epochs(config.epochs)`.
        seeds: of each member's dropout and batches, which depend on nothing else; default
            `config.seed` and up. A card's batches are the CPU's, its dropout is not.

    The last record is the state that the network is left in: under early stopping, each member
    at its best recorded epoch.

    Raises:
        ConfigError: early stopping has no rows to look at.
    """
    wanted = set(record_epochs(config.epochs) if record_at is None else record_at)
    wanted |= {0, config.epochs}
    course = Course(
        network,
        config,
        rows,
        test=test,
        validation=validation,
        weight_decay=weight_decay,
        seeds=seeds,
    )
    for epoch in sorted(e for e in wanted if 0 <= e <= config.epochs):
        yield from course.advance(epoch)
        yield course.look()
        if course.is_sealed:
            break
    if course.restore_best():
        yield course.score()


class Course:
    """A training under way, which has no end of its own; arguments as of `train`.

    `advance` to an epoch, `look` there; early stopping and divergence are seen at looks only. The
    changes of `config` happen on the way; further ones are made by `change`.
    """

    def __init__(
        self,
        network: MLP,
        config: TrainingConfig,
        rows: Rows,
        *,
        test: Rows | None = None,
        validation: Rows | None = None,
        weight_decay: Sequence[float] | None = None,
        seeds: Sequence[int] | None = None,
    ) -> None:
        stopping = config.early_stopping
        sets = {"train": rows, "test": test, "validation": validation}
        watched = sets[stopping.on] if stopping else None
        if stopping is not None and watched is None:
            raise ConfigError("training.early_stopping", f"needs {stopping.on} rows, got none")
        scored = {name: given for name, given in sets.items() if given is not None}
        self._loop = _Loop(network, config, rows, weight_decay, seeds)
        self._score = Scorer(network, scored)
        self._fates = Fates(network, stopping)
        self._changes = {change.epoch: change for change in config.changes}
        self._beat = time.monotonic()

    @property
    def epoch(self) -> int:
        """Complete epochs."""
        return self._loop.epoch

    def advance(self, epoch: int) -> Iterator[Record]:
        """Trains until `epoch` epochs are complete; yields heartbeats."""
        while (now := self.epoch) < epoch:
            if now in self._changes:
                self.change(self._changes.pop(now))
            stop = min([epoch, *(at for at in self._changes if at > now)])
            while self.epoch < stop:
                with at_work(), flushed_subnormals():
                    self._loop.advance(stop, self._beat + _HEARTBEAT_SECONDS)
                if time.monotonic() - self._beat > _HEARTBEAT_SECONDS:
                    yield self._fates.record(self.epoch, None)
                    self._beat = time.monotonic()

    def change(self, change: Change) -> None:
        """From the next step on; to be called between two epochs, whatever `change.epoch` is."""
        self._loop.change(change)

    def look(self) -> Record:
        """Scores the network; puts members that diverged back; notes what early stopping keeps."""
        scores = self._score()
        if self._fates.freeze(self.epoch, scores):
            scores = self._score()
        self._fates.keep(self.epoch, scores)
        self._beat = time.monotonic()
        return self._fates.record(self.epoch, scores)

    def predicted(self, name: str) -> np.ndarray:
        """The classes (K, N) int64 of a set's rows: "train", "test" or "validation", as of the last
        look or score."""
        return self._score.predicted(name)

    def score(self) -> Record:
        """The scores of the network as it is, and nothing else."""
        return self._fates.record(self.epoch, self._score())

    @property
    def is_sealed(self) -> bool:
        """Whether no further epoch can change what is left in the end."""
        return self._fates.are_sealed(self.epoch)

    def outcome(self) -> tuple[MLP, Record]:
        """What training would leave if its last look were now: a network of its own, and its
        scores. The training itself is as it was."""
        fates = self._fates
        network, state = fates.network, fates.state()
        now = network.parameters.clone()
        try:
            record = self.look()
            if self.restore_best():
                record = self.score()
            return network.copy(), record
        finally:
            network.parameters.copy_(now)
            fates.set_state(state)

    def restore_best(self) -> bool:
        """Puts the network at what early stopping kept; whether there is such a thing."""
        return self._fates.restore_best()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of one step. Shape: `x` (K, B, F); `target` (K, out, B); `scale` () or (K, 1, B): the
    share of each row in its member's mean loss."""

    run: Pass
    x: Tensor
    target: Tensor
    scale: Tensor
    ends_epoch: bool


class _Loop:
    """The mutable state of a run: gradient, optimiser moments, batch buffers, random numbers."""

    def __init__(
        self,
        network: MLP,
        config: TrainingConfig,
        rows: Rows,
        weight_decay: Sequence[float] | None = None,
        seeds: Sequence[int] | None = None,
    ) -> None:
        self.network, self.config = network, config
        theta = network.parameters
        seeds = member_seeds(config.seed if seeds is None else seeds, network.members)
        self.draws = (CardDraws if theta.is_cuda else Draws)(seeds, theta.device)
        self.gradient = torch.zeros_like(theta)
        self.momentum, self.variance = torch.zeros_like(theta), torch.zeros_like(theta)
        self.steps = torch.zeros((), device=theta.device)  # where a captured step looks for it
        self.epoch = 0  # complete ones
        self.mask = network.member_mask()

        self.dropout = network.config.dropout
        self.decay = [config.weight_decay] if weight_decay is None else list(weight_decay)

        self.count = rows.x.shape[-2]
        self.passes: dict[tuple[int, float], tuple[Pass, Tensor]] = {}
        self.x = aligned(rows.x) if rows.x.dim() == 3 else rows.x.expand(network.members, -1, -1)
        y = rows.y.expand(network.members if rows.y.dim() == 2 else 1, -1)
        target = y.unsqueeze(-1) if network.out_features == 1 else F.one_hot(y, network.classes)
        self.target = target.to(theta.dtype).expand(network.members, -1, -1)
        self.weights = rows.weights
        self._derive()

    def change(self, change: Change) -> None:
        """What follows from other settings, before the first step of an epoch."""
        settings = change.settings
        self.dropout = settings.pop("dropout", self.dropout)
        if "weight_decay" in settings:
            self.decay = [settings["weight_decay"]]
        self.config = self.config.model_copy(update=settings)
        self.passes.clear()  # a run that changes often must not hold the buffers of all sizes
        self._derive()

    def _derive(self) -> None:
        network, config = self.network, self.config
        theta = network.parameters
        decay = torch.tensor(self.decay, device=theta.device).unsqueeze(1)
        is_weight = network.weight_mask()
        decoupled = config.optimizer == "adamw"
        pull = 2 * config.l2 * is_weight + (0 if decoupled else decay)
        # Added to the gradient, times the parameter.
        self.pull = pull if pull.any() else None
        self.shrink = 1 - config.learning_rate * decay if decoupled and decay.any() else None
        self.l1 = config.l1 * is_weight if config.l1 else None

        self.batch_size = min(config.batch_size or self.count, self.count)
        self.queue: Iterator[_Batch] = iter(())
        self.whole: Callable[[], None] | None = None
        if self.batch_size == self.count:
            whole = self._batch(self.x, self.target.mT.contiguous(), self.weights)
            self.whole = functools.partial(self._step, whole)
            if theta.is_cuda:
                self.whole = CapturedStep(self.whole, theta.device)

    def advance(self, epoch: int, deadline: float) -> None:
        """Steps until `epoch` epochs are complete or the clock has passed `deadline`."""
        while self.epoch < epoch:
            if self.whole:
                self.whole()
                self.epoch += 1
            elif batch := next(self.queue, None):
                self._step(batch)
                self.epoch += batch.ends_epoch
            else:
                self.queue = self._shuffled()
            if time.monotonic() > deadline:
                return

    def _step(self, batch: _Batch) -> None:
        batch.run.gradient(batch.x, batch.target, batch.scale)
        self._update()

    def _batch(
        self, x: Tensor, target: Tensor, weights: Tensor | None, ends_epoch: bool = True
    ) -> _Batch:
        """Shape: `x` (K, B, F), `target` (K, out, B), `weights` (K, B)."""
        size = x.shape[1]
        key = size, self.dropout
        if key not in self.passes:
            run = Pass(self.network, self.gradient, size, self.draws, self.dropout)
            self.passes[key] = run, target.new_tensor(1 / size)
        run, scale = self.passes[key]
        if weights is not None:
            scale = (weights / weights.sum(1, keepdim=True).clamp_min(1e-12)).unsqueeze(1)
        return _Batch(run, x, target, scale, ends_epoch)

    def _shuffled(self) -> Iterator[_Batch]:
        """The batches of an epoch. Each member has an order of its own: members must not share
        their sampling noise."""
        order = self.draws.orders(self.count)
        which = torch.arange(self.network.members, device=order.device).unsqueeze(1)
        x, target = aligned(self.x[which, order]), self.target[which, order].mT.contiguous()
        weights = None if self.weights is None else self.weights[which, order]
        for start in range(0, self.count, self.batch_size):
            stop = min(start + self.batch_size, self.count)
            part = None if weights is None else weights[:, start:stop]
            yield self._batch(x[:, start:stop], target[..., start:stop], part, stop == self.count)

    def _update(self) -> None:
        """One optimiser step, as torch.optim.SGD, Adam and AdamW define it."""
        theta, g, config = self.network.parameters, self.gradient, self.config
        if self.pull is not None:
            g.addcmul_(theta, self.pull)
        if self.l1 is not None:
            g.addcmul_(torch.sign(theta), self.l1)
        if self.mask is not None:
            g.mul_(self.mask)
        if config.optimizer == "sgd":
            if config.momentum:
                g = self.momentum.mul_(config.momentum).add_(g)
            theta.add_(g, alpha=-config.learning_rate)
            return
        if self.shrink is not None:
            theta.mul_(self.shrink)
        self.steps.add_(1)
        ADAM(theta, g, self.momentum, self.variance, self.steps, config.learning_rate)
