"""Heart files for tests: UCI's from the shared folder, invented ones, and copies made from either.

No copy but UCI's and the lesson's is at hand: the others are made here by the recodings that were
measured on them.
"""

import csv
import functools
import io
from pathlib import Path

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, Audit, audit_heart
from classifiers.errors import DataError

DATA = Path(__file__).parents[3] / "shared" / "data"
SITES = ("cleveland", "hungarian", "switzerland", "va")
UCI_HEADER = [*FEATURE_NAMES, "target"]

Rows = list[list[str]]


def path_to(relative: str) -> Path:
    path = DATA / relative
    if not path.exists():
        pytest.skip(f"needs shared/data/{relative}, which is not committed")
    return path


def site_rows(site: str) -> Rows:
    """UCI's rows as text, numbers in their shortest form."""
    return [list(row) for row in _read(path_to(f"uci/processed.{site}.data"))]


@functools.cache
def _read(path: Path) -> list[tuple[str, ...]]:
    rows = csv.reader(io.StringIO(path.read_text()))
    return [tuple(map(short, row)) for row in rows if row]


def short(cell: str) -> str:
    return "?" if cell.strip() == "?" else f"{float(cell):g}"


def invent_patients(count: int = 200, seed: int = 0) -> Rows:
    """Patients who never lived, in UCI's coding, sick ones sicker; `num` last."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        sick = rng.random() < 0.45
        rows.append(
            [
                str(rng.integers(35, 75)),
                str(rng.integers(0, 2)),
                str(
                    rng.choice(
                        [1, 2, 3, 4], p=[0.1, 0.1, 0.1, 0.7] if sick else [0.1, 0.3, 0.4, 0.2]
                    )
                ),
                str(rng.integers(100, 180)),
                str(rng.integers(150, 380)),
                str(rng.integers(0, 2)),
                str(rng.choice([0, 1, 2], p=[0.48, 0.02, 0.5])),
                str(rng.integers(90, 160) if sick else rng.integers(125, 195)),
                str(int(rng.random() < (0.6 if sick else 0.1))),
                f"{rng.integers(5, 45) / 10 if sick else rng.integers(0, 15) / 10:g}",
                str(rng.choice([1, 2, 3], p=[0.2, 0.65, 0.15] if sick else [0.65, 0.25, 0.1])),
                str(
                    rng.choice(
                        [0, 1, 2, 3], p=[0.3, 0.3, 0.25, 0.15] if sick else [0.8, 0.15, 0.03, 0.02]
                    )
                ),
                str(rng.choice([3, 6, 7], p=[0.25, 0.1, 0.65] if sick else [0.8, 0.05, 0.15])),
                str(rng.integers(1, 5) if sick else 0),
            ]
        )
    return rows


def to_csv(rows: Rows, header: list[str] | None = None, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header, *rows] if header else rows)
    return out.getvalue().encode()


def binary(rows: Rows) -> Rows:
    return [[*row[:-1], str(int(float(row[-1]) > 0))] for row in rows]


def inverted(rows: Rows) -> Rows:
    return [[*row[:-1], str(1 - int(row[-1]))] for row in binary(rows)]


def shuffled(rows: Rows, seed: int = 1) -> Rows:
    return [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]


def without_column(rows: Rows, name: str) -> Rows:
    index = UCI_HEADER.index(name)
    return [[*row[:index], *row[index + 1 :]] for row in rows]


def recode(rows: Rows, codes: dict[str, dict[str, str]]) -> Rows:
    recoded = []
    for row in rows:
        cells = dict(zip(UCI_HEADER, row, strict=True))
        recoded.append([codes.get(n, {}).get(cell, cell) for n, cell in cells.items()])
    return recoded


def in_kaggle_coding(rows: Rows) -> Rows:
    """Recoded, inverted, with codes for missing."""
    codes = {
        "cp": {"4": "0", "2": "1", "3": "2", "1": "3"},
        "restecg": {"2": "0", "0": "1", "1": "2"},
        "slope": {"3": "0", "2": "1", "1": "2"},
        "ca": {"?": "4"},
        "thal": {"6": "1", "3": "2", "7": "3", "?": "0"},
    }
    return recode(inverted(rows), codes)


def as_kaggle(rows: Rows) -> Rows:
    """The Kaggle copy: its coding, sorted by label, one row lost and another twice."""
    recoded = sorted(in_kaggle_coding(rows[:-1]), key=lambda row: -int(row[-1]))
    return [*recoded[:164], recoded[163], *recoded[164:]]


def as_kaggle_1025(rows: Rows) -> Rows:
    unique = as_kaggle(rows)
    unique.pop(164)
    repeats = np.random.default_rng(3).integers(0, len(unique), 1025 - len(unique))
    return shuffled([*unique, *(unique[i] for i in repeats)])


def as_counted_from_zero(rows: Rows) -> Rows:
    """The other recoded copy: 297 rows, UCI's codes less one, honest labels."""
    codes = {
        "cp": {str(i): str(i - 1) for i in range(1, 5)},
        "slope": {str(i): str(i - 1) for i in range(1, 4)},
        "thal": {"3": "0", "6": "1", "7": "2"},
    }
    return recode([row for row in binary(rows) if "?" not in row], codes)


def as_statlog(rows: Rows) -> Rows:
    complete = [row for row in shuffled(binary(rows), 5) if "?" not in row][:270]
    return [
        [*(f"{float(cell):.1f}" for cell in row[:-1]), str(int(row[-1]) + 1)] for row in complete
    ]


def as_lesson(rows: Rows) -> Rows:
    """The lesson's copy: no missing values, words for thal, two impossible codes, num >= 2."""
    complete = [row for row in rows if "?" not in row]
    words = recode(complete, {"thal": {"3": "normal", "6": "fixed", "7": "reversible"}})
    lesson = [[*row[:-1], str(int(float(row[-1]) >= 2))] for row in words]
    for row, code in zip(lesson, ("1", "2"), strict=False):
        row[UCI_HEADER.index("thal")] = code
    return lesson


HEART_FAILURE_HEADER = [
    *("Age", "Sex", "ChestPainType", "RestingBP", "Cholesterol", "FastingBS", "RestingECG"),
    *("MaxHR", "ExerciseAngina", "Oldpeak", "ST_Slope", "HeartDisease"),
]


def as_heart_failure() -> Rows:
    """The 918-row file: all four sites, words for codes, zeros for missing, no ca and no thal."""
    codes = {
        "sex": {"0": "F", "1": "M"},
        "cp": {"1": "TA", "2": "ATA", "3": "NAP", "4": "ASY"},
        "chol": {"?": "0"},
        "fbs": {"?": "0"},
        "restecg": {"0": "Normal", "1": "ST", "2": "LVH"},
        "exang": {"0": "N", "1": "Y"},
        "slope": {"1": "Up", "2": "Flat", "3": "Down", "?": "Flat"},
    }
    rows = recode(binary([row for site in SITES for row in site_rows(site)]), codes)
    rows = [[*row[:11], row[13]] for row in rows]
    return [row for row in rows if "?" not in row]


def audit(rows: Rows, header: list[str] | None = UCI_HEADER, **options: str) -> Audit:
    return audit_heart(to_csv(rows, header), **options)  # type: ignore[arg-type]


def codes_of(result: Audit) -> set[str]:
    return {finding.code for finding in result.findings}


def refusal_codes(result: Audit) -> set[str]:
    assert result.accepted == (not result.refusals)
    return {finding.code for finding in result.refusals}


RENAMED = [
    " Age ",
    "SEX",
    "chest_pain_type",
    "Resting Blood Pressure (mm Hg)",
    "cholesterol",
    "fasting blood sugar > 120",
    "Resting ECG",
    "max heart rate",
    "exercise-induced angina",
    "ST depression",
    "ST_Slope",
    "Number of Major Vessels",
    "Thallium",
    "Condition",
]


def as_sorted_rows(table) -> list[tuple[float, ...]]:
    rows = np.column_stack([np.nan_to_num(table.x, nan=-99), table.y])
    return sorted(map(tuple, rows.tolist()))


def attempt(call):
    """What a call gives, or the DataError it ends in; any other error is the test's failure."""
    try:
        return call()
    except DataError as error:
        return error
