"""A heart file's labels: their words, whether they mean disease, the opposite or more than mild
disease, and which are refused.

A label is only a number. What it means shows in how it goes with the signs of disease, and in
how it marks the patients on whom the copies in circulation disagree.
"""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from classifiers.data.heart.copies import Recoding, measure_polarity, polarity_of_signs
from classifiers.data.heart.options import Decode, Reading
from classifiers.data.heart.schema import list_names, parse_number, shorten
from classifiers.data.heart.table import Table, is_missing

AcceptLabels = Literal["lesson"]

USE_UCI = "use UCI's processed.cleveland.data instead"

# z score at which labels are taken to go with, or against, the signs of disease (p < 0.005).
_CLEAR = 2.6


@dataclass(frozen=True)
class Finding:
    """Something the audit has to say. `refuses`: the file may not be trained on because of it."""

    code: str
    message: str
    refuses: bool = False


@dataclass(frozen=True)
class Labels:
    """Labels as a file writes them, and as they read at face value.

    Attributes:
        written: (N,) float64, NaN = none.
        y: (N,) float64, 1 = said to have the disease, 0 = said not to, NaN = not labelled.
    """

    scheme: Literal["none", "unknown", "binary", "num", "one_two"]
    written: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Judgement:
    """What labels mean.

    Attributes:
        y: (N,) float64, 1 = disease (or what an option accepted as such), NaN = not labelled;
            None if the labels are refused.
        is_lesson: they mean num >= 2.
        is_statlog: they are 1 and 2.
        inverted: they mean "healthy".
    """

    y: np.ndarray | None
    findings: tuple[Finding, ...] = ()
    is_lesson: bool = False
    is_statlog: bool = False
    inverted: bool = False


_LABEL_WORDS = {
    **dict.fromkeys(("absence", "absent", "no", "n", "false", "healthy", "no disease"), 0.0),
    **dict.fromkeys(("presence", "present", "yes", "y", "true", "disease", "heart disease"), 1.0),
    # The copy of MLC++ and of its descendants.
    **{"buff": 0.0, "sick": 1.0},
    # OpenML's and Weka's: the narrowing of a vessel in %, and UCI's num behind the bar.
    **{"<50": 0.0, ">50": 1.0, ">50_1": 1.0, ">50_2": 2.0, ">50_3": 3.0, ">50_4": 4.0},
}


def label_values(cells: list[str]) -> tuple[np.ndarray, list[int]]:
    """As `columns.column_values`, for the label: (N,) float64 as written, yes and no as 1 and 0."""
    values, unreadable = np.full(len(cells), np.nan), []
    for row, cell in enumerate(cells):
        if is_missing(cell) and not cell.strip().startswith("-9"):  # -9 is no way to leave a label
            continue
        number = parse_number(cell)
        if number is None:
            number = _LABEL_WORDS.get(" ".join(cell.casefold().strip("'\" ").split()))
        if number is None or not math.isfinite(number):
            unreadable.append(row)
        else:
            values[row] = number + 0.0
    return values, unreadable


def count_labels(values: np.ndarray) -> dict[str, int]:
    """Value -> rows, in order of value; the 20 most common, for measurements would fill pages."""
    counts = Counter(f"{value:g}" for value in values[~np.isnan(values)].tolist())
    return dict(sorted(counts.most_common(20), key=lambda item: float(item[0])))


def read_labels(table: Table, index: int | None) -> tuple[Labels, tuple[Finding, ...]]:
    """Reads the label column, None where there is none; what is no label at all is a finding that
    refuses."""
    nothing = np.full(len(table.rows), np.nan)
    if index is None:
        message = (
            "has no column that says whether disease is present; add one named target "
            f"(0 / 1) or num (0 to 4). Found {list_names(table.header)}"
        )
        return Labels("none", nothing, nothing), (Finding("no_labels", message, refuses=True),)
    cells = table.values(index)
    written, unreadable = label_values(cells)
    known = ~np.isnan(written)
    values = set(written[known].tolist())
    if unreadable or not values or not values <= {0, 1, 2, 3, 4}:
        got = (
            shorten(cells[unreadable[0]])
            if unreadable
            else ", ".join(list(count_labels(written))[:5]) or "none"
        )
        message = f"labels must be 0 / 1 or UCI's num from 0 to 4, got {got}; correct them"
        finding = Finding("labels_unknown", message, refuses=True)
        return Labels("unknown", written, nothing), (finding,)
    findings = []
    if not known.all():
        findings.append(
            Finding("unlabelled_rows", f"rows without a label: {(~known).sum()}; dropped")
        )
    if values == {1, 2}:
        y = np.where(known, written == 2, np.nan)
        return Labels("one_two", written, y), tuple(findings)
    # UCI's own num may hold no more than 0 and 1, as Hungarian's does.
    is_num = max(values) > 1 or table.header[index].casefold() == "num" or not table.has_header
    y = np.where(known, written > 0, np.nan)
    return Labels("num" if is_num else "binary", written, y), tuple(findings)


def read_outcomes(
    table: Table,
    index: int | None,
    x: np.ndarray,
    mild: np.ndarray,
    recoding: Recoding | None,
    reading: Reading,
) -> tuple[np.ndarray | None, str]:
    """What a file to predict says of its patients' disease: (N,) 1 / 0 / NaN, or why it can't.

    None and "" where it has no such column, or nothing in it.
    """
    if index is None:
        return None, ""
    labels, findings = read_labels(table, index)
    refused = [finding.message for finding in findings if finding.refuses]
    if np.isnan(labels.written).all() and not any(cell.strip() for cell in table.cells(index)):
        return None, ""
    if refused:
        return None, refused[0]
    judged = judge_labels(x, labels, mild, None, recoding, None, reading.decode)
    refused = [f.message for f in judged.findings if f.refuses and f.code != "one_class"]
    if refused:
        return None, refused[0]
    return (labels.y if judged.y is None else judged.y), ""


def judge_labels(
    x: np.ndarray,
    labels: Labels,
    mild: np.ndarray,
    site: tuple[str, int] | None,
    recoding: Recoding | None,
    accept_labels: AcceptLabels | None,
    decode: Decode | None,
) -> Judgement:
    """Tells what labels mean, and turns them where an option says to.

    Args:
        x: (N, 13) in UCI's coding, NaN = missing.
        mild: (N,) bool, the rows known to be Cleveland's patients with num = 1.
        site: name and true count of disease of the one site these are the patients of.
    """
    if labels.scheme in ("none", "unknown"):
        return Judgement(None)
    y = labels.y
    polarity = measure_polarity(x, y)
    known_mild = mild & ~np.isnan(y)
    enough = bool(known_mild.any())  # one is: nobody else's values match
    is_statlog = labels.scheme == "one_two"
    if is_statlog and polarity > -_CLEAR and _mostly_below_two(labels.written[known_mild]):
        # Not StatLog: UCI's num of patients who all have the disease, some mildly.
        is_statlog, y = False, np.where(np.isnan(y), np.nan, 1.0)
    findings = _check_classes(y)

    # The mild patients have the disease. Labelled healthy, they show labels that are inverted, or
    # that start at num = 2: which of the two, the signs of disease decide.
    healthy = float(1 - y[known_mild].mean()) if enough else 0.0
    # Where rows are too few to measure: the copies that recode columns invert labels.
    unclear = abs(polarity) <= _CLEAR
    inverted = bool(polarity < -_CLEAR or (unclear and recoding and healthy >= 0.75))
    if inverted and enough:
        healthy = 1 - healthy
    is_lesson = healthy >= 0.75

    if is_statlog:
        findings.append(_judge_statlog(decode))
    if inverted:
        turned = recoding == "kaggle" and decode == "kaggle"
        known = enough or site is not None
        findings.append(_judge_inverted(recoding, turned, known, polarity_of_signs(x, y)))
        if turned:
            y = 1 - y
    elif recoding == "kaggle":
        findings += _judge_kaggle_not_inverted(polarity > _CLEAR or enough, decode)
    if is_lesson:
        findings.append(_judge_lesson(int(known_mild.sum()), accept_labels))
    elif healthy > 0.15:
        findings.append(_report_healthy(healthy, int(known_mild.sum())))
    elif site and not inverted and int(np.nansum(y)) != site[1]:
        findings.append(_report_count(site, int(np.nansum(y))))
    refused = any(finding.refuses for finding in findings)
    return Judgement(None if refused else y, tuple(findings), is_lesson, is_statlog, inverted)


def _mostly_below_two(written: np.ndarray) -> bool:
    return len(written) > 0 and float((written < 2).mean()) > 0.5


def _check_classes(y: np.ndarray) -> list[Finding]:
    if len(np.unique(y[~np.isnan(y)])) == 2:
        return []
    return [Finding("one_class", "all rows have the same label; both classes are needed", True)]


def _report_healthy(share: float, patients: int) -> Finding:
    return Finding(
        "labels_disagree",
        f"{share:.0%} of {patients} patients whom UCI's Cleveland file records with disease "
        f"(num = 1) are labelled healthy; {USE_UCI}",
        refuses=True,
    )


def _report_count(site: tuple[str, int], diseased: int) -> Finding:
    return Finding(
        "labels_disagree",
        f"these are the patients of {site[0]}, {site[1]} of whom have the disease; here "
        f"{diseased} do; use UCI's own file instead",
        refuses=True,
    )


def _judge_statlog(decode: Decode | None) -> Finding:
    if decode == "statlog":
        return Finding("labels_1_2", "labels are StatLog's: 1 is read as absent, 2 as present")
    return Finding(
        "labels_1_2",
        "labels are StatLog's 1 = absent and 2 = present, not 0 and 1; --decode statlog reads "
        "them so",
        refuses=True,
    )


def _judge_inverted(
    recoding: Recoding | None, turned: bool, known: bool, signs: dict[str, float]
) -> Finding:
    """Labels go against the signs of disease: what to do depends on whether anybody knows better.

    Args:
        known: these are patients of UCI's, whose disease is on record.
        signs: sign -> how labels go with it, as a z score.
    """
    against = ", ".join(name for name, z in signs.items() if z < 0) or "none by itself"
    others = ", ".join(name for name, z in signs.items() if z >= 0)
    fact = f"labels go against the signs of disease that were compared ({against})"
    if others:
        fact += f" and go with others ({others})"
    if turned:
        return Finding(
            "labels_inverted", f"{fact}: 1 (or more) means healthy here; they are turned round"
        )
    if recoding == "kaggle":
        fix = "1 (or more) means healthy here; --decode kaggle turns them round"
    elif known:
        fix = (
            "1 (or more) means healthy here; no option turns them: write 0 for 1 and 1 for 0, or "
            f"{USE_UCI}"
        )
    else:
        fix = (
            "what they mean can't be told from the file, and no option turns them: ask who made "
            f"it, or {USE_UCI}"
        )
    return Finding("labels_inverted", f"{fact}: {fix}", refuses=True)


def _judge_kaggle_not_inverted(clear: bool, decode: Decode | None) -> list[Finding]:
    if clear:
        return [
            Finding(
                "labels_not_inverted",
                "labels go with the signs of disease: someone has turned Kaggle's labels round "
                "already; --decode kaggle leaves them as they are",
            )
        ]
    if decode == "kaggle":
        return [
            Finding(
                "labels_unclear",
                "too few rows to tell whether the labels are still Kaggle's inverted ones; give "
                f"the whole file, or {USE_UCI}",
                refuses=True,
            )
        ]
    return []


def _judge_lesson(mild: int, accept_labels: AcceptLabels | None) -> Finding:
    fact = (
        "labels are the lesson's: they mean num >= 2 and not 'disease present': "
        f"patients with disease (num = 1) are labelled 0 here: {mild}"
    )
    if accept_labels == "lesson":
        return Finding("labels_num_ge_2", f"{fact}; accepted as what they are")
    return Finding(
        "labels_num_ge_2",
        f"{fact}; {USE_UCI}, or train on these labels with --accept-labels lesson",
        refuses=True,
    )
