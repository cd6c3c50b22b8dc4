"""The record: what the model is for, three figures in doubt, two charts; the whole card, folded."""

import json
from collections.abc import Callable

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.card import render_card
from classifiers.recipes.heart.record.page import record_page
from classifiers.ui.models import Served
from classifiers.ui.parts.events import PRIVATE
from classifiers.ui.parts.markup import markdown
from classifiers.ui.static import asset, module


def build_record(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the sub-tab; what it shows is made when the tab is opened."""
    page = gr.HTML(
        html_template=asset("heart/record/record.html"),
        css_template=asset("heart/record/record.css"),
        js_on_load=module("heart/record/record.js"),
        elem_id="heart-record",
        elem_classes="edge-to-edge",
    )
    with gr.Accordion("The full card, by the items of TRIPOD+AI", open=False):
        card = markdown(elem_id="model-card")
    tab.select(lambda: (show_record(served()), show_card(served())), None, [page, card], **PRIVATE)


def show_record(served: Served) -> str:
    """The page's JSON, or its `error`."""
    try:
        return json.dumps(record_page(served.heart))
    except ClassifiersError as error:
        return json.dumps({"error": str(error)})


def show_card(served: Served) -> str:
    """The card without front matter and pictures, after where the weights are from."""
    try:
        metadata = served.heart.artifact.metadata
        card = render_card(served.heart, pictures=False).split("---\n", 2)[-1]
    except ClassifiersError as error:
        return f"**{error}**"
    return (
        f"Source: `{metadata.source.name}`, SHA-256 `{metadata.source.sha256[:12]}…`; weights "
        f"SHA-256 `{metadata.model.sha256[:12]}…`. {served.origin()}\n\n{card}"
    )
