"""From a table of raw values to the inputs of a network, with statistics from training rows only.

Knows columns by position and kind, not by meaning: the schema belongs to the data modules. Missing
values are NaN on the way in; nothing is missing on the way out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from classifiers.errors import ConfigError, DataError

Encoding = Literal["onehot", "ordinal"]


@dataclass(frozen=True)
class NumericalColumn:
    """What the training rows say of a numerical column; low and high are its training range."""

    name: str
    median: float
    mean: float
    scale: float
    low: float
    high: float


@dataclass(frozen=True)
class CategoricalColumn:
    """The codes of a categorical column that the training rows hold, ascending."""

    name: str
    codes: tuple[float, ...]


@dataclass(frozen=True)
class TabularPreprocessor:
    """Standardises numerical columns and encodes categorical ones.

    A missing numerical value becomes the training median. `encoding="onehot"` gives a categorical
    column one slot a training code and a last slot for unknown: missing, or a code that the
    training rows do not hold. `encoding="ordinal"` is the lesson's way: the rank of the code
    (0, 1, ...) as one number, unknown as the rank after the last.
    """

    columns: tuple[NumericalColumn | CategoricalColumn, ...]
    encoding: Encoding = "onehot"

    @classmethod
    def fit(
        cls,
        x: np.ndarray,
        names: Sequence[str],
        categorical: Sequence[str],
        encoding: Encoding = "onehot",
    ) -> Self:
        """Learns the statistics of the training rows.

        Shape: `x` (N, C) float, NaN = missing.

        Raises:
            ConfigError: unknown encoding.
            DataError: no rows, or a numerical column without a single value.
        """
        if encoding not in ("onehot", "ordinal"):
            raise ConfigError("encoding", f"must be onehot or ordinal, got {encoding!r}")
        x = np.asarray(x, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != len(names) or len(x) == 0:
            raise DataError(
                "x", f"must be rows of {len(names)} columns, at least one row, got {x.shape}"
            )
        columns: list[NumericalColumn | CategoricalColumn] = []
        for name, values in zip(names, x.T, strict=True):
            known = values[~np.isnan(values)]
            if name in categorical:
                columns.append(CategoricalColumn(name, tuple(np.unique(known).tolist())))
                continue
            if len(known) == 0:
                raise DataError(name, "has no value in the training rows; drop the column")
            filled = np.where(np.isnan(values), np.median(known), values)
            columns.append(
                NumericalColumn(
                    name=name,
                    median=float(np.median(known)),
                    mean=float(filled.mean()),
                    scale=float(filled.std()) or 1.0,
                    low=float(known.min()),
                    high=float(known.max()),
                )
            )
        return cls(tuple(columns), encoding)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The name of each output column, `column` or `column=code`."""
        names: list[str] = []
        for column in self.columns:
            if isinstance(column, NumericalColumn) or self.encoding == "ordinal":
                names.append(column.name)
            else:
                names += [f"{column.name}={code:g}" for code in column.codes]
                names.append(f"{column.name}=unknown")
        return tuple(names)

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Shape: (N, C) with NaN for missing -> (N, len(input_names)) float64, all finite."""
        x = np.asarray(x, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != len(self.columns):
            raise DataError("x", f"must be rows of {len(self.columns)} columns, got {x.shape}")
        parts: list[np.ndarray] = []
        for column, values in zip(self.columns, x.T, strict=True):
            if isinstance(column, NumericalColumn):
                filled = np.where(np.isnan(values), column.median, values)
                parts.append(((filled - column.mean) / column.scale)[:, None])
                continue
            codes = np.asarray(column.codes)
            hits = values[:, None] == codes
            unknown = ~hits.any(1)
            if self.encoding == "ordinal":
                rank = np.where(unknown, len(codes), hits.argmax(1) if len(codes) else 0)
                parts.append(rank.astype(np.float64)[:, None])
            else:
                parts.append(np.concatenate([hits, unknown[:, None]], 1).astype(np.float64))
        return np.concatenate(parts, 1)

    def to_dict(self) -> dict[str, Any]:
        """JSON types; `from_dict` gives back an equal preprocessor, to the last bit."""
        return {
            "encoding": self.encoding,
            "columns": [
                {"kind": "numerical", **vars(column)}
                if isinstance(column, NumericalColumn)
                else {"kind": "categorical", "name": column.name, "codes": list(column.codes)}
                for column in self.columns
            ],
        }

    @classmethod
    def from_dict(cls, value: Any) -> Self:
        """Rebuilds what `to_dict` wrote.

        Raises:
            ConfigError: not the shape that `to_dict` writes.
        """
        try:
            columns = tuple(_column_from_dict(column) for column in value["columns"])
            encoding = value["encoding"]
            if encoding not in ("onehot", "ordinal"):
                raise ValueError(f"unknown encoding {encoding!r}")
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                "preprocessing",
                f"must be what TabularPreprocessor.to_dict writes ({error!r}); train again",
            ) from None
        return cls(columns, encoding)


def _column_from_dict(value: dict[str, Any]) -> NumericalColumn | CategoricalColumn:
    name = value["name"]
    if not isinstance(name, str):
        raise TypeError(f"a column's name must be text, got {name!r}")
    if value["kind"] == "categorical":
        return CategoricalColumn(name, tuple(float(code) for code in value["codes"]))
    if value["kind"] != "numerical":
        raise ValueError(f"unknown kind {value['kind']!r}")
    statistics = {key: float(value[key]) for key in ("median", "mean", "scale", "low", "high")}
    if not all(np.isfinite(list(statistics.values()))) or statistics["scale"] <= 0:
        raise ValueError(f"statistics of {name} must be finite and its scale positive")
    return NumericalColumn(name, **statistics)
