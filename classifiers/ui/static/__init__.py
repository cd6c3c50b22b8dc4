"""The pages' own HTML, CSS and JavaScript. They show what Python computed and compute nothing.

Modules and linked style sheets are served as files (see `server.static_files`). The hash of all of
them is a part of each one's path: a browser keeps a file for good, and files that import each other
are always of the same version.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from classifiers.recipes.guide.glossary import EVERYDAY, GLOSSARY

PREFIX = "/app-files/"
_FOLDER = Path(__file__).parent
_SERVED = (".css", ".js")
_LINE = "page/line.js"  # no module: it has to run before Gradio asks for anything
# Of several components each; what a single component needs comes with it.
_SHEETS = (
    "page/buttons.css",
    "page/gloss.css",
    "charts/charts.css",
    "film/film.css",
    "playground/stage.css",
    "playground/narrow.css",
    "playground/card.css",
    "playground/shell.css",
    "guide/guide.css",
    "heart/patient/patient.css",
)

# A value may change while the module is on its way; `early` holds what came until it was there.
# Gradio knows a component's events by their names, which must stand here in quotes.
_SNIPPET = """
// EVENTS
const early = [props.value];
let tell = () => early.push(props.value);
watch(WATCHED, () => tell());
import(new URL(ADDRESS, document.baseURI)).then(({ start }) => {
  tell = start({ element, props, trigger, early }, SETTINGS) ?? (() => {});
}).catch((error) => {
  element.append('This part of the page could not be loaded. Reload the page.');
  reportError(error);
});
"""


def asset(*names: str) -> str:
    """The text of one file in this folder, or of several, one after the other."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


@lru_cache(maxsize=1)
def served_files() -> dict[str, bytes]:
    """Modules and style sheets by their path in this folder; one module is the glossary."""
    paths = sorted(path for path in _FOLDER.rglob("*") if path.suffix in _SERVED)
    files = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}
    return files | {"page/glossary.js": _glossary().encode()}


def _glossary() -> str:
    """The module that holds what words mean."""
    words = {"GLOSSARY": GLOSSARY, "EVERYDAY": sorted(EVERYDAY)}
    return "".join(f"export const {name} = {json.dumps(told)};\n" for name, told in words.items())


@lru_cache(maxsize=1)
def version() -> str:
    """A hash of all served files together."""
    total = hashlib.sha256()
    for name, content in served_files().items():
        total.update(f"{name} {len(content)} ".encode() + content)
    return total.hexdigest()[:16]


def address(name: str) -> str:
    """Where a file is served, relative to the page, which a proxy may serve below any path."""
    if name not in served_files():
        raise KeyError(name)
    return f"{PREFIX[1:]}{version()}/{name}"


def module(
    name: str,
    watched: tuple[str, ...] = ("value",),
    events: tuple[str, ...] = (),
    **settings: Any,
) -> str:
    """The `js_on_load` of a component that a module draws.

    The module exports `start`, which is given the component and `settings`, and gives the function
    to call whenever one of the `watched` properties has changed. It may trigger the `events`.
    """
    parts = {
        "EVENTS": events,
        "WATCHED": watched,
        "ADDRESS": address(name),
        "SETTINGS": settings,
    }
    snippet = _SNIPPET
    for word, value in parts.items():
        snippet = snippet.replace(word, json.dumps(value))
    return snippet


def head() -> str:
    """What belongs into the page's head.

    All modules are fetched with the page: no chain of imports is waited for, and a tab that is
    opened after the app was replaced by a newer one still has what it needs. Those of other tabs
    than the first let its own go before.
    """
    modules = [name for name in served_files() if name.endswith(".js") and name != _LINE]
    links = [f'<link rel="stylesheet" href="{address(name)}">' for name in _SHEETS]
    for name in modules:
        later = ' fetchpriority="low"' if name.startswith(("heart/", "capstone/")) else ""
        links.append(f'<link rel="modulepreload" href="{address(name)}"{later}>')
    return "".join([f"<script>{asset(_LINE)}</script>", *links])
