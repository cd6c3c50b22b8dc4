"""Computes the shipped worlds: tasks of a few members on all cores, kept until all are done."""

import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from classifiers.artifacts import library_versions, write_whole
from classifiers.compute.parallel import share_cores
from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import Draw, train_worlds
from classifiers.recipes.capstone.worlds.page.findings import describe
from classifiers.recipes.capstone.worlds.pile import Pile, assemble
from classifiers.recipes.capstone.worlds.rule import (
    RULES,
    Seeds,
    Truth,
    other_split,
    other_start,
    seeds_of,
    truth_of,
    world_runs,
)
from classifiers.recipes.capstone.worlds.store import pack_bytes, save_pile, unpack_bytes
from classifiers.recipes.capstone.worlds.together import (
    KINDS,
    error_budgets,
    loss_budgets,
    mean_boundary,
    variance_of,
)
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.sweep.members import single_thread
from classifiers.recipes.sweep.parts import digest

# Members trained at once: as many as gain, and few enough that a task is done in half a minute.
_GROUPS = {"underfit": 50, "overfit": 4, "good": 20}
_OTHERWISE: Mapping[str, Callable[[Seeds], Seeds]] = {
    "own": lambda seeds: seeds,
    "split": other_split,
    "start": other_start,
}
_ARRAYS = ("scores", "margins", "log_odds", "histogram")


@dataclass(frozen=True)
class Plan:
    """What is computed: so many worlds of each rule, the first `again` of them twice more, with
    another split and with another start."""

    worlds: int = 200
    again: int = 100
    rules: Mapping[str, CapstoneConfig] = field(default_factory=lambda: dict(RULES))


@dataclass(frozen=True)
class Task:
    """One network in worlds `first` to `first + count - 1` of a rule."""

    rule: str
    config: CapstoneConfig
    network: str
    kind: str
    first: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.rule}-{self.network}-{self.kind}-{self.first:04}-{self.count}.safetensors"

    def path(self, checkpoint: Path) -> Path:
        """Where its result is kept: apart from those of other settings and versions."""
        return checkpoint / digest([self.config.to_dict(), library_versions()])[:16] / self.name

    @property
    def work(self) -> float:
        """Estimated seconds."""
        return self.count * estimate(world_runs(self.config)[self.network], film=False).total

    def compute(self) -> bytes:
        """The trained networks, as `_load` reads them; on one torch thread."""
        own = [seeds_of(self.config, k) for k in range(self.first, self.first + self.count)]
        seeds = [_OTHERWISE[self.kind](each) for each in own]
        run, truth = world_runs(self.config)[self.network], truth_of(self.config)
        with single_thread():
            *_, last = train_worlds(run, seeds, truth, film=self.kind == "own")
        assert last.draws is not None
        return _dump(last.draws, film=self.kind == "own")


def _dump(draws: tuple[Draw, ...], *, film: bool) -> bytes:
    arrays: dict[str, NDArray] = {"scores": np.stack([draw.scores for draw in draws])}
    if film:
        arrays |= {key: np.stack([getattr(draw, key) for draw in draws]) for key in _ARRAYS}
        for key in ("answers", "grid"):
            arrays[key] = np.packbits([getattr(draw, key) for draw in draws], axis=1)
        arrays["boundary_length"] = np.array([draw.boundary_length for draw in draws])
        arrays["diverged_at"] = np.array([draw.diverged_at for draw in draws])
        regions = pack_bytes([region for draw in draws for region in draw.regions])
        arrays |= {f"regions.{key}": array for key, array in regions.items()}
    return save_arrays({key: np.ascontiguousarray(array) for key, array in arrays.items()})


def _load(data: bytes, truth: Truth) -> list[Draw]:
    """The draws of a task of kind "own"."""
    arrays = load_arrays(data)
    regions = unpack_bytes({key: arrays[f"regions.{key}"] for key in ("bytes", "ends")})
    count = len(arrays["scores"])
    each = len(regions) // count

    def bits(key: str, length: int) -> NDArray[np.bool_]:
        return np.unpackbits(arrays[key], axis=1, count=length).astype(bool)

    answers, on_grid = bits("answers", len(truth.fresh)), bits("grid", len(truth.grid))
    return [
        Draw(
            regions=tuple(regions[i * each : (i + 1) * each]),
            answers=answers[i],
            grid=on_grid[i],
            boundary_length=float(arrays["boundary_length"][i]),
            diverged_at=int(arrays["diverged_at"][i]),
            **{key: arrays[key][i] for key in _ARRAYS},
        )
        for i in range(count)
    ]


def tasks_of(plan: Plan) -> list[Task]:
    """All of them, the longest first: the cores then end at about the same time."""
    tasks = [
        Task(rule, config, network, kind, first, min(_GROUPS[network], worlds - first))
        for rule, config in plan.rules.items()
        for kind in KINDS
        for worlds in [plan.worlds if kind == "own" else min(plan.again, plan.worlds)]
        for network in NAMES
        for first in range(0, worlds, _GROUPS[network])
    ]
    return sorted(tasks, key=lambda task: -task.work)


def write_worlds(
    folder: str | Path,
    checkpoint: str | Path,
    *,
    workers: int = 1,
    report: Callable[[str], None] = print,
    plan: Plan | None = None,
    keep: bool = False,
) -> None:
    """Computes the planned worlds into `folder/records`.

    What is done is kept in `checkpoint` until all is: started again, it goes on there. The records
    are replaced at the end, so that those shown are of one run.

    Args:
        folder: that of the capstone's weights.
        checkpoint: a folder; what another plan, or other versions, left there is not used.
        workers: processes that train, with one torch thread each; 1 = in this one.
        report: is told how far it is.
        plan: default: 200 worlds of each rule, 100 of them three times.
        keep: leave the checkpoint, for a larger plan that goes on from it.
    """
    plan = plan or Plan()
    checkpoint = Path(checkpoint)
    waiting = [task for task in tasks_of(plan) if not task.path(checkpoint).exists()]
    total, start, finished = sum(task.work for task in waiting), time.monotonic(), 0.0
    report(f"{len(waiting)} of {len(tasks_of(plan))} groups to train")
    for number, (task, data) in enumerate(_computed(waiting, workers), 1):
        task.path(checkpoint).parent.mkdir(parents=True, exist_ok=True)
        write_whole(task.path(checkpoint), data)
        finished += task.work
        left = (time.monotonic() - start) * (total - finished) / finished
        report(f"{number} of {len(waiting)}: {task.name}, about {left / 60:.1f} min left")
    for rule, config in plan.rules.items():
        pile = _conclude(rule, config, plan, checkpoint)
        save_pile(folder, pile)
        for sentence in describe(pile):
            report(f"{rule}: {sentence}")
    if not keep:
        shutil.rmtree(checkpoint)


def _computed(tasks: list[Task], workers: int) -> Iterator[tuple[Task, bytes]]:
    """Every task with its result, as they come."""
    if workers == 1:
        for task in tasks:
            yield task, task.compute()
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=share_cores)
    try:
        running = {pool.submit(task.compute): task for task in tasks}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _conclude(rule: str, config: CapstoneConfig, plan: Plan, checkpoint: Path) -> Pile:
    """The pile of a rule from what its tasks left."""
    truth = truth_of(config)
    draws: dict[str, list[Draw]] = {name: [] for name in NAMES}
    ends: dict[str, dict[str, list[NDArray]]] = {name: {} for name in NAMES}
    for task in sorted(tasks_of(plan), key=lambda task: task.first):
        if task.rule == rule:
            data = task.path(checkpoint).read_bytes()
            scores = load_arrays(data)["scores"][..., -1]
            ends[task.network].setdefault(task.kind, []).extend(scores)
            if task.kind == "own":
                draws[task.network] += _load(data, truth)
    worlds = tuple(
        assemble(config, k, {name: draws[name][k] for name in NAMES}, truth)
        for k in range(plan.worlds)
    )
    answers = {name: np.stack([draw.answers for draw in draws[name]]) for name in NAMES}
    together: dict[str, Any] = {
        **error_budgets(answers, truth.eta),
        "loss_budget": loss_budgets(draws, truth),
        "mean_boundary": mean_boundary(draws, truth),
    }
    if plan.again:
        again = min(plan.again, plan.worlds)
        together["variance_split"] = {
            name: variance_of({kind: np.array(ends[name][kind][:again]) for kind in KINDS})
            for name in NAMES
        }
    return Pile(rule, config, worlds, together)
