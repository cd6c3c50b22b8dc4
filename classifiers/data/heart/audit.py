"""The audit that every heart file passes: what it holds, which copy it is, may it be trained on.

Every copy of this data in circulation mislabels, recodes or repeats patients, and none says so.
The audit goes by content, never by the file's name, and refuses what does not mean "disease
present" unless an option says how to take it.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifiers.data.heart.cleaning import MANY_REPEATS, check_repeats, clean, find_repeated
from classifiers.data.heart.columns import AS_IT_IS, Columns, list_names, locate_columns
from classifiers.data.heart.copies import (
    Recoding,
    find_mild_patients,
    find_site,
    is_cleveland_only,
)
from classifiers.data.heart.labels import (
    USE_UCI,
    AcceptLabels,
    Finding,
    Judgement,
    count_labels,
    judge_labels,
    read_labels,
)
from classifiers.data.heart.names import TARGET
from classifiers.data.heart.options import Reading
from classifiers.data.heart.questions import (
    CODINGS,
    Taken,
    check_categories,
    find_origin,
    take_values,
)
from classifiers.data.heart.schema import FEATURE_NAMES, shorten
from classifiers.data.heart.table import Table

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
    reading: Reading = AS_IT_IS,
    require_labels: bool = True,
) -> Examination:
    """Audits a table. With `require_labels=False` nothing about labels refuses it.

    Raises:
        DataError: it is no heart table at all.
        ConfigError: `reading` names a column that the file does not have.
    """
    columns = locate_columns(table, reading)
    taken = take_values(table, columns, reading)
    x, missing, out_of_range, cleaning = clean(
        taken.x, columns, taken.recoding is not None or taken.is_standardised, set(taken.asked)
    )
    labels, label_findings = read_labels(table, columns.all.get(TARGET))
    repeated = find_repeated(taken.x, labels.written)
    duplicates = int(repeated.sum())
    if taken.is_standardised:
        cleaning, label_findings = [], tuple(f for f in label_findings if not f.refuses)
        labels = replace(labels, scheme="unknown")
    mild, site = find_mild_patients(x), find_site(x)
    judgement = judge_labels(x, labels, mild, site, taken.recoding, accept_labels, reading.decode)
    patients, cleveland = len(x) - duplicates, int((mild & ~repeated).sum())
    only = is_cleveland_only(patients, cleveland)
    foreign = None if taken.recoding else check_categories(x[~repeated], mild[~repeated], patients)
    origin = find_origin(
        table, columns, x, missing, cleveland, is_mixture=cleveland >= 3 and not only
    )
    findings = [
        *_check_columns(table, columns),
        *(() if taken.is_standardised else _report_unreadable(table, columns, taken.unreadable)),
        *_check_coding(taken, judgement, accept_labels, reading),
        *taken.asked.values(),
        *([foreign] if foreign else []),
        *label_findings,
        *judgement.findings,
        *cleaning,
        *check_repeats(len(x), duplicates),
        *origin.findings,
    ]
    if not require_labels:
        findings = [replace(f, refuses=f.refuses and f.code not in _ABOUT_LABELS) for f in findings]
    is_repeated = duplicates >= MANY_REPEATS * len(x)
    only = only and foreign is None
    name = origin.name or _name_copy(taken.recoding, judgement, is_repeated, site, only)
    audit = _conclude(
        table, name, findings, duplicates, (missing, out_of_range), labels.written, judgement
    )
    num = labels.written if labels.scheme == "num" and judgement.y is not None else None
    return Examination(audit, x, judgement.y, num, repeated)


def _conclude(
    table: Table,
    known_copy: str | None,
    findings: list[Finding],
    duplicates: int,
    counted: tuple[dict[str, int], dict[str, int]],
    written: np.ndarray,
    judgement: Judgement,
) -> Audit:
    findings.sort(key=lambda finding: not finding.refuses)  # stable: why it is refused comes first
    missing, out_of_range = counted
    return Audit(
        accepted=not any(finding.refuses for finding in findings),
        known_copy=known_copy,
        findings=tuple(findings),
        rows=len(table.rows),
        duplicates=duplicates,
        missing=missing,
        class_counts=count_labels(written if judgement.y is None else judgement.y),
        label_counts=count_labels(written),
        out_of_range=out_of_range,
        source_name=table.source_name,
        sha256=table.sha256,
    )


def _name_copy(
    recoding: Recoding | None,
    judgement: Judgement,
    is_repeated: bool,
    site: tuple[str, int] | None,
    is_cleveland: bool,
) -> str | None:
    if recoding == "kaggle":
        return "kaggle-1025" if is_repeated else "kaggle"
    if recoding == "from-zero":
        return "from-zero-upload"
    if judgement.is_statlog:
        return "statlog"
    if judgement.is_lesson:
        return None if judgement.inverted else "lesson"
    if recoding is not None or any(f.code in _WRONG_LABELS for f in judgement.findings):
        return None
    return site[0] if site else "uci-cleveland" if is_cleveland else None


def _check_coding(
    taken: Taken, judgement: Judgement, accept_labels: AcceptLabels | None, reading: Reading
) -> list[Finding]:
    findings: list[Finding] = []
    recoding, decode = taken.recoding, reading.decode
    if recoding == "other":
        message = (
            "columns are in a coding that is neither UCI's (cp 1 to 4, slope 1 to 3, thal 3 / 6 / "
            f"7) nor all of the Kaggle copy's; no option converts it: {USE_UCI}"
        )
        findings.append(Finding("recoded_columns", message, refuses=True))
    elif recoding is not None:
        fact = CODINGS[recoding]
        if decode == recoding:
            findings.append(Finding("recoded_columns", f"{fact}; they are decoded"))
        else:
            message = f"{fact}; {USE_UCI}, or convert with --decode {recoding}"
            findings.append(Finding("recoded_columns", message, refuses=True))
    told = [one for one in reading.describe() if not one.startswith("decoded")]
    if told:
        findings.append(Finding("converted", f"as the options say: {'; '.join(told)}"))
    idle = {
        f"--decode {decode}": decode in ("kaggle", "from-zero") and recoding != decode,
        "--decode statlog": decode == "statlog" and not judgement.is_statlog,
        "--accept-labels lesson": accept_labels == "lesson" and not judgement.is_lesson,
    }
    for option, given_in_vain in idle.items():
        if given_in_vain:
            message = f"{option} does not apply: this is no such file; leave the option out"
            findings.append(Finding("option_does_not_apply", message, refuses=True))
    return findings


def _check_columns(table: Table, columns: Columns) -> list[Finding]:
    findings = [Finding("layout", note) for note in table.notes]
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


def _report_unreadable(
    table: Table, columns: Columns, unreadable: dict[str, list[int]]
) -> list[Finding]:
    findings = []
    for name, rows in unreadable.items():
        cell = table.rows[rows[0]][columns.all[name]]
        findings.append(
            Finding(
                "unreadable_values",
                f"{name}: values that are no numbers: {len(rows)}, the first {shorten(cell)} on "
                f"line {table.lines[rows[0]]}; correct them, or leave them empty",
                refuses=True,
            )
        )
    return findings
