"""Colours, type and spacing. Fonts are the system's own: the page loads nothing from elsewhere."""

import gradio as gr

CSS = """
.gradio-container { max-width: 1240px !important; margin: 0 auto !important; }
footer { opacity: .8; }
h1 { font-size: 1.55rem !important; letter-spacing: -.015em; margin-bottom: .1rem !important; }
.lede { color: var(--body-text-color-subdued); margin-bottom: .4rem; }
.notice { border-left: 4px solid var(--color-accent); padding: .45rem .8rem; font-size: .92rem;
  background: var(--background-fill-secondary); border-radius: 4px; }
.group-title h3 { font-size: .95rem !important; margin: .5rem 0 .1rem !important; }
.block.doubt { border-color: #b45309 !important; box-shadow: inset 3px 0 0 #b45309; }
.block.wrong { border-color: #b91c1c !important; box-shadow: inset 3px 0 0 #b91c1c; }
:focus-visible { outline: 2px solid var(--color-accent) !important; outline-offset: 2px; }
@media (max-width: 640px) {
  .gradio-container { padding: 8px !important; }
}
"""

_SYSTEM = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def theme() -> gr.themes.Base:
    """Monochrome's contrast (AA with axe-core), with one accent."""
    return gr.themes.Monochrome(
        primary_hue="indigo",
        secondary_hue="indigo",
        neutral_hue="slate",
        radius_size="md",
        font=_SYSTEM,
        font_mono=("ui-monospace", "SFMono-Regular", "Menlo", "monospace"),
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
        color_accent="*primary_600",
        block_label_text_weight="600",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
    )
