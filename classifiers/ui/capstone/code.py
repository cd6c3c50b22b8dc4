"""The capstone's script in the page: a box that is filled when it is opened."""

from functools import lru_cache

import gradio as gr

from classifiers.recipes.capstone.code import to_script
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.static import asset, module


def build_code() -> None:
    """Adds the button; nothing is fetched until it is pressed."""
    code = gr.HTML(
        html_template=asset("capstone/code/code.html"),
        css_template=asset("capstone/code/code.css"),
        js_on_load=module("capstone/code/code.js", events=("fetch",)),
        apply_default_css=False,
        elem_id="capstone-code",
        elem_classes="text-panel",
    )
    code.fetch(_script, None, code, **LIGHT)


@lru_cache(maxsize=1)
def _script() -> str:
    return to_script()
