"""A heart file as a whole: read to train on, or read to predict, with what is said of its columns.

    audit = audit_heart("processed.cleveland.data")
    table = read_heart("processed.cleveland.data")  # table.x (N, 13), table.y (N,)

The other rooms are beside it. `schema`: the features and what a value may be. `names`: what
columns are called. `table`: a file to cells. `columns`: which column is which. `options`: what a
caller says of a file. `questions`: what has to be asked. `copies`: the copies in circulation.
`labels`: what the labels mean. `audit`: all of it put together.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.data.heart.audit import Audit, Examination, examine
from classifiers.data.heart.cleaning import zero_is_missing
from classifiers.data.heart.columns import AS_IT_IS, list_names, name_columns
from classifiers.data.heart.copies import find_mild_patients
from classifiers.data.heart.labels import AcceptLabels, Finding, read_outcomes
from classifiers.data.heart.options import DECODES, UNITS, Decode, Reading
from classifiers.data.heart.questions import (
    CODINGS,
    Taken,
    check_categories,
    explain_strange_codes,
    name_strange_codes,
    take_values,
)
from classifiers.data.heart.schema import (
    FEATURE_NAMES,
    FEATURES,
    Code,
    Feature,
    feature,
    parse_value,
)
from classifiers.data.heart.table import MAX_BYTES, MAX_CELLS, TARGET, read_table
from classifiers.errors import ConfigError, DataError

__all__ = [
    "DECODES",
    "FEATURES",
    "FEATURE_NAMES",
    "MAX_BYTES",
    "UNITS",
    "AcceptLabels",
    "Audit",
    "Code",
    "Decode",
    "Feature",
    "Finding",
    "HeartTable",
    "PatientFile",
    "Reading",
    "audit_heart",
    "explain_strange_codes",
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


@dataclass(frozen=True, eq=False)
class PatientFile:
    """Patients to predict: their cells as text, and what these were read as.

    Attributes:
        header: the file's column names, made unique ("note", "note (2)").
        rows: column name -> cell as written, one dict a row.
        lines: the line of the file that each row ends on, from 1.
        columns: feature name -> column name; a feature that is not here is unknown throughout.
        unrecognised: columns that are no feature and no label.
        row_errors: row index -> why its cells cannot be told apart (too many or too few).
        findings: what the caller should be told of the file as a whole; one that refuses is a
            question that has to be answered first.
        known_copy: "kaggle" if the columns are in that coding: their codes mean something else.
        x: (N, 13) in UCI's units and coding, NaN = missing or unreadable; limits are not checked.
        unreadable: feature name -> rows whose cells are no numbers and no words.
        strange: feature name -> (N,) bool, rows with a code that only other copies have.
        labels: (N,) float64, 1 = disease, 0 = none, NaN = not said; None if no column says so.
        label_note: why there are labels and yet none are used, or "".
        converted: what options changed, for people.
        mild: rows that are known to be of Cleveland's 55 with num = 1.
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
    x: np.ndarray
    unreadable: dict[str, list[int]]
    strange: dict[str, np.ndarray]
    labels: np.ndarray | None
    label_note: str
    label_column: str
    converted: tuple[str, ...]
    mild: int
    notes: tuple[str, ...]

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What has to be answered before the patients may be predicted."""
        return tuple(finding for finding in self.findings if finding.refuses)


def audit_heart(
    path_or_bytes: Source,
    *,
    accept_labels: AcceptLabels | None = None,
    decode: Decode | None = None,
    units: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, Any]] | None = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Audit:
    """Says what a file holds, which copy in circulation it is, and whether it may be trained on.

    Args:
        accept_labels: "lesson" takes the lesson's labels (num >= 2) as what they are.
        decode: "kaggle", "from-zero" or "statlog" converts that copy to UCI's coding and labels.
        units: feature -> its unit in the file, as in {"chol": "mmol/l"}; converted.
        codes: feature -> what its codes mean, as in {"sex": {"1": "male", "2": "female"}}.
        columns: feature (or "target") -> name of its column, where it can't be told by name.
        name: what to call the file in messages; by default the path's last part.

    Raises:
        DataError: the file cannot be read, or is no table of heart patients.
        ConfigError: an option has a value it does not know.
    """
    reading = Reading.parse(decode, units, codes, columns)
    return _examine(path_or_bytes, accept_labels, reading, name, True).audit


def read_heart(
    path_or_bytes: Source,
    *,
    accept_labels: AcceptLabels | None = None,
    decode: Decode | None = None,
    units: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, Any]] | None = None,
    columns: Mapping[str, str] | None = None,
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
    reading = Reading.parse(decode, units, codes, columns)
    seen = _examine(path_or_bytes, accept_labels, reading, name, require_labels)
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
    reading: Reading,
    name: str | None,
    require_labels: bool,
) -> Examination:
    if accept_labels not in (None, "lesson"):
        raise ConfigError("accept_labels", f"must be 'lesson' or None, got {accept_labels!r}")
    return examine(
        read_table(source, name),
        accept_labels=accept_labels,
        reading=reading,
        require_labels=require_labels,
    )


def read_patients(
    path_or_bytes: Source,
    max_rows: int,
    *,
    max_cells: int = MAX_CELLS,
    name: str | None = None,
    reading: Reading = AS_IT_IS,
    named: bool = True,
) -> PatientFile:
    """Reads patients to predict: a table whose columns are named after features, labels or not.

    Cells stay as they are written, so that a bad row can be marked and the others predicted.

    Args:
        named: whether a file in which no column is a feature is an error; else it is a question.

    Raises:
        DataError: unreadable, no column is a feature, two are the same, or over `max_rows` rows
            or `max_cells` cells.
        ConfigError: `reading` names a column that the file does not have.
    """
    table = read_table(path_or_bytes, name, max_rows, max_cells)
    which = name_columns(table, reading)
    found = which.found
    columns = {n: table.header[found[n]] for n in FEATURE_NAMES if n in found}
    findings = _describe_columns(columns, which.unrecognised)
    if not columns:
        message = (
            f"has no column named after a feature. Found {list_names(table.header)}; name them "
            f"{', '.join(FEATURE_NAMES)}, or say which is which with the option columns"
        )
        if named:
            raise DataError(table.source_name, message)
        findings = [Finding("no_columns", message, refuses=True)]
    taken = take_values(table, which, reading)
    x = taken.x
    mild, marked = _look_at_values(taken, reading, findings)
    labels, note = read_outcomes(table, found.get(TARGET), x, mild, taken.recoding, reading)
    return PatientFile(
        header=tuple(table.header),
        rows=tuple(dict(zip(table.header, row, strict=True)) for row in table.rows),
        lines=tuple(table.lines),
        columns=columns,
        unrecognised=which.unrecognised,
        row_errors=table.row_errors,
        findings=tuple(findings),
        known_copy=taken.recoding if taken.recoding != "other" else None,
        sha256=table.sha256,
        x=x,
        unreadable=taken.unreadable,
        strange=marked,
        labels=labels,
        label_note=note,
        label_column=table.header[found[TARGET]] if TARGET in found else "",
        converted=tuple(reading.describe()),
        mild=int(mild.sum()),
        notes=table.notes,
    )


def _look_at_values(
    taken: Taken, reading: Reading, findings: list[Finding]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Adds what has to be said of the values; gives Cleveland's own rows, and strange codes'."""
    x = taken.x
    zeros = [] if taken.is_standardised else zero_is_missing(x)
    findings += [*_ask(taken, reading), *taken.asked.values(), *zeros]
    mild = np.zeros(len(x), dtype=bool)
    if not any(finding.refuses for finding in findings):
        mild = find_mild_patients(x)
        foreign = None if taken.recoding else check_categories(x, mild, len(x))
        findings += [foreign] if foreign else []
    strange, marked = (None, {}) if taken.recoding else name_strange_codes(x)
    findings += [strange] if strange else []
    return mild, marked


def _describe_columns(columns: dict[str, str], unrecognised: tuple[str, ...]) -> list[Finding]:
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
    return findings


def _ask(taken: Taken, reading: Reading) -> list[Finding]:
    """The question of the coding, where it is not UCI's or not what the caller says."""
    recoding, decode = taken.recoding, reading.decode
    if decode in ("kaggle", "from-zero") and recoding != decode:
        message = f"decode={decode} does not apply: this is no such file; leave the option out"
        return [Finding("option_does_not_apply", message, refuses=True)]
    if recoding is None:
        return []
    if recoding == decode:
        return [Finding("recoded_columns", f"{CODINGS[recoding]}; they are decoded")]
    if recoding == "other":
        fix = (
            "say what each code means with the option codes, or write cp as 1 to 4, slope as 1 to "
            "3 and thal as 3, 6 or 7"
        )
        fact = "categories look like another coding and not UCI's"
    else:
        fact, fix = CODINGS[recoding], f"the option decode={recoding} converts them"
    message = f"{fact}, so the predictions would mean nothing; {fix}"
    return [Finding("recoded_columns", message, refuses=True)]
