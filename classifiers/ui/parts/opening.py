"""What the page or a tab is filled with as it opens, in one event: four would be four places in
line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from classifiers.ui.gradio_internals import note_error
from classifiers.ui.parts.events import PRIVATE

_LINE: dict[str, Any] = {**PRIVATE, "concurrency_id": "page", "concurrency_limit": 4}


@dataclass(frozen=True)
class _Part:
    fill: Callable[..., Any]
    inputs: Sequence[Any]
    outputs: Sequence[Any]


class Opening:
    """Collects what is to be done, and does it at once."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def add(self, fill: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """`fill(request, *inputs)` gives a list, a value an output."""
        self._parts.append(_Part(fill, inputs, outputs))

    def register(self, listen: Callable[..., Any]) -> None:
        """`listen`: `Blocks.load`, or `Tab.select`, of which only a page's first is answered."""
        inputs = list({part_input: None for part in self._parts for part_input in part.inputs})
        outputs = [output for part in self._parts for output in part.outputs]
        opened = gr.State(False)

        def fill(request: gr.Request, is_open: Any, *values: Any) -> list[Any]:
            if is_open is True:
                return [gr.skip()] * (1 + len(outputs))
            given = dict(zip(inputs, values, strict=True))
            told: list[Any] = [True]
            for part in self._parts:
                try:
                    told += part.fill(request, *(given[part_input] for part_input in part.inputs))
                except Exception as error:  # what fails of a page leaves the rest of it alone
                    if not isinstance(error, gr.Error):
                        note_error("opening a page", error)
                    told[0] = False  # the next one may do better
                    told += [gr.skip() for _ in part.outputs]
            return told

        listen(fill, [opened, *inputs], [opened, *outputs], **_LINE)
