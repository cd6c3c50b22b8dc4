"""The audit that every heart file passes: what it holds, which copy it is, may it be trained on.

Every copy of this data in circulation mislabels, recodes or repeats patients, and none says so.
The audit goes by content, never by the file's name, and refuses what does not mean "disease
present" unless an option says how to take it.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifiers.data.heart.columns import Columns, column_values, list_names, locate_columns
from classifiers.data.heart.copies import (
    ZERO_IS_MISSING,
    Recoding,
    column,
    decode_kaggle,
    find_mild_patients,
    find_recoding,
    find_site,
    is_cleveland_only,
)
from classifiers.data.heart.labels import (
    USE_UCI,
    AcceptLabels,
    Decode,
    Finding,
    Judgement,
    count_labels,
    judge_labels,
    read_labels,
)
from classifiers.data.heart.schema import FEATURE_NAMES, FEATURES, shorten, within_limits
from classifiers.data.heart.table import Table

# Kaggle's 303 rows repeat one, the 1,025 rows repeat 723.
_MANY_REPEATS = 0.1
_WRONG_LABELS = frozenset({"labels_inverted", "labels_disagree"})
# Refusals that say nothing about the 13 features: they do not matter to who wants no labels.
_ABOUT_LABELS = frozenset(
    {
        "no_labels",
        "one_class",
        "labels_unknown",
        "labels_unclear",
        "labels_1_2",
        "labels_inverted",
        "labels_num_ge_2",
        "labels_disagree",
    }
)


@dataclass(frozen=True)
class Audit:
    """What a file holds and whether it may be trained on.

    Attributes:
        known_copy: which copy in circulation this is, or None.
        rows: rows in the file, before anything is dropped.
        duplicates: rows that repeat an earlier one in all features and the label.
        missing: feature -> rows without a value, codes for missing included.
        class_counts: class -> rows; 0 and 1 where the labels mean disease, else as written.
        label_counts: label as written -> rows.
        out_of_range: feature -> rows with an impossible value or an unlisted code.
    """

    accepted: bool
    known_copy: str | None
    findings: tuple[Finding, ...]
    rows: int
    duplicates: int
    missing: dict[str, int]
    class_counts: dict[str, int]
    label_counts: dict[str, int]
    out_of_range: dict[str, int]
    source_name: str
    sha256: str

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that refuse the file; none if it is accepted."""
        return tuple(finding for finding in self.findings if finding.refuses)

    def to_dict(self) -> dict[str, Any]:
        """The audit as JSON types, for printing and for a model's metadata."""
        return {
            "accepted": self.accepted,
            "known_copy": self.known_copy,
            "findings": [{"code": f.code, "message": f.message} for f in self.findings],
            "rows": self.rows,
            "duplicates": self.duplicates,
            "missing": dict(self.missing),
            "class_counts": dict(self.class_counts),
            "label_counts": dict(self.label_counts),
            "out_of_range": dict(self.out_of_range),
            "source_name": self.source_name,
            "sha256": self.sha256,
        }


@dataclass(frozen=True)
class Examination:
    """An audit with the values it looked at, in UCI's coding.

    Attributes:
        x: (N, 13) float64, NaN = missing, impossible or unlisted.
        y: (N,) float64, 1 = disease, NaN = unlabelled; None if the labels do not say so.
        num: (N,) float64, UCI's 0 to 4, or None if the file does not have it.
        repeated: (N,) bool, the row repeats an earlier one.
    """

    audit: Audit
    x: np.ndarray
    y: np.ndarray | None
    num: np.ndarray | None
    repeated: np.ndarray


def examine(
    table: Table,
    *,
    accept_labels: AcceptLabels | None = None,
    decode: Decode | None = None,
    require_labels: bool = True,
) -> Examination:
    """Audits a table. With `require_labels=False` nothing about labels refuses it.

    Raises:
        DataError: it is no heart table at all.
    """
    columns = locate_columns(table)
    findings = _check_columns(table, columns)
    x, unreadable = _read_features(table, columns)
    findings += unreadable
    recoding = find_recoding(x)
    if recoding == "kaggle":
        x = decode_kaggle(x)
    x, missing, out_of_range, cleaning = _clean(x, columns, recoding)
    labels, label_findings = read_labels(table, columns)
    repeated = _find_repeated(x, labels.written)
    duplicates = int(repeated.sum())
    mild = find_mild_patients(x)
    site = find_site(x)
    judgement = judge_labels(x, labels, mild, site, recoding, accept_labels, decode)
    findings += [
        *_check_coding(recoding, judgement, accept_labels, decode),
        *label_findings,
        *judgement.findings,
        *cleaning,
        *_check_repeats(len(x), duplicates),
    ]
    cleveland = int((mild & ~repeated).sum())
    only = is_cleveland_only(len(x) - duplicates, cleveland)
    is_heart_failure = _is_heart_failure(table, columns, cleveland >= 3 and not only)
    if is_heart_failure or (cleveland >= 3 and not only):
        findings.append(_report_mixture(is_heart_failure))
    if not require_labels:
        findings = [replace(f, refuses=f.refuses and f.code not in _ABOUT_LABELS) for f in findings]
    findings.sort(key=lambda finding: not finding.refuses)  # stable: why it is refused comes first
    audit = Audit(
        accepted=not any(finding.refuses for finding in findings),
        known_copy=(
            "heart-failure-918"
            if is_heart_failure
            else _name_copy(recoding, judgement, duplicates >= _MANY_REPEATS * len(x), site, only)
        ),
        findings=tuple(findings),
        rows=len(x),
        duplicates=duplicates,
        missing=missing,
        class_counts=count_labels(labels.written if judgement.y is None else judgement.y),
        label_counts=count_labels(labels.written),
        out_of_range=out_of_range,
        source_name=table.source_name,
        sha256=table.sha256,
    )
    num = labels.written if labels.scheme == "num" and judgement.y is not None else None
    return Examination(audit, x, judgement.y, num, repeated)


def _name_copy(
    recoding: Recoding | None,
    judgement: Judgement,
    is_repeated: bool,
    site: tuple[str, int] | None,
    is_cleveland: bool,
) -> str | None:
    if recoding == "kaggle":
        return "kaggle-1025" if is_repeated else "kaggle"
    if judgement.is_statlog:
        return "statlog"
    if judgement.is_lesson:
        return None if judgement.inverted else "lesson"
    if recoding is not None or any(f.code in _WRONG_LABELS for f in judgement.findings):
        return None
    return site[0] if site else "uci-cleveland" if is_cleveland else None


def _check_coding(
    recoding: Recoding | None,
    judgement: Judgement,
    accept_labels: AcceptLabels | None,
    decode: Decode | None,
) -> list[Finding]:
    findings = []
    if recoding == "kaggle":
        fact = (
            "columns are in the Kaggle copy's coding (cp from 0, slope from 0, thal 0 to 3, "
            "ca 4 and thal 0 for missing), not UCI's"
        )
        if decode == "kaggle":
            findings.append(Finding("recoded_columns", f"{fact}; they are decoded"))
        else:
            message = f"{fact}; {USE_UCI}, or convert with --decode kaggle"
            findings.append(Finding("recoded_columns", message, refuses=True))
    elif recoding == "other":
        message = (
            "columns are in a coding that is neither UCI's (cp 1 to 4, slope 1 to 3, thal 3 / 6 / "
            f"7) nor all of the Kaggle copy's; no option converts it: {USE_UCI}"
        )
        findings.append(Finding("recoded_columns", message, refuses=True))
    idle = {
        "--decode kaggle": decode == "kaggle" and recoding != "kaggle",
        "--decode statlog": decode == "statlog" and not judgement.is_statlog,
        "--accept-labels lesson": accept_labels == "lesson" and not judgement.is_lesson,
    }
    for option, given_in_vain in idle.items():
        if given_in_vain:
            message = f"{option} does not apply: this is no such file; leave the option out"
            findings.append(Finding("option_does_not_apply", message, refuses=True))
    return findings


def _check_repeats(rows: int, duplicates: int) -> list[Finding]:
    findings = []
    if duplicates:
        message = f"rows that repeat an earlier one exactly: {duplicates} of {rows}; dropped"
        findings.append(Finding("duplicates_dropped", message))
    if duplicates >= _MANY_REPEATS * rows:
        message = (
            f"there are {rows - duplicates} patients in {rows} rows: a random split of the file "
            "as it is would test on rows it trained on"
        )
        findings.append(Finding("repeated_patients", message))
    return findings


def _is_heart_failure(table: Table, columns: Columns, is_mixture: bool) -> bool:
    """The 918-row file, by its letters for chest pain, or by its patients and lost columns."""
    index = columns.all.get("cp")
    cells = table.cells(index) if index is not None else []
    letters = sum(cell.strip().upper() in ("TA", "ATA", "NAP", "ASY") for cell in cells)
    if letters > len(cells) / 2:
        return True
    return is_mixture and "ca" not in columns.all and "thal" not in columns.all


def _report_mixture(is_heart_failure: bool) -> Finding:
    if is_heart_failure:
        return Finding(
            "not_independent_of_cleveland",
            "is the 918-row 'heart failure prediction' file or a relative: it holds all of "
            "Cleveland's patients, so it is no independent test of a Cleveland model, and it lacks "
            f"ca and thal; no option converts it: {USE_UCI}, and the other three sites to test",
            refuses=True,
        )
    return Finding(
        "not_independent_of_cleveland",
        "holds patients of UCI's Cleveland file, perhaps among others: do not test a Cleveland "
        "model on it",
    )


def _check_columns(table: Table, columns: Columns) -> list[Finding]:
    findings = []
    absent = [name for name in FEATURE_NAMES if name not in columns.all]
    if absent:
        found = f"found {list_names(table.header)}"
        if not table.has_header:
            found = f"without a header, its {len(table.header)} columns look like the others"
        message = f"has no column for {', '.join(absent)} ({found}); add it, empty where unknown"
        findings.append(Finding("missing_columns", message, refuses=True))
    if columns.guessed:
        pairs = [f"{shorten(table.header[i])} to {name}" for name, i in columns.guessed.items()]
        findings.append(
            Finding(
                "unrecognised_columns",
                f"some columns can only be guessed by what they hold; rename {', '.join(pairs)} "
                "if that is what they are",
                refuses=True,
            )
        )
    ignored = [n for n in columns.unrecognised if table.header.index(n) not in columns.all.values()]
    if ignored:
        findings.append(Finding("ignored_columns", f"not used: {list_names(ignored)}"))
    if table.row_errors:
        findings.append(
            Finding(
                "unreadable_rows",
                f"rows that do not fit the columns: {len(table.row_errors)}, the first: "
                f"{next(iter(table.row_errors.values()))}; correct them",
                refuses=True,
            )
        )
    return findings


def _read_features(table: Table, columns: Columns) -> tuple[np.ndarray, list[Finding]]:
    x, findings = np.full((len(table.rows), len(FEATURES)), np.nan), []
    for position, feature in enumerate(FEATURES):
        index = columns.all.get(feature.name)
        if index is None:
            continue
        cells = table.values(index)
        x[:, position], unreadable = column_values(feature, cells)
        if unreadable:
            row = unreadable[0]
            findings.append(
                Finding(
                    "unreadable_values",
                    f"{feature.name}: values that are no numbers: {len(unreadable)}, the first "
                    f"{shorten(cells[row])} on line {table.lines[row]}; correct them, or leave "
                    "them empty",
                    refuses=True,
                )
            )
    return x, findings


def _clean(
    x: np.ndarray, columns: Columns, recoding: Recoding | None
) -> tuple[np.ndarray, dict[str, int], dict[str, int], list[Finding]]:
    """Makes impossible values NaN. Counts the missing ones, and those that were impossible."""
    x = x.copy()
    missing: dict[str, int] = {}
    out_of_range: dict[str, int] = {}
    findings = []
    for name in ZERO_IS_MISSING:
        zero = column(x, name) == 0
        column(x, name)[zero] = np.nan
        if zero.any():
            findings.append(
                Finding("zero_as_missing", f"{name} = 0 means missing; rows: {zero.sum()}")
            )
    for feature in FEATURES:
        values = column(x, feature.name)
        absent = int(np.isnan(values).sum())
        missing[feature.name] = absent
        if feature.kind == "categorical":
            fits = [math.isnan(v) or feature.code(v) is not None for v in values.tolist()]
        else:
            fits = [math.isnan(v) or within_limits(feature, v) for v in values.tolist()]
        bad = ~np.array(fits, dtype=bool)
        count = int(bad.sum())
        if not count:
            continue
        out_of_range[feature.name] = count
        known = len(values) - absent
        # A slip is a missing value; a column full of them is in another unit or coding. Where the
        # coding is known to be another one, saying so once is enough.
        wrong = recoding is None and count > 2 and count > 0.05 * known
        shown = ", ".join(f"{v:g}" for v in sorted(set(values[bad].tolist()))[:5])
        expected = f"in {feature.unit}" if feature.unit else "in UCI's coding"
        fix = f"they must be {expected}: check" if wrong else "they are read as missing"
        message = f"{feature.name} cannot be {shown} (rows: {count}); {fix}"
        findings.append(Finding("out_of_range", message, refuses=wrong))
        values[bad] = np.nan
    listed = ", ".join(f"{n} {count}" for n, count in missing.items() if count and n in columns.all)
    if listed:
        findings.append(Finding("missing_values", f"rows without a value: {listed}"))
    return x, missing, out_of_range, findings


def _find_repeated(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    rows = np.column_stack([x, labels])
    seen: set[bytes] = set()
    repeated = np.zeros(len(rows), dtype=bool)
    for index, row in enumerate(rows):
        key = row.tobytes()
        repeated[index] = key in seen
        seen.add(key)
    return repeated
