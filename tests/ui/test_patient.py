"""What the form says beside each field of a patient, and how it marks it."""

import pytest

from classifiers.data.heart.file import FEATURE_NAMES, FEATURES
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.ui.heart.patient import show_prediction
from classifiers.ui.models import Served
from tests.conftest import ROOT

PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]


@pytest.fixture(scope="module")
def served() -> Served:
    return Served("weights/heart", HeartModel.load(ROOT / "weights" / "heart"))


def beside_fields(served, **changes):
    """What the panel's answer says of each field: its note and its marks."""
    _, *updates = show_prediction(served, {**PATIENT, **changes})
    return dict(zip(FEATURE_NAMES, updates, strict=True))


def test_a_doubt_is_marked_by_what_it_is_and_not_by_its_words(served):
    fields = beside_fields(served, age=85, restecg=9, ca=None, chol=None)
    assert fields["age"]["elem_classes"] == ["doubt"]
    assert "lies outside" in fields["age"]["info"]
    # It was treated as unknown, but it is no gap: somebody entered it.
    assert fields["restecg"]["elem_classes"] == ["doubt"]
    assert "treated as unknown" in fields["restecg"]["info"]
    for gap in ("ca", "chol"):
        assert fields[gap]["elem_classes"] == []
        assert "is unknown" in fields[gap]["info"]


def test_fields_without_doubt_keep_their_help(served):
    fields = beside_fields(served, age=85)
    for about in FEATURES:
        if about.name != "age":
            assert fields[about.name]["info"] == about.help
            assert fields[about.name]["elem_classes"] == []


def test_an_impossible_value_is_marked_as_wrong(served):
    fields = beside_fields(served, trestbps=9)
    assert fields["trestbps"]["elem_classes"] == ["wrong"]
    assert "must be a number from" in fields["trestbps"]["info"]
    assert fields["age"]["elem_classes"] == []
