"""What the heart tab sends of made-up answers: digits, spaces, numbers of messages, odd names."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.files.write import Format
from classifiers.recipes.heart.serving.operating import OperatingPoints, Pattern
from classifiers.ui.heart import explorer, table, whatif, why
from classifiers.ui.heart.patient import result, study


def test_two_equal_answers_of_a_table_are_two():
    first, second = (json.loads(table._tell(state="empty")) for _ in range(2))
    assert second.pop("sequence") == first.pop("sequence") + 1
    assert first == second == {"state": "empty"}


@pytest.mark.parametrize("run", ["r", "s", None, ["r"], {"r": 1}, 3])
def test_a_run_is_halted_by_its_name_and_by_nothing_else(monkeypatch, run):
    monkeypatch.setattr(table, "_halted", {"r": None, 3: None})
    patients = SimpleNamespace(rows=range(4), questions=())
    for name, answer in (("uploaded_path", "path"), ("read_batch_file", patients),
                         ("describe_table", {}), ("measure_outcomes", None),
                         ("summarize", {"state": "ok"})):  # fmt: skip
        monkeypatch.setattr(table, name, lambda *_, answer=answer, **__: answer)

    def predicting(*_: Any) -> Any:
        yield 4
        return "file", "answer"

    monkeypatch.setattr(table, "predicting_csv", predicting)
    served: Any = SimpleNamespace(heart="model")
    news = [*table._answer_file(served, "p", 0.3, Format("csv"), None, run)]
    assert len(news) == 1
    file, said = news[0]
    assert (file, json.loads(said)["state"]) == (
        (None, "stopped") if run == "r" else ("file", "ok")
    )


def test_what_is_drawn_is_sent_in_few_bytes():
    assert explorer._pack({"a": [1, 2.5], "b": None}) == '{"a":[1,2.5],"b":null}'
    called = {"count": [3, 1], "of": 7, "value": [0.428571, 0.14285], "low": [0.15820, 0.02561],
              "high": [0.74950, 0.51315]}  # fmt: skip
    assert explorer._placed(called) == {
        "count": [3, 1], "of": 7, "value": [0.429, 0.143], "low": [0.158, 0.026],
        "high": [0.75, 0.513],
    }  # fmt: skip
    assert whatif._rounded([0.123456789, 1.0]) == [0.12346, 1.0]
    risks = np.array([0.98765432, 0.1234567, 0.12345674])
    points = OperatingPoints(np.array([1, 0, 1]), risks, (), Pattern("all", "all", ()))
    told = study._backdrop("0" * 64, points, 13)
    assert (told["sick"], told["well"]) == ([0.123457, 0.987654], [0.123457])
    assert len(told["steps"]) == 3  # of two risks that differ so far


def test_refits_are_sent_to_six_digits(model):
    patient = {"age": 61.0, "sex": 1.0, "cp": 4.0}
    predicted = model.predict(patient)
    told = result._answer(model, predicted, {**dict.fromkeys(result.FEATURE_NAMES), **patient})
    assert told["refits"] == [round(risk, 6) for risk in predicted.refits]
    assert told["probability"] == predicted.probability


def test_pairs_are_counted_in_words_up_to_nine(monkeypatch):
    risk = {"beyond": 0.5, "more": 40, "refits": 40, "values": [61.0, 1.0], "others": [50.0, 0.0],
            "risks": [[0.6, 0.3], [0.2, 0.1]], "added": 0.4}  # fmt: skip
    monkeypatch.setattr(why, "pair_risks", lambda model, patient, fields: [risk] * len(fields))
    pair = {"fields": ["age", "sex"], "logit": 0.3}
    for count, said in ((1, "One pair"), (9, "Nine pairs"), (10, "10 pairs"), (11, "11 pairs")):
        told = why._pairs(None, {}, [pair] * count, {"age", "sex"})  # type: ignore[arg-type]
        assert told["title"].startswith(f"{said} of fields work")
