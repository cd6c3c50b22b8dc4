"""A run's curves, figures and matrix, each alone on a page: drawn from a film written here."""

import re

import numpy as np
import pytest

from classifiers.evaluation.metrics import wilson_interval
from classifiers.ui.static import address

EPOCHS = [0, 40, 100, 160]
MEAN = {
    "train_loss": [1.2, 0.7, 0.4, 0.3],
    "test_loss": [1.1, 0.8, 0.6, 0.5],
    "train_accuracy": [0.64, 0.82, 0.9, 0.96],
    "test_accuracy": [0.62, 0.8, 0.86, 0.84],
}
ROWS = {"epoch": EPOCHS} | {
    name: {"mean": mean, "low": [v - 0.02 for v in mean], "high": [v + 0.03 for v in mean]}
    for name, mean in MEAN.items()
}
BEST, FRESH = 0.93, 0.88
CHANGES = [{"epoch": 40, "text": "rate 0.3"}, {"epoch": 100, "text": "batch 8"}]
CONFUSION = [[8, 2, 0], [5, 5, 0], [1, 1, 8]]  # rows are the true classes
WIDE, HIGH = 400, 150
# Makes window.film; at epoch 40 and at the end it has a matrix.
FILM = """async ([base, rows, confusion, best, fresh]) => {
  window.load = (name) => import(new URL(`${base}/playground/${name}.js`, location.origin));
  const { Film } = await load('run/film');
  window.film = new Film({ points: { data: '' }, extent: [0, 1, 0, 1], classes: 3, members: 2,
    names: ['class 0', 'class 1', 'class 2'], bayes_accuracy: best }, null);
  await film.take({ rows });
  film.moments = [40, 160].map((epoch) => ({ epoch, key: epoch, confusion }));
  film.result = { fresh_accuracy: fresh, findings: ['Python has judged it.'] };
  document.body.replaceChildren();
}"""
CURVES = """async ([marks, wide, high]) => {
  const { Curves } = await load('run/curves');
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  window.sought = [];
  window.stepped = [];
  window.curves = new Curves(root, { seek: (epoch) => sought.push(epoch),
    step: (by) => stepped.push(String(by)) });
  for (const svg of root.querySelectorAll('svg')) {
    svg.style.cssText = `display: block; width: ${wide}px; height: ${high}px`;
  }
  window.show = (epoch) => curves.draw(film, { epoch }, marks);
}"""
READ = """() => [...document.querySelectorAll('.curve')].map((curve) => {
  const svg = curve.querySelector('svg');
  const all = (selector, read) => [...svg.querySelectorAll(selector)].map(read);
  const number = (e, key) => Number(e.getAttribute(key));
  const numbers = (text) => text.match(/-?[\\d.]+/g).map(Number);
  return {
    texts: all('text:not(.named)', (e) => [number(e, 'x'), number(e, 'y'), e.textContent]),
    paths: all('path[class]', (e) => [e.getAttribute('class'), numbers(e.getAttribute('d'))]),
    cursor: numbers(svg.querySelector('.cursor').getAttribute('transform'))[0],
    dots: Object.fromEntries(all('circle', (e) =>
      [e.getAttribute('class'), [number(e, 'cx'), number(e, 'cy')]])),
    read: [...curve.querySelectorAll('.read')].map((e) => e.textContent),
  };
})"""


@pytest.fixture(scope="module")
def film(shared_page, app_url):
    """A page that holds the film, and the modules to draw it with."""
    where = address("page/dom.js")
    shared_page.goto(f"{app_url}/{where}")
    base = "/" + where.rpartition("/page/")[0]
    shared_page.evaluate(FILM, [base, ROWS, CONFUSION, BEST, FRESH])
    return shared_page


def line_through(ticks: list[tuple[float, float]]):
    """From a value to its place, by the texts beside an axis."""
    places, values = zip(*ticks, strict=True)
    slope, offset = np.polyfit(values, places, 1)
    assert np.abs(offset + slope * np.array(values) - places).max() < 0.01
    return lambda value: offset + slope * np.asarray(value)


def axes(plot: dict, percent: bool):
    along = [(x, float(re.sub("epoch |,", "", text))) for x, y, text in plot["texts"]
             if y == HIGH - 2]  # fmt: skip
    up = [(y - 4, float(text) / (100 if percent else 1)) for x, y, text in plot["texts"]
          if x == 27]  # fmt: skip
    x, y = line_through(along), line_through(up)
    assert x(1) > x(0)
    assert y(1) < y(0)
    return x, y


@pytest.mark.parametrize("row", [1, 2])
def test_curves_bands_and_figures_are_those_of_the_epoch(film, row):
    film.evaluate(CURVES, [CHANGES, WIDE, HIGH])
    film.evaluate("show", EPOCHS[row])
    for quantity, plot in zip(("loss", "accuracy"), film.evaluate(READ), strict=True):
        x, y = axes(plot, quantity == "accuracy")
        drawn = {}
        for kind, numbers in plot["paths"]:
            drawn.setdefault(kind, []).append(numbers)
        for part, told in zip(("train", "test"), plot["read"], strict=True):
            curve = ROWS[f"{part}_{quantity}"]
            [line], [band] = drawn[part], drawn[f"band {part}"]
            wanted = np.column_stack([x(EPOCHS), y(curve["mean"])])
            assert np.abs(np.reshape(line, (-1, 2)) - wanted).max() < 0.1
            edges = np.column_stack(
                [x(EPOCHS + EPOCHS[::-1]), y(curve["low"] + curve["high"][::-1])]
            )
            assert np.abs(np.reshape(band, (-1, 2)) - edges).max() < 0.1
            value = curve["mean"][row]
            assert plot["dots"][part] == pytest.approx([x(EPOCHS[row]), y(value)], abs=0.01)
            text = f"{100 * value:.1f} %" if quantity == "accuracy" else f"{value:.2f}"
            assert told == f"{part} {text}"
        assert plot["cursor"] == pytest.approx(x(EPOCHS[row]), abs=0.01)
        flags = [numbers[0] for numbers in drawn["change"]]
        assert flags == pytest.approx([x(change["epoch"]) for change in CHANGES], abs=0.01)
        ceiling = [numbers[1] for numbers in drawn.get("best", [])]
        assert ceiling == pytest.approx([y(BEST)] if quantity == "accuracy" else [], abs=0.01)


def test_a_press_on_a_curve_asks_for_the_epoch_under_it(film):
    film.evaluate(CURVES, [[], WIDE, HIGH])
    film.evaluate("show", 160)
    for i, plot in enumerate(film.evaluate(READ)):
        x, _ = axes(plot, percent=i == 1)
        box = film.locator(".curve svg").nth(i).bounding_box()
        for epoch in (40, 160):
            film.mouse.click(box["x"] + float(x(epoch)), box["y"] + 60)
            assert film.evaluate("sought.at(-1)") == pytest.approx(epoch, abs=1)


def test_keys_go_by_moments_pages_and_to_the_ends_and_ears_hear_the_epoch(film):
    film.evaluate(CURVES, [[], WIDE, HIGH])
    film.evaluate("show", 100)
    slider = film.locator(".curve [role=slider]")
    told = [slider.get_attribute(f"aria-value{name}") for name in ("min", "max", "now", "text")]
    heard = "epoch 100 of 160: test accuracy 86.0 %, training 90.0 %"
    assert told == ["0", "160", "100", heard]
    for key in ("ArrowLeft", "ArrowUp", "PageDown", "PageUp", "Home", "End", "a"):
        slider.press(key)
    assert film.evaluate("stepped") == ["-1", "1", "-10", "10", "-Infinity", "Infinity"]


def test_a_press_that_is_let_go_seeks_no_further(film):
    film.evaluate(CURVES, [[], WIDE, HIGH])
    film.evaluate("show", 160)
    box = film.locator(".curve svg").first.bounding_box()
    film.mouse.move(box["x"] + 100, box["y"] + 60)
    film.mouse.down()
    film.mouse.move(box["x"] + 200, box["y"] + 60)
    film.mouse.up()
    count = film.evaluate("sought.length")
    assert count == 2
    film.mouse.move(box["x"] + 300, box["y"] + 60)
    assert film.evaluate("sought.length") == count


@pytest.mark.parametrize("last", [(110, 6), (190, -6)])
def test_the_name_of_a_change_keeps_clear_of_the_next_and_of_the_edge(film, last):
    wanted = [(40, -6), (50, 6), last]
    changes = [{"epoch": epoch, "text": f"of {epoch}"} for epoch, _ in wanted]
    film.evaluate(CURVES, [changes, WIDE, HIGH])
    film.evaluate("show", 160)
    x, _ = axes(film.evaluate(READ)[0], percent=False)
    named = film.locator(".curve >> nth=0").locator(".named")
    places = named.evaluate_all("(all) => all.map((e) => Number(e.getAttribute('x')))")
    ends = named.evaluate_all("(all) => all.map((e) => e.getAttribute('text-anchor'))")
    assert places == pytest.approx([x(epoch) + shift for epoch, shift in wanted], abs=0.01)
    assert ends == ["start" if shift > 0 else "end" for _, shift in wanted]
    assert film.locator(".curve >> nth=1").locator(".named").count() == 0


FINDINGS = """async ([epoch, dead, broken, test]) => {
  const { findingsOf } = await load('results/findings');
  const row = { train_accuracy: 0.9, test_accuracy: test };
  return findingsOf({ broken, dead, moment: { epoch },
    film: { result: null, moments: [], rowAt: () => row } });
}"""


def test_of_a_moment_it_is_said_what_is_dead_diverged_or_noise(film):
    dead, live = [True] * 4, [False] * 4
    some = [True, True, False, False]
    said = film.evaluate(FINDINGS, [7, [live, some], False, 0.82])
    assert said == [
        "Training is 8 percentage points above test: it may have begun to learn noise.",
        "2 of 4 units of layer 2 are dead.",
    ]
    first, *rest = film.evaluate(FINDINGS, [7, [live, dead], False, 0.88])
    assert first.startswith("All units of layer 2 are dead")
    assert rest == []
    assert "has diverged" in film.evaluate(FINDINGS, [7, [live], True, 0.9])[0]
    assert film.evaluate(FINDINGS, [0, [live], False, 0.9])[0].startswith("Nothing is learned yet")


SLOT = """async (at) => {
  const { Slot } = await load('results/slot');
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  const moment = film.moments[at];
  new Slot(root, () => {}).draw({ asked: null, place: null,
    reading: { film, moment, dead: [[false, false]], broken: false } });
  const all = (selector) => [...root.querySelectorAll(selector)].map((e) => e.textContent);
  return { figures: all('.figures-line > div'), found: all('.findings p'),
    caption: all('caption')[0], heads: [all('thead th'), all('tbody th')],
    cells: all('tbody td') };
}"""


def test_figures_of_a_moment_are_none_of_another(film):
    tests = int(np.sum(CONFUSION))
    for at, row in ((0, 1), (1, 3)):
        lead, fresh, best, training = film.evaluate(SLOT, at)["figures"]
        share = MEAN["test_accuracy"][row]
        interval = wilson_interval(share * tests, tests)
        assert lead == (f"Test accuracy{100 * share:.1f} %"
                        f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %")  # fmt: skip
        # Fresh points are counted at the end, and only of it.
        assert fresh == "Fresh points" + (f"{100 * FRESH:.1f} %" if at else "–")
        assert best == f"Best possible{100 * BEST:.1f} %"
        assert training == f"Training{100 * MEAN['train_accuracy'][row]:.1f} %"


def test_the_matrix_has_true_classes_as_rows_and_the_finding_counts_along_them(film):
    told = film.evaluate(SLOT, 0)
    assert told["caption"] == "Test points, mean: true ↓ said →"
    assert told["heads"] == [["A", "B", "C"]] * 2
    assert [0 if cell == "·" else int(cell) for cell in told["cells"]] == np.ravel(
        CONFUSION
    ).tolist()
    assert told["found"] == ["Hardest is B: 50 % found, most often mistaken for A."]
    assert film.evaluate(SLOT, 1)["found"] == ["Python has judged it."]
