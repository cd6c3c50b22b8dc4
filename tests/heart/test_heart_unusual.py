"""How unusual a patient is, against distances worked out by hand and the study's own patients."""

import base64
import zlib

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.errors import ArtifactError
from classifiers.recipes.heart.explain import measure_unusualness
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, parse_patient
from classifiers.recipes.heart.serving import unusual


def test_the_lessons_patient_is_unusual_and_the_others_are_not(model):
    percentiles = {
        name: measure_unusualness(model, patient)["percentile"]
        for name, patient in SAMPLE_PATIENTS.items()
    }
    assert max(percentiles, key=percentiles.get) == "The lesson's patient, age 80"
    assert measure_unusualness(model, SAMPLE_PATIENTS["The lesson's patient, age 80"])["unusual"]
    assert max(sorted(percentiles.values())[:-1]) < 0.9


def test_an_odd_combination_of_ordinary_values_is_far(model):
    """Values that are each common, together as nobody has them."""
    usual = SAMPLE_PATIENTS["Few findings, age 42"]
    odd = {**usual, "slope": 3, "oldpeak": 0.0, "thalach": 190, "exang": 1, "cp": 1, "ca": 3}
    doubts = model.predict(odd).warnings
    assert not doubts  # every single value is within what the training patients have
    assert measure_unusualness(model, odd)["unusual"]
    assert not measure_unusualness(model, usual)["unusual"]


def test_the_fields_that_explain_an_unusual_patient_come_most_surprising_first(model):
    usual = SAMPLE_PATIENTS["Few findings, age 42"]
    for patient in (*SAMPLE_PATIENTS.values(), {**usual, "chol": 560}, {**usual, "oldpeak": 6.0}):
        fields = measure_unusualness(model, patient)["fields"]
        shares = [field["share"] for field in fields]
        assert shares == sorted(shares, reverse=True)
        assert len({field["field"] for field in fields}) == len(patient)
    for name, value in (("chol", 560), ("oldpeak", 6.0), ("trestbps", 200)):
        fields = measure_unusualness(model, {**usual, name: value})["fields"]
        assert (fields[0]["field"], fields[0]["value"]) == (name, value)


def test_what_cannot_be_known_does_not_make_a_patient_unusual(model):
    assert measure_unusualness(model, {})["percentile"] == 0
    seen = measure_unusualness(model, {"age": 54, "thal": 3})
    unseen = measure_unusualness(model, {"age": 54, "thal": 5})
    assert [field["field"] for field in unseen["fields"]] == ["age"]
    assert [field["field"] for field in seen["fields"]] != ["age"]


def distance_from_others(inputs, i):
    """By hand: Mahalanobis from the others' mean and covariance, beside its expectation."""
    others = np.delete(inputs, i, axis=0)
    covariance = np.cov(others.T, bias=True).reshape(inputs.shape[1], -1)
    precision = np.linalg.inv(covariance + 0.05 * np.eye(len(covariance)))
    gap = inputs[i] - others.mean(0)
    return gap @ precision @ gap / np.trace(precision @ covariance)


def test_stored_distances_are_those_of_training_patients_of_whom_as_much_is_known():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5))
    known = np.ones((60, 3), bool)
    known[:20, 2] = False
    owner = np.array([0, 1, 1, 2, -1])
    stored = zlib.decompress(base64.b64decode(unusual.store_distances(inputs, known, owner)))
    table = 2 ** ((np.frombuffer(stored, np.uint8).reshape(8, -1) - 128.0) / 20)
    for fields, rows in (({0}, range(60)), ({0, 1}, range(60)), ({0, 1, 2}, range(20, 60))):
        part = inputs[:, np.isin(owner, list(fields))]
        expected = [distance_from_others(part, i) for i in rows]
        quantiles = table[sum(2**i for i in fields)]
        np.testing.assert_allclose(
            quantiles, np.quantile(expected, unusual._LEVELS).clip(0.012), rtol=0.03
        )


def test_few_of_the_studys_patients_are_unusual_whatever_is_known_of_them(model, heart_data):
    """2.5 % of the patients trained on are claimed to be; ties of categories make it fewer."""
    table = read_heart(heart_data / "uci" / "processed.cleveland.data")
    held_out = set(model.artifact.metadata.evaluation["held_out"]["rows"])
    x = np.array([row for i, row in enumerate(table.x) if i not in held_out])
    rng = np.random.default_rng(0)
    for size in (1, 1, 1, 2, 2, 3, 5, 8, 11, 13):
        fields = np.isin(np.arange(13), rng.choice(13, size, replace=False))
        shown = np.where(fields, x, np.nan)
        odd = [unusual.measure_oddness(model.ensemble, row).unusual for row in shown]
        assert np.mean(odd) <= 0.034, size  # a row itself counts to the moments here
    assert np.mean(odd) >= 0.012


def test_a_patient_at_the_limit_is_unusual_and_one_below_it_is_not(model, monkeypatch):
    patient = {"age": 61, "thalach": 90, "thal": 7}
    row = parse_patient(patient)
    distance = unusual.measure_oddness(model.ensemble, row).distance / unusual._TIE
    fields = sum(2 ** FEATURE_NAMES.index(name) for name in patient)
    levels = np.linspace(-0.6, 0.5, 10)
    for place, level in enumerate(unusual._LEVELS):
        table = np.ones((2**13, 10))
        table[fields] = distance + levels - levels[place]
        monkeypatch.setattr(unusual, "_read", lambda _, table=table: table)
        told = unusual.measure_oddness(model.ensemble, row)
        assert told.percentile == level
        assert told.unusual == (level >= 0.975)


def test_distances_of_fields_that_nobody_knows_are_of_one():
    inputs = np.random.default_rng(1).normal(size=(30, 3)) * [1, 1e-4, 1e3]
    known = np.ones((30, 3), bool)
    known[:, 1] = False
    known[3:, 2] = False
    stored = unusual.store_distances(inputs, known, np.array([0, 1, 2]))
    levels = np.frombuffer(zlib.decompress(base64.b64decode(stored)), np.uint8).reshape(8, 10)
    table = 2 ** ((levels - 128.0) / 20)
    for unknown in (0, 2, 3, 6, 7):
        np.testing.assert_array_equal(table[unknown], 1)
    assert (np.diff(table[[1, 4, 5]]) >= 0).all()
    assert table[1, -1] > 2
    assert (levels[1, :2].tolist(), bool(levels[4, 0] > 90)) == ([0, 0], True)


@pytest.mark.parametrize("reference", [{}, {"oddness": None}, {"oddness": "a"}, {"oddness": "QUJD"},
                                       {"oddness": 3}])  # fmt: skip
def test_a_model_without_stored_distances_says_so(reference):
    with pytest.raises(ArtifactError, match=r"^metadata\.json: has no evaluation\.reference\.odd"):
        unusual._read(reference)
