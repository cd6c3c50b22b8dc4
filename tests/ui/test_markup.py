"""What is shown of a stranger's text is text: no place on the page takes more from it."""

import ast
import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import pytest
from gradio.context import LocalContext
from markupsafe import Markup

from classifiers.errors import ConfigError
from classifiers.recipes.heart.model import HeartModel
from classifiers.ui.app import Page, build_app
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.models import load_ready
from classifiers.ui.parts.markup import inert, warn
from classifiers.ui.parts.panels import HtmlPanel, MarkdownPanel
from classifiers.ui.rehearsal import rehearse
from tests.tools.hostile import ROOT, hostile, poison_weights

URL = "http://127.0.0.1:9"
UI = ROOT / "classifiers" / "ui"
ASSETS = UI / "static"
# Ways from a string to elements or code in a page.
DANGEROUS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    r"|createContextualFragment|DOMParser|setHTML"
)


@pytest.fixture(scope="module")
def app() -> gr.Blocks:
    return build_app()


def components(app: gr.Blocks, kind: type) -> list:
    return [block for block in app.blocks.values() if isinstance(block, kind)]


def test_every_place_for_markdown_is_the_inert_one(app):
    places = components(app, gr.Markdown)
    assert len(places) > 5
    for place in places:
        assert type(place) is MarkdownPanel
        assert (place.latex_delimiters, place.sanitize_html, place.header_links) == (
            [],
            True,
            False,
        )
        assert place.postprocess("<img>![a](b)") == inert("<img>![a](b)") != "<img>![a](b)"


def test_every_place_for_html_escapes_or_is_drawn_by_our_own_javascript(app):
    places = components(app, gr.HTML)
    panels = [place for place in places if type(place) is HtmlPanel]
    assert (len(panels) > 0, len(places) > len(panels)) == (True, True)
    for place in panels:
        assert place.postprocess("<img>") == "&lt;img&gt;"
        assert place.postprocess(Markup("<b>")) == "<b>"
    for place in places:
        if place not in panels:
            # A template that names a value has it inserted as HTML, or run as JavaScript.
            assert not re.search(r"\$\{|\{\{", place.html_template), place.elem_id
            assert not DANGEROUS.search(place.js_on_load), place.elem_id


@pytest.mark.parametrize("path", sorted(ASSETS.rglob("*.js")), ids=lambda path: path.name)
def test_no_script_of_ours_makes_elements_of_a_text(path):
    assert not DANGEROUS.search(path.read_text())


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


@pytest.mark.parametrize(
    "path", sorted(UI.rglob("*.py")), ids=lambda path: str(path.relative_to(UI))
)
def test_only_markup_makes_places_and_messages(path):
    for call in calls(path):
        name, named = ast.unparse(call.func), {word.arg: word.value for word in call.keywords}
        if path.name != "markup.py":
            assert name not in ("gr.Markdown", "gr.Warning", "gr.Info", "gr.Success"), call.lineno
            # An update of a component that has a template, or such a component.
            assert name != "gr.HTML" or not call.args, call.lineno
            assert not (name == "Markup" and isinstance(call.args[0], ast.JoinedStr)), call.lineno
        info = named.get("info")
        is_ours = isinstance(info, ast.Constant | None) or ast.unparse(info).startswith("inert(")
        assert is_ours, f"{path.name}:{call.lineno}"


def test_inert_markdown_keeps_what_is_ours_and_its_looks():
    ours = "## A\n\n**b** *c* `d <= 1`, p < 0.05 [1, 2], 3 @ 4\n\n- e\n\n| f |\n|---|\n| x, y |"
    assert inert(ours) == ours
    assert inert(hostile(URL)).replace("\u2060", "") == hostile(URL)
    for construct in ("<img", "](http", "][y", "]: http", "<http", "http://", "www.b", "mermaid"):
        assert construct in hostile(URL)
        assert construct not in inert(hostile(URL))
    assert "@beacon.test" not in inert(hostile(URL))


def test_errors_are_escaped_for_the_page_and_plain_for_scripts():
    @speaks_plainly
    def fail() -> str:
        raise ConfigError("field", "must not be <img src=x>")

    with Page() as page:
        gr.Button().click(fail, None, None, api_visibility="private")
        gr.api(fail, api_name="fail")
    told = {}
    for number, function in page.fns.items():
        with ThreadPoolExecutor(1) as beside, pytest.raises(gr.Error) as error:
            # A browser of other tests has an event loop in this thread.
            beside.submit(asyncio.run, page.process_api(number, [])).result()
        assert not error.value.print_exception
        told[function.api_visibility] = error.value.message
    assert told["private"] == "field: must not be &lt;img src=x&gt;"
    assert told["public"] == "field: must not be <img src=x>"


def test_errors_of_ours_are_said_and_not_logged():
    def double(value: int, *, more: int = 0) -> int:
        if value < 0:
            raise ConfigError("value", "must be more")
        return 2 * value + more

    def each(*values: int, more: int = 0) -> Iterator[int]:
        for value in values:
            yield double(value, more=more)

    assert speaks_plainly(double)(3, more=1) == 7
    assert list(speaks_plainly(each)(3, 4, more=1)) == [7, 9]
    heard = speaks_plainly(each)(3, -1)
    assert next(heard) == 6
    for call in (lambda: speaks_plainly(double)(-1), lambda: next(heard)):
        with pytest.raises(gr.Error, match="value: must be more") as error:
            call()
        assert not error.value.print_exception
    with pytest.raises(TypeError):
        speaks_plainly(double)("x")


def test_poisoned_weights_are_good_weights(tmp_path):
    """Else the browser's test would look at error messages only."""
    folder = poison_weights(tmp_path / "weights", hostile(URL)) / "heart"
    model = load_ready(folder, rehearse)
    assert isinstance(model, HeartModel)
    assert (folder / "metadata.json").read_text().count("/own-line") > 90


@pytest.mark.parametrize(("event", "told"), [("e1", ["&lt;b&gt;x&lt;/b&gt; &amp; y"]), (None, [])])
def test_a_message_over_the_page_is_text_and_goes_to_no_log(monkeypatch, event, told):
    shown: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda text: shown.append(str(text)))
    known = LocalContext.event_id.set(event)
    try:
        warn("<b>x</b> & y")
    finally:
        LocalContext.event_id.reset(known)
    assert shown == told
