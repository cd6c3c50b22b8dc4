"""Patients as JSON rows: the answers of a file of the same values, and of one patient."""

import csv
import io
import json

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.heart.tables import rows as places
from classifiers.recipes.heart.tables.rows import predict_patients


def made_up(count: int) -> list[dict]:
    """Patients with gaps, words for codes, and now and then a value that nobody has."""
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(count):
        row = {}
        for about in FEATURES:
            if rng.random() < 0.2:
                continue
            if about.kind == "numerical":
                low, high = about.hard_limits
                row[about.name] = float(rng.uniform(low, high)) + (
                    500 if rng.random() < 0.02 else 0
                )
            else:
                code = about.codes[rng.integers(len(about.codes))]
                row[about.name] = code.value if rng.random() < 0.5 else code.label
        rows.append(row)
    return rows


def test_rows_get_the_answer_of_a_file(model):
    rows = [*SAMPLE_PATIENTS.values(), *made_up(60)]
    text = io.StringIO()
    writer = csv.DictWriter(text, FEATURE_NAMES)
    writer.writeheader()
    writer.writerows(rows)
    batch = model.predict_file(text.getvalue().encode())
    told = predict_patients(model, json.loads(json.dumps(rows)))
    assert told["threshold"] == batch.threshold
    for i, answer in enumerate(told["rows"]):
        # A cell of a file is text, and is quoted as such.
        assert (answer["error"] or "").replace("'", "") == batch.errors.get(i, "").replace("'", "")
        if answer["error"] is None:
            numbers = [answer["probability"], *answer["interval"], answer["known"]]
            assert numbers == pytest.approx(batch.answers[i].tolist(), abs=1e-9)
            assert answer["decision"] == batch.decide(i)
            assert " ".join(answer["warnings"]) == batch.warnings(i)
    assert 0 < len(batch.errors) < 40


def test_a_row_gets_the_answer_of_one_patient(model):
    for patient in SAMPLE_PATIENTS.values():
        one, (row,) = model.predict(patient), predict_patients(model, [patient])["rows"]
        assert row["probability"] == pytest.approx(one.probability, abs=1e-9)
        assert row["decision"] == one.decision


def test_bad_rows_are_marked_and_bad_tables_refused(model):
    told = predict_patients(model, [{"agee": 3}, {"age": [1]}, {"age": float("inf")}, {}])["rows"]
    starts = [row["error"] and row["error"].partition(":")[0] for row in told]
    assert starts == ["agee", "age", "age", None]
    for rows, start in ((None, "rows"), ([], "rows"), ([{}] * 20_001, "rows"), ([{}, 3], "rows.1")):
        with pytest.raises(ClassifiersError) as caught:
            predict_patients(model, rows)
        assert str(caught.value).startswith(f"{start}: ")


def test_as_many_rows_as_are_taken(model, monkeypatch):
    monkeypatch.setattr(places, "MOST_ROWS", 3)
    monkeypatch.setattr(places, "_AT_ONCE", 2)
    patients = [{"age": 40}, {"age": 50}, {"age": 60}]
    told = predict_patients(model, patients)["rows"]
    each = [predict_patients(model, [patient])["rows"][0] for patient in patients]
    assert [one["probability"] for one in told] == [
        pytest.approx(one["probability"], abs=1e-9) for one in each
    ]
    with pytest.raises(ClassifiersError, match="^rows: must be a list of 1 to 3 .*, got 4 of them"):
        predict_patients(model, [*patients, {}])
