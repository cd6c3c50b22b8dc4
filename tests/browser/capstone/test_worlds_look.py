"""How the worlds look and are reached, and what stands below them.

On a phone, by keyboard, for a screen reader, when there are none; the error budget, what test
points say, how sure the networks are.
"""

import csv
import re

import numpy as np
import pytest
from scipy import stats

from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.message import unpack_array
from classifiers.recipes.capstone.worlds.page.detail import detail
from classifiers.recipes.guide.glossary import GLOSSARY
from tests.browser.capstone.worlds_page import WORLDS, Line, WorldsPage, network, shipped
from tests.conftest import in_window

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
FIRST = '"worlds":[0]'  # in the page's first question
BUDGET = """(svg) => {
  const box = (e) => e.getBoundingClientRect();
  const all = (selector) => [...svg.querySelectorAll(selector)];
  return {
    bars: all('[data-part-of]').map((e) => [e.dataset.partOf, e.dataset.mark, box(e).left,
      box(e).right]),
    rules: all('line.rule').map((e) => box(e).left),
    ticks: all('text').map((e) => e.textContent).filter((t) => /^\\d+( errors of 100)?$/.test(t)),
    dots: all('[data-error-of]').map((e) => [e.dataset.errorOf, Number(e.dataset.world),
      box(e).left + box(e).width / 2]),
    marks: Object.fromEntries(all('[data-mark]').map((e) => [e.dataset.mark,
      [box(e).left, box(e).right, e.textContent]])),
  };
}"""
PANEL = """(panel) => {
  const box = (e) => e.getBoundingClientRect();
  const svg = panel.querySelector('.reliability');
  const at = (e) => [e.cx.baseVal.value, e.cy.baseVal.value, e.r.baseVal.value];
  return {
    text: panel.innerText.replaceAll('\\n', ' '),
    bins: [...svg.querySelectorAll('.bin')].map(at),
    rules: [...svg.querySelectorAll('line.rule')].map((e) => e.y1.baseVal.value),
    diagonal: ['x1', 'x2', 'y1', 'y2'].map((k) => svg.querySelector('.best')[k].baseVal.value),
    wrong: panel.querySelectorAll('.prices .wrong').length,
    right: [...panel.querySelectorAll('.prices .right')].map((e) => Number(e.dataset.count)),
    prices: [...panel.querySelectorAll('.prices text[text-anchor=middle]')].map((e) =>
      [e.x.baseVal[0].value, Number(e.textContent)]),
    paid: {
      wrong: [...panel.querySelectorAll('.prices .wrong')].map((e) => e.cx.baseVal.value - 0.5),
      right: [...panel.querySelectorAll('.prices .right')].flatMap((e) =>
        Array(Number(e.dataset.count)).fill(e.x.baseVal.value + 2.7)) },
    mean: Number(panel.querySelector('[data-mark="mean-price"]').getAttribute('d')
      .match(/M([\\d.]+)/)[1]),
    price: panel.querySelector('[data-mark="price"]').textContent,
    loss: panel.querySelector('[data-mark="fresh-loss"]').textContent,
  };
}"""


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    return WorldsPage(shared_page).open(app_url)


@pytest.fixture(scope="module")
def pile():
    return shipped()


@pytest.fixture(scope="module")
def second(opened):
    """The second of two second, on show."""
    opened.draw()
    opened.go(1)
    return opened


def ended(pile, part: str, name: str) -> np.ndarray:
    """Of every shipped world."""
    return pile.scores(part)[:, network(name), -1].astype(float)


def slide(page: WorldsPage, name: str, value: int) -> None:
    page.part(name).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def written(loss: float) -> str:
    if loss < 0.001:
        return f"{loss:.0e}".replace("e-0", "e−")
    return f"{loss:.3f}" if loss < 0.1 else f"{loss:.2f}"


def test_bars_dots_and_arrows_of_the_budget_are_the_errors(second, pile):
    drawn = second.part("budget").evaluate(BUDGET)
    ticks = [float(text.split()[0]) for text in drawn["ticks"]]
    x = Line.through(drawn["rules"], [tick / 100 for tick in ticks])
    for name in NAMES:
        errors = 1 - ended(pile, "fresh_accuracy", name)
        for own, k, place in drawn["dots"]:
            if own == name:
                assert x(place) == pytest.approx(errors[k], abs=x.tolerance(0.3))
        left, right, _ = drawn["marks"][f"fresh-{name}"]
        assert x((left + right) / 2) == pytest.approx(errors[1], abs=x.tolerance(0.3))
        left, right, _ = drawn["marks"][f"luck-from-{name}"]
        assert x((left + right) / 2) == pytest.approx(errors[1], abs=x.tolerance(0.3))
        luck = (1 - ended(pile, "test_accuracy", name) - errors)[1]
        text = drawn["marks"][f"luck-{name}"][2]
        assert text.endswith(f"points {100 * luck:+.1f}".replace("-", "−"))
    assert len(drawn["dots"]) == 3 * len(pile.worlds)
    budget = pile.together.get("budget")
    if budget is None:  # too few worlds
        assert not drawn["bars"]
        return
    for name in NAMES:
        start = 0.0
        for part in ("best", "bias", "variance"):
            left, right = next(bar[2:] for bar in drawn["bars"] if bar[:2] == [name, part])
            assert x(left) == pytest.approx(start, abs=x.tolerance(0.3))
            start = max(start, start + budget[name][part])
            if right > left:
                assert x(right + 1) == pytest.approx(start, abs=x.tolerance(0.3))
        assert drawn["marks"][f"total-{name}"][2].startswith(f"{100 * budget[name]['total']:.1f}")
    assert second.text("budget-title").startswith("What makes the errors: too small is ")


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_what_test_points_would_say_is_binomial(second, pile, share):
    numbers = detail(pile, 1)["test_points_luck"]["n"]
    chosen = round(share * (len(numbers) - 1))
    slide(second, "size", chosen)
    n = numbers[chosen]
    assert second.text("size-value") == f"{n:,}"
    drawn = second.part("budget").evaluate(BUDGET)
    x = Line.through(drawn["rules"], [float(t.split()[0]) / 100 for t in drawn["ticks"]])
    for name in NAMES:
        p = ended(pile, "fresh_accuracy", name)[1]
        low, high = (stats.binom.ppf(level, n, p) / n for level in (0.025, 0.975))
        left, right, _ = drawn["marks"][f"span-{name}"]
        assert x(left) == pytest.approx(1 - high, abs=x.tolerance(1.2))
        assert x(right) == pytest.approx(1 - low, abs=x.tolerance(1.2))
        if name == "overfit":
            assert f"{100 * low:.1f} % and {100 * high:.1f} %" in second.text("size-said")
    slide(second, "size", 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", [0, 20, 55])
def test_reliability_and_prices_are_those_at_the_temperature(second, pile, name, step):
    told = detail(pile, 1)
    slide(second, "temperature", step)
    panel = second.page.locator(f'.panel[data-network="{name}"]').evaluate(PANEL)
    i = network(name)
    x1, x2, y1, y2 = panel["diagonal"]
    x, y = Line.through([x1, x2], [0, 1]), Line.through([y1, y2], [0, 1])
    table = unpack_array(told["temperature"]["reliability"])[i, step] / 1e4
    table = table[table[:, 2] >= 0.0015]
    found = np.array([[x(cx), y(cy)] for cx, cy, _ in panel["bins"]])
    assert np.abs(found - table[:, :2]).max() < 0.002
    radii = np.maximum(2.2, 15 * np.sqrt(table[:, 2]))
    assert np.abs(np.array([r for *_, r in panel["bins"]]) - radii).max() < 0.01
    # Prices, from the margins of the test points alone.
    margins = unpack_array(told["margins"])[i].astype(float)
    labels = unpack_array(told["points"])[unpack_array(told["test_rows"]), 2]
    temperature = told["temperature"]["values"][step]
    paid = np.logaddexp(0, -np.where(labels == 1, margins, -margins) / temperature)
    wrong = (margins > 0) != (labels == 1)
    assert (panel["wrong"], sum(panel["right"])) == (wrong.sum(), (~wrong).sum())
    assert panel["price"] == written(paid.mean())
    # They stand at their roots, so that small prices are seen; piles are 6.4 pixels wide.
    places, prices = np.transpose(panel["prices"])
    place = Line.through(np.sqrt(prices), places)
    assert panel["mean"] == pytest.approx(place(np.sqrt(min(paid.mean(), 36))), abs=0.1)
    for kind, rows in (("wrong", wrong), ("right", ~wrong)):
        wanted = np.sort(place(np.sqrt(np.minimum(paid[rows], 36))))
        assert np.abs(np.sort(panel["paid"][kind]) - wanted).max() < 3.4
    assert f"{wrong.sum()} wrong answer" in panel["text"]
    share = paid[wrong].sum() / paid.sum()
    assert f"{100 * share:.0f} % of it, {paid[wrong].mean():.1f}" in panel["text"]
    loss = unpack_array(told["temperature"]["loss"])[i, step]
    assert panel["loss"] == written(float(loss))
    if step == 20:  # temperature 1
        exact = pile.worlds[1].scores[i, SCORES.index("fresh_loss"), -1]
        assert panel["loss"] == written(float(exact))


def test_headings_and_findings_are_pythons(second, pile):
    assert second.text("reliability-title") == detail(pile, 1)["loss_heading"]


def test_marks_stand_where_the_slider_is_at_the_best_temperatures(second, pile):
    values, best = (detail(pile, 1)["temperature"][key] for key in ("values", "best"))
    slider = second.part("temperature").bounding_box()
    marks = second.part("best-temperatures").locator("i").all()
    # The middle of its thumb, 15 pixels wide, goes from 7.5 pixels to as many before the end.
    found = [
        (mark.bounding_box()["x"] - slider["x"] - 7.5) / (slider["width"] - 15) for mark in marks
    ]
    wanted = sorted(values.index(value) / (len(values) - 1) for value in best)
    assert found == pytest.approx(wanted, abs=0.003)


def test_the_table_is_saved_with_all_its_digits(second, pile):
    told = detail(pile, 1)["table"]
    second.page.locator(".numbers summary").click()
    rows = second.part("table").locator("tbody tr")
    assert [row.split("\t") for row in rows.all_inner_texts()] == told["rows"]
    with second.page.expect_download() as download:
        second.page.locator("#capstone-save").click()
    assert download.value.suggested_filename == "capstone.csv"
    header, *lines = csv.reader(download.value.path().read_text().splitlines())
    assert [line[0] for line in lines] == list(NAMES)
    for line in lines:
        for key, text in zip(header[1:], line[1:], strict=True):
            assert float(text) == told["numbers"][line[0]][key]
    for name, line in zip(NAMES, lines, strict=True):
        exact = pile.worlds[1].scores[network(name), SCORES.index("test_loss"), -1]
        assert float(line[header.index("test_loss")]) == float(exact)


def test_a_dot_of_the_budget_opens_its_world(second, pile):
    second.part("budget").locator('[data-error-of="good"][data-world="4"]').dispatch_event(
        "click"  # where other dots lie on top, a press would mean theirs
    )
    second.settle(world=4, drawn=5)
    assert re.search(r"In \d of 5 worlds", second.text("run"))


# How they look and are reached


@pytest.fixture
def worlds(opened):
    """As many as were drawn before, the first on show at its end."""
    opened.go(0)
    opened.end()
    opened.page.evaluate("scrollTo(0, 0)")
    return opened


def test_nothing_overflows_on_a_phone_and_the_networks_are_a_row_to_swipe(worlds, screenshot):
    page = worlds.page
    with in_window(page, 390, 844, "dark"):
        worlds.draw()
        screenshot(page, "capstone-390")
        assert page.evaluate(SIDEWAYS) <= 0
        columns = worlds.part("columns")
        assert columns.evaluate("(e) => e.scrollWidth > 2.5 * e.clientWidth")
        page.locator(f"{WORLDS} .segments button", has_text="About right").click()
        page.wait_for_function(
            "document.querySelector('.worlds .segments :nth-child(3)').ariaPressed === 'true'"
        )
        big = worlds.column("good").bounding_box()
        assert 0 <= big["x"] <= 40
        # Nothing to press is smaller than a finger.
        heights = page.locator(
            f"{WORLDS} .inner > :is(.bar, .segments) button:visible"
        ).evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().height)")
        assert heights
        assert min(heights) >= 38
        for name in ("budget-block", "reliability-block"):
            box = worlds.part(name).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        columns.evaluate("(e) => e.scrollTo(0, 0)")


def test_a_wide_window_has_all_of_a_world_in_its_first_screen(worlds, screenshot):
    page = worlds.page
    with in_window(page, 1440, 940):
        worlds.draw()
        screenshot(page, "capstone-wide")
        strip = page.locator(f"{WORLDS} .strip-of-worlds").last.bounding_box()
        assert strip["y"] + strip["height"] <= 940
        assert page.evaluate(SIDEWAYS) <= 0
        tops = [worlds.column(name).bounding_box()["y"] for name in ("underfit", "overfit", "good")]
        assert len(set(tops)) == 1
        # Nothing that appears moves the pictures.
        before = page.locator(f"{WORLDS} .picture").first.bounding_box()
        worlds.draw()
        for show in ("best", "others", "regret"):
            page.locator(f'{WORLDS} [data-show="{show}"]').click()
        assert page.locator(f"{WORLDS} .picture").first.bounding_box() == before


def test_all_of_it_works_by_keyboard(worlds):
    page, before = worlds.page, int(worlds.says("drawn"))
    worlds.part("draw").focus()
    page.keyboard.press("Enter")
    worlds.settle(drawn=before + 1, world=before)
    plots, strips = page.locator(f"{WORLDS} .plots"), page.locator(f"{WORLDS} .strip-of-worlds")
    plots.nth(1).press("Home")
    assert worlds.says("epoch") == "0"
    plots.nth(1).press("ArrowRight")
    assert plots.nth(1).get_attribute("aria-valuetext") == f"epoch {worlds.text('epoch')}"
    strips.nth(2).press("ArrowLeft")
    worlds.settle(world=before - 1)
    told = strips.nth(2).get_attribute("aria-valuetext")
    assert told.startswith(f"world {before} of {before + 1}: fresh ")
    word = page.locator(f"{WORLDS} dfn", has_text="epoch")
    word.focus()
    gloss = page.locator("#gloss")
    gloss.wait_for()
    assert gloss.inner_text() == GLOSSARY["capstone"]["epoch"]
    described = word.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == gloss.inner_text()
    page.keyboard.press("Escape")
    assert not gloss.is_visible()
