"""Points with a class from any table: which columns they are, what the classes are called.

Nothing is lost silently: what is left out, drawn or put on another scale is said.
"""

import os
from collections import Counter
from dataclasses import dataclass

import numpy as np

from classifiers.data.files.table import Table, read_table
from classifiers.data.files.words import is_missing
from classifiers.errors import DataError
from classifiers.wording import counted

MOST_CLASSES = 8
MOST_POINTS = 5_000
MOST_ROWS = 20_000
FEWEST_POINTS = 10
_FAR = 1e3  # the picture's edge
_SCALES_APART = 10.0
_CLASS_NAMES = (
    *("class", "label", "target", "classes", "group", "species", "category", "kind", "cls"),
    *("outcome", "diagnosis", "result", "type", "disease", "condition", "num", "y"),
)
_FIRST_NAMES = ("x", "x1", "x_1", "x0")
_SECOND_NAMES = ("y", "x2", "x_2", "x1")


@dataclass(frozen=True)
class Points:
    """What a table holds as points.

    Attributes:
        points: rows of x, y, class number.
        classes: the name of each class, as the file writes it.
        columns: every column's name; `chosen` are the three that were taken, by index.
        scales: standard deviation of x and of y, as written.
        notes: what was passed over, left out, drawn or converted.
    """

    points: list[list[float]]
    classes: list[str]
    columns: list[str]
    chosen: tuple[int, int, int]
    scales: tuple[float, float]
    standardised: bool
    notes: list[str]

    @property
    def scales_differ(self) -> bool:
        low, high = sorted(self.scales)
        return not self.standardised and high > _SCALES_APART * low


def read_points(
    source: str | os.PathLike[str] | bytes,
    name: str | None = None,
    *,
    columns: tuple[str | None, str | None, str | None] = (None, None, None),
    standardise: bool = False,
) -> Points:
    """Points from a table; `columns` says which are x, y and the class where it cannot be told.

    Raises:
        DataError: no table, fewer than three columns, no two of numbers, more than eight classes,
            too few good rows, or points outside of the picture.
    """
    table = read_table(
        source, name, MOST_ROWS, is_name=lambda cell: cell.strip().casefold() in _CLASS_NAMES,
        row_is="point",
    )  # fmt: skip
    if len(table.header) < 3:
        raise DataError(
            table.source_name,
            f"has {counted(len(table.header), 'column')}, and x, y and a class take three; add the "
            "others",
        )
    chosen = _choose(table, columns)
    notes = list(table.notes)
    x, y = _numbers(table, chosen[0]), _numbers(table, chosen[1])
    labels = [cell.strip().strip("'\"") for cell in table.values(chosen[2])]
    named = np.array([not is_missing(label) or label == "-9" for label in labels])
    good = np.isfinite(x) & np.isfinite(y) & named
    good[list(table.row_errors)] = False
    _say_left_out(table, good, chosen, notes)
    if good.sum() < FEWEST_POINTS:
        raise DataError(
            table.source_name,
            f"has {counted(int(good.sum()), 'row')} of two numbers and a class, at least "
            f"{FEWEST_POINTS} are needed; {notes[-1] if notes else 'add more'}",
        )
    rows = np.flatnonzero(good)
    classes, numbers = _number_classes([labels[i] for i in rows], table, chosen[2])
    if len(rows) > MOST_POINTS:
        notes.append(f"{MOST_POINTS:,} of {len(rows):,} points, drawn at random")
        drawn = np.sort(np.random.default_rng(0).choice(len(rows), MOST_POINTS, replace=False))
        rows, numbers = rows[drawn], [numbers[i] for i in drawn.tolist()]
    x, y = x[rows], y[rows]
    scales = (float(x.std()), float(y.std()))
    if standardise:
        x, y = _standardised(x), _standardised(y)
        notes.append("x and y are standardised: less their mean, by their standard deviation")
    elif max(np.abs(x).max(), np.abs(y).max()) > _FAR:
        raise DataError(
            table.source_name,
            f"has points beyond ±{_FAR:g}, the picture's edge; standardise them",
        )
    points = [[a, b, k] for a, b, k in zip(x.tolist(), y.tolist(), numbers, strict=True)]
    return Points(points, classes, list(table.header), chosen, scales, standardise, notes)


def _choose(
    table: Table, columns: tuple[str | None, str | None, str | None]
) -> tuple[int, int, int]:
    """Indices of x, y and the class: as said, by name, or the first two of numbers and the last."""
    names = [name.strip().casefold() for name in table.header]

    def said(name: str | None) -> int | None:
        if name is None:
            return None
        if name not in table.header:
            raise DataError(table.source_name, f"has no column {name[:40]!r}; choose another")
        return table.header.index(name)

    first, second, label = map(said, columns)
    if label is None:
        taken = {first, second}
        free = [i for i in range(len(names)) if i not in taken]
        by_name = [
            i
            for wanted in _CLASS_NAMES
            for i in free
            if names[i] == wanted and (wanted != "y" or "x2" in names)
        ]
        label = by_name[0] if by_name else free[-1]
    numeric = [
        i
        for i in range(len(names))
        if i != label and not _counts_rows(table, i) and _is_numeric(table, i)
    ]
    for wanted in _FIRST_NAMES:
        if first is None and wanted in names and names.index(wanted) in numeric:
            first = names.index(wanted)
    rest = [i for i in numeric if i not in (first, second)]
    if first is None and rest:
        first = rest.pop(0)
    for wanted in _SECOND_NAMES:
        if second is None and wanted in names and names.index(wanted) in rest:
            second = names.index(wanted)
    if second is None:
        rest = [i for i in rest if i != first]
        second = rest[0] if rest else None
    if first is None or second is None or len({first, second, label}) < 3:
        raise DataError(
            table.source_name,
            "must have two columns of numbers beside the class, and they must be three different "
            "ones; say which are x and y",
        )
    return first, second, label


def _is_numeric(table: Table, index: int) -> bool:
    values = _numbers(table, index)
    return bool(np.isfinite(values).mean() > 0.5)


def _counts_rows(table: Table, index: int) -> bool:
    """A column without a name, or called id, that counts the rows."""
    if table.header[index].strip().casefold() not in ("", "id", "index", "row", "unnamed: 0"):
        return False
    values = _numbers(table, index)
    return bool(len(values) > 2 and (np.diff(values) == 1).all())


def _numbers(table: Table, index: int) -> np.ndarray:
    read: dict[str, float] = {}
    cells = table.values(index)
    for cell in set(cells):
        try:
            read[cell] = np.nan if "_" in cell else float(cell)
        except ValueError:
            read[cell] = np.nan
    return np.array([read[cell] for cell in cells])


def _say_left_out(
    table: Table, good: np.ndarray, chosen: tuple[int, int, int], notes: list[str]
) -> None:
    bad = np.flatnonzero(~good)
    if not len(bad):
        return
    row = int(bad[0])
    why = table.row_errors.get(row)
    if why is None:
        cells = ", ".join(table.rows[row][i] for i in chosen)
        why = f"line {table.lines[row]} is {cells[:40]!r}, not two numbers and a class"
    notes.append(f"rows left out: {len(bad)}, the first: {why}")


def _number_classes(labels: list[str], table: Table, column: int) -> tuple[list[str], list[int]]:
    """Names of the classes and each point's number: 0 to 7 stay what they are."""
    names: dict[str, float | None] = {}
    for label in Counter(labels):
        try:
            names[label] = float(label)
        except ValueError:
            names[label] = None
    values = set(names.values())
    if None not in values and len(values) < len(names):  # 1 and 1.0 are one class
        labels = [f"{names[label]:g}" for label in labels]
        names = {label: float(label) for label in labels}
    if len(names) > MOST_CLASSES:
        raise DataError(
            table.source_name,
            f"has {len(names)} different classes in column {table.header[column][:40]!r}, at most "
            f"{MOST_CLASSES} are told apart; say which column is the class",
        )
    if len(names) < 2:
        raise DataError(
            table.source_name,
            f"has one class only in column {table.header[column][:40]!r}; two are needed",
        )
    if None in values:
        order = sorted(names)
    else:
        order = sorted(names, key=lambda label: names[label] or 0.0)
        if [names[label] for label in order] == list(range(len(order))):
            return [str(i) for i in range(len(order))], [int(names[label] or 0) for label in labels]
    number = {label: i for i, label in enumerate(order)}
    return order, [number[label] for label in labels]


def _standardised(values: np.ndarray) -> np.ndarray:
    return np.round((values - values.mean()) / (values.std() or 1.0), 6)
