"""The worlds of the capstone as their time is told to pass: drawn one by one, trained, given up."""

import pytest

from classifiers.ui.capstone.worlds import pack
from tests.answers.thinned import hold
from tests.browser.pictures.worlds_bench import Grown, WorldsBench

STRIP, PLOTS = ".strip-of-worlds", ".plots"
CLICK = """([place, x, y]) => {
  const one = document.querySelector(place);
  const { left, top } = one.getBoundingClientRect();
  one.setPointerCapture = () => {};
  for (const kind of ['pointerdown', 'click']) one.dispatchEvent(new PointerEvent(kind,
    { clientX: left + x, clientY: top + y, bubbles: true, pointerId: 1, buttons: 1 }));
}"""


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


def test_worlds_one_after_the_other(seen):
    asked(seen, "opened")
    seen.see("opened")
    seen.press("draw")
    asked(seen, "drawn")
    seen.see("another")
    seen.press("more")
    asked(seen, "more")
    shown = []
    for _ in range(7):
        seen.wait(144)
        shown.append(" ".join(seen.attribute(part) or "-" for part in ("world", "drawn", "state")))
    hold(seen, "more, as they are shown", shown)
    seen.press("play")
    seen.see("stopped amid them")
    epochs = []
    for _ in range(4):
        seen.wait(270)
        epochs.append(seen.attribute("epoch"))
    seen.press("play")
    seen.wait(300)
    hold(seen, "epochs", [*epochs, seen.attribute("epoch")])
    seen.see("a film that was stopped")
    for key in ("ArrowRight", "PageDown", "PageUp", "ArrowUp", "Home", "ArrowLeft", "a"):
        seen.key(PLOTS, key)
        seen.wait()
        epochs.append(seen.attribute("epoch"))
    hold(seen, "epochs by keys", epochs)
    for x in (40, 150, 290, 600):
        seen.page.evaluate(CLICK, [PLOTS, x, 30])
        seen.wait()
        epochs.append(seen.attribute("epoch"))
    hold(seen, "epochs by presses", epochs, longest=99)
    seen.see("an epoch on the way")
    worlds = []
    for key in ("Home", "ArrowUp", "ArrowRight", "ArrowLeft", "End", "ArrowDown", "b"):
        seen.key(STRIP, key)
        asked(seen, f"strip {key}")
        worlds.append(seen.attribute("world"))
    seen.page.evaluate(CLICK, [STRIP, 330, 46])
    seen.serve()
    worlds.append(seen.attribute("world"))
    seen.page.evaluate(CLICK, [STRIP, 10, 4])
    seen.serve()
    hold(seen, "worlds", [*worlds, seen.attribute("world")])
    seen.press("[data-show=others]", "[data-show=regret]", "[data-show=best]")
    seen.key(PLOTS, "End")
    seen.see("others and regret")


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
