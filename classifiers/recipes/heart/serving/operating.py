"""What thresholds did for the study's patients, of whom the same fields were known, out of fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.evaluation.metrics import Estimate, counts, wilson_interval

ALL_KNOWN = "all"


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold: the shares of patients at or above it with disease, and without."""

    threshold: float
    found: Estimate
    alarms: Estimate


@dataclass(frozen=True)
class Pattern:
    """A set of known fields that training evaluated; `title` names it, `fields` are its names."""

    key: str
    title: str
    fields: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """What the model did for the study's patients, out of fold, all known by `pattern`'s fields.

    `labels` (N,) and `probabilities` (N,), the mean over repeats; `rows` are those of thresholds
    0, 0.01, ... 1.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    rows: tuple[OperatingPoint, ...]
    pattern: Pattern


class OperatingRecord:
    """The out-of-fold record of a heart model's metadata, by what was known of the patients."""

    def __init__(self, evaluation: Mapping[str, Any]) -> None:
        record = evaluation["out_of_fold"]
        self.labels = np.array(record["labels"])
        whole = Pattern(ALL_KNOWN, "all 13 fields", FEATURE_NAMES)
        self._patterns = {whole: np.array(record["probabilities"]).mean(0)}
        self._shares = {whole: 1.0}
        for stored in evaluation.get("patterns", ()):
            pattern = Pattern(stored["key"], stored["title"], tuple(stored["fields"]))
            self._patterns[pattern] = np.array(stored["probabilities"])
            self._shares[pattern] = stored["known"]
        self.points = lru_cache(maxsize=32)(self._points)

    def nearest(self, known: np.ndarray) -> Pattern:
        """Of the patterns within what is known, (13,) bool, the one that tells the most."""
        names = {name for name, is_known in zip(FEATURE_NAMES, known, strict=True) if is_known}
        within = [pattern for pattern in self._patterns if names >= set(pattern.fields)]
        return max(within, key=self._shares.__getitem__, default=next(iter(self._patterns)))

    def _points(self, pattern: Pattern) -> OperatingPoints:
        y, p = self.labels, self._patterns[pattern]
        rows = []
        for step in range(101):
            table = counts(y, p, step / 100)
            sick = table.true_positive + table.false_negative
            well = table.false_positive + table.true_negative
            found = wilson_interval(table.true_positive, sick)
            alarms = wilson_interval(table.false_positive, well)
            rows.append(OperatingPoint(step / 100, found, alarms))
        return OperatingPoints(y, p, tuple(rows), pattern)
