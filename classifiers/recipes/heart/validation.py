"""Repeated cross-validation of the heart model: what it says of patients it was not trained on.

The networks are kept, so that the same patients can be asked about again with fields hidden.
"""

from dataclasses import dataclass

import numpy as np

from classifiers.data.splits import fold_weights, stratified_folds
from classifiers.recipes.heart.serving.ensemble import Ensemble
from classifiers.recipes.heart.training import TRAINING, fit_ensembles, fit_logistic_regression

FOLDS, REPEATS = 10, 5


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Each fold's ensemble, and who was held out of it.

    `x` (N, 13), NaN = missing, and `y` (N,); `fold_ids` (R, N); `ensembles`, R * FOLDS of them.
    """

    x: np.ndarray
    y: np.ndarray
    fold_ids: np.ndarray
    ensembles: list[Ensemble]

    def risks(self, known: np.ndarray | None = None) -> np.ndarray:
        """Each patient's risk by networks that did not train on them, (R, N).

        Shape: `known` (13,) or (N, 13) bool, the fields that are not hidden; None = all.
        """
        x = self.x if known is None else np.where(known, self.x, np.nan)
        risks = np.empty(self.fold_ids.shape)
        for repeat, fold, rows in self._held_out():
            risks[repeat, rows] = self.ensembles[repeat * FOLDS + fold].risk(x[rows])
        return risks

    def logistic_risks(self, known: np.ndarray | None = None) -> np.ndarray:
        """The same by logistic regressions fitted on the known fields alone, (R, N)."""
        count = self.x.shape[1]
        known = np.broadcast_to(True if known is None else known, (len(self.x), count))
        risks = np.empty(self.fold_ids.shape)
        for repeat, fold, rows in self._held_out():
            trained_on = self.fold_ids[repeat] != fold
            for fields in np.unique(known[rows], axis=0):
                some = rows[(known[rows] == fields).all(1)]
                fitted = fit_logistic_regression(self.x, self.y, trained_on, fields)
                risks[repeat, some] = fitted[some]
        return risks

    def _held_out(self) -> list[tuple[int, int, np.ndarray]]:
        return [
            (repeat, fold, np.flatnonzero(ids == fold))
            for repeat, ids in enumerate(self.fold_ids)
            for fold in range(FOLDS)
        ]


def cross_validate(x: np.ndarray, y: np.ndarray, *, seed: int = TRAINING.seed) -> CrossValidation:
    """Stratified cross-validation, repeated; preprocessing is fitted inside each fold."""
    fold_ids = stratified_folds(y, FOLDS, REPEATS, seed)
    parts = fold_weights(fold_ids, FOLDS)
    return CrossValidation(x, y, fold_ids, fit_ensembles(x, y, parts).ensembles(x, parts))
