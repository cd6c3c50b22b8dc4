"""A page that the tests of a file share, as it opens: to open it takes seconds."""

import pytest

from tests.browser.playground.test_playground_browser import at, opened, press
from tests.conftest import forgotten

# Whether the settings are the usual ones and no run of others is shown, as the address has it.
AS_USUAL = "Boolean(window.usual) && /^([?]training[.]epochs=[0-9]+)?$/.test(location.search)"


@pytest.fixture
def usual(shared_page, app_url):
    """The page as it opens, but that runs were reset: loaded where a test left other settings."""
    if shared_page.evaluate(AS_USUAL):
        press(shared_page, "reset")
        shared_page.wait_for_function("location.search === ''")
        return at(shared_page, "ready", reached=0)
    opened(forgotten(shared_page, app_url), app_url)
    shared_page.evaluate("window.usual = true")
    return shared_page
