"""The files of Gradio's own that the page is about to ask for, named in it: they come all at once
in place of wave after wave.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

import gradio as gr

_ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"

_ENTRY = re.compile(
    rb'<script type="module" crossorigin src="(\./assets/index-[\w-]+\.js)"></script>'
)

_CONFIG = re.compile(rb"<script>window\.(gradio_\w+) = (\{.*?\});</script>", re.DOTALL)


def chunks() -> list[str]:
    """Names of modules in Gradio's folder of assets, as Chromium asked for them."""
    return json.loads(Path(__file__).with_name("chunks.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def chunk_links() -> str:
    """HTML for the end of the page's head; nothing of what another Gradio does not have."""
    return "".join(
        f'<link rel="preload" as="script" crossorigin href="assets/{name}">'
        for name in chunks()
        if (_ASSETS / name).exists()
    )


def theme_link(blocks: gr.Blocks) -> str:
    """HTML for the page's head: the theme's style sheet, by the address that Gradio asks for."""
    return f'<link rel="stylesheet" href="theme.css?v={blocks.theme_hash}">'


def held(page: bytes) -> bytes:
    """The page with Gradio's first module fetched, and run only when the page's script says so."""
    return _ENTRY.sub(
        rb'<link id="gradio-entry" rel="preload" as="script" crossorigin href="\1">', page
    )


def quickly_read(page: bytes) -> bytes:
    """The page with what describes it as JSON, which browsers read in a third of the time."""

    def quoted(found: re.Match[bytes]) -> bytes:
        name, text = found.groups()
        told = text.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
        return b"<script>window.%s = JSON.parse('%s');</script>" % (name, told)

    return _CONFIG.sub(quoted, page)
