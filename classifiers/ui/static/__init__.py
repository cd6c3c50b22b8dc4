"""The pages' own HTML, CSS and JavaScript. They show what Python computed and compute nothing."""

from pathlib import Path


def asset(*names: str) -> str:
    """The text of one file beside this one, or of several, one after the other."""
    folder = Path(__file__).parent
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
