"""Sweeps that outlive a process: spread over workers, checkpointed, written as one JSON file.

The file depends on nothing but the config: not on how many workers computed it, on which of them
died, or on how often it was interrupted. (A different torch or kind of CPU adds in another order,
so the workers must have the same of both.) joblib and Dask are imported only when there are
workers to talk to.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from classifiers.artifacts import canonical_json, write_whole
from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.sweep.parts import Parts, Row
from classifiers.recipes.sweep.run import compute_row, sweep_result

_MOST_LOSSES = 3  # of local workers in a row, with nothing finished in between


def write_sweep(
    config: SweepConfig,
    output: str | Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    device: str = "cpu",
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Computes a sweep of any size into `output`; returns what was written.

    Finished values are kept in `OUTPUT.parts/` until `output` is there: started again with the
    same config, a sweep goes on where it stopped.

    Args:
        config: what to sweep.
        output: the JSON file.
        workers: local processes; 1 = this one.
        scheduler: address of a Dask scheduler whose workers do the work, instead of local ones.
        device: "cpu" or "cuda", which is for a single process.
        report: told of each finished value.

    Raises:
        ConfigError: `workers` is below 1, or several share a card, or there is no such scheduler.
        ClassifiersError: workers keep dying over the same values.
    """
    if workers < 1:
        raise ConfigError("workers", f"must be at least 1, got {workers}; use 1 for this process")
    if device != "cpu" and (workers > 1 or scheduler is not None):
        raise ConfigError(
            "device", f"must be cpu for several workers, got {device}; use one worker"
        )
    output = Path(output)
    parts = Parts(Path(f"{output}.parts"), config, device)
    rows = {i: row for i in range(len(config.values)) if (row := parts.read(i)) is not None}
    if rows:
        report(f"{len(rows)} of {len(config.values)} values were done before")
    output.parent.mkdir(parents=True, exist_ok=True)
    losses = 0
    while pending := [i for i in _longest_first(config) if i not in rows]:
        try:
            for index, row in _compute(config, pending, workers, scheduler, device):
                parts.write(index, row)
                rows[index] = row
                losses = 0
                report(f"{config.over} {row['value']:g}: {len(rows)} of {len(config.values)}")
        except BrokenProcessPool:
            losses += 1
            if losses > _MOST_LOSSES:
                raise ClassifiersError(
                    "workers",
                    f"must live until a value is done, but died {losses} times in a row; use "
                    f"fewer than {workers} or free some memory",
                ) from None
            report("a worker was lost; its values are computed again")
    result = sweep_result(config, [rows[i] for i in range(len(config.values))])
    write_whole(output, (canonical_json(result) + "\n").encode())
    parts.remove()
    return result


def _longest_first(config: SweepConfig) -> list[int]:
    """So that no worker starts the longest value when the others are done."""
    seconds = [estimate(config.setting(i), film=False).total for i in range(len(config.values))]
    return sorted(range(len(seconds)), key=lambda i: -seconds[i])


def _compute(
    config: SweepConfig, pending: list[int], workers: int, scheduler: str | None, device: str
) -> Iterator[tuple[int, Row]]:
    """The rows of `pending` as they get done."""
    settings = config.to_dict()
    if scheduler is None and workers == 1:
        for index in pending:
            yield compute_row(settings, index, device)
        return
    from joblib import Parallel, delayed, parallel_config

    with contextlib.ExitStack() as stack:
        backend: dict[str, Any] = {"backend": "loky", "n_jobs": workers}
        if scheduler is not None:
            backend = {"backend": "dask", "client": stack.enter_context(_connect(scheduler))}
        # A worker takes one value at a time, so that a lost one costs no more than that.
        options: dict[str, Any] = {"batch_size": 1, "pre_dispatch": "all"}
        with parallel_config(**backend):
            parallel = Parallel(return_as="generator_unordered", **options)
        yield from parallel(delayed(compute_row)(settings, index) for index in pending)


@contextlib.contextmanager
def _connect(scheduler: str) -> Iterator[Any]:
    """A Dask client. The scheduler itself sends a lost worker's values to another worker."""
    fix = "start one with `dask scheduler` and pass its tcp://host:port"
    if not re.fullmatch(r"(tcp|tls)://.+:\d+", scheduler):
        raise ConfigError("scheduler", f"must look like tcp://host:port, got {scheduler!r}; {fix}")
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise ConfigError(
            "scheduler", "needs Dask, which is not installed; pip install -r requirements-dev.txt"
        ) from None
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except OSError as error:
        raise ConfigError(
            "scheduler", f"must be a running Dask scheduler, got {scheduler!r} ({error}); {fix}"
        ) from None
    with client:
        try:
            yield client
        except KilledWorker as error:
            raise ClassifiersError(
                "scheduler", f"gave up on a value that lost every worker it ran on ({error})"
            ) from None
