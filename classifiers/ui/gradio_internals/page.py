"""The page as Gradio writes it, completed: it shows something before Gradio runs, and names what it
is about to ask for.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

import gradio as gr

_ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
_BASE, _HEAD_ENDS, _GRADIO = b'<base href="./" />', b"</head>", b"<gradio-app"
_ENTRY = re.compile(
    rb'<script type="module" crossorigin src="(\./assets/index-[\w-]+\.js)"></script>'
)
_THEME = re.compile(rb'"theme_hash": ?"(\w+)"')
_TOLD = re.compile(rb"<script>window\.(gradio_\w+) = (\{.*?\});</script>", re.DOTALL)


def complete_page(page: bytes, links: str, shell: str) -> bytes:
    """The page with what it will need named in it, and with the shell before Gradio's element.

    `links`, ours, stand at its top, since Gradio adds its head late, and behind the base, since
    addresses are relative to it. A page that does not look like Gradio's stays as it is.
    """
    top, base, rest = page.partition(_BASE)
    head, end, body = rest.partition(_HEAD_ENDS)
    before, element, after = body.partition(_GRADIO)
    if not (base and end and element):
        return page
    named = (links + theme_link(head)).encode()
    made = (top, base, named, held(quickly_read(head)), chunk_links().encode(), end)
    return b"".join((*made, before, shell.encode(), element, after))


def chunks() -> list[str]:
    """Names of modules in Gradio's folder of assets, as Chromium asked for them."""
    return json.loads(Path(__file__).with_name("chunks.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def chunk_links() -> str:
    """HTML: they come all at once in place of wave after wave, and are read when they are run.
    Nothing of what another Gradio does not have.
    """
    return "".join(
        f'<link rel="preload" as="script" crossorigin href="assets/{name}">'
        for name in chunks()
        if (_ASSETS / name).exists()
    )


def theme_link(head: bytes) -> str:
    """HTML: the theme's style sheet, by the address that Gradio asks for."""
    found = _THEME.search(head)
    return f'<link rel="stylesheet" href="theme.css?v={found[1].decode()}">' if found else ""


def held(head: bytes) -> bytes:
    """Gradio's first module fetched, and run only when the shell says so."""
    return _ENTRY.sub(
        rb'<link id="gradio-entry" rel="preload" as="script" crossorigin href="\1">', head
    )


def quickly_read(head: bytes) -> bytes:
    """What describes the page as JSON, which browsers read in half the time."""

    def quoted(found: re.Match[bytes]) -> bytes:
        name, text = found.groups()
        told = text.replace(b"\\", rb"\\").replace(b"'", rb"\'")
        return b"<script>window.%s = JSON.parse('%s');</script>" % (name, told)

    return _TOLD.sub(quoted, head)
