"""What the page asks for, read and checked: another sweep, a visitor's own, a network again.

A question is the JSON text that `static/capstone/sweep/asked.js` holds. Errors name the boxes of
"Run it yourself" as the page does.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from classifiers.config import SweepConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.ui.capstone.sweep.names import AXES, known_axis, read_values

_MOST_LETTERS = 20_000
_BOXES = {
    "values": "Values",
    "and_values": "Its values",
    "members": "Worlds a value",
    "epochs": "Epochs",
    "over": "What to vary",
    "and_over": "With",
    "new_points": "What varies",
    "device": "On the GPU",
}


@dataclass(frozen=True)
class Network:
    """One network of a sweep that is to be trained again, and what the page shows of it."""

    config: SweepConfig
    index: int
    member: int
    asked: int
    recorded: dict[str, float]


def read_question(text: Any) -> dict[str, Any]:
    """The question as JSON.

    Raises:
        ConfigError: it is none.
    """
    try:
        question = json.loads(text) if isinstance(text, str) and len(text) < _MOST_LETTERS else None
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict):
        raise ConfigError("question", "must be what the page asks; reload the page")
    return question


def read_own(question: dict[str, Any]) -> tuple[SweepConfig, bool]:
    """A visitor's own sweep, and whether it is for the GPU.

    Raises:
        ConfigError: names the box that holds something else than it may.
    """
    own = question.get("own")
    if not isinstance(own, dict):
        raise ConfigError("question", "must be what the page asks; reload the page")
    over = known_axis(own.get("over"))
    asked: dict[str, Any] = {
        "over": over,
        "values": read_values(over, own.get("values")),
        "members": _number(own, "members"),
        "new_points": own.get("new_points") is not False,
    }
    if not asked["values"]:
        del asked["values"]  # an emptied box means the usual ones
    if own.get("and_over") is not None:
        asked["and_over"] = known_axis(own["and_over"], "With")
        asked["and_values"] = read_values(asked["and_over"], own.get("and_values"))
    if own.get("epochs") is not None:
        asked["epochs"] = _number(own, "epochs")
    return SweepConfig.parse(asked), own.get("card") is True


def _number(own: dict[str, Any], name: str) -> Any:
    value = own.get(name)
    if value is None:
        raise ConfigError(name, "must be a whole number, got nothing")
    return value


def read_network(question: dict[str, Any]) -> Network:
    """The network that was picked.

    Raises:
        ConfigError: there is no such network.
    """
    config = SweepConfig.parse(question.get("config"), "question.config")
    index = _below(question.get("index"), config.count)
    member = _below(question.get("member"), config.members)
    asked, recorded = question.get("asked"), question.get("recorded")
    numbers = recorded if isinstance(recorded, dict) else {}
    return Network(
        config,
        index,
        member,
        asked if isinstance(asked, int) else 0,
        {
            name: float(value)
            for name in ("train", "test", "fresh")
            if isinstance(value := numbers.get(name), (int, float)) and abs(value) <= 1
        },
    )


def _below(value: Any, end: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end:
        return value
    raise ConfigError("question", "must name a network of this sweep; reload the page")


def in_words(error: ClassifiersError) -> str:
    """An error about a visitor's own sweep, with the names that the page gives its boxes."""
    field, message = error.field, error.message
    key, _, place = field.partition(".")
    name = _BOXES.get(key, field)
    if place.isdigit():
        name = f"{name}, number {int(place) + 1}"
    message = re.sub(r"\bmember(s?)\b", r"world\1", message)
    message = message.replace("differ from over", "differ from what is varied")
    for key, axis in AXES.items():
        message = re.sub(rf"\b{key}\b", axis.inside, message)
    return f"{name}: {message}"
