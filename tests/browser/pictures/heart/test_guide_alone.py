"""The lesson without the app: what its parts say of steps that are made up."""

import pytest

from classifiers.ui.static import asset
from tests.browser.pictures.bench import film, opened
from tests.browser.pictures.heart.looked import hold_looks

PLAIN = {
    "dataset": {"name": "blobs", "classes": 3, "samples": 60},
    "network": {"widths": []},
    "training": {"epochs": 1},
}


@pytest.fixture(scope="module")
def looked(shared_page, files):
    return opened(shared_page, files)


def test_a_lesson_and_its_cards(snapshots, looked):
    news = film(PLAIN)
    picture = {"view": "confidence", "start": news["start"], "frames": news["frames"]}
    given = {"html": asset("guide/guide.html"), "picture": picture}
    hold_looks(snapshots, looked("guide.js", given))


def test_a_lesson_above_the_tabs(snapshots, looked):
    hold_looks(snapshots, looked("panel.js", {"html": asset("guide/guide.html")}))


def test_words_and_other_small_modules(snapshots, looked):
    hold_looks(snapshots, looked("page.js", {"html": asset("page/code/code.html")}))
