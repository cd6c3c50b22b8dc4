"""What stands around the stage: kept runs, a page that is left, a frame of the Hub."""

import re

import pytest

from tests.browser.playground.test_playground_browser import (
    DEADLINE,
    MOONS,
    SHORT,
    STAGE,
    at,
    data,
    opened,
    press,
    text,
    trained,
    unfold,
)
from tests.conftest import forgotten

COMPARED = "#playground-compare .stage"
HUB = "https://huggingface.co"


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


def test_kept_runs_survive_a_reload_in_bounded_number(fresh, app_url):
    trained(opened(fresh, app_url, SHORT))
    for _ in range(3):
        press(fresh, "keep")
    before = compared(fresh)
    kept(fresh, 3)
    fresh.reload()
    at(fresh, "paused")
    assert compared(fresh) == before
    for _ in range(7):
        press(fresh, "keep")
    kept(fresh, 8)
    fresh.click("#playground-compare [data-part=forget]")
    fresh.wait_for_selector(COMPARED, state="detached")
    fresh.reload()
    at(fresh, "paused")
    unfold(fresh, "compare")
    fresh.wait_for_timeout(500)
    assert fresh.locator(COMPARED).count() == 0


STORED = """(shelf) => new Promise((resolve) => {
  const opening = indexedDB.open('classifiers-kept-runs', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('shelf');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('shelf', 'readwrite').objectStore('shelf');
    asked.put(shelf, 'runs').onsuccess = () => { opening.result.close(); resolve(); };
  };
})"""
RUN = "{start: {title: 'x'}, rows: {epoch: []}, points: [], frames: []}"


@pytest.mark.parametrize("shelf", [f"{{format: 0, runs: [{RUN}]}}", "7", "{format: 1, runs: [1]}"])
def test_runs_of_another_format_are_dropped(fresh, app_url, shelf):
    fresh.evaluate(f"({STORED})({shelf})")  # where the app's own page is not yet
    opened(fresh, app_url)
    fresh.wait_for_timeout(300)
    unfold(fresh, "compare")
    assert fresh.locator(COMPARED).count() == 0
    fresh.locator("#playground-compare [data-part=compare-empty]").wait_for()


def test_without_storage_runs_are_kept_in_the_page(page, app_url):
    page.add_init_script(
        "for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('refused'); } });"
    )
    trained(opened(page, app_url, SHORT))
    press(page, "keep")
    assert len(compared(page)) == 1


# A page that is left.

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def reached(page) -> int:
    return int(data(page, "reached"))


def test_a_hidden_page_pauses_and_goes_on_when_it_is_seen_again(fresh, app_url):
    opened(fresh, app_url)
    press(fresh, "play")
    fresh.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    fresh.evaluate(HIDE, True)
    at(fresh, "paused")
    fresh.wait_for_function("location.search.includes('training.epochs')")
    fresh.wait_for_timeout(500)
    stopped = reached(fresh)
    fresh.wait_for_timeout(1000)
    assert reached(fresh) == stopped
    fresh.evaluate(HIDE, False)
    fresh.wait_for_function(
        f"reached => document.querySelector('{STAGE}').dataset.reached > reached", arg=stopped
    )
    at(press(fresh, "play"), "paused")
    fresh.evaluate(HIDE, True)
    fresh.evaluate(HIDE, False)
    fresh.wait_for_timeout(500)
    assert data(fresh, "phase") == "paused"


def test_a_run_that_pauses_where_its_link_says_does_so_after_being_hidden(fresh, app_url):
    opened(fresh, app_url, MOONS)
    press(fresh, "play")
    fresh.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    fresh.evaluate(HIDE, True)
    fresh.wait_for_timeout(300)
    fresh.evaluate(HIDE, False)
    at(fresh, "paused", reached=60)


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
            usual = r'\\"space\\": \\"\\"'
            assert usual in answer.text()
            mended = answer.text().replace(usual, rf'\\"space\\": \\"{space}\\"')
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
    page.unroute_all()
    opened(forgotten(page, app_url), app_url, query)
    assert page.get_attribute("[data-set=spirals]", "aria-pressed") == "true"


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


def test_an_error_is_told_once_at_its_field_in_words(fresh, app_url):
    opened(fresh, app_url)
    at(press(fresh, "step"), "paused", reached=1)
    fresh.click("#playground-stage [data-part=more-fold] summary")
    for path, value in [("training.learning_rate", "-3"), ("training.l2", "77")]:
        field = fresh.locator(f"#playground-stage .more-grid [data-path='{path}'] input")
        usual = field.input_value()
        field.fill(value)
        field.press("Enter")
        problems = fresh.locator("#playground-stage .wrong-value:visible")
        problems.first.wait_for()
        assert problems.count() == 1
        told = problems.inner_text()
        assert "training." not in told
        assert not re.search("Value error|Input should|after validation", told)
        assert text(fresh, "told") == ""
        field.fill(usual)
        field.press("Enter")
        problems.first.wait_for(state="hidden")
    at(press(fresh, "step"), "paused", reached=2)
    assert fresh.locator("#playground-stage .plot .named").count() == 0  # nothing was changed


def test_only_a_link_of_other_settings_waits_for_an_answer(page, app_url):
    page.route("**/gradio_api/queue/join**", lambda route: route.abort())
    opened(page, app_url, "?utm=x")
    page.goto(f"{app_url}?dataset.name=moons")
    page.wait_for_selector("#playground-stage .network, #playground-stage [data-set=moons]")
    page.wait_for_timeout(1000)
    assert data(page, "phase") == "opening"
    page.unroute_all()
    page.errors.clear()


def test_a_reset_takes_back_a_press_that_waits(fresh, app_url):
    opened(fresh, app_url)
    fresh.evaluate(
        "() => ['[data-set=moons]', '[data-part=step]', '[data-part=reset]'].forEach((part) =>"
        " document.querySelector(`#playground-stage ${part}`).click())"
    )
    at(fresh, "ready")
    fresh.wait_for_timeout(800)
    assert (data(fresh, "phase"), reached(fresh)) == ("ready", 0)
