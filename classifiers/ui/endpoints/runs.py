"""The endpoints that train: they stream progress, and their last value is the result."""

from collections.abc import Iterator
from typing import Any

from classifiers.config import CapstoneConfig, PlaygroundConfig, SweepConfig
from classifiers.recipes.capstone import run as capstone
from classifiers.recipes.exercises import exercise
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.run import run_playground
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.turns import Expect, Pace, paced
from classifiers.ui.capstone.sweep import resumable_sweep
from classifiers.ui.endpoints.parameters import as_object
from classifiers.ui.guard import speaks_plainly

Code = float | str | bool | None
Options = dict[str, Any] | None


@speaks_plainly
def train_playground(config: Options = None) -> Iterator[dict[str, Any]]:
    """Trains one playground run and streams progress; the last value is the result."""
    yield from _run_playground(PlaygroundConfig.parse(as_object(config, "config")))


@speaks_plainly
def compare_capstone(config: Options = None) -> Iterator[dict[str, Any]]:
    """Trains underfit, overfit and good networks on moons; the last value is the result."""
    yield from capstone.compare_capstone(CapstoneConfig.parse(as_object(config, "config")))


@speaks_plainly
def sweep(config: Options = None, device: str = "auto") -> Iterator[dict[str, Any]]:
    """Trains one setting at several values, with error bars; the last value is the result."""
    yield from _run_sweep(SweepConfig.parse(as_object(config, "config")), device)


@speaks_plainly
def run_exercise(number: Code) -> Iterator[dict[str, Any]]:
    """Runs one of the lesson's exercises: what it asks, what was run, what came out."""
    yield from exercise(number).steps()


def _run_playground(config: PlaygroundConfig) -> Iterator[Any]:
    yield expect(config, film=False)
    yield from paced(
        {"epoch": update.epoch, "epochs": update.epochs}
        if update.result is None
        else update.result.to_dict()
        for update in run_playground(config, film=False)
    )


def _run_sweep(config: SweepConfig, device: str) -> Iterator[Any]:
    pace = Pace()
    yield Expect(estimate_sweep(config))
    for news in resumable_sweep(config, device):
        whole = news is not None and (news.row is not None or news.result is not None)
        yield news.to_dict() if news is not None and (whole or pace.due()) else None
