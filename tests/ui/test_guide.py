"""The lesson's panel before anybody opens it: what it costs the page."""

import gzip
import json

import gradio as gr

from classifiers.config import PlaygroundConfig
from classifiers.recipes.guide import steps
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import still_of
from classifiers.ui.guide import panel
from classifiers.ui.static import asset, served_files


def test_the_panel_weighs_little_and_holds_no_answer():
    files = [body for name, body in served_files().items() if name.startswith("guide/")]
    listed = [[each.key, each.tab, each.title, each.core] for each in steps().values()]
    parts = [*files, asset("guide/guide.html").encode(), json.dumps(listed).encode()]
    assert sum(len(gzip.compress(part)) for part in parts) < 30_000
    whole = b"".join(parts).decode()
    for each in steps().values():
        for option in (*each.options, *each.rows):
            assert not option.because or option.because not in whole


def test_a_picture_to_answer_in_is_that_of_the_first_network():
    def still(members: int):
        config = {"training": {"epochs": 5, "members": members}}
        *_, update = run_playground(PlaygroundConfig.parse(config), film=False)
        return still_of(update.result)

    three, one = still(3), still(1)
    assert three["frames"] == one["frames"]
    assert three["start"] == one["start"]
    assert three["start"]["members"] == 1


def test_an_answer_is_about_the_learners_own_network(monkeypatch):
    asked = []
    monkeypatch.setattr(panel, "answer", lambda *about: iter(asked.append(about[2]) or ()))
    monkeypatch.setattr(panel, "takes_turns", lambda run, **_: run)
    with gr.Blocks() as demo:
        panel.build_guide(lambda: None)
    (commit,) = [each.fn for each in demo.fns.values() if each.fn.__name__ == "commit"]
    own = PlaygroundConfig.parse({"network": {"widths": [3]}})
    list(commit(gr.EventData(None, {"key": "p1", "own": own.to_dict()})))
    assert [about.own for about in asked] == [own]
