"""Colours, type and spacing. Fonts are the system's own: the page loads nothing from elsewhere."""

import gradio as gr

CSS = """
/* Gradio's colours for code are too faint to read on its ground. */
.md code .token { color: inherit; }
.gradio-container { max-width: min(1240px, 100vw) !important; width: 100%;
  margin: 0 auto !important;
  overflow: clip !important; /* hidden would keep .stick and the buttons from sticking */ }
/* Gradio leaves a rule inside @media no way to reach this far out. */
.gradio-container > .main { padding-inline: clamp(10px, 2.5vw, 32px) !important; }
/* Without this a row of tabs is never narrower than its names, and the page scrolls sideways. */
.gradio-container .tab-container { min-width: 0; flex-wrap: wrap; height: auto; }
.gradio-container :is(.main, .wrap, .contain, .column, .tabs, .tab-wrapper) { min-width: 0; }
/* The line below a tab's name is there from the first picture on. */
.tab-container button::after { animation: none !important; }
#in-line { position: fixed; bottom: 16px; left: 50%; translate: -50% 0; z-index: 100; margin: 0;
  padding: 8px 16px; border-radius: 999px; background: var(--body-text-color);
  color: var(--background-fill-primary); box-shadow: 0 2px 12px rgb(0 0 0 / .3);
  font: 500 .92rem var(--font); width: max-content; max-width: calc(100vw - 24px); }
#in-line:empty { display: none; }
footer { opacity: .8; }
h1 { font-size: 1.55rem !important; letter-spacing: -.015em; margin-bottom: .1rem !important; }
.notice { border-left: 4px solid var(--color-accent); padding: .4rem .8rem !important;
  font-size: .92rem; background: var(--background-fill-secondary); border-radius: 4px; }
.notice .notice { border: 0; padding: 0 !important; }
.group-title :is(h2, h3) { font-size: .95rem !important; margin: .35rem 0 0 !important; }
.tight { gap: 8px !important; }
.quiet button, button.quiet { background: none !important; border-color: transparent !important;
  text-decoration: underline; }
.doubt [data-testid="block-info"] ~ *, .wrong [data-testid="block-info"] ~ * { font-weight: 600; }
.block.doubt, .form > .doubt { box-shadow: inset 4px 0 0 #b45309; }
.block.wrong, .form > .wrong { box-shadow: inset 4px 0 0 #dc2626; }
:focus-visible { outline: 2px solid var(--color-accent) !important; outline-offset: 2px; }
.dark { --color-accent: var(--primary-400); }
/* How a file of points was read is told only while they are the dataset. */
#points-file, #points-columns { display: none; }
body:has(#playground-stage [data-set=points][aria-pressed=true]) #points-columns { display: flex; }
/* The colours of code are too pale for small type. */
body:not(.dark) .cm-line { filter: brightness(.6); }
.dark .cm-editor { background: var(--neutral-950) !important; }
:is(.film-player, .text-panel, .edge-to-edge) .html-container { padding-inline: 0; }
@media (min-width: 769px) {
  .stick { position: sticky; top: 12px; align-self: flex-start; }
}
@media (max-width: 768px) {
  .result-first { order: -1; }
}
/* All of a row's tabs in sight, none behind a menu. */
@media (max-width: 480px) {
  .tab-container button { padding-inline: 8px !important; }
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
        spacing_size="sm",
        font=_SYSTEM,
        font_mono=("ui-monospace", "SFMono-Regular", "Menlo", "monospace"),
    ).set(
        layout_gap="10px",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
        button_secondary_text_color_hover="*neutral_700",
        button_secondary_text_color_hover_dark="white",
        color_accent="*primary_600",
        block_label_text_weight="600",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
    )
