"""The errors a caller can meet, as one tree.

Every message starts with the field or file at fault, then says what is required, what came, and
what to do about it. This module knows nothing of the rest of the package.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ClassifiersError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        field: the argument, config key, column or file at fault, as the caller wrote it.
        message: what is required, what came instead, and the fix.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.field, self.message)


def without_folders(text: str) -> str:
    """A text with each absolute path cut down to its last name, for people elsewhere."""
    return re.sub(r"(?<![\w/:.])/(?:[^\s/'\"]+/)*([^\s/'\"]+)", r"\1", text)


@contextmanager
def naming_files_from(folder: Path) -> Iterator[None]:
    """Errors raised inside name files by their path from `folder`.

    Where it lies on the disk helps whoever owns the machine, and is no business of a visitor's.
    """

    def shorten(text: str) -> str:
        return text.replace(f"{folder}{os.sep}", "").replace(str(folder), folder.name)

    try:
        yield
    except ClassifiersError as error:
        raise type(error)(shorten(error.field), shorten(error.message)) from None


class ConfigError(ClassifiersError, ValueError):
    """A setting is missing, unknown, of the wrong type or out of its range."""


class DataError(ClassifiersError, ValueError):
    """A data file, a row or a patient's value cannot be used."""


class ArtifactError(ClassifiersError):
    """A model folder is incomplete, altered, or does not do what it says."""


class BudgetError(ClassifiersError):
    """The work asked for is more than one request may take."""


class BusyError(ClassifiersError):
    """There is no room for it now; the same request may succeed later."""
