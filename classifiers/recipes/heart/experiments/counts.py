"""The study's patients counted field by field: how many had which value, with disease and without.

Counts say what was seen, nothing else held equal. They are aggregates: no patient can be put
together from them, so they may ship where the patients may not.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from classifiers.data.heart.file import FEATURES
from classifiers.errors import DataError
from classifiers.evaluation.metrics import newcombe_interval

BINS = 16  # of a numerical field, over the range of its values


def count_study(x: np.ndarray, y: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """How many patients had which value of each field, with disease and without.

    Args:
        x: (N, 13) float64, NaN = unknown, which is not counted.
        y: (N,), 1 = disease.

    Returns:
        By field: of a category {`values`, `with_disease`, `without_disease`}, its codes ascending;
        of a number {`edges`, `with_disease`, `without_disease`}, BINS bins of equal width (an
        edge's own value is counted above it, the last one's below).

    Raises:
        DataError: the shapes do not fit, or nobody has a known value of some field.
    """
    if x.shape != (len(y), len(FEATURES)):
        raise DataError("x", f"must be {len(y)} rows of {len(FEATURES)}, got {x.shape}")
    found: dict[str, dict[str, list[float]]] = {}
    for about, column in zip(FEATURES, x.T, strict=True):
        known = ~np.isnan(column)
        if not known.any():
            raise DataError(about.name, "is known of nobody; count a study that measured it")
        values, sick = column[known], np.asarray(y)[known] == 1
        parts = {"with_disease": values[sick], "without_disease": values[~sick]}
        if about.kind == "categorical":
            codes = np.unique(values)
            places = {"values": codes.tolist()}
            counted = {name: (v[:, None] == codes).sum(0).tolist() for name, v in parts.items()}
        else:
            edges = np.linspace(values.min(), values.max(), BINS + 1)
            places = {"edges": edges.tolist()}
            counted = {name: np.histogram(v, edges)[0].tolist() for name, v in parts.items()}
        found[about.name] = {**places, **counted}
    return found


def alike_categories(counted: Mapping[str, Any]) -> list[list[float]]:
    """Categories whose shares with disease the study cannot tell apart.

    Two can be told apart if the 95 % interval of their difference (Newcombe's) leaves out zero.

    Args:
        counted: a category's part of what `count_study` gives.

    Returns:
        Lists of two or more codes, none of which can be told from any other in its list, and each
        as long as it can be; the longest first.
    """
    rows = zip(counted["values"], counted["with_disease"], counted["without_disease"], strict=True)
    shares = {code: (sick, sick + well) for code, sick, well in rows if sick + well}

    def alike(codes: tuple[float, ...]) -> bool:
        gaps = [newcombe_interval(*shares[a], *shares[b]) for a, b in combinations(codes, 2)]
        return all(gap.low <= 0 <= gap.high for gap in gaps)

    found: list[tuple[float, ...]] = []
    for size in range(len(shares), 1, -1):
        for codes in combinations(shares, size):
            if alike(codes) and not any(set(codes) <= set(longer) for longer in found):
                found.append(codes)
    return [list(codes) for codes in found]
