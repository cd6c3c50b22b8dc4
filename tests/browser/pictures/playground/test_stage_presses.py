"""The stage alone: what is pressed while something is under way."""

from classifiers.ui.playground.stage import pack
from tests.browser.pictures.stage_bench import MOONS, SLIDER


def test_presses_while_something_is_on_its_way(shown):
    seen = shown.seen
    seen.open(MOONS)
    shown.paused(run := shown.begin(), 4)
    seen.set("training.learning_rate", 0.3)
    seen.press("play")
    seen.tell("answer", pack({"wrong": {"training.learning_rate": "It is too fast."}}))
    seen.see("what is wrong with a run that goes on")
    seen.tell("value", run.paused("stopped"))
    seen.press("play", "step")
    shown.note("stopped, and not to be played")
    seen.tell("answer", pack({"wrong": None}))
    seen.key(SLIDER, "Home")
    seen.press("play")
    seen.wait(32)
    seen.press("step")
    shown.epochs(2)
    shown.note("a step while a film plays")
    seen.key(SLIDER, "End")
    seen.press("play")
    seen.press("step")
    shown.note("a step while it trains")
    seen.press("step", "play")
    shown.note("presses before the step is done")
    seen.tell("value", run.train(1))
    seen.tell("value", run.paused())
    shown.note("done")
    seen.press("anew")
    shown.asked += seen.serve()
    seen.see("anew while it trains")
    seen.set("dataset.noise", 0.3)
    seen.set("training.learning_rate", 0.03)
    shown.asked += seen.serve()
    seen.press("play")
    shown.note("played as set last")
    seen.set("dataset.noise", 0.1)
    seen.set("training.learning_rate", 0.1)
    shown.asked += seen.serve()
    seen.see("set while it trains")


def test_a_run_of_a_link(shown):
    seen = shown.seen
    seen.open({**MOONS, "training": {"epochs": 3}}, "?training.epochs=3", hidden=["data"])
    shown.paused(run := shown.begin(), 3)
    seen.see("paused where the link says")
    seen.press("play")
    shown.note("played on")
    seen.press("play")
    seen.tell("value", run.paused("done"))
    seen.key("[data-part=picture]", "ArrowRight")
    seen.see("a place")
    seen.press("reset")
    shown.asked += seen.serve()
    seen.see("reset")
    seen.press("[data-set=moons]")
    shown.note("the set that is there already")
    seen.press("[data-set=circles]")
    shown.asked += seen.serve()
    seen.see("another set, and no place")


def test_points_that_are_drawn_and_played_at_once(shown):
    seen = shown.seen
    points = [[0.5 * k, 0.1 * k, k % 2] for k in range(10)]
    seen.open({"dataset": {"name": "points", "points": points}})
    seen.press("[data-tool=pen-B]")
    for key, press in (("ArrowUp", "play"), ("ArrowRight", "step")):
        seen.key("[data-part=picture]", key, "Enter")
        seen.press(press)
        shown.note(f"{press} at once")
        seen.wait(200)
        shown.asked += seen.serve()
        seen.press("reset")
        shown.asked += seen.serve()
    seen.press("[data-set=points]")
    shown.asked += seen.serve()
    seen.see("own points once more")
