"""What the page is made of, part by part, and what listens to each: held against what was kept."""

import inspect
import json
import re
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio import EventData

from classifiers.errors import BusyError
from classifiers.ui import heavy
from classifiers.ui.heart.patient.form import build_form, build_samples
from classifiers.ui.theme import theme
from tests.answers.page.asked import SERVED, parts, place_of, read, targets_of, the_app
from tests.answers.thinned import folded, hold
from tests.tools.app_client import run_async

# Files of the page as they are, and what Gradio says of every part of a kind.
TEXTS = ("html_template", "css_template", "js_on_load", "value")
USUAL = {"name", "preserved_by_key", "component_class_name", "_selectable", "server_functions"}
SETTINGS = re.compile(r"\.then\(\(\{ start \}\).*?props, trigger, early \}, (.*?)\) \?\?", re.S)
WATCHED = re.compile(r"^// (\[.*?\])$.*?watch\((\[.*?\])", re.S | re.M)
OTHERS = (
    "concurrency_id", "concurrency_limit", "queue", "api_visibility", "show_progress",
    "trigger_mode", "api_name",
)  # fmt: skip


def described(block: Any) -> list[str]:
    props = block.get_config()
    told = {
        key: value
        for key, value in props.items()
        if key not in USUAL and key not in TEXTS and value not in (None, False, [], {}, "")
    }
    value = props.get("value")
    if isinstance(value, str | int | float) and len(str(value)) < 1000:
        told["value"] = value
    for key in ("html_template", "css_template"):
        told[key] = (props.get(key) or "").strip()[:50]
    script = SERVED.sub("", props.get("js_on_load") or "")
    if found := WATCHED.search(script):
        told["may trigger"], told["watches"] = found.groups()
        settings = SETTINGS.search(script)
        text = settings[1] if settings else ""
        told["settings"] = json.loads(text) if len(text) < 12_000 else text[:300]
        told["module"] = re.findall(r'modules\["(.*?)"\]', script)
    return folded({key: plain(told[key]) for key in sorted(told) if told[key]})


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if value is None or isinstance(value, int | float):
        return value
    if inspect.isfunction(value):
        return value.__name__
    text = str(value)
    return text if len(text) < 700 else "long"


def test_what_the_page_is_made_of(snapshots):
    lines = []
    for depth, block in parts():
        lines += ["", f"{'  ' * depth}{place_of(block)}", *described(block)]
    snapshots.hold("parts", lines)


def test_colours_type_and_spacing(snapshots):
    """What is not as it is in Gradio's own."""
    usual, ours = (vars(one) for one in (gr.themes.Monochrome(), theme()))
    told = {key: str(value) for key, value in ours.items() if str(value) != str(usual[key])}
    snapshots.hold("theme", [f"{key}: {told[key]}" for key in sorted(told)])


def test_what_listens_to_the_page(snapshots):
    lines = []
    for listener in the_app().fns.values():
        told = {name: plain(getattr(listener, name, None)) for name in OTHERS}
        if str(told["concurrency_id"]).isdigit():
            told["concurrency_id"] = "its own"
        told |= {
            "inputs": [place_of(block) for block in listener.inputs],
            "outputs": [place_of(block) for block in listener.outputs],
            "js": SERVED.sub("", listener.js) if isinstance(listener.js, str) else listener.js,
            "only after success": listener.trigger_only_on_success,
            "only after failure": listener.trigger_only_on_failure,
        }
        lines += ["", ", ".join(targets_of(listener)) or "an endpoint", *folded(told)]
    snapshots.hold("listeners", lines)


def test_what_is_said_where_there_is_no_room(snapshots, monkeypatch):
    kinds: list[bool] = []

    def enter(run: Any, owner: Any, *, long: bool, notify: Any) -> None:
        run.close()
        kinds.append(long)
        raise BusyError("server", "has room for 3 members")

    async def heard(call: Any) -> list[Any]:
        return [one async for one in call]

    monkeypatch.setattr(heavy, "the_turns", lambda: SimpleNamespace(enter=enter))
    for listener in the_app().fns.values():
        if not inspect.isasyncgenfunction(listener.fn):
            continue
        asked = EventData(None, {"n": 5, "page": "p", "press": 4})
        taken = inspect.signature(listener.fn).parameters.values()
        values = [asked if one.annotation is EventData else None for one in taken]
        try:
            told = read(run_async(heard(listener.fn(*values))))
        except gr.Error as error:
            told = [f"Error: {error.message}", error.print_exception]
        name = ", ".join(targets_of(listener)) or f"/{listener.api_name}"
        hold(snapshots, name, [*told, {"long": kinds.pop()}])


def test_the_form_of_a_patient(snapshots):
    for name, part in (("form", build_form()), ("samples", build_samples())):
        page = part.html_template
        lines = page[page.index('<div class="group') if name == "form" else 0 :]
        snapshots.hold(name, re.sub(r"(?=<[a-z])", "\n", lines).split("\n"), alone=True)
