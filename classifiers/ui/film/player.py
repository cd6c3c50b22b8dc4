"""The film player: a gr.HTML component that plays one film or several side by side.

It shows what Python computed and asks the server for nothing while a film plays or is scrubbed.
Its events are `pick` (a point was clicked: `{x, y}`) and `draw` (own points were changed:
`{points}`); its value is a message made by `film_message`.
"""

import json

import gradio as gr

from classifiers.film import LEVELS, NEURON_LEVELS, NEURON_SIDE
from classifiers.ui.static import asset

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
_SCRIPTS = ("svg", "film_data", "film_chart", "film_stage", "film_export", "film_player")


def film_player(elem_id: str) -> gr.HTML:
    """A player of live films. How many stages it has is up to the messages it gets."""
    return _player(elem_id, "film_live")


def film_compare(elem_id: str) -> gr.HTML:
    """A player of two runs that the visitor kept in the page; it needs nothing from Python."""
    return _player(elem_id, "film_compare", extra=asset("film_compare.html"))


def _player(elem_id: str, last_script: str, extra: str = "") -> gr.HTML:
    settings = {
        "palette": PALETTE,
        "curves": CURVE_COLOURS,
        "levels": LEVELS,
        "neuronSide": NEURON_SIDE,
        "neuronLevels": NEURON_LEVELS,
    }
    scripts = [f"const SETTINGS = {json.dumps(settings)};"]
    scripts.append(asset(*(f"{name}.js" for name in (*_SCRIPTS, last_script))))
    return gr.HTML(
        html_template=asset("film_player.html").replace("<!-- compare -->", extra),
        css_template=asset("buttons.css", "film_player.css"),
        js_on_load="\n".join(scripts),
        elem_id=elem_id,
        elem_classes="film-player",
    )
