"""Strings that would load, lead to or send something if they were shown as more than text."""

import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from classifiers.recipes.capstone.records import load_record, save_record

ROOT = Path(__file__).resolve().parents[2]
# What loading checks, or looks up by its name: no text of a stranger's gets there.
CHECKED = (
    "format_version", "network", "training", "preprocessing", "golden", "model", "task",
    "features.*.name", "evaluation.experiments.slices.*.by", "evaluation.reference",
    "evaluation.importance", "evaluation.patterns.*.fields",
)  # fmt: skip


class Beacon:
    """A server on loopback that hears whether a page asked it for anything."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        heard = self.heard

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def hostile(url: str) -> str:
    """Every construct of HTML and of Markdown by which a text can reach `url`."""
    return (
        f"<img src={url}/img>![x]({url}/image)[x]({url}/link)<a href={url}/a>x</a> "
        f"<form action={url}/form><button>x</button></form><style>@import '{url}/style';</style>"
        f"<script>fetch('{url}/script')</script><iframe src={url}/frame></iframe>"
        f"<svg onload=fetch('{url}/svg')></svg> <{url}/angle> {url}/bare www.beacon.test/bare "
        f"someone@beacon.test `<img src={url}/code>` \\<img src={url}/escaped> "
        f"$$\\href{{{url}/tex}}{{x}}$$ [x][y] ![y]\n\n[y]: {url}/reference\n\n"
        f'```mermaid\ngraph TD; A["<img src={url}/diagram>"]; click A "{url}/click"\n```\n\n'
        f"<img src={url}/own-line>\n\n"
    )


def poison_weights(folder: Path, text: str) -> Path:
    """All weights, with `text` wherever loading lets it through."""
    shutil.copytree(ROOT / "weights", folder)
    for path in [folder / "heart", *(folder / "capstone").glob("*/metadata.json")]:
        path = path if path.is_file() else path / "metadata.json"
        metadata = json.loads(path.read_text())
        poisoned = _map_strings(metadata, lambda _: text)
        if path.parent.name == "heart":
            for place in ("seeds", "versions"):
                poisoned[place][text] = 1 if place == "seeds" else "1"
            audit, experiments = (poisoned["evaluation"][k] for k in ("audit", "experiments"))
            audit["missing"][text] = audit["label_counts"][text] = 1
            experiments["sites"][text] = experiments["sites"]["va"]
        else:
            result = metadata["evaluation"]["result"]
            poisoned["evaluation"] = metadata["evaluation"]
            result["findings"] = [text for _ in result["findings"]]
        path.write_text(json.dumps(poisoned))
    for path in (folder / "capstone" / "records").glob("*.json"):
        record = load_record(folder / "capstone", path.stem, "")
        if "findings" in record:
            record["findings"] = [text for _ in record["findings"]]
            save_record(folder / "capstone", path.stem, record)
    return folder


def _map_strings(value: Any, change: Callable[[str], str], place: str = "") -> Any:
    if place.startswith(CHECKED):
        return value
    if isinstance(value, dict):
        return {
            key: _map_strings(item, change, f"{place}.{key}".strip("."))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_map_strings(item, change, f"{place}.*") for item in value]
    return change(value) if isinstance(value, str) else value


def beacon() -> Iterator[Beacon]:
    """The body of a fixture."""
    running = Beacon()
    yield running
    running.close()
