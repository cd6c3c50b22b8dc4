"""A patient in a link: `#patient?age=57&sex=male`, readable and editable by hand.

The fields stand behind the #, which a browser keeps to itself: no log of any server holds them.
"""

from typing import Any
from urllib.parse import parse_qsl

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ConfigError
from classifiers.ui.heart.patient.form import canonical, read_patient

_MOST_CHARACTERS = 1_000

# Run as the page opens, before the tab is built: what leads to a patient leads to the form.
OPEN_PATIENT = """() => {
  if (location.hash.startsWith('#patient?')) {
    document.querySelector('[role="tab"][data-tab-id="heart"]')?.click();
  }
}"""


def read_link(text: str) -> dict[str, float | None]:
    """The patient of what stands in a link behind `#patient?`: all 13 fields, None = unknown.

    Raises:
        ConfigError: it is no list of fields, or names one twice, or one that there is not.
        DataError: a value that no living patient has; both start with the field.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ConfigError("link", f"must have at most {_MOST_CHARACTERS:,} characters")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise ConfigError(
            "link", f"must be fields such as age=57&sex=male, got {text[:60]!r}"
        ) from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields and name in FEATURE_NAMES:
            raise ConfigError(name, "stands in the link twice; leave one out")
        fields[name] = value
    return canonical(read_patient(fields))
