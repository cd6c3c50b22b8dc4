"""Kept runs beside each other, as their time is told to pass; and what is drawn of them."""

import pytest

from classifiers.film import LEVELS, NEURON_LEVELS, NEURON_SIDE
from classifiers.ui.film.player import CURVE_COLOURS, PALETTE
from classifiers.ui.static import asset
from tests.answers.thinned import hold
from tests.browser.pictures.alone import Alone
from tests.browser.pictures.bench import base, film
from tests.browser.pictures.test_pictures_snapshots import RUNS

SETTINGS = {
    "palette": PALETTE,
    "curves": CURVE_COLOURS,
    "levels": LEVELS,
    "neuronSide": NEURON_SIDE,
    "neuronLevels": NEURON_LEVELS,
}
KEEP = """async ([base, films]) => {
  const load = (name) => import(new URL(`${base}/${name}.js`, location.origin));
  const { Film } = await load('playground/run/film');
  const { keptRun } = await load('playground/run/sprites');
  const { keepRuns } = await load('film/shelf');
  for (const news of films) {
    const film = await Film.begin(news.start);
    await film.take(news);
    await keepRuns([keptRun(film)]);
  }
}"""
FORGOTTEN = """async (base) => {
  const { keepRuns, forgetRuns, onKept } = await import(new URL(`${base}/film/shelf.js`,
    location.origin));
  const told = [];
  const told2 = (runs) => told.push(runs.map(({ start: { title } }) => title).join(' '));
  onKept(told2);
  const run = (title, bytes) => ({ start: { title, classes: 0, layers: [], widths: [], names: [],
    extent: [0, 1, 0, 1], points: { shown: 0, total: 0 }, side: 1, members: 1, settings: {} },
  rows: Object.assign({ epoch: [] }, ...['train', 'test'].flatMap((part) => ['loss', 'accuracy']
    .map((name) => ({ [`${part}_${name}`]: { mean: [] } })))), points: [],
  frames: [{ key: 0, epoch: 0, region: new Uint8Array(bytes) }] });
  await forgetRuns();
  for (let k = 0; k < 10; k += 1) await keepRuns([run(`${k}`, 1)]);
  await keepRuns([run('large', 39e6)]);
  await keepRuns([run('larger', 39e6)]);
  await keepRuns([run('largest', 50e6)]);
  await keepRuns([run('a', 1), run('b', 1)]);
  await forgetRuns();
  return told;
}"""
RECORD = """([base]) => {
  window.drawn = [];
  const real = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function context(...about) {
    const own = real.apply(this, about);
    if (!this.classList.contains('picture')) return own;
    return new Proxy(own, {
      get: (_, name) => (typeof own[name] === 'function' ? (...values) => {
        window.drawn.push([name, ...values.map((v) => (typeof v === 'number' ? v.toFixed(1)
          : typeof v === 'object' ? v?.constructor.name : v))].join(' '));
        return own[name](...values);
      } : own[name]),
      set: (_, name, value) => {
        window.drawn.push(`${name} = ${value}`);
        own[name] = value;
        return true;
      },
    });
  };
}"""


class Kept(Alone):
    place, module, shown = "playground-compare", "film/compare", ".film"
    html = f'<div class="film-player">{asset("film/compare.html")}</div>'

    def drawn(self, name: str) -> None:
        hold(self, name, self.page.evaluate("window.drawn.splice(0)"), longest=60)

    def choose(self, name: str, value: int) -> None:
        self.write(f"[data-part={name}]", value)
        self.wait()


@pytest.fixture
def seen(request, shared_page, files):
    name = request.node.name.removeprefix("test_").replace("_", "-")
    update = request.config.getoption("--update-snapshots")
    bench = Kept(shared_page, files, f"kept-{name}", update=update)
    bench.start(SETTINGS, {})
    yield bench
    bench.close()
    assert shared_page.evaluate("bench.errors") == []
    shared_page.goto(files)
    shared_page.emulate_media(reduced_motion="reduce")


def test_two_runs_beside_each_other(seen):
    page = seen.page
    seen.see("none")
    runs = [film(RUNS[name]) for name in ("three on moons", "four classes")]
    page.evaluate(RECORD, [base()])
    page.evaluate(KEEP, [base(), runs[:1]])
    seen.wait()
    seen.see("one")
    seen.drawn("one, drawn")
    page.evaluate(KEEP, [base(), runs[1:]])
    seen.wait()
    seen.see("two")
    seen.press("[data-part=bayes]", "[data-part=test]", "[value=disagreement]")
    seen.wait()
    seen.drawn("others, drawn")
    shown = []
    seen.press("play")
    for _ in range(9):
        seen.wait(20)
        shown.append(f"{seen.attribute('epoch')} {page.inner_text('[data-part=play]')}")
    seen.press("play")
    seen.wait(60)
    seen.press("play")
    seen.wait(60)
    seen.press("play")
    seen.wait(200)
    shown.append(f"{seen.attribute('epoch')} {page.inner_text('[data-part=play]')}")
    for key in ("Home", "ArrowRight", " ", " ", "ArrowLeft", "ArrowLeft", "End", "x"):
        seen.key("canvas.picture", key)
        seen.wait(16)
        shown.append(f"{key} {seen.attribute('epoch')} {page.inner_text('[data-part=play]')}")
    seen.press("next", "back", "back")
    shown.append(seen.attribute("epoch"))
    hold(seen, "epochs", shown, longest=40)
    page.evaluate("window.drawn.splice(0)")
    box = page.locator("canvas.picture").first.bounding_box()
    for x, y in ((120, 90), (10, 90), (120, box["height"] - 5)):
        page.mouse.click(box["x"] + x, box["y"] + y)
        seen.drawn(f"pressed at {x}, {y:.0f}")
    seen.see("a place")
    page.locator(".tiles button").nth(2).hover()
    seen.see("a unit")
    seen.drawn("a unit, drawn")
    page.mouse.move(0, 0)
    seen.choose("second", 0)
    seen.see("one beside itself")
    seen.choose("first", 1)
    seen.press("svg")
    hold(seen, "saved", seen.saved_words())


def test_runs_that_are_forgotten(seen):
    hold(seen, "told", seen.page.evaluate(FORGOTTEN, base()), longest=40)
