"""The page's files, served without an app."""

from collections.abc import Iterator

import pytest

from tests.browser.pictures.bench import served


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    with served() as url:
        yield url
