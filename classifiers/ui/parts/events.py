"""How the page's own listeners are registered, and what the page tells them."""

from typing import Any

import gradio as gr

from classifiers.ui.heavy import HEAVY

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
LIGHT: dict[str, Any] = {**PRIVATE, "concurrency_id": "light"}
RUN: dict[str, Any] = {**PRIVATE, **HEAVY}


def said(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event; nothing where that is no object."""
    return event._data if isinstance(event._data, dict) else {}
