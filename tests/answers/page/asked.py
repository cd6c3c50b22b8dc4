"""The app in this process: its listeners by the place that they listen to, and what they answer."""

import base64
import functools
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from classifiers.recipes.capstone.worlds.message import unpack_array, unpack_regions
from classifiers.turns import Expect, play
from classifiers.ui.app import build_app

DRAWN = re.compile(r"[0-9a-f]{32}")
POINTS = [("x", "<u2"), ("y", "<u2"), ("kind", "u1")]
LEFT_OUT = {"sequence", "__type__"}
SPACE = re.compile(r"\s")
SERVED = re.compile(r"app-files/\w+/")
SKIPPED = {"__type__": "update"}


@functools.cache
def the_app() -> gr.Blocks:
    return build_app()


def place_of(block: Any) -> str:
    """What a part of the page is called here: its id, its label or what it is."""
    props = block.get_config() if hasattr(block, "get_config") else {}
    name = props.get("elem_id") or props.get("label") or props.get("value")
    named = isinstance(name, str) and len(name) < 60
    return f"{type(block).__name__} {name}" if named else type(block).__name__


def targets_of(about: Any) -> list[str]:
    blocks = the_app().blocks
    return [
        f"{place_of(blocks[at]) if at in blocks else 'the page'}.{event}"
        for at, event in about.targets
    ]


@functools.cache
def _listeners() -> dict[str, Any]:
    """By what they listen to, and by that and the first part that they change."""
    found: dict[str, Any] = {}
    for about in the_app().fns.values():
        for target in targets_of(about):
            name = target.partition(" ")[2] or target
            into = place_of(about.outputs[0]).partition(" ")[2] if about.outputs else ""
            found |= {name: found.get(name, about), f"{name} > {into}": about}
    return found


def listener(target: str) -> Any:
    """What is called at `id.event`."""
    return _listeners()[target].fn


def ask(target: str, *values: Any) -> Any:
    """What the listener to `id.event` answers; of a run all that it tells."""
    function = listener(target)
    if inspect.isasyncgenfunction(function):  # takes turns
        function = function.__wrapped__
    try:
        answer = function(*values)
        if inspect.isgenerator(answer):
            return [read(news) for news in play(answer) if not isinstance(news, Expect)]
    except gr.Error as error:
        return f"Error: {error.message}"
    return read(answer)


def event(target: str, /, *values: Any, **told: Any) -> Any:
    """`ask`, with what a component of ours sends along with its event."""
    return ask(target, *values, gr.EventData(None, told))


def read(answer: Any) -> Any:
    """An answer with its JSON texts and its packed numbers read, and without what is drawn anew."""
    if isinstance(answer, gr.blocks.Block):
        return read(answer.constructor_args)
    if isinstance(answer, dict):
        if answer == SKIPPED:
            return "skipped"
        numbers = unpacked(answer)
        if numbers is not None:
            return numbers
        return {key: read(one) for key, one in answer.items() if key not in LEFT_OUT}
    if isinstance(answer, list | tuple):
        return [read(one) for one in answer]
    if not isinstance(answer, str):
        return answer
    if answer[:1] in ("{", "["):
        try:
            told = json.loads(answer)
        except ValueError:
            return answer
        return read(told)
    if (len(answer) > 200 or answer.startswith("eJ")) and not SPACE.search(answer):
        return "packed"
    return "an id" if DRAWN.fullmatch(answer) else answer


def unpacked(message: dict[str, Any]) -> Any:
    """Arrays, regions (how many rings, and their box) and points of a film; else None."""
    kind = message.get("dtype")
    if kind == "regions":
        regions = [[len(region), *box_of(region)] for region in unpack_regions(message)]
        return {"shape": message["shape"], "regions": np.array(regions, float)}
    if kind is not None and "data" in message:
        return unpack_array(message).astype(float)
    if message.keys() == {"data", "shown", "total"}:
        packed = np.frombuffer(base64.b64decode(message["data"]), POINTS)
        numbers = {name: packed[name].astype(float) for name in ("x", "y", "kind")}
        return {**message, "data": numbers}
    return None


def box_of(region: list[Any]) -> list[float]:
    corners = np.concatenate(region or [np.zeros((1, 2))])
    return [*corners.min(axis=0), *corners.max(axis=0)]


def parts() -> Iterator[tuple[int, Any]]:
    """The page's parts in their order, and how deep each stands."""
    blocks = the_app().blocks

    def below(one: dict[str, Any], depth: int) -> Iterator[tuple[int, Any]]:
        for child in one.get("children") or []:
            yield depth, blocks[child["id"]]
            yield from below(child, depth + 1)

    yield from below(the_app().get_config_file()["layout"], 0)
