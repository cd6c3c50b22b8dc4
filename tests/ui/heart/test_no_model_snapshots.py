"""What the heart tab answers where no model could be loaded: a sentence at each place that needs
one, and nothing where that was said already; held against what was looked at and kept.
"""

import inspect
import json
from types import SimpleNamespace
from typing import Any

import gradio as gr

from classifiers.errors import ArtifactError
from classifiers.ui.heart.tab import build_heart_tab
from classifiers.ui.models import Served
from tests.answers.page.asked import place_of, read
from tests.answers.thinned import hold

GONE = Served("weights/heart", None, ArtifactError("weights/heart", "is gone; put it back"))
PATIENT = json.dumps({"number": 4, "patient": {"age": 60, "cp": 4}})


def test_a_tab_without_a_model(snapshots, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    table = tmp_path / "a.csv"
    table.write_text("age\n50\n")
    with gr.Blocks(analytics_enabled=False) as demo, gr.Tab("Heart") as tab:
        build_heart_tab(lambda: GONE, tab)
    given: dict[str, list[Any]] = {
        "HTML patient-form.change": [PATIENT], "HTML explorer.weigh": [None, 5, 1],
        "File patients-file.change": [str(table), 0.5, "csv", False, "", "r"],
        "Tab Heart.select": [SimpleNamespace(query_params={}), False, PATIENT],
    }  # fmt: skip
    for listener in demo.fns.values():
        at, event = listener.targets[0]
        name = f"{place_of(demo.blocks[at])}.{event}" if at in demo.blocks else event
        if listener.fn is None or name in ("File patients-answer.halt", "HTML heart-code.fetch"):
            continue
        values = given.get(name, [None] * len(listener.inputs))
        try:
            told = listener.fn(*values)
            told = list(told) if inspect.isgenerator(told) else told
        except gr.Error as error:
            told = f"Error: {error.message}"
        into = place_of(listener.outputs[0]) if listener.outputs else "nothing"
        hold(snapshots, f"{name} > {into}", read(told))
