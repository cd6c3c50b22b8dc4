"""The stage as its time is told to pass: films that play, pauses, changes, links, files."""

from classifiers.config import PlaygroundConfig
from classifiers.ui.playground.stage import pack
from tests.browser.pictures.stage_bench import MOONS, SLIDER, Shown, brief

EVENT = """([name, detail]) => {
  window.dispatchEvent(new CustomEvent(name, { detail }));
}"""
HIDDEN = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_run_that_is_played(shown):
    seen = shown.seen
    seen.open(MOONS)
    assert seen.asked() == []
    seen.see("opened")
    run = shown.begin()
    seen.see("pressed")
    seen.tell("value", run.begun())
    seen.tell("value", run.train(3))
    shown.epochs(8, 16)
    seen.see("three epochs")
    for _ in range(3):
        seen.press("speed")
    shown.note("faster")
    for _ in range(9):
        seen.tell("value", run.train(3))
    shown.epochs(9, 16)
    seen.press("play", "keep")
    seen.wait(500)
    assert seen.kept() == [], "kept before all of it is there"
    shown.note("paused")
    seen.tell("value", run.train(2))
    shown.epochs(2)
    seen.tell("value", run.paused())
    seen.wait(64)
    shown.asked += seen.kept()
    seen.see("paused, and kept")
    assert seen.attribute("phase") == "paused"
    seen.press("play")
    seen.press("play", "keep")
    shown.note("paused again")
    seen.wait(2900)
    assert len(seen.kept()) == 1
    seen.wait(200)
    assert len(seen.kept()) == 2, "the server does not answer"


def test_what_is_done_at_an_earlier_epoch(shown):
    seen = shown.seen
    seen.open(MOONS)
    shown.paused(run := shown.begin(), 6)
    shown.note("paused")
    for key in ("ArrowLeft", "Home"):
        seen.key(SLIDER, key)
        seen.see(key)
    seen.press("svg")
    shown.asked += [f"{name}: {text}" for name, text in seen.saved_words()]
    seen.press("png")
    seen.until("bench.saved.length && bench.saved[0].name")
    shown.asked += [f"{name}: {text}" for name, text in seen.saved_words()]
    seen.set("training.learning_rate", 0.3)
    shown.note("another rate at epoch 0")
    seen.see("another rate at epoch 0")
    seen.press("step", "step")
    shown.epochs(1)
    shown.note("steps through what is there")
    seen.key(SLIDER, "End")
    seen.press("step")
    shown.note("a step")
    run.run.change({"learning_rate": 0.3})
    seen.tell("value", run.train(1))
    seen.tell("value", run.paused())
    seen.see("after a step")
    seen.key(SLIDER, "Home")
    seen.press("play")
    shown.epochs(4)
    seen.see("the film plays")
    shown.epochs(16)
    shown.note("trained on from its end")
    seen.press("play")
    seen.tell("value", run.paused())
    shown.note("paused")
    seen.key(SLIDER, "Home")
    seen.press("play")
    shown.epochs(3)
    seen.press("play")
    shown.epochs(3)
    shown.note("a film that was stopped")
    seen.key(SLIDER, "Home")
    seen.press("play")
    seen.wait(64)
    seen.key(SLIDER, "ArrowRight")
    shown.epochs(3)
    seen.press("reset")
    shown.asked += seen.serve()
    seen.see("reset")


def test_changes_that_are_refused_and_runs_of_others(shown):
    seen = shown.seen
    seen.open(MOONS)
    run = shown.training(2)
    seen.wait(200)
    seen.set("training.learning_rate", 1)
    seen.set("network.dropout", 0.1)
    shown.note("changed while it runs, twice")
    seen.tell(
        "answer", pack({"wrong": {"training.learning_rate": "must be less"}, "refused": True})
    )
    seen.see("refused")
    seen.set("training.learning_rate", 0.1)
    shown.note("as at first")
    shown.asked += seen.serve()
    seen.set("dataset.noise", 0.35)
    shown.asked += seen.serve()
    seen.see("other points")
    seen.press("step")
    shown.note("a step of other points")
    seen.tell("value", run.paused())
    seen.press("step")
    shown.note("another step, though what was left has paused")
    seen.see("what was left is not heard")
    seen.press("anew")
    shown.asked += seen.serve()
    seen.see("anew")
    run = shown.begin("step")
    seen.tell("answer", pack({"wrong": {"": "There is no room."}}))
    seen.see("no room")
    seen.press("play")
    shown.note("played all the same")
    seen.tell("answer", pack({"told": "It waits.", "wrong": None}))
    seen.see("told")
    seen.press("play")
    shown.note("a run of another name")


def test_the_way_back_and_what_is_lent(shown):
    seen = shown.seen
    seen.open(MOONS, "?dataset.name=moons")
    page = seen.page
    page.evaluate("history.pushState(null, '', '?dataset.name=circles&other=1')")
    page.evaluate("history.back()")
    seen.until("bench.triggers.length")
    shown.asked += seen.serve()
    seen.see("back to where it was")
    page.evaluate("history.pushState(null, '', '?dataset.name=xor&training.epochs=7')")
    page.evaluate("history.pushState(null, '', '?tab=heart')")
    page.evaluate("history.back()")
    seen.until("bench.triggers.length")
    shown.asked += seen.serve()
    seen.see("back to others")
    shown.paused(shown.begin(), 2)
    lent = {"dataset": {"name": "circles", "samples": 60}, "training": {"epochs": 2}}
    detail = {"config": PlaygroundConfig.parse(lent).to_dict(), "play": True}
    page.evaluate(EVENT, ["playground-config", detail])
    shown.asked += seen.serve()
    seen.see("lent")
    seen.press("#exercise-back")
    shown.asked += seen.serve()
    seen.see("back to mine")
    page.evaluate(EVENT, ["playground-config", {"config": {**detail["config"]}}])
    shown.asked += seen.serve()
    seen.see("lent, not played")


def test_own_points_from_a_file(shown):
    seen = shown.seen
    seen.open(MOONS)
    points = [[0.1 * k, (k % 7) / 3 - 1, k % 3] for k in range(12)]
    named = {"points": points, "names": ["ill", "well", "unknown"]}
    seen.page.evaluate(EVENT, ["playground-points", named])
    shown.asked += seen.serve()
    seen.see("twelve points")
    many = [[k / 700, (k % 41) / 20, k % 2] for k in range(2001)]
    seen.page.evaluate(EVENT, ["playground-points", {"points": many, "names": []}])
    shown.asked += [seen.attribute("epoch"), *seen.serve()]
    shown.asked.append(seen.page.inner_text("[data-part=told]"))
    seen.page.evaluate(EVENT, ["playground-points", {"points": many[:2000], "names": []}])
    shown.asked += [*seen.serve(), seen.page.inner_text("[data-part=told]")]
    seen.press("[data-tool=back]")
    seen.wait(200)
    shown.asked += seen.serve()
    seen.see("taken back")


def test_presses_before_it_is_known_what_there_is(shown):
    seen = shown.seen
    seen.open(MOONS, "?dataset.name=moons&training.epochs=3", late=True)
    seen.press("play", "step")
    seen.key("[data-part=picture]", "ArrowRight")
    shown.note("early")
    seen.tell("answer", seen.opening)
    shown.note("opened")
    seen.see("opened")
    seen.press("play")
    seen.set("dataset.noise", 0.3)
    seen.press("play")
    shown.note("asked, and not answered")
    shown.asked += seen.serve()
    seen.press("weights")
    shown.asked += [*seen.serve(), *map(str, seen.saved())]
    seen.press("weights")
    shown.asked.append(brief(*seen.asked()[0]))
    seen.tell("answer", pack({"n": 3, "wrong": {"": "Train it first."}}))
    seen.see("no weights")
    seen.press("script")
    shown.asked += seen.serve()
    seen.see("code")


def test_a_page_that_is_left(shown):
    seen = shown.seen
    seen.open(MOONS)
    shown.training(2)
    for hidden in ("true", "false"):
        seen.page.evaluate(HIDDEN, hidden == "true")
        shown.note(f"hidden {hidden}")
        shown.epochs(1)
    seen.press("play")
    for hidden in ("true", "false"):
        seen.page.evaluate(HIDDEN, hidden == "true")
        shown.note(f"hidden {hidden} at rest")
    seen.see("at rest")
    seen.set("training.seed", 2**31 - 1)
    shown.asked += seen.serve()
    seen.press("anew")
    shown.asked += seen.serve()


def test_a_network_that_the_server_draws(shown):
    seen = shown.seen
    large = {"dataset": {"samples": 60, "classes": 3}, "network": {"widths": [256, 256]}}
    seen.open({**large, "training": {"members": 2}})
    seen.see("opened")
    shown.paused(shown.begin(), 2)
    for view in ("confidence", "disagreement", "space"):
        seen.press(f"[data-view={view}]")
        seen.see(view)
    seen.press("keep")
    seen.wait(3100)
    shown.asked += seen.kept()
    seen.key(".picture[data-part=picture]", "ArrowRight")
    seen.see("a place")


def drag(
    shown: Shown, *places: tuple[float, float], keys: str = "", sketched: bool = False
) -> None:
    """With the mouse over the picture, by shares of its width and height; what is kept then."""
    seen = shown.seen
    mouse, keyboard = seen.page.mouse, seen.page.keyboard
    box = seen.page.locator("[data-part=picture]").bounding_box()
    if keys:
        keyboard.down(keys)
    mouse.move(box["x"] + places[0][0] * box["width"], box["y"] + places[0][1] * box["height"])
    mouse.down()
    for x, y in places[1:]:
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
    if sketched:
        seen.wait()
        shown.asked.append(seen.page.get_attribute("[data-part=picture]", "class"))
    mouse.up()
    if keys:
        keyboard.up(keys)
    seen.wait(200)
    shown.asked.append(seen.page.evaluate("localStorage.getItem('own-points')"))
    shown.asked += seen.serve()


def test_points_that_are_drawn(shown):
    seen = shown.seen
    seen.open({"dataset": {"name": "points", "points": [[0.5 * k, 0, k % 2] for k in range(10)]}})
    drag(shown, (0.5, 0.5))
    seen.see("asked at a point")
    drag(shown, (0.3, 0.9))
    seen.see("asked beside points")
    seen.press("[data-tool=pen-C]")
    drag(shown, (0.2, 0.2), (0.5, 0.2), (0.51, 0.4))
    drag(shown, (0.5, 0.5), (0.6, 0.7), sketched=True)
    seen.see("drawn and moved")
    drag(shown, (0.2, 0.2), (0.4, 0.2), keys="Shift")
    seen.press("[data-tool=wipe]")
    drag(shown, (0.1, 0.9), (0.2, 0.9))
    drag(shown, (0.5, 0.3), (0.5, 0.2))
    seen.see("wiped")
    place = "[data-part=picture]"
    for keys in (
        "Control+z",
        "ArrowUp",
        "Shift+ArrowRight",
        "Enter",
        "Escape",
        "Space",
        "Space",
        "x",
    ):
        seen.page.focus(place)
        seen.page.keyboard.press(keys)
        seen.wait(200)
        shown.asked += [keys, *seen.serve()]
    seen.see("by keys")
    for part in ("back", "forth", "clear", "back"):
        seen.press(f"[data-tool={part}]")
        seen.wait(200)
        shown.asked += [part, *seen.serve()]
        shown.asked.append(seen.page.evaluate("localStorage.getItem('own-points')"))
    seen.press("[data-tool=pen-B]")
    seen.write(".own-name", " ill ")
    seen.wait(200)
    shown.asked += seen.serve()
    seen.see("named")
    seen.press("[data-view=space]")
    drag(shown, (0.5, 0.5))
    seen.see("nothing is asked of a folded space")
