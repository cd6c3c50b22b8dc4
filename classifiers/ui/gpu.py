"""Sweeps on a card, where the Space has one.

On ZeroGPU a card is lent for the time of one call, out of the visitor's own quota, and CUDA works
nowhere else: so small work stays on the CPU there, and a sweep goes to the card only when asked.
"""

import contextlib
import contextvars
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spaces  # before anything touches CUDA
import torch
from spaces.config import Config as SpacesConfig

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.sweep.budget import check_sweep_budget
from classifiers.recipes.sweep.device import choose_device
from classifiers.recipes.sweep.parts import cached_parts
from classifiers.recipes.sweep.run import Progress, run_sweep
from classifiers.recipes.sweep.tasks import count_trainings, settings_of
from classifiers.wording import counted

MOST_CARD_SECONDS = 120
_LOOK_SECONDS = 0.02
# What is asked of ZeroGPU is a limit, so it errs on the long side: CUDA's start; a step of two
# dozen captured kernels; and the work of a step at a tenth of what a large card can do.
_START_SECONDS, _STEP_SECONDS = 15.0, 200e-6
_CORES_A_CARD = 100  # of the estimate's core


def is_lent() -> bool:
    """Whether the card is ZeroGPU's."""
    return bool(SpacesConfig.zero_gpu)


def is_own() -> bool:
    """Whether there is a card that is not lent."""
    return torch.cuda.is_available() and not is_lent()


def card_seconds(config: SweepConfig) -> int:
    """How long a sweep may take on a card at the most."""
    total = _START_SECONDS
    for training in range(count_trainings(config)):
        run = config.setting(settings_of(config, training)[-1])
        work = estimate(run, film=False)
        batch = run.training.batch_size or run.dataset.samples
        steps = run.training.epochs * -(-run.dataset.samples // batch)
        total += max(steps * _STEP_SECONDS, config.members * work.total / _CORES_A_CARD)
    return round(total)


def check_sweep(config: SweepConfig, device: str = "auto") -> str:
    """The device of a sweep that may go ahead: "cpu" or "cuda". Where a card is lent, "auto" is
    the CPU.

    Args:
        config: the sweep.
        device: one of `recipes.sweep.device.DEVICES`.

    Raises:
        BudgetError: more work than the device may be asked for.
        ConfigError: no such device, or none here.
    """
    chosen = choose_device("cpu" if device == "auto" and is_lent() else device, config)
    if chosen == "cpu":
        check_sweep_budget(config)
    elif (needed := card_seconds(config)) > MOST_CARD_SECONDS:
        raise BudgetError(
            "members",
            f"a sweep may take at most {MOST_CARD_SECONDS} s of a card, this one might take "
            f"{needed} s with {counted(config.count, 'setting')} x "
            f"{counted(config.members, 'member')} x {counted(config.epochs, 'epoch')}; lower one "
            "of them",
        )
    return chosen


def stream_sweep(
    config: SweepConfig, device: str = "auto", cache: Path | None = None
) -> Iterator[Progress | None]:
    """`run_sweep` on the device that suits the work, as `check_sweep` names it.

    None where there are no news yet. `cache`: a folder of finished values, from which the same
    sweep goes on.

    Raises:
        BudgetError, ConfigError: those of `check_sweep`.
    """
    if check_sweep(config, device) == "cpu":
        yield from _run(config, "cpu", cache)
    else:
        yield from _beside(_on_card(config.to_dict(), cache))


def _run(config: SweepConfig, device: str, cache: Path | None) -> Iterator[Progress]:
    parts = None if cache is None else cached_parts(cache, config, device)
    with contextlib.nullcontext() if parts is None else parts:
        yield from run_sweep(config, most_seconds=None, parts=parts, device=device)


def _beside(work: Iterator[Progress]) -> Iterator[Progress | None]:
    """The same news, waited for by a thread of its own: those who compute here have other work."""
    news: queue.SimpleQueue[Progress | BaseException | None] = queue.SimpleQueue()
    left = threading.Event()

    def wait() -> None:
        try:
            for told in work:
                news.put(told)
                if left.is_set():
                    break
            news.put(None)
        except BaseException as error:  # raised where the news are asked for
            news.put(error)

    context = contextvars.copy_context()  # with the visitor, whose quota the card is lent from
    threading.Thread(target=context.run, args=(wait,), name="card", daemon=True).start()
    try:
        while True:
            try:
                told = news.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                yield None
                continue
            if told is None:
                return
            if isinstance(told, BaseException):
                raise told
            yield told
    finally:
        left.set()


def _duration(settings: dict[str, Any], cache: Path | None) -> int:
    return card_seconds(SweepConfig.parse(settings))


@spaces.GPU(duration=_duration)
def _on_card(settings: dict[str, Any], cache: Path | None) -> Iterator[Progress]:
    """The only work that a lent card does; in a process of its own there."""
    yield from _run(SweepConfig.parse(settings), "cuda", cache)
