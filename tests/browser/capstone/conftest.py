"""What the tests of the sweeps share: a tab that is opened once a file."""

import pytest

from tests.browser.capstone.sweeps_page import open_tab


@pytest.fixture(scope="module")
def shipped(shared_page, app_url):
    """The tab, opened once: that takes seconds."""
    return open_tab(shared_page, app_url)
