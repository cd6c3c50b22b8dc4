"""What the heart tab answers to its page, whole: held against what was looked at and kept."""

import itertools
import json
import re
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.ui.heart import table, words
from classifiers.ui.heart.patient.form import sample
from classifiers.ui.heart.patient.link import read_link
from tests.answers.page.asked import ask, event, read
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, invent_patients, inverted, to_csv

MANY_DIGITS = re.compile(r"(\d[.,]\d{7})\d+")
NAMES = list(SAMPLE_PATIENTS)
SENT: dict[str, Any] = {
    "first": {"number": 3, "patient": sample(NAMES[2]), "unit": "mg/dl"},
    "in mmol": {"number": 4, "patient": {**sample(NAMES[0]), "fbs": 1.0}, "unit": "mmol/l"},
    "typed": {"patient": {"age": "57,5", "sex": "male", "chol": " 200 ", "fbs": "", "ca": "?"}},
    "two things": {"patient": {"age": 60, "cp": 4}},
    "basics": {"patient": {"age": 60, "sex": 1, "cp": 4}},
    "one thing": {"patient": {"thal": 7}}, "nothing": {"patient": {}, "number": 9},
    "three": {"patient": {"age": 44, "thalach": 172, "ca": 0}, "study": "x"},
    "odd": {"patient": {"age": 29, "chol": 560, "thalach": 90, "oldpeak": 6.2, "exang": 0,
                        "restecg": 1, "trestbps": 200}},
    "well": {"patient": {"age": 34, "sex": 0, "cp": 2, "trestbps": 118, "chol": 210, "fbs": 0,
                         "restecg": 0, "thalach": 192, "exang": 0, "oldpeak": 0.7, "slope": 1,
                         "ca": 0, "thal": 3}},
    "ill": {"patient": {"age": 66, "sex": 1, "cp": 4, "trestbps": 178, "chol": 228, "fbs": 1,
                        "restecg": 0, "thalach": 110, "exang": 1, "oldpeak": 3.4, "slope": 2,
                        "ca": 3, "thal": 7}},
    "no such code": {"patient": {**sample(NAMES[2]), "thal": 5}},
    "too much": {"patient": {"chol": 9000}, "unit": "mmol/l"},
    "too old": {"patient": {"age": 300}}, "no field": {"patient": {"weight": 3}},
    "a link": {"link": "age=61&sex=male&ca=2"}, "half a link": {"link": "age=61&sex=", "number": 8},
    "a bad link": {"link": "age"}, "twice": {"link": "age=61&age=62"},
    "a value": {"link": "age=old"}, "empty": {"link": ""}, "long": {"link": "a=1&" * 300},
    "a list": [1], "a word": "x", "another unit": {"patient": {"chol": 200}, "unit": "g"},
}  # fmt: skip


def near(snapshots) -> None:
    """As in tests/heart: float32 products are summed in any order."""
    snapshots.near = 2e-6


def test_patients_in_the_form(snapshots):
    near(snapshots)
    for name, sent in SENT.items():
        told = ask("patient-form.change > risk", json.dumps(sent))
        if isinstance(told, dict):
            told["study"] = {key: told.get("study", {}).get(key) for key in ("known", "record")}
            told.pop("labels", None)
        hold(snapshots, name, told, 5)
    study = ask("patient-form.change > risk", json.dumps(SENT["basics"]))["study"]
    again = {**SENT["basics"], "study": study["key"]}
    told = ask("patient-form.change > risk", json.dumps(again))
    hold(snapshots, "the study", [study, told["study"]], 16)
    hold(snapshots, "nothing sent", [ask("patient-form.change > risk", x) for x in (None, 3, "")])


@pytest.mark.parametrize(
    "who", ["first", "three", "one thing", "two things", "nothing", "well", "ill", "odd"]
)
def test_why_in_the_panel(snapshots, who):
    near(snapshots)
    told = ask("patient-form.change > why", json.dumps(SENT[who]))
    snapshots.hold("csv", told["waterfall"].pop("csv").splitlines(), alone=True)
    fields = told.pop("fields")
    hold(snapshots, "fields in their order", [one["field"] for one in fields], 13)
    hold(snapshots, "panel", told, 5)
    for one in fields:
        hold(snapshots, f"field {one['field']}", {**one, "histogram": None}, 4)


def test_the_threshold_and_costs(snapshots):
    near(snapshots)
    opened = ask("Threshold.select > explorer")
    table = opened["value"]
    for name in ("held_out", "out_of_fold"):
        rows = table[name].pop("rows")
        hold(snapshots, f"rows of {name}", [rows[i] for i in (0, 1, 20, 33, 50, 77, 98, 99, 100)])
        hold(snapshots, name, table.pop(name), 9)
    told = table["groups"].pop("told")
    hold(snapshots, "said of groups", told[::9])
    hold(snapshots, "the rest", table, 5)
    hold(snapshots, "at first", opened["costs"], 9)
    costs = [(5, 1), (2, 2), (1, 0), (0, 1), (0, 0), (1, 30), (1e6, 1), (2e6, 1), (-1, 2),
             (None, 3), (4, None), ("2", 1), (True, 1), (1, 1e-3)]  # fmt: skip
    for miss, alarm in costs:
        told = ask("explorer.weigh", None, miss, alarm)["costs"]
        hold(snapshots, f"{miss} to {alarm}", told, 4)


def test_the_record_and_the_lessons(snapshots):
    near(snapshots)
    page, card = ask("Record.select")
    snapshots.hold("card", re.sub(r"[\d,]+ bytes", "N bytes", card).splitlines(), alone=True)
    hold(snapshots, "record", page, 4)
    hold(snapshots, "lessons", ask("Lessons.select"), 4)
    for key in (9, 10, 11, 12):
        for chosen in ((None, None, None), (0.2, 8, 1), (2, 1, 1), (0.5, "x", None)):
            said = ask(f"heart-exercise-{key}.click", *chosen)
            said = re.sub(r"[\d,]+ bytes", "N bytes", said)
            snapshots.hold(f"exercise {key} at {chosen}", said.splitlines(), alone=True)
    snapshots.hold("code", ask("heart-code.fetch").splitlines(), alone=True)


def test_the_tab_as_it_opens(snapshots):
    near(snapshots)
    request = SimpleNamespace(query_params={})
    values = ["", json.dumps(SENT["first"])]
    told = ask("Heart.select", request, False, *values[1:])
    risk, why, *rest = told[1:]
    hold(snapshots, "opened", [told[0], risk["count"], why["pairs"], *rest], 5)
    hold(snapshots, "again", ask("Heart.select", request, True, *values[1:]))


def tables() -> dict[str, tuple[bytes, str | None]]:
    rows = invent_patients(30, seed=6)
    rows[2][0], rows[3][12], rows[5][4], rows[6][11] = "old", "9", "999999", ""
    rows[8] = rows[8][:-3]
    rows[9][3] = "x" * 90
    many = [[str(i), f"note {i}", *row] for i, row in enumerate(invent_patients(41, seed=2))]
    wrong = invent_patients(16, seed=3)
    for row in wrong[:11]:
        row[0] = "999"
    return {
        "some in error": (to_csv(rows, UCI_HEADER), None),
        "no labels": (to_csv([row[:-1] for row in rows], UCI_HEADER[:-1]), None),
        "two columns": (b"age,thal\n50,3\n61,7\n", None), "one row": (b"age;chol\n50;5,2\n", None),
        "many, with notes": (to_csv(many, ["id", "note", *UCI_HEADER]), None),
        "turned round": (to_csv(inverted(invent_patients(60, seed=8)), UCI_HEADER), None),
        "eleven in error": (to_csv(wrong, UCI_HEADER), None),
        "mmol, said": (b"age,chol\n50,5.2\n61,6.3\n", json.dumps({"units": {"chol": "mmol/l"}})),
        "columns said": (b"years,chol\n50,252\n61,263\n", '{"columns": {"age": "years"}}'),
        "codes said": (b"sex\n1\n2\n", '{"codes": {"sex": {"1": "male", "2": "female"}}}'),
        "copy said": (b"age,cp,thal\n50,0,2\n61,3,3\n", '{"decode": "kaggle"}'),
        "no such unit": (b"age,chol\n50,5.2\n", json.dumps({"units": {"chol": "g"}})),
        "nothing that the page says": (b"age\n50\n", '{"colour": 3}'),
        "no JSON": (b"age\n5\n", "{"),
        "unknown columns": (b"a,b\n1,2\n", None), "empty": (b"", None),
    }  # fmt: skip


def test_tables_of_patients(snapshots, uploaded):
    near(snapshots)
    for name, (content, told) in tables().items():
        path = uploaded(content)
        *_, (answer, said) = ask("patients-file.change", path, 0.4, "csv", False, told, "r1")
        if isinstance(said, dict) and "seen" in said:
            said["seen"].pop("fields")
        hold(snapshots, name, said, 8)
        if answer and name in ("some in error", "many, with notes", "one row"):
            snapshots.hold(f"{name}: file", Path(answer).read_text().splitlines(), alone=True)


def test_ways_to_write_predictions(snapshots, uploaded):
    near(snapshots)
    path = uploaded(to_csv([row[:-1] for row in invent_patients(4, seed=5)], UCI_HEADER[:-1]))
    for kind in ("csv-comma", "csv-semicolon", "csv-tab", "xlsx", "pdf", None):
        for rounded in (False, True, "yes"):
            *_, (answer, said) = ask("patients-file.change", path, None, kind, rounded, "", None)
            lines = [said.get("message"), said.get("threshold")]
            if answer and kind == "xlsx":
                lines += [list(row) for row in openpyxl.load_workbook(answer).active.values]
            elif answer:
                lines += Path(answer).read_bytes().decode("utf-8-sig").splitlines()
            lines = [MANY_DIGITS.sub(r"\1", str(line)) for line in lines]
            snapshots.hold(f"{kind}, rounded: {rounded}", lines, alone=True)
    others = {
        "no file": (None, 0.5, "csv", False, None, None),
        "cut of 2": (path, 2, "csv", False, "", "r"),
        "not uploaded": ("/etc/hostname", 0.5, "csv", False, "", "r"),
        "an address": ("http://x.y/z", 0.5, "csv", False, "", "r"), "a number": (3, *[None] * 5),
        "long": (path, 0.5, "csv", False, "x" * 20_001, "r"),
    }  # fmt: skip
    for name, values in others.items():
        hold(snapshots, name, ask("patients-answer.submit", *values))
    ask("patients-answer.halt", "stopped one")
    told = ask("patients-file.change", path, 0.5, "csv", False, "", "stopped one")
    hold(snapshots, "stopped", [told, ask("patients-answer.halt", None)])
    hold(snapshots, "failed", ask("page.failure > predictions-file"))


def test_news_while_a_table_is_answered(snapshots, uploaded, monkeypatch):
    near(snapshots)
    path = uploaded(to_csv([row[:-1] for row in invent_patients(4, seed=5)], UCI_HEADER[:-1]))
    answered = table.predicting_csv

    def slowly(*given: Any) -> Any:
        yield from (1, 2, 3)
        table._halt("x" * 41)
        yield 3
        table._halt("r7")
        yield 4
        return (yield from answered(*given))

    monkeypatch.setattr(table, "predicting_csv", slowly)
    monkeypatch.setattr(table, "_halted", OrderedDict())
    for run in ("r6", "r7", None, "x" * 41):
        clock = itertools.count(50, 0.2)
        monkeypatch.setattr(table, "time", SimpleNamespace(monotonic=lambda c=clock: next(c)))
        news = ask("patients-file.change", path, 0.5, "csv", False, "", run)
        told = [said if said["state"] != "ok" else said["state"] for _, said in news]
        hold(snapshots, f"run {run}", told)


def test_words_of_the_form(snapshots):
    values: tuple[float | None, ...] = (None, float("nan"), 0.0, 1.0, 2.0, 3.0, 6.5, 7.0, 140.25)
    for name in UCI_HEADER[:-1]:
        told = {
            "label": [words.label(name), words.inside(name), words.unit(name)],
            "codes": words.codes(name),
            "values": [words.value_text(name, value) for value in values],
            "in mmol": [words.value_text(name, value, "mmol/l") for value in values[3:5]],
            "explained": words.explanation(name),
        }
        hold(snapshots, name, told)
    links = ("age=5", "sex=female&age=50.5", "cp=none", "cp=&ca=?", "who=3", "age=1e3", "a%ff=1",
             "age=50;sex=1", "fbs=yes&exang=no&thal=fixed", "AGE=50", "age=50&&sex=1")  # fmt: skip
    told = {link: attempt(lambda link=link: read(read_link(link))) for link in links}
    hold(snapshots, "links", told)


def test_steps_in_the_panel(snapshots):
    snapshots.near = 2e-6
    asked: list[dict[str, Any]] = [
        {"n": 1, "key": "h1"}, {"n": 2, "key": "h4"}, {"n": "x", "key": "c1"}, {"key": "p1"},
        {"n": 3, "key": "p5"}, {"n": 4, "key": "h0"}, {"key": None}, {},
    ]  # fmt: skip
    for told in asked:
        hold(snapshots, f"look {told}", event("guide.look", **told), 4)
    for told in ({"key": "h1", "option": 0}, {"n": 2, "key": "h6", "option": 1}, {"key": "c1"},
                 {"key": "h1", "option": 77}, {"key": "h1", "option": "x", "own": {"a": 1}},
                 {"key": "x"}):  # fmt: skip
        hold(snapshots, f"commit {told}", event("guide.commit", **told), 4)
