"""What the page does where the server has much to do."""

import json
from collections.abc import Iterator

import pytest

from classifiers.ui.static import asset

JOIN, STREAM = "**/gradio_api/queue/join**", "**/gradio_api/queue/data**"
FILM = "#playground-stage .picture"


@pytest.fixture
def joins(fresh) -> Iterator[list[dict]]:
    """The events that the page asks for."""
    asked: list[dict] = []

    def note(request) -> None:
        if "queue/join" in request.url:
            asked.append(request.post_data_json)

    fresh.on("request", note)
    yield asked
    fresh.remove_listener("request", note)


@pytest.fixture
def routed(fresh) -> Iterator[object]:
    """The page, whose requests a test may answer."""
    yield fresh
    fresh.unroute_all()


def test_a_page_opens_with_one_event_and_heart_with_another(fresh, app_url, joins):
    fresh.goto(app_url)
    fresh.locator(f"{FILM} canvas").first.wait_for()
    fresh.locator("#origin", has_text="Weights").wait_for()
    assert len(joins) == 1
    fresh.get_by_role("tab", name="Heart").click()
    fresh.locator('#patient[data-patient="now"]').wait_for()
    fresh.locator("#why", has_text="average patient").wait_for()
    assert len(joins) == 2


def test_who_waits_reads_a_place_in_line(shared_page, app_url):
    page = shared_page
    if page.locator("#playground-stage").count() == 0:  # the test before leaves it there
        page.goto(app_url)
    page.get_by_role("tab", name="Playground").click()
    page.locator("#playground-stage .playground[data-phase=ready]").wait_for()
    page.route(JOIN, lambda route: route.fulfill(json={"event_id": "one"}))
    place = {"msg": "estimation", "event_id": "one", "rank": 11, "rank_eta": 21.0, "queue_size": 40,
             "text": "You are number 12 in line; about 20 s."}  # fmt: skip
    news = [json.dumps(place, separators=(",", ":"))]
    page.route(STREAM, lambda route: route.fulfill(
        content_type="text/event-stream", body="".join(f"data: {text}\n\n" for text in news)
    ))  # fmt: skip
    seen = page.evaluate_handle(
        """() => {
          const seen = [];
          const look = () => seen.push(document.getElementById('in-line')?.textContent);
          new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
          return seen;
        }"""
    )
    page.locator("#playground-stage [data-part=play]").click()
    page.wait_for_function(
        "(seen) => seen.includes('You are number 12 in line; about 20 s.')", arg=seen
    )
    page.unroute_all()


def test_what_had_no_room_is_asked_again_and_the_page_says_so(routed, app_url, joins):
    refused = []

    def refuse_first(route):
        if not refused:
            refused.append(route.request.url)
            route.fulfill(status=503, json={"error": "server: has too much to do"})
        else:
            route.continue_()

    routed.route(JOIN, refuse_first)
    routed.goto(app_url)
    routed.locator("#in-line", has_text="The server is busy. Trying again in 1 s").wait_for()
    routed.locator(f"{FILM} canvas").first.wait_for()
    routed.locator("#in-line:empty").wait_for(state="attached")
    assert len(refused) == 1
    assert len(joins) == 2


@pytest.mark.parametrize(
    ("button", "begun"), [("play", ":not([data-reached='0'])"), ("step", "[data-reached='1']")]
)
def test_what_is_pressed_before_the_page_is_ready_is_not_lost(routed, app_url, button, begun):
    held = []
    routed.route(JOIN, lambda route: route.continue_() if held else held.append(route))
    routed.goto(app_url)
    routed.locator(f"{FILM} canvas").first.wait_for(state="attached")
    routed.locator(f"#playground-stage [data-part={button}]").click()
    routed.wait_for_timeout(200)
    held[0].continue_()
    routed.locator(f"#playground-stage .playground[data-reached]{begun}").wait_for()


FAKE = """() => {
  // A server that says what a test wants, and a page that reads as Gradio's does.
  window.opened = [];
  window.fetch = async (url) => {
    if (url.includes('queue/join')) return Response.json({ event_id: url.split('=')[1] });
    if (window.gone) return new Response('', { status: 404 });
    const body = new ReadableStream({ start: (controller) => window.opened.push(controller) });
    return new Response(body);
  };
  window.tell = (stream, ...messages) => window.opened[stream].enqueue(new TextEncoder().encode(
    messages.map((message) => `data: ${JSON.stringify(message)}\\n\\n`).join('')));
  window.heard = [];
  window.read = async () => {
    const answer = await window.fetch('/gradio_api/queue/data?session_hash=s', {});
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      window.heard.push(...value.trim().split('\\n\\n').map((one) => JSON.parse(one.slice(6))));
    }
  };
  window.join = (event) => window.fetch(`/gradio_api/queue/join?event=${event}`);
}"""
DONE = "{ msg: 'process_completed', event_id: '%s', success: true }"
CLOSE = "{ msg: 'close_stream', event_id: null }"


@pytest.fixture
def fake(page):
    """A page with our way of reading answers, and a server that a test plays."""
    page.goto("about:blank")
    page.evaluate(FAKE)
    page.evaluate(asset("page/line.js"))
    page.evaluate("async () => { await join('one'); read(); }")
    page.wait_for_function("opened.length === 1")
    return page


def heard(page) -> list[tuple[str, str]]:
    return [(one["msg"], one["event_id"]) for one in page.evaluate("heard")]


def test_what_is_asked_while_a_stream_ends_is_heard_from_the_next(fake):
    fake.evaluate("tell(0, { msg: 'estimation', event_id: 'one', text: 'You are number 2.' })")
    fake.locator("#in-line", has_text="number 2").wait_for()
    fake.evaluate("tell(0, { msg: 'process_starts', event_id: 'one' })")
    fake.locator("#in-line:empty").wait_for(state="attached")
    fake.evaluate("() => { heard.length = 0; }")
    fake.evaluate(f"async () => {{ tell(0, {DONE % 'one'}); await join('two'); tell(0, {CLOSE}); "
                  "opened[0].close(); }")  # fmt: skip
    fake.wait_for_function("opened.length === 2")
    fake.evaluate(f"tell(1, {DONE % 'two'}, {CLOSE}); opened[1].close();")
    fake.wait_for_function("heard.length === 2")
    assert heard(fake) == [("process_completed", "one"), ("process_completed", "two")]
    fake.wait_for_timeout(300)
    assert fake.evaluate("opened.length") == 2, "nothing is waited for, and a stream is open"
    fake.evaluate("join('three')")
    fake.wait_for_function("opened.length === 3")


def test_an_answer_that_comes_before_its_number_is_not_waited_for(fake):
    fake.evaluate(f"async () => {{ tell(0, {DONE % 'two'}); "
                  "await new Promise((wake) => setTimeout(wake, 100)); await join('two'); "
                  f"tell(0, {DONE % 'one'}, {CLOSE}); opened[0].close(); }}")  # fmt: skip
    fake.wait_for_function("heard.length === 2")
    fake.wait_for_timeout(1300)
    assert fake.evaluate("opened.length") == 1


def test_what_the_server_no_longer_knows_is_told_as_lost_and_the_next_is_heard(fake):
    fake.evaluate("gone = true; opened[0].close();")
    fake.wait_for_function("heard.length === 1")
    assert heard(fake) == [("unexpected_error", "one")]
    fake.evaluate("async () => { gone = false; await join('two'); }")
    fake.wait_for_function("opened.length === 2")
    fake.evaluate("opened[1].error(new TypeError('network error'));")
    fake.wait_for_function("heard.length === 2")
    assert heard(fake)[1:] == [("broken_connection", "two")]
    fake.evaluate(f"async () => {{ await join('three'); tell(2, {DONE % 'three'}); }}")
    fake.wait_for_function("heard.length === 3")
