"""Worlds as messages for the page: those that ship, at once, and what is asked of each."""

import itertools
import json
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from classifiers.config import CapstoneConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.page.detail import detail
from classifiers.recipes.capstone.worlds.page.summary import new_row, summary
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.rule import ALONG_POINTS, RULES
from classifiers.recipes.capstone.worlds.store import load_pile
from classifiers.ui.models import from_weights, weights_folder
from classifiers.ui.parts.csv_text import to_csv

OWN = "own"
MOST_WORLDS = 255  # of a pile: as many as its counts can count
_MOST_ASKED = 20  # worlds at once
# What a world that is only passed by is drawn with.
_BRIEF = ("rule", "world", "points", "regions")
_SERIES = ("accuracy", "loss")
_LIVE = "Draw the world again still trains new worlds here."
_sequence = itertools.count()


def rules() -> list[tuple[str, str]]:
    """The rules to choose from, as (name, what a person reads)."""
    return [(name, _title(config)) for name, config in RULES.items()] + [(OWN, "Your own")]


def _title(config: CapstoneConfig) -> str:
    return f"{config.dataset.samples} points, noise {config.dataset.noise:g}"


def pack(message: Mapping[str, Any]) -> str:
    """A value of the component: no two are equal, or the page would not see the second."""
    told = {**message, "sequence": next(_sequence)}
    return json.dumps(told, allow_nan=False, separators=(",", ":"))


def shipped_pile(rule: str) -> Pile:
    """The shipped worlds of a rule.

    Raises:
        ArtifactError: they cannot be read; says what to do.
    """
    return _shipped(*_key(rule))


def _key(rule: str) -> tuple[Path, str, int]:
    """Read once, and anew when the record was replaced."""
    record = weights_folder() / "capstone" / "records" / f"worlds-{rule}.json"
    return weights_folder(), rule, record.stat().st_mtime_ns if record.exists() else 0


@lru_cache(maxsize=2 * len(RULES))
def _shipped(_folder: Path, rule: str, _stamp: int) -> Pile:
    return from_weights(partial(load_pile, name=rule), "capstone")


def answer(asked: Any) -> str:
    """What the page asked for: `rule`, `worlds` (from 0), `whole` (the summary too), `brief`."""
    asked = asked if isinstance(asked, dict) else {}
    rule = asked.get("rule")
    told: dict[str, Any] = {"rule": rule if isinstance(rule, str) else None}
    try:
        if not isinstance(rule, str) or rule not in RULES:
            raise ConfigError("rule", f"must be one of {', '.join(RULES)}, got {str(rule)[:40]!r}")
        pile = shipped_pile(rule)
        worlds = _worlds(asked.get("worlds"), len(pile.worlds))
        if asked.get("whole") is True:
            told["summary"] = _summary(*_key(rule))
        told["worlds"] = [show_world(pile, k, brief=asked.get("brief") is True) for k in worlds]
    except ClassifiersError as error:
        told["error"] = f"{error}. {_LIVE}" if not isinstance(error, ConfigError) else str(error)
    return pack(told)


def _worlds(asked: Any, shipped: int) -> list[int]:
    whole = isinstance(asked, list) and all(type(k) is int and 0 <= k < shipped for k in asked)
    if not whole or len(asked) > _MOST_ASKED:
        raise ConfigError(
            "worlds", f"must be a list of up to {_MOST_ASKED} numbers from 0 to {shipped - 1}"
        )
    return asked


@lru_cache(maxsize=2 * len(RULES))
def _summary(folder: Path, rule: str, stamp: int) -> dict[str, Any]:
    return show_pile(_shipped(folder, rule, stamp), rule)


def new_id() -> str:
    """Of a pile that is no shipped one."""
    return uuid4().hex


def show_pile(pile: Pile, name: str) -> dict[str, Any]:
    """All that is known of a pile as a whole; `name` tells the page which one it is."""
    return {**summary(pile), "pile": name, "along_points": ALONG_POINTS}


def show_world(pile: Pile, k: int, *, brief: bool = False) -> dict[str, Any]:
    """World k; brief: what its pictures and curves are drawn with."""
    told = detail(pile, k)
    if brief:
        return {key: value for key, value in told.items()
                if key in _BRIEF or key.endswith(_SERIES)}  # fmt: skip
    return {**told, "csv": to_table(told["table"]["numbers"])}


def show_growth(pile: Pile) -> dict[str, Any]:
    """What the last world of a pile changed: its row, and what is said of all of them."""
    told = summary(pile)
    keys = ("findings", "budget", "budget_worlds", "budget_heading")
    return {"row": new_row(pile), "changes": {key: told[key] for key in keys if key in told}}


def to_table(numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """The numbers of a world as CSV, a row a network, with all their digits."""
    keys = list(numbers[NAMES[0]])
    return to_csv(
        ["network", *keys], [[name, *(numbers[name][key] for key in keys)] for name in NAMES]
    )
