"""The stage alone: what is pressed while something is under way."""

import json
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.ui.playground.stage import answer, look, pack
from tests.browser.pictures.stage_bench import MOONS, SLIDER, Shown, StageBench

LENT = """(config) => {
  window.dispatchEvent(new CustomEvent('playground-config', { detail: { config, play: true } }));
}"""
# Whether a line of the crosshair comes to the upper rim, where nothing else is drawn.
CROSSED = """() => {
  const canvas = document.querySelector('canvas.above');
  const { data } = canvas.getContext('2d').getImageData(0, 3, canvas.width, 1);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}"""
FILE = """() => {
  const file = Object.assign(document.createElement('input'), { id: 'points-file' });
  file.addEventListener('click', () => bench.triggers.push(['a file is chosen', null]));
  document.body.append(file);
}"""
# What is set while an answer is read: the press of a visitor who is quicker than the pictures.
MEANWHILE = """async ([text, path, value]) => {
  bench.props.answer = text;
  bench.tell();
  for (let k = 0; k < 9; k += 1) await Promise.resolve();
  const field = document.querySelector(`[data-path='${path}'] :is(select, input)`);
  field.value = value;
  for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, { bubbles: true }));
}"""


def test_presses_while_something_is_on_its_way(shown):
    seen = shown.seen
    seen.open(MOONS)
    shown.paused(run := shown.begin(), 4)
    seen.set("training.learning_rate", 0.3)
    seen.press("play")
    seen.tell("answer", pack({"wrong": {"training.learning_rate": "It is too fast."}}))
    seen.see("what is wrong with a run that goes on")
    seen.tell("value", run.paused())
    seen.press("play", "step")
    shown.note("paused, and not to be played")
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


def press_at(seen: StageBench, epoch: int) -> None:
    """On the curve of the losses, whose axis ends at 100."""
    box = seen.page.locator(".plot").first.bounding_box()
    seen.page.mouse.click(box["x"] + 32 + (box["width"] - 62) * epoch / 100, box["y"] + 30)
    seen.wait()


def test_a_run_of_a_link(shown):
    seen = shown.seen
    seen.open({**MOONS, "training": {"epochs": 3}}, "?training.epochs=3", hidden=["data"])
    shown.paused(run := shown.begin(), 3)
    seen.see("paused where the link says")
    seen.press("play")
    shown.note("played on")
    seen.press("play")
    told = json.loads(run.paused("done"))
    told["stages"][0]["frames"]["kept"][-1] = True
    seen.tell("value", json.dumps(told))
    for epoch in (1, 3):
        press_at(seen, epoch)
        shown.asked.append(f"pressed at {epoch}: {seen.attribute('epoch')}")
    seen.key("[data-part=picture]", "ArrowRight")
    seen.wait()
    seen.see("a place")
    assert seen.page.evaluate(CROSSED)
    seen.set("dataset.noise", 0.3)
    shown.asked += seen.serve()
    seen.see("other points, of which no place is shown")
    assert not seen.page.evaluate(CROSSED)
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
    for key in ("ArrowUp", "ArrowRight"):
        seen.key("[data-part=picture]", key, "Enter")
        seen.wait(96)
        shown.note(f"drawn, {key}")
    seen.wait(96)
    shown.asked += ["and no more", *seen.serve()]
    seen.press("[data-set=points]")
    shown.asked += seen.serve()
    seen.see("own points once more")


def first_asked(shown: Shown) -> Any:
    """The question that is on its way, which is answered by the test itself."""
    shown.note()
    [about] = shown.seen._open
    shown.seen._open.clear()
    return about


def test_answers_to_what_is_not_asked_any_more(shown):
    seen = shown.seen
    seen.open(MOONS)
    seen.set("dataset.noise", 0.3)
    seen.set("dataset.noise", 0.5)
    seen.press("play")
    older = first_asked(shown)
    seen.tell("answer", answer(older, lambda: "", None))
    seen.see("as it was set last")
    seen.set("dataset.noise", 0.2)
    refused = {"n": first_asked(shown)["n"], "wrong": {"dataset.noise": "It is too loud."}}
    seen.tell("answer", pack(refused))
    seen.see("not told of what was set before")
    shown.asked += seen.serve()
    seen.press("anew")
    asked = first_asked(shown)
    told = answer(asked, lambda: "", None)
    seen.page.evaluate(MEANWHILE, [told, "dataset.noise", "0.25"])
    shown.asked += ["set while anew is read", *seen.serve()]
    seen.see("not played, as something else was set")


def test_presses_that_are_taken_back(shown):
    seen = shown.seen
    seen.open({**MOONS, "training": {"epochs": 3}}, "?training.epochs=3")
    seen.press("play")
    shown.note("to where the link says")
    seen.press("anew")
    shown.asked += ["anew has no such end", *seen.serve()]
    seen.set("dataset.noise", 0.3)
    seen.press("play", "step", "anew")
    shown.asked += ["anew takes them back", *seen.serve()]
    lent = {"dataset": {"name": "circles", "samples": 60}, "training": {"epochs": 2}}
    seen.page.evaluate(LENT, PlaygroundConfig.parse(lent).to_dict())
    shown.asked += ["lent, and played to its end", *seen.serve()]
    seen.set("dataset.noise", 0.2)
    seen.press("play", "step", "reset")
    shown.asked += ["so does a reset", *seen.serve()]
    seen.press("play")
    shown.note("played without an end")


def test_other_points_before_a_run_is_told_of(shown):
    seen = shown.seen
    seen.open(MOONS)
    run = shown.begin()
    seen.set("dataset.noise", 0.3)
    shown.note("other points, at once")
    seen.tell("value", run.begun())
    seen.tell("value", run.train(2))
    shown.asked += ["it trains all the same", *seen.serve()]
    assert seen.attribute("phase") == "stale"
    for key in ("Home", "End"):
        seen.key(SLIDER, key)
        press_at(seen, 0)
        shown.asked.append(f"{key} beside other points: {seen.attribute('epoch')}")
    seen.tell("value", run.paused())
    run = shown.training(4, "again")
    seen.wait(400)
    seen.press("play")
    seen.tell("value", run.paused())
    for what, ended in (("a step", "It has ended."), ("another, after the last", "")):
        seen.press("step")
        shown.note(what)
        seen.tell("value", json.dumps({**json.loads(run.paused("done")), "ended": ended}))
        shown.asked.append(seen.page.inner_text("[data-part=told]"))
    seen.press("speed")
    shown.note("faster, at rest")
    seen.key(SLIDER, "Home")
    seen.press("play")
    seen.wait(32)
    seen.press("speed")
    shown.note("faster, while a film plays")
    seen.press("play")
    seen.key("[data-part=picture]", "ArrowRight")
    seen.wait()
    seen.press("[data-part=slot] .link")
    seen.wait()
    shown.asked.append(seen.page.get_attribute("[data-part=slot]", "class"))
    seen.page.evaluate(FILE)
    seen.press("file")
    shown.note("from a file")


def test_addresses_of_runs(shown):
    seen = shown.seen
    seen.open(MOONS)
    run = shown.training(2)
    seen.set("training.learning_rate", 1)
    seen.press("play")
    run.run.change({"learning_rate": 1})
    seen.tell("value", run.paused(query="dataset.name=moons&training.epochs=2"))
    seen.set("training.learning_rate", 0.3)
    shown.note("another rate, after a pause at another")
    ran = "sessionStorage.getItem('playground-ran')"
    shown.asked.append(f"ran: {seen.page.evaluate(ran)}")
    refused = {"wrong": {"training.learning_rate": "No."}, "refused": True}
    seen.tell("answer", pack(refused))
    seen.see("refused")
    seen.set("training.learning_rate", 1)
    shown.asked += ["as it was at the pause", *seen.serve()]
    seen.press("play")
    seen.set("dataset.noise", 0.4)
    shown.asked += ["other points while it trains", *seen.serve()]
    seen.tell("value", run.paused(query="dataset.name=moons&training.epochs=4"))
    seen.see("paused, and other points are set")
    shown.asked.append(f"ran: {seen.page.evaluate(ran)}")
    seen.key(SLIDER, "Home")
    press_at(seen, 0)
    seen.set("dataset.noise", 0.2)
    seen.set("training.learning_rate", 0.3)
    shown.asked += ["its own points, at another rate, at once", *seen.serve()]
    seen.see("the run that was paused")
    seen.tell("answer", pack(refused))
    seen.set("dataset.noise", 0.4)
    shown.asked += seen.serve()
    other = shown.begin()
    seen.tell("value", run.paused(query="dataset.name=moons&training.epochs=5"))
    seen.see("of a run that was left")
    seen.tell("value", other.begun())
    seen.tell("value", other.train(1))
    seen.set("training.learning_rate", 0.03)
    seen.tell("answer", pack({"wrong": {"training.learning_rate": "No, no."}, "refused": True}))
    seen.set("training.learning_rate", 0.3)
    seen.wait(64)
    shown.asked += [f"refused as well, {seen.attribute('phase')}", *seen.serve()]


def test_a_link_whose_run_was_there_before(shown):
    seen = shown.seen
    query = "?dataset.name=moons&training.epochs=3"
    usual = {**look(PlaygroundConfig()), "hidden": [], "built": True}
    for presses in ((), ("step",)):
        seen.open({**MOONS, "training": {"epochs": 3}}, query, late=True)
        seen.page.evaluate("sessionStorage.setItem('playground-ran', location.search)")
        seen.press(*presses)
        seen.tell("answer", pack(usual))
        shown.note(f"what the page is built with: {seen.attribute('phase')}")
        seen.tell("answer", seen.opening)
        shown.note(f"what the link is about, {presses} pressed before")
    seen.tell("answer", pack({"wrong": {"": "There is no room."}}))
    shown.note("no room")


def test_a_share_of_points_that_may_be_none(shown):
    seen = shown.seen
    seen.open(MOONS)
    run = shown.begin("step")
    seen.tell("value", run.train(1))
    seen.tell("value", run.paused())
    field = "[data-path='dataset.balance']"

    def note() -> None:
        shown.asked += seen.serve()
        seen.wait(64)
        stands = "(e) => `${e.innerText} ${e.querySelector('input').ariaValueText} ${e.hidden}`"
        for what in (seen.page.eval_on_selector(field, stands), seen.attribute("phase")):
            shown.asked.append(what)
        shown.asked += seen.page.evaluate(
            "[location.search, document.querySelector('[data-part=differs]').textContent]"
        )

    for value in (0.9, 0, 0.15):
        seen.set("dataset.balance", value)
        note()
    seen.press("new-points")
    note()
    for name in ("points", "spirals"):
        seen.press(f"[data-set={name}]")
        note()
