"""Tables of the capstone tab, as HTML."""

from collections.abc import Iterable, Sequence

import gradio as gr

from classifiers.ui.parts.markup import Markup, html_place, join
from classifiers.ui.static import asset


def table_panel(elem_id: str) -> gr.HTML:
    """A component for what `to_table` makes; narrow enough for a phone."""
    return html_place(
        css_template=asset("capstone/table.css"), elem_id=elem_id, elem_classes="text-panel"
    )


def to_table(corner: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """An HTML table whose rows start with their name."""
    column, cell = Markup('<th scope="col">{}</th>'), Markup("<td>{}</td>")
    row = Markup('<tr><th scope="row">{}</th>{}</tr>')
    return Markup("<table><thead><tr><td>{}</td>{}</tr></thead><tbody>{}</tbody></table>").format(
        corner,
        join(column.format(name) for name in header),
        join(row.format(name, join(cell.format(text) for text in cells)) for name, *cells in rows),
    )
