"""Handles of files in a request: only where a file is asked for, and only of files that were sent.

Gradio looks for them in all that is sent, at any depth, before our functions see it: a handle of
another file ends as an unexplained error, and that of an upload as a path of this machine.
"""

import inspect
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.exceptions import InvalidPathError
from gradio_client.utils import is_file_obj_with_meta


class FilesInPlace(gr.Blocks):
    """Blocks that name the argument in which a handle is out of place."""

    async def process_api(
        self, block_fn: Any, inputs: list[Any], *arguments: Any, **named: Any
    ) -> dict[str, Any]:
        about = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        is_new = named.get("iterator") is None  # else it is the next step of a generator
        holding = [i for i, value in enumerate(inputs) if _holds_file(value)] if is_new else []
        for place in holding:
            if not _takes_file(about, place):
                raise gr.Error(
                    f"{_field(about, place)}: must be a plain value, got the handle of a file; "
                    "send what the file holds",
                    print_exception=False,
                )
        try:
            return await super().process_api(block_fn, inputs, *arguments, **named)
        except InvalidPathError:
            raise gr.Error(
                f"{_field(about, holding[0] if holding else 0)}: must be an uploaded file; upload "
                "one and send its handle",
                print_exception=False,
            ) from None


def _holds_file(value: Any) -> bool:
    if isinstance(value, dict):
        return is_file_obj_with_meta(value) or any(map(_holds_file, value.values()))
    return isinstance(value, list) and any(map(_holds_file, value))


def _parameters(about: BlockFunction) -> list[inspect.Parameter]:
    return list(inspect.signature(about.fn).parameters.values()) if about.fn else []


def _takes_file(about: BlockFunction, place: int) -> bool:
    if about.api_visibility == "public":
        parameters = _parameters(about)
        return place < len(parameters) and parameters[place].annotation is gr.FileData
    return place < len(about.inputs) and isinstance(about.inputs[place], gr.File | gr.UploadButton)


def _field(about: BlockFunction, place: int) -> str:
    if about.api_visibility == "public":
        parameters = _parameters(about)
        return parameters[place].name if place < len(parameters) else "data"
    block = about.inputs[place] if place < len(about.inputs) else None
    return getattr(block, "label", None) or "data"
