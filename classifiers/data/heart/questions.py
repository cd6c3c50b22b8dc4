"""What has to be asked of a file before its values can be believed: units, codes, scales, words.

Nothing here is guessed: a file is refused once, with the option that converts it. What a caller
said (`options`) is not asked again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from classifiers.data.heart.columns import Columns, read_values, units_said
from classifiers.data.heart.copies import (
    Recoding,
    codes_of_other_copies,
    column,
    decode_copy,
    find_recoding,
    find_sites,
    is_cleveland_only,
)
from classifiers.data.heart.labels import USE_UCI, Finding
from classifiers.data.heart.names import key_of
from classifiers.data.heart.options import Reading
from classifiers.data.heart.schema import feature
from classifiers.data.heart.table import Table

# Below this many rows a stray code says as much as a column of them: such rows are marked.
FEW_ROWS = 5
_MEASURED = ("age", "trestbps", "chol", "thalach")
# How many of UCI's 303 Cleveland patients each is true of.
_CLEVELAND_SHARES: dict[tuple[str, int], tuple[str, float]] = {
    ("cp", 4): ("asymptomatic", 144 / 303),
    ("thal", 3): ("thal normal", 166 / 301),
    ("restecg", 0): ("restecg normal", 151 / 303),
    ("slope", 1): ("slope upsloping", 142 / 303),
}
_FAR = 0.25  # between shares of the same patients
_ENOUGH = 40

CODINGS = {
    "kaggle": "columns are in the Kaggle copy's coding (cp from 0, slope from 0, thal 0 to 3, "
    "ca 4 and thal 0 for missing), not UCI's",
    "from-zero": "columns are those of the copy that counts from 0 (cp 0 to 3 for UCI's 1 to 4, "
    "slope 0 to 2 for 1 to 3, thal 0, 1, 2 for 3, 6, 7; restecg as UCI has it)",
}


@dataclass(frozen=True)
class Taken:
    """A table's values as they can be taken, and what has to be asked first.

    Attributes:
        x: (N, 13) float64, converted where an option says so, in UCI's coding where the coding is
            known; NaN = missing or unreadable.
        unreadable: feature -> rows whose cells are no numbers and no words.
        asked: feature, or "" for the file -> the question; each refuses the file.
    """

    x: np.ndarray
    recoding: Recoding | None
    unreadable: dict[str, list[int]]
    asked: dict[str, Finding]

    @property
    def is_standardised(self) -> bool:
        return any(finding.code == "standardised" for finding in self.asked.values())


def take_values(table: Table, columns: Columns, reading: Reading) -> Taken:
    """Reads all values and asks what has to be asked."""
    x, unreadable = read_values(table, columns, reading)
    standardised = find_standardised(x)
    if standardised:
        return Taken(x, None, unreadable, {"": standardised})
    recoding = find_recoding(x)
    if recoding is None and fits_few(x, reading):
        recoding = "kaggle" if reading.decode == "kaggle" else "from-zero"
    asked = ask_about_units(x, units_said(table, columns), reading)
    asked |= ask_about_codes(x, reading, recoding)
    if recoding in ("kaggle", "from-zero"):
        x = decode_copy(x, recoding)
    return Taken(x, recoding, unreadable, asked)


def fits_few(x: np.ndarray, reading: Reading) -> bool:
    """Whether rows too few to tell their coding by can be in the one that the caller says."""
    if reading.decode not in ("kaggle", "from-zero") or len(x) >= FEW_ROWS:
        return False
    highest = {"cp": 3, "slope": 2, "thal": 3 if reading.decode == "kaggle" else 2}
    return all(not (column(x, name) > code).any() for name, code in highest.items())


def find_standardised(x: np.ndarray) -> Finding | None:
    """One sentence for a file whose measurements were put on another scale.

    Args:
        x: (N, 13) as written, NaN = missing.
    """
    seen = []
    for name in _MEASURED:
        known = column(x, name)[~np.isnan(column(x, name))]
        if len(known) == 0 or (known % 1 == 0).all():
            continue
        low, high = known.min(), known.max()
        if (low < 0 and high < 15 and low > -15) or (low >= 0 and high <= 1):
            seen.append(f"{name} from {low:.3g} to {high:.3g}")
    if len(seen) < 2:
        return None
    return Finding(
        "standardised",
        f"the columns look standardised ({', '.join(seen)}): nobody can tell what was measured; "
        "give the raw values",
        refuses=True,
    )


def ask_about_units(x: np.ndarray, said: Mapping[str, str], reading: Reading) -> dict[str, Finding]:
    """Feature -> the question of its unit; the answer is an option.

    Args:
        x: (N, 13) as written, what options convert converted.
        said: feature -> unit that the name of its column, or a row below the names, says.
    """
    asked: dict[str, Finding] = {}
    for name, look in (("chol", _ask_chol), ("trestbps", _ask_pressure), ("fbs", _ask_sugar)):
        if name in reading.units:
            continue
        known = column(x, name)[~np.isnan(column(x, name))]
        known = known[known > 0]
        message = look(known, said.get(name)) if len(known) else None
        if message:
            asked[name] = Finding("out_of_range", f"{name}: {message}", refuses=True)
    return asked


def _ask_chol(known: np.ndarray, said: str | None) -> str | None:
    small = float(np.median(known)) < 25
    if said == "mmol/l" and not small:
        return (
            f"the column says mmol/l and its values (median {np.median(known):g}) say mg/dl; say "
            "which: units chol=mg/dl takes them as they are, units chol=mmol/l converts"
        )
    if small:
        by = "as its column says" if said == "mmol/l" else f"median {np.median(known):g}"
        return (
            f"values look like mmol/l ({by}), and must be in mg/dl; units chol=mmol/l converts "
            "them, times 38.67"
        )
    return None


def _ask_pressure(known: np.ndarray, said: str | None) -> str | None:
    middle = float(np.median(known))
    if said == "kpa" or middle < 35:
        return (
            f"values (median {middle:g}) are no mm Hg, which they must be in; units trestbps=kPa "
            "or units trestbps=cm Hg converts them"
        )
    return None


def _ask_sugar(known: np.ndarray, said: str | None) -> str | None:
    high = known[known > 1]
    if not (len(known) < FEW_ROWS and len(high)) and len(high) <= max(2, 0.05 * len(known)):
        return None
    unit = "mg/dl" if float(np.median(high)) > 30 else "mmol/l"
    return (
        f"values look like a sugar in {unit} (median {np.median(known):g}), and must be in yes or "
        f"no: above 120 mg/dl or not; units fbs={unit} converts them"
    )


def ask_about_codes(
    x: np.ndarray, reading: Reading, recoding: Recoding | None
) -> dict[str, Finding]:
    """Feature -> the question of codes that UCI does not have, in too many rows for a slip."""
    asked: dict[str, Finding] = {}
    sex = column(x, "sex")[~np.isnan(column(x, "sex"))]
    if np.isin(sex, (0, 1, 2)).all() and (sex == 2).sum() > min(2, 0.05 * len(sex)):
        zero = " (and 0: which is not said)" if (sex == 0).any() else ""
        asked["sex"] = Finding(
            "recoded_columns",
            f"sex: is 1 and 2 here{zero}, and must be 0 = female, 1 = male; say which is "
            "which: codes sex=1:male,2:female or codes sex=1:female,2:male",
            refuses=True,
        )
    if recoding or len(x) < FEW_ROWS:
        return asked
    for name, codes in codes_of_other_copies(x).items():
        values = column(x, name)
        known = int((~np.isnan(values)).sum())
        for code, copies in codes.items():
            count = int((values == code).sum())
            if count > max(2, 0.05 * known):
                asked[name] = _ask_code(name, code, count, copies)
    return asked


def _ask_code(name: str, code: float, count: int, copies: tuple[str, ...]) -> Finding:
    meanings = ", ".join(f"{c.value} = {c.label}" for c in feature(name).codes)
    return Finding(
        "recoded_columns",
        f"{name}: {code:g} (rows: {count}) is no code of UCI's ({meanings}), and is one of "
        f"{' and of '.join(copies)}; say what it means: codes {name}={code:g}:?, for missing, or "
        "another of these",
        refuses=True,
    )


def name_strange_codes(x: np.ndarray) -> tuple[Finding | None, dict[str, np.ndarray]]:
    """What to say of codes that UCI's files do not have where they are too few to ask about.

    Returns:
        the sentence, and for each field with such codes its rows, (N,) bool.
    """
    found = codes_of_other_copies(x)
    if not found:
        return None, {}
    listed = ", ".join(
        f"{name} {' and '.join(f'{code:g}' for code in codes)}" for name, codes in found.items()
    )
    shared = [set(copies) for codes in found.values() for copies in codes.values()]
    common = set.intersection(*shared) or set.union(*shared)
    decode = "kaggle" if any("Kaggle" in copy for copy in common) else "from-zero"
    marked = {name: np.isin(column(x, name), list(codes)) for name, codes in found.items()}
    return (
        Finding(
            "another_coding",
            f"codes that UCI's coding does not have: {listed}; {' and '.join(sorted(common))} "
            f"{_has(common)} them, and they mean something else there: decode={decode} converts "
            "such a file",
        ),
        marked,
    )


def _has(copies: Collection[str]) -> str:
    return "has" if len(copies) == 1 else "have"


def explain_strange_codes(row: np.ndarray) -> dict[str, str]:
    """Field -> what to say of a code of one patient, (13,), that only other copies have.

    One patient cannot tell a coding, as a file does; so it is said and not refused.
    """
    told = {
        name: f"{' and '.join(copies)} {_has(copies)} it, where it means something else"
        for name, codes in codes_of_other_copies(row[None]).items()
        for copies in codes.values()
    }
    if column(row[None], "sex")[0] == 2:
        told["sex"] = "tables that count it 1 and 2 do not agree which is which"
    return {
        name: f"{name} {column(row[None], name)[0]:g} is no code of UCI's "
        f"({', '.join(f'{c.value} = {c.label}' for c in feature(name).codes)}); {text}. Send what "
        "it stands for"
        for name, text in told.items()
    }


def check_categories(x: np.ndarray, mild: np.ndarray, patients: int) -> Finding | None:
    """Whether patients whose measurements are Cleveland's have the categories that they had.

    Args:
        x: (N, 13) in what is taken for UCI's coding.
        mild: (N,) bool, the rows known to be of Cleveland's 55 with num = 1.
        patients: distinct rows.
    """
    if patients < _ENOUGH or not is_cleveland_only(patients, int(mild.sum())):
        return None
    wrong = []
    for (name, code), (words, share) in _CLEVELAND_SHARES.items():
        known = column(x, name)[~np.isnan(column(x, name))]
        if len(known) >= _ENOUGH and abs(float((known == code).mean()) - share) > _FAR:
            wrong.append(f"{words} {(known == code).mean():.0%} in place of {share:.0%}")
    if not wrong:
        return None
    return Finding(
        "categories_not_theirs",
        "the measurements are those of UCI's Cleveland patients, and the categories are not "
        f"theirs: {', '.join(wrong)}. Such files put UCI's words on another copy's codes; use "
        "UCI's processed.cleveland.data instead",
        refuses=True,
    )


@dataclass(frozen=True)
class Origin:
    """Which known file this is, by how it is written and by whose patients it holds."""

    name: str | None = None
    findings: tuple[Finding, ...] = ()


# Words for chest pain, letters only, that one copy alone has.
_SIGNATURES = {
    "islr-heart": {"nontypical"},
    "openml-heart-c": {"typangina", "atypangina", "asympt"},
    "orange-heart": {"typicalang", "atypicalang"},
}
_NAMES_OF = {
    "islr-heart": {"ahd", "chestpain"},
    "orange-heart": {"diameternarrowing"},
    "funmodeling-heart": {"heartdiseaseseverity"},
}


def find_origin(
    table: Table,
    columns: Columns,
    x: np.ndarray,
    missing: Mapping[str, int],
    cleveland: int,
    *,
    is_mixture: bool,
) -> Origin:
    """Names the copies that only their words, their names or their mixture of sites tell.

    Args:
        x: (N, 13) in UCI's coding, NaN = missing.
        missing: feature -> rows without a value.
        cleveland: rows known to be of Cleveland's 55 with num = 1.
        is_mixture: there are others beside Cleveland's patients.
    """
    cells = table.cells(columns.all["cp"]) if "cp" in columns.all else []
    letters = sum(cell.strip().upper() in ("TA", "ATA", "NAP", "ASY") for cell in cells)
    lost = "ca" not in columns.all and "thal" not in columns.all
    if letters > len(cells) / 2 or (is_mixture and lost):
        return Origin("heart-failure-918", (_HEART_FAILURE,))
    if is_mixture:
        return _name_mixture(x, missing, cleveland)
    words = {key_of(cell) for cell in set(cells)}
    names = {key_of(name) for name in table.header} if table.has_header else set()
    for name, signature in _SIGNATURES.items():
        if words & signature:
            return Origin(name)
    for name, signature in _NAMES_OF.items():
        if signature <= names:
            return Origin(name)
    return Origin()


_HEART_FAILURE = Finding(
    "not_independent_of_cleveland",
    "is the 918-row 'heart failure prediction' file or a relative: it holds all of "
    "Cleveland's patients, so it is no independent test of a Cleveland model, and it lacks "
    f"ca and thal; no option converts it: {USE_UCI}, and the other three sites to test",
    refuses=True,
)


def _name_mixture(x: np.ndarray, missing: Mapping[str, int], cleveland: int) -> Origin:
    sites = find_sites(x)
    parts = [f"Cleveland's ({cleveland} of the 55 with num = 1)"]
    parts += [f"{site.removeprefix('uci-')} ({share:.0%})" for site, share in sites.items()]
    rest = "" if sites else ", perhaps among others"
    findings = [
        Finding(
            "not_independent_of_cleveland",
            f"holds patients of UCI's Cleveland file{rest}: do not test a Cleveland model on it. "
            f"A sample of each site says whose they are: {', '.join(parts)}",
        )
    ]
    if len(sites) < 3 or min(sites.values()) < 0.5 or len(x) < 600:
        return Origin(None, tuple(findings))
    # The three other sites left ca out for 606 of their 617 patients.
    if missing["ca"] > 0.3 * len(x):
        return Origin("uci-920", tuple(findings))
    findings.append(
        Finding(
            "imputed_values",
            "three of the four sites did not record ca for their patients, and here it has a value "
            "in almost every row: somebody filled it in",
        )
    )
    return Origin("uci-920-imputed", tuple(findings))
