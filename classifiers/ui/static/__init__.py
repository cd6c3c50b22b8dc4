"""The pages' own HTML, CSS and JavaScript. They show what Python computed and compute nothing.

Modules and linked style sheets are served as files (see `server.static_files`), and joined in a few
bundles, which are what the page itself loads. The hash of all of them is a part of each one's path:
a browser keeps a file for good, and files that import each other are always of the same version.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from classifiers.recipes.guide.glossary import EVERYDAY, GLOSSARY
from classifiers.ui.static.bundles import BUNDLES, bundled, joined_sheets
from classifiers.ui.static.strip import strip_script, tokens

PREFIX = "/app-files/"
_FOLDER = Path(__file__).parent
_SERVED = (".css", ".js")
_SHEET = "bundles/page.css"
# No modules: these stand in the page itself, and run before Gradio does.
_LINE, _SHELL = CLASSIC_SCRIPTS = ("page/line.js", "page/app_shell.js")
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
    "page/app_shell.css",
    "guide/guide.css",
    "heart/patient/patient.css",
)

_TABS = ("heart", "capstone")
_OPENED = """{
  const asked = new URLSearchParams(location.search);
  const lesson = asked.get('lesson')?.[0];
  for (const [tab, addresses] of Object.entries(BUNDLES)) {
    if (asked.get('tab') !== tab && lesson !== tab[0]) continue;
    for (const href of addresses) {
      document.head.append(Object.assign(document.createElement('link'),
        { rel: 'modulepreload', href }));
    }
  }
}"""

# A value may change while the module is on its way; `early` holds what came until it was there.
# Gradio knows a component's events by their names, which must stand here in quotes.
_SNIPPET = """
// EVENTS
if (window.appShell?.gives({ element, props, trigger, watch })) return;
const early = [props.value];
let tell = () => early.push(props.value);
watch(WATCHED, () => tell());
const place = () => window.appShell?.placeOf(element) ?? element;
MODULE.then(({ start }) => {
  tell = start({ element: place(), props, trigger, early }, SETTINGS) ?? (() => {});
}).catch((error) => {
  place().append('This part of the page could not be loaded. Reload the page.');
  reportError(error);
});
"""


def asset(*names: str) -> str:
    """The text of one file in this folder, or of several, one after the other."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


@lru_cache(maxsize=1)
def served_files() -> dict[str, bytes]:
    """Modules, style sheets and bundles by their path. One module is the glossary."""
    made = {_bundle_file(bundle): text for bundle, (text, _) in _bundles().items()}
    made[_SHEET] = joined_sheets(asset(name) for name in _SHEETS)
    return {name: text.encode() for name, text in (_sources() | made).items()}


@lru_cache(maxsize=1)
def _sources() -> dict[str, str]:
    paths = sorted(path for path in _FOLDER.rglob("*") if path.suffix in _SERVED)
    files = {path.relative_to(_FOLDER).as_posix(): path.read_text("utf-8") for path in paths}
    return files | {"page/glossary.js": _glossary()}


@lru_cache(maxsize=1)
def _bundles() -> dict[str, tuple[str, list[str]]]:
    files = _sources().items()
    return bundled(
        {name: text for name, text in files if name.endswith(".js") and name not in CLASSIC_SCRIPTS}
    )


@lru_cache(maxsize=1)
def _homes() -> dict[str, str]:
    """The bundle that each module is in."""
    return {name: bundle for bundle, (_, names) in _bundles().items() for name in names}


def _bundle_file(bundle: str) -> str:
    return f"bundles/{bundle}.js"


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


def taken(name: str) -> str:
    """A JavaScript expression: the promise of a module of the page, as all of the page share it."""
    place = json.dumps(address(_bundle_file(_homes()[name])))
    return (
        f"import(new URL({place}, document.baseURI)).then(({{ modules }}) => "
        f"modules[{json.dumps(name)}])"
    )


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
        "SETTINGS": settings,
    }
    snippet = _SNIPPET.replace("MODULE", taken(name))
    for word, value in parts.items():
        snippet = snippet.replace(word, json.dumps(value))
    return snippet


def head() -> str:
    """What belongs into the page's head."""
    return f'<script>{asset(_LINE)}</script><link rel="stylesheet" href="{address(_SHEET)}">'


def links() -> str:
    """What stands at the top of the page as it is served, before Gradio's own files: what will be
    asked for when those are there, and the bundle of the tab that a link opens.
    """
    named = {tab: [address(_bundle_file(name)) for name in (tab, "more")] for tab in _TABS}
    return (
        f'<link rel="modulepreload" href="{address(_bundle_file("page"))}">'
        f"<script>{_OPENED.replace('BUNDLES', json.dumps(named))}</script>"
        f'<link rel="stylesheet" href="{address(_SHEET)}">'  # scripts below it wait for it
    )


def app_shell(title: str, tabs: Mapping[str, str]) -> str:
    """What stands in the page as it is served, before Gradio's own element: the page as it will
    look, drawn by the modules of its components. `tabs`: names by their id, the open one first.
    """
    buttons = "".join(
        f'<button type="button" role="tab" data-tab-id="{key}" '
        f'aria-selected="{str(not at).lower()}">{name}</button>'
        for at, (key, name) in enumerate(tabs.items())
    )
    html = asset("page/app_shell.html").format(
        title=title,
        tabs=buttons,
        guide=asset("guide/guide.html"),
        stage=asset("playground/stage.html"),
    )
    return f"{html}<script>{strip_script(tokens(asset(_SHELL)))}</script>"


def later() -> list[str]:
    """What the page fetches when it is drawn and idle: a tab that is opened after the app was
    replaced by a newer one still has what it needs.
    """
    return [address(_bundle_file(bundle)) for bundle in BUNDLES if bundle != "page"]
