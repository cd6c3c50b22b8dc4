"""What stands around the stage: exercises, kept runs, a page that is left, a frame of the Hub."""

import re

import numpy as np
import pytest

from classifiers.data.synthetic import sample
from classifiers.recipes.exercises import exercise
from classifiers.recipes.playground.run import finish_playground
from classifiers.ui.film.player import PALETTE
from tests.browser.playground.test_playground_browser import (
    DEADLINE,
    MOONS,
    PICTURE,
    SHIFT,
    STAGE,
    accuracy,
    at,
    data,
    opened,
    press,
    setting,
    text,
    trained,
    unfold,
)

FILM = "#exercise-film .film"
COMPARED = "#playground-compare .stage"
HUB = "https://huggingface.co"


def run_exercise(page, key: str):
    page.click(f"#exercise-{key}")
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.wait_for_timeout(200)
    return page


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_the_exercises_open_beside_a_picture_that_does_not_move(page, app_url, width, height):
    page.set_viewport_size({"width": width, "height": height})
    opened(page, app_url)
    before = page.locator(PICTURE).bounding_box()
    card = page.locator("#exercise-card")
    assert not card.is_visible()
    press(page, "exercises-open")
    assert page.locator(PICTURE).bounding_box() == before
    beside = card.bounding_box()
    if width > 900:
        assert beside["x"] + beside["width"] <= before["x"]
        assert beside["y"] + beside["height"] <= height + 60
    else:
        assert beside["y"] >= before["y"] + before["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    press(page, "exercises-close")
    assert not card.is_visible()
    assert page.locator(PICTURE).bounding_box() == before


def test_an_exercise_says_what_python_found_in_pictures_of_one_frame(page, app_url, screenshot):
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, app_url)
    press(page, "exercises-open")
    page.evaluate(SHIFT)
    run_exercise(page, "4")
    assert page.evaluate("window.shifted") < 0.02
    found = exercise("4").run()
    told = [plain(line) for line in page.locator("#exercise-findings li").all_inner_texts()]
    assert told == found["findings"]
    shots = page.locator("#exercise-film .shot")
    assert shots.count() == 2
    extents = {shot.get_attribute("data-extent") for shot in shots.all()}
    assert len(extents) == 1
    names = [shot.locator(".shot-name").inner_text() for shot in shots.all()]
    assert names == list(found["results"])
    for shot, result in zip(shots.all(), found["results"].values(), strict=True):
        mean = 100 * result["metrics"]["test_accuracy"]
        shown = float(re.search(r"test ([\d.]+) %", shot.inner_text())[1])
        assert shown == pytest.approx(mean, abs=0.051)
    screenshot(page, "playground-exercise")


def test_the_picture_of_an_exercise_has_the_colours_of_its_classes(page, app_url):
    """Where a tight blob of class k lies, the network says k, in k's colour."""
    opened(page, app_url)
    press(page, "exercises-open")
    run_exercise(page, "1")
    config = exercise("1").settings["spread 0.5"]
    points = sample(config.dataset)
    centres = [points.x[points.y == k].mean(axis=0).tolist() for k in range(4)]
    told = page.evaluate(
        """([centres, i]) => {
          const shot = document.querySelectorAll('#exercise-film .shot')[i];
          const [x0, x1, y0, y1] = shot.dataset.extent.split(' ').map(Number);
          const canvas = shot.querySelector('canvas.below');
          const context = canvas.getContext('2d');
          return centres.map(([x, y]) => [...context.getImageData(
            Math.round((x - x0) / (x1 - x0) * canvas.width),
            Math.round((y1 - y) / (y1 - y0) * canvas.height), 1, 1).data].slice(0, 3));
        }""",
        [centres, 1],
    )
    colours = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in PALETTE[:4]]
    tints = 255 + 0.4 * (np.array(colours) - 255)
    assert np.abs(np.array(told) - tints).max() <= 3


def test_an_exercise_that_is_left_says_nothing_more(page, app_url):
    opened(page, app_url)
    press(page, "exercises-open")
    page.click("#exercise-5")
    page.click("#exercise-6")
    page.wait_for_selector(f"{FILM}[data-state=done]", timeout=DEADLINE)
    page.wait_for_timeout(1500)
    told = plain(page.inner_text("#exercise-findings"))
    assert told.startswith("Confusion matrix")
    assert "class A" in told
    assert "moons" not in told
    assert page.locator("#exercise-film .shot").count() == 1
    cells = page.locator("#exercise-film .matrix tbody td").all_inner_texts()
    counts = [0 if cell == "·" else float(cell) for cell in cells]
    matrix = finish_playground(exercise("6").settings["blobs"]).confusion
    assert counts == pytest.approx(np.ravel(matrix).tolist(), abs=0.051)


def test_an_exercise_is_stopped_and_its_epochs_are_looked_back_at(page, app_url):
    opened(page, app_url)
    press(page, "exercises-open")
    page.click("#exercise-5")
    page.click("#exercise-stop")
    page.wait_for_selector(f"{FILM}[data-state=stopped]", timeout=DEADLINE)
    run_exercise(page, "1")
    slider = page.locator("[data-part=exercise-epoch]")
    end = page.inner_text("#exercise-film .shot >> nth=0")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_selector("#exercise-film .shot[data-epoch='0']")
    assert page.inner_text("#exercise-film .shot >> nth=0") != end
    page.keyboard.press("End")
    page.wait_for_selector("#exercise-film .shot[data-epoch='100']")
    assert page.inner_text("#exercise-film .shot >> nth=0") == end


def test_settings_are_lent_and_the_visitors_own_come_back_trained(page, app_url):
    trained(opened(page, app_url, MOONS))
    before, own = accuracy(page), page.url
    press(page, "exercises-open")
    assert not page.locator("#exercise-back").is_visible()
    run_exercise(page, "3")
    page.locator("#exercise-film .shot >> nth=1").click()
    page.click("#exercise-take")
    at(page, "ready")
    assert setting(page, "network.activation").input_value() == '"tanh"'
    assert "dataset.name" not in page.url
    page.locator("#exercise-film .shot >> nth=0").click()
    page.click("#exercise-take")  # what was lent is nobody's own
    page.wait_for_function("!location.search.includes('tanh')")
    page.reload()
    at(page, "ready")
    page.click("#exercise-back")
    at(page, "paused", reached=60)
    assert accuracy(page) == before
    page.wait_for_function("url => location.href === url", arg=own)
    assert not page.locator("#exercise-back").is_visible()


def test_what_a_visitor_made_of_lent_settings_is_kept_too(page, app_url):
    opened(page, app_url)
    press(page, "exercises-open")
    run_exercise(page, "6")
    page.click("#exercise-take")
    page.wait_for_selector("#exercise-back")
    at(page, "ready")
    press(page, "fewer-layers")
    page.wait_for_function("decodeURIComponent(location.search).includes('network.widths=[8]')")
    page.click("#exercise-take")
    page.wait_for_function("!location.search.includes('network.widths')")
    page.click("#exercise-back")
    page.wait_for_function("decodeURIComponent(location.search).includes('network.widths=[8]')")
    page.click("#exercise-back")
    page.wait_for_function("!location.search.includes('training.members')")


def compared(page) -> list[str]:
    """The pictures of the runs to compare."""
    unfold(page, "compare")
    page.wait_for_selector(COMPARED, timeout=DEADLINE)
    page.wait_for_timeout(500)
    return page.evaluate(
        f"[...document.querySelectorAll('{COMPARED} .picture')].map((one) => one.toDataURL())"
    )


def kept(page, count: int) -> None:
    page.wait_for_function(
        "count => document.querySelectorAll('#playground-compare [data-part=first] option').length"
        " === count",
        arg=count,
    )


def test_kept_runs_survive_a_reload_in_bounded_number(page, app_url):
    trained(opened(page, app_url, MOONS))
    for _ in range(3):
        press(page, "keep")
    before = compared(page)
    kept(page, 3)
    page.reload()
    at(page, "paused")
    assert compared(page) == before
    for _ in range(7):
        press(page, "keep")
    kept(page, 8)
    page.click("#playground-compare [data-part=forget]")
    page.wait_for_selector(COMPARED, state="detached")
    page.reload()
    at(page, "paused")
    unfold(page, "compare")
    page.wait_for_timeout(500)
    assert page.locator(COMPARED).count() == 0


STORED = """(shelf) => new Promise((resolve) => {
  const opening = indexedDB.open('classifiers-kept-runs', 1);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('shelf', 'readwrite').objectStore('shelf');
    asked.put(shelf, 'runs').onsuccess = () => { opening.result.close(); resolve(); };
  };
})"""
RUN = "{start: {title: 'x'}, rows: {epoch: []}, points: [], frames: []}"


@pytest.mark.parametrize("shelf", [f"{{format: 0, runs: [{RUN}]}}", "7", "{format: 1, runs: [1]}"])
def test_runs_of_another_format_are_dropped(page, app_url, shelf):
    opened(page, app_url)
    page.evaluate(f"({STORED})({shelf})")
    page.reload()
    at(page, "ready")
    page.wait_for_timeout(300)
    unfold(page, "compare")
    assert page.locator(COMPARED).count() == 0
    page.locator("#playground-compare [data-part=compare-empty]").wait_for()


def test_without_storage_runs_are_kept_in_the_page(page, app_url):
    page.add_init_script(
        "for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('refused'); } });"
    )
    trained(opened(page, app_url, MOONS))
    press(page, "keep")
    assert len(compared(page)) == 1


# A page that is left.

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def reached(page) -> int:
    return int(data(page, "reached"))


def test_a_hidden_page_pauses_and_goes_on_when_it_is_seen_again(page, app_url):
    opened(page, app_url)
    press(page, "play")
    page.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    page.evaluate(HIDE, True)
    at(page, "paused")
    page.wait_for_function("location.search.includes('training.epochs')")
    page.wait_for_timeout(500)
    stopped = reached(page)
    page.wait_for_timeout(1000)
    assert reached(page) == stopped
    page.evaluate(HIDE, False)
    page.wait_for_function(
        f"reached => document.querySelector('{STAGE}').dataset.reached > reached", arg=stopped
    )
    at(press(page, "play"), "paused")
    page.evaluate(HIDE, True)
    page.evaluate(HIDE, False)
    page.wait_for_timeout(500)
    assert data(page, "phase") == "paused"


def test_a_run_that_pauses_where_its_link_says_does_so_after_being_hidden(page, app_url):
    opened(page, app_url, MOONS.replace("epochs=60", "epochs=150"))
    press(page, "play")
    page.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    page.evaluate(HIDE, True)
    page.wait_for_timeout(300)
    page.evaluate(HIDE, False)
    at(page, "paused", reached=150)


# A frame of the Hub.


def framed(page, app_url, query: str = "", space: str = ""):
    """The app in a page of the Hub, which writes down what it is told."""
    body = (
        "<script>window.told = []; addEventListener('message', ({ data, origin }) => "
        "{ if (data?.queryString !== undefined) told.push({ ...data, origin }); });</script>"
        f"<iframe src='{app_url}/{query}' style='width:1200px;height:860px'></iframe>"
    )
    page.route(f"{HUB}/spaces/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    if space:

        def named(route) -> None:
            answer = route.fetch()
            usual = r"\"space\": \"\""
            assert usual in answer.text()
            mended = answer.text().replace(usual, rf"\"space\": \"{space}\"")
            route.fulfill(response=answer, body=mended)

        page.route(re.compile(re.escape(app_url) + r"/(\?.*)?$"), named)
    page.goto(f"{HUB}/spaces/someone/playground{query}")
    inner = page.frame_locator("iframe")
    inner.locator(f"{STAGE}[data-phase=ready]").wait_for(timeout=DEADLINE)
    return inner


def test_the_address_of_the_hubs_page_follows_and_a_copied_link_leads_there(page, app_url):
    query = "?__sign=secret&__theme=dark&dataset.name=moons"
    inner = framed(page, app_url, query, space="someone/playground")
    inner.locator("[data-set=spirals]").click()
    page.wait_for_function("told.at(-1)?.queryString.includes('dataset.name=spirals')")
    told = page.evaluate("told")
    assert {one["origin"] for one in told} == {app_url}
    assert all(set(one) == {"queryString", "hash", "origin"} for one in told)
    assert "secret" not in str(told)
    inner.get_by_role("tab", name="Capstone").click()
    page.wait_for_function("told.at(-1).queryString.includes('tab=capstone')")
    inner.get_by_role("tab", name="Playground").click()
    inner.locator("#playground-stage [data-part=copy]").click()
    field = inner.locator("#playground-stage [data-part=link]")
    field.wait_for()
    link = field.input_value()
    assert link.startswith(f"{HUB}/spaces/someone/playground?dataset.name=spirals")
    assert "__" not in link
    query = "?" + link.partition("?")[2]
    again = page.context.new_page()
    opened(again, app_url, query)
    assert again.get_attribute("[data-set=spirals]", "aria-pressed") == "true"
    again.close()


def test_nobody_but_the_hub_hears_of_the_address(page, app_url):
    other = app_url.replace("127.0.0.1", "localhost")  # another origin
    body = (
        "<script>window.told = []; addEventListener('message', ({ data }) => "
        "told.push(JSON.stringify(data)));</script>"
        f"<iframe src='{app_url}/' style='width:1200px;height:860px'></iframe>"
    )
    page.goto(f"{other}/robots.txt")  # any answer of this machine's: it may frame the app
    page.set_content(body)
    inner = page.frame_locator("iframe")
    inner.locator(f"{STAGE}[data-phase=ready]").wait_for(timeout=DEADLINE)
    inner.locator("[data-set=circles]").click()
    inner.locator("[data-set=circles][aria-pressed=true]").wait_for()
    page.wait_for_timeout(1000)
    assert "queryString" not in str(page.evaluate("told"))
    inner.locator("#playground-stage [data-part=copy]").click()
    field = inner.locator("#playground-stage [data-part=link]")
    field.wait_for()
    assert field.input_value().startswith(app_url)


def test_an_error_is_told_once_at_its_field_in_words(page, app_url):
    opened(page, app_url)
    at(press(page, "step"), "paused", reached=1)
    page.click("#playground-stage [data-part=more-fold] summary")
    for path, value in [("training.learning_rate", "-3"), ("training.l2", "77")]:
        field = page.locator(f"#playground-stage .more-grid [data-path='{path}'] input")
        usual = field.input_value()
        field.fill(value)
        field.press("Enter")
        problems = page.locator("#playground-stage .wrong-value:visible")
        problems.first.wait_for()
        assert problems.count() == 1
        told = problems.inner_text()
        assert "training." not in told
        assert not re.search("Value error|Input should|after validation", told)
        assert text(page, "told") == ""
        field.fill(usual)
        field.press("Enter")
        problems.first.wait_for(state="hidden")
    at(press(page, "step"), "paused", reached=2)
    assert page.locator("#playground-stage .plot .named").count() == 0  # nothing was changed
