"""A sweep's rows as arrays over settings and worlds, and what its settings are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.config.axes import AXES, TASK_AXES, Axis
from classifiers.config.dataset import DatasetConfig
from classifiers.config.sweep import SweepLike
from classifiers.evaluation.comparison import heaps, never_learned
from classifiers.wording import listed, percent

Row = dict[str, Any]
Floats = NDArray[np.float64]
Values = Mapping[Axis, Any]

_AROUND: dict[Axis, tuple[str, str]] = {  # what stands before and after a value
    "width": ("width ", ""),
    "depth": ("depth ", ""),
    "weight_decay": ("weight decay ", ""),
    "dropout": ("dropout ", ""),
    "learning_rate": ("learning rate ", ""),
    "batch_size": ("batch size ", ""),
    "epochs": ("", " epochs"),
    "samples": ("", " points"),
    "noise": ("noise ", ""),
    "label_noise": ("label noise ", ""),
    "parameters_per_point": ("", " parameters a point"),
    "optimizer": ("", ""),
}
_WORDS: dict[Axis, str] = {
    **{axis: axis.replace("_", " ") for axis in AXES},
    "epochs": "number of epochs",
    "samples": "number of points",
    "parameters_per_point": "number of parameters",
}
_OPTIMIZERS = {"adam": "Adam (coupled decay)", "adamw": "AdamW (decoupled decay)"}
_MOST_NAMED = 8


@dataclass(frozen=True)
class Table:
    """V settings in K worlds; NaN where a number is missing.

    `unseen` names the points that a network is judged by: fresh, or test where nobody knows the
    distribution. `accuracy`, `loss`, `gap` (training less unseen accuracy where they learned) and
    `test` are (V, K); `limit` is (V,), the best possible accuracy; `never` (V, K) flags who never
    learned.
    """

    config: SweepLike
    rows: Sequence[Row]
    settings: Sequence[Values]
    unseen: str
    accuracy: Floats
    loss: Floats
    gap: Floats
    test: Floats
    limit: Floats
    never: NDArray[np.bool_]

    @property
    def worlds(self) -> int:
        return self.accuracy.shape[1]

    @property
    def axes(self) -> list[Axis]:
        return self.config.axes

    @property
    def learned(self) -> Floats:
        """(V, K) accuracy, NaN in worlds where the network never learned."""
        return np.where(self.never, np.nan, self.accuracy)

    @property
    def log_loss(self) -> Floats:
        """(V, K) logarithm of the loss: losses of several sizes have it in one shape."""
        known = (self.loss > 0) & ~self.never
        return np.log(self.loss, out=np.full_like(self.loss, np.nan), where=known)

    def groups(self) -> list[list[int]]:
        """Settings by their task, in order: only within one can they be compared."""
        tasks: dict[tuple[Any, ...], list[int]] = {}
        kinds = [axis for axis in self.axes if axis in TASK_AXES]
        for index, values in enumerate(self.settings):
            tasks.setdefault(tuple(values.get(axis) for axis in kinds), []).append(index)
        return list(tasks.values())

    def name(self, index: int, axes: Iterable[Axis] | None = None) -> str:
        """ "width 8", "noise 0.3 with 50 points"."""
        values = self.settings[index]
        chosen = [axis for axis in axes or self.axes if axis in values]
        if not chosen:
            return "the base"
        first, *more = ["".join(_named(axis, [values[axis]])) for axis in chosen]
        return f"{first} with {listed(more)}" if more else first

    def names(self, indices: Sequence[int], axes: Sequence[Axis] | None = None) -> str:
        """ "width 8, 16 and 32"; of two axes, every pair; how many, where they are many."""
        axes = axes or self.axes
        if len(indices) > _MOST_NAMED and (len(axes) > 1 or len(self.rows) > 20):
            return f"{len(indices)} of {len(self.rows)} settings"
        if len(axes) > 1 or not all(axes[0] in self.settings[index] for index in indices):
            return listed([self.name(index, axes) for index in indices])
        values = [self.settings[index][axes[0]] for index in indices]
        return "".join(_named(axes[0], values))

    def at(self, indices: Sequence[int]) -> str:
        """The same as a place: "at width 8", "after 300 epochs"."""
        word = {"optimizer": "with", "epochs": "after"}.get(self.axes[0], "at")
        return f"{word} {self.names(indices)}"

    @property
    def word(self) -> str:
        """What one setting is called: "width", "setting"."""
        return _WORDS[self.axes[0]] if len(self.axes) == 1 else "setting"

    def ends(self) -> tuple[int, int]:
        """The settings of the lowest and of the highest median, where networks learned."""
        known = np.isfinite(self.learned).any(1)
        medians = np.full(len(self.rows), np.nan)
        medians[known] = np.nanmedian(self.learned[known], axis=1)
        return int(np.nanargmin(medians)), int(np.nanargmax(medians))

    def typical(self, index: int) -> str:
        """A setting's accuracy where it learned: its median, or its heaps."""
        parts = heaps(self.learned[index])
        if len(parts) > 1:
            return heaps_text(parts)
        known = parts[0] if len(parts[0]) else self.accuracy[index]
        return percent(float(np.median(known)))

    def varied(self, *, whole: bool = False) -> str:
        """What differs from member to member; `whole` says it in full."""
        count = self.worlds
        same = not self.config.new_points or self.config.base.dataset.name == "points"
        if count == 1:
            return "one network, one split" if same else "one world"
        if same:
            told = f"{count} splits of the same points"
            return f"{told}, each with a start of its own" if whole else told
        return f"{count} worlds{': new points, split and start each' if whole else ''}"

    @property
    def they(self) -> str:
        """The members as the subject of a sentence."""
        same = not self.config.new_points or self.config.base.dataset.name == "points"
        return f"The {self.worlds} {'splits' if same else 'worlds'}"


def read_rows(config: SweepLike, rows: Sequence[Row]) -> tuple[Table | None, list[Row]]:
    """The finished rows in order of their values, and those that failed."""
    failed = [row for row in rows if "error" in row]
    done = [row for row in rows if "error" not in row]
    if not done:
        return None, failed
    done.sort(key=lambda row: [_order(axis, v) for axis, v in values_of(config, row).items()])
    unseen = "test" if done[0]["fresh_accuracy"] is None else "fresh"
    accuracy, train, test = (_stack(done, f"{part}_accuracy") for part in (unseen, "train", "test"))
    limit = np.array([row["bayes_accuracy"] for row in done], dtype=np.float64)
    never = np.zeros(accuracy.shape, dtype=bool)
    if unseen == "fresh":
        never = never_learned(accuracy, largest_class_share(config.base.dataset))
    settings = [values_of(config, row) for row in done]
    loss = _stack(done, f"{unseen}_loss")
    gap = np.where(never, np.nan, train - accuracy)
    return Table(config, done, settings, unseen, accuracy, loss, gap, test, limit, never), failed


def values_of(config: SweepLike, row: Row) -> dict[Axis, Any]:
    """The value on each axis of a row."""
    if "values" in row:
        return {axis: row["values"][axis] for axis in AXES if axis in row["values"]}
    values = {config.axes[0]: row["value"]}
    return values | ({config.axes[1]: row["and_value"]} if row.get("and_value") is not None else {})


def largest_class_share(dataset: DatasetConfig) -> float:
    """The largest class' share of fresh points; xor gives its four squares to the classes in turn,
    the other distributions have classes of one size."""
    if dataset.name == "xor":
        return -(-4 // dataset.classes) / 4
    return 1 / dataset.classes


def heaps_text(parts: Sequence[Floats]) -> str:
    """ "12 near 85 %, 8 near 91 %"."""
    return ", ".join(f"{len(part)} near {100 * np.median(part):.0f} %" for part in parts)


def _named(axis: Axis, values: Sequence[Any]) -> tuple[str, str, str]:
    before, after = _AROUND[axis]
    return before, listed([_value(value) for value in values]), after


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _OPTIMIZERS.get(value, value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _order(axis: Axis, value: Any) -> Any:
    return list(_OPTIMIZERS).index(value) if axis == "optimizer" else value


def _stack(rows: Sequence[Row], measure: str) -> Floats:
    """(V, K): the members of every row; null, an infinite loss, is NaN."""
    worlds = max(len(row[measure]["members"]) for row in rows if row[measure])
    missing = [np.nan] * worlds
    return np.array(
        [row[measure]["members"] if row[measure] else missing for row in rows], dtype=np.float64
    )
