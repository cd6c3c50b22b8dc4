"""The player that compares two runs, and the colours of all films.

The runs were kept in the page, so that nothing is asked of the server.
"""

import gradio as gr

from classifiers.film import LEVELS, NEURON_LEVELS, NEURON_SIDE
from classifiers.ui.static import asset, module

# Okabe and Ito's colours, told apart with any colour vision; their black, which a dark page hides,
# is replaced.
PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#7C5CBF",
)
CURVE_COLOURS = {"train": "#2F6FED", "test": "#E2590F"}


def film_compare(elem_id: str) -> gr.HTML:
    """A player of two runs that the visitor kept in the page; it needs nothing from Python."""
    return gr.HTML(
        html_template=asset("film/compare.html"),
        js_on_load=module(
            "film/compare.js",
            palette=PALETTE,
            curves=CURVE_COLOURS,
            levels=LEVELS,
            neuronSide=NEURON_SIDE,
            neuronLevels=NEURON_LEVELS,
        ),
        elem_id=elem_id,
        elem_classes="film-player",
    )
