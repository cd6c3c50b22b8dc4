"""Puts the tabs and the endpoints together."""

import gc
import os
from typing import Any

# Otherwise a pandas summary of all requests runs after every event. Read when Blocks are built.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "100000")

import gradio as gr

from classifiers.parallel import share_cores
from classifiers.ui.capstone import build_capstone_tab
from classifiers.ui.endpoints import register
from classifiers.ui.guard import StrictBlocks
from classifiers.ui.heart import build_heart_tab
from classifiers.ui.markup import InertErrors, markdown
from classifiers.ui.models import serve_models
from classifiers.ui.playground import build_playground_tab
from classifiers.ui.rehearsal import rehearse
from classifiers.ui.sent_files import FilesInPlace
from classifiers.ui.theme import CSS, theme

TITLE = "Neural-network classifiers"
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Page(InertErrors, FilesInPlace, StrictBlocks):
    """The Blocks of this app."""


def build_app() -> gr.Blocks:
    """The whole app, models loaded or being loaded."""
    share_cores()
    served = serve_models(rehearse)
    with Page(title=TITLE, analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        markdown(
            f"# {TITLE}\nSee what they learn, where they fail, and what their numbers are worth.",
            container=False,
        )
        with gr.Tabs():
            with gr.Tab("Playground", id="playground"):
                build_playground_tab()
            with gr.Tab("Heart", id="heart"):
                build_heart_tab(served, demo.load)
            with gr.Tab("Capstone", id="capstone") as capstone:
                build_capstone_tab(capstone)
        register(served)
        footer = markdown(elem_id="origin", container=False)
        demo.load(lambda: served().origin(), None, footer, **PRIVATE)
    demo.queue(max_size=64, default_concurrency_limit=4)
    # A full collection would walk through all that was imported: 0.2 s in which nobody is answered.
    gc.freeze()
    return demo


def launch_options() -> dict[str, Any]:
    """What `launch` is called with, on a Space and on a desk."""
    return {
        "server_name": os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0"),
        "theme": theme(),
        "css": CSS,
        "footer_links": ["api"],
        "run_history": False,  # it would keep patients' data in the browser
        "enable_monitoring": False,
        "max_file_size": "5mb",
        "state_session_capacity": 200,
        "mcp_server": True,
        "ssr_mode": False,
    }
