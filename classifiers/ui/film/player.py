"""The film player: a gr.HTML component that plays one film or several side by side.

It shows what Python computed and asks the server for nothing while a film plays or is scrubbed.
Its events are `pick` (a point was clicked: `{x, y}`) and `draw` (own points were changed:
`{points}`); its value is a message made by `message`.
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


def film_player(elem_id: str) -> gr.HTML:
    """A player of live films. How many stages it has is up to the messages it gets."""
    return _player(elem_id, "film/live.js")


def film_compare(elem_id: str) -> gr.HTML:
    """A player of two runs that the visitor kept in the page; it needs nothing from Python."""
    return _player(elem_id, "film/compare.js", extra=asset("film/compare.html"))


def _player(elem_id: str, script: str, extra: str = "") -> gr.HTML:
    return gr.HTML(
        html_template=asset("film/player.html").replace("<!-- compare -->", extra),
        js_on_load=module(
            script,
            events=("pick", "draw"),
            palette=PALETTE,
            curves=CURVE_COLOURS,
            levels=LEVELS,
            neuronSide=NEURON_SIDE,
            neuronLevels=NEURON_LEVELS,
        ),
        elem_id=elem_id,
        elem_classes="film-player",
    )
