"""The lesson's panel before anybody opens it: what it costs the page."""

import gzip
import json
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.errors import BusyError
from classifiers.recipes.guide import question, step, steps
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import still_of
from classifiers.ui.guide import panel
from classifiers.ui.static import asset, served_files
from tests.conftest import ROOT


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


def test_steps_read_the_model_that_is_served_and_the_capstones_folder():
    served: Any = SimpleNamespace(heart="the model")
    reads = panel.sources(lambda: served)
    assert (reads.heart(), reads.capstone(), reads.own) == (
        "the model", ROOT / "weights" / "capstone", None
    )  # fmt: skip
    served.heart = "another"
    assert reads.heart() == "another"


@pytest.fixture
def listeners(monkeypatch) -> dict[str, Any]:
    """Those of a panel, by their names, and what answers where there is no room."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(panel, "takes_turns", lambda run, **how: found.update(how) or run)
    with gr.Blocks() as demo:
        panel.build_guide(lambda: SimpleNamespace(heart=None))  # type: ignore[arg-type,return-value]
    return found | {each.fn.__name__: each.fn for each in demo.fns.values()}


@pytest.mark.parametrize(("number", "told"), [(3, 3), ("3", None), (None, None), ([3], None)])
def test_every_answer_says_which_question_it_is_for(listeners, number, told):
    def heard(answer: Any, name: str) -> Any:
        return json.loads(answer[name])

    asked = {"key": "c1", "n": number}
    shown = heard(listeners["look"](gr.EventData(None, asked)), "value")
    reads = panel.sources(lambda: SimpleNamespace(heart=None))  # type: ignore[arg-type,return-value]
    wanted = json.loads(json.dumps(question(step("c1"), reads)))
    assert shown == {**wanted, "n": told, "sequence": shown["sequence"]}
    wrong = gr.EventData(None, {**asked, "key": "c0"})
    answers = [heard(listeners["look"](wrong), "value")]
    answers += [heard(one, "told") for one in listeners["commit"](wrong)]
    full = BusyError("server", "has no room")
    answers.append(heard(listeners["refused"](full, gr.EventData(None, asked)), "told"))
    assert [one["n"] for one in answers] == [told] * 3
    assert [one["error"][:24] for one in answers] == [*["key: must be one of p1, "] * 2,
                                                      "server: has no room"]  # fmt: skip
    assert len({one["sequence"] for one in (shown, *answers)}) == 4
