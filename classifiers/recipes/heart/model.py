"""The heart model as it is served: one patient or a table of them, in; risk and doubts, out.

It turns what an outsider sent into rows, asks the verified artifact, and says what about the
answer should be doubted. Training is in `training`.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.artifacts import (
    CONFIG_FILE,
    METADATA_FILE,
    MODEL_FILE,
    Artifact,
    hub_config,
    load_artifact,
    resave_artifact,
)
from classifiers.data.heart.file import FEATURE_NAMES, FEATURES, PatientFile, Reading
from classifiers.errors import ArtifactError
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.record.figures import draw_calibration, draw_net_benefit
from classifiers.recipes.heart.serving.decision import decide
from classifiers.recipes.heart.serving.doubts import Doubt, find_doubts, find_other_codings
from classifiers.recipes.heart.serving.ensemble import Ensemble
from classifiers.recipes.heart.serving.operating import OperatingPoints, OperatingRecord
from classifiers.recipes.heart.serving.outlook import Outlook, look_ahead
from classifiers.recipes.heart.serving.patient import (
    parse_patient,
    parse_table,
    parse_threshold,
    plain_row,
)
from classifiers.recipes.heart.serving.samples import SAMPLE_PATIENTS as SAMPLE_PATIENTS
from classifiers.recipes.heart.tables.predictions import BatchResult
from classifiers.recipes.heart.tables.read import read_batch
from classifiers.wording import bounded

if TYPE_CHECKING:  # importing the package loads no matplotlib
    from matplotlib.figure import Figure

TASK = "heart-disease"
_AT_ONCE = 2_000  # rows through the network; 20,000 at once take 300 MB
# Sets of known fields at once: each takes milliseconds, and somebody watches how far it is.
_PATTERNS_AT_ONCE = 40


@dataclass(frozen=True)
class Prediction:
    """One patient's risk, given what is known of the patient.

    `interval` (90 %) is for that risk at the study's clinic. `known` is the share of the log-odds'
    variance that the known fields explain, 1 = all; `decision` is None where it is too small.
    `refits` are the risks by the widened refits that the interval is of, ascending.
    """

    probability: float
    interval: tuple[float, float]
    decision: bool | None
    threshold: float
    known: float
    warnings: tuple[Doubt, ...]
    refits: tuple[float, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        return {
            "probability": self.probability,
            "interval": list(self.interval),
            "decision": self.decision,
            "threshold": self.threshold,
            "known": self.known,
            "warnings": [dict(vars(doubt)) for doubt in self.warnings],
        }


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
        name = str(folder)
        if re.fullmatch(r"[\w-]+/[\w.-]+(@.*)?", name) and not Path(folder).exists():
            repo, _, ref = name.partition("@")
            told = f'"{repo}", revision="{ref}"' if ref else f'"{repo}"'
            raise ArtifactError(
                name, f"is no folder here; of the Hub it is HeartModel.from_pretrained({told})"
            )
        return cls(load_artifact(folder))

    @classmethod
    def from_pretrained(
        cls, repo: str, revision: str = "main", *, cache: str | Path | None = None
    ) -> "HeartModel":
        """A model from the Hub, verified like every artifact; needs the extra `hub`.

        It is kept in the Hub client's cache, or in `cache`: without the Hub, the last version that
        was verified is loaded again. A commit's 40 hex digits as `revision` are asked for once.

        Raises:
            ConfigError: `repo` is not user/name.
            ArtifactError: the Hub cannot be asked, has no such model, or what it has is refused.
        """
        from classifiers.hub import Revision, fetch

        at = Revision.parse(f"{repo}@{revision}", "repo")
        folder = None if cache is None else Path(cache)
        return fetch(at, (METADATA_FILE, MODEL_FILE), cls.load, folder, CONFIG_FILE)

    def push_to_hub(self, repo: str, *, private: bool = False, message: str | None = None) -> str:
        """Sends weights, metadata and card to a model repo, made if there is none; its commit.

        The card is the one that the metadata gives, without its pictures. Beside it goes a small
        `config.json`, by which the Hub counts downloads. Needs the extra `hub`.

        Raises:
            ConfigError: `repo` is not user/name.
            ArtifactError: the Hub refused, or the repo changed meanwhile; nothing was sent.
        """
        from classifiers.hub import push

        # By name: the card is written of models, and imports them.
        card = import_module("classifiers.recipes.heart.card")
        with TemporaryDirectory() as folder:
            evaluation = self.artifact.metadata.evaluation
            saved = resave_artifact(self.artifact, folder, evaluation=evaluation)
            files = {name: Path(folder, name).read_bytes() for name in (METADATA_FILE, MODEL_FILE)}
        files[CONFIG_FILE] = hub_config(saved.metadata)
        text = card.render_card(self, pictures=False).encode()
        files[card.CARD_FILE] = card.name_repo(text, repo)
        return push(repo, files, private=private, message=message or "Push a heart model")

    def __repr__(self) -> str:
        metadata = self.artifact.metadata
        auc = metadata.evaluation["out_of_fold"]["metrics"]["auc"]
        return (
            f"HeartModel({metadata.point_members} networks, AUC {auc['value']:.2f} "
            f"[{auc['low']:.2f}, {auc['high']:.2f}] out of fold, threshold {self.threshold:g}, "
            f"sha256 {self.artifact.sha256[:12]})"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: what it is, how good, and how to ask it."""
        metadata = self.artifact.metadata
        scores = metadata.evaluation["out_of_fold"]["metrics"]
        told = {
            "networks": metadata.point_members,
            "trained on": metadata.source.name,
            **{f"{name}, out of fold": bounded(scores[name], 2) for name in ("auc", "brier")},
            "threshold": f"{self.threshold:g}",
            "sha256": self.artifact.sha256[:12],
            "ask it": 'predict({"age": 61, "sex": "male"}), predict_proba(table)',
        }
        rows = "".join(f"<tr><th>{k}</th><td>{escape(str(v))}</td></tr>" for k, v in told.items())
        return f"<table><caption>HeartModel</caption>{rows}</table>"

    @property
    def classes_(self) -> np.ndarray:
        """What the columns of `predict_proba` are of, as scikit-learn names it: no, yes."""
        return np.array([0, 1])

    def predict_proba(self, patients: Any) -> np.ndarray:
        """Probabilities (N, 2) float64 of no disease and disease, in scikit-learn's manner.

        Args:
            patients: a DataFrame with columns named after features, in any order, those that are
                left out unknown; or rows (N, 13) in the schema's order. None and NaN are unknown.

        Raises:
            ConfigError: a column that is no feature.
            DataError: another shape, or a value that no living patient has; names row and field.
        """
        rows = parse_table(patients)
        parts = [self.probabilities(rows[i : i + _AT_ONCE]) for i in range(0, len(rows), _AT_ONCE)]
        risk = np.concatenate([np.empty(0), *parts])
        return np.stack([1 - risk, risk], 1)

    def plot_calibration(self, patients: Any, y: Any) -> "Figure":
        """Observed frequency against predicted risk for patients, with a 95 % band.

        Args:
            patients: as `predict_proba` takes them.
            y: (N,), 1 = disease, 0 = none.

        Raises:
            ConfigError, DataError: as `predict_proba`; `y` is not that or of one class alone;
                matplotlib is not installed.
        """
        return draw_calibration(y, self.predict_proba(patients)[:, 1])

    def plot_net_benefit(self, patients: Any, y: Any) -> "Figure":
        """The decision curve for patients, with a 95 % band; as `plot_calibration`."""
        return draw_net_benefit(y, self.predict_proba(patients)[:, 1])

    @cached_property
    def ensemble(self) -> Ensemble:
        """The networks, asked for patients of whom anything may be unknown."""
        return Ensemble.of(self.artifact, self.preprocessor)

    @cached_property
    def operating_record(self) -> OperatingRecord:
        """What thresholds did for the study's patients."""
        return OperatingRecord(self.artifact.metadata.evaluation)

    def outlook(self, row: np.ndarray) -> Outlook:
        """Where the risk of one row (13,) may lie once its unknown fields are known."""
        return look_ahead(self.ensemble, row)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """The served probability of disease: (N, 13) float64, NaN = unknown -> (N,)."""
        return self.ensemble.risk(x)

    def predict(self, patient: Mapping[str, Any], threshold: Any = None) -> Prediction:
        """Risk of one patient, given by feature name; a missing key or None is unknown.

        A row of a DataFrame, a Series by feature name, is a patient too; its NaN are unknown.

        Raises:
            ConfigError: an unknown key, or a threshold outside 0 to 1.
            DataError: a value that no living patient has.
        """
        row = parse_patient(patient if isinstance(patient, Mapping) else plain_row(patient))
        cut = parse_threshold(threshold, self.threshold)
        risks = self.ensemble.risks(row[None])
        risk, known = float(risks.risk[0]), float(risks.known[0])
        low, high = (float(end[0]) for end in risks.intervals)
        decision = decide(risk, cut, known)
        refits = tuple(sorted(risks.refits[:, 0].tolist()))
        return Prediction(risk, (low, high), decision, cut, known, self.doubts(row), refits)

    def predict_rows(self, x: np.ndarray) -> np.ndarray:
        """Probability of disease, its interval and the share known: (N, 13) -> (N, 4) float64."""
        risks = self.ensemble.risks(x)
        return np.stack([risks.risk, *risks.intervals, risks.known], 1)

    def doubts(self, row: np.ndarray) -> tuple[Doubt, ...]:
        """What about one row (13,) the model has to guess."""
        return find_doubts(self.preprocessor, row[None])[0] + find_other_codings(row)

    def predict_file(
        self,
        source: str | Path | bytes | PatientFile,
        threshold: Any = None,
        reading: Reading | None = None,
    ) -> "BatchResult":
        """Predicts every row of a table, in its order; a bad row is marked, never dropped.

        Args:
            source: a file, its bytes, or one that was read already.
            reading: what the file does not say of its coding, units, codes and columns.

        Raises:
            DataError: the file as a whole cannot be used, or something has to be said of it first.
            ConfigError: a threshold outside 0 to 1, or a column that the file does not have.
        """
        steps = self.predicting_file(source, threshold, reading)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value

    def predicting_file(
        self,
        source: str | Path | bytes | PatientFile,
        threshold: Any = None,
        reading: Reading | None = None,
    ) -> Generator[int, None, "BatchResult"]:
        """As `predict_file`, which it gives at its end; yields how many rows have been answered."""
        cut = parse_threshold(threshold, self.threshold)
        patients, rows, errors = read_batch(source, reading)
        good = np.array([i for i in range(len(rows)) if i not in errors], dtype=np.int64)
        answers = np.full((len(rows), 4), np.nan)
        done = len(errors)
        # Rows of which the same is known are answered together, wherever they stand.
        for some in _portions([part for _, part in self.ensemble.patterns(rows[good])]):
            answers[good[some]] = self.predict_rows(rows[good[some]])
            done += len(some)
            yield done
        doubts: list[tuple[Doubt, ...]] = [()] * len(rows)
        found = find_doubts(self.preprocessor, rows[good])
        for i, each in zip(good.tolist(), found, strict=True):
            doubts[i] = each
        return BatchResult(patients, answers, cut, doubts, errors)


def _portions(groups: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Row numbers for one call each, of groups that are best answered together."""
    waiting: list[np.ndarray] = []
    for group in groups:
        for start in range(0, len(group), _AT_ONCE):
            part = group[start : start + _AT_ONCE]
            count = sum(map(len, waiting)) + len(part)
            if waiting and (count > _AT_ONCE or len(waiting) == _PATTERNS_AT_ONCE):
                yield np.concatenate(waiting)
                waiting = []
            waiting.append(part)
    if waiting:
        yield np.concatenate(waiting)


def operating_points(model: HeartModel, row: np.ndarray | None = None) -> OperatingPoints:
    """What each threshold did for the study's patients, out of fold, when no more was known of them
    than of this one (13,); None = everything was known.

    A dozen sets of fields were evaluated; the one within what is known that tells the most is used.
    """
    known = np.ones(len(FEATURES), bool)
    if row is not None:
        known = model.ensemble.known_fields(row[None])[0]
    record = model.operating_record
    return record.points(record.nearest(known))
