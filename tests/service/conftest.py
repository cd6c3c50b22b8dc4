"""A small app of ours for the tests of what stands between Gradio and it."""

from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.blocks import Blocks

from classifiers.errors import ConfigError
from classifiers.ui.gradio_internals import StrictBlocks


def number(x: float) -> float:
    if x == 13:
        raise ConfigError("x", "must not be 13")
    return 1 / x


@pytest.fixture
def blocks() -> StrictBlocks:
    with StrictBlocks(analytics_enabled=False) as demo:
        gr.api(number, api_name="number")
        choice = gr.Dropdown(["a", "b"], label="Letter")
        shown = gr.Textbox()
        other = gr.HTML()
        choice.change(lambda letter: [letter, gr.skip()], choice, [shown, other])
        gr.Button().click(None, None, None, js="() => {}")
    demo.queue()
    return demo


def index_of(blocks: Blocks, name: str) -> int:
    return next(i for i, fn in blocks.fns.items() if fn.api_name == name)


def request(address: str = "1.2.3.4") -> SimpleNamespace:
    return SimpleNamespace(client=SimpleNamespace(host=address), url="http://x/gradio_api/call/x")
