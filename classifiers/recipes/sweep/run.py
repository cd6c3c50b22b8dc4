"""A sweep: one setting at several values, every value with members for seeds and splits.

A shard is one value. Its row is a pure function of the config and the value's index, the same bytes
wherever it is computed; `run_sweep` computes them one after another in this process, and
`file` spreads them over processes or machines.
"""

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.data.bayes import bayes_accuracy
from classifiers.network import MLP
from classifiers.recipes.playground.budget import FRESH_POINTS
from classifiers.recipes.playground.fresh_points import fresh_scores
from classifiers.recipes.playground.run import recorded_epochs
from classifiers.recipes.sweep.budget import MOST_SWEEP_SECONDS, check_sweep_budget
from classifiers.recipes.sweep.findings import find
from classifiers.recipes.sweep.members import (
    group_size,
    single_threaded,
    start_members,
    summarize,
    worlds,
)
from classifiers.recipes.sweep.parts import Parts, Row
from classifiers.training import Record, record_epochs, train

MEASURES = tuple(
    f"{part}_{name}" for name in ("accuracy", "loss") for part in ("train", "test", "fresh")
)
_RECORDS = 20  # nobody sees a sweep's history; this often, divergence is noticed


@dataclass(frozen=True)
class Progress:
    """News of a sweep: `epoch` of `epochs` at `value`, the mean over members.

    `row` is there when a value is done, `result` comes last.
    """

    index: int
    values: tuple[Any, ...]
    epoch: int
    epochs: int
    row: Row | None = None
    result: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON; the result itself when it is there."""
        if self.result is not None:
            return self.result
        news = {
            "value": self.values[self.index],
            "index": self.index,
            "values": len(self.values),
            "epoch": self.epoch,
            "epochs": self.epochs,
        }
        return news if self.row is None else {**news, "row": self.row}


def run_sweep(
    config: SweepConfig,
    *,
    most_seconds: float | None = MOST_SWEEP_SECONDS,
    parts: Parts | None = None,
    device: str = "cpu",
) -> Iterator[Progress]:
    """Computes the rows in the order of the values; news at least four times a second.

    Args:
        config: what to sweep.
        most_seconds: the limit on the estimated time; None = no limit.
        parts: where rows done before are read and new ones are kept; None = nowhere.
        device: "cpu" or "cuda"; `device.choose_device` knows which is faster.

    Raises:
        BudgetError: more work than `most_seconds`; raised at the first `next`, before anything is
            computed.
    """
    if most_seconds is not None:
        check_sweep_budget(config, most_seconds)
    rows = []
    for index in range(len(config.values)):
        done = parts.read(index) if parts else None
        for news in [done] if done else measure_setting(config, index, device):
            if isinstance(news, dict):
                if parts and not done:
                    with suppress(OSError):  # a full disk costs the checkpoint, not the sweep
                        parts.write(index, news)
                rows.append(news)
                yield Progress(index, config.values, config.epochs, config.epochs, row=news)
            else:
                yield Progress(index, config.values, news, config.epochs)
    last = len(config.values) - 1
    result = sweep_result(config, rows)
    yield Progress(last, config.values, config.epochs, config.epochs, result=result)


def measure_setting(config: SweepConfig, index: int, device: str = "cpu") -> Iterator[int | Row]:
    """Trains the members at `values[index]`; yields epochs done, and the row at the end."""
    return single_threaded(_measure(config, index, device))


def compute_row(config: dict[str, Any], index: int, device: str = "cpu") -> tuple[int, Row]:
    """`measure_setting` to its end, as a call that another process or machine can be sent."""
    for news in measure_setting(SweepConfig.parse(config), index, device):
        if isinstance(news, dict):
            return index, news
    raise RuntimeError("a setting ended without a row")  # measure_setting always ends with one


def sweep_result(config: SweepConfig, rows: list[Row]) -> dict[str, Any]:
    """The whole sweep as JSON: `config` in full, a row a value, and what they show."""
    return {
        "config": config.to_dict(),
        "fresh_points": 0 if config.base.dataset.name == "points" else FRESH_POINTS,
        "rows": rows,
        "findings": list(find(config, rows)),
    }


def _measure(config: SweepConfig, index: int, device: str) -> Iterator[int | Row]:
    run = config.setting(index)
    known = run.dataset.name != "points"
    columns: dict[str, list[np.ndarray]] = {name: [] for name in MEASURES}
    diverged = parameters = 0
    group = group_size(run, device)
    for start in range(0, config.members, group):
        members = range(start, min(start + group, config.members))
        network, record = yield from _train(config, run, members, device)
        scores = dict(record.scores or {})
        for scores["fresh"] in fresh_scores(network, run):
            yield config.epochs * members.stop // config.members
        for part in ("train", "test", "fresh"):
            for name in ("accuracy", "loss"):
                columns[f"{part}_{name}"].append(getattr(scores[part], name))
        diverged += int((record.diverged_at >= 0).sum())
        parameters = network.parameter_count
    bayes = bayes_accuracy(run.dataset) if known else None
    yield {
        "value": config.values[index],
        "parameters": parameters,
        "bayes_accuracy": None if bayes is None else bayes.value,
        "diverged": diverged,
        **{name: summarize(np.concatenate(values)) for name, values in columns.items()},
    }


def _train(
    config: SweepConfig, run: PlaygroundConfig, members: range, device: str
) -> Generator[int, None, tuple[MLP, Record]]:
    """Trains some members, each from its own seed and on its own split."""
    training = run.training.model_copy(update={"seed": run.training.seed + members.start})
    network, parts = start_members(run, worlds(run, members, new_points=config.new_points), device)
    recorded = (
        recorded_epochs(config.epochs)
        if training.early_stopping
        else record_epochs(config.epochs, _RECORDS)
    )
    record: Record | None = None
    for record in train(
        network,
        training,
        parts.train,
        test=parts.test,
        validation=parts.validation,
        record_at=recorded,
    ):
        yield (config.epochs * members.start + record.epoch * len(members)) // config.members
    if record is None or record.scores is None:
        raise RuntimeError("training ended without a scored record")  # train() always ends with one
    return network, record
