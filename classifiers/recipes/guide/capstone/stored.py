"""What the capstone's records hold, as arrays that its steps judge by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.config import SweepConfig
from classifiers.errors import ArtifactError
from classifiers.evaluation.comparison import compare_all, mean_interval, never_learned
from classifiers.recipes.capstone.sweeps import COMMAND, load_sweep
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.store import load_pile
from classifiers.recipes.guide.step import Measured, Table
from classifiers.wording import percent

Floats = NDArray[np.float64]

NEW = "new points, split and start each"
_ANEW = f"write it anew with scripts/train.py {COMMAND}"
CHANCE = 0.5  # what naming one of two classes gives


@dataclass(frozen=True)
class Swept:
    """A stored sweep over one setting.

    Shape: (V, K), settings by worlds: `train`, `fresh` and `test` are accuracies, `loss` is that on
    fresh points; `best` is the best possible accuracy on those.
    """

    config: SweepConfig
    values: list[Any]
    train: Floats
    fresh: Floats
    test: Floats
    loss: Floats
    best: float

    @property
    def worlds(self) -> int:
        return self.fresh.shape[1]

    @property
    def learned(self) -> Floats:
        """Fresh accuracy, NaN in worlds whose network never learned."""
        return np.where(never_learned(self.fresh, CHANCE), np.nan, self.fresh)

    def at(self, value: Any) -> int:
        """The row of a value of the setting.

        Raises:
            ArtifactError: the record has none.
        """
        if value not in self.values:
            name = f"{self.config.over}.json"
            raise ArtifactError(name, f"must hold the value {value}, has {self.values}; {_ANEW}")
        return self.values.index(value)


def swept(folder: Path, over: str) -> Swept:
    """The stored sweep over a setting.

    Raises:
        ArtifactError: it cannot be read; says what to do.
    """
    return _swept(folder, over, _stamp(folder, over))


def pile(folder: Path, rule: str) -> Pile:
    """The stored worlds of a rule.

    Raises:
        ArtifactError: they cannot be read; says what to do.
    """
    return _pile(folder, rule, _stamp(folder, f"worlds-{rule}"))


def _stamp(folder: Path, name: str) -> int:
    """When a record was written: it is read anew once it was replaced."""
    record = folder / "records" / f"{name}.json"
    return record.stat().st_mtime_ns if record.exists() else 0


@lru_cache(maxsize=8)
def _swept(folder: Path, over: str, _written: int) -> Swept:
    config, record = load_sweep(folder, over)
    rows = [row for row in record["rows"] if "error" not in row]

    def members(measure: str) -> Floats:
        return np.array([row[measure]["members"] for row in rows], dtype=np.float64)

    return Swept(
        config=config,
        values=[row["value"] for row in rows],
        train=members("train_accuracy"),
        fresh=members("fresh_accuracy"),
        test=members("test_accuracy"),
        loss=members("fresh_loss"),
        best=float(rows[0]["bayes_accuracy"]),
    )


@lru_cache(maxsize=2)
def _pile(folder: Path, rule: str, _written: int) -> Pile:
    return load_pile(folder, rule)


def gap(values: ArrayLike) -> dict[str, float]:
    """The mean of (K,) differences with its 95 % interval, as `classifiers.wording` reads it."""
    found = mean_interval(values)
    return {"value": found.value, "low": found.low, "high": found.high}


def difference(ours: Floats, theirs: Floats) -> dict[str, float]:
    """Ours (K,) less theirs (K',) with a 95 % interval, where no world is in both."""
    (pair,) = compare_all(padded([ours, theirs]), paired=False)
    found = pair.difference
    return {"value": found.value, "low": found.low, "high": found.high}


def padded(rows: Sequence[Floats]) -> list[Floats]:
    """All as long as the longest, with worlds that do not count."""
    most = max(map(len, rows))
    return [np.pad(row, (0, most - len(row)), constant_values=np.nan) for row in rows]


def rises(found: dict[str, float]) -> bool:
    return found["low"] > 0


def falls(found: dict[str, float]) -> bool:
    return found["high"] < 0


def ahead(values: ArrayLike, i: int, others: Sequence[int]) -> bool:
    """Whether setting i of (V, K) values leads all the others by more than chance would, with
    every pair of the V compared."""
    pairs = compare_all(values)
    leads = {(p.i, p.j): p.difference.value for p in pairs if p.differs}
    return all(leads.get((i, j), -leads.get((j, i), 0.0)) > 0 for j in others)


def costs(loss: float) -> str:
    """A loss as people read it."""
    return f"{loss:.2f}"


def written(value: Any) -> str:
    """A setting's value."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def means(found: Swept) -> dict[str, Any]:
    """What every sweep tells of: means over worlds, value by value."""
    return {
        "worlds": found.worlds,
        "values": found.values,
        "train": found.train.mean(axis=1).tolist(),
        "fresh": found.fresh.mean(axis=1).tolist(),
        "loss": np.exp(np.log(found.loss).mean(axis=1)).tolist(),
        "best": found.best,
    }


def show_sweep(name: str) -> Callable[[Measured], Table]:
    """A table of what `means` gives."""

    def show(measured: Measured) -> Table:
        columns = (measured[key] for key in ("values", "train", "fresh", "loss"))
        rows = [
            [written(value), percent(train), percent(fresh), costs(loss)]
            for value, train, fresh, loss in zip(*columns, strict=True)
        ]  # fmt: skip
        return Table([name, "Training", "Fresh", "Loss on fresh"], rows)

    return show
