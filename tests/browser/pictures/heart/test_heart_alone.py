"""The panels of the Heart tab without the app: what they show of answers made here."""

import pytest

from classifiers.ui.heart.patient.form import _template
from classifiers.ui.heart.words import MMOL, SUGAR_LIMIT
from classifiers.ui.static import asset
from tests.browser.pictures.bench import opened
from tests.browser.pictures.heart.looked import hold_looks


@pytest.fixture(scope="module")
def held(shared_page, files):
    """Holds what a file of looks gives."""
    run = opened(shared_page, files)

    def look(snapshots, file, given=None):
        hold_looks(snapshots, run(f"heart/{file}.js", given))

    return look


def test_pictures_of_the_heart_tab(snapshots, held):
    held(snapshots, "pictures")


def test_a_threshold_explorer_of_made_up_costs(snapshots, held):
    held(snapshots, "threshold", {"html": asset("heart/threshold/explorer.html")})


def test_the_state_of_a_patient_and_what_is_said_of_it(snapshots, held):
    held(snapshots, "patient")


def test_the_patient_tab_of_made_up_answers(snapshots, held):
    parts = {name: asset(f"heart/patient/{name}.html") for name in ("samples", "result")}
    held(snapshots, "tab", {
        "html": {**parts, "form": str(_template()), "panel": asset("heart/why/panel.html")},
        "settings": {"mmol": MMOL, "sugar": SUGAR_LIMIT},
        "patients": [{"age": 61, "sex": 1, "chol": 240, "fbs": 0},
                     {"age": 40, "sex": 0, "chol": 200, "fbs": None}],
    })  # fmt: skip


def test_a_table_that_was_sent(snapshots, held):
    held(snapshots, "table", {"html": asset("heart/table/table.html")})


def test_lessons_and_a_record_of_made_up_numbers(snapshots, held):
    names = {"lessons": "heart/lessons/lessons", "record": "heart/record/record"}
    held(snapshots, "lessons", {key: asset(f"{name}.html") for key, name in names.items()})
