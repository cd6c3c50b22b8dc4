"""The page's own files: kept by browsers for good, compressed, and no way to any other file."""

import gzip

import brotli
import pytest

from classifiers.ui.server.static_files import StaticFiles
from classifiers.ui.static import address, served_files
from tests.tools.app_client import run_async

PATH = "/" + address("film/compare.js")


async def beyond(scope, receive, send):
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(path=PATH, method="GET", accepts=b"gzip, br"):
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"accept-encoding", accepts)] if accepts else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    run_async(StaticFiles(beyond)(scope, None, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


READ = {b"gzip": gzip.decompress, b"br": brotli.decompress}


@pytest.mark.parametrize("name", sorted(served_files()))
def test_every_file_is_sent_compressed_and_kept_for_good(name):
    status, headers, body = ask("/" + address(name), accepts=b"gzip")
    kind = "javascript" if name.endswith(".js") else "css"
    assert (status, headers[b"content-type"]) == (200, f"text/{kind}; charset=utf-8".encode())
    assert headers[b"cache-control"] == b"public, max-age=31536000, immutable"
    assert headers[b"content-encoding"] == b"gzip"
    assert headers[b"vary"] == b"Accept-Encoding"
    assert int(headers[b"content-length"]) == len(body)
    assert gzip.decompress(body) == served_files()[name]


@pytest.mark.parametrize(
    ("accepts", "way"),
    [(b"gzip, deflate, br", b"br"), (b"br;q=1.0, gzip", b"br"), (b"gzip, x-br", b"gzip")],
)
def test_who_reads_brotli_gets_that(accepts, way):
    _, headers, body = ask(accepts=accepts)
    assert headers[b"content-encoding"] == way
    assert READ[way](body) == served_files()["film/compare.js"]


def test_who_reads_no_gzip_gets_it_plain():
    _, headers, body = ask(accepts=b"")
    assert b"content-encoding" not in headers
    assert body == served_files()["film/compare.js"]


def test_head_is_answered_without_a_body():
    status, headers, body = ask(method="HEAD")
    assert (status, body) == (200, b"")
    assert headers[b"content-length"] == ask()[1][b"content-length"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_else_can_be_done_with_a_file(method):
    status, headers, _ = ask(method=method)
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/app-files/",
        PATH + "/",
        PATH.replace("compare", "nothing"),
        PATH.replace("film/compare.js", "__init__.py"),
        PATH.replace("film/compare.js", "film/compare.html"),
        PATH.replace("film/compare.js", "film/../film/compare.js"),
        PATH.replace("film/compare.js", "../../../../app.py"),
        "/app-files/0123456789abcdef/film/compare.js",
    ],
)
def test_unknown_names_versions_and_ways_out_lead_nowhere(path):
    status, headers, _ = ask(path)
    assert status == 404
    assert b"cache-control" not in headers


@pytest.mark.parametrize("path", ["/", "/static/film/compare.js", "/app-files", "/gradio_api/info"])
def test_what_lies_elsewhere_passes_by(path):
    assert ask(path)[0] == 418
