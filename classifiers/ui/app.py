"""Puts the tabs and the endpoints together."""

import gc
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from classifiers.compute.parallel import share_cores
from classifiers.ui.capstone.tab import build_capstone_tab
from classifiers.ui.endpoints import register
from classifiers.ui.gradio_internals import StrictBlocks
from classifiers.ui.guide import build_guide
from classifiers.ui.heart.patient.link import OPEN_PATIENT
from classifiers.ui.heart.tab import build_heart_tab
from classifiers.ui.models import serve_models
from classifiers.ui.parts.markup import InertErrors, markdown
from classifiers.ui.parts.opening import Opening
from classifiers.ui.playground.tab import build_playground_tab
from classifiers.ui.rehearsal import rehearse
from classifiers.ui.server.address import Address
from classifiers.ui.server.gate import Gate
from classifiers.ui.server.page_cache import PageCache
from classifiers.ui.server.static_files import StaticFiles
from classifiers.ui.server.storage import lifespan
from classifiers.ui.server.upload_gate import UploadGate
from classifiers.ui.static import app_shell, head
from classifiers.ui.theme import CSS, theme

TITLE = "Neural-network classifiers"
TABS = {"playground": "Playground", "heart": "Heart", "capstone": "Capstone"}


class Page(InertErrors, StrictBlocks):
    """The Blocks of this app."""


def build_app() -> gr.Blocks:
    """The whole app, models loaded or being loaded."""
    share_cores()
    opening = Opening()
    served = serve_models(rehearse)
    with Page(title=TITLE, analytics_enabled=False) as demo:
        markdown(
            f"# {TITLE}\nSee what they learn, where they fail, and what their numbers are worth.",
            container=False,
            elem_id="app-title",
        )
        build_guide(served)
        with gr.Tabs():
            with gr.Tab(TABS["playground"], id="playground"):
                build_playground_tab(opening)
            with gr.Tab(TABS["heart"], id="heart") as heart:
                build_heart_tab(served, heart)
            with gr.Tab(TABS["capstone"], id="capstone") as capstone:
                build_capstone_tab(capstone)
        register(served)
        footer = markdown(elem_id="origin", container=False)
        opening.add(lambda _: [served().origin()], [], [footer])
        opening.register(demo.load)
        demo.load(None, None, None, js=OPEN_PATIENT, api_visibility="private")
    demo.queue(api_open=False)
    # A full collection would walk through all that was imported: 0.2 s in which nobody is answered.
    gc.freeze()
    return demo


def launch_options() -> dict[str, Any]:
    """What `launch` is called with, on a Space and on a desk.

    Raises:
        ConfigError: the environment names no address that can be served.
    """
    address = Address.from_environment()
    return {
        "server_name": address.host,
        "server_port": address.port,
        # Its only use is a look at the page with 3 s for it, and the end of the app if they are
        # over, as they may be where the first weights are worked through on a busy core.
        "_frontend": False,
        "app_kwargs": {
            "lifespan": lifespan,
            "middleware": [
                Middleware(Gate),
                Middleware(UploadGate),
                Middleware(StaticFiles),
                Middleware(PageCache, shell=app_shell(TITLE, TABS)),
            ],
        },
        "theme": theme(),
        "css": CSS,
        "head": head(),
        "footer_links": ["api"],
        "run_history": False,  # it would keep patients' data in the browser
        "enable_monitoring": False,
        "max_file_size": "5mb",
        "state_session_capacity": 1000,
        "max_threads": 64,  # other than 40, so that waiting scripts cannot take those of the page
        "mcp_server": True,
        "ssr_mode": False,
    }
