"""An open page in another window: as wide as a phone, or in the dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_window(page: Any, width: int, height: int, theme: str = "light") -> Iterator[None]:
    """Only for a page whose address names no theme: it follows the system's."""
    before = page.viewport_size
    _show(page, {"width": width, "height": height}, theme)
    try:
        yield
    finally:
        _show(page, before, "light")


def _show(page: Any, size: dict[str, int], theme: str) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(
        "(dark) => document.body.classList.contains('dark') === dark", arg=theme == "dark"
    )
