"""What a page is filled with as it opens, in one event: four would be four places in line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from classifiers.ui.gradio_internals import note_error


@dataclass(frozen=True)
class _Part:
    fill: Callable[..., Any]
    inputs: Sequence[Any]
    outputs: Sequence[Any]


class Opening:
    """Collects what the tabs want done, and does it at once."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._scripts: list[str] = []

    def add(self, fill: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """`fill(request, *inputs)` gives a list, a value an output."""
        self._parts.append(_Part(fill, inputs, outputs))

    def add_script(self, script: str) -> None:
        """JavaScript that runs in the page alone, and so takes no place in line."""
        self._scripts.append(script)

    def register(self, page: gr.Blocks, **options: Any) -> None:
        """The one event."""
        inputs = list({part_input: None for part in self._parts for part_input in part.inputs})
        outputs = [output for part in self._parts for output in part.outputs]

        def open_page(request: gr.Request, *values: Any) -> list[Any]:
            given = dict(zip(inputs, values, strict=True))
            told: list[Any] = []
            for part in self._parts:
                try:
                    told += part.fill(request, *(given[part_input] for part_input in part.inputs))
                except Exception as error:  # what fails of a page leaves the rest of it alone
                    if not isinstance(error, gr.Error):
                        note_error("opening a page", error)
                    told += [gr.skip() for _ in part.outputs]
            return told

        page.load(open_page, inputs, outputs, **options)
        for script in self._scripts:
            page.load(None, None, None, js=script, api_visibility="private")
