"""Tables as CSV files: a button, and a hidden field that holds the text which it saves."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import gradio as gr

_SAVE = """(text) => {
  if (!text) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
  link.download = 'NAME.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}"""


def csv_button(label: str, name: str) -> gr.Textbox:
    """A button that saves NAME.csv; returns the field to put its text into."""
    with gr.Row():
        button = gr.Button(label, size="sm", elem_id=f"{name}-save", scale=0, min_width=190)
    table = gr.Textbox(visible="hidden", elem_id=f"{name}-csv")
    button.click(None, table, None, js=_SAVE.replace("NAME", name), api_visibility="private")
    return table


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
