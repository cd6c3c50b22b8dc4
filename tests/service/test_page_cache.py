"""The page is made once for each address it is asked under."""

import asyncio
import gzip
import json
import re

import brotli
import pytest

from classifiers.ui.gradio_internals.page import chunk_links
from classifiers.ui.server import page_cache
from classifiers.ui.server.page_cache import PageCache, _key
from classifiers.ui.static import links
from tests.tools.app_client import run_async

SHELL = "<p>as it will look</p>"
CONFIG = r"""{"theme_hash":"0f", "told": "it's \\ \"this\" \u003c \n ", "next": [1.5, null, {}]}"""
ENTRY = '<script type="module" crossorigin src="./assets/index-D-1_.js"></script>'


class Site:
    """An app that tells how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        self.asked.append(scope["path"])
        assert {b"accept-encoding", b"x-gradio-server"}.isdisjoint(headers)
        await asyncio.sleep(0.01)
        head = [(b"content-type", b"text/html"), (b"content-length", b"1")]
        await send({"type": "http.response.start", "status": self.status, "headers": head})
        await send({"type": "http.response.body", "body": b"page of ", "more_body": True})
        await send({"type": "http.response.body", "body": headers.get(b"host", b"") * 100})


async def get(cache, path="/", host=b"a", query=b"", accepts=b"gzip", method="GET"):
    sent = []

    async def send(message):
        sent.append(message)

    asked = [(b"accept-encoding", accepts), (b"x-gradio-server", b"http://elsewhere")]
    headers = [(b"host", host)] + (asked if accepts else [])
    if path == "/other":
        headers = [(b"host", host)]
    scope = {"type": "http", "method": method, "path": path, "query_string": query}
    await cache({**scope, "headers": headers, "scheme": "http"}, None, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


def test_a_class_that_opens_the_page_together_has_it_made_once():
    site = Site()

    async def crowd(cache):
        return await asyncio.gather(*(get(cache) for _ in range(30)))

    answers = run_async(crowd(PageCache(site, SHELL)))
    assert site.asked == ["/"]
    for status, headers, body in answers:
        assert status == 200
        assert headers[b"content-encoding"] == b"gzip"
        assert headers[b"content-type"] == b"text/html"
        assert int(headers[b"content-length"]) == len(body)
        assert gzip.decompress(body) == b"page of " + b"a" * 100


def test_who_reads_no_gzip_gets_it_plain_and_a_link_is_the_same_page():
    site = Site()

    async def ask(cache):
        await get(cache)
        return await get(cache, accepts=b"", query=b"dataset.name=moons")

    _, headers, body = run_async(ask(PageCache(site, SHELL)))
    assert b"content-encoding" not in headers
    assert body == b"page of " + b"a" * 100
    assert len(site.asked) == 1


def test_the_page_names_what_it_will_need_and_holds_gradio_back():
    told = f"<script>window.gradio_config = {CONFIG};</script>"
    plain = f'<base href="./" /><link>{told}{ENTRY}</head><body><gradio-app>'.encode()

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": plain})

    async def ask(path, accepts):
        return (await get(PageCache(page, SHELL), path=path, accepts=accepts))[2]

    answer = run_async(ask("/", b""))
    top, read, rest = re.fullmatch(
        r"(.*)<script>window.gradio_config = JSON.parse\('(.*)'\);</script>(.*)",
        answer.decode(),
        re.DOTALL,
    ).groups()
    theme = '<link rel="stylesheet" href="theme.css?v=0f">'
    assert top == f'<base href="./" />{links()}{theme}<link>'
    assert json.loads(re.sub(r"\\(.)", r"\1", read)) == json.loads(CONFIG)
    fetched = 'rel="preload" as="script" crossorigin href="./assets/index-D-1_.js"'
    held = f'<link id="gradio-entry" {fetched}>'
    assert rest == f"{held}{chunk_links()}</head><body>{SHELL}<gradio-app>"
    assert 'href="assets/Blocks-' in chunk_links()
    assert gzip.decompress(run_async(ask("/", b"gzip"))) == answer
    assert brotli.decompress(run_async(ask("/", b"gzip, br"))) == answer
    assert run_async(ask("/config", b"")) == plain


def test_under_another_address_it_is_another_page(monkeypatch):
    monkeypatch.setattr(page_cache, "_MOST", 3)
    site, cache = Site(), None

    async def ask(cache):
        for i in range(6):
            _, _, body = await get(cache, host=b"%d" % i)
            assert gzip.decompress(body).endswith(b"%d" % i)

    cache = PageCache(site, SHELL)
    run_async(ask(cache))
    assert len(site.asked) == 6
    assert len(cache._pages) == 3


def test_each_part_of_an_address_makes_another_page():
    plain = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    forwarded = ((b"host", b"a"), (b"x-forwarded-host", b"a"), (b"x-forwarded-proto", b"https"))
    others = [{"scheme": "https"}, {"root_path": "/a"}, *({"headers": [one]} for one in forwarded)]
    assert len({_key({**plain, **other}) for other in ({}, *others)}) == 6


@pytest.mark.parametrize(
    "other", [{"path": "/other"}, {"query": b"deep_link=x", "accepts": b""}, {"method": "HEAD"}]
)
def test_what_is_not_the_same_for_everybody_passes_by(other):
    site = Site()

    async def ask(cache):
        for _ in range(2):
            await get(cache, **{"accepts": b"", **other})

    run_async(ask(PageCache(site, SHELL)))
    assert len(site.asked) == 2


def test_an_error_is_not_kept():
    site = Site()
    site.status = 500

    async def ask(cache):
        assert (await get(cache, accepts=b""))[0] == 500
        site.status = 200
        assert (await get(cache))[0] == 200

    run_async(ask(PageCache(site, SHELL)))


def test_the_addresses_that_were_asked_under_last_are_kept(monkeypatch):
    monkeypatch.setattr(page_cache, "_MOST", 2)
    site = Site()

    async def ask(cache: PageCache) -> None:
        for host in (b"a", b"b", b"a", b"c", b"c", b"a"):
            await get(cache, "/config", host)

    run_async(ask(PageCache(site, SHELL)))
    assert len(site.asked) == 3
