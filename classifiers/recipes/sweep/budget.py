"""What a sweep costs, estimated from its settings alone, and the limit on it."""

from collections.abc import Iterator

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError
from classifiers.recipes.playground.budget import MOST_PAUSE_SECONDS, Work, estimate
from classifiers.recipes.sweep.members import GROUP

MOST_SWEEP_SECONDS = 120.0  # of one core


def estimate_sweep(config: SweepConfig) -> float:
    """Estimated seconds of one core."""
    return sum(work.total for _, work in _group_works(config))


def _group_works(config: SweepConfig) -> Iterator[tuple[int, Work]]:
    """The index of a value and the work of members trained at once, for all of them."""
    for index in range(len(config.values)):
        run = config.setting(index)
        for start in range(0, config.members, GROUP):
            group = {"members": min(GROUP, config.members - start)}
            training = run.training.model_copy(update=group)
            yield index, estimate(run.model_copy(update={"training": training}), film=False)


def check_sweep_budget(config: SweepConfig, most_seconds: float = MOST_SWEEP_SECONDS) -> float:
    """The estimated seconds of one core, of a sweep that may go ahead.

    Raises:
        BudgetError: names the setting to lower, the limit, what was asked for, and what would fit.
    """
    total = by_epoch = 0.0
    for index, work in _group_works(config):
        total += work.total
        by_epoch += work.epoch
        if work.pause > MOST_PAUSE_SECONDS:
            raise BudgetError(
                f"values.{index}" if config.over in ("width", "samples") else "base",
                f"one step may take at most about {MOST_PAUSE_SECONDS:g} s, at {config.over} "
                f"{config.values[index]} it would take about {work.pause:.2g} s; lower it, "
                "members, or the samples or widths of base",
            )
    if total > most_seconds:
        fitting = int((most_seconds - (total - config.epochs * by_epoch)) / by_epoch)
        field, fix = "members", f"fewer than {config.members} members, or fewer values"
        if fitting > 0:
            field, fix = "epochs", f"about {fitting} epochs fit, or take {fix}"
        raise BudgetError(
            field,
            f"a sweep may take at most about {most_seconds:g} s of one core, this one would take "
            f"about {total:.0f} s with {len(config.values)} values x {config.members} members x "
            f"{config.epochs} epochs; {fix}",
        )
    return total
