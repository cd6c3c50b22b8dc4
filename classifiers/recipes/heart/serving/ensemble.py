"""The networks behind a heart model: the risk, and its interval, whatever is known of a patient.

What is unknown is averaged over what it may be given what is known (see `classifiers.missing`).
The interval comes from the refits: each has an imputation of its own, their spread is widened by a
factor, and the log odds themselves may be too timid or too bold by some share (the slope of a
calibration line, which refits share and so can't show). With both, intervals hold in simulated
cohorts (see `experiments.simulation`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch

from classifiers.artifacts import Artifact
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError
from classifiers.missing import Averager, Averages, Gaussian
from classifiers.network import MLP
from classifiers.preprocessing import NumericalColumn, TabularPreprocessor

INTERVAL = (0.05, 0.95)  # quantiles over the widened refits: a central 90 % interval
WIDENING = 1.5  # what training stores; see `experiments.simulation`
SLOPE = 0.3  # standard deviation of the calibration slope; stored, likewise
_IMPUTATION_SEED = 1337
_GOLDEN = (math.sqrt(5) - 1) / 2
_BITS = 2 ** np.arange(len(FEATURE_NAMES))


@dataclass(frozen=True, eq=False)
class Risks:
    """What is said of N patients.

    `risk` (N,); `refits` (K, N), the widened refits' risks; `known` (N,), the share of the logit's
    variance that the known fields explain.
    """

    risk: np.ndarray
    refits: np.ndarray
    known: np.ndarray

    @property
    def intervals(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and upper ends of the central 90 % interval, each (N,)."""
        low, high = expit(np.quantile(logit(self.refits), INTERVAL, axis=0))
        return low, high


class Ensemble:
    """Networks that are asked for patients of whom anything may be unknown.

    Rows are (N, 13) float64 in schema order, NaN = unknown; a category that training did not hold
    counts as unknown.

    Args:
        preprocessor: fitted on the training rows.
        network: K members, float64; the mean of the first `points` is the risk, the others, if
            there are any, are refits and give its interval.
        points: from 1 to K.
        reference: what `describe_training` gives; None = nothing may be unknown.
        widening: the factor on the refits' deviations.
        slope: the standard deviation of the calibration slope.
    """

    def __init__(
        self,
        preprocessor: TabularPreprocessor,
        network: MLP,
        points: int,
        reference: Mapping[str, Any] | None,
        widening: float = WIDENING,
        slope: float = SLOPE,
    ) -> None:
        self.preprocessor = preprocessor
        self.widening, self.slope = widening, slope
        self._network, self._points, self._reference = network, points, reference
        names = preprocessor.input_names
        # A part of the patients may lack a rare code: further inputs of its network are always 0.
        self.owner = np.full(network.in_features, -1)
        self.owner[: len(names)] = [FEATURE_NAMES.index(n.partition("=")[0]) for n in names]
        self._slots = np.zeros(network.in_features, bool)
        self._slots[: len(names)] = [not name.endswith("=unknown") for name in names]

    @classmethod
    def of(cls, artifact: Artifact, preprocessor: TabularPreprocessor) -> Self:
        """The served one."""
        metadata = artifact.metadata
        interval = metadata.evaluation.get("interval", {})
        factor, slope = interval.get("factor", WIDENING), interval.get("slope", 0.0)
        reference = metadata.evaluation.get("reference")
        if reference and "patients" not in reference:  # trained before 1.2
            record = metadata.evaluation
            patients = len(record["out_of_fold"]["labels"]) - len(record["held_out"]["labels"])
            reference = {**reference, "patients": patients}
        return cls(preprocessor, artifact.network, metadata.point_members, reference, factor, slope)

    @property
    def reference(self) -> Mapping[str, Any]:
        """What an explanation needs to know of the training rows, with no row in it.

        Raises:
            ArtifactError: the model was trained before this was stored.
        """
        if not self._reference:
            raise ArtifactError(
                "metadata.json",
                "has no evaluation.reference, without which nothing may be unknown and nothing is "
                "explained; train the model again",
            )
        return self._reference

    @cached_property
    def gaussian(self) -> Gaussian:
        """Of the training patients' inputs."""
        mean, covariance = (np.array(self.reference[key]) for key in ("inputs", "covariance"))
        return Gaussian(mean[None], covariance[None], self._slots)

    @cached_property
    def point(self) -> Averager:
        """The networks whose mean is the risk."""
        return Averager(self._network.copy(members=range(self._points)), self.gaussian)

    @cached_property
    def refits(self) -> Averager:
        """The refitted networks, each with moments as another sample of patients has them."""
        members = range(self._points, self._network.members) or range(self._points)
        patients = int(self.reference["patients"])
        moments = self.gaussian.resample(len(members), patients, _IMPUTATION_SEED)
        return Averager(self._network.copy(members=members), moments)

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """(N, 13) to the network's inputs (N, F)."""
        prepared = self.preprocessor.transform(x)
        return np.pad(prepared, ((0, 0), (0, len(self.owner) - prepared.shape[1])))

    def known_fields(self, x: np.ndarray) -> np.ndarray:
        """(N, 13) bool."""
        known = [
            ~np.isnan(values)
            if isinstance(column, NumericalColumn)
            else np.isin(values, column.codes)
            for column, values in zip(self.preprocessor.columns, x.T, strict=True)
        ]
        return np.stack(known, 1)

    def known_inputs(self, fields: np.ndarray) -> np.ndarray:
        """Fields (..., 13) bool to inputs (..., F) bool."""
        return fields[..., self.owner] & self._slots

    def patterns(self, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Groups of rows of which the same fields are known: (fields (13,), rows (n,)) each."""
        if not len(x):
            return []
        known = self.known_fields(x)
        code = known @ _BITS
        order = np.argsort(code, kind="stable")
        starts = np.flatnonzero(np.diff(code[order])) + 1
        return [(known[rows[0]], rows) for rows in np.split(order, starts)]

    def risk(self, x: np.ndarray) -> np.ndarray:
        """The served risk, (N,)."""
        result, inputs = np.empty(len(x)), self.inputs(x)
        for fields, rows in self.patterns(x):
            averages = self.point.average(inputs[rows], self.known_inputs(fields))
            result[rows] = averages.probability.mean(0)
        return result

    def risks(self, x: np.ndarray) -> Risks:
        """The served risk, the widened refits and the share that is known."""
        risk, share = np.empty(len(x)), np.empty(len(x))
        refits = np.empty((self.refits.network.members, len(x)))
        inputs = self.inputs(x)
        for fields, rows in self.patterns(x):
            known = self.known_inputs(fields)
            risk[rows] = self.point.average(inputs[rows], known).probability.mean(0)
            share[rows] = self.point.share_known(known)
            refits[:, rows] = self.refits.average(inputs[rows], known).probability
        logits, centre = logit(refits), logit(risk)
        deviations = self.widening * (logits - logits.mean(0))
        timid = self.slope * normal_scores(len(refits))[:, None] * centre
        return Risks(risk, expit(centre + deviations + timid), share)

    def outlook(self, row: np.ndarray) -> Averages:
        """What each network says of one row (13,), with the moments of its logit: (E, 1)."""
        known = self.known_inputs(self.known_fields(row[None])[0])
        return self.point.average(self.inputs(row[None]), known)

    def share_known(self, fields: np.ndarray) -> float:
        """Share of the logit's variance that the known fields (13,) bool explain."""
        return self.point.share_known(self.known_inputs(fields))


def describe_training(
    preprocessor: TabularPreprocessor, x: np.ndarray, width: int
) -> dict[str, Any]:
    """What an ensemble needs to know of its training rows (N, 13), with no row in it.

    Returns:
        `patients`, how many they are, and `inputs` (F,) and `covariance` (F, F) of their prepared
        rows, F = `width` with zeros at the end where the preprocessor gives fewer.
    """
    inputs = preprocessor.transform(x)
    inputs = np.pad(inputs, ((0, 0), (0, width - inputs.shape[1])))
    return {
        "patients": len(x),
        "inputs": inputs.mean(0).tolist(),
        "covariance": np.cov(inputs.T, bias=True).tolist(),
    }


def normal_scores(count: int) -> np.ndarray:
    """(count,) values with mean 0 and deviation 1, normal, in an order that tells nothing: the
    quantiles of the golden ratio's multiples. A single one is 0."""
    places = torch.from_numpy((0.5 + _GOLDEN * np.arange(count)) % 1)
    scores = torch.special.ndtri(places).numpy()
    return (scores - scores.mean()) / (scores.std() or 1.0)


def logit(p: np.ndarray) -> np.ndarray:
    """Log-odds, finite for any probability."""
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return np.log(p) - np.log1p(-p)


def expit(z: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0, -z))
