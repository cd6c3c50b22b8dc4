"""Reads a heart file into cells: UCI's headerless files, and any table with or without a header."""

import os
from dataclasses import replace

from classifiers.data.files.table import MAX_BYTES, MAX_CELLS, MAX_ROWS, Table
from classifiers.data.files.table import read_table as read_any_table
from classifiers.data.files.words import is_missing
from classifiers.data.heart.names import TARGET, UCI_ORDER, column_for
from classifiers.errors import DataError

__all__ = [
    "MAX_BYTES", "MAX_CELLS", "MAX_ROWS", "TARGET", "UCI_ORDER", "Table", "is_missing",
    "read_table",
]  # fmt: skip

_RAW_WIDTHS = (75, 76)  # of UCI's raw files, where each patient stands in one line


def read_table(
    path_or_bytes: str | os.PathLike[str] | bytes,
    name: str | None = None,
    max_rows: int = MAX_ROWS,
    max_cells: int = MAX_CELLS,
) -> Table:
    """Reads a file, or the bytes of one, into cells; UCI's names where it has no header.

    Raises:
        DataError: as the reader of any table, or it is one of UCI's raw files.
    """
    table = read_any_table(
        path_or_bytes, name, max_rows, max_cells, is_name=lambda cell: column_for(cell) is not None
    )
    if _is_raw(table):
        raise DataError(
            table.source_name,
            "is one of UCI's raw files: 76 attributes, ten lines a patient, and other codes; use "
            "the file of 14 columns from the same folder, processed.cleveland.data, or its "
            "neighbour of the same hospital",
        )
    if table.has_header:
        return table
    width = len(table.header)
    return replace(
        table, header=[*UCI_ORDER[:width], *(f"column {i + 1}" for i in range(14, width))]
    )


def _is_raw(table: Table) -> bool:
    if table.has_header:
        return False
    if len(table.header) in _RAW_WIDTHS:
        return True
    ends = sum("name" in row for row in table.rows)
    return table.form == "spaces" and len(table.header) < 13 and ends * 12 >= len(table.rows) > 9
