"""What stands around the stage: kept runs, a page that is left, a frame of the Hub."""

import re
from urllib.parse import parse_qs, urlsplit

from classifiers.ui.static import address
from tests.browser.playground.test_playground_browser import (
    DEADLINE,
    SHORT,
    STAGE,
    at,
    data,
    opened,
    press,
    setting,
    trained,
    unfold,
)

COMPARED = "#playground-compare .stage"
HUB = "https://huggingface.co"
BRIEF = SHORT.replace("epochs=12", "epochs=2")
# Once two looks are the same: what is drawn at first is drawn anew in the width it gets.
STILL = """async (selector) => {
  const look = () => [...document.querySelectorAll(selector)].map((one) => one.toDataURL());
  let [before, seen] = [[], look()];
  while (`${before}` !== `${seen}`) {
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    await new Promise((later) => { setTimeout(later, 300); });
    [before, seen] = [seen, look()];
  }
  return seen;
}"""


def compared(page) -> list[str]:
    """The pictures of the runs to compare, where those are unfolded."""
    page.wait_for_selector(COMPARED, timeout=DEADLINE)
    return page.evaluate(STILL, f"{COMPARED} .picture")


KEPT = "#playground-compare [data-part=first] option"


def keep(page, count: int) -> None:
    """Keeps a run, as one of `count`."""
    page.evaluate(f"document.querySelectorAll('{KEPT}').forEach((one) => one.id = 'old')")
    press(page, "keep")
    page.wait_for_function(
        f"count => document.querySelectorAll('{KEPT}:not(#old)').length === count"
        f" && !document.querySelector('{KEPT}#old')",
        arg=count,
    )


# What was asked of the storage before is answered before.
ASKED = """() => new Promise((resolve) => {
  const opening = indexedDB.open('classifiers-kept-runs', 1);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('shelf').objectStore('shelf').get('runs');
    asked.onsuccess = () => { opening.result.close(); setTimeout(resolve, 50); };
  };
})"""
STORED = """(shelf) => new Promise((resolve) => {
  const opening = indexedDB.open('classifiers-kept-runs', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('shelf');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('shelf', 'readwrite').objectStore('shelf');
    asked.put(shelf, 'runs').onsuccess = () => { opening.result.close(); resolve(); };
  };
})"""
RUN = "{start: {title: 'x'}, rows: {epoch: []}, points: [], frames: []}"
OTHERS = [f"{{format: 0, runs: [{RUN}]}}", "7", "{format: 1, runs: [1]}"]
RECALLED = """async (address) => {
  const { onKept } = await import(new URL(`${address}?${Math.random()}`, location.origin));
  await (%s)();
  let count = 0;
  onKept((runs) => { count = runs.length; });
  return count;
}"""


KEPT_BY_NINE = """async (address) => {
  const { keepRuns, onKept } = await import(new URL(`${address}?keeps`, location.origin));
  const titles = [];
  onKept((runs) => titles.push(runs.map(({ start }) => start.title).join('')));
  for (const title of 'abcdefghi') {
    await keepRuns([{ start: { title }, rows: { epoch: [] }, points: [], frames: [] }]);
  }
  return titles.slice(-3);
}"""


def test_runs_of_another_format_are_dropped_and_others_kept_in_bounded_number(fresh):
    place = address("film/shelf.js")
    for shelf, count in [*((one, 0) for one in OTHERS), (f"{{format: 1, runs: [{RUN}]}}", 1)]:
        fresh.evaluate(f"({STORED})({shelf})")  # where the app's own page is not yet
        assert fresh.evaluate(RECALLED % ASKED, place) == count, shelf
    fresh.evaluate(f"({STORED})({OTHERS[0]})")
    assert fresh.evaluate(KEPT_BY_NINE, place) == ["abcdefg", "abcdefgh", "bcdefghi"]
    assert fresh.evaluate(RECALLED % ASKED, place) == 8


KEPT_AT_ONCE = """async (address) => {
  const { keepRuns, onKept } = await import(new URL(`${address}?at-once`, location.origin));
  let titles = [];
  onKept((runs) => { titles = runs.map(({ start }) => start.title); });
  await keepRuns([{ start: { title: 'new' }, rows: { epoch: [] }, points: [], frames: [] }]);
  return titles;
}"""


def test_a_run_kept_at_once_stands_behind_those_kept_before(fresh):
    place = address("film/shelf.js")
    fresh.evaluate(f"({STORED})({{format: 1, runs: [{RUN}]}})")
    assert fresh.evaluate(KEPT_AT_ONCE, place) == ["x", "new"]
    assert fresh.evaluate(RECALLED % ASKED, place) == 2


ASKED_IN_A_ROW = """async (address) => {
  const { Server } = await import(new URL(address, location.origin));
  const sent = [];
  const server = new Server((_, asked) => sent.push(asked), false);
  const told = [];
  ['look', 'code', 'code', 'weights'].forEach((kind, at) =>
    server.ask(kind, { at }).then((answer) => told.push(`${kind} ${answer.n}`)));
  for (let i = 0; i < sent.length; i += 1) server.receive(JSON.stringify({ n: sent[i].n }));
  await new Promise((later) => { setTimeout(later); });
  return [sent.map(({ kind, n, at }) => [kind, n, at]), told];
}"""


def test_questions_that_wait_go_with_their_own_numbers(fresh):
    sent, told = fresh.evaluate(ASKED_IN_A_ROW, address("playground/run/server.js"))
    assert sent == [["look", 1, 0], ["code", 3, 2], ["weights", 4, 3]]
    assert told == ["look 1", "code 3", "weights 4"]


def test_kept_runs_survive_a_reload(fresh, app_url):
    fresh.evaluate(f"({STORED})({OTHERS[0]})")
    nothing_is_kept(opened(fresh, app_url, BRIEF))
    trained(fresh)
    for count in (1, 2):
        keep(fresh, count)
    before = compared(fresh)
    fresh.reload()
    at(fresh, "paused")
    unfold(fresh, "compare")
    fresh.wait_for_function(
        f"wanted => `${{[...document.querySelectorAll('{COMPARED} .picture')]"
        ".map((one) => one.toDataURL())}` === `${wanted}`",
        arg=before,
    )
    keep(fresh, 3)
    fresh.click("#playground-compare [data-part=forget]")
    fresh.wait_for_selector(COMPARED, state="detached")
    assert fresh.evaluate(RECALLED % ASKED, address("film/shelf.js")) == 0, "after a reload"


def nothing_is_kept(page) -> None:
    """Once the page has asked its storage: what is kept is shown after that alone."""
    page.evaluate(ASKED)
    unfold(page, "compare")
    page.locator("#playground-compare [data-part=compare-empty]").wait_for()
    assert page.locator(COMPARED).count() == 0


def test_without_storage_runs_are_kept_in_the_page(page, app_url):
    page.add_init_script(
        "for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('refused'); } });"
    )
    trained(opened(page, app_url, BRIEF))
    press(page, "keep")
    unfold(page, "compare")
    assert len(compared(page)) == 1


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
    query = parse_qs(urlsplit(link).query)
    usual = {"training.optimizer", "training.learning_rate", "training.batch_size"}
    assert set(query) - usual == {"dataset.name"}, "what was set, and nothing of the Hub's"


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
    framed = page.frames[1]
    framed.wait_for_function("location.search.includes('circles')")
    framed.evaluate("parent.postMessage('after that', '*')")
    page.wait_for_function("told.includes('\"after that\"')")
    assert "queryString" not in str(page.evaluate("told"))
    inner.locator("#playground-stage [data-part=copy]").click()
    field = inner.locator("#playground-stage [data-part=link]")
    field.wait_for()
    assert field.input_value().startswith(app_url)


def test_only_a_link_of_other_settings_waits_for_an_answer(fresh, app_url):
    fresh.route("**/gradio_api/queue/join**", lambda route: route.abort())
    opened(fresh, app_url, "?utm=x")
    fresh.goto(f"{app_url}?dataset.name=moons")
    fresh.wait_for_selector("#playground-stage .network, #playground-stage [data-set=moons]")
    fresh.wait_for_timeout(500)
    assert data(fresh, "phase") == "opening"
    fresh.unroute_all()
    fresh.errors.clear()


def test_a_choice_that_is_quicker_than_the_link_is_what_the_page_opens_with(fresh, app_url):
    held, early = [], True
    fresh.route(
        "**/gradio_api/queue/join**",
        lambda route: held.append(route) if early else route.continue_(),
    )
    fresh.goto(f"{app_url}?dataset.name=moons&training.optimizer=adamw&hide=more")
    fresh.click("#playground-stage [data-set=circles]")
    fresh.wait_for_timeout(300)
    assert len(held) == 1, "two answers at once would be one change of the component"
    early = False
    held[0].continue_()
    at(fresh, "ready")
    fresh.wait_for_function("location.search.includes('circles')")
    fresh.wait_for_selector("#playground-stage [data-set=circles][aria-pressed=true]")
    assert setting(fresh, "training.optimizer").input_value() == '"adam"', "not the link's"
    assert data(fresh, "hidden") == "more"
    fresh.unroute_all()
