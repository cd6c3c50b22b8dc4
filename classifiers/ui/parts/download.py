"""Tables as CSV files: a button, and a hidden field that holds the text which it saves."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import gradio as gr

from classifiers.ui.static import taken

_SAVE = """async (text) => {
  if (!text) return;
  const { download } = await MODULE;
  download(new Blob([text], { type: 'text/csv' }), NAME);
}"""


def csv_button(label: str, name: str) -> gr.Textbox:
    """A button that saves NAME.csv; returns the field to put its text into."""
    with gr.Row():
        button = gr.Button(label, size="sm", elem_id=f"{name}-save", scale=0, min_width=190)
    table = gr.Textbox(visible="hidden", elem_id=f"{name}-csv")
    save = _SAVE.replace("MODULE", taken("charts/save.js"))
    save = save.replace("NAME", json.dumps(f"{name}.csv"))
    button.click(None, table, None, js=save, api_visibility="private")
    return table


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
