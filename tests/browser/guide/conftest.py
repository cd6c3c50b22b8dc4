"""One page for the tests of a file that come to a step from the list: to open it takes seconds."""

import pytest

from classifiers.recipes.guide import step
from tests.browser.guide.panel_page import ANEW, asked, opened, share
from tests.conftest import DESK, forgotten


@pytest.fixture
def panel(shared_page, app_url):
    """The page without an answer and without an open step."""
    if shared_page.evaluate("!window.onLesson"):  # the page is elsewhere
        share(opened(forgotten(shared_page, app_url), app_url))
    shared_page.set_viewport_size(DESK)
    shared_page.evaluate(ANEW)
    return shared_page


@pytest.fixture
def lesson(panel):
    """Opens the step of a key there, and gives the page."""

    def choose(key: str):
        panel.evaluate("(key) => document.querySelector(`#guide [data-key=${key}]`).click()", key)
        asked(panel, step(key).title)
        return panel

    return choose
