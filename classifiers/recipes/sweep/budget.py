"""What a sweep costs, estimated from its settings alone, and the limit on it."""

from collections.abc import Iterator

from classifiers.config import SweepConfig, SweepLike
from classifiers.errors import BudgetError
from classifiers.recipes.playground.budget import MOST_PAUSE_SECONDS, round_down
from classifiers.recipes.sweep.tasks import Task, count_trainings, kinds_of
from classifiers.wording import counted

MOST_SWEEP_SECONDS = 120.0  # of one core


def estimate_sweep(config: SweepLike) -> float:
    """Estimated seconds of one core."""
    return sum(task.work.total * count for task, count in _kinds(config))


def _kinds(config: SweepLike, epochs: int | None = None) -> Iterator[tuple[Task, int]]:
    for training in range(count_trainings(config)):
        yield from kinds_of(config, training, epochs)


def check_sweep_budget(config: SweepConfig, most_seconds: float = MOST_SWEEP_SECONDS) -> float:
    """The estimated seconds of one core, of a sweep that may go ahead.

    Raises:
        BudgetError: names the setting to lower, the limit, what was asked for, and what would fit.
    """
    total = 0.0
    for task, count in _kinds(config):
        work = task.work
        total += work.total * count
        if work.pause > MOST_PAUSE_SECONDS:
            raise _too_long_a_step(config, task, work.pause)
    if total > most_seconds:
        fitting = 0 if "epochs" in config.axes else _fitting_epochs(config, most_seconds)
        field, fix = "members", "fewer values"
        if config.members > 1:
            fix = f"fewer than {config.members:,} members, or {fix}"
        if fitting:
            fits = "fits" if fitting == 1 else "fit"
            field, fix = "epochs", f"about {counted(fitting, 'epoch')} {fits}, or take {fix}"
        raise BudgetError(
            field,
            f"a sweep may take at most about {most_seconds:g} s of one core, this one would take "
            f"about {total:.0f} s with {counted(config.count, 'setting')} x "
            f"{counted(config.members, 'member')} x {counted(config.epochs, 'epoch')}; {fix}",
        )
    return total


def _fitting_epochs(config: SweepConfig, most_seconds: float) -> int:
    """How many epochs fit, to two digits; 0 if none does. Short runs go in larger groups, so the
    cost of an epoch is not the same for all."""
    fits, too_many = 0, config.epochs
    while too_many - fits > max(1, fits // 50):
        tried = (fits + too_many) // 2
        shorter = config.model_copy(update={"epochs": tried})
        kinds = _kinds(shorter, tried)
        if sum(task.work.total * count for task, count in kinds) <= most_seconds:
            fits = tried
        else:
            too_many = tried
    return round_down(fits)


def _too_long_a_step(config: SweepConfig, task: Task, seconds: float) -> BudgetError:
    """Names the value at fault, where one of an axis can be."""
    large = ("width", "depth", "samples", "batch_size", "parameters_per_point")
    index, field = task.indices[-1], "base"
    values = config.values_of(index)
    for key, axis, own in (
        ("values", config.over, config.values),
        ("and_values", config.and_over, config.and_values),
    ):
        if axis in large:
            field = f"{key}.{own.index(values[axis])}"
    told = ", ".join(f"{axis} {value}" for axis, value in values.items())
    return BudgetError(
        field,
        f"one step may take at most about {MOST_PAUSE_SECONDS:g} s, at {told} it would take about "
        f"{seconds:.2g} s; lower {'' if field == 'base' else 'it, '}members, or the samples or "
        "widths of base",
    )
