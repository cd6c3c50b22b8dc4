"""The stage alone: what is done once, what follows at a pace of its own, and where points were."""

from classifiers.ui.playground.stage import pack
from tests.browser.pictures.bench import base
from tests.browser.pictures.stage_bench import MOONS, SLIDER
from tests.browser.pictures.test_stage_alone import drag

IDLE = "() => new Promise((done) => { requestIdleCallback(() => done()); })"
FETCHED = "[...document.querySelectorAll('[rel=modulepreload]')].map((e) => e.getAttribute('href'))"
# The words that are explained in two parts of the page.
WORDS = """() => [document.querySelector('.playground').dataset.words,
  ...['exercise-body', 'slot'].map((name) => {
    const part = document.querySelector(`[data-part=${name}]`);
    const words = [...part.querySelectorAll('dfn')].map((word) => word.dataset.term);
    return `${name} of ${part.dataset.words}: ${words}`;
  })]"""
EXERCISE = """() => {
  const part = (name) => document.querySelector(`[data-part=${name}]`);
  for (const name of ['card', 'exercise-body']) part(name).hidden = false;
  part('asked').textContent = 'Which dropout?';
}"""
# How the lines look, and which units of the first layer are drawn.
DRAWN = """[
  [...document.querySelectorAll('[data-part=links] *')].map((e) => e.style.cssText).join(),
  [...document.querySelectorAll('[data-key^=u1]')].map((e) => e.dataset.key).join()]"""
# Writes down what a kind of drawing is given from now on.
NOTED = """([name, index]) => {
  const { prototype } = CanvasRenderingContext2D;
  const draw = prototype[name];
  bench.noted = [];
  prototype[name] = function noted(...given) {
    bench.noted.push(given[index]);
    draw.apply(this, given);
  };
}"""
TAKEN = "bench.noted.splice(0)"


def test_what_is_done_once(shown):
    seen = shown.seen
    later = [f"{base()}/page/{name}.js" for name in ("words", "gloss")]
    seen.open(MOONS, later=later)
    seen.press("speed", "speed", "speed")
    assert seen.page.evaluate("bench.frames.length") == 1
    seen.wait(2900)
    assert seen.page.evaluate(FETCHED) == []
    for _ in range(2):
        seen.wait(3100)
        seen.page.evaluate(IDLE)
        assert seen.page.evaluate(FETCHED) == later
        seen.tell("answer", pack({"wrong": {"": "There is no room."}}))


def test_words_that_are_explained(shown):
    seen = shown.seen
    seen.open(MOONS)
    seen.wait(250)
    shown.asked += seen.page.evaluate(WORDS)
    seen.page.evaluate(EXERCISE)
    seen.wait(250)
    shown.asked += seen.page.evaluate(WORDS)


def test_what_follows_at_the_pace_of_eyes(shown):
    seen = shown.seen
    seen.open({**MOONS, "network": {"widths": [12, 3]}, "training": {"learning_rate": 0.5}})
    seen.press("[data-view=confidence]")
    seen.page.evaluate(NOTED, ["drawImage", 3])
    run = shown.training(1)
    before: list[str] = ["", ""]

    def note() -> None:
        drawn = seen.page.evaluate(DRAWN)
        news = [name for name, one in zip(("lines", "units"), drawn, strict=True)
                if one not in before]  # fmt: skip
        before[:] = drawn
        cells = seen.page.evaluate(TAKEN)
        shown.asked.append(f"{seen.attribute('epoch')}, {cells} cells, new: {' '.join(news)}")

    for _ in range(12):
        seen.tell("value", run.train(1))
        seen.wait(33)
        note()
    seen.press("play")
    seen.tell("value", run.paused())
    seen.wait(33)
    note()
    seen.key(SLIDER, "Home")
    for _ in range(2):  # the film plays, and stands still where it is
        seen.press("play")
        seen.wait(33)
        note()
    for press in ("reset", "anew"):  # the same network, and another of the same size
        seen.press(press)
        shown.asked += seen.serve()
        seen.wait(33)
        note()


def test_no_film_for_who_asks_for_less_motion(shown):
    seen = shown.seen
    seen.open(MOONS)
    seen.page.emulate_media(reduced_motion="reduce")
    run = shown.training(6)
    shown.epochs(2)
    seen.press("play")
    seen.tell("value", run.paused())
    seen.wait(33)
    seen.key(SLIDER, "Home")
    shown.epochs(1)
    seen.press("play")
    shown.epochs(2)
    shown.note("trains on")


def test_places_where_points_were(shown):
    seen = shown.seen
    points = [[0, 1, 1], *([0.5 * k, 0, k % 2] for k in range(11))]
    about = {"name": "points", "points": points, "class_names": ["ill", "well"]}
    seen.open({"dataset": about})
    drag(shown, (0.5, 0.5))
    slot = "[data-part=slot]"
    shown.asked += [seen.page.inner_text(slot)]
    seen.press("anew")
    shown.asked += seen.serve()
    seen.wait()
    shown.asked += ["another start, and the same point", seen.page.inner_text(slot)]
    seen.press("[data-tool=wipe]")
    seen.key("[data-part=picture]", "Enter")
    seen.wait(200)
    shown.asked += seen.serve()
    seen.wait()
    shown.asked += ["the point is wiped", seen.page.inner_text(slot)]
    seen.press("[data-tool=pen-B]")
    seen.key("[data-part=picture]", "ArrowUp", "Enter")
    seen.page.evaluate(NOTED, ["arc", 2])
    seen.wait(32)
    shown.asked += [f"twelve points, sketched: {len(seen.page.evaluate(TAKEN))} circles"]
    shown.asked += [seen.page.evaluate("localStorage.getItem('own-points')")]
