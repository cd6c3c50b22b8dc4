"""Which presses a page has left, told by an event of its own, so that their runs end.

To cancel an event, Gradio's page needs the number that the server answered with: a press that is
left before that comes would go on.
"""

from collections import OrderedDict
from typing import Any

_MOST = 1_000  # remembered
_LONGEST = 60  # of a name


def press_of(told: Any) -> tuple[Any, Any]:
    """The page and its press, of what a page sends along."""
    about = told if isinstance(told, dict) else {}
    press = about.get("press")
    return about.get("page"), press if type(press) is int else None


class Presses:
    """Presses of pages, counted from one, each with the page's own name."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, int] = OrderedDict()

    def leave(self, name: Any, press: Any) -> None:
        """This press and those before it are left. It may be told before they begin."""
        if isinstance(name, str) and len(name) <= _LONGEST and type(press) is int:
            self._left[name] = max(press, self._left.pop(name, press))
            while len(self._left) > _MOST:
                self._left.popitem(last=False)

    def is_left(self, name: Any, press: Any) -> bool:
        """Whether whoever works for that press can stop."""
        known = isinstance(name, str) and type(press) is int
        return known and self._left.get(name, press - 1) >= press

    def __len__(self) -> int:
        return len(self._left)
