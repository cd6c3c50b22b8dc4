"""Settings in a link: only what differs from the defaults, readable and editable by hand.

`?dataset.name=moons&training.epochs=300&hide=network` restores the data, the network, its seed
and so its very weights, and hides what a teacher wants out of the way.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from classifiers.config import PlaygroundConfig
from classifiers.errors import ConfigError
from classifiers.ui.playground.rows import plain, read_points, write_label
from classifiers.ui.playground.words import default_dataset

SECTIONS = {
    "data": "Data",
    "network": "Network",
    "training": "Training",
    "exercises": "Exercises",
    "more": "Comparison, code and sharing",
}
_MOST_CHARACTERS = 60_000
_NAMES = re.compile(r"(dataset|network|training)\.|hide$")  # as in the page, `window/address.js`


def names_settings(query: Mapping[str, str]) -> bool:
    """Whether a link is about the playground; without, the page opens with what is usual."""
    return any(_NAMES.match(key) for key in query)


def to_query(config: PlaygroundConfig, hide: Sequence[str] = ()) -> str:
    """The query string of a config, without the question mark."""
    data = config.dataset
    base = PlaygroundConfig().model_copy(update={"dataset": default_dataset(data.name)})
    usual = _flat(base.to_dict())
    pairs = {
        key: value
        for key, value in _flat(config.to_dict()).items()
        if key == "dataset.name" or value != usual.get(key)
    }
    if data.name == "blobs":
        del pairs["dataset.name"]
    if data.name == "points":
        pairs["dataset.points"] = ";".join(
            f"{plain(x)},{plain(y)},{write_label(label)}" for x, y, label in data.named_points()
        )
        told = ("dataset.samples", "dataset.classes", "dataset.class_names")
        pairs = {k: v for k, v in pairs.items() if k not in told}
    query = {key: _write(value) for key, value in pairs.items()}
    if hide:
        query["hide"] = ",".join(hide)
    return urlencode(query, quote_via=quote, safe=",;*^()")


def from_query(parameters: Mapping[str, str]) -> tuple[PlaygroundConfig, list[str]]:
    """The config and the hidden sections of a link; other parameters are the page's.

    Raises:
        ConfigError: a setting is unknown or has an impossible value.
    """
    settings: dict[str, Any] = {}
    for key, text in parameters.items():
        section, _, rest = key.partition(".")
        if section not in ("dataset", "network", "training") or not rest:
            continue
        if len(text) > _MOST_CHARACTERS:
            raise ConfigError(key, f"must have at most {_MOST_CHARACTERS:,} characters in a link")
        value = _read_points(text) if key == "dataset.points" else _read(key, text)
        place = settings.setdefault(section, {})
        *parents, last = rest.split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise ConfigError(key, "contradicts another setting of the link; remove one")
        place[last] = value
    hidden = [name for name in parameters.get("hide", "").split(",") if name in SECTIONS]
    return PlaygroundConfig.parse(settings), hidden


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _read(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
    except RecursionError:
        raise ConfigError(key, "must be a value such as 0.1 or [8,8], not nested") from None


def _read_points(text: str) -> Any:
    try:
        return read_points(text.replace(";", "\n"))
    except ConfigError:
        return text
