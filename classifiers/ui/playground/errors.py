"""What is wrong with a setting, in words that name the control instead of the setting's key."""

import re

from classifiers.errors import ClassifiersError, ConfigError
from classifiers.ui.playground.words import LABELS


def wrong(error: ClassifiersError) -> dict[str, str]:
    """What is wrong, by the path of the setting; in words that name the control."""
    field = error.field if isinstance(error, ConfigError) else ""
    return {field or "": sentence(error)}


def sentence(error: ClassifiersError) -> str:
    """An error with the name of the control instead of the setting's key."""
    field = getattr(error, "field", None)
    if not field:
        return plainly(str(error))
    message = plainly(error.message)
    known = {} if message.startswith("is not a known") else LABELS
    name = next(
        (label for path, label in known.items() if field == path or field.startswith(f"{path}.")),
        f"“{field}”",
    )
    for path, label in LABELS.items():
        if "." in path:
            message = re.sub(rf"\b{re.escape(path)}\b", f"“{label}”", message)
    return f"{name} {message[0].lower()}{message[1:]}" if message else name


_PLAINLY = (
    (r"^Value error, ", ""),
    (r"^should be", "must be"),
    (r"less than or equal to", "at most"),
    (r"greater than or equal to", "at least"),
    (r"greater than", "more than"),
    (r"a valid (integer|string|number|boolean|list|tuple|dictionary)", r"a \1"),
    (r"\ba integer\b", "a whole number"),
    (r"\ba boolean\b", "true or false"),
    (r"^should have", "must have"),
    (r" items?(?=, got|$)", " of them"),
    (r"got None", "got nothing"),
)


def plainly(message: str) -> str:
    """A message without the phrases of the library that checks values; long numbers in groups."""
    for phrase, words in _PLAINLY:
        message = re.sub(phrase, words, message)
    return re.sub(r"(?<![\w.,])\d{4,15}(?![\w]|\.\d)", lambda found: f"{int(found[0]):,}", message)
