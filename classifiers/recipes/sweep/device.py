"""Where a sweep runs: on the CPU, or on a card when that was measured to be faster."""

import math
import time
from collections.abc import Callable

import torch

from classifiers.config import SweepLike
from classifiers.errors import ConfigError
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.sweep.members import group_size, start_members, worlds
from classifiers.training import train

DEVICES = ("auto", "cpu", "cuda")
_SMALL_SECONDS = 5.0  # of one core: less than a card gains on, since it has to be woken first
_WARM, _TIMED = 10, 20  # epochs
_LOOKED_AT = 1000  # settings: a search may have any number of them


def choose_device(
    choice: str,
    config: SweepLike,
    *,
    seconds_an_epoch: Callable[[SweepLike, int, str], float] | None = None,
) -> str:
    """ "cpu" or "cuda".

    "auto" is the CPU where there is no card or little to do; else both train the setting with the
    most work for a few epochs, and the faster one is taken.

    Args:
        choice: one of `DEVICES`.
        config: the sweep.
        seconds_an_epoch: what to measure with; given by tests.

    Raises:
        ConfigError: no such device, or none here.
    """
    if choice not in DEVICES:
        raise ConfigError("device", f"must be one of {', '.join(DEVICES)}, got {choice!r}")
    there = torch.cuda.is_available()
    if choice == "cuda" and not there:
        raise ConfigError("device", "must be a device of this machine, got cuda; use cpu or auto")
    if choice != "auto":
        return choice
    if not there:
        return "cpu"
    heaviest, most = 0, 0.0
    total = 0.0
    for index in range(min(config.count, _LOOKED_AT)):
        seconds = estimate(config.setting(index), film=False).total
        total += seconds
        if seconds > most:
            heaviest, most = index, seconds
    if config.members * total * config.count / min(config.count, _LOOKED_AT) < _SMALL_SECONDS:
        return "cpu"
    measure = seconds_an_epoch or measure_epoch
    return min(("cpu", "cuda"), key=lambda device: measure(config, heaviest, device))


def measure_epoch(config: SweepLike, index: int, device: str) -> float:
    """Seconds of one epoch of all members at setting `index`."""
    run = config.setting(index)
    members = range(min(config.members, group_size(run, device)))
    network, parts = start_members(run, worlds(run, members, new_points=config.new_points), device)
    training = run.training.model_copy(update={"epochs": _WARM + _TIMED, "early_stopping": None})
    start = 0.0
    for record in train(network, training, parts.train, record_at=[_WARM]):
        if record.epoch == _WARM and record.scores is not None:
            start = time.perf_counter()  # scores come back to the CPU: the card has caught up
    groups = math.ceil(config.members / len(members))
    return (time.perf_counter() - start) / _TIMED * groups
