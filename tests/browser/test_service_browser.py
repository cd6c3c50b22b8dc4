"""What the page does where the server has much to do."""

import json

import pytest

JOIN, STREAM = "**/gradio_api/queue/join**", "**/gradio_api/queue/data**"
FILM = "#playground-stage .picture"


@pytest.fixture
def joins(page) -> list[dict]:
    """The events that the page asks for."""
    asked: list[dict] = []
    page.on(
        "request",
        lambda request: "queue/join" in request.url and asked.append(request.post_data_json),
    )
    return asked


def test_a_page_opens_with_one_event(page, app_url, joins):
    page.goto(app_url)
    page.locator(f"{FILM} canvas").first.wait_for()
    page.locator("#origin", has_text="Weights").wait_for()
    page.get_by_role("tab", name="Heart").click()
    page.locator('#patient[data-patient="now"]').wait_for()
    page.locator("#why", has_text="average patient").wait_for()
    assert len(joins) == 1


def test_what_had_no_room_is_asked_again_and_the_page_says_so(page, app_url, joins):
    refused = []

    def refuse_first(route):
        if not refused:
            refused.append(route.request.url)
            route.fulfill(status=503, json={"error": "server: has too much to do"})
        else:
            route.continue_()

    page.route(JOIN, refuse_first)
    page.goto(app_url)
    page.locator("#in-line", has_text="The server is busy. Trying again in 1 s").wait_for()
    page.locator(f"{FILM} canvas").first.wait_for()
    page.locator("#in-line:empty").wait_for(state="attached")
    assert len(refused) == 1
    assert len(joins) == 2


def test_who_waits_reads_a_place_in_line(page, app_url, screenshot):
    page.goto(app_url)
    page.locator(f"{FILM} canvas").first.wait_for()
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
