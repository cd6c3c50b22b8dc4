"""The playground's parts, each alone and in states made here, whole: drawn, said and asked."""

from pathlib import Path

import pytest

from classifiers.ui.playground.fields import page_settings
from classifiers.ui.static import asset
from tests.answers.thinned import hold
from tests.browser.pictures.bench import film, opened
from tests.browser.pictures.test_pictures_snapshots import RUNS

HERE = Path(__file__).parent
PARTS = ("results", "settings", "network", "data", "picture", "run", "window")


@pytest.fixture(scope="module")
def looked(shared_page, files):
    return opened(shared_page, files, HERE)


def held(snapshots, looks) -> None:
    for name, value in looks.items():
        hold(snapshots, name, value, longest=16)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_playground(snapshots, looked, part):
    given = {"html": asset("playground/stage.html"), "settings": page_settings()}
    held(snapshots, looked(f"{part}.js", given))


def test_the_card_of_exercises(snapshots, looked):
    given = {"html": asset("playground/stage.html"), "film": film(RUNS["three on moons"])}
    held(snapshots, looked("card.js", {**given, "other": film(RUNS["four classes"])}))
