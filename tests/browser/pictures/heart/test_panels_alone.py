"""The Heart tab's panels and the lesson without the app: what they show of answers made here."""

import pytest

from classifiers.ui.heart.patient.form import _template
from classifiers.ui.heart.words import MMOL, SUGAR_LIMIT
from classifiers.ui.static import asset
from tests.browser.pictures.bench import film, opened
from tests.browser.pictures.heart.looked import hold_looks

PLAIN = {
    "dataset": {"name": "blobs", "classes": 3, "samples": 60},
    "network": {"widths": []},
    "training": {"epochs": 1},
}


@pytest.fixture(scope="module")
def held(shared_page, files):
    """Holds what a file of looks gives."""
    run = opened(shared_page, files)

    def look(snapshots, file, given=None):
        hold_looks(snapshots, run(f"{file}.js", given))

    return look


def test_pictures_of_the_heart_tab(snapshots, held):
    held(snapshots, "heart/pictures")


def test_a_threshold_explorer_of_made_up_costs(snapshots, held):
    held(snapshots, "heart/threshold", {"html": asset("heart/threshold/explorer.html")})


def test_the_state_of_a_patient_and_what_is_said_of_it(snapshots, held):
    held(snapshots, "heart/patient")


def test_the_patient_tab_of_made_up_answers(snapshots, held):
    parts = {name: asset(f"heart/patient/{name}.html") for name in ("samples", "result")}
    held(snapshots, "heart/tab", {
        "html": {**parts, "form": str(_template()), "panel": asset("heart/why/panel.html")},
        "settings": {"mmol": MMOL, "sugar": SUGAR_LIMIT},
        "patients": [{"age": 61, "sex": 1, "chol": 240, "fbs": 0},
                     {"age": 40, "sex": 0, "chol": 200, "fbs": None}],
    })  # fmt: skip


def test_a_table_that_was_sent(snapshots, held):
    held(snapshots, "heart/table", {"html": asset("heart/table/table.html")})


def test_lessons_and_a_record_of_made_up_numbers(snapshots, held):
    names = {"lessons": "heart/lessons/lessons", "record": "heart/record/record"}
    held(snapshots, "heart/lessons", {key: asset(f"{name}.html") for key, name in names.items()})


def test_a_lesson_and_its_cards(snapshots, held):
    news = film(PLAIN)
    picture = {"view": "confidence", "start": news["start"], "frames": news["frames"]}
    given = {"html": asset("guide/guide.html"), "picture": picture}
    held(snapshots, "guide", given)


def test_a_lesson_above_the_tabs(snapshots, held):
    held(snapshots, "panel", {"html": asset("guide/guide.html")})


def test_words_and_other_small_modules(snapshots, held):
    held(snapshots, "page", {"html": asset("page/code/code.html")})
