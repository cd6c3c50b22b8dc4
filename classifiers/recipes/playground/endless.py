"""A run without an end of its own, played, paused, stepped and changed on the way: whatever was
done to it, `Run.config` says it, and that config, in one piece, gives the same bits.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config import MOST_CHANGES, Change, PlaygroundConfig
from classifiers.errors import ConfigError
from classifiers.film import Frame, Moment
from classifiers.network import MLP
from classifiers.recipes.playground.budget import MOST_SECONDS, check_budget, most_epochs
from classifiers.recipes.playground.filming import Crew, Film
from classifiers.recipes.playground.result import History, HistoryRow, Scene, build_scene
from classifiers.recipes.playground.run import DENSE_EPOCHS, LOOKED_EPOCHS, Update, end_run
from classifiers.training import Course, Record

MOST_ROWS = 400  # of the history; beyond, every second one goes
LOOK_EVERY = 10  # epochs, once `LOOKED_EPOCHS` are complete, unless early stopping chooses
CHANGING = tuple(name for name in Change.model_fields if name != "epoch")


class Run:
    """A training that is looked at as it goes; one caller at a time.

    Args:
        config: the settings. `training.epochs` is not looked at: `advance` is told how far to go.
            Changes happen at their epochs.
        scene: data drawn before; drawn here if None.
        weights: whether the film of a small network is its weights.

    Raises:
        BudgetError: not even an epoch fits what a request may ask for.
    """

    def __init__(
        self, config: PlaygroundConfig, scene: Scene | None = None, *, weights: bool = True
    ) -> None:
        check_budget(_with_training(config, epochs=1, changes=()), film=False)
        self._base = config
        self.scene = scene or build_scene(config)
        data, training = config.dataset, config.training
        self.network = MLP(config.network, len(data.features), data.classes, training.members)
        self.network.initialize(training.seed)
        rows = self.scene.rows
        self._course = Course(
            self.network,
            _with_training(config, changes=()).training,
            rows("train"),
            test=rows("test"),
            validation=rows("validation") if len(self.scene.validation) else None,
        )
        self._changes = {change.epoch: change for change in training.changes}
        self._asked: dict[str, Any] = {}  # from the next epoch on
        self._crew = Crew(self.network, self.scene, weights=weights)
        self.film, self._rows, self._stride = Film(), History(), 1
        self._record: Record | None = None  # of the last look
        self._reached = 0  # complete epochs
        self._diverged_at_pause = -1  # the epoch at which only a pause has seen it
        self._every = 1 if training.early_stopping else LOOK_EVERY
        self._in_epoch = False
        self._seconds = 0.0
        self._most = self._count_epochs()

    @property
    def epoch(self) -> int:
        """Complete epochs, but those of which the last was left half way through."""
        return self._reached

    @property
    def is_between_epochs(self) -> bool:
        return self._record is not None and not self._in_epoch

    @property
    def can_glance(self) -> bool:
        """Whether `glance` costs next to nothing now."""
        return self._crew.weights and self.is_between_epochs

    @property
    def asked(self) -> Mapping[str, Any]:
        """What will change after the epoch under way."""
        return self._asked

    @property
    def rows(self) -> list[HistoryRow]:
        return self._rows.rows

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those that were made and those to come, by epoch."""
        return tuple(self._changes[epoch] for epoch in sorted(self._changes))

    @property
    def config(self) -> PlaygroundConfig:
        """The settings of the same run in one piece, up to the epoch reached.

        It says how often scores are looked at where that matters: with early stopping, and where a
        loss was no number any more.
        """
        config = _with_training(self._base, changes=self.changes)
        if not self.epoch:
            return config
        others = self.epoch > LOOKED_EPOCHS or self._base.training.record_every is not None
        record_every = self._every if others and self._looks_matter() else None
        return _with_training(config, epochs=self.epoch, record_every=record_every)

    @property
    def ended(self) -> str:
        """Why it cannot go on, as a sentence; empty while it can."""
        if self._record is None:
            return ""
        if (self._record.diverged_at >= 0).all():
            return "The loss is no longer a number; start anew with a lower learning rate"
        if self._course.is_sealed:
            return "Early stopping: no better epoch came in time; the best one is kept"
        if self.epoch >= self._most:
            return (
                f"A run may take about {MOST_SECONDS:g} s of one core and "
                f"{self._most:,} of these epochs; start anew to go on"
            )
        return ""

    def change(self, settings: Mapping[str, Any]) -> None:
        """Other settings from the next epoch on; those of a `Change`, without its epoch.

        Raises:
            ConfigError: names the setting that may not change, or has an impossible value.
            BudgetError: an epoch would then take too long.
        """
        for name in settings:
            if name not in CHANGING:
                raise ConfigError(
                    f"training.{name}",
                    f"cannot change during a run; only {', '.join(CHANGING)} can: start anew",
                )
        asked = {**self._asked, **settings}
        now = _changed(self._base, asked)  # raises by the name of the setting
        check_budget(_with_training(now, epochs=1, changes=()), film=False)
        at = max(1, self.epoch + self._in_epoch)
        if at not in self._changes and len(self._changes) >= MOST_CHANGES:
            raise ConfigError(
                "training.changes",
                f"may be at most {MOST_CHANGES} in a run, has as many; start anew",
            )
        self._asked = asked

    def advance(self, until: int | None = None) -> Iterator[Update]:
        """Trains up to an epoch, or for as long as it may; yields updates, of epochs and between.

        Closing this leaves the run as it is, to be gone on with.
        """
        if self._record is None:
            yield self._look()
        while self._in_epoch or not self.ended:
            if until is not None and self.epoch >= until and not self._in_epoch:
                return
            yield from self._train_epoch()

    def finish_epoch(self) -> Iterator[Update]:
        """To the end of the epoch that it was left in."""
        if self._record is None:
            yield self._look()
        if self._in_epoch:
            yield from self._train_epoch()

    def conclude(self) -> Iterator[Update]:
        """Ends the epoch under way; the last update has the result of the epoch reached. The run is
        as it was before, and can go on."""
        yield from self.finish_epoch()
        network, record = self._course.outcome()
        if (record.diverged_at >= 0).any():
            self._diverged_at_pause = self.epoch
        scene = self.scene.with_config(self.config)
        rows = self.rows
        if rows[-1].epoch != record.epoch and record.scores is not None:
            rows = [*rows, HistoryRow.of(record.epoch, record.scores)]
        start = time.perf_counter()
        for update in end_run(scene, network, History(list(rows)), self.shown(), record, start):
            if update.result is not None:
                seconds = self._seconds + update.result.seconds
                update = replace(update, result=replace(update.result, seconds=seconds))
            yield update

    def shown(self) -> list[Frame | Moment]:
        """The film up to the epoch reached; early stopping adds the network kept so far."""
        now = self.glance()
        if self._base.training.early_stopping is None:
            return self.film.shown(now)
        network, record = self._course.outcome()
        return self.film.shown(now, self._crew.take(record.epoch, kept=True, network=network))

    def glance(self) -> Frame | Moment:
        """The network as it is, for a look in between."""
        last = self.film.frames[-1]
        if last.epoch == self.epoch and not self._in_epoch:
            return last
        return self._crew.take(self.epoch)

    def _train_epoch(self) -> Iterator[Update]:
        if not self._in_epoch:
            self._make_changes()
        self._in_epoch = True
        start = time.perf_counter()
        for record in self._course.advance(self.epoch + 1):
            self._seconds += time.perf_counter() - start
            yield Update(self.scene, record.epoch)
            start = time.perf_counter()
        self._reached += 1
        self._in_epoch = False
        looks = self._reached <= LOOKED_EPOCHS or self._reached % self._every == 0
        update = self._look() if looks else self._film()
        self._seconds += time.perf_counter() - start
        yield update

    def _look(self) -> Update:
        record = self._record = self._course.look()
        assert record.scores is not None
        epoch = record.epoch
        row = None
        if epoch <= DENSE_EPOCHS or epoch % self._stride == 0:
            row = HistoryRow.of(epoch, record.scores)
            self.rows.append(row)
            if len(self.rows) > MOST_ROWS:
                self._stride = max(2 * self._stride, self._every)
                self._rows.rows = [
                    one
                    for one in self.rows
                    if one.epoch <= DENSE_EPOCHS or one.epoch % self._stride == 0
                ]
        return self._film(row, self._course.predicted("test"))

    def _film(
        self, row: HistoryRow | None = None, predicted: NDArray[np.int64] | None = None
    ) -> Update:
        epoch, frame = self.epoch, None
        if self.film.wants(epoch):
            frame = self._crew.take(epoch, predicted=predicted)
            self.film.add(frame)
        return Update(self.scene, epoch, row=row, frame=frame)

    def change_now(self) -> None:
        """Makes the changes that were asked for, unless it was left amid an epoch: they then come
        after it."""
        if self.is_between_epochs:
            self._make_changes()

    def _make_changes(self) -> None:
        """What was asked for is written down as of this epoch, and what is due takes effect."""
        at, asked, self._asked = self.epoch, self._asked, {}
        if asked and at == 0:  # nothing has happened under the former settings
            self._course.change(Change.parse({"epoch": 1, **asked}))
            self._base = _changed(self._base, asked)
        elif asked:
            self._changes = _merged(self._changes, at, asked)
        if at in self._changes:
            self._course.change(self._changes[at])
        if asked or at in self._changes:
            self._most = self._count_epochs()

    def _count_epochs(self) -> int:
        config = _with_training(self._base, changes=self.changes)
        return most_epochs(config, self._every, film=not self._crew.weights)

    def _looks_matter(self) -> bool:
        seen = self._record is not None and bool((self._record.diverged_at >= 0).any())
        seen = seen or self._diverged_at_pause == self.epoch
        return seen or self._base.training.early_stopping is not None


def _merged(changes: Mapping[int, Change], epoch: int, settings: Mapping[str, Any]) -> dict:
    before = changes[epoch].settings if epoch in changes else {}
    change = Change.parse({"epoch": epoch, **before, **settings}, "training.changes")
    return {**changes, epoch: change}


def _with_training(config: PlaygroundConfig, **update: Any) -> PlaygroundConfig:
    training = config.training.model_copy(update=update)
    return config.model_copy(update={"training": training})


def _changed(config: PlaygroundConfig, settings: Mapping[str, Any]) -> PlaygroundConfig:
    """The config with other settings from the start."""
    values = config.to_dict()
    for name, value in settings.items():
        values["network" if name == "dropout" else "training"][name] = value
    return PlaygroundConfig.parse(values)
