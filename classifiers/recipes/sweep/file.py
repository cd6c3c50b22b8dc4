"""Sweeps that outlive a process: spread over workers, kept as they grow, written as one JSON file.

The file depends on nothing but the config: not on how many workers computed it, on which of them
died, or on how often it was interrupted. (A different torch or kind of CPU adds in another order,
so the workers must have the same of both.) Dask is imported only when there is a scheduler.
"""

import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from classifiers.artifacts import canonical_json, check_place, write_whole
from classifiers.config import SweepLike
from classifiers.errors import ConfigError
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.result import (
    MOST_WHOLE_ROWS,
    failed_row,
    result_head,
    slim,
    sweep_result,
)
from classifiers.recipes.sweep.spread import halving as halve
from classifiers.recipes.sweep.spread.ledger import Ledger
from classifiers.recipes.sweep.spread.local import run_here, run_processes
from classifiers.recipes.sweep.spread.worker import Outcome
from classifiers.recipes.sweep.tasks import Row, count_trainings, merge, settings_of
from classifiers.wording import counted

PRINT = functools.partial(print, flush=True)


def write_sweep(
    config: SweepLike,
    output: str | Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    device: str = "cpu",
    report: Callable[[str], None] = PRINT,
    task_seconds: float | None = None,
    halving: bool = False,
) -> dict[str, Any]:
    """Computes a sweep of any size into `output`; returns what was written.

    Finished tasks are kept in `OUTPUT.jsonl` (see `parts`) until `output` is there: started again
    with the same config, a sweep goes on where it stopped. It stays there if settings failed: they
    are tried again then.

    With more than `MOST_WHOLE_ROWS` settings, rows come without the numbers of single members,
    and what is returned comes without rows.

    Args:
        config: what to sweep.
        output: the JSON file.
        workers: local processes; 1 = this one.
        scheduler: address of a Dask scheduler whose workers do the work, instead of local ones.
        device: "cpu" or "cuda", which is for a single process.
        report: told of each finished setting, or once a second.
        task_seconds: what a task (some members of a setting) may take; None = thirty times the
            estimate, at least a minute. A task that fails is tried twice more.
        halving: whether hopeless settings stop early (see `spread.halving`).

    Raises:
        ConfigError: `workers` is below 1, or several share a card, or the scheduler or its workers
            cannot be used, or `halving` with epochs as an axis.
        ArtifactError: `output` is no place for a file.
        ClassifiersError: workers die as they start; the scheduler is lost.
        OSError: the disk is full; what was done is kept.
    """
    output = Path(output)
    _check(config, output, workers, scheduler, device, halving)
    with contextlib.ExitStack() as stack:
        run = _runner(stack, workers, scheduler, device, report)  # before anything is written
        parts = stack.enter_context(Parts(Path(f"{output}.jsonl"), config, device))
        if parts.moved:
            report(f"{parts.path} was of another sweep or version; it is now {parts.moved}")
        ledger = Ledger(config, parts, report, device=device, most_seconds=task_seconds)
        if len(parts):
            were = "was" if len(parts) == 1 else "were"
            report(f"{counted(len(parts), 'task')} {were} done before")
        work = functools.partial(run, ledger.take, ledger.limit)
        ends, told = _compute(config, ledger, work, halving)
        result = _write(config, output, _rows(config, ledger, ends, halving), told)
        report(ledger.summary())
        if not ledger.failures:
            parts.remove()
    return result


def _check(
    config: SweepLike,
    output: Path,
    workers: int,
    scheduler: str | None,
    device: str,
    halving: bool,
) -> None:
    if workers < 1:
        raise ConfigError("workers", f"must be at least 1, got {workers}; use 1 for this process")
    if device != "cpu" and (workers > 1 or scheduler is not None):
        raise ConfigError(
            "device", f"must be cpu for several workers, got {device}; use one worker"
        )
    if halving and "epochs" in config.axes:
        raise ConfigError("halving", "chooses the epochs itself; sweep another axis, or leave it")
    check_place(output)


def _runner(
    stack: contextlib.ExitStack,
    workers: int,
    scheduler: str | None,
    device: str,
    report: Callable[[str], None],
) -> Callable[..., Iterator[Outcome]]:
    """Does all tasks of a ledger, given its `take` and `limit`; a cluster leaves with `stack`."""
    if scheduler is not None:
        from classifiers.recipes.sweep.spread.cluster import Cluster

        return stack.enter_context(Cluster(scheduler, report)).run
    if workers > 1:
        return functools.partial(run_processes, count=workers, report=report)
    return functools.partial(run_here, device=device)


def _compute(
    config: SweepLike, ledger: Ledger, work: Callable[[], Iterator[Outcome]], halving: bool
) -> tuple[dict[int, int], dict[str, Any] | None]:
    """All trainings, to the end or by halves: the epochs of those that were stopped, and what
    halving did."""
    ends: dict[int, int] = {}
    planned = halve.plan(config.count, config.epochs) if halving else []
    done: list[halve.Round] = []
    alive: Sequence[int] = range(count_trainings(config))
    if not planned:
        for outcome in work():
            ledger.settle(outcome)
        return ends, None
    for i, part in enumerate(planned):
        ledger.begin(alive, part.epochs)
        for outcome in work():
            ledger.settle(outcome)
        done.append(halve.Round(part.epochs, len(alive)))
        if i + 1 < len(planned):
            scores = {
                training: halve.score(ledger.columns(training))
                for training in alive
                if training not in ledger.failures
            }
            alive = halve.survivors(scores, planned[i + 1].settings)
            going_on = set(alive)
            ends |= {training: part.epochs for training in scores if training not in going_on}
    return ends, halve.describe(done, config.members)


def _rows(config: SweepLike, ledger: Ledger, ends: dict[int, int], halving: bool) -> Iterator[Row]:
    """The rows in the order of the settings."""
    held: dict[int, Row] = {}  # of trainings that serve several settings
    following = 0
    for training in range(count_trainings(config)):
        indices = settings_of(config, training)
        columns = (
            None if training in ledger.failures else ledger.columns(training, ends.get(training))
        )
        for place, index in enumerate(indices):
            if columns is None:
                held[index] = failed_row(config, index, ledger.failures[training])
                continue
            row = merge(config, index, [found[place] for found in columns])
            if halving:
                row["epochs"] = ends.get(training, config.epochs)
            if training in ends:
                row["stopped_at"] = ends[training]
            held[index] = row
        while following in held:
            yield held.pop(following)
            following += 1


def _write(
    config: SweepLike, output: Path, rows: Iterator[Row], told: dict[str, Any] | None
) -> dict[str, Any]:
    output.parent.mkdir(parents=True, exist_ok=True)
    if config.count <= MOST_WHOLE_ROWS:
        result = sweep_result(config, list(rows), told)
        write_whole(output, (canonical_json(result) + "\n").encode())
        return result
    with tempfile.TemporaryFile(dir=output.parent) as spool:

        def spooled() -> Iterator[Row]:
            for row in rows:
                spool.write(f"{canonical_json(slim(row))}\n".encode())
                yield row

        head = result_head(config, spooled(), told)
        spool.seek(0)
        write_whole(output, _joined(head, spool))
    return head


def _joined(head: dict[str, Any], rows: IO[bytes]) -> Iterator[bytes]:
    """The same text as canonical JSON of the whole, in which "rows" is the last key."""
    yield canonical_json(head)[:-1].encode() + b',"rows":['
    for i, line in enumerate(rows):
        yield (b"," if i else b"") + line.rstrip(b"\n")
    yield b"]}\n"
