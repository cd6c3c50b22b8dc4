"""What a page or a tab is filled with as it opens."""

import gradio as gr
import pytest

from classifiers.ui import app
from classifiers.ui.app import build_app
from classifiers.ui.parts.opening import Opening


@pytest.fixture
def opening():
    return Opening()


def filled(opening):
    """What the one event calls, and how many outputs it has."""
    taken = {}
    with gr.Blocks():
        opening.register(
            lambda fill, inputs, outputs, **_: taken.update(fill=fill, outputs=outputs)
        )
    return taken["fill"], len(taken["outputs"])


def test_all_parts_are_filled_at_once_and_only_once(opening):
    box, other, third = (gr.Textbox() for _ in range(3))
    opening.add(lambda _, value: [f"of {value}", "two"], [box], [other, third])
    opening.add(lambda request: [request], [], [box])
    fill, count = filled(opening)
    for first in (False, None, "open"):  # all but what it told itself
        assert fill("asked", first, "one") == [True, "of one", "two", "asked"]
    again = fill("asked", True, "one")
    assert len(again) == count
    assert all(told == gr.skip() for told in again)


def test_what_fails_leaves_the_rest_alone_and_is_tried_again(opening, capsys):
    def fail(_):
        raise ZeroDivisionError

    opening.add(fail, [], [gr.Textbox(), gr.Textbox()])
    opening.add(lambda _: ["shown"], [], [gr.Textbox()])
    fill, _ = filled(opening)
    assert fill("asked", False) == [False, gr.skip(), gr.skip(), "shown"]
    assert capsys.readouterr().err.startswith("error in opening a page: ZeroDivisionError at ")


def test_what_a_part_says_itself_is_not_noted(opening, capsys):
    def refuse(_):
        raise gr.Error("a field: is odd", print_exception=False)

    opening.add(lambda _: ["first"], [], [gr.Textbox()])
    opening.add(refuse, [], [gr.Textbox()])
    fill, _ = filled(opening)
    assert fill("asked", False) == [False, "first", gr.skip()]
    assert capsys.readouterr().err == ""


def test_parts_that_look_at_the_same_are_given_the_same(opening):
    box, other, shown = (gr.Textbox() for _ in range(3))
    opening.add(lambda _, *values: ["-".join(values)], [box, other], [shown])
    opening.add(lambda _, *values: ["+".join(values)], [other, box], [box])
    fill, count = filled(opening)
    assert (fill("asked", False, "one", "two"), count) == ([True, "one-two", "two+one"], 3)


def test_a_page_asks_for_no_tab_but_its_first(monkeypatch):
    frozen: list[str] = []
    monkeypatch.setattr(app.gc, "freeze", lambda: frozen.append("what was imported"))
    demo = build_app()
    assert (frozen, demo.api_open, demo.title) == (["what was imported"], False, app.TITLE)
    config = demo.config
    ids = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
    loads = [d for d in config["dependencies"] if any(event == "load" for _, event in d["targets"])]
    named = {ids[output] for d in loads for output in d["outputs"]} - {None}
    assert named == {"playground-stage", "origin"}
