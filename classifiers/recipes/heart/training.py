"""How the heart model is trained: its settings, and ensembles fitted on parts of the patients.

A deep ensemble in two groups. The first members are fitted to the training patients as they are;
their mean is the prediction. The others are refitted with random patient weights (the Bayesian
bootstrap), so that their spread covers the chance of which patients were in the study, beside the
chance of training: widened, it is the interval. All folds and repeats of cross-validation are
members too.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from classifiers.config import NetworkConfig, TrainingConfig
from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.network import MLP
from classifiers.preprocessing import TabularPreprocessor
from classifiers.recipes.heart.serving.ensemble import Ensemble, describe_training
from classifiers.training import Rows, train

CLASS_NAMES = ["no heart disease", "heart disease"]
CATEGORICAL = tuple(f.name for f in FEATURES if f.kind == "categorical")

# Nothing here was chosen on the patients that are reported. The lesson's: width, activation,
# optimiser, learning rate, seed. The project's contract: dropout, l2, epochs.
NETWORK = NetworkConfig(widths=(32,), activation="relu", dropout=0.2, outputs="one_logit")
TRAINING = TrainingConfig(
    optimizer="adam", learning_rate=0.001, epochs=300, l2=0.01, members=10, seed=42
)
REFITS = 40
LESSON_TEST_SHARE, LESSON_SPLIT_SEED = 0.2, 1337

_GROUP = 20  # members trained at once


@dataclass(frozen=True, eq=False)
class Fitted:
    """Ensembles of E members fitted on F parts of one table.

    `network` holds all F * E members, those of a part together; `probabilities` (F, E, N) is
    the probability of disease for every row of the table.
    """

    network: MLP
    preprocessors: list[TabularPreprocessor]
    probabilities: np.ndarray

    def ensembles(self, x: np.ndarray, parts: np.ndarray) -> list[Ensemble]:
        """Each part's ensemble as it would be served, without refits.

        Shape: `x` (N, 13) and `parts` (F, N) as they were fitted.
        """
        members = self.network.members // len(parts)
        made = []
        for i, (preprocessor, part) in enumerate(zip(self.preprocessors, parts, strict=True)):
            chosen = range(i * members, (i + 1) * members)
            network = self.network.copy(members=chosen, dtype=torch.float64)
            reference = describe_training(preprocessor, x[part > 0], network.in_features)
            made.append(Ensemble(preprocessor, network, members, reference))
        return made


def fit_ensembles(
    x: np.ndarray,
    y: np.ndarray,
    parts: np.ndarray,
    *,
    network: NetworkConfig = NETWORK,
    training: TrainingConfig = TRAINING,
    resample: bool = False,
) -> Fitted:
    """Fits an ensemble of `training.members` on each of F parts of the rows.

    Shape: `x` (N, 13) float64, NaN = missing; `y` (N,); `parts` (F, N), 1 = trained on.
    Preprocessing is fitted on each part alone. `resample` draws the members' row weights from
    the Bayesian bootstrap (Rubin 1981): independent standard exponentials.
    """
    preprocessors = [TabularPreprocessor.fit(x[p > 0], FEATURE_NAMES, CATEGORICAL) for p in parts]
    labels = torch.from_numpy(y)

    def rows_of(inputs: torch.Tensor, chosen: slice, seed: int) -> Rows:
        weights = np.repeat(parts[chosen], training.members, axis=0).astype(np.float32)
        if resample:
            weights *= np.random.default_rng(seed).standard_exponential(weights.shape, np.float32)
        return Rows(inputs, labels, torch.from_numpy(weights))

    return fit_members(x, preprocessors, rows_of, network, training)


def fit_members(
    x: np.ndarray,
    preprocessors: list[TabularPreprocessor],
    rows_of: Callable[[torch.Tensor, slice, int], Rows],
    network: NetworkConfig,
    training: TrainingConfig,
) -> Fitted:
    """Trains `training.members` members on each of F parts of one table, part after part.

    Members are trained in groups that fit a core's cache, one thread a core; a group's result
    does not depend on how many cores there are.

    Args:
        x: the table (N, 13), NaN = missing.
        preprocessors: one a part.
        rows_of: what a group trains on, given its inputs (its parts * E, N, inputs), which of the
            parts it holds, and its seed.
    """
    # A part may lack a rare code; its inputs are padded with zeros, which carry no signal.
    width = max(len(preprocessor.input_names) for preprocessor in preprocessors)
    members = training.members
    parts_a_group = max(1, _GROUP // members)

    def fit(start: int) -> tuple[torch.Tensor, np.ndarray]:
        chosen = slice(start, start + parts_a_group)
        inputs = np.zeros((len(preprocessors[chosen]), len(x), width), np.float32)
        for i, preprocessor in enumerate(preprocessors[chosen]):
            values = preprocessor.transform(x)
            inputs[i, :, : values.shape[1]] = values
        shared = torch.from_numpy(inputs).repeat_interleave(members, 0)
        seed = training.seed + start * members
        group = MLP(network, width, 2, len(shared)).initialize(seed)
        settings = training.model_copy(update={"seed": seed})
        for _ in train(group, settings, rows_of(shared, chosen, seed), record_at=()):
            pass
        p = group.probabilities(shared)[..., 1].double().numpy()
        return group.parameters, p.reshape(-1, members, len(x))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        fitted = list(pool.map(fit, range(0, len(preprocessors), parts_a_group)))
    whole = MLP(network, width, 2, members * len(preprocessors))
    whole.parameters.copy_(torch.cat([parameters for parameters, _ in fitted]))
    return Fitted(whole, preprocessors, np.concatenate([p for _, p in fitted]))


def fit_logistic_regression(
    x: np.ndarray, y: np.ndarray, trained_on: np.ndarray, fields: np.ndarray | None = None
) -> np.ndarray:
    """Probabilities (N,) of all rows by scikit-learn's LogisticRegression(C=1).

    `fields` (13,) bool are the features it may see; None = all.
    """
    from sklearn.linear_model import LogisticRegression

    seen = np.ones(len(FEATURE_NAMES), bool) if fields is None else fields
    if not seen.any():
        return np.full(len(x), y[trained_on].mean())
    x, names = (
        x[:, seen],
        [name for name, is_seen in zip(FEATURE_NAMES, seen, strict=True) if is_seen],
    )
    categorical = [name for name in names if name in CATEGORICAL]
    preprocessor = TabularPreprocessor.fit(x[trained_on], names, categorical)
    inputs = preprocessor.transform(x)
    model = LogisticRegression(C=1.0, max_iter=2000).fit(inputs[trained_on], y[trained_on])
    return model.predict_proba(inputs)[:, 1]


def fit_served(x: np.ndarray, y: np.ndarray, part: np.ndarray) -> tuple[MLP, TabularPreprocessor]:
    """The point members and then the refits, and their preprocessor.

    Shape: `x` (N, 13), NaN = missing; `y` (N,); `part` (N,), 1 = trained on.
    """
    parts = part[None].astype(np.float32)
    point = fit_ensembles(x, y, parts)
    refitting = TRAINING.model_copy(
        update={"members": REFITS, "seed": TRAINING.seed + TRAINING.members}
    )
    refits = fit_ensembles(x, y, parts, training=refitting, resample=True)
    network = MLP(NETWORK, point.network.in_features, 2, TRAINING.members + REFITS)
    network.parameters.copy_(torch.cat([point.network.parameters, refits.network.parameters]))
    return network, point.preprocessors[0]
