"""Single modules of the page, called in a page of their own with values made here."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import Show
from classifiers.ui.playground.words import describe_config, title_of
from classifiers.ui.static import address, served_files

_HERE = Path(__file__).parent / "looks"
_TOOLS = (_HERE / "tools.js").read_text()
Looked = dict[str, Any]


class Files(BaseHTTPRequestHandler):
    """The page's files without an app; anything else is an empty page."""

    def do_GET(self) -> None:
        name = "/".join(self.path.split("?")[0].split("/")[3:])
        kind = {"js": "text/javascript", "css": "text/css"}.get(name.rpartition(".")[2])
        self.send_response(200)
        self.send_header("Content-Type", f"{kind or 'text/html'}; charset=utf-8")
        self.end_headers()
        self.wfile.write(served_files()[name] if kind else b"<!doctype html><body></body>")

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def base() -> str:
    """Where the modules are."""
    return "/" + address("page/dom.js").rpartition("/page/")[0]


def opened(page: Any, url: str, folder: Path = _HERE) -> Callable[..., Looked]:
    """Runs a file of looks of a folder, with what they share; what it gives, by name."""
    made = folder / "made.js"
    tools = _TOOLS + (made.read_text() if made.exists() else "")

    def run(file: str, given: Mapping[str, Any] | None = None) -> Looked:
        looks = (folder / file).read_text().strip().removesuffix(";")
        script = f"async ([base, given]) => {{\n{tools}\nreturn plain(await ({looks})(given));\n}}"
        page.goto(url)
        return page.evaluate(script, [base(), given or {}])

    return run


def film(settings: Mapping[str, Any], *, weights: bool = True) -> dict[str, Any]:
    """A short run as a page is told of it."""
    config = PlaygroundConfig.parse(settings)
    show = Show([title_of(config)])
    for update in run_playground(config, weights=weights):
        show.take(update, settings=describe_config(config))
    return json.loads(show.message("done"))["stages"][0]
