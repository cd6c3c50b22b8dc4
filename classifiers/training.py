"""One training loop for K members at once, with the backward pass written out.

The gradient of a small MLP is a dozen matrix products, so autograd's bookkeeping would cost more
than the arithmetic. Every buffer is allocated once; a step allocates nothing. The loop yields a
`Record` at chosen epochs and a heartbeat in between, so that whoever drives it can show progress
or stop by closing the generator. It knows nothing of datasets, files or pictures.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.config import TrainingConfig
from classifiers.errors import ConfigError
from classifiers.network import ACTIVATIONS, MLP

_HEARTBEAT_SECONDS = 0.2
_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # torch.optim.Adam's defaults


@dataclass(frozen=True)
class Rows:
    """Rows to train on or to score.

    Shape: `x` (N, F) float32 shared by all members, or (K, N, F); `y` (N,) or (K, N) int64;
    `weights` (K, N) float32, 0 = the member does not see the row; None = all 1.
    """

    x: Tensor
    y: Tensor
    weights: Tensor | None = None


@dataclass(frozen=True)
class Scores:
    """Mean loss (no penalties) and accuracy of each member, without dropout: (K,) float64."""

    loss: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class Record:
    """The state of a run after `epoch` epochs (0 = before the first step).

    `scores` maps "train", "test", "validation" to `Scores`; it is None on a heartbeat.
    `diverged_at` (K,) is the epoch at which a member's loss was first seen not to be finite, -1
    otherwise; such a member is held at its last finite parameters. `best_epoch` (K,) is the epoch
    whose parameters early stopping would keep, -1 without early stopping.
    """

    epoch: int
    scores: dict[str, Scores] | None
    diverged_at: np.ndarray
    best_epoch: np.ndarray


def record_epochs(epochs: int, most: int = 200) -> list[int]:
    """0, then at most about `most` evenly spaced epochs, the last always among them."""
    stride = max(1, -(-epochs // most))
    return sorted({*range(0, epochs + 1, stride), epochs})


def score(network: MLP, rows: Rows) -> Scores:
    """Cross-entropy and accuracy of every member on `rows`, weighted by `rows.weights`."""
    logits = network.logits(rows.x)
    y = rows.y.expand(network.members, -1)
    if network.out_features == 1:
        z = logits.squeeze(-1)
        losses = F.softplus(z) - z * y
        hits = (z > 0) == (y > 0)
    else:
        losses = torch.logsumexp(logits, -1) - logits.gather(-1, y.unsqueeze(-1)).squeeze(-1)
        hits = logits.argmax(-1) == y
    if rows.weights is None:
        loss, accuracy = losses.mean(1), hits.double().mean(1)
    else:
        total = rows.weights.sum(1).clamp_min(1e-12)
        loss = (losses * rows.weights).sum(1) / total
        accuracy = (hits * rows.weights).double().sum(1) / total
    return Scores(loss.double().cpu().numpy(), accuracy.cpu().numpy())


def train(
    network: MLP,
    config: TrainingConfig,
    rows: Rows,
    *,
    test: Rows | None = None,
    validation: Rows | None = None,
    weight_decay: Sequence[float] | None = None,
    record_at: Sequence[int] | None = None,
) -> Iterator[Record]:
    """Trains all members of `network` in place and yields records.

    Args:
        network: initialised; its parameters at each yield are those of the record.
        config: optimiser and schedule; `config.seed` drives dropout and the order of batches.
        rows: what is trained on.
        test: scored at every record; early stopping looks at it only when `on="test"`.
        validation: scored at every record; needed for early stopping with `on="validation"`.
        weight_decay: one value a member, in place of `config.weight_decay`.
        record_at: epochs to record; default `record_epochs(config.epochs)`.

    The last record is the state that the network is left in: under early stopping, each member
    at its best recorded epoch.

    Raises:
        ConfigError: early stopping has no rows to look at.
    """
    stopping = config.early_stopping
    watched = None if stopping is None else {"test": test, "validation": validation}[stopping.on]
    if stopping is not None and watched is None:
        raise ConfigError("training.early_stopping", f"needs {stopping.on} rows, got none")
    wanted = set(record_epochs(config.epochs) if record_at is None else record_at)
    wanted |= {0, config.epochs}
    sets = {"train": rows, "test": test, "validation": validation}
    scored = {name: given for name, given in sets.items() if given is not None}
    loop = _Loop(network, config, rows, weight_decay)

    diverged_at = np.full(network.members, -1)
    best_epoch = np.full(network.members, -1)
    best_loss = np.full(network.members, np.inf)
    safe = network.parameters.clone()
    best = network.parameters.clone() if stopping else None

    def record(epoch: int, scores: dict[str, Scores] | None) -> Record:
        return Record(epoch, scores, diverged_at.copy(), best_epoch.copy())

    beat = time.monotonic()
    for epoch in range(config.epochs + 1):
        if epoch:
            for _ in loop.epoch():
                if time.monotonic() - beat > _HEARTBEAT_SECONDS:
                    yield record(epoch - 1, None)
                    beat = time.monotonic()
        if epoch not in wanted:
            continue
        scores = {name: score(network, given) for name, given in scored.items()}
        broken = ~np.isfinite(scores["train"].loss)
        diverged_at[broken & (diverged_at < 0)] = epoch
        frozen = torch.from_numpy(diverged_at >= 0)
        if frozen.any():
            network.parameters[frozen] = safe[frozen]
            scores = {name: score(network, given) for name, given in scored.items()}
        safe.copy_(network.parameters)
        if stopping and best is not None:
            loss = scores[stopping.on].loss
            better = (loss < best_loss) & (epoch - np.maximum(best_epoch, 0) <= stopping.patience)
            best_loss[better], best_epoch[better] = loss[better], epoch
            chosen = torch.from_numpy(better)
            best[chosen] = network.parameters[chosen]
        yield record(epoch, scores)
        beat = time.monotonic()
        if frozen.all() or (stopping and (epoch - best_epoch > stopping.patience).all()):
            break
    if best is not None:
        network.parameters.copy_(best)
        yield record(epoch, {name: score(network, given) for name, given in scored.items()})


class _Loop:
    """The mutable state of a run: gradient, optimiser moments, batch buffers, random numbers."""

    def __init__(
        self,
        network: MLP,
        config: TrainingConfig,
        rows: Rows,
        weight_decay: Sequence[float] | None,
    ) -> None:
        self.network, self.config, self.rows = network, config, rows
        theta = network.parameters
        self.generator = torch.Generator(theta.device).manual_seed(config.seed)
        self.gradient = torch.zeros_like(theta)
        self.first, self.second, self.scratch = (torch.zeros_like(theta) for _ in range(3))
        self.mask = network.member_mask()
        self.steps = 0

        decay = torch.tensor(
            [config.weight_decay] if weight_decay is None else list(weight_decay),
            device=theta.device,
        ).unsqueeze(1)
        is_weight = network.weight_mask()
        decoupled = config.optimizer == "adamw"
        pull = 2 * config.l2 * is_weight + (0 if decoupled else decay)
        self.pull = pull if pull.any() else None  # added to the gradient, times the parameter
        self.shrink = 1 - config.learning_rate * decay if decoupled and decay.any() else None
        self.l1 = config.l1 * is_weight if config.l1 else None

        self.count = rows.x.shape[-2]
        self.batch_size = min(config.batch_size or self.count, self.count)
        self.passes: dict[int, _Pass] = {}
        x = rows.x.expand(network.members, -1, -1)
        y = rows.y.expand(network.members, -1)
        if network.out_features == 1:
            self.target = y.unsqueeze(-1).to(theta.dtype)
        else:
            shape = (rows.y.expand(1, -1) if rows.y.dim() == 1 else rows.y).shape
            one_hot = F.one_hot(rows.y.reshape(shape), network.classes).to(theta.dtype)
            self.target = one_hot.expand(network.members, -1, -1)
        self.x = x
        self.weights = None if rows.weights is None else rows.weights.unsqueeze(-1)
        if self.batch_size == self.count:
            self._full = (self._pass(self.count), self.x, self.target, self._scale(self.weights))

    def _pass(self, size: int) -> "_Pass":
        if size not in self.passes:
            self.passes[size] = _Pass(self.network, self.gradient, size, self.generator)
        return self.passes[size]

    @staticmethod
    def _scale(weights: Tensor | None) -> Tensor | None:
        return None if weights is None else weights / weights.sum(1, keepdim=True).clamp_min(1e-12)

    def epoch(self) -> Iterator[None]:
        """One pass over the rows; yields after every optimiser step."""
        if self.batch_size == self.count:
            run, x, target, scale = self._full
            run.gradient(x, target, scale)
            self._update()
            yield
            return
        # Each member has an order of its own: members must not share their sampling noise.
        members = self.network.members
        device = self.network.parameters.device
        order = torch.rand(members, self.count, generator=self.generator, device=device).argsort(1)
        which = torch.arange(members, device=device).unsqueeze(1)
        x, target = self.x[which, order], self.target[which, order]
        weights = None if self.weights is None else self.weights[which, order]
        for start in range(0, self.count, self.batch_size):
            part = slice(start, min(start + self.batch_size, self.count))
            scale = self._scale(None if weights is None else weights[:, part])
            self._pass(part.stop - start).gradient(x[:, part], target[:, part], scale)
            self._update()
            yield

    def _update(self) -> None:
        """One optimiser step, as torch.optim.SGD, Adam and AdamW define it."""
        theta, g, config = self.network.parameters, self.gradient, self.config
        self.steps += 1
        if self.pull is not None:
            g.addcmul_(theta, self.pull)
        if self.l1 is not None:
            g.addcmul_(torch.sign(theta, out=self.scratch), self.l1)
        if self.mask is not None:
            g.mul_(self.mask)
        if config.optimizer == "sgd":
            if config.momentum:
                g = self.first.mul_(config.momentum).add_(g)
            theta.add_(g, alpha=-config.learning_rate)
            return
        if self.shrink is not None:
            theta.mul_(self.shrink)
        self.first.lerp_(g, 1 - _BETA1)
        self.second.mul_(_BETA2).addcmul_(g, g, value=1 - _BETA2)
        # lr * m_hat / (sqrt(v_hat) + eps), with both bias corrections moved into scalars.
        root = (1 - _BETA2**self.steps) ** 0.5
        torch.sqrt(self.second, out=self.scratch).add_(_EPSILON * root)
        rate = config.learning_rate * root / (1 - _BETA1**self.steps)
        theta.addcdiv_(self.first, self.scratch, value=-rate)


class _Pass:
    """Forward and backward for batches of one size, in buffers of their own."""

    def __init__(
        self, network: MLP, gradient: Tensor, size: int, generator: torch.Generator
    ) -> None:
        self.rule = ACTIVATIONS[network.config.activation]
        self.layers = network.layers
        self.gradients = network.views(gradient)
        self.one_logit = network.out_features == 1
        self.size = size

        def buffers() -> list[Tensor]:
            shapes = [(network.members, size, units) for units in network.sizes[1:-1]]
            return [network.parameters.new_empty(shape) for shape in shapes]

        self.h = buffers()
        self.dh = buffers()
        self.z = buffers() if self.rule.needs_input else self.h
        self.out = network.parameters.new_empty(network.members, size, network.out_features)
        self.keep = 1 - network.config.dropout
        self.masks: list[Tensor] = []
        if self.keep < 1:
            self.dropped = buffers()
            self.masks = buffers()
            self.generator = generator
            # A random 64-bit word serves four units: dropout to a resolution of 1 / 65,536.
            words = -(-sum(mask.numel() for mask in self.masks) // 4)
            self.words = torch.empty(words, dtype=torch.int64, device=gradient.device)
            lanes = self.words.view(torch.int16)
            self.lanes, offset = [], 0
            for mask in self.masks:
                self.lanes.append(lanes[offset : offset + mask.numel()].view(mask.shape))
                offset += mask.numel()
            dropped = round(network.config.dropout * 65536)
            self.threshold = dropped - 32768
            self.keep = 1 - dropped / 65536

    def gradient(self, x: Tensor, target: Tensor, scale: Tensor | None) -> None:
        """Writes the gradient of each member's mean loss over the batch.

        Shape: `x` (K, B, F); `target` (K, B, out); `scale` (K, B, 1), rows of a member summing
        to 1, or None for 1 / B.
        """
        if self.masks:
            self.words.random_(-(2**63), None, generator=self.generator)
        inputs = [x]
        for i, layer in enumerate(self.layers[:-1]):
            torch.baddbmm(layer.bias, inputs[-1], layer.weight, out=self.z[i])
            h = self.rule.forward(self.z[i], self.h[i])
            if self.masks:
                torch.ge(self.lanes[i], self.threshold, out=self.masks[i])
                self.masks[i].mul_(1 / self.keep)
                h = torch.mul(h, self.masks[i], out=self.dropped[i])
            inputs.append(h)
        last = self.layers[-1]
        torch.baddbmm(last.bias, inputs[-1], last.weight, out=self.out)
        # For both losses the gradient at the logits is (probability - target) * scale.
        if self.one_logit:
            torch.sigmoid(self.out, out=self.out)
        else:
            torch.softmax(self.out, -1, out=self.out)
        delta = self.out.sub_(target).mul_(1 / self.size if scale is None else scale)
        for i in range(len(self.layers) - 1, -1, -1):
            torch.bmm(inputs[i].transpose(1, 2), delta, out=self.gradients[i].weight)
            torch.sum(delta, 1, keepdim=True, out=self.gradients[i].bias)
            if i == 0:
                return
            back = torch.bmm(delta, self.layers[i].weight.transpose(1, 2), out=self.dh[i - 1])
            if self.masks:
                back.mul_(self.masks[i - 1])
            delta = self.rule.backward(back, self.z[i - 1], self.h[i - 1])
