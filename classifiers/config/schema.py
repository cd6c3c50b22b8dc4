"""JSON schemas of the configs, as strangers read them: in one piece, each setting explained.

A schema asks for no less than the config does, but for what only the whole run can tell (its
cost). What is a matter of two settings at once is in `anyOf`: each part narrows what stands beside.
"""

from typing import Any

from classifiers.config.base import Config

_NOISE = ("title", "additionalProperties")
# Pydantic writes limits behind a validator of ours as Python names them, and lengths as of text.
_NAMES = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_LENGTHS = {"minLength": "minItems", "maxLength": "maxItems"}
OTHER_DEFAULTS = "other_defaults"  # marks a part whose own defaults do not hold where it stands


def json_schema(config: type[Config]) -> dict[str, Any]:
    """The config's schema (JSON Schema 2020-12) without references, which a schema inside another
    one could not keep; unknown settings are `unevaluatedProperties: false`."""
    whole = config.model_json_schema()
    return _inlined(whole, whole.pop("$defs", {}))


def _inlined(node: Any, parts: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, parts) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named = parts[node["$ref"].rpartition("/")[2]]
        # A part's default only repeats those of its own settings.
        node = {**named, **{k: v for k, v in node.items() if k not in ("$ref", "default")}}
    names = _NAMES | (_LENGTHS if node.get("type") == "array" else {})
    plain: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            plain[key] = {name: _inlined(one, parts) for name, one in value.items()}
        elif key not in (*_NOISE, OTHER_DEFAULTS):
            plain[names.get(key, key)] = _inlined(value, parts)
    if node.get("additionalProperties") is False:
        plain["unevaluatedProperties"] = False
    return _without_defaults(plain) if OTHER_DEFAULTS in node else plain


def _without_defaults(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without_defaults(value) for key, value in node.items() if key != "default"}


def narrowed(**properties: Any) -> dict[str, Any]:
    """One case of an `anyOf`: what the named settings may be in it; None = left out."""
    return {
        "properties": {
            name: {"not": {}} if one is None else one for name, one in properties.items()
        }
    }
