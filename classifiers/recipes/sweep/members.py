"""The members of a sweep: networks that differ in points, split and start, trained at once.

Everything here runs on one torch thread, since the last bits of a sum depend on how many threads
shared it, and a sweep must give the same bytes wherever it runs.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers.config import PlaygroundConfig
from classifiers.data.features import apply_features
from classifiers.data.splits import split_indices, split_seed
from classifiers.data.synthetic import sample
from classifiers.network import MLP
from classifiers.recipes.playground.budget import count_parameters
from classifiers.recipes.playground.result import build_scene, finite, spread
from classifiers.training import Rows

T = TypeVar("T")

GROUP = 10  # members trained at once: more do not gain, and a group must stay interruptible

_lock = threading.Lock()
_users, _threads_before = 0, 0


@contextmanager
def single_thread() -> Iterator[None]:
    """One torch thread inside; the former number comes back when the last user has left.

    Users are counted because torch's setting belongs to the process in part: a worker that
    restored it while its neighbour computes would change the neighbour's sums.
    """
    global _users, _threads_before
    with _lock:
        if not _users:
            _threads_before = torch.get_num_threads()
        _users += 1
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                torch.set_num_threads(_threads_before)


def single_threaded(steps: Iterator[T]) -> Iterator[T]:
    """The same steps, each on one torch thread; between them the caller has its own setting.

    The consumer of a generator may resume it from another thread every time.
    """
    while True:
        with single_thread():
            try:
                news = next(steps)
            except StopIteration:
                return
        yield news


@dataclass(frozen=True)
class Parts:
    """The rows of K members. Shape: each `x` (K, N, F), `y` (K, N)."""

    train: Rows
    test: Rows
    validation: Rows | None

    def to(self, device: str) -> "Parts":
        """The same rows on another device."""
        held = None if self.validation is None else self.validation.to(device)
        return Parts(self.train.to(device), self.test.to(device), held)


class World(NamedTuple):
    """Where a member comes from: the seeds of its points, of its split, and of its weights, dropout
    and batches."""

    points: int
    split: int
    start: int


def worlds(
    run: PlaygroundConfig, members: Iterable[int], *, new_points: bool = True
) -> list[World]:
    """The worlds of some members of `run`; member 0 is the playground's own run.

    Without `new_points`, all share the points that `run` draws.
    """
    data, start = run.dataset.seed, run.training.seed
    return [
        World(
            data + k if new_points else data,
            split_seed(data, k) if new_points else data + k,
            start + k,
        )
        for k in members
    ]


def start_members(
    run: PlaygroundConfig, chosen: Sequence[World], device: str = "cpu"
) -> tuple[MLP, Parts]:
    """Members of `run` before training, one a world."""
    parts = member_parts(run, chosen).to(device)
    features, classes = parts.train.x.shape[-1], run.dataset.classes
    network = MLP(run.network, features, classes, len(chosen), device=device)
    return network.initialize([world.start for world in chosen]), parts


def group_size(run: PlaygroundConfig, device: str) -> int:
    """How many members are trained at once: on a card, as many as half of its free memory holds."""
    if device == "cpu":
        return GROUP
    network = run.network
    parameters = count_parameters(network, len(run.dataset.features), run.dataset.classes)
    # Per row and unit: activation, its derivative, dropout's mask and its product, what scoring
    # and fresh points take besides. Per parameter: Adam's moments, gradient, copies of the best.
    floats = 10 * run.dataset.samples * (sum(network.widths) + 8) + 10 * parameters
    free, _ = torch.cuda.mem_get_info()
    return max(1, int(free / 2 / (4 * floats)))


def member_parts(run: PlaygroundConfig, chosen: Sequence[World]) -> Parts:
    """The rows of members of `run`, one a world.

    Raises:
        ConfigError: early stopping leaves no row to train or to validate on.
    """
    scene = build_scene(run)
    data, stopping = run.dataset, run.training.early_stopping
    parts: dict[str, list[tuple[NDArray, NDArray]]] = {"train": [], "test": [], "validation": []}
    for world in chosen:
        drawn = scene.dataset if world.points == data.seed else sample(data, seed=world.points)
        inputs = apply_features(drawn.x, data.features)
        train, test = split_indices(len(inputs), run.training.test_share, world.split)
        rows = {"train": train, "test": test}
        if len(scene.validation) and stopping is not None:
            keep, held = split_indices(len(train), stopping.share, world.split)
            rows = {"train": train[keep], "test": test, "validation": train[held]}
        for name, own in rows.items():
            parts[name].append((inputs[own], drawn.y[own]))

    def stack(name: str) -> Rows:
        x, y = (torch.from_numpy(np.stack(column)) for column in zip(*parts[name], strict=True))
        return Rows(x, y)

    return Parts(
        stack("train"), stack("test"), stack("validation") if parts["validation"] else None
    )


def summarize(values: NDArray[np.float64]) -> dict[str, Any] | None:
    """Mean, spread, range and the (K,) values themselves, as JSON; None where all are unknown."""
    if np.isnan(values).all():
        return None
    return {
        "mean": finite(float(values.mean())),
        "spread": finite(spread(values)),
        "min": finite(float(values.min())),
        "max": finite(float(values.max())),
        "members": [finite(float(value)) for value in values],
    }
