"""The capstone tab: three networks on the same moons, side by side."""

import gradio as gr


def build_capstone_tab() -> None:
    """Fills the tab."""
    gr.Markdown("…")
