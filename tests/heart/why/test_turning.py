"""The nearest change that turns a decision, against looking at every changed patient in turn."""

from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.preprocessing import NumericalColumn
from classifiers.recipes.heart.serving import changes
from classifiers.recipes.heart.serving.patient import parse_patient

PATIENT = {"age": 50, "sex": 1, "cp": 2, "exang": 0, "oldpeak": 1.3, "slope": 2, "ca": 1}
FREE = ("cp", "exang", "oldpeak", "slope", "ca")


def risks_of(seed: int, width: float, together: float):
    """Risks in steps of a hundredth; two changes move them by so much of what they add up to."""
    tables = np.random.default_rng(seed).random((13, 97)) - 0.5
    own = np.nan_to_num(parse_patient(PATIENT))

    def risk(rows: np.ndarray) -> np.ndarray:
        places = (np.nan_to_num(rows) * 10).round().astype(int) % 97
        moved = tables[np.arange(13), places].sum(1)
        moved *= np.where((np.nan_to_num(rows) != own).sum(1) > 1, together, 1)
        return np.clip(0.5 + width * moved, 0, 1).round(2)

    return risk


def every_change(model: Any, row: np.ndarray) -> list[list[tuple[float, float]]]:
    """(distance, risk) of every patient with one changed field, and with two."""
    grids, scales = {}, {}
    for name in FREE:
        i = FEATURE_NAMES.index(name)
        column = model.preprocessor.columns[i]
        grid = changes._grid(model, i, row[i])
        grids[i] = [value for value in grid.tolist() if value != row[i]]
        scales[i] = column.scale if isinstance(column, NumericalColumn) else None

    def looked_at(moves: dict[int, float]) -> tuple[float, float]:
        other = row.copy()
        other[list(moves)] = list(moves.values())
        away = [1.0 if scales[i] is None else abs(v - row[i]) / scales[i] for i, v in moves.items()]
        return sum(away), float(model.probabilities(other[None])[0])

    thin = {i: grid[::3] if len(grid) > 20 else grid for i, grid in grids.items()}
    singles = [looked_at({i: v}) for i, grid in grids.items() for v in grid]
    pairs = [looked_at({i: v, j: w}) for i, j in combinations(thin, 2) for v in thin[i]
             for w in thin[j]]  # fmt: skip
    return [singles, pairs]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("width", "together"), [(0.05, 1), (0.3, 1), (0.1, 0.3)])
def test_spans_are_of_the_nearest_single_or_else_the_nearest_pair(model, seed, width, together):
    risks = risks_of(seed, width, together)
    stand_in: Any = SimpleNamespace(preprocessor=model.preprocessor, probabilities=risks)
    row = parse_patient(PATIENT)
    told = changes.turning_changes(stand_in, PATIENT)
    tried = every_change(stand_in, row)
    before = float(stand_in.probabilities(row[None])[0])
    assert (told["before"], told["tried"]) == (before, sum(map(len, tried)))
    assert told["spans"][0]["above"] == 0
    assert told["spans"][-1]["up_to"] == 1
    kinds = set()
    for cut in np.arange(1, 200) / 200:
        (span,) = [s for s in told["spans"] if s["above"] < cut <= s["up_to"]]
        turning = [[one for one in some if (one[1] >= cut) != (before >= cut)] for some in tried]
        some = turning[0] or turning[1]
        kinds.add(len(span["changes"]))
        if not some:
            assert (span["changes"], span["probability"]) == ([], None)
            continue
        assert len(span["changes"]) == (1 if turning[0] else 2)
        nearest = min(some)[0]
        assert {change["field"] for change in span["changes"]} <= set(FREE)
        moves = {FEATURE_NAMES.index(c["field"]): c["to"] for c in span["changes"]}
        other = row.copy()
        other[list(moves)] = list(moves.values())
        assert float(stand_in.probabilities(other[None])[0]) == span["probability"]
        distance = changes._change_distances(stand_in, row, other[None])[0]
        assert distance == pytest.approx(nearest)
        assert [c["value"] for c in span["changes"]] == row[list(moves)].tolist()
    assert width > 0.05 or kinds == {0, 1, 2}


def test_the_other_value_is_the_code_that_moves_most_whichever_it_is(model):
    for away in (1.0, 2.0, 4.0):
        stand_in: Any = SimpleNamespace(
            preprocessor=model.preprocessor,
            probabilities=lambda rows, away=away: np.where(rows[:, 2] == away, 0.1, 0.4),
        )
        row = parse_patient({**PATIENT, "cp": 3})
        assert changes._other_value(stand_in, row, 2) == away
