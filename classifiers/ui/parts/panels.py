"""The places on the page for HTML and for Markdown. They trust no text that they are given.

Made with the functions of `markup`. Gradio writes a stub beside the file of such classes, which
is why nothing else stands here.
"""

import re
from typing import Any

import gradio as gr
from markupsafe import escape

# Unseen, without width, and no part of any construct of Markdown or HTML. An entity would do as
# well in a paragraph, but stand there as such in code, and where code begins and ends only the
# page's own parser knows.
_JOINER = "\u2060"
_ACTIVE = re.compile(
    r"<(?=[^\s=\d])"  # a tag, a comment, <http://...>
    r"|\](?=[(\[:])"  # [text](link), ![text](image), [text][reference], [reference]: link
    r"|:(?=//)|www(?=\.)|@(?=[\w-]+\.)"  # addresses that become links by themselves
    r"|mer(?=maid)",  # ```mermaid: a diagram's language has links and images of its own
    re.IGNORECASE,
)


def inert(text: str) -> str:
    """Markdown that loads nothing and leads nowhere; everything else of it stays as it was."""
    return _ACTIVE.sub(rf"\g<0>{_JOINER}", text)


class MarkdownPanel(gr.Markdown):
    """Headings, tables, lists, emphasis and code; all else is shown as the text it is."""

    is_template = True

    def postprocess(self, value: Any) -> Any:
        shown = super().postprocess(value)
        return inert(shown) if isinstance(shown, str) else shown


class HtmlPanel(gr.HTML):
    """Shows `Markup`; any other text is escaped."""

    is_template = True

    def postprocess(self, value: Any) -> Any:
        return None if value is None else super().postprocess("".join((escape(value),)))
