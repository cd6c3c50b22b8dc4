"""A script beside what it computes: closed at first, fetched when it is opened."""

from collections.abc import Callable

import gradio as gr

from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.markup import Markup
from classifiers.ui.static import asset, module


def code_box(name: str, about: str, note: str, to_script: Callable[[], str]) -> None:
    """Adds the button and the box that it opens.

    Args:
        name: its element's id.
        about: what the script does, beside the button.
        note: what it needs, and how near it comes to the page.
        to_script: gives the script.
    """
    code = gr.HTML(
        html_template=Markup(asset("page/code/code.html")).format(
            name=name, about=about, note=note
        ),
        css_template=asset("page/code/code.css"),
        js_on_load=module("page/code/code.js", events=("fetch",)),
        apply_default_css=False,
        elem_id=name,
        elem_classes="text-panel",
    )
    code.fetch(to_script, None, code, **LIGHT)
