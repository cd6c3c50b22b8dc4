"""Text made safe to show, whatever it came from: a link, a file, an artifact, the Hub.

HTML is built with `Markup(...).format(...)` and `join`, which escape all that is not Markup yet.
A place for HTML escapes whatever else it is given, a place for Markdown makes inert what could
load or lead anywhere, and messages over the page are escaped: where a text is put together there
is nothing to remember. The `info` of a field is Markdown too: `inert` is for those that change.
"""

from collections.abc import Iterable
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from markupsafe import Markup, escape

from classifiers.ui.parts.panels import HtmlPanel, MarkdownPanel, inert

__all__ = ["InertErrors", "Markup", "escape", "html_place", "inert", "join", "markdown", "warn"]


def markdown(value: str = "", **options: Any) -> gr.Markdown:
    """A place for Markdown."""
    return MarkdownPanel(value, latex_delimiters=[], **options)


def html_place(**options: Any) -> gr.HTML:
    """An empty place for HTML that is built in Python."""
    return HtmlPanel("", js_on_load=None, **options)


def join(parts: Iterable[str]) -> Markup:
    """One after the other; what is no Markup is escaped."""
    return Markup("").join(parts)


def warn(text: str) -> None:
    """A message over the page, which would render HTML."""
    if LocalContext.event_id.get(None) is not None:  # else Gradio puts what was sent into the log
        gr.Warning(escape(text))


class InertErrors(gr.Blocks):
    """Blocks whose errors are escaped where the page shows them; a script reads plain text."""

    async def process_api(self, block_fn: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            return await super().process_api(block_fn, *arguments, **named)
        except gr.Error as error:
            about = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            if about.api_visibility != "public":
                error.message = "".join((escape(error.message),))
            raise
