"""What leans on the inside of Gradio 6.31.

`tests/service/test_gradio_internals.py` fails with a sentence where Gradio changes under it, and
where a guard is no longer needed.
"""

from classifiers.ui.gradio_internals.blocks import StrictBlocks
from classifiers.ui.gradio_internals.described import Parameter, add_endpoint
from classifiers.ui.gradio_internals.mcp import PlainMcp
from classifiers.ui.gradio_internals.notes import note_error
from classifiers.ui.gradio_internals.queue import Asker, LastingQueue

__all__ = [
    "Asker",
    "LastingQueue",
    "Parameter",
    "PlainMcp",
    "StrictBlocks",
    "add_endpoint",
    "note_error",
]
