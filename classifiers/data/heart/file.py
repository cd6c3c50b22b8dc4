"""The heart data: the schema of its 13 features, its readers, and the audit every file passes.

    audit = audit_heart("processed.cleveland.data")
    table = read_heart("processed.cleveland.data")  # table.x (N, 13), table.y (N,)

The other rooms are beside it. `schema`: the features and what a value may be. `table`: text to
cells. `columns`: which column is which. `copies`: the copies in circulation. `labels`: what the
labels mean. `audit`: all of it put together.
"""

import os
from dataclasses import dataclass

import numpy as np

from classifiers.data.heart.audit import Audit, Examination, examine
from classifiers.data.heart.columns import column_values, list_names, name_columns
from classifiers.data.heart.copies import find_recoding
from classifiers.data.heart.labels import AcceptLabels, Decode, Finding
from classifiers.data.heart.schema import (
    FEATURE_NAMES,
    FEATURES,
    Code,
    Feature,
    feature,
    parse_value,
)
from classifiers.data.heart.table import MAX_BYTES, MAX_CELLS, Table, read_table
from classifiers.errors import ConfigError, DataError

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "MAX_BYTES",
    "AcceptLabels",
    "Audit",
    "Code",
    "Decode",
    "Feature",
    "Finding",
    "HeartTable",
    "PatientFile",
    "audit_heart",
    "feature",
    "parse_value",
    "read_heart",
    "read_patients",
]

Source = str | os.PathLike[str] | bytes


@dataclass(frozen=True, eq=False)
class HeartTable:
    """Patients in UCI's coding, in the file's order, columns in the order of `FEATURE_NAMES`.

    Attributes:
        x: (N, 13) float64, NaN = missing.
        y: (N,) int64, 1 = disease; None if the file has no labels that say so.
        num: (N,) int64, UCI's 0 to 4, where the file has it.
        rows: (N,) int64, which row of the file each is, from 0.
    """

    x: np.ndarray
    y: np.ndarray | None
    num: np.ndarray | None
    rows: np.ndarray
    audit: Audit

    @property
    def source_name(self) -> str:
        return self.audit.source_name

    @property
    def sha256(self) -> str:
        return self.audit.sha256


@dataclass(frozen=True)
class PatientFile:
    """Patients to predict, as text: each value still has to pass `parse_value(..., text=True)`.

    Attributes:
        header: the file's column names, made unique ("note", "note (2)").
        rows: column name -> cell as written, one dict a row.
        lines: the line of the file that each row ends on, from 1.
        columns: feature name -> column name; a feature that is not here is unknown throughout.
        unrecognised: columns that are no feature and no label.
        row_errors: row index -> why its cells cannot be told apart (too many or too few).
        findings: what the caller should be told of the file as a whole.
        known_copy: "kaggle" if the columns are in that coding: their codes mean something else.
    """

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]
    columns: dict[str, str]
    unrecognised: tuple[str, ...]
    row_errors: dict[int, str]
    findings: tuple[Finding, ...]
    known_copy: str | None
    sha256: str


def audit_heart(
    path_or_bytes: Source,
    *,
    accept_labels: AcceptLabels | None = None,
    decode: Decode | None = None,
    name: str | None = None,
) -> Audit:
    """Says what a file holds, which copy in circulation it is, and whether it may be trained on.

    Args:
        accept_labels: "lesson" takes the lesson's labels (num >= 2) as what they are.
        decode: "kaggle" or "statlog" converts that copy to UCI's coding and labels.
        name: what to call the file in messages; by default the path's last part.

    Raises:
        DataError: the file cannot be read, or is no table of heart patients.
        ConfigError: an option has a value it does not know.
    """
    return _examine(path_or_bytes, accept_labels, decode, name, True).audit


def read_heart(
    path_or_bytes: Source,
    *,
    accept_labels: AcceptLabels | None = None,
    decode: Decode | None = None,
    require_labels: bool = True,
    name: str | None = None,
) -> HeartTable:
    """Reads a file that passes the audit; takes what `audit_heart` takes.

    Rows that repeat an earlier one, and rows without a label, are left out. With
    `require_labels=False` every row is kept, labels are no reason to refuse the file, and `y` is
    None unless every row has one that means disease.

    Raises:
        DataError: as `audit_heart`, or the audit refuses the file (the message says why).
        ConfigError: an option has a value it does not know.
    """
    seen = _examine(path_or_bytes, accept_labels, decode, name, require_labels)
    if not seen.audit.accepted:
        raise DataError(
            seen.audit.source_name,
            "; ".join(finding.message for finding in seen.audit.refusals),
        )
    kept = np.ones(len(seen.x), dtype=bool)
    y = seen.y
    if require_labels and y is not None:
        kept = ~seen.repeated & ~np.isnan(y)
    elif y is not None and np.isnan(y).any():
        y = None
    num = seen.num if y is not None else None
    return HeartTable(
        x=seen.x[kept],
        y=None if y is None else y[kept].astype(np.int64),
        num=None if num is None else num[kept].astype(np.int64),
        rows=np.flatnonzero(kept),
        audit=seen.audit,
    )


def _examine(
    source: Source,
    accept_labels: AcceptLabels | None,
    decode: Decode | None,
    name: str | None,
    require_labels: bool,
) -> Examination:
    if accept_labels not in (None, "lesson"):
        raise ConfigError("accept_labels", f"must be 'lesson' or None, got {accept_labels!r}")
    if decode not in (None, "kaggle", "statlog"):
        raise ConfigError("decode", f"must be 'kaggle', 'statlog' or None, got {decode!r}")
    return examine(
        read_table(source, name),
        accept_labels=accept_labels,
        decode=decode,
        require_labels=require_labels,
    )


def read_patients(
    path_or_bytes: Source,
    max_rows: int,
    *,
    max_cells: int = MAX_CELLS,
    name: str | None = None,
) -> PatientFile:
    """Reads patients to predict: a CSV whose columns are named after features, labels not needed.

    Values stay text, so that a bad row can be marked and the others predicted.

    Raises:
        DataError: unreadable, no column is a feature, two are the same, or over `max_rows` rows
            or `max_cells` cells.
    """
    table = read_table(path_or_bytes, name, max_rows, max_cells)
    named = name_columns(table)
    found = named.found
    columns = {n: table.header[found[n]] for n in FEATURE_NAMES if n in found}
    if not columns:
        raise DataError(
            table.source_name,
            f"has no column named after a feature. Found {list_names(table.header)}; name them "
            f"{', '.join(FEATURE_NAMES)}",
        )
    copy, findings = _look_at_patients(table, columns, named.unrecognised)
    return PatientFile(
        header=tuple(table.header),
        rows=tuple(dict(zip(table.header, row, strict=True)) for row in table.rows),
        lines=tuple(table.lines),
        columns=columns,
        unrecognised=named.unrecognised,
        row_errors=table.row_errors,
        findings=findings,
        known_copy=copy,
        sha256=table.sha256,
    )


def _look_at_patients(
    table: Table, columns: dict[str, str], unrecognised: tuple[str, ...]
) -> tuple[str | None, tuple[Finding, ...]]:
    findings = []
    absent = [name for name in FEATURE_NAMES if name not in columns]
    if absent:
        findings.append(
            Finding(
                "missing_columns", f"no column for {', '.join(absent)}; unknown for every patient"
            )
        )
    if unrecognised:
        findings.append(
            Finding("ignored_columns", f"kept but not used: {list_names(unrecognised)}")
        )
    x = np.full((len(table.rows), len(FEATURES)), np.nan)
    for position, column in enumerate(FEATURES):
        if column.name in columns:
            cells = table.values(table.header.index(columns[column.name]))
            x[:, position] = column_values(column, cells)[0]
    recoding = find_recoding(x)
    if recoding:
        whose = "the Kaggle copy's" if recoding == "kaggle" else "another"
        findings.append(
            Finding(
                "recoded_columns",
                f"categories look like {whose} coding and not UCI's, so the predictions would "
                "mean nothing; write cp as 1 to 4, slope as 1 to 3 and thal as 3, 6 or 7",
            )
        )
    return ("kaggle" if recoding == "kaggle" else None), tuple(findings)
