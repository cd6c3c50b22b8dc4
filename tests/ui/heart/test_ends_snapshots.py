"""What the heart tab takes and says at its ends: the longest, the first, the emptiest."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.files.write import Format
from classifiers.data.heart.file import Reading
from classifiers.errors import ArtifactError, ConfigError
from classifiers.recipes.heart.serving.operating import OperatingPoints, Pattern
from classifiers.ui.heart import explorer, lessons, predictions, record, table
from classifiers.ui.heart.patient import form, result, study
from classifiers.ui.heart.patient.form import read_form
from classifiers.ui.heart.patient.link import read_link
from classifiers.ui.models import Served
from tests.answers.thinned import attempt, hold


def test_the_longest_that_is_read(snapshots):
    for count in (999, 1_000, 1_001):
        text = "age=61&sex=" + " " * (count - 15) + "male"
        told = attempt(lambda text=text: read_link(text))
        hold(snapshots, f"link of {len(text)}", told)
    for text in ("who=1&who=2", "age=5&who=1&age=6", "ca=?&ca=1", "=", "age" * 30, "age=1&sex"):
        hold(snapshots, text[:20], attempt(lambda text=text: read_link(text)))
    for count in (3_999, 4_000, 4_001):
        sent = json.dumps({"number": 3, "patient": {"note": "x" * (count - 38)}})
        told = attempt(lambda sent=sent: read_form(sent).number)
        hold(snapshots, f"form of {len(sent)}", told)
    for count in (19_999, 20_000, 20_001):
        said = json.dumps({"columns": {"age": "x" * (count - 24)}})
        told = attempt(lambda said=said: len(table._read_options(said)[1]))
        hold(snapshots, f"options of {len(said)}", told)
    typed = {"age": "5,5", "cp": "2,0", "sex": "f", "x": "1,5", "ca": 2}
    for one in ({"number": True}, {"number": 1.0}, {"patient": []}, {"unit": 3}, {"study": None},
                {"link": "age=3", "unit": "mmol/l", "study": "k"}, {"link": ["a"]},
                {"patient": typed}):  # fmt: skip
        told = attempt(lambda one=one: vars(read_form(json.dumps(one))))
        hold(snapshots, json.dumps(one)[:40], told)
    hold(snapshots, "half a character", attempt(lambda: read_form('{"unit": "\\ud800"}')))
    hold(snapshots, "typed", form.read_patient({"age": "60,5", "thal": "fixed", "who": "1,5"}))


def test_news_of_how_far_a_table_is(monkeypatch):
    """What is told at first, and then whenever a third of a second has passed since that."""
    monkeypatch.setattr(table, "uploaded_path", lambda path: path)
    patients = SimpleNamespace(rows=range(3_000), questions=())
    monkeypatch.setattr(table, "read_batch_file", lambda *given, **more: patients)
    monkeypatch.setattr(table, "describe_table", lambda *given: {"columns": []})
    monkeypatch.setattr(table, "measure_outcomes", lambda model, answer: None)
    monkeypatch.setattr(table, "summarize", lambda answer: {"state": "ok", "of": answer})
    times = iter([10.0, 10.2, 10.35, 10.35, 10.5, 10.66, 10.66, 10.9])
    monkeypatch.setattr(table, "time", SimpleNamespace(monotonic=lambda: next(times)))
    given: list[Any] = []

    def predicting(*asked: Any) -> Any:
        given.append(asked[2:])
        yield from (400, 800, 1_250, 2_999, 3_000)
        return "file", "answer"

    monkeypatch.setattr(table, "predicting_csv", predicting)
    served: Any = SimpleNamespace(heart="model")
    how = Format("xlsx")
    told = '{"decode": "kaggle"}'
    news = [json.loads(said) for _, said in table._answer_file(served, "p", 0.3, how, told, "r")]
    assert [one["state"] for one in news] == ["working", "working", "ok"]
    assert [one["text"] for one in news[:2]] == ["26 %: 800 of 3,000 rows",
                                                 "99 %: 2,999 of 3,000 rows"]  # fmt: skip
    assert given == [(0.3, Reading(decode="kaggle"), how)]
    assert (news[2]["of"], news[2]["outcomes"]) == ("answer", None)
    assert news[2]["seen"] == {"columns": [], "options": {"decode": "kaggle"},
                               "fields": table._FIELDS}  # fmt: skip
    assert table._FIELDS[-1] == ["target", "disease, if known"]


def test_a_file_of_predictions_is_kept_under_its_own_ending(monkeypatch):
    done: list[Any] = []
    monkeypatch.setattr(predictions, "keep_answer", lambda *given: done.append(given) or "kept")
    monkeypatch.setattr(predictions, "give_back_memory", lambda: done.append("given back"))
    asked: list[Any] = []

    class Heart:
        def predict_file(self, *given: Any) -> Any:
            asked.append(given)
            return SimpleNamespace(to_bytes=lambda how: how.separator.encode(), errors={3: "x"})

        def predicting_file(self, *given: Any) -> Any:
            yield 2
            return self.predict_file(*given)

    served: Any = SimpleNamespace(heart=Heart())
    tabs, reading = Format("csv", "\t"), Reading(decode="statlog")
    assert predictions.predict_csv(served, "a", 0.2, reading, tabs)[0] == "kept"  # type: ignore[arg-type]
    steps = predictions.predicting_csv(served, "b", 0.3, reading, Format("xlsx"))  # type: ignore[arg-type]
    assert next(steps) == 2
    with pytest.raises(StopIteration):
        next(steps)
    predictions.predict_csv(served, "c", None)  # type: ignore[arg-type]
    assert asked == [("a", 0.2, reading), ("b", 0.3, reading), ("c", None, None)]
    kept = [(b"\t", "predictions.tsv"), (b",", "predictions.xlsx"), (b",", "predictions.csv")]
    assert done == [part for one in kept for part in (one, "given back")]
    del done[:], asked[:]
    for questions in ((), ("one",)):
        patients = SimpleNamespace(questions=questions)
        read: list[Any] = []

        def noted(*given: Any, p: Any = patients, r: Any = read, **more: Any) -> Any:
            r.append((given, more))
            return p

        monkeypatch.setattr(predictions, "read_batch_file", noted)
        monkeypatch.setattr(predictions, "describe_table", lambda p, r: {"of": r})
        monkeypatch.setattr(predictions, "measure_outcomes", lambda m, r: [type(m), r.errors])
        told = predictions.describe(served, "d", 0.4, reading)  # type: ignore[arg-type]
        assert read == [(("d", reading), {"named": False})]
        more = {} if questions else {"refused_rows": 1, "outcomes": [Heart, {3: "x"}]}
        assert told == {"of": reading, **more}
        assert asked == ([] if questions else [(patients, 0.4)])
        assert done.pop() == "given back"
        del asked[:]


def test_backdrops_of_other_patterns(snapshots):
    def points(key: str, title: str, *fields: str) -> OperatingPoints:
        labels = np.array([1, 0, 1, 0, 1, 0])
        risks = np.array([0.9, 0.2, 0.4, 0.4, 0.1234567, 0.05])
        return OperatingPoints(labels, risks, (), Pattern(key, title, fields))

    cases = [(points("all", "all 13 fields", "age", "sex"), 13), (points("none", "nothing"), 0),
             (points("none", "nothing"), 2), (points("two", "age and sex", "age", "sex"), 2),
             (points("two", "age and sex", "age", "sex"), 3), (points("one", "age", "age"), 1),
             (points("one", "age", "age"), 2)]  # fmt: skip
    for one, known in cases:
        told = study._backdrop("0123456789abcdef", one, known)
        hold(snapshots, f"{one.pattern.key} {known}", told, 20)


def test_costs_and_their_labels(model, snapshots, monkeypatch):
    asked: list[Any] = []
    reported = explorer.heart_report

    def report(*given: Any) -> Any:
        asked.append(given[1:])
        told = reported(*given)
        told["best_threshold"].update(value=0.7123, low=ends[0], high=ends[1])
        return told

    monkeypatch.setattr(explorer, "heart_report", report)
    for costs, ends in (((7, 3), (0.2, 0.2)), ((7, 3), (0.1234, 0.5678)), ((3, 1), (0.25, 0.255)),
                        ((1, 1e3), (0.9, 1.0))):  # fmt: skip
        told = json.loads(explorer.weigh(model, *costs))
        kept = {key: told[key] for key in ("costs", "title", "best", "labels")}
        for name in ("held_out", "out_of_fold"):
            part = told[name]
            exact = [[row["threshold"], row["cost"], row["text"]] for row in part["exact"]]
            kept[name] = [part["treat_all"], part["all"], part["texts"][::25], exact]
        hold(snapshots, f"{costs} {ends}", [kept, asked], 20)
        del asked[:]


def test_what_is_said_where_something_fails(snapshots, monkeypatch):
    gone = Served("weights/heart", None, ArtifactError("weights/heart", "is gone; put it back"))
    hold(snapshots, "gone", [lessons.show_lessons(gone), record.show_record(gone),
                             record.show_card(gone), table._start(gone)])  # fmt: skip
    answer = {"title": "T", "asked": "A?", "ran": "R.", "findings": ["first", "second", "third"]}
    told = [lessons._tell(answer), lessons._tell({**answer, "findings": ["only"]})]
    hold(snapshots, "told", [one.splitlines() for one in told])
    units = [result._in_unit("chol", unit) for unit in ("mg/dl", "mmol/l")]
    hold(snapshots, "units", units)
    odd: list[Any] = ["[]", '"x"', "3", "{", '{"a": 1}', '{"decode": "x"}', b"{}", 4, "[" * 9_000]
    refused = [attempt(lambda text=text: table._read_options(text)) for text in odd]
    hold(snapshots, "refused", refused)
    assert isinstance(table._read_options(None)[0], Reading)
    assert table._read_options("{}") == (Reading(), {})
    with pytest.raises(ConfigError, match="^columns: must name some of age"):
        table._read_options('{"columns": {"weight": "kg"}}')
