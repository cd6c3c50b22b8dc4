"""Tells which column of a heart file is which feature, and reads the numbers in it.

By name first, in any of the spellings that copies of this data use; where a name says nothing, by
position and by what the column holds. It does not judge values or labels: the audit does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from classifiers.data.heart.labels import label_values
from classifiers.data.heart.names import TARGET, UCI_ORDER, column_for, rank_of
from classifiers.data.heart.options import Reading
from classifiers.data.heart.schema import (
    FEATURE_NAMES,
    FEATURES,
    Feature,
    feature,
    find_alias,
    list_names,
    parse_number,
    shorten,
)
from classifiers.data.heart.table import Table, is_missing
from classifiers.errors import ConfigError, DataError


@dataclass(frozen=True)
class Columns:
    """Which column holds what: column name of the schema (or "target") -> index in the file.

    `found` is known by name, or by UCI's order in a file without a header. `guessed` only looks
    like it: good enough to tell what a file is, not to train on.
    """

    found: dict[str, int]
    guessed: dict[str, int] = field(default_factory=dict)
    unrecognised: tuple[str, ...] = ()

    @property
    def all(self) -> dict[str, int]:
        return {**self.found, **self.guessed}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in FEATURE_NAMES if name not in self.found)


AS_IT_IS = Reading()


def column_values(
    column: Feature, cells: list[str], reading: Reading = AS_IT_IS
) -> tuple[np.ndarray, list[int]]:
    """The numbers of one column, words decoded, in the unit and the codes that `reading` says.

    Returns:
        (N,) float64 with NaN for a missing or unreadable cell, and the rows of unreadable ones.
    """
    read: dict[str, float | None] = {}  # a column repeats few cells many times
    for cell in set(cells):
        number = reading.code(column, cell)
        if number is None:
            number = math.nan if is_missing(cell) else parse_number(cell)
            if number is not None:
                number = reading.number(column, number)
            else:
                number = find_alias(column, cell)
        # no negative zero
        read[cell] = None if number is None or math.isinf(number) else number + 0.0
    numbers = [read[cell] for cell in cells]
    unreadable = [row for row, number in enumerate(numbers) if number is None]
    return np.array([math.nan if n is None else n for n in numbers], dtype=float), unreadable


def read_values(
    table: Table, columns: Columns, reading: Reading = AS_IT_IS
) -> tuple[np.ndarray, dict[str, list[int]]]:
    """All features: (N, 13), NaN = missing or unreadable, and the rows of unreadable cells."""
    x, unreadable = np.full((len(table.rows), len(FEATURES)), np.nan), {}
    for position, about in enumerate(FEATURES):
        if (index := columns.all.get(about.name)) is not None:
            x[:, position], rows = column_values(about, table.values(index), reading)
            if rows:
                unreadable[about.name] = rows
    return x, unreadable


_UNIT_NAMES = {"mmol": "mmol/l", "mgdl": "mg/dl", "mgperdl": "mg/dl", "kpa": "kpa", "mmhg": "mm hg"}


def units_said(table: Table, columns: Columns) -> dict[str, str]:
    """Feature -> the unit that its column's name, or a row of units below it, says."""
    said = {}
    for name, index in columns.all.items():
        text = f"{table.header[index]} {table.units.get(index, '')}".casefold()
        letters = "".join(character for character in text if character.isalnum())
        unit = next((unit for key, unit in _UNIT_NAMES.items() if key in letters), None)
        if unit and name != TARGET:
            said[name] = unit
    return said


def name_columns(table: Table, reading: Reading = AS_IT_IS) -> Columns:
    """Finds the columns by name alone, or by position where there is no header.

    Raises:
        DataError: two columns are the same feature, or there is no header and not 13 or 14 columns.
        ConfigError: `reading` names a column that the file does not have.
    """
    told = _told_columns(table, reading)
    if told and not table.has_header:
        return Columns(told)
    if not table.has_header:
        if len(table.header) not in (13, 14):
            raise DataError(
                table.source_name,
                "has no header, which takes UCI's 14 columns "
                f"({', '.join(FEATURE_NAMES)}, num), and its width is {len(table.header)}; add a "
                "header with these names",
            )
        return Columns({name: i for i, name in enumerate(UCI_ORDER[: len(table.header)])})
    candidates: dict[str, list[int]] = {}
    for index, name in enumerate(table.header):
        column = column_for(name)
        if column and column not in reading.columns and index not in told.values():
            candidates.setdefault(column, []).append(index)
    found: dict[str, int] = {}
    for column, indices in candidates.items():
        ranks = [rank_of(table.header[index], column) for index in indices]
        best = [index for index, rank in zip(indices, ranks, strict=True) if rank == min(ranks)]
        if len(best) > 1:
            names = " and ".join(shorten(table.header[index]) for index in best[:2])
            raise DataError(table.source_name, f"columns {names} both mean {column}; keep one")
        found[column] = best[0]
    found |= told
    used = found.values()
    unrecognised = tuple(name for i, name in enumerate(table.header) if i not in used)
    return Columns(found, unrecognised=unrecognised)


def _told_columns(table: Table, reading: Reading) -> dict[str, int]:
    """Feature -> index of the column that the caller says it is."""
    told: dict[str, int] = {}
    names = [name.casefold() for name in table.header]
    for feature_name, name in reading.columns.items():
        if not name:
            continue
        if name.casefold() in names:
            index = names.index(name.casefold())
        elif name.isdigit() and 1 <= int(name[:4]) <= len(names):
            index = int(name) - 1
        else:
            raise ConfigError(
                "columns",
                f"{feature_name} must be a column of the file, got {shorten(name)}; it has "
                f"{list_names(table.header)}",
            )
        if index in told.values():
            raise ConfigError("columns", f"{shorten(name)} is named for two features; keep one")
        told[feature_name] = index
    return told


def locate_columns(table: Table, reading: Reading = AS_IT_IS) -> Columns:
    """Finds the columns by name and, where names fail, by what they hold and where they stand.

    Raises:
        DataError: fewer than 5 of the 13 features can be told.
    """
    width = len(table.header)
    if not table.has_header and width == 13 and not reading.columns:
        columns = _align_headerless(table)
    elif not table.has_header:
        columns = name_columns(table, reading)
    else:
        columns = name_columns(table, reading)
        guessed = {n: i for n, i in _guess(table, columns).items() if n not in reading.columns}
        columns = Columns(columns.found, guessed, columns.unrecognised)
    features = [name for name in columns.all if name != TARGET]
    if len(features) < 5:
        absent = [name for name in FEATURE_NAMES if name not in features]
        raise DataError(
            table.source_name,
            f"is not a heart table: it has no column for {', '.join(absent)}. "
            f"Found {list_names(table.header)}; name the columns {', '.join(FEATURE_NAMES)}, num",
        )
    return columns


def _guess(table: Table, columns: Columns) -> dict[str, int]:
    absent = [name for name in UCI_ORDER if name not in columns.found]
    spare = [i for i in range(len(table.header)) if i not in columns.found.values()]
    in_order = all(UCI_ORDER.index(name) == i for name, i in columns.found.items())
    if in_order and len(table.header) in (13, 14):
        pairs = [(name, i) for i, name in enumerate(UCI_ORDER) if i in spare and name in absent]
    elif len(absent) == 1:
        pairs = [(absent[0], i) for i in spare]
    elif len(spare) == 1:
        pairs = [(name, spare[0]) for name in absent]
    else:
        return {}
    fitting = [(name, i) for name, i in pairs if _fits(name, table.values(i))]
    ambiguous = len(absent) == 1 or len(spare) == 1
    return {} if ambiguous and len(fitting) > 1 else dict(fitting)


def _align_headerless(table: Table) -> Columns:
    """13 columns and no header: no label (as for prediction), or one column was dropped."""
    contents = [table.values(i) for i in range(13)]

    def fit(dropped: str) -> int:
        names = [name for name in UCI_ORDER if name != dropped]
        return sum(_fits(name, cells) for name, cells in zip(names, contents, strict=True))

    best = max(reversed(UCI_ORDER), key=fit)  # the first of equals: the label
    names = [name for name in UCI_ORDER if name != best]
    return Columns({name: i for i, name in enumerate(names)})


def _median_in(low: float, high: float) -> Callable[[np.ndarray], bool]:
    return lambda values: bool(low <= np.median(values) <= high)


def _codes_in(*codes: int) -> Callable[[np.ndarray], bool]:
    # A twentieth of strange codes is a dirty column, not another one.
    return lambda values: bool(np.isin(values, codes).mean() > 0.95)


def _only_zero_and_one(values: np.ndarray) -> bool:
    # Strictly: Kaggle's `restecg` differs from a yes or no in 4 patients of 303.
    return bool(np.isin(values, (0, 1)).all())


# What a column of patients looks like, in UCI's coding or in Kaggle's.
_LOOKS: dict[str, Callable[[np.ndarray], bool]] = {
    "age": _median_in(35, 70),
    "sex": _only_zero_and_one,
    "cp": lambda values: _codes_in(0, 1, 2, 3, 4)(values) and values.max() > 1,
    "trestbps": _median_in(105, 160),
    "chol": lambda values: _median_in(180, 320)(values) or bool((values == 0).all()),
    "fbs": _only_zero_and_one,
    "restecg": _codes_in(0, 1, 2),
    "thalach": _median_in(105, 185),
    "oldpeak": lambda values: _median_in(0, 3)(values) and bool((values % 1 != 0).any()),
    "exang": _only_zero_and_one,
    # No vessel is what most patients show, and 0 is a rare slope where it is one.
    "slope": lambda values: _codes_in(0, 1, 2, 3)(values) and (values == 0).mean() < 0.5,
    "ca": lambda values: _codes_in(0, 1, 2, 3, 4)(values) and (values == 0).mean() > 0.3,
    # A 4 is what tells UCI's `num` from it, and the lack of a 3 StatLog's label.
    "thal": lambda values: (
        _codes_in(0, 1, 2, 3, 6, 7)(values)
        and (values >= 3).mean() > 0.05
        and not (values == 4).any()
    ),
    TARGET: _codes_in(0, 1, 2, 3, 4),
}


def _fits(name: str, cells: list[str]) -> bool:
    if name == TARGET:
        values, unreadable = label_values(cells)
    else:
        values, unreadable = column_values(feature(name), cells)
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return not unreadable
    return len(unreadable) <= 0.05 * len(cells) and _LOOKS[name](known)
