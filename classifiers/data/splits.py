"""Which rows train, validate and test: index splits, and cross-validation folds as weights.

Results equal scikit-learn's for the same seed. It is imported inside the functions that need it,
since the playground's plain split does not and should not wait for it. This module knows labels
and row counts, nothing of features or networks.
"""

from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifiers.errors import ConfigError, DataError

Integers = NDArray[np.int64]
_APART = 2**30  # further than any number of members


def split_seed(seed: int, member: int) -> int:
    """The seed with which a member splits points that it drew with `seed + member`.

    Another one, but for member 0, which is the playground's: the same would shuffle the points
    twice by one permutation.
    """
    return (seed + member + (_APART if member else 0)) % 2**31


def split_indices(
    n: int, test_share: float, seed: int, *, stratify: ArrayLike | None = None
) -> tuple[Integers, Integers]:
    """Row numbers (n_train,) and (n_test,), int64, with n_test = ceil(test_share * n).

    Equals scikit-learn's `train_test_split(range(n), test_size=test_share, random_state=seed,
    stratify=stratify)`, order included.

    Args:
        n: number of rows.
        test_share: part of the rows to test on, strictly between 0 and 1.
        seed: 0 to 2^32 - 1.
        stratify: labels (n,); each part then holds the classes in their overall proportions.

    Raises:
        ConfigError: `test_share` is out of range or leaves no training row.
        DataError: `stratify` has another length, a class with a single row, or more classes than
            one of the parts has rows.
    """
    n_test = _part_size("test_share", test_share, n)
    if stratify is not None:
        y = _labels("stratify", stratify)
        if len(y) != n:
            raise DataError("stratify", f"must have one label a row, {n}, got {len(y)}; pass all")
        return _stratified(y, n_test, seed, "stratify", "test_share")
    order = np.random.RandomState(seed).permutation(n)
    return order[n_test:], order[:n_test]


def stratified_folds(y: ArrayLike, folds: int, repeats: int, seed: int) -> Integers:
    """In which fold each row is held out: (repeats, N) int64 of numbers 0..folds-1.

    Equals scikit-learn's `RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats,
    random_state=seed)`.

    Args:
        y: class labels (N,).
        folds: at least 2.
        repeats: at least 1; each repeat deals the rows anew.
        seed: 0 to 2^32 - 1.

    Raises:
        ConfigError: `folds` or `repeats` is too small.
        DataError: a class has fewer rows than there are folds.
    """
    labels = _labels("y", y)
    if folds < 2:
        raise ConfigError(
            "folds", f"must be at least 2, got {folds}; one fold has no training rows"
        )
    if repeats < 1:
        raise ConfigError("repeats", f"must be at least 1, got {repeats}; use 1 for a single deal")
    _require_rows("y", labels, folds, f"{folds} folds", "use fewer folds")

    from sklearn.model_selection import RepeatedStratifiedKFold

    dealer = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    fold_ids = np.empty((repeats, len(labels)), dtype=np.int64)
    for member, (_, held_out) in enumerate(dealer.split(labels[:, None], labels)):
        fold_ids[member // folds, held_out] = member % folds
    return fold_ids


def fold_weights(fold_ids: ArrayLike, folds: int) -> NDArray[np.float32]:
    """Training weights of one member a fold and repeat, for training all of them at once.

    Args:
        fold_ids: (R, N) integers in 0..folds-1, from `stratified_folds`.
        folds: number of folds.

    Returns:
        (R * folds, N) float32. Member `r * folds + f` has weight 0 on the rows with
        `fold_ids[r] == f`, which are out-of-fold for it, and 1 on the rows it trains on. Of the
        members of one repeat, exactly one has weight 0 on a given row.

    Raises:
        DataError: `fold_ids` is not (R, N) or holds a number outside 0..folds-1.
    """
    ids = np.asarray(fold_ids)
    if ids.ndim != 2:
        raise DataError("fold_ids", f"must have shape (R, N), got {ids.shape}; one row a repeat")
    if not np.isin(ids, np.arange(folds)).all():
        raise DataError(
            "fold_ids",
            f"must lie in 0..{folds - 1}, got {ids.min()}..{ids.max()}; pass the number of folds "
            "they were made with",
        )
    trains = ids[:, None, :] != np.arange(folds)[None, :, None]
    return trains.reshape(-1, ids.shape[1]).astype(np.float32)


def _part_size(field: str, share: float, n: int) -> int:
    """ceil(share * n), as scikit-learn rounds."""
    if not 0 < share < 1:
        raise ConfigError(field, f"must lie strictly between 0 and 1, got {share}; 0.2 is usual")
    size = ceil(share * n)
    if not 0 < size < n:
        raise ConfigError(
            field, f"must leave at least 1 of the {n} rows on each side, got {share}; add rows"
        )
    return size


def _labels(field: str, y: ArrayLike) -> NDArray:
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise DataError(field, f"must have shape (N,), got {labels.shape}; give one label a row")
    return labels


def _require_rows(field: str, labels: NDArray, least: int, purpose: str, fix: str) -> None:
    if not len(labels):
        raise DataError(field, "must have at least one row, got none; pass the labels of all rows")
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < least:
        raise DataError(
            field,
            f"must have at least {least} rows of every class for {purpose}, got {counts.min()} of "
            f"class {classes[counts.argmin()]}; {fix} or add rows",
        )


def _stratified(
    labels: NDArray, size: int, seed: int, labels_field: str, share_field: str
) -> tuple[Integers, Integers]:
    """All rows but `size`, and those `size` rows, each with the classes in proportion."""
    _require_rows(labels_field, labels, 2, "a stratified split", "leave that class out")
    classes = len(np.unique(labels))
    smaller = min(size, len(labels) - size)
    if smaller < classes:
        raise DataError(
            share_field,
            f"must give each part a row for each of the {classes} classes, got a part of "
            f"{smaller}; move the share towards 0.5 or add rows",
        )

    from sklearn.model_selection import StratifiedShuffleSplit

    splitter = StratifiedShuffleSplit(n_splits=1, test_size=size, random_state=seed)
    rest, chosen = next(splitter.split(labels[:, None], labels))
    return rest, chosen
