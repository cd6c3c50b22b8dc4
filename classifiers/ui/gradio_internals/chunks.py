"""The files of Gradio's own that the page is about to ask for, named in it: they come all at once
in place of wave after wave.
"""

import json
from functools import lru_cache
from pathlib import Path

import gradio

_ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"


def chunks() -> list[str]:
    """Names of modules in Gradio's folder of assets, as Chromium asked for them."""
    return json.loads(Path(__file__).with_name("chunks.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def chunk_links() -> str:
    """HTML for the end of the page's head; nothing of what another Gradio does not have."""
    return "".join(
        f'<link rel="modulepreload" href="assets/{name}">'
        for name in chunks()
        if (_ASSETS / name).exists()
    )
