"""Hostile texts in a real page: nothing is fetched, and no element is made of them."""

import json
import re
from urllib.parse import quote

import pytest

from tests.browser.capstone.sweeps_page import await_chart
from tests.browser.playground.test_playground_browser import STAGE
from tests.conftest import Server
from tests.tools.hostile import ROOT, beacon, hostile, poison_weights
from tests.tools.hub_client import make_version, settings
from tests.ui.test_following import settled_at, wait_for

beacon = pytest.fixture(scope="module")(beacon)

# Elements that hold the address other than as text, or that no panel of ours has.
MADE = """(url) => [...document.querySelectorAll('*')].filter((e) =>
  [...e.attributes].some((a) => a.value.includes(url) && !['value', 'title', 'alt', 'placeholder',
    'data-value', 'data-testid', 'download'].includes(a.name) && !a.name.startsWith('aria-'))
  || (e.tagName === 'STYLE' && e.textContent.includes(url))
  || (e.closest('.prose, .md, .toast-body, .html-container, [data-testid="block-info"] ~ *')
    && e.matches('img, a, form, iframe, style, script, .mermaid, .latex-block, .katex')
    && !e.closest('.film-player') && !e.matches('#capstone-settings, #guide [data-part=form]')
    && e.textContent + e.outerHTML !== '')
  ).map((e) => e.outerHTML.slice(0, 200))"""

# Until nothing has changed for longer than words wait to be looked through; some things never rest.
STILL = """() => new Promise((done) => {
  const end = () => { changes.disconnect(); done(); };
  let rest = setTimeout(end, 250);
  const changes = new MutationObserver(() => {
    clearTimeout(rest);
    rest = setTimeout(end, 250);
  });
  changes.observe(document.body,
    { subtree: true, childList: true, characterData: true, attributes: true });
  setTimeout(end, 1500);
})"""
OLD = "for (const e of document.querySelectorAll('#heart-exercise strong')) e.dataset.old = ''"
SEEN = """() => document.body.innerText.replace(document.querySelector('#origin').innerText, '')"""


@pytest.fixture
def guarded(fresh, beacon):
    """A page that has asked the beacon for nothing when the test is over."""
    asked = []

    def hear(request) -> None:
        asked.append(request.url)

    fresh.on("request", hear)
    yield fresh
    fresh.wait_for_timeout(300)
    fresh.remove_listener("request", hear)
    assert beacon.heard == []
    assert [url for url in asked if url.startswith(beacon.url)] == []


def check(page, beacon) -> None:
    """Once the page is at rest."""
    page.evaluate(STILL)
    assert page.evaluate(MADE, beacon.url) == []


LINKS = ("dataset.name={}", "dataset.{}=1", "dataset.points={}&dataset.name=points")


def test_links(guarded, beacon, app_url):
    for link in LINKS:
        guarded.goto(f"{app_url}/?{link.replace('{}', quote(hostile(beacon.url)))}")
        told = guarded.locator("#playground-stage [data-part=told]:not(:empty)")
        told.wait_for()
        assert "The link could not be used." in told.inner_text()
        assert "<img src=http" in told.inner_text()  # as it was sent
        check(guarded, beacon)


def test_files(guarded, beacon, app_url):
    text = hostile(beacon.url)
    cell = '"' + text.replace('"', '""') + '"'
    file = {"name": "![x](y)<img src=z>.csv", "mimeType": "text/csv"}
    guarded.goto(app_url)
    guarded.get_by_role("tab", name="Heart").click()
    guarded.get_by_role("tab", name="Table").click()
    empty = guarded.locator(".batch[data-state=empty]")
    answered = guarded.locator(".batch:not([data-state=empty], [data-state=waiting])")
    for content in (f"age,{cell}\n50,1\n{cell},2\n", f"{cell}\n1\n", text, f"age,sex\n{cell}\n"):
        upload = guarded.locator("#patients-file input[type=file]")
        upload.set_input_files({**file, "buffer": content.encode()})
        answered.wait_for()
        check(guarded, beacon)
        assert guarded.locator("#patients-file img").count() == 0
        guarded.locator(
            "#patients-file :is([aria-label='Clear'], [aria-label='Remove this file'])"
        ).first.click()
        empty.wait_for()
    guarded.get_by_role("tab", name="Playground").click()
    guarded.locator("#playground-stage [data-set=points]").click()
    points = {**file, "buffer": f"1,2,0\n{text}".encode()}
    guarded.locator("#points-file input[type=file], input[type=file]").first.set_input_files(points)
    guarded.locator(".toast-body", has_text="dataset.points").wait_for()
    check(guarded, beacon)


# What each inner tab of Heart has once it is drawn.
DRAWN = {
    "Patient": "#why .way svg",
    "Threshold": '#explorer .explorer[data-state="ok"] svg',
    "Table": ".batch",
    "Lessons": "#heart-lessons details",
    "Record": "#heart-record figure",
}


def open_everything(page, beacon) -> str:
    """Every tab, sub-tab, accordion and exercise about the weights; gives all their text, but not
    where the weights are from.
    """
    seen = []

    def look(sign: str) -> None:
        page.locator(sign).first.wait_for()
        check(page, beacon)
        seen.append(page.evaluate(SEEN))

    look(f"{STAGE} canvas")
    page.get_by_role("tab", name="Heart").click()
    for name, sign in DRAWN.items():
        page.get_by_role("tab", name=name, exact=True).click()
        look(sign)
        if name == "Lessons":
            for number in (9, 10, 11, 12):
                page.evaluate(OLD)
                page.locator(f"#heart-exercise-{number}").click()
                look("#heart-exercise strong:not([data-old])")
        if name in ("Lessons", "Record"):
            for folded in page.locator("#heart-lessons summary, .label-wrap").all():
                if folded.is_visible():
                    folded.click()
            look(sign)
    page.get_by_role("tab", name="Capstone").click()
    page.locator(".worlds[data-state=ready]").wait_for()
    look("#sweeps .board svg")
    page.locator('#sweeps .axes [data-key="noise"]').click()
    await_chart(page, "noise")
    for folded in page.locator("#sweeps .more summary").all():
        folded.click()
    look("#sweeps .board svg")
    return "\n".join(seen)


@pytest.fixture(scope="module")
def poisoned(beacon, hub, tmp_path_factory):
    """An app whose weights are hostile, and so is the news of the repo that it follows."""
    text, folder = hostile(beacon.url), tmp_path_factory.mktemp("poisoned")
    heart = ROOT / "weights" / "heart"
    files = {name: (heart / name).read_bytes() for name in ("metadata.json", "model.safetensors")}
    files["metadata.json"] = files["metadata.json"].replace(
        b'"format_version": 1', b'"format_version": ' + json.dumps(text).encode()
    )
    repo = hub.add("user/hostile", files)
    server = Server(
        folder,
        **settings(hub, folder / "home"),
        HF_HUB_OFFLINE="0",
        WEIGHTS_DIR=str(poison_weights(folder / "weights", text)),
        WEIGHTS_REPO="user/hostile",
        WEIGHTS_POLL_SECONDS="0.1",
    )
    try:
        wait_for(lambda: settled_at(server.url, repo.head))
        yield server, repo
    finally:
        server.stop()


def test_weights_and_news_of_the_hub(guarded, beacon, poisoned, tmp_path):
    server, repo = poisoned
    guarded.goto(server.url)
    guarded.wait_for_selector("#origin code")
    refused = f"instead of user/hostile@main. Refused commit {repo.head[:12]}: metadata.json"
    for news in (refused, "must have format_version 1", "/own-line"):
        assert news in guarded.inner_text("#origin")
    text = open_everything(guarded, beacon)
    # No error in place of what it is about; the card says what was refused of the repo.
    assert re.findall(r"metadata\.json: (?!must have format_version 1)", text) == []
    assert text.replace("\u2060", "").count(f"<img src={beacon.url}/img>") > 20
    assert "Traceback" not in server.log.read_text()
    good = repo.put(make_version(tmp_path / "good"))
    wait_for(lambda: settled_at(server.url, good))
    guarded.reload()
    guarded.wait_for_selector("#origin code")
    told = f"Weights: user/hostile@main at commit {good[:12]}."
    assert guarded.inner_text("#origin").startswith(told)
