"""What the form sends, what is made of it, and what the result says of one patient."""

import json
import math
from urllib.parse import urlencode

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.errors import ClassifiersError, ConfigError, DataError
from classifiers.recipes.heart.model import (
    SAMPLE_PATIENTS,
    HeartModel,
    operating_points,
    parse_patient,
)
from classifiers.ui.heart.patient.form import (
    FIRST_SAMPLE,
    Asked,
    build_form,
    build_samples,
    read_form,
    sample,
)
from classifiers.ui.heart.patient.link import read_link
from classifiers.ui.heart.patient.result import show_prediction
from classifiers.ui.heart.patient.study import show_study
from classifiers.ui.heart.words import codes, explanation, inside, of_hundred, value_text
from classifiers.ui.models import Served
from tests.conftest import ROOT

PATIENT = sample(FIRST_SAMPLE)


@pytest.fixture(scope="module")
def served() -> Served:
    return Served("weights/heart", HeartModel.load(ROOT / "weights" / "heart"))


def ask(**changes) -> Asked:
    return Asked(7, {**PATIENT, **changes})


def sent(**message) -> Asked:
    return read_form(json.dumps(message))


# The form.


def test_the_form_has_a_row_a_field_with_every_choice_and_its_explanation():
    page = build_form().html_template
    for about in FEATURES:
        row = page.split(f'id="field-{about.name}"')[1].split('class="row ')[0]
        assert f'id="about-{about.name}"' in row
        if about.kind == "numerical":
            assert row.count("<input") == 1
            assert "<button" in row
        else:
            values = [part.split('"')[0] for part in row.split('value="')[1:]]
            start = values[: len(about.codes) + 1]
            assert start == [*(str(code.value) for code in about.codes), ""]
    assert page.count("checked") == 1 + sum(f.kind == "categorical" for f in FEATURES)


def test_every_code_and_every_field_has_words():
    for about in FEATURES:
        assert about.meaning in explanation(about.name)
        if about.kind == "categorical":
            assert list(codes(about.name)) == [code.value for code in about.codes]
            code = about.codes[0].value
            assert value_text(about.name, code).startswith(codes(about.name)[code])
        assert value_text(about.name, None) == value_text(about.name, math.nan) == "unknown"
    assert value_text("age", 57.0) == "57 years"
    assert value_text("age", 57.5) == "57.5 years"  # not rounded to another age
    assert value_text("oldpeak", 2) == "2.0 mm"
    assert value_text("thal", 4) == "code 4"
    assert value_text("chol", 235, "mmol/l") == "6.1 mmol/l"
    assert value_text("fbs", 1) == "over 120 mg/dl"
    assert value_text("fbs", 1, "mmol/l") == "over 6.7 mmol/l"


def test_samples_are_those_of_the_recipe():
    page = build_samples().html_template
    assert page.count('class="sample"') == len(SAMPLE_PATIENTS)
    assert sample("The lesson's patient, age 80")["thal"] == 6
    assert sample("Only the basics are known")["ca"] is None


@pytest.mark.parametrize(
    ("typed", "value"),
    [("57", 57.0), ("57,5", 57.5), ("57.5", 57.5), (" 57 ", 57.0), ("", None), ("?", None),
     (57, 57), (None, None)],
)  # fmt: skip
def test_numbers_are_read_with_a_comma_or_a_point(typed, value):
    assert sent(patient={"age": typed}).patient["age"] == value


@pytest.mark.parametrize("typed", ["abc", "5.7.", "1,234,5", "--1", "1e999", "900"])
def test_what_is_no_value_is_left_as_typed_and_named(typed, served):
    asked = sent(patient={"trestbps": typed})
    answer = show_prediction(served, asked)
    assert answer["state"] == "wrong"
    assert list(answer["notes"]) == ["trestbps"]
    assert answer["notes"]["trestbps"]["wrong"] is True
    assert "must be a number from 40 to 300 mm Hg" in answer["notes"]["trestbps"]["text"]
    assert answer["message"].startswith("Blood pressure: must be")
    assert "probability" not in answer


@pytest.mark.parametrize(
    "value",
    [None, 3, [], "", "x", "[]", "3", "null", '{"patient": []}', '{"number": "1"}',
     '{"number": true}', '{"unit": 3}', '{"link": {}}', "[" * 3000, '{"link": "\\ud800"}',
     json.dumps({"patient": {"age": "9" * 5000}})],
)  # fmt: skip
def test_what_no_form_sends_is_refused_in_a_sentence(value):
    with pytest.raises(ConfigError, match="patient: must be what the form sends"):
        read_form(value)


def test_a_field_that_is_none_is_named(served):
    answer = show_prediction(served, sent(patient={"weight": 80}))
    assert (answer["state"], list(answer["notes"])) == ("wrong", ["weight"])


def test_the_limits_of_cholesterol_are_told_in_the_unit_of_the_form(served):
    told = show_prediction(served, sent(patient={"chol": 9000}, unit="mmol/l"))
    assert "(in mmol/l: 0.5 to 38.8)" in told["message"]
    told = show_prediction(served, sent(patient={"chol": 9000}))
    assert "mmol/l" not in told["message"]


# The result.


def test_the_counts_are_those_of_the_prediction(served):
    answer = show_prediction(served, ask())
    told = served.heart.predict(PATIENT)
    assert answer["number"] == 7
    assert (answer["probability"], answer["low"], answer["high"]) == (
        told.probability,
        *told.interval,
    )
    assert answer["count"] == f"{100 * told.probability:.0f}"
    assert answer["refits"] == sorted(answer["refits"])
    assert answer["known"] == answer["fields"] == len(FEATURE_NAMES)
    assert answer["outlook"] is None
    assert answer["withheld"] is False
    json.dumps(answer, allow_nan=False)


def test_a_doubt_is_said_beside_its_field_and_a_gap_is_none(served):
    answer = show_prediction(served, ask(age=85, restecg=9, ca=None))
    assert set(answer["notes"]) == {"age", "restecg"}
    assert not any(note["wrong"] for note in answer["notes"].values())
    assert "outside" in answer["notes"]["age"]["text"]
    assert [note["text"] for note in answer["notes"].values()] == answer["doubts"]
    assert answer["values"]["restecg"] == "code 9"
    assert answer["known"] == len(FEATURE_NAMES) - 1


def test_what_is_unknown_has_an_outlook(served):
    patient = sample("Only the basics are known")
    answer = show_prediction(served, Asked(patient=patient))
    outlook = served.heart.outlook(parse_patient(patient))
    told = answer["outlook"]
    assert (told["low"], told["high"]) == (outlook.low, outlook.high)
    assert [told["crossing"][cut] for cut in (0, 40, 100)] == [
        of_hundred(outlook.crossing(cut / 100)) for cut in (0, 40, 100)
    ]
    assert told["ask_first"].split(", ") == [inside(name) for name in outlook.ask_first[:3]]
    refits = served.heart.ensemble.risks(parse_patient(patient)[None]).refits[:, 0]
    assert answer["refits"] == pytest.approx(sorted(refits), abs=1e-6)


def test_too_little_known_withholds_the_decision(served):
    for patient in ({}, {"age": 50}, PATIENT):
        answer = show_prediction(served, Asked(patient=patient))
        assert answer["withheld"] == (served.heart.predict(patient).decision is None)
    assert show_prediction(served, Asked(patient={}))["withheld"] is True


def test_the_interval_says_what_it_covers_and_what_not(served):
    told = show_prediction(served, ask())["about_interval"]
    factor = served.heart.artifact.metadata.evaluation["interval"]["factor"]
    assert f"widened {factor:g} times" in told
    assert "at this clinic: not for another hospital's" in told


def test_a_summary_holds_what_is_known_what_is_not_the_model_and_the_notice(served):
    lines = show_prediction(served, ask(ca=None, chol=None))["summary"]
    text = "\n".join(lines)
    assert "Age: 57 years" in text
    assert "Unknown: cholesterol, coloured vessels" in text
    assert served.heart.artifact.metadata.model.sha256 in text
    assert lines[-1].startswith("For teaching only")


def test_without_a_model_the_reason_is_told():
    answer = show_prediction(Served("x", None, ClassifiersError("weights", "are gone")), ask())
    assert (answer["state"], answer["message"]) == ("error", "weights: are gone")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (0.004, "under 1"), (0.41, "41"), (0.996, "over 99"), (1, "100")],
)
def test_a_share_as_a_number_of_a_hundred(share, text):
    assert of_hundred(share) == text


# The study behind it.


def wilson(part: int, whole: int) -> tuple[float, float]:
    """From the quadratic whose roots the limits are, not from their formula."""
    z2, share = 1.959963984540054**2, part / whole
    roots = np.roots([1 + z2 / whole, -2 * share - z2 / whole, share**2])
    return tuple(sorted(np.clip(roots.real, 0, 1)))


@pytest.mark.parametrize("threshold", [0.0, 1 / 3, 0.5, 0.77, 1.0])
def test_a_step_is_what_a_threshold_does_to_the_study(served, threshold):
    model = served.heart
    study = show_study(model, np.array(list(PATIENT.values())))
    points = operating_points(model)
    edges = sorted({*study["sick"], *study["well"]})
    assert len(study["steps"]) == len(edges) + 1
    step = study["steps"][sum(edge < threshold for edge in edges)]
    called = points.probabilities >= threshold
    sick = points.labels == 1
    counts = [
        (int((called & sick).sum()), int(sick.sum())),
        (int((called & ~sick).sum()), int((~sick).sum())),
        (int((called & sick).sum()), int(called.sum())),
        (int((~called & sick).sum()), int((~called).sum())),
    ]
    assert step[:2] == [counts[0][0], counts[1][0]]
    for i, (part, whole) in enumerate(counts):
        shown = step[2 + 3 * i : 5 + 3 * i]
        if not whole:
            assert shown == [-1, -1, -1]
            continue
        for number, share in zip(shown, (part / whole, *wilson(part, whole)), strict=True):
            assert abs(number - 100 * share) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (FEATURE_NAMES, ", all 13 fields known"),
        (("age", "sex"), ", known by the same 2 fields"),
        (("age", "sex", "chol"), ", known by age and sex, the nearest set that was tried"),
        ((), ", of whom nothing is known"),
    ],
)
def test_the_study_is_known_by_no_more_than_the_patient(served, known, words):
    answer = show_prediction(served, Asked(patient={name: PATIENT[name] for name in known}))
    assert answer["study"]["record"] == words
    row = parse_patient({name: PATIENT[name] for name in known})
    points = operating_points(served.heart, row)
    risks = [*answer["study"]["sick"], *answer["study"]["well"]]
    assert sorted(risks) == pytest.approx(sorted(points.probabilities), abs=1e-6)


def test_the_backdrop_is_sent_once(served):
    first = show_prediction(served, ask())["study"]
    assert len(first["sick"]) == 139
    again = show_prediction(served, Asked(8, PATIENT, study=first["key"]))["study"]
    assert again == {"key": first["key"]}
    keys = set()
    for known in (FEATURE_NAMES, ("age", "sex"), ("age", "sex", "chol")):  # two of one pattern
        patient = {name: PATIENT[name] for name in known}
        keys.add(show_prediction(served, Asked(patient=patient))["study"]["key"])
    assert len(keys) == 3


# Links.


@pytest.mark.parametrize("name", SAMPLE_PATIENTS)
def test_a_link_gives_back_its_patient(name, served):
    patient = sample(name)
    link = urlencode({key: value for key, value in patient.items() if value is not None})
    assert read_link(link) == patient
    answer = show_prediction(served, sent(number=3, link=link))
    assert answer["patient"] == patient
    assert answer["probability"] == served.heart.predict(patient).probability
    assert "notice" not in answer


def test_a_link_may_be_written_by_hand():
    told = read_link("age=57&sex=male&thal=reversible&oldpeak=1%2C2&cp=?")
    assert (told["sex"], told["thal"], told["oldpeak"], told["cp"]) == (1, 7, 1.2, None)
    assert set(read_link("").values()) == {None}  # to somebody of whom nothing is known


@pytest.mark.parametrize(
    ("link", "error", "told"),
    [
        ("age=900", DataError, "age: must be a number from 0 to 120"),
        ("sex=x", DataError, "sex: must be one of its codes"),
        ("weight=80", ConfigError, "weight: is not a feature"),
        ("weight=80&weight=81", ConfigError, "weight: is not a feature"),
        ("age=57&sex=1&age=57", ConfigError, "age: stands in the link twice"),
        ("age", ConfigError, "link: must be fields such as"),
        ("age=%ff", ConfigError, "link: must be fields such as"),
        ("age=57&" * 400, ConfigError, "link: must have at most"),
    ],
)
def test_a_bad_link_says_why_and_leaves_a_usable_page(link, error, told, served):
    with pytest.raises(error) as raised:
        read_link(link)
    assert str(raised.value).startswith(told)
    answer = show_prediction(served, Asked(1, link=link))
    assert answer["notice"].startswith("The link could not be used. ")
    assert answer["state"] == "ok"
    assert answer["patient"] == PATIENT


def test_forms_and_links_may_be_so_long():
    sent = json.dumps({"number": 3, "patient": {"age": "57,5"}})
    assert read_form(sent.ljust(4000)) == read_form(sent)
    for bad in (sent.ljust(4001), sent.replace("3", "true"), sent.replace("3", "3.0")):
        with pytest.raises(ConfigError, match="^patient: must be what the form sends"):
            read_form(bad)
    link = "age=57&sex=male&ca="
    assert read_link(link.ljust(1000, "+")) == read_link(link)
    with pytest.raises(ConfigError, match="^link: must have at most 1,000 characters"):
        read_link(link.ljust(1001, "+"))
