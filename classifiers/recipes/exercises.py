"""The lesson's exercises and try-it boxes: what each asks, what was run, what came out.

A module `exercises` in any folder beside this file contributes its tuple `EXERCISES` to the
registry; none of them is named here.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from classifiers.errors import ConfigError


@dataclass(frozen=True)
class Exercise(ABC):
    """One exercise. `number` is the lesson's; None for a try-it box, which has only a `key`.

    `asked` says what the lesson asks, `ran` what is run here to answer it.
    """

    key: str
    number: int | None
    title: str
    asked: str
    ran: str

    @abstractmethod
    def run(self) -> dict[str, Any]:
        """Does the work; the result holds `describe()`, `findings` [text] and `results`."""

    def steps(self) -> Iterator[Any]:
        """`run` as a run for `classifiers.turns`, whose last news are the result."""
        yield self.run()

    def describe(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "number": self.number,
            "title": self.title,
            "asked": self.asked,
            "ran": self.ran,
        }


@lru_cache(maxsize=1)
def exercises() -> dict[str, Exercise]:
    """All exercises by key, in the lesson's order, try-it boxes last."""
    found: list[Exercise] = []
    package = __name__.rpartition(".")[0]
    for module in sorted(Path(__file__).parent.glob("*/exercises.py")):
        found.extend(importlib.import_module(f"{package}.{module.parent.name}.exercises").EXERCISES)
    found.sort(key=lambda exercise: (exercise.number is None, exercise.number or 0))
    return {exercise.key: exercise for exercise in found}


def exercise(number: Any) -> Exercise:
    """The exercise with this number of the lesson, or the key of a try-it box.

    Raises:
        ConfigError: there is no such exercise.
    """
    known = exercises()
    whole = isinstance(number, float) and number.is_integer()
    key = str(int(number)) if whole else str(number)
    if isinstance(number, bool) or key not in known:
        raise ConfigError(
            "number", f"must be one of {', '.join(known)}, got {str(number)[:40]!r}; pick one"
        )
    return known[key]
