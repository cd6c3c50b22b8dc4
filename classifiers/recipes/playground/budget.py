"""How long a run will take, estimated from its settings alone, and the limit on it.

The app is public: a request is refused before any work starts when it asks for more than its
share. The estimate is for one core of the machine of the README's figures and errs on the long
side; it is a guard, not a promise.
"""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from classifiers.config import NetworkConfig, PlaygroundConfig
from classifiers.errors import BudgetError
from classifiers.film import grid_side
from classifiers.turns import Expect

MOST_SECONDS = 60.0
# One optimiser step, or one scoring of all rows, cannot be interrupted: a run must be able to stop.
MOST_PAUSE_SECONDS = 0.5
FRESH_POINTS = 100_000
MOST_EPOCHS = 20_000  # that a config may have

# Measured with one thread, networks from 2-2 to 2-256-256-256-256-2, 1 to 20 members.
_SECONDS_A_STEP, _SECONDS_A_LAYER = 40e-6, 20e-6
_SECONDS_A_MULTIPLY = 1 / 35e9
_SECONDS_A_UNIT = 6e-9  # reading and writing one activation, forward and back
_SECONDS_A_PARAMETER = 4e-9  # the optimiser's passes
_FRAMES = 60
_SMALL = 0.25  # of a step


@dataclass(frozen=True)
class Work:
    """Estimated seconds of a run: all of it, its last epoch, and its longest pause.

    `small`: a step is mostly the interpreter's work, whatever the network's numbers are.
    """

    total: float
    epoch: float
    pause: float
    small: bool


def count_parameters(network: NetworkConfig, in_features: int, classes: int) -> int:
    """Parameters of one member."""
    sizes = _sizes(network, in_features, classes)
    return sum((a + 1) * b for a, b in pairwise(sizes))


def _sizes(network: NetworkConfig, in_features: int, classes: int) -> tuple[int, ...]:
    return (in_features, *network.widths, 1 if network.outputs == "one_logit" else classes)


def scoring_seconds(config: PlaygroundConfig, points: int) -> float:
    """What all members take to score so many points once."""
    sizes = _sizes(config.network, len(config.dataset.features), config.dataset.classes)
    parameters = sum((a + 1) * b for a, b in pairwise(sizes))
    each = parameters * _SECONDS_A_MULTIPLY + sum(sizes[1:]) * _SECONDS_A_UNIT
    return points * config.training.members * each


def estimate(config: PlaygroundConfig, *, film: bool = True) -> Work:
    """What `run_playground(config)` will take."""
    data, training = config.dataset, config.training
    sizes = _sizes(config.network, len(data.features), data.classes)
    members = training.members
    parameters = members * sum((a + 1) * b for a, b in pairwise(sizes))
    units = members * sum(sizes[1:])

    def forward(rows: int) -> float:
        return scoring_seconds(config, rows)

    train_rows = data.samples - ceil(training.test_share * data.samples)
    overhead = _SECONDS_A_STEP + _SECONDS_A_LAYER * len(sizes) + _SECONDS_A_PARAMETER * parameters

    def step_of(size: int | None, dropout: float) -> tuple[int, float]:
        """Steps an epoch, and seconds of one."""
        batch = min(size or train_rows, train_rows)
        units_seconds = units * _SECONDS_A_UNIT * (1 + dropout)
        row = 3 * parameters * _SECONDS_A_MULTIPLY + units_seconds
        return ceil(train_rows / batch), overhead + batch * row

    scoring = forward(data.samples)
    looks = 220 + (training.epochs / training.record_every if training.record_every else 0)
    fresh = 0.0 if data.name == "points" else forward(FRESH_POINTS)
    frames = _FRAMES * forward(grid_side(parameters) ** 2) if film else 0.0
    total = min(training.epochs, looks) * scoring + fresh + frames
    pause, small = scoring, False
    stretches = _stretches(config)
    for epochs, size, dropout in stretches:
        steps, step = step_of(size, dropout)
        total += epochs * steps * step
        pause, small = max(pause, step), small or overhead > _SMALL * step
    return Work(total=total, epoch=steps * step, pause=pause, small=small)


def _stretches(config: PlaygroundConfig) -> list[tuple[int, int | None, float]]:
    """Epochs between two changes, with the batch size and the dropout in them; at least one."""
    training = config.training
    size, dropout, start = training.batch_size, config.network.dropout, 0
    stretches = []
    for change in training.changes:
        if change.epoch >= training.epochs:
            break
        stretches.append((change.epoch - start, size, dropout))
        size = change.settings.get("batch_size", size)
        dropout, start = change.settings.get("dropout", dropout), change.epoch
    return [*stretches, (training.epochs - start, size, dropout)]


def most_epochs(config: PlaygroundConfig, record_every: int, *, film: bool = True) -> int:
    """How many epochs of these settings a run may take that looks at its scores so often."""

    def fits(epochs: int) -> bool:
        update = {"epochs": epochs, "record_every": record_every}
        training = config.training.model_copy(update=update)
        run = config.model_copy(update={"training": training})
        return estimate(run, film=film).total <= MOST_SECONDS

    return bisect_left(range(1, MOST_EPOCHS + 1), True, key=lambda epochs: not fits(epochs))


def expect(*configs: PlaygroundConfig, film: bool = True) -> Expect:
    """What runs, one after another, tell the line in which they wait."""
    works = [estimate(config, film=film) for config in configs]
    return Expect(sum(work.total for work in works), small=all(work.small for work in works))


def check_budget(config: PlaygroundConfig, *, film: bool = True) -> Work:
    """The estimate of a run that may go ahead.

    Raises:
        BudgetError: names the setting to lower, the limit, what was asked for, and what would fit.
    """
    work = estimate(config, film=film)
    if work.pause > MOST_PAUSE_SECONDS:
        field = "training.members" if config.training.members > 1 else "dataset.samples"
        raise BudgetError(
            field,
            f"one step may take at most about {MOST_PAUSE_SECONDS:g} s, this one would take about "
            f"{work.pause:.2g} s; lower training.members ({config.training.members}), "
            f"dataset.samples ({config.dataset.samples}) or network.widths "
            f"({list(config.network.widths)})",
        )
    if work.total > MOST_SECONDS:
        fixed = work.total - config.training.epochs * work.epoch
        fitting = int((MOST_SECONDS - fixed) / work.epoch)
        most = "no epoch fits"
        if fitting > 0:
            fits = "epoch fits" if fitting == 1 else "epochs fit"
            most = f"at most {round_down(fitting)} {fits}"
        raise BudgetError(
            "training.epochs",
            f"a run may take at most about {MOST_SECONDS:g} s of one core, this one would take "
            f"about {work.total:.0f} s with {config.training.epochs} epochs; {most} with the other "
            "settings as they are, more with a larger training.batch_size, or with fewer members, "
            "samples or units",
        )
    return work


def round_down(epochs: int) -> int:
    """Two significant digits are as much as the estimate is worth."""
    unit = 10 ** max(0, len(str(epochs)) - 2)
    return epochs // unit * unit
