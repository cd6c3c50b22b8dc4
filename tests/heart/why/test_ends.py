"""Where a risk is decided, doubted, compared and turned: made-up numbers at the very ends."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from classifiers.errors import ConfigError
from classifiers.preprocessing import CategoricalColumn, NumericalColumn
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.heart.serving import changes
from classifiers.recipes.heart.serving.decision import LEAST_KNOWN, decide
from classifiers.recipes.heart.serving.doubts import find_doubts
from classifiers.recipes.heart.serving.ensemble import WIDENING, Ensemble, Risks, normal_scores
from classifiers.recipes.heart.serving.outlook import Outlook
from classifiers.recipes.heart.serving.patient import parse_patient, parse_threshold, plain_row
from classifiers.recipes.heart.tables.outcomes import _warn
from classifiers.recipes.heart.tables.read import read_batch
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

AGE = NumericalColumn("age", median=55, mean=50.0, scale=10.0, low=29.0, high=77.0)
PEAK = NumericalColumn("oldpeak", median=1, mean=1.0, scale=1.2, low=0.0, high=6.2)
PAIN = CategoricalColumn("cp", (1.0, 2.0, 3.0, 4.0))
PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]


def with_columns(*columns, p=None):
    """As much of a model as its columns, and the risks that it gives."""
    return SimpleNamespace(
        preprocessor=SimpleNamespace(columns=columns), probabilities=lambda rows: p
    )


def test_a_decision_falls_at_the_threshold_and_where_enough_is_known():
    assert decide(0.4, 0.4, LEAST_KNOWN) is True
    assert decide(0.3999, 0.4, LEAST_KNOWN) is False
    assert decide(0.9, 0.4, LEAST_KNOWN - 1e-9) is None
    assert decide(0.9, 0.4, np.nan) is None


def test_who_would_fall_on_the_other_side():
    outlook = Outlook(0.5, np.array([0.1, 0.3, 0.45, 0.5, 0.7]), 0.1, 0.7, ())
    told = {at: outlook.crossing(at) for at in (0.1, 0.3, 0.5, 0.6, 0.7, 0.71)}
    assert told == pytest.approx({0.1: 0, 0.3: 0.2, 0.5: 0.6, 0.6: 0.2, 0.7: 0.2, 0.71: 0})


def test_a_number_is_doubted_beyond_the_training_range_and_not_at_its_ends():
    rows = np.array([[28.9, 1], [29, 4], [77, 5], [77.1, np.nan], [np.nan, 2]])
    found = find_doubts(with_columns(AGE, PAIN).preprocessor, rows)
    beyond, odd = ("age", "out_of_training_range"), ("cp", "unseen_category")
    assert [[(doubt.field, doubt.code) for doubt in doubts] for doubts in found] == [
        [beyond], [], [odd], [beyond, ("cp", "missing_imputed")], [("age", "missing_imputed")]
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_who_turns_a_decision_at_every_threshold(seed):
    random = np.random.default_rng(seed)
    p, distances = random.integers(0, 11, 9) / 10, random.integers(1, 5, 9).astype(float)
    before = random.integers(2, 9) / 10
    spans = changes._turned(p, distances, before)
    for cut in np.arange(1, 21) / 20:
        turned = np.flatnonzero((p >= cut) != (before >= cut))
        nearest = [min(turned.tolist(), key=lambda i: (distances[i], p[i]))] if len(turned) else []
        found = [i for above, up_to, i in spans if above < cut <= up_to]
        assert len(found) == len(nearest)
        assert [distances[i] for i in found] == [distances[i] for i in nearest]
        assert set(found) <= set(turned.tolist())


def test_what_turns_a_decision_at_the_ends_of_a_span(monkeypatch):
    spans = [
        {"above": 0.2, "up_to": 0.5, "changes": ["a"], "probability": 0.1},
        {"above": 0.5, "up_to": 0.9, "changes": ["b"], "probability": 0.8},
    ]
    found = {"spans": spans, "before": 0.5, "tried": 7}
    monkeypatch.setattr(changes, "turning_changes", lambda model, patient: found)
    model = SimpleNamespace(threshold=0.5)
    told = {cut: changes.nearest_change(model, {}, cut) for cut in (0, 0.2, 0.21, None, 0.51, 0.9)}
    assert [one["changes"] for one in told.values()] == [[], [], ["a"], ["a"], ["b"], ["b"]]
    assert told[None] == {
        "changes": ["a"], "probability": 0.1, "before": 0.5, "threshold": 0.5, "tried": 7,
    }  # fmt: skip
    assert changes.nearest_change(model, {}, 0.91)["probability"] is None


def test_values_that_are_tried():
    ages = np.arange(29.0, 78)
    for own, grid in ((50, ages), (np.nan, ages), (80, [*ages, 80]), (29.5, [29, 29.5, *ages[1:]])):
        np.testing.assert_array_equal(changes._grid(with_columns(AGE), 0, own), grid)
    peaks = changes._grid(with_columns(PEAK), 0, np.nan)
    assert (len(peaks), peaks[0], peaks[-1]) == (61, 0, 6.2)
    assert changes._grid(with_columns(PAIN), 0, 7.0).tolist() == [1, 2, 3, 4, 7]
    grids = [np.arange(20.0), np.arange(21.0)]  # the longer one is thinned
    assert len(changes._pairs(np.zeros(2), grids)) == 20 * 7
    singles = changes._singles(np.array([5.0, 6.0]), [np.array([1.0]), np.array([2.0, 3.0])])
    assert singles.tolist() == [[1, 6], [5, 2], [5, 3]]
    away = np.array([[50.0, 1.0], [70.0, 2.0], [50.0, np.nan]])
    distances = changes._change_distances(with_columns(AGE, PAIN), np.array([60.0, 1.0]), away)
    assert distances.tolist() == pytest.approx([1, 2, 2])


def test_another_value_is_a_deviation_beyond_the_mean_or_the_code_that_moves_most():
    wide = NumericalColumn("age", median=55, mean=50.0, scale=30.0, low=29.0, high=77.0)
    for column, own, other in (
        (AGE, 50.1, 40), (AGE, 50, 60), (AGE, 20, 60), (wide, 70, 29), (wide, 40, 77)
    ):  # fmt: skip
        assert changes._other_value(with_columns(column), np.array([own]), 0) == other
    model = with_columns(PAIN, p=np.array([0.5, 0.6, 0.1, 0.8]))
    assert changes._other_value(model, np.array([2.0]), 0) == 3


def test_refits_that_say_the_same_say_nothing_is_higher(model):
    def risks(rows):
        return Risks(np.full(len(rows), 0.5), np.full((4, len(rows)), 0.5), np.ones(len(rows)))

    flat = SimpleNamespace(
        preprocessor=model.preprocessor, ensemble=SimpleNamespace(risks=risks),
        probabilities=model.probabilities,
    )  # fmt: skip
    for told in changes.vary_patient(flat, PATIENT):
        assert (told["refits"], set(told["higher"])) == (4, {0})
    (pair,) = changes.pair_risks(flat, PATIENT, [("age", "cp")])
    assert (pair["beyond"], pair["more"], pair["added"]) == (0, 0, 0.5)


def test_a_model_of_before_has_what_was_usual_then(model):
    evaluation = {
        "reference": {"inputs": []},
        "out_of_fold": {"labels": [0] * 7},
        "held_out": {"labels": [1] * 2},
    }
    network = model.artifact.network

    def of(**more):
        metadata = SimpleNamespace(evaluation={**evaluation, **more}, point_members=1)
        artifact = SimpleNamespace(metadata=metadata, network=network)
        return Ensemble.of(artifact, model.preprocessor)

    old, new = of(), of(reference={"patients": 4}, interval={"factor": 1.2, "slope": 0.1})
    assert (old.widening, old.slope, old.reference["patients"]) == (WIDENING, 0.0, 5)
    assert (new.widening, new.slope, new.reference) == (1.2, 0.1, {"patients": 4})
    scores = normal_scores(7)
    assert (scores.mean(), scores.std()) == pytest.approx((0, 1))
    assert normal_scores(1).tolist() == [0]


def test_what_a_patient_and_a_threshold_may_be():
    assert [parse_threshold(cut, 0.3) for cut in (0, 1, 0.5, None)] == [0, 1, 0.5, 0.3]
    for cut in (-1e-9, 1.0001, True, "0.5", float("nan")):
        with pytest.raises(ConfigError, match="^threshold: must be a number from 0 to 1 or null"):
            parse_threshold(cut, 0.3)
    with pytest.raises(ConfigError) as caught:
        parse_patient({"a" * 80: 1})
    assert caught.value.field == "a" * 60
    row = pd.Series({"age": np.int64(50), "chol": np.nan, "ca": pd.NA, "cp": pd.NaT, "sex": None})
    assert plain_row(row) == {"age": 50, "chol": None, "ca": None, "cp": None, "sex": None}


def test_bad_rows_of_a_file_come_in_its_order_and_the_file_stays_as_it_was():
    rows = invent_patients(12, seed=4)
    rows[7][0], rows[3][12], rows[5][4] = "old", "99.5", "9999"
    patients, x, errors = read_batch(to_csv([*rows[:9], rows[9][:5], *rows[10:]], [*UCI_HEADER]))
    assert list(errors) == [3, 5, 7, 9]
    assert list(patients.row_errors) == [9]
    assert np.isnan(x[list(errors)]).all()
    assert read_batch(patients)[2] == errors


def test_who_is_known_is_told_in_good_english():
    assert _warn(0) == []
    starts = [_warn(count)[0].partition(",")[0] for count in (1, 2)]
    assert starts == [
        "At least 1 of these is one of UCI's Cleveland patients",
        "At least 2 of these are UCI's Cleveland patients",
    ]
