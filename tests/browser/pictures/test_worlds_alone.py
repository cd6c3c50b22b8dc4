"""A world of the capstone as its server trains it: it grows, is stopped, is given up."""

import pytest

from classifiers.ui.capstone.worlds import pack
from tests.answers.thinned import hold
from tests.browser.pictures.worlds_bench import Grown, WorldsBench

STRIP, PLOTS = ".strip-of-worlds", ".plots"


@pytest.fixture
def seen(request, shared_page, files):
    name = request.node.name.removeprefix("test_").replace("_", "-")
    update = request.config.getoption("--update-snapshots")
    bench = WorldsBench(shared_page, files, f"worlds-{name}", update=update)
    bench.open()
    yield bench
    hold(bench, "at last", bench.serve(), longest=99)
    bench.close()
    assert shared_page.evaluate("bench.errors") == []
    shared_page.goto(files)
    shared_page.emulate_media(reduced_motion="reduce")


def asked(seen: WorldsBench, about: str) -> None:
    hold(seen, f"asked: {about}", seen.serve(), longest=99)


def test_a_world_that_grows(seen):
    seen.serve()
    seen.choose("own")
    seen.write("[data-key='training.epochs']", 6)
    asked(seen, "own")
    seen.tell("judged", pack({"wrong": {"field": "good.width", "text": "No.", "shown": True}}))
    seen.see("wrong")
    seen.tell("judged", pack({"wrong": {"field": "x", "text": "x: no.", "shown": False}}))
    seen.see("wrong, without a place")
    seen.tell("judged", pack({"wrong": None}))
    seen.press("draw")
    asked(seen, "drawn")
    seen.see("waiting")
    world = Grown.begin(dataset={"samples": 60}, training={"epochs": 6})
    seen.tell("live", world.tell(phase="waiting", text="Waiting for a free place to train…"))
    seen.see("begun")
    world.train(3)
    seen.tell("live", world.tell())
    seen.see("it grows")
    seen.key(PLOTS, "Home")
    seen.see("its beginning")
    seen.press("draw")
    asked(seen, "stopped")
    world.train(1)
    seen.tell("live", world.tell())
    seen.see("it stops")
    seen.tell("live", world.tell(phase="paused", text="Stopped."))
    seen.see("stopped")
    seen.press("draw")
    asked(seen, "resumed")
    seen.tell("live", world.tell())
    seen.tell("live", world.done())
    seen.see("trained")
    seen.press("draw")
    asked(seen, "pressed as it ended")
    seen.wait(1100)
    seen.press("draw")
    asked(seen, "another")
    second = world.next()
    second.train(4)
    seen.tell("live", second.tell())
    seen.see("another grows")
    seen.key(STRIP, "ArrowLeft")
    asked(seen, "the one before")
    seen.see("the one before")
    seen.tell("live", second.tell())
    seen.see("it is not left")


def test_a_world_that_is_given_up(seen):
    seen.serve()
    seen.choose("own")
    seen.press("draw", "draw", "draw")
    asked(seen, "pressed before the server answers")
    seen.tell("live", pack({"phase": "waiting", "text": "Waiting…", "rule": "own"}))
    asked(seen, "answered")
    seen.see("waiting")
    world = Grown.begin(dataset={"samples": 60}, training={"epochs": 6})
    seen.tell("live", world.tell(phase="paused", text="Stopped."))
    seen.see("stopped")
    seen.press("anew")
    asked(seen, "anew")
    wrong = {"field": "training.epochs", "text": "No.", "shown": True}
    seen.tell("live", pack({"phase": "refused", "wrong": wrong, "text": ""}))
    seen.see("refused")
    seen.press("draw")
    seen.serve()
    seen.tell("live", world.tell())
    seen.choose("lesson")
    asked(seen, "left")
    seen.tell("live", world.tell(phase="training"))
    seen.see("the lesson")
    seen.choose("hard")
    seen.asked()
    seen.tell("value", pack({"rule": "hard", "error": "No record. Draw one."}))
    seen.see("no record")
