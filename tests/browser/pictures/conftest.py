"""The page's files, served without an app, and the stage alone in them."""

from collections.abc import Iterator

import pytest

from tests.answers.thinned import hold
from tests.browser.pictures.bench import served
from tests.browser.pictures.stage_bench import Shown, StageBench


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def stage(request, shared_page, files):
    """By the name of its looks."""
    begun = []

    def begin(name: str) -> StageBench:
        update = request.config.getoption("--update-snapshots")
        begun.append(StageBench(shared_page, files, name, update=update))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()
        assert shared_page.evaluate("bench.errors") == []
    shared_page.goto(files)
    shared_page.emulate_media(reduced_motion="reduce")


@pytest.fixture
def shown(request, stage, monkeypatch):
    name = request.node.name.removeprefix("test_").replace("_", "-")
    about = Shown(stage(f"stage-{name}"), monkeypatch)
    yield about
    about.note("at last")
    hold(about.seen, "asked for", [line or " " for line in about.asked], longest=200)
