"""The app's own lines in the log."""

import os
import sys
import traceback


def note(text: str) -> None:
    """One line in the log."""
    print(text, file=sys.stderr, flush=True)


def note_error(where: str, error: BaseException) -> None:
    """What went wrong and at which lines: no value that somebody sent, since the log is no place
    for patients."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    lines = " > ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in frames)
    note(f"error in {where}: {type(error).__name__} at {lines}")
