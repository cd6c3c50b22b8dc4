"""The heart model as it is served: one patient or a table of them, in; risk and doubts, out.

It turns what an outsider sent into rows, asks the verified artifact, and says what about the
answer should be doubted. Training is in `training`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.artifacts import Artifact, load_artifact
from classifiers.data.heart.file import (
    FEATURE_NAMES,
    FEATURES,
    Feature,
    PatientFile,
    feature,
    parse_value,
    read_patients,
)
from classifiers.errors import ArtifactError, ConfigError, DataError
from classifiers.evaluation.metrics import Estimate, counts, wilson_interval
from classifiers.preprocessing import CategoricalColumn, NumericalColumn, TabularPreprocessor

TASK = "heart-disease"
INTERVAL = (0.05, 0.95)  # quantiles over members: a central 90 % interval
MOST_ROWS = 20_000
MOST_CELLS = 500_000  # of one file: 20,000 rows of 25 columns
_AT_ONCE = 2_000  # rows through the network; 20,000 at once take 300 MB
_FORMULA = frozenset("=@\t\r+-")

# Made-up patients, and the lesson's own, with its unusual age.
SAMPLE_PATIENTS: dict[str, dict[str, Any]] = {
    "No complaints, age 42": {
        "age": 42, "sex": 0, "cp": 3, "trestbps": 118, "chol": 205, "fbs": 0, "restecg": 0,
        "thalach": 172, "exang": 0, "oldpeak": 0.0, "slope": 1, "ca": 0, "thal": 3,
    },
    "Angina on effort, age 61": {
        "age": 61, "sex": 1, "cp": 4, "trestbps": 142, "chol": 268, "fbs": 0, "restecg": 2,
        "thalach": 128, "exang": 1, "oldpeak": 2.2, "slope": 2, "ca": 2, "thal": 7,
    },
    "Between the two, age 57": {
        "age": 57, "sex": 1, "cp": 3, "trestbps": 132, "chol": 235, "fbs": 0, "restecg": 0,
        "thalach": 148, "exang": 0, "oldpeak": 1.2, "slope": 2, "ca": 1, "thal": 3,
    },
    "The lesson's patient, age 80": {
        "age": 80, "sex": 0, "cp": 1, "trestbps": 124, "chol": 300, "fbs": 1, "restecg": 2,
        "thalach": 150, "exang": 0, "oldpeak": 2.3, "slope": 3, "ca": 0, "thal": "fixed",
    },
    "Only the basics are known": {"age": 55, "sex": 1, "cp": 2, "trestbps": 135, "chol": 240},
}  # fmt: skip


@dataclass(frozen=True)
class Doubt:
    """Something about one field that makes a prediction less sure.

    `code` is out_of_training_range, unseen_category or missing_imputed.
    """

    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Prediction:
    """One patient's risk. `interval` is the central 90 % of the refitted members' probabilities."""

    probability: float
    interval: tuple[float, float]
    decision: bool
    threshold: float
    warnings: tuple[Doubt, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "probability": self.probability,
            "interval": list(self.interval),
            "decision": self.decision,
            "threshold": self.threshold,
            "warnings": [dict(vars(doubt)) for doubt in self.warnings],
        }


def parse_patient(patient: Mapping[str, Any], *, text: bool = False) -> np.ndarray:
    """One patient's values in schema order, (13,) float64, NaN = unknown.

    Raises:
        ConfigError: a key is not a feature.
        DataError: a value cannot be any living patient's; starts with the field.
    """
    for key in patient:
        if key not in FEATURE_NAMES:
            raise ConfigError(
                str(key)[:60], f"is not a feature; use some of {', '.join(FEATURE_NAMES)}"
            )
    values = [parse_value(f, patient.get(f.name), text=text) for f in FEATURES]
    return np.array([np.nan if value is None else value for value in values])


def parse_threshold(threshold: Any, default: float) -> float:
    """A decision threshold from 0 to 1; None = the default.

    Raises:
        ConfigError: not a finite number from 0 to 1.
    """
    if threshold is None:
        return default
    number = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if not number or not 0 <= threshold <= 1:
        raise ConfigError(
            "threshold", f"must be a number from 0 to 1 or null, got {str(threshold)[:60]}"
        )
    return float(threshold)


class HeartModel:
    """A verified heart artifact, ready to predict. Stateless after construction; thread-safe."""

    def __init__(self, artifact: Artifact) -> None:
        names = [f["name"] for f in artifact.metadata.features]
        if artifact.metadata.task != TASK or names != list(FEATURE_NAMES):
            raise ArtifactError(
                "metadata.json",
                f"must be of task {TASK} with the features {list(FEATURE_NAMES)}, is of task "
                f"{artifact.metadata.task!r} with {names}; point to a heart model",
            )
        preprocessor = artifact.preprocessor
        if preprocessor is None:
            raise ArtifactError("metadata.json", "has no preprocessing; train the model again")
        self.artifact = artifact
        self.preprocessor: TabularPreprocessor = preprocessor
        self.threshold = parse_threshold(artifact.metadata.evaluation.get("threshold"), 0.5)

    @classmethod
    def load(cls, folder: str | Path) -> "HeartModel":
        """Reads and verifies a folder; raises ArtifactError."""
        return cls(load_artifact(folder))

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """The served probability of disease: (N, 13) float64, NaN = unknown -> (N,)."""
        return self.artifact.predict(x)[:, 1]

    def predict(self, patient: Mapping[str, Any], threshold: Any = None) -> Prediction:
        """Risk of one patient, given by feature name; a missing key or None is unknown.

        Raises:
            ConfigError: an unknown key, or a threshold outside 0 to 1.
            DataError: a value that no living patient has.
        """
        row = parse_patient(patient)
        cut = parse_threshold(threshold, self.threshold)
        probability, low, high = self.predict_rows(row[None])[0]
        return Prediction(
            float(probability), (float(low), float(high)), bool(probability >= cut), cut,
            self.doubts(row),
        )  # fmt: skip

    def predict_rows(self, x: np.ndarray) -> np.ndarray:
        """Probability of disease and its interval: (N, 13) -> (N, 3) float64."""
        members = self.artifact.probabilities(x)[..., 1]
        point = self.artifact.metadata.point_members
        refits = members[point:] if point < len(members) else members
        low, high = np.quantile(refits, INTERVAL, axis=0)
        return np.stack([members[:point].mean(0), low, high], 1)

    def doubts(self, row: np.ndarray) -> tuple[Doubt, ...]:
        """What about one row (13,) the model has to guess."""
        found = []
        for column, value in zip(self.preprocessor.columns, row.tolist(), strict=True):
            doubt = _doubt(column, value)
            if doubt:
                found.append(doubt)
        return tuple(found)

    def _all_doubts(self, rows: np.ndarray) -> list[tuple[Doubt, ...]]:
        """`doubts` of each row (N, 13); a value that many share is looked at once."""
        found: list[list[Doubt]] = [[] for _ in rows]
        for position, column in enumerate(self.preprocessor.columns):
            values, which = np.unique(rows[:, position], return_inverse=True)
            each = [_doubt(column, value) for value in values.tolist()]
            for i, value in enumerate(which.tolist()):
                if (doubt := each[value]) is not None:
                    found[i].append(doubt)
        return [tuple(doubts) for doubts in found]

    def predict_file(self, source: str | Path | bytes, threshold: Any = None) -> "BatchResult":
        """Predicts every row of a CSV, in its order; a bad row is marked, never dropped.

        Raises:
            DataError: the file as a whole cannot be used.
            ConfigError: a threshold outside 0 to 1.
        """
        cut = parse_threshold(threshold, self.threshold)
        patients = read_patients(source, MOST_ROWS, max_cells=MOST_CELLS)
        if patients.known_copy == "kaggle":
            raise DataError(
                "file",
                "is in the Kaggle copy's coding, whose category codes mean something else here; "
                "recode cp, restecg, slope, ca and thal to UCI's codes first",
            )
        rows, errors = _parse_rows(patients)
        good = np.array([i for i in range(len(rows)) if i not in errors], dtype=np.int64)
        answers = np.full((len(rows), 3), np.nan)
        for start in range(0, len(good), _AT_ONCE):
            some = good[start : start + _AT_ONCE]
            answers[some] = self.predict_rows(rows[some])
        doubts: list[tuple[Doubt, ...]] = [()] * len(rows)
        for i, found in zip(good.tolist(), self._all_doubts(rows[good]), strict=True):
            doubts[i] = found
        return BatchResult(patients, answers, cut, doubts, errors)


def _doubt(column: NumericalColumn | CategoricalColumn, value: float) -> Doubt | None:
    """What the model has to guess where one field has this value (NaN = unknown)."""
    about = feature(column.name)
    if np.isnan(value):
        used = (
            f"the training median, {about.format(column.median)}, was used"
            if isinstance(column, NumericalColumn)
            else "the model's slot for unknown was used"
        )
        text = f"{about.label} is unknown; {used}."
        return Doubt(column.name, "missing_imputed", text)
    if isinstance(column, NumericalColumn):
        if column.low <= value <= column.high:
            return None
        text = (
            f"{about.label} {about.format(value)} lies outside the training patients' "
            f"{column.low:g} to {column.high:g}; the model extrapolates."
        )
        return Doubt(column.name, "out_of_training_range", text)
    if value in column.codes:
        return None
    text = (
        f"No training patient had {about.label.lower()} = {about.format(value)}; "
        "it was treated as unknown."
    )
    return Doubt(column.name, "unseen_category", text)


def _parse_rows(patients: PatientFile) -> tuple[np.ndarray, dict[int, str]]:
    """Every row's values (N, 13), and why a row has none: its first bad field in schema order."""
    errors = dict(patients.row_errors)
    rows = np.full((len(patients.rows), len(FEATURES)), np.nan)
    for position, about in enumerate(FEATURES):
        if about.name not in patients.columns:
            continue
        name = patients.columns[about.name]
        read: dict[str, float | str] = {}  # a column repeats few cells many times
        for i, cells in enumerate(patients.rows):
            if i in errors:
                continue
            cell = cells[name]
            if cell not in read:
                read[cell] = _parse_cell(about, cell)
            value = read[cell]
            if isinstance(value, str):
                errors[i] = value
            else:
                rows[i, position] = value
    return rows, dict(sorted(errors.items()))


def _parse_cell(about: Feature, cell: str) -> float | str:
    """The cell's number, NaN = unknown, or what is wrong with it."""
    try:
        value = parse_value(about, cell, text=True)
    except DataError as error:
        return str(error)
    return np.nan if value is None else value


@dataclass(frozen=True, eq=False)
class BatchResult:
    """A predicted file. `answers` (N, 3) is probability, low, high; NaN where `errors` says why."""

    patients: PatientFile
    answers: np.ndarray
    threshold: float
    doubts: list[tuple[Doubt, ...]]
    errors: dict[int, str]

    def to_csv(self) -> str:
        """The file's own columns, then probability, interval, decision, warnings, error."""
        ours = ["probability", "interval_low", "interval_high", "threshold", "decision"]
        ours += ["warnings", "error"]
        header = list(self.patients.header)
        out = _Rows()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([*header, *(f"predicted_{n}" if n in header else n for n in ours)])
        for i, cells in enumerate(self.patients.rows):
            # A cell that a spreadsheet would run as a formula is the sender's own, but it may have
            # passed through other hands since: it is handed back as text.
            own = [_inert(c) if c[:1] in _FORMULA else c for c in cells.values()]
            if i in self.errors:
                writer.writerow([*own, "", "", "", self.threshold, "", "", self.errors[i]])
                continue
            probability, low, high = self.answers[i].tolist()
            decision = "disease" if probability >= self.threshold else "no disease"
            codes = " ".join(f"{doubt.field}:{doubt.code}" for doubt in self.doubts[i])
            writer.writerow([*own, probability, low, high, self.threshold, decision, codes, ""])
        return "".join(out)


class _Rows(list[str]):
    """What csv.writer writes to, one row a call. Only where rows end in both characters does it
    put quotes around a cell that holds the first of them, which would else end the row."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n") + "\n")


def _inert(cell: str) -> str:
    is_formula = cell[:1] in ("=", "@", "\t", "\r") or (
        cell[:1] in ("+", "-") and not cell[1:2].isdigit() and cell[1:2] != "."
    )
    return f"'{cell}" if is_formula else cell


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold: the shares of patients at or above it with disease, and without."""

    threshold: float
    found: Estimate
    alarms: Estimate


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """What the model did for the study's patients, out of fold.

    `labels` (N,) and `probabilities` (N,), the mean over repeats; `rows` are those of thresholds
    0, 0.01, ... 1.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    rows: tuple[OperatingPoint, ...]


def operating_points(model: HeartModel) -> OperatingPoints:
    """Sensitivity and false-alarm rate at a grid of thresholds, with Wilson intervals."""
    record = model.artifact.metadata.evaluation["out_of_fold"]
    y = np.array(record["labels"])
    p = np.array(record["probabilities"]).mean(0)
    rows = []
    for step in range(101):
        table = counts(y, p, step / 100)
        sick = table.true_positive + table.false_negative
        well = table.false_positive + table.true_negative
        found = wilson_interval(table.true_positive, sick)
        alarms = wilson_interval(table.false_positive, well)
        rows.append(OperatingPoint(step / 100, found, alarms))
    return OperatingPoints(y, p, tuple(rows))
